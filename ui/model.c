#include "ui/model.h"

#include <string.h>
#include <time.h>

#include "ui/mark.h"

#define TERM_ROWS    24
#define TERM_COLUMNS 80
#define WINDOW_US    1000000 /* rates are those of the last second */

static void
log_free (gpointer row)
{
    g_free (((struct log_row *)row)->text);
    g_free (row);
}

static void
action_free (gpointer data)
{
    struct action_row *row = data;

    g_free (row->command);
    g_free (row->result);
    g_free (row);
}

static void
command_clear (gpointer data)
{
    struct command_row *row = data;

    g_free (row->help);
    g_ptr_array_unref (row->arguments);
}

Model *
model_new (void)
{
    Model *model = g_new0 (Model, 1);

    model->now = snapshot_new (NULL);
    model->calls = g_new0 (struct call_row, CALLS_KEPT);
    model->hops = g_array_new (FALSE, FALSE, sizeof (struct call_row));
    model->log = g_ptr_array_new_with_free_func (log_free);
    model->actions = g_ptr_array_new_with_free_func (action_free);
    model->commands = g_array_new (FALSE, TRUE, sizeof (struct command_row));
    g_array_set_clear_func (model->commands, command_clear);
    model->recent = mark_recent_new ();
    model->term = term_new (TERM_ROWS, TERM_COLUMNS);
    model->reason = g_strdup ("");
    model->report = g_strdup ("");
    model->moved_from = model->moved_to = -1;
    model->next_from = model->next_to = -1;
    model->connected = true;
    g_queue_init (&model->before);
    return model;
}

void
model_free (Model *model)
{
    snapshot_unref (model->now);
    while (!g_queue_is_empty (&model->before))
        snapshot_unref (g_queue_pop_head (&model->before));
    g_free (model->calls);
    g_array_unref (model->hops);
    g_ptr_array_unref (model->log);
    g_ptr_array_unref (model->actions);
    g_array_unref (model->commands);
    g_array_unref (model->recent);
    if (model->term != NULL)
        term_free (model->term);
    g_free (model->reason);
    g_free (model->report);
    g_free (model);
}

/* ---- snapshots ---- */

static struct task_line *
line_of (Model *model, const struct task_row *task)
{
    struct task_line *line;

    for (guint i = 0; i < model->task_line_count; i++)
        if (model->task_lines[i].task == task->task)
            return &model->task_lines[i];
    if (model->task_line_count == TASK_LINES) { /* the oldest gives way */
        memmove (model->task_lines, model->task_lines + 1,
                 (TASK_LINES - 1) * sizeof model->task_lines[0]);
        model->task_line_count--;
    }
    line = &model->task_lines[model->task_line_count++];
    *line = (struct task_line){ .task = task->task };
    return line;
}

/* Shares are those since the snapshot just before, not of the whole window. */
static void
sample (Model *model, const Snapshot *last)
{
    const Snapshot *now = model->now;
    guint at = (guint)(model->samples % HISTORY_KEPT);
    double passed = now->virtual_ns > last->virtual_ns
                        ? (double)(now->virtual_ns - last->virtual_ns)
                        : 0;

    if (passed <= 0 && now->state != MACHINE_RUNNING)
        return;
    model->call_history[at]
        = passed > 0 ? (double)(now->calls - last->calls) * 1e9 / passed : 0;
    model->crossing_history[at]
        = passed > 0 ? (double)(now->crossings - last->crossings) * 1e9 / passed : 0;
    for (guint i = 0; i < model->task_line_count; i++)
        model->task_lines[i].share[at] = 0;
    for (guint i = 0; i < now->tasks->len; i++) {
        const struct task_row *task = TASK (now, i);
        struct task_line *line = line_of (model, task);
        uint64_t before = 0;

        g_strlcpy (line->name, task->name, sizeof line->name);
        for (guint j = 0; j < last->tasks->len; j++)
            if (TASK (last, j)->task == task->task)
                before = TASK (last, j)->cpu_ns;
        if (passed > 0 && task->cpu_ns > before)
            line->share[at]
                = (uint8_t)CLAMP ((double)(task->cpu_ns - before) * 255 / passed, 1, 255);
    }
    model->samples++;
}

