/* campaign: ten thousand faults that really strike, in all components of machines whose
 * processes are sandboxed as always, under loads that check themselves. No supervisor dies, no
 * acknowledged write is lost, nothing happens twice, no file system is damaged, and every
 * outcome is the one that the structure predicts.
 *
 * Prints TAP, and as comments a table of what struck where and how long it took to come back.
 * KHIMERA_CAMPAIGN=N does N times as much. A run that fails says how to do it again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault/outcome.h"

#define TIMEOUT_MS 60000u
#define LOADS_MAX  4u

/* ---- who is struck, and how often by chance: about as often as any other ---- */

static const struct victim {
    const char *name;
    unsigned odds;
} victims[] = {
    { "log", 3 },    { "clock", 3 }, { "tty", 4 }, { "pm", 8 },   { "vfs", 120 },
    { "tmpfs", 50 }, { "dev", 5 },   { "proc", 6 }, { "blk", 10 }, { "ext2", 100 },
    { "vm", 2 },     { "rs", 40 },
};

#define VICTIMS G_N_ELEMENTS (victims)

struct tally {
    unsigned injected, activated;
    unsigned outcomes[OUTCOMES];
    GArray *samples; /* uint32_t us */
};

static struct tally tallies[VICTIMS][FAULT_KINDS];
static char *folder, *image;
static unsigned number, campaign = 1;
static uint64_t booted_ns; /* when machines have certainly booted, in virtual time */

static bool
is_victim (unsigned victim, const char *name)
{
    return strcmp (victims[victim].name, name) == 0;
}

/* Nobody but the board asks rs, and only when somebody has died; and it sends nothing. */
static bool
is_called (unsigned victim)
{
    return !is_victim (victim, "rs");
}

/* Whoever is struck by one of these stops at once. */
static const enum fault_kind deadly[] = { FAULT_ABORT,  FAULT_POINTER, FAULT_ILLEGAL, FAULT_STACK,
                                          FAULT_DIVIDE, FAULT_SYSCALL, FAULT_RELAPSE };

/* What a recovery from those is to take, of the host's time, on an idle machine. */
#define TARGET_P50_MS 2
#define TARGET_P99_MS 20

/* ---- a run ---- */

/* Assignments of one run, and which rule is about what. */
struct plot {
    GPtrArray *assignments;
    unsigned count;
    struct {
        uint8_t victim, kind;
    } rules[FAULT_RULES_MAX];
};

static void
plot_begin (struct plot *plot)
{
    plot->assignments = g_ptr_array_new_with_free_func (g_free);
    plot->count       = 0;
}

