/* messages: sockets whose messages arrive whole, and descriptors that travel with them. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "guests/case.h"

static char buffer[256], large[1 << 20];

static int
ready (int fd, int events)
{
    struct pollfd one = { fd, (short)events, 0 };

    return poll (&one, 1, 0) < 0 ? -1 : one.revents;
}

/* What is the same for both kinds. */
static void
boundaries (int type)
{
    int s[2], what = 0;
    socklen_t length = sizeof what;

    printf ("type %d\n", type);
    YES (socketpair (AF_UNIX, type | SOCK_CLOEXEC, 0, s) == 0);
    YES (getsockopt (s[0], SOL_SOCKET, SO_TYPE, &what, &length) == 0 && what == type);
    YES (fcntl (s[0], F_GETFD) == FD_CLOEXEC);
    YES (ready (s[0], POLLIN | POLLOUT) == POLLOUT);
    YES (send (s[0], "one", 3, 0) == 3 && send (s[0], "second", 6, 0) == 6 && write (s[0], "3", 1) == 1);
    YES (ready (s[1], POLLIN | POLLOUT) == (POLLIN | POLLOUT));
    YES (recv (s[1], buffer, 2, MSG_PEEK) == 2 && memcmp (buffer, "on", 2) == 0);
    YES (recv (s[1], buffer, 1, MSG_PEEK | MSG_TRUNC) == 3);
    YES (recv (s[1], buffer, 99, 0) == 3 && memcmp (buffer, "one", 3) == 0);
    YES (recv (s[1], buffer, 2, MSG_TRUNC) == 6 && memcmp (buffer, "se", 2) == 0);
    YES (read (s[1], buffer, 99) == 1 && buffer[0] == '3');
    FAILS (recv (s[1], buffer, 99, MSG_DONTWAIT), EAGAIN);
    YES (send (s[1], "", 0, 0) == 0 && send (s[1], "x", 1, 0) == 1);
    YES (recv (s[0], buffer, 99, 0) == 0 && recv (s[0], buffer, 99, 0) == 1 && buffer[0] == 'x');
    FAILS (send (s[0], large, sizeof large, 0), EMSGSIZE);
    FAILS (write (s[0], large, sizeof large), EMSGSIZE);
    YES (send (s[0], large, 50000, 0) == 50000 && recv (s[1], large, sizeof large, 0) == 50000);
    FAILS (send (s[0], "x", 1, MSG_OOB), EOPNOTSUPP);
    FAILS (recv (s[0], buffer, 1, MSG_OOB), EOPNOTSUPP);
    FAILS (send (s[0], (void *)8, 1, 0), EFAULT);
    YES (fcntl (s[0], F_SETFL, O_NONBLOCK) == 0);
    while (send (s[0], large, 4096, 0) == 4096)
        ;
    YES (errno == EAGAIN);
    YES (ready (s[0], POLLOUT) == 0);
    for (what = 0; recv (s[1], large, 8192, MSG_DONTWAIT) == 4096; what++)
        ;
    YES (what > 3 && errno == EAGAIN && ready (s[0], POLLOUT) == POLLOUT);
    close (s[0]);
    close (s[1]);
}

static void
vectors (int type)
{
    int s[2];
    char a[2], b[4];
    struct iovec out[3] = { { "ab", 2 }, { NULL, 0 }, { "cdefg", 5 } }, in[2] = { { a, 2 }, { b, 4 } };
    struct msghdr sending = { .msg_iov = out, .msg_iovlen = 3 };
    struct msghdr receive = { .msg_iov = in, .msg_iovlen = 2 };

    YES (socketpair (AF_UNIX, type, 0, s) == 0);
    YES (sendmsg (s[0], &sending, 0) == 7 && writev (s[0], out, 3) == 7);
    YES (recvmsg (s[1], &receive, 0) == 6 && memcmp (b, "cdef", 4) == 0);
    YES (receive.msg_flags == MSG_TRUNC && receive.msg_namelen == 0 && receive.msg_controllen == 0);
    YES (readv (s[1], in, 2) == 6 && memcmp (a, "ab", 2) == 0);
    FAILS (recv (s[1], buffer, 9, MSG_DONTWAIT), EAGAIN);
    sending.msg_iovlen = 2000;
    FAILS (sendmsg (s[0], &sending, 0), EMSGSIZE);
    receive.msg_iovlen = 2000;
    FAILS (recvmsg (s[0], &receive, 0), EMSGSIZE);
    FAILS (writev (s[0], out, 2000), EINVAL);
    FAILS (writev (s[0], (void *)8, 1), EFAULT);
    FAILS (sendmsg (s[0], (void *)8, 0), EFAULT);
    FAILS (recvmsg (s[0], (void *)8, 0), EFAULT);
    close (s[0]);
    close (s[1]);
}

