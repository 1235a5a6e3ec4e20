/* control_json: what a machine is and does, as JSON, read from its memory while it runs. */
#include <string.h>
#include <unistd.h>

#include "board/control_inside.h"
#include "board/sandbox.h"
#include "gate/gate.h"
#include "gate/journal.h"
#include "host_time.h"
#include "interfaces/interfaces.h"
#include "nucleus/task.h"
#include "personality.h"
#include "watch/histogram.h"
#include "watch/stats.h"
#include "watch/note.h"

json_t *
control_number (uint64_t number)
{
    return json_integer ((json_int_t)(number & INT64_MAX));
}

json_t *
control_text (const char *text, size_t bytes)
{
    g_autofree char *valid = g_utf8_make_valid (text, (gssize)strnlen (text, bytes));

    return json_string (valid);
}

static void
set (json_t *object, const char *key, uint64_t number)
{
    json_object_set_new (object, key, control_number (number));
}

static const char *
component_name_of (int id)
{
    return id >= 0 && (uint32_t)id < PLAN->component_count ? PLAN->components[id].name : "?";
}

static const char *
domain_state_name (uint32_t domain)
{
    return atomic_load (&PLAN->domains[domain].state) == DOMAIN_UP ? "up" : "dead";
}

/* What is going on with it beside that; NULL: nothing. */
static const char *
domain_doing (uint32_t domain)
{
    bool journal = PLAN->domains[domain].journal;

    return journal && atomic_load (&PLAN->domains[domain].state) == DOMAIN_UP
                   && !atomic_load (&JOURNAL (domain)->stands)
               ? "restarting"
               : NULL;
}

static const char *
component_doing (const struct plan_component *plan)
{
    if (plan->route == ROUTE_HELD)
        return "held";
    return plan->next != plan->domain ? "moving" : NULL;
}

static json_t *
word_or_null (const char *word)
{
    return word != NULL ? json_string (word) : json_null ();
}

/* ---- totals ---- */

struct totals {
    uint64_t calls, remote, bytes;
};

static struct totals
totals_now (void)
{
    struct totals totals = { 0 };

    for (uint32_t i = 0; i < PLAN->link_count; i++) {
        const struct link_stats *stats = stats_of_link (i);

        totals.calls += stats_calls (stats);
        totals.remote += stats->remote;
        totals.bytes += stats->bytes;
    }
    return totals;
}

/* ---- status ---- */

/* One box, many, or something between. */
static const char *
structure_name (void)
{
    uint32_t kernel = 0, components = 0, domains = 0;
    bool seen[DOMAIN_MAX] = { false };

    for (uint32_t c = COMPONENT_USER + 1; c < PLAN->component_count; c++) {
        uint32_t domain = PLAN->components[c].domain;

        components++;
        kernel += domain == DOMAIN_KERNEL;
        domains += domain != DOMAIN_KERNEL && !seen[domain];
        seen[domain] = true;
    }
    return kernel == components ? "monolithic" : domains == components ? "microkernel" : "hybrid";
}

static json_t *
running_json (const struct machine_now *now)
{
    return json_pack ("{s:s?, s:s?, s:I}", "component",
                      now->component >= 0 ? component_name_of (now->component) : NULL, "domain",
                      now->domain >= 0 ? PLAN->domains[now->domain].name : NULL, "task",
                      (json_int_t)now->task);
}

