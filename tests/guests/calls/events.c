/* events: eventfd and timerfd. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "guests/case.h"

static int
asked (int fd)
{
    struct pollfd one = { .fd = fd, .events = POLLIN | POLLOUT };

    return poll (&one, 1, 0) < 0 ? -1 : one.revents;
}

static uint64_t
take (int fd)
{
    uint64_t value = 77;

    return read (fd, &value, sizeof value) == sizeof value ? value : UINT64_MAX;
}

static int
add (int fd, uint64_t value)
{
    return write (fd, &value, sizeof value) == sizeof value;
}

static void
counters (void)
{
    char path[64], text[64] = { 0 };
    uint64_t two[2];
    struct stat st;
    int fd;

    YES ((fd = eventfd (3, EFD_NONBLOCK)) >= 0 && asked (fd) == (POLLIN | POLLOUT));
    YES (take (fd) == 3 && asked (fd) == POLLOUT);
    FAILS (read (fd, two, 8), EAGAIN);
    YES (add (fd, 5) && add (fd, 7) && take (fd) == 12);
    FAILS (read (fd, two, 7), EINVAL);
    FAILS (write (fd, two, 7), EINVAL);
    YES (add (fd, 2) && read (fd, two, 16) == 8 && two[0] == 2);
    two[0] = UINT64_MAX;
    FAILS (write (fd, two, 8), EINVAL);
    YES (add (fd, UINT64_MAX - 1) && asked (fd) == POLLIN);
    two[0] = 1;
    FAILS (write (fd, two, 8), EAGAIN);
    YES (add (fd, 0) && take (fd) == UINT64_MAX - 1);
    YES (fstat (fd, &st) == 0 && (st.st_mode & 0777) == 0600);
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    YES (readlink (path, text, sizeof text - 1) > 0 && strcmp (text, "anon_inode:[eventfd]") == 0);
    FAILS (ioctl (fd, FIONREAD, text), ENOTTY);
    FAILS (ftruncate (fd, 1), EINVAL);
    YES ((fcntl (fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (O_RDWR | O_NONBLOCK) && fcntl (fd, F_GETFD) == 0);
    close (fd);
    YES ((fd = eventfd (2, EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK)) >= 0 && fcntl (fd, F_GETFD) == FD_CLOEXEC);
    YES (take (fd) == 1 && take (fd) == 1);
    FAILS (read (fd, two, 8), EAGAIN);
    close (fd);
    FAILS (eventfd (0, 0x10000), EINVAL);
    YES ((fd = syscall (SYS_eventfd, 9)) >= 0 && take (fd) == 9);
    close (fd);
}

static int between[2];

static void *
partner (void *fd)
{
    uint64_t got = take (*(int *)fd);

    write (between[1], &got, sizeof got);
    return NULL;
}

static void
nothing (int signal)
{
    (void)signal;
}

static void
who_waits (void)
{
    struct itimerval soon = { { 0, 20000 }, { 0, 20000 } }, never = { 0 };
    struct sigaction action = { .sa_handler = nothing };
    struct pollfd one;
    pthread_t thread;
    uint64_t value;
    int fd, status;

    YES (pipe (between) == 0 && (fd = eventfd (0, 0)) >= 0);
    YES (pthread_create (&thread, NULL, partner, &fd) == 0 && add (fd, 4) && pthread_join (thread, NULL) == 0);
    YES (read (between[0], &value, 8) == 8 && value == 4);
    fflush (stdout);
    if (fork () == 0) {
        add (fd, 6);
        _exit (0);
    }
    one = (struct pollfd){ fd, POLLIN, 0 };
    YES (poll (&one, 1, -1) == 1 && one.revents == POLLIN && take (fd) == 6 && wait (&status) > 0);
    /* A writer waits for room. */
    YES (add (fd, UINT64_MAX - 1));
    fflush (stdout);
    if (fork () == 0)
        _exit (add (fd, 10) ? 0 : 1);
    YES (take (fd) == UINT64_MAX - 1 && wait (&status) > 0 && status == 0 && take (fd) == 10);
    sigaction (SIGALRM, &action, NULL);
    setitimer (ITIMER_REAL, &soon, NULL);
    FAILS (read (fd, &value, 8), EINTR);
    setitimer (ITIMER_REAL, &never, NULL);
    close (fd);
}

