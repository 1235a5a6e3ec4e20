/* report: every mistake of a machine file, each with its place, and what to write instead.
 *
 * Nothing stops at the first mistake. A person reads the lines in the order of the files.
 */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <glib.h>

/* Where something was written. line 0: not in a file; `file` then names what said it
 * ("--set machine.seed=x"). */
struct place {
    const char *file; /* interned */
    unsigned line;
    unsigned column;
};

typedef struct Report Report;

Report *report_new (void);
void    report_free (Report *report);
void    report_add (Report *report, const struct place *at, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
guint   report_count (const Report *report);
char   *report_text (Report *report); /* one line each, sorted; "" if there are none */

/* The word of `words` (ends with NULL) that is nearest to `word`, or NULL if none is near
 * enough to be meant. */
const char *suggest (const char *word, const char *const *words);
/* "; did you mean \"x\"?", or "; write a, b or c", or "" if there are no words. Owned by
 * the caller. */
char *suggest_remedy (const char *word, const char *const *words);
/* "a, b or c" with this word before the last. */
char *list_words (const char *const *words, const char *last);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Report, report_free)

#endif
