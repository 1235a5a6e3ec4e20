/* kill: signals. Programs have no handlers, so a signal is its default action, or nothing.
 *
 * Ending and stopping are the nucleus's work. A process that is not ready for it yet
 * (BORN), or must not be woken for it (stopped), keeps the signal and gets it later. Calls
 * to the nucleus block, so no pointer to a process is used after one: processes are found
 * again by pid and birth.
 */
#include "pm/pm.h"

#define CYCLES_KILL 500u

enum pm_action { PM_TERMINATE, PM_IGNORE, PM_STOP, PM_CONTINUE };

static enum pm_action
pm_action (uint32_t signal)
{
    switch (signal) {
    case SIGNAL_CHILD:
    case 23: /* urgent data */
    case 28: /* window size */
        return PM_IGNORE;
    case SIGNAL_STOP:
    case 20: /* from the keyboard */
    case 21: /* read by the background */
    case 22: /* written by the background */
        return PM_STOP;
    case SIGNAL_CONTINUE:
        return PM_CONTINUE;
    default:
        return PM_TERMINATE;
    }
}

static struct process *
pm_find_again (Component *self, uint32_t pid, uint64_t birth)
{
    struct process *process = pm_find (component_state (self), pid);

    return process != NULL && process->birth == birth && process->life == PM_LIVE ? process
                                                                                  : NULL;
}

static void
pm_stop_task (Component *self, uint32_t task, uint32_t stop)
{
    struct kernel_task_stop_req req = { .task = task, .stop = stop };
    struct kernel_task_stop_rep rep;

    kernel_task_stop (component_link (self, PM_KERNEL), &req, &rep);
}

/* LIVE: it ends as soon as it is outside of all components. */
static void
pm_end (Component *self, struct process *process, uint32_t signal)
{
    struct kernel_task_kill_req req
        = { .task = process->task, .reason = WAIT_KILLED (signal) };
    struct kernel_task_kill_rep rep;
    uint32_t pid = process->pid;
    uint64_t birth = process->birth;
    bool stopped = process->stopped;

    process->killed = true;
    process->stopped = false;
    process->stop_report = 0;
    process->continued = false;
    kernel_task_kill (component_link (self, PM_KERNEL), &req, &rep);
    if (stopped && pm_find_again (self, pid, birth) != NULL)
        pm_stop_task (self, req.task, 0);
}

static void
pm_terminate (Component *self, struct process *process, uint32_t signal)
{
    bool at_once = signal == SIGNAL_KILL;

    if (process->killed)
        return;
    if (process->life == PM_BORN || (process->stopped && !at_once)) {
        if (process->kill_wanted == 0 || at_once)
            process->kill_wanted = signal;
        return;
    }
    pm_end (self, process, signal);
}

/* Nobody outside the group, in its session, could ever continue it. */
static bool
pm_is_orphaned (const struct pm *pm, uint32_t group)
{
    for (const struct process *process = pm->first; process != NULL;
         process = process->pid_next)
        if (process->group == group && process->parent != NULL
            && process->parent->group != group
            && process->parent->session == process->session)
            return false;
    return true;
}

struct signal_info
pm_news_of (const struct process *child, int32_t code, uint32_t status)
{
    return (struct signal_info){ .signal = SIGNAL_CHILD,
                                 .code = code,
                                 .pid = child->pid,
                                 .uid = child->uids.real,
                                 .status = status,
                                 .cpu_ns = child->use.cpu_ns };
}

/* It has stopped, or goes on. May block. */
static void
pm_tell_parent (Component *self, struct process *child, int32_t code, uint32_t status)
{
    struct signal_info news = pm_news_of (child, code, status);
    uint32_t parent = child->parent != NULL ? child->parent->pid : 0;

    pm_wake_waiters (self, child->parent);
    if (parent != 0)
        pm_notify (self, parent, &news);
}

