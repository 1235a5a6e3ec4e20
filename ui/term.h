/* term: the guest's terminal, as a screen with scrollback.
 *
 * What the guest writes never reaches the host's terminal: it becomes cells here. Keys go the
 * other way: term_key says which bytes they are for the mode that the guest has asked for.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include "ui/keys.h"
#include "ui/pane.h"

typedef struct Term Term;

bool term_available (void);
Term *term_new (int rows, int columns); /* NULL: this build has none */
void term_free (Term *term);
void term_resize (Term *term, int rows, int columns);
void term_size (const Term *term, int *rows, int *columns);
void term_reset (Term *term);
void term_write (Term *term, const void *bytes, size_t count);
/* Counts up with everything that could be seen. */
uint64_t term_changes (const Term *term);
/* What is typed with this key, appended to `typed`. */
void term_key (Term *term, ui_key key, GByteArray *typed);
/* What the terminal itself answers to questions of the guest; the caller frees it. */
GByteArray *term_take_answers (Term *term);

/* `back` lines above the newest; returns how far back one can go. Shows the part around the
 * cursor if the pane is smaller than the screen. */
int term_draw (Term *term, struct pane *pane, int back, bool cursor);
int term_history (const Term *term);
/* Everything, scrollback first; the caller frees it. */
char *term_text (Term *term);

#endif
