/* panel_memory: the arenas, which process can touch them, and a map with a letter for each
 * owner; below it, once real programs have some, RAM (panel_memory_frames.c). */
#include "ui/panel_memory.h"

struct memory_state {
    struct list list;
};

static char
letter (guint component)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    return letters[component % (sizeof letters - 1)];
}

static void
memory_table (void *data, const struct view *view, Table *table)
{
    const Snapshot *now = view->model->now;

    (void)data;
    table_column (table, "", 1);
    table_column (table, "owner", 8);
    table_column (table, "mapped in", 8);
    table_column (table, "used", -6);
    table_column (table, "peak", -6);
    table_column (table, "arena", -6);
    for (guint i = 0; i < now->components->len; i++) {
        const struct component_row *row = COMPONENT (now, i);
        char sign[2] = { letter (i), '\0' }, used[16], peak[16], whole[16];

        table_add (table, row->dead ? STYLE_BAD : STYLE_TEXT, sign, row->name,
                   row->domain >= 0 ? DOMAIN (now, row->domain)->name : "?",
                   shown_bytes (used, (double)row->arena_used),
                   shown_bytes (peak, (double)row->arena_peak),
                   shown_bytes (whole, (double)row->arena_bytes), NULL);
    }
}

/* So much that all of it fits: a power of two of KiB for each cell. */
static double
cell_bytes (const Snapshot *now, int cells)
{
    double bytes = 1024;
    int needed;

    do {
        needed = 0;
        for (guint i = 0; i < now->components->len; i++)
            needed += (int)((double)MAX (COMPONENT (now, i)->arena_peak,
                                         COMPONENT (now, i)->arena_used)
                            / bytes)
                      + 1;
        bytes *= 2;
    } while (needed > cells && bytes < 1e18);
    return bytes / 2;
}

/* Domain by domain: what one process can touch stands together. */
static void
draw_map (struct pane *pane, const struct view *view)
{
    const Snapshot *now = view->model->now;
    double bytes;
    char text[16];
    int row = 1;

    bytes = cell_bytes (now, MAX (pane->rows - 1 - (int)now->domains->len / 2, 1)
                                 * MAX (pane->columns - 12, 1));
    pane_print (pane, 0, 0, STYLE_HEAD,
                "map: a letter is %s used, \u00b7 was used; one line, one process",
                shown_bytes (text, bytes));
    for (guint d = 0; d < now->domains->len && row < pane->rows; d++) {
        int column = 10;

        pane_print (pane, row, 0,
                    (int)d == snapshot_kernel (now) ? STYLE_KERNEL : STYLE_DOMAIN, "%.9s",
                    DOMAIN (now, d)->name);
        for (guint i = 0; i < now->components->len; i++) {
            const struct component_row *of = COMPONENT (now, i);
            int used = (int)((double)of->arena_used / bytes) + (of->arena_used != 0);
            int peak = (int)((double)MAX (of->arena_peak, of->arena_used) / bytes) + 1;

            if (of->domain != (int)d)
                continue;
            for (int j = 0; j < MAX (used, peak); j++) {
                if (column >= pane->columns) {
                    column = 10;
                    row++;
                }
                pane_char (pane, row, column++,
                           (enum style_id) (STYLE_PART1 + (int)(i % 4)),
                           j < used ? (gunichar)letter (i) : 0xb7);
            }
        }
        row++;
    }
}

static void
memory_draw (struct pane *pane, void *data, const struct view *view)
{
    struct memory_state *state = data;
    g_autoptr (Table) table = table_new ();
    struct pane list = *pane, map = *pane;
    int rows;

    memory_table (data, view, table);
    if (pane->columns >= 92) { /* side by side */
        list = pane_part (pane, 0, 0, pane->rows, 44);
        map = pane_part (pane, 0, 46, pane->rows, pane->columns - 46);
    } else {
        rows = MIN ((int)view->model->now->components->len + 1, MAX (pane->rows / 2, 1));
        list = pane_part (pane, 0, 0, rows, pane->columns);
        map = pane_part (pane, rows, 0, pane->rows - rows, pane->columns);
    }
    table_draw (table, &list, &state->list, view->filter, view->focused);
    if (view->model->now->ram.frames > view->model->now->ram.free + 1 && map.rows >= 8) {
        struct pane ram = pane_part (&map, map.rows / 2, 0, map.rows - map.rows / 2, map.columns);

        memory_draw_frames (&ram, view->model->now);
        map = pane_part (&map, 0, 0, map.rows / 2, map.columns);
    }
    if (map.rows > 1)
        draw_map (&map, view);
}

static void
memory_move (void *data, const struct view *view, enum move move)
{
    (void)view;
    list_move (&((struct memory_state *)data)->list, move);
}

const struct panel panel_memory = {
    .name = "memory",
    .title = "Memory",
    .key = '5',
    .help = "the components' arenas: how full they are, and which process can touch them",
    .state_bytes = sizeof (struct memory_state),
    .draw = memory_draw,
    .move = memory_move,
    .table = memory_table,
};
