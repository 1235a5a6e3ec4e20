/* child: run a function in a locked process and see how it ends. For the tests of the board. */
#ifndef TESTS_BOARD_CHILD_H
#define TESTS_BOARD_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "board/crash.h"
#include "board/sandbox.h"

/* Shared between a test and its child, at one address. */
struct shared {
    struct crash_record crash;
    volatile uint32_t step; /* how far the two have come: child_arrive, child_await */
    volatile int64_t result; /* whatever the child has to say */
    uint32_t word;           /* a futex */
    char text[256];
};

struct child {
    unsigned privileges;
    const int *disks; /* allowed by the filter */
    unsigned disk_count;
    struct sandbox_descriptor *descriptors;
    unsigned descriptor_count;
    bool unprepared; /* no sandbox_prepare */
    bool unlocked;   /* no filter */
    int64_t (*run) (struct shared *shared, const void *argument);
    const void *argument;
};

/* Exit statuses of a child that could not even start. */
#define CHILD_NOT_PREPARED 101
#define CHILD_NOT_LOCKED   102

/* Fresh, zeroed shared memory; lives until the program ends. */
struct shared *child_shared (void);

/* Forks; the child prepares, locks, runs and ends with status 0. */
pid_t child_start (const struct child *child, struct shared *shared);

/* The status of waitpid. */
int child_end (pid_t process);

/* Both at once. */
int child_run (const struct child *child, struct shared *shared);

/* One side waits until the other has come to step `step`, then lets it go on. */
void child_arrive (struct shared *shared, uint32_t step);
bool child_await (struct shared *shared, uint32_t step);

/* A bare system call with arguments of any width. */
int64_t child_call (long number, const uint64_t arguments[6]);

#endif
