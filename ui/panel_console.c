/* panel_console: the guest's terminal. While somebody types into it, every key but the
 * prefix belongs to the guest. */
#include <string.h>

#include "ui/panel.h"

struct console_state {
    int back; /* lines scrolled back */
    int page;
};

static void
console_draw (struct pane *pane, void *data, const struct view *view)
{
    struct console_state *state = data;

    state->page = pane->rows;
    if (view->model->term == NULL) {
        pane_put (pane, 0, 0, STYLE_DIM,
                  "this build has no terminal: it was made without libvterm");
        return;
    }
    if (view->typing)
        state->back = 0;
    state->back = term_draw (view->model->term, pane, state->back, view->typing);
    if (state->back > 0) {
        char text[32];

        g_snprintf (text, sizeof text, " %d lines back ", state->back);
        pane_put_right (pane, 0, pane->columns, STYLE_ASK, text);
    }
}

static void
console_title (char *text, gsize bytes, void *data, const struct view *view)
{
    (void)data;
    g_strlcpy (text,
               view->typing    ? "^A leaves"
               : view->focused ? "enter types, ^A leaves"
                               : "2 types, ^A leaves",
               bytes);
}

static void
console_move (void *data, const struct view *view, enum move move)
{
    struct console_state *state = data;
    int most
        = view->model->term != NULL ? term_history (view->model->term) + state->page : 0;
    int page = MAX (state->page - 1, 1);

    switch (move) {
    case MOVE_UP:
        state->back++;
        break;
    case MOVE_DOWN:
        state->back--;
        break;
    case MOVE_PAGE_UP:
        state->back += page;
        break;
    case MOVE_PAGE_DOWN:
        state->back -= page;
        break;
    case MOVE_HOME:
        state->back = most;
        break;
    case MOVE_END:
        state->back = 0;
        break;
    case MOVE_LEFT:
    case MOVE_RIGHT:
        break;
    }
    state->back = CLAMP (state->back, 0, MAX (most, 0));
}

static bool
console_command (void *data, const struct view *view, int argc, char **argv, GString *said)
{
    struct console_state *state = data;

    (void)view;
    (void)argc;
    (void)said;
    if (strcmp (argv[0], "back") != 0 || state->back == 0)
        return false;
    state->back = 0;
    return true;
}

static void
console_table (void *data, const struct view *view, Table *table)
{
    g_autofree char *text
        = view->model->term != NULL ? term_text (view->model->term) : g_strdup ("");
    g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

    (void)data;
    table_column (table, "console", 1);
    for (char **line = lines; *line != NULL && (line[1] != NULL || **line != '\0'); line++)
        table_add (table, STYLE_TEXT, *line, NULL);
}

const struct panel panel_console = {
    .name = "console",
    .title = "Console",
    .key = '2',
    .help = "the machine's own terminal, with what has scrolled away",
    .state_bytes = sizeof (struct console_state),
    .draw = console_draw,
    .title_more = console_title,
    .move = console_move,
    .command = console_command,
    .table = console_table,
};
