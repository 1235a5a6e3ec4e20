/* linux_schedule: who gets the processor. A machine has one, and one policy for all. */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>

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

/* ---- how nice processes are ---- */

static int64_t
nice_of (const struct task *task, struct process_nice_req *request, int32_t *value)
{
    struct process_nice_rep reply;
    int64_t bad;

    request->process = task->pid;
    bad = linux_result (process_nice (nucleus_link (INTERFACE_process), request, &reply));
    if (bad == 0)
        *value = reply.value;
    return bad;
}

/* Nobody's is below 0, told so. */
LINUX_FUNCTION (getpriority)
{
    struct process_nice_req request = { .which = (uint32_t)a[0], .who = (uint32_t)a[1] };
    int32_t value;
    int64_t bad = nice_of (task, &request, &value);

    return bad != 0 ? bad : 20 - value;
}

LINUX_FUNCTION (setpriority)
{
    struct process_nice_req request = { .which = (uint32_t)a[0],
                                        .who   = (uint32_t)a[1],
                                        .set   = 1,
                                        .value = (int32_t)a[2] };
    int32_t value;

    return nice_of (task, &request, &value);
}

LINUX_FUNCTION (personality)
{
    (void)task;
    return a[0] == UINT32_MAX || (uint32_t)a[0] == 0 ? 0 : -EINVAL;
}
