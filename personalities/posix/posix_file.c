/* posix_file: the calls about files and descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "personalities/descriptor.h"
#include "personalities/posix/posix.h"

#define FILES nucleus_link (INTERFACE_file)

#define CALL_BEGIN(operation)                                                             \
    struct file_##operation##_req request = { .process = task->pid };                     \
    struct file_##operation##_rep reply;                                                  \
    int64_t bad = 0;

#define CALL_PATH(number)                                              \
    if ((bad = posix_path (task, a[number], &request.from)) != 0)      \
        return bad;

#define CALL_DO(operation) posix_result (file_##operation (FILES, &request, &reply))

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

/* ---- what is known of a file ---- */

static int64_t
stat_path (struct task *task, const uint64_t *a, uint32_t no_follow)
{
    struct file_attr *attr = user_memory (task, a[1], sizeof *attr);

    CALL_BEGIN (stat)
    CALL_PATH (0)
    if (attr == NULL)
        return -EFAULT;
    request.fd        = -1;
    request.no_follow = no_follow;
    bad               = CALL_DO (stat);
    if (bad == 0)
        *attr = reply.attr;
    return bad;
}

int64_t
posix_call_stat (struct task *task, const uint64_t *a)
{
    return stat_path (task, a, 0);
}

int64_t
posix_call_lstat (struct task *task, const uint64_t *a)
{
    return stat_path (task, a, 1);
}

int64_t
posix_call_fstat (struct task *task, const uint64_t *a)
{
    struct file_attr *attr = user_memory (task, a[1], sizeof *attr);

    CALL_BEGIN (stat)
    if (attr == NULL)
        return -EFAULT;
    request.fd = (int32_t)a[0];
    bad        = request.fd < 0 ? -EBADF : CALL_DO (stat);
    if (bad == 0)
        *attr = reply.attr;
    return bad;
}

int64_t
posix_call_access (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (access)
    CALL_PATH (0)
    request.mode = (uint32_t)a[1] & 7;
    return CALL_DO (access);
}

int64_t
posix_call_getdents (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (entries)
    if ((bad = posix_into (task, a[1], a[2], &request.into)) != 0)
        return bad;
    request.fd = (int32_t)a[0];
    bad        = CALL_DO (entries);
    return bad != 0 ? bad : reply.done;
}

int64_t
posix_call_readlink (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (readlink)
    CALL_PATH (0)
    if ((bad = posix_into (task, a[1], a[2], &request.into)) != 0)
        return bad;
    bad = CALL_DO (readlink);
    return bad != 0 ? bad : reply.done;
}

int64_t
posix_call_statfs (struct task *task, const uint64_t *a)
{
    struct posix_statfs *info = user_memory (task, a[1], sizeof *info);

    CALL_BEGIN (statfs)
    CALL_PATH (0)
    if (info == NULL)
        return -EFAULT;
    request.fd = -1;
    bad        = CALL_DO (statfs);
    if (bad != 0)
        return bad;
    *info = (struct posix_statfs){ .blocks      = reply.blocks,
                                   .blocks_free = reply.blocks_free,
                                   .nodes       = reply.nodes,
                                   .nodes_free  = reply.nodes_free,
                                   .block_bytes = reply.block_bytes,
                                   .name_max    = reply.name_max };
    memcpy (info->type, reply.type, sizeof info->type);
    return 0;
}

/* ---- names ---- */

static int64_t
make (struct task *task, uint64_t path, uint32_t type, uint64_t mode, uint64_t device)
{
    CALL_BEGIN (make)
    if ((bad = posix_path (task, path, &request.from)) != 0)
        return bad;
    request.type   = type;
    request.mode   = mode & 07777;
    request.device = (uint32_t)device;
    return CALL_DO (make);
}

int64_t
posix_call_mkdir (struct task *task, const uint64_t *a)
{
    return make (task, a[0], FILE_TYPE_DIRECTORY, a[1], 0);
}

