/* rows: everything that is measured, and what is expected of it. */
#include "bench/bench.h"

const struct bench_row bench_rows[] = {
    { "function_call", "call through a function pointer", bench_function_call, ANCHOR_F,
      ANCHOR_NONE, TARGET_NONE, 0 },
    { "host_getpid", "getpid of the host", bench_host_getpid, ANCHOR_G, ANCHOR_NONE,
      TARGET_NONE, 0 },
    { "lines", "cache line to another CPU, and one back", bench_lines, ANCHOR_L, ANCHOR_NONE,
      TARGET_NONE, 0 },
    { "one_line", "the same cache line there and back", bench_one_line, ANCHOR_NONE, ANCHOR_L,
      TARGET_NONE, 0 },
    { "pipe", "pipe there and back, one CPU", bench_pipe, ANCHOR_P, ANCHOR_NONE, TARGET_NONE,
      0 },
    { "swapcontext", "swapcontext of the C library", bench_swapcontext, ANCHOR_S, ANCHOR_NONE,
      TARGET_NONE, 0 },

    { "fiber_switch", "fiber switch", bench_fiber_switch, ANCHOR_NONE, ANCHOR_S, TARGET_RATIO,
      0.1 },
    { "direct_call", "call by the direct gate, all accounting", bench_direct_call, ANCHOR_NONE,
      ANCHOR_F, TARGET_RATIO, 6 },
    { "getpid_one_domain", "simulated getpid, all in one domain", bench_getpid_one_domain,
      ANCHOR_NONE, ANCHOR_G, TARGET_RATIO, 0.4 },
    { "getpid_pm_apart", "simulated getpid, pm in a domain of its own", bench_getpid_pm_apart,
      ANCHOR_NONE, ANCHOR_P, TARGET_NONE, 0 },
    { "getpid_microkernel", "simulated getpid, microkernel", bench_getpid_microkernel,
      ANCHOR_NONE, ANCHOR_P, TARGET_NONE, 0 },
    { "channel_two_cpus", "channel, 64 bytes there and back, two CPUs", bench_channel_two_cpus,
      ANCHOR_NONE, ANCHOR_L, TARGET_RATIO, 1.3 },
    { "channel_one_cpu", "channel, 64 bytes there and back, one CPU", bench_channel_one_cpu,
      ANCHOR_NONE, ANCHOR_P, TARGET_RATIO, 0.7 },
    { "channel_free", "channel, 64 bytes, nothing pinned, worst round", bench_channel_free,
      ANCHOR_NONE, ANCHOR_P, TARGET_WORST, 1.0 },
    { "channel_page", "channel, 4 KiB there and back, one CPU", bench_channel_page, ANCHOR_NONE,
      ANCHOR_P, TARGET_RATIO, 0.6 },
    { "boot", "microkernel of 10, from nothing to its shell's end", bench_boot, ANCHOR_NONE,
      ANCHOR_NONE, TARGET_NS, 50e6 },
    { "event_core", "event core, tracing on", bench_event_core, ANCHOR_NONE, ANCHOR_NONE,
      TARGET_RATE, 5e6 },
};

const unsigned bench_row_count = G_N_ELEMENTS (bench_rows);
