/* linux_file: bytes of descriptors, and descriptors. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>

#include "personalities/linux/linux_file.h"

#define SMALL_BYTES  4096u
#define VECTORS_MAX  1024u
#define LINUX_LARGEFILE 0100000u

/* ---- open ---- */

uint32_t
linux_open_flags (uint64_t flags)
{
    static const struct {
        uint32_t linux_flag, ours;
    } table[] = {
        { O_CREAT, OPEN_CREATE },       { O_EXCL, OPEN_EXCLUSIVE },
        { O_TRUNC, OPEN_TRUNCATE },     { O_APPEND, OPEN_APPEND },
        { O_DIRECTORY, OPEN_DIRECTORY }, { O_NOFOLLOW, OPEN_NO_FOLLOW },
        { O_NONBLOCK, OPEN_NONBLOCK },  { O_CLOEXEC, OPEN_CLOEXEC },
    };
    uint32_t access = flags & O_ACCMODE;
    uint32_t ours   = (access != O_WRONLY ? OPEN_READ : 0) | (access != O_RDONLY ? OPEN_WRITE : 0);

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((flags & table[i].linux_flag) != 0)
            ours |= table[i].ours;
    return ours;
}

static int64_t
open_at (struct task *task, int64_t dirfd, uint64_t address, uint64_t flags, uint64_t mode)
{
    struct file_open_req request
        = { .process = task->pid, .flags = linux_open_flags (flags), .mode = mode & 07777 };
    struct file_open_rep reply;
    struct linux_path path;
    int64_t bad = linux_path_begin (task, dirfd, address, 0, &path);

    if (bad != 0)
        return bad;
    request.from = path.grant;
    bad          = linux_result (file_open (FILES, &request, &reply));
    linux_path_end (task, &path);
    return bad != 0 ? bad : reply.fd;
}

LINUX_FUNCTION (open)
{
    return open_at (task, LINUX_HERE, a[0], a[1], a[2]);
}

LINUX_FUNCTION (openat)
{
    return open_at (task, (int64_t)a[0], a[1], a[2], a[3]);
}

LINUX_FUNCTION (creat)
{
    return open_at (task, LINUX_HERE, a[0], O_CREAT | O_WRONLY | O_TRUNC, a[1]);
}

LINUX_FUNCTION (close)
{
    struct file_close_req request = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_close_rep reply;

    return linux_result (file_close (FILES, &request, &reply));
}

/* ---- bytes ---- */

/* A transfer in pieces of a grant; a pipe or a terminal gives one piece. */
struct piece {
    uint8_t small[SMALL_BYTES];
    uint8_t *buffer;
    uint32_t room;
};

static bool
piece_begin (struct piece *piece, uint64_t bytes)
{
    piece->buffer = piece->small;
    piece->room   = SMALL_BYTES;
    if (bytes > SMALL_BYTES) {
        piece->room   = bytes < GRANT_MAX ? (uint32_t)bytes : GRANT_MAX;
        piece->buffer = linux_alloc (piece->room);
    }
    return piece->buffer != NULL;
}

static void
piece_end (struct piece *piece)
{
    if (piece->buffer != piece->small)
        linux_free (piece->buffer);
}

static bool
seekable (const struct task *task, int32_t fd)
{
    struct file_seek_req request
        = { .process = task->pid, .fd = fd, .whence = SEEK_FROM_CURRENT };
    struct file_seek_rep reply;

    return file_seek (FILES, &request, &reply) == OK;
}

static int64_t
read_bytes (struct task *task, int32_t fd, uint64_t address, uint64_t bytes, int64_t offset)
{
    struct piece piece;
    int64_t bad = 0;
    uint64_t at = 0;
    bool more   = bytes > GRANT_MAX && seekable (task, fd);

    if (!piece_begin (&piece, bytes))
        return -ENOMEM;
    do {
        struct file_read_req request
            = { .process = task->pid,
                .fd      = fd,
                .offset  = offset < 0 ? -1 : offset + (int64_t)at,
                .into    = { .data   = piece.buffer,
                             .length = bytes - at < piece.room ? (uint32_t)(bytes - at)
                                                               : piece.room } };
        struct file_read_rep reply;

        bad = linux_result (file_read (FILES, &request, &reply));
        if (bad == 0)
            bad = linux_put (task, address + at, piece.buffer, reply.done);
        if (bad != 0)
            break;
        at += reply.done;
        if (reply.done < request.into.length)
            break;
    } while (more && at < bytes);
    piece_end (&piece);
    return at != 0 || bad == 0 ? (int64_t)at : bad;
}

