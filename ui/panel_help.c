/* panel_help: keys and panels, from the tables that drive them. */
#include <string.h>

#include "ui/keys.h"
#include "ui/panel.h"

struct help_state {
    struct list list;
};

/* All keys of one row of the help, as "? F1". */
static char *
keys_of (const struct key_row *row)
{
    GString *text = g_string_new (row->key);

    for (row++; row->context != NULL && row->help == NULL; row++)
        if (row->key[0] < '2' || row->key[0] > '9' || row->key[1] != '\0')
            g_string_append_printf (text, " %s", row->key);
    return g_string_free (text, FALSE);
}

static void
help_table (void *data, const struct view *view, Table *table)
{
    const char *context = "";

    (void)data;
    table_column (table, "key", 10);
    table_column (table, "command", 14);
    table_column (table, "what it does", 20);
    for (int own = 0; own < 2; own++) /* keys for everywhere first */
        for (const struct key_row *row = key_table; row->context != NULL; row++) {
            g_autofree char *keys = NULL;

            if (row->help == NULL || (strcmp (row->context, "any") == 0) == own)
                continue;
            if (strcmp (row->context, context) != 0) {
                context = row->context;
                table_add (table, STYLE_HEAD,
                           strcmp (context, "any") == 0 ? "everywhere" : context, "", "",
                           NULL);
            }
            keys = keys_of (row);
            table_add (table, STYLE_TEXT, keys, row->command, row->help, NULL);
        }
    table_add (table, STYLE_HEAD, "panels", "", "", NULL);
    for (guint i = 0; i < PANEL_COUNT; i++) {
        char key[2] = { panels[i]->key, '\0' };

        table_add (table, STYLE_TEXT, key, panels[i]->name, panels[i]->help, NULL);
    }
    table_add (table, STYLE_HEAD, "commands of the machine, after :", "", "", NULL);
    for (guint i = 0; i < view->model->commands->len; i++) {
        const struct command_row *row
            = &g_array_index (view->model->commands, struct command_row, i);

        table_add (table, STYLE_TEXT, "", row->name, row->help, NULL);
    }
}

static void
help_draw (struct pane *pane, void *data, const struct view *view)
{
    struct help_state *state = data;
    g_autoptr (Table) table = table_new ();

    help_table (data, view, table);
    table_draw (table, pane, &state->list, view->filter, view->focused);
}

static void
help_title (char *text, gsize bytes, void *data, const struct view *view)
{
    (void)data;
    g_snprintf (text, bytes, "layout %s, theme %s, symbols %s", view->layout, view->theme,
                view->symbols);
}

static void
help_move (void *data, const struct view *view, enum move move)
{
    (void)view;
    list_move (&((struct help_state *)data)->list, move);
}

const struct panel panel_help = {
    .name = "help",
    .title = "Help",
    .key = '9',
    .help = "this",
    .state_bytes = sizeof (struct help_state),
    .draw = help_draw,
    .title_more = help_title,
    .move = help_move,
    .table = help_table,
};
