/* consult: asks the component rs what is to be done; see gate/desk.h. */
#ifndef SIM_CONSULT_H
#define SIM_CONSULT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "rs/policy.h"

/* `domain` has died; processes[d] is 0 where there is none. False: there is no rs, or it is
 * dead itself, or it does not answer: the board must know for itself. */
bool consult_report (uint32_t domain, const pid_t *processes, const struct rs_report_req *report,
                     struct rs_report_rep *decision);
/* And tells it what was done at last. */
void consult_done (uint32_t domain, const pid_t *processes, enum rs_action action);

#endif