/* quiet: who writes to nobody gets no signal for it. */
static int64_t
write_quietly (struct task *task, int32_t fd, uint64_t address, uint64_t bytes, int64_t offset,
               bool quiet)
{
    struct piece piece;
    int64_t bad = 0;
    uint64_t at = 0;

    if (!piece_begin (&piece, bytes))
        return -ENOMEM;
    do {
        struct file_write_req request
            = { .process = task->pid,
                .fd      = fd,
                .offset  = offset < 0 ? -1 : offset + (int64_t)at,
                .from    = { .data   = piece.buffer,
                             .length = bytes - at < piece.room ? (uint32_t)(bytes - at)
                                                               : piece.room } };
        struct file_write_rep reply;

        bad = linux_get (task, address + at, piece.buffer, request.from.length);
        if (bad == 0)
            bad = linux_result (file_write (FILES, &request, &reply));
        if (bad != 0)
            break;
        at += reply.done;
        if (reply.done < request.from.length)
            break;
    } while (at < bytes);
    piece_end (&piece);
    if (bad == -EPIPE && !quiet)
        linux_signal_self (task, SIGPIPE);
    return at != 0 || bad == 0 ? (int64_t)at : bad;
}

static int64_t
write_bytes (struct task *task, int32_t fd, uint64_t address, uint64_t bytes, int64_t offset)
{
    return write_quietly (task, fd, address, bytes, offset, false);
}

int64_t
linux_receive (struct task *task, int32_t fd, uint64_t address, uint64_t bytes)
{
    return read_bytes (task, fd, address, bytes, -1);
}

int64_t
linux_send (struct task *task, int32_t fd, uint64_t address, uint64_t bytes, bool quiet)
{
    return write_quietly (task, fd, address, bytes, -1, quiet);
}

LINUX_FUNCTION (read)
{
    return read_bytes (task, (int32_t)a[0], a[1], a[2], -1);
}

LINUX_FUNCTION (write)
{
    return write_bytes (task, (int32_t)a[0], a[1], a[2], -1);
}

LINUX_FUNCTION (pread64)
{
    return (int64_t)a[3] < 0 ? -EINVAL
                             : read_bytes (task, (int32_t)a[0], a[1], a[2], (int64_t)a[3]);
}

LINUX_FUNCTION (pwrite64)
{
    return (int64_t)a[3] < 0 ? -EINVAL
                             : write_bytes (task, (int32_t)a[0], a[1], a[2], (int64_t)a[3]);
}

/* One vector after the other, until one is not used up. */
static int64_t
vectors (struct task *task, const uint64_t *a, int64_t offset,
         int64_t (*transfer) (struct task *, int32_t, uint64_t, uint64_t, int64_t))
{
    int64_t total = 0;

    if (a[2] > VECTORS_MAX)
        return -EINVAL;
    for (uint64_t i = 0; i < a[2]; i++) {
        struct iovec vector;
        int64_t done = linux_get (task, a[1] + i * sizeof vector, &vector, sizeof vector);

        if (done == 0 && vector.iov_len == 0)
            continue;
        if (done == 0)
            done = transfer (task, (int32_t)a[0], (uint64_t)(uintptr_t)vector.iov_base,
                             vector.iov_len, offset < 0 ? -1 : offset + total);
        if (done < 0)
            return total != 0 ? total : done;
        total += done;
        if ((uint64_t)done < vector.iov_len)
            break;
    }
    return total;
}

LINUX_FUNCTION (readv)
{
    return vectors (task, a, -1, read_bytes);
}

LINUX_FUNCTION (writev)
{
    return vectors (task, a, -1, write_bytes);
}

LINUX_FUNCTION (preadv)
{
    return (int64_t)a[3] < 0 ? -EINVAL : vectors (task, a, (int64_t)a[3], read_bytes);
}

LINUX_FUNCTION (pwritev)
{
    return (int64_t)a[3] < 0 ? -EINVAL : vectors (task, a, (int64_t)a[3], write_bytes);
}

LINUX_FUNCTION (lseek)
{
    struct file_seek_req request = { .process = task->pid,
                                     .fd      = (int32_t)a[0],
                                     .offset  = (int64_t)a[1],
                                     .whence  = (uint32_t)a[2] };
    struct file_seek_rep reply;
    int64_t bad = linux_result (file_seek (FILES, &request, &reply));

    return bad != 0 ? bad : reply.position;
}

/* ---- descriptors ---- */

static int64_t
duplicate (struct task *task, uint64_t fd, int64_t to, uint64_t least, bool cloexec)
{
    struct file_dup_req request = { .process = task->pid,
                                    .fd      = (int32_t)fd,
                                    .to      = (int32_t)to,
                                    .least   = (int32_t)least,
                                    .cloexec = cloexec };
    struct file_dup_rep reply;
    int64_t bad = linux_result (file_dup (FILES, &request, &reply));

    return bad != 0 ? bad : reply.fd;
}

LINUX_FUNCTION (dup)
{
    return duplicate (task, a[0], -1, 0, false);
}

LINUX_FUNCTION (dup2)
{
    return (int32_t)a[1] < 0 ? -EBADF : duplicate (task, a[0], (int32_t)a[1], 0, false);
}

