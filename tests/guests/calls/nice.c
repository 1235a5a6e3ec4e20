/* nice: how much processes give way, told and set. */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>

#include "guests/case.h"

/* The call itself, which tells 20 less that. */
static int
now (int which, int who)
{
    return 20 - syscall (SYS_getpriority, which, who);
}

static void
values (void)
{
    int first = now (PRIO_PROCESS, 0), status;
    pid_t child;

    YES (first >= -20 && first < 15 && now (PRIO_PROCESS, getpid ()) == first);
    YES (setpriority (PRIO_PROCESS, 0, first + 2) == 0 && now (PRIO_PROCESS, 0) == first + 2);
    child = fork ();
    if (child == 0)
        _exit (now (PRIO_PROCESS, 0) != first + 2 || setpriority (PRIO_PROCESS, 0, first + 4) != 0);
    YES (waitpid (child, &status, 0) == child && status == 0 && now (PRIO_PROCESS, 0) == first + 2);
    YES (now (PRIO_PGRP, 0) <= first + 2 && now (PRIO_USER, 0) <= first + 2);
    YES (setpgid (0, 0) == 0 && setpriority (PRIO_PGRP, 0, first + 3) == 0 && now (PRIO_PGRP, getpid ()) == first + 3);
    YES (setpriority (PRIO_PROCESS, getpid (), 50) == 0 && now (PRIO_PROCESS, 0) == 19);
    FAILS (getpriority (3, 0), EINVAL);
    FAILS (setpriority (3, 0, 0), EINVAL);
    FAILS (setpriority (PRIO_PROCESS, 999999, 0), ESRCH);
    errno = 0;
    YES (getpriority (PRIO_PROCESS, 999999) == -1 && errno == ESRCH);
    YES (getpriority (PRIO_USER, 987654) == -1 && errno == ESRCH);
}

static void
others (void)
{
    int root = getuid () == 0;

    YES (setpriority (PRIO_PROCESS, 0, 15) == 0);
    setrlimit (RLIMIT_NICE, &(struct rlimit){ 0, 0 });
    if (root && setuid (4321) != 0)
        abort ();
    FAILS (setpriority (PRIO_PROCESS, 0, 14), EACCES);
    YES (setpriority (PRIO_PROCESS, 0, 15) == 0 && setpriority (PRIO_USER, 0, 16) == 0 || !root);
    errno = 0;
    YES (!root || (setpriority (PRIO_PROCESS, getppid (), 19) == -1 && errno == EPERM));
    YES (now (PRIO_PROCESS, getppid ()) <= 19); /* but look he may */
}

static void
told (void)
{
    long priority = 0, nice = 0;
    char text[1000] = "", *at;
    int fd;

    YES (setpriority (PRIO_PROCESS, 0, 17) == 0);
    fd = open ("/proc/self/stat", O_RDONLY);
    YES (read (fd, text, sizeof text - 1) > 0 && (at = strrchr (text, ')')) != NULL);
    YES (sscanf (at + 4, "%*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %ld %ld", &priority, &nice) == 2);
    YES (priority == 37 && nice == 17);
}

int
main (void)
{
    apart (values);
    apart (others);
    apart (told);
    return done ();
}
