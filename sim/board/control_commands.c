#include "board/control_commands.h"

#include <string.h>

#include "board/control_inside.h"
#include "config/report.h"
#include "host_time.h"

/* How long a client waits for the machine to stand. */
#define STAND_NS 1000000000u

struct control_call {
    Control *control;
    struct client *client;
    const json_t *id;
    json_t *arguments;
    char *error; /* owned */
    bool later;  /* the answer comes when the machine stands */
};

static json_t *
refuse (struct control_call *call, const char *format, ...) G_GNUC_PRINTF (2, 3);

static json_t *
refuse (struct control_call *call, const char *format, ...)
{
    va_list arguments;

    va_start (arguments, format);
    call->error = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    return NULL;
}

static const json_t *
argument (const struct control_call *call, const char *name)
{
    return json_object_get (call->arguments, name);
}

static const char *
argument_string (const struct control_call *call, const char *name)
{
    return json_string_value (argument (call, name));
}

/* The number, or `otherwise`; false, refused, if it is outside. */
static bool
argument_number (struct control_call *call, const char *name, double min, double max, double *number)
{
    const json_t *value = argument (call, name);

    if (value == NULL)
        return true;
    *number = json_number_value (value);
    if (*number >= min && *number <= max)
        return true;
    refuse (call, "%s is a number from %.15g to %.15g", name, min, max);
    return false;
}

static json_t *
later (struct control_call *call)
{
    call->client->waiting          = true;
    call->client->waiting_until_ns = host_ns () + STAND_NS;
    call->client->waiting_id       = json_incref ((json_t *)call->id);
    call->later                    = true;
    return NULL;
}

/* ---- reading ---- */

static json_t *
do_help (struct control_call *call)
{
    json_t *rows = json_array ();

    (void)call;
    for (const struct control_command *command = control_commands; command->name; command++) {
        json_t *arguments = json_array ();

        for (const struct control_argument *a = command->arguments; a->name != NULL; a++)
            json_array_append_new (arguments,
                                   json_pack ("{s:s, s:s, s:s, s:b}", "name", a->name, "type",
                                              control_type_name (a->type), "help", a->help,
                                              "required", (int)a->required));
        json_array_append_new (rows, json_pack ("{s:s, s:o, s:s, s:b}", "name", command->name,
                                                "arguments", arguments, "help", command->help,
                                                "changes", (int)command->changes));
    }
    return rows;
}

static json_t *
do_hello (struct control_call *call)
{
    if (json_is_true (argument (call, "readonly")))
        call->client->readonly = true;
    return control_hello (call->control, call->client);
}

static json_t *
do_status (struct control_call *call)
{
    return control_status_json (call->control);
}

static json_t *
do_components (struct control_call *call)
{
    (void)call;
    return control_components_json ();
}

static json_t *
do_domains (struct control_call *call)
{
    return control_domains_json (call->control);
}

static json_t *
do_links (struct control_call *call)
{
    (void)call;
    return control_links_json ();
}

static json_t *
do_tasks (struct control_call *call)
{
    (void)call;
    return control_tasks_json ();
}

static json_t *
do_log (struct control_call *call)
{
    (void)call;
    return json_pack ("{s:o}", "lines", control_log_json ());
}

static json_t *
do_snapshot (struct control_call *call)
{
    return control_snapshot_json (call->control);
}

static json_t *
do_stats (struct control_call *call)
{
    json_t *result = control_stats_json (call->control, argument_string (call, "label"));

    if (json_is_true (argument (call, "reset")))
        control_stats_reset (call->control);
    return result;
}

static json_t *
do_calls (struct control_call *call)
{
    struct event_filter filter;
    double count = 100;

    if (!argument_number (call, "count", 1, CALLS_MAX, &count)
        || !control_filter_read (call->arguments, &filter, &call->error))
        return NULL;
    return control_calls_json (&filter, (uint32_t)count);
}

static json_t *
do_breaks (struct control_call *call)
{
    return control_breaks_json (call->control);
}

/* ---- subscriptions ---- */

