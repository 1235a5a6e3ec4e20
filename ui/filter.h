/* filter: which lines of a list are shown.
 *
 * A filter is words; a line is shown if every word matches. A word is text (upper and lower
 * case alike), /regular expression/, or key:word for one field of the line, as in op:read,
 * status:ERR, component:ext2 (from or to). With ! before it, it must not match.
 */
#ifndef UI_FILTER_H
#define UI_FILTER_H

#include <glib.h>
#include <stdbool.h>

typedef struct Filter Filter;

/* NULL for an empty text. Of a wrong regular expression only the text is looked for, and
 * filter_problem says what is wrong. */
Filter *filter_new (const char *text);
void filter_free (Filter *filter);
bool filter_match (const Filter *filter, const char *line); /* NULL matches everything */
const char *filter_text (const Filter *filter);             /* "" for NULL */
const char *filter_problem (const Filter *filter);          /* NULL: none */

#endif
