/* nice: how much a process gives way to others. The nucleus goes by it where its policy
 * knows priorities, and these begin at 0: who is less nice than usual is told to it as
 * usual.
 */
#include "pm/pm.h"

#define CYCLES_NICE 200u

enum { NICE_PROCESS, NICE_GROUP, NICE_USER, NICE_WHICHES };
enum { NICE_LEAST = -20, NICE_MOST = 19 };

void
pm_nice_tell (Component *self, const struct process *process)
{
    struct kernel_task_priority_req req
        = { .task = process->task, .priority = process->nice > 0 ? process->nice : 0 };
    struct kernel_task_priority_rep rep;

    kernel_task_priority (component_link (self, PM_KERNEL), &req, &rep);
}

static bool
pm_nice_is_meant (const struct process *process, uint32_t which, uint32_t who)
{
    return which == NICE_PROCESS ? process->pid == who
           : which == NICE_GROUP ? process->group == who
                                 : process->uids.real == who;
}

/* May the caller, whose user that is, have it be so? */
static enum status
pm_nice_check (const struct process *process, uint32_t user, int32_t value)
{
    const struct limit *limit = &process->limits[LIMIT_NICE];

    if (user == 0)
        return OK;
    if (user != process->uids.real && user != process->uids.effective)
        return ERR_NOT_PERMITTED;
    return value >= process->nice || (uint64_t)(NICE_MOST + 1 - value) <= limit->soft
               ? OK
               : ERR_ACCESS;
}

/* What becomes of all, after one more. */
static enum status
pm_nice_both (enum status all, enum status one)
{
    return one != OK ? one : all == ERR_NO_PROCESS ? OK : all;
}

enum status
pm_nice (Component *self, struct call *call, const struct process_nice_req *req,
         struct process_nice_rep *rep)
{
    const struct pm *pm = component_state (self);
    const struct process *caller = pm_find (pm, req->process);
    int32_t value = req->value < NICE_LEAST ? NICE_LEAST : req->value, least = NICE_MOST;
    enum status status = ERR_NO_PROCESS;
    struct process *process;
    uint32_t who, user;

    (void)call;
    component_charge (self, CYCLES_NICE);
    if (req->which >= NICE_WHICHES)
        return ERR_INVALID;
    if (caller == NULL)
        return ERR_NO_PROCESS;
    value = value > NICE_MOST ? NICE_MOST : value;
    user = caller->uids.effective;
    who = req->who != 0                ? req->who
          : req->which == NICE_PROCESS ? caller->pid
          : req->which == NICE_GROUP   ? caller->group
                                       : caller->uids.real;
    for (uint32_t pid = 1; (process = pm_find_from (pm, pid)) != NULL; pid++) {
        enum status one = OK;

        pid = process->pid;
        if (!pm_nice_is_meant (process, req->which, who))
            continue;
        if (req->set != 0)
            one = pm_nice_check (process, user, value);
        status = pm_nice_both (status, one);
        if (one == OK && req->set != 0)
            process->nice = value;
        if (process->nice < least)
            least = process->nice;
        if (one == OK && req->set != 0 && process->life == PM_LIVE)
            pm_nice_tell (self, process);
    }
    if (status == OK)
        rep->value = least;
    return status;
}
