/* storm: see storm.h. */
#include "faults/storm.h"

#include <inttypes.h>

#include "faults/fits.h"
#include "faults/tally.h"

/* Those that are about time take that much of it. */
#define AMOUNT "20us"

/* While others die rs is asked by the board, outside of the machine, and cannot know what time
 * it is there. */
static bool
knows_time (const struct storm *storm, unsigned victim)
{
    return !storm->kills || !victim_is (victim, "rs");
}

/* Can it strike when the work is done as well? */
static bool
has_moment (enum fault_kind kind)
{
    return fault_kinds[kind].place == FAULT_AT_CALL && !fault_kinds[kind].again;
}

static void
rule_add (const struct storm *storm, struct plot *plot, unsigned run, unsigned victim,
          unsigned number)
{
    enum fault_kind kind = storm->kinds[number];

    plot_rule (plot, victim, kind);
    plot_more (plot, "odds", "%u",
               storm->kills ? victims[victim].odds : victims[victim].rarer * storm->kind_count);
    plot_more (plot, "times", "0");
    plot_more (plot, "seed", "%u", run * 1000 + victim * 10 + number);
    plot_more (plot, "amount", AMOUNT);
    if (!storm->early && knows_time (storm, victim))
        plot_more (plot, "at", "%" PRIu64 "ns", ground.booted_ns);
    if (has_moment (kind) && (run + victim) % 3 == 0)
        plot_more (plot, "moment", "after");
}

/* The one that the load takes its turn with. */
static unsigned
structure_of (const struct storm *storm, unsigned load)
{
    static const unsigned turns[] = { APART, HYBRID, SHARED };

    return storm->anywhere ? turns[load % G_N_ELEMENTS (turns)] : storm->structure;
}

/* Who is in the kernel would take it along. */
static bool
is_struck (const struct storm *storm, const struct plot *plot, unsigned victim)
{
    return (storm->spared == NULL || !victim_is (victim, storm->spared))
           && structure_has_apart (plot->structure, victim)
           && !(storm->kills && structure_spares (plot->structure, victim));
}

static void
rules_add (const struct storm *storm, struct plot *plot, unsigned run)
{
    for (unsigned v = 0; v < VICTIMS; v++)
        for (unsigned k = 0; k < storm->kind_count; k++)
            if (fits (v, storm->kinds[k])
                && is_struck (storm, plot, v)
                && (!storm->kills || k == (run + v) % storm->kind_count))
                rule_add (storm, plot, run, v, k);
}

/* One run of it: was all as it should be? By chance nothing may have struck. */
static bool
storm_run (const struct storm *storm, unsigned run, unsigned structure, const char *load,
           const struct trial_result *calm, unsigned *struck)
{
    struct trial_result result;
    enum outcome outcome;
    struct plot plot;
    const char *why;
    bool fine;

    plot_begin (&plot, structure, storm->restart, load);
    rules_add (storm, &plot, run);
    plot_run (&plot, &result);
    outcome = outcome_of (&result, calm, storm->kinds[0], &why);
    if (outcome != OUTCOME_FAIL && storm->same_history
        && (result.trace != calm->trace || result.violations != 0)) {
        outcome = OUTCOME_FAIL;
        why     = "the history is another, or somebody was accused";
    }
    fine = plot_expected (&plot, &result, outcome,
                          storm->predicted | 1u << OUTCOME_NOT_ACTIVATED, why);
    *struck += plot_fired (&plot, &result);
    tally_run (&plot, &result, outcome);
    trial_result_clear (&result);
    plot_clear (&plot);
    return fine;
}

/* Runs one after the other in which nothing strikes: that is no chance any more. */
#define IDLE_RUNS_MAX 30u

bool
storm_act (const struct storm *storm, unsigned wanted)
{
    struct trial_result calm[STORM_LOADS_MAX];
    char *loads[STORM_LOADS_MAX];
    unsigned struck = 0, idle = 0;
    bool fine       = true;

    for (unsigned i = 0; i < storm->seeds; i++)
        calm_run (structure_of (storm, i), loads[i] = storm->load (storm->first_seed + i),
                  &calm[i]);
    for (unsigned run = 0; fine && struck < wanted; run++) {
        unsigned which = run % storm->seeds, before = struck;

        fine = storm_run (storm, run, structure_of (storm, which), loads[which], &calm[which],
                           &struck);
        idle = struck == before ? idle + 1 : 0;
        if (idle > IDLE_RUNS_MAX) {
            printf ("# nothing strikes any more\n");
            fine = false;
        }
    }
    for (unsigned i = 0; i < storm->seeds; i++) {
        trial_result_clear (&calm[i]);
        g_free (loads[i]);
    }
    return fine;
}