/* ---- timers ---- */

static int
set (int fd, int flags, long next_ns, long every_ns, struct itimerspec *old)
{
    struct itimerspec wanted = { { every_ns / 1000000000, every_ns % 1000000000 },
                                 { next_ns / 1000000000, next_ns % 1000000000 } };

    return timerfd_settime (fd, flags, &wanted, old);
}

static long
now (int clock)
{
    struct timespec at;

    clock_gettime (clock, &at);
    return at.tv_sec * 1000000000 + at.tv_nsec;
}

static void
timers (void)
{
    struct itimerspec old, left;
    char text[64] = { 0 }, path[64];
    uint64_t value;
    struct pollfd one;
    long before;
    int fd;

    YES ((fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK)) >= 0 && asked (fd) == 0);
    FAILS (read (fd, &value, 8), EAGAIN);
    YES (timerfd_gettime (fd, &left) == 0 && left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
    YES (set (fd, 0, 100000000000, 5, &old) == 0 && old.it_value.tv_sec == 0);
    YES (timerfd_gettime (fd, &left) == 0 && left.it_value.tv_sec > 50 && left.it_value.tv_sec < 100 && left.it_interval.tv_nsec == 5);
    YES (set (fd, 0, 0, 7, &old) == 0 && old.it_value.tv_sec > 50 && timerfd_gettime (fd, &left) == 0 && left.it_value.tv_sec == 0);
    before = now (CLOCK_MONOTONIC);
    one    = (struct pollfd){ fd, POLLIN, 0 };
    YES (set (fd, 0, 20000000, 0, NULL) == 0 && poll (&one, 1, -1) == 1 && one.revents == POLLIN && now (CLOCK_MONOTONIC) - before >= 20000000);
    YES (take (fd) == 1 && asked (fd) == 0);
    FAILS (read (fd, &value, 8), EAGAIN);
    YES (set (fd, TFD_TIMER_ABSTIME, now (CLOCK_MONOTONIC) + 10000000, 0, NULL) == 0 && poll (&one, 1, -1) == 1 && take (fd) == 1);
    YES (set (fd, TFD_TIMER_ABSTIME, 1, 0, NULL) == 0 && poll (&one, 1, -1) == 1 && take (fd) == 1);
    YES (set (fd, 0, 1000000, 1000000, NULL) == 0 && usleep (20000) == 0 && (value = take (fd)) >= 15 && value < 100000);
    YES (poll (&one, 1, -1) == 1 && take (fd) >= 1 && set (fd, 0, 0, 0, NULL) == 0 && asked (fd) == 0);
    YES (set (fd, 0, 1, 0, NULL) == 0 && poll (&one, 1, -1) == 1 && set (fd, 0, 0, 0, NULL) == 0 && asked (fd) == 0);
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    YES (readlink (path, text, sizeof text - 1) > 0 && strcmp (text, "anon_inode:[timerfd]") == 0);
    FAILS (write (fd, &value, 8), EINVAL);
    FAILS (read (fd, &value, 4), EINVAL);
    close (fd);
    YES ((fd = timerfd_create (CLOCK_REALTIME, 0)) >= 0 && set (fd, TFD_TIMER_ABSTIME, now (CLOCK_REALTIME) + 5000000, 0, NULL) == 0 && take (fd) == 1);
    YES (set (fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, now (CLOCK_REALTIME) + 5000000, 0, NULL) == 0 && take (fd) == 1);
    FAILS (set (fd, 0x100, 1, 0, NULL), EINVAL);
    FAILS (set (fd, 0, -1, 0, NULL), EINVAL);
    FAILS (set (99, 0, 1, 0, NULL), EBADF);
    FAILS (set (1, 0, 1, 0, NULL), EINVAL);
    FAILS (timerfd_gettime (1, &left), EINVAL);
    FAILS (timerfd_gettime (99, &left), EBADF);
    FAILS (syscall (SYS_timerfd_settime, fd, 0, 8, NULL), EFAULT);
    FAILS (timerfd_create (99, 0), EINVAL);
    FAILS (timerfd_create (CLOCK_MONOTONIC, 1), EINVAL);
    close (fd);
}

int
main (void)
{
    counters ();
    who_waits ();
    timers ();
    return done ();
}
