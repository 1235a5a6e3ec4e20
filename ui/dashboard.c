#include "ui/dashboard.h"

#include <stdarg.h>
#include <string.h>

#define MESSAGE_US   6000000
#define WISH_US      1000000 /* a snapshot that is older than a command comes within this */
#define TYPE_AT_ONCE 4096u
#define TYPED_MOST   (4u << 20)
#define CALLS_LIMIT  64
#define CALLS_BEFORE 256

struct request {
    enum request_kind kind;
    uint64_t call; /* HOPS */
    char *shown;
};

static void
request_free (gpointer data)
{
    g_free (((struct request *)data)->shown);
    g_free (data);
}

Dashboard *
dashboard_new (Model *model, bool readonly, struct dashboard_host host)
{
    Dashboard *dashboard = g_new0 (Dashboard, 1);

    dashboard->guest = PANEL_COUNT;

    dashboard->model = model;
    dashboard->readonly = readonly;
    dashboard->host = host;
    dashboard->typed = g_byte_array_new ();
    dashboard->requests
        = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, request_free);
    dashboard->changed = true;
    edit_init (&dashboard->command_edit);
    edit_init (&dashboard->filter_edit);
    for (guint i = 0; i < PANEL_COUNT; i++)
        dashboard->states[i] = g_malloc0 (panels[i]->state_bytes + 1);
    if (readonly)
        dashboard_send (dashboard,
                        json_pack ("{s:s, s:b}", "command", "hello", "readonly", 1),
                        REQUEST_SILENT, NULL);
    dashboard_send (dashboard, json_pack ("{s:s}", "command", "help"), REQUEST_HELP, NULL);
    dashboard_send (dashboard,
                    json_pack ("{s:s, s:i, s:b, s:b, s:b}", "command", "subscribe", "stats",
                               125, "console", 1, "log", 1, "state", 1),
                    REQUEST_SILENT, NULL);
    return dashboard;
}

void
dashboard_free (Dashboard *dashboard)
{
    for (guint i = 0; i < PANEL_COUNT; i++) {
        if (panels[i]->clear != NULL)
            panels[i]->clear (dashboard->states[i]);
        g_free (dashboard->states[i]);
        filter_free (dashboard->filters[i]);
    }
    edit_clear (&dashboard->command_edit);
    edit_clear (&dashboard->filter_edit);
    g_free (dashboard->filter_before);
    g_free (dashboard->question);
    g_free (dashboard->question_command);
    g_free (dashboard->message);
    g_byte_array_unref (dashboard->typed);
    g_hash_table_unref (dashboard->requests);
    g_free (dashboard);
}

/* ---- to the socket and back ---- */

json_int_t
dashboard_send (Dashboard *dashboard, json_t *request, enum request_kind kind,
                const char *shown)
{
    uint64_t call = (uint64_t)json_integer_value (json_object_get (request, "call"));
    json_int_t id = dashboard->host.send (request, dashboard->host.user);
    struct request *waiting = g_new0 (struct request, 1);
    gint64 key = id;

    waiting->kind = kind;
    waiting->call = call;
    waiting->shown = g_strdup (shown);
    g_hash_table_replace (dashboard->requests, g_memdup2 (&key, sizeof key), waiting);
    if (shown != NULL)
        model_action (dashboard->model, "you", shown, id);
    return id;
}

