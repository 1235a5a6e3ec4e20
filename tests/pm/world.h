/* world: what the process manager has around it in its tests: a nucleus that notes what is
 * done to tasks, and a file server that notes who has files. */
#ifndef TESTS_PM_WORLD_H
#define TESTS_PM_WORLD_H

#include "solo/solo.h"

#define WORLD_MAX 4096u

struct world {
    /* answers of the next calls, if not OK */
    enum status clone_fails, make_fails, run_fails;
    bool slow; /* other fibers run inside each call */

    struct world_task {
        uint32_t pid;
        bool running, stopped, killed;
        uint32_t reason;
    } tasks[WORLD_MAX]; /* by task number */
    uint32_t task_count;
    bool has_files[WORLD_MAX]; /* by pid */
    struct world_user {
        uint32_t uid, gid, real_uid, groups;
    } users[WORLD_MAX]; /* as the files know them, by pid */
    uint32_t alarms_released;
    uint32_t last_parent, last_actions, last_action_bytes;
    uint32_t last_strings;
};

extern const struct component_class world_class;

/* The task of a process; NULL if it never had one. */
struct world_task *world_task (struct world *world, uint32_t pid);

#endif
