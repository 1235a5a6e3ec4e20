#include "ui/arrange.h"

#include <stdlib.h>

/* ---- columns ---- */

static int
by_level (gconstpointer a, gconstpointer b)
{
    const struct item *left = a, *right = b;

    if (left->level != right->level)
        return left->level - right->level;
    if (left->leaf != right->leaf)
        return left->leaf - right->leaf;
    if (left->used != right->used)
        return right->used - left->used;
    if (left->called != right->called)
        return right->called - left->called;
    if (left->callers != right->callers)
        return left->callers - right->callers;
    return left->index - right->index;
}

static bool
column_takes (const int used[], int column, const struct item *item, int height, int gap)
{
    return used[column] + (used[column] != 0 ? gap : 0) + item->rect.rows <= height;
}

static void
column_put (int used[], int column, struct item *item, int gap)
{
    used[column] += (used[column] != 0 ? gap : 0) + item->rect.rows;
    item->column = column;
}

/* Gives every item a column; false: they do not fit. With `fill`, levels may share one. */
static bool
columns_fill (struct item *items, guint count, int height, int gap, bool fill,
              struct columns *columns)
{
    int used[COLUMN_LIMIT] = { 0 };
    int column = -1, level = -1;

    *columns = (struct columns){ 0 };
    for (guint i = 0; i < count; i++) {
        struct item *item = &items[i];

        item->column = -1;
        if (item->rect.rows > height)
            return false;
        if (column < 0 || (!fill && item->level != level))
            column++;
        level = item->level;
        if (column >= COLUMN_LIMIT)
            return false;
        if (column_takes (used, column, item, height, gap)) {
            column_put (used, column, item, gap);
        } else if (fill || !item->leaf) {
            if (++column >= COLUMN_LIMIT)
                return false;
            column_put (used, column, item, gap);
        }
    }
    for (guint i = 0; i < count; i++) /* leaves that found no room: at the far end */
        if (items[i].column < 0) {
            if (gap > 1) /* closer together is better than far from one's own */
                return false;
            if (!column_takes (used, column, &items[i], height, gap)
                && ++column >= COLUMN_LIMIT)
                return false;
            column_put (used, column, &items[i], gap);
        }
    columns->count = column + 1;
    for (guint i = 0; i < count; i++)
        columns->widths[items[i].column]
            = MAX (columns->widths[items[i].column], items[i].rect.columns);
    for (int i = 0; i < columns->count; i++)
        columns->total += columns->widths[i];
    return true;
}

const struct way ways[WAYS]
    = { { 2, false }, { 1, false }, { 0, false }, { 1, true }, { 0, true } };

bool
columns_choose (struct item *items, guint count, const struct way *way, int height,
                int width, int gutter, struct columns *columns)
{
    qsort (items, count, sizeof *items, by_level);
    return columns_fill (items, count, height, way->gap, way->fill, columns)
           && columns->total + (columns->count - 1) * gutter <= width;
}

/* ---- rows ---- */

static int
by_wish (gconstpointer a, gconstpointer b)
{
    const struct item *left = a, *right = b;

    if (left->column != right->column)
        return left->column - right->column;
    return left->wish < right->wish ? -1 : left->wish > right->wish;
}

void
rows_spread (struct item *items, guint count, int height)
{
    for (guint first = 0, next; first < count; first = next) {
        int rows = 0, spare, at = 0, many;

        for (next = first; next < count && items[next].column == items[first].column;
             next++)
            rows += items[next].rect.rows;
        many = (int)(next - first);
        spare = height - rows;
        for (int i = 0; i < many; i++) {
            struct item *item = &items[(int)first + i];
            int gaps = many > 1 ? spare * i / (many - 1) : spare / 2;

            if (many > 1 && spare / (many - 1) > 3) /* not to the very edges */
                gaps = spare * (2 * i + 1) / (2 * many);
            item->rect.top = at + gaps;
            at += item->rect.rows;
        }
    }
}

static const struct item *
item_of (const Snapshot *snapshot, const struct item *items, guint count, int component,
         bool domains)
{
    int index = domains ? COMPONENT (snapshot, component)->domain : component;

    for (guint i = 0; i < count; i++)
        if (items[i].index == index)
            return &items[i];
    return NULL;
}

void
rows_order (const Snapshot *snapshot, struct item *items, guint count, int height,
            bool domains)
{
    for (int sweep = 0; sweep < 4; sweep++) {
        bool first_leaf = true;

        qsort (items, count, sizeof *items, by_wish);
        rows_spread (items, count, height);
        for (guint i = 0; i < count; i++) {
            double sum = 0, weight = 0;

            for (guint j = 0; j < snapshot->links->len; j++) {
                const struct link_row *link = LINK (snapshot, j);
                const struct item *from, *to, *other;

                if (link->from < 0 || link->to < 0)
                    continue;
                from = item_of (snapshot, items, count, link->from, domains);
                to = item_of (snapshot, items, count, link->to, domains);
                if (from == to || (from != &items[i] && to != &items[i]))
                    continue;
                other = from == &items[i] ? to : from;
                if (other == NULL || other->column >= items[i].column)
                    continue;
                sum += other->rect.top + other->rect.rows / 2.0;
                weight += 1;
            }
            /* What calls on belongs in the middle, where its ways are short. */
            if (weight > 0) {
                items[i].wish = sum / weight;
            } else if (!items[i].leaf) {
                items[i].wish = height / 2.0;
            } else {
                items[i].wish = first_leaf ? 0 : height;
                first_leaf = false;
            }
            items[i].wish += items[i].callers * 0.001;
        }
    }
    qsort (items, count, sizeof *items, by_wish);
    items_untangle (snapshot, items, count, height, domains);
}

void
columns_spread (struct item *items, guint count, const struct columns *columns, int left,
                int gutter)
{
    int starts[COLUMN_LIMIT];

    for (int i = 0; i < columns->count; i++) {
        starts[i] = left;
        left += columns->widths[i] + gutter;
    }
    for (guint i = 0; i < count; i++) {
        items[i].rect.left = starts[items[i].column];
        items[i].rect.columns = columns->widths[items[i].column];
    }
}
