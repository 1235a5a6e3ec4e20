/* limit: what a process may use.
 *
 * All limits are known here, and each is kept where what it limits is at home: descriptors
 * and sizes of files by the file server, memory by vm and processor time by the nucleus,
 * both by way of the nucleus, the number of processes here. Who keeps one has it before it
 * is true here.
 */
#include "pm/pm.h"

#define CYCLES_LIMIT      200u
#define DESCRIPTORS_USUAL 1024u
#define SIGNALS_USUAL     1024u
#define LOCKED_USUAL      ((uint64_t)8 << 20)
#define MESSAGES_USUAL    819200u

void
pm_limit_begin (Component *self, struct process *process)
{
    struct pm *pm = component_state (self);
    struct file_limit_req ask = { .process = process->pid, .which = LIMIT_DESCRIPTORS };
    struct file_limit_rep told = { .limit = DESCRIPTORS_USUAL };
    struct limit *limits = process->limits;

    for (unsigned which = 0; which < LIMITS; which++)
        limits[which] = (struct limit){ LIMIT_NONE, LIMIT_NONE };
    file_limit (component_link (self, PM_FILES), &ask, &told);
    pm->descriptors_most = told.limit;
    limits[LIMIT_DESCRIPTORS] = (struct limit){ told.limit, told.limit };
    limits[LIMIT_STACK].soft = LIMIT_STACK_USUAL;
    limits[LIMIT_CORE].soft = 0;
    limits[LIMIT_LOCKED] = (struct limit){ LOCKED_USUAL, LOCKED_USUAL };
    limits[LIMIT_SIGNALS] = (struct limit){ SIGNALS_USUAL, SIGNALS_USUAL };
    limits[LIMIT_MESSAGES] = (struct limit){ MESSAGES_USUAL, MESSAGES_USUAL };
    limits[LIMIT_NICE] = limits[LIMIT_PRIORITY] = (struct limit){ 0, 0 };
}

/* ---- those who keep them ---- */

static bool
pm_limit_is_files (uint32_t which)
{
    return which == LIMIT_DESCRIPTORS || which == LIMIT_FILE;
}

static bool
pm_limit_is_tasks (uint32_t which)
{
    return which == LIMIT_CPU || which == LIMIT_DATA || which == LIMIT_STACK
           || which == LIMIT_MEMORY;
}

static enum status
pm_limit_tell (Component *self, const struct process *process, uint32_t which,
               const struct limit *limit)
{
    struct file_limit_req files
        = { .process = process->pid, .which = which, .set = 1, .limit = limit->soft };
    struct file_limit_rep files_told;
    struct kernel_task_limit_req task = {
        .task = process->task, .which = which, .soft = limit->soft, .hard = limit->hard
    };
    struct kernel_task_limit_rep task_told;

    if (pm_limit_is_files (which))
        return file_limit (component_link (self, PM_FILES), &files, &files_told);
    if (pm_limit_is_tasks (which) && process->task != 0)
        return kernel_task_limit (component_link (self, PM_KERNEL), &task, &task_told);
    return OK;
}

void
pm_limit_tell_all (Component *self, const struct process *process)
{
    for (unsigned which = 0; which < LIMITS; which++) {
        const struct limit *limit = &process->limits[which];
        uint64_t usual = which == LIMIT_STACK ? LIMIT_STACK_USUAL : LIMIT_NONE;

        if (pm_limit_is_tasks (which)
            && (limit->soft != usual || limit->hard != LIMIT_NONE))
            pm_limit_tell (self, process, which, limit);
    }
}

bool
pm_limit_allows_child (const struct pm *pm, const struct process *parent)
{
    uint64_t count = 0;

    if (parent == NULL || pm_is_root (parent) || parent->uids.real == 0
        || parent->limits[LIMIT_PROCESSES].soft == LIMIT_NONE)
        return true;
    for (const struct process *one = pm->first; one != NULL; one = one->pid_next)
        count += one->uids.real == parent->uids.real;
    return count < parent->limits[LIMIT_PROCESSES].soft;
}

/* ---- asking and setting ---- */

static bool
pm_limit_may_see (const struct process *caller, const struct process *process)
{
    const struct pm_ids *uids = &process->uids, *gids = &process->gids;

    return caller == NULL || caller == process || pm_is_root (caller)
           || (caller->uids.real == uids->real && caller->uids.real == uids->effective
               && caller->uids.real == uids->saved && caller->gids.real == gids->real
               && caller->gids.real == gids->effective && caller->gids.real == gids->saved);
}

static enum status
pm_limit_check (const struct pm *pm, const struct process *caller,
                const struct process *process, const struct process_limit_req *req)
{
    uint64_t hard = process->limits[req->which].hard;

    if (req->soft > req->hard)
        return ERR_INVALID;
    if (req->hard > hard && caller != NULL && !pm_is_root (caller))
        return ERR_NOT_PERMITTED;
    if (req->which == LIMIT_DESCRIPTORS && req->hard > pm->descriptors_most)
        return ERR_NOT_PERMITTED;
    return OK;
}

enum status
pm_limit (Component *self, struct call *call, const struct process_limit_req *req,
          struct process_limit_rep *rep)
{
    const struct pm *pm = component_state (self);
    const struct process *caller = pm_find (pm, req->process);
    struct process *process = pm_find (pm, req->pid != 0 ? req->pid : req->process);
    const struct limit wanted = { req->soft, req->hard };
    struct limit before;
    enum status status = OK;
    uint64_t birth;

    (void)call;
    component_charge (self, CYCLES_LIMIT);
    if (process == NULL || (req->process != 0 && caller == NULL))
        return ERR_NO_PROCESS;
    if (!pm_limit_may_see (caller, process))
        return ERR_NOT_PERMITTED;
    if (req->which >= LIMITS)
        return ERR_INVALID;
    before = process->limits[req->which];
    birth = process->birth;
    if (req->set != 0) {
        status = pm_limit_check (pm, caller, process, req);
        if (status == OK && (process->life == PM_BORN || process->life == PM_LIVE))
            status = pm_limit_tell (self, process, req->which, &wanted);
        process = pm_find (pm, req->pid != 0 ? req->pid : req->process);
        if (status == OK && process != NULL && process->birth == birth)
            process->limits[req->which] = wanted;
    }
    if (status == OK) {
        rep->soft = before.soft;
        rep->hard = before.hard;
    }
    return status;
}
