/* pm: the process manager. Provides process; needs kernel for tasks, file for descriptors,
 * clock for alarms and log, the last two if they are there.
 *
 * It keeps who runs (table.c), and says how processes come to be (spawn.c), how they end
 * and who learns of it (wait.c), what signals do (kill.c), who a process is (identity.c), what it
 * may use (limit.c), and how nice it is (nice.c). A pid comes back only after
 * four million others. Calls for one process go on while those for another block.
 *
 * Keeps across a crash: what its arena keeps, which is all of it: the table, the children
 * that nobody has waited for, the waits that have not been answered.
 */
#include "pm/pm.h"

#include <string.h>

#define CYCLES_LOOK_UP 150u

static enum status
pm_ignore (Component *self, struct call *call, const struct process_ignore_req *req,
           struct process_ignore_rep *rep)
{
    struct process *process = pm_find (component_state (self), req->process);

    (void)call;
    component_charge (self, CYCLES_LOOK_UP);
    if (process == NULL)
        return ERR_NO_PROCESS;
    rep->ignored = process->ignored;
    process->ignored
        = req->ignored & ~(SIGNAL_BIT (SIGNAL_KILL) | SIGNAL_BIT (SIGNAL_STOP));
    return OK;
}

static enum status
pm_info (Component *self, struct call *call, const struct process_info_req *req,
         struct process_info_rep *rep)
{
    const struct process *process = pm_find (component_state (self), req->process);

    (void)call;
    component_charge (self, CYCLES_LOOK_UP);
    if (process == NULL)
        return ERR_NO_PROCESS;
    rep->pid = process->pid;
    rep->parent = process->parent != NULL ? process->parent->pid : 0;
    rep->group = process->group;
    rep->session = process->session;
    rep->uid = process->uids.real;
    rep->gid = process->gids.real;
    rep->effective_uid = process->uids.effective;
    rep->effective_gid = process->gids.effective;
    rep->saved_uid = process->uids.saved;
    rep->saved_gid = process->gids.saved;
    rep->files_uid = process->uids.files;
    rep->files_gid = process->gids.files;
    rep->nice = process->nice;
    return OK;
}

/* As setpgid(2). */
static enum status
pm_setgroup (Component *self, struct call *call, const struct process_setgroup_req *req,
             struct process_setgroup_rep *rep)
{
    const struct pm *pm = component_state (self);
    const struct process *caller = pm_find (pm, req->process);
    struct process *process = pm_find (pm, req->pid != 0 ? req->pid : req->process);
    uint32_t group;

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_LOOK_UP);
    if (process == NULL || process->life == PM_ZOMBIE)
        return ERR_NO_PROCESS;
    if (req->process != 0) {
        if (process != caller && process->parent != caller)
            return ERR_NO_PROCESS;
        if (process->session != caller->session)
            return ERR_NOT_PERMITTED;
        if (process != caller && process->executed)
            return ERR_ACCESS;
    }
    group = req->group != 0 ? req->group : process->pid;
    if (group > PM_PID_MAX)
        return ERR_INVALID;
    if (process->session == process->pid)
        return ERR_NOT_PERMITTED;
    if (group == process->group)
        return OK;
    if (group != process->pid && !pm_group_exists (pm, group, process->session))
        return ERR_NOT_PERMITTED;
    process->group = group;
    return OK;
}

struct pm_use
pm_used (Component *self, const struct process *process)
{
    struct kernel_task_info_req req = { .task = process->task };
    struct kernel_task_info_rep rep;

    if (process->life != PM_LIVE && process->life != PM_ENDING)
        return process->use;
    if (kernel_task_info (component_link (self, PM_KERNEL), &req, &rep) != OK)
        return (struct pm_use){ 0 };
    return (struct pm_use){ rep.cpu_ns, rep.faults, rep.slow, rep.peak };
}

void
pm_use_add (struct pm_use *use, const struct pm_use *more)
{
    use->cpu_ns += more->cpu_ns;
    use->faults += more->faults;
    use->slow += more->slow;
    if (more->peak > use->peak)
        use->peak = more->peak;
}

static enum status
pm_times (Component *self, struct call *call, const struct process_times_req *req,
          struct process_times_rep *rep)
{
    const struct process *process = pm_find (component_state (self), req->process);
    struct pm_use use, children;

    (void)call;
    component_charge (self, CYCLES_LOOK_UP);
    if (process == NULL)
        return ERR_NO_PROCESS;
    children             = process->children;
    use                  = pm_used (self, process);
    rep->cpu_ns          = use.cpu_ns;
    rep->faults          = use.faults;
    rep->slow            = use.slow;
    rep->peak            = use.peak;
    rep->children_ns     = children.cpu_ns;
    rep->children_faults = children.faults;
    rep->children_slow   = children.slow;
    rep->children_peak   = children.peak;
    return OK;
}

