#include <jansson.h>

#include "board/control_inside.h"
#include "fault/rules.h"
#include "gate/gate.h"
#include "nucleus/nucleus.h"
#include "personalities/linux/linux.h"
#include "watch/digest.h"
#include "watch/export.h"
#include "watch/histogram.h"
#include "watch/stats.h"

#define QUANTILE(stats, permille) \
    json_integer ((json_int_t)histogram_quantile ((stats)->histogram, HISTOGRAM_BUCKETS, permille))

static json_t *
number (uint64_t value)
{
    return json_integer ((json_int_t)value);
}

static json_t *
link_stats_json (const Link *link, const struct link_stats *stats)
{
    const struct interface *interface = &interfaces[link->interface];
    json_t *calls                     = json_object ();

    for (unsigned op = 0; op < interface->operation_count; op++)
        if (stats->calls[op] != 0)
            json_object_set_new (calls, interface->operations[op].name,
                                 number (stats->calls[op]));
    return json_pack ("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:o},"
                      " s:{s:o, s:o, s:o, s:o}}",
                      "from", PLAN->components[link->owner].name, "to",
                      PLAN->components[link->target].name, "interface", interface->name, "calls",
                      calls, "refused", number (stats->refused), "remote",
                      number (stats->remote), "bytes_copied", number (stats->bytes), "cycles",
                      "total", number (stats->total), "crossing", number (stats_crossing (link, stats)),
                      "copy", number (stats->copy), "waited", number (stats->waited), "latency",
                      "p50", QUANTILE (stats, 500), "p90", QUANTILE (stats, 900), "p99",
                      QUANTILE (stats, 990), "max", QUANTILE (stats, 1000));
}

static char *
digest_text (uint32_t component)
{
    uint64_t digest;

    if (component == COMPONENT_NUCLEUS || component == COMPONENT_USER)
        return g_strdup ("");
    return digest_of (component, &digest)
               ? g_strdup_printf ("%016" G_GINT64_MODIFIER "x", digest)
               : g_strdup ("damaged");
}

static json_t *
components_json (void)
{
    json_t *rows = json_array ();

    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        const struct plan_component *plan   = &PLAN->components[c];
        const struct component_stats *stats = STATS (c);
        g_autofree char *digest             = digest_text (c);

        json_array_append_new (
            rows, json_pack ("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s}", "name", plan->name, "class",
                             plan->class_->name, "domain", PLAN->domains[plan->domain].name,
                             "calls_in", number (stats_calls_in (c)), "work_cycles",
                             number (stats->work), "arena_used", number (stats->arena_used),
                             "arena_peak", number (stats->arena_peak), "digest", digest));
    }
    return rows;
}

static json_t *
domains_json (void)
{
    json_t *rows = json_array ();

    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (PLAN->domains[d].name[0] != '\0') /* else spare */
            json_array_append_new (
            rows, json_pack ("{s:s, s:i, s:o, s:o}", "name", PLAN->domains[d].name, "processes",
                             (int)PLAN->domains[d].generation, "violations",
                             number (RUNTIME (d)->violations), "fibers",
                             number (RUNTIME (d)->fiber_count)));
    return rows;
}

static json_t *
faults_json (void)
{
    json_t *rows = json_array ();

    for (uint32_t i = 0; i < PLAN->fault_count; i++)
        json_array_append_new (
            rows, json_pack ("{s:s, s:s, s:s, s:o}", "name", PLAN->faults[i].name, "component",
                             PLAN->components[PLAN->faults[i].component].name, "kind",
                             fault_kinds[PLAN->faults[i].kind].word, "fired",
                             number (fault_fired (i))));
    return rows;
}

uint64_t
stats_clock_stops (void)
{
    struct nucleus n;

    return read_state (COMPONENT_NUCLEUS, &n, sizeof n) ? n.guests.alarms : 0;
}

/* Of real programs: how often the host's clock has stopped one, without which a run is the same
 * every time; and which system calls they wanted that are not there. */
static json_t *
guests_json (void)
{
    json_t *missing = json_array ();
    struct nucleus n;

    if (!read_state (COMPONENT_NUCLEUS, &n, sizeof n))
        memset (&n.guests, 0, sizeof n.guests);
    for (uint32_t i = 0; i <= GUEST_CALLS; i++)
        if (n.guests.missing[i] != 0)
            json_array_append_new (missing, json_pack ("{s:i, s:s, s:o}", "number", (int)i, "name",
                                                       linux_call_name (i), "calls",
                                                       number (n.guests.missing[i])));
    return json_pack ("{s:o, s:o}", "host_clock_stops", number (n.guests.alarms), "missing_calls",
                      missing);
}

bool
stats_write (FILE *file, const MachineConfig *config, const struct board_result *result)
{
    static const char *const ends[] = { "halted", "panic",  "timeout",
                                          "signal", "failed", "power-cut" };
    const struct token *token       = &RUNTIME (DOMAIN_KERNEL)->token;
    json_t *links                   = json_array ();
    uint64_t calls = 0, remote = 0, bytes = 0;
    g_autofree char *trace = g_strdup_printf ("%016" G_GINT64_MODIFIER "x", token->trace);
    json_t *root;
    json_t *recoveries = json_pack (
        "{s:i, s:i, s:i, s:o, s:o}", "audits", (int)result->audits, "audits_differ",
        (int)result->audits_differ, "count",
        (int)result->recoveries, "p50_ns",
        number (histogram_quantile (result->recovery_times, RECOVERY_TIMES, 500)), "p99_ns",
        number (histogram_quantile (result->recovery_times, RECOVERY_TIMES, 990)));
    bool ok;

    for (uint32_t c = 0; c < PLAN->component_count; c++)
        for (uint32_t i = 0; i < PLAN->components[c].link_count; i++) {
            const Link *link   = &PLAN->links[PLAN->components[c].first_link + i];
            const struct link_stats *stats = &STATS (c)->links[i];
            uint64_t of_link               = stats_calls (stats);

            if (of_link == 0)
                continue;
            calls += of_link;
            remote += stats->remote;
            bytes += stats->bytes;
            json_array_append_new (links, link_stats_json (link, stats));
        }
    root = json_pack ("{s:i, s:s, s:o, s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:s, s:o, s:o, s:o,"
                      " s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o}",
                      "version", 1, "machine", config->name, "seed", number (config->seed),
                      "cost_model", config->cost.name, "scheduler", config->scheduler, "end",
                      ends[result->end], "status", result->status, "virtual_cycles",
                      number (token->now), "virtual_ns", number (CYCLES_TO_NS (token->now)),
                      "events", number (token->event), "trace",
                      trace, "calls",
                      number (calls), "crossings", number (2 * remote), "bytes_copied",
                      number (bytes), "host_ns", number (result->host_ns), "lost_tokens",
                      (int)atomic_load (&PLAN->regenerations), "recoveries", recoveries, "components",
                      components_json (), "domains", domains_json (), "links", links,
                      "faults", faults_json (), "guests", guests_json ());
    ok = json_dumpf (root, file, JSON_INDENT (2)) == 0 && fputc ('\n', file) != EOF
         && fflush (file) == 0;
    json_decref (root);
    return ok;
}
