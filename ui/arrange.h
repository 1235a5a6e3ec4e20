/* arrange: things in columns: boxes side by side, and nodes inside the kernel's box. */
#ifndef UI_ARRANGE_H
#define UI_ARRANGE_H

#include "ui/picture.h"

#define COLUMN_LIMIT 24

/* A thing to be placed: a box among boxes, or a node in the kernel's box. */
struct item {
    int index; /* domain or component */
    int level; /* calls from the kernel to it */
    bool leaf; /* calls nothing that is farther */
    bool used; /* has been called, or has called, others than the nucleus */
    int callers, called; /* links from and to others; the nucleus left out */
    struct rect rect;
    int column;
    double wish; /* where its neighbours are */
};

struct columns {
    int count;
    int widths[COLUMN_LIMIT];
    int total; /* widths only */
};

/* How, from airy to crowded. */
struct way {
    int gap;   /* rows between two items, at least */
    bool fill; /* levels may share a column */
};

#define WAYS 5u
extern const struct way ways[WAYS];

/* Gives every item a column, at most `height` rows each. False: this way they do not fit, or
 * are wider than `width` with `gutter` between two columns. */
bool columns_choose (struct item *items, guint count, const struct way *way, int height,
                     int width, int gutter, struct columns *columns);
/* Where each stands in its column: neighbours in earlier columns draw it to their height.
 * domains: the items are domains, else components. */
void rows_order (const Snapshot *snapshot, struct item *items, guint count, int height,
                 bool domains);
/* Evenly over the height; items are in the order of their columns. */
void rows_spread (struct item *items, guint count, int height);
/* untangle.c: exchanges places until the lines are short and cross little. */
void items_untangle (const Snapshot *snapshot, struct item *items, guint count, int height,
                     bool domains);
/* Where the columns stand, from `left` on. */
void columns_spread (struct item *items, guint count, const struct columns *columns, int left,
                     int gutter);

#endif
