/* panel_tasks: the programs' tasks, and who had the CPU when. */
#include <string.h>

#include "ui/panel.h"

#define NAME_COLUMNS 14

/* What tasks may be ordered by. Numbers that tell who is busy begin with the greatest. */
enum { BY_TASK, BY_NAME, BY_STATE, BY_CPU, BY_LOAD, BY_COUNT };

static const struct {
    const char *name;
    bool downward;
} orders[] = {
    [BY_TASK] = { "task", false },   [BY_NAME] = { "name", false },
    [BY_STATE] = { "state", false }, [BY_CPU] = { "cpu", true },
    [BY_LOAD] = { "cpu %", true },
};

struct tasks_state {
    struct list list;
    unsigned by;
    bool turned;
};

static bool
is_downward (const struct tasks_state *state)
{
    return orders[state->by].downward != state->turned;
}

static int
number_compare (double left, double right)
{
    return left < right ? -1 : left > right;
}

static int
row_compare (gconstpointer a, gconstpointer b, gpointer data)
{
    const struct tasks_state *state = data;
    const struct task_row *left = *(const struct task_row *const *)a,
                          *right = *(const struct task_row *const *)b;
    int order = 0;

    switch (state->by) {
    case BY_NAME:
        order = strcmp (left->name, right->name);
        break;
    case BY_STATE:
        order = strcmp (left->state, right->state);
        break;
    case BY_CPU:
        order = number_compare ((double)left->cpu_ns, (double)right->cpu_ns);
        break;
    case BY_LOAD:
        order = number_compare (left->load, right->load);
        break;
    }
    if (order == 0 && state->by != BY_TASK)
        return number_compare ((double)left->task, (double)right->task);
    if (order == 0)
        order = number_compare ((double)left->task, (double)right->task);
    return is_downward (state) ? -order : order;
}

/* Borrowed rows, in the order that is wanted. */
static GPtrArray *
rows_in_order (struct tasks_state *state, const Snapshot *now)
{
    GPtrArray *rows = g_ptr_array_new ();

    for (guint i = 0; i < now->tasks->len; i++)
        g_ptr_array_add (rows, TASK (now, i));
    g_ptr_array_sort_with_data (rows, row_compare, state);
    return rows;
}

static void
tasks_table (void *data, const struct view *view, Table *table)
{
    const Snapshot *now = view->model->now;
    g_autoptr (GPtrArray) rows = rows_in_order (data, now);

    table_column (table, "task", -4);
    table_column (table, "pid", -4);
    table_column (table, "name", 8);
    table_column (table, "state", 8);
    table_column (table, "priority", -3);
    table_column (table, "cpu", -7);
    table_column (table, "cpu %", -5);
    table_column (table, "waits for", 8);
    for (guint i = 0; i < rows->len; i++) {
        const struct task_row *row = rows->pdata[i];
        bool running = now->running_task == row->task && row->task != 0;
        char task[24], pid[24], priority[24], cpu[16], load[16];

        g_snprintf (task, sizeof task, "%" G_GUINT64_FORMAT, row->task);
        g_snprintf (pid, sizeof pid, "%" G_GUINT64_FORMAT, row->pid);
        g_snprintf (priority, sizeof priority, "%" G_GINT64_FORMAT, row->priority);
        g_snprintf (load, sizeof load, "%.1f", row->load * 100);
        table_add (table, running ? STYLE_RUNNING : STYLE_TEXT, task, pid, row->name,
                   row->state, priority, shown_time (cpu, (double)row->cpu_ns), load,
                   running ? "\u25cf" : row->waits_for, NULL);
    }
}

static const struct task_line *
line_of (const Model *model, uint64_t task)
{
    for (guint i = 0; i < model->task_line_count; i++)
        if (model->task_lines[i].task == task)
            return &model->task_lines[i];
    return NULL;
}

/* One row for each task: the newest sample is at the right. */
static void
draw_gantt (struct pane *pane, const struct view *view, const GPtrArray *rows, int top)
{
    const Model *model = view->model;
    int room = MIN (pane->columns - NAME_COLUMNS, (int)HISTORY_KEPT);

    pane_put (pane, 0, 0, STYLE_HEAD, "who ran when");
    pane_put_right (pane, 0, pane->columns, STYLE_DIM, "now");
    for (int row = 1; row < pane->rows; row++) {
        guint index = (guint)(top + row - 1);
        const struct task_row *task;
        const struct task_line *line;

        if (index >= rows->len)
            break;
        task = rows->pdata[index];
        line = line_of (model, task->task);
        pane_print (pane, row, 0, STYLE_TEXT, "%4" G_GUINT64_FORMAT " %.8s", task->task,
                    task->name);
        for (int i = 0; i < room && line != NULL; i++) {
            uint64_t back = (uint64_t)(room - i);
            unsigned share;

            if (back > model->samples || back > HISTORY_KEPT)
                continue;
            share = line->share[(model->samples - back) % HISTORY_KEPT];
            pane_char (pane, row, NAME_COLUMNS + i, share != 0 ? STYLE_RUNNING : STYLE_DIM,
                       share == 0 ? 0xb7 : 0x2581 + share * 7 / 255);
        }
    }
}

static void
tasks_draw (struct pane *pane, void *data, const struct view *view)
{
    struct tasks_state *state = data;
    g_autoptr (Table) table = table_new ();
    g_autoptr (GPtrArray) rows = rows_in_order (state, view->model->now);
    int tasks = (int)view->model->now->tasks->len;
    int lower = pane->rows >= 6 && pane->columns > NAME_COLUMNS + 8
                    ? MIN (pane->rows / 2, tasks + 2)
                    : 0;
    struct pane upper = pane_part (pane, 0, 0, pane->rows - lower, pane->columns);
    struct pane gantt
        = pane_part (pane, pane->rows - lower + 1, 0, lower - 1, pane->columns);

    tasks_table (data, view, table);
    table_draw (table, &upper, &state->list, view->filter, view->focused);
    if (lower > 1)
        draw_gantt (&gantt, view, rows, MAX (state->list.selected - lower + 3, 0));
}

static void
tasks_move (void *data, const struct view *view, enum move move)
{
    (void)view;
    list_move (&((struct tasks_state *)data)->list, move);
}

static bool
tasks_command (void *data, const struct view *view, int argc, char **argv, GString *said)
{
    struct tasks_state *state = data;
    const char *word = argc > 1 ? argv[1] : "next";

    (void)view;
    if (strcmp (argv[0], "sort") != 0)
        return false;
    if (strcmp (word, "turn") == 0) {
        state->turned = !state->turned;
        return true;
    }
    if (strcmp (word, "next") == 0) {
        state->by = (state->by + 1) % BY_COUNT;
        return true;
    }
    for (unsigned by = 0; by < BY_COUNT; by++)
        if (strcmp (word, orders[by].name) == 0) {
            state->by = by;
            return true;
        }
    g_string_append (said, "sort by task, name, state, cpu or 'cpu %'; or next, or turn");
    return true;
}

static void
tasks_title (char *text, gsize bytes, void *data, const struct view *view)
{
    const struct tasks_state *state = data;

    (void)view;
    g_snprintf (text, bytes, "by %s%s", orders[state->by].name,
                is_downward (state) ? ", downward" : "");
}

const struct panel panel_tasks = {
    .name = "tasks",
    .title = "Tasks",
    .key = '4',
    .help = "each task, its state and its share of the CPU, and who ran when",
    .state_bytes = sizeof (struct tasks_state),
    .draw = tasks_draw,
    .title_more = tasks_title,
    .command = tasks_command,
    .move = tasks_move,
    .table = tasks_table,
};
