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

struct guest_signals {
    struct guest_action action[GUEST_SIGNALS];
    uint64_t blocked, pending; /* bit n - 1: signal n, as in Linux's sets */
    uint64_t saved;            /* mask to come back to after sigsuspend */
    bool has_saved;
    uint64_t stack, stack_bytes; /* sigaltstack; 0 bytes: none */
    uint64_t told_caught, told_ignored; /* what the process manager knows */
};

/* What a task has whose program is a real one. */
struct guest {
    struct space *space;
    uint64_t registers[GUEST_REGISTERS];
    uint64_t thread_pointer;
    uint64_t child_stack, child_tid; /* while it forks: what the child starts with */
    uint64_t call;                   /* the number of the call that it is in */
    bool interrupted;                /* which was cut short by a signal, */
    uint64_t sleep_until_ns;         /* and if it slept, until when it wanted to; 0: not */
    struct waitlist vfork;           /* its parent, until it has a space of its own */
    struct guest_signals signals;
    char path[256]; /* of the program, absolute; may be cut */
};

/* In the nucleus. */
struct guests {
    struct space **spaces; /* by vm's names for them; NULL: none */
    uint32_t space_room;
    uint64_t faults;
    uint64_t alarms; /* times a program was stopped by the clock of the host */
    uint64_t unknown_calls;          /* different ones that we do not have, */
    uint32_t unknown[GUEST_CALLS];   /* and how often each was made */
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
/* Another program in place of the task's. A failure leaves the old one, unless *lost. */
enum status guest_exec (struct task *task, const struct guest_program *program, bool *lost);
void guest_free (struct task *task);

/* Lets the program go on until something happens, and deals with that. */
void guest_step (struct task *task);
/* A signal for the program to handle: it is pending from now on. */
void guest_signal (struct task *task, uint32_t signal);

#endif
