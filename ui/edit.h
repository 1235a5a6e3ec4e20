/* edit: one line that is being typed: cursor, history, completion. */
#ifndef UI_EDIT_H
#define UI_EDIT_H

#include "ui/keys.h"
#include "ui/pane.h"

enum edit_result { EDIT_MORE, EDIT_DONE, EDIT_CANCELLED };

/* Words that may stand where the cursor is, given the line up to it; the caller frees. */
typedef GPtrArray *edit_complete (const char *line, gpointer user);

struct edit {
    GString *line;
    gsize cursor;       /* bytes */
    GPtrArray *history; /* of lines; the newest last */
    guint recalled;     /* index into history; history->len: the line itself */
    char *unsent;       /* the line, while an older one is shown */
    GPtrArray *choices; /* of the last completion; NULL: none */
};

void edit_init (struct edit *edit);
void edit_clear (struct edit *edit);
/* Starts anew with this text. */
void edit_set (struct edit *edit, const char *text);
enum edit_result edit_key (struct edit *edit, ui_key key, edit_complete *complete, gpointer user);
/* The line goes into the history. */
void edit_remember (struct edit *edit);
void edit_draw (const struct edit *edit, struct pane *pane, int row, int column);

#endif
