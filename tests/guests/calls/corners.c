/* corners: what calls do at their edges, here and there. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "../case.h"

static char buffer[100];

/* How the child ended that ran it. */
static int
status_of (void (*function) (void))
{
    int status = -1;
    pid_t child = fork ();

    if (child == 0) {
        function ();
        _exit (0);
    }
    waitpid (child, &status, 0);
    return status;
}

static void
places (void)
{
    int fd = open ("file", O_CREAT | O_RDWR, 0600), p[2], appends;

    YES (write (fd, "0123456789", 10) == 10);
    YES (lseek (fd, 3, SEEK_DATA) == 3);
    YES (lseek (fd, 3, SEEK_HOLE) == 10);
    FAILS (lseek (fd, 10, SEEK_DATA), ENXIO);
    FAILS (lseek (fd, 10, SEEK_HOLE), ENXIO);
    FAILS (lseek (fd, -1, SEEK_DATA), ENXIO);
    YES (lseek (fd, 0, SEEK_CUR) == 10);
    YES (pipe (p) == 0);
    FAILS (lseek (p[0], 0, SEEK_DATA), ESPIPE);
    FAILS (lseek (99, 0, SEEK_HOLE), EBADF);
    FAILS (pread (fd, buffer, 5, 0x7fffffffffffffff), EINVAL);
    YES (pread (fd, buffer, 5, 0x7fffffffffffff00) == 0);
    appends = open ("file", O_RDWR | O_APPEND);
    YES (pwrite (appends, "x", 1, 0) == 1 && lseek (appends, 0, SEEK_CUR) == 0); /* at the end */
    YES (pread (fd, buffer, 11, 0) == 11 && memcmp (buffer, "0123456789x", 11) == 0);
}

static void
names (void)
{
    struct stat st;

    YES (symlink ("file", "name") == 0);
    YES (linkat (AT_FDCWD, "name", AT_FDCWD, "second-name", 0) == 0);
    YES (lstat ("second-name", &st) == 0 && S_ISLNK (st.st_mode));
    YES (linkat (AT_FDCWD, "name", AT_FDCWD, "second-file", AT_SYMLINK_FOLLOW) == 0);
    YES (lstat ("second-file", &st) == 0 && S_ISREG (st.st_mode) && st.st_nlink == 2);
    FAILS (syscall (SYS_statx, AT_FDCWD, "file", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, buffer), EINVAL);
}

static char other[65536];

static void
on_other (int signal)
{
    stack_t now;

    (void)signal;
    YES (sigaltstack (NULL, &now) == 0 && now.ss_flags == SS_ONSTACK);
    FAILS (sigaltstack (&now, NULL), EPERM);
}

static void
stacks (void)
{
    stack_t stack          = { .ss_sp = other, .ss_size = 2047 }, now;
    struct sigaction action = { .sa_handler = on_other, .sa_flags = SA_ONSTACK };

    FAILS (sigaltstack (&stack, NULL), ENOMEM);
    stack.ss_size  = sizeof other;
    stack.ss_flags = 77;
    FAILS (sigaltstack (&stack, NULL), EINVAL);
    YES (sigaltstack (NULL, &now) == 0 && now.ss_flags == SS_DISABLE);
    stack.ss_flags = SS_ONSTACK;
    YES (sigaltstack (&stack, NULL) == 0 && sigaltstack (NULL, &now) == 0 && now.ss_flags == 0);
    sigaction (SIGUSR1, &action, NULL);
    raise (SIGUSR1);
    stack = (stack_t){ .ss_flags = SS_DISABLE };
    YES (sigaltstack (&stack, &now) == 0 && now.ss_sp == other);
    FAILS (syscall (SYS_rt_sigpending, buffer, 16), EINVAL);
}

static void
lead (void)
{
    _exit (setsid () == getpid () && setpgid (0, 0) == -1 && errno == EPERM ? 7 : 0);
}

static void
run_pipe (void)
{
    char *none[] = { NULL };

    _exit (execve ("pipe", none, none) == -1 && errno == EACCES ? 7 : 0);
}

static void
run_nameless (void)
{
    char *none[] = { NULL };

    execve ("/proc/self/exe", none, none);
}

