/* bench: a process manager on its own, with init as pid 1, and its calls as one-liners. */
#ifndef TESTS_PM_BENCH_H
#define TESTS_PM_BENCH_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "pm/world.h"

enum {
    INT = 2,
    KILL = 9,
    SEGV = 11,
    TERM = 15,
    CHLD = 17,
    CONT = 18,
    STOP = 19,
    TSTP = 20
};

extern Component *pm, *journal;
extern struct world *world; /* around it */
extern Link *processes;     /* to it */

/* A wait that may be under way. */
struct waiting {
    struct process_wait_req req;
    struct process_wait_rep rep;
    SoloCall *call;
};

int halt (void **state);
enum status spawn_as (uint32_t process, uint32_t group, uint32_t *pid);
uint32_t spawn (uint32_t process);
enum status ends (uint32_t process, uint32_t status);
enum status kills (uint32_t process, int32_t target, uint32_t signal);
enum status waits (uint32_t process, int32_t which, uint32_t flags, uint32_t *pid,
                   uint32_t *status);
void start_wait (struct waiting *w, uint32_t process, int32_t which, uint32_t flags);
struct process_info_rep info (uint32_t process);
bool exists (uint32_t process);
uint64_t ignores (uint32_t process, uint64_t set);
enum status set_group (uint32_t process, uint32_t pid, uint32_t group);
enum status set_ids (uint32_t process, uint32_t uid, uint32_t gid);
bool killed (uint32_t pid, uint32_t signal);
int boot (void **state);

#define PROMISE(test) cmocka_unit_test_setup_teardown (test, boot, halt)

#endif
