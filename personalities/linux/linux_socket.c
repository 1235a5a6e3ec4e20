/* linux_socket: pairs of sockets, which are two pipes each to the file server. There is no
 * network, and no socket has a name. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/uio.h>

#include "personalities/linux/linux_file.h"

#define VECTORS_MAX 1024u

/* -EBADF, -ENOTSOCK or 0. */
static int64_t
is_socket (struct task *task, uint64_t fd)
{
    struct file_stat_req request = { .process = task->pid, .fd = (int32_t)fd };
    struct file_stat_rep reply;
    int64_t bad = (int32_t)fd < 0 ? -EBADF : linux_result (file_stat (FILES, &request, &reply));

    return bad != 0 ? bad : reply.attr.type == FILE_TYPE_SOCKET ? 0 : -ENOTSOCK;
}

LINUX_FUNCTION (socketpair)
{
    const uint64_t flags         = SOCK_NONBLOCK | SOCK_CLOEXEC;
    struct file_pair_req request = { .process = task->pid };
    struct file_pair_rep reply;
    int32_t fds[2];
    int64_t bad;

    if (a[0] != AF_UNIX)
        return -EAFNOSUPPORT;
    if ((a[1] & ~flags) != SOCK_STREAM)
        return (a[1] & ~flags) > SOCK_PACKET ? -EINVAL : -ESOCKTNOSUPPORT;
    if (a[2] != 0 && a[2] != AF_UNIX)
        return -EPROTONOSUPPORT;
    request.flags = linux_open_flags (a[1] & flags); /* they are O_NONBLOCK and O_CLOEXEC */
    bad           = linux_result (file_pair (FILES, &request, &reply));
    if (bad != 0)
        return bad;
    fds[0] = reply.fd;
    fds[1] = reply.other;
    bad    = linux_put (task, a[3], fds, sizeof fds);
    for (unsigned i = 0; bad != 0 && i < 2; i++) {
        uint64_t fd = (uint64_t)fds[i];

        linux_close (task, &fd);
    }
    return bad;
}

/* ---- bytes ---- */

/* May it be done at all, and without waiting if it shall not? */
static int64_t
begin (struct task *task, uint64_t fd, uint64_t flags, uint64_t known, uint32_t events)
{
    struct file_poll_req request
        = { .process = task->pid, .fd = (int32_t)fd, .events = events };
    struct file_poll_rep reply;
    int64_t bad = is_socket (task, fd);

    if (bad == 0 && (flags & ~(known | MSG_DONTWAIT)) != 0)
        bad = -EOPNOTSUPP;
    if (bad != 0 || (flags & MSG_DONTWAIT) == 0)
        return bad;
    bad = linux_result (file_poll (FILES, &request, &reply));
    return bad != 0 ? bad : reply.ready == 0 ? -EAGAIN : 0;
}

LINUX_FUNCTION (sendto)
{
    int64_t bad = begin (task, a[0], a[3], MSG_NOSIGNAL, POLL_WRITE);

    if (bad == 0 && a[4] != 0)
        bad = -EISCONN;
    return bad != 0 ? bad
                    : linux_send (task, (int32_t)a[0], a[1], a[2], (a[3] & MSG_NOSIGNAL) != 0);
}

static int64_t
put_length (struct task *task, uint64_t address, uint32_t length)
{
    return address != 0 ? linux_put (task, address, &length, sizeof length) : 0;
}

LINUX_FUNCTION (recvfrom)
{
    int64_t bad = begin (task, a[0], a[3], 0, POLL_READ), done;

    if (bad != 0)
        return bad;
    done = linux_receive (task, (int32_t)a[0], a[1], a[2]);
    bad  = done >= 0 && a[4] != 0 ? put_length (task, a[5], 0) : 0;
    return bad != 0 ? bad : done;
}

