/* siginfo: what a handler, and who waits for a signal, is told of it: who sent it, why, and what
 * came with it. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "guests/case.h"

static volatile sig_atomic_t caught;
static siginfo_t told[8];

static void
catch (int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    told[caught++ % 8] = *info;
}

static void
handle (int signal, int flags)
{
    struct sigaction action = { .sa_sigaction = catch, .sa_flags = SA_SIGINFO | flags };

    sigaction (signal, &action, NULL);
    caught = 0;
}

static int
mine (int signal, int code)
{
    return caught == 1 && told[0].si_signo == signal && told[0].si_code == code
           && told[0].si_pid == getpid () && told[0].si_uid == getuid () && told[0].si_errno == 0;
}

static sigset_t
only (int signal)
{
    sigset_t set;

    sigemptyset (&set);
    sigaddset (&set, signal);
    return set;
}

/* Whatever signals come meanwhile. */
static int
reap (pid_t child)
{
    int status = -1;

    while (waitpid (child, &status, 0) == -1 && errno == EINTR) {
    }
    return status;
}

/* ---- who sent it ---- */

static void
sent (void)
{
    const struct itimerval soon = { .it_value = { 0, 1000 } };
    int p[2];
    pid_t child;

    handle (SIGUSR1, 0);
    kill (getpid (), SIGUSR1);
    is ("kill tells who sent it", mine (SIGUSR1, SI_USER));
    handle (SIGUSR1, 0);
    raise (SIGUSR1);
    is ("raise is a signal to a thread", mine (SIGUSR1, SI_TKILL));
    handle (SIGUSR1, 0);
    syscall (SYS_tkill, getpid (), SIGUSR1);
    is ("so is tkill", mine (SIGUSR1, SI_TKILL));
    handle (SIGUSR1, 0);
    child = fork ();
    if (child == 0) {
        kill (getppid (), SIGUSR1);
        _exit (0);
    }
    reap (child);
    is ("another process is told by its number", caught == 1 && told[0].si_pid == child && told[0].si_code == SI_USER);
    handle (SIGPIPE, 0);
    YES (pipe (p) == 0 && close (p[0]) == 0);
    FAILS (write (p[1], "x", 1), EPIPE);
    is ("a broken pipe", mine (SIGPIPE, SI_USER));
    close (p[1]);
    handle (SIGALRM, 0);
    YES (setitimer (ITIMER_REAL, &soon, NULL) == 0 && pause () == -1);
    is ("a timer is nobody's", caught == 1 && told[0].si_code == SI_KERNEL && told[0].si_pid == 0);
}

/* ---- with a value ---- */

static void
queued (void)
{
    const union sigval value = { .sival_ptr = (void *)0x123456789 };
    sigset_t set;
    siginfo_t info = { 0 };
    int rising;
    pid_t child;

    handle (SIGUSR2, 0);
    YES (sigqueue (getpid (), SIGUSR2, value) == 0);
    is ("a value arrives", mine (SIGUSR2, SI_QUEUE) && told[0].si_value.sival_ptr == value.sival_ptr);
    FAILS (sigqueue (getpid (), 99, value), EINVAL);
    FAILS (sigqueue (999999, SIGUSR2, value), ESRCH);
    YES (sigqueue (getpid (), 0, value) == 0);
    info.si_signo = SIGUSR2;
    info.si_code  = SI_TKILL;
    child = fork ();
    if (child == 0)
        _exit (syscall (SYS_rt_sigqueueinfo, getppid (), SIGUSR2, &info) == -1 && errno == EPERM ? 0 : 1);
    is ("who the kernel is, nobody else can say", reap (child) == 0);
    FAILS (syscall (SYS_rt_sigqueueinfo, getpid (), SIGUSR2, 8), EFAULT);

    set = only (SIGRTMIN);
    sigaddset (&set, SIGRTMAX);
    sigaddset (&set, SIGUSR1);
    sigprocmask (SIG_BLOCK, &set, NULL);
    handle (SIGRTMIN, 0);
    for (int i = 0; i < 5; i++) {
        sigqueue (getpid (), SIGRTMIN, (union sigval){ .sival_int = i });
        kill (getpid (), SIGUSR1);
    }
    handle (SIGUSR1, 0);
    set = only (SIGRTMIN);
    sigprocmask (SIG_UNBLOCK, &set, NULL);
    rising = caught == 5;
    for (int i = 0; i < 5; i++)
        rising &= told[i].si_value.sival_int == i && told[i].si_signo == SIGRTMIN;
    is ("signals for real time queue, in order", rising);
    set = only (SIGUSR1);
    sigprocmask (SIG_UNBLOCK, &set, NULL);
    is ("others do not", caught == 6);
    handle (SIGRTMAX, 0);
    sigqueue (getpid (), SIGRTMAX, value);
    YES (caught == 0 && sigpending (&set) == 0 && sigismember (&set, SIGRTMAX) == 1);
    set = only (SIGRTMAX);
    sigprocmask (SIG_UNBLOCK, &set, NULL);
    is ("the last of all", mine (SIGRTMAX, SI_QUEUE));
}

