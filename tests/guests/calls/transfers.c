/* transfers: bytes from one descriptor to another; descriptors closed by the range. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "guests/case.h"

#define BIG 200000

static char big[BIG], got[BIG];
static int p[2], in, out;

static long
range (int from, off_t *at, int to, off_t *where, size_t bytes, unsigned flags)
{
    return syscall (SYS_copy_file_range, from, at, to, where, bytes, flags);
}

/* What has no end is ended by a signal, and others have their turn meanwhile. */
static void
endless (void)
{
    int zero = open ("/dev/zero", O_RDONLY), null = open ("/dev/null", O_WRONLY), status;
    pid_t child = fork ();

    while (child == 0)
        sendfile (null, zero, NULL, 0x7fffffff);
    usleep (20000);
    YES (child > 0 && kill (child, SIGKILL) == 0);
    YES (waitpid (child, &status, 0) == child && WIFSIGNALED (status));
    close (zero);
    close (null);
}

static void
sends (void)
{
    off_t at = 3;
    int status;

    make ("from", "0123456789");
    YES ((in = open ("from", O_RDWR)) >= 0 && (out = open ("to", O_CREAT | O_RDWR, 0600)) >= 0);
    YES (sendfile (out, in, NULL, 4) == 4 && lseek (in, 0, SEEK_CUR) == 4 && lseek (out, 0, SEEK_CUR) == 4);
    YES (sendfile (out, in, &at, 100) == 7 && at == 10 && lseek (in, 0, SEEK_CUR) == 4 && lseek (out, 0, SEEK_CUR) == 11);
    YES (pread (out, got, 99, 0) == 11 && memcmp (got, "01233456789", 11) == 0);
    YES (sendfile (out, in, &at, 5) == 0 && at == 10 && sendfile (out, in, NULL, 0) == 0);
    YES (pipe (p) == 0 && sendfile (p[1], in, NULL, 99) == 6 && read (p[0], got, 99) == 6 && memcmp (got, "456789", 6) == 0);
    FAILS (sendfile (p[1], p[0], NULL, 1), EINVAL);
    FAILS (sendfile (out, p[0], &at, 1), ESPIPE);
    FAILS (sendfile (99, in, NULL, 1), EBADF);
    FAILS (sendfile (out, 99, NULL, 1), EBADF);
    FAILS (sendfile (p[0], in, NULL, 1), EBADF);
    FAILS (sendfile (out, in, (off_t *)8, 1), EFAULT);
    at = -1;
    FAILS (sendfile (out, in, &at, 1), EINVAL);
    YES (fcntl (out, F_SETFL, O_APPEND) == 0);
    FAILS (sendfile (out, in, NULL, 1), EINVAL);
    YES (fcntl (out, F_SETFL, 0) == 0);
    close (p[0]);
    at = 0;
    FAILS (sendfile (p[1], in, &at, 1), EPIPE);
    YES (at == 0);
    close (p[1]);
    for (int i = 0; i < BIG; i++)
        big[i] = (char)(i * 7 ^ i >> 8);
    YES (pwrite (in, big, BIG, 0) == BIG && lseek (in, 0, SEEK_SET) == 0 && pipe (p) == 0);
    fflush (stdout);
    if (fork () == 0) {
        ssize_t sent = 0, part;

        close (p[0]);
        while (sent < BIG && (part = sendfile (p[1], in, NULL, BIG - sent)) > 0)
            sent += part;
        _exit (sent != BIG);
    }
    close (p[1]);
    for (ssize_t done, at = 0; (done = read (p[0], got + at, BIG - at)) > 0; at += done)
        ;
    YES (wait (&status) > 0 && status == 0 && memcmp (big, got, BIG) == 0 && lseek (in, 0, SEEK_CUR) == BIG);
    close (p[0]);
    YES (pipe (p) == 0 && fcntl (p[1], F_SETFL, O_NONBLOCK) == 0 && lseek (in, 0, SEEK_SET) == 0);
    YES (sendfile (p[1], in, NULL, BIG) == 65536 && lseek (in, 0, SEEK_CUR) == 65536);
    FAILS (sendfile (p[1], in, NULL, BIG), EAGAIN);
    close (p[0]);
    close (p[1]);
    close (in);
    close (out);
}

