/* structure_draw: boxes, nodes, and the lines between them with what flows along. */
#include <string.h>

#include "ui/mark.h"
#include "ui/structure.h"

enum { NORTH, EAST, SOUTH, WEST };

static const gunichar arrows[] = { 0x25b4, 0x25b8, 0x25be, 0x25c2 };

/* What all lines together make of one cell. */
struct ink {
    uint8_t weight[4]; /* 0 none, 1 light, 2 heavy; clockwise from the top */
    uint64_t lines[2]; /* edges that go up and down, or left and right */
    uint8_t style;
    bool dashed;
    gunichar end; /* an arrow's head; 0: none */
};

/* ---- lines ---- */

/* Every joint of light and heavy lines: ((up * 3 + right) * 3 + down) * 3 + left. */
static gunichar
joint (const uint8_t weight[4])
{
    static const uint16_t joints[81] = {
        0x0020, 0x2574, 0x2578, 0x2577, 0x2510, 0x2511, 0x257b, 0x2512, 0x2513,
        0x2576, 0x2500, 0x257e, 0x250c, 0x252c, 0x252d, 0x250e, 0x2530, 0x2531,
        0x257a, 0x257c, 0x2501, 0x250d, 0x252e, 0x252f, 0x250f, 0x2532, 0x2533,
        0x2575, 0x2518, 0x2519, 0x2502, 0x2524, 0x2525, 0x257d, 0x2527, 0x252a,
        0x2514, 0x2534, 0x2535, 0x251c, 0x253c, 0x253d, 0x251f, 0x2541, 0x2545,
        0x2515, 0x2536, 0x2537, 0x251d, 0x253e, 0x253f, 0x2522, 0x2546, 0x2548,
        0x2579, 0x251a, 0x251b, 0x257f, 0x2526, 0x2529, 0x2503, 0x2528, 0x252b,
        0x2516, 0x2538, 0x2539, 0x251e, 0x2540, 0x2543, 0x2520, 0x2542, 0x2549,
        0x2517, 0x253a, 0x253b, 0x2521, 0x2544, 0x2547, 0x2523, 0x254a, 0x254b,
    };

    return joints[((weight[NORTH] * 3 + weight[EAST]) * 3 + weight[SOUTH]) * 3
                  + weight[WEST]];
}

static int
direction (struct spot from, struct spot to)
{
    if (to.row != from.row)
        return to.row < from.row ? NORTH : SOUTH;
    return to.column < from.column ? WEST : EAST;
}

/* From which side a line that begins here comes: that of its node. */
static int
away (const struct rect *rect, struct spot spot)
{
    if (spot.row < rect->top)
        return NORTH;
    if (spot.row >= rect->top + rect->rows)
        return SOUTH;
    return spot.column < rect->left ? WEST : EAST;
}

/* Of system calls all are counted in one place: who makes them has his own way into the kernel. */
double
edge_rate (const Snapshot *now, const struct edge *edge)
{
    if (edge->syscalls)
        return now->syscall_rate;
    return (edge->link >= 0 ? LINK (now, edge->link)->rate : 0)
           + (edge->back >= 0 ? LINK (now, edge->back)->rate : 0);
}

static bool
edge_dead (const Picture *picture, const Snapshot *now, const struct edge *edge)
{
    return COMPONENT (now, NODE (picture, edge->from)->component)->dead
           || COMPONENT (now, NODE (picture, edge->to)->component)->dead;
}

static void
ink_edge (const Picture *picture, const Snapshot *now, struct ink *ink, guint index,
          enum style_id style, uint8_t weight)
{
    const struct edge *edge = EDGE (picture, index);
    bool dashed = edge_dead (picture, now, edge);

    for (guint i = 0; i < edge->path->len; i++) {
        struct spot spot = *SPOT (edge, i);
        struct ink *at = &ink[spot.row * picture->columns + spot.column];
        int in = i == 0 ? (away (&NODE (picture, edge->from)->rect, spot) + 2) % 4
                        : direction (spot, *SPOT (edge, i - 1));
        int out = i + 1 == edge->path->len
                      ? (away (&NODE (picture, edge->to)->rect, spot) + 2) % 4
                      : direction (spot, *SPOT (edge, i + 1));

        at->weight[in] = MAX (at->weight[in], weight);
        at->weight[out] = MAX (at->weight[out], weight);
        at->lines[in & 1] |= 1ull << index;
        at->lines[out & 1] |= 1ull << index;
        at->style = (uint8_t)style;
        at->dashed = dashed;
        if (i + 1 == edge->path->len)
            at->end = arrows[out];
        else if (i == 0 && edge->back >= 0 && LINK (now, edge->back)->calls != 0)
            at->end = arrows[in];
    }
}

