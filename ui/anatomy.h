/* anatomy: one root call taken apart: every hop through every component, in the order in which
 * they began, each as deep as it was called. */
#ifndef UI_ANATOMY_H
#define UI_ANATOMY_H

#include "ui/panel.h"

/* `hops`: struct call_row, all of the same root call, in any order. `top` is the first row
 * shown; returns how many rows there are. */
int anatomy_draw (const GArray *hops, struct pane *pane, int top);
void anatomy_table (const GArray *hops, Table *table);
/* "read   sh:7 call 918"; the caller frees it. */
char *anatomy_title (const GArray *hops, const Snapshot *now);

#endif
