/* posix_name: the calls about names and what they stand for. */
#include <string.h>

#include "personalities/posix/posix_file.h"

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

int64_t
posix_two_paths (struct task *task, const uint64_t *a, char buffer[2 * FILE_PATH_MAX],
                 grant *both)
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
    if ((bad = posix_two_paths (task, a, paths, &request.from)) != 0)
        return bad;
    return CALL_DO (link);
}

int64_t
posix_call_symlink (struct task *task, const uint64_t *a)
{
    char paths[2 * FILE_PATH_MAX];

    CALL_BEGIN (symlink)
    if ((bad = posix_two_paths (task, a, paths, &request.from)) != 0)
        return bad;
    return CALL_DO (symlink);
}

int64_t
posix_call_rename (struct task *task, const uint64_t *a)
{
    char paths[2 * FILE_PATH_MAX];

    CALL_BEGIN (rename)
    if ((bad = posix_two_paths (task, a, paths, &request.from)) != 0)
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
