/* timers: those that a program makes, with what is told of them. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "guests/case.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define MS 1000000l

/* The library's own would hide what the kernel says. */
static int
make_timer (clockid_t clock, struct sigevent *event, int *timer)
{
    return syscall (SYS_timer_create, clock, event, timer);
}

static int
set (int timer, int flags, long after_ns, long interval_ns, struct itimerspec *old)
{
    struct itimerspec setting = { { interval_ns / 1000000000, interval_ns % 1000000000 },
                                  { after_ns / 1000000000, after_ns % 1000000000 } };

    return syscall (SYS_timer_settime, timer, flags, &setting, old);
}

static struct itimerspec
get (int timer)
{
    struct itimerspec setting = { { -1, -1 }, { -1, -1 } };

    syscall (SYS_timer_gettime, timer, &setting);
    return setting;
}

static long
left (int timer)
{
    struct itimerspec setting = get (timer);

    return setting.it_value.tv_sec * 1000000000 + setting.it_value.tv_nsec;
}

static void
rest (long ms)
{
    struct timespec time = { ms / 1000, ms % 1000 * MS };

    while (nanosleep (&time, &time) != 0) {
    }
}

static volatile sig_atomic_t came, code, number, value;
static volatile pid_t receiver;

static void
note (int signal, siginfo_t *info, void *context)
{
    came++;
    code     = info->si_code;
    number   = info->si_timerid;
    value    = info->si_value.sival_int;
    receiver = gettid ();
}