int64_t
posix_call_mknod (struct task *task, const uint64_t *a)
{
    return make (task, a[0], (uint32_t)a[1], a[2], a[3]);
}

static int64_t
remove_path (struct task *task, uint64_t path, uint32_t directory)
{
    CALL_BEGIN (remove)
    if ((bad = posix_path (task, path, &request.from)) != 0)
        return bad;
    request.directory = directory;
    return CALL_DO (remove);
}

int64_t
posix_call_rmdir (struct task *task, const uint64_t *a)
{
    return remove_path (task, a[0], 1);
}

int64_t
posix_call_unlink (struct task *task, const uint64_t *a)
{
    return remove_path (task, a[0], 0);
}

/* Two strings of a program as one grant: `first\0second` in `buffer`. */
static int64_t
two_paths (struct task *task, const uint64_t *a, char buffer[2 * FILE_PATH_MAX], grant *both)
{
    grant first, second;
    int64_t bad;

    if ((bad = posix_path (task, a[0], &first)) != 0
        || (bad = posix_path (task, a[1], &second)) != 0)
        return bad;
    memcpy (buffer, first.data, first.length);
    buffer[first.length] = '\0';
    memcpy (buffer + first.length + 1, second.data, second.length);
    *both = (grant){ .data = buffer, .length = first.length + 1 + second.length };
    return 0;
}

int64_t
posix_call_link (struct task *task, const uint64_t *a)
{
    char paths[2 * FILE_PATH_MAX];

    CALL_BEGIN (link)
    if ((bad = two_paths (task, a, paths, &request.from)) != 0)
        return bad;
    return CALL_DO (link);
}

int64_t
posix_call_symlink (struct task *task, const uint64_t *a)
{
    char paths[2 * FILE_PATH_MAX];

    CALL_BEGIN (symlink)
    if ((bad = two_paths (task, a, paths, &request.from)) != 0)
        return bad;
    return CALL_DO (symlink);
}

int64_t
posix_call_rename (struct task *task, const uint64_t *a)
{
    char paths[2 * FILE_PATH_MAX];

    CALL_BEGIN (rename)
    if ((bad = two_paths (task, a, paths, &request.from)) != 0)
        return bad;
    return CALL_DO (rename);
}

/* ---- changing what is known ---- */

static int64_t
setattr (struct task *task, uint64_t path, int32_t fd, uint32_t mask, struct file_attr attr)
{
    CALL_BEGIN (setattr)
    if (fd < 0 && (bad = posix_path (task, path, &request.from)) != 0)
        return bad;
    request.fd   = fd;
    request.mask = mask;
    request.attr = attr;
    return CALL_DO (setattr);
}

int64_t
posix_call_chmod (struct task *task, const uint64_t *a)
{
    return setattr (task, a[0], -1, ATTR_MODE, (struct file_attr){ .mode = a[1] & 07777 });
}

int64_t
posix_call_chown (struct task *task, const uint64_t *a)
{
    uint32_t mask = ((int32_t)a[1] >= 0 ? ATTR_UID : 0) | ((int32_t)a[2] >= 0 ? ATTR_GID : 0);

    return setattr (task, a[0], -1, mask,
                    (struct file_attr){ .uid = (uint32_t)a[1], .gid = (uint32_t)a[2] });
}

int64_t
posix_call_truncate (struct task *task, const uint64_t *a)
{
    return (int64_t)a[1] < 0
               ? -EINVAL
               : setattr (task, a[0], -1, ATTR_SIZE, (struct file_attr){ .size = a[1] });
}

int64_t
posix_call_ftruncate (struct task *task, const uint64_t *a)
{
    if ((int64_t)a[1] < 0)
        return -EINVAL;
    return (int32_t)a[0] < 0
               ? -EBADF
               : setattr (task, 0, (int32_t)a[0], ATTR_SIZE, (struct file_attr){ .size = a[1] });
}

