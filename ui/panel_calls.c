/* panel_calls: the stream of calls as they end; one of them taken apart. */
#include <string.h>

#include "ui/anatomy.h"

struct calls_state {
    struct list list;
    bool anatomy;
    bool stayed; /* before a call was taken apart */
    int anatomy_top, anatomy_rows, anatomy_page;

    /* Rows that match, as serial numbers; made longer as calls come in. */
    GArray *shown; /* of uint64_t */
    uint64_t next; /* not looked at yet */
    char *filter_text;
    uint64_t selected; /* serial of the row, while it stays */
};

static void
shown_update (struct calls_state *state, const struct view *view)
{
    const Model *model = view->model;
    const char *text = filter_text (view->filter);
    uint64_t first = model_first_call (model);
    guint gone = 0;

    if (state->shown == NULL)
        state->shown = g_array_new (FALSE, FALSE, sizeof (uint64_t));
    if (g_strcmp0 (state->filter_text, text) != 0) {
        g_free (state->filter_text);
        state->filter_text = g_strdup (text);
        g_array_set_size (state->shown, 0);
        state->next = first;
    }
    while (gone < state->shown->len && g_array_index (state->shown, uint64_t, gone) < first)
        gone++;
    if (gone != 0)
        g_array_remove_range (state->shown, 0, gone);
    for (state->next = MAX (state->next, first); state->next < model->calls_seen;
         state->next++) {
        char line[256];

        if (view->filter != NULL) {
            call_line (model_call (model, state->next), line, sizeof line);
            if (!filter_match (view->filter, line))
                continue;
        }
        g_array_append_val (state->shown, state->next);
    }
}

/* Rows move up as old ones go: the selection stays with its call. */
static void
selection_update (struct calls_state *state)
{
    if (!state->list.stay) {
        state->list.selected = (int)state->shown->len - 1;
        return;
    }
    state->list.selected = 0;
    for (guint i = 0; i < state->shown->len; i++)
        if (g_array_index (state->shown, uint64_t, i) <= state->selected)
            state->list.selected = (int)i;
}

static void
selection_note (struct calls_state *state)
{
    if (state->shown != NULL && state->list.selected >= 0
        && state->list.selected < (int)state->shown->len)
        state->selected = g_array_index (state->shown, uint64_t, state->list.selected);
}

static void
calls_columns (Table *table)
{
    table_column (table, "time ms", -8);
    table_column (table, "task", -4);
    table_column (table, "call", 27);
    table_column (table, "status", 6);
    table_column (table, "gate", 7);
    table_column (table, "total", -6);
    table_column (table, "cross", -6);
    table_column (table, "wait", -6);
    table_column (table, "bytes", -5);
    table_column (table, "what was said", 13);
    table->flexible = 3;
}

static void
calls_row (Table *table, const struct call_row *row)
{
    char when[24], task[12], bytes[24], total[16], crossing[16], wait[16];
    GString *call = g_string_new (NULL);

    g_snprintf (when, sizeof when, "%.4f", (double)row->at / 3e6);
    g_snprintf (task, sizeof task, "%u", row->task);
    g_snprintf (bytes, sizeof bytes, "%" G_GUINT64_FORMAT, row->bytes);
    for (guint i = 0; i < MIN (row->depth, 8) + (row->kind != CALL_SYSCALL); i++)
        g_string_append_c (call, ' ');
    if (row->kind == CALL_SYSCALL)
        g_string_append (call, row->op);
    else
        g_string_append_printf (call, "%s \u2192 %s %s", row->from, row->to, row->op);
    table_add (table,
               row->refused                ? STYLE_BAD
               : row->kind == CALL_SYSCALL ? STYLE_STRONG
                                           : STYLE_TEXT,
               when, task, call->str, row->status,
               row->kind == CALL_SYSCALL ? "syscall"
               : row->remote             ? "channel"
                                         : "direct",
               shown_cycles (total, (double)row->total),
               row->crossing != 0 ? shown_cycles (crossing, (double)row->crossing) : "",
               row->waited != 0 ? shown_cycles (wait, (double)row->waited) : "",
               row->bytes != 0 ? bytes : "", row->fields, NULL);
    g_string_free (call, TRUE);
}

