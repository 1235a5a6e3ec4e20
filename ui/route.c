/* route: the ways of lines on the grid of characters, the shortest and straightest first.
 */
#include <string.h>

#include "ui/picture.h"

/* Directions are numbered clockwise; the opposite is two further. */
enum { NORTH, EAST, SOUTH, WEST, DIRECTIONS };

static const int step_row[] = { -1, 0, 1, 0 }, step_column[] = { 0, 1, 0, -1 };

/* What a step costs. */
#define COST_STEP     10u
#define COST_SHARED   4u /* up or down a line with the same beginning or end */
#define COST_TURN     24u
#define COST_CROSS    26u
#define COST_BORDER   12u
#define COST_BESIDE   6u  /* along a box, where a line looks like a border */
#define COST_FAR      8u  /* up or down far from where the line begins, at the most */
#define COST_EDGEWAYS 40u /* to leave or enter at the top or bottom of a node */
#define COST_NEVER    G_MAXUINT

#define FREE (-1)
#define WALL (-2) /* text; else the index of the box whose border it is */

struct router {
    int rows, columns;
    int16_t *ground;    /* FREE, WALL, or a border */
    bool *level;        /* a border that runs from left to right */
    bool *beside[2];    /* something stands left or right of here, or above or below */
    uint64_t *lines[2]; /* edges that go up and down here, or left and right */
    guint *cost;        /* of the cheapest way to a state: cell and direction */
    int *before;
    const Picture *picture;
};

static int
cell (const struct router *router, int row, int column)
{
    return row * router->columns + column;
}

static bool
inside (const struct rect *rect, int row, int column)
{
    return row >= rect->top && row < rect->top + rect->rows && column >= rect->left
           && column < rect->left + rect->columns;
}

static void
ground_rect (struct router *router, const struct rect *rect, int16_t what)
{
    for (int row = rect->top; row < rect->top + rect->rows; row++)
        for (int column = rect->left; column < rect->left + rect->columns; column++)
            if (row >= 0 && row < router->rows && column >= 0 && column < router->columns)
                router->ground[cell (router, row, column)] = what;
}

static void
ground_box (struct router *router, int index, const struct box *box)
{
    const struct rect *rect = &box->rect;

    if (box->nodes <= 1) {
        ground_rect (router, rect, WALL);
        return;
    }
    for (int row = rect->top; row < rect->top + rect->rows; row++)
        for (int column = rect->left; column < rect->left + rect->columns; column++) {
            bool top = row == rect->top || row == rect->top + rect->rows - 1;
            bool side = column == rect->left || column == rect->left + rect->columns - 1;

            if (row < 0 || row >= router->rows || column < 0 || column >= router->columns
                || (!top && !side))
                continue;
            router->ground[cell (router, row, column)]
                = top && (side || row == rect->top) ? WALL : (int16_t)index;
            router->level[cell (router, row, column)] = top;
        }
}

static void
ground_lay (struct router *router)
{
    const Picture *picture = router->picture;

    for (int i = 0; i < router->rows * router->columns; i++)
        router->ground[i] = FREE;
    for (guint i = 0; i < picture->boxes->len; i++)
        ground_box (router, (int)i, BOX (picture, i));
    for (guint i = 0; i < picture->nodes->len; i++)
        ground_rect (router, &NODE (picture, i)->rect, WALL);
    for (int row = 0; row < router->rows; row++)
        for (int column = 0; column < router->columns; column++) {
            int at = cell (router, row, column);

            router->beside[0][at]
                = (column > 0 && router->ground[at - 1] != FREE)
                  || (column + 1 < router->columns && router->ground[at + 1] != FREE);
            router->beside[1][at]
                = (row > 0 && router->ground[at - router->columns] != FREE)
                  || (row + 1 < router->rows
                      && router->ground[at + router->columns] != FREE);
        }
}

/* Lines that this one may lie upon. */
static uint64_t
kindred (const Picture *picture, guint edge)
{
    uint64_t mask = 0;

    for (guint i = 0; i < edge; i++)
        if (EDGE (picture, i)->from == EDGE (picture, edge)->from
            || EDGE (picture, i)->to == EDGE (picture, edge)->to)
            mask |= 1ull << i;
    return mask;
}

/* Lines of one beginning part soon, so that each has a piece of its own with room for its rate. */
static guint
cost_of_distance (const struct router *router, const struct rect *beginning, int at)
{
    int column = at % router->columns;
    int right = column - (beginning->left + beginning->columns), left = beginning->left - column;
    int distance = ABS (MAX (right, left) - 1); /* best is not to touch it */

    return (guint)MIN (distance, (int)COST_FAR);
}

