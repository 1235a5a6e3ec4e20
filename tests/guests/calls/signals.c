/* signals: signals. */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>

#include "guests/case.h"

static volatile sig_atomic_t caught, caught_value;
static sigjmp_buf back;

static void
catch (int signal)
{
    caught++;
    caught_value = signal;
}

static void
catch_fault (int signal, siginfo_t *info, void *context)
{
    (void)context;
    caught_value = signal;
    is ("si_addr", info->si_addr == (void *)0x10);
    siglongjmp (back, 1);
}

/* A child sends the signal until it is told to stop: whenever the read begins, one comes. */
static pid_t
pester (int told, int answer)
{
    struct pollfd poll_for = { told, POLLIN, 0 };
    pid_t child            = fork ();

    if (child != 0)
        return child;
    while (poll (&poll_for, 1, 1) == 0)
        kill (getppid (), SIGUSR1);
    _exit (write (answer, "y", 1) != 1);
}

static void
interrupted_reads (struct sigaction *action)
{
    int p[2], tell[2];
    pid_t child;
    char c;

    YES (pipe (p) == 0 && pipe (tell) == 0);
    caught = 0;
    child  = pester (tell[0], p[1]);
    FAILS (read (p[0], &c, 1), EINTR);
    YES (caught > 0 && write (tell[1], "x", 1) == 1);
    action->sa_flags = SA_RESTART;
    sigaction (SIGUSR1, action, NULL);
    YES (read (p[0], &c, 1) == 1 && c == 'y');
    YES (waitpid (child, NULL, 0) == child && read (tell[0], &c, 1) == 1);
    caught = 0;
    child  = pester (tell[0], p[1]);
    while (caught == 0)
        sched_yield ();
    YES (write (tell[1], "x", 1) == 1 && read (p[0], &c, 1) == 1 && c == 'y');
    waitpid (child, NULL, 0);
    close (p[0]);
    close (p[1]);
    close (tell[0]);
    close (tell[1]);
}

static void
signals (void)
{
    struct sigaction action = { .sa_handler = catch }, old;
    sigset_t set, pending;
    YES (sigaction (SIGUSR1, &action, NULL) == 0 && kill (getpid (), SIGUSR1) == 0 && caught == 1);
    YES (sigaction (SIGUSR1, NULL, &old) == 0 && old.sa_handler == catch);
    FAILS (sigaction (SIGKILL, &action, NULL), EINVAL);
    FAILS (sigaction (99, &action, NULL), EINVAL);
    FAILS (kill (getpid (), 99), EINVAL);
    FAILS (kill (999999, SIGUSR1), ESRCH);
    YES (kill (getpid (), 0) == 0);
    sigemptyset (&set);
    sigaddset (&set, SIGUSR1);
    YES (sigprocmask (SIG_BLOCK, &set, NULL) == 0 && kill (getpid (), SIGUSR1) == 0 && caught == 1);
    YES (sigpending (&pending) == 0 && sigismember (&pending, SIGUSR1) == 1);
    YES (sigprocmask (SIG_UNBLOCK, &set, NULL) == 0 && caught == 2);
    sigprocmask (SIG_BLOCK, &set, NULL);
    raise (SIGUSR1);
    sigemptyset (&set);
    FAILS (sigsuspend (&set), EINTR);
    YES (caught == 3);
    sigaddset (&set, SIGUSR1);
    sigprocmask (SIG_UNBLOCK, &set, NULL);
    interrupted_reads (&action);
    action.sa_flags = SA_RESETHAND;
    sigaction (SIGUSR2, &action, NULL);
    YES (raise (SIGUSR2) == 0 && caught_value == SIGUSR2 && sigaction (SIGUSR2, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
    sigaction (SIGALRM, &action, NULL);
    YES (alarm (100) == 0 && alarm (1) > 90 && pause () == -1 && errno == EINTR && caught_value == SIGALRM);
    action = (struct sigaction){ .sa_sigaction = catch_fault, .sa_flags = SA_SIGINFO };
    sigaction (SIGSEGV, &action, NULL);
    caught_value = 0;
    if (sigsetjmp (back, 1) == 0)
        *(volatile int *)0x10 = 1;
    YES (caught_value == SIGSEGV);
    action = (struct sigaction){ .sa_handler = SIG_DFL };
    sigaction (SIGSEGV, &action, NULL);
    stack_t stack = { .ss_sp = malloc (65536), .ss_size = 65536 };
    YES (sigaltstack (&stack, NULL) == 0);
}

int
main (void)
{
    signals ();
    return done ();
}
