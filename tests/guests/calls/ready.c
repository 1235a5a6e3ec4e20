/* ready: what is known of descriptors before they are read: how much there is, what poll says of
 * both ends of pipes and sockets while they are closed and shut down, and what ioctl sets. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "guests/case.h"

static int p[2];

static int
pending (int fd)
{
    int bytes = -7;

    return ioctl (fd, FIONREAD, &bytes) == 0 ? bytes : -1;
}

static int
asked (int fd, int events)
{
    struct pollfd one = { .fd = fd, .events = (short)events };

    return poll (&one, 1, 0) < 0 ? -1 : one.revents;
}

#define ALL (POLLIN | POLLOUT | POLLRDHUP)

static void
how_much (void)
{
    char text[100] = { 0 };
    int fd;

    make ("f", "0123456789");
    YES ((fd = open ("f", O_RDWR)) >= 0 && pending (fd) == 10);
    YES (read (fd, text, 4) == 4 && pending (fd) == 6);
    YES (lseek (fd, 14, SEEK_SET) == 14 && pending (fd) == -4);
    close (fd);
    YES (pipe (p) == 0 && pending (p[0]) == 0);
    YES (write (p[1], text, 100) == 100 && pending (p[0]) == 100 && pending (p[1]) == 100);
    YES (read (p[0], text, 30) == 30 && pending (p[0]) == 70);
    YES (close (p[1]) == 0 && pending (p[0]) == 70);
    close (p[0]);
    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, p) == 0 && write (p[0], text, 10) == 10 && write (p[0], text, 20) == 20);
    YES (pending (p[1]) == 30 && pending (p[0]) == 0);
    close (p[0]);
    close (p[1]);
    YES (socketpair (AF_UNIX, SOCK_DGRAM, 0, p) == 0 && write (p[0], text, 10) == 10 && write (p[0], text, 20) == 20);
    YES (pending (p[1]) == 10 && read (p[1], text, 99) == 10 && pending (p[1]) == 20);
    close (p[0]);
    close (p[1]);
    YES (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, p) == 0 && write (p[0], text, 10) == 10 && write (p[0], text, 20) == 20);
    YES (pending (p[1]) == 30);
    FAILS (ioctl (p[1], FIONREAD, (void *)8), EFAULT);
    close (p[0]);
    close (p[1]);
    FAILS (ioctl (99, FIONREAD, text), EBADF);
    YES ((fd = open (".", O_RDONLY)) >= 0);
    FAILS (ioctl (fd, FIONREAD, text), ENOTTY);
    close (fd);
    YES ((fd = open ("/dev/null", O_RDONLY)) >= 0);
    FAILS (ioctl (fd, FIONREAD, text), ENOTTY);
    close (fd);
}

static void
flags (void)
{
    int on = 1, off = 0;
    char c;

    YES (pipe (p) == 0 && ioctl (p[0], FIONBIO, &on) == 0 && (fcntl (p[0], F_GETFL) & O_NONBLOCK) != 0);
    FAILS (read (p[0], &c, 1), EAGAIN);
    YES ((fcntl (p[1], F_GETFL) & O_NONBLOCK) == 0 && fcntl (p[0], F_GETFD) == 0);
    YES (ioctl (p[0], FIONBIO, &off) == 0 && (fcntl (p[0], F_GETFL) & O_NONBLOCK) == 0);
    YES (ioctl (p[0], FIOCLEX) == 0 && fcntl (p[0], F_GETFD) == FD_CLOEXEC && ioctl (p[0], FIONCLEX) == 0 && fcntl (p[0], F_GETFD) == 0);
    FAILS (ioctl (p[0], FIONBIO, (void *)8), EFAULT);
    FAILS (ioctl (99, FIONBIO, &on), EBADF);
    FAILS (ioctl (99, FIOCLEX), EBADF);
    FAILS (ioctl (p[0], 0x1234, &on), ENOTTY);
    close (p[0]);
    close (p[1]);
}

static void
pipes (void)
{
    YES (pipe (p) == 0 && asked (p[0], ALL) == 0 && asked (p[1], ALL) == POLLOUT);
    YES (write (p[1], "x", 1) == 1 && asked (p[0], ALL) == POLLIN && asked (p[0], POLLOUT) == 0);
    YES (close (p[1]) == 0 && asked (p[0], ALL) == (POLLIN | POLLHUP) && asked (p[0], POLLOUT) == POLLHUP);
    YES (close (p[0]) == 0 && pipe (p) == 0 && close (p[0]) == 0);
    YES (asked (p[1], ALL) == (POLLOUT | POLLERR) && asked (p[1], 0) == POLLERR);
    close (p[1]);
    YES (asked (p[1], ALL) == POLLNVAL);
}

static void
sockets (void)
{
    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, p) == 0 && asked (p[0], ALL) == POLLOUT);
    YES (write (p[1], "x", 1) == 1 && asked (p[0], ALL) == (POLLIN | POLLOUT));
    YES (shutdown (p[1], SHUT_WR) == 0 && asked (p[0], ALL) == (POLLIN | POLLOUT | POLLRDHUP) && asked (p[1], ALL) == POLLOUT);
    YES (asked (p[0], POLLOUT) == POLLOUT);
    YES (shutdown (p[1], SHUT_RD) == 0 && asked (p[0], ALL) == (ALL | POLLHUP) && asked (p[0], 0) == POLLHUP);
    YES (asked (p[1], ALL) == (ALL | POLLHUP));
    close (p[0]);
    close (p[1]);
    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, p) == 0 && close (p[1]) == 0 && asked (p[0], ALL) == (ALL | POLLHUP));
    close (p[0]);
    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, p) == 0 && write (p[0], "x", 1) == 1 && close (p[1]) == 0);
    YES (asked (p[0], ALL) == (ALL | POLLHUP | POLLERR));
    close (p[0]);
    YES (socketpair (AF_UNIX, SOCK_DGRAM, 0, p) == 0 && asked (p[0], ALL) == POLLOUT && shutdown (p[0], SHUT_RD) == 0);
    YES (asked (p[0], ALL) == ALL && shutdown (p[0], SHUT_WR) == 0 && asked (p[0], ALL) == (ALL | POLLHUP));
    close (p[0]);
    close (p[1]);
}

/* A pipe or socket by its name in /proc is the pipe or socket. */
static void
by_name (void)
{
    char path[64];
    struct stat st, own;

    YES (pipe (p) == 0 && fstat (p[0], &own) == 0);
    snprintf (path, sizeof path, "/proc/self/fd/%d", p[1]);
    YES (stat (path, &st) == 0 && S_ISFIFO (st.st_mode) && st.st_ino == own.st_ino && st.st_uid == getuid ());
    YES (lstat (path, &st) == 0 && S_ISLNK (st.st_mode));
    YES (access (path, R_OK | W_OK) == 0 && access (path, F_OK) == 0);
    FAILS (access (path, X_OK), EACCES);
    close (p[0]);
    close (p[1]);
    FAILS (stat (path, &st), ENOENT);
    FAILS (access (path, F_OK), ENOENT);
    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, p) == 0 && fstat (p[0], &own) == 0);
    snprintf (path, sizeof path, "/proc/self/fd/%d", p[0]);
    YES (stat (path, &st) == 0 && S_ISSOCK (st.st_mode) && st.st_ino == own.st_ino);
    YES (shutdown (p[0], SHUT_RD) == 0 && fstat (p[0], &st) == 0 && st.st_ino == own.st_ino);
    YES (shutdown (p[0], SHUT_RDWR) == 0 && fstat (p[0], &st) == 0 && st.st_ino == own.st_ino);
    YES (fstat (p[1], &st) == 0 && st.st_ino != own.st_ino);
    close (p[0]);
    close (p[1]);
}

int
main (void)
{
    signal (SIGPIPE, SIG_IGN);
    how_much ();
    flags ();
    pipes ();
    sockets ();
    by_name ();
    return done ();
}