/* Without handling it. */
static void
awaited (void)
{
    const struct timespec none = { 0, 0 };
    sigset_t set = only (SIGUSR1);
    siginfo_t info;
    pid_t child;

    sigaddset (&set, SIGCHLD);
    handle (SIGUSR1, 0);
    handle (SIGCHLD, 0);
    sigprocmask (SIG_BLOCK, &set, NULL);
    set = only (SIGUSR1);
    FAILS (sigtimedwait (&set, &info, &none), EAGAIN);
    kill (getpid (), SIGUSR1);
    YES (sigtimedwait (&set, &info, &none) == SIGUSR1);
    YES (info.si_pid == getpid () && info.si_code == SI_USER && info.si_uid == getuid ());
    sigqueue (getpid (), SIGUSR1, (union sigval){ .sival_int = 77 });
    YES (sigwaitinfo (&set, &info) == SIGUSR1 && info.si_value.sival_int == 77 && info.si_code == SI_QUEUE);
    child = fork ();
    if (child == 0) {
        sigqueue (getppid (), SIGUSR1, (union sigval){ .sival_int = 78 });
        _exit (5);
    }
    YES (sigwaitinfo (&set, &info) == SIGUSR1 && info.si_value.sival_int == 78 && info.si_pid == child);
    set = only (SIGCHLD);
    YES (sigwaitinfo (&set, &info) == SIGCHLD && info.si_pid == child && info.si_status == 5 && info.si_code == CLD_EXITED);
    reap (child);
    sigaddset (&set, SIGUSR1);
    sigprocmask (SIG_UNBLOCK, &set, NULL);
    is ("what was waited for is not handled, too", caught == 0);
}

/* ---- children ---- */

static int
is_news (const siginfo_t *info, pid_t child, int code, int status)
{
    return info->si_signo == SIGCHLD && info->si_pid == child && info->si_code == code
           && info->si_status == status && info->si_uid == getuid ();
}

/* Until a handler has run, whose signal is blocked meanwhile. */
static void
await (void)
{
    sigset_t none;

    sigemptyset (&none);
    while (caught == 0)
        sigsuspend (&none);
}

