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

/* Columns for the text beside keys and commands; narrow screens go without the commands. */
#define KEY_COLUMNS     11
#define COMMAND_COLUMNS 14
#define COMMANDS_FROM   64

/* How much of a text fits a line: up to a blank if there is one. */
static gsize
fitting (const char *text, int columns)
{
    const char *at = text, *blank = NULL;

    for (int i = 0; i < columns && *at != '\0'; i++, at = g_utf8_next_char (at))
        if (*at == ' ')
            blank = at;
    if (*at == '\0' || *at == ' ' || blank == NULL)
        return (gsize)(at - text);
    return (gsize)(blank - text);
}

/* Takes that much off the front; 0: all. The caller frees it. */
static char *
take (const char **text, int columns)
{
    gsize bytes = columns > 0 ? fitting (*text, columns) : strlen (*text);
    char *taken = g_strndup (*text, bytes);

    for (*text += bytes; **text == ' ';)
        ++*text;
    return taken;
}

/* One row, or as many as the text needs. A filter that matches one shows all of them. */
static void
add_wrapped (Table *table, int columns, enum style_id style, const char *key,
             const char *command, const char *text)
{
    g_autofree char *line = g_strdup_printf ("%s %s %s", key, command, text);

    do {
        g_autofree char *keys = take (&key, columns > 0 ? KEY_COLUMNS : 0);
        g_autofree char *part = take (&text, columns);

        if (table->column_count == 3)
            table_add (table, style, keys, command, part, NULL);
        else
            table_add (table, style, keys, part, NULL);
        g_array_index (table->rows, struct table_row, table->rows->len - 1).line
            = g_strdup (line);
        command = "";
    } while (*text != '\0' || *key != '\0');
}

static void help_rows (const struct view *view, Table *table, int columns);

static void
help_table (void *data, const struct view *view, Table *table)
{
    (void)data;
    table_column (table, "key", KEY_COLUMNS);
    table_column (table, "command", COMMAND_COLUMNS);
    table_column (table, "what it does", 20);
    help_rows (view, table, 0);
}

/* columns: for the text; 0: without end */
static void
help_rows (const struct view *view, Table *table, int columns)
{
    const char *context = "";

    for (int own = 0; own < 2; own++) /* keys for everywhere first */
        for (const struct key_row *row = key_table; row->context != NULL; row++) {
            g_autofree char *keys = NULL;

            if (row->help == NULL || (strcmp (row->context, "any") == 0) == own)
                continue;
            if (strcmp (row->context, context) != 0) {
                context = row->context;
                add_wrapped (table, columns, STYLE_HEAD,
                             strcmp (context, "any") == 0 ? "everywhere" : context, "", "");
            }
            keys = keys_of (row);
            add_wrapped (table, columns, STYLE_TEXT, keys, row->command, row->help);
        }
    add_wrapped (table, columns, STYLE_HEAD, "panels", "", "");
    for (guint i = 0; i < PANEL_COUNT; i++) {
        char key[2] = { panels[i]->key, '\0' };

        add_wrapped (table, columns, STYLE_TEXT, key, panels[i]->name, panels[i]->help);
    }
    add_wrapped (table, columns, STYLE_HEAD, "after :", "", "commands of the machine");
    for (guint i = 0; i < view->model->commands->len; i++) {
        const struct command_row *row
            = &g_array_index (view->model->commands, struct command_row, i);

        add_wrapped (table, columns, STYLE_TEXT, table->column_count == 3 ? "" : row->name,
                     row->name, row->help);
    }
}

static void
help_draw (struct pane *pane, void *data, const struct view *view)
{
    struct help_state *state = data;
    g_autoptr (Table) table = table_new ();

    bool commands = pane->columns >= COMMANDS_FROM;
    int used = KEY_COLUMNS + 1 + (commands ? COMMAND_COLUMNS + 1 : 0);

    table_column (table, "key", KEY_COLUMNS);
    if (commands)
        table_column (table, "command", COMMAND_COLUMNS);
    table_column (table, "what it does", 8);
    help_rows (view, table, MAX (pane->columns - used, 8));
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
