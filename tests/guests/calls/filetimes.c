/* filetimes: when files were read and written, to the nanosecond. */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <utime.h>

#include "guests/case.h"

static const struct timespec wanted[2] = { { 1000, 123456789 }, { 2000, 999999999 } };

static int
same (struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static int
has (const char *path, const struct timespec times[2])
{
    struct stat st;

    return lstat (path, &st) == 0 && same (st.st_atim, times[0]) && same (st.st_mtim, times[1]);
}

/* Is it about now? A clock that is read at once may tell a little less than one that ticks. */
static int
is_now (struct timespec time)
{
    struct timespec now;

    clock_gettime (CLOCK_REALTIME, &now);
    return time.tv_sec >= now.tv_sec - 30 && time.tv_sec <= now.tv_sec;
}

static void
kept (void)
{
    const struct timespec early[2] = { { -2, 500000000 }, { -1, 1 } };
    const struct timespec first[2] = { wanted[0], { 5, 6 } }, second[2] = { { 7, 8 }, { 5, 6 } };
    struct timespec half[2]        = { { 99, UTIME_OMIT }, { 5, 6 } };
    struct statx x;
    struct stat st;
    int fd;

    make ("f", "text");
    YES (utimensat (AT_FDCWD, "f", wanted, 0) == 0 && has ("f", wanted));
    YES (stat ("f", &st) == 0 && same (st.st_atim, wanted[0]) && same (st.st_mtim, wanted[1]) && is_now (st.st_ctim));
    YES (statx (AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x) == 0 && x.stx_mtime.tv_sec == 2000 && x.stx_mtime.tv_nsec == 999999999 && x.stx_atime.tv_nsec == 123456789);
    YES (utimensat (AT_FDCWD, "f", half, 0) == 0 && has ("f", first));
    half[0] = (struct timespec){ 7, 8 };
    half[1] = (struct timespec){ 99, UTIME_OMIT };
    YES (utimensat (AT_FDCWD, "f", half, 0) == 0 && has ("f", second));
    half[0].tv_nsec = half[1].tv_nsec = UTIME_OMIT;
    YES (utimensat (AT_FDCWD, "f", half, 0) == 0 && has ("f", second));
    is ("who changes nothing need not name a file", utimensat (AT_FDCWD, "none", half, 0) == 0);
    YES (utimensat (AT_FDCWD, "f", early, 0) == 0 && has ("f", early));
    half[0].tv_nsec = UTIME_NOW;
    YES (utimensat (AT_FDCWD, "f", half, 0) == 0 && stat ("f", &st) == 0 && is_now (st.st_atim) && same (st.st_mtim, early[1]));
    YES (utimensat (AT_FDCWD, "f", NULL, 0) == 0 && stat ("f", &st) == 0 && is_now (st.st_atim) && is_now (st.st_mtim));
    YES ((fd = open ("f", O_RDONLY)) >= 0 && futimens (fd, wanted) == 0 && has ("f", wanted));
    YES (fstat (fd, &st) == 0 && same (st.st_mtim, wanted[1]));
    close (fd);
    YES (symlink ("f", "s") == 0 && utimensat (AT_FDCWD, "s", early, AT_SYMLINK_NOFOLLOW) == 0);
    YES (has ("s", early) && has ("f", wanted));
    YES (utimensat (AT_FDCWD, "s", second, 0) == 0 && has ("f", second) && lstat ("s", &st) == 0 && same (st.st_mtim, early[1]));
    YES (mkdir ("d", 0755) == 0 && utimensat (AT_FDCWD, "d", wanted, 0) == 0 && has ("d", wanted));
    YES (rename ("f", "d/f") == 0 && has ("d/f", second) && stat ("d", &st) == 0 && is_now (st.st_mtim));
    YES (rename ("d/f", "f") == 0 && chmod ("f", 0600) == 0 && link ("f", "f2") == 0 && has ("f2", second));
}

static void
in_microseconds (void)
{
    const struct timeval times[2] = { { 1000, 999999 }, { 2000, 1 } };
    const struct timespec ns[2]   = { { 1000, 999999000 }, { 2000, 1000 } };
    const struct utimbuf seconds  = { 5, 6 };
    const struct timespec whole[2] = { { 5, 0 }, { 6, 0 } };
    struct timeval wrong[2] = { { 1, 1000000 }, { 1, 0 } };

    make ("g", "");
    YES (utimes ("g", times) == 0 && has ("g", ns));
    YES (syscall (SYS_utime, "g", &seconds) == 0 && has ("g", whole));
    YES (syscall (SYS_futimesat, AT_FDCWD, "g", times) == 0 && has ("g", ns));
    FAILS (syscall (SYS_utimes, "g", wrong), EINVAL);
    wrong[0].tv_usec = -1;
    FAILS (syscall (SYS_futimesat, AT_FDCWD, "g", wrong), EINVAL);
    YES (has ("g", ns));
}

static void
refused (void)
{
    struct timespec wrong[2] = { { 1, 1000000000 }, { 1, 0 } };
    int fd;

    FAILS (utimensat (AT_FDCWD, "g", wrong, 0), EINVAL);
    wrong[0] = (struct timespec){ 1, 0 };
    wrong[1] = (struct timespec){ 1, -1 };
    FAILS (utimensat (AT_FDCWD, "g", wrong, 0), EINVAL);
    FAILS (utimensat (AT_FDCWD, "g", wanted, 0x4000), EINVAL);
    FAILS (utimensat (AT_FDCWD, "none", wanted, 0), ENOENT);
    FAILS (utimensat (AT_FDCWD, "", wanted, 0), ENOENT);
    FAILS (utimensat (AT_FDCWD, "g/x", wanted, 0), ENOTDIR);
    FAILS (utimensat (99, "g", wanted, 0), EBADF);
    FAILS (syscall (SYS_utimensat, AT_FDCWD, NULL, wanted, 0), EFAULT);
    FAILS (syscall (SYS_utimensat, AT_FDCWD, "g", 8, 0), EFAULT);
    FAILS (syscall (SYS_utimensat, AT_FDCWD, 8, wanted, 0), EFAULT);
    FAILS (futimens (99, wanted), EBADF);
    YES ((fd = open ("g", O_RDONLY)) >= 0);
    FAILS (syscall (SYS_utimensat, fd, NULL, wanted, AT_SYMLINK_NOFOLLOW), EINVAL);
    close (fd);
}

/* Of somebody else's file who may write may say that it is now, and nothing else. */
static void
of_others (void)
{
    struct timespec now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
    int status;

    make ("theirs", "");
    make ("open", "");
    YES (chmod ("open", 0666) == 0 && chmod (".", 0777) == 0);
    fflush (stdout);
    if (fork () == 0) {
        if (getuid () == 0 && setuid (1000) != 0)
            _exit (99);
        if (access ("theirs", W_OK) == 0) /* not root: all is ours */
            _exit (0);
        cases = failures = 0;
        is ("it is not for others to say when", utimensat (AT_FDCWD, "open", wanted, 0) == -1 && errno == EPERM);
        is ("but that it is now", utimensat (AT_FDCWD, "open", now, 0) == 0 && utimensat (AT_FDCWD, "open", NULL, 0) == 0);
        is ("if they may write", utimensat (AT_FDCWD, "theirs", NULL, 0) == -1 && errno == EACCES);
        now[1].tv_nsec = UTIME_OMIT;
        is ("of both times", utimensat (AT_FDCWD, "open", now, 0) == -1 && errno == EPERM);
        _exit (failures);
    }
    wait (&status);
    YES (status == 0);
}

/* What is written later is not older. */
static void
in_order (void)
{
    struct stat before, after;
    int fd;

    make ("older", "1");
    YES (stat ("older", &before) == 0);
    usleep (20000);
    YES ((fd = open ("older", O_WRONLY)) >= 0 && write (fd, "2", 1) == 1 && close (fd) == 0 && stat ("older", &after) == 0);
    is ("a write shows in the fraction of a second", after.st_mtim.tv_sec > before.st_mtim.tv_sec || after.st_mtim.tv_nsec > before.st_mtim.tv_nsec);
    YES (same (after.st_mtim, after.st_ctim));
}

int
main (void)
{
    kept ();
    in_microseconds ();
    refused ();
    of_others ();
    in_order ();
    return done ();
}
