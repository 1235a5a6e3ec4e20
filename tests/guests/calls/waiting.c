/* waiting: for children, for signals without handling them, for timers. */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "guests/case.h"

static pid_t
child_that_exits (int status)
{
    pid_t child = fork ();

    if (child == 0)
        _exit (status);
    return child;
}

static void
children (void)
{
    siginfo_t info = { 0 };
    pid_t child    = child_that_exits (9), group;
    int status;

    YES (waitid (P_PID, child, &info, WEXITED) == 0 && info.si_pid == child);
    YES (info.si_signo == SIGCHLD && info.si_code == CLD_EXITED && info.si_status == 9);
    FAILS (waitid (P_ALL, 0, &info, WEXITED), ECHILD);
    FAILS (waitid (P_PID, child, &info, WEXITED), ECHILD);
    FAILS (waitid (P_ALL, 0, &info, 0), EINVAL);
    FAILS (waitid (99, 0, &info, WEXITED), EINVAL);
    if ((child = fork ()) == 0)
        for (;;)
            pause ();
    memset (&info, 0, sizeof info);
    YES (waitid (P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0);
    kill (child, SIGSTOP);
    YES (waitid (P_ALL, 0, &info, WEXITED | WSTOPPED) == 0 && info.si_code == CLD_STOPPED && info.si_status == SIGSTOP);
    kill (child, SIGKILL);
    YES (waitid (P_PID, child, &info, WEXITED) == 0 && info.si_code == CLD_KILLED && info.si_status == SIGKILL);
    if ((group = fork ()) == 0) {
        setpgid (0, 0);
        _exit (3);
    }
    setpgid (group, group);
    child = child_that_exits (4);
    YES (waitpid (-group, &status, 0) == group && WEXITSTATUS (status) == 3);
    YES (waitpid (0, &status, 0) == child && WEXITSTATUS (status) == 4);
    FAILS (waitpid (-1, &status, 0x7777), EINVAL);
    FAILS (waitpid (1, &status, 0), ECHILD);
    if ((child = fork ()) == 0)
        _exit (child_that_exits (1) > 0 ? 5 : 6);
    YES (waitpid (child, &status, 0) == child && WEXITSTATUS (status) == 5);
    YES (wait3 (&status, WNOHANG, NULL) == -1 && errno == ECHILD);
    signal (SIGCHLD, SIG_IGN);
    child = child_that_exits (0);
    FAILS (waitpid (child, &status, 0), ECHILD);
    signal (SIGCHLD, SIG_DFL);
}

static volatile sig_atomic_t alarms;

static void
count (int signal)
{
    (void)signal;
    alarms++;
}

static void
signals (void)
{
    struct timespec none = { 0, 0 }, wrong = { 0, -1 };
    sigset_t set, old;
    siginfo_t info;
    int signal;

    sigemptyset (&set);
    sigaddset (&set, SIGUSR1);
    sigaddset (&set, SIGUSR2);
    sigprocmask (SIG_BLOCK, &set, &old);
    FAILS (sigtimedwait (&set, &info, &none), EAGAIN);
    FAILS (sigtimedwait (&set, &info, &wrong), EINVAL);
    kill (getpid (), SIGUSR2);
    YES (sigtimedwait (&set, &info, &none) == SIGUSR2 && info.si_signo == SIGUSR2);
    kill (getpid (), SIGUSR1);
    YES (sigwait (&set, &signal) == 0 && signal == SIGUSR1);
    if (fork () == 0)
        _exit (kill (getppid (), SIGUSR1));
    YES (sigwaitinfo (&set, &info) == SIGUSR1 && wait (NULL) > 0);
    kill (getpid (), SIGUSR1);
    kill (getpid (), SIGUSR1);
    YES (sigtimedwait (&set, NULL, &none) == SIGUSR1);
    FAILS (sigtimedwait (&set, NULL, &none), EAGAIN);
    sigprocmask (SIG_SETMASK, &old, NULL);
    FAILS (sigprocmask (99, &set, NULL), EINVAL);
    FAILS (syscall (SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8), EFAULT);
    FAILS (sigaltstack ((void *)8, NULL), EFAULT);
}

static void
timers (void)
{
    struct sigaction action = { .sa_handler = count };
    struct itimerval timer  = { { 0, 2000 }, { 0, 2000 } }, now, off = { { 0, 0 }, { 0, 0 } };
    sigset_t block, old;
    struct timespec long_while = { 100, 0 };

    sigaction (SIGALRM, &action, NULL);
    YES (getitimer (ITIMER_REAL, &now) == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0);
    YES (setitimer (ITIMER_REAL, &timer, NULL) == 0);
    sigemptyset (&block);
    sigaddset (&block, SIGALRM);
    sigprocmask (SIG_BLOCK, &block, &old);
    while (alarms < 3)
        sigsuspend (&old);
    YES (alarms >= 3);
    YES (setitimer (ITIMER_REAL, &off, &now) == 0 && now.it_interval.tv_usec == 2000);
    sigprocmask (SIG_SETMASK, &old, NULL);
    timer.it_value.tv_sec   = 1000;
    timer.it_interval.tv_usec = 0;
    YES (setitimer (ITIMER_REAL, &timer, NULL) == 0 && getitimer (ITIMER_REAL, &now) == 0 && now.it_value.tv_sec >= 990);
    YES (alarm (0) >= 990 && alarm (0) == 0);
    timer.it_value.tv_usec = 1000000;
    FAILS (setitimer (ITIMER_REAL, &timer, NULL), EINVAL);
    FAILS (setitimer (99, &off, NULL), EINVAL);
    FAILS (getitimer (99, &now), EINVAL);
    FAILS (setitimer (ITIMER_REAL, (void *)8, NULL), EFAULT);
    timer = (struct itimerval){ { 0, 0 }, { 0, 5000 } };
    setitimer (ITIMER_REAL, &timer, NULL);
    FAILS (nanosleep (&long_while, &long_while), EINTR);
    YES (long_while.tv_sec >= 90);
    timer.it_interval.tv_usec = 5000;
    setitimer (ITIMER_REAL, &timer, NULL);
    FAILS (poll (NULL, 0, 100000), EINTR);
    FAILS (select (0, NULL, NULL, NULL, &(struct timeval){ 100, 0 }), EINTR);
    setitimer (ITIMER_REAL, &off, NULL);
}

int
main (void)
{
    children ();
    signals ();
    timers ();
    return done ();
}
