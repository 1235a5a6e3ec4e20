/* spawn: how a process comes to be.
 *
 * In the order pid, files, task, go. Each step may block, so the new process is in the
 * table as BORN from the first one on: it can be found, be given signals, and be adopted
 * when its parent ends. Whatever fails, the steps already made are undone and nothing is
 * left. A fork is the same with another third step.
 */
#include <string.h>

#include "pm/pm.h"

#define CYCLES_SPAWN 9000u

/* Where the strings of the grant end, or 0 if they are not 1 + arguments + environment. */
static uint32_t
pm_strings_end (const struct process_spawn_req *req)
{
    const char *data = req->from.data;
    uint64_t wanted = 1 + (uint64_t)req->argument_count + req->environment_count;
    uint32_t end = 0;

    if (req->action_offset > req->from.length)
        return 0;
    for (; wanted > 0; wanted--) {
        const char *zero = end < req->action_offset
                               ? memchr (data + end, '\0', req->action_offset - end)
                               : NULL;

        if (zero == NULL)
            return 0;
        end = (uint32_t)(zero - data) + 1;
    }
    return end;
}

/* The last part of the program's path, cut to fit. */
static void
pm_set_name (struct process *process, const char *path)
{
    const char *slash = strrchr (path, '/');
    const char *name = slash != NULL && slash[1] != '\0' ? slash + 1 : path;
    size_t length = strlen (name);

    if (length > sizeof process->name - 1)
        length = sizeof process->name - 1;
    memset (process->name, 0, sizeof process->name);
    memcpy (process->name, name, length);
}

/* What a child has from its parent; NULL is the machine, whose children are root's. */
static enum status
pm_inherit (Component *self, const struct pm *pm, struct process *child, const struct process *from,
            uint32_t group)
{
    child->session = from != NULL ? from->session : child->pid;
    if (from != NULL) {
        if (!pm_identity_inherit (self, child, from))
            return ERR_NO_MEMORY;
        child->ignored = from->ignored;
        child->nice = from->nice;
        memcpy (child->limits, from->limits, sizeof child->limits);
    }
    if (group > 1) {
        if (!pm_group_exists (pm, group, child->session))
            return ERR_NOT_PERMITTED;
        child->group = group;
    } else {
        child->group = group == 1 || from == NULL ? child->pid : from->group;
    }
    return OK;
}

/* The child does not come to be. */
static void
pm_unborn (Component *self, struct process *child)
{
    struct process *parent = child->parent;

    pm_remove (self, child);
    pm_wake_waiters (self, parent); /* it may have been the last one to wait for */
}

static void
pm_release_files (Component *self, uint32_t pid)
{
    struct file_release_req release = { .process = pid };
    struct file_release_rep nothing;

    file_release (component_link (self, PM_FILES), &release, &nothing);
}

static enum status
pm_make_task (Component *self, const struct process_spawn_req *req, struct process *child)
{
    struct kernel_task_make_req make = {
        .pid = child->pid,
        .argument_count = req->argument_count,
        .environment_count = req->environment_count,
        .from = { .data = req->from.data, .length = req->action_offset },
    };
    struct kernel_task_make_rep made;
    enum status status = kernel_task_make (component_link (self, PM_KERNEL), &make, &made);

    if (status != OK)
        return status;
    child->task = made.task;
    pm_identity_exec (self, child, made.become, made.uid, made.gid);
    return OK;
}

static enum status
pm_run_task (Component *self, struct process *child)
{
    struct kernel_task_run_req run = { .task = child->task };
    struct kernel_task_run_rep running;
    struct kernel_task_kill_req kill
        = { .task = child->task, .reason = WAIT_KILLED (SIGNAL_KILL) };
    struct kernel_task_kill_rep killed;
    uint32_t pid = child->pid;
    uint64_t birth = child->birth;
    enum status status;

    /* From here on it may run, end, and be waited for while this call is still under way.
     */
    child->life = PM_LIVE;
    status = kernel_task_run (component_link (self, PM_KERNEL), &run, &running);
    if (status == OK)
        return OK;
    child = pm_find (component_state (self), pid);
    if (child == NULL || child->birth != birth || child->life != PM_LIVE)
        return OK; /* it has run, whatever the answer says, and has ended */
    child->life = PM_ENDING;
    kernel_task_kill (component_link (self, PM_KERNEL), &kill, &killed);
    return status;
}