/* What it costs to go from a cell with `from` direction to the next one in `to`. */
static guint
step_cost (const struct router *router, const struct edge *edge, uint64_t kin, int at,
           int next, int from, int to)
{
    int axis = to & 1; /* 0: up and down */
    int16_t ground = router->ground[next];
    uint64_t along = router->lines[axis][next], across = router->lines[!axis][next];
    bool shared = axis == 0 && (along & kin) != 0;
    guint cost = shared ? COST_SHARED : COST_STEP;

    if (ground == WALL || (along & ~kin) != 0)
        return COST_NEVER;
    if (ground >= 0) {
        if ((ground != NODE (router->picture, edge->from)->box
             && ground != NODE (router->picture, edge->to)->box)
            || router->level[next] == (axis == 1))
            return COST_NEVER;
        cost += COST_BORDER;
    }
    if (router->beside[axis][next])
        cost += COST_BESIDE;
    if (axis == 0 && !shared)
        cost += cost_of_distance (router, &NODE (router->picture, edge->from)->rect, next);
    if ((across & ~kin) != 0)
        cost += COST_CROSS;
    if (from != to) { /* a corner would look like a junction with what lies here */
        uint64_t here = router->lines[0][at] | router->lines[1][at];

        if (router->ground[at] >= 0 || (here & ~kin) != 0)
            return COST_NEVER;
        cost += COST_TURN;
    }
    return cost;
}

/* ---- a heap of states ---- */

struct entry {
    guint cost;
    int state;
};

static void
heap_push (GArray *heap, struct entry entry)
{
    guint at = heap->len;

    g_array_append_val (heap, entry);
    while (at > 0) {
        struct entry *here = &g_array_index (heap, struct entry, at);
        struct entry *up = &g_array_index (heap, struct entry, (at - 1) / 2);
        struct entry kept = *here;

        if (up->cost <= here->cost)
            break;
        *here = *up;
        *up = kept;
        at = (at - 1) / 2;
    }
}

static struct entry
heap_pop (GArray *heap)
{
    struct entry first = g_array_index (heap, struct entry, 0);
    struct entry last = g_array_index (heap, struct entry, heap->len - 1);
    guint at = 0, child;

    g_array_set_size (heap, heap->len - 1);
    while ((child = 2 * at + 1) < heap->len) {
        struct entry *entries = &g_array_index (heap, struct entry, 0);

        if (child + 1 < heap->len && entries[child + 1].cost < entries[child].cost)
            child++;
        if (entries[child].cost >= last.cost)
            break;
        entries[at] = entries[child];
        at = child;
    }
    if (heap->len != 0)
        g_array_index (heap, struct entry, at) = last;
    return first;
}

/* ---- */

/* Calls `visit` for each free cell beside a node, with the direction away from it. */
static void
around (const struct router *router, const struct rect *rect,
        void (*visit) (const struct router *, int at, int direction, gpointer),
        gpointer user)
{
    for (int row = rect->top - 1; row <= rect->top + rect->rows; row++)
        for (int column = rect->left - 1; column <= rect->left + rect->columns; column++) {
            int corner = rect->rows > 2; /* those of a box are left alone */
            bool beside
                = row >= rect->top + corner && row < rect->top + rect->rows - corner;
            bool above = column > rect->left && column < rect->left + rect->columns - 1;

            if (row < 0 || row >= router->rows || column < 0 || column >= router->columns
                || inside (rect, row, column) || (!beside && !above)
                || router->ground[cell (router, row, column)] != FREE)
                continue;
            if (beside)
                visit (router, cell (router, row, column),
                       column < rect->left ? WEST : EAST, user);
            else
                visit (router, cell (router, row, column), row < rect->top ? NORTH : SOUTH,
                       user);
        }
}

struct search {
    GArray *heap;
    uint64_t kin;
    const struct edge *edge;
};

static void
start_at (const struct router *router, int at, int direction, gpointer user)
{
    struct search *search = user;
    int axis = direction & 1;
    guint cost = axis == 0 ? COST_STEP + COST_EDGEWAYS : COST_STEP;
    struct entry entry = { .cost = cost, .state = at * DIRECTIONS + direction };

    if (((router->lines[0][at] | router->lines[1][at]) & ~search->kin) != 0)
        return;
    if (axis == 0 && (router->lines[axis][at] & search->kin) != 0)
        entry.cost -= COST_STEP - COST_SHARED;
    if (entry.cost >= router->cost[entry.state])
        return;
    router->cost[entry.state] = entry.cost;
    router->before[entry.state] = -1;
    heap_push (search->heap, entry);
}