static void
copies (void)
{
    off_t at = 2, where = 20;
    struct stat st;
    int dir;

    make ("from", "0123456789");
    YES ((in = open ("from", O_RDWR)) >= 0 && (out = open ("to", O_TRUNC | O_RDWR)) >= 0);
    YES (range (in, NULL, out, NULL, 4, 0) == 4 && lseek (in, 0, SEEK_CUR) == 4 && lseek (out, 0, SEEK_CUR) == 4);
    YES (range (in, &at, out, &where, 99, 0) == 8 && at == 10 && where == 28 && lseek (in, 0, SEEK_CUR) == 4);
    YES (fstat (out, &st) == 0 && st.st_size == 28 && pread (out, got, 99, 0) == 28 && memcmp (got, "0123\0\0", 6) == 0 && memcmp (got + 20, "23456789", 8) == 0);
    YES (range (in, &at, out, &where, 99, 0) == 0);
    at = where = 0;
    FAILS (range (in, &at, in, &where, 5, 0), EINVAL);
    where = 100;
    YES (range (in, &at, in, &where, 10, 0) == 10 && pread (in, got, 10, 100) == 10 && memcmp (got, "0123456789", 10) == 0);
    FAILS (range (in, NULL, out, NULL, 1, 1), EINVAL);
    FAILS (range (99, NULL, out, NULL, 1, 0), EBADF);
    FAILS (range (in, NULL, 99, NULL, 1, 0), EBADF);
    YES (pipe (p) == 0);
    FAILS (range (p[0], NULL, out, NULL, 1, 0), EINVAL);
    FAILS (range (in, NULL, p[1], NULL, 1, 0), EINVAL);
    close (p[0]);
    close (p[1]);
    YES ((dir = open (".", O_RDONLY)) >= 0);
    FAILS (range (dir, NULL, out, NULL, 1, 0), EISDIR);
    close (dir);
    YES (fcntl (out, F_SETFL, O_APPEND) == 0);
    FAILS (range (in, NULL, out, NULL, 1, 0), EBADF);
    close (in);
    YES ((in = open ("from", O_WRONLY)) >= 0);
    FAILS (range (in, NULL, out, NULL, 1, 0), EBADF);
    close (in);
    close (out);
}

static void
with_flags (void)
{
    struct iovec v[2] = { { got, 3 }, { got + 10, 4 } };

    make ("from", "0123456789");
    YES ((in = open ("from", O_RDWR)) >= 0);
    YES (preadv2 (in, v, 2, 1, 0) == 7 && memcmp (got, "123", 3) == 0 && memcmp (got + 10, "4567", 4) == 0 && lseek (in, 0, SEEK_CUR) == 0);
    YES (preadv2 (in, v, 2, -1, 0) == 7 && memcmp (got, "012", 3) == 0 && lseek (in, 0, SEEK_CUR) == 7);
    YES (pwritev2 (in, v, 1, 8, 0) == 3 && pwritev2 (in, v, 1, -1, 0) == 3 && pread (in, got, 20, 0) == 11 && memcmp (got, "01234560122", 11) == 0);
    FAILS (preadv2 (in, v, 2, -2, 0), EINVAL);
    FAILS (preadv2 (in, v, 2, 0, 0x40000000), EOPNOTSUPP);
    FAILS (pwritev2 (in, v, 2, 0, 0x40000000), EOPNOTSUPP);
    close (in);
}

static void
ranges (void)
{
    for (int fd = 20; fd < 30; fd++)
        dup2 (1, fd);
    YES (syscall (SYS_close_range, 21, 23, 0) == 0 && fcntl (20, F_GETFD) == 0 && fcntl (24, F_GETFD) == 0);
    FAILS (fcntl (22, F_GETFD), EBADF);
    YES (syscall (SYS_close_range, 24, 26, 4) == 0 && fcntl (24, F_GETFD) == FD_CLOEXEC && fcntl (26, F_GETFD) == FD_CLOEXEC && fcntl (27, F_GETFD) == 0);
    YES (syscall (SYS_close_range, 20, ~0u, 0) == 0 && fcntl (1, F_GETFD) == 0);
    FAILS (fcntl (29, F_GETFD), EBADF);
    FAILS (syscall (SYS_close_range, 5, 4, 0), EINVAL);
    FAILS (syscall (SYS_close_range, 5, 6, 0x100), EINVAL);
}

int
main (void)
{
    signal (SIGPIPE, SIG_IGN);
    sends ();
    copies ();
    with_flags ();
    ranges ();
    endless ();
    return done ();
}