static void
subscribe (struct control_call *call, const char *name, bool *to)
{
    const json_t *value = argument (call, name);

    if (value != NULL)
        *to = json_is_true (value);
}

static bool
subscribe_calls (struct control_call *call)
{
    struct client *client = call->client;
    const json_t *filter  = argument (call, "filter");
    double limit          = client->calls_limit;
    bool before           = client->calls;
    struct event_filter read;

    if (!argument_number (call, "limit", 1, CALLS_MAX, &limit)
        || (filter != NULL && !control_filter_read (filter, &read, &call->error)))
        return false;
    client->calls_limit = (uint32_t)limit;
    if (filter != NULL)
        client->filter = read;
    subscribe (call, "calls", &client->calls);
    if (client->calls && !before)
        control_stream_calls_begin (client);
    return true;
}

static json_t *
do_subscribe (struct control_call *call)
{
    struct client *client = call->client;
    bool console = client->console, log = client->log, state = client->state;
    double stats = client->stats_ms;

    if (!argument_number (call, "stats", 0, 3600000, &stats) || !subscribe_calls (call))
        return NULL;
    client->stats_ms = stats > 0 && stats < 50 ? 50 : (uint32_t)stats;
    subscribe (call, "console", &client->console);
    subscribe (call, "log", &client->log);
    subscribe (call, "state", &client->state);
    if (client->console && !console) {
        uint64_t end       = call->control->console_end;
        client->console_at = json_is_false (argument (call, "history")) ? end
                             : end > CONSOLE_BYTES                      ? end - CONSOLE_BYTES
                                                                        : 0;
    }
    if (client->log && !log)
        client->log_at = 0;
    client_reply (client, call->id, json_object ());
    if (client->state && !state)
        client_event (client, "state", control_state_json (call->control));
    call->later = true; /* it has its answer */
    return NULL;
}

/* ---- the brake ---- */

static json_t *
do_pause (struct control_call *call)
{
    control_pause (call->control);
    return later (call);
}

static json_t *
do_resume (struct control_call *call)
{
    control_resume (call->control);
    return control_state_json (call->control);
}

static json_t *
do_step (struct control_call *call)
{
    static const struct {
        const char *name;
        uint32_t kinds;
    } units[] = {
        { "call", 1u << EVENT_CALL },
        { "event", UINT32_MAX },
        { "syscall", 1u << EVENT_SYSCALL },
        { "tick", 0 },
    };
    static const char *const names[] = { "call", "event", "syscall", "tick", NULL };
    const char *unit                 = argument_string (call, "unit");
    g_autofree char *remedy          = NULL;
    double count                     = 1;

    if (!argument_number (call, "count", 1, 4e9, &count))
        return NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS (units); i++)
        if (unit == NULL || strcmp (units[i].name, unit) == 0) {
            control_step (call->control, units[i].kinds, (uint32_t)count, units[i].kinds == 0);
            return later (call);
        }
    remedy = suggest_remedy (unit, names);
    return refuse (call, "there is no unit \"%s\"%s", unit, remedy);
}

static json_t *
do_speed (struct control_call *call)
{
    double factor = 1;

    if (!argument_number (call, "factor", 0, SPEED_MAX / SPEED_ONE, &factor))
        return NULL;
    if (factor > 0 && factor * SPEED_ONE < 1)
        return refuse (call, "factor is 0, for as fast as possible, or 0.000001 to 1000");
    control_speed (call->control, (uint32_t)(factor * SPEED_ONE + 0.5));
    return control_state_json (call->control);
}

static json_t *
do_break (struct control_call *call)
{
    struct event_filter filter;
    double number = 0;
    uint32_t added;

    if (argument (call, "delete") != NULL) {
        if (!argument_number (call, "delete", 0, BREAKPOINTS_MAX, &number))
            return NULL;
        if (!control_break_delete (call->control, (uint32_t)number))
            return refuse (call, "there is no breakpoint %.0f", number);
        return control_breaks_json (call->control);
    }
    if (json_object_size (call->arguments) == 0)
        return refuse (call, "say where, as in operation=fs.read, or component=ext2 status=refused");
    if (!control_filter_read (call->arguments, &filter, &call->error))
        return NULL;
    added = control_break_add (call->control, &filter, call->arguments);
    if (added == 0)
        return refuse (call, "there are %u breakpoints already; delete one", BREAKPOINTS_MAX);
    return json_pack ("{s:i}", "break", (int)added);
}

