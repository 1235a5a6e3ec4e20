#include "ui/snapshot.h"

#include <string.h>

#define CYCLES_PER_NS 3.0
/* In slow motion, less than this says nothing of a rate. */
#define SLOW_LEAST_NS 200000u

/* ---- reading JSON that may say anything ---- */

static uint64_t
number (const json_t *object, const char *key)
{
    const json_t *value = json_object_get (object, key);

    if (json_is_integer (value))
        return (uint64_t)json_integer_value (value);
    if (json_is_real (value) && json_real_value (value) > 0
        && json_real_value (value) < 1e19)
        return (uint64_t)json_real_value (value);
    return 0;
}

static const char *
string (const json_t *object, const char *key)
{
    const char *text = json_string_value (json_object_get (object, key));

    return text != NULL ? text : "";
}

static bool
truth (const json_t *object, const char *key)
{
    return json_is_true (json_object_get (object, key));
}

#define COPY(field, object, key)                                                           \
    g_strlcpy ((field), string ((object), (key)), sizeof (field))

/* "a b c" from ["a", "b", "c"] or from "a b c". */
static char *
words (const json_t *value)
{
    GString *text = g_string_new (NULL);
    const json_t *word;
    size_t i;

    if (json_is_string (value))
        g_string_append (text, json_string_value (value));
    json_array_foreach (value, i, word)
    {
        if (json_is_string (word))
            g_string_append_printf (text, "%s%s", text->len != 0 ? " " : "",
                                    json_string_value (word));
    }
    return g_string_free (text, FALSE);
}

/* The host calls of a list with one line for each: "source  call  conditions  reason". */
static char *
host_calls (const json_t *value)
{
    g_autofree char *text = words (value);
    g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
    GString *calls = g_string_new (NULL);
    g_autofree char *last = NULL;

    if (lines[0] == NULL || lines[1] == NULL) {
        g_string_free (calls, TRUE);
        return g_steal_pointer (&text);
    }
    for (char **line = lines; *line != NULL; line++) {
        g_auto (GStrv) word = g_regex_split_simple ("\\s+", *line, 0, 0);

        if (word[0] == NULL || word[1] == NULL || g_strcmp0 (last, word[1]) == 0)
            continue;
        g_string_append_printf (calls, "%s%s", calls->len != 0 ? " " : "", word[1]);
        g_free (last);
        last = g_strdup (word[1]);
    }
    return g_string_free (calls, FALSE);
}

/* ---- parts ---- */

static void
component_clear (gpointer row)
{
    g_free (((struct component_row *)row)->privileges);
}

static void
domain_clear (gpointer row)
{
    g_free (((struct domain_row *)row)->privileges);
}

static void
link_clear (gpointer row)
{
    struct link_row *link = row;

    g_array_unref (link->histogram);
    g_array_unref (link->operations);
}

static enum doing
read_doing (const json_t *said)
{
    static const struct {
        const char *word;
        enum doing doing;
    } words[] = {
        { "moving", DOING_MOVING },
        { "held", DOING_HELD },
        { "restarting", DOING_RESTARTING },
    };

    for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
        if (strcmp (string (said, "doing"), words[i].word) == 0)
            return words[i].doing;
    return DOING_NOTHING;
}

static void
read_domain (Snapshot *snapshot, const json_t *said)
{
    struct domain_row row
        = { .pid = (int64_t)number (said, "pid"),
            .dead = strcmp (string (said, "state"), "dead") == 0,
            .doing = read_doing (said),
            .processes = number (said, "processes"),
            .fibers = number (said, "fibers"),
            .violations = number (said, "violations"),
            .privileges = host_calls (json_object_get (said, "privileges")) };

    COPY (row.name, said, "name");
    g_array_append_val (snapshot->domains, row);
}

static void
read_component (Snapshot *snapshot, const json_t *said)
{
    struct component_row row
        = { .domain = snapshot_domain (snapshot, string (said, "domain")),
            .dead = strcmp (string (said, "state"), "dead") == 0,
            .doing = read_doing (said),
            .essential = truth (said, "essential"),
            .calls_in = number (said, "calls_in"),
            .calls_out = number (said, "calls_out"),
            .work = number (said, "work_cycles"),
            .arena_used = number (said, "arena_used"),
            .arena_peak = number (said, "arena_peak"),
            .arena_bytes = number (said, "arena_bytes"),
            .restarts = number (said, "restarts"),
            .privileges = words (json_object_get (said, "privileges")) };
    g_autofree char *interface = words (json_object_get (said, "interface"));

    COPY (row.name, said, "name");
    COPY (row.label, said, "label");
    COPY (row.class_, said, "class");
    g_strlcpy (row.interface, interface, sizeof row.interface);
    if (row.domain >= 0 && DOMAIN (snapshot, row.domain)->dead)
        row.dead = true;
    g_array_append_val (snapshot->components, row);
}

