/* resources: limits of a process, and what they do. Each group has a child of its own: what is lowered
 * stays so. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "guests/case.h"

static volatile sig_atomic_t came;

static void
note (int signal)
{
    came = signal;
}

static int
lower (int which, rlim_t soft, rlim_t hard)
{
    return setrlimit (which, &(struct rlimit){ soft, hard });
}

static rlim_t
soft_of (int which)
{
    struct rlimit limit = { 12345, 12345 };

    return getrlimit (which, &limit) == 0 ? limit.rlim_cur : 12345;
}

/* How a child ends that does this. */
static int
end_of (void (*what) (void))
{
    int status   = -1;
    pid_t child = fork ();

    if (child == 0) {
        what ();
        _exit (0);
    }
    waitpid (child, &status, 0);
    return status;
}

/* ---- asking and setting ---- */

static void
rules (void)
{
    struct rlimit limit, old;
    int root = getuid () == 0;

    for (int which = 0; which < RLIM_NLIMITS; which++)
        YES (getrlimit (which, &limit) == 0 && limit.rlim_cur <= limit.rlim_max);
    FAILS (syscall (SYS_getrlimit, RLIM_NLIMITS, &limit), EINVAL);
    FAILS (syscall (SYS_setrlimit, RLIM_NLIMITS, &limit), EINVAL);
    FAILS (syscall (SYS_getrlimit, RLIMIT_CORE, 8), EFAULT);
    FAILS (syscall (SYS_setrlimit, RLIMIT_CORE, 8), EFAULT);
    FAILS (syscall (SYS_setrlimit, RLIMIT_CORE, NULL), EFAULT);
    FAILS (lower (RLIMIT_CORE, 2, 1), EINVAL);
    YES (lower (RLIMIT_CORE, 5000, 9000) == 0 && getrlimit (RLIMIT_CORE, &limit) == 0);
    YES (limit.rlim_cur == 5000 && limit.rlim_max == 9000);
    YES (lower (RLIMIT_CORE, 9000, 9000) == 0 && soft_of (RLIMIT_CORE) == 9000);
    YES (prlimit (0, RLIMIT_CORE, &(struct rlimit){ 1, 8000 }, &old) == 0 && old.rlim_cur == 9000 && old.rlim_max == 9000);
    YES (prlimit (getpid (), RLIMIT_CORE, NULL, &old) == 0 && old.rlim_cur == 1 && old.rlim_max == 8000);
    YES (prlimit (0, RLIMIT_CORE, NULL, NULL) == 0);
    FAILS (prlimit (999999, RLIMIT_CORE, NULL, &old), ESRCH);
    FAILS (syscall (SYS_prlimit64, 0, RLIM_NLIMITS, NULL, NULL), EINVAL);
    FAILS (syscall (SYS_prlimit64, 0, RLIMIT_CORE, 8, NULL), EFAULT);
    FAILS (syscall (SYS_prlimit64, 0, RLIMIT_CORE, NULL, 8), EFAULT);
    if (root && setuid (4321) != 0)
        abort ();
    FAILS (lower (RLIMIT_CORE, 1, 8001), EPERM);
    FAILS (prlimit (0, RLIMIT_CORE, &(struct rlimit){ 1, RLIM_INFINITY }, NULL), EPERM);
    YES (lower (RLIMIT_CORE, 8000, 8000) == 0 && lower (RLIMIT_CORE, 0, 0) == 0);
    FAILS (lower (RLIMIT_CORE, 0, 1), EPERM);
    /* Somebody else's. */
    YES ((prlimit (getppid (), RLIMIT_CORE, NULL, &old) == 0) != root);
}

