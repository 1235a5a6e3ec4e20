/* linux: the face of Linux x86-64, kernel side, for real programs (guest/guest.h).
 *
 * Each call is a function of one shape, found by its number in the table that calls.def
 * makes. It becomes operations of the same interfaces that the built-in programs' calls
 * become. */
#ifndef LINUX_H
#define LINUX_H

#include <errno.h>

#include "guest/guest.h"
#include "interfaces/interfaces.h"
#include "nucleus/nucleus.h"

typedef int64_t linux_function (struct task *task, const uint64_t *a);

#define FULL(number, name)                 linux_function linux_##name;
#define PARTIAL(number, name, missing)     linux_function linux_##name;
#define REFUSE(number, name, error, why)
#include "personalities/linux/calls.def"
#undef FULL
#undef PARTIAL
#undef REFUSE

#define LINUX_FUNCTION(name) int64_t linux_##name (struct task *task, const uint64_t *a)

/* A result that is none: the registers are already as they shall be. */
#define LINUX_NO_RESULT INT64_MIN

/* Calls are not numbered higher. */
#define LINUX_CALLS GUEST_CALLS

enum linux_support { LINUX_UNKNOWN, LINUX_FULL, LINUX_PARTIAL, LINUX_REFUSED };

/* For people and tools: the name, how well it is supported, and what is missing or why it is
 * refused. False: not in the table. */
bool linux_call_describe (uint32_t number, const char **name, enum linux_support *support,
                          const char **text);

/* "openat"; "?" if it is not in the table. */
const char *linux_call_name (uint32_t number);

/* Serves the call that the task's registers name. */
void linux_call (struct task *task);
/* At the edge of user mode: signals that wait are handled. */
void linux_deliver (struct task *task);
/* Would the program itself see it now? */
bool linux_signal_is_wanted (const struct task *task, uint32_t signal);
/* Wakes so many who wait there; how many those were. */
int64_t linux_futex_wake (struct space *space, uint64_t address, uint32_t count);
/* The task ends, or its program: who waits for a lock that it has is told. */
void linux_robust_leave (struct task *task);
/* SIGALRM has been taken: the timer that is set for more than one runs again. */
void linux_alarm_again (struct task *task);
/* A signal of one of its timers has been taken. */
void linux_timer_seen (struct task *task, const struct signal_info *info);
/* The program is another one: it has no timers, but for those of processor time. */
void linux_timers_drop (struct task *task);
/* clone, when it makes a thread. */
int64_t linux_thread (struct task *task, const uint64_t *a);
/* The program has made a mistake: it handles the signal, or ends. */
void linux_force_signal (struct task *task, uint32_t signal, uint64_t address, int code);
/* The program is another one now: handlers are gone. */
void linux_exec_signals (struct task *task);
/* The task is to go on as a program of ours, which handles none. */
void linux_leave_signals (struct task *task);
/* Until the call is over, and a signal that ends it is handled, those of the mask there are blocked;
 * all is as it is if the address is 0. 0, or -errno. */
int64_t linux_mask_for_now (struct task *task, uint64_t address, uint64_t bytes);
/* A signal to itself. */
void linux_signal_self (struct task *task, uint32_t signal);

/* 0, or -errno. */
int64_t linux_result (enum status status);

/* ---- the program's memory: 0 or -EFAULT ---- */

int64_t linux_get (struct task *task, uint64_t address, void *into, uint64_t bytes);
int64_t linux_put (struct task *task, uint64_t address, const void *from, uint64_t bytes);

/* ---- paths ---- */

/* A path of a program, relative to a directory's descriptor. While it is in use the process
 * may be in that directory. */
struct linux_path {
    grant grant;
    char *back; /* where the process was; NULL: it has not moved */
    bool alone; /* its other threads have to wait until this is over */
    char text[FILE_PATH_MAX];
};

enum { LINUX_MAY_BE_EMPTY = 1 };

/* 0, or -errno: then there is nothing to end. */
int64_t linux_path_begin (struct task *task, int64_t dirfd, uint64_t address, unsigned flags,
                          struct linux_path *path);
void linux_path_end (struct task *task, struct linux_path *path);

#define LINUX_HERE (-100) /* AT_FDCWD */

/* ---- what was used: processor time, faults, those for which bytes were brought, most pages ---- */

struct linux_usage {
    uint64_t cpu_ns, faults, slow, peak;
};

/* As struct rusage. */
int64_t linux_put_usage (struct task *task, uint64_t address, const struct linux_usage *used);

/* ---- memory for one call ---- */

void *linux_alloc (uint64_t bytes);
void linux_free (void *memory);

#endif
