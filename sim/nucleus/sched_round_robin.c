/* round robin: one queue; each in turn gets the machine's quantum. */
#include "nucleus/sched.h"

static void
round_robin_enqueue (struct sched *sched, struct task *task, enum sched_reason reason)
{
    (void)reason;
    sched_queue_add (&sched->queues[0], task);
}

static struct task *
round_robin_pick (struct sched *sched)
{
    return sched_queue_take (&sched->queues[0]);
}

static uint64_t
round_robin_slice (const struct task *task, uint64_t quantum)
{
    (void)task;
    return quantum;
}

static bool
round_robin_preempts (const struct sched *sched, const struct task *running)
{
    (void)sched;
    (void)running;
    return false;
}

const struct sched_policy round_robin_policy = {
    .name     = "round-robin",
    .help     = "each ready task in turn, for one quantum",
    .enqueue  = round_robin_enqueue,
    .pick     = round_robin_pick,
    .slice    = round_robin_slice,
    .preempts = round_robin_preempts,
};
