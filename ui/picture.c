#include "ui/arrange.h"
#include "ui/picture.h"

#include <stdlib.h>
#include <string.h>

#define RATE_COLUMNS  5 /* "12.4k" */
#define GUTTER_LEAST  4
#define GUTTER_MOST   16
#define INNER_LEAST   3
#define KERNEL_LEAST  13
#define LEVEL_FAR     99
#define COLUMNS_LEAST 44 /* below this, and */
#define ROWS_LEAST    8  /* this, a list says more */

/* ---- who is how far from the kernel ---- */

static bool
is_user (const Snapshot *snapshot, int component)
{
    return component >= 0
           && COMPONENT (snapshot, component)->domain == snapshot_user (snapshot);
}

static void
levels_find (const Snapshot *snapshot, int levels[])
{
    guint count = snapshot->components->len;
    int nucleus = snapshot_component (snapshot, "nucleus");
    bool changed = true;

    for (guint i = 0; i < count; i++)
        levels[i] = (int)i == nucleus || is_user (snapshot, (int)i) ? 0 : LEVEL_FAR;
    while (changed) {
        changed = false;
        for (guint i = 0; i < snapshot->links->len; i++) {
            const struct link_row *link = LINK (snapshot, i);

            if (link->from < 0 || link->to < 0
                || levels[link->from] + 1 >= levels[link->to])
                continue;
            levels[link->to] = levels[link->from] + 1;
            changed = true;
        }
    }
    for (guint i = 0; i < count; i++)
        if (levels[i] == LEVEL_FAR)
            levels[i] = 1;
}

/* Does any component of the item call something farther away; and how many call into it. */
static void
item_measure (const Snapshot *snapshot, const int levels[], struct item *item, bool domain)
{
    item->leaf = true;
    for (guint i = 0; i < snapshot->links->len; i++) {
        const struct link_row *link = LINK (snapshot, i);
        bool from, to;

        if (link->from < 0 || link->to < 0)
            continue;
        from = domain ? COMPONENT (snapshot, link->from)->domain == item->index
                      : link->from == item->index;
        to = domain ? COMPONENT (snapshot, link->to)->domain == item->index
                    : link->to == item->index;
        if (from && !to && levels[link->to] > item->level)
            item->leaf = false;
        if (from && !to && levels[link->to] > 0)
            item->called++;
        if (to && !from)
            item->callers++;
        item->used |= link->calls != 0 && from != to && strcmp (link->interface, "kernel") != 0;
    }
}

/* ---- the whole ---- */

static int
name_columns (const Snapshot *snapshot, int component)
{
    return (int)g_utf8_strlen (COMPONENT (snapshot, component)->name, -1);
}

static struct item *
kernel_items (const Snapshot *snapshot, const int levels[], guint *count)
{
    struct item *items = g_new0 (struct item, snapshot->components->len + 1);
    int kernel = snapshot_kernel (snapshot), widest = 0;

    for (guint i = 0; i < snapshot->components->len; i++)
        if (COMPONENT (snapshot, i)->domain == kernel && levels[i] != 0)
            widest = MAX (widest, name_columns (snapshot, (int)i));
    *count = 0;
    for (guint i = 0; i < snapshot->components->len; i++)
        if (COMPONENT (snapshot, i)->domain == kernel) {
            struct item *item = &items[(*count)++];
            int name = levels[i] != 0 ? widest : name_columns (snapshot, (int)i);

            item->index = (int)i;
            item->level = levels[i];
            item->rect = (struct rect){ .rows = 1, .columns = name + 1 + RATE_COLUMNS };
            item_measure (snapshot, levels, item, false);
        }
    return items;
}