bool
model_moving (const Model *model, gint64 now_us)
{
    return model->moved_from >= 0 && model->moved_to >= 0
           && now_us - model->moved_at < MOVING_US;
}

void
model_move_on (Model *model, gint64 now_us)
{
    if (model_moving (model, now_us) || model->next_from < 0 || model->next_to < 0)
        return;
    model->moved_from = model->next_from;
    model->moved_to = model->next_to;
    model->moved_at = now_us;
    model->next_from = model->next_to = -1;
}

/* Calls can be followed with the eye. */
static bool
is_slow (const Model *model)
{
    return model->state == MACHINE_PAUSED
           || (model->now->speed > 0 && model->now->speed < 0.001);
}

void
model_snapshot (Model *model, const json_t *data)
{
    Snapshot *last = model->now;
    const Snapshot *oldest;

    model->now = snapshot_new (data);
    if (model->now->virtual_ns < last->virtual_ns || model->now->calls < last->calls) {
        while (!g_queue_is_empty (&model->before)) /* another boot */
            snapshot_unref (g_queue_pop_head (&model->before));
    } else if (model->has_snapshot) {
        sample (model, last);
    }
    g_queue_push_head (&model->before, last);
    while (model->before.length > 1) {
        const Snapshot *old = g_queue_peek_tail (&model->before);

        if (model->before.length <= 16
            && old->host_ns + WINDOW_US * 1000ull >= model->now->host_ns)
            break;
        snapshot_unref (g_queue_pop_tail (&model->before));
    }
    oldest = g_queue_peek_tail (&model->before);
    if (oldest != NULL && oldest->host_ns != 0)
        snapshot_rates (model->now,
                        model->now->virtual_ns > oldest->virtual_ns ? oldest : last);
    if (model->now->host_ns > last->host_ns && last->host_ns != 0
        && model->now->board_cpu_ns >= last->board_cpu_ns)
        model->board_load = (double)(model->now->board_cpu_ns - last->board_cpu_ns)
                            / (double)(model->now->host_ns - last->host_ns);
    mark_recent (model);
    model->has_snapshot = true;
    model->state = model->now->state;
}

/* ---- calls ---- */

static uint64_t
number (const json_t *row, const char *key)
{
    return (uint64_t)json_integer_value (json_object_get (row, key));
}

static void
copy (char *to, size_t bytes, const json_t *row, const char *key)
{
    const char *text = json_string_value (json_object_get (row, key));

    g_strlcpy (to, text != NULL ? text : "", bytes);
}

static uint8_t
kind_of (const char *word)
{
    static const char *const kinds[] = { "", "call", "syscall", "upcall", "task" };

    for (uint8_t i = CALL_CALL; i < G_N_ELEMENTS (kinds); i++)
        if (word != NULL && strcmp (word, kinds[i]) == 0)
            return i;
    return CALL_OTHER;
}

