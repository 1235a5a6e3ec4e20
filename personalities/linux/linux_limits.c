/* linux_limits: what a program may use. The process manager knows it, and says who may
 * change it. */
#include <sys/resource.h>

#include "personalities/linux/linux.h"

_Static_assert (RLIM_NLIMITS == (int)LIMITS && RLIMIT_AS == (int)LIMIT_MEMORY
                   && RLIMIT_RTTIME == (int)LIMIT_TIMEOUT
                   && sizeof (struct rlimit) == sizeof (struct limit),
               "limits have Linux's numbers");

/* wanted: NULL, or the new one; *before is the old one. */
static int64_t
exchange (const struct task *task, uint64_t pid, uint64_t which, const struct limit *wanted,
          struct limit *before)
{
    struct process_limit_req request
        = { .process = task->pid, .pid = (uint32_t)pid, .which = (uint32_t)which };
    struct process_limit_rep reply;
    int64_t bad;

    if (wanted != NULL) {
        request.set = 1;
        request.soft = wanted->soft;
        request.hard = wanted->hard;
    }
    bad = linux_result (process_limit (nucleus_link (INTERFACE_process), &request, &reply));
    if (bad == 0)
        *before = (struct limit){ reply.soft, reply.hard };
    return bad;
}

LINUX_FUNCTION (getrlimit)
{
    struct limit limit;
    int64_t bad = exchange (task, 0, a[0], NULL, &limit);

    return bad != 0 ? bad : linux_put (task, a[1], &limit, sizeof limit);
}

LINUX_FUNCTION (setrlimit)
{
    struct limit limit;
    int64_t bad = linux_get (task, a[1], &limit, sizeof limit);

    return bad != 0 ? bad : exchange (task, 0, a[0], &limit, &limit);
}

LINUX_FUNCTION (prlimit64)
{
    struct limit wanted, before;
    int64_t bad = a[2] != 0 ? linux_get (task, a[2], &wanted, sizeof wanted) : 0;

    if (bad == 0)
        bad = exchange (task, a[0], a[1], a[2] != 0 ? &wanted : NULL, &before);
    return bad == 0 && a[3] != 0 ? linux_put (task, a[3], &before, sizeof before) : bad;
}