/* Two lines that have nothing to do with each other: the one that goes up and down is seen
 * whole, and hides a bit of the other. */
static void
ink_crossing (const Picture *picture, struct ink *at)
{
    uint64_t up = at->lines[0], across = at->lines[1];

    if (at->weight[NORTH] == 0 || at->weight[SOUTH] == 0 || at->weight[EAST] == 0
        || at->weight[WEST] == 0)
        return;
    for (guint i = 0; i < picture->edges->len; i++)
        for (guint j = 0; j < picture->edges->len; j++)
            if ((up & (1ull << i)) != 0 && (across & (1ull << j)) != 0
                && (EDGE (picture, i)->from == EDGE (picture, j)->from
                    || EDGE (picture, i)->to == EDGE (picture, j)->to))
                return;
    if (at->weight[EAST] > at->weight[NORTH])
        at->weight[NORTH] = at->weight[SOUTH] = 0;
    else
        at->weight[EAST] = at->weight[WEST] = 0;
}

/* A line goes through a border. */
static gunichar
through (gunichar border)
{
    switch (border) {
    case 0x2551: /* double, up and down */
        return 0x256b;
    case 0x2550:
        return 0x256a;
    default:
        return 0x253c;
    }
}

static void
draw_ink (const Picture *picture, struct pane *pane, struct ink *ink)
{
    for (int row = 0; row < picture->rows; row++)
        for (int column = 0; column < picture->columns; column++) {
            struct ink *at = &ink[row * picture->columns + column];
            gunichar there = pane_get (pane, row, column), ch;

            if (at->lines[0] == 0 && at->lines[1] == 0)
                continue;
            ink_crossing (picture, at);
            ch = joint (at->weight);
            if (at->dashed && ch == 0x2500)
                ch = 0x2504;
            else if (at->dashed && ch == 0x2502)
                ch = 0x2506;
            if (at->end != 0)
                ch = at->end;
            if (there != ' ')
                ch = through (there);
            pane_char (pane, row, column, (enum style_id)at->style, ch);
        }
}

/* The number on a line, where it runs straight for long enough. */
static void
draw_rate (const Picture *picture, struct pane *pane, const struct ink *ink,
           const struct edge *edge, double rate, enum style_id style)
{
    char text[16];
    int room, best = 0, best_end = 0, run = 0;

    if (rate <= 0)
        return;
    shown_number (text, rate);
    room = (int)strlen (text) + 2;
    for (guint i = 1; i + 1 < edge->path->len; i++) {
        struct spot spot = *SPOT (edge, i), next = *SPOT (edge, i + 1);
        const struct ink *at = &ink[spot.row * picture->columns + spot.column];
        bool alone = at->lines[0] == 0 && (at->lines[1] & (at->lines[1] - 1)) == 0
                     && pane_get (pane, spot.row, spot.column) != 0x253c
                     && pane_get (pane, spot.row, spot.column) != 0x256b;

        run = alone && spot.row == next.row ? run + 1 : 0;
        if (run > best) {
            best = run;
            best_end = (int)i;
        }
    }
    if (best >= room) {
        struct spot first = *SPOT (edge, best_end - best + 1),
                    last = *SPOT (edge, best_end);
        int left = MIN (first.column, last.column);

        pane_put (pane, first.row, left + (best - room + 2) / 2, style, text);
    }
}

/* ---- boxes ---- */

static bool
box_dead (const Snapshot *now, const struct box *box, const Model *model)
{
    return (box->domain >= 0 && DOMAIN (now, box->domain)->dead)
           || (box->kernel && model->state == MACHINE_DEAD);
}

static uint64_t
box_restarts (const Snapshot *now, const struct box *box)
{
    uint64_t processes = DOMAIN (now, box->domain)->processes;

    return processes > 1 ? processes - 1 : 0;
}

/* Programs by name, with how many there are of each. */
static char *
programs (const Snapshot *now)
{
    GString *text = g_string_new (NULL);

    for (guint i = 0; i < now->tasks->len; i++) {
        guint many = 0;
        bool first = true;

        for (guint j = 0; j < now->tasks->len; j++)
            if (strcmp (TASK (now, i)->name, TASK (now, j)->name) == 0) {
                first = first && j >= i;
                many++;
            }
        if (!first || TASK (now, i)->name[0] == '\0')
            continue;
        g_string_append_printf (text, "%s%s", text->len != 0 ? "  " : "",
                                TASK (now, i)->name);
        if (many > 1)
            g_string_append_printf (text, " \u00d7%u", many);
    }
    return g_string_free (text, FALSE);
}

