/* child: a process of a domain, as the board has it. */
#ifndef SIM_BOARD_CHILD_H
#define SIM_BOARD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "rs/policy.h"

struct child {
    pid_t process; /* 0: none */
    int pidfd;
    enum rs_cause cause; /* why we have ended it, or are about to; RS_CRASH: we have not */
    uint32_t stuck;      /* RS_STUCK: death.fiber */
};

void child_signal (const struct child *child, int number);
/* Waits for its end; answers the signal that it died of, 0 if it exited. */
int child_bury (struct child *child);
/* Has it ended? It is still to be buried. */
bool child_ended (const struct child *child);
/* Makes it stand still. False: it has ended instead, and is still to be buried. */
bool child_stop (const struct child *child);

#endif