/* One part of a result; what is empty says nothing, and times are as people read them. */
static void
part_append (GString *text, const char *key, const json_t *value)
{
    g_autofree char *name = g_strdup (key);
    const char *words     = json_string_value (value);
    char *dumped, time[16];

    if (words != NULL && *words == '\0')
        return;
    if (json_is_number (value) && g_str_has_suffix (name, "_ns")) {
        name[strlen (name) - strlen ("_ns")] = '\0';
        words                                = shown_time (time, json_number_value (value));
    }
    dumped = words == NULL ? json_dumps (value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    g_string_append_printf (text, "%s%s=%s", text->len != 0 ? " " : "", name,
                            words != NULL    ? words
                            : dumped != NULL ? dumped
                                             : "");
    free (dumped);
}

/* A result in one line, for people: first what the machine wants them to note. */
static char *
result_text (const json_t *result)
{
    GString *text = g_string_new (NULL);
    const char *note = json_string_value (json_object_get (result, "note"));
    const json_t *value;
    const char *key;

    if (note != NULL)
        g_string_append (text, note);
    if (json_is_object (result)) {
        json_object_foreach ((json_t *)result, key, value)
            if (strcmp (key, "note") != 0)
                part_append (text, key, value);
    } else if (result != NULL && !json_is_null (result)) {
        char *dumped = json_dumps (result, JSON_COMPACT | JSON_ENCODE_ANY);

        g_string_append (text, dumped != NULL ? dumped : "");
        free (dumped);
    }
    if (text->len == 0)
        g_string_append (text, "done");
    if (text->len > 2000)
        g_string_truncate (text, 2000);
    g_strdelimit (text->str, "\n\r\t", ' ');
    {
        char *valid = g_utf8_make_valid (text->str, -1);

        g_string_free (text, TRUE);
        return valid;
    }
}

static void
typing_answer (Dashboard *dashboard, bool ok, const json_t *result, const char *error)
{
    guint taken = dashboard->typing_taken;

    dashboard->typing_sent = false;
    if (!ok) {
        g_byte_array_set_size (dashboard->typed, 0);
        dashboard_say (dashboard, true, "%s", error);
        return;
    }
    if (json_is_integer (json_object_get (result, "taken")))
        taken = (guint)CLAMP (json_integer_value (json_object_get (result, "taken")), 0,
                              taken);
    g_byte_array_remove_range (dashboard->typed, 0, MIN (taken, dashboard->typed->len));
}

static void
answer (Dashboard *dashboard, const json_t *line)
{
    gint64 id = json_integer_value (json_object_get (line, "id"));
    const struct request *wanted = g_hash_table_lookup (dashboard->requests, &id);
    bool ok = json_is_true (json_object_get (line, "ok"));
    const json_t *result = json_object_get (line, "result");
    const char *error = json_string_value (json_object_get (line, "error"));

    if (wanted == NULL)
        return;
    if (error == NULL)
        error = "refused, without a reason";
    if (wanted->kind == REQUEST_HELP && ok) {
        model_commands (dashboard->model, result);
    } else if (wanted->kind == REQUEST_CALLS && ok) {
        model_calls_before (dashboard->model, result);
    } else if (wanted->kind == REQUEST_HOPS) {
        model_hops (dashboard->model, wanted->call, ok ? result : NULL);
        if (!ok)
            g_strlcpy (dashboard->model->hops_problem, error,
                       sizeof dashboard->model->hops_problem);
    } else if (wanted->kind == REQUEST_TYPE) {
        typing_answer (dashboard, ok, result, error);
    } else if (wanted->kind == REQUEST_END && ok) {
        dashboard->leave = true;
    } else if (wanted->kind == REQUEST_ACTION || wanted->kind == REQUEST_END) {
        g_autofree char *text = ok ? result_text (result) : g_strdup (error);

        model_action_result (dashboard->model, id, !ok, text);
        if (wanted->shown != NULL)
            dashboard_say (dashboard, !ok, "%s: %s", wanted->shown, text);
    }
    g_hash_table_remove (dashboard->requests, &id);
}

static void
greet (Dashboard *dashboard, const json_t *line)
{
    const char *machine = json_string_value (json_object_get (line, "machine"));

    dashboard->model->board_pid = json_integer_value (json_object_get (line, "pid"));
    g_snprintf (dashboard->model->socket_name, sizeof dashboard->model->socket_name,
                "%s.%" G_GINT64_FORMAT, machine != NULL ? machine : "machine",
                (gint64)dashboard->model->board_pid);
}

void
dashboard_line (Dashboard *dashboard, const json_t *line)
{
    const char *event = json_string_value (json_object_get (line, "event"));

    dashboard->changed = true;
    if (event != NULL)
        model_event (dashboard->model, line, dashboard->now_us);
    else if (json_object_get (line, "hello") != NULL)
        greet (dashboard, line);
    else
        answer (dashboard, line);
}

/* ---- */

void
dashboard_say (Dashboard *dashboard, bool bad, const char *format, ...)
{
    va_list arguments;

    g_free (dashboard->message);
    va_start (arguments, format);
    dashboard->message = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    dashboard->message_bad = bad;
    dashboard->message_until = dashboard->now_us + MESSAGE_US;
    dashboard->changed = true;
}

void
dashboard_ask (Dashboard *dashboard, const char *command, const char *format, ...)
{
    va_list arguments;

    g_free (dashboard->question);
    g_free (dashboard->question_command);
    va_start (arguments, format);
    dashboard->question = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    dashboard->question_command = g_strdup (command);
    dashboard->question_quit = false;
}

struct view
dashboard_view (const Dashboard *dashboard, enum panel_id panel)
{
    return (struct view){ .model = dashboard->model,
                          .filter = dashboard->filters[panel],
                          .focused = dashboard->focus == panel,
                          .typing = dashboard->focus == panel && dashboard->typing,
                          .now_us = dashboard->now_us,
                          .layout = layout_names[dashboard->layout],
                          .theme = theme_names[dashboard->theme],
                          .symbols = symbols_names[dashboard->symbols] };
}

void
dashboard_focus (Dashboard *dashboard, enum panel_id panel)
{
    if (panel == PANEL_help && dashboard->focus != PANEL_help)
        dashboard->before_help = dashboard->focus;
    if (panel != PANEL_help) /* that has the whole screen */
        dashboard->guest
            = layout_guest (dashboard->layout, dashboard->columns, panel, dashboard->guest);
    dashboard->focus = panel;
    dashboard->typing = false;
}

double
dashboard_speed (const Dashboard *dashboard)
{
    return dashboard->now_us < dashboard->speed_until ? dashboard->speed_wished
                                                      : dashboard->model->now->speed;
}

void
dashboard_wish_speed (Dashboard *dashboard, double speed)
{
    dashboard->speed_wished = speed;
    dashboard->speed_until = dashboard->now_us + WISH_US;
}

bool
dashboard_covered (const Dashboard *dashboard)
{
    return dashboard->model->state == MACHINE_DEAD && !dashboard->model->report_seen;
}

enum panel_id
dashboard_front (const Dashboard *dashboard)
{
    return dashboard_covered (dashboard) ? PANEL_structure : dashboard->focus;
}

const char *
dashboard_context (const Dashboard *dashboard)
{
    return dashboard_covered (dashboard) ? "panic" : panels[dashboard->focus]->name;
}

/* ---- keys ---- */

static void
key_question (Dashboard *dashboard, ui_key key)
{
    g_autofree char *command = NULL;

    if (key == 'y' || key == 'Y' || (dashboard->question_quit && key == 'q')
        || key == UI_KEY_ENTER)
        command = g_steal_pointer (&dashboard->question_command);
    else if (dashboard->question_quit && (key == 'd' || key == 'D'))
        command = g_strdup ("detach");
    else if (key != 'n' && key != 'N' && key != UI_KEY_ESCAPE
             && key != UI_KEY_CONTROL ('C'))
        return;
    g_clear_pointer (&dashboard->question, g_free);
    g_clear_pointer (&dashboard->question_command, g_free);
    if (command != NULL)
        dashboard_run (dashboard, command);
}

static void
set_filter (Dashboard *dashboard, enum panel_id panel, const char *text)
{
    filter_free (dashboard->filters[panel]);
    dashboard->filters[panel] = filter_new (text);
}

static void
key_prompt (Dashboard *dashboard, ui_key key)
{
    bool filter = dashboard->prompt == PROMPT_FILTER;
    struct edit *edit = filter ? &dashboard->filter_edit : &dashboard->command_edit;
    enum edit_result done
        = edit_key (edit, key, filter ? NULL : dashboard_complete, dashboard);

    if (filter)
        set_filter (dashboard, dashboard->focus,
                    done == EDIT_CANCELLED ? dashboard->filter_before : edit->line->str);
    if (done == EDIT_MORE)
        return;
    dashboard->prompt = PROMPT_NONE;
    if (done == EDIT_DONE)
        edit_remember (edit);
    if (done == EDIT_DONE && !filter) {
        g_autofree char *line = g_strdup (edit->line->str);

        dashboard_run (dashboard, line);
    }
}

static void
key_typing (Dashboard *dashboard, ui_key key)
{
    if (key == UI_KEY_CONTROL ('A')) {
        dashboard->typing = false;
        return;
    }
    if (dashboard->model->term != NULL && dashboard->typed->len < TYPED_MOST)
        term_key (dashboard->model->term, key, dashboard->typed);
}

void
dashboard_key (Dashboard *dashboard, ui_key key)
{
    const struct key_row *row;

    dashboard->changed = true;
    if (dashboard->question != NULL) {
        key_question (dashboard, key);
        return;
    }
    if (dashboard->prompt != PROMPT_NONE) {
        key_prompt (dashboard, key);
        return;
    }
    if (dashboard->typing && !dashboard_covered (dashboard)) {
        key_typing (dashboard, key);
        return;
    }
    g_clear_pointer (&dashboard->message, g_free);
    row = key_find (dashboard_context (dashboard), key);
    if (row != NULL)
        dashboard_run (dashboard, row->command);
}

/* ---- time ---- */

/* One piece at a time: the machine says when it has taken it. */
static void
send_typed (Dashboard *dashboard)
{
    GByteArray *answers;
    guint count;

    if (dashboard->model->term == NULL)
        return;
    answers = term_take_answers (dashboard->model->term);
    /* Several viewers would all answer: only the one who types does. */
    if (dashboard->typing)
        g_byte_array_append (dashboard->typed, answers->data, answers->len);
    g_byte_array_unref (answers);
    if (dashboard->typing_sent || dashboard->typed->len == 0)
        return;
    count = MIN (dashboard->typed->len, TYPE_AT_ONCE);
    {
        g_autofree char *text = g_base64_encode (dashboard->typed->data, count);

        dashboard->typing_taken = count;
        dashboard->typing_sent = true;
        dashboard_send (dashboard,
                        json_pack ("{s:s, s:s}", "command", "type", "data", text),
                        REQUEST_TYPE, NULL);
    }
}

/* The size of the window is an input: the machine is told of it only by somebody who types.
 */
static void
send_size (Dashboard *dashboard)
{
    int rows = dashboard->console_rows, columns = dashboard->console_columns;

    if (!dashboard->typing || dashboard->readonly || rows < 1 || columns < 1
        || (rows == dashboard->told_rows && columns == dashboard->told_columns))
        return;
    dashboard->told_rows = rows;
    dashboard->told_columns = columns;
    dashboard_send (dashboard,
                    json_pack ("{s:s, s:i, s:i}", "command", "resize", "rows", rows,
                               "columns", columns),
                    REQUEST_SILENT, NULL);
    if (dashboard->model->term != NULL && dashboard->model->now->console_rows == 0)
        term_resize (dashboard->model->term, rows, columns);
}

static void
want_calls (Dashboard *dashboard)
{
    bool wanted
        = dashboard->model->state == MACHINE_PAUSED
          || (dashboard->model->now->speed > 0 && dashboard->model->now->speed < 0.05);

    for (guint i = 0; i < dashboard->placed_count; i++) {
        enum panel_id panel = dashboard->placed[i].panel;

        wanted = wanted
                 || (panels[panel]->wants_calls != NULL
                     && panels[panel]->wants_calls (dashboard->states[panel]));
    }
    if (wanted == dashboard->calls_wanted)
        return;
    dashboard->calls_wanted = wanted;
    if (wanted)
        dashboard_send (dashboard,
                        json_pack ("{s:s, s:i}", "command", "calls", "count", CALLS_BEFORE),
                        REQUEST_CALLS, NULL);
    dashboard_send (dashboard,
                    json_pack ("{s:s, s:b, s:i}", "command", "subscribe", "calls",
                               (int)wanted, "limit", CALLS_LIMIT),
                    REQUEST_SILENT, NULL);
}

void
dashboard_tick (Dashboard *dashboard, gint64 now_us)
{
    const Snapshot *now = dashboard->model->now;

    dashboard->now_us = now_us;
    model_move_on (dashboard->model, now_us);
    if (dashboard->leave_at_us != 0
        && (now_us > dashboard->leave_at_us || !dashboard->model->connected))
        dashboard->leave = true;
    if (dashboard->message != NULL && now_us > dashboard->message_until) {
        g_clear_pointer (&dashboard->message, g_free);
        dashboard->changed = true;
    }
    if (!dashboard->model->connected)
        return;
    if (dashboard->model->term != NULL && now->console_rows > 0
        && now->console_columns > 0) {
        int rows, columns;

        term_size (dashboard->model->term, &rows, &columns);
        if (rows != now->console_rows || columns != now->console_columns)
            term_resize (dashboard->model->term, now->console_rows, now->console_columns);
    }
    send_size (dashboard);
    send_typed (dashboard);
    want_calls (dashboard);
}
