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

/* Places the panes of a layout, and `focus` among them: in the place of the first one if the
 * layout does not have it. Panes that find no room are left out, the last ones first, never
 * the one with the focus. Answers how many were placed; *hidden: how many were not. */
guint layout_place (enum layout layout, enum panel_id focus, struct rect room,
                    struct placed placed[PANEL_COUNT], guint *hidden);

#endif
