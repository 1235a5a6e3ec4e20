/* errors: the reasons for refusal that the manual pages name, call by call. */
#define _GNU_SOURCE
#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sched.h>
#include <time.h>
#include <utime.h>

#include "guests/case.h"

#define BAD ((void *)8)

static char name_256[257], long_path[5000], buffer[64];
static int file, directory, reader, writer;

static void
set_up (void)
{
    int fds[2];

    memset (name_256, 'n', 256);
    for (unsigned i = 0; i + 1 < sizeof long_path; i++)
        long_path[i] = i % 2 == 0 ? '.' : '/';
    make ("file", "text");
    mkdir ("dir", 0755);
    make ("dir/in", "");
    symlink ("loop", "loop");
    symlink ("nowhere", "dangling");
    file      = open ("file", O_RDONLY);
    directory = open ("dir", O_RDONLY);
    if (pipe (fds) != 0)
        abort ();
    reader = fds[0];
    writer = fds[1];
}

/* What every call with a path refuses: each use of it is five cases. */
#define PATHS(call)                                                   \
    do {                                                              \
        const char *path = "";                                        \
        FAILS (call, ENOENT);                                         \
        path = "file/x";                                              \
        FAILS (call, ENOTDIR);                                        \
        path = "loop/x";                                              \
        FAILS (call, ELOOP);                                          \
        path = name_256;                                              \
        FAILS (call, ENAMETOOLONG);                                   \
        path = long_path;                                             \
        FAILS (call, ENAMETOOLONG);                                   \
        path = BAD;                                                   \
        FAILS (call, EFAULT);                                         \
        path = "absent/x";                                            \
        FAILS (call, ENOENT);                                         \
    } while (0)

static void
paths (void)
{
    struct stat st;
    struct statfs fs;
    struct utimbuf times = { 0 };

    PATHS (open (path, O_RDONLY));
    PATHS (creat (path, 0600));
    PATHS (syscall (SYS_stat, path, &st));
    PATHS (syscall (SYS_lstat, path, &st));
    PATHS (access (path, R_OK));
    PATHS (truncate (path, 0));
    PATHS (chdir (path));
    PATHS (rename (path, "to"));
    PATHS (rename ("file", path));
    PATHS (mkdir (path, 0700));
    PATHS (rmdir (path));
    PATHS (link (path, "to"));
    PATHS (link ("file", path));
    PATHS (unlink (path));
    PATHS (symlink ("contents", path));
    PATHS (readlink (path, buffer, sizeof buffer));
    PATHS (chmod (path, 0600));
    PATHS (chown (path, 0, 0));
    PATHS (lchown (path, 0, 0));
    PATHS (utime (path, &times));
    PATHS (statfs (path, &fs));
    PATHS (execv (path, (char *[]){ "x", NULL }));
}