json_t *
control_status_json (Control *control)
{
    struct machine_now now = read_now ();
    struct totals totals   = totals_now ();
    uint64_t switches, syscalls;
    uint32_t tasks;
    json_t *status = control_state_json (control);
    char trace[20];

    read_counters (&switches, &syscalls, &tasks);
    g_snprintf (trace, sizeof trace, "%016" G_GINT64_MODIFIER "x", now.trace);
    json_object_set_new (status, "machine", json_string (control->config->name));
    json_object_set_new (status, "structure", json_string (structure_name ()));
    json_object_set_new (status, "pid", json_integer (getpid ()));
    set (status, "host_ns", host_ns () - board_started_ns (control->board));
    set (status, "calls", totals.calls);
    set (status, "crossings", 2 * totals.remote);
    set (status, "bytes_copied", totals.bytes);
    set (status, "switches", switches);
    set (status, "syscalls", syscalls);
    set (status, "tasks", tasks);
    set (status, "seed", PLAN->seed);
    json_object_set_new (status, "trace", json_string (trace));
    json_object_set_new (status, "cost_model", json_string (control->config->cost.name));
    json_object_set_new (status, "scheduler", json_string (PLAN->scheduler));
    json_object_set_new (status, "interactive", json_boolean (PLAN->live));
    json_object_set_new (status, "stopping",
                         json_boolean (atomic_load (&PLAN->stopping) != 0
                                       || control->state == CONTROL_ENDED));
    json_object_set_new (status, "running", running_json (&now));
    set (status, "board_cpu_ns", host_clock_ns (CLOCK_PROCESS_CPUTIME_ID));
    set (status, "viewers", control->clients->len);
    return status;
}

/* ---- components, domains, tasks ---- */

static json_t *
privileges_json (unsigned privileges)
{
    json_t *names = json_array ();

    for (unsigned bit = 1; bit != 0 && bit <= privileges; bit <<= 1)
        if (privileges & bit)
            json_array_append_new (names, json_string (sandbox_privilege_name (bit)));
    return names;
}

/* How often a process of it has died and another went on. */
static uint32_t
domain_restarts (uint32_t domain)
{
    uint32_t processes = atomic_load (&PLAN->domains[domain].generation);
    uint32_t exchanged = atomic_load (&PLAN->domains[domain].exchanged);

    return processes > exchanged + 1 ? processes - exchanged - 1 : 0;
}

static json_t *
component_json (uint32_t id)
{
    const struct plan_component *plan   = &PLAN->components[id];
    const struct component_stats *stats = STATS (id);
    json_t *row                         = json_object ();
    uint64_t calls_out                  = 0;

    for (uint32_t i = 0; i < plan->link_count; i++)
        calls_out += stats_calls (&stats->links[i]);
    json_object_set_new (row, "name", json_string (plan->name));
    json_object_set_new (row, "class", json_string (plan->class_->name));
    json_object_set_new (row, "label", json_string (plan->label));
    json_object_set_new (row, "domain", json_string (PLAN->domains[plan->domain].name));
    json_object_set_new (row, "kernel", json_boolean (plan->domain == DOMAIN_KERNEL));
    json_object_set_new (row, "state", json_string (domain_state_name (plan->domain)));
    json_object_set_new (row, "doing", word_or_null (component_doing (plan)));
    set (row, "calls_in", stats_calls_in (id));
    set (row, "calls_out", calls_out);
    set (row, "work_cycles", stats->work);
    set (row, "arena_used", stats->arena_used);
    set (row, "arena_peak", stats->arena_peak);
    set (row, "arena_bytes", plan->arena_bytes);
    set (row, "restarts", domain_restarts (plan->domain));
    json_object_set_new (row, "privileges", privileges_json (plan->class_->privileges));
    json_object_set_new (row, "device",
                         plan->device >= 0 ? json_string (PLAN->devices[plan->device].name)
                                           : json_null ());
    return row;
}

json_t *
control_components_json (void)
{
    json_t *rows = json_array ();

    for (uint32_t c = 0; c < PLAN->component_count; c++)
        json_array_append_new (rows, component_json (c));
    return rows;
}

static json_t *
domain_privileges (Control *control, uint32_t domain)
{
    g_autoptr (GString) text = NULL;
    unsigned privileges      = 0;

    if (control->privileges[domain] != NULL)
        return json_incref (control->privileges[domain]);
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].domain == domain)
            privileges |= PLAN->components[c].class_->privileges;
    text = g_string_new (NULL);
    sandbox_describe (privileges, text);
    control->privileges[domain] = json_string (text->str);
    return json_incref (control->privileges[domain]);
}