int64_t
posix_call_utime (struct task *task, const uint64_t *a)
{
    uint32_t mask = ((int64_t)a[1] == POSIX_NOW ? ATTR_ATIME_NOW : ATTR_ATIME)
                    | ((int64_t)a[2] == POSIX_NOW ? ATTR_MTIME_NOW : ATTR_MTIME);

    return setattr (task, a[0], -1, mask,
                    (struct file_attr){ .atime = (int64_t)a[1], .mtime = (int64_t)a[2] });
}

/* ---- where a process stands ---- */

int64_t
posix_call_chdir (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (chdir)
    CALL_PATH (0)
    request.fd = -1;
    return CALL_DO (chdir);
}

int64_t
posix_call_getcwd (struct task *task, const uint64_t *a)
{
    char *buffer = user_memory (task, a[0], a[1]);

    CALL_BEGIN (getcwd)
    if (buffer == NULL)
        return -EFAULT;
    if (a[1] == 0)
        return -EINVAL;
    if ((bad = posix_into (task, a[0], a[1] - 1, &request.into)) != 0)
        return bad;
    bad = CALL_DO (getcwd);
    if (bad != 0)
        return bad;
    buffer[reply.done] = '\0';
    return reply.done;
}

int64_t
posix_call_umask (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (umask)
    request.mask = a[0] & 0777;
    bad          = CALL_DO (umask);
    return bad != 0 ? bad : reply.mask;
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

/* ---- file systems ---- */

int64_t
posix_call_mount (struct task *task, const uint64_t *a)
{
    char words[2 * FILE_PATH_MAX + 64];
    grant type;

    CALL_BEGIN (mount)
    if ((bad = two_paths (task, a, words, &request.from)) != 0
        || (bad = posix_path (task, a[2], &type)) != 0)
        return bad;
    if (type.length >= 16)
        return -ENODEV;
    words[request.from.length] = '\0';
    memcpy (words + request.from.length + 1, type.data, type.length);
    words[request.from.length + 1 + type.length] = '\0';
    request.from.length += type.length + 2;
    request.read_only = a[3] != 0;
    bad               = CALL_DO (mount);
    return bad == -ENXIO ? -ENODEV : bad;
}

int64_t
posix_call_umount (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (unmount)
    CALL_PATH (0)
    return CALL_DO (unmount);
}

int64_t
posix_call_sync (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (sync)
    (void)a;
    (void)bad;
    request.fd = -1;
    return CALL_DO (sync);
}

int64_t
posix_call_fsync (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (sync)
    (void)bad;
    request.fd = (int32_t)a[0];
    return request.fd < 0 ? -EBADF : CALL_DO (sync);
}

/* ---- terminals ---- */

int64_t
posix_call_tcgetattr (struct task *task, const uint64_t *a)
{
    struct tty_attr *attr = user_memory (task, a[1], sizeof *attr);

    CALL_BEGIN (tty_get)
    if (attr == NULL)
        return -EFAULT;
    request.fd = (int32_t)a[0];
    bad        = CALL_DO (tty_get);
    if (bad == 0)
        *attr = reply.attr;
    return bad;
}

int64_t
posix_call_tcsetattr (struct task *task, const uint64_t *a)
{
    const struct tty_attr *attr = user_memory (task, a[1], sizeof *attr);

    CALL_BEGIN (tty_set)
    (void)bad;
    if (attr == NULL)
        return -EFAULT;
    request.fd   = (int32_t)a[0];
    request.attr = *attr;
    return CALL_DO (tty_set);
}

int64_t
posix_call_tcgetpgrp (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (tty_get)
    request.fd = (int32_t)a[0];
    bad        = CALL_DO (tty_get);
    return bad != 0 ? bad : reply.foreground;
}

int64_t
posix_call_tcsetpgrp (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (tty_foreground)
    (void)bad;
    request.fd    = (int32_t)a[0];
    request.group = (uint32_t)a[1];
    return CALL_DO (tty_foreground);
}
