/* panel_actions: what has been done to the machine, as commands that a script could send.
 */
#include <string.h>

#include "ui/panel.h"

struct actions_state {
    struct list list;
};

static void
actions_table (void *data, const struct view *view, Table *table)
{
    const Model *model = view->model;

    (void)data;
    table_column (table, "time", 8);
    table_column (table, "by", 8);
    table_column (table, "command", 24);
    table_column (table, "answer", 8);
    for (guint i = 0; i < model->actions->len; i++) {
        const struct action_row *row = g_ptr_array_index (model->actions, i);
        const char *awaited          = row->id >= 0 ? "\u2026" : "";

        table_add (table, row->refused ? STYLE_BAD : STYLE_TEXT, row->clock, row->by,
                   row->command, row->result != NULL ? row->result : awaited, NULL);
    }
}

static void
actions_draw (struct pane *pane, void *data, const struct view *view)
{
    struct actions_state *state = data;
    g_autoptr (Table) table = table_new ();

    actions_table (data, view, table);
    if (!state->list.stay)
        state->list.selected = G_MAXINT;
    table_draw (table, pane, &state->list, view->filter, view->focused);
    if (table->rows->len == 0)
        pane_put (
            pane, MIN (1, pane->rows - 1), 0, STYLE_DIM,
            "nothing yet: every key that acts on the machine leaves its command here");
}

static void
actions_title (char *text, gsize bytes, void *data, const struct view *view)
{
    const char *says = list_says (&((struct actions_state *)data)->list);

    if (view->model->socket_name[0] != '\0')
        g_snprintf (text, bytes, "khimera ctl %s COMMAND   %s", view->model->socket_name, says);
}

static void
actions_move (void *data, const struct view *view, enum move move)
{
    (void)view;
    list_move (&((struct actions_state *)data)->list, move);
}

static bool
actions_command (void *data, const struct view *view, int argc, char **argv, GString *said)
{
    (void)view;
    (void)argc;
    (void)said;
    return list_command (&((struct actions_state *)data)->list, argv[0]);
}

const struct panel panel_actions = {
    .name = "actions",
    .title = "Actions",
    .key = '8',
    .help = "what has been done to the machine, and the command that does it from a script",
    .state_bytes = sizeof (struct actions_state),
    .draw = actions_draw,
    .title_more = actions_title,
    .move = actions_move,
    .command = actions_command,
    .table = actions_table,
};
