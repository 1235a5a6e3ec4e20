/* thread: tasks that share an address space, descriptors and signal handlers.
 *
 * To the other components they are one process: what the process manager knows is the first
 * one's task, which therefore ends last. All of them are executed by the one host process of
 * their space, whose floating-point registers are exchanged when another one goes on.
 */
#include <string.h>

#include "guest/guest.h"
#include "nucleus/nucleus.h"
#include "personalities/linux/linux.h"

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

struct guest_group *
guest_group_new (struct task *first)
{
    struct guest_group *group = component_alloc (self (), sizeof *group);

    if (group == NULL)
        return NULL;
    group->first   = first;
    group->members = 1;
    guest_budget_inherit (&group->budget, NULL);
    group->memory  = (struct guest_memory){ LIMIT_NONE, LIMIT_NONE, LIMIT_STACK_USUAL };
    return group;
}

enum status
guest_thread_make (struct task *maker, uint64_t stack, struct task **thread)
{
    const struct guest *from = maker->guest;
    struct guest *guest      = component_alloc (self (), sizeof *guest);
    struct task *task;

    if (guest == NULL)
        return ERR_NO_MEMORY;
    *guest = (struct guest){ .thread_pointer = from->thread_pointer, .group = from->group };
    memcpy (guest->registers, from->registers, sizeof guest->registers);
    memcpy (guest->path, from->path, sizeof guest->path);
    guest->registers[GUEST_RAX] = 0;
    guest->registers[GUEST_RSP] = stack;
    guest->signals.blocked      = from->signals.blocked;
    task                        = guest_state_copy (from, guest) ? task_new (maker->pid) : NULL;
    if (task == NULL) {
        component_free (self (), guest->state);
        component_free (self (), guest);
        return ERR_TASKS;
    }
    task->priority = maker->priority;
    task->guest    = guest;
    guest->space   = space_ref (from->space);
    guest->tid     = GUEST_TID_FIRST + task->id;
    guest->next    = guest->group->first->guest->next;
    guest->group->first->guest->next = task;
    guest->group->members++;
    *thread = task;
    return OK;
}

/* ---- the end ---- */

static void
end (struct task *task, uint32_t reason)
{
    if (task->ending)
        return;
    task->ending = true;
    task->reason = reason;
}

void
guest_end (struct task *task, uint32_t reason)
{
    end (task, reason);
    task_kill (task, reason); /* the others */
}

/* In the place of the first one, which is a thread like any other from now on. The process
 * manager hears of it before that one can end; if it ended meanwhile, it waits for us no more. */
static enum status
lead (struct task *task)
{
    struct process_lead_req request = { .process = task->pid, .task = task->id };
    struct process_lead_rep reply;
    struct guest_group *group = task->guest->group;
    struct task **link;
    enum status status = process_lead (nucleus_link (INTERFACE_process), &request, &reply);

    if (status != OK)
        return status;
    for (link = &group->first->guest->next; *link != task;)
        link = &(*link)->guest->next;
    *link                    = task->guest->next;
    task->guest->next        = group->first;
    group->first->guest->tid = task->guest->tid;
    task->guest->tid         = task->pid;
    task_use_add (&task->ended, &group->first->ended);
    group->first->ended = (struct task_use){ 0 };
    group->first      = task;
    component_wake_all (self (), &group->gone);
    return OK;
}

enum status
guest_end_others (struct task *task)
{
    struct guest_group *group = task->guest->group;
    enum status status        = OK;

    while (group->clearing && !task->ending)
        component_sleep (self (), &group->gone);
    if (task->ending)
        return ERR_INTERRUPTED;
    group->clearing = true;
    if (group->first != task)
        status = lead (task);
    for (struct task *other = group->first; status == OK && other != NULL; other = other->guest->next)
        if (other != task)
            task_kill_one (other, WAIT_KILLED (9));
    component_wake_all (self (), &group->gone);
    while (status == OK && group->members > 1)
        component_sleep (self (), &group->gone);
    group->clearing = false;
    component_wake_all (self (), &group->gone);
    return task->ending ? ERR_INTERRUPTED : status;
}

/* Its locks are given up; the word that says that it lives is cleared, and who waits for that
 * is woken. */
static void
tell_gone (struct task *task)
{
    static const uint32_t nobody;
    const struct guest *guest = task->guest;

    linux_robust_leave (task);
    if (guest->clear_tid == 0 || (guest->group->members == 1 && guest->space->refs == 1))
        return;
    if (space_write (guest->space, guest->clear_tid, &nobody, sizeof nobody) == OK)
        linux_futex_wake (guest->space, guest->clear_tid, 1);
}

bool
guest_leave (struct task *task)
{
    struct guest *guest       = task->guest;
    struct guest_group *group = guest->group;
    struct task **link;

    tell_gone (task);
    while (group->first == task && group->members > 1)
        component_sleep (self (), &group->gone);
    if (group->first == task)
        return false;
    for (link = &group->first->guest->next; *link != task;)
        link = &(*link)->guest->next;
    *link = guest->next;
    task_use_add (&group->first->ended, &task->use);
    group->first->ended.cpu += task_processor_time (task) - task->use.cpu;
    if (--group->members == 1) {
        component_wake_all (self (), &group->gone);
        guest_unpark (group->first);
    }
    return true;
}

struct task *
guest_find_thread (uint32_t tid)
{
    const struct tasks *tasks = &nucleus ()->tasks;

    for (uint32_t id = 1; id <= tasks->count; id++) {
        struct task *task = tasks->table[id];

        if (task->state != TASK_FREE && task->guest != NULL && task->guest->tid == tid)
            return task;
    }
    return NULL;
}

/* ---- waiting for each other ---- */

bool
guest_is_called (const struct task *task)
{
    return task->ending || (guest_signals_due (task) & ~task->guest->signals.blocked) != 0;
}

void
guest_park (struct task *task)
{
    component_sleep (self (), &task->guest->parked);
}

void
guest_unpark (struct task *task)
{
    if (task->guest != NULL)
        component_wake_all (self (), &task->guest->parked);
}

/* ---- the floating-point registers ---- */

bool
guest_state_copy (const struct guest *from, struct guest *to)
{
    uint64_t bytes;
    const uint8_t *state = guest_process_state (from->space, &bytes);

    if (state == NULL)
        return true;
    to->state = component_alloc (self (), bytes);
    if (to->state == NULL)
        return false;
    memcpy (to->state, state, bytes);
    to->state_bytes = bytes;
    return true;
}

/* Those in the host process are put away for whoever they belong to; without memory for them
 * he goes on with what he finds. */
void
guest_state_exchange (struct guest *guest)
{
    struct guest *other = guest->space->loaded;
    uint64_t bytes;
    uint8_t *state;

    guest->space->loaded = guest;
    state                = guest_process_state (guest->space, &bytes);
    if (state == NULL)
        return;
    if (other != NULL && other->state == NULL) {
        other->state       = component_alloc (self (), bytes);
        other->state_bytes = bytes;
    }
    if (other != NULL && other->state != NULL && other->state_bytes == bytes)
        memcpy (other->state, state, bytes);
    if (guest->state != NULL && guest->state_bytes == bytes)
        memcpy (state, guest->state, bytes);
}
