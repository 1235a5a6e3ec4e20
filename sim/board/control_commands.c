#include "board/control_commands.h"

#include <string.h>

#include "board/control_inside.h"
#include "config/report.h"
#include "host_time.h"

/* How long a client waits for the machine to stand. */
#define STAND_NS 1000000000u

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
    control_refuse (call, "%s is a number from %.15g to %.15g", name, min, max);
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
    return control_refuse (call, "there is no unit \"%s\"%s", unit, remedy);
}

static json_t *
do_speed (struct control_call *call)
{
    double factor = 1;

    if (!argument_number (call, "factor", 0, SPEED_MAX / SPEED_ONE, &factor))
        return NULL;
    if (factor > 0 && factor * SPEED_ONE < 1)
        return control_refuse (call, "factor is 0, for as fast as possible, or 0.000001 to 1000");
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
            return control_refuse (call, "there is no breakpoint %.0f", number);
        return control_breaks_json (call->control);
    }
    if (json_object_size (call->arguments) == 0)
        return control_refuse (call, "say where, as in operation=fs.read, or component=ext2 status=refused");
    if (!control_filter_read (call->arguments, &filter, &call->error))
        return NULL;
    added = control_break_add (call->control, &filter, call->arguments);
    if (added == 0)
        return control_refuse (call, "there are %u breakpoints already; delete one", BREAKPOINTS_MAX);
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
        return control_refuse (call, "give text, or data in base64");
    if (!board_takes_input (call->control->board))
        return control_refuse (call, "nothing can be typed: the console's input has ended");
    if (data != NULL)
        text = binary = g_base64_decode (data, &bytes);
    taken = board_type (call->control->board, text, bytes);
    if (taken < bytes)
        return control_refuse (call,
                               "the machine does not read what was typed before; %zu of %zu bytes "
                               "were taken",
                               taken, bytes);
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
                return control_refuse (call, "the domain %s has no process", name);
            return json_object ();
        }
    names = g_ptr_array_new ();
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        g_ptr_array_add (names, PLAN->domains[d].name);
    g_ptr_array_add (names, NULL);
    remedy = suggest_remedy (name, (const char *const *)names->pdata);
    g_ptr_array_unref (names);
    return control_refuse (call, "there is no domain \"%s\"%s", name, remedy);
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
        return control_refuse (call, "there is no component \"%s\"%s", name, remedy);
    }
    if (call->control->state == CONTROL_PAUSED)
        return control_refuse (call,
                               "the machine stands still; a component moves between two decisions "
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
        return control_refuse (call, "only a detached machine, or one with a dashboard, boots again");
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
        { "every", CONTROL_STRING, false, "only the first in each such time counts, as in 100ms" },
        { "at", CONTROL_STRING, false, "not before this virtual time since the boot, as in 2s" },
        { "skip", CONTROL_COUNT, false, "so many of them are passed over (0)" },
        { "call", CONTROL_COUNT, false, "then at every so many (1)" },
        { "odds", CONTROL_COUNT, false, "at one in so many instead, by chance" },
        { "seed", CONTROL_COUNT, false, "of that chance" },
        { "times", CONTROL_COUNT, false, "at most so often (1); 0: without end" },
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
    static const char *const names[] = { "string", "string", "number", "whole number", "bool", "object" };

    return names[type];
}
