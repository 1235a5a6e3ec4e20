/* guest: real programs: unmodified x86-64 Linux executables as tasks of the machine.
 *
 * The same task that could run a built-in program has an address space instead (space.h),
 * executed by a host process (mailbox.h). The kernel lets that process run until it traps and
 * waits for exactly that: so the order of events is the machine's own, and a run is
 * deterministic. What a trap means to the program is the personality's business
 * (personalities/linux).
 */
#ifndef SIM_GUEST_H
#define SIM_GUEST_H

#include "component.h"
#include "guest/space.h"
#include "nucleus/task.h"

#define GUEST_SIGNALS 65u
#define GUEST_CALLS   512u /* the numbers of system calls are below that */

struct guest_action {
    uint64_t handler; /* 0 default, 1 ignore */
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask;
};

struct guest_signal_due;

/* Signals that have come, and what is known of them. */
struct guest_pending {
    uint64_t set; /* bit n - 1: signal n, as in Linux's sets */
    uint32_t count;
    struct guest_signal_due *first;
};

/* Of one thread. */
struct guest_signals {
    uint64_t blocked; /* as in Linux's sets */
    struct guest_pending pending;
    uint64_t saved;            /* mask to come back to after sigsuspend */
    bool has_saved;
    uint64_t stack, stack_bytes; /* sigaltstack; 0 bytes: none */
};

#define GUEST_BUDGET_TIMERS 2u /* of processor time: those of setitimer, VIRTUAL and PROF */
#define GUEST_TIMERS_MAX    64u

/* What happens to a process once it has used so much processor time, in cycles; UINT64_MAX:
 * nothing. */
struct guest_budget {
    uint64_t due;        /* the first of these */
    uint64_t soft, hard; /* its limit: told once a second from `soft` on, ended at `hard` */
    struct {
        uint64_t at, every;                 /* every 0: once */
    } timer[GUEST_BUDGET_TIMERS];
};

/* One that the program has made; the clock lets it run. */
struct guest_timer {
    bool used;
    uint32_t clock, notify, signal, thread; /* Linux's: CLOCK_*, SIGEV_* */
    uint64_t value;
    uint32_t overrun; /* of the last signal that it has seen */
};

/* What a space of the process may have mapped, in bytes: as vm.limit. */
struct guest_memory {
    uint64_t all, data, stack;
};

/* What the threads of a process share; one that makes none is its only member. */
struct guest_group {
    struct task *first;    /* the process manager knows this one; it ends last */
    uint32_t members;
    struct waitlist gone;  /* who waits until the first is alone */
    bool clearing;         /* one of them ends the others, to be the only one */
    struct task *forker;   /* who copies the process just now; NULL: nobody */
    struct mutex forking, moving; /* one at a time; a path is relative to another directory */
    struct guest_pending pending; /* signals that any may take */
    struct guest_action action[GUEST_SIGNALS];
    uint64_t told_caught, told_ignored; /* what the process manager knows */
    uint64_t interval_ns;  /* between two alarms; 0: there is one at most */
    struct guest_timer *timers; /* GUEST_TIMERS_MAX; NULL: it has made none */
    struct guest_budget budget;
    struct guest_memory memory;
};

/* Numbers of threads that are no process's first; higher than any process's. */
#define GUEST_TID_FIRST 0x800000u

/* As kernel.task_make says. */
struct guest_rights {
    uint32_t become, uid, gid;
};

/* What a task has whose program is a real one. */
struct guest {
    struct space *space;
    struct guest_group *group;
    struct task *next;         /* of the group */
    uint32_t tid;
    uint64_t clear_tid;        /* a word to be cleared when it ends; 0: none */
    uint64_t robust_list;      /* where the list of the locks begins that it has; 0: none */
    struct waitlist parked;    /* it, while it waits for another thread */
    uint8_t *state;            /* its floating-point registers, when they are another's turn; */
    uint64_t state_bytes;      /* NULL: as they are in the host process */
    uint64_t registers[GUEST_REGISTERS];
    uint64_t thread_pointer;
    uint64_t child_stack, child_tid; /* while it forks: what the child starts with */
    uint64_t call;                   /* the number of the call that it is in */
    bool interrupted;                /* which was cut short by a signal, */
    uint64_t sleep_until_ns;         /* and if it slept, until when it wanted to; 0: not */
    struct waitlist vfork;           /* its parent, until it has a space of its own */
    struct guest_signals signals;
    struct guest_rights rights; /* that its program's file gives it */
    char path[256]; /* of the program, absolute; may be cut */
};

/* A host process without a program, which still shows what its last one had: a fork of the same
 * parent finds most of its memory there. */
struct guest_kept {
    int32_t slot;
    uint64_t *shown; /* as struct space's table was */
};

#define GUEST_KEPT_MAX 8u

