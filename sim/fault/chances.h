/* chances: how many opportunities for each fault there are in a run in which nothing goes wrong. As
 * a run with a fault is that one until the fault strikes, this says beforehand whether it will. */
#ifndef SIM_FAULT_CHANCES_H
#define SIM_FAULT_CHANCES_H

#include "fault/trial.h"

struct chances {
    unsigned count;
    struct {
        const char *name; /* borrowed */
        bool disk, files; /* has it one, has it descriptors? */
    } components[COMPONENT_MAX];
    uint32_t seen[COMPONENT_MAX][FAULT_KINDS];
};

/* Counts from that virtual time on, in all of the components that the machine has; which of them
 * are asked for is in `chances` already. False: it does not run, or does what it does not without
 * being counted. */
bool chances_count (struct chances *chances, const struct trial_setup *setup, uint64_t at_ns,
                    const struct trial_result *calm);
/* Does it come to that opportunity? */
bool chances_reach (const struct chances *chances, const char *component, enum fault_kind kind,
                    uint64_t call);

#endif
