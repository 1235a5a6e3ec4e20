/* panel_tasks: the programs' tasks, and who had the CPU when. */
#include <string.h>

#include "ui/panel.h"

#define NAME_COLUMNS 14

struct tasks_state {
    struct list list;
};

static void
tasks_table (void *data, const struct view *view, Table *table)
{
    const Snapshot *now = view->model->now;

    (void)data;
    table_column (table, "task", -4);
    table_column (table, "pid", -4);
    table_column (table, "name", 8);
    table_column (table, "state", 8);
    table_column (table, "priority", -3);
    table_column (table, "cpu", -7);
    table_column (table, "cpu %", -5);
    table_column (table, "waits for", 8);
    for (guint i = 0; i < now->tasks->len; i++) {
        const struct task_row *row = TASK (now, i);
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
draw_gantt (struct pane *pane, const struct view *view, int top)
{
    const Model *model = view->model;
    int room = MIN (pane->columns - NAME_COLUMNS, (int)HISTORY_KEPT);

    pane_put (pane, 0, 0, STYLE_HEAD, "who ran when");
    pane_put_right (pane, 0, pane->columns, STYLE_DIM, "now");
    for (int row = 1; row < pane->rows; row++) {
        guint index = (guint)(top + row - 1);
        const struct task_line *line;

        if (index >= model->now->tasks->len)
            break;
        line = line_of (model, TASK (model->now, index)->task);
        pane_print (pane, row, 0, STYLE_TEXT, "%4" G_GUINT64_FORMAT " %.8s",
                    TASK (model->now, index)->task, TASK (model->now, index)->name);
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
        draw_gantt (&gantt, view, MAX (state->list.selected - lower + 3, 0));
}

static void
tasks_move (void *data, const struct view *view, enum move move)
{
    (void)view;
    list_move (&((struct tasks_state *)data)->list, move);
}

const struct panel panel_tasks = {
    .name = "tasks",
    .title = "Tasks",
    .key = '4',
    .help = "each task, its state and its share of the CPU, and who ran when",
    .state_bytes = sizeof (struct tasks_state),
    .draw = tasks_draw,
    .move = tasks_move,
    .table = tasks_table,
};