static void
draw_programs (struct pane *inner, const Snapshot *now)
{
    g_autofree char *text = programs (now);
    char *at = text;

    for (int row = 0; row < inner->rows && *at != '\0'; row++) {
        char *end = at;

        while (*end != '\0' && g_utf8_strlen (at, end - at) < inner->columns)
            end = g_utf8_next_char (end);
        if (*end != '\0' && row + 1 < inner->rows)
            while (end > at + 1 && *end != ' ')
                end = g_utf8_prev_char (end);
        {
            g_autofree char *line = g_strndup (at, (gsize)(end - at));

            pane_put (inner, row, 0, STYLE_USED, line);
        }
        for (at = end; *at == ' ';)
            at++;
    }
}

static enum style_id
box_style (const struct box *box, bool dead)
{
    if (dead)
        return STYLE_BAD;
    return box->kernel ? STYLE_KERNEL : box->user ? STYLE_USER : STYLE_DOMAIN;
}

/* The name in the border, then a sign for each thing that is so. */
static void
draw_title (struct pane *pane, const struct box *box, const struct view *view, bool dead,
            bool selected)
{
    const Snapshot *now = view->model->now;
    enum style_id style = box_style (box, dead);
    const struct mark *mark
        = dead ? &(const struct mark){ "\u2716", "", STYLE_DEAD } : mark_of_domain (now, box->domain);
    int at;

    at = pane_print (pane, 0, 1, selected ? STYLE_SELECT : style, "%s%s ",
                     selected ? ">" : " ", DOMAIN (now, box->domain)->name);
    if (mark->sign[0] == '\0')
        return;
    at = pane_put (pane, 0, at, mark->style, mark->sign);
    pane_put (pane, 0, at, style, " ");
}

static void
draw_notice (struct pane *pane, const struct box *box)
{
    g_autofree char *text = NULL;

    if (!box->kernel || box->nodes < 2)
        return;
    text = g_strdup_printf (" a fault in any of these %u stops the machine ", box->nodes);
    if (text_columns (text) + 4 > pane->columns)
        return;
    pane_put_right (pane, pane->rows - 1, pane->columns - 2, STYLE_KERNEL, text);
    if (pane->columns >= 48)
        pane_put_right (pane, 0, pane->columns - 2, STYLE_KERNEL, " one address space ");
}

static void
draw_box (const struct box *box, struct pane *whole, const struct view *view, bool selected)
{
    struct pane pane = pane_part (whole, box->rect.top, box->rect.left, box->rect.rows,
                                  box->rect.columns);
    struct pane inner = pane_part (&pane, 1, 2, pane.rows - 2, pane.columns - 4);
    bool dead = box_dead (view->model->now, box, view->model);
    enum border border = box->kernel ? BORDER_DOUBLE
                         : selected  ? BORDER_HEAVY
                                     : BORDER_LIGHT;

    if (dead && !box->kernel)
        border = BORDER_DASHED;
    pane_box (&pane, box_style (box, dead), border);
    draw_title (&pane, box, view, dead, selected);
    draw_notice (&pane, box);
    if (box->user)
        draw_programs (&inner, view->model->now);
}

/* ---- nodes ---- */

static void
node_text (struct pane *pane, const struct node *node, const struct box *box,
           const struct view *view, bool selected)
{
    const Snapshot *now = view->model->now;
    const struct component_row *row = COMPONENT (now, node->component);
    enum style_id style
        = row->dead || box_dead (now, box, view->model) ? STYLE_BAD : STYLE_VALUE;
    const struct mark *mark = mark_of_component (now, node->component);
    char rate[16];

    shown_number (rate, row->rate);
    if (node->alone) {
        struct pane inner = pane_part (pane, node->rect.top + 1, node->rect.left + 2,
                                       node->rect.rows - 2, node->rect.columns - 4);
        uint64_t restarts = box_restarts (now, box);
        int at = 0;

        if (box->user)
            return;
        if (box->kernel)
            at = pane_print (&inner, 0, 0, style, "%s ", row->name);
        at = pane_print (&inner, 0, at, style,
                         at + (int)strlen (rate) + 2 + 3 * (restarts != 0) > inner.columns
                             ? "%s "
                             : "%s/s ",
                         rate);
        if (restarts != 0)
            pane_print (&inner, 0, at, STYLE_WARN, "\u21bb%" G_GUINT64_FORMAT, restarts);
        return;
    }
    {
        struct pane inner
            = pane_part (pane, node->rect.top, node->rect.left, 1, node->rect.columns);
        int at = pane_put (&inner, 0, 0, style, row->name);

        pane_put (&inner, 0, at, mark->style, mark->sign);
        pane_put_right (&inner, 0, inner.columns, STYLE_TEXT, rate);
        if (selected)
            pane_restyle (&inner, 0, 0, inner.columns, STYLE_SELECT);
    }
}