static struct item *
domain_items (const Snapshot *snapshot, const int levels[], guint *count, int least)
{
    struct item *items = g_new0 (struct item, snapshot->domains->len + 1);

    *count = 0;
    for (guint d = 0; d < snapshot->domains->len; d++) {
        struct item *item = &items[*count];
        int widest = (int)strlen (DOMAIN (snapshot, d)->name) + 6;

        if ((int)d == snapshot_kernel (snapshot) || (int)d == snapshot_user (snapshot))
            continue;
        *item = (struct item){ .index = (int)d, .level = LEVEL_FAR };
        for (guint i = 0; i < snapshot->components->len; i++)
            if (COMPONENT (snapshot, i)->domain == (int)d) {
                item->level = MIN (item->level, levels[i]);
                widest = MAX (widest, name_columns (snapshot, (int)i) + RATE_COLUMNS + 5);
                item->rect.rows++;
            }
        item->rect.rows = MAX (item->rect.rows, 1) + 2;
        if (item->rect.rows == 3)
            widest = (int)strlen (DOMAIN (snapshot, d)->name) + 6;
        item->rect.columns = MAX (widest, least);
        item_measure (snapshot, levels, item, true);
        (*count)++;
    }
    return items;
}

static void
add_box (Picture *picture, const Snapshot *snapshot, int domain, struct rect rect)
{
    struct box box = { .domain = domain,
                       .rect = rect,
                       .kernel = domain == snapshot_kernel (snapshot),
                       .user = domain == snapshot_user (snapshot),
                       .nodes = domain_components (snapshot, domain) };

    g_array_append_val (picture->boxes, box);
}

static void
add_node (Picture *picture, const Snapshot *snapshot, int component, struct rect rect,
          bool alone)
{
    struct node node = { .component = component,
                         .box = (int)picture->boxes->len - 1,
                         .rect = rect,
                         .alone = alone,
                         .name_columns = rect.columns - 1 - RATE_COLUMNS };

    (void)snapshot;
    g_array_append_val (picture->nodes, node);
}

/* A box whose components stand one below the other. */
static void
add_domain (Picture *picture, const Snapshot *snapshot, const struct item *item)
{
    int row = 1;

    add_box (picture, snapshot, item->index, item->rect);
    for (guint i = 0; i < snapshot->components->len; i++) {
        struct rect rect = { .top = item->rect.top + row,
                             .left = item->rect.left + 2,
                             .rows = 1,
                             .columns = item->rect.columns - 4 };

        if (COMPONENT (snapshot, i)->domain != item->index)
            continue;
        if (item->rect.rows == 3)
            rect = item->rect;
        add_node (picture, snapshot, (int)i, rect, item->rect.rows == 3);
        row++;
    }
}

struct room {
    int rows, columns;
    int user_rows, between; /* rows of the programs' box, and above it */
};

static bool
place_kernel (Picture *picture, const Snapshot *snapshot, const struct room *room,
              const struct way *way, struct item *items, guint count, int width, bool all)
{
    int height = room->rows - room->user_rows - room->between - 2;
    struct columns columns;
    struct rect rect = { 0 };
    int gutter = INNER_LEAST, used = 1, inner;

    if (!columns_choose (items, count, way, height, width - 4, INNER_LEAST, &columns))
        return false;
    if (columns.count > 1)
        gutter = CLAMP ((width - 4 - columns.total) / (columns.count - 1), INNER_LEAST,
                        GUTTER_MOST);
    inner = columns.total + (columns.count - 1) * gutter;
    if (count <= 2)
        height = (int)count;
    rows_order (snapshot, items, count, height, false);
    for (guint i = 0; i < count; i++)
        used = MAX (used, items[i].rect.top + items[i].rect.rows);
    rect.columns = all ? width : MAX (inner + 4, KERNEL_LEAST);
    rect.rows = (count <= 2 ? used : height) + 2;
    columns_spread (items, count, &columns, MAX ((rect.columns - inner) / 2, 2), gutter);
    add_box (picture, snapshot, snapshot_kernel (snapshot), rect);
    for (guint i = 0; i < count; i++) {
        items[i].rect.top += 1;
        add_node (picture, snapshot, items[i].index, count == 1 ? rect : items[i].rect,
                  count == 1);
    }
    return true;
}

