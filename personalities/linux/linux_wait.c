/* linux_wait: learning how children end, and signals that are waited for. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "personalities/linux/linux_siginfo.h"

#define PATIENT (WAIT_NO_HANG | WAIT_UNTRACED)

static int64_t
wait_for (struct task *task, int32_t which, uint32_t flags, struct process_wait_rep *reply)
{
    struct process_wait_req request = { .process = task->pid, .which = which, .flags = flags };

    return linux_result (process_wait (nucleus_link (INTERFACE_process), &request, reply));
}

/* What a child has used that has ended, and its children. */
static int64_t
put_usage (struct task *task, uint64_t address, const struct process_wait_rep *reply)
{
    const struct linux_usage used
        = { reply->cpu_ns, reply->faults, reply->slow, reply->peak };

    return address != 0 ? linux_put_usage (task, address, &used) : 0;
}

/* The process manager's flags of Linux's. */
static uint32_t
flags_of (uint64_t options)
{
    return (uint32_t)(options & PATIENT)
           | ((options & WCONTINUED) != 0 ? (uint32_t)WAIT_REPORT_CONTINUED : 0)
           | ((options & WNOWAIT) != 0 ? (uint32_t)WAIT_KEEP : 0);
}

LINUX_FUNCTION (wait4)
{
    struct process_wait_rep reply;
    int64_t bad;

    if ((a[2] & ~(uint64_t)(PATIENT | WCONTINUED)) != 0)
        return -EINVAL;
    bad = wait_for (task, (int32_t)a[0], flags_of (a[2]), &reply);
    if (bad == 0 && a[1] != 0 && reply.pid != 0)
        bad = linux_put (task, a[1], &reply.status, sizeof reply.status);
    if (bad == 0)
        bad = put_usage (task, a[3], &reply);
    return bad != 0 ? bad : reply.pid;
}

/* No news is all zeroes. */
static struct linux_siginfo
siginfo_of (const struct process_wait_rep *reply)
{
    struct signal_info info = { .signal = SIGCHLD,
                                .code   = WIFCONTINUED (reply->status)  ? SIGNAL_CHILD_CONTINUED
                                          : WIFSTOPPED (reply->status)  ? SIGNAL_CHILD_STOPPED
                                          : WIFSIGNALED (reply->status) ? SIGNAL_CHILD_KILLED
                                                                        : SIGNAL_CHILD_EXITED,
                                .pid    = reply->pid,
                                .uid    = reply->uid,
                                .status = reply->status };

    return reply->pid != 0 ? linux_siginfo_of (&info) : (struct linux_siginfo){ 0 };
}

LINUX_FUNCTION (waitid)
{
    const uint64_t known = WNOHANG | WSTOPPED | WEXITED | WCONTINUED | WNOWAIT;
    int32_t which        = a[0] == P_ALL   ? -1
                           : a[0] == P_PID ? (int32_t)a[1]
                                           : -(int32_t)a[1]; /* P_PGID; 0: one's own */
    struct process_wait_rep reply;
    struct linux_siginfo child;
    int64_t bad;

    if (a[0] > P_PGID || (a[3] & ~known) != 0 || (a[3] & (WEXITED | WSTOPPED | WCONTINUED)) == 0
        || (a[0] == P_PID && (int32_t)a[1] <= 0) || (a[0] == P_PGID && (int32_t)a[1] < 0))
        return -EINVAL;
    bad = wait_for (task, which,
                    flags_of (a[3]) | ((a[3] & WEXITED) == 0 ? (uint32_t)WAIT_NO_ENDED : 0), &reply);
    if (bad != 0)
        return bad;
    child = siginfo_of (&reply);
    bad   = a[2] != 0 ? linux_put (task, a[2], &child, sizeof child) : 0;
    return bad != 0 ? bad : put_usage (task, a[4], &reply);
}

/* ---- a signal, without handling it ---- */

static int64_t
wait_once (struct task *task, uint64_t until)
{
    struct clock_sleep_req request = { .duration_ns = until - CYCLES_TO_NS (here->token.now) };
    struct clock_sleep_rep reply;

    if (until == UINT64_MAX) {
        guest_park (task);
        return 0;
    }
    if (CYCLES_TO_NS (here->token.now) >= until)
        return -EAGAIN;
    clock_sleep (nucleus_link (INTERFACE_clock), &request, &reply);
    if (!task->ending)
        task_uninterrupt (task);
    return 0;
}

/* Those signals are blocked; meanwhile they may wake it. */
LINUX_FUNCTION (rt_sigtimedwait)
{
    struct guest *guest   = task->guest;
    uint64_t blocked      = guest->signals.blocked, until = UINT64_MAX, set;
    struct linux_siginfo told;
    struct signal_info info;
    int64_t time[2];
    int64_t bad = linux_get (task, a[0], &set, sizeof set);
    bool taken;

    if (bad == 0 && a[3] != 8)
        bad = -EINVAL;
    if (bad == 0 && a[2] != 0)
        bad = linux_get (task, a[2], time, sizeof time);
    if (bad != 0)
        return bad;
    if (a[2] != 0 && (time[0] < 0 || time[1] < 0 || time[1] >= 1000000000))
        return -EINVAL;
    if (a[2] != 0 && time[0] < 1000000000)
        until = CYCLES_TO_NS (here->token.now) + (uint64_t)time[0] * 1000000000u
                + (uint64_t)time[1];
    while (!(taken = linux_signal_take (task, set, &info)) && bad == 0) {
        guest->signals.blocked &= ~set;
        bad = guest_is_called (task) ? -EINTR : wait_once (task, until);
        guest->signals.blocked = blocked;
    }
    if (!taken)
        return bad;
    told = linux_siginfo_of (&info);
    bad  = a[1] != 0 ? linux_put (task, a[1], &told, sizeof told) : 0;
    return bad != 0 ? bad : info.signal;
}