static void
read_call (struct call_row *to, const json_t *row)
{
    const char *gate = json_string_value (json_object_get (row, "gate"));

    *to = (struct call_row){ .number = number (row, "n"),
                             .at = number (row, "at"),
                             .total = number (row, "total"),
                             .waited = number (row, "waited"),
                             .nested = number (row, "nested"),
                             .crossing = number (row, "crossing"),
                             .copy = number (row, "copy"),
                             .work = number (row, "work"),
                             .bytes = number (row, "bytes"),
                             .call = number (row, "call"),
                             .task = (uint32_t)number (row, "task"),
                             .depth = (uint32_t)MIN (number (row, "depth"), 200),
                             .kind
                             = kind_of (json_string_value (json_object_get (row, "kind"))),
                             .remote = gate != NULL && strcmp (gate, "channel") == 0 };
    copy (to->from, sizeof to->from, row, "from");
    copy (to->to, sizeof to->to, row, "to");
    copy (to->op, sizeof to->op, row, "op");
    copy (to->status, sizeof to->status, row, "status");
    copy (to->fields, sizeof to->fields, row, "fields");
    if (to->kind == CALL_SYSCALL) {
        uint64_t error = number (row, "errno");

        if (error != 0)
            g_snprintf (to->status, sizeof to->status, "errno %u", (unsigned)error);
        else
            g_strlcpy (to->status, "OK", sizeof to->status);
    }
    to->refused = to->status[0] != '\0' && strcmp (to->status, "OK") != 0;
}

uint64_t
model_first_call (const Model *model)
{
    return model->calls_seen > CALLS_KEPT ? model->calls_seen - CALLS_KEPT : 0;
}

const struct call_row *
model_call (const Model *model, uint64_t serial)
{
    if (serial >= model->calls_seen || serial < model_first_call (model))
        return NULL;
    return &model->calls[serial % CALLS_KEPT];
}

void
call_line (const struct call_row *row, char *line, size_t bytes)
{
    static const char *const kinds[] = { "other", "call", "syscall", "upcall", "task" };

    g_snprintf (line, bytes,
                "from:%s to:%s op:%s status:%s task:%u call:%" G_GUINT64_FORMAT
                " gate:%s kind:%s",
                row->from, row->to, row->op, row->status, row->task, row->call,
                row->remote ? "channel" : "direct", kinds[row->kind]);
}

static void
add_call (Model *model, const json_t *row)
{
    struct call_row *to = &model->calls[model->calls_seen % CALLS_KEPT];

    read_call (to, row);
    to->serial = model->calls_seen++;
}

static void
add_calls (Model *model, const json_t *rows, uint64_t lost, gint64 now_us)
{
    const struct call_row *last;
    const json_t *row;
    size_t i;

    model->calls_lost += lost;
    json_array_foreach (rows, i, row)
        add_call (model, row);
    last = model->calls_seen != 0 ? model_call (model, model->calls_seen - 1) : NULL;
    if (json_array_size (rows) == 0 || last == NULL)
        return;
    if (is_slow (model)) {
        model->next_from = snapshot_component (model->now, last->from);
        model->next_to = snapshot_component (model->now, last->to);
        model_move_on (model, now_us);
    }
}

void
model_calls_before (Model *model, const json_t *rows)
{
    uint64_t newest = 0;
    const json_t *row;
    size_t i;

    if (model->calls_seen != 0)
        newest = model_call (model, model->calls_seen - 1)->number;
    json_array_foreach (rows, i, row)
        if (number (row, "n") > newest)
            add_call (model, row);
}

void
model_hops (Model *model, uint64_t call, const json_t *rows)
{
    const json_t *row;
    size_t i;

    g_array_set_size (model->hops, 0);
    model->hops_call = call;
    model->hops_problem[0] = '\0';
    json_array_foreach (rows, i, row)
    {
        struct call_row hop;

        read_call (&hop, row);
        if (hop.call == call)
            g_array_append_val (model->hops, hop);
    }
    model->hops_seen = model->hops->len == 0;
    if (model->hops_seen) /* the rings have gone on: what has come by here is left */
        for (uint64_t serial = model_first_call (model); serial < model->calls_seen; serial++)
            if (model_call (model, serial)->call == call)
                g_array_append_val (model->hops, *model_call (model, serial));
    if (model->hops->len == 0)
        g_strlcpy (model->hops_problem, "nobody remembers this call any more",
                   sizeof model->hops_problem);
}

/* ---- log, state, actions ---- */

