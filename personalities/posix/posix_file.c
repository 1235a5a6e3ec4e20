/* posix_file: the calls about descriptors and what is behind them. */
#include <fcntl.h>

#include "personalities/descriptor.h"
#include "personalities/posix/posix_file.h"

static uint32_t
open_flags (uint64_t flags)
{
    static const struct {
        uint32_t posix, ours;
    } table[] = {
        { O_CREAT, OPEN_CREATE },       { O_EXCL, OPEN_EXCLUSIVE },     { O_TRUNC, OPEN_TRUNCATE },
        { O_APPEND, OPEN_APPEND },      { O_DIRECTORY, OPEN_DIRECTORY }, { O_NOFOLLOW, OPEN_NO_FOLLOW },
        { O_NONBLOCK, OPEN_NONBLOCK },  { O_CLOEXEC, OPEN_CLOEXEC },
    };
    uint32_t access = flags & O_ACCMODE;
    uint32_t ours   = 0;

    if (access == O_RDONLY || access == O_RDWR)
        ours |= OPEN_READ;
    if (access == O_WRONLY || access == O_RDWR)
        ours |= OPEN_WRITE;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((flags & table[i].posix) == table[i].posix)
            ours |= table[i].ours;
    return ours;
}

/* The other way round, as F_GETFL tells it. */
static int64_t
posix_flags (uint32_t flags)
{
    int64_t posix = (flags & OPEN_WRITE) == 0 ? O_RDONLY
                    : (flags & OPEN_READ) != 0 ? O_RDWR
                                               : O_WRONLY;

    return posix | ((flags & OPEN_APPEND) != 0 ? O_APPEND : 0)
           | ((flags & OPEN_NONBLOCK) != 0 ? O_NONBLOCK : 0)
           | ((flags & OPEN_CLOEXEC) != 0 ? O_CLOEXEC : 0);
}

int64_t
posix_call_open (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (open)
    CALL_PATH (0)
    request.flags = open_flags (a[1]);
    request.mode  = a[2] & 07777;
    bad           = CALL_DO (open);
    return bad != 0 ? bad : reply.fd;
}

int64_t
posix_call_close (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (close)
    (void)bad;
    request.fd = (int32_t)a[0];
    return CALL_DO (close);
}

/* A transfer longer than a grant is made in pieces; a pipe or a terminal answers one. */
static int64_t
read_pieces (struct task *task, int32_t fd, uint64_t address, uint64_t bytes, int64_t offset)
{
    uint64_t total = 0;
    bool more      = bytes > GRANT_MAX && descriptor_is_seekable (task, fd);

    do {
        CALL_BEGIN (read)
        if ((bad = posix_into (task, address + total, bytes - total, &request.into)) != 0)
            return bad;
        request.fd     = fd;
        request.offset = offset < 0 ? -1 : offset + (int64_t)total;
        bad            = CALL_DO (read);
        if (bad != 0)
            return total != 0 ? (int64_t)total : bad;
        total += reply.done;
        if (reply.done < request.into.length)
            break;
    } while (more && total < bytes);
    return (int64_t)total;
}

static void
broken_pipe (const struct task *task)
{
    struct process_kill_req request
        = { .process = task->pid, .target = (int32_t)task->pid, .signal = 13 };
    struct process_kill_rep reply;

    process_kill (nucleus_link (INTERFACE_process), &request, &reply);
}

static int64_t
write_pieces (struct task *task, int32_t fd, uint64_t address, uint64_t bytes, int64_t offset)
{
    uint64_t total = 0;

    do {
        CALL_BEGIN (write)
        if ((bad = posix_from (task, address + total, bytes - total, &request.from)) != 0)
            return bad;
        request.fd     = fd;
        request.offset = offset < 0 ? -1 : offset + (int64_t)total;
        bad            = CALL_DO (write);
        if (bad == -EPIPE)
            broken_pipe (task);
        if (bad != 0)
            return total != 0 ? (int64_t)total : bad;
        total += reply.done;
        if (reply.done == 0)
            break;
    } while (total < bytes);
    return (int64_t)total;
}

int64_t
posix_call_read (struct task *task, const uint64_t *a)
{
    return read_pieces (task, (int32_t)a[0], a[1], a[2], -1);
}

int64_t
posix_call_write (struct task *task, const uint64_t *a)
{
    return write_pieces (task, (int32_t)a[0], a[1], a[2], -1);
}

int64_t
posix_call_pread (struct task *task, const uint64_t *a)
{
    return (int64_t)a[3] < 0 ? -EINVAL
                             : read_pieces (task, (int32_t)a[0], a[1], a[2], (int64_t)a[3]);
}

int64_t
posix_call_pwrite (struct task *task, const uint64_t *a)
{
    return (int64_t)a[3] < 0 ? -EINVAL
                             : write_pieces (task, (int32_t)a[0], a[1], a[2], (int64_t)a[3]);
}

int64_t
posix_call_lseek (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (seek)
    request.fd     = (int32_t)a[0];
    request.offset = (int64_t)a[1];
    request.whence = (uint32_t)a[2];
    bad            = CALL_DO (seek);
    return bad != 0 ? bad : reply.position;
}

static int64_t
dup_to (struct task *task, int32_t fd, int32_t to)
{
    CALL_BEGIN (dup)
    request.fd = fd;
    request.to = to;
    bad        = CALL_DO (dup);
    return bad != 0 ? bad : reply.fd;
}

int64_t
posix_call_dup (struct task *task, const uint64_t *a)
{
    return dup_to (task, (int32_t)a[0], -1);
}

int64_t
posix_call_dup2 (struct task *task, const uint64_t *a)
{
    return (int32_t)a[1] < 0 ? -EBADF : dup_to (task, (int32_t)a[0], (int32_t)a[1]);
}

int64_t
posix_call_pipe (struct task *task, const uint64_t *a)
{
    int32_t *fds = user_memory (task, a[0], 2 * sizeof *fds);

    CALL_BEGIN (pipe)
    if (fds == NULL)
        return -EFAULT;
    request.flags = open_flags (a[1] & (O_CLOEXEC | O_NONBLOCK));
    bad           = CALL_DO (pipe);
    if (bad == 0) {
        fds[0] = reply.read_fd;
        fds[1] = reply.write_fd;
    }
    return bad;
}

int64_t
posix_call_fcntl_get (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (flags)
    request.fd = (int32_t)a[0];
    bad        = CALL_DO (flags);
    return bad != 0 ? bad : posix_flags (reply.flags);
}

int64_t
posix_call_fcntl_set (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (flags)
    (void)bad;
    request.fd    = (int32_t)a[0];
    request.set   = OPEN_APPEND | OPEN_NONBLOCK | OPEN_CLOEXEC;
    request.flags = open_flags (a[1]);
    return CALL_DO (flags);
}

int64_t
posix_call_fsync (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (sync)
    (void)bad;
    request.fd = (int32_t)a[0];
    return request.fd < 0 ? -EBADF : CALL_DO (sync);
}