static void
children (void)
{
    sigset_t set = only (SIGCHLD);
    siginfo_t info;
    pid_t child;
    int status;

    sigprocmask (SIG_BLOCK, &set, NULL);
    handle (SIGCHLD, 0);
    child = fork ();
    if (child == 0)
        _exit (7);
    await ();
    is ("a child that ends", is_news (&told[0], child, CLD_EXITED, 7));
    memset (&info, 0, sizeof info);
    YES (waitid (P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0 && is_news (&info, child, CLD_EXITED, 7));
    memset (&info, 0, sizeof info);
    YES (waitid (P_PID, (id_t)child, &info, WEXITED) == 0 && is_news (&info, child, CLD_EXITED, 7));
    FAILS (waitid (P_PID, (id_t)child, &info, WEXITED), ECHILD);
    handle (SIGCHLD, 0);
    child = fork ();
    if (child == 0)
        for (;;)
            pause ();
    kill (child, SIGSTOP);
    await ();
    is ("one that stops", is_news (&told[0], child, CLD_STOPPED, SIGSTOP));
    YES (waitid (P_PID, (id_t)child, &info, WSTOPPED) == 0 && is_news (&info, child, CLD_STOPPED, SIGSTOP));
    handle (SIGCHLD, 0);
    kill (child, SIGCONT);
    await ();
    is ("one that goes on", is_news (&told[0], child, CLD_CONTINUED, SIGCONT));
    YES (waitpid (child, &status, WCONTINUED) == child && WIFCONTINUED (status));
    YES (waitpid (child, &status, WCONTINUED | WNOHANG) == 0);
    handle (SIGCHLD, SA_NOCLDSTOP);
    kill (child, SIGSTOP);
    YES (waitpid (child, &status, WUNTRACED) == child && WIFSTOPPED (status));
    kill (child, SIGKILL);
    await ();
    is ("one that is killed, and no word of its stopping", is_news (&told[0], child, CLD_KILLED, SIGKILL));
    YES (waitid (P_PID, (id_t)child, &info, WEXITED) == 0 && is_news (&info, child, CLD_KILLED, SIGKILL));
    YES (waitid (P_PID, (id_t)child, &info, WEXITED) == -1 && errno == ECHILD);
    sigprocmask (SIG_UNBLOCK, &set, NULL);
    signal (SIGCHLD, SIG_DFL);
}

/* ---- threads ---- */

static int p[2];
static pthread_t catcher;

static void *
read_for_ever (void *argument)
{
    char c;

    return (void *)(intptr_t)(read (p[0], &c, 1) + (argument != NULL));
}

static void
catch_in_thread (int signal, siginfo_t *info, void *context)
{
    catcher = pthread_self ();
    catch (signal, info, context);
}

/* Who is not reading yet handles the signal, and reads then: so again, until it has ended. */
static void *
interrupt (pthread_t thread)
{
    void *result;

    do {
        pthread_sigqueue (thread, SIGUSR1, (union sigval){ .sival_int = 9 });
        for (int i = 0; i < 10; i++)
            sched_yield ();
    } while (pthread_tryjoin_np (thread, &result) == EBUSY);
    return result;
}

static void
threads (void)
{
    struct sigaction action = { .sa_sigaction = catch_in_thread, .sa_flags = SA_SIGINFO };
    pthread_t thread;
    void *result;

    YES (pipe (p) == 0);
    YES (pthread_create (&thread, NULL, read_for_ever, NULL) == 0);
    for (int i = 0; i < 10; i++)
        sched_yield ();
    YES (pthread_cancel (thread) == 0 && pthread_join (thread, &result) == 0);
    is ("a thread is cancelled in the middle of its reading", result == PTHREAD_CANCELED);
    sigaction (SIGUSR1, &action, NULL);
    caught = 0;
    YES (pthread_create (&thread, NULL, read_for_ever, NULL) == 0);
    result = interrupt (thread);
    is ("a signal ends that thread's reading", (intptr_t)result == -1);
    is ("that thread has handled it, and knows the value", caught != 0 && pthread_equal (catcher, thread) && told[0].si_value.sival_int == 9 && told[0].si_code == SI_QUEUE);
    caught = 0;
    pthread_kill (pthread_self (), SIGUSR1);
    is ("a thread sends to itself", mine (SIGUSR1, SI_TKILL) && pthread_equal (catcher, pthread_self ()));
    FAILS (syscall (SYS_tgkill, getpid (), 999999, SIGUSR1), ESRCH);
    FAILS (syscall (SYS_tgkill, getpid (), 0, SIGUSR1), EINVAL);
    FAILS (syscall (SYS_tgkill, getpid () + 100000, syscall (SYS_gettid), SIGUSR1), ESRCH);
}

int
main (void)
{
    sent ();
    queued ();
    awaited ();
    children ();
    threads ();
    return done ();
}
