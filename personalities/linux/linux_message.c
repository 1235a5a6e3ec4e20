/* linux_message: what is sent through sockets: bytes or messages, and descriptors with them. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "personalities/linux/linux_vector.h"

#define CONTROL_MAX 4096u

/* The memory that a message names: 0, or -errno. */
static int64_t
message_vector (struct task *task, const struct msghdr *message, struct linux_vector *vector)
{
    if (message->msg_iovlen > LINUX_VECTORS_MAX)
        return -EMSGSIZE;
    return linux_vector_begin (task, (uint64_t)(uintptr_t)message->msg_iov, message->msg_iovlen,
                               vector);
}

/* ---- sending ---- */

/* Credentials that somebody would show: only his own, unless he is root. */
static int64_t
check_credentials (struct task *task, const uint8_t *data, uint64_t bytes)
{
    struct process_info_req request = { .process = task->pid };
    struct process_info_rep info;
    struct ucred shown;
    int64_t bad = linux_result (process_info (nucleus_link (INTERFACE_process), &request, &info));

    if (bad != 0 || bytes != sizeof shown)
        return bad != 0 ? bad : -EINVAL;
    memcpy (&shown, data, sizeof shown);
    return info.effective_uid == 0
                   || (shown.pid == (int32_t)task->pid
                       && (shown.uid == info.uid || shown.uid == info.effective_uid
                           || shown.uid == info.saved_uid)
                       && (shown.gid == info.gid || shown.gid == info.effective_gid
                           || shown.gid == info.saved_gid))
               ? 0
               : -EPERM;
}

static int64_t
add_files (const uint8_t *data, uint64_t bytes, struct file_send_req *request)
{
    uint64_t count = bytes / sizeof *request->files;

    if (count > MESSAGE_FILES_MAX - request->count)
        return -EINVAL;
    memcpy (request->files + request->count, data, count * sizeof *request->files);
    request->count += (uint32_t)count;
    return 0;
}

/* What goes along with the bytes. */
static int64_t
read_control (struct task *task, const struct msghdr *message, struct file_send_req *request)
{
    uint8_t control[CONTROL_MAX];
    struct cmsghdr header;
    uint64_t at = 0;
    int64_t bad;

    if (message->msg_controllen > sizeof control)
        return -ENOBUFS;
    bad = linux_get (task, (uint64_t)(uintptr_t)message->msg_control, control,
                     message->msg_controllen);
    while (bad == 0 && at + sizeof header <= message->msg_controllen) {
        const uint8_t *data = control + at + sizeof header;
        uint64_t bytes;

        memcpy (&header, control + at, sizeof header);
        if (header.cmsg_len < sizeof header || header.cmsg_len > message->msg_controllen - at)
            return -EINVAL;
        bytes = header.cmsg_len - sizeof header;
        if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_RIGHTS)
            bad = add_files (data, bytes, request);
        else if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_CREDENTIALS)
            bad = check_credentials (task, data, bytes);
        else if (header.cmsg_level == SOL_SOCKET)
            bad = -EINVAL;
        at += CMSG_ALIGN (header.cmsg_len);
    }
    return bad;
}

/* A destination that is named all the same. */
static int64_t
check_name (struct task *task, uint64_t fd)
{
    struct file_peer_req request = { .process = task->pid, .fd = (int32_t)fd };
    struct file_peer_rep peer;
    int64_t bad = linux_result (file_peer (FILES, &request, &peer));

    if (bad != 0 || peer.type == SOCKET_PACKETS)
        return bad;
    return peer.type == SOCKET_STREAM ? -EISCONN : -ECONNREFUSED;
}

