/* calls: what Linux's calls do, and how they refuse. Static, no library but libc; each case is
 * a line of output. The host runs it first: a case that fails there is wrong. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int cases, failures;

static void
is (const char *name, int right)
{
    int error = errno;

    cases++;
    failures += !right;
    printf ("%s %s", right ? "ok" : "WRONG", name);
    if (!right)
        printf (" (errno %d)", error);
    putchar ('\n');
    fflush (stdout);
    errno = 0;
}

#define YES(expression)        is (#expression, (expression) != 0)
#define FAILS(expression, why) is (#expression " " #why, (errno = 0, (expression) == -1) && errno == (why))

static void
make (const char *path, const char *text)
{
    int fd = open (path, O_CREAT | O_TRUNC | O_WRONLY, 0644);

    if (write (fd, text, strlen (text)) < 0 || close (fd) != 0)
        abort ();
}

static void
files (void)
{
    char buffer[64] = { 0 };
    struct stat st;
    struct iovec v[2] = { { buffer, 2 }, { buffer + 10, 3 } };
    int fd;

    make ("f", "hello world");
    YES ((fd = open ("f", O_RDWR)) >= 0);
    YES (read (fd, buffer, 5) == 5 && memcmp (buffer, "hello", 5) == 0);
    YES (lseek (fd, 0, SEEK_CUR) == 5);
    YES (lseek (fd, -5, SEEK_END) == 6);
    FAILS (lseek (fd, -50, SEEK_CUR), EINVAL);
    FAILS (lseek (fd, 0, 99), EINVAL);
    YES (pread (fd, buffer, 5, 6) == 5 && memcmp (buffer, "world", 5) == 0);
    YES (pwrite (fd, "W", 1, 6) == 1);
    FAILS (pread (fd, buffer, 5, -1), EINVAL);
    YES (lseek (fd, 0, SEEK_SET) == 0 && readv (fd, v, 2) == 5 && memcmp (buffer + 10, "llo", 3) == 0);
    YES (writev (fd, v, 2) == 5);
    YES (ftruncate (fd, 4) == 0 && fstat (fd, &st) == 0 && st.st_size == 4);
    YES (lseek (fd, 10000, SEEK_SET) == 10000 && write (fd, "x", 1) == 1);
    YES (fstat (fd, &st) == 0 && st.st_size == 10001);
    YES (pread (fd, buffer, 1, 5000) == 1 && buffer[0] == 0);
    FAILS (read (fd, (void *)8, 5 + 0 * pwrite (fd, "12345678", 8, 0) + 0 * lseek (fd, 0, SEEK_SET)), EFAULT);
    FAILS (write (fd, (void *)8, 5), EFAULT);
    YES (fsync (fd) == 0 && fdatasync (fd) == 0);
    YES (close (fd) == 0);
    FAILS (close (fd), EBADF);
    FAILS (read (fd, buffer, 1), EBADF);
    FAILS (write (fd, buffer, 1), EBADF);
    FAILS (open ("none", O_RDONLY), ENOENT);
    FAILS (open ("f/g", O_RDONLY), ENOTDIR);
    FAILS (open ("f", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
    FAILS (open (".", O_WRONLY), EISDIR);
    FAILS (open ("f", O_DIRECTORY | O_RDONLY), ENOTDIR);
    FAILS (open ("", O_RDONLY), ENOENT);
    FAILS (open ((char *)8, O_RDONLY), EFAULT);
    fd = open ("f", O_RDONLY);
    FAILS (write (fd, "x", 1), EBADF);
    FAILS (ftruncate (fd, 1), EINVAL);
    close (fd);
    fd = open ("f", O_WRONLY);
    FAILS (read (fd, buffer, 1), EBADF);
    close (fd);
    fd = open (".", O_RDONLY);
    FAILS (read (fd, buffer, 1), EISDIR);
    close (fd);
    fd = open ("f", O_WRONLY | O_APPEND | O_TRUNC);
    YES (write (fd, "ab", 2) == 2 && lseek (fd, 0, SEEK_SET) == 0 && write (fd, "cd", 2) == 2);
    YES (stat ("f", &st) == 0 && st.st_size == 4);
    close (fd);
    YES (truncate ("f", 100) == 0 && stat ("f", &st) == 0 && st.st_size == 100);
    FAILS (truncate ("f", -1), EINVAL);
    FAILS (truncate (".", 1), EISDIR);
}

static void
names (void)
{
    struct stat st, other;
    char buffer[256], here[256];
    int dir, fd;
    struct timespec times[2] = { { 1000, 0 }, { 2000, 0 } };
    struct statx sx;

    YES (mkdir ("d", 0755) == 0);
    FAILS (mkdir ("d", 0755), EEXIST);
    FAILS (mkdir ("none/d", 0755), ENOENT);
    FAILS (rmdir ("none"), ENOENT);
    make ("d/f", "x");
    FAILS (rmdir ("d"), ENOTEMPTY);
    FAILS (rmdir ("d/f"), ENOTDIR);
    FAILS (unlink ("d"), EISDIR);
    FAILS (unlink ("none"), ENOENT);
    YES (link ("d/f", "d/g") == 0 && stat ("d/g", &st) == 0 && st.st_nlink == 2);
    FAILS (link ("none", "d/h"), ENOENT);
    FAILS (link ("d/f", "d/g"), EEXIST);
    YES (symlink ("f", "d/s") == 0 && readlink ("d/s", buffer, sizeof buffer) == 1 && buffer[0] == 'f');
    YES (readlink ("d/s", buffer, 0 + 1) == 1);
    FAILS (readlink ("d/f", buffer, 9), EINVAL);
    FAILS (readlink ("d/none", buffer, 9), ENOENT);
    FAILS (symlink ("x", "d/s"), EEXIST);
    YES (lstat ("d/s", &st) == 0 && S_ISLNK (st.st_mode) && st.st_size == 1);
    YES (stat ("d/s", &st) == 0 && S_ISREG (st.st_mode));
    YES (symlink ("loop", "loop") == 0);
    FAILS (stat ("loop", &st), ELOOP);
    FAILS (open ("d/s", O_RDONLY | O_NOFOLLOW), ELOOP);
    YES (rename ("d/g", "d/h") == 0 && stat ("d/h", &st) == 0);
    FAILS (rename ("none", "d/x"), ENOENT);
    FAILS (rename ("d", "d/inside"), EINVAL);
    FAILS (rename ("d/f", "d/f/x"), ENOTDIR);
    YES (access ("d/f", F_OK) == 0 && access ("d/f", R_OK | W_OK) == 0);
    FAILS (access ("none", F_OK), ENOENT);
    FAILS (access ("d/f", 99), EINVAL);
    YES (chmod ("d/f", 0640) == 0 && stat ("d/f", &st) == 0 && (st.st_mode & 07777) == 0640);
    YES ((fd = open ("d/f", O_RDONLY)) >= 0 && fchmod (fd, 0600) == 0 && fstat (fd, &st) == 0 && (st.st_mode & 07777) == 0600);
    close (fd);
    FAILS (chmod ("none", 0600), ENOENT);
    YES (utimensat (AT_FDCWD, "d/f", times, 0) == 0 && stat ("d/f", &st) == 0 && st.st_atime == 1000 && st.st_mtime == 2000);
    YES ((dir = open ("d", O_RDONLY | O_DIRECTORY)) >= 0);
    YES (fstatat (dir, "f", &st, 0) == 0 && stat ("d/f", &other) == 0 && st.st_ino == other.st_ino);
    YES (fstatat (dir, "", &st, AT_EMPTY_PATH) == 0 && S_ISDIR (st.st_mode));
    YES ((fd = openat (dir, "new", O_CREAT | O_WRONLY, 0600)) >= 0 && close (fd) == 0 && access ("d/new", F_OK) == 0);
    YES (mkdirat (dir, "sub", 0700) == 0 && renameat (dir, "new", dir, "sub/new") == 0 && access ("d/sub/new", F_OK) == 0);
    YES (linkat (dir, "f", AT_FDCWD, "f2", 0) == 0 && symlinkat ("z", dir, "z") == 0 && readlinkat (dir, "z", buffer, 9) == 1);
    YES (unlinkat (dir, "z", 0) == 0 && unlinkat (dir, "sub/new", 0) == 0 && unlinkat (dir, "sub", AT_REMOVEDIR) == 0);
    YES (faccessat (dir, "f", R_OK, 0) == 0 && fchmodat (dir, "f", 0644, 0) == 0);
    FAILS (openat (99, "f", O_RDONLY), EBADF);
    YES (statx (dir, "f", 0, STATX_BASIC_STATS, &sx) == 0 && sx.stx_size == 1 && S_ISREG (sx.stx_mode));
    YES (getcwd (here, sizeof here) != NULL && chdir ("d") == 0 && getcwd (buffer, sizeof buffer) != NULL && strlen (buffer) == strlen (here) + 2);
    YES (access ("f", F_OK) == 0 && chdir ("..") == 0 && fchdir (dir) == 0 && access ("f", F_OK) == 0 && chdir (here) == 0);
    FAILS (chdir ("none"), ENOENT);
    FAILS (chdir ("d/f"), ENOTDIR);
    is ("getcwd ERANGE", getcwd (buffer, 2) == NULL && errno == ERANGE);
    close (dir);
    memset (buffer, 'n', 255);
    buffer[255] = 0;
    YES (mkdir (buffer, 0700) == 0 && rmdir (buffer) == 0);
    YES (umask (077) == 022 && mkdir ("m", 0777) == 0 && stat ("m", &st) == 0 && (st.st_mode & 0777) == 0700 && umask (022) == 077);
    struct statfs fs;
    YES (statfs (".", &fs) == 0 && fs.f_bsize > 0 && fs.f_namelen >= 255);
    DIR *stream = opendir ("d");
    int count = 0;
    while (readdir (stream) != NULL)
        count++;
    closedir (stream);
    is ("readdir", count == 5);
    for (int i = 0; i < 500; i++) {
        snprintf (buffer, sizeof buffer, "m/file%d", i);
        make (buffer, "");
    }
    stream = opendir ("m");
    count = 0;
    while (readdir (stream) != NULL)
        count++;
    closedir (stream);
    is ("readdir of many", count == 502);
}

static void
descriptors (void)
{
    int p[2], fd;
    char buffer[100];
    struct pollfd poll_one;
    fd_set set;
    struct timeval none = { 0, 0 };

    YES (pipe (p) == 0);
    YES (write (p[1], "abc", 3) == 3 && read (p[0], buffer, 99) == 3);
    FAILS (lseek (p[0], 0, SEEK_SET), ESPIPE);
    FAILS (pread (p[0], buffer, 1, 0), ESPIPE);
    YES (fcntl (p[0], F_SETFL, O_NONBLOCK) == 0 && (fcntl (p[0], F_GETFL) & O_NONBLOCK) != 0);
    FAILS (read (p[0], buffer, 1), EAGAIN);
    poll_one = (struct pollfd){ p[0], POLLIN, 0 };
    YES (poll (&poll_one, 1, 0) == 0 && poll (&poll_one, 1, 20) == 0);
    YES (write (p[1], "x", 1) == 1 && poll (&poll_one, 1, -1) == 1 && poll_one.revents == POLLIN);
    FD_ZERO (&set);
    FD_SET (p[0], &set);
    YES (select (p[0] + 1, &set, NULL, NULL, &none) == 1 && FD_ISSET (p[0], &set));
    YES (read (p[0], buffer, 9) == 1 && select (p[0] + 1, &set, NULL, NULL, &none) == 0 && !FD_ISSET (p[0], &set));
    YES (close (p[1]) == 0 && poll (&poll_one, 1, -1) == 1 && (poll_one.revents & POLLHUP) != 0);
    YES (read (p[0], buffer, 1) == 0);
    close (p[0]);
    signal (SIGPIPE, SIG_IGN);
    YES (pipe (p) == 0 && close (p[0]) == 0);
    FAILS (write (p[1], "x", 1), EPIPE);
    signal (SIGPIPE, SIG_DFL);
    close (p[1]);
    poll_one.fd = 99;
    YES (poll (&poll_one, 1, 0) == 1 && poll_one.revents == POLLNVAL);
    FAILS (pipe2 (p, 0x77777), EINVAL);
    YES (pipe2 (p, O_CLOEXEC) == 0 && fcntl (p[0], F_GETFD) == FD_CLOEXEC);
    YES (fcntl (p[0], F_SETFD, 0) == 0 && fcntl (p[0], F_GETFD) == 0);
    close (p[0]);
    close (p[1]);
    make ("f", "0123456789");
    fd = open ("f", O_RDONLY);
    YES (dup (fd) == fd + 1 && read (fd + 1, buffer, 4) == 4 && lseek (fd, 0, SEEK_CUR) == 4);
    YES (dup2 (fd, 50) == 50 && dup2 (fd, fd) == fd && close (50) == 0);
    YES (dup3 (fd, 51, O_CLOEXEC) == 51 && fcntl (51, F_GETFD) == FD_CLOEXEC && close (51) == 0);
    FAILS (dup3 (fd, fd, 0), EINVAL);
    FAILS (dup (99), EBADF);
    FAILS (dup2 (99, 5), EBADF);
    FAILS (dup2 (fd, -1), EBADF);
    YES (fcntl (fd, F_DUPFD, 70) == 70 && close (70) == 0);
    FAILS (fcntl (99, F_GETFD), EBADF);
    YES ((fcntl (fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
    close (fd);
    close (fd + 1);
    FAILS (tcgetpgrp (open ("f", O_RDONLY)), ENOTTY);
    YES ((fd = open ("/dev/null", O_RDWR)) >= 0 && write (fd, "x", 1) == 1 && read (fd, buffer, 1) == 0);
    YES ((fd = open ("/dev/zero", O_RDONLY)) >= 0 && read (fd, buffer, 100) == 100 && buffer[99] == 0);
    fd = open ("/dev/full", O_WRONLY);
    FAILS (write (fd, "x", 1), ENOSPC);
}

static volatile sig_atomic_t caught, caught_value;
static sigjmp_buf back;

static void
catch (int signal)
{
    caught++;
    caught_value = signal;
}

static void
catch_fault (int signal, siginfo_t *info, void *context)
{
    (void)context;
    caught_value = signal;
    is ("si_addr", info->si_addr == (void *)0x10);
    siglongjmp (back, 1);
}

static void
signals (void)
{
    struct sigaction action = { .sa_handler = catch }, old;
    sigset_t set, pending;
    int p[2];
    char c;
    pid_t child;

    YES (sigaction (SIGUSR1, &action, NULL) == 0 && kill (getpid (), SIGUSR1) == 0 && caught == 1);
    YES (sigaction (SIGUSR1, NULL, &old) == 0 && old.sa_handler == catch);
    FAILS (sigaction (SIGKILL, &action, NULL), EINVAL);
    FAILS (sigaction (99, &action, NULL), EINVAL);
    FAILS (kill (getpid (), 99), EINVAL);
    FAILS (kill (999999, SIGUSR1), ESRCH);
    YES (kill (getpid (), 0) == 0);
    sigemptyset (&set);
    sigaddset (&set, SIGUSR1);
    YES (sigprocmask (SIG_BLOCK, &set, NULL) == 0 && kill (getpid (), SIGUSR1) == 0 && caught == 1);
    YES (sigpending (&pending) == 0 && sigismember (&pending, SIGUSR1) == 1);
    YES (sigprocmask (SIG_UNBLOCK, &set, NULL) == 0 && caught == 2);
    sigprocmask (SIG_BLOCK, &set, NULL);
    raise (SIGUSR1);
    sigemptyset (&set);
    FAILS (sigsuspend (&set), EINTR);
    YES (caught == 3);
    sigaddset (&set, SIGUSR1);
    sigprocmask (SIG_UNBLOCK, &set, NULL);
    YES (pipe (p) == 0);
    if ((child = fork ()) == 0) {
        usleep (20000);
        kill (getppid (), SIGUSR1);
        usleep (20000);
        _exit (write (p[1], "x", 1) != 1);
    }
    FAILS (read (p[0], &c, 1), EINTR);
    YES (caught == 4 && read (p[0], &c, 1) == 1 && waitpid (child, NULL, 0) == child);
    action.sa_flags = SA_RESTART;
    sigaction (SIGUSR1, &action, NULL);
    if ((child = fork ()) == 0) {
        usleep (20000);
        kill (getppid (), SIGUSR1);
        usleep (20000);
        _exit (write (p[1], "y", 1) != 1);
    }
    YES (read (p[0], &c, 1) == 1 && c == 'y' && caught == 5);
    waitpid (child, NULL, 0);
    action.sa_flags = SA_RESETHAND;
    sigaction (SIGUSR2, &action, NULL);
    YES (raise (SIGUSR2) == 0 && caught_value == SIGUSR2 && sigaction (SIGUSR2, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
    sigaction (SIGALRM, &action, NULL);
    YES (alarm (100) == 0 && alarm (1) > 90 && pause () == -1 && errno == EINTR && caught_value == SIGALRM);
    action = (struct sigaction){ .sa_sigaction = catch_fault, .sa_flags = SA_SIGINFO };
    sigaction (SIGSEGV, &action, NULL);
    caught_value = 0;
    if (sigsetjmp (back, 1) == 0)
        *(volatile int *)0x10 = 1;
    YES (caught_value == SIGSEGV);
    action = (struct sigaction){ .sa_handler = SIG_DFL };
    sigaction (SIGSEGV, &action, NULL);
    stack_t stack = { .ss_sp = malloc (65536), .ss_size = 65536 };
    YES (sigaltstack (&stack, NULL) == 0);
    close (p[0]);
    close (p[1]);
}

static void
processes (char *self)
{
    int status, p[2];
    pid_t child;
    char buffer[64];
    volatile int shared = 1;

    YES (getpid () > 0 && getppid () > 0 && getpgrp () > 0 && getpgid (0) == getpgrp () && getsid (0) > 0);
    if ((child = fork ()) == 0)
        _exit (getppid () > 1 ? 7 : 8);
    YES (waitpid (child, &status, 0) == child && WIFEXITED (status) && WEXITSTATUS (status) == 7);
    FAILS (waitpid (child, &status, 0), ECHILD);
    FAILS (wait (&status), ECHILD);
    if ((child = fork ()) == 0)
        for (;;)
            pause ();
    YES (waitpid (child, &status, WNOHANG) == 0 && kill (child, SIGKILL) == 0);
    YES (wait (&status) == child && WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
    if ((child = fork ()) == 0)
        *(volatile int *)8 = 0;
    YES (wait (&status) == child && WIFSIGNALED (status) && WTERMSIG (status) == SIGSEGV);
    if ((child = fork ()) == 0) {
        raise (SIGSTOP);
        _exit (3);
    }
    YES (waitpid (child, &status, WUNTRACED) == child && WIFSTOPPED (status) && WSTOPSIG (status) == SIGSTOP);
    YES (kill (child, SIGCONT) == 0 && waitpid (child, &status, 0) == child && WEXITSTATUS (status) == 3);
    if ((child = vfork ()) == 0) {
        shared = 2;
        _exit (0);
    }
    YES (shared == 2 && waitpid (child, NULL, 0) == child);
    shared = 1;
    if ((child = fork ()) == 0) {
        shared = 5;
        _exit (0);
    }
    YES (waitpid (child, NULL, 0) == child && shared == 1);
    YES (pipe (p) == 0);
    if ((child = fork ()) == 0) {
        char *arguments[] = { self, "child", "two words", NULL }, *environment[] = { "A=b", NULL };

        dup2 (p[1], 1);
        execve (self, arguments, environment);
        _exit (99);
    }
    YES (waitpid (child, &status, 0) == child && WEXITSTATUS (status) == 42);
    YES (read (p[0], buffer, 64) == 13 && memcmp (buffer, "two words A=b", 13) == 0);
    char *none[] = { "x", NULL };
    FAILS (execve ("none", none, NULL), ENOENT);
    FAILS (execve (".", none, NULL), EACCES);
    make ("text", "no program");
    FAILS (execve ("text", none, NULL), EACCES);
    chmod ("text", 0755);
    FAILS (execve ("text", none, NULL), ENOEXEC);
    if ((child = fork ()) == 0)
        _exit (setsid () == getpid () && getsid (0) == getpid () && getpgrp () == getpid () ? 0 : 1);
    YES (waitpid (child, &status, 0) == child && status == 0);
    if ((child = fork ()) == 0)
        _exit (setpgid (0, 0) == 0 && getpgrp () == getpid () ? 0 : 1);
    YES (waitpid (child, &status, 0) == child && status == 0);
    FAILS (setpgid (999999, 0), ESRCH);
    FAILS (getpgid (999999), ESRCH);
    struct utsname name;
    YES (uname (&name) == 0 && strcmp (name.sysname, "Linux") == 0 && strcmp (name.machine, "x86_64") == 0);
    struct rlimit limit;
    YES (getrlimit (RLIMIT_STACK, &limit) == 0 && limit.rlim_cur > 0);
    FAILS (getrlimit (99, &limit), EINVAL);
    FAILS (syscall (9999), ENOSYS);
    FAILS (syscall (SYS_prctl, 9999), EINVAL);
}

static void
memory (void)
{
    char *p, *q;
    int fd, status;
    void *heap = sbrk (0);

    YES (sbrk (100000) == heap && (memset (heap, 1, 100000), sbrk (-100000)) != (void *)-1);
    p = mmap (NULL, 100000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    YES (p != MAP_FAILED && p[0] == 0 && p[99999] == 0);
    p[5000] = 'x';
    YES ((q = mremap (p, 100000, 1000000, MREMAP_MAYMOVE)) != MAP_FAILED && q[5000] == 'x' && q[999999] == 0);
    YES (mprotect (q, 4096, PROT_READ) == 0 && q[0] == 0);
    if (fork () == 0) {
        q[0] = 1;
        _exit (0);
    }
    YES (wait (&status) > 0 && WTERMSIG (status) == SIGSEGV);
    YES (mprotect (q, 4096, PROT_READ | PROT_WRITE) == 0 && (q[0] = 5) == 5);
    YES (madvise (q, 8192, MADV_DONTNEED) == 0 && q[0] == 0);
    YES (munmap (q, 1000000) == 0);
    FAILS (munmap ((void *)1, 4096), EINVAL);
    FAILS (mprotect ((void *)1, 4096, PROT_READ), EINVAL);
    FAILS (mprotect ((void *)0x10000000000, 4096, PROT_READ), ENOMEM);
    is ("mmap of nothing EINVAL", mmap (NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    is ("mmap EBADF", mmap (NULL, 4096, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF);
    make ("mapped", "contents");
    fd = open ("mapped", O_RDONLY);
    p = mmap (NULL, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    YES (p != MAP_FAILED && memcmp (p, "contents", 8) == 0 && p[8] == 0 && (p[0] = 'C') == 'C');
    p = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork () == 0) {
        p[0] = 9;
        _exit (0);
    }
    YES (wait (NULL) > 0 && p[0] == 9);
    p = mmap ((void *)0x200000000, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    YES (p == (void *)0x200000000 && munmap (p, 8192) == 0);
    p = malloc (3000000);
    memset (p, 7, 3000000);
    p = realloc (p, 9000000);
    YES (p != NULL && p[2999999] == 7);
    free (p);
}

static void
times_ (void)
{
    struct timespec before, after, nap = { 0, 30000000 };
    struct timeval now;
    struct tms tms;
    unsigned char random[16] = { 0 };

    YES (clock_gettime (CLOCK_MONOTONIC, &before) == 0 && nanosleep (&nap, NULL) == 0 && clock_gettime (CLOCK_MONOTONIC, &after) == 0);
    YES ((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 30000000);
    YES (clock_gettime (CLOCK_REALTIME, &after) == 0 && gettimeofday (&now, NULL) == 0 && now.tv_sec - after.tv_sec <= 1);
    YES (time (NULL) - now.tv_sec <= 1);
    FAILS (clock_gettime (999, &before), EINVAL);
    nap.tv_nsec = 2000000000;
    FAILS (nanosleep (&nap, NULL), EINVAL);
    YES (clock_getres (CLOCK_MONOTONIC, &before) == 0 && before.tv_nsec > 0);
    YES (times (&tms) != (clock_t)-1);
    YES (clock_gettime (CLOCK_MONOTONIC, &before) == 0 && (before.tv_nsec += 5000000, before.tv_nsec < 1000000000 || (before.tv_sec++, before.tv_nsec -= 1000000000)) && clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &before, NULL) == 0);
    YES (syscall (SYS_getrandom, random, 16, 0) == 16 && (random[0] | random[5] | random[9] | random[15]) != 0);
    cpu_set_t cpus;
    YES (sched_getaffinity (0, sizeof cpus, &cpus) == 0 && CPU_COUNT (&cpus) >= 1);
    YES (sched_yield () == 0);
}

int
main (int argc, char **argv, char **environment)
{
    if (argc == 3 && strcmp (argv[1], "child") == 0) {
        printf ("%s %s", argv[2], environment[0]);
        fflush (stdout);
        return 42;
    }
    files ();
    names ();
    descriptors ();
    signals ();
    processes (argv[0]);
    memory ();
    times_ ();
    printf ("%d cases, %d wrong\n", cases, failures);
    return failures != 0;
}