/* What the other side's end means. */
static void
ends (void)
{
    int s[2], error = 0, status;
    socklen_t length = sizeof error;

    signal (SIGPIPE, SIG_DFL); /* messages never raise it */
    YES (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
    YES (send (s[0], "last", 4, 0) == 4 && close (s[0]) == 0);
    YES (ready (s[1], POLLIN) == (POLLIN | POLLHUP));
    YES (recv (s[1], buffer, 9, 0) == 4 && recv (s[1], buffer, 9, 0) == 0);
    YES (recv (s[1], buffer, 9, MSG_DONTWAIT) == 0);
    FAILS (send (s[1], "x", 1, 0), EPIPE);
    FAILS (write (s[1], "x", 1), EPIPE);
    close (s[1]);

    YES (socketpair (AF_UNIX, SOCK_DGRAM, 0, s) == 0);
    YES (send (s[0], "last", 4, 0) == 4 && close (s[0]) == 0);
    YES (ready (s[1], POLLIN) == POLLIN && recv (s[1], buffer, 9, 0) == 4);
    FAILS (recv (s[1], buffer, 9, MSG_DONTWAIT), EAGAIN);
    FAILS (send (s[1], "x", 1, 0), ECONNREFUSED);
    FAILS (send (s[1], "x", 1, 0), ENOTCONN);
    close (s[1]);

    YES (socketpair (AF_UNIX, SOCK_DGRAM, 0, s) == 0 && shutdown (s[0], SHUT_WR) == 0);
    FAILS (send (s[0], "x", 1, 0), EPIPE);
    FAILS (recv (s[1], buffer, 1, MSG_DONTWAIT), EAGAIN);
    YES (shutdown (s[0], SHUT_RD) == 0 && recv (s[0], buffer, 1, 0) == 0);
    FAILS (send (s[1], "x", 1, 0), EPIPE);
    close (s[0]);
    close (s[1]);

    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, s) == 0);
    YES (write (s[1], "unread", 6) == 6 && close (s[0]) == 0);
    FAILS (read (s[1], buffer, 9), ECONNRESET);
    YES (read (s[1], buffer, 9) == 0);
    close (s[1]);
    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, s) == 0);
    YES (write (s[1], "unread", 6) == 6 && close (s[0]) == 0);
    YES (getsockopt (s[1], SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == ECONNRESET);
    YES (read (s[1], buffer, 9) == 0);
    close (s[1]);

    /* Who waits learns of it. */
    YES (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
    if (fork () == 0) {
        close (s[1]);
        usleep (20000);
        _exit (send (s[0], "late", 4, 0) != 4);
    }
    close (s[0]);
    YES (recv (s[1], buffer, 9, 0) == 4 && recv (s[1], buffer, 9, 0) == 0);
    YES (wait (&status) > 0 && status == 0);
    close (s[1]);
}

/* A message that does not fit waits until there is room. */
static void
waits (void)
{
    int s[2], status, count = 0;
    ssize_t got;

    YES (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
    if (fork () == 0) {
        close (s[1]);
        for (int i = 0; i < 40; i++)
            if (send (s[0], large, 10000 + (size_t)i, 0) != 10000 + i)
                _exit (1);
        _exit (0);
    }
    close (s[0]);
    usleep (20000);
    while ((got = recv (s[1], large, sizeof large, 0)) == 10000 + count)
        count++;
    YES (got == 0 && count == 40);
    YES (wait (&status) > 0 && status == 0);
    close (s[1]);
}

/* ---- descriptors ---- */

static struct msghdr message;
static char control[1024];

/* Sends a byte, and so many descriptors. */
static ssize_t
pass (int socket, const char *text, const int *fds, unsigned count)
{
    static struct iovec piece;
    struct cmsghdr *header = (struct cmsghdr *)control;

    piece   = (struct iovec){ (char *)text, strlen (text) };
    message = (struct msghdr){ .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control,
                               .msg_controllen = CMSG_SPACE (count * sizeof *fds) };
    header->cmsg_len   = CMSG_LEN (count * sizeof *fds);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type  = SCM_RIGHTS;
    memcpy (CMSG_DATA (header), fds, count * sizeof *fds);
    return sendmsg (socket, &message, 0);
}

/* How many descriptors came with it; the bytes are in `buffer`. */
static int
take (int socket, int *fds, size_t room, int flags)
{
    struct iovec piece     = { buffer, sizeof buffer };
    struct cmsghdr *header = (struct cmsghdr *)control;

    memset (buffer, 0, sizeof buffer);
    message = (struct msghdr){ .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control,
                               .msg_controllen = room };
    if (recvmsg (socket, &message, flags) < 0)
        return -1;
    if (message.msg_controllen == 0)
        return 0;
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return -2;
    memcpy (fds, CMSG_DATA (header), header->cmsg_len - CMSG_LEN (0));
    return (int)((header->cmsg_len - CMSG_LEN (0)) / sizeof *fds);
}

static void
rights (int type)
{
    int s[2], p[2], fds[64], status, bad = 99;
    int file = open ("passed", O_RDWR | O_CREAT | O_TRUNC, 0600);
    int both[2];

    printf ("rights, type %d\n", type);
    YES (socketpair (AF_UNIX, type, 0, s) == 0 && pipe (p) == 0 && file >= 0);
    YES (write (file, "0123456789", 10) == 10 && lseek (file, 3, SEEK_SET) == 3);
    both[0] = file;
    both[1] = p[1];
    YES (pass (s[0], "f", both, 2) == 1);
    close (p[1]);
    YES (take (s[1], fds, sizeof control, 0) == 2 && strcmp (buffer, "f") == 0 && message.msg_flags == 0);
    YES (message.msg_controllen == CMSG_SPACE (2 * sizeof (int)) && fds[0] != file);
    YES (read (fds[0], buffer, 2) == 2 && memcmp (buffer, "34", 2) == 0 && lseek (file, 0, SEEK_CUR) == 5);
    YES (fcntl (fds[0], F_GETFD) == 0);
    YES (write (fds[1], "through", 7) == 7 && read (p[0], buffer, 9) == 7 && close (fds[1]) == 0);
    YES (read (p[0], buffer, 9) == 0);
    close (fds[0]);
    YES (pass (s[0], "c", &file, 1) == 1 && take (s[1], fds, sizeof control, MSG_CMSG_CLOEXEC) == 1);
    YES (fcntl (fds[0], F_GETFD) == FD_CLOEXEC && (message.msg_flags & MSG_CMSG_CLOEXEC) != 0);
    close (fds[0]);

    /* Too little room, or none: what is too much is closed. */
    YES (pipe (p) == 0);
    both[0] = p[1];
    both[1] = p[1];
    YES (pass (s[0], "t", both, 2) == 1 && take (s[1], fds, CMSG_LEN (sizeof (int)), 0) == 1);
    YES (message.msg_flags == MSG_CTRUNC && close (fds[0]) == 0);
    YES (pass (s[0], "n", both, 2) == 1 && take (s[1], fds, 0, 0) == 0 && message.msg_flags == MSG_CTRUNC);
    YES (pass (s[0], "r", both, 2) == 1 && read (s[1], buffer, 9) == 1);
    close (p[1]);
    YES (read (p[0], buffer, 9) == 0);
    close (p[0]);

    /* A look does not take it away. */
    YES (pass (s[0], "k", &file, 1) == 1 && take (s[1], fds, sizeof control, MSG_PEEK) == 1 && close (fds[0]) == 0);
    YES (take (s[1], fds, sizeof control, 0) == 1 && buffer[0] == 'k' && close (fds[0]) == 0);

    /* Nobody receives it: closed with the socket. */
    YES (pipe (p) == 0 && pass (s[0], "w", &p[1], 1) == 1 && close (p[1]) == 0);
    FAILS (pass (s[0], "b", &bad, 1), EBADF);
    if (fork () == 0) {
        close (s[0]);
        _exit (take (s[1], fds, sizeof control, 0) != 1 || write (fds[0], "child", 5) != 5);
    }
    YES (wait (&status) > 0 && status == 0 && read (p[0], buffer, 9) == 5);
    YES (read (p[0], buffer, 9) == 0 && close (p[0]) == 0);
    YES (pipe (p) == 0 && pass (s[0], "w", &p[1], 1) == 1 && close (p[1]) == 0);
    close (s[0]);
    close (s[1]);
    YES (read (p[0], buffer, 9) == 0);
    close (p[0]);
    close (file);
}

static void
on_alarm (int signal)
{
    (void)signal;
}

/* A message that waits and is given up takes its descriptors with it. */
static void
rights_given_up (void)
{
    int s[2], p[2];
    struct sigaction action = { .sa_handler = on_alarm };

    YES (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, s) == 0 && pipe (p) == 0);
    while (send (s[0], large, 30000, MSG_DONTWAIT) == 30000)
        ;
    while (send (s[0], large, 1, MSG_DONTWAIT) == 1)
        ;
    sigaction (SIGALRM, &action, NULL);
    alarm (1);
    FAILS (pass (s[0], "late", &p[1], 1), EINTR);
    YES (close (p[1]) == 0 && read (p[0], buffer, 1) == 0);
    close (p[0]);
    close (s[0]);
    close (s[1]);
}

/* Descriptors arrive with their bytes, and no read of a stream goes past them. */
static void
rights_in_a_stream (void)
{
    int s[2], fds[8], file = open ("passed", O_RDONLY);

    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, s) == 0);
    YES (write (s[0], "before", 6) == 6 && pass (s[0], "with", &file, 1) == 4 && write (s[0], "after", 5) == 5);
    YES (read (s[1], buffer, 3) == 3);
    YES (take (s[1], fds, sizeof control, 0) == 1 && strcmp (buffer, "orewith") == 0 && close (fds[0]) == 0);
    YES (take (s[1], fds, sizeof control, 0) == 0 && strcmp (buffer, "after") == 0);
    YES (send (s[0], "abc", 3, 0) == 3 && send (s[0], "def", 3, 0) == 3);
    YES (recv (s[1], buffer, 6, MSG_WAITALL) == 6 && memcmp (buffer, "abcdef", 6) == 0);
    close (s[0]);
    close (s[1]);
}