/* A child has them, a program that is executed keeps them, and who may sets another's. */
static void
others (void)
{
    struct rlimit limit;
    int status, pipes[2];
    char text[64] = "";
    pid_t child;

    YES (lower (RLIMIT_NOFILE, 40, 50) == 0 && pipe (pipes) == 0);
    child = fork ();
    if (child == 0)
        _exit (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != 40 || limit.rlim_max != 50);
    YES (waitpid (child, &status, 0) == child && status == 0);
    child = fork ();
    if (child == 0) {
        close (pipes[1]);
        _exit (read (pipes[0], text, 1) != 0 || getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != 30
               || dup2 (0, 30) != -1 || errno != EBADF || dup2 (0, 29) != 29);
    }
    YES (prlimit (child, RLIMIT_NOFILE, &(struct rlimit){ 30, 50 }, &limit) == 0 && limit.rlim_cur == 40);
    YES (prlimit (child, RLIMIT_NOFILE, NULL, &limit) == 0 && limit.rlim_cur == 30);
    close (pipes[1]);
    YES (waitpid (child, &status, 0) == child && status == 0);
    close (pipes[0]);
    YES (soft_of (RLIMIT_NOFILE) == 40 && pipe (pipes) == 0);
    child = fork ();
    if (child == 0) {
        dup2 (pipes[1], 1);
        execl ("/proc/self/exe", "resources", "tell", NULL);
        _exit (9);
    }
    close (pipes[1]);
    YES (read (pipes[0], text, sizeof text - 1) > 0 && strcmp (text, "40 50\n") == 0);
    YES (waitpid (child, &status, 0) == child && status == 0);
    close (pipes[0]);
}

/* ---- descriptors ---- */

static void
descriptors (void)
{
    int fds[32], count = 0, high, pipes[2];

    YES (lower (RLIMIT_NOFILE, 20, 20) == 0);
    while (count < 32 && (fds[count] = open ("/dev/null", O_RDONLY)) >= 0)
        count++;
    YES (errno == EMFILE && count > 8 && fds[count - 1] == 19);
    FAILS (dup (0), EMFILE);
    FAILS (pipe (pipes), EMFILE);
    FAILS (socketpair (AF_UNIX, SOCK_STREAM, 0, pipes), EMFILE);
    FAILS (fcntl (0, F_DUPFD, 0), EMFILE);
    FAILS (fcntl (0, F_DUPFD, 20), EINVAL);
    FAILS (dup2 (0, 20), EBADF);
    FAILS (dup3 (0, 20, 0), EBADF);
    YES (dup2 (0, 19) == 19);
    YES (lower (RLIMIT_NOFILE, 10, 20) == 0);
    YES (fcntl (19, F_GETFD) == 0 && close (19) == 0);
    FAILS (dup2 (0, 19), EBADF);
    FAILS (open ("/dev/null", O_RDONLY), EMFILE);
    high = fds[count - 2];
    YES (high == 18 && dup2 (high, 9) == 9 && close (high) == 0);
    YES (lower (RLIMIT_NOFILE, 20, 20) == 0 && open ("/dev/null", O_RDONLY) == 18);
}

/* ---- files ---- */

/* Where the limits are here: what this prints lies below. */
#define FAR (1 << 20)

static void
sizes (void)
{
    static char bytes[3000];
    struct stat st;
    int fd = open ("big", O_CREAT | O_RDWR | O_TRUNC, 0600);

    signal (SIGXFSZ, note);
    YES (lower (RLIMIT_FSIZE, FAR + 2000, FAR + 4000) == 0 && lseek (fd, FAR, SEEK_SET) == FAR);
    YES (write (fd, bytes, 1500) == 1500 && write (fd, bytes, 1500) == 500 && came == 0);
    FAILS (write (fd, bytes, 1), EFBIG);
    YES (came == SIGXFSZ && fstat (fd, &st) == 0 && st.st_size == FAR + 2000);
    came = 0;
    YES (pwrite (fd, bytes, 3000, FAR) == 2000 && pwrite (fd, bytes, 10, FAR + 1995) == 5 && came == 0);
    FAILS (pwrite (fd, bytes, 1, FAR + 2000), EFBIG);
    FAILS (pwrite (fd, bytes, 1, FAR + 5000), EFBIG);
    YES (write (fd, bytes, 0) == 0);
    YES (came == SIGXFSZ);
    came = 0;
    FAILS (ftruncate (fd, FAR + 2001), EFBIG);
    YES (came == SIGXFSZ);
    came = 0;
    FAILS (truncate ("big", FAR + 3000), EFBIG);
    YES (came == SIGXFSZ && ftruncate (fd, FAR + 2000) == 0 && ftruncate (fd, FAR + 10) == 0);
    came = 0;
    YES (lower (RLIMIT_FSIZE, FAR + 5, FAR + 4000) == 0 && ftruncate (fd, FAR + 7) == 0 && came == 0);
    YES (fstat (fd, &st) == 0 && st.st_size == FAR + 7);
    signal (SIGXFSZ, SIG_IGN);
    FAILS (ftruncate (fd, FAR + 8), EFBIG);
    close (fd);
    fd = open ("big", O_WRONLY | O_APPEND);
    FAILS (write (fd, bytes, 1), EFBIG);
    YES (lower (RLIMIT_FSIZE, FAR + 9, FAR + 4000) == 0 && write (fd, bytes, 5) == 2);
    close (fd);
    fd = open ("/dev/null", O_WRONLY);
    YES (lseek (fd, 2 * FAR, SEEK_SET) >= 0 && write (fd, bytes, sizeof bytes) == sizeof bytes);
    close (fd);
    signal (SIGXFSZ, SIG_DFL);
}

