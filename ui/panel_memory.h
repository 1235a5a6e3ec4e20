/* panel_memory: what its two files share. */
#ifndef UI_PANEL_MEMORY_H
#define UI_PANEL_MEMORY_H

#include <string.h>

#include "ui/panel.h"

/* Fills the pane with RAM; there is some. */
void memory_draw_frames (struct pane *pane, const Snapshot *now);

#endif