static void
read_frames (Snapshot *snapshot, const json_t *said)
{
    const json_t *map = json_object_get (said, "map"), *row;
    size_t i;

    snapshot->ram = (struct frames_now){ .frames = number (said, "frames"),
                                         .free = number (said, "free"),
                                         .files = number (said, "files"),
                                         .dirty = number (said, "dirty"),
                                         .swap = number (said, "swap"),
                                         .swap_free = number (said, "swap_free"),
                                         .faults = number (said, "faults"),
                                         .zeroed = number (said, "zeroed"),
                                         .copied = number (said, "copied"),
                                         .swapped_in = number (said, "swapped_in"),
                                         .swapped_out = number (said, "swapped_out"),
                                         .cell = number (said, "cell"),
                                         .map = g_strdup (json_string_value (map)) };
    json_array_foreach (json_object_get (said, "owners"), i, row)
    {
        struct owner_row owner = { .process = number (row, "process"),
                                   .own = number (row, "own"),
                                   .shared = number (row, "shared") };

        g_array_append_val (snapshot->owners, owner);
    }
}

static void
read_histogram (struct link_row *row, const json_t *said)
{
    const json_t *pair, *value;
    const char *key;
    size_t i;

    json_array_foreach (json_object_get (said, "histogram"), i, pair)
    {
        struct bucket bucket
            = { .floor = (uint64_t)json_integer_value (json_array_get (pair, 0)),
                .count = (uint64_t)json_integer_value (json_array_get (pair, 1)) };

        if (bucket.count != 0)
            g_array_append_val (row->histogram, bucket);
    }
    json_object_foreach ((json_t *)json_object_get (said, "ops"), key, value)
    {
        struct operation_row operation = { .calls = (uint64_t)json_integer_value (value) };

        g_strlcpy (operation.name, key, sizeof operation.name);
        g_array_append_val (row->operations, operation);
    }
}

static void
read_link (Snapshot *snapshot, const json_t *said)
{
    const json_t *cycles = json_object_get (said, "cycles");
    const json_t *latency = json_object_get (said, "latency");
    struct link_row row
        = { .from = snapshot_component (snapshot, string (said, "from")),
            .to = snapshot_component (snapshot, string (said, "to")),
            .calls = number (said, "calls"),
            .remote = number (said, "remote"),
            .refused = number (said, "refused"),
            .bytes = number (said, "bytes"),
            .total = number (cycles, "total"),
            .crossing = number (cycles, "crossing"),
            .copy = number (cycles, "copy"),
            .waited = number (cycles, "waited"),
            .p50 = number (latency, "p50"),
            .p90 = number (latency, "p90"),
            .p99 = number (latency, "p99"),
            .max = number (latency, "max"),
            .histogram = g_array_new (FALSE, FALSE, sizeof (struct bucket)),
            .operations = g_array_new (FALSE, TRUE, sizeof (struct operation_row)) };

    COPY (row.interface, said, "interface");
    read_histogram (&row, said);
    g_array_append_val (snapshot->links, row);
}

static void
read_task (Snapshot *snapshot, const json_t *said)
{
    struct task_row row
        = { .task = number (said, "task"),
            .pid = number (said, "pid"),
            .priority = json_integer_value (json_object_get (said, "priority")),
            .cpu_ns = number (said, "cpu_ns"),
            .calls = number (said, "calls") };

    COPY (row.name, said, "name");
    COPY (row.state, said, "state");
    COPY (row.waits_for, said, "waits_for");
    g_array_append_val (snapshot->tasks, row);
}

static enum machine_state
read_state (const char *word)
{
    if (strcmp (word, "paused") == 0)
        return MACHINE_PAUSED;
    if (strcmp (word, "dead") == 0)
        return MACHINE_DEAD;
    return strcmp (word, "ended") == 0 ? MACHINE_ENDED : MACHINE_RUNNING;
}

