/* linux_name: paths, and what is known of files. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/vfs.h>

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

/* ---- stat ---- */

static int64_t
attr_of (struct task *task, int64_t fd, uint64_t address, uint64_t flags, struct file_attr *attr)
{
    struct file_stat_req request = { .process   = task->pid,
                                     .fd        = -1,
                                     .no_follow = (flags & AT_SYMLINK_NOFOLLOW) != 0 };
    struct file_stat_rep reply;
    struct linux_path path;
    int64_t bad = linux_path_begin (
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
        .atime       = attr->atime,
        .mtime       = attr->mtime,
        .ctime       = attr->ctime,
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

LINUX_FUNCTION (statx)
{
    struct file_attr attr;
    int64_t bad = attr_of (task, (int64_t)a[0], a[1], a[2], &attr);
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
                        .stx_atime.tv_sec    = attr.atime,
                        .stx_mtime.tv_sec    = attr.mtime,
                        .stx_ctime.tv_sec    = attr.ctime,
                        .stx_rdev_minor      = attr.device,
                        .stx_dev_minor       = attr.filesystem };
    return linux_put (task, a[4], &x, sizeof x);
}

/* ---- calls with one path and nothing to tell ---- */

#define WITH_PATH(operation, dirfd, address, ...)                                            \
    struct file_##operation##_req request = { .process = task->pid, __VA_ARGS__ };           \
    struct file_##operation##_rep reply;                                                     \
    struct linux_path path;                                                                  \
    int64_t bad = linux_path_begin (task, (int64_t)(dirfd), address, 0, &path);              \
                                                                                             \
    if (bad != 0)                                                                            \
        return bad;                                                                          \
    request.from = path.grant;                                                               \
    bad          = linux_result (file_##operation (FILES, &request, &reply));                \
    linux_path_end (task, &path);                                                            \
    (void)reply

static int64_t
make_at (struct task *task, uint64_t dirfd, uint64_t address, uint32_t type, uint64_t mode,
         uint64_t device)
{
    WITH_PATH (make, dirfd, address, .type = type, .mode = mode & 07777,
               .device = (uint32_t)device);
    return bad;
}

LINUX_FUNCTION (mkdir)
{
    return make_at (task, (uint64_t)LINUX_HERE, a[0], FILE_TYPE_DIRECTORY, a[1], 0);
}

LINUX_FUNCTION (mkdirat)
{
    return make_at (task, a[0], a[1], FILE_TYPE_DIRECTORY, a[2], 0);
}

static int64_t
node_at (struct task *task, uint64_t dirfd, uint64_t address, uint64_t mode, uint64_t device)
{
    uint32_t type;

    switch (mode & 0170000) {
    case 0:
    case 0100000: type = FILE_TYPE_REGULAR; break;
    case 0020000: type = FILE_TYPE_CHARACTER; break;
    case 0060000: type = FILE_TYPE_BLOCK; break;
    case 0010000: type = FILE_TYPE_PIPE; break;
    case 0140000: type = FILE_TYPE_SOCKET; break;
    default: return -EINVAL;
    }
    return make_at (task, dirfd, address, type, mode, device);
}

LINUX_FUNCTION (mknod)
{
    return node_at (task, (uint64_t)LINUX_HERE, a[0], a[1], a[2]);
}

LINUX_FUNCTION (mknodat)
{
    return node_at (task, a[0], a[1], a[2], a[3]);
}

static int64_t
remove_at (struct task *task, uint64_t dirfd, uint64_t address, bool directory)
{
    WITH_PATH (remove, dirfd, address, .directory = directory);
    return bad;
}

LINUX_FUNCTION (rmdir)
{
    return remove_at (task, (uint64_t)LINUX_HERE, a[0], true);
}

LINUX_FUNCTION (unlink)
{
    return remove_at (task, (uint64_t)LINUX_HERE, a[0], false);
}

LINUX_FUNCTION (unlinkat)
{
    return remove_at (task, a[0], a[1], (a[2] & AT_REMOVEDIR) != 0);
}

static int64_t
access_at (struct task *task, uint64_t dirfd, uint64_t address, uint64_t mode)
{
    if (mode > 7)
        return -EINVAL;
    WITH_PATH (access, dirfd, address, .mode = (uint32_t)mode);
    return bad;
}

LINUX_FUNCTION (access)
{
    return access_at (task, (uint64_t)LINUX_HERE, a[0], a[1]);
}

LINUX_FUNCTION (faccessat)
{
    return access_at (task, a[0], a[1], a[2]);
}

LINUX_FUNCTION (faccessat2)
{
    return access_at (task, a[0], a[1], a[2]);
}

LINUX_FUNCTION (chdir)
{
    WITH_PATH (chdir, LINUX_HERE, a[0], .fd = -1);
    return bad;
}

LINUX_FUNCTION (fchdir)
{
    struct file_chdir_req request = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_chdir_rep reply;
    int64_t bad
        = (int32_t)a[0] < 0 ? -EBADF : linux_result (file_chdir (FILES, &request, &reply));

    return bad == -EINVAL ? -ENOTDIR : bad;
}

LINUX_FUNCTION (umount2)
{
    WITH_PATH (unmount, LINUX_HERE, a[0]);
    return bad;
}

static int64_t
readlink_at (struct task *task, uint64_t dirfd, uint64_t address, uint64_t into, uint64_t bytes)
{
    char text[FILE_PATH_MAX];
    struct file_readlink_req request = { .process = task->pid };
    struct file_readlink_rep reply;
    struct linux_path path;
    uint32_t length;
    int64_t bad;

    if ((int64_t)bytes <= 0)
        return -EINVAL;
    bad = linux_result (
        space_string (task->guest->space, address, text, sizeof text, &length));
    if (bad == 0 && strcmp (text, "/proc/self/exe") == 0) {
        length = (uint32_t)strlen (task->guest->path);
        length = length < bytes ? length : (uint32_t)bytes;
        bad    = linux_put (task, into, task->guest->path, length);
        return bad != 0 ? bad : length;
    }
    if (bad == 0)
        bad = linux_path_begin (task, (int64_t)dirfd, address, 0, &path);
    if (bad != 0)
        return bad;
    request.from = path.grant;
    request.into = (grant){ .data   = text,
                            .length = bytes < sizeof text ? (uint32_t)bytes : sizeof text };
    bad          = linux_result (file_readlink (FILES, &request, &reply));
    linux_path_end (task, &path);
    if (bad == 0)
        bad = linux_put (task, into, text, reply.done);
    return bad != 0 ? bad : reply.done;
}

LINUX_FUNCTION (readlink)
{
    return readlink_at (task, (uint64_t)LINUX_HERE, a[0], a[1], a[2]);
}

LINUX_FUNCTION (readlinkat)
{
    return readlink_at (task, a[0], a[1], a[2], a[3]);
}

/* ---- two paths ---- */

/* A path that must be good wherever the process is: with its directory in front. */
static int64_t
whole_path (struct task *task, uint64_t dirfd, uint64_t address, char *into, uint32_t room,
            uint32_t *at)
{
    struct file_getcwd_req request = { .process = task->pid };
    struct file_getcwd_rep reply   = { 0 };
    struct linux_path path;
    int64_t bad = linux_path_begin (task, (int64_t)dirfd, address, 0, &path);

    if (bad != 0)
        return bad;
    if (path.back != NULL) {
        request.into = (grant){ .data = into + *at, .length = room - *at };
        bad          = linux_result (file_getcwd (FILES, &request, &reply));
        linux_path_end (task, &path);
        if (bad != 0)
            return bad;
        *at += reply.done;
        if (*at < room)
            into[(*at)++] = '/';
    }
    if (room - *at < path.grant.length)
        return -ENAMETOOLONG;
    memcpy (into + *at, path.text, path.grant.length);
    *at += path.grant.length;
    return 0;
}

#define TWO_PATHS_ROOM (2 * FILE_PATH_MAX)

enum two { TWO_RENAME, TWO_LINK };

static int64_t
two_paths (struct task *task, enum two what, uint64_t fd1, uint64_t path1, uint64_t fd2,
           uint64_t path2)
{
    char *text   = linux_alloc (TWO_PATHS_ROOM);
    uint32_t at  = 0;
    int64_t bad;

    if (text == NULL)
        return -ENOMEM;
    bad = whole_path (task, fd1, path1, text, TWO_PATHS_ROOM, &at);
    if (bad == 0) {
        if (at < TWO_PATHS_ROOM)
            text[at++] = '\0';
        bad = whole_path (task, fd2, path2, text, TWO_PATHS_ROOM, &at);
    }
    if (bad == 0 && what == TWO_RENAME) {
        struct file_rename_req request
            = { .process = task->pid, .from = { .data = text, .length = at } };
        struct file_rename_rep reply;

        bad = linux_result (file_rename (FILES, &request, &reply));
    } else if (bad == 0) {
        struct file_link_req request
            = { .process = task->pid, .from = { .data = text, .length = at } };
        struct file_link_rep reply;

        bad = linux_result (file_link (FILES, &request, &reply));
    }
    linux_free (text);
    return bad;
}

LINUX_FUNCTION (rename)
{
    return two_paths (task, TWO_RENAME, (uint64_t)LINUX_HERE, a[0], (uint64_t)LINUX_HERE, a[1]);
}

LINUX_FUNCTION (renameat)
{
    return two_paths (task, TWO_RENAME, a[0], a[1], a[2], a[3]);
}

LINUX_FUNCTION (renameat2)
{
    return a[4] != 0 ? -EINVAL : two_paths (task, TWO_RENAME, a[0], a[1], a[2], a[3]);
}

LINUX_FUNCTION (link)
{
    return two_paths (task, TWO_LINK, (uint64_t)LINUX_HERE, a[0], (uint64_t)LINUX_HERE, a[1]);
}

LINUX_FUNCTION (linkat)
{
    return two_paths (task, TWO_LINK, a[0], a[1], a[2], a[3]);
}

static int64_t
symlink_at (struct task *task, uint64_t contents, uint64_t dirfd, uint64_t address)
{
    struct file_symlink_req request = { .process = task->pid };
    struct file_symlink_rep reply;
    char *text  = linux_alloc (TWO_PATHS_ROOM);
    uint32_t at = 0;
    int64_t bad;

    if (text == NULL)
        return -ENOMEM;
    bad = linux_result (
        space_string (task->guest->space, contents, text, FILE_PATH_MAX, &at));
    if (bad == 0 && at == 1)
        bad = -ENOENT;
    if (bad == 0)
        bad = whole_path (task, dirfd, address, text, TWO_PATHS_ROOM, &at);
    if (bad == 0) {
        request.from = (grant){ .data = text, .length = at };
        bad          = linux_result (file_symlink (FILES, &request, &reply));
    }
    linux_free (text);
    return bad;
}

LINUX_FUNCTION (symlink)
{
    return symlink_at (task, a[0], (uint64_t)LINUX_HERE, a[1]);
}

LINUX_FUNCTION (symlinkat)
{
    return symlink_at (task, a[0], a[1], a[2]);
}

/* ---- changing what is known ---- */

static int64_t
change (struct task *task, int64_t dirfd, uint64_t address, uint64_t flags, uint32_t mask,
        const struct file_attr *attr)
{
    struct file_setattr_req request = { .process   = task->pid,
                                        .fd        = -1,
                                        .mask      = mask,
                                        .no_follow = (flags & AT_SYMLINK_NOFOLLOW) != 0,
                                        .attr      = *attr };
    struct file_setattr_rep reply;
    struct linux_path path;
    int64_t bad;

    if (address == 0 || mask == 0) {
        request.fd = (int32_t)dirfd;
        if (address == 0)
            return (int32_t)dirfd < 0 ? -EBADF
                                      : linux_result (file_setattr (FILES, &request, &reply));
    }
    bad = linux_path_begin (task, dirfd, address,
                            (flags & AT_EMPTY_PATH) != 0 ? LINUX_MAY_BE_EMPTY : 0, &path);
    if (bad != 0)
        return bad;
    request.from = path.grant;
    if (path.grant.length == 0)
        request.fd = (int32_t)dirfd;
    bad = linux_result (file_setattr (FILES, &request, &reply));
    linux_path_end (task, &path);
    return bad;
}

static int64_t
change_mode (struct task *task, int64_t dirfd, uint64_t address, uint64_t mode)
{
    struct file_attr attr = { .mode = mode & 07777 };

    return change (task, dirfd, address, 0, ATTR_MODE, &attr);
}

LINUX_FUNCTION (chmod)
{
    return a[0] == 0 ? -EFAULT : change_mode (task, LINUX_HERE, a[0], a[1]);
}

LINUX_FUNCTION (fchmod)
{
    return change_mode (task, (int64_t)a[0], 0, a[1]);
}

LINUX_FUNCTION (fchmodat)
{
    return a[1] == 0 ? -EFAULT : change_mode (task, (int64_t)a[0], a[1], a[2]);
}

static int64_t
change_owner (struct task *task, int64_t dirfd, uint64_t address, uint64_t uid, uint64_t gid,
              uint64_t flags)
{
    struct file_attr attr = { .uid = (uint32_t)uid, .gid = (uint32_t)gid };
    uint32_t mask = ((uint32_t)uid != UINT32_MAX ? ATTR_UID : 0)
                    | ((uint32_t)gid != UINT32_MAX ? ATTR_GID : 0);

    return change (task, dirfd, address, flags, mask, &attr);
}

LINUX_FUNCTION (chown)
{
    return a[0] == 0 ? -EFAULT : change_owner (task, LINUX_HERE, a[0], a[1], a[2], 0);
}

LINUX_FUNCTION (lchown)
{
    return a[0] == 0 ? -EFAULT
                     : change_owner (task, LINUX_HERE, a[0], a[1], a[2], AT_SYMLINK_NOFOLLOW);
}

LINUX_FUNCTION (fchown)
{
    return change_owner (task, (int64_t)a[0], 0, a[1], a[2], 0);
}

LINUX_FUNCTION (fchownat)
{
    return a[1] == 0 ? -EFAULT : change_owner (task, (int64_t)a[0], a[1], a[2], a[3], a[4]);
}

LINUX_FUNCTION (truncate)
{
    struct file_attr attr = { .size = a[1] };

    if ((int64_t)a[1] < 0)
        return -EINVAL;
    return a[0] == 0 ? -EFAULT : change (task, LINUX_HERE, a[0], 0, ATTR_SIZE, &attr);
}

LINUX_FUNCTION (ftruncate)
{
    struct file_attr attr = { .size = a[1] };

    return (int64_t)a[1] < 0 ? -EINVAL : change (task, (int64_t)a[0], 0, 0, ATTR_SIZE, &attr);
}

struct two_times {
    int64_t s, ns;
};

static int64_t
set_times (struct task *task, uint64_t dirfd, uint64_t path, uint64_t flags,
           struct two_times times[2])
{
    struct clock_now_req request;
    struct clock_now_rep now = { 0 };
    struct file_attr attr    = { 0 };
    uint32_t mask            = 0;

    clock_now (nucleus_link (INTERFACE_clock), &request, &now);
    for (unsigned i = 0; i < 2; i++) {
        if (times[i].ns == UTIME_NOW)
            times[i].s = (int64_t)(now.time_ns / 1000000000u);
        else if (times[i].ns != UTIME_OMIT && (times[i].ns < 0 || times[i].ns > 999999999))
            return -EINVAL;
        if (times[i].ns != UTIME_OMIT)
            mask |= i == 0 ? ATTR_ATIME : ATTR_MTIME;
    }
    attr.atime = times[0].s;
    attr.mtime = times[1].s;
    return change (task, (int64_t)dirfd, path, flags, mask, &attr);
}

LINUX_FUNCTION (utimensat)
{
    struct two_times times[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
    int64_t bad = a[2] != 0 ? linux_get (task, a[2], times, sizeof times) : 0;

    return bad != 0 ? bad : set_times (task, a[0], a[1], a[3], times);
}

/* In microseconds. */
LINUX_FUNCTION (futimesat)
{
    struct two_times times[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
    int64_t bad = a[2] != 0 ? linux_get (task, a[2], times, sizeof times) : 0;

    for (unsigned i = 0; bad == 0 && a[2] != 0 && i < 2; i++) {
        bad = times[i].ns < 0 || times[i].ns > 999999 ? -EINVAL : 0;
        times[i].ns *= 1000;
    }
    return bad != 0 ? bad : set_times (task, a[0], a[1], 0, times);
}

LINUX_FUNCTION (utimes)
{
    uint64_t b[] = { (uint64_t)LINUX_HERE, a[0], a[1] };

    return linux_futimesat (task, b);
}

LINUX_FUNCTION (utime)
{
    struct two_times times[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
    int64_t seconds[2];
    int64_t bad = a[1] != 0 ? linux_get (task, a[1], seconds, sizeof seconds) : 0;

    for (unsigned i = 0; bad == 0 && a[1] != 0 && i < 2; i++)
        times[i] = (struct two_times){ seconds[i], 0 };
    return bad != 0 ? bad : set_times (task, (uint64_t)LINUX_HERE, a[0], 0, times);
}

/* ---- directories and file systems ---- */

#define ENTRIES_MAX 32768u

LINUX_FUNCTION (getdents64)
{
    struct file_entries_req request = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_entries_rep reply;
    uint32_t room = a[2] < ENTRIES_MAX ? (uint32_t)a[2] : ENTRIES_MAX, out = 0;
    uint8_t *buffer = linux_alloc (room + 1);
    int64_t bad;

    static const uint8_t types[] = {
        [FILE_TYPE_REGULAR] = DT_REG, [FILE_TYPE_DIRECTORY] = DT_DIR, [FILE_TYPE_LINK] = DT_LNK,
        [FILE_TYPE_CHARACTER] = DT_CHR, [FILE_TYPE_BLOCK] = DT_BLK, [FILE_TYPE_PIPE] = DT_FIFO,
        [FILE_TYPE_SOCKET] = DT_SOCK,
    };

    if (buffer == NULL)
        return -ENOMEM;
    request.into = (grant){ .data = buffer, .length = room };
    bad          = linux_result (file_entries (FILES, &request, &reply));
    /* Linux's entry of a name is never longer than ours: rewritten in place. */
    for (uint32_t at = 0; bad == 0 && at + sizeof (struct file_entry) <= reply.done;) {
        struct file_entry entry;
        uint16_t bytes;
        char name[FILE_NAME_MAX + 1];

        memcpy (&entry, buffer + at, sizeof entry);
        if (entry.entry_bytes < sizeof entry + entry.name_bytes)
            break;
        memcpy (name, buffer + at + sizeof entry, entry.name_bytes);
        name[entry.name_bytes] = '\0';
        at += entry.entry_bytes;
        bytes = (uint16_t)((19 + entry.name_bytes + 1 + 7) & ~7);
        if (out + bytes > at)
            break;
        memset (buffer + out, 0, bytes);
        memcpy (buffer + out, &entry.node, 8);
        memcpy (buffer + out + 8, &entry.next, 8);
        memcpy (buffer + out + 16, &bytes, 2);
        buffer[out + 18] = entry.type < sizeof types ? types[entry.type] : 0;
        memcpy (buffer + out + 19, name, entry.name_bytes + 1u);
        out += bytes;
    }
    if (bad == 0)
        bad = linux_put (task, a[1], buffer, out);
    linux_free (buffer);
    return bad != 0 ? bad : out;
}

LINUX_FUNCTION (getcwd)
{
    char text[FILE_PATH_MAX];
    struct file_getcwd_req request
        = { .process = task->pid, .into = { .data = text, .length = sizeof text - 1 } };
    struct file_getcwd_rep reply;
    int64_t bad = linux_result (file_getcwd (FILES, &request, &reply));

    if (bad != 0)
        return bad;
    text[reply.done] = '\0';
    if (reply.done + 1u > a[1])
        return -ERANGE;
    bad = linux_put (task, a[0], text, reply.done + 1u);
    return bad != 0 ? bad : reply.done + 1;
}

LINUX_FUNCTION (umask)
{
    struct file_umask_req request = { .process = task->pid, .mask = a[0] & 0777 };
    struct file_umask_rep reply;
    int64_t bad = linux_result (file_umask (FILES, &request, &reply));

    return bad != 0 ? bad : reply.mask;
}

static int64_t
put_statfs (struct task *task, const struct file_statfs_rep *reply, uint64_t address)
{
    struct statfs out = { 0 };

    out.f_type    = strncmp (reply->type, "ext2", 4) == 0 ? 0xef53 : 0x01021994;
    out.f_bsize   = reply->block_bytes;
    out.f_frsize  = reply->block_bytes;
    out.f_blocks  = reply->blocks;
    out.f_bfree   = reply->blocks_free;
    out.f_bavail  = reply->blocks_free;
    out.f_files   = reply->nodes;
    out.f_ffree   = reply->nodes_free;
    out.f_namelen = reply->name_max;
    return linux_put (task, address, &out, sizeof out);
}

LINUX_FUNCTION (statfs)
{
    WITH_PATH (statfs, LINUX_HERE, a[0], .fd = -1);

    return bad != 0 ? bad : put_statfs (task, &reply, a[1]);
}

LINUX_FUNCTION (fstatfs)
{
    struct file_statfs_req request = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_statfs_rep reply;
    int64_t bad = (int32_t)a[0] < 0 ? -EBADF : linux_result (file_statfs (FILES, &request, &reply));

    return bad != 0 ? bad : put_statfs (task, &reply, a[1]);
}

#define MOUNT_READ_ONLY 1u

LINUX_FUNCTION (mount)
{
    struct file_mount_req request = { .process = task->pid, .read_only = a[3] & MOUNT_READ_ONLY };
    struct file_mount_rep reply;
    char *text = linux_alloc (TWO_PATHS_ROOM);
    uint32_t at = 0, bytes;
    int64_t bad = text != NULL ? 0 : -ENOMEM;

    for (unsigned i = 0; bad == 0 && i < 3; i++) {
        uint64_t address = a[i];

        if (address == 0) {
            text[at++] = '\0';
            continue;
        }
        bad = linux_result (space_string (task->guest->space, address, text + at,
                                          TWO_PATHS_ROOM - at - 2, &bytes));
        at += bad == 0 ? bytes : 0;
    }
    if (bad == 0) {
        request.from = (grant){ .data = text, .length = at - 1 };
        bad          = linux_result (file_mount (FILES, &request, &reply));
    }
    linux_free (text);
    return bad;
}