static void
names (void)
{
    FAILS (open ("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
    FAILS (open ("dir", O_WRONLY), EISDIR);
    FAILS (open ("dir", O_RDWR | O_CREAT, 0600), EISDIR);
    FAILS (open ("file", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
    FAILS (open ("dangling", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
    FAILS (open ("loop", O_RDONLY), ELOOP);
    FAILS (open ("dangling", O_RDONLY | O_NOFOLLOW), ELOOP);
    FAILS (open ("file/", O_RDONLY), ENOTDIR);
    FAILS (open ("new/", O_RDONLY | O_CREAT, 0600), EISDIR);
    FAILS (mkdir ("dir", 0700), EEXIST);
    FAILS (mkdir ("dangling", 0700), EEXIST);
    FAILS (rmdir ("dir"), ENOTEMPTY);
    FAILS (rmdir ("file"), ENOTDIR);
    FAILS (rmdir ("."), EINVAL);
    FAILS (rmdir ("dir/.."), ENOTEMPTY);
    FAILS (rmdir ("/"), EBUSY);
    FAILS (unlink ("dir"), EISDIR);
    FAILS (unlink ("file/"), ENOTDIR);
    FAILS (link ("dir", "to"), EPERM);
    FAILS (link ("file", "dir"), EEXIST);
    FAILS (symlink ("", "to"), ENOENT);
    FAILS (symlink ("x", "file"), EEXIST);
    FAILS (symlink (BAD, "to"), EFAULT);
    FAILS (rename ("dir", "dir/in/x"), ENOTDIR);
    FAILS (rename ("dir", "dir/x"), EINVAL);
    FAILS (rename ("file", "dir"), EISDIR);
    FAILS (rename ("dir", "file"), ENOTDIR);
    FAILS (rename ("dir/..", "to"), EBUSY);
    FAILS (rename ("file", "dir/."), EBUSY);
    YES (mkdir ("other", 0700) == 0);
    FAILS (rename ("other", "dir"), ENOTEMPTY);
    FAILS (rename ("file", "/proc/x"), EXDEV);
    FAILS (readlink ("file", buffer, 9), EINVAL);
    FAILS (readlink ("dangling", buffer, 0), EINVAL);
    FAILS (readlink ("dangling", BAD, 9), EFAULT);
    FAILS (chdir ("file"), ENOTDIR);
    FAILS (fchdir (file), ENOTDIR);
    FAILS (truncate ("dir", 0), EISDIR);
    FAILS (truncate ("file", -1), EINVAL);
    FAILS (access ("file", 99), EINVAL);
    FAILS (access ("file", X_OK), EACCES);
    FAILS (execv ("dir", (char *[]){ "x", NULL }), EACCES);
    FAILS (execv ("file", (char *[]){ "x", NULL }), EACCES);
    YES (chmod ("file", 0755) == 0);
    FAILS (execve ("file", (char *[]){ "x", NULL }, NULL), ENOEXEC);
    FAILS (syscall (SYS_execve, "file", BAD, NULL), EFAULT);
    FAILS (syscall (SYS_getcwd, buffer, 1), ERANGE);
    FAILS (syscall (SYS_getcwd, BAD, 4096), EFAULT);
}

static void
at_forms (void)
{
    struct stat st;

    FAILS (openat (999, "x", O_RDONLY), EBADF);
    FAILS (openat (file, "x", O_RDONLY), ENOTDIR);
    FAILS (mkdirat (999, "x", 0700), EBADF);
    FAILS (mkdirat (file, "x", 0700), ENOTDIR);
    FAILS (fchownat (999, "x", 0, 0, 0), EBADF);
    FAILS (fchownat (directory, "x", 0, 0, 0), ENOENT);
    FAILS (fchownat (directory, "in", 0, 0, 0x10), EINVAL);
    FAILS (fstatat (999, "x", &st, 0), EBADF);
    FAILS (fstatat (file, "x", &st, 0), ENOTDIR);
    FAILS (fstatat (directory, "in", &st, 0x10000), EINVAL);
    FAILS (fstatat (directory, "", &st, 0), ENOENT);
    FAILS (syscall (SYS_newfstatat, directory, "in", BAD, 0), EFAULT);
    FAILS (unlinkat (999, "x", 0), EBADF);
    FAILS (unlinkat (directory, "in", 0x10), EINVAL);
    FAILS (unlinkat (directory, "in", AT_REMOVEDIR), ENOTDIR);
    FAILS (unlinkat (AT_FDCWD, "dir", 0), EISDIR);
    FAILS (renameat (999, "x", directory, "y"), EBADF);
    FAILS (renameat (directory, "in", 999, "y"), EBADF);
    FAILS (linkat (999, "x", directory, "y", 0), EBADF);
    FAILS (linkat (directory, "in", directory, "y", 0x10), EINVAL);
    FAILS (symlinkat ("x", 999, "y"), EBADF);
    FAILS (symlinkat ("x", file, "y"), ENOTDIR);
    FAILS (readlinkat (999, "x", buffer, 9), EBADF);
    FAILS (fchmodat (999, "x", 0600, 0), EBADF);
    FAILS (syscall (SYS_faccessat, 999, "x", R_OK), EBADF);
    FAILS (syscall (SYS_faccessat, directory, "in", 99), EINVAL);
    FAILS (syscall (SYS_faccessat2, directory, "in", R_OK, 0x10), EINVAL);
    FAILS (utimensat (999, "x", NULL, 0), EBADF);
    FAILS (utimensat (directory, "in", NULL, 0x10), EINVAL);
    FAILS (syscall (SYS_utimensat, directory, "in", BAD, 0), EFAULT);
    FAILS (utimensat (directory, "in", ((struct timespec[2]){ { 0, 2000000000 }, { 0, 0 } }), 0), EINVAL);
    FAILS (syscall (SYS_futimesat, 999, "x", NULL), EBADF);
    FAILS (syscall (SYS_futimesat, directory, "in", ((struct timeval[2]){ { 0, 2000000 }, { 0, 0 } })), EINVAL);
    FAILS (syscall (SYS_utimes, "file", ((struct timeval[2]){ { 0, -1 }, { 0, 0 } })), EINVAL);
    FAILS (syscall (SYS_statx, 999, "x", 0, 0, buffer), EBADF);
    FAILS (syscall (SYS_statx, AT_FDCWD, "file", 0x10, 0, buffer), EINVAL);
    FAILS (syscall (SYS_statx, AT_FDCWD, "file", 0, 0x80000000u, buffer), EINVAL);
    FAILS (syscall (SYS_statx, AT_FDCWD, "file", 0, 0, BAD), EFAULT);
}

static void
descriptors (void)
{
    struct iovec wrong = { BAD, 1 }, huge[2] = { { buffer, (size_t)-1 }, { buffer, 1 } };
    struct stat st;
    struct statfs fs;

    FAILS (read (999, buffer, 1), EBADF);
    FAILS (read (writer, buffer, 1), EBADF);
    FAILS (read (directory, buffer, 1), EISDIR);
    FAILS (read (file, BAD, 1), EFAULT);
    FAILS (write (999, buffer, 1), EBADF);
    FAILS (write (file, buffer, 1), EBADF);
    FAILS (write (writer, BAD, 1), EFAULT);
    FAILS (pread (file, buffer, 1, -1), EINVAL);
    FAILS (pread (reader, buffer, 1, 0), ESPIPE);
    FAILS (pread (999, buffer, 1, 0), EBADF);
    FAILS (pwrite (file, buffer, 1, 0), EBADF);
    FAILS (pwrite (writer, buffer, 1, 0), ESPIPE);
    FAILS (pwrite (writer, buffer, 1, -1), EINVAL);
    FAILS (readv (file, BAD, 1), EFAULT);
    FAILS (readv (file, &wrong, 1), EFAULT);
    FAILS (readv (file, &wrong, -1), EINVAL);
    FAILS (readv (999, &wrong, 1), EBADF);
    FAILS (syscall (SYS_writev, writer, huge, 2), EINVAL);
    FAILS (writev (file, &wrong, 1), EBADF);
    FAILS (preadv (file, &wrong, 1, -1), EINVAL);
    FAILS (preadv (reader, huge, 1, 0), ESPIPE);
    FAILS (pwritev (file, huge, 1, 0), EBADF);
    FAILS (lseek (999, 0, SEEK_SET), EBADF);
    FAILS (lseek (file, -1, SEEK_SET), EINVAL);
    FAILS (lseek (file, 0, 99), EINVAL);
    FAILS (lseek (reader, 0, SEEK_SET), ESPIPE);
    FAILS (close (999), EBADF);
    FAILS (close (-1), EBADF);
    FAILS (dup (999), EBADF);
    FAILS (dup2 (999, 5), EBADF);
    FAILS (dup2 (file, -1), EBADF);
    FAILS (dup2 (file, 1 << 30), EBADF);
    FAILS (dup3 (file, file, 0), EINVAL);
    FAILS (dup3 (file, 50, 99), EINVAL);
    FAILS (dup3 (999, 50, 0), EBADF);
    FAILS (syscall (SYS_pipe, BAD), EFAULT);
    FAILS (syscall (SYS_pipe2, BAD, 0), EFAULT);
    FAILS (pipe2 ((int *)buffer, 1), EINVAL);
    FAILS (syscall (SYS_fstat, 999, &st), EBADF);
    FAILS (syscall (SYS_fstat, file, BAD), EFAULT);
    FAILS (fstatfs (999, &fs), EBADF);
    FAILS (syscall (SYS_fstatfs, file, BAD), EFAULT);
    FAILS (ftruncate (999, 0), EBADF);
    FAILS (ftruncate (file, 0), EINVAL);
    FAILS (ftruncate (writer, 0), EINVAL);
    FAILS (fchmod (999, 0600), EBADF);
    FAILS (fchown (999, 0, 0), EBADF);
    FAILS (fchdir (999), EBADF);
    FAILS (fsync (999), EBADF);
    FAILS (fsync (reader), EINVAL);
    FAILS (fdatasync (999), EBADF);
    FAILS (fdatasync (reader), EINVAL);
    FAILS (syncfs (999), EBADF);
    FAILS (syscall (SYS_getdents64, 999, buffer, 64), EBADF);
    FAILS (syscall (SYS_getdents64, file, buffer, 64), ENOTDIR);
    FAILS (syscall (SYS_getdents64, directory, buffer, 1), EINVAL);
    FAILS (syscall (SYS_getdents64, directory, BAD, 64), EFAULT);
}

static void
memory (void)
{
    char *page = mmap (NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    FAILS (mprotect (page + 1, 4096, PROT_READ), EINVAL);
    FAILS (mprotect (BAD, 4096, PROT_READ), EINVAL);
    FAILS (mprotect ((void *)4096, 4096, PROT_READ), ENOMEM);
    FAILS (munmap (page + 1, 4096), EINVAL);
    FAILS (munmap (page, 0), EINVAL);
    FAILS (msync (page + 1, 4096, MS_SYNC), EINVAL);
    FAILS (msync (page, 4096, 99), EINVAL);
    FAILS (msync (page, 4096, MS_SYNC | MS_ASYNC), EINVAL);
    FAILS (msync ((void *)4096, 4096, MS_SYNC), ENOMEM);
    YES (munmap (page, 4096) == 0 && munmap (page, 4096) == 0);
}

static void
signals (void)
{
    struct sigaction action = { .sa_handler = SIG_DFL };

    FAILS (syscall (SYS_rt_sigaction, SIGKILL, &action, NULL, 8), EINVAL);
    FAILS (syscall (SYS_rt_sigaction, 0, &action, NULL, 8), EINVAL);
    FAILS (syscall (SYS_rt_sigaction, 65, &action, NULL, 8), EINVAL);
    FAILS (syscall (SYS_rt_sigaction, SIGUSR1, BAD, NULL, 8), EFAULT);
    FAILS (syscall (SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
    FAILS (syscall (SYS_rt_sigprocmask, 99, buffer, NULL, 8), EINVAL);
    FAILS (syscall (SYS_rt_sigprocmask, SIG_BLOCK, buffer, NULL, 4), EINVAL);
    FAILS (syscall (SYS_rt_sigprocmask, SIG_BLOCK, BAD, NULL, 8), EFAULT);
    FAILS (syscall (SYS_rt_sigpending, BAD, 8), EFAULT);
    FAILS (syscall (SYS_rt_sigsuspend, BAD, 8), EFAULT);
    FAILS (syscall (SYS_rt_sigsuspend, buffer, 4), EINVAL);
    FAILS (kill (getpid (), 65), EINVAL);
    FAILS (kill (getpid (), -1), EINVAL);
    FAILS (kill (999999, 0), ESRCH);
    FAILS (kill (-999999, 0), ESRCH);
    FAILS (syscall (SYS_tkill, 999999, 0), ESRCH);
    FAILS (syscall (SYS_tkill, -1, 0), EINVAL);
    FAILS (syscall (SYS_tkill, getpid (), 65), EINVAL);
    FAILS (syscall (SYS_tgkill, getpid (), 999999, 0), ESRCH);
    FAILS (syscall (SYS_tgkill, 0, getpid (), 0), EINVAL);
    FAILS (syscall (SYS_tgkill, getpid (), -1, 0), EINVAL);
}

static void
processes (void)
{
    int status = -1;

    FAILS (setpgid (999999, 0), ESRCH);
    FAILS (setpgid (0, -1), EINVAL);
    FAILS (setpgid (0, 999999), EPERM);
    FAILS (getpgid (999999), ESRCH);
    FAILS (getsid (999999), ESRCH);
    FAILS (syscall (SYS_uname, BAD), EFAULT);
    FAILS (syscall (SYS_times, BAD), EFAULT);
    FAILS (syscall (SYS_getcpu, BAD, NULL, NULL), EFAULT);
    FAILS (getrandom (BAD, 1, 0), EFAULT);
    FAILS (getrandom (buffer, 1, 0x100), EINVAL);
    FAILS (sched_get_priority_max (99), EINVAL);
    FAILS (sched_get_priority_min (-1), EINVAL);
    FAILS (syscall (SYS_set_robust_list, buffer, 1), EINVAL);
    if (fork () == 0) {
        setsid ();
        _exit (setsid () != -1 || errno != EPERM);
    }
    YES (wait (&status) > 0 && status == 0);
    FAILS (wait (NULL), ECHILD);
    FAILS (waitpid (999999, NULL, 0), ECHILD);
    FAILS (waitpid (-1, NULL, 0x10000), EINVAL);
}

static void
times_ (void)
{
    struct timespec wrong = { 0, 1000000000 }, negative = { -1, 0 };
    struct timespec *nowhere = BAD;

    FAILS (syscall (SYS_nanosleep, &wrong, NULL), EINVAL);
    FAILS (syscall (SYS_nanosleep, &negative, NULL), EINVAL);
    FAILS (syscall (SYS_nanosleep, nowhere, NULL), EFAULT);
    FAILS (syscall (SYS_clock_nanosleep, 99, 0, &wrong, NULL), EINVAL);
    FAILS (syscall (SYS_clock_nanosleep, CLOCK_REALTIME, 0, &wrong, NULL), EINVAL);
    FAILS (syscall (SYS_clock_nanosleep, CLOCK_REALTIME, 0, nowhere, NULL), EFAULT);
    FAILS (syscall (SYS_clock_gettime, 99, &wrong), EINVAL);
    FAILS (syscall (SYS_clock_gettime, CLOCK_REALTIME, nowhere), EFAULT);
    FAILS (syscall (SYS_clock_getres, 99, &wrong), EINVAL);
    FAILS (syscall (SYS_clock_getres, CLOCK_REALTIME, nowhere), EFAULT);
    FAILS (syscall (SYS_gettimeofday, BAD, NULL), EFAULT);
    FAILS (syscall (SYS_time, BAD), EFAULT);
    FAILS (syscall (SYS_umount2, "nowhere", 0), ENOENT);
    FAILS (syscall (SYS_umount2, "dir", 0), EINVAL);
    FAILS (flock (999, LOCK_SH), EBADF);
}

/* What another user may not: told by a child who is one, as one case, for an ordinary user of the
 * host has nobody to become. */
static void
permissions (void)
{
    int status = -1, before = failures;
    char line[256];
    FILE *told;

    chmod ("file", 0600);
    mkdir ("closed", 0700);
    make ("closed/in", "");
    mkdir ("sticky", 01777);
    chmod ("sticky", 01777);
    make ("sticky/in", "");
    chmod (".", 0755);
    if (getuid () == 0 && fork () == 0) {
        freopen ("told", "w", stdout);
        if (setgid (1) != 0 || setuid (1) != 0)
            _exit (99);
        FAILS (open ("file", O_RDONLY), EACCES);
        FAILS (open ("new", O_CREAT | O_WRONLY, 0600), EACCES);
        FAILS (open ("closed/in", O_RDONLY), EACCES);
        FAILS (access ("file", R_OK), EACCES);
        FAILS (chdir ("closed"), EACCES);
        FAILS (mkdir ("new", 0700), EACCES);
        FAILS (rmdir ("closed"), EACCES);
        FAILS (unlink ("file"), EACCES);
        FAILS (unlink ("sticky/in"), EPERM);
        FAILS (rename ("file", "new"), EACCES);
        FAILS (rename ("sticky/in", "sticky/out"), EPERM);
        FAILS (symlink ("x", "new"), EACCES);
        FAILS (truncate ("file", 0), EACCES);
        FAILS (chmod ("file", 0666), EPERM);
        FAILS (chown ("file", 1, 1), EPERM);
        FAILS (fchmod (file, 0666), EPERM);
        FAILS (fchown (file, 1, 1), EPERM);
        FAILS (utime ("file", NULL), EACCES);
        FAILS (utime ("file", &(struct utimbuf){ 0 }), EPERM);
        FAILS (execv ("file", (char *[]){ "x", NULL }), EACCES);
        FAILS (setuid (0), EPERM);
        FAILS (setgid (0), EPERM);
        FAILS (kill (1, SIGTERM), EPERM);
        FAILS (syscall (SYS_umount2, "/", 0), EPERM);
        _exit (failures != before);
    }
    YES (getuid () != 0 || (wait (&status) > 0 && status == 0));
    told = status != 0 && getuid () == 0 ? fopen ("told", "r") : NULL;
    while (told != NULL && fgets (line, sizeof line, told) != NULL)
        if (line[0] == 'W')
            fputs (line, stdout);
}

/* A table of descriptors that is full. */
static void
too_many (void)
{
    int last = -1, fd, pair[2];

    setrlimit (RLIMIT_NOFILE, &(struct rlimit){ 1024, 1024 });
    while ((fd = dup (file)) >= 0)
        last = fd;
    YES (errno == EMFILE && last == 1023);
    FAILS (open ("file", O_RDONLY), EMFILE);
    FAILS (pipe (pair), EMFILE);
    FAILS (fcntl (file, F_DUPFD, 10), EMFILE);
    FAILS (fcntl (file, F_DUPFD, 4096), EINVAL);
    close (last);
    FAILS (pipe (pair), EMFILE);
    YES (dup (file) == last);
}

int
main (void)
{
    set_up ();
    paths ();
    names ();
    at_forms ();
    descriptors ();
    memory ();
    signals ();
    processes ();
    times_ ();
    permissions ();
    too_many ();
    return done ();
}
