/* limits: who a process is, what it may use, and what else is asked of a kernel. */
#define _GNU_SOURCE
#include <grp.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <utime.h>

#include "guests/case.h"

static void
who (void)
{
    uid_t r, e, s;
    gid_t rg, eg, sg;

    YES (getresuid (&r, &e, &s) == 0 && r == getuid () && e == geteuid ());
    YES (getresgid (&rg, &eg, &sg) == 0 && rg == getgid () && eg == getegid ());
    YES (setreuid (-1, -1) == 0 && setresuid (-1, -1, -1) == 0);
    YES (setregid (-1, -1) == 0 && setresgid (-1, -1, -1) == 0);
    FAILS (syscall (SYS_getresuid, 8, 8, 8), EFAULT);
    FAILS (getsid (999999), ESRCH);
    FAILS (getgroups (-1, NULL), EINVAL);
}

static void
limits (void)
{
    struct rlimit limit, wrong = { 2, 1 };

    YES (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 0 && limit.rlim_cur <= limit.rlim_max);
    YES (setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 }) == 0);
    FAILS (setrlimit (RLIMIT_CORE, &wrong), EINVAL);
    FAILS (setrlimit (99, &limit), EINVAL);
    FAILS (syscall (SYS_getrlimit, RLIMIT_CORE, 8), EFAULT);
    YES (prlimit (0, RLIMIT_STACK, NULL, &limit) == 0 && limit.rlim_cur > 0);
    FAILS (prlimit (0, 99, NULL, &limit), EINVAL);
    errno = 0;
    /* Whoever runs this may have given way to others already. */
    YES (getpriority (PRIO_PROCESS, 0) >= -20 && errno == 0);
    FAILS (getpriority (99, 0), EINVAL);
    FAILS (setpriority (99, 0, 0), EINVAL);
}

static void
processor (void)
{
    struct sched_param parameter;
    cpu_set_t set;
    unsigned cpu = 99;

    YES (sched_getscheduler (0) == SCHED_OTHER);
    YES (sched_getparam (0, &parameter) == 0 && parameter.sched_priority == 0);
    FAILS (sched_getparam (0, NULL), EINVAL);
    FAILS (sched_getscheduler (-1), EINVAL);
    YES (sched_get_priority_max (SCHED_FIFO) == 99 && sched_get_priority_min (SCHED_FIFO) == 1);
    YES (sched_get_priority_max (SCHED_OTHER) == 0);
    FAILS (sched_get_priority_max (99), EINVAL);
    YES (syscall (SYS_getcpu, &cpu, NULL, NULL) == 0 && cpu < 1024);
    FAILS (syscall (SYS_sched_getaffinity, 0, 1, &set), EINVAL);
    CPU_ZERO (&set);
    FAILS (sched_setaffinity (0, sizeof set, &set), EINVAL);
}

static void
odds (void)
{
    struct iovec v[2];
    char a[4] = { 0 }, b[4] = { 0 };
    struct statfs fs;
    struct stat st;
    struct sysinfo info;
    struct utimbuf old = { 5000, 6000 };
    struct timeval times[2] = { { 7000, 1 }, { 8000, 2 } }, wrong[2] = { { 0, 0 }, { 0, 1000000 } };
    int fd = open ("odd", O_CREAT | O_RDWR, 0600);

    v[0] = (struct iovec){ "abc", 3 };
    v[1] = (struct iovec){ "def", 3 };
    YES (pwritev (fd, v, 2, 2) == 6 && lseek (fd, 0, SEEK_CUR) == 0);
    v[0] = (struct iovec){ a, 3 };
    v[1] = (struct iovec){ b, 3 };
    YES (preadv (fd, v, 2, 3) == 5 && memcmp (a, "bcd", 3) == 0 && memcmp (b, "ef", 2) == 0);
    FAILS (preadv (fd, v, 2, -1), EINVAL);
    FAILS (readv (fd, v, -1), EINVAL);
    FAILS (readv (99, v, 1), EBADF);
    FAILS (writev (fd, (void *)8, 1), EFAULT);
    YES (fstatfs (fd, &fs) == 0 && fs.f_bsize > 0);
    FAILS (fstatfs (99, &fs), EBADF);
    FAILS (statfs ("none", &fs), ENOENT);
    YES (syncfs (fd) == 0);
    FAILS (syncfs (99), EBADF);
    FAILS (fsync (99), EBADF);
    YES (utime ("odd", &old) == 0 && stat ("odd", &st) == 0 && st.st_atime == 5000 && st.st_mtime == 6000);
    YES (utimes ("odd", times) == 0 && stat ("odd", &st) == 0 && st.st_atime == 7000 && st.st_mtime == 8000);
    FAILS (syscall (SYS_utimes, "odd", wrong), EINVAL);
    FAILS (utime ("none", &old), ENOENT);
    YES (syscall (SYS_close_range, fd, fd, 0) == 0 && close (fd) == -1 && errno == EBADF);
    FAILS (syscall (SYS_close_range, 5, 4, 0), EINVAL);
    YES (sysinfo (&info) == 0 && info.totalram > 0 && info.procs > 0);
    FAILS (sysinfo ((void *)8), EFAULT);
    FAILS (syscall (SYS_uname, 8), EFAULT);
    FAILS (syscall (SYS_times, 8), EFAULT);
    FAILS (syscall (SYS_clock_gettime, 0, 8), EFAULT);
    FAILS (syscall (SYS_getrandom, 8, 16, 0), EFAULT);
    FAILS (syscall (SYS_pipe, 8), EFAULT);
    FAILS (syscall (SYS_stat, "odd", 8), EFAULT);
    FAILS (syscall (SYS_getcwd, 8, 100), EFAULT);
    FAILS (syscall (SYS_rt_sigaction, 10, 8, NULL, 8), EFAULT);
    FAILS (syscall (SYS_wait4, -1, NULL, 0, NULL), ECHILD);
    FAILS (syscall (SYS_dup3, 0, 5, 1), EINVAL);
    FAILS (syscall (SYS_mlock2 + 1000, 0), ENOSYS);
}

int
main (void)
{
    who ();
    limits ();
    processor ();
    odds ();
    return done ();
}
