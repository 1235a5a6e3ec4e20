#include "nucleus/sched.h"

#include <string.h>

#define POLICY(name) extern const struct sched_policy name##_policy;
#include "nucleus/policies.def"
#undef POLICY

static const struct sched_policy *const policies[] = {
#define POLICY(name) &name##_policy,
#include "nucleus/policies.def"
#undef POLICY
    NULL
};

const struct sched_policy *
sched_policy_at (unsigned index)
{
    return index < sizeof policies / sizeof *policies ? policies[index] : NULL;
}

const struct sched_policy *
sched_policy_find (const char *name)
{
    for (unsigned i = 0; policies[i] != NULL; i++)
        if (strcmp (policies[i]->name, name) == 0)
            return policies[i];
    return NULL;
}

void
sched_queue_add (struct sched_queue *queue, struct task *task)
{
    task->next = NULL;
    if (queue->last != NULL)
        queue->last->next = task;
    else
        queue->first = task;
    queue->last = task;
}

struct task *
sched_queue_take_nth (struct sched_queue *queue, uint32_t n)
{
    struct task **at  = &queue->first;
    struct task *prev = NULL;
    struct task *task;

    while (n-- > 0 && (*at)->next != NULL) {
        prev = *at;
        at   = &(*at)->next;
    }
    task = *at;
    *at  = task->next;
    if (queue->last == task)
        queue->last = prev;
    task->next = NULL;
    return task;
}

struct task *
sched_queue_take (struct sched_queue *queue)
{
    return sched_queue_take_nth (queue, 0);
}

void
sched_enqueue (struct sched *sched, struct task *task, enum sched_reason reason)
{
    task->state     = TASK_READY;
    task->queued_at = here->token.now;
    sched->ready++;
    sched->policy->enqueue (sched, task, reason);
}

struct task *
sched_pick (struct sched *sched)
{
    sched->ready--;
    return sched->policy->pick (sched);
}
