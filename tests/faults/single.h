/* single: acts in which one fault strikes once, in a run of its own, and what came of it is
 * compared with what the structure predicts for it. */
#ifndef TESTS_FAULTS_SINGLE_H
#define TESTS_FAULTS_SINGLE_H

#include "faults/plot.h"

struct single {
    unsigned structure;
    const char *restart;
    const enum fault_kind *kinds; /* in each component that they fit; */
    unsigned kind_count;
    const char *const *only; /* but only in these; NULL: in all */
};

/* Each of its kinds `rounds` times in every component. Was everything as predicted? */
bool single_act (const struct single *single, unsigned rounds);

#endif
