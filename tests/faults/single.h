/* single: acts in which one fault strikes once, in a run of its own, and what came of it is
 * compared with what the structure predicts for it. */
#ifndef TESTS_FAULTS_SINGLE_H
#define TESTS_FAULTS_SINGLE_H

#include "faults/plot.h"

struct single {
    const char *machine, *restart;
    const enum fault_kind *kinds;
    unsigned kind_count;
    bool (*fits) (unsigned victim, enum fault_kind kind); /* NULL: all do */
};

/* Each of its kinds `rounds` times in every component that fits. Was everything as predicted? */
bool single_act (const struct single *single, unsigned rounds);

#endif
