/* linux_name: names: made, taken away, given to something else, followed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>

#include "personalities/linux/linux_file.h"

/* ---- calls with one path and nothing to tell ---- */

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
    if ((a[2] & ~(uint64_t)AT_REMOVEDIR) != 0)
        return -EINVAL;
    return remove_at (task, a[0], a[1], (a[2] & AT_REMOVEDIR) != 0);
}

static int64_t
access_at (struct task *task, uint64_t dirfd, uint64_t address, uint64_t mode, bool effective)
{
    if (mode > 7)
        return -EINVAL;
    WITH_PATH (access, dirfd, address, .mode = (uint32_t)mode, .files = effective);
    return bad;
}

LINUX_FUNCTION (access)
{
    return access_at (task, (uint64_t)LINUX_HERE, a[0], a[1], false);
}

LINUX_FUNCTION (faccessat)
{
    return access_at (task, a[0], a[1], a[2], false);
}

LINUX_FUNCTION (faccessat2)
{
    if ((a[3] & ~(uint64_t)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
        return -EINVAL;
    return access_at (task, a[0], a[1], a[2], (a[3] & AT_EACCESS) != 0);
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

static int64_t
readlink_at (struct task *task, uint64_t dirfd, uint64_t address, uint64_t into, uint64_t bytes)
{
    char text[FILE_PATH_MAX];
    struct file_readlink_req request = { .process = task->pid };
    struct file_readlink_rep reply;
    struct linux_path path;
    int64_t bad;

    if ((int64_t)bytes <= 0)
        return -EINVAL;
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

enum two {
    TWO_RENAME = RENAME_OVER,
    TWO_KEEP   = RENAME_KEEP,
    TWO_SWAP   = RENAME_SWAP,
    TWO_LINK,
    TWO_LINK_FOLLOW,
};

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
    if (bad == 0 && what < TWO_LINK) {
        struct file_rename_req request
            = { .process = task->pid, .how = what, .from = { .data = text, .length = at } };
        struct file_rename_rep reply;

        bad = linux_result (file_rename (FILES, &request, &reply));
    } else if (bad == 0) {
        struct file_link_req request = { .process = task->pid,
                                         .follow  = what == TWO_LINK_FOLLOW,
                                         .from    = { .data = text, .length = at } };
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
    static const enum two hows[]
        = { [0] = TWO_RENAME, [RENAME_NOREPLACE] = TWO_KEEP, [RENAME_EXCHANGE] = TWO_SWAP };

    if (a[4] >= sizeof hows / sizeof *hows)
        return -EINVAL;
    return two_paths (task, hows[a[4]], a[0], a[1], a[2], a[3]);
}

LINUX_FUNCTION (link)
{
    return two_paths (task, TWO_LINK, (uint64_t)LINUX_HERE, a[0], (uint64_t)LINUX_HERE, a[1]);
}

LINUX_FUNCTION (linkat)
{
    if ((a[4] & ~(uint64_t)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0)
        return -EINVAL;
    return two_paths (task, (a[4] & AT_SYMLINK_FOLLOW) != 0 ? TWO_LINK_FOLLOW : TWO_LINK, a[0], a[1],
                      a[2], a[3]);
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
