/* linux_limits: what a program may use, and who it is to that end. A machine has one processor
 * and no limits but those of its memory and tables. */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

#include "personalities/linux/linux.h"

static int64_t
limit_put (struct task *task, uint64_t which, uint64_t address)
{
    uint64_t limit[2] = { UINT64_MAX, UINT64_MAX };

    if (which == RLIMIT_STACK)
        limit[0] = 8u << 20;
    else if (which == RLIMIT_NOFILE)
        limit[0] = limit[1] = 1024;
    else if (which == RLIMIT_CORE)
        limit[0] = 0;
    return linux_put (task, address, limit, sizeof limit);
}

/* A new limit has to make sense, but changes nothing. */
static int64_t
limit_check (struct task *task, uint64_t address)
{
    uint64_t limit[2];
    int64_t bad = linux_get (task, address, limit, sizeof limit);

    return bad != 0 ? bad : limit[0] > limit[1] ? -EINVAL : 0;
}

LINUX_FUNCTION (getrlimit)
{
    return a[0] >= RLIM_NLIMITS ? -EINVAL : limit_put (task, a[0], a[1]);
}

LINUX_FUNCTION (setrlimit)
{
    return a[0] >= RLIM_NLIMITS ? -EINVAL : limit_check (task, a[1]);
}

LINUX_FUNCTION (prlimit64)
{
    int64_t bad = 0;

    if (a[1] >= RLIM_NLIMITS)
        return -EINVAL;
    if (a[0] != 0 && a[0] != task->pid)
        return -EPERM;
    if (a[2] != 0)
        bad = limit_check (task, a[2]);
    return bad == 0 && a[3] != 0 ? limit_put (task, a[1], a[3]) : bad;
}

/* ---- the processor ---- */

LINUX_FUNCTION (sched_yield)
{
    (void)a;
    task->slice_end = here->token.now;
    return 0;
}

LINUX_FUNCTION (sched_getaffinity)
{
    uint64_t one = 1;
    int64_t bad;

    if (a[1] < sizeof one || a[1] % sizeof one != 0)
        return -EINVAL;
    bad = linux_put (task, a[2], &one, sizeof one);
    return bad != 0 ? bad : (int64_t)sizeof one;
}

LINUX_FUNCTION (sched_setaffinity)
{
    uint64_t set = 0;
    int64_t bad  = linux_get (task, a[2], &set, a[1] < sizeof set ? a[1] : sizeof set);

    return bad != 0 ? bad : (set & 1) == 0 ? -EINVAL : 0;
}

LINUX_FUNCTION (getcpu)
{
    const uint32_t first = 0;
    int64_t bad          = a[0] != 0 ? linux_put (task, a[0], &first, sizeof first) : 0;

    return bad == 0 && a[1] != 0 ? linux_put (task, a[1], &first, sizeof first) : bad;
}

LINUX_FUNCTION (sched_getscheduler)
{
    (void)task;
    return (int32_t)a[0] < 0 ? -EINVAL : SCHED_OTHER;
}

LINUX_FUNCTION (sched_getparam)
{
    const int32_t priority = 0;

    return (int32_t)a[0] < 0 || a[1] == 0 ? -EINVAL
                                          : linux_put (task, a[1], &priority, sizeof priority);
}

static int64_t
priority_bound (uint64_t policy, int64_t real_time)
{
    switch (policy) {
    case SCHED_FIFO:
    case SCHED_RR:    return real_time;
    case SCHED_OTHER:
    case SCHED_BATCH:
    case SCHED_IDLE:  return 0;
    default:          return -EINVAL;
    }
}

LINUX_FUNCTION (sched_get_priority_max)
{
    (void)task;
    return priority_bound (a[0], 99);
}

LINUX_FUNCTION (sched_get_priority_min)
{
    (void)task;
    return priority_bound (a[0], 1);
}

/* 20 - the nice value, which is 0. */
LINUX_FUNCTION (getpriority)
{
    (void)task;
    return a[0] > PRIO_USER ? -EINVAL : 20;
}

LINUX_FUNCTION (setpriority)
{
    (void)task;
    return a[0] > PRIO_USER ? -EINVAL : 0;
}

LINUX_FUNCTION (personality)
{
    (void)task;
    return a[0] == UINT32_MAX || (uint32_t)a[0] == 0 ? 0 : -EINVAL;
}

/* ---- real, effective and saved: all one here ---- */

static int64_t
three (struct task *task, const uint64_t *a, uint32_t id)
{
    int64_t bad = 0;

    for (unsigned i = 0; bad == 0 && i < 3; i++)
        bad = linux_put (task, a[i], &id, sizeof id);
    return bad;
}

LINUX_FUNCTION (getresuid)
{
    return three (task, a, (uint32_t)linux_getuid (task, a));
}

LINUX_FUNCTION (getresgid)
{
    return three (task, a, (uint32_t)linux_getgid (task, a));
}

/* The effective one counts; -1 leaves things as they are. */
static int64_t
set_one (struct task *task, uint64_t real, uint64_t effective, linux_function *set)
{
    uint64_t id = (uint32_t)effective != UINT32_MAX ? (uint32_t)effective : (uint32_t)real;

    return (uint32_t)id == UINT32_MAX ? 0 : set (task, &id);
}

LINUX_FUNCTION (setreuid)
{
    return set_one (task, a[0], a[1], linux_setuid);
}

LINUX_FUNCTION (setregid)
{
    return set_one (task, a[0], a[1], linux_setgid);
}

LINUX_FUNCTION (setresuid)
{
    return set_one (task, a[0], a[1], linux_setuid);
}

LINUX_FUNCTION (setresgid)
{
    return set_one (task, a[0], a[1], linux_setgid);
}