static void
read_status (Snapshot *snapshot, const json_t *status)
{
    const json_t *running = json_object_get (status, "running");
    const json_t *console = json_object_get (status, "console");

    COPY (snapshot->machine, status, "machine");
    COPY (snapshot->structure, status, "structure");
    COPY (snapshot->cost_model, status, "cost_model");
    COPY (snapshot->version, status, "version");
    snapshot->state = read_state (string (status, "state"));
    snapshot->reason = g_strdup (string (status, "reason"));
    snapshot->report = g_strdup (json_string_value (json_object_get (status, "report")));
    snapshot->readonly = truth (status, "readonly");
    snapshot->virtual_ns = number (status, "virtual_ns");
    snapshot->host_ns = number (status, "host_ns");
    snapshot->speed = json_number_value (json_object_get (status, "speed"));
    snapshot->calls = number (status, "calls");
    snapshot->crossings = number (status, "crossings");
    snapshot->bytes = number (status, "bytes_copied");
    snapshot->switches = number (status, "switches");
    snapshot->syscalls = number (status, "syscalls");
    snapshot->seed = number (status, "seed");
    snapshot->board_cpu_ns = number (status, "board_cpu_ns");
    snapshot->viewers = (int)MIN (number (status, "viewers"), 999);
    snapshot->console_rows = (int)MIN (number (console, "rows"), 500);
    snapshot->console_columns = (int)MIN (number (console, "columns"), 1000);
    snapshot->running_component
        = snapshot_component (snapshot, string (running, "component"));
    snapshot->running_domain = snapshot_domain (snapshot, string (running, "domain"));
    snapshot->running_task = number (running, "task");
    if (snapshot->running_domain < 0 && snapshot->running_component >= 0)
        snapshot->running_domain
            = COMPONENT (snapshot, snapshot->running_component)->domain;
}

Snapshot *
snapshot_new (const json_t *said)
{
    static uint64_t last_number;
    Snapshot *snapshot = g_new0 (Snapshot, 1);
    const json_t *row;
    size_t i;

    snapshot->refs = 1;
    snapshot->number = ++last_number;
    snapshot->components = g_array_new (FALSE, TRUE, sizeof (struct component_row));
    snapshot->domains = g_array_new (FALSE, TRUE, sizeof (struct domain_row));
    snapshot->links = g_array_new (FALSE, TRUE, sizeof (struct link_row));
    snapshot->tasks = g_array_new (FALSE, TRUE, sizeof (struct task_row));
    snapshot->owners = g_array_new (FALSE, TRUE, sizeof (struct owner_row));
    g_array_set_clear_func (snapshot->components, component_clear);
    g_array_set_clear_func (snapshot->domains, domain_clear);
    g_array_set_clear_func (snapshot->links, link_clear);
    json_array_foreach (json_object_get (said, "domains"), i, row)
        read_domain (snapshot, row);
    json_array_foreach (json_object_get (said, "components"), i, row)
        read_component (snapshot, row);
    json_array_foreach (json_object_get (said, "links"), i, row) read_link (snapshot, row);
    json_array_foreach (json_object_get (said, "tasks"), i, row) read_task (snapshot, row);
    read_frames (snapshot, json_object_get (said, "frames"));
    read_status (snapshot, json_object_get (said, "status"));
    return snapshot;
}

Snapshot *
snapshot_ref (Snapshot *snapshot)
{
    snapshot->refs++;
    return snapshot;
}

void
snapshot_unref (Snapshot *snapshot)
{
    if (--snapshot->refs > 0)
        return;
    g_array_unref (snapshot->components);
    g_array_unref (snapshot->domains);
    g_array_unref (snapshot->links);
    g_array_unref (snapshot->tasks);
    g_array_unref (snapshot->owners);
    g_free (snapshot->ram.map);
    g_free (snapshot->reason);
    g_free (snapshot->report);
    g_free (snapshot);
}

/* ---- rates ---- */

static double
per_second (uint64_t now, uint64_t before, double seconds)
{
    return now > before && seconds > 0 ? (double)(now - before) / seconds : 0;
}

static void
keep_rates (Snapshot *now, const Snapshot *before)
{
    now->call_rate = before->call_rate;
    now->crossing_rate = before->crossing_rate;
    now->byte_rate = before->byte_rate;
    now->switch_rate = before->switch_rate;
    now->syscall_rate = before->syscall_rate;
    for (guint i = 0; i < MIN (now->components->len, before->components->len); i++) {
        COMPONENT (now, i)->rate = COMPONENT (before, i)->rate;
        COMPONENT (now, i)->load = COMPONENT (before, i)->load;
    }
    for (guint i = 0; i < MIN (now->links->len, before->links->len); i++) {
        LINK (now, i)->rate = LINK (before, i)->rate;
        LINK (now, i)->remote_rate = LINK (before, i)->remote_rate;
        LINK (now, i)->byte_rate = LINK (before, i)->byte_rate;
    }
}

static void
row_rates (Snapshot *now, const Snapshot *before, double seconds)
{
    for (guint i = 0; i < MIN (now->components->len, before->components->len); i++) {
        struct component_row *row = COMPONENT (now, i);
        const struct component_row *then = COMPONENT (before, i);

        row->rate = per_second (row->calls_in, then->calls_in, seconds);
        row->load = per_second (row->work, then->work, seconds) / (CYCLES_PER_NS * 1e9);
    }
    for (guint i = 0; i < MIN (now->links->len, before->links->len); i++) {
        struct link_row *row = LINK (now, i);
        const struct link_row *then = LINK (before, i);

        if (row->from != then->from || row->to != then->to)
            continue;
        row->rate = per_second (row->calls, then->calls, seconds);
        row->remote_rate = per_second (row->remote, then->remote, seconds);
        row->byte_rate = per_second (row->bytes, then->bytes, seconds);
    }
    for (guint i = 0; i < now->tasks->len; i++)
        for (guint j = 0; j < before->tasks->len; j++)
            if (TASK (before, j)->task == TASK (now, i)->task)
                TASK (now, i)->load
                    = per_second (TASK (now, i)->cpu_ns, TASK (before, j)->cpu_ns, seconds)
                      / 1e9;
}