static void
plot_add (struct plot *plot, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
plot_add (struct plot *plot, const char *format, ...)
{
    va_list arguments;

    va_start (arguments, format);
    g_ptr_array_add (plot->assignments, g_strdup_vprintf (format, arguments));
    va_end (arguments);
}

/* A rule about a component; what it says beside goes to plot_more. */
static void
plot_rule (struct plot *plot, unsigned victim, enum fault_kind kind)
{
    plot->rules[plot->count].victim = (uint8_t)victim;
    plot->rules[plot->count].kind   = (uint8_t)kind;
    plot->count++;
    plot_add (plot, "fault.f%u.component=%s", plot->count, victims[victim].name);
    plot_add (plot, "fault.f%u.kind=%s", plot->count, fault_kinds[kind].word);
}

static void
plot_more (struct plot *plot, const char *key, uint64_t value, const char *unit)
{
    plot_add (plot, "fault.f%u.%s=%" PRIu64 "%s", plot->count, key, value, unit);
}

static void
plot_clear (struct plot *plot)
{
    g_ptr_array_unref (plot->assignments);
}

static void
plot_print (const struct plot *plot, const char *commands)
{
    printf ("# khimera run microkernel --set machine.restart=replay");
    for (guint i = 0; i < plot->assignments->len; i++)
        if (plot->assignments->pdata[i] != NULL)
            printf (" --set %s", (const char *)plot->assignments->pdata[i]);
    printf (" -c '%s'\n", commands);
}

static void
text_print (const char *text)
{
    g_auto (GStrv) lines = g_strsplit (text, "\n", 60);

    for (char **line = lines; *line != NULL; line++)
        printf ("#    %s\n", *line);
}

/* What all machines of the campaign have in common. */
static char **
common_make (const char *restart)
{
    GPtrArray *all = g_ptr_array_new ();

    g_ptr_array_add (all, g_strdup ("machine.tasks=64"));
    g_ptr_array_add (all, g_strconcat ("machine.restart=", restart, NULL));
    for (unsigned i = 0; i < VICTIMS; i++) {
        g_ptr_array_add (all, g_strdup_printf ("component.%s.restart-intensity=1000000",
                                               victims[i].name));
        g_ptr_array_add (all, g_strdup_printf ("component.%s.heartbeat=100ms", victims[i].name));
        g_ptr_array_add (all, g_strdup_printf ("component.%s.restart-backoff=0s", victims[i].name));
    }
    g_ptr_array_add (all, NULL);
    return (char **)g_ptr_array_free (all, FALSE);
}

static void
plot_run (struct plot *plot, const char *machine, const char *restart, const char *commands,
          struct trial_result *result)
{
    g_auto (GStrv) common    = common_make (restart);
    struct trial_setup setup = { .machine     = machine,
                                 .assignments = common,
                                 .commands    = commands,
                                 .folder      = folder,
                                 .image       = image,
                                 .timeout_ms  = TIMEOUT_MS };

    if (plot->assignments->len == 0
        || plot->assignments->pdata[plot->assignments->len - 1] != NULL)
        g_ptr_array_add (plot->assignments, NULL);
    trial_run (&setup, (char **)plot->assignments->pdata, result);
}

/* ---- counting ---- */

static void
count_run (const struct plot *plot, const struct trial_result *result, enum outcome outcome)
{
    for (unsigned i = 0; i < plot->count; i++) {
        struct tally *tally = &tallies[plot->rules[i].victim][plot->rules[i].kind];
        unsigned fired      = result->fired[i];

        tally->injected += MAX (fired, 1);
        tally->activated += fired;
        tally->outcomes[fired != 0 ? outcome : OUTCOME_NOT_ACTIVATED] += MAX (fired, 1);
    }
    for (uint32_t i = 0; i < result->sample_count; i++) {
        const struct fault_sample *sample = &result->samples[i];
        struct tally *tally;

        if (sample->rule >= plot->count)
            continue;
        tally = &tallies[plot->rules[sample->rule].victim][plot->rules[sample->rule].kind];
        if (tally->samples == NULL)
            tally->samples = g_array_new (FALSE, FALSE, sizeof (uint32_t));
        g_array_append_val (tally->samples, sample->us);
    }
}

static unsigned
fired (const struct plot *plot, const struct trial_result *result)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < plot->count; i++)
        sum += result->fired[i];
    return sum;
}

