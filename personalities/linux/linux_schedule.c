/* linux_schedule: who gets the processor. A machine has one, and one policy for all. */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

#include "personalities/linux/linux.h"

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
