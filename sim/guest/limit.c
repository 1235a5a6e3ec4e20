/* limit: what a real program's process may use, as far as the nucleus sees to that. */
#include "guest/guest.h"

#include <signal.h>

#include "nucleus/nucleus.h"
#include "personalities/linux/linux.h"

#define STRINGS_LEAST 0x20000u  /* as Linux: a quarter of the stack, */
#define STRINGS_MOST  0x600000u /* within these */
#define SECOND        NS_TO_CYCLES (1000000000u)
#define SECONDS_MOST  1000000000u

/* ---- memory: vm keeps these, for each space ---- */

static bool
is_usual (const struct guest_memory *memory)
{
    return memory->all == LIMIT_NONE && memory->data == LIMIT_NONE
           && memory->stack == LIMIT_STACK_USUAL;
}

static enum status
tell (const struct task *task)
{
    const struct guest_memory *memory = &task->guest->group->memory;
    struct vm_limit_req request = { .space = task->guest->space->id,
                                    .memory = memory->all,
                                    .data = memory->data,
                                    .stack = memory->stack };
    struct vm_limit_rep reply;

    return vm_limit (nucleus_link (INTERFACE_vm), &request, &reply);
}

enum status
guest_limit_space (const struct task *task)
{
    return is_usual (&task->guest->group->memory) ? OK : tell (task);
}

uint64_t
guest_limit_strings (const struct task *task)
{
    uint64_t quarter = task->guest->group->memory.stack / 4;

    return quarter < STRINGS_LEAST  ? STRINGS_LEAST
           : quarter < STRINGS_MOST ? quarter
                                    : STRINGS_MOST;
}

/* ---- processor time ---- */

static uint64_t
earlier (uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t
cycles_of (uint64_t seconds)
{
    return seconds < SECONDS_MOST ? seconds * SECOND : UINT64_MAX;
}

static void
reckon (struct guest_budget *budget)
{
    budget->due = earlier (budget->soft, budget->hard);
    for (unsigned i = 0; i < GUEST_BUDGET_TIMERS; i++)
        budget->due = earlier (budget->due, budget->timer[i].at);
}

void
guest_budget_inherit (struct guest_budget *budget, const struct guest_budget *from)
{
    *budget = (struct guest_budget){ .soft = from != NULL ? from->soft : UINT64_MAX,
                                     .hard = from != NULL ? from->hard : UINT64_MAX };
    for (unsigned i = 0; i < GUEST_BUDGET_TIMERS; i++)
        budget->timer[i].at = UINT64_MAX;
    reckon (budget);
}

void
guest_budget_timer (struct task *task, unsigned timer, uint64_t after, uint64_t every)
{
    struct guest_budget *budget = &task->guest->group->budget;

    budget->timer[timer].at    = after != 0 ? task_use_of_process (task).cpu + after : UINT64_MAX;
    budget->timer[timer].every = every;
    reckon (budget);
}

uint64_t
guest_budget_left (struct task *task, unsigned timer)
{
    uint64_t at   = task->guest->group->budget.timer[timer].at;
    uint64_t used = task_use_of_process (task).cpu;

    return at == UINT64_MAX ? 0 : at > used ? at - used : 1;
}

/* From the machine itself, to whoever of the process handles it. */
static void
tell_process (const struct task *task, uint32_t signal)
{
    struct process_kill_req request = { .target = (int32_t)task->pid, .signal = signal };
    struct process_kill_rep reply;

    process_kill (nucleus_link (INTERFACE_process), &request, &reply);
}

void
guest_budget_look (struct task *task)
{
    struct guest_group *group = task->guest->group;
    struct guest_budget *budget = &group->budget;
    uint64_t used;

    if (task->ending)
        return;
    used = task_use_of_process (task).cpu;
    if (used < budget->due)
        return;
    if (used >= budget->hard) {
        guest_end (task, WAIT_KILLED (SIGKILL));
        return;
    }
    if (used >= budget->soft) {
        budget->soft += SECOND;
        tell_process (task, SIGXCPU);
    }
    for (unsigned i = 0; i < GUEST_BUDGET_TIMERS; i++)
        if (used >= budget->timer[i].at) {
            uint64_t every = budget->timer[i].every;

            budget->timer[i].at = every != 0
                                      ? budget->timer[i].at
                                            + ((used - budget->timer[i].at) / every + 1) * every
                                      : UINT64_MAX;
            tell_process (task, i == 0 ? SIGVTALRM : SIGPROF);
        }
    reckon (budget);
}

/* ---- both ---- */

enum status
guest_limit (struct task *task, uint32_t which, const struct limit *limit)
{
    struct guest_group *group = task->guest->group;
    struct guest_memory *memory = &group->memory;

    switch (which) {
    case LIMIT_CPU:
        group->budget.soft = cycles_of (limit->soft != 0 ? limit->soft : 1);
        group->budget.hard = cycles_of (limit->hard != 0 ? limit->hard : 1);
        reckon (&group->budget);
        return OK;
    case LIMIT_DATA:
        memory->data = limit->soft;
        break;
    case LIMIT_STACK:
        memory->stack = limit->soft;
        break;
    case LIMIT_MEMORY:
        memory->all = limit->soft;
        break;
    default:
        return ERR_INVALID;
    }
    /* The space of somebody else's, until it executes a program: its limits are not ours.
     */
    return task->guest->space->refs > group->members ? OK : tell (task);
}
