/* linux_change: what is known of files, changed: mode, owner, size, times. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "personalities/linux/linux_file.h"

static int64_t
ask (struct task *task, const struct file_setattr_req *request)
{
    struct file_setattr_rep reply;
    enum status status = file_setattr (FILES, request, &reply);

    if (status == ERR_FILE_LIMIT)
        linux_signal_self (task, SIGXFSZ);
    return linux_result (status);
}

static int64_t
change (struct task *task, int64_t dirfd, uint64_t address, uint64_t flags, uint32_t mask,
        const struct file_attr *attr)
{
    struct file_setattr_req request = { .process   = task->pid,
                                        .fd        = -1,
                                        .mask      = mask,
                                        .no_follow = (flags & AT_SYMLINK_NOFOLLOW) != 0,
                                        .attr      = *attr };
    struct linux_path path;
    int64_t bad;

    if (address == 0 || mask == 0) {
        request.fd = (int32_t)dirfd;
        if (address == 0)
            return (int32_t)dirfd < 0 ? -EBADF : ask (task, &request);
    }
    bad = linux_path_begin (task, dirfd, address,
                            (flags & AT_EMPTY_PATH) != 0 ? LINUX_MAY_BE_EMPTY : 0, &path);
    if (bad != 0)
        return bad;
    request.from = path.grant;
    if (path.grant.length == 0)
        request.fd = (int32_t)dirfd;
    bad = ask (task, &request);
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
    if ((a[4] & ~(uint64_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
        return -EINVAL;
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

/* Beyond the size that is kept there is no room on ext2, and no other mode anywhere. */
LINUX_FUNCTION (fallocate)
{
    struct file_allocate_req request = { .process   = task->pid,
                                         .fd        = (int32_t)a[0],
                                         .keep_size = a[1] == FALLOC_FL_KEEP_SIZE,
                                         .offset    = a[2],
                                         .bytes     = a[3] };
    struct file_allocate_rep reply;
    enum status status;
    int64_t flags = linux_file_flags (task, a[0]);

    if (flags < 0)
        return flags;
    if ((int64_t)a[2] < 0 || (int64_t)a[3] <= 0)
        return -EINVAL;
    if ((uint32_t)a[1] != 0 && (uint32_t)a[1] != FALLOC_FL_KEEP_SIZE)
        return -EOPNOTSUPP;
    status = file_allocate (FILES, &request, &reply);
    if (status == ERR_FILE_LIMIT)
        linux_signal_self (task, SIGXFSZ);
    return status == ERR_NO_DEVICE ? -ENODEV : linux_result (status);
}

struct two_times {
    int64_t s, ns;
};

static bool
is_time (int64_t nanosecond)
{
    return nanosecond == UTIME_NOW || nanosecond == UTIME_OMIT
           || (nanosecond >= 0 && nanosecond < FILE_TIME_SECOND);
}

static int64_t
set_times (struct task *task, uint64_t dirfd, uint64_t path, uint64_t flags,
           const struct two_times times[2])
{
    struct file_attr attr = { .atime = file_time (times[0].s, times[0].ns),
                              .mtime = file_time (times[1].s, times[1].ns) };
    uint32_t mask         = 0;

    if (!is_time (times[0].ns) || !is_time (times[1].ns))
        return -EINVAL;
    if (times[0].ns == UTIME_OMIT && times[1].ns == UTIME_OMIT)
        return 0;
    if (path == 0 && (int32_t)dirfd == LINUX_HERE)
        return -EFAULT;
    if (path == 0 && flags != 0)
        return -EINVAL;
    if (times[0].ns != UTIME_OMIT)
        mask |= times[0].ns == UTIME_NOW ? ATTR_ATIME_NOW : ATTR_ATIME;
    if (times[1].ns != UTIME_OMIT)
        mask |= times[1].ns == UTIME_NOW ? ATTR_MTIME_NOW : ATTR_MTIME;
    return change (task, (int64_t)dirfd, path, flags, mask, &attr);
}

LINUX_FUNCTION (utimensat)
{
    struct two_times times[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
    int64_t bad = a[2] != 0 ? linux_get (task, a[2], times, sizeof times) : 0;

    if (bad == 0 && (a[3] & ~(uint64_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0)
        bad = -EINVAL;
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