static void
add_log (Model *model, const json_t *data)
{
    const char *text = json_string_value (json_object_get (data, "text"));
    struct log_row *row;

    if (text == NULL)
        return;
    row = g_new0 (struct log_row, 1);
    row->at = number (data, "at");
    row->text = g_strdup (text);
    g_strchomp (row->text);
    g_ptr_array_add (model->log, row);
    if (model->log->len > LOG_KEPT)
        g_ptr_array_remove_range (model->log, 0, LOG_KEPT / 8);
    model->log_changed++;
}

static void
set_state (Model *model, const json_t *data)
{
    static const char *const names[] = { "running", "paused", "dead", "ended" };
    const char *state = json_string_value (json_object_get (data, "state"));
    const char *reason = json_string_value (json_object_get (data, "reason"));
    const char *report = json_string_value (json_object_get (data, "report"));
    enum machine_state before = model->state;

    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        if (state != NULL && strcmp (state, names[i]) == 0)
            model->state = (enum machine_state)i;
    g_free (model->reason);
    model->reason = g_strdup (reason != NULL ? reason : "");
    if (model->state != before) {
        model->report_seen = false;
        if (model->state == MACHINE_RUNNING && before == MACHINE_DEAD
            && model->term != NULL)
            term_reset (model->term);
    }
    if (report != NULL || model->state < MACHINE_DEAD) {
        g_free (model->report);
        model->report = g_strdup (report != NULL ? report : "");
    }
    model->exit_status = (int)number (data, "status");
}

static void
set_domain (Model *model, const json_t *data)
{
    const char *domain = json_string_value (json_object_get (data, "domain"));
    const char *state = json_string_value (json_object_get (data, "state"));
    const char *report = json_string_value (json_object_get (data, "report"));
    g_autofree char *text = NULL;
    g_autofree char *first_line = NULL;

    if (domain == NULL || state == NULL)
        return;
    first_line = g_strndup (report != NULL ? report : "",
                            report != NULL ? strcspn (report, "\n") : 0);
    text = g_strdup_printf ("%s %s", domain,
                            strcmp (state, "dead") == 0 ? "has died" : "is back");
    model_action (model, "machine", text, -1);
    if (strcmp (state, "dead") != 0)
        mark_keep (model, domain, true, DOING_RESTARTING);
    if (first_line[0] != '\0') {
        struct action_row *row
            = g_ptr_array_index (model->actions, model->actions->len - 1);

        row->result = g_strdup (first_line);
    }
}

/* Whoever wanted it: a key here, another viewer, a rule of the machine file. */
static void
set_moved (Model *model, const json_t *data)
{
    const char *component = json_string_value (json_object_get (data, "component"));
    const char *to = json_string_value (json_object_get (data, "to"));
    const char *reason = json_string_value (json_object_get (data, "reason"));
    const char *failed = json_string_value (json_object_get (data, "failed"));
    const char *note = json_string_value (json_object_get (data, "note"));
    g_autofree char *text = NULL;
    struct action_row *row;

    if (component == NULL || to == NULL)
        return;
    text = g_strdup_printf ("%s %s to %s%s%s", component,
                            failed != NULL ? "did not move" : "moved", to,
                            reason != NULL && *reason != '\0' ? ": " : "",
                            reason != NULL ? reason : "");
    row = model_action (model, "machine", text, -1);
    row->refused = failed != NULL;
    if (failed != NULL || note != NULL)
        row->result = g_strdup (failed != NULL ? failed : note);
    if (failed == NULL)
        mark_keep (model, component, false, DOING_MOVING);
}

struct action_row *
model_action (Model *model, const char *by, const char *command, json_int_t id)
{
    struct action_row *row = g_new0 (struct action_row, 1);
    time_t now = time (NULL);
    struct tm parts;

    localtime_r (&now, &parts);
    strftime (row->clock, sizeof row->clock, "%H:%M:%S", &parts);
    g_strlcpy (row->by, by, sizeof row->by);
    row->command = g_strdup (command);
    row->id = id;
    g_ptr_array_add (model->actions, row);
    if (model->actions->len > ACTIONS_KEPT)
        g_ptr_array_remove_range (model->actions, 0, ACTIONS_KEPT / 8);
    return row;
}

