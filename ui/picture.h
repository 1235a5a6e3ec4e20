/* picture: where the boxes of the structure stand and which way the lines between them go.
 *
 * A picture depends on who lives where, on which links have been used and on the room, not on
 * rates: it is made once and drawn many times. Domains are boxes, the kernel's first and the
 * programs' below it; the others follow in columns, by how far they are from the kernel.
 * Components inside a domain of several are nodes of their own. Lines are found on the grid
 * of characters: they leave a node at its side, may pass the border of its own box, and
 * share their way with lines of the same beginning or the same end.
 */
#ifndef UI_PICTURE_H
#define UI_PICTURE_H

#include "ui/snapshot.h"

struct rect {
    int top, left, rows, columns;
};

struct box {
    int domain;
    struct rect rect;
    bool kernel, user;
    guint nodes; /* components inside */
};

struct node {
    int component;
    int box;
    struct rect rect; /* what lines go around: its text, or the whole box if it is alone there */
    bool alone;
    int name_columns;
};

struct spot {
    int16_t row, column;
};

struct edge {
    int from, to;   /* nodes */
    int link, back; /* into the snapshot's links; -1: none. back: the other way round */
    bool syscalls;  /* from the programs into the kernel */
    GArray *path;   /* of struct spot, from the first cell to the last; empty: no way */
};

typedef struct Picture {
    int rows, columns;
    bool list; /* too little room for boxes: one line for each component */
    GArray *boxes, *nodes, *edges;
    guint signature;
} Picture;

#define BOX(picture, i)  (&g_array_index ((picture)->boxes, struct box, i))
#define NODE(picture, i) (&g_array_index ((picture)->nodes, struct node, i))
#define EDGE(picture, i) (&g_array_index ((picture)->edges, struct edge, i))
#define SPOT(edge, i)    (&g_array_index ((edge)->path, struct spot, i))

#define PICTURE_EDGES_MAX 64u

/* unused: also the links that nobody has used, and those to the nucleus. */
Picture *picture_new (const Snapshot *snapshot, int rows, int columns, bool unused);
void picture_free (Picture *picture);
/* Two snapshots with the same signature have the same picture. */
guint picture_signature (const Snapshot *snapshot, int rows, int columns, bool unused);
int picture_node (const Picture *picture, int component); /* -1: none */

/* ---- route.c ---- */

void picture_route (Picture *picture, const Snapshot *snapshot);

/* ---- picture_export.c: for files; the caller frees ---- */

char *picture_svg (const Snapshot *snapshot);
char *picture_dot (const Snapshot *snapshot);

#endif