/* ---- the console ---- */

static json_t *
do_type (struct control_call *call)
{
    const char *text        = argument_string (call, "text");
    const char *data        = argument_string (call, "data");
    gsize bytes             = text != NULL ? json_string_length (argument (call, "text")) : 0;
    g_autofree void *binary = NULL;
    size_t taken;

    if ((text == NULL) == (data == NULL))
        return refuse (call, "give text, or data in base64");
    if (!board_takes_input (call->control->board))
        return refuse (call, "nothing can be typed: the console's input has ended");
    if (data != NULL)
        text = binary = g_base64_decode (data, &bytes);
    taken = board_type (call->control->board, text, bytes);
    if (taken < bytes)
        return refuse (call, "the machine does not read what was typed before; %zu of %zu bytes "
                             "were taken", taken, bytes);
    return json_pack ("{s:I}", "typed", (json_int_t)taken);
}

static json_t *
do_resize (struct control_call *call)
{
    double rows = 24, columns = 80;

    if (!argument_number (call, "rows", 1, 1000, &rows)
        || !argument_number (call, "columns", 1, 1000, &columns))
        return NULL;
    board_resize (call->control->board, (uint16_t)rows, (uint16_t)columns);
    return json_object ();
}

/* ---- violence ---- */

static json_t *
do_kill (struct control_call *call)
{
    const char *name        = argument_string (call, "domain");
    GPtrArray *names        = NULL;
    g_autofree char *remedy = NULL;

    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (strcmp (PLAN->domains[d].name, name) == 0) {
            if (!board_kill (call->control->board, d))
                return refuse (call, "the domain %s has no process", name);
            return json_object ();
        }
    names = g_ptr_array_new ();
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        g_ptr_array_add (names, PLAN->domains[d].name);
    g_ptr_array_add (names, NULL);
    remedy = suggest_remedy (name, (const char *const *)names->pdata);
    g_ptr_array_unref (names);
    return refuse (call, "there is no domain \"%s\"%s", name, remedy);
}

static json_t *
do_fault (struct control_call *call)
{
    return control_fault (call->control, call->arguments, &call->error);
}

static json_t *
do_faults (struct control_call *call)
{
    (void)call;
    return control_faults_json ();
}

static json_t *
do_fault_clear (struct control_call *call)
{
    double number = 0;

    if (!argument_number (call, "fault", 0, FAULT_RULES_MAX, &number))
        return NULL;
    return control_fault_clear (call->control, (uint32_t)number, &call->error);
}

static json_t *
do_move (struct control_call *call)
{
    const char *name   = argument_string (call, "component");
    uint32_t component = move_component (name);

    if (component == UINT32_MAX) {
        const char *names[COMPONENT_MAX + 1] = { NULL };
        g_autofree char *remedy              = NULL;

        for (uint32_t c = 0; c < PLAN->component_count; c++)
            names[c] = PLAN->components[c].name;
        remedy = suggest_remedy (name, names);
        return refuse (call, "there is no component \"%s\"%s", name, remedy);
    }
    if (call->control->state == CONTROL_PAUSED)
        return refuse (call, "the machine stands still; a component moves between two decisions "
                             "of the kernel: let it go on first");
    if (!board_move (call->control->board, component, argument_string (call, "domain"),
                     &call->error))
        return NULL;
    later (call);
    call->client->moving = true;
    return NULL;
}

static json_t *
do_power_cut (struct control_call *call)
{
    board_power_cut (call->control->board);
    return json_object ();
}

static json_t *
do_quit (struct control_call *call)
{
    board_quit (call->control->board);
    return json_object ();
}

static json_t *
do_reboot (struct control_call *call)
{
    if (!board_reboot (call->control->board))
        return refuse (call, "only a detached machine, or one with a dashboard, boots again");
    return json_object ();
}

