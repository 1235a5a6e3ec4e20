/* linux_wait: learning how children end, and signals that are waited for. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "personalities/linux/linux.h"

#define PATIENT (WAIT_NO_HANG | WAIT_UNTRACED)

static int64_t
wait_for (struct task *task, int32_t which, uint32_t flags, struct process_wait_rep *reply)
{
    struct process_wait_req request = { .process = task->pid, .which = which, .flags = flags };

    return linux_result (process_wait (nucleus_link (INTERFACE_process), &request, reply));
}

static int64_t
put_usage (struct task *task, uint64_t address)
{
    struct rusage none = { 0 };

    return address != 0 ? linux_put (task, address, &none, sizeof none) : 0;
}

LINUX_FUNCTION (wait4)
{
    struct process_wait_rep reply;
    int64_t bad;

    if ((a[2] & ~(uint64_t)(PATIENT | WCONTINUED)) != 0)
        return -EINVAL;
    bad = wait_for (task, (int32_t)a[0], (uint32_t)a[2] & PATIENT, &reply);
    if (bad == 0 && a[1] != 0 && reply.pid != 0)
        bad = linux_put (task, a[1], &reply.status, sizeof reply.status);
    if (bad == 0)
        bad = put_usage (task, a[3]);
    return bad != 0 ? bad : reply.pid;
}

/* As Linux writes it. */
struct linux_child {
    int32_t signal, error, code, pad;
    int32_t pid;
    uint32_t uid;
    int32_t status;
    uint8_t rest[100];
};

_Static_assert (sizeof (struct linux_child) == 128, "as Linux has it");

static struct linux_child
child_of (const struct process_wait_rep *reply)
{
    struct linux_child child = { 0 };

    if (reply->pid == 0)
        return child; /* no news */
    child.signal = SIGCHLD;
    child.pid    = (int32_t)reply->pid;
    child.code   = WIFSTOPPED (reply->status)    ? CLD_STOPPED
                   : WIFSIGNALED (reply->status) ? CLD_KILLED
                                                 : CLD_EXITED;
    child.status = WIFSTOPPED (reply->status)    ? WSTOPSIG (reply->status)
                   : WIFSIGNALED (reply->status) ? WTERMSIG (reply->status)
                                                 : WEXITSTATUS (reply->status);
    return child;
}

LINUX_FUNCTION (waitid)
{
    const uint64_t known = WNOHANG | WSTOPPED | WEXITED | WCONTINUED;
    int32_t which        = a[0] == P_ALL   ? -1
                           : a[0] == P_PID ? (int32_t)a[1]
                                           : -(int32_t)a[1]; /* P_PGID; 0: one's own */
    struct process_wait_rep reply;
    struct linux_child child;
    int64_t bad;

    if (a[0] > P_PGID || (a[3] & ~known) != 0 || (a[3] & WEXITED) == 0
        || (a[0] == P_PID && (int32_t)a[1] <= 0) || (a[0] == P_PGID && (int32_t)a[1] < 0))
        return -EINVAL;
    bad = wait_for (task, which,
                    ((a[3] & WNOHANG) != 0 ? WAIT_NO_HANG : 0)
                        | ((a[3] & WSTOPPED) != 0 ? WAIT_UNTRACED : 0),
                    &reply);
    if (bad != 0)
        return bad;
    child = child_of (&reply);
    bad   = a[2] != 0 ? linux_put (task, a[2], &child, sizeof child) : 0;
    return bad != 0 ? bad : put_usage (task, a[4]);
}

/* ---- a signal, without handling it ---- */

static uint32_t
take_one (struct task *task, uint64_t set)
{
    struct guest *guest = task->guest;
    uint64_t there      = (guest->signals.pending | guest->group->pending) & set;
    uint64_t bit        = there & -there;

    if (there == 0)
        return 0;
    if ((guest->signals.pending & bit) != 0)
        guest->signals.pending &= ~bit;
    else
        guest->group->pending &= ~bit;
    return (uint32_t)__builtin_ctzll (bit) + 1;
}

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
    struct linux_child info = { 0 };
    int64_t time[2];
    int64_t bad = linux_get (task, a[0], &set, sizeof set);
    uint32_t signal;

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
    while ((signal = take_one (task, set)) == 0 && bad == 0) {
        guest->signals.blocked &= ~set;
        if (guest_is_called (task))
            bad = take_one (task, set) == 0 ? -EINTR : 0;
        else
            bad = wait_once (task, until);
        guest->signals.blocked = blocked;
    }
    if (signal == 0)
        return bad;
    info.signal = (int32_t)signal;
    bad         = a[1] != 0 ? linux_put (task, a[1], &info, sizeof info) : 0;
    return bad != 0 ? bad : signal;
}