/* Only what can be seen is made into text. */
static void
draw_stream (struct calls_state *state, struct pane *pane, const struct view *view)
{
    g_autoptr (Table) table = table_new ();
    struct list shown;
    int rows = MAX (pane->rows - 1, 1);

    shown_update (state, view);
    selection_update (state);
    list_place (&state->list, (int)state->shown->len, rows);
    selection_note (state);
    calls_columns (table);
    for (int i = 0; i < rows && state->list.top + i < state->list.count; i++)
        calls_row (table, model_call (view->model, g_array_index (state->shown, uint64_t,
                                                                  state->list.top + i)));
    shown = (struct list){ .selected = state->list.selected - state->list.top };
    table_draw (table, pane, &shown, NULL, view->focused);
    if (state->shown->len == 0)
        pane_put (pane, MIN (1, pane->rows - 1), 0, STYLE_DIM,
                  view->filter != NULL ? "no call matches" : "no call yet");
}

static void
draw_anatomy (struct calls_state *state, struct pane *pane, const struct view *view)
{
    const Model *model = view->model;

    state->anatomy_page = MAX (pane->rows - 3, 1);
    if (model->hops_problem[0] != '\0') {
        pane_put (pane, 0, 0, STYLE_BAD, model->hops_problem);
        return;
    }
    state->anatomy_top = CLAMP (state->anatomy_top, 0,
                                MAX ((int)model->hops->len - state->anatomy_page, 0));
    state->anatomy_rows = anatomy_draw (model->hops, pane, state->anatomy_top);
}

static void
calls_draw (struct pane *pane, void *data, const struct view *view)
{
    struct calls_state *state = data;

    if (state->anatomy)
        draw_anatomy (state, pane, view);
    else
        draw_stream (state, pane, view);
}

static void
calls_title (char *text, gsize bytes, void *data, const struct view *view)
{
    struct calls_state *state = data;
    char lost[16];

    if (state->anatomy) {
        g_autofree char *title = anatomy_title (view->model->hops, view->model->now);

        g_snprintf (text, bytes, "%s%s   escape closes", title,
                    view->model->hops_seen ? ", as far as seen" : "");
        return;
    }
    g_snprintf (text, bytes, "%s%s%s", list_says (&state->list),
                view->model->calls_lost != 0 ? ", left out: " : "",
                view->model->calls_lost != 0
                    ? shown_number (lost, (double)view->model->calls_lost)
                    : "");
}

static void
calls_move (void *data, const struct view *view, enum move move)
{
    struct calls_state *state = data;

    (void)view;
    if (state->anatomy) {
        struct list list = { .selected = state->anatomy_top,
                             .count = state->anatomy_rows,
                             .page = state->anatomy_page };

        list_move (&list, move);
        state->anatomy_top = list.selected;
        return;
    }
    list_move (&state->list, move);
    selection_note (state);
}

/* "anatomy" alone asks the dashboard to fetch the selected call. */
static bool
calls_command (void *data, const struct view *view, int argc, char **argv, GString *said)
{
    struct calls_state *state = data;

    (void)view;
    (void)argc;
    if (list_command (&state->list, argv[0]))
        return true;
    if (strcmp (argv[0], "anatomy") == 0) {
        const struct call_row *row = model_call (view->model, state->selected);

        if (row == NULL || state->shown == NULL || state->shown->len == 0) {
            g_string_assign (said, "no call is selected");
            return true;
        }
        state->stayed = state->list.stay;
        state->list.stay = true;
        state->anatomy = true;
        state->anatomy_top = 0;
        g_string_printf (said, "calls call=%" G_GUINT64_FORMAT, row->call);
    } else if (strcmp (argv[0], "back") == 0 && state->anatomy) {
        state->anatomy = false;
        state->list.stay = state->stayed;
    } else {
        return false;
    }
    return true;
}

static void
calls_table (void *data, const struct view *view, Table *table)
{
    struct calls_state *state = data;

    if (state->anatomy) {
        anatomy_table (view->model->hops, table);
        return;
    }
    shown_update (state, view);
    calls_columns (table);
    for (guint i = 0; i < state->shown->len; i++)
        calls_row (table,
                   model_call (view->model, g_array_index (state->shown, uint64_t, i)));
}

static bool
calls_wants_calls (const void *data)
{
    (void)data;
    return true;
}

static void
calls_clear (void *data)
{
    struct calls_state *state = data;

    if (state->shown != NULL)
        g_array_unref (state->shown);
    g_free (state->filter_text);
}

const struct panel panel_calls = {
    .name = "calls",
    .title = "Calls",
    .key = '3',
    .help = "every call between components and every system call, when it ends; enter "
            "takes one apart",
    .state_bytes = sizeof (struct calls_state),
    .draw = calls_draw,
    .title_more = calls_title,
    .move = calls_move,
    .command = calls_command,
    .table = calls_table,
    .clear = calls_clear,
    .wants_calls = calls_wants_calls,
};