/* ---- the table ---- */

#define FILTER_ARGUMENTS                                                                       \
    { "component", CONTROL_STRING, false, "at either end" },                                   \
    { "from", CONTROL_STRING, false, "the component that calls" },                             \
    { "to", CONTROL_STRING, false, "the one that is called" },                                 \
    { "operation", CONTROL_STRING, false, "fs.read, fs, syscall.open, syscall, upcall.timer" }, \
    { "status", CONTROL_STRING, false, "OK, ERR_IO, ...; refused: any but OK" },               \
    { "task", CONTROL_NUMBER, false, "on whose behalf" },                                      \
    { "call", CONTROL_NUMBER, false, "the root call that it is part of" },                     \
    { "inverse", CONTROL_BOOL, false, "those that do not agree" }

const struct control_command control_commands[] = {
    { "status", "How the machine is, what it has done, who runs.", false, false, do_status, { { 0 } } },
    { "components", "The components, where they are and what they have done.", false, false,
      do_components, { { 0 } } },
    { "domains", "The domains, their processes and what those may ask of the host.", false, false,
      do_domains, { { 0 } } },
    { "links", "Who called whom, how often, and what it cost.", false, false, do_links, { { 0 } } },
    { "tasks", "The tasks and what they are doing.", false, false, do_tasks, { { 0 } } },
    { "log", "The kernel's log.", false, false, do_log, { { 0 } } },
    { "stats", "What was counted since the last reset.", false, false, do_stats,
      { { "reset", CONTROL_BOOL, false, "count anew from here" },
        { "label", CONTROL_STRING, false, "a name for the result" } } },
    { "calls", "The last calls.", false, false, do_calls,
      { { "count", CONTROL_NUMBER, false, "at most so many (100)" }, FILTER_ARGUMENTS } },
    { "snapshot", "All of these that a panel needs, from one moment.", false, false, do_snapshot,
      { { 0 } } },
    { "pause", "Lets the machine stand still; its time with it.", true, true, do_pause, { { 0 } } },
    { "resume", "Lets it go on.", true, true, do_resume, { { 0 } } },
    { "step", "Lets it go on for a little.", true, true, do_step,
      { { "unit", CONTROL_STRING, false, "call (between components), event (any), syscall, tick" },
        { "count", CONTROL_NUMBER, false, "of these (1)" } } },
    { "speed", "Paces virtual time by the wall's clock.", true, true, do_speed,
      { { "factor", CONTROL_NUMBER, true, "1: alike; 0.1: slow motion; 0: as fast as possible" } } },
    { "break", "Lets the machine stand after each call of a kind.", true, true, do_break,
      { FILTER_ARGUMENTS, { "delete", CONTROL_NUMBER, false, "this one; 0: all" } } },
    { "breaks", "The breakpoints.", false, false, do_breaks, { { 0 } } },
    { "type", "Types into the machine's console.", true, true, do_type,
      { { "text", CONTROL_TEXT, false, "as it is" },
        { "data", CONTROL_STRING, false, "in base64" } } },
    { "resize", "Says how large the console's window is.", true, true, do_resize,
      { { "rows", CONTROL_NUMBER, true, "lines" },
        { "columns", CONTROL_NUMBER, true, "characters in each" } } },
    { "kill", "Ends the process of a domain.", true, true, do_kill,
      { { "domain", CONTROL_STRING, true, "its name" } } },
    { "fault", "Lets something go wrong in a component, from now on.", true, true, do_fault,
      { { "component", CONTROL_STRING, true, "its name" },
        { "fault", CONTROL_STRING, true, "what: abort, loop, drop...; khimera help faults" },
        { "operation", CONTROL_STRING, false, "only calls of this one, as in fs.read" },
        { "call", CONTROL_NUMBER, false, "at every so many of them (1)" },
        { "odds", CONTROL_NUMBER, false, "at one in so many instead, by chance" },
        { "seed", CONTROL_NUMBER, false, "of that chance" },
        { "times", CONTROL_NUMBER, false, "at most so often (1); 0: without end" },
        { "moment", CONTROL_STRING, false, "before the call is served, or after" },
        { "persistent", CONTROL_BOOL, false, "whoever tries again is struck again" },
        { "amount", CONTROL_STRING, false, "of time that is lost, as in 2ms" },
        { "sectors", CONTROL_STRING, false, "of a disk: only these, as in 100-200" } } },
    { "faults", "What is to go wrong, and how often it did.", false, false, do_faults, { { 0 } } },
    { "fault-clear", "Ends what is to go wrong.", true, true, do_fault_clear,
      { { "fault", CONTROL_NUMBER, false, "only this one, by its number" } } },
    { "move", "Moves a component to another domain while it runs.", true, true, do_move,
      { { "component", CONTROL_STRING, true, "its name" },
        { "domain", CONTROL_STRING, true, "where it shall live: kernel, own, or a name" } } },
    { "power-cut", "Ends all at once; the disk loses what was not flushed.", true, true,
      do_power_cut, { { 0 } } },
    { "quit", "Halts the machine, and leaves a dead one.", true, false, do_quit, { { 0 } } },
    { "reboot", "Boots the same machine again.", true, false, do_reboot, { { 0 } } },
    { "subscribe", "Sends events as they come, until told otherwise.", false, false, do_subscribe,
      { { "stats", CONTROL_NUMBER, false, "a snapshot every so many ms; 0: none" },
        { "calls", CONTROL_BOOL, false, "each call" },
        { "filter", CONTROL_OBJECT, false, "which calls, as in the command calls" },
        { "limit", CONTROL_NUMBER, false, "at most so many calls every 50 ms (256)" },
        { "console", CONTROL_BOOL, false, "what the machine's terminal says, in base64" },
        { "history", CONTROL_BOOL, false, "false: not what it said before" },
        { "log", CONTROL_BOOL, false, "lines of the kernel's log" },
        { "state", CONTROL_BOOL, false, "pauses, ends, deaths, and what viewers do" } } },
    { "hello", "Says who listens here.", false, false, do_hello,
      { { "readonly", CONTROL_BOOL, false, "change nothing from now on" } } },
    { "help", "Lists these commands.", false, false, do_help, { { 0 } } },
    { NULL, NULL, false, false, NULL, { { 0 } } },
};