static void
credentials (void)
{
    int s[2];
    struct ucred peer;
    socklen_t length = sizeof peer;
    struct cmsghdr *header = (struct cmsghdr *)control;
    struct iovec piece = { "x", 1 };

    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, s) == 0);
    YES (getsockopt (s[0], SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && length == sizeof peer);
    YES (peer.pid == getpid () && peer.uid == getuid () && peer.gid == getgid ());
    message = (struct msghdr){ .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control,
                               .msg_controllen = CMSG_SPACE (sizeof peer) };
    header->cmsg_len   = CMSG_LEN (sizeof peer);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type  = SCM_CREDENTIALS;
    memcpy (CMSG_DATA (header), &peer, sizeof peer);
    YES (sendmsg (s[0], &message, 0) == 1);
    header->cmsg_len = CMSG_LEN (3);
    FAILS (sendmsg (s[0], &message, 0), EINVAL);
    header->cmsg_len = 5000;
    FAILS (sendmsg (s[0], &message, 0), EINVAL);
    header->cmsg_len  = CMSG_LEN (0);
    header->cmsg_type = 99;
    FAILS (sendmsg (s[0], &message, 0), EINVAL);
    header->cmsg_level     = 99;
    message.msg_controllen = CMSG_LEN (0);
    YES (sendmsg (s[0], &message, 0) == 1);
    FAILS (sendto (s[0], "x", 1, 0, (void *)&message, 16), EISCONN);
    FAILS (setsockopt (s[0], SOL_SOCKET, SO_SNDBUF, &length, 1), EINVAL);
    close (s[0]);
    close (s[1]);
}

int
main (void)
{
    boundaries (SOCK_DGRAM);
    boundaries (SOCK_SEQPACKET);
    vectors (SOCK_DGRAM);
    vectors (SOCK_SEQPACKET);
    ends ();
    waits ();
    rights (SOCK_STREAM);
    rights (SOCK_DGRAM);
    rights (SOCK_SEQPACKET);
    rights_given_up ();
    rights_in_a_stream ();
    credentials ();
    return done ();
}
