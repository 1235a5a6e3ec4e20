#define _GNU_SOURCE
#include "ui/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "ui/screen.h"

/* Known before anything can go wrong, and only read afterwards. */
static struct termios modes;
static bool modes_known;
static char sequence[512];
static size_t sequence_bytes;

/* Safe in a handler of signals. */
static void
put_back (void)
{
    size_t at = 0;

    if (!modes_known)
        return;
    while (at < sequence_bytes) {
        ssize_t put = write (STDOUT_FILENO, sequence + at, sequence_bytes - at);

        if (put <= 0 && errno != EINTR)
            break;
        at += put > 0 ? (size_t)put : 0;
    }
    tcsetattr (STDIN_FILENO, TCSANOW, &modes);
}

/* The child's own end by a fault: the parent would see to it too, but may be gone. */
static void
fatal (int number)
{
    put_back ();
    signal (number, SIG_DFL);
    raise (number);
}

static void
child_prepare (pid_t parent)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
    struct sigaction action = { .sa_handler = fatal, .sa_flags = SA_NODEFER };

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigaction (faults[i], &action, NULL);
    prctl (PR_SET_PDEATHSIG, SIGTERM);
    if (getppid () != parent)
        raise (SIGTERM);
}

void
guard_suspend (void)
{
    raise (SIGTSTP);
}

/* The child's end. When it stops, whoever else belongs to it stops, and we the last: the shell
 * looks at us, and what it lets go on has to have stopped before. */
static int
child_follow (pid_t child)
{
    int status = 0;
    pid_t who;

    while ((who = waitpid (child, &status, WUNTRACED)) != child || WIFSTOPPED (status))
        if (who == child) {
            kill (0, SIGTSTP);
            raise (SIGSTOP);
        } else if (errno != EINTR)
            break;
    return status;
}

/* The terminal's own signals are for the child. */
static int
parent_wait (pid_t child)
{
    static const int signals[]    = { SIGINT, SIGQUIT, SIGTSTP };
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction old[3];
    int status;

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction (signals[i], &ignore, &old[i]);
    status = child_follow (child);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction (signals[i], &old[i], NULL);
    if (WIFEXITED (status))
        return WEXITSTATUS (status);
    put_back ();
    fprintf (stderr, "khimera: the viewer died: %s\n", strsignal (WTERMSIG (status)));
    return 1;
}

int
guard_run (int (*viewer) (void *user), void *user)
{
    pid_t parent = getpid (), child;

    modes_known = tcgetattr (STDIN_FILENO, &modes) == 0;
    sequence_bytes = screen_restore_bytes (sequence, sizeof sequence);
    fflush (NULL);
    child = fork ();
    if (child < 0)
        return viewer (user); /* unguarded is better than not at all */
    if (child > 0)
        return parent_wait (child);
    child_prepare (parent);
    {
        int status = viewer (user);

        fflush (stdout);
        _exit (status);
    }
}