static unsigned
activated (void)
{
    unsigned sum = 0;

    for (unsigned v = 0; v < VICTIMS; v++)
        for (unsigned k = 0; k < FAULT_KINDS; k++)
            sum += tallies[v][k].activated;
    return sum;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static void
quantiles_print (GArray *samples)
{
    if (samples == NULL || samples->len == 0) {
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
add (struct tally *to, const struct tally *from)
{
    to->injected += from->injected;
    to->activated += from->activated;
    for (unsigned i = 0; i < OUTCOMES; i++)
        to->outcomes[i] += from->outcomes[i];
    if (from->samples != NULL)
        g_array_append_vals (to->samples, from->samples->data, from->samples->len);
}

/* Apart from hangs, which take as long as it takes to be sure of them. */
static void
fail_stop_print (void)
{
    struct tally all = { .samples = g_array_new (FALSE, FALSE, sizeof (uint32_t)) };

    for (unsigned k = 0; k < G_N_ELEMENTS (deadly); k++)
        for (unsigned v = 0; v < VICTIMS; v++)
            add (&all, &tallies[v][deadly[k]]);
    row_print ("all", "fail-stop", &all);
    printf ("# %-43s %9.2f %9.2f\n", "targets, on an idle machine", (double)TARGET_P50_MS,
            (double)TARGET_P99_MS);
    g_array_unref (all.samples);
}

static void
table_print (void)
{
    struct tally all = { .samples = g_array_new (FALSE, FALSE, sizeof (uint32_t)) };

    printf ("# %-9s %-13s %8s %9s %9s %9s  outcome\n# %46s %s\n", "component", "fault", "injected",
            "activated", "p50 ms", "p99 ms", "", "until it served again");
    for (unsigned k = 0; k < FAULT_KINDS; k++)
        for (unsigned v = 0; v < VICTIMS; v++) {
            row_print (victims[v].name, fault_kinds[k].word, &tallies[v][k]);
            add (&all, &tallies[v][k]);
        }
    row_print ("all", "", &all);
    g_array_unref (all.samples);
    fail_stop_print ();
}

static void
ok (bool passed, const char *name)
{
    printf ("%sok %u - %s\n", passed ? "" : "not ", ++number, name);
    fflush (stdout);
}

/* ---- the loads ---- */

/* Five at once; what each says is told in the end. */
static char *
load_text (unsigned seed)
{
    return g_strdup_printf ("onceload -s %u -n 500 /load /tmp/load >/tmp/o & o=$!; "
                            "fsload -s %u -n 250 -d /fs >/tmp/f & f=$!; "
                            "pipeload -s %u -n 30 >/tmp/p & p=$!; "
                            "memload -s %u -n 400 -p 96 >/tmp/m & m=$!; "
                            "spawnload -s %u -n 12; e=$?; "
                            "wait $o || e=$?; wait $f || e=$?; wait $p || e=$?; "
                            "wait $m || e=$?; "
                            "cat /tmp/o /tmp/f /tmp/p /tmp/m; sync; exit $e",
                            seed, seed, seed, seed, seed);
}

/* Whatever may be refused for want of something may be refused here. */
static char *
tolerant_load_text (unsigned seed)
{
    return g_strdup_printf ("onceload -s %u -n 700 /load /tmp/load", seed);
}

/* As that, and memory, of which nothing can be refused. */
static char *
memory_load_text (unsigned seed)
{
    return g_strdup_printf ("onceload -s %u -n 700 /load /tmp/load; e=$?; "
                            "memload -s %u -n 200 -p 64 || e=1; exit $e",
                            seed, seed);
}

static void
calm_run (const char *commands, struct trial_result *calm)
{
    struct plot none;

    plot_begin (&none);
    plot_run (&none, "microkernel", "replay", commands, calm);
    if (!calm->finished || calm->end != BOARD_HALTED || calm->status != 0 || !calm->image_clean) {
        printf ("Bail out! the machine does not run without faults: %s%s\n", calm->output->str,
                calm->report->str);
        exit (1);
    }
    plot_clear (&none);
}

/* As the structure predicts, or said otherwise, with how to do it again. */
static bool
expected (const struct plot *plot, const char *commands, const struct trial_result *result,
          enum outcome outcome, unsigned predicted, const char *why)
{
    if (predicted >> outcome & 1)
        return true;
    printf ("# %s: %s\n", outcome_names[outcome], why);
    plot_print (plot, commands);
    text_print (result->report->str);
    text_print (result->output->str);
    return false;
}

/* ---- the acts ---- */

/* Everybody dies again and again, before and after his work; the history of the machine is that
 * of one in which nobody did. */
static bool
act_deadly (unsigned wanted)
{
    struct trial_result calm[LOADS_MAX];
    char *loads[LOADS_MAX];
    unsigned struck = 0;
    bool fine       = true;

    for (unsigned i = 0; i < LOADS_MAX; i++)
        calm_run (loads[i] = load_text (i + 1), &calm[i]);
    for (unsigned run = 0; fine && struck < wanted; run++) {
        const struct trial_result *alike = &calm[run % LOADS_MAX];
        struct trial_result result;
        struct plot plot;
        enum outcome outcome;
        const char *why;

        plot_begin (&plot);
        for (unsigned v = 0; v < VICTIMS; v++) {
            plot_rule (&plot, v, deadly[(run + v) % G_N_ELEMENTS (deadly)]);
            plot_more (&plot, "odds", victims[v].odds, "");
            plot_more (&plot, "times", 0, "");
            plot_more (&plot, "seed", run * 100 + v, "");
            if (is_called (v)) /* else it does not know what time it is */
                plot_more (&plot, "at", booted_ns, "ns");
            if ((run + v) % 3 == 0)
                plot_add (&plot, "fault.f%u.moment=after", plot.count);
        }
        plot_run (&plot, "microkernel", "replay", loads[run % LOADS_MAX], &result);
        outcome = outcome_of (&result, alike, FAULT_ABORT, &why);
        if (outcome == OUTCOME_TRANSPARENT && result.trace != alike->trace) {
            outcome = OUTCOME_FAIL;
            why     = "the history is another";
        }
        fine = expected (&plot, loads[run % LOADS_MAX], &result, outcome,
                         1u << OUTCOME_TRANSPARENT, why);
        struck += fired (&plot, &result);
        count_run (&plot, &result, outcome);
        trial_result_clear (&result);
        plot_clear (&plot);
    }
    for (unsigned i = 0; i < LOADS_MAX; i++) {
        trial_result_clear (&calm[i]);
        g_free (loads[i]);
    }
    return fine;
}

/* A panic tells what died, of what, and where. */
static bool
is_told (const struct trial_result *result)
{
    const char *report = result->report->str;

    return strstr (report, "kernel panic: domain kernel (") != NULL
           && (strstr (report, "SIG") != NULL || strstr (report, "system call") != NULL)
           && strstr (report, "    #0 ") != NULL;
}

/* What wild writes came to. */
static struct {
    unsigned compared; /* runs with the history of the undisturbed one, */
    unsigned escaped;  /* in which the memory of another domain was another */
    unsigned others;   /* runs with a history of their own: nothing to compare with */
} wild;

/* In machines of which each component has a process: is the memory of all others as in the
 * undisturbed run? But for that of rs, who is told of every death. */
static bool
is_contained (const struct trial_result *result, const struct trial_result *calm,
              const char *victim)
{
    for (uint32_t c = 0; c < result->component_count; c++)
        if (strcmp (result->domains[result->homes[c]], victim) != 0
            && strcmp (result->domains[result->homes[c]], "rs") != 0
            && result->digests[c] != calm->digests[c])
            return false;
    return true;
}

static bool
wild_look (const struct trial_result *result, const struct trial_result *calm, const char *victim)
{
    if (result->end != BOARD_HALTED || result->trace != calm->trace) {
        wild.others++;
        return true;
    }
    wild.compared++;
    if (is_contained (result, calm, victim))
        return true;
    wild.escaped++;
    return false;
}

/* One fault of a kind in a component, once, at its n-th opportunity. */
static bool
act_single (const struct trial_result *calm, const MachineConfig *config, const char *machine,
            const char *restart, const char *commands, unsigned victim, enum fault_kind kind,
            unsigned call, unsigned seed)
{
    struct trial_result result;
    enum outcome outcome;
    struct plot plot;
    const char *why;
    bool fine;

    plot_begin (&plot);
    plot_rule (&plot, victim, kind);
    plot_more (&plot, "call", call, "");
    plot_more (&plot, "seed", seed, "");
    plot_more (&plot, "at", booted_ns, "ns");
    plot_run (&plot, machine, restart, commands, &result);
    outcome = outcome_of (&result, calm, kind, &why);
    if (outcome == OUTCOME_PANIC && !is_told (&result)) {
        outcome = OUTCOME_FAIL;
        why     = "the panic is without a report";
    }
    if (kind == FAULT_WILD && !wild_look (&result, calm, victims[victim].name)) {
        outcome = OUTCOME_FAIL;
        why     = "memory of another domain is another";
    }
    fine    = expected (&plot, commands, &result, outcome,
                        outcome_predict (config, victims[victim].name, kind), why);
    count_run (&plot, &result, outcome);
    trial_result_clear (&result);
    plot_clear (&plot);
    return fine;
}

/* `rounds` times each of these kinds in every component that `fits`. */
static bool
act_each (const char *machine, const char *restart, const enum fault_kind *kinds, unsigned count,
          unsigned rounds, bool (*fits) (unsigned victim))
{
    g_auto (GStrv) common    = common_make (restart);
    g_autofree char *load    = memory_load_text (5), *wrong = NULL;
    g_autofree char *disk    = g_strconcat ("device.disk0.image=", image, NULL);
    g_autoptr (GPtrArray) all = g_ptr_array_new ();
    struct trial_result calm;
    MachineConfig *config;
    bool fine = true;

    for (char **at = common; *at != NULL; at++)
        g_ptr_array_add (all, *at);
    g_ptr_array_add (all, disk);
    g_ptr_array_add (all, NULL);
    config = config_read (machine, (char **)all->pdata, &wrong);
    calm_run (load, &calm);
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned k = 0; k < count; k++)
            for (unsigned v = 0; v < VICTIMS; v++)
                if (is_called (v) && (fits == NULL || fits (v)))
                    fine &= act_single (&calm, config, machine, restart, load, v, kinds[k],
                                        1 + (round * 7 + v) % 23, round * 31 + v);
    trial_result_clear (&calm);
    config_free (config);
    return fine;
}

static void
wild_print (void)
{
    printf ("# wild writes: %u runs with the history of an undisturbed one, %u of them with other "
            "memory\n#   elsewhere; %u with a history of their own\n",
            wild.compared, wild.escaped, wild.others);
}

static bool
is_disk (unsigned victim)
{
    return is_victim (victim, "blk");
}

/* A program's memory that is refused is no documented status of anything. */
static bool
is_wanted (unsigned victim)
{
    return is_called (victim) && !is_victim (victim, "vm");
}

/* Want of everything, everywhere, all the time; and time lost. What was acknowledged holds. But
 * for the disk's driver: who refuses to write back at the very end leaves a disk as it is. */
static bool
act_want (unsigned wanted)
{
    static const enum fault_kind kinds[]
        = { FAULT_ARENA, FAULT_FIBERS, FAULT_SLOW, FAULT_DELAY };
    g_autofree char *load                = tolerant_load_text (9);
    struct trial_result calm;
    unsigned struck = 0;
    bool fine       = true;

    calm_run (load, &calm);
    for (unsigned run = 0; fine && struck < wanted; run++) {
        struct trial_result result;
        enum outcome outcome;
        struct plot plot;
        const char *why;

        plot_begin (&plot);
        for (unsigned v = 0; v < VICTIMS; v++)
            for (unsigned k = is_disk (v) ? 2 : 0; is_wanted (v) && k < G_N_ELEMENTS (kinds); k++) {
                plot_rule (&plot, v, kinds[k]);
                plot_more (&plot, "odds", victims[v].odds, "");
                plot_more (&plot, "times", 0, "");
                plot_more (&plot, "seed", run * 1000 + v * 10 + k, "");
                plot_more (&plot, "at", booted_ns, "ns");
                plot_more (&plot, "amount", 20, "us");
            }
        plot_run (&plot, "microkernel", "replay", load, &result);
        outcome = outcome_of (&result, &calm, FAULT_ARENA, &why);
        fine    = expected (&plot, load, &result, outcome,
                            1u << OUTCOME_DEGRADED | 1u << OUTCOME_TRANSPARENT, why);
        struck += fired (&plot, &result);
        count_run (&plot, &result, outcome);
        trial_result_clear (&result);
        plot_clear (&plot);
    }
    trial_result_clear (&calm);
    return fine;
}

/* Messages that are lost, damaged and doubled: the history is that of a machine in which all
 * arrived. */
static bool
act_messages (unsigned wanted)
{
    static const enum fault_kind kinds[] = { FAULT_CORRUPT, FAULT_DROP, FAULT_DUPLICATE };
    g_autofree char *load                = load_text (7);
    struct trial_result calm;
    unsigned struck = 0;
    bool fine       = true;

    calm_run (load, &calm);
    for (unsigned run = 0; fine && struck < wanted; run++) {
        struct trial_result result;
        enum outcome outcome;
        struct plot plot;
        const char *why;

        plot_begin (&plot);
        for (unsigned v = 0; v < VICTIMS; v++)
            for (unsigned k = 0; is_called (v) && k < G_N_ELEMENTS (kinds); k++) {
                plot_rule (&plot, v, kinds[k]);
                plot_more (&plot, "odds", victims[v].odds * 2, "");
                plot_more (&plot, "times", 0, "");
                plot_more (&plot, "seed", run * 1000 + v * 10 + k, "");
            }
        plot_run (&plot, "microkernel", "never", load, &result);
        outcome = outcome_of (&result, &calm, FAULT_DROP, &why);
        if (result.violations != 0 || result.trace != calm.trace) {
            outcome = OUTCOME_FAIL;
            why     = "the history is another, or somebody was accused";
        }
        fine = expected (&plot, load, &result, outcome, 1u << OUTCOME_MASKED, why);
        struck += fired (&plot, &result);
        count_run (&plot, &result, outcome);
        trial_result_clear (&result);
        plot_clear (&plot);
    }
    trial_result_clear (&calm);
    return fine;
}

/* ---- all of it ---- */

static bool
act_panics (unsigned rounds)
{
    static const enum fault_kind kinds[]
        = { FAULT_ABORT, FAULT_POINTER, FAULT_STACK, FAULT_DIVIDE, FAULT_SYSCALL };

    return act_each ("monolithic", "replay", kinds, G_N_ELEMENTS (kinds), rounds, NULL);
}

static void
begin (void)
{
    g_autoptr (GError) error = NULL;
    const char *times        = g_getenv ("KHIMERA_CAMPAIGN");

    if (times != NULL && atoi (times) > 0)
        campaign = (unsigned)atoi (times);
    folder = g_dir_make_tmp ("khimera-campaign-XXXXXX", &error);
    image  = folder != NULL ? trial_image_make (folder) : NULL;
    if (image == NULL) {
        printf ("1..0 # SKIP there is no mke2fs, or no place for an image\n");
        exit (0);
    }
}

int
main (void)
{
    static const enum fault_kind hangs[] = { FAULT_PARK, FAULT_LOOP };
    static const enum fault_kind writes[] = { FAULT_WILD };
    static const enum fault_kind disks[] = { FAULT_DISK_ERROR, FAULT_DISK_CORRUPT,
                                             FAULT_MISDIRECTED, FAULT_LOST_WRITE,
                                             FAULT_TORN_WRITE,  FAULT_POWER_CUT };
    struct trial_result idle;

    begin ();
    calm_run (":", &idle);
    booted_ns = idle.virtual_ns;
    trial_result_clear (&idle);
    printf ("1..9\n");
    ok (act_deadly (7000 * campaign), "deaths of all kinds: nothing but latency, and the same history");
    ok (act_messages (1500 * campaign), "lost, damaged and doubled messages: nobody notices");
    ok (act_want (1500 * campaign), "want of memory and fibers: a documented status, nothing lost");
    ok (act_each ("microkernel", "replay", hangs, 2, campaign, NULL), "hangs: found, put back");
    ok (act_each ("microkernel", "replay", writes, 1, 8 * campaign, NULL),
        "wild writes reach no further than the process");
    ok (act_each ("microkernel", "replay", disks, 6, 6 * campaign, is_disk),
        "disks that fail and lie: told, or damage to the disk alone");
    ok (act_panics (2 * campaign), "in the kernel: a clean panic, always");
    table_print ();
    wild_print ();
    printf ("# activated: %u\n", activated ());
    ok (activated () >= 10000 * campaign, "so many faults have struck");
    unlink (image);
    ok (rmdir (folder) == 0, "nothing is left behind");
    return 0;
}