/* The pieces of a message, until one is not used up. */
static int64_t
message (struct task *task, const uint64_t *a, bool sends)
{
    struct msghdr header;
    int64_t total = 0;
    int64_t bad   = linux_get (task, a[1], &header, sizeof header);

    if (bad == 0)
        bad = begin (task, a[0], a[2], sends ? MSG_NOSIGNAL : 0, sends ? POLL_WRITE : POLL_READ);
    if (bad == 0 && header.msg_iovlen > VECTORS_MAX)
        bad = -EMSGSIZE;
    if (bad == 0 && sends && header.msg_controllen != 0)
        bad = -EOPNOTSUPP;
    for (size_t i = 0; bad == 0 && i < header.msg_iovlen; i++) {
        struct iovec piece;
        int64_t done = linux_get (task, (uint64_t)(uintptr_t)(header.msg_iov + i), &piece,
                                  sizeof piece);
        uint64_t address = (uint64_t)(uintptr_t)piece.iov_base;

        if (done == 0)
            done = sends ? linux_send (task, (int32_t)a[0], address, piece.iov_len,
                                       (a[2] & MSG_NOSIGNAL) != 0)
                         : linux_receive (task, (int32_t)a[0], address, piece.iov_len);
        if (done < 0)
            return total != 0 ? total : done;
        total += done;
        if ((uint64_t)done < piece.iov_len)
            break;
    }
    if (bad == 0 && !sends) {
        header.msg_namelen    = 0;
        header.msg_controllen = 0;
        header.msg_flags      = 0;
        bad                   = linux_put (task, a[1], &header, sizeof header);
    }
    return bad != 0 ? bad : total;
}

LINUX_FUNCTION (sendmsg)
{
    return message (task, a, true);
}

LINUX_FUNCTION (recvmsg)
{
    return message (task, a, false);
}

LINUX_FUNCTION (shutdown)
{
    struct file_shutdown_req request
        = { .process = task->pid, .fd = (int32_t)a[0], .how = (uint32_t)a[1] + 1 };
    struct file_shutdown_rep reply;
    int64_t bad = is_socket (task, a[0]);

    if (bad == 0 && a[1] > SHUT_RDWR)
        bad = -EINVAL;
    return bad != 0 ? bad : linux_result (file_shutdown (FILES, &request, &reply));
}

/* ---- what is known of them ---- */

LINUX_FUNCTION (getsockname)
{
    uint16_t family = AF_UNIX;
    uint32_t room;
    int64_t bad = is_socket (task, a[0]);

    if (bad == 0)
        bad = linux_get (task, a[2], &room, sizeof room);
    if (bad == 0 && (int32_t)room < 0)
        bad = -EINVAL;
    if (bad == 0)
        bad = linux_put (task, a[1], &family, room < sizeof family ? room : sizeof family);
    return bad != 0 ? bad : put_length (task, a[2], sizeof family);
}

LINUX_FUNCTION (getpeername)
{
    return linux_getsockname (task, a);
}

LINUX_FUNCTION (getsockopt)
{
    int32_t value;
    uint32_t room;
    int64_t bad = is_socket (task, a[0]);

    if (bad == 0 && a[1] != SOL_SOCKET)
        bad = -EOPNOTSUPP;
    if (bad == 0)
        bad = linux_get (task, a[4], &room, sizeof room);
    if (bad != 0)
        return bad;
    switch (a[2]) {
    case SO_TYPE:   value = SOCK_STREAM; break;
    case SO_DOMAIN: value = AF_UNIX; break;
    case SO_ERROR:
    case SO_PROTOCOL:
    case SO_ACCEPTCONN: value = 0; break;
    case SO_SNDBUF:
    case SO_RCVBUF: value = 65536; break;
    default:        return -ENOPROTOOPT;
    }
    room = room < sizeof value ? room : sizeof value;
    bad  = linux_put (task, a[3], &value, room);
    return bad != 0 ? bad : put_length (task, a[4], room);
}

LINUX_FUNCTION (setsockopt)
{
    int64_t bad = is_socket (task, a[0]);

    return bad != 0 ? bad : a[1] != SOL_SOCKET ? -EOPNOTSUPP : 0;
}
