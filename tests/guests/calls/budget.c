/* budget: what happens to a process because of the processor time that it uses. In a machine each call
 * takes a millisecond of that (calls.tap): it is over sooner. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
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

    came = 0;
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

/* ---- timers ---- */

static long
us_of (struct timeval time)
{
    return time.tv_sec * 1000000 + time.tv_usec;
}

static void
timer (int which, int signal_of)
{
    struct itimerval setting = { { 0, 20000 }, { 0, 50000 } }, now, off = { { 0, 0 }, { 0, 0 } };
    int status;
    pid_t child;

    came = 0;
    signal (signal_of, count);
    YES (setitimer (which, &setting, &now) == 0 && us_of (now.it_value) == 0 && us_of (now.it_interval) == 0);
    YES (getitimer (which, &now) == 0 && us_of (now.it_value) > 30000 && us_of (now.it_value) <= 54000);
    YES (us_of (now.it_interval) == 20000);
    usleep (100000); /* takes no processor time */
    YES (came == 0 && getitimer (which, &now) == 0 && us_of (now.it_value) > 20000);
    child = fork ();
    if (child == 0)
        _exit (getitimer (which, &now) != 0 || us_of (now.it_value) != 0);
    YES (waitpid (child, &status, 0) == child && status == 0);
    while (came < 3)
        getppid ();
    YES (getitimer (which, &now) == 0 && us_of (now.it_value) > 0 && us_of (now.it_value) <= 24000);
    YES (setitimer (which, &off, &now) == 0 && us_of (now.it_interval) == 20000);
    YES (getitimer (which, &now) == 0 && us_of (now.it_value) == 0);
    setting.it_interval.tv_usec = 0;
    came = 0;
    YES (setitimer (which, &setting, NULL) == 0);
    while (came == 0)
        getppid ();
    YES (came == 1 && getitimer (which, &now) == 0 && us_of (now.it_value) == 0);
    signal (signal_of, SIG_DFL);
    child = fork ();
    if (child == 0) {
        setitimer (which, &setting, NULL);
        for (;;)
            getppid ();
    }
    YES (waitpid (child, &status, 0) == child && WIFSIGNALED (status) && WTERMSIG (status) == signal_of);
}

static void
wrong (void)
{
    struct itimerval setting = { { 0, 0 }, { 0, 1000000 } };

    FAILS (syscall (SYS_setitimer, 3, &setting, NULL), EINVAL);
    FAILS (syscall (SYS_getitimer, 3, &setting), EINVAL);
    FAILS (syscall (SYS_setitimer, ITIMER_PROF, &setting, NULL), EINVAL);
    FAILS (syscall (SYS_setitimer, ITIMER_PROF, 8, NULL), EFAULT);
    FAILS (syscall (SYS_getitimer, ITIMER_VIRTUAL, 8), EFAULT);
}

int
main (void)
{
    wrong ();
    timer (ITIMER_VIRTUAL, SIGVTALRM);
    timer (ITIMER_PROF, SIGPROF);
    limit ();
    return done ();
}
