/* untangle: exchanges the places of things until the lines between them cross as little, and
 * go as straight, as can be had. Lines are thought of as straight from middle to middle; the
 * ways that route.c finds for them later are about as good as these are. */
#include <math.h>
#include <string.h>

#include "ui/arrange.h"

#define STEP_RIGHT 24.0 /* from column to column, where a row is 1 */
#define HALF_WIDTH 7.0  /* of a thing */

/* What is bad, and how bad. */
#define BAD_CROSSING 10.0
#define BAD_THROUGH  14.0 /* a line that would have to go around a thing */
#define BAD_BACK     16.0 /* to something that is not farther to the right */
#define BAD_COLUMN   5.0  /* for each column that a line goes past */
#define BAD_ROW      0.5

#define LINES_MAX 96u
#define STARTS    16u /* from other orders, as one can be stuck where no exchange helps */

struct line {
    int from, to; /* as item.index; -1: the kernel, to the left of all */
    double weight;
};

struct tangle {
    struct item *items;
    guint count;
    int height;
    struct line lines[LINES_MAX];
    guint line_count;
};

struct point {
    double x, y;
};

static int
place_of (const struct tangle *tangle, int index)
{
    for (guint i = 0; i < tangle->count; i++)
        if (tangle->items[i].index == index)
            return (int)i;
    return -1;
}

static struct point
middle (const struct tangle *tangle, int place)
{
    const struct item *item;

    if (place < 0)
        return (struct point){ -STEP_RIGHT, tangle->height / 3.0 };
    item = &tangle->items[place];
    return (struct point){ item->column * STEP_RIGHT, item->rect.top + item->rect.rows / 2.0 };
}

/* On which side of the line a-b is c? */
static double
side (struct point a, struct point b, struct point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static bool
cross (struct point a, struct point b, struct point c, struct point d)
{
    return side (a, b, c) * side (a, b, d) < 0 && side (c, d, a) * side (c, d, b) < 0;
}

/* Does the line a-b go through the thing? */
static bool
through (const struct item *item, struct point a, struct point b)
{
    double left = item->column * STEP_RIGHT - HALF_WIDTH, right = left + 2 * HALF_WIDTH;
    double top = item->rect.top, bottom = top + item->rect.rows;
    struct point corners[]
        = { { left, top }, { right, top }, { right, bottom }, { left, bottom } };

    return cross (a, b, corners[0], corners[2]) || cross (a, b, corners[1], corners[3]);
}

static double
badness_of_line (const struct tangle *tangle, const struct line *line, const int places[2])
{
    struct point a = middle (tangle, places[0]), b = middle (tangle, places[1]);
    double bad = fabs (a.y - b.y) * BAD_ROW + fabs (a.x - b.x) / STEP_RIGHT * BAD_COLUMN;

    if (b.x <= a.x)
        bad += BAD_BACK;
    for (guint i = 0; i < tangle->count; i++)
        if ((int)i != places[0] && (int)i != places[1] && through (&tangle->items[i], a, b))
            bad += BAD_THROUGH;
    return bad * line->weight;
}

static double
badness (const struct tangle *tangle)
{
    int places[LINES_MAX][2];
    double bad = 0;

    for (guint i = 0; i < tangle->line_count; i++) {
        places[i][0] = place_of (tangle, tangle->lines[i].from);
        places[i][1] = place_of (tangle, tangle->lines[i].to);
    }
    for (guint i = 0; i < tangle->line_count; i++) {
        const struct line *one = &tangle->lines[i];

        bad += badness_of_line (tangle, one, places[i]);
        for (guint j = 0; j < i; j++) {
            const struct line *other = &tangle->lines[j];

            if (one->from != other->from && one->to != other->to && one->from != other->to
                && one->to != other->from
                && cross (middle (tangle, places[i][0]), middle (tangle, places[i][1]),
                          middle (tangle, places[j][0]), middle (tangle, places[j][1])))
                bad += BAD_CROSSING * MIN (one->weight, other->weight);
        }
    }
    return bad;
}

/* ---- */

static int
thing_of (const Snapshot *snapshot, int component, bool domains)
{
    return domains ? COMPONENT (snapshot, component)->domain : component;
}

/* Lines that may be, and more so those that have been used. The nucleus is called by all:
 * those are as air. */
static void
lines_collect (struct tangle *tangle, const Snapshot *snapshot, bool domains)
{
    for (guint i = 0; i < snapshot->links->len && tangle->line_count < LINES_MAX; i++) {
        const struct link_row *link = LINK (snapshot, i);
        struct line line = { .weight = link->calls != 0 ? 1 : 0.2 };

        if (link->from < 0 || link->to < 0 || strcmp (link->interface, "kernel") == 0)
            continue;
        line.from = thing_of (snapshot, link->from, domains);
        line.to = thing_of (snapshot, link->to, domains);
        if (place_of (tangle, line.to) < 0 || line.from == line.to)
            continue;
        if (place_of (tangle, line.from) < 0) {
            if (!domains || line.from != snapshot_kernel (snapshot))
                continue;
            line.from = -1;
        }
        tangle->lines[tangle->line_count++] = line;
    }
}

static void
exchange (struct item *items, guint i, guint j)
{
    struct item kept = items[i];
    int column = items[i].column;

    items[i] = items[j];
    items[i].column = column;
    kept.column = items[j].column;
    items[j] = kept;
}

static bool
exchangeable (const struct item *a, const struct item *b)
{
    return a->column == b->column
           || (a->rect.rows == b->rect.rows && a->rect.columns == b->rect.columns);
}

/* Exchanges pairs as long as that makes it better. Answers how bad it still is. */
static double
climb (struct tangle *tangle)
{
    struct item *items = tangle->items;
    double least;
    bool better = true;

    rows_spread (items, tangle->count, tangle->height);
    least = badness (tangle);
    while (better) {
        better = false;
        for (guint i = 0; i < tangle->count; i++)
            for (guint j = i + 1; j < tangle->count; j++) {
                double bad;

                if (!exchangeable (&items[i], &items[j]))
                    continue;
                exchange (items, i, j);
                rows_spread (items, tangle->count, tangle->height);
                bad = badness (tangle);
                better |= bad < least - 1e-6;
                if (bad < least - 1e-6)
                    least = bad;
                else
                    exchange (items, i, j);
            }
    }
    rows_spread (items, tangle->count, tangle->height);
    return least;
}

/* The same for the same numbers: a picture does not depend on chance. */
static void
shuffle (struct item *items, guint count, guint32 *seed)
{
    for (guint i = count; i-- > 1;) {
        guint j;

        *seed = *seed * 1664525u + 1013904223u;
        j = (*seed >> 8) % (i + 1);
        if (i != j && exchangeable (&items[i], &items[j]))
            exchange (items, i, j);
    }
}

void
items_untangle (const Snapshot *snapshot, struct item *items, guint count, int height,
                bool domains)
{
    struct tangle tangle = { .items = items, .count = count, .height = height };
    g_autofree struct item *best = NULL;
    guint32 seed = 1;
    double least;

    lines_collect (&tangle, snapshot, domains);
    least = climb (&tangle);
    best = g_memdup2 (items, count * sizeof *items);
    for (guint i = 0; i < STARTS; i++) {
        double bad;

        shuffle (items, count, &seed);
        bad = climb (&tangle);
        if (bad < least - 1e-6) {
            least = bad;
            memcpy (best, items, count * sizeof *items);
        }
    }
    memcpy (items, best, count * sizeof *items);
}
