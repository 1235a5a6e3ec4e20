/* budget: what happens to a process because of the processor time that it uses. In a machine each call
 * takes a millisecond of that (calls.tap): it is over sooner. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "guests/case.h"

static volatile sig_atomic_t came;

static void
count (int signal)
{
    (void)signal;
    came++;
}

/* ---- the limit ---- */

/* Told at one second, and at two; at three it ends. */
static void
limit (void)
{
    int status, pipes[2];
    char told[8];
    pid_t child;

    YES (pipe (pipes) == 0);
    child = fork ();
    if (child == 0) {
        signal (SIGXCPU, count);
        setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
        setrlimit (RLIMIT_CPU, &(struct rlimit){ 1, 3 });
        for (int seen = 0;; getppid ())
            if (came != seen) {
                seen = came;
                write (pipes[1], "x", 1);
            }
    }
    close (pipes[1]);
    YES (waitpid (child, &status, 0) == child && WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
    YES (read (pipes[0], told, sizeof told) == 2);
    close (pipes[0]);
}

int
main (void)
{
    limit ();
    return done ();
}
