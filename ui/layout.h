/* layout: which panes there are, and where. */
#ifndef UI_LAYOUT_H
#define UI_LAYOUT_H

#include "ui/panel.h"
#include "ui/picture.h" /* struct rect */

enum layout { LAYOUT_LECTURE, LAYOUT_DEBUG, LAYOUT_PERFORMANCE, LAYOUT_CONSOLE, LAYOUT_COUNT };

extern const char *const layout_names[];

struct placed {
    enum panel_id panel;
    struct rect rect;
};

/* A pane that the layout does not have takes the place of its first one, and keeps it as the
 * layout's guest when the focus goes on to another pane, until that is the first one. Answers who
 * is the guest once the focus has come to `focus`; PANEL_COUNT: nobody. */
enum panel_id layout_guest (enum layout layout, int columns, enum panel_id focus,
                            enum panel_id guest);

/* Places the panes of a layout, with `focus` among them. Panes that find no room are left out,
 * the last ones first, never the one with the focus. Answers how many were placed; *hidden: how
 * many were not. */
guint layout_place (enum layout layout, enum panel_id focus, enum panel_id guest,
                    struct rect room, struct placed placed[PANEL_COUNT], guint *hidden);

#endif