static void
place_user (Picture *picture, const Snapshot *snapshot, const struct room *room)
{
    const struct rect *kernel = &BOX (picture, 0)->rect;
    struct rect rect = { .top = room->rows - room->user_rows,
                         .rows = room->user_rows,
                         .columns = CLAMP (kernel->columns, KERNEL_LEAST,
                                           MAX (room->columns, KERNEL_LEAST)) };
    int user = snapshot_user (snapshot);

    if (user < 0)
        return;
    if (kernel->rows + kernel->top + 5 < rect.top) /* near what it calls */
        rect.top = MIN (rect.top, kernel->top + kernel->rows + 6);
    add_box (picture, snapshot, user, rect);
    for (guint i = 0; i < snapshot->components->len; i++)
        if (COMPONENT (snapshot, i)->domain == user)
            add_node (picture, snapshot, (int)i, rect, true);
}

/* `least`: columns of a box. */
static bool
place (Picture *picture, const Snapshot *snapshot, const struct room *room,
       const struct way *inside_way, const struct way *outside_way, int least)
{
    g_autofree int *levels = g_new (int, snapshot->components->len + 1);
    g_autofree struct item *inside = NULL, *outside = NULL;
    guint inside_count, outside_count;
    struct columns columns = { 0 };
    int width = room->columns, others = 0, gutter = GUTTER_LEAST, right;

    levels_find (snapshot, levels);
    inside = kernel_items (snapshot, levels, &inside_count);
    outside = domain_items (snapshot, levels, &outside_count, least);
    if (inside_count == 0)
        return false;
    if (outside_count != 0) {
        if (!columns_choose (outside, outside_count, outside_way, room->rows,
                             width - KERNEL_LEAST - GUTTER_LEAST, GUTTER_LEAST, &columns))
            return false;
        others = columns.total + columns.count * GUTTER_LEAST;
    }
    if (!place_kernel (picture, snapshot, room, inside_way, inside, inside_count,
                       width - others, outside_count == 0))
        return false;
    place_user (picture, snapshot, room);
    if (outside_count == 0)
        return true;
    right = BOX (picture, 0)->rect.columns;
    gutter = CLAMP ((width - right - columns.total) / columns.count, GUTTER_LEAST,
                    GUTTER_MOST);
    rows_order (snapshot, outside, outside_count, room->rows, true);
    columns_spread (outside, outside_count, &columns, right + gutter, gutter);
    for (guint i = 0; i < outside_count; i++)
        add_domain (picture, snapshot, &outside[i]);
    return true;
}

/* The airiest arrangement that fits, inside the kernel and outside. */
static bool
place_somehow (Picture *picture, const Snapshot *snapshot, const struct room *room)
{
    static const int widths[] = { 15, 13, 11 };

    for (guint both = 0; both < 2 * WAYS - 1; both++)
        for (guint inside = 0; inside <= both && inside < WAYS; inside++)
            for (guint i = 0; i < G_N_ELEMENTS (widths); i++) {
                if (both - inside >= WAYS)
                    continue;
                g_array_set_size (picture->boxes, 0);
                g_array_set_size (picture->nodes, 0);
                if (place (picture, snapshot, room, &ways[inside], &ways[both - inside],
                           widths[i]))
                    return true;
            }
    return false;
}

/* ---- edges ---- */

int
picture_node (const Picture *picture, int component)
{
    for (guint i = 0; i < picture->nodes->len; i++)
        if (NODE (picture, i)->component == component)
            return (int)i;
    return -1;
}

static struct edge *
edge_between (Picture *picture, int from, int to)
{
    for (guint i = 0; i < picture->edges->len; i++)
        if (EDGE (picture, i)->from == from && EDGE (picture, i)->to == to)
            return EDGE (picture, i);
    return NULL;
}

static int
by_calls (gconstpointer a, gconstpointer b, gpointer user)
{
    const Snapshot *snapshot = user;
    const struct link_row *left = LINK (snapshot, ((const struct edge *)a)->link);
    const struct link_row *right = LINK (snapshot, ((const struct edge *)b)->link);

    return left->calls > right->calls ? -1 : left->calls < right->calls;
}