static enum status
pm_list (Component *self, struct call *call, const struct process_list_req *req,
         struct process_list_rep *rep)
{
    const struct pm *pm = component_state (self);
    uint32_t room = req->into.length / sizeof (struct process_row);
    uint32_t count = 0;
    const struct process *process;

    (void)call;
    for (uint32_t pid = req->first; count < room; count++) {
        struct process_row row = { 0 };

        process = pm_find_from (pm, pid);
        if (process == NULL)
            break;
        pid = process->pid + 1;
        row.pid = process->pid;
        row.parent = process->parent != NULL ? process->parent->pid : 0;
        row.group = process->group;
        row.uid = process->uids.effective;
        row.task = process->task;
        row.start_ns = process->start_ns;
        row.state = process->life == PM_ZOMBIE ? PROCESS_ZOMBIE
                    : process->stopped         ? PROCESS_STOPPED
                                               : PROCESS_RUNNING;
        memcpy (row.name, process->name, sizeof row.name);
        row.cpu_ns = pm_used (self, process).cpu_ns;
        memcpy ((char *)req->into.data + count * sizeof row, &row, sizeof row);
        component_charge (self, CYCLES_LOOK_UP);
    }
    rep->done = count * (uint32_t)sizeof (struct process_row);
    return OK;
}

static enum status
pm_exec (Component *self, struct call *call, const struct process_exec_req *req,
         struct process_exec_rep *rep)
{
    struct process *process = pm_find (component_state (self), req->process);
    uint32_t length = req->from.length;

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_LOOK_UP);
    if (process == NULL)
        return ERR_NO_PROCESS;
    if (length > sizeof process->name - 1)
        length = sizeof process->name - 1;
    memset (process->name, 0, sizeof process->name);
    memcpy (process->name, req->from.data, length);
    if (req->keep == 0) { /* else it only has another name */
        process->executed = true;
        pm_identity_exec (self, process, req->become, req->uid, req->gid);
    }
    return OK;
}

static enum status
pm_lead (Component *self, struct call *call, const struct process_lead_req *req,
         struct process_lead_rep *rep)
{
    struct process *process = pm_find (component_state (self), req->process);

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_LOOK_UP);
    if (process == NULL || process->life != PM_LIVE)
        return ERR_NO_PROCESS;
    process->task = req->task;
    return OK;
}

static enum status
pm_catch (Component *self, struct call *call, const struct process_catch_req *req,
          struct process_catch_rep *rep)
{
    struct process *process = pm_find (component_state (self), req->process);
    const uint64_t never = SIGNAL_BIT (SIGNAL_KILL) | SIGNAL_BIT (SIGNAL_STOP);

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_LOOK_UP);
    if (process == NULL)
        return ERR_NO_PROCESS;
    process->caught = req->caught & ~never;
    process->ignored = req->ignored & ~never;
    return OK;
}

/* As setsid(2). */
static enum status
pm_session (Component *self, struct call *call, const struct process_session_req *req,
            struct process_session_rep *rep)
{
    struct pm *pm = component_state (self);
    struct process *process = pm_find (pm, req->process);

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_LOOK_UP);
    if (process == NULL)
        return ERR_NO_PROCESS;
    for (const struct process *other = pm->first; other != NULL; other = other->pid_next)
        if (other->group == process->pid)
            return ERR_NOT_PERMITTED;
    process->session = process->group = process->pid;
    return OK;
}

static const struct process_ops pm_process = {
    .spawn = pm_spawn,
    .exit = pm_exit,
    .wait = pm_wait,
    .kill = pm_kill,
    .expire = pm_expire,
    .ignore = pm_ignore,
    .info = pm_info,
    .setgroup = pm_setgroup,
    .setids = pm_setids,
    .groups = pm_groups,
    .list = pm_list,
    .times = pm_times,
    .fork = pm_fork,
    .exec = pm_exec,
    .lead = pm_lead,
    .limit = pm_limit,
    .nice = pm_nice,
    .catch = pm_catch,
    .session = pm_session,
};

const struct component_class pm_class = {
    .name = "pm",
    .summary = "keeps the processes: who runs, who is whose parent, how each one ended",
    .state_bytes = sizeof (struct pm),
    .provides = { { INTERFACE_process, &pm_process } },
    .needs = { { "kernel", INTERFACE_kernel, NEED_ONE },
               { "files", INTERFACE_file, NEED_ONE },
               { "clock", INTERFACE_clock, NEED_OPTIONAL },
               { "log", INTERFACE_log, NEED_OPTIONAL } },
    .cancel = pm_cancel,
};
