/* sched: which ready task gets the CPU. A policy is one table of functions and one line in
 * the list of policies. */
#ifndef SIM_SCHED_H
#define SIM_SCHED_H

#include "component.h"
#include "nucleus/task.h"

#define SCHED_LEVELS 8u

struct sched_queue {
    struct task *first, *last;
};

struct sched {
    const struct sched_policy *policy;
    uint32_t ready; /* tasks in the queues */
    struct sched_queue queues[SCHED_LEVELS];
    uint64_t lifted_at; /* mlfq: when all were last lifted to the top, */
    uint32_t lifts;     /* and how often so far */
};

/* Why a task is put into the queues. */
enum sched_reason {
    SCHED_WOKEN,     /* it is new, or has waited for something */
    SCHED_EXPIRED,   /* it had used up its slice */
    SCHED_PREEMPTED, /* it had not: somebody goes before it */
};

struct sched_policy {
    const char *name;
    const char *help;
    /* A task became ready. */
    void (*enqueue) (struct sched *sched, struct task *task, enum sched_reason reason);
    /* Takes the next one off; there is at least one. */
    struct task *(*pick) (struct sched *sched);
    /* Its slice, in cycles, when it is picked; `quantum` is the machine's. */
    uint64_t (*slice) (const struct task *task, uint64_t quantum);
    /* Should the ready task `other` take the CPU from `running` at once? */
    bool (*preempts) (const struct sched *sched, const struct task *running);
};

/* NULL if there is none of that name; the n-th, NULL after the last. */
const struct sched_policy *sched_policy_find (const char *name);
const struct sched_policy *sched_policy_at (unsigned index);

void sched_enqueue (struct sched *sched, struct task *task, enum sched_reason reason);
struct task *sched_pick (struct sched *sched);

/* For policies. */
void sched_queue_add (struct sched_queue *queue, struct task *task);
struct task *sched_queue_take (struct sched_queue *queue);
/* Takes the n-th task of a queue. */
struct task *sched_queue_take_nth (struct sched_queue *queue, uint32_t n);

#endif
