/* outcome: what came of a fault, and what should have, by the structure alone. */
#ifndef SIM_FAULT_OUTCOME_H
#define SIM_FAULT_OUTCOME_H

#include "fault/trial.h"

enum outcome {
    OUTCOME_NOT_ACTIVATED, /* it never came to it */
    OUTCOME_MASKED,        /* nothing died and nothing took longer */
    OUTCOME_TRANSPARENT,   /* programs saw latency and nothing else */
    OUTCOME_DEGRADED,      /* a program was told, by a documented status; service went on */
    OUTCOME_DAMAGED,       /* what the component or the disk alone answers for is wrong */
    OUTCOME_STOPPED,       /* the component is off, the machine goes on; or the power is; or the
                              machine came to a stop by itself, and said so */
    OUTCOME_PANIC,         /* it was in the kernel's domain, which died cleanly */
    OUTCOME_FAIL,          /* wrong data, a hang, a double effect, a dead supervisor */
    OUTCOMES
};

extern const char *const outcome_names[OUTCOMES];
extern const char outcome_letters[OUTCOMES + 1];

/* What happened, compared with the run in which nothing went wrong; *why is a few words. */
enum outcome outcome_of (const struct trial_result *result, const struct trial_result *calm,
                         enum fault_kind kind, const char **why);

/* Bit n: outcome n would be no surprise. reached: the undisturbed run comes to the opportunity at
 * which the fault is to strike, so the other one will as well; if it does not, neither does. */
unsigned outcome_predict (const MachineConfig *config, const char *component,
                          enum fault_kind kind, bool reached);

#endif
