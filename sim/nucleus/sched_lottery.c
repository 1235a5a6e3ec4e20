/* lottery: every ready task holds tickets, one is drawn (Waldspurger and Weihl, OSDI 1994).
 * The draw is seeded: the same machine draws the same tickets. */
#include "machine/machine.h"
#include "nucleus/sched.h"

#define TICKETS 100u /* of priority 0; each level worse halves them */

static uint32_t
tickets (const struct task *task)
{
    uint32_t shift = task->priority < 0 ? 0 : (uint32_t)task->priority;

    return shift > 6 ? 1 : TICKETS >> shift;
}

static void
lottery_enqueue (struct sched *sched, struct task *task, enum sched_reason reason)
{
    (void)reason;
    sched_queue_add (&sched->queues[0], task);
}

static struct task *
lottery_pick (struct sched *sched)
{
    uint64_t sum = 0, drawn;
    uint32_t index = 0;

    for (const struct task *task = sched->queues[0].first; task != NULL; task = task->next)
        sum += tickets (task);
    drawn = component_random (COMPONENT (COMPONENT_NUCLEUS)) % sum;
    for (const struct task *task = sched->queues[0].first; task != NULL; task = task->next) {
        if (drawn < tickets (task))
            break;
        drawn -= tickets (task);
        index++;
    }
    return sched_queue_take_nth (&sched->queues[0], index);
}

static uint64_t
lottery_slice (const struct task *task, uint64_t quantum)
{
    (void)task;
    return quantum;
}

static bool
lottery_preempts (const struct sched *sched, const struct task *running)
{
    (void)sched;
    (void)running;
    return false;
}

const struct sched_policy lottery_policy = {
    .name     = "lottery",
    .help     = "a seeded draw among the ready tasks' tickets",
    .enqueue  = lottery_enqueue,
    .pick     = lottery_pick,
    .slice    = lottery_slice,
    .preempts = lottery_preempts,
};
