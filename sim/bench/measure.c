/* measure: slices, medians, CPUs. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"

uint64_t
bench_now_ns (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Few values, and no allocation: this also runs inside a machine. */
static void
sort (double *values, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        double value = values[i];
        unsigned at  = i;

        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

double
bench_median (double *values, unsigned count)
{
    sort (values, count);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* Processor time of all that the process's first thread has forked and that lives, and of what
 * those have forked. */
static double
offspring_ns (pid_t process)
{
    g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", process, process);
    g_autofree char *list = NULL;
    double ns             = 0;
    char *at;

    if (!g_file_get_contents (path, &list, NULL, NULL))
        return 0;
    at = list;
    for (;;) {
        pid_t child = (pid_t)strtol (at, &at, 10);
        clockid_t clock;
        struct timespec used;

        if (child == 0)
            return ns;
        if (clock_getcpuclockid (child, &clock) == 0 && clock_gettime (clock, &used) == 0)
            ns += (double)used.tv_sec * 1e9 + (double)used.tv_nsec;
        ns += offspring_ns (child);
    }
}

double
bench_used_ns (void)
{
    double living = offspring_ns (getpid ());
    struct rusage own, ended;

    getrusage (RUSAGE_SELF, &own);
    getrusage (RUSAGE_CHILDREN, &ended);
    timeradd (&own.ru_utime, &own.ru_stime, &own.ru_utime);
    timeradd (&ended.ru_utime, &ended.ru_stime, &ended.ru_utime);
    timeradd (&own.ru_utime, &ended.ru_utime, &own.ru_utime);
    return living + (double)own.ru_utime.tv_sec * 1e9 + (double)own.ru_utime.tv_usec * 1e3;
}

double
bench_slices (unsigned slices, bench_work *work, void *argument, uint64_t turns)
{
    double values[BENCH_SLICES_MAX];
    unsigned count = slices < BENCH_SLICES_MAX ? slices : BENCH_SLICES_MAX;

    work (argument, turns);
    for (unsigned i = 0; i < count; i++) {
        uint64_t begin = bench_now_ns ();

        work (argument, turns);
        values[i] = (double)(bench_now_ns () - begin) / (double)turns;
    }
    return bench_median (values, count);
}

void
bench_pin (const struct bench *bench, int cpu)
{
    cpu_set_t set;

    CPU_ZERO (&set);
    CPU_SET (cpu >= 0 ? cpu : bench->cpu, &set);
    if (cpu < 0 && bench->other_cpu >= 0)
        CPU_SET (bench->other_cpu, &set);
    sched_setaffinity (0, sizeof set, &set);
}
