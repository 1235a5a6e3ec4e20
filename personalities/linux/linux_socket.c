/* linux_socket: pairs of sockets. There is no network, and no socket has a name.
 * linux_message.c has what is sent through them. */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/un.h>

#include "personalities/linux/linux_file.h"

static const struct {
    int linux_type;
    enum socket_type ours;
} types[] = {
    { SOCK_STREAM, SOCKET_STREAM },
    { SOCK_DGRAM, SOCKET_DATAGRAM },
    { SOCK_SEQPACKET, SOCKET_PACKETS },
    { SOCK_RAW, SOCKET_DATAGRAM }, /* so Linux has it */
};
#define TYPES (sizeof types / sizeof *types)

/* -EBADF, -ENOTSOCK or 0. */
static int64_t
is_socket (struct task *task, uint64_t fd, struct file_peer_rep *peer)
{
    struct file_peer_req request = { .process = task->pid, .fd = (int32_t)fd };

    return linux_result (file_peer (FILES, &request, peer));
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
    for (unsigned i = 0; i < TYPES; i++)
        if ((int)(a[1] & ~flags) == types[i].linux_type)
            request.type = types[i].ours;
    if (request.type == 0)
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

LINUX_FUNCTION (shutdown)
{
    struct file_shutdown_req request
        = { .process = task->pid, .fd = (int32_t)a[0], .how = (uint32_t)a[1] + 1 };
    struct file_shutdown_rep reply;
    struct file_peer_rep peer;

    if ((uint32_t)a[1] > SHUT_RDWR) {
        int64_t bad = is_socket (task, a[0], &peer);

        return bad != 0 ? bad : -EINVAL;
    }
    return linux_result (file_shutdown (FILES, &request, &reply));
}

/* ---- what is known of them ---- */

LINUX_FUNCTION (getsockname)
{
    uint16_t family = AF_UNIX;
    uint32_t length = sizeof family;
    uint32_t room;
    struct file_peer_rep peer;
    int64_t bad = is_socket (task, a[0], &peer);

    if (bad == 0)
        bad = linux_get (task, a[2], &room, sizeof room);
    if (bad == 0 && (int32_t)room < 0)
        bad = -EINVAL;
    if (bad == 0)
        bad = linux_put (task, a[1], &family, room < sizeof family ? room : sizeof family);
    return bad != 0 ? bad : linux_put (task, a[2], &length, sizeof length);
}

LINUX_FUNCTION (getpeername)
{
    return linux_getsockname (task, a);
}

static int32_t
linux_type (uint32_t ours)
{
    unsigned i = 0;

    while (i < TYPES - 1 && types[i].ours != ours)
        i++;
    return types[i].linux_type;
}

/* The answer to an option of SOL_SOCKET; its length, or -errno. */
static int64_t
option (const struct file_peer_rep *peer, uint64_t name, int32_t value[3])
{
    switch (name) {
    case SO_PEERCRED:
        value[0] = (int32_t)peer->pid;
        value[1] = (int32_t)peer->uid;
        value[2] = (int32_t)peer->gid;
        return 3 * sizeof *value;
    case SO_TYPE:   *value = linux_type (peer->type); break;
    case SO_DOMAIN: *value = AF_UNIX; break;
    case SO_ERROR:  *value = (int32_t)-linux_result ((enum status)peer->error); break;
    case SO_PROTOCOL:
    case SO_PASSCRED:
    case SO_ACCEPTCONN: *value = 0; break;
    case SO_SNDBUF:
    case SO_RCVBUF: *value = 65536; break;
    default:        return -ENOPROTOOPT;
    }
    return sizeof *value;
}

LINUX_FUNCTION (getsockopt)
{
    struct file_peer_rep peer;
    int32_t value[3];
    uint32_t room;
    int64_t length;
    int64_t bad = is_socket (task, a[0], &peer);

    if (bad == 0 && a[1] != SOL_SOCKET)
        bad = -EOPNOTSUPP;
    if (bad == 0)
        bad = linux_get (task, a[4], &room, sizeof room);
    if (bad != 0)
        return bad;
    if ((int32_t)room < 0)
        return -EINVAL;
    length = option (&peer, a[2], value);
    if (length < 0)
        return length;
    room = room < length ? room : (uint32_t)length;
    bad  = linux_put (task, a[3], value, room);
    return bad != 0 ? bad : linux_put (task, a[4], &room, sizeof room);
}

LINUX_FUNCTION (setsockopt)
{
    struct file_peer_rep peer;
    int32_t value;
    int64_t bad = is_socket (task, a[0], &peer);

    if (bad == 0 && a[1] != SOL_SOCKET)
        bad = -EOPNOTSUPP;
    if (bad == 0 && a[4] < sizeof value)
        bad = -EINVAL;
    if (bad == 0)
        bad = linux_get (task, a[3], &value, sizeof value);
    /* Nobody would tell the receiver who sent. */
    return bad == 0 && a[2] == SO_PASSCRED && value != 0 ? -EOPNOTSUPP : bad;
}
