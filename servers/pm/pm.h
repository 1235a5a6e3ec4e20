/* pm: what its files share: the process table. */
#ifndef PM_H
#define PM_H

#include "interfaces/interfaces.h"

/* In the order of the class's needs. */
enum { PM_KERNEL, PM_FILES, PM_CLOCK, PM_LOG };

enum { SIGNAL_KILL = 9, SIGNAL_CHILD = 17, SIGNAL_CONTINUE = 18, SIGNAL_STOP = 19 };

#define PM_INIT    1u
#define PM_PID_MAX 4194304u

enum pm_life {
    PM_BORN,   /* spawn has not finished: there may be no files and no task yet */
    PM_LIVE,   /* has a task */
    PM_ENDING, /* exit has not finished */
    PM_ZOMBIE, /* only what wait will tell is left */
};

/* A wait that has not been answered; hangs from the process that waits. */
struct pm_waiter {
    struct pm_waiter *next;
    struct call call;
    int32_t which;
    uint32_t flags;
    uint32_t group; /* of the caller when it called, for which 0 */
};

/* What somebody has used: as kernel.task_info says. */
struct pm_use {
    uint64_t cpu_ns, faults, slow, peak;
};

/* Users, or groups. files: by which the file system goes. */
struct pm_ids {
    uint32_t real, effective, saved, files;
};

struct process {
    uint32_t pid;
    uint32_t group;
    uint32_t session;
    struct pm_ids uids, gids;
    int32_t nice;
    uint32_t group_count; /* further ones; owned, NULL: none */
    uint32_t *groups;
    uint32_t task;   /* LIVE, ENDING */
    uint32_t status; /* ENDING, ZOMBIE: how it ended */
    enum pm_life life;
    bool executed; /* another program than its parent's: that one leaves its group alone */
    bool stopped;
    uint32_t
        stop_report; /* signal that stopped it, until its parent has been told; 0: none */
    bool continued; /* goes on again, and its parent has not been told */
    uint32_t stop_wanted; /* BORN: signal that will stop it once it has a task */
    uint32_t kill_wanted; /* BORN, stopped: signal that will end it once it can run */
    bool killed;          /* the nucleus has been told to end it */
    uint64_t ignored;     /* SIGNAL_BIT */
    uint64_t caught;      /* those that the program wants to see itself */
    uint64_t birth;       /* counts up; older ones have smaller numbers */
    uint64_t start_ns;
    struct pm_use use;      /* ENDING, ZOMBIE */
    struct pm_use children; /* of those that were waited for, and of theirs */
    struct limit limits[LIMITS];
    char name[PROCESS_NAME_MAX];

    struct process *parent;                   /* NULL: the machine */
    struct process *child_first, *child_last; /* in the order of birth or adoption */
    struct process *sibling_next, *sibling_previous;
    struct process *pid_next, *pid_previous; /* all, by rising pid */
    struct process *hash_next;
    struct pm_waiter *waiters;
};

struct pm {
    struct process *first, *last; /* by rising pid */
    struct process **buckets;
    uint32_t bucket_count; /* a power of two, or 0 */
    uint32_t count;
    uint32_t last_pid; /* given out most recently */
    uint64_t births;
    uint64_t descriptors_most; /* that any process may have */
    struct mutex identifying;  /* while the files learn who somebody is */
};

/* ---- table.c ---- */

struct process *pm_find (const struct pm *pm, uint32_t pid); /* NULL: there is none */
/* The first with this pid or a higher one. */
struct process *pm_find_from (const struct pm *pm, uint32_t pid);
/* A new one with a pid of its own, BORN, child of `parent`; NULL when memory is used up. */
struct process *pm_add (Component *self, struct process *parent);
/* Takes it out of the table and frees it. It has no children and nobody waits in it. */
void pm_remove (Component *self, struct process *process);
/* Gives it to another parent, or to the machine. */
void pm_adopt (struct process *process, struct process *parent);
bool pm_group_exists (const struct pm *pm, uint32_t group, uint32_t session);

/* ---- identity.c ---- */

/* May it do what only root may? */
static inline bool
pm_is_root (const struct process *process)
{
    return process->uids.effective == 0;
}

bool pm_ids_have (const struct pm_ids *ids, uint32_t id); /* real, effective or saved */
/* The child is who its parent is. False: no memory. */
bool pm_identity_inherit (Component *self, struct process *child, const struct process *from);
/* It has another program, whose file gives it these rights (BECOME_*). Blocks. */
void pm_identity_exec (Component *self, struct process *process, uint32_t become, uint32_t uid,
                       uint32_t gid);
enum status pm_setids (Component *self, struct call *call, const struct process_setids_req *req,
                       struct process_setids_rep *rep);
enum status pm_groups (Component *self, struct call *call, const struct process_groups_req *req,
                       struct process_groups_rep *rep);

/* ---- nice.c ---- */

/* A process that was made and not forked: the nucleus learns how nice it is. Blocks. */
void pm_nice_tell (Component *self, const struct process *process);
enum status pm_nice (Component *self, struct call *call, const struct process_nice_req *req,
                     struct process_nice_rep *rep);

/* ---- limit.c ---- */

/* Those of a process of which nothing else was said. Blocks. */
void pm_limit_begin (Component *self, struct process *process);
/* A process that was made and not forked, and is still BORN: the nucleus learns of its limits.
 * Blocks. */
void pm_limit_tell_all (Component *self, const struct process *process);
/* May whoever has that user have one more? */
bool pm_limit_allows_child (const struct pm *pm, const struct process *parent);
enum status pm_limit (Component *self, struct call *call, const struct process_limit_req *req,
                      struct process_limit_rep *rep);

/* What it has used so far. Blocks; the process may be gone afterwards. */
struct pm_use pm_used (Component *self, const struct process *process);
/* Together; of the peaks the higher one. */
void pm_use_add (struct pm_use *use, const struct pm_use *more);

/* ---- spawn.c, wait.c, kill.c: handlers, and what they need of each other ---- */

enum status pm_spawn (Component *self, struct call *call,
                      const struct process_spawn_req *req, struct process_spawn_rep *rep);
enum status pm_exit (Component *self, struct call *call, const struct process_exit_req *req,
                     struct process_exit_rep *rep);
enum status pm_wait (Component *self, struct call *call, const struct process_wait_req *req,
                     struct process_wait_rep *rep);
enum status pm_kill (Component *self, struct call *call, const struct process_kill_req *req,
                     struct process_kill_rep *rep);
enum status pm_fork (Component *self, struct call *call, const struct process_fork_req *req,
                     struct process_fork_rep *rep);
enum status pm_expire (Component *self, struct call *call, const struct process_expire_req *req,
                       struct process_expire_rep *rep);
void pm_cancel (Component *self, const struct call *call);

/* Answers those waits in `parent` that can be answered now. NULL: nothing to do. */
void pm_wake_waiters (Component *self, struct process *parent);

/* What SIGCHLD tells of a child; status: WAIT_*. */
struct signal_info pm_news_of (const struct process *child, int32_t code, uint32_t status);
/* A signal of the system's own to a process that may be gone by now. May block. */
void pm_notify (Component *self, uint32_t pid, const struct signal_info *info);

/* Does to a process that has just got its task what came for it before. May block. */
void pm_deliver_wanted (Component *self, uint32_t pid);

#endif
