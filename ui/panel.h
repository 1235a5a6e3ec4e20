/* panel: what a part of the screen is. One file, panel_NAME.c, holds one record; panels.def
 * lists them. A panel draws from a view into a pane in memory, and never waits.
 */
#ifndef UI_PANEL_H
#define UI_PANEL_H

#include "ui/filter.h"
#include "ui/model.h"
#include "ui/pane.h"
#include "ui/table.h"

struct view {
    const Model *model;
    const Filter *filter; /* of this panel; NULL: none */
    bool focused;
    bool typing;     /* keys go into the machine's console */
    gint64 now_us;   /* host's */
    const char *layout, *theme, *symbols; /* their names, for the help */
};

/* What a panel is asked for by "go", "open" and the like. */
enum move {
    MOVE_UP,
    MOVE_DOWN,
    MOVE_LEFT,
    MOVE_RIGHT,
    MOVE_HOME,
    MOVE_END,
    MOVE_PAGE_UP,
    MOVE_PAGE_DOWN
};

struct panel {
    const char *name, *title;
    char key; /* '1' to '9' */
    const char *help;
    gsize state_bytes; /* zero at the start */
    void (*draw) (struct pane *pane, void *state, const struct view *view);
    /* The rest may be NULL. */
    void (*title_more) (char *text, gsize bytes, void *state, const struct view *view);
    void (*move) (void *state, const struct view *view, enum move move);
    /* A command that is this panel's own ("details", "edge next"); false: it knows none such.
     * `said` may get a message. */
    bool (*command) (void *state, const struct view *view, int argc, char **argv, GString *said);
    void (*table) (void *state, const struct view *view, Table *table);
    void (*clear) (void *state);
    /* Does it show calls now? They cost the machine's board more than all the rest. */
    bool (*wants_calls) (const void *state);
    /* The component that keys act on; -1: none. */
    int (*component) (void *state, const struct view *view);
};

enum panel_id {
#define PANEL(name) PANEL_##name,
#include "ui/panels.def"
#undef PANEL
    PANEL_COUNT
};

extern const struct panel *const panels[]; /* PANEL_COUNT of them */

/* PANEL_COUNT: there is no such panel. `word` is a name or a number. */
enum panel_id panel_find (const char *word);

#endif
