/* linux_stat: what is known of files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/stat.h>
#include <string.h>

#include "personalities/linux/linux_file.h"

/* The layout of struct stat on x86-64. */
struct linux_stat {
    uint64_t dev, ino, nlink;
    uint32_t mode, uid, gid, pad;
    uint64_t rdev;
    int64_t size, block_bytes, blocks;
    int64_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
    int64_t reserved[3];
};

_Static_assert (sizeof (struct linux_stat) == 144, "as Linux has it");

static uint32_t
linux_mode (const struct file_attr *attr)
{
    static const uint32_t types[] = {
        [FILE_TYPE_REGULAR] = 0100000,   [FILE_TYPE_DIRECTORY] = 0040000,
        [FILE_TYPE_LINK] = 0120000,      [FILE_TYPE_CHARACTER] = 0020000,
        [FILE_TYPE_BLOCK] = 0060000,     [FILE_TYPE_PIPE] = 0010000,
        [FILE_TYPE_SOCKET] = 0140000,
    };

    return (attr->type < sizeof types / sizeof *types ? types[attr->type] : 0) | attr->mode;
}

/* Flags that the calls for a file's attributes know. */
#define STAT_FLAGS \
    (uint64_t)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)

static int64_t
attr_of (struct task *task, int64_t fd, uint64_t address, uint64_t flags, struct file_attr *attr)
{
    struct file_stat_req request = { .process   = task->pid,
                                     .fd        = -1,
                                     .no_follow = (flags & AT_SYMLINK_NOFOLLOW) != 0 };
    struct file_stat_rep reply;
    struct linux_path path;
    int64_t bad;

    if ((flags & ~STAT_FLAGS) != 0)
        return -EINVAL;
    bad = linux_path_begin (
        task, fd, address, (flags & AT_EMPTY_PATH) != 0 ? LINUX_MAY_BE_EMPTY : 0, &path);

    if (bad != 0)
        return bad;
    request.from = path.grant;
    if (path.grant.length == 0 && (int32_t)fd != LINUX_HERE)
        request.fd = (int32_t)fd;
    else if (path.grant.length == 0)
        request.from = (grant){ .data = path.text, .length = 1 };
    if (path.grant.length == 0)
        path.text[0] = '.';
    bad = linux_result (file_stat (FILES, &request, &reply));
    linux_path_end (task, &path);
    if (bad == 0)
        *attr = reply.attr;
    return bad;
}

static int64_t
attr_of_fd (struct task *task, uint64_t fd, struct file_attr *attr)
{
    struct file_stat_req request = { .process = task->pid, .fd = (int32_t)fd };
    struct file_stat_rep reply;
    int64_t bad = (int32_t)fd < 0 ? -EBADF : linux_result (file_stat (FILES, &request, &reply));

    if (bad == 0)
        *attr = reply.attr;
    return bad;
}

static int64_t
stat_put (struct task *task, uint64_t address, const struct file_attr *attr)
{
    const struct linux_stat stat = {
        .dev         = attr->filesystem,
        .ino         = attr->node,
        .nlink       = attr->links,
        .mode        = linux_mode (attr),
        .uid         = attr->uid,
        .gid         = attr->gid,
        .rdev        = attr->device,
        .size        = (int64_t)attr->size,
        .block_bytes = attr->block_bytes,
        .blocks      = (int64_t)attr->blocks,
        .atime       = file_time_seconds (attr->atime),
        .atime_ns    = file_time_rest (attr->atime),
        .mtime       = file_time_seconds (attr->mtime),
        .mtime_ns    = file_time_rest (attr->mtime),
        .ctime       = file_time_seconds (attr->ctime),
        .ctime_ns    = file_time_rest (attr->ctime),
    };

    return linux_put (task, address, &stat, sizeof stat);
}

LINUX_FUNCTION (stat)
{
    struct file_attr attr;
    int64_t bad = attr_of (task, LINUX_HERE, a[0], 0, &attr);

    return bad != 0 ? bad : stat_put (task, a[1], &attr);
}

LINUX_FUNCTION (lstat)
{
    struct file_attr attr;
    int64_t bad = attr_of (task, LINUX_HERE, a[0], AT_SYMLINK_NOFOLLOW, &attr);

    return bad != 0 ? bad : stat_put (task, a[1], &attr);
}

LINUX_FUNCTION (fstat)
{
    struct file_attr attr;
    int64_t bad = attr_of_fd (task, a[0], &attr);

    return bad != 0 ? bad : stat_put (task, a[1], &attr);
}

LINUX_FUNCTION (newfstatat)
{
    struct file_attr attr;
    int64_t bad = attr_of (task, (int64_t)a[0], a[1], a[3], &attr);

    return bad != 0 ? bad : stat_put (task, a[2], &attr);
}

static struct statx_timestamp
statx_time (int64_t time)
{
    return (struct statx_timestamp){ .tv_sec  = file_time_seconds (time),
                                     .tv_nsec = (uint32_t)file_time_rest (time) };
}

LINUX_FUNCTION (statx)
{
    struct file_attr attr;
    bool wrong  = (a[3] & STATX__RESERVED) != 0
                  || (a[2] & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE;
    int64_t bad = wrong ? -EINVAL : attr_of (task, (int64_t)a[0], a[1], a[2], &attr);
    struct statx x;

    if (bad != 0)
        return bad;
    x = (struct statx){ .stx_mask            = STATX_BASIC_STATS,
                        .stx_blksize         = attr.block_bytes,
                        .stx_nlink           = attr.links,
                        .stx_uid             = attr.uid,
                        .stx_gid             = attr.gid,
                        .stx_mode            = (uint16_t)linux_mode (&attr),
                        .stx_ino             = attr.node,
                        .stx_size            = attr.size,
                        .stx_blocks          = attr.blocks,
                        .stx_atime           = statx_time (attr.atime),
                        .stx_mtime           = statx_time (attr.mtime),
                        .stx_ctime           = statx_time (attr.ctime),
                        .stx_rdev_minor      = attr.device,
                        .stx_dev_minor       = attr.filesystem };
    return linux_put (task, a[4], &x, sizeof x);
}
