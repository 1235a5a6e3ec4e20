/* campaign: ten thousand faults that really strike, in all components of machines whose
 * processes are sandboxed as always, under loads that check themselves. No supervisor dies, no
 * acknowledged write is lost, nothing happens twice, no file system is damaged, and every
 * outcome is the one that the structure predicts.
 *
 * Prints TAP, and as comments a table of what struck where and how long it took to come back.
 * It was seen to fail where every 301st message was left out of the journals, where a write that
 * a replay did again was done twice, and where a snapshot was put back without a replay.
 * KHIMERA_CAMPAIGN=N does N times as much. A run that fails says how to do it again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "faults/fits.h"
#include "faults/loads.h"
#include "faults/single.h"
#include "faults/storm.h"
#include "faults/tally.h"
#include "faults/wild.h"

#define BIT(outcome)   (1u << OUTCOME_##outcome)
#define KINDS(array)   .kinds = (array), .kind_count = G_N_ELEMENTS (array)
#define ACTIVATED_MIN  10000u

static unsigned number, campaign = 1;

static void
ok (bool passed, const char *promise)
{
    printf ("%sok %u - %s\n", passed ? "" : "not ", ++number, promise);
    fflush (stdout);
}

/* ---- the acts ---- */

static const enum fault_kind messages[] = { FAULT_CORRUPT, FAULT_DROP, FAULT_DUPLICATE };
static const enum fault_kind late[] = { FAULT_SLOW, FAULT_DELAY };
static const enum fault_kind arena[] = { FAULT_ARENA };
static const enum fault_kind fibers[] = { FAULT_FIBERS };
static const enum fault_kind files[] = { FAULT_FILES };
static const enum fault_kind wants[] = { FAULT_ARENA, FAULT_FIBERS };
static const enum fault_kind hangs[] = { FAULT_PARK, FAULT_LOOP };
static const enum fault_kind writes[] = { FAULT_WILD };
static const enum fault_kind disks[] = { FAULT_DISK_ERROR, FAULT_DISK_CORRUPT, FAULT_MISDIRECTED,
                                         FAULT_LOST_WRITE, FAULT_TORN_WRITE,   FAULT_POWER_CUT };
static const enum fault_kind panics[] = { FAULT_ABORT, FAULT_POINTER, FAULT_ILLEGAL, FAULT_STACK,
                                          FAULT_DIVIDE, FAULT_SYSCALL };

static const enum fault_kind deaths[] = { FAULT_ABORT, FAULT_POINTER, FAULT_STACK };

static const char *const blk[]     = { "blk", NULL };
static const char *const drivers[] = { "log", "clock", "tty", "dev", "blk", NULL };

/* Who refuses to write back at the very end leaves a disk as it is: where it is about want, the
 * disk's driver is struck once, in the midst of things. */
static const struct {
    const char *promise;
    struct storm storm;
    unsigned wanted;
} storms[] = {
    { "deaths of all kinds: nothing but latency, and the same history",
      { KINDS (deadly_kinds), .kills = true, .restart = "replay", .load = load_all,
        .first_seed = 1, .seeds = 4, .anywhere = true, .predicted = BIT (TRANSPARENT), .same_history = true },
      6500 },
    { "a host of drivers: whose crash takes others along gets a process of its own",
      { KINDS (deaths), .kills = true, .restart = "replay", .load = load_all, .first_seed = 12,
        .seeds = 1, .structure = DRIVER_HOST, .predicted = BIT (TRANSPARENT) | BIT (DEGRADED) },
      300 },
    { "lost, damaged and doubled messages: nobody notices, and the same history",
      { KINDS (messages), .early = true, .restart = "never", .load = load_all_and_history,
        .first_seed = 7, .seeds = 3, .anywhere = true, .predicted = BIT (MASKED), .same_history = true },
      1500 },
    { "slow components and late messages: nothing but latency",
      { KINDS (late), .restart = "replay", .load = load_all_and_history, .first_seed = 8,
        .seeds = 3, .anywhere = true, .predicted = BIT (TRANSPARENT) },
      800 },
    { "want of fibers: a documented status, nothing lost",
      { KINDS (fibers), .restart = "replay", .load = load_history, .first_seed = 9, .seeds = 3, .anywhere = true,
        .predicted = BIT (DEGRADED) | BIT (TRANSPARENT), .spared = "blk" },
      500 },
    { "want of memory: likewise",
      { KINDS (arena), .restart = "replay", .load = load_history, .first_seed = 10, .seeds = 1,
        .predicted = BIT (DEGRADED) | BIT (TRANSPARENT), .spared = "blk" },
      150 },
    { "want of descriptors: likewise",
      { KINDS (files), .restart = "replay", .load = load_history, .first_seed = 11, .seeds = 1,
        .predicted = BIT (DEGRADED) | BIT (TRANSPARENT) },
      30 },
};

static const struct {
    const char *promise;
    struct single single;
    unsigned rounds;
} singles[] = {
    { "hangs: found, put back", { APART, "replay", KINDS (hangs) }, 1 },
    { "wild writes reach no further than the process",
      { APART, "replay", KINDS (writes) }, 8 },
    { "want in the disk's driver: told, nothing lost",
      { APART, "replay", KINDS (wants), .only = blk }, 6 },
    { "disks that fail and lie: told, or damage to the disk alone",
      { APART, "replay", KINDS (disks) }, 6 },
    { "drivers that begin anew: what was asked is asked again, or refused by a status",
      { APART, "cold", KINDS (deaths), .only = drivers }, 2 },
    { "hangs of those who share a process", { SHARED, "replay", KINDS (hangs) }, 1 },
    { "in the kernel: a clean panic, always", { MONOLITHIC, "replay", KINDS (panics) }, 2 },
};

int
main (void)
{
    const char *times = g_getenv ("KHIMERA_CAMPAIGN");

    if (times != NULL && atoi (times) > 0)
        campaign = (unsigned)atoi (times);
    if (!ground_make ()) {
        printf ("1..0 # SKIP there is no mke2fs, or no place for an image\n");
        return 0;
    }
    printf ("1..%zu\n", G_N_ELEMENTS (storms) + G_N_ELEMENTS (singles) + 3);
    for (unsigned i = 0; i < G_N_ELEMENTS (storms); i++)
        ok (storm_act (&storms[i].storm, storms[i].wanted * campaign), storms[i].promise);
    for (unsigned i = 0; i < G_N_ELEMENTS (singles); i++)
        ok (single_act (&singles[i].single, singles[i].rounds * campaign), singles[i].promise);
    tally_print ();
    fits_print ();
    wild_print ();
    printf ("# activated: %u\n", tally_activated ());
    ok (wild_is_seen (), "of the wild writes that nobody noticed, audits have found some");
    ok (tally_activated () >= ACTIVATED_MIN * campaign, "so many faults have struck");
    ok (ground_clear (), "nothing is left behind");
    return 0;
}
