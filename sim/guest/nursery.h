/* nursery: the process that makes guests' processes, watches them and buries them.
 *
 * It is forked from the zygote when the machine starts and sleeps until the kernel wants the
 * first guest. From then on it keeps some idle ones ready, so that a fork in the machine
 * finds its process waiting. */
#ifndef SIM_GUEST_NURSERY_H
#define SIM_GUEST_NURSERY_H

#include "board/build.h"

/* Lives until it is killed, or its board is gone. */
_Noreturn void nursery_live (const Machine *machine, pid_t board);

/* From here on calls from anywhere but the stub's page trap; the stub has what it needs and no
 * more. False: the host refuses. */
bool guest_filter_set (void);

#endif
