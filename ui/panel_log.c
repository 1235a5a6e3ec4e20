/* panel_log: the kernel's log. */
#include <string.h>

#include "ui/panel.h"

struct log_state {
    struct list list;
};

static void
log_table (void *data, const struct view *view, Table *table)
{
    const Model *model = view->model;

    (void)data;
    table_column (table, "time s", -10);
    table_column (table, "text", 10);
    for (guint i = 0; i < model->log->len; i++) {
        const struct log_row *row = g_ptr_array_index (model->log, i);
        char when[24];

        g_snprintf (when, sizeof when, "%.6f", (double)row->at / 1e9);
        table_add (table, STYLE_TEXT, when, row->text, NULL);
    }
}

static void
log_draw (struct pane *pane, void *data, const struct view *view)
{
    struct log_state *state = data;
    g_autoptr (Table) table = table_new ();

    log_table (data, view, table);
    if (!state->list.stay)
        state->list.selected = G_MAXINT;
    table_draw (table, pane, &state->list, view->filter, view->focused);
}

static void
log_title (char *text, gsize bytes, void *data, const struct view *view)
{
    (void)view;
    g_strlcpy (text, list_says (&((struct log_state *)data)->list), bytes);
}

static void
log_move (void *data, const struct view *view, enum move move)
{
    (void)view;
    list_move (&((struct log_state *)data)->list, move);
}

static bool
log_command (void *data, const struct view *view, int argc, char **argv, GString *said)
{
    (void)view;
    (void)argc;
    (void)said;
    return list_command (&((struct log_state *)data)->list, argv[0]);
}

const struct panel panel_log = {
    .name = "log",
    .title = "Log",
    .key = '7',
    .help = "what the kernel has to say",
    .state_bytes = sizeof (struct log_state),
    .draw = log_draw,
    .title_more = log_title,
    .move = log_move,
    .command = log_command,
    .table = log_table,
};
