/* epolls: sets of descriptors: by level, by edge, once; in each other; refusals. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "guests/case.h"

static int e, p[2];
static char text[70000];

static int
ctl (int set, int how, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event event = { .events = events, .data.u64 = data };

    return epoll_ctl (set, how, fd, &event);
}

/* Who is told first, and of what: data * 65536 + events; 0: nobody. -2: there is more than one. */
static long
told (int set)
{
    struct epoll_event events[9];
    int count = epoll_wait (set, events, 9, 0);

    return count == 1 ? (long)(events[0].data.u64 << 16 | events[0].events) : count == 0 ? 0 : count < 0 ? -1 : -2;
}

#define TOLD(data, events) ((long)(data) << 16 | (long)(events))

static void
pair (void)
{
    if (socketpair (AF_UNIX, SOCK_STREAM, 0, p) != 0)
        abort ();
}

static void
both_closed (void)
{
    close (p[0]);
    close (p[1]);
}

static void
by_level (void)
{
    YES ((e = epoll_create1 (0)) >= 0 && pipe (p) == 0);
    YES (ctl (e, EPOLL_CTL_ADD, p[0], EPOLLIN, 5) == 0 && told (e) == 0);
    YES (write (p[1], "ab", 2) == 2 && told (e) == TOLD (5, EPOLLIN) && told (e) == TOLD (5, EPOLLIN));
    YES (read (p[0], text, 1) == 1 && told (e) == TOLD (5, EPOLLIN) && read (p[0], text, 9) == 1 && told (e) == 0);
    YES (ctl (e, EPOLL_CTL_ADD, p[1], EPOLLOUT, 6) == 0 && told (e) == TOLD (6, EPOLLOUT));
    YES (write (p[1], text, 65536) == 65536 && told (e) == TOLD (5, EPOLLIN) && read (p[0], text, 65536) == 65536);
    YES (ctl (e, EPOLL_CTL_MOD, p[1], 0, 6) == 0 && told (e) == 0 && ctl (e, EPOLL_CTL_MOD, p[1], EPOLLOUT, 7) == 0 && told (e) == TOLD (7, EPOLLOUT));
    YES (ctl (e, EPOLL_CTL_DEL, p[1], 0, 0) == 0 && told (e) == 0);
    YES (close (p[1]) == 0 && told (e) == TOLD (5, EPOLLHUP));
    YES (close (p[0]) == 0 && told (e) == 0);
    close (e);
}

static void
by_edge (void)
{
    YES ((e = epoll_create1 (0)) >= 0 && pipe (p) == 0);
    YES (write (p[1], "a", 1) == 1 && ctl (e, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 1) == 0);
    YES (told (e) == TOLD (1, EPOLLIN) && told (e) == 0);
    YES (write (p[1], "b", 1) == 1 && told (e) == TOLD (1, EPOLLIN) && told (e) == 0);
    YES (read (p[0], text, 1) == 1 && told (e) == 0);
    YES (ctl (e, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2) == 0 && told (e) == TOLD (2, EPOLLIN) && told (e) == 0);
    YES (close (p[1]) == 0 && told (e) == TOLD (2, EPOLLIN | EPOLLHUP) && told (e) == 0);
    close (p[0]);
    pair ();
    YES (ctl (e, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 3) == 0 && told (e) == TOLD (3, EPOLLOUT) && told (e) == 0);
    YES (write (p[1], "x", 1) == 1 && told (e) == TOLD (3, EPOLLIN | EPOLLOUT) && told (e) == 0);
    YES (shutdown (p[1], SHUT_WR) == 0 && told (e) == TOLD (3, EPOLLIN | EPOLLOUT | EPOLLRDHUP) && told (e) == 0);
    both_closed ();
    close (e);
}