static void
exceed (void)
{
    int fd = open ("big", O_CREAT | O_RDWR | O_TRUNC, 0600);

    lower (RLIMIT_FSIZE, 0, 0);
    lower (RLIMIT_CORE, 0, 0);
    write (fd, "x", 1);
}

/* ---- memory ---- */

#define ANYWHERE MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
#define MB       (1ul << 20)

/* Bytes that are mapped. */
static rlim_t
mapped (void)
{
    unsigned long pages = 0;
    FILE *file          = fopen ("/proc/self/statm", "r");

    if (file == NULL || fscanf (file, "%lu", &pages) != 1)
        abort ();
    fclose (file);
    return pages * 4096;
}

static void
memory (void)
{
    char *block = mmap (NULL, MB, PROT_READ | PROT_WRITE, ANYWHERE), *more, *end = sbrk (0);

    YES (block != MAP_FAILED && lower (RLIMIT_AS, mapped () + 4 * MB, RLIM_INFINITY) == 0);
    more = mmap (NULL, 2 * MB, PROT_READ, ANYWHERE);
    YES (more != MAP_FAILED);
    FAILS ((long)mmap (NULL, 4 * MB, PROT_NONE, ANYWHERE), ENOMEM);
    FAILS ((long)mmap (NULL, 4 * MB, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0), ENOMEM);
    YES (sbrk (4 * MB) == (void *)-1 && errno == ENOMEM && sbrk (0) == end);
    FAILS ((long)mremap (block, MB, 5 * MB, MREMAP_MAYMOVE), ENOMEM);
    YES (mmap (more, 2 * MB, PROT_READ, MAP_FIXED | ANYWHERE) == more);
    YES (munmap (more, 2 * MB) == 0);
    block = mremap (block, MB, 3 * MB, MREMAP_MAYMOVE);
    YES (block != MAP_FAILED && memset (block, 1, 3 * MB) == block);
    YES (lower (RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY) == 0);
    more = mmap (NULL, 64 * MB, PROT_NONE, ANYWHERE);
    YES (more != MAP_FAILED && munmap (more, 64 * MB) == 0);
    munmap (block, 3 * MB);
}