json_t *
control_domains_json (Control *control)
{
    struct machine_now now = read_now ();
    json_t *rows           = json_array ();

    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        const struct plan_domain *plan = &PLAN->domains[d];
        json_t *components, *row;

        if (plan->name[0] == '\0')
            continue; /* spare */
        components = json_array ();
        row        = json_object ();
        for (uint32_t c = 0; c < PLAN->component_count; c++)
            if (PLAN->components[c].domain == d)
                json_array_append_new (components, json_string (PLAN->components[c].name));
        json_object_set_new (row, "name", json_string (plan->name));
        json_object_set_new (row, "kernel", json_boolean (d == DOMAIN_KERNEL));
        set (row, "pid", (uint64_t)board_process (control->board, d));
        json_object_set_new (row, "state", json_string (domain_state_name (d)));
        json_object_set_new (row, "doing", word_or_null (domain_doing (d)));
        set (row, "processes", plan->generation);
        set (row, "generation", plan->generation);
        json_object_set_new (row, "running", json_boolean (now.domain == (int)d));
        json_object_set_new (row, "components", components);
        json_object_set_new (row, "privileges", domain_privileges (control, d));
        json_object_set_new (row, "seccomp", json_boolean (control->config->sandbox));
        set (row, "fibers", RUNTIME (d)->fiber_count);
        set (row, "violations", RUNTIME (d)->violations);
        json_array_append_new (rows, row);
    }
    return rows;
}

json_t *
control_tasks_json (void)
{
    static const char *const states[]
        = { "free", "born", "ready", "running", "blocked", "stopped", "ending" };
    struct read_task *tasks = g_new (struct read_task, PLAN->tasks_max);
    unsigned count          = read_tasks (tasks, PLAN->tasks_max);
    json_t *rows            = json_array ();

    for (unsigned i = 0; i < count; i++)
        json_array_append_new (
            rows, json_pack ("{s:I, s:I, s:o, s:s, s:i, s:o}", "task", (json_int_t)tasks[i].task,
                             "pid", (json_int_t)tasks[i].pid, "name",
                             control_text (tasks[i].name, sizeof tasks[i].name), "state",
                             tasks[i].state < G_N_ELEMENTS (states) ? states[tasks[i].state] : "?",
                             "priority", (int)tasks[i].priority, "cpu_ns",
                             control_number (CYCLES_TO_NS (tasks[i].cpu))));
    g_free (tasks);
    return rows;
}

/* ---- links ---- */

static json_t *
histogram_json (const struct link_stats *stats)
{
    json_t *rows = json_array ();

    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        if (stats->histogram[i] != 0)
            json_array_append_new (rows, json_pack ("[o, I]", control_number (histogram_floor (i)),
                                                    (json_int_t)stats->histogram[i]));
    return rows;
}

static json_t *
quantile (const struct link_stats *stats, unsigned permille)
{
    return control_number (histogram_quantile (stats->histogram, HISTOGRAM_BUCKETS, permille));
}