/* A program with a segment that does not fit into memory, which is found when the old one has
 * gone. */
static void
run_broken (void)
{
    static unsigned char file[4096];
    char *none[] = { NULL };
    int fd       = open ("/proc/self/exe", O_RDONLY), made = open ("broken", O_CREAT | O_WRONLY, 0700);
    ssize_t size = read (fd, file, sizeof file);
    unsigned at  = *(unsigned *)(file + 32); /* the first program header */

    while (*(unsigned *)(file + at) != 1 /* PT_LOAD */)
        at += 56;
    *(unsigned long *)(file + at + 16) = 0xffff800000000000; /* its address */
    if (write (made, file, (size_t)size) != size || close (made) != 0)
        _exit (1);
    execve ("broken", none, none);
    _exit (2);
}

/* Runs itself, says so, and waits to be ended. */
static void
run_and_wait (int told)
{
    char number[12];
    char *again[] = { "corners", "wait", number, NULL };

    snprintf (number, sizeof number, "%d", told);
    execv ("/proc/self/exe", again);
    _exit (1);
}

static void
groups (void)
{
    int p[2];
    pid_t child;

    YES (pipe (p) == 0);
    child = fork ();
    if (child == 0)
        run_and_wait (p[1]);
    YES (read (p[0], buffer, 1) == 1);
    FAILS (setpgid (child, child), EACCES);
    kill (child, SIGKILL);
    waitpid (child, NULL, 0);
}

static void
programs (void)
{
    int status;

    YES (WEXITSTATUS (status_of (lead)) == 7);
    YES (mkfifo ("pipe", 0777) == 0 && chmod ("pipe", 0777) == 0);
    YES (WEXITSTATUS (status_of (run_pipe)) == 7);
    YES (WEXITSTATUS (status_of (run_nameless)) == 9);
    status = status_of (run_broken);
    YES (WIFSIGNALED (status) && WTERMSIG (status) == SIGSEGV);
}

static void
alarmed (int signal)
{
    (void)signal;
}

/* What is left of the time is told, also to who was interrupted. */
static void
timeouts (void)
{
    struct timeval half       = { .tv_usec = 1000 }, none = { 0 }, minute = { .tv_sec = 60 };
    struct timespec nanos     = { .tv_nsec = 1000000 }, long_nanos = { .tv_sec = 60 };
    struct sigaction action   = { .sa_handler = alarmed };
    struct itimerval soon     = { .it_value = { .tv_usec = 10000 } };
    int p[2];
    fd_set set;

    YES (select (0, NULL, NULL, NULL, &half) == 0 && half.tv_sec == 0 && half.tv_usec == 0);
    YES (select (0, NULL, NULL, NULL, &none) == 0 && none.tv_usec == 0);
    YES (syscall (SYS_ppoll, NULL, 0, &nanos, NULL, 8) == 0 && nanos.tv_nsec == 0);
    YES (pipe (p) == 0 && write (p[1], "x", 1) == 1);
    FD_ZERO (&set);
    FD_SET (p[0], &set);
    YES (select (p[0] + 1, &set, NULL, NULL, &minute) == 1 && minute.tv_sec >= 58);
    sigaction (SIGALRM, &action, NULL);
    setitimer (ITIMER_REAL, &soon, NULL);
    FAILS (syscall (SYS_pselect6, 0, NULL, NULL, NULL, &long_nanos, NULL), EINTR);
    YES (long_nanos.tv_sec > 0 && long_nanos.tv_sec < 60);
}

int
main (int argc, char **argv)
{
    int fd;

    if (argc == 1 && argv[0][0] == '\0')
        return 9;
    if (argc == 3)
        return write (atoi (argv[2]), "x", 1) == 1 ? pause () : 1;
    places ();
    names ();
    stacks ();
    programs ();
    groups ();
    timeouts ();
    fd = open ("file", O_RDWR);
    FAILS ((long)mmap (NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0), EINVAL);
    FAILS ((long)mmap (NULL, 8192, PROT_READ, MAP_SHARED, fd, 0x7ffffffffffff000), EOVERFLOW);
    return done ();
}