/* ---- slow motion ---- */

static void
draw_motion (const Picture *picture, struct pane *pane, const struct view *view)
{
    const Model *model = view->model;
    gint64 since = view->now_us - model->moved_at;

    if (!model_moving (model, view->now_us))
        return;
    for (guint i = 0; i < picture->edges->len; i++) {
        const struct edge *edge = EDGE (picture, i);
        int from = NODE (picture, edge->from)->component;
        int to = NODE (picture, edge->to)->component;
        bool there = from == model->moved_from && to == model->moved_to;
        bool reversed = from == model->moved_to && to == model->moved_from;
        gint64 length = edge->path->len, at;

        if ((!there && !reversed) || length == 0)
            continue;
        at = 2 * length * since / MOVING_US; /* there and back */
        at = CLAMP (at < length ? at : 2 * length - 1 - at, 0, length - 1);
        if (reversed)
            at = length - 1 - at;
        pane_char (pane, SPOT (edge, at)->row, SPOT (edge, at)->column, STYLE_MOVING,
                   0x25c6);
        return;
    }
}

/* ---- the whole ---- */

/* Beside the line, above the programs; in two rows where the kernel's box is narrow. */
static void
draw_syscalls (const Picture *picture, struct pane *pane, const struct edge *edge, double rate)
{
    const struct box *kernel = BOX (picture, NODE (picture, edge->to)->box);
    struct spot spot = *SPOT (edge, 0);
    char text[16];

    shown_number (text, rate);
    if (edge->path->len < 2 || kernel->rect.columns >= 24) {
        pane_print (pane, spot.row, spot.column + 2, STYLE_USED, "%s/s syscalls", text);
        return;
    }
    pane_print (pane, spot.row - 1, spot.column + 2, STYLE_USED, "%s/s", text);
    pane_put (pane, spot.row, spot.column + 2, STYLE_USED, "syscalls");
}

static void
draw_edges (const Picture *picture, struct pane *pane, const struct view *view,
            int selected)
{
    const Snapshot *now = view->model->now;
    g_autofree struct ink *ink
        = g_new0 (struct ink, (gsize)picture->rows * (gsize)picture->columns);
    double most = 0;

    for (guint i = 0; i < picture->edges->len; i++)
        if (!EDGE (picture, i)->syscalls)
            most = MAX (most, edge_rate (now, EDGE (picture, i)));
    for (guint turn = 0; turn < 3; turn++) /* the busiest last, so that it is on top */
        for (guint i = 0; i < picture->edges->len; i++) {
            const struct edge *edge = EDGE (picture, i);
            double rate = edge_rate (now, edge);
            guint rank
                = (int)i == selected || (rate > 0 && rate >= most * 0.7) ? 2 : rate > 0;
            enum style_id style = rank == 2   ? STYLE_BUSY
                                  : rank == 1 ? STYLE_USED
                                              : STYLE_EDGE;

            if ((int)i == selected)
                style = STYLE_FOCUS;
            if (rank == turn)
                ink_edge (picture, now, ink, i, style, rank == 2 ? 2 : 1);
        }
    draw_ink (picture, pane, ink);
    for (guint i = 0; i < picture->edges->len; i++) {
        const struct edge *edge = EDGE (picture, i);
        double rate = edge_rate (now, edge);

        draw_rate (picture, pane, ink, edge, rate,
                   rate >= most * 0.7 ? STYLE_BUSY : STYLE_USED);
        if (edge->syscalls && edge->path->len != 0)
            draw_syscalls (picture, pane, edge, rate);
    }
}

void
structure_draw (const Picture *picture, struct pane *pane, const struct view *view,
                int selected, int selected_edge)
{
    int node = picture_node (picture, selected);

    for (guint i = 0; i < picture->boxes->len; i++)
        draw_box (BOX (picture, i), pane, view,
                  view->focused && node >= 0 && NODE (picture, node)->alone
                      && NODE (picture, node)->box == (int)i);
    draw_edges (picture, pane, view, selected_edge);
    for (guint i = 0; i < picture->nodes->len; i++)
        node_text (pane, NODE (picture, i), BOX (picture, NODE (picture, i)->box), view,
                   view->focused && node == (int)i);
    draw_motion (picture, pane, view);
}