static void
wrong (void)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 };
    struct itimerspec bad = { { 0, 0 }, { 0, 1000000000 } }, negative = { { 0, 0 }, { -1, 0 } };
    int timer, one;

    FAILS (make_timer (99, NULL, &timer), EINVAL);
    FAILS (make_timer (CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event.sigev_signo = 0;
    FAILS (make_timer (CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event.sigev_signo = SIGUSR1;
    event.sigev_notify = 77;
    FAILS (make_timer (CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_notify_thread_id = getppid ();
    FAILS (make_timer (CLOCK_MONOTONIC, &event, &timer), EINVAL);
    FAILS (make_timer (CLOCK_MONOTONIC, (void *)8, &timer), EFAULT);
    FAILS (make_timer (CLOCK_MONOTONIC, NULL, (void *)8), EFAULT);
    YES (make_timer (CLOCK_MONOTONIC, NULL, &timer) == 0 && make_timer (CLOCK_REALTIME, NULL, &one) == 0 && one != timer);
    FAILS (syscall (SYS_timer_settime, timer, 0, &bad, NULL), EINVAL);
    FAILS (syscall (SYS_timer_settime, timer, 0, &negative, NULL), EINVAL);
    FAILS (syscall (SYS_timer_settime, timer, 0, NULL, NULL), EINVAL);
    FAILS (syscall (SYS_timer_settime, timer, 0, 8, NULL), EFAULT);
    FAILS (syscall (SYS_timer_gettime, timer, 8), EFAULT);
    YES (syscall (SYS_timer_delete, timer) == 0 && syscall (SYS_timer_delete, one) == 0);
    FAILS (set (timer, 0, MS, 0, NULL), EINVAL);
    FAILS (syscall (SYS_timer_gettime, timer, &bad), EINVAL);
    FAILS (syscall (SYS_timer_getoverrun, timer), EINVAL);
    FAILS (syscall (SYS_timer_delete, timer), EINVAL);
    FAILS (syscall (SYS_timer_delete, -1), EINVAL);
}

static void
once (void)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 4711 };
    struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
    struct itimerspec old;
    struct timespec now;
    int timer, plain;

    sigaction (SIGUSR1, &action, NULL);
    sigaction (SIGALRM, &action, NULL);
    YES (make_timer (CLOCK_MONOTONIC, &event, &timer) == 0 && left (timer) == 0);
    YES (set (timer, 0, 30 * MS, 0, &old) == 0 && old.it_value.tv_sec == 0 && old.it_value.tv_nsec == 0);
    YES (left (timer) > 0 && left (timer) <= 30 * MS && get (timer).it_interval.tv_nsec == 0);
    while (came == 0)
        pause ();
    YES (came == 1 && code == SI_TIMER && value == 4711 && number == timer && left (timer) == 0);
    YES (syscall (SYS_timer_getoverrun, timer) == 0);
    /* Taken back, and set anew. */
    YES (set (timer, 0, 1000000 * MS, 7 * MS, NULL) == 0 && set (timer, 0, 0, 0, &old) == 0);
    YES (old.it_value.tv_sec > 900 && old.it_interval.tv_nsec == 7 * MS && left (timer) == 0);
    clock_gettime (CLOCK_MONOTONIC, &now);
    YES (set (timer, TIMER_ABSTIME, now.tv_sec * 1000000000 + now.tv_nsec + 20 * MS, 0, NULL) == 0);
    YES (left (timer) <= 20 * MS);
    while (came == 1)
        pause ();
    YES (set (timer, TIMER_ABSTIME, 1, 0, NULL) == 0); /* long ago */
    while (came == 2)
        pause ();
    YES (came == 3 && syscall (SYS_timer_delete, timer) == 0);
    /* Without a word it is SIGALRM, and its number. */
    YES (make_timer (CLOCK_REALTIME, NULL, &plain) == 0);
    clock_gettime (CLOCK_REALTIME, &now);
    YES (set (plain, TIMER_ABSTIME, now.tv_sec * 1000000000 + now.tv_nsec + 20 * MS, 0, NULL) == 0);
    while (came == 3)
        pause ();
    YES (code == SI_TIMER && number == plain && value == plain && syscall (SYS_timer_delete, plain) == 0);
}

static void
again (void)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1 };
    struct timespec none = { 0, 0 };
    siginfo_t info;
    sigset_t set_of;
    int timer, silent;

    came = 0;
    event.sigev_signo = SIGUSR1;
    YES (make_timer (CLOCK_MONOTONIC, &event, &timer) == 0 && set (timer, 0, 5 * MS, 5 * MS, NULL) == 0);
    while (came < 4)
        pause ();
    YES (get (timer).it_interval.tv_nsec == 5 * MS && left (timer) > 0 && left (timer) <= 5 * MS);
    YES (syscall (SYS_timer_delete, timer) == 0);

    /* While nobody looks there is one, which counts the rest. */
    sigemptyset (&set_of);
    sigaddset (&set_of, SIGRTMIN + 1);
    sigprocmask (SIG_BLOCK, &set_of, NULL);
    event.sigev_signo = SIGRTMIN + 1;
    YES (make_timer (CLOCK_MONOTONIC, &event, &timer) == 0 && set (timer, 0, 10 * MS, 10 * MS, NULL) == 0);
    rest (125);
    YES (sigtimedwait (&set_of, &info, &none) == SIGRTMIN + 1 && info.si_code == SI_TIMER && info.si_timerid == timer);
    YES (info.si_overrun >= 10 && set (timer, 0, 10 * MS, 10 * MS, NULL) == 0);
    rest (75);
    YES (sigtimedwait (&set_of, &info, &none) == SIGRTMIN + 1 && syscall (SYS_timer_getoverrun, timer) >= 5);
    YES (info.si_overrun == syscall (SYS_timer_getoverrun, timer));
    YES (syscall (SYS_timer_delete, timer) == 0);
    sigtimedwait (&set_of, &info, &none); /* of what came meanwhile systems make this or that */

    event.sigev_notify = SIGEV_NONE;
    YES (make_timer (CLOCK_MONOTONIC, &event, &silent) == 0 && set (silent, 0, 20 * MS, 0, NULL) == 0 && left (silent) > 0);
    rest (30);
    YES (left (silent) == 0);
    FAILS (sigtimedwait (&set_of, &info, &none), EAGAIN);
    YES (syscall (SYS_timer_delete, silent) == 0);
}

static void *
other (void *tid)
{
    *(volatile pid_t *)tid = gettid ();
    while (receiver == 0)
        usleep (1000);
    return NULL;
}

/* To one thread; and what a fork and another program have of it. */
static void
whose (void)
{
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
    struct itimerspec setting;
    volatile pid_t tid = 0;
    pthread_t thread;
    int timer, status;
    pid_t child;

    receiver = 0;
    YES (pthread_create (&thread, NULL, other, (void *)&tid) == 0);
    while (tid == 0)
        usleep (1000);
    event.sigev_notify_thread_id = tid;
    YES (make_timer (CLOCK_MONOTONIC, &event, &timer) == 0 && set (timer, 0, 5 * MS, 0, NULL) == 0);
    YES (pthread_join (thread, NULL) == 0 && receiver == tid);
    YES (syscall (SYS_timer_delete, timer) == 0);
    YES (make_timer (CLOCK_MONOTONIC, NULL, &timer) == 0 && set (timer, 0, 1000000 * MS, 0, NULL) == 0);
    child = fork ();
    if (child == 0)
        _exit (syscall (SYS_timer_gettime, timer, &setting) != -1 || errno != EINVAL);
    YES (waitpid (child, &status, 0) == child && status == 0 && left (timer) > 0);
    child = fork ();
    if (child == 0) {
        make_timer (CLOCK_MONOTONIC, NULL, &timer);
        set (timer, 0, 10 * MS, 10 * MS, NULL);
        execl ("/proc/self/exe", "timers", timer == 0 ? "0" : "1", NULL);
    }
    YES (waitpid (child, &status, 0) == child && status == 0);
}

/* However many there are, and however often they say they come, time goes on. */
static void
crowd (void)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
    pid_t children[8];
    int timer, status, ended = 0;
    sigset_t all;

    sigfillset (&all);
    for (int i = 0; i < 8; i++)
        if ((children[i] = fork ()) == 0) {
            sigprocmask (SIG_BLOCK, &all, NULL);
            for (int j = 0; j < 32; j++)
                if (make_timer (CLOCK_MONOTONIC, &event, &timer) != 0 || set (timer, 0, 1, 1, NULL) != 0)
                    _exit (1);
            for (;;)
                pause ();
        }
    rest (50);
    for (int i = 0; i < 8; i++) {
        kill (children[i], SIGKILL);
        ended += waitpid (children[i], &status, 0) == children[i] && WIFSIGNALED (status);
    }
    YES (ended == 8);
}

int
main (int argc, char **argv)
{
    struct itimerspec setting;

    if (argc == 2) {
        rest (50);
        return syscall (SYS_timer_gettime, atoi (argv[1]), &setting) != -1 || errno != EINVAL;
    }
    wrong ();
    once ();
    again ();
    whose ();
    crowd ();
    return done ();
}
