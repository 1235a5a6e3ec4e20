#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct shared *
child_shared (void)
{
    struct shared *shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort ();
    return shared;
}

int64_t
child_call (long number, const uint64_t arguments[6])
{
    long result = syscall (number, arguments[0], arguments[1], arguments[2], arguments[3],
                           arguments[4], arguments[5]);
    return result < 0 ? -errno : result;
}

static _Noreturn void
leave (int status)
{
    for (;;)
        syscall (SYS_exit_group, status);
}

pid_t
child_start (const struct child *child, struct shared *shared)
{
    struct sandbox_filter filter = { 0 };
    char error[256];

    if (!child->unlocked
        && !sandbox_compile (child->privileges, child->disks, child->disk_count, &filter, error,
                             sizeof error)) {
        fprintf (stderr, "%s\n", error);
        abort ();
    }

    pid_t parent  = getpid ();
    pid_t process = fork ();
    if (process == 0) {
        struct sandbox_setup setup = {
            .privileges       = child->privileges,
            .parent           = parent,
            .descriptors      = child->descriptors,
            .descriptor_count = child->descriptor_count,
        };
        if (!child->unprepared && sandbox_prepare (&setup) != NULL)
            leave (CHILD_NOT_PREPARED);
        if (!crash_handlers_install (&shared->crash))
            leave (CHILD_NOT_PREPARED);
        if (!child->unlocked && sandbox_lock (&filter) != 0)
            leave (CHILD_NOT_LOCKED);
        shared->result = child->run (shared, child->argument);
        leave (0);
    }
    sandbox_filter_clear (&filter);
    return process;
}

int
child_end (pid_t process)
{
    int status = -1;

    while (waitpid (process, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

int
child_run (const struct child *child, struct shared *shared)
{
    return child_end (child_start (child, shared));
}

void
child_arrive (struct shared *shared, uint32_t step)
{
    __atomic_store_n (&shared->step, step, __ATOMIC_SEQ_CST);
}

bool
child_await (struct shared *shared, uint32_t step)
{
    struct timespec start, now;

    clock_gettime (CLOCK_MONOTONIC, &start);
    do {
        if (__atomic_load_n (&shared->step, __ATOMIC_SEQ_CST) >= step)
            return true;
        sched_yield ();
        clock_gettime (CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - start.tv_sec < 20);
    return false;
}
