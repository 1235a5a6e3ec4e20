/* sockets: pairs of them. */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/select.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "guests/case.h"

static void
pairs (void)
{
    int s[2], type = 0, status;
    socklen_t length = sizeof type;
    char buffer[64] = { 0 };
    struct stat st;

    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, s) == 0);
    YES (write (s[0], "ping", 4) == 4 && read (s[1], buffer, 64) == 4 && memcmp (buffer, "ping", 4) == 0);
    YES (write (s[1], "pong", 4) == 4 && read (s[0], buffer, 64) == 4 && memcmp (buffer, "pong", 4) == 0);
    YES (fstat (s[0], &st) == 0 && S_ISSOCK (st.st_mode));
    YES (getsockopt (s[0], SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM && length == 4);
    YES (getsockopt (s[0], SOL_SOCKET, SO_ERROR, &type, &length) == 0 && type == 0);
    FAILS (getsockopt (s[0], SOL_SOCKET, 9999, &type, &length), ENOPROTOOPT);
    FAILS (lseek (s[0], 0, SEEK_SET), ESPIPE);
    FAILS (pread (s[0], buffer, 1, 0), ESPIPE);
    FAILS (ftruncate (s[0], 0), EINVAL);
    if (fork () == 0) {
        close (s[0]);
        while (read (s[1], buffer, 1) == 1 && write (s[1], buffer, 1) == 1)
            ;
        _exit (7);
    }
    close (s[1]);
    YES (write (s[0], "a", 1) == 1 && read (s[0], buffer, 1) == 1 && buffer[0] == 'a');
    YES (write (s[0], "b", 1) == 1 && read (s[0], buffer, 1) == 1 && buffer[0] == 'b');
    YES (shutdown (s[0], SHUT_WR) == 0);
    YES (wait (&status) > 0 && WEXITSTATUS (status) == 7);
    YES (read (s[0], buffer, 1) == 0);
    signal (SIGPIPE, SIG_IGN);
    FAILS (write (s[0], "c", 1), EPIPE);
    close (s[0]);
}

static void
messages (void)
{
    int s[2];
    char one[4], two[8];
    struct iovec out[2] = { { "abc", 3 }, { "defgh", 5 } }, in[2] = { { one, 4 }, { two, 8 } };
    struct msghdr sending = { .msg_iov = out, .msg_iovlen = 2 };
    struct msghdr receive = { .msg_iov = in, .msg_iovlen = 2 };
    struct sockaddr_un name;
    socklen_t length = sizeof name;
    struct pollfd poll_one;

    YES (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, s) == 0);
    YES (fcntl (s[0], F_GETFD) == FD_CLOEXEC && (fcntl (s[0], F_GETFL) & O_NONBLOCK) != 0);
    FAILS (read (s[0], one, 1), EAGAIN);
    FAILS (recv (s[0], one, 1, MSG_DONTWAIT), EAGAIN);
    YES (sendmsg (s[0], &sending, 0) == 8);
    poll_one = (struct pollfd){ s[1], POLLIN | POLLOUT, 0 };
    YES (poll (&poll_one, 1, 0) == 1 && poll_one.revents == (POLLIN | POLLOUT));
    YES (recvmsg (s[1], &receive, 0) == 8 && memcmp (one, "abcd", 4) == 0 && memcmp (two, "efgh", 4) == 0);
    YES (sendto (s[1], "", 0, 0, (void *)s, 0) == 0);
    YES (sendto (s[1], "xyz", 3, MSG_NOSIGNAL, NULL, 0) == 3 && recvfrom (s[0], two, 8, 0, NULL, NULL) == 3);
    YES (getsockname (s[0], (struct sockaddr *)&name, &length) == 0 && length == 2 && name.sun_family == AF_UNIX);
    length = sizeof name;
    YES (getpeername (s[0], (struct sockaddr *)&name, &length) == 0 && name.sun_family == AF_UNIX);
    while (write (s[0], two, 8) == 8)
        ;
    YES (errno == EAGAIN);
    poll_one = (struct pollfd){ s[0], POLLOUT, 0 };
    YES (poll (&poll_one, 1, 0) == 0);
    close (s[1]);
    signal (SIGPIPE, SIG_DFL);
    FAILS (send (s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    FAILS (shutdown (s[0], 9), EINVAL);
    close (s[0]);
}

/* Several descriptors are waited for at once, and the first that is ready ends the wait. */
static void
several (void)
{
    int p[2], s[2], status;
    char byte = 'x';
    struct timeval while_ = { 0, 20000 };
    fd_set set;

    YES (pipe (p) == 0 && socketpair (AF_UNIX, SOCK_STREAM, 0, s) == 0);
    struct pollfd both[2] = { { p[0], POLLIN, 0 }, { s[0], POLLIN, 0 } };
    YES (poll (both, 2, 20) == 0);
    FD_ZERO (&set);
    FD_SET (p[0], &set);
    FD_SET (s[0], &set);
    YES (select (s[0] + 1, &set, NULL, NULL, &while_) == 0 && !FD_ISSET (p[0], &set) && !FD_ISSET (s[0], &set));
    for (int turn = 0; turn < 2; turn++) {
        if (fork () == 0) {
            usleep (20000);
            _exit (write (turn == 0 ? p[1] : s[1], &byte, 1) != 1);
        }
        YES (poll (both, 2, -1) == 1 && both[turn].revents == POLLIN && both[1 - turn].revents == 0);
        YES (wait (&status) > 0 && status == 0 && read (both[turn].fd, &byte, 1) == 1);
    }
    if (fork () == 0) {
        usleep (20000);
        _exit (write (s[1], &byte, 1) != 1);
    }
    FD_SET (p[0], &set);
    FD_SET (s[0], &set);
    YES (select (s[0] + 1, &set, NULL, NULL, NULL) == 1 && !FD_ISSET (p[0], &set) && FD_ISSET (s[0], &set));
    YES (wait (&status) > 0 && status == 0 && read (s[0], &byte, 1) == 1);
    close (p[1]);
    YES (poll (both, 2, -1) == 1 && both[0].revents == POLLHUP);
    close (p[0]);
    close (s[0]);
    close (s[1]);
}

static void
refusals (void)
{
    int p[2], s[2], file = open ("f", O_CREAT | O_RDWR, 0600);

    YES (pipe (p) == 0);
    FAILS (send (p[1], "x", 1, 0), ENOTSOCK);
    FAILS (recv (file, p, 1, 0), ENOTSOCK);
    FAILS (shutdown (file, SHUT_RD), ENOTSOCK);
    FAILS (send (99, "x", 1, 0), EBADF);
    FAILS (shutdown (99, 0), EBADF);
    FAILS (getsockopt (99, SOL_SOCKET, SO_TYPE, p, NULL), EBADF);
    FAILS (socketpair (AF_UNIX, SOCK_STREAM, 0, (int *)8), EFAULT);
    FAILS (socketpair (AF_UNIX, 9, 0, s), ESOCKTNOSUPPORT);
    FAILS (socketpair (AF_UNIX, 15, 0, s), EINVAL);
    FAILS (socketpair (AF_UNIX, SOCK_STREAM, 99, s), EPROTONOSUPPORT);
    FAILS (socketpair (12345, SOCK_STREAM, 0, s), EAFNOSUPPORT);
    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, s) == 0);
    FAILS (recv (s[0], (void *)8, 0 * write (s[1], "x", 1) + 1, 0), EFAULT);
}

int
main (void)
{
    pairs ();
    messages ();
    several ();
    refusals ();
    return done ();
}
