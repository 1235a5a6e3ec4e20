/* single: see single.h. */
#include "faults/single.h"

#include <inttypes.h>
#include <string.h>

#include "fault/chances.h"
#include "faults/fits.h"
#include "faults/loads.h"
#include "faults/tally.h"
#include "faults/wild.h"

/* The opportunities at which it strikes, by turns; and in rs. */
#define CALLS    23u
#define CALLS_RS 4u
/* Who dies to have rs asked: number of a victim. */
#define CLOCK 1u

#define SEED 5u

/* A journal that short makes for many snapshots, each of which is looked at. */
#define SNAPSHOT "machine.snapshot=64K"
#define AUDIT    "machine.audit=1"

/* Where rs is struck: when the board asks it about somebody who died, or by those who read what
 * became of it. */
enum place { ANYWHERE, AT_DESK, IN_MACHINE };

/* A panic tells what died, of what, and where. */
static bool
is_told (const struct trial_result *result)
{
    const char *report = result->report->str;

    return strstr (report, "kernel panic: domain kernel (") != NULL
           && (strstr (report, "SIG") != NULL || strstr (report, "system call") != NULL)
           && strstr (report, "    #0 ") != NULL;
}

static enum outcome
classify (const struct trial_result *result, const struct trial_result *calm, unsigned victim,
          enum fault_kind kind, const char **why)
{
    enum outcome outcome = outcome_of (result, calm, kind, why);

    if (outcome == OUTCOME_PANIC && !is_told (result)) {
        *why = "the panic is without a report";
        return OUTCOME_FAIL;
    }
    if (kind == FAULT_WILD && !wild_look (result, calm, victims[victim].name)) {
        *why = "memory of another domain is another";
        return OUTCOME_FAIL;
    }
    return outcome;
}

/* A load, and how it goes when nothing goes wrong. */
struct reference {
    char *load;
    struct trial_result calm;
    struct chances chances;
};

/* At which opportunity it is to strike. */
static unsigned
call_of (unsigned victim, unsigned round, enum place place)
{
    unsigned calls = place == IN_MACHINE ? CALLS_RS : place == AT_DESK ? 1 : CALLS;

    return 1 + (round * 7 + victim) % calls;
}

/* Whoever asks rs at its desk does so at once: somebody has died. */
static bool
is_reached (const struct reference *reference, unsigned victim, enum fault_kind kind,
            unsigned round, enum place place)
{
    return place == AT_DESK
           || chances_reach (&reference->chances, victims[victim].name, kind,
                             call_of (victim, round, place));
}

/* At its desk rs does not know what time it is, and is only asked about somebody's death. */
static void
rules_add (struct plot *plot, unsigned victim, enum fault_kind kind, unsigned round,
           enum place place)
{
    plot_rule (plot, victim, kind);
    plot_more (plot, "call", "%u", call_of (victim, round, place));
    plot_more (plot, "seed", "%u", round * 31 + victim);
    if (place != AT_DESK)
        plot_more (plot, "at", "%" PRIu64 "ns", ground.booted_ns);
    if (place == ANYWHERE)
        return;
    plot_more (plot, "operation", place == AT_DESK ? "rs.report" : "rs.history");
    if (place == IN_MACHINE)
        return;
    plot_rule (plot, CLOCK, FAULT_ABORT);
    plot_more (plot, "at", "%" PRIu64 "ns", ground.booted_ns);
}

static bool
single_run (const struct single *single, const MachineConfig *config,
            const struct reference *reference, unsigned victim, enum fault_kind kind,
            unsigned round, enum place place)
{
    struct trial_result result;
    enum outcome outcome;
    struct plot plot;
    const char *why;
    bool fine;

    plot_begin (&plot, single->structure, single->restart, reference->load);
    rules_add (&plot, victim, kind, round, place);
    if (kind == FAULT_WILD) {
        plot_set (&plot, SNAPSHOT);
        plot_set (&plot, AUDIT);
    }
    plot_run (&plot, &result);
    outcome = classify (&result, &reference->calm, victim, kind, &why);
    fine    = plot_expected (&plot, &result, outcome,
                             outcome_predict (config, victims[victim].name, kind,
                                              is_reached (reference, victim, kind, round, place)),
                             why);
    tally_run (&plot, &result, outcome);
    trial_result_clear (&result);
    plot_clear (&plot);
    return fine;
}

/* The machine, as the prediction wants to see it. */
static MachineConfig *
config_of (const struct single *single)
{
    g_auto (GStrv) common     = ground_assignments (single->structure, single->restart);
    g_autofree char *disk     = g_strconcat ("device.disk0.image=", ground.image, NULL);
    g_autofree char *wrong    = NULL;
    g_autoptr (GPtrArray) all = g_ptr_array_new ();

    for (char **at = common; *at != NULL; at++)
        g_ptr_array_add (all, *at);
    g_ptr_array_add (all, disk);
    g_ptr_array_add (all, NULL);
    return config_read (structures[single->structure].machine, (char **)all->pdata, &wrong);
}

/* False: what is counted is not what happens without. */
static bool
reference_make (struct reference *reference, const struct single *single, char *load)
{
    g_auto (GStrv) common    = ground_assignments (single->structure, single->restart);
    struct trial_setup setup = ground_setup (single->structure, load, common);
    struct chances *chances  = &reference->chances;

    reference->load = load;
    calm_run (single->structure, load, &reference->calm);
    *chances = (struct chances){ .count = VICTIMS };
    for (unsigned v = 0; v < VICTIMS; v++) {
        chances->components[v].name  = victims[v].name;
        chances->components[v].disk  = victim_is (v, "blk");
        chances->components[v].files = victim_is (v, "vfs");
    }
    return chances_count (chances, &setup, ground.booted_ns, &reference->calm);
}

static void
reference_clear (struct reference *reference)
{
    g_free (reference->load);
    trial_result_clear (&reference->calm);
}

static bool
is_meant (const struct single *single, unsigned victim)
{
    return single->only == NULL
           || g_strv_contains (single->only, victims[victim].name);
}

bool
single_act (const struct single *single, unsigned rounds)
{
    MachineConfig *config = config_of (single);
    struct reference all, rs;
    bool fine = reference_make (&all, single, load_memory (SEED));

    fine &= reference_make (&rs, single, load_history (SEED));
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned k = 0; k < single->kind_count; k++)
            for (unsigned v = 0; v < VICTIMS; v++) {
                enum fault_kind kind = single->kinds[k];

                if (!fits (v, kind) || !is_meant (single, v))
                    continue;
                if (!victim_is (v, "rs")) {
                    fine &= single_run (single, config, &all, v, kind, round, ANYWHERE);
                    continue;
                }
                fine &= single_run (single, config, &rs, v, kind, round, IN_MACHINE);
                if (single->structure == APART) /* else nobody can ask */
                    fine &= single_run (single, config, &all, v, kind, round, AT_DESK);
            }
    reference_clear (&all);
    reference_clear (&rs);
    config_free (config);
    return fine;
}
