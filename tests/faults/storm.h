/* storm: acts in which everybody is struck, by chance, again and again, until so many faults
 * have struck. */
#ifndef TESTS_FAULTS_STORM_H
#define TESTS_FAULTS_STORM_H

#include "faults/plot.h"

#define STORM_LOADS_MAX 4u

struct storm {
    const enum fault_kind *kinds; /* in each component that they fit */
    unsigned kind_count;
    bool kills;      /* one of the kinds for each component, in each run another; else all, rarer */
    bool early;      /* from the first instruction on; else when all have booted */
    const char *restart;
    char *(*load) (unsigned seed);
    unsigned first_seed, seeds; /* of the load, by turns; the structures take turns with them */
    bool anywhere;      /* apart, in the hybrid, and in processes that are shared; else */
    unsigned structure; /* in this one */
    unsigned predicted; /* bit n: outcome n would be no surprise; */
    bool same_history;  /* and the trace is that of a run in which nothing went wrong, */
                        /* and nobody is accused */
    const char *spared; /* a component that is not struck; NULL: none */
};

/* Was everything as it should be? */
bool storm_act (const struct storm *storm, unsigned wanted);

#endif
