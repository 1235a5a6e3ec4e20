/* linux_siginfo: what a program is told of a signal, and the calls that send one. Who the sender
 * is, is the process manager's word. */
#define _GNU_SOURCE
#include "personalities/linux/linux_siginfo.h"

#include <signal.h>
#include <sys/wait.h>

#define TICK_NS 10000000u

static int32_t
status_of (const struct signal_info *info)
{
    switch (info->code) {
    case SIGNAL_CHILD_EXITED:  return WEXITSTATUS (info->status);
    case SIGNAL_CHILD_KILLED:  return WTERMSIG (info->status);
    case SIGNAL_CHILD_STOPPED: return WSTOPSIG (info->status);
    default:                   return SIGCONT;
    }
}

struct linux_siginfo
linux_siginfo_of (const struct signal_info *info)
{
    struct linux_siginfo out = { .signal = (int32_t)info->signal,
                                 .code   = info->code,
                                 .pid    = (int32_t)info->pid,
                                 .uid    = info->uid };

    if (info->signal == SIGCHLD && info->code > 0 && info->code != SIGNAL_FROM_SYSTEM) {
        out.status = status_of (info);
        out.user   = (int64_t)(info->cpu_ns / TICK_NS);
    } else if (info->timer != 0) {
        out.timer   = (int32_t)(info->timer - 1);
        out.overrun = (int32_t)info->status;
        out.value   = info->value;
    } else {
        out.value = info->value;
    }
    return out;
}

bool
linux_signal_take (struct task *task, uint64_t wanted, struct signal_info *info)
{
    if (!guest_signal_take (task, wanted, info))
        return false;
    if (info->timer != 0)
        linux_timer_seen (task, info);
    else if (info->signal == SIGALRM)
        linux_alarm_again (task);
    return true;
}

/* ---- sending ---- */

static int64_t
send (struct task *task, struct process_kill_req *request)
{
    struct process_kill_rep reply;

    request->process = task->pid;
    return linux_result (process_kill (nucleus_link (INTERFACE_process), request, &reply));
}

void
linux_signal_self (struct task *task, uint32_t signal)
{
    struct process_kill_req request = { .target = (int32_t)task->pid, .signal = signal };

    send (task, &request);
}

LINUX_FUNCTION (kill)
{
    struct process_kill_req request
        = { .target = (int32_t)a[0], .signal = (uint32_t)a[1], .code = SIGNAL_FROM_PROCESS };

    return send (task, &request);
}

/* To one thread, of that process if it is named. What that thread does not want to see itself is
 * its process's business. */
static int64_t
send_to_thread (struct task *task, uint64_t process, uint64_t tid,
                struct process_kill_req *request)
{
    const struct task *to = guest_find_thread ((uint32_t)tid);

    if ((int32_t)tid <= 0 || (int32_t)process < 0)
        return -EINVAL;
    if (to == NULL ? process != 0 && process != tid : process != 0 && to->pid != process)
        return -ESRCH;
    request->target = (int32_t)(to != NULL ? to->pid : tid);
    if (to != NULL && request->signal != 0 && request->signal < GUEST_SIGNALS
        && linux_signal_is_wanted (to, request->signal))
        request->thread = (uint32_t)tid;
    return send (task, request);
}

LINUX_FUNCTION (tkill)
{
    struct process_kill_req request = { .signal = (uint32_t)a[1], .code = SIGNAL_TO_THREAD };

    return send_to_thread (task, 0, a[0], &request);
}

LINUX_FUNCTION (tgkill)
{
    struct process_kill_req request = { .signal = (uint32_t)a[2], .code = SIGNAL_TO_THREAD };

    return (int32_t)a[0] <= 0 ? -EINVAL : send_to_thread (task, a[0], a[1], &request);
}

/* What the sender wants to be told with it. Only to itself it may say what the kernel says; and
 * what that says, it does not say through here. */
static int64_t
get_told (struct task *task, uint64_t address, struct process_kill_req *request)
{
    struct linux_siginfo info;
    int64_t bad = linux_get (task, address, &info, sizeof info);

    if (bad != 0)
        return bad;
    if (info.code >= 0 || info.code == SI_TKILL)
        return -EPERM;
    request->code  = info.code;
    request->value = info.value;
    return 0;
}

LINUX_FUNCTION (rt_sigqueueinfo)
{
    struct process_kill_req request = { .target = (int32_t)a[0], .signal = (uint32_t)a[1] };
    int64_t bad                     = get_told (task, a[2], &request);

    if (bad != 0)
        return bad;
    return request.target <= 0 ? -ESRCH : send (task, &request);
}

LINUX_FUNCTION (rt_tgsigqueueinfo)
{
    struct process_kill_req request = { .signal = (uint32_t)a[2] };
    int64_t bad                     = get_told (task, a[3], &request);

    if (bad != 0)
        return bad;
    return (int32_t)a[0] <= 0 ? -EINVAL : send_to_thread (task, a[0], a[1], &request);
}
