/* keeper: takes a file away when the process that made it is gone, however it went; and the
 * file's folder, if it is empty then.
 *
 * A process of its own waits for that, from before the file is made until after it is gone. */
#ifndef SIM_BOARD_KEEPER_H
#define SIM_BOARD_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

struct keeper {
    pid_t process; /* 0: none */
    int line;      /* closed: we are gone */
};

/* Before the file is made. False, with errno: the host has no process for it. */
bool keeper_new (struct keeper *keeper, const char *path);
/* Takes the file away and ends the keeper, also if somebody killed it. */
void keeper_end (struct keeper *keeper, const char *path);

#endif