LINUX_FUNCTION (dup3)
{
    if ((int32_t)a[1] == (int32_t)a[0] || (a[2] & ~(uint64_t)O_CLOEXEC) != 0)
        return -EINVAL;
    return (int32_t)a[1] < 0 ? -EBADF
                             : duplicate (task, a[0], (int32_t)a[1], 0, a[2] != 0);
}

static int64_t
make_pipe (struct task *task, uint64_t address, uint64_t flags)
{
    struct file_pipe_req request = { .process = task->pid, .flags = linux_open_flags (flags) };
    struct file_pipe_rep reply;
    int64_t bad = linux_result (file_pipe (FILES, &request, &reply));
    int32_t fds[2];

    if (bad != 0)
        return bad;
    fds[0] = reply.read_fd;
    fds[1] = reply.write_fd;
    bad    = linux_put (task, address, fds, sizeof fds);
    for (unsigned i = 0; bad != 0 && i < 2; i++) {
        uint64_t fd = (uint64_t)fds[i];

        linux_close (task, &fd);
    }
    return bad;
}

LINUX_FUNCTION (pipe)
{
    return make_pipe (task, a[0], 0);
}

LINUX_FUNCTION (pipe2)
{
    if ((a[1] & ~(uint64_t)(O_CLOEXEC | O_NONBLOCK)) != 0)
        return -EINVAL;
    return make_pipe (task, a[0], a[1]);
}

/* The flags of a descriptor: those of OPEN_*; set: first changed to these. */
static int64_t
descriptor_flags (struct task *task, uint64_t fd, bool set, uint32_t flags)
{
    struct file_flags_req request
        = { .process = task->pid, .fd = (int32_t)fd, .set = set, .flags = flags };
    struct file_flags_rep reply;
    int64_t bad = linux_result (file_flags (FILES, &request, &reply));

    return bad != 0 ? bad : reply.flags;
}

static int64_t
linux_flags (int64_t flags)
{
    int64_t access = (flags & OPEN_WRITE) == 0  ? O_RDONLY
                     : (flags & OPEN_READ) != 0 ? O_RDWR
                                                : O_WRONLY;

    return access | LINUX_LARGEFILE | ((flags & OPEN_APPEND) != 0 ? O_APPEND : 0)
           | ((flags & OPEN_NONBLOCK) != 0 ? O_NONBLOCK : 0);
}

LINUX_FUNCTION (fcntl)
{
    const uint32_t status_flags = OPEN_APPEND | OPEN_NONBLOCK;
    int64_t flags;

    if (a[1] == F_DUPFD || a[1] == F_DUPFD_CLOEXEC)
        return duplicate (task, a[0], -1, a[2], a[1] == F_DUPFD_CLOEXEC);
    flags = descriptor_flags (task, a[0], false, 0);
    if (flags < 0)
        return flags;
    switch (a[1]) {
    case F_GETFD:
        return (flags & OPEN_CLOEXEC) != 0 ? FD_CLOEXEC : 0;
    case F_SETFD:
        flags = (flags & status_flags) | ((a[2] & FD_CLOEXEC) != 0 ? OPEN_CLOEXEC : 0);
        break;
    case F_GETFL:
        return linux_flags (flags);
    case F_SETFL:
        flags = (flags & OPEN_CLOEXEC) | (linux_open_flags (a[2]) & status_flags);
        break;
    case F_SETLK:
    case F_SETLKW:
        return 0;
    default:
        return -EINVAL;
    }
    flags = descriptor_flags (task, a[0], true, (uint32_t)flags);
    return flags < 0 ? flags : 0;
}

LINUX_FUNCTION (flock)
{
    int64_t flags = descriptor_flags (task, a[0], false, 0);

    return flags < 0 ? flags : 0;
}

static int64_t
synchronise (struct task *task, int32_t fd)
{
    struct file_sync_req request = { .process = task->pid, .fd = fd };
    struct file_sync_rep reply;

    return linux_result (file_sync (FILES, &request, &reply));
}

LINUX_FUNCTION (fsync)
{
    return (int32_t)a[0] < 0 ? -EBADF : synchronise (task, (int32_t)a[0]);
}

LINUX_FUNCTION (fdatasync)
{
    return linux_fsync (task, a);
}

LINUX_FUNCTION (sync)
{
    (void)a;
    synchronise (task, -1);
    return 0;
}

LINUX_FUNCTION (syncfs)
{
    int64_t flags = descriptor_flags (task, a[0], false, 0);

    return flags < 0 ? flags : linux_sync (task, a);
}

LINUX_FUNCTION (close_range)
{
    uint64_t last = a[1] < 4096 ? a[1] : 4096;

    if ((uint32_t)a[0] > (uint32_t)a[1] || a[2] != 0)
        return -EINVAL;
    for (uint64_t fd = a[0]; fd <= last; fd++)
        linux_close (task, &fd);
    return 0;
}

LINUX_FUNCTION (fadvise64)
{
    return linux_flock (task, a);
}
