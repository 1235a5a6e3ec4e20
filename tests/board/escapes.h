/* escapes: what a component that has been taken over might try, with arguments that mean it. */
#ifndef TESTS_BOARD_ESCAPES_H
#define TESTS_BOARD_ESCAPES_H

#include "attempt.h"

/* What the attempts aim at. */
struct canary {
    char path[64];       /* a file that anybody may write */
    char folder[64];     /* a place that anybody may write in */
    pid_t sibling;       /* another process of the same user */
    uint8_t *memory;     /* a page shared with it */
    const uint8_t *view; /* the same, mapped read-only */
};

/* A struct attempt each, in groups: files, network, processes, memory, kernel, ipc,
 * descriptors, arguments, resources. None of them may succeed in any profile. */
GArray *escapes_new (const struct canary *canary);

/* The ways around the numbers of calls: the 32-bit gate, the x32 numbers, the fixed page. */
GArray *escapes_gates_new (void);

/* Every value of an argument that differs in one bit from one that passes, for each call that
 * passes with some only. */
GArray *escapes_near_new (const struct canary *canary, const int *disks, unsigned disk_count,
                          unsigned privileges);

/* What each profile must be able to do, and what comes of it. */
struct duty {
    struct attempt attempt;
    struct outcome expected;
};
#define RESULT_POSITIVE INT64_MAX /* expected.result: any above 0 */

GArray *duties_new (const struct canary *canary, unsigned privileges);

#endif