static json_t *
link_json (const Link *link, const struct link_stats *stats)
{
    const struct interface *interface = &interfaces[link->interface];
    json_t *row                       = json_object ();
    json_t *ops                       = json_object ();

    for (unsigned op = 0; op < interface->operation_count && op < OPERATION_MAX; op++)
        if (stats->calls[op] != 0)
            set (ops, interface->operations[op].name, stats->calls[op]);
    json_object_set_new (row, "from", json_string (PLAN->components[link->owner].name));
    json_object_set_new (row, "to", json_string (PLAN->components[link->target].name));
    json_object_set_new (row, "interface", json_string (interface->name));
    set (row, "calls", stats_calls (stats));
    set (row, "total_calls", stats_calls (stats));
    set (row, "remote", stats->remote);
    set (row, "refused", stats->refused);
    set (row, "bytes", stats->bytes);
    json_object_set_new (row, "cycles",
                         json_pack ("{s:o, s:o, s:o, s:o}", "total", control_number (stats->total),
                                    "crossing", control_number (stats_crossing (link, stats)), "copy",
                                    control_number (stats->copy), "waited",
                                    control_number (stats->waited)));
    json_object_set_new (row, "latency",
                         json_pack ("{s:o, s:o, s:o, s:o}", "p50", quantile (stats, 500), "p90",
                                    quantile (stats, 900), "p99", quantile (stats, 990), "max",
                                    quantile (stats, 1000)));
    json_object_set_new (row, "histogram", histogram_json (stats));
    json_object_set_new (row, "ops", ops);
    return row;
}

json_t *
control_links_json (void)
{
    json_t *rows = json_array ();

    for (uint32_t i = 0; i < PLAN->link_count; i++) {
        struct link_stats stats = *stats_of_link (i);

        json_array_append_new (rows, link_json (&PLAN->links[i], &stats));
    }
    return rows;
}

json_t *
control_snapshot_json (Control *control)
{
    return json_pack ("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "status",
                      control_status_json (control), "frames", control_frames_json (),
                      "components", control_components_json (), "domains",
                      control_domains_json (control), "links", control_links_json (), "tasks",
                      control_tasks_json (), "breaks", control_breaks_json (control));
}

/* ---- a region of interest: what was counted since the last reset ---- */

void
control_stats_reset (Control *control)
{
    uint32_t tasks;

    g_free (control->baseline);
    control->baseline = g_new (struct link_stats, PLAN->link_count + 1);
    for (uint32_t i = 0; i < PLAN->link_count; i++)
        control->baseline[i] = *stats_of_link (i);
    read_counters (&control->baseline_switches, &control->baseline_syscalls, &tasks);
    control->baseline_cycles = read_now ().cycles;
    control->baseline_ns     = host_ns ();
}

static void
subtract (struct link_stats *stats, const struct link_stats *before)
{
    for (unsigned op = 0; op < OPERATION_MAX; op++)
        stats->calls[op] -= before->calls[op];
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        stats->histogram[i] -= before->histogram[i];
    stats->refused -= before->refused;
    stats->remote -= before->remote;
    stats->bytes -= before->bytes;
    stats->total -= before->total;
    stats->stopped -= before->stopped;
    stats->copy -= before->copy;
    stats->waited -= before->waited;
}

json_t *
control_stats_json (Control *control, const char *label)
{
    static const struct link_stats nothing;
    json_t *links        = json_array ();
    json_t *result       = json_object ();
    uint64_t cycles      = read_now ().cycles;
    struct totals totals = { 0 };
    uint64_t switches, syscalls;
    uint32_t tasks;

    read_counters (&switches, &syscalls, &tasks);
    for (uint32_t i = 0; i < PLAN->link_count; i++) {
        struct link_stats stats = *stats_of_link (i);

        subtract (&stats, control->baseline != NULL ? &control->baseline[i] : &nothing);
        totals.calls += stats_calls (&stats);
        totals.remote += stats.remote;
        totals.bytes += stats.bytes;
        if (stats_calls (&stats) != 0)
            json_array_append_new (links, link_json (&PLAN->links[i], &stats));
    }
    json_object_set_new (result, "label", label != NULL ? json_string (label) : json_null ());
    set (result, "since_virtual_ns", CYCLES_TO_NS (control->baseline_cycles));
    set (result, "virtual_ns", CYCLES_TO_NS (cycles - control->baseline_cycles));
    set (result, "host_ns",
         host_ns ()
             - (control->baseline != NULL ? control->baseline_ns : board_started_ns (control->board)));
    set (result, "calls", totals.calls);
    set (result, "crossings", 2 * totals.remote);
    set (result, "bytes_copied", totals.bytes);
    set (result, "switches", switches - control->baseline_switches);
    set (result, "syscalls", syscalls - control->baseline_syscalls);
    json_object_set_new (result, "links", links);
    return result;
}

