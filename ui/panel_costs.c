/* panel_costs: what it all costs: totals and rates, both clocks, and where the cycles go.
 */
#include <string.h>

#include "ui/panel.h"

struct costs_state {
    struct list list;
};

static void
costs_table (void *data, const struct view *view, Table *table)
{
    const Snapshot *now = view->model->now;

    (void)data;
    table_column (table, "link", 16);
    table_column (table, "by", 5);
    table_column (table, "calls", -5);
    table_column (table, "calls/s", -5);
    table_column (table, "total", -6);
    table_column (table, "cross", -6);
    table_column (table, "copy", -6);
    table_column (table, "wait", -6);
    table_column (table, "bytes", -5);
    table_column (table, "p50", -6);
    table_column (table, "p99", -6);
    table->flexible = 1;
    for (guint i = 0; i < now->links->len; i++) {
        const struct link_row *row = LINK (now, i);
        char calls[16], rate[16], total[16], crossing[16], copy[16], wait[16], bytes[16],
            p50[16], p99[16];
        g_autofree char *name = NULL;

        if (row->calls == 0 || row->from < 0 || row->to < 0)
            continue;
        name = g_strdup_printf ("%s \u2192 %s", COMPONENT (now, row->from)->name,
                                COMPONENT (now, row->to)->name);
        table_add (table, STYLE_TEXT, name, row->interface,
                   shown_number (calls, (double)row->calls), shown_number (rate, row->rate),
                   shown_cycles (total, (double)row->total),
                   shown_cycles (crossing, (double)row->crossing),
                   shown_cycles (copy, (double)row->copy),
                   shown_cycles (wait, (double)row->waited),
                   shown_bytes (bytes, (double)row->bytes),
                   shown_cycles (p50, (double)row->p50),
                   shown_cycles (p99, (double)row->p99), NULL);
    }
}

static void
total (struct pane *pane, const char *name, double value, double rate, const char *more)
{
    char a[16], b[16];

    if (pane->row >= pane->rows)
        return;
    pane_put (pane, pane->row, 0, STYLE_DIM, name);
    pane_put_right (pane, pane->row, 24, STYLE_VALUE, shown_number (a, value));
    pane_put_right (pane, pane->row, 34, STYLE_TEXT, shown_number (b, rate));
    pane_put (pane, pane->row, 34, STYLE_DIM, "/s");
    if (more != NULL)
        pane_put (pane, pane->row, 40, STYLE_TEXT, more);
    pane->row++;
}

/* The last samples of a rate, the newest at the right. */
static void
graph (struct pane *pane, int row, int left, const double *history, uint64_t samples)
{
    int room = MIN (pane->columns - left, (int)HISTORY_KEPT);
    double most = 0;

    for (int i = 0; i < room; i++)
        if ((uint64_t)(room - i) <= samples)
            most = MAX (most, history[(samples - (uint64_t)(room - i)) % HISTORY_KEPT]);
    for (int i = 0; i < room && most > 0; i++) {
        uint64_t back = (uint64_t)(room - i);
        double value = back <= samples ? history[(samples - back) % HISTORY_KEPT] : 0;

        pane_char (pane, row, left + i, value > 0 ? STYLE_PART1 : STYLE_DIM,
                   value > 0 ? 0x2581 + (gunichar)(value / most * 7) : 0xb7);
    }
}

/* How the cycles of all calls divide, as one bar. */
static void
draw_shares (struct pane *pane, const Snapshot *now)
{
    static const struct {
        const char *name;
        enum style_id style;
        gunichar ch;
    } parts[] = { { "work", STYLE_PART1, 0x2588 },
                  { "crossing", STYLE_PART2, 0x2593 },
                  { "copy", STYLE_PART3, 0x2592 } };
    double values[3] = { 0 }, sum;
    int column = 0, room = pane->columns;

    for (guint i = 0; i < now->components->len; i++)
        values[0] += (double)COMPONENT (now, i)->work;
    for (guint i = 0; i < now->links->len; i++) {
        values[1] += (double)LINK (now, i)->crossing;
        values[2] += (double)LINK (now, i)->copy;
    }
    sum = values[0] + values[1] + values[2];
    if (sum <= 0 || pane->row + 1 >= pane->rows)
        return;
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
        for (int j = 0; j < (int)(values[i] / sum * room + 0.5) && column < room; j++)
            pane_char (pane, pane->row, column++, parts[i].style, parts[i].ch);
    pane->row++;
    column = 0;
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
        pane_char (pane, pane->row, column, parts[i].style, parts[i].ch);
        column = pane_print (pane, pane->row, column + 2, STYLE_TEXT, "%s %.1f %%   ",
                             parts[i].name, values[i] / sum * 100);
    }
    pane->row++;
}

static void
draw_clocks (struct pane *pane, const Model *model)
{
    const Snapshot *now = model->now;
    char a[16], b[16];

    pane_print (pane, pane->row, 0, STYLE_DIM, "virtual clock");
    pane_put_right (pane, pane->row, 24, STYLE_VALUE,
                    shown_time (a, (double)now->virtual_ns));
    pane_print (pane, pane->row++, 40, STYLE_TEXT, "%.3g virtual seconds in a second%s",
                now->pace, now->speed <= 0 ? ", as fast as it goes" : "");
    if (pane->row >= pane->rows)
        return;
    pane_print (pane, pane->row, 0, STYLE_DIM, "wall clock");
    pane_put_right (pane, pane->row, 24, STYLE_VALUE, shown_time (b, (double)now->host_ns));
    pane_print (pane, pane->row++, 40, STYLE_TEXT,
                "this viewer %.1f %%, board %.1f %% of a CPU", model->own_load * 100,
                model->board_load * 100);
}

static void
costs_draw (struct pane *pane, void *data, const struct view *view)
{
    struct costs_state *state = data;
    const Model *model = view->model;
    const Snapshot *now = model->now;
    g_autoptr (Table) table = table_new ();
    struct pane top = pane_part (pane, 0, 0, MIN (pane->rows, 12), pane->columns);
    struct pane list;

    draw_clocks (&top, model);
    total (&top, "calls", (double)now->calls, now->call_rate, NULL);
    graph (&top, top.row - 1, 40, model->call_history, model->samples);
    total (&top, "crossings", (double)now->crossings, now->crossing_rate, NULL);
    graph (&top, top.row - 1, 40, model->crossing_history, model->samples);
    total (&top, "bytes copied", (double)now->bytes, now->byte_rate, NULL);
    total (&top, "switches", (double)now->switches, now->switch_rate, NULL);
    total (&top, "system calls", (double)now->syscalls, now->syscall_rate, now->cost_model);
    draw_shares (&top, now);
    if (pane->rows <= top.row + 2)
        return;
    list = pane_part (pane, top.row + 1, 0, pane->rows - top.row - 1, pane->columns);
    costs_table (data, view, table);
    table_draw (table, &list, &state->list, view->filter, view->focused);
}

static void
costs_move (void *data, const struct view *view, enum move move)
{
    (void)view;
    list_move (&((struct costs_state *)data)->list, move);
}

const struct panel panel_costs = {
    .name = "costs",
    .title = "Costs",
    .key = '6',
    .help = "calls, crossings, copies and switches; both clocks; where the cycles go, link "
            "by link",
    .state_bytes = sizeof (struct costs_state),
    .draw = costs_draw,
    .move = costs_move,
    .table = costs_table,
};