void
model_action_result (Model *model, json_int_t id, bool refused, const char *result)
{
    for (guint i = model->actions->len; i-- > 0;) {
        struct action_row *row = g_ptr_array_index (model->actions, i);

        if (row->id != id || id < 0)
            continue;
        g_free (row->result);
        row->result = g_strdup (result);
        row->refused = refused;
        return;
    }
}

/* Actions of other viewers and of scripts; our own are there already. */
static void
add_action (Model *model, const json_t *data, json_int_t own_pid)
{
    const char *by = json_string_value (json_object_get (data, "by"));
    const char *text = json_string_value (json_object_get (data, "text"));
    g_autofree char *own = g_strdup_printf ("pid %" JSON_INTEGER_FORMAT, own_pid);

    if (text == NULL)
        text = json_string_value (json_object_get (data, "command"));
    if (by == NULL || text == NULL || strcmp (by, own) == 0)
        return;
    model_action (model, by, text, -1)->result = g_strdup ("done");
}

/* ---- the socket's own commands ---- */

void
model_commands (Model *model, const json_t *rows)
{
    const json_t *row, *argument;
    size_t i, j;

    if (json_is_object (rows))
        rows = json_object_get (rows, "commands");
    g_array_set_size (model->commands, 0);
    json_array_foreach (rows, i, row)
    {
        const char *help = json_string_value (json_object_get (row, "help"));
        struct command_row to
            = { .changes = json_is_true (json_object_get (row, "changes")),
                .help = g_strdup (help != NULL ? help : "") };

        copy (to.name, sizeof to.name, row, "name");
        to.arguments = g_ptr_array_new_with_free_func (g_free);
        json_array_foreach (json_object_get (row, "arguments"), j, argument)
        {
            struct argument_row *of = g_new0 (struct argument_row, 1);

            copy (of->name, sizeof of->name, argument, "name");
            copy (of->type, sizeof of->type, argument, "type");
            of->required = json_is_true (json_object_get (argument, "required"));
            g_ptr_array_add (to.arguments, of);
        }
        g_array_append_val (model->commands, to);
    }
}

const struct command_row *
model_command (const Model *model, const char *name)
{
    for (guint i = 0; i < model->commands->len; i++) {
        const struct command_row *row
            = &g_array_index (model->commands, struct command_row, i);

        if (strcmp (row->name, name) == 0)
            return row;
    }
    return NULL;
}

/* ---- events ---- */

static void
console (Model *model, const json_t *line)
{
    const char *text = json_string_value (json_object_get (line, "data"));
    g_autofree guchar *bytes = NULL;
    gsize count;

    if (text == NULL || model->term == NULL)
        return;
    bytes = g_base64_decode (text, &count);
    term_write (model->term, bytes, count);
}

void
model_event (Model *model, const json_t *line, gint64 now_us)
{
    const char *event = json_string_value (json_object_get (line, "event"));
    const json_t *data = json_object_get (line, "data");

    if (event == NULL)
        return;
    if (strcmp (event, "stats") == 0)
        model_snapshot (model, data);
    else if (strcmp (event, "calls") == 0)
        add_calls (model, data, number (line, "lost"), now_us);
    else if (strcmp (event, "console") == 0)
        console (model, line);
    else if (strcmp (event, "log") == 0)
        add_log (model, data);
    else if (strcmp (event, "state") == 0)
        set_state (model, data);
    else if (strcmp (event, "domain") == 0)
        set_domain (model, data);
    else if (strcmp (event, "move") == 0)
        set_moved (model, data);
    else if (strcmp (event, "action") == 0)
        add_action (model, data, model->own_pid);
}
