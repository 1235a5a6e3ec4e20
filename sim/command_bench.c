/* command_bench: `khimera bench`: what gates, fibers and boots take on this host. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "command.h"

#define ROUNDS       9u
#define SLICES       31u
#define ROUNDS_QUICK 2u
#define SLICES_QUICK 5u

const struct command_option command_bench_options[]
    = { { "quick", 'q', NULL, "Measure little: fast, and good for nothing but to see it run." },
        OPTION_JSON,
        OPTION_HELP,
        OPTIONS_END };

/* The last CPU allowed, as machines choose theirs, and the first. */
static void
cpus_choose (struct bench *bench)
{
    cpu_set_t allowed;

    bench->cpu       = -1;
    bench->other_cpu = -1;
    if (sched_getaffinity (0, sizeof allowed, &allowed) != 0) {
        bench->cpu = 0;
        return;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET (cpu, &allowed))
            continue;
        if (bench->other_cpu < 0 && bench->cpu >= 0)
            bench->other_cpu = bench->cpu;
        bench->cpu = cpu;
    }
}

int
command_bench (int argc, char **argv)
{
    struct options options;
    struct bench_result result;
    struct bench bench = { .slices = SLICES };
    unsigned rounds    = ROUNDS;
    bool json = false, ok = true;
    const char *option, *value;
    int status;

    options_start (&options, "bench", argc, argv);
    while ((option = options_next (&options, &value)) != NULL) {
        json |= strcmp (option, "json") == 0;
        if (strcmp (option, "quick") == 0) {
            bench.slices = SLICES_QUICK;
            rounds       = ROUNDS_QUICK;
        }
    }
    status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    if (optind < argc) {
        command_complain ("bench", "takes no arguments");
        return EXIT_USAGE;
    }
    cpus_choose (&bench);
    bench_run (&bench, rounds, &result);
    if (json)
        ok = bench_print_json (&bench, &result);
    else
        bench_print (&bench, &result);
    bench_result_clear (&result);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
