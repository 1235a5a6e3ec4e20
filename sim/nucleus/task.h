/* task: something that has a user mode and can be scheduled.
 *
 * Its kernel side is a fiber of the kernel's domain that runs task_main: resume the user
 * mode, look at the trap, let the personality serve it, again. Its user mode is behind the
 * umode interface.
 */
#ifndef SIM_TASK_H
#define SIM_TASK_H

#include "gate/runtime.h"

enum task_state {
    TASK_FREE,
    TASK_BORN,    /* made, not yet started */
    TASK_READY,   /* in the scheduler's queue */
    TASK_RUNNING, /* has the CPU */
    TASK_BLOCKED, /* waits inside a call */
    TASK_STOPPED, /* by a signal */
    TASK_ENDING,
};

/* What somebody has used. */
struct task_use {
    uint64_t cpu;    /* cycles */
    uint64_t faults; /* of pages, */
    uint64_t slow;   /* and those of them for which bytes were brought */
};

struct task {
    uint32_t id; /* 1 and up; index in the table */
    uint32_t pid;
    uint8_t state;
    bool stop;        /* stop before the next return to user mode */
    bool cancel;      /* what it waits for is to be cancelled */
    bool ending;      /* at the edge of user mode, it ends, */
    uint32_t reason;  /* for this: WAIT_* encoding */
    int32_t priority; /* 0 best */
    struct fiber *fiber;
    struct task *next; /* in a queue of the scheduler, or the free list */

    struct task_use use;
    struct task_use ended; /* the threads of its process that it is the first of, and that are gone */
    uint64_t peak;         /* pages that its process had in RAM, once that is over */
    uint64_t picked_at; /* when it last got the CPU */
    uint64_t queued_at;
    uint64_t slice_end;
    struct guest *guest; /* its program is a real one (guest/guest.h); NULL: built in */
    struct task_strings *strings; /* what its program was started with (strings.h); NULL: unknown */
    struct space *space; /* RAM that a built-in program has asked for; NULL: none */
    uint32_t level;     /* the scheduler's: queue of the multilevel feedback, ... */
    uint64_t aged;      /* priority: levels gained by waiting, until it has had its slice */
    uint32_t lifts;     /* mlfq: those of all tasks that it took part in */
};

struct tasks {
    struct task **table; /* by id */
    uint32_t count, room;
    struct task *free;
    uint32_t alive;
    uint32_t cancels; /* tasks with `cancel` set */
};

/* A fresh task, BORN, with a fiber; NULL: no more (ERR_TASKS). */
struct task *task_new (uint32_t pid);
void task_free (struct task *task);
struct task *task_find (uint32_t id);

/* Lets it be scheduled. */
void task_start (struct task *task);
/* Ends it as soon as it is at the edge of user mode; what it waits for is cancelled. All
 * threads of a real program, or this one. */
void task_kill (struct task *task, uint32_t reason);
void task_kill_one (struct task *task, uint32_t reason);
void task_stop (struct task *task, bool stop);
/* What it waits for is cancelled, that it may see to something at the edge of user mode; and
 * it has come there. */
void task_interrupt (struct task *task);
void task_uninterrupt (struct task *task);
/* NULL: that process has none. */
struct task *task_of_process (uint32_t pid);
/* A system call has been served; `face` says by whose numbers: 0 the built-in programs', 1
 * those of Linux. */
void task_syscall_event (const struct task *task, unsigned face, uint32_t number,
                         int64_t result, uint64_t start);

/* The CPU is taken from it, or given to it: for the nucleus. */
void task_leaves_cpu (struct task *task);
void task_gets_cpu (struct task *task);
/* May it go on, now that others had their say? */
bool task_keeps_cpu (const struct task *task);

/* Processor time that it has used itself, in cycles. */
uint64_t task_processor_time (const struct task *task);
/* What its process has used, all threads together. */
struct task_use task_use_of_process (struct task *task);
void task_use_add (struct task_use *use, const struct task_use *more);

/* Why user mode came back. */
enum trap {
    TRAP_CALL = 1, /* a system call */
    TRAP_SLICE,    /* its slice is used up */
};

/* The fiber of every task. */
void task_main (void *task);

#endif