/* ---- events: written by domains, so every index is looked at first ---- */

static char *
operation_text (const struct event *event)
{
    static const char *const upcalls[UPCALL_COUNT] = { "start", "stop", "timer", "interrupt" };

    if (event->kind == EVENT_CALL && event->interface < INTERFACE_COUNT
        && event->operation < interfaces[event->interface].operation_count)
        return g_strconcat (interfaces[event->interface].name, ".",
                            interfaces[event->interface].operations[event->operation].name, NULL);
    if (event->kind == EVENT_UPCALL && event->operation < UPCALL_COUNT)
        return g_strdup (upcalls[event->operation]);
    if (event->kind == EVENT_SYSCALL)
        return g_strdup (personality_call_name (event->operation));
    return g_strdup ("?");
}

/* What was said, as "name=value name=value -> name=value", if the caller has noted it. */
static void
set_fields (json_t *row, const struct event *event)
{
    const struct operation *op;
    struct note note;
    char text[512], reply[256] = "";

    if (event->kind != EVENT_CALL || event->interface >= INTERFACE_COUNT
        || event->operation >= interfaces[event->interface].operation_count
        || event->from >= PLAN->component_count
        || !note_find (PLAN->components[event->from].domain, event, &note))
        return;
    op = &interfaces[event->interface].operations[event->operation];
    interface_print (op->request_text, note.request, text, sizeof text);
    if (note.answered)
        interface_print (op->reply_text, note.reply, reply, sizeof reply);
    if (reply[0] != '\0') {
        g_strlcat (text, text[0] != '\0' ? " -> " : "-> ", sizeof text);
        g_strlcat (text, reply, sizeof text);
    }
    json_object_set_new (row, "fields", control_text (text, sizeof text));
}

json_t *
control_event_json (const struct event *event)
{
    static const char *const kinds[] = { "?", "call", "syscall", "upcall", "task" };
    g_autofree char *operation       = operation_text (event);
    uint64_t fixed = event->nested + event->waited + event->crossing + stats_copying (event->bytes);
    json_t *row    = json_object ();

    set (row, "n", event->number);
    json_object_set_new (row, "kind",
                         json_string (kinds[event->kind <= EVENT_TASK ? event->kind : 0]));
    set (row, "at", event->start);
    set (row, "total", event->total);
    json_object_set_new (row, "from", json_string (component_name_of (event->from)));
    json_object_set_new (row, "to", json_string (component_name_of (event->to)));
    json_object_set_new (row, "op", json_string (operation));
    set (row, "task", event->task);
    set (row, "call", event->call);
    set (row, "depth", event->depth);
    if (event->kind == EVENT_SYSCALL) {
        set (row, "errno", event->status);
        return row;
    }
    json_object_set_new (row, "status", json_string (status_name ((enum status)event->status)));
    json_object_set_new (row, "gate",
                         json_string (event->gate == GATE_CHANNEL ? "channel" : "direct"));
    set (row, "crossing", event->crossing);
    set (row, "copy", stats_copying (event->bytes));
    set (row, "bytes", event->bytes);
    set (row, "waited", event->waited);
    set_fields (row, event);
    set (row, "nested", event->nested);
    set (row, "work", event->total > fixed ? event->total - fixed : 0);
    return row;
}

char *
control_event_text (const struct event *event)
{
    g_autofree char *operation = operation_text (event);

    if (event->kind == EVENT_SYSCALL)
        return g_strdup_printf ("system call %s, error %u", operation, event->status);
    return g_strdup_printf ("%s -> %s: %s %s", component_name_of (event->from),
                            component_name_of (event->to), operation,
                            status_name ((enum status)event->status));
}