static void
once (void)
{
    YES ((e = epoll_create1 (0)) >= 0 && pipe (p) == 0);
    YES (ctl (e, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLONESHOT, 1) == 0 && write (p[1], "ab", 2) == 2);
    YES (told (e) == TOLD (1, EPOLLIN) && told (e) == 0 && write (p[1], "c", 1) == 1 && told (e) == 0);
    YES (ctl (e, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 2) == 0 && told (e) == TOLD (2, EPOLLIN) && told (e) == 0);
    FAILS (ctl (e, EPOLL_CTL_ADD, p[0], EPOLLIN, 2), EEXIST);
    YES (close (p[1]) == 0 && told (e) == 0);
    close (p[0]);
    close (e);
}

/* An interest is the open file's, under one number; it goes with the last of its descriptors. */
static void
belongs_to_the_file (void)
{
    int copy;

    YES ((e = epoll_create1 (EPOLL_CLOEXEC)) >= 0 && fcntl (e, F_GETFD) == FD_CLOEXEC && pipe (p) == 0);
    YES (write (p[1], "x", 1) == 1 && ctl (e, EPOLL_CTL_ADD, p[0], EPOLLIN, 1) == 0 && (copy = dup (p[0])) >= 0);
    YES (ctl (e, EPOLL_CTL_ADD, copy, EPOLLIN, 2) == 0 && told (e) == -2 && ctl (e, EPOLL_CTL_DEL, copy, 0, 0) == 0);
    YES (close (p[0]) == 0 && told (e) == TOLD (1, EPOLLIN));
    FAILS (ctl (e, EPOLL_CTL_DEL, p[0], 0, 0), EBADF);
    YES (close (copy) == 0 && told (e) == 0);
    close (p[1]);
    close (e);
}

static void
several (void)
{
    struct epoll_event events[4];
    int fds[6], seen = 0;

    YES ((e = epoll_create (1)) >= 0);
    for (int i = 0; i < 6; i++) {
        fds[i] = eventfd (1, EFD_NONBLOCK);
        ctl (e, EPOLL_CTL_ADD, fds[i], EPOLLIN, (uint64_t)i);
    }
    for (int turn = 0; turn < 3; turn++) {
        int count = epoll_wait (e, events, 2, -1);

        for (int i = 0; i < count; i++)
            seen |= 1 << events[i].data.u64;
    }
    is ("all have their turn", seen == 63);
    for (int i = 0; i < 6; i++)
        close (fds[i]);
    YES (told (e) == 0);
    close (e);
}

static void
events_and_times (void)
{
    struct itimerspec soon = { { 0, 0 }, { 0, 5000000 } };
    struct epoll_event event;
    uint64_t value = 3;
    int fd = eventfd (0, 0), timer = timerfd_create (CLOCK_MONOTONIC, 0);

    YES ((e = epoll_create1 (0)) >= 0 && ctl (e, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 1) == 0 && ctl (e, EPOLL_CTL_ADD, timer, EPOLLIN, 2) == 0);
    YES (told (e) == 0 && write (fd, &value, 8) == 8 && told (e) == TOLD (1, EPOLLIN) && told (e) == 0);
    YES (write (fd, &value, 8) == 8 && told (e) == TOLD (1, EPOLLIN));
    YES (timerfd_settime (timer, 0, &soon, NULL) == 0 && epoll_wait (e, &event, 1, -1) == 1 && event.data.u64 == 2 && event.events == EPOLLIN);
    YES (read (timer, &value, 8) == 8 && value == 1 && told (e) == 0);
    close (fd);
    close (timer);
    close (e);
}