/* A message goes in one part, or is too long for the file server. */
static int64_t
send_vector (struct task *task, struct file_send_req *request, const struct linux_vector *vector,
             uint64_t flags)
{
    struct linux_buffer buffer;
    struct file_send_rep reply;
    enum status status = OK;
    int64_t bad        = 0;
    uint64_t at        = 0;

    if (!linux_buffer_begin (&buffer, vector->bytes))
        return -ENOMEM;
    do {
        uint64_t part  = vector->bytes - at < buffer.room ? vector->bytes - at : buffer.room;
        int64_t copied = linux_vector_get (task, vector, at, buffer.data, part);

        if (copied < (int64_t)part) { /* what can be read of it is no message */
            bad = -EFAULT;
            break;
        }
        request->from = (grant){ .data = buffer.data, .length = (uint32_t)copied };
        status        = file_send (FILES, request, &reply);
        bad           = linux_result (status);
        if (bad != 0)
            break;
        at += reply.done;
        request->count = 0; /* they have gone */
        if (reply.done < copied || copied == 0)
            break;
    } while (at < vector->bytes);
    linux_buffer_end (&buffer);
    if (status == ERR_BROKEN_PIPE && (flags & MSG_NOSIGNAL) == 0)
        linux_signal_self (task, SIGPIPE);
    return at != 0 || bad == 0 ? (int64_t)at : bad;
}

static void
send_begin (const struct task *task, struct file_send_req *request, uint64_t fd, uint64_t flags)
{
    *request = (struct file_send_req){
        .process = task->pid,
        .fd      = (int32_t)fd,
        .flags   = (flags & MSG_DONTWAIT) != 0 ? MESSAGE_NO_WAIT : 0,
    };
}

LINUX_FUNCTION (sendto)
{
    struct file_send_req request;
    struct linux_vector vector;
    int64_t bad = (a[3] & MSG_OOB) != 0 ? -EOPNOTSUPP : 0;

    if (a[4] != 0 && (uint32_t)a[5] != 0 && bad == 0)
        bad = check_name (task, a[0]);
    if (bad != 0)
        return bad;
    send_begin (task, &request, a[0], a[3]);
    linux_vector_one (&vector, a[1], a[2]);
    return send_vector (task, &request, &vector, a[3]);
}

LINUX_FUNCTION (sendmsg)
{
    struct file_send_req request;
    struct msghdr message;
    struct linux_vector vector;
    int64_t bad = linux_get (task, a[1], &message, sizeof message);

    send_begin (task, &request, a[0], a[2]);
    if (bad == 0 && (a[2] & MSG_OOB) != 0)
        bad = -EOPNOTSUPP;
    if (bad == 0 && message.msg_name != NULL && message.msg_namelen != 0)
        bad = check_name (task, a[0]);
    if (bad == 0 && message.msg_control != NULL && message.msg_controllen != 0)
        bad = read_control (task, &message, &request);
    if (bad == 0)
        bad = message_vector (task, &message, &vector);
    if (bad != 0)
        return bad;
    bad = send_vector (task, &request, &vector, a[2]);
    linux_vector_end (&vector);
    return bad;
}

/* ---- receiving ---- */

/* One message, or with MSG_WAITALL bytes of a stream until all are there. *reply is that of
 * the last part. */
static int64_t
receive_vector (struct task *task, uint64_t fd, uint64_t flags, uint32_t room,
                const struct linux_vector *vector, struct file_receive_rep *reply)
{
    struct file_receive_req request = { .process = task->pid, .fd = (int32_t)fd, .room = room };
    struct file_receive_rep part;
    struct linux_buffer buffer;
    uint64_t at    = 0;
    int64_t result = 0;

    *reply        = (struct file_receive_rep){ 0 };
    request.flags = ((flags & MSG_DONTWAIT) != 0 ? MESSAGE_NO_WAIT : 0)
                    | ((flags & MSG_PEEK) != 0 ? MESSAGE_PEEK : 0)
                    | ((flags & MSG_CMSG_CLOEXEC) != 0 ? MESSAGE_CLOEXEC : 0);
    if (!linux_buffer_begin (&buffer, vector->bytes))
        return -ENOMEM;
    do {
        uint64_t left = vector->bytes - at;

        request.into = (grant){ .data   = buffer.data,
                                .length = left < buffer.room ? (uint32_t)left : buffer.room };
        result = linux_result (file_receive (FILES, &request, &part));
        if (result == 0) {
            *reply = part;
            result = linux_vector_put (task, vector, at, buffer.data, part.done);
        }
        if (result >= 0)
            at += (uint64_t)result;
    } while (result > 0 && (flags & MSG_WAITALL) != 0 && (flags & MSG_PEEK) == 0
             && reply->count == 0 && reply->whole == reply->done && at < vector->bytes);
    linux_buffer_end (&buffer);
    if (at == 0 && result < 0)
        return result;
    return (flags & MSG_TRUNC) != 0 && reply->whole > reply->done ? reply->whole : (int64_t)at;
}

