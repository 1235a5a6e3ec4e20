/* tally: what struck where, what came of it, and how long it took until who was struck served
 * again. */
#ifndef TESTS_FAULTS_TALLY_H
#define TESTS_FAULTS_TALLY_H

#include "faults/plot.h"

/* Whoever is struck by one of these stops at once. */
#define DEADLY_KINDS 7u

extern const enum fault_kind deadly_kinds[DEADLY_KINDS];

void tally_run (const struct plot *plot, const struct trial_result *result, enum outcome outcome);
/* How many faults have struck so far. */
unsigned tally_activated (void);
/* All of it, as comments. */
void tally_print (void);

#endif