struct goal {
    guint cost;
    int state;
    const struct search *search;
};

/* A line that arrives beside the node must be going towards it. */
static void
end_at (const struct router *router, int at, int away, gpointer user)
{
    struct goal *goal = user;
    int state = at * DIRECTIONS + (away + 2) % DIRECTIONS;
    guint cost = router->cost[state];

    if (cost == COST_NEVER
        || ((router->lines[0][at] | router->lines[1][at]) & ~goal->search->kin) != 0)
        return;
    if ((away & 1) == 0)
        cost += COST_EDGEWAYS;
    if (cost < goal->cost) {
        goal->cost = cost;
        goal->state = state;
    }
}

static void
explore (struct router *router, struct search *search)
{
    while (search->heap->len != 0) {
        struct entry entry = heap_pop (search->heap);
        int at = entry.state / DIRECTIONS, from = entry.state % DIRECTIONS;
        int row = at / router->columns, column = at % router->columns;

        if (entry.cost > router->cost[entry.state])
            continue;
        for (int to = 0; to < DIRECTIONS; to++) {
            int next_row = row + step_row[to], next_column = column + step_column[to];
            int next, state;
            guint cost;

            if (to == (from + 2) % DIRECTIONS || next_row < 0 || next_row >= router->rows
                || next_column < 0 || next_column >= router->columns)
                continue;
            next = cell (router, next_row, next_column);
            state = next * DIRECTIONS + to;
            cost = step_cost (router, search->edge, search->kin, at, next, from, to);
            if (cost == COST_NEVER || entry.cost + cost >= router->cost[state])
                continue;
            router->cost[state] = entry.cost + cost;
            router->before[state] = entry.state;
            heap_push (search->heap, (struct entry){ router->cost[state], state });
        }
    }
}

/* Writes the way down, from its beginning, and marks the cells. */
static void
keep_way (struct router *router, struct edge *edge, guint index, int state)
{
    int length = 0, at = state;

    for (; at >= 0; at = router->before[at])
        length++;
    g_array_set_size (edge->path, (guint)length);
    for (at = state; at >= 0; at = router->before[at]) {
        int place = at / DIRECTIONS, direction = at % DIRECTIONS;
        int before = router->before[at];

        *SPOT (edge, --length)
            = (struct spot){ .row = (int16_t)(place / router->columns),
                             .column = (int16_t)(place % router->columns) };
        router->lines[direction & 1][place] |= 1ull << index;
        if (before >= 0)
            router->lines[direction & 1][before / DIRECTIONS] |= 1ull << index;
    }
}

static void
route_edge (struct router *router, guint index)
{
    const Picture *picture = router->picture;
    struct edge *edge = EDGE (picture, index);
    g_autoptr (GArray) heap = g_array_new (FALSE, FALSE, sizeof (struct entry));
    struct search search = { heap, kindred (picture, index), edge };
    struct goal goal = { COST_NEVER, -1, &search };
    int states = router->rows * router->columns * DIRECTIONS;

    for (int i = 0; i < states; i++)
        router->cost[i] = COST_NEVER;
    around (router, &NODE (picture, edge->from)->rect, start_at, &search);
    explore (router, &search);
    around (router, &NODE (picture, edge->to)->rect, end_at, &goal);
    if (goal.state >= 0)
        keep_way (router, edge, index, goal.state);
}

void
picture_route (Picture *picture, const Snapshot *snapshot)
{
    gsize cells = (gsize)picture->rows * (gsize)picture->columns;
    struct router router
        = { .rows = picture->rows,
            .columns = picture->columns,
            .ground = g_new (int16_t, cells),
            .level = g_new0 (bool, cells),
            .beside = { g_new0 (bool, cells), g_new0 (bool, cells) },
            .lines = { g_new0 (uint64_t, cells), g_new0 (uint64_t, cells) },
            .cost = g_new (guint, cells * DIRECTIONS),
            .before = g_new (int, cells *DIRECTIONS),
            .picture = picture };

    (void)snapshot;
    ground_lay (&router);
    for (guint i = 0; i < picture->edges->len; i++)
        route_edge (&router, i);
    g_free (router.ground);
    g_free (router.level);
    g_free (router.beside[0]);
    g_free (router.beside[1]);
    g_free (router.lines[0]);
    g_free (router.lines[1]);
    g_free (router.cost);
    g_free (router.before);
}