enum status
pm_spawn (Component *self, struct call *call, const struct process_spawn_req *req,
          struct process_spawn_rep *rep)
{
    struct pm *pm = component_state (self);
    struct process *from = pm_find (pm, req->process);
    struct process *child;
    struct file_clone_req clone;
    struct file_clone_rep cloned;
    enum status status;
    uint32_t pid;

    (void)call;
    component_charge (self, CYCLES_SPAWN);
    if (req->process != 0 && (from == NULL || from->life != PM_LIVE))
        return ERR_NO_PROCESS;
    if (pm_strings_end (req) == 0)
        return ERR_INVALID;
    if (!pm_limit_allows_child (pm, from))
        return ERR_TASKS;
    /* What the machine starts once there is an init is init's to wait for. */
    child = pm_add (self, from != NULL ? from : pm_find (pm, PM_INIT));
    if (child == NULL)
        return ERR_NO_MEMORY;
    pid = child->pid;
    pm_set_name (child, req->from.data);
    status = pm_inherit (self, pm, child, from, req->group);
    if (status != OK) {
        pm_unborn (self, child);
        return status;
    }

    clone = (struct file_clone_req){
        .parent = req->process,
        .child = pid,
        .action_count = req->action_count,
        .from = { .data = (char *)req->from.data + req->action_offset,
                  .length = req->from.length - req->action_offset },
    };
    status = file_clone (component_link (self, PM_FILES), &clone, &cloned);
    if (status != OK) {
        pm_unborn (self, child);
        return status;
    }
    if (from == NULL)
        pm_limit_begin (self, child);
    status = pm_make_task (self, req, child);
    if (status == OK)
        pm_limit_tell_all (self, child);
    if (status == OK && child->nice != 0)
        pm_nice_tell (self, child);
    if (status == OK)
        status = pm_run_task (self, child);
    if (status != OK) {
        pm_release_files (self, pid);
        pm_unborn (self, child);
        return status;
    }
    pm_deliver_wanted (self, pid);
    rep->pid = pid;
    return OK;
}

enum status
pm_fork (Component *self, struct call *call, const struct process_fork_req *req,
         struct process_fork_rep *rep)
{
    struct pm *pm = component_state (self);
    struct process *from = pm_find (pm, req->process);
    struct file_clone_req clone = { .parent = req->process, .forked = 1 };
    struct file_clone_rep cloned;
    struct kernel_task_fork_req make = { .shared = req->shared };
    struct kernel_task_fork_rep made;
    struct process *child;
    enum status status;
    uint32_t pid;

    (void)call;
    component_charge (self, CYCLES_SPAWN);
    if (from == NULL || from->life != PM_LIVE)
        return ERR_NO_PROCESS;
    if (!pm_limit_allows_child (pm, from))
        return ERR_TASKS;
    make.from = from->task;
    child = pm_add (self, from);
    if (child == NULL)
        return ERR_NO_MEMORY;
    pid = make.pid = clone.child = child->pid;
    memcpy (child->name, from->name, sizeof child->name);
    child->caught = from->caught;
    status = pm_inherit (self, pm, child, from, 0);
    if (status == OK)
        status = file_clone (component_link (self, PM_FILES), &clone, &cloned);
    if (status != OK) {
        pm_unborn (self, child);
        return status;
    }
    status = kernel_task_fork (component_link (self, PM_KERNEL), &make, &made);
    if (status == OK) {
        child->task = made.task;
        status = pm_run_task (self, child);
    }
    if (status != OK) {
        pm_release_files (self, pid);
        pm_unborn (self, child);
        return status;
    }
    pm_deliver_wanted (self, pid);
    rep->pid = pid;
    return OK;
}