void
snapshot_rates (Snapshot *now, const Snapshot *before)
{
    double seconds, wall;

    if (before == NULL)
        return;
    if (now->ram.copied > before->ram.copied)
        now->ram.copies = now->ram.copied - before->ram.copied;
    if (now->virtual_ns <= before->virtual_ns
        || (now->speed > 0 && now->speed < 0.001
            && now->virtual_ns - before->virtual_ns < SLOW_LEAST_NS)) {
        keep_rates (now, before);
        return;
    }
    seconds = (double)(now->virtual_ns - before->virtual_ns) / 1e9;
    wall = now->host_ns > before->host_ns ? (double)(now->host_ns - before->host_ns) / 1e9
                                          : 0;

    now->pace = wall > 0 ? seconds / wall : 0;
    now->call_rate = per_second (now->calls, before->calls, seconds);
    now->crossing_rate = per_second (now->crossings, before->crossings, seconds);
    now->byte_rate = per_second (now->bytes, before->bytes, seconds);
    now->switch_rate = per_second (now->switches, before->switches, seconds);
    now->syscall_rate = per_second (now->syscalls, before->syscalls, seconds);
    row_rates (now, before, seconds);
}

/* ---- finding ---- */

int
snapshot_component (const Snapshot *snapshot, const char *name)
{
    for (guint i = 0; i < snapshot->components->len; i++)
        if (strcmp (COMPONENT (snapshot, i)->name, name) == 0)
            return (int)i;
    return -1;
}

int
snapshot_domain (const Snapshot *snapshot, const char *name)
{
    for (guint i = 0; i < snapshot->domains->len; i++)
        if (strcmp (DOMAIN (snapshot, i)->name, name) == 0)
            return (int)i;
    return -1;
}

static int
domain_of (const Snapshot *snapshot, const char *component)
{
    int index = snapshot_component (snapshot, component);

    return index >= 0 ? COMPONENT (snapshot, index)->domain : -1;
}

int
snapshot_kernel (const Snapshot *snapshot)
{
    int domain = snapshot_domain (snapshot, "kernel");

    return domain >= 0 ? domain : domain_of (snapshot, "nucleus");
}

int
snapshot_user (const Snapshot *snapshot)
{
    int domain = snapshot_domain (snapshot, "user");

    return domain >= 0 ? domain : domain_of (snapshot, "user");
}

guint
domain_components (const Snapshot *snapshot, int domain)
{
    guint count = 0;

    for (guint i = 0; i < snapshot->components->len; i++)
        count += COMPONENT (snapshot, i)->domain == domain;
    return count;
}

/* ---- numbers ---- */

const char *
shown_number (char text[16], double value)
{
    static const char units[] = " kMGTPE";
    unsigned unit = 0;

    while (value >= 999.5 && units[unit + 1] != '\0') {
        value /= 1000;
        unit++;
    }
    if (unit == 0)
        g_snprintf (text, 16,
                    value > 0 && value < 9.95 && value != (int)value ? "%.1f" : "%.0f",
                    value);
    else
        g_snprintf (text, 16, value < 99.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
    return text;
}

const char *
shown_bytes (char text[16], double bytes)
{
    static const char units[] = "BKMGTPE";
    unsigned unit = 0;

    while (bytes >= 1023.5 && units[unit + 1] != '\0') {
        bytes /= 1024;
        unit++;
    }
    g_snprintf (text, 16, unit == 0 || bytes >= 9.95 ? "%.0f%c" : "%.1f%c", bytes,
                units[unit]);
    return text;
}

const char *
shown_time (char text[16], double ns)
{
    static const char *const units[] = { "ns", "us", "ms", "s" };
    unsigned unit = 0;

    while (ns >= 999.5 && unit < 3) {
        ns /= 1000;
        unit++;
    }
    g_snprintf (text, 16,
                unit == 0 || ns >= 99.95 ? "%.0f%s"
                : ns >= 9.995            ? "%.1f%s"
                                         : "%.2f%s",
                ns, units[unit]);
    return text;
}

const char *
shown_cycles (char text[16], double cycles)
{
    return shown_time (text, cycles / CYCLES_PER_NS);
}
