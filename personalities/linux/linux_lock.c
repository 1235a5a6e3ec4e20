/* linux_lock: locks of files, which the file server keeps. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>

#include "personalities/linux/linux_file.h"

/* As programs write it. */
struct linux_range {
    int16_t type, whence;
    int64_t start, bytes;
    int32_t process, pad;
};

_Static_assert (sizeof (struct linux_range) == 32, "as Linux has it");

/* Where the range's start is counted from. */
static int64_t
origin (struct task *task, uint64_t fd, int16_t whence, int64_t *at)
{
    struct file_seek_req seek = { .process = task->pid, .fd = (int32_t)fd, .whence = SEEK_FROM_CURRENT };
    struct file_seek_rep sought;
    struct file_stat_req stat = { .process = task->pid, .fd = (int32_t)fd };
    struct file_stat_rep known;
    int64_t bad = 0;

    *at = 0;
    if (whence == SEEK_CUR) {
        bad = linux_result (file_seek (FILES, &seek, &sought));
        *at = bad == 0 ? sought.position : 0;
    } else if (whence == SEEK_END) {
        bad = linux_result (file_stat (FILES, &stat, &known));
        *at = bad == 0 ? (int64_t)known.attr.size : 0;
    } else if (whence != SEEK_SET) {
        bad = -EINVAL;
    }
    return bad;
}

static int64_t
range_of (struct task *task, uint64_t fd, const struct linux_range *range,
          struct file_lock_req *request)
{
    int64_t start, last;
    int64_t bad = origin (task, fd, range->whence, &start);

    if (bad != 0)
        return bad;
    if (__builtin_add_overflow (start, range->start, &start))
        return -EOVERFLOW;
    last = INT64_MAX;
    if (range->bytes > 0 && __builtin_add_overflow (start, range->bytes - 1, &last))
        return -EOVERFLOW;
    if (range->bytes < 0) { /* those before it */
        last = start - 1;
        if (__builtin_add_overflow (start, range->bytes, &start))
            return -EINVAL;
    }
    if (start < 0 || last < start)
        return -EINVAL;
    request->start = (uint64_t)start;
    request->end   = (uint64_t)last;
    return 0;
}

static int64_t
put_found (struct task *task, uint64_t address, struct linux_range *range,
           const struct file_lock_rep *found)
{
    range->type = F_UNLCK;
    if (found->kind != LOCK_NONE) {
        range->type    = found->kind == LOCK_SHARED ? F_RDLCK : F_WRLCK;
        range->whence  = SEEK_SET;
        range->start   = (int64_t)found->start;
        range->bytes   = found->end == INT64_MAX ? 0 : (int64_t)(found->end - found->start + 1);
        range->process = (int32_t)found->process;
    }
    return linux_put (task, address, range, sizeof *range);
}

int64_t
linux_record_lock (struct task *task, const uint64_t *a)
{
    bool of_file = a[1] == F_OFD_GETLK || a[1] == F_OFD_SETLK || a[1] == F_OFD_SETLKW;
    bool ask     = a[1] == F_GETLK || a[1] == F_OFD_GETLK;
    struct file_lock_req request
        = { .process = task->pid,
            .fd      = (int32_t)a[0],
            .whose   = of_file ? LOCK_OF_FILE : LOCK_OF_PROCESS,
            .how     = ask                                           ? LOCK_ASK
                       : a[1] == F_SETLKW || a[1] == F_OFD_SETLKW ? LOCK_WAIT
                                                                  : LOCK_AT_ONCE };
    struct file_lock_rep reply;
    struct linux_range range;
    int64_t bad = linux_get (task, a[2], &range, sizeof range);

    if (bad == 0
        && ((range.type != F_RDLCK && range.type != F_WRLCK && range.type != F_UNLCK)
            || (ask && range.type == F_UNLCK) || (of_file && range.process != 0)))
        bad = -EINVAL;
    if (bad == 0)
        bad = range_of (task, a[0], &range, &request);
    if (bad != 0)
        return bad;
    request.kind = range.type == F_UNLCK   ? LOCK_NONE
                   : range.type == F_RDLCK ? LOCK_SHARED
                                           : LOCK_EXCLUSIVE;
    bad = linux_result (file_lock (FILES, &request, &reply));
    return bad == 0 && ask ? put_found (task, a[2], &range, &reply) : bad;
}

LINUX_FUNCTION (flock)
{
    struct file_lock_req request = { .process = task->pid,
                                     .fd      = (int32_t)a[0],
                                     .whose   = LOCK_OF_WHOLE,
                                     .how     = (a[1] & LOCK_NB) != 0 ? LOCK_AT_ONCE : LOCK_WAIT,
                                     .end     = INT64_MAX };
    struct file_lock_rep reply;

    switch (a[1] & ~(uint64_t)LOCK_NB) {
    case LOCK_SH: request.kind = LOCK_SHARED; break;
    case LOCK_EX: request.kind = LOCK_EXCLUSIVE; break;
    case LOCK_UN: request.kind = LOCK_NONE; break;
    default:      return -EINVAL;
    }
    return linux_result (file_lock (FILES, &request, &reply));
}
