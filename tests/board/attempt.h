/* attempt: try system calls from inside a lock and see what comes of each.
 *
 * The lock is the product's own: sandbox_prepare and the compiled filter. Only the handler of a
 * refused call is the tests': where a domain's own would end the process, this one notes what was
 * refused and goes on, so that one process makes thousands of attempts. What ends the process
 * all the same is an outcome too; the rest is tried in a fresh one.
 */
#ifndef TESTS_BOARD_ATTEMPT_H
#define TESTS_BOARD_ATTEMPT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "board/sandbox.h"

/* How the processor is asked. */
enum attempt_gate {
    ATTEMPT_NATIVE,
    ATTEMPT_OLD,      /* int $0x80: the 32-bit calls */
    ATTEMPT_VSYSCALL, /* a jump to a fixed page; `number` is its address */
    ATTEMPT_CODE      /* call a function, `number` is its address, with argument 0 */
};

struct attempt {
    const char *group;
    const char *name;
    enum attempt_gate gate;
    long number;
    uint64_t arguments[6];
    unsigned flags;
};

/* Would do what it says if there were no lock, to nobody else's harm. */
#define ATTEMPT_WORKS (1u << 0)

enum attempt_end {
    ATTEMPT_NOT_MADE,
    ATTEMPT_REFUSED, /* trapped: not made, and the call and the architecture are named */
    ATTEMPT_MADE,    /* it went through, with `result` */
    ATTEMPT_DIED     /* the process ended, by signal `result`, or with status -`result` */
};

struct outcome {
    uint32_t end;  /* enum attempt_end */
    int32_t named; /* REFUSED: the number in the signal */
    int64_t result;
};

struct lab {
    unsigned privileges;
    const int *disks;
    unsigned disk_count;
    const struct sandbox_descriptor *descriptors; /* the disks' and the terminal's */
    unsigned descriptor_count;
    const struct sandbox_filter *filter; /* NULL: no lock at all, nothing prepared */
};

/* Makes all of them; outcomes has room for as many. */
void attempts_make (const struct lab *lab, const struct attempt *attempts, unsigned count,
                    struct outcome *outcomes);

/* "refused as openat (257)", "made: -9", "died of SIGSEGV"; free with g_free. */
char *outcome_text (const struct outcome *outcome);

#endif
