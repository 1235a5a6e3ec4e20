/* linux_file: descriptors. linux_bytes.c has the bytes behind them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/mman.h>

#include "personalities/linux/linux_file.h"

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
    if ((flags & O_PATH) != 0) /* most others mean nothing then */
        ours = OPEN_PATH | (ours & (OPEN_DIRECTORY | OPEN_NO_FOLLOW | OPEN_CLOEXEC));
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

/* Its name is for people, and nobody sees it here. */
LINUX_FUNCTION (memfd_create)
{
    struct file_temporary_req request
        = { .process = task->pid, .flags = (a[1] & MFD_CLOEXEC) != 0 ? OPEN_CLOEXEC : 0 };
    struct file_temporary_rep reply;
    char name[NAME_MAX - 5];
    uint32_t bytes;
    int64_t bad = 0;

    if ((a[1] & ~(uint64_t)MFD_CLOEXEC) != 0)
        return -EINVAL;
    bad = linux_result (space_string (task->guest->space, a[0], name, sizeof name, &bytes));
    if (bad == 0)
        bad = linux_result (file_temporary (FILES, &request, &reply));
    return bad == -ENAMETOOLONG ? -EINVAL : bad != 0 ? bad : reply.fd;
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

int64_t
linux_descriptor_flags (struct task *task, uint64_t fd, uint32_t set, uint32_t flags)
{
    struct file_flags_req request
        = { .process = task->pid, .fd = (int32_t)fd, .set = set, .flags = flags };
    struct file_flags_rep reply;
    int64_t bad = linux_result (file_flags (FILES, &request, &reply));

    return bad != 0 ? bad : reply.flags;
}

int64_t
linux_file_flags (struct task *task, uint64_t fd)
{
    int64_t flags = linux_descriptor_flags (task, fd, 0, 0);

    return flags >= 0 && (flags & OPEN_PATH) != 0 ? -EBADF : flags;
}

static int64_t
linux_flags (int64_t flags)
{
    int64_t access = (flags & OPEN_WRITE) == 0  ? O_RDONLY
                     : (flags & OPEN_READ) != 0 ? O_RDWR
                                                : O_WRONLY;

    if ((flags & OPEN_PATH) != 0)
        return O_PATH | LINUX_LARGEFILE;
    return access | LINUX_LARGEFILE | ((flags & OPEN_APPEND) != 0 ? O_APPEND : 0)
           | ((flags & OPEN_NONBLOCK) != 0 ? O_NONBLOCK : 0);
}

LINUX_FUNCTION (fcntl)
{
    const uint32_t status_flags = OPEN_APPEND | OPEN_NONBLOCK;
    int64_t flags;

    switch (a[1]) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return duplicate (task, a[0], -1, a[2], a[1] == F_DUPFD_CLOEXEC);
    case F_SETFD:
        flags = linux_descriptor_flags (task, a[0], OPEN_CLOEXEC,
                                        (a[2] & FD_CLOEXEC) != 0 ? OPEN_CLOEXEC : 0);
        return flags < 0 ? flags : 0;
    case F_SETFL:
        flags = linux_descriptor_flags (task, a[0], status_flags, linux_open_flags (a[2]));
        return flags < 0 ? flags : 0;
    default:
        flags = linux_descriptor_flags (task, a[0], 0, 0);
    }
    if (flags < 0)
        return flags;
    switch (a[1]) {
    case F_GETFD:
        return (flags & OPEN_CLOEXEC) != 0 ? FD_CLOEXEC : 0;
    case F_GETFL:
        return linux_flags (flags);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return linux_record_lock (task, a);
    default:
        return -EINVAL;
    }
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
    int64_t flags = linux_file_flags (task, a[0]);

    return flags < 0 ? flags : linux_sync (task, a);
}

/* The first open descriptor from there on; -1: there is none. */
static int64_t
next_open (struct task *task, uint64_t fd)
{
    struct file_opened_req request = { .process = task->pid, .fd = (int32_t)fd };
    struct file_opened_rep reply;

    if (fd > INT32_MAX || file_opened (FILES, &request, &reply) != OK)
        return -1;
    return reply.fd;
}

LINUX_FUNCTION (close_range)
{
    const uint64_t first = (uint32_t)a[0], last = (uint32_t)a[1];

    if (first > last || (a[2] & ~(uint64_t)CLOSE_RANGE_CLOEXEC) != 0)
        return -EINVAL;
    for (int64_t fd = next_open (task, first); fd >= 0 && (uint64_t)fd <= last;
         fd         = next_open (task, (uint64_t)fd + 1)) {
        uint64_t one = (uint64_t)fd;

        if ((a[2] & CLOSE_RANGE_CLOEXEC) != 0)
            linux_descriptor_flags (task, one, OPEN_CLOEXEC, OPEN_CLOEXEC);
        else
            linux_close (task, &one);
    }
    return 0;
}

LINUX_FUNCTION (fadvise64)
{
    int64_t flags = linux_file_flags (task, a[0]);

    return flags < 0 ? flags : 0;
}