static void
data (void)
{
    char *none = mmap (NULL, 8 * MB, PROT_NONE, ANYWHERE), *end = sbrk (0), *shared;

    /* More than all that is mapped is more than all data. */
    YES (none != MAP_FAILED && lower (RLIMIT_DATA, mapped () - 8 * MB, RLIM_INFINITY) == 0);
    YES (mapped () - 8 * MB < 8 * MB);
    FAILS ((long)mmap (NULL, 8 * MB, PROT_READ | PROT_WRITE, ANYWHERE), ENOMEM);
    FAILS (mprotect (none, 8 * MB, PROT_READ | PROT_WRITE), ENOMEM);
    YES (mprotect (none, 8 * MB, PROT_READ) == 0);
    YES (sbrk (8 * MB) == (void *)-1 && errno == ENOMEM && sbrk (0) == end);
    shared = mmap (NULL, 8 * MB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    YES (shared != MAP_FAILED && munmap (shared, 8 * MB) == 0);
    YES (lower (RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY) == 0);
    YES (mprotect (none, 8 * MB, PROT_READ | PROT_WRITE) == 0 && munmap (none, 8 * MB) == 0);
}

/* ---- the stack ---- */

static __attribute__ ((noinline)) int
deep (int levels)
{
    volatile char block[4096];

    block[0] = (char)levels;
    return levels <= 0 ? block[0] : deep (levels - 1) + block[0];
}

static void
shallow_stack (void)
{
    lower (RLIMIT_STACK, 512 << 10, RLIM_INFINITY);
    lower (RLIMIT_CORE, 0, 0);
    deep (20);
    deep (200);
}

static void
deep_stack (void)
{
    lower (RLIMIT_STACK, 32 << 20, RLIM_INFINITY);
    deep (4000);
}

static void
endless_stack (void)
{
    lower (RLIMIT_CORE, 0, 0);
    deep (1000000);
}

static void
stack (void)
{
    YES (soft_of (RLIMIT_STACK) > 1 << 20 && lower (RLIMIT_STACK, 8 << 20, RLIM_INFINITY) == 0);
    YES (end_of (shallow_stack) == SIGSEGV);
    YES (end_of (endless_stack) == SIGSEGV);
    YES (end_of (deep_stack) == 0);
    YES (deep (1500) != 12345);
}

/* ---- arguments ---- */

/* A program with so many arguments of so many bytes: its exit status, or -errno of execve. */
static int
run_with (int count, size_t bytes)
{
    char *argument = malloc (bytes), **all = calloc (count + 3, sizeof *all);
    char *environment[] = { NULL };
    int status, error = 0, pipes[2];
    pid_t child;

    memset (argument, 'a', bytes - 1);
    argument[bytes - 1] = '\0';
    all[0] = "resources";
    all[1] = "count";
    for (int i = 0; i < count; i++)
        all[i + 2] = argument;
    if (pipe2 (pipes, O_CLOEXEC) != 0)
        abort ();
    child = fork ();
    if (child == 0) {
        execve ("/proc/self/exe", all, environment);
        write (pipes[1], &errno, sizeof errno);
        _exit (1);
    }
    close (pipes[1]);
    read (pipes[0], &error, sizeof error);
    close (pipes[0]);
    waitpid (child, &status, 0);
    free (argument);
    free (all);
    return error != 0 ? -error : WEXITSTATUS (status);
}

static void
arguments (void)
{
    YES (lower (RLIMIT_STACK, 8 << 20, RLIM_INFINITY) == 0);
    YES (run_with (3, 100) == 3);
    YES (run_with (1, 131072) == 1);
    YES (run_with (1, 131073) == -E2BIG);
    YES (run_with (15, 131072) == 15);
    YES (run_with (16, 131072) == -E2BIG);
    YES (run_with (200, 8000) == 200);
    YES (lower (RLIMIT_STACK, 1 << 20, RLIM_INFINITY) == 0);
    YES (run_with (1, 131072) == 1 && run_with (2, 131072) == -E2BIG);
    YES (run_with (30, 8000) == 30 && run_with (33, 8000) == -E2BIG);
    YES (lower (RLIMIT_STACK, 256 << 10, RLIM_INFINITY) == 0);
    YES (run_with (1, 120000) == 1 && run_with (2, 70000) == -E2BIG);
}

/* ---- processes ---- */

static void
processes (void)
{
    if (getuid () == 0 && (setgid (54321) != 0 || setuid (54321) != 0))
        abort ();
    YES (lower (RLIMIT_NPROC, 1, 100) == 0);
    FAILS (fork (), EAGAIN);
    YES (lower (RLIMIT_NPROC, 0, 100) == 0);
    FAILS (fork (), EAGAIN);
}

static void
told (void)
{
    char line[256];
    int right = 0, lines = 0;
    FILE *file;

    YES (lower (RLIMIT_NOFILE, 77, 88) == 0 && lower (RLIMIT_CORE, 0, 4096) == 0 && (file = fopen ("/proc/self/limits", "r")) != NULL);
    while (file != NULL && fgets (line, sizeof line, file) != NULL) {
        lines++;
        right += strcmp (line, "Limit                     Soft Limit           Hard Limit           Units     \n") == 0;
        right += strcmp (line, "Max open files            77                   88                   files     \n") == 0;
        right += strcmp (line, "Max core file size        0                    4096                 bytes     \n") == 0;
    }
    YES (right == 3 && lines == 17);
}

int
main (int argc, char **argv)
{
    struct rlimit limit;

    if (argc == 2 && strcmp (argv[1], "tell") == 0) {
        getrlimit (RLIMIT_NOFILE, &limit);
        printf ("%d %d\n", (int)limit.rlim_cur, (int)limit.rlim_max);
        return 0;
    }
    if (argc > 2)
        return argc - 2;
    apart (rules);
    apart (others);
    apart (descriptors);
    apart (sizes);
    YES (end_of (exceed) == SIGXFSZ);
    apart (memory);
    apart (data);
    apart (stack);
    apart (arguments);
    apart (processes);
    apart (told);
    return done ();
}