const struct control_command *
control_command_find (const char *name)
{
    for (const struct control_command *command = control_commands; command->name; command++)
        if (strcmp (command->name, name) == 0)
            return command;
    return NULL;
}

const char *
control_type_name (enum control_type type)
{
    static const char *const names[] = { "string", "string", "number", "bool", "object" };

    return names[type];
}

/* ---- a line ---- */

static bool
type_agrees (enum control_type type, const json_t *value)
{
    switch (type) {
    case CONTROL_STRING:
    case CONTROL_TEXT:
        return json_is_string (value);
    case CONTROL_NUMBER:
        return json_is_number (value);
    case CONTROL_BOOL:
        return json_is_boolean (value);
    case CONTROL_OBJECT:
        return json_is_object (value);
    }
    return false;
}

static void
argument_unknown (struct control_call *call, const struct control_command *command,
                  const char *name)
{
    const char *names[CONTROL_ARGUMENTS_MAX];
    unsigned count          = 0;
    g_autofree char *remedy = NULL;

    for (; command->arguments[count].name != NULL; count++)
        names[count] = command->arguments[count].name;
    names[count] = NULL;
    remedy       = suggest_remedy (name, names);
    refuse (call, "%s has no argument \"%s\"%s", command->name, name, remedy);
}

static bool
arguments_check (struct control_call *call, const struct control_command *command)
{
    const char *name;
    json_t *value;

    json_object_foreach (call->arguments, name, value) {
        const struct control_argument *known = command->arguments;

        while (known->name != NULL && strcmp (known->name, name) != 0)
            known++;
        if (known->name == NULL)
            argument_unknown (call, command, name);
        else if (!type_agrees (known->type, value))
            refuse (call, "%s is a %s", name, control_type_name (known->type));
        if (call->error != NULL)
            return false;
    }
    for (const struct control_argument *known = command->arguments; known->name; known++)
        if (known->required && argument (call, known->name) == NULL) {
            refuse (call, "%s wants %s: %s", command->name, known->name, known->help);
            return false;
        }
    return true;
}

