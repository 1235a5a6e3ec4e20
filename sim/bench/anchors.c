/* anchors: what the host itself takes for the simplest things of each kind. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/bench.h"
#include "gate/futex.h"

/* ---- F: where the linker happens to put so short a loop changes it by half, so both of its parts
 * begin a line. ---- */

static __attribute__ ((noinline, aligned (64))) int
called (int number)
{
    __asm__ volatile ("" : "+r"(number));
    return number;
}

static __attribute__ ((aligned (64))) void
call_pointer (void *argument, uint64_t turns)
{
    int (*volatile const *function) (int) = argument;

    for (uint64_t i = 0; i < turns; i++)
        (*function) ((int)i);
}

bool
bench_function_call (const struct bench *bench, double *ns, GError **error)
{
    int (*volatile function) (int) = called;

    (void)error;
    *ns = bench_slices (bench->slices, call_pointer, (void *)&function, 50000);
    return true;
}

/* ---- G ---- */

static void
call_getpid (void *argument, uint64_t turns)
{
    (void)argument;
    for (uint64_t i = 0; i < turns; i++)
        syscall (SYS_getpid);
}

bool
bench_host_getpid (const struct bench *bench, double *ns, GError **error)
{
    (void)error;
    *ns = bench_slices (bench->slices, call_getpid, NULL, 1000);
    return true;
}

/* ---- L: a number there, and the next one back. Each side writes a line of its own, as where
 * neither trusts the other. For comparison, one line that both write. ---- */

#define TURNS_PATIENT 65536u /* before we let others run: they may need our CPU */

static void
line_wait (_Atomic uint32_t *line, uint32_t number)
{
    for (unsigned turn = 1; atomic_load_explicit (line, memory_order_acquire) != number; turn++) {
        if (turn % TURNS_PATIENT == 0)
            sched_yield ();
        spin_pause ();
    }
}

static void
lines_ping (void *argument, uint64_t turns)
{
    struct bench_shared *shared = argument;
    uint32_t number             = atomic_load (&shared->there);

    for (uint64_t i = 0; i < turns; i++) {
        atomic_store_explicit (&shared->there, ++number, memory_order_release);
        line_wait (&shared->back, number);
    }
}

static void
lines_client (const struct bench *bench, void *argument)
{
    (void)argument;
    bench_shared ()->result = bench_slices (bench->slices, lines_ping, bench_shared (), 500);
}

static void
lines_server (const struct bench *bench, void *argument)
{
    struct bench_shared *shared = bench_shared ();

    (void)bench;
    (void)argument;
    for (uint32_t number = 1;; number++) {
        line_wait (&shared->there, number);
        atomic_store_explicit (&shared->back, number, memory_order_release);
    }
}

static void
one_line_ping (void *argument, uint64_t turns)
{
    _Atomic uint32_t *line = &((struct bench_shared *)argument)->there;
    uint32_t number        = atomic_load (line);

    for (uint64_t i = 0; i < turns; i++, number += 2) {
        atomic_store_explicit (line, number + 1, memory_order_release);
        line_wait (line, number + 2);
    }
}

static void
one_line_client (const struct bench *bench, void *argument)
{
    (void)argument;
    bench_shared ()->result = bench_slices (bench->slices, one_line_ping, bench_shared (), 500);
}

static void
one_line_server (const struct bench *bench, void *argument)
{
    _Atomic uint32_t *line = &bench_shared ()->there;

    (void)bench;
    (void)argument;
    for (uint32_t number = 1;; number += 2) {
        line_wait (line, number);
        atomic_store_explicit (line, number + 1, memory_order_release);
    }
}

static bool
two_cpus_run (const struct bench *bench,
              void (*client) (const struct bench *bench, void *argument),
              void (*server) (const struct bench *bench, void *argument), double *ns,
              GError **error)
{
    const struct bench_pair pair = { .client     = client,
                                     .server     = server,
                                     .client_cpu = bench->cpu,
                                     .server_cpu = bench->other_cpu };

    if (bench->other_cpu < 0) {
        g_set_error (error, BENCH_ERROR, 0, "there is only one CPU");
        return false;
    }
    return bench_pair_run (bench, &pair, ns, error);
}

bool
bench_lines (const struct bench *bench, double *ns, GError **error)
{
    return two_cpus_run (bench, lines_client, lines_server, ns, error);
}

bool
bench_one_line (const struct bench *bench, double *ns, GError **error)
{
    return two_cpus_run (bench, one_line_client, one_line_server, ns, error);
}

/* ---- P ---- */

struct pipes {
    int there[2], back[2];
};

static void
pipe_ping (void *argument, uint64_t turns)
{
    const struct pipes *pipes = argument;
    char byte                 = 0;

    for (uint64_t i = 0; i < turns; i++)
        if (write (pipes->there[1], &byte, 1) != 1 || read (pipes->back[0], &byte, 1) != 1)
            _exit (1);
}

static void
pipe_client (const struct bench *bench, void *argument)
{
    bench_shared ()->result = bench_slices (bench->slices, pipe_ping, argument, 40);
}

static void
pipe_server (const struct bench *bench, void *argument)
{
    const struct pipes *pipes = argument;
    char byte;

    (void)bench;
    while (read (pipes->there[0], &byte, 1) == 1 && write (pipes->back[1], &byte, 1) == 1) {
    }
}

bool
bench_pipe (const struct bench *bench, double *ns, GError **error)
{
    struct pipes pipes;
    const struct bench_pair pair = { .client     = pipe_client,
                                     .server     = pipe_server,
                                     .argument   = &pipes,
                                     .client_cpu = bench->cpu,
                                     .server_cpu = bench->cpu };
    bool ok                      = false;

    if (pipe2 (pipes.there, O_CLOEXEC) != 0 || pipe2 (pipes.back, O_CLOEXEC) != 0) {
        g_set_error (error, BENCH_ERROR, 0, "no pipe");
        return false;
    }
    ok = bench_pair_run (bench, &pair, ns, error);
    for (unsigned i = 0; i < 2; i++) {
        close (pipes.there[i]);
        close (pipes.back[i]);
    }
    return ok;
}