/* In the nucleus. */
struct guests {
    struct guest_kept kept[GUEST_KEPT_MAX]; /* the last that came goes first */
    uint32_t kept_count;
    struct space **spaces; /* by vm's names for them; NULL: none */
    uint32_t space_room;
    uint64_t *begun;       /* a bit for each frame that was used: before, RAM is zeroes */
    bool unrecorded;       /* some were, while there was no memory for it */
    uint8_t *lent;         /* by number, the kernel's descriptors: IMAGE_LENT and so on if vm */
    uint32_t lent_room;    /* may name it */
    uint64_t faults;
    uint64_t alarms; /* times a program was stopped by the clock of the host */
    struct linux_waiter *waiters;    /* at futexes, in the order of their coming */
    uint64_t missing_calls;              /* different ones that we do not have, */
    uint32_t missing[GUEST_CALLS + 1];   /* and how often each was made; the last: higher ones */
};

/* A program with its strings: arguments, then environment, each with its zero. */
struct guest_program {
    const char *path;
    const char *strings;
    uint32_t bytes;
    uint32_t arguments, environment;
};

/* A task that was just made gets a real program. Blocks; on failure nothing is left. */
enum status guest_make (struct task *task, const struct guest_program *program);
/* The child's half of a fork. shared: it uses the parent's space until it has its own. */
enum status guest_fork (struct task *parent, struct task *child, bool shared);
/* ---- limits: limit.c ---- */

/* As kernel.task_limit. Blocks. */
enum status guest_limit (struct task *task, uint32_t which, const struct limit *limit);
/* A new space of the task's has the limits that its process has. Blocks. */
enum status guest_limit_space (const struct task *task);
/* Most bytes that strings and pointers of an execve may have. */
uint64_t guest_limit_strings (const struct task *task);
/* A timer of processor time goes off after so many cycles (0: never), and again each `every`. */
void guest_budget_timer (struct task *task, unsigned timer, uint64_t after, uint64_t every);
/* How many cycles it has left; 0: it does not run. */
uint64_t guest_budget_left (struct task *task, unsigned timer);
/* A fork's child has its parent's limit, and no timers. */
void guest_budget_inherit (struct guest_budget *budget, const struct guest_budget *from);
/* Is something due (budget.due) that a process's processor time brings? It is done. */
void guest_budget_look (struct task *task);

/* processor.c: does what the instruction at its place would; false: it is none that traps. */
bool guest_emulate (struct guest *guest);
/* Another program in place of the task's. A failure leaves the old one, unless *lost. */
enum status guest_exec (struct task *task, const struct guest_program *program, bool *lost);
void guest_free (struct task *task);
/* Most pages that its process had in RAM; not those of another's space that it lives in. */
uint64_t guest_peak (const struct guest *guest);

/* Lets the program go on until something happens, and deals with that. */
void guest_step (struct task *task);

/* ---- signals that have come: pending.c ---- */

/* One for the program, or the thread of it with that number, to handle: pending from now on.
 * ERR_AGAIN: too many of its kind are. */
enum status guest_signal (struct task *task, uint32_t tid, const struct signal_info *info);
/* The next one of `wanted`, its thread's own before the others. False: there is none. */
bool guest_signal_take (struct task *task, uint64_t wanted, struct signal_info *info);
/* Those that the thread might take. */
static inline uint64_t
guest_signals_due (const struct task *task)
{
    return task->guest->signals.pending.set | task->guest->group->pending.set;
}
enum status guest_pending_add (struct guest_pending *pending, const struct signal_info *info);
bool guest_pending_take (struct guest_pending *pending, uint64_t wanted, struct signal_info *info);
void guest_pending_drop (struct guest_pending *pending, uint64_t set);

/* ---- threads: thread.c ---- */

struct guest_group *guest_group_new (struct task *first); /* NULL: no memory */
/* A task that goes on where `maker` is, with another stack; not started yet. */
enum status guest_thread_make (struct task *maker, uint64_t stack, struct task **thread);
/* The process ends, all its threads. */
void guest_end (struct task *task, uint32_t reason);
/* The others end, and are gone: the task is the first and only one. Blocks. Of two that want it
 * one gets it, and the other is among those who end: ERR_INTERRUPTED. */
enum status guest_end_others (struct task *task);
/* At its end. True: it was one of several; else the process ends. Blocks. */
bool guest_leave (struct task *task);
struct task *guest_find_thread (uint32_t tid); /* NULL: there is none */
/* Is there something that ends its waiting: a signal, its end? */
bool guest_is_called (const struct task *task);
/* Waits until another one, or a signal, wakes it. */
void guest_park (struct task *task);
void guest_unpark (struct task *task);
/* A copy of what `from`, which runs, has in its floating-point registers. */
bool guest_state_copy (const struct guest *from, struct guest *to);
/* The host process has the task's floating-point registers now. */
void guest_state_exchange (struct guest *guest);
static inline void
guest_state_load (const struct task *task)
{
    if (task->guest->space->loaded != task->guest)
        guest_state_exchange (task->guest);
}

#endif
