/* hop: of what a real program's call consists before any kernel has looked at it: a signal
 * that the program gets and returns from, and a switch to the kernel's process and back. What
 * a call takes beyond both is the kernel's own.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "bench/bench.h"

/* ---- a signal ---- */

#ifdef __x86_64__

static void
step_over (int number, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    (void)number;
    (void)info;
    uc->uc_mcontext.gregs[REG_RIP] += 2; /* ud2 */
}

static void
trap (void *argument, uint64_t turns)
{
    (void)argument;
    for (uint64_t i = 0; i < turns; i++)
        __asm__ volatile ("ud2" ::: "memory");
}

bool
bench_signal (const struct bench *bench, double *ns, GError **error)
{
    struct sigaction action = { .sa_sigaction = step_over, .sa_flags = SA_SIGINFO }, before;

    (void)error;
    sigfillset (&action.sa_mask);
    sigaction (SIGILL, &action, &before);
    *ns = bench_slices (bench->slices, trap, NULL, 100);
    sigaction (SIGILL, &before, NULL);
    return true;
}

#else

bool
bench_signal (const struct bench *bench, double *ns, GError **error)
{
    (void)bench;
    (void)ns;
    g_set_error (error, BENCH_ERROR, 0, "real programs are x86-64 programs");
    return false;
}

#endif

/* ---- two processes on one CPU, each of which lets the other run until it has answered ---- */

static void
yield_until (_Atomic uint32_t *line, uint32_t number)
{
    while (atomic_load_explicit (line, memory_order_acquire) != number)
        sched_yield ();
}

static void
turns_give (void *argument, uint64_t turns)
{
    struct bench_shared *shared = argument;
    uint32_t number             = atomic_load (&shared->there);

    for (uint64_t i = 0; i < turns; i++) {
        atomic_store_explicit (&shared->there, ++number, memory_order_release);
        yield_until (&shared->back, number);
    }
}

static void
client (const struct bench *bench, void *argument)
{
    (void)argument;
    bench_shared ()->result = bench_slices (bench->slices, turns_give, bench_shared (), 100);
}

static void
server (const struct bench *bench, void *argument)
{
    struct bench_shared *shared = bench_shared ();

    (void)bench;
    (void)argument;
    for (uint32_t number = 1;; number++) {
        yield_until (&shared->there, number);
        atomic_store_explicit (&shared->back, number, memory_order_release);
    }
}

bool
bench_yield (const struct bench *bench, double *ns, GError **error)
{
    struct bench_pair pair = { .client     = client,
                               .server     = server,
                               .client_cpu = bench->cpu,
                               .server_cpu = bench->cpu };

    return bench_pair_run (bench, &pair, ns, error);
}
