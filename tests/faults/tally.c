/* tally: see tally.h. */
#include "faults/tally.h"

#include <stdio.h>

/* What a recovery from those that kill is to take, of the host's time, on an idle machine. */
#define TARGET_P50_MS 2
#define TARGET_P99_MS 20

struct tally {
    unsigned injected, activated;
    unsigned outcomes[OUTCOMES];
    GArray *samples; /* uint32_t us */
};

const enum fault_kind deadly_kinds[DEADLY_KINDS]
    = { FAULT_ABORT,  FAULT_POINTER, FAULT_ILLEGAL, FAULT_STACK,
        FAULT_DIVIDE, FAULT_SYSCALL, FAULT_RELAPSE };

static struct tally tallies[VICTIMS][FAULT_KINDS];

/* ---- counting ---- */

static void
sample_add (struct tally *tally, uint32_t us)
{
    if (tally->samples == NULL)
        tally->samples = g_array_new (FALSE, FALSE, sizeof (uint32_t));
    g_array_append_val (tally->samples, us);
}

void
tally_run (const struct plot *plot, const struct trial_result *result, enum outcome outcome)
{
    for (unsigned i = 0; i < plot->count; i++) {
        struct tally *tally = &tallies[plot->rules[i].victim][plot->rules[i].kind];
        unsigned fired      = result->fired[i];

        tally->injected += MAX (fired, 1);
        tally->activated += fired;
        tally->outcomes[fired != 0 ? outcome : OUTCOME_NOT_ACTIVATED] += MAX (fired, 1);
    }
    for (uint32_t i = 0; i < result->sample_count; i++) {
        uint32_t rule = result->samples[i].rule;

        if (rule < plot->count)
            sample_add (&tallies[plot->rules[rule].victim][plot->rules[rule].kind],
                        result->samples[i].us);
    }
}

unsigned
tally_activated (void)
{
    unsigned sum = 0;

    for (unsigned v = 0; v < VICTIMS; v++)
        for (unsigned k = 0; k < FAULT_KINDS; k++)
            sum += tallies[v][k].activated;
    return sum;
}

static void
tally_add (struct tally *to, const struct tally *from)
{
    to->injected += from->injected;
    to->activated += from->activated;
    for (unsigned i = 0; i < OUTCOMES; i++)
        to->outcomes[i] += from->outcomes[i];
    for (unsigned i = 0; from->samples != NULL && i < from->samples->len; i++)
        sample_add (to, g_array_index (from->samples, uint32_t, i));
}

/* ---- printing ---- */

static gint
compare (gconstpointer a, gconstpointer b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static void
quantiles_print (GArray *samples)
{
    if (samples == NULL) {
        printf ("%9s %9s", "-", "-");
        return;
    }
    g_array_sort (samples, compare);
    printf ("%9.2f %9.2f", g_array_index (samples, uint32_t, samples->len / 2) / 1e3,
            g_array_index (samples, uint32_t, samples->len * 99 / 100) / 1e3);
}

static void
row_print (const char *name, const char *kind, const struct tally *tally)
{
    if (tally->injected == 0)
        return;
    printf ("# %-9s %-13s %8u %9u ", name, kind, tally->injected, tally->activated);
    quantiles_print (tally->samples);
    for (unsigned i = 0; i < OUTCOMES; i++)
        if (tally->outcomes[i] != 0)
            printf ("  %s %u", outcome_names[i], tally->outcomes[i]);
    putchar ('\n');
}

static void
total_print (const char *kind, struct tally *all)
{
    row_print ("all", kind, all);
    if (all->samples != NULL)
        g_array_unref (all->samples);
}

/* Apart from hangs, which take as long as it takes to be sure of them. */
static void
fail_stop_print (void)
{
    struct tally all = { 0 };

    for (unsigned k = 0; k < DEADLY_KINDS; k++)
        for (unsigned v = 0; v < VICTIMS; v++)
            tally_add (&all, &tallies[v][deadly_kinds[k]]);
    total_print ("fail-stop", &all);
    printf ("# %-43s %9.2f %9.2f\n", "targets, on an idle machine", (double)TARGET_P50_MS,
            (double)TARGET_P99_MS);
}

void
tally_print (void)
{
    struct tally all = { 0 };

    printf ("# %-9s %-13s %8s %9s %9s %9s  outcome\n# %46s %s\n", "component", "fault", "injected",
            "activated", "p50 ms", "p99 ms", "", "until it served again");
    for (unsigned k = 0; k < FAULT_KINDS; k++)
        for (unsigned v = 0; v < VICTIMS; v++) {
            row_print (victims[v].name, fault_kinds[k].word, &tallies[v][k]);
            tally_add (&all, &tallies[v][k]);
        }
    total_print ("", &all);
    fail_stop_print ();
}