static void
in_each_other (void)
{
    int sets[7];
    struct pollfd one;

    pair ();
    YES ((e = epoll_create1 (0)) >= 0 && (sets[0] = epoll_create1 (0)) >= 0 && ctl (e, EPOLL_CTL_ADD, sets[0], EPOLLIN, 1) == 0);
    YES (ctl (sets[0], EPOLL_CTL_ADD, p[0], EPOLLIN, 2) == 0 && told (e) == 0);
    one = (struct pollfd){ e, POLLIN, 0 };
    YES (poll (&one, 1, 0) == 0 && write (p[1], "x", 1) == 1 && poll (&one, 1, 0) == 1 && one.revents == POLLIN);
    YES (told (e) == TOLD (1, EPOLLIN) && told (sets[0]) == TOLD (2, EPOLLIN));
    FAILS (ctl (sets[0], EPOLL_CTL_ADD, e, EPOLLIN, 1), ELOOP);
    FAILS (ctl (e, EPOLL_CTL_ADD, e, EPOLLIN, 1), EINVAL);
    close (sets[0]);
    YES (told (e) == 0);
    both_closed ();
    close (e);
    for (int i = 0; i < 7; i++)
        sets[i] = epoll_create1 (0);
    for (int i = 1; i < 5; i++)
        ctl (sets[i], EPOLL_CTL_ADD, sets[i - 1], EPOLLIN, 1);
    FAILS (ctl (sets[5], EPOLL_CTL_ADD, sets[4], EPOLLIN, 1), ELOOP);
    for (int i = 0; i < 7; i++)
        close (sets[i]);
}

static void
nothing (int signal)
{
    (void)signal;
}

static void *
writer (void *fd)
{
    usleep (10000);
    write (*(int *)fd, "x", 1);
    return NULL;
}

static void *
adder (void *fd)
{
    usleep (10000);
    ctl (e, EPOLL_CTL_ADD, *(int *)fd, EPOLLIN, 8);
    return NULL;
}