static void
pm_stop (Component *self, struct process *process, uint32_t signal)
{
    uint32_t pid = process->pid;
    uint64_t birth = process->birth;

    if (process->killed || process->stopped)
        return;
    if (signal != SIGNAL_STOP && pm_is_orphaned (component_state (self), process->group))
        return;
    if (process->life == PM_BORN) {
        process->stop_wanted = signal;
        return;
    }
    process->stopped = true;
    process->stop_report = signal;
    process->continued = false;
    pm_stop_task (self, process->task, 1);
    process = pm_find_again (self, pid, birth);
    if (process != NULL && process->stopped)
        pm_tell_parent (self, process, SIGNAL_CHILD_STOPPED, WAIT_STOPPED (signal));
}

static void
pm_continue (Component *self, struct process *process)
{
    uint32_t pid = process->pid;
    uint64_t birth = process->birth;

    process->stop_wanted = 0;
    if (!process->stopped)
        return;
    if (process->kill_wanted != 0) {
        pm_end (self, process, process->kill_wanted);
        return;
    }
    process->stopped = false;
    process->stop_report = 0;
    process->continued = true;
    pm_stop_task (self, process->task, 0);
    process = pm_find_again (self, pid, birth);
    if (process != NULL && !process->stopped)
        pm_tell_parent (self, process, SIGNAL_CHILD_CONTINUED, WAIT_CONTINUED);
}

/* A program that handles or blocks a signal gets it from the nucleus. thread: as in kill. */
static bool
pm_is_caught (const struct process *process, uint32_t thread, uint32_t signal)
{
    return process->life == PM_LIVE && !process->killed && signal != SIGNAL_KILL
           && signal != SIGNAL_STOP
           && (thread != 0 || (process->caught & SIGNAL_BIT (signal)) != 0);
}

/* Continuing goes on beside that; a stopped program sees the rest when it goes on. */
static enum status
pm_tell_task (Component *self, struct process *process, uint32_t thread,
              const struct signal_info *info)
{
    struct kernel_task_signal_req req
        = { .task = process->task, .thread = thread, .info = *info };
    struct kernel_task_signal_rep rep;

    if (pm_action (info->signal) == PM_CONTINUE)
        pm_continue (self, process);
    return kernel_task_signal (component_link (self, PM_KERNEL), &req, &rep) == ERR_AGAIN
               ? ERR_AGAIN
               : OK;
}

/* What the signal does to a program that does not handle it. May block. */
static void
pm_default (Component *self, struct process *process, uint32_t signal, bool by_itself)
{
    enum pm_action action = pm_action (signal);

    if (process->pid == PM_INIT && !by_itself && action != PM_CONTINUE)
        return;
    if (action == PM_CONTINUE) {
        pm_continue (self, process);
        return;
    }
    if ((process->ignored & SIGNAL_BIT (signal)) != 0)
        return;
    if (action == PM_TERMINATE)
        pm_terminate (self, process, signal);
    else if (action == PM_STOP)
        pm_stop (self, process, signal);
}

/* The signal's effect on a process that the caller may send it to. May block. */
static enum status
pm_signal (Component *self, struct process *process, uint32_t thread,
           const struct signal_info *info, bool by_itself)
{
    uint32_t signal = info->signal;

    if (signal == 0 || (process->life != PM_BORN && process->life != PM_LIVE))
        return OK;
    if (pm_is_caught (process, thread, signal))
        return pm_tell_task (self, process, thread, info);
    pm_default (self, process, signal, by_itself);
    return OK;
}

void
pm_notify (Component *self, uint32_t pid, const struct signal_info *info)
{
    struct process *process = pm_find (component_state (self), pid);

    if (process != NULL && pm_is_caught (process, 0, info->signal))
        pm_tell_task (self, process, 0, info);
}

