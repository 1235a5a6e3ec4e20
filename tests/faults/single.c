/* single: see single.h. */
#include "faults/single.h"

#include <inttypes.h>
#include <string.h>

#include "faults/loads.h"
#include "faults/tally.h"
#include "faults/wild.h"

/* The opportunities at which it strikes, by turns. */
#define CALLS 23u

#define SEED 5u

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

static bool
single_run (const struct single *single, const MachineConfig *config, const char *load,
            const struct trial_result *calm, unsigned victim, enum fault_kind kind, unsigned round)
{
    struct trial_result result;
    enum outcome outcome;
    struct plot plot;
    const char *why;
    bool fine;

    plot_begin (&plot, single->machine, single->restart, load);
    plot_rule (&plot, victim, kind);
    plot_more (&plot, "call", "%u", 1 + (round * 7 + victim) % CALLS);
    plot_more (&plot, "seed", "%u", round * 31 + victim);
    plot_more (&plot, "at", "%" PRIu64 "ns", ground.booted_ns);
    plot_run (&plot, &result);
    outcome = classify (&result, calm, victim, kind, &why);
    fine    = plot_expected (&plot, &result, outcome,
                             outcome_predict (config, victims[victim].name, kind), why);
    tally_run (&plot, &result, outcome);
    trial_result_clear (&result);
    plot_clear (&plot);
    return fine;
}

/* The machine, as the prediction wants to see it. */
static MachineConfig *
config_of (const struct single *single)
{
    g_auto (GStrv) common     = ground_assignments (single->restart);
    g_autofree char *disk     = g_strconcat ("device.disk0.image=", ground.image, NULL);
    g_autofree char *wrong    = NULL;
    g_autoptr (GPtrArray) all = g_ptr_array_new ();

    for (char **at = common; *at != NULL; at++)
        g_ptr_array_add (all, *at);
    g_ptr_array_add (all, disk);
    g_ptr_array_add (all, NULL);
    return config_read (single->machine, (char **)all->pdata, &wrong);
}

bool
single_act (const struct single *single, unsigned rounds)
{
    g_autofree char *load = load_memory (SEED);
    MachineConfig *config = config_of (single);
    struct trial_result calm;
    bool fine = true;

    calm_run (load, &calm);
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned k = 0; k < single->kind_count; k++)
            for (unsigned v = 0; v < VICTIMS; v++)
                if (single->fits == NULL || single->fits (v, single->kinds[k]))
                    fine &= single_run (single, config, load, &calm, v, single->kinds[k], round);
    trial_result_clear (&calm);
    config_free (config);
    return fine;
}
