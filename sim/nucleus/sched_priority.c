/* fixed priority with aging: the best ready task runs; one that has waited long counts as
 * better, one level for each 8 quanta, until it has had a whole slice: so nobody starves. */
#include "machine/machine.h"
#include "nucleus/sched.h"

#define AGING_QUANTA 8u

static void
priority_enqueue (struct sched *sched, struct task *task, enum sched_reason reason)
{
    if (reason != SCHED_PREEMPTED)
        task->aged = 0;
    sched_queue_add (&sched->queues[0], task);
}

/* As good as it is once it runs, */
static int64_t
standing (const struct task *task)
{
    return task->priority - (int64_t)task->aged;
}

/* and while it waits. */
static uint64_t
age (const struct task *task)
{
    return (here->token.now - task->queued_at)
           / (NS_TO_CYCLES (PLAN->quantum_ns) * AGING_QUANTA);
}

static int64_t
effective (const struct task *task)
{
    return standing (task) - (int64_t)age (task);
}

static struct task *
priority_pick (struct sched *sched)
{
    struct task *best   = sched->queues[0].first;
    uint32_t best_index = 0, index = 0;

    for (struct task *task = best; task != NULL; task = task->next, index++)
        if (effective (task) < effective (best)) {
            best       = task;
            best_index = index;
        }
    best->aged += age (best);
    return sched_queue_take_nth (&sched->queues[0], best_index);
}

static uint64_t
priority_slice (const struct task *task, uint64_t quantum)
{
    (void)task;
    return quantum;
}

static bool
priority_preempts (const struct sched *sched, const struct task *running)
{
    for (const struct task *task = sched->queues[0].first; task != NULL; task = task->next)
        if (effective (task) < standing (running))
            return true;
    return false;
}

const struct sched_policy priority_policy = {
    .name     = "priority",
    .help     = "the best priority first; waiting makes better",
    .enqueue  = priority_enqueue,
    .pick     = priority_pick,
    .slice    = priority_slice,
    .preempts = priority_preempts,
};
