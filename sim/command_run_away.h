/* command_run_away: running a machine in a process of its own, away from the terminal: for a
 * viewer in the foreground, or for nobody. */
#ifndef SIM_COMMAND_RUN_AWAY_H
#define SIM_COMMAND_RUN_AWAY_H

#include <stdbool.h>

struct run_away {
    bool child;   /* we are the process that runs the machine, */
    int line;     /* and say on this one when it runs */
    int messages; /* what the child says on standard error */
    int process;  /* of the child */
};

/* Forks. The child has no terminal and a session of its own; its messages are kept. False: the
 * host refuses. */
bool run_away_begin (struct run_away *away);

/* In the child: the machine runs and listens there. */
void run_away_ready (struct run_away *away, const char *socket_path);

/* In the parent: waits for that. The socket's path, owned by the caller; NULL: it has failed
 * instead; *status is then its exit status, and its messages have been printed. */
char *run_away_wait (struct run_away *away, int *status);

/* In the parent, when the viewer has gone: waits for a machine that is about to end, and answers
 * its exit status; or says that it goes on. */
int run_away_leave (struct run_away *away, const char *socket_path);

#endif