static void
who_waits (void)
{
    struct itimerval soon = { { 0, 20000 }, { 0, 20000 } }, never = { 0 };
    struct sigaction action = { .sa_handler = nothing };
    struct timespec before, after, ms = { 0, 20000000 };
    struct epoll_event event;
    sigset_t alarm, none, now;
    pthread_t thread;

    pair ();
    YES ((e = epoll_create1 (0)) >= 0 && ctl (e, EPOLL_CTL_ADD, p[0], EPOLLIN, 4) == 0);
    YES (pthread_create (&thread, NULL, writer, &p[1]) == 0 && epoll_wait (e, &event, 1, -1) == 1 && event.data.u64 == 4 && pthread_join (thread, NULL) == 0);
    YES (read (p[0], text, 9) == 1 && ctl (e, EPOLL_CTL_DEL, p[0], 0, 0) == 0 && write (p[1], "y", 1) == 1);
    is ("what is put in while one waits counts", pthread_create (&thread, NULL, adder, &p[0]) == 0 && epoll_wait (e, &event, 1, -1) == 1 && event.data.u64 == 8 && pthread_join (thread, NULL) == 0);
    read (p[0], text, 9);
    clock_gettime (CLOCK_MONOTONIC, &before);
    YES (epoll_wait (e, &event, 1, 20) == 0 && clock_gettime (CLOCK_MONOTONIC, &after) == 0);
    YES ((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 20000000);
    YES (syscall (SYS_epoll_pwait2, e, &event, 1, &ms, NULL, 0) == 0);
    action.sa_flags = SA_RESTART;
    sigaction (SIGALRM, &action, NULL);
    setitimer (ITIMER_REAL, &soon, NULL);
    FAILS (epoll_wait (e, &event, 1, -1), EINTR);
    sigemptyset (&none);
    sigemptyset (&alarm);
    sigaddset (&alarm, SIGALRM);
    YES (sigprocmask (SIG_BLOCK, &alarm, NULL) == 0 && epoll_wait (e, &event, 1, 50) == 0);
    is ("a mask lets a signal in that waited", epoll_pwait (e, &event, 1, -1, &none) == -1 && errno == EINTR);
    YES (sigprocmask (SIG_BLOCK, NULL, &now) == 0 && sigismember (&now, SIGALRM));
    is ("in ppoll as well", usleep (30000) == 0 && ppoll (NULL, 0, NULL, &none) == -1 && errno == EINTR);
    is ("and in pselect", usleep (30000) == 0 && pselect (0, NULL, NULL, NULL, NULL, &none) == -1 && errno == EINTR);
    YES (sigprocmask (SIG_BLOCK, NULL, &now) == 0 && sigismember (&now, SIGALRM));
    setitimer (ITIMER_REAL, &never, NULL);
    YES (sigtimedwait (&alarm, NULL, &(struct timespec){ 0, 1000000 }) != 0 && epoll_pwait (e, &event, 1, 1, &none) == 0);
    both_closed ();
    close (e);
}

static void
refused (void)
{
    struct epoll_event event;
    int fd;

    YES ((e = epoll_create1 (0)) >= 0 && pipe (p) == 0);
    make ("f", "text");
    YES ((fd = open ("f", O_RDONLY)) >= 0);
    FAILS (ctl (e, EPOLL_CTL_ADD, fd, EPOLLIN, 1), EPERM);
    close (fd);
    YES ((fd = open (".", O_RDONLY)) >= 0);
    FAILS (ctl (e, EPOLL_CTL_ADD, fd, EPOLLIN, 1), EPERM);
    close (fd);
    YES ((fd = open ("/dev/null", O_RDONLY)) >= 0);
    FAILS (ctl (e, EPOLL_CTL_ADD, fd, EPOLLIN, 1), EPERM);
    close (fd);
    FAILS (ctl (e, EPOLL_CTL_MOD, p[0], EPOLLIN, 1), ENOENT);
    FAILS (ctl (e, EPOLL_CTL_DEL, p[0], EPOLLIN, 1), ENOENT);
    FAILS (ctl (e, 99, p[0], EPOLLIN, 1), EINVAL);
    FAILS (ctl (e, EPOLL_CTL_ADD, 99, EPOLLIN, 1), EBADF);
    FAILS (ctl (99, EPOLL_CTL_ADD, p[0], EPOLLIN, 1), EBADF);
    FAILS (ctl (p[1], EPOLL_CTL_ADD, p[0], EPOLLIN, 1), EINVAL);
    FAILS (syscall (SYS_epoll_ctl, e, EPOLL_CTL_ADD, p[0], 8), EFAULT);
    FAILS (epoll_wait (e, &event, 0, 0), EINVAL);
    FAILS (epoll_wait (e, &event, -1, 0), EINVAL);
    FAILS (epoll_wait (99, &event, 1, 0), EBADF);
    FAILS (epoll_wait (p[0], &event, 1, 0), EINVAL);
    YES (ctl (e, EPOLL_CTL_ADD, p[1], EPOLLOUT, 1) == 0);
    FAILS (epoll_wait (e, (void *)8, 1, 0), EFAULT);
    FAILS (read (e, text, 8), EINVAL);
    FAILS (write (e, text, 8), EINVAL);
    FAILS (epoll_create1 (1), EINVAL);
    FAILS (epoll_create (0), EINVAL);
    FAILS (syscall (SYS_epoll_pwait, e, text, 1, 0, text, 4), EINVAL);
    both_closed ();
    close (e);
}

/* A child has the same set. */
static void
shared (void)
{
    int status;

    YES ((e = epoll_create1 (0)) >= 0 && pipe (p) == 0 && ctl (e, EPOLL_CTL_ADD, p[0], EPOLLIN, 1) == 0);
    fflush (stdout);
    if (fork () == 0) {
        write (p[1], "x", 1);
        _exit (told (e) == TOLD (1, EPOLLIN) && ctl (e, EPOLL_CTL_MOD, p[0], EPOLLIN, 9) == 0 ? 0 : 1);
    }
    YES (wait (&status) > 0 && status == 0 && told (e) == TOLD (9, EPOLLIN));
    both_closed ();
    YES (told (e) == 0);
    close (e);
}

int
main (void)
{
    signal (SIGPIPE, SIG_IGN);
    by_level ();
    by_edge ();
    once ();
    belongs_to_the_file ();
    several ();
    events_and_times ();
    in_each_other ();
    who_waits ();
    refused ();
    shared ();
    return done ();
}
