/* multilevel feedback: a task that uses up its slice sinks one level, where slices are twice
 * as long; one that blocks before stays. Every 100 quanta all rise to the top, so that what
 * became interactive is seen and nobody starves (rules 1 to 5 of Arpaci-Dusseau, "Operating
 * Systems: Three Easy Pieces", chapter 8). */
#include "machine/machine.h"
#include "nucleus/sched.h"

#define LIFT_QUANTA 100u

static void
mlfq_enqueue (struct sched *sched, struct task *task, enum sched_reason reason)
{
    if (task->lifts != sched->lifts) /* it was not in a queue at the time */
        task->level = 0;
    else if (reason == SCHED_EXPIRED && task->level < SCHED_LEVELS - 1)
        task->level++;
    task->lifts = sched->lifts;
    sched_queue_add (&sched->queues[task->level], task);
}

static void
mlfq_lift (struct sched *sched)
{
    uint64_t now = here->token.now;

    if (now - sched->lifted_at < NS_TO_CYCLES (PLAN->quantum_ns) * LIFT_QUANTA)
        return;
    sched->lifted_at = now;
    sched->lifts++;
    for (uint32_t level = 1; level < SCHED_LEVELS; level++)
        while (sched->queues[level].first != NULL) {
            struct task *task = sched_queue_take (&sched->queues[level]);

            task->level = 0;
            sched_queue_add (&sched->queues[0], task);
        }
    for (struct task *task = sched->queues[0].first; task != NULL; task = task->next)
        task->lifts = sched->lifts;
}

static struct task *
mlfq_pick (struct sched *sched)
{
    uint32_t level = 0;

    mlfq_lift (sched);
    while (sched->queues[level].first == NULL)
        level++;
    return sched_queue_take (&sched->queues[level]);
}

static uint64_t
mlfq_slice (const struct task *task, uint64_t quantum)
{
    return quantum << task->level;
}

static bool
mlfq_preempts (const struct sched *sched, const struct task *running)
{
    for (uint32_t level = 0; level < running->level; level++)
        if (sched->queues[level].first != NULL)
            return true;
    return false;
}

const struct sched_policy mlfq_policy = {
    .name     = "mlfq",
    .help     = "multilevel feedback: who computes long sinks, who waits stays on top",
    .enqueue  = mlfq_enqueue,
    .pick     = mlfq_pick,
    .slice    = mlfq_slice,
    .preempts = mlfq_preempts,
};