LINUX_FUNCTION (recvfrom)
{
    const uint32_t no_name = 0;
    struct file_receive_rep reply;
    struct linux_vector vector;
    int64_t done, bad = 0;

    if ((a[3] & (MSG_OOB | MSG_ERRQUEUE)) != 0)
        return -EOPNOTSUPP;
    linux_vector_one (&vector, a[1], a[2]);
    done = receive_vector (task, a[0], a[3], 0, &vector, &reply);
    if (done >= 0 && a[4] != 0 && a[5] != 0)
        bad = linux_put (task, a[5], &no_name, sizeof no_name);
    return bad != 0 ? bad : done;
}

/* Tells the program its new descriptors; how many bytes of control that took. */
static int64_t
write_control (struct task *task, const struct msghdr *message,
               const struct file_receive_rep *reply)
{
    struct cmsghdr header = { .cmsg_len   = CMSG_LEN (reply->count * sizeof *reply->files),
                              .cmsg_level = SOL_SOCKET,
                              .cmsg_type  = SCM_RIGHTS };
    uint64_t address      = (uint64_t)(uintptr_t)message->msg_control;
    uint64_t bytes        = CMSG_SPACE (reply->count * sizeof *reply->files);
    int64_t bad;

    if (reply->count == 0)
        return 0;
    bad = linux_put (task, address, &header, sizeof header);
    if (bad == 0)
        bad = linux_put (task, address + sizeof header, reply->files,
                         reply->count * sizeof *reply->files);
    return bad != 0                           ? bad
           : bytes < message->msg_controllen ? (int64_t)bytes
                                             : (int64_t)message->msg_controllen;
}

/* How many descriptors the program has room for. */
static uint32_t
control_room (const struct msghdr *message)
{
    uint64_t bytes = message->msg_control != NULL ? message->msg_controllen : 0;

    bytes = bytes > sizeof (struct cmsghdr) ? bytes - sizeof (struct cmsghdr) : 0;
    return bytes / sizeof (int32_t) < MESSAGE_FILES_MAX ? (uint32_t)(bytes / sizeof (int32_t))
                                                        : MESSAGE_FILES_MAX;
}

LINUX_FUNCTION (recvmsg)
{
    struct file_receive_rep reply;
    struct msghdr message;
    struct linux_vector vector;
    int64_t done, control;
    int64_t bad = linux_get (task, a[1], &message, sizeof message);

    if (bad == 0 && (a[2] & (MSG_OOB | MSG_ERRQUEUE)) != 0)
        bad = -EOPNOTSUPP;
    if (bad == 0)
        bad = message_vector (task, &message, &vector);
    if (bad != 0)
        return bad;
    done = receive_vector (task, a[0], a[2], control_room (&message), &vector, &reply);
    linux_vector_end (&vector);
    if (done < 0)
        return done;
    control = write_control (task, &message, &reply);
    if (control < 0)
        return control;
    message.msg_namelen    = 0;
    message.msg_controllen = (size_t)control;
    message.msg_flags      = (int)(a[2] & MSG_CMSG_CLOEXEC)
                        | ((reply.cut & MESSAGE_CUT_BYTES) != 0 ? MSG_TRUNC : 0)
                        | ((reply.cut & MESSAGE_CUT_FILES) != 0 ? MSG_CTRUNC : 0);
    bad = linux_put (task, a[1], &message, sizeof message);
    return bad != 0 ? bad : done;
}
