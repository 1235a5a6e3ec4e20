/* linux_usage: what a process, a thread, its children have used. All processor time is told
 * as the user's: what a call takes is not counted apart. */
#define _GNU_SOURCE
#include <sys/resource.h>

#include "personalities/linux/linux.h"

#define PAGE_KB (PAGE_BYTES / 1024)

int64_t
linux_put_usage (struct task *task, uint64_t address, const struct linux_usage *used)
{
    struct rusage usage = { 0 };

    usage.ru_utime.tv_sec = (time_t)(used->cpu_ns / 1000000000u);
    usage.ru_utime.tv_usec = (suseconds_t)(used->cpu_ns % 1000000000u / 1000);
    usage.ru_maxrss = (long)(used->peak * PAGE_KB);
    usage.ru_minflt = (long)(used->faults - used->slow);
    usage.ru_majflt = (long)used->slow;
    return linux_put (task, address, &usage, sizeof usage);
}

LINUX_FUNCTION (getrusage)
{
    struct process_times_req request = { .process = task->pid };
    struct process_times_rep reply;
    struct linux_usage usage;
    int32_t who = (int32_t)a[0];
    int64_t bad;

    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
        return -EINVAL;
    bad = linux_result (process_times (nucleus_link (INTERFACE_process), &request, &reply));
    if (bad != 0)
        return bad;
    if (who == RUSAGE_CHILDREN)
        usage = (struct linux_usage){ reply.children_ns, reply.children_faults,
                                      reply.children_slow, reply.children_peak };
    else if (who == RUSAGE_SELF)
        usage = (struct linux_usage){ reply.cpu_ns, reply.faults, reply.slow, reply.peak };
    else
        usage = (struct linux_usage){ CYCLES_TO_NS (task_processor_time (task)),
                                      task->use.faults, task->use.slow, reply.peak };
    return linux_put_usage (task, a[1], &usage);
}
