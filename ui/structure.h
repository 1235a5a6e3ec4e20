/* structure: the parts of the structure panel. */
#ifndef UI_STRUCTURE_H
#define UI_STRUCTURE_H

#include "ui/panel.h"
#include "ui/picture.h"

/* Where in a report somebody is. */
struct report_place {
    int top, last, page; /* rows; last and page are of the last drawing */
};

struct structure {
    Picture *picture;
    int selected;      /* component */
    int selected_edge; /* of the picture; -1: none */
    bool started;      /* the two above mean something */
    bool details, unused;
    struct list list;
    struct report_place report;
};

/* structure_draw.c: the picture itself. */
void structure_draw (const Picture *picture, struct pane *pane, const struct view *view,
                     int selected, int selected_edge);
/* structure_details.c: everything about one component, or one edge. The second half goes to
 * `more`, which may be the same pane. */
void details_component (struct pane *pane, struct pane *more, const struct view *view,
                        int component);
void details_edge (struct pane *pane, struct pane *more, const struct view *view,
                   const Picture *picture, int edge);

/* structure_report.c: what a dead machine left to say, in a box as large as that wants, and fits. */
void report_draw (struct report_place *place, struct pane *pane, const char *title,
                  const char *text);
void report_move (struct report_place *place, enum move move);

/* Calls in both directions, per virtual second. */
double edge_rate (const Snapshot *now, const struct edge *edge);

#endif