void
pm_deliver_wanted (Component *self, uint32_t pid)
{
    struct process *process = pm_find (component_state (self), pid);
    uint32_t stop, kill;

    if (process == NULL || process->life != PM_LIVE)
        return;
    stop = process->stop_wanted;
    kill = process->kill_wanted;
    process->stop_wanted = 0;
    if (kill != 0 && (stop == 0 || kill == SIGNAL_KILL)) {
        process->kill_wanted = 0;
        pm_terminate (self, process, kill);
    } else if (stop != 0) {
        pm_stop (self, process, stop);
    } else if (process->stopped) {
        /* Stopped between getting its task and its first step, which undid that. */
        pm_stop_task (self, process->task, 1);
    }
}

/* ---- who, and whether ---- */

/* The sender, as it was when it called: it may change while the call blocks. */
struct pm_sender {
    uint32_t pid; /* 0: the machine */
    uint32_t uid, effective;
    uint32_t group;
    uint32_t session;
};

static bool
pm_may_signal (const struct pm_sender *sender, const struct process *process,
               uint32_t signal)
{
    const struct pm_ids *to = &process->uids;

    if (sender->pid == 0 || sender->effective == 0 || sender->effective == to->saved
        || sender->effective == to->real || sender->uid == to->saved || sender->uid == to->real)
        return true;
    return signal == SIGNAL_CONTINUE && sender->session == process->session;
}

static enum status
pm_kill_many (Component *self, const struct pm_sender *sender, int32_t target,
              const struct signal_info *info)
{
    struct pm *pm = component_state (self);
    bool everybody = target == -1 && sender->pid != 0;
    uint32_t group = target == 0 ? sender->group : (uint32_t) - (int64_t)target;
    uint64_t births_so_far = pm->births; /* those who come later are not meant */
    enum status status = ERR_NO_PROCESS;
    struct process *process;

    for (uint32_t pid = 1; (process = pm_find_from (pm, pid)) != NULL;) {
        pid = process->pid + 1;
        if (process->birth > births_so_far)
            continue;
        if (everybody ? process->pid == PM_INIT || process->pid == sender->pid
                      : process->group != group)
            continue;
        if (pm_may_signal (sender, process, info->signal)) {
            status = OK;
            pm_signal (self, process, 0, info, process->pid == sender->pid);
        } else if (status != OK) {
            status = ERR_NOT_PERMITTED;
        }
    }
    return status;
}

enum status
pm_kill (Component *self, struct call *call, const struct process_kill_req *req,
         struct process_kill_rep *rep)
{
    struct pm *pm = component_state (self);
    struct process *caller = pm_find (pm, req->process);
    struct pm_sender sender = { 0 };
    struct signal_info info = { .signal = req->signal, .code = SIGNAL_FROM_SYSTEM };
    struct process *process;

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_KILL);
    if (req->signal >= SIGNAL_COUNT || (req->process != 0 && req->code > 0))
        return ERR_INVALID;
    if (req->process != 0 && caller == NULL)
        return ERR_NO_PROCESS;
    if (caller != NULL) {
        sender = (struct pm_sender){ .pid = caller->pid,
                                     .uid = caller->uids.real,
                                     .effective = caller->uids.effective,
                                     .group = caller->group,
                                     .session = caller->session };
        info = (struct signal_info){ .signal = req->signal,
                                     .code = req->code,
                                     .pid = caller->pid,
                                     .uid = caller->uids.real,
                                     .value = req->value };
    }
    if (req->target <= 0)
        return pm_kill_many (self, &sender, req->target, &info);
    process = pm_find (pm, (uint32_t)req->target);
    if (process == NULL)
        return ERR_NO_PROCESS;
    if (!pm_may_signal (&sender, process, req->signal))
        return ERR_NOT_PERMITTED;
    return pm_signal (self, process, req->thread, &info, process == caller);
}

enum status
pm_expire (Component *self, struct call *call, const struct process_expire_req *req,
           struct process_expire_rep *rep)
{
    struct process *process = pm_find (component_state (self), req->process);

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_KILL);
    if (req->info.signal == 0 || req->info.signal >= SIGNAL_COUNT)
        return ERR_INVALID;
    if (process == NULL)
        return ERR_NO_PROCESS;
    return pm_signal (self, process, req->thread, &req->info, false);
}