/* Everybody who looks on learns what a viewer does, in the words of `khimera ctl`. */
static void
action_tell (struct control_call *call, const struct control_command *command)
{
    g_autoptr (GString) text = g_string_new (command->name);
    g_autofree char *by      = g_strdup_printf ("pid %d", (int)call->client->process);
    const char *name;
    json_t *value;

    json_object_foreach (call->arguments, name, value) {
        char *dump = json_is_string (value) ? NULL : json_dumps (value, JSON_COMPACT | JSON_ENCODE_ANY);

        g_string_append_printf (text, " %s=", name);
        if (json_is_string (value)) {
            g_autofree char *escaped = g_strescape (json_string_value (value), NULL);

            g_string_append (text, escaped);
        } else
            g_string_append (text, dump);
        free (dump);
    }
    control_tell (call->control, "action",
                  json_pack ("{s:s, s:s, s:O, s:s}", "by", by, "command", command->name,
                             "arguments", call->arguments, "text", text->str));
}

static void
command_run_line (struct control_call *call, const struct control_command *command)
{
    enum control_state state = call->control->state;
    json_t *result           = NULL;

    if (command->changes && call->client->readonly)
        refuse (call, "%s changes the machine; this viewer only reads", command->name);
    else if (command->living && state != CONTROL_RUNNING && state != CONTROL_PAUSED)
        refuse (call, "the machine is dead; reboot it, or quit");
    else if (arguments_check (call, command)) {
        result = command->run (call);
        if (call->error == NULL && command->changes)
            action_tell (call, command);
    }
    if (call->error != NULL)
        client_refuse (call->client, call->id, call->error);
    else if (!call->later)
        client_reply (call->client, call->id, result);
}

static bool
is_blank (const char *line, size_t bytes)
{
    while (bytes > 0 && strchr (" \t\r", line[bytes - 1]) != NULL && line[bytes - 1] != '\0')
        bytes--;
    return bytes == 0;
}

void
control_line (Control *control, struct client *client, const char *line, size_t bytes)
{
    struct control_call call = { .control = control, .client = client, .id = json_null () };
    const struct control_command *command;
    g_autofree const char **names = NULL;
    g_autofree char *remedy       = NULL;
    json_error_t error;
    json_t *object, *id;
    const char *name;

    if (is_blank (line, bytes))
        return;
    object = json_loadb (line, bytes, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object (object)) {
        g_autofree char *why = g_strdup_printf ("no JSON object: %.120s",
                                                object == NULL ? error.text : "something else");

        client_refuse (client, call.id, why);
        json_decref (object);
        return;
    }
    id      = json_incref (json_object_get (object, "id"));
    call.id = id != NULL ? id : json_null ();
    name    = json_string_value (json_object_get (object, "command"));
    command = name != NULL ? control_command_find (name) : NULL;
    if (command != NULL) {
        call.arguments = json_copy (object);
        json_object_del (call.arguments, "id");
        json_object_del (call.arguments, "command");
        command_run_line (&call, command);
        json_decref (call.arguments);
    } else if (name == NULL) {
        client_refuse (client, call.id, "no command; say which: \"command\":\"help\" lists them");
    } else {
        GPtrArray *all = g_ptr_array_new ();
        const char *nearest;

        for (command = control_commands; command->name != NULL; command++)
            g_ptr_array_add (all, (gpointer)command->name);
        g_ptr_array_add (all, NULL);
        names   = (const char **)g_ptr_array_free (all, FALSE);
        nearest = suggest (name, names);
        remedy  = nearest != NULL ? g_strdup_printf ("; did you mean \"%s\"?", nearest)
                                  : g_strdup ("; help lists them");
        call.error = g_strdup_printf ("there is no command \"%.60s\"%s", name, remedy);
        client_refuse (client, call.id, call.error);
    }
    g_free (call.error);
    json_decref (id);
    json_decref (object);
}