/* Links between the same two components are one edge; those of both directions too. The
 * nucleus resumes programs (umode): that edge is shown as the system calls they make. What
 * everybody asks of the nucleus itself is as air: shown with the unused. */
static void
edges_collect (Picture *picture, const Snapshot *snapshot, bool unused)
{
    for (guint i = 0; i < snapshot->links->len; i++) {
        const struct link_row *link = LINK (snapshot, i);
        int from = picture_node (picture, link->from),
            to = picture_node (picture, link->to);
        struct edge edge = { .from = from, .to = to, .link = (int)i, .back = -1 };
        struct edge *same;

        if (from < 0 || to < 0 || from == to)
            continue;
        if (is_user (snapshot, link->to)) {
            edge.from = to;
            edge.to = from;
            edge.syscalls = true;
        } else if (is_user (snapshot, link->from)
                   || (!unused
                       && (link->calls == 0 || strcmp (link->interface, "kernel") == 0))) {
            continue;
        }
        same = edge_between (picture, edge.from, edge.to);
        if (same != NULL) {
            if (link->calls > LINK (snapshot, same->link)->calls)
                same->link = (int)i;
            continue;
        }
        same = edge_between (picture, edge.to, edge.from);
        if (same != NULL) {
            same->back = (int)i;
            continue;
        }
        edge.path = g_array_new (FALSE, FALSE, sizeof (struct spot));
        g_array_append_val (picture->edges, edge);
    }
    g_array_sort_with_data (picture->edges, by_calls, (gpointer)snapshot);
    if (picture->edges->len > PICTURE_EDGES_MAX)
        g_array_set_size (picture->edges, PICTURE_EDGES_MAX);
}

/* ---- */

static void
edge_clear (gpointer edge)
{
    if (((struct edge *)edge)->path != NULL)
        g_array_unref (((struct edge *)edge)->path);
}

guint
picture_signature (const Snapshot *snapshot, int rows, int columns, bool unused)
{
    guint sum = (guint)rows * 1009u + (guint)columns * 31u + unused;

    for (guint i = 0; i < snapshot->components->len; i++)
        sum = sum * 33u + g_str_hash (COMPONENT (snapshot, i)->name)
              + (guint)COMPONENT (snapshot, i)->domain;
    for (guint i = 0; i < snapshot->domains->len; i++)
        sum = sum * 33u + g_str_hash (DOMAIN (snapshot, i)->name);
    for (guint i = 0; i < snapshot->links->len; i++)
        sum = sum * 33u + (LINK (snapshot, i)->calls != 0);
    return sum;
}

Picture *
picture_new (const Snapshot *snapshot, int rows, int columns, bool unused)
{
    Picture *picture = g_new0 (Picture, 1);
    struct room room = { .rows = rows,
                         .columns = columns,
                         .user_rows = rows >= 20 ? 4 : 3,
                         .between = rows >= 18 ? 2 : 1 };

    picture->rows = rows;
    picture->columns = columns;
    picture->boxes = g_array_new (FALSE, TRUE, sizeof (struct box));
    picture->nodes = g_array_new (FALSE, TRUE, sizeof (struct node));
    picture->edges = g_array_new (FALSE, TRUE, sizeof (struct edge));
    picture->signature = picture_signature (snapshot, rows, columns, unused);
    picture->list = true;
    g_array_set_clear_func (picture->edges, edge_clear);
    if (rows < ROWS_LEAST || columns < COLUMNS_LEAST)
        return picture;
    if (!place_somehow (picture, snapshot, &room))
        return picture;
    picture->list = false;
    edges_collect (picture, snapshot, unused);
    picture_route (picture, snapshot);
    return picture;
}

void
picture_free (Picture *picture)
{
    g_array_unref (picture->boxes);
    g_array_unref (picture->nodes);
    g_array_unref (picture->edges);
    g_free (picture);
}
