/* boot: a whole machine, from its file's text to the last of its processes gone. */
#include "bench/bench.h"

/* The preset, and as many file systems more as make ten components: it has nine of its own
 * when there is no disk. */
static const char *const ten[] = { "component.tmpfs2.class=tmpfs", "component.tmpfs2.domain=own",
                                   NULL };

bool
bench_boot (const struct bench *bench, double *ns, GError **error)
{
    static const char *const arguments[] = { "sh", "-c", "true", NULL };
    uint64_t begin                       = bench_now_ns ();
    bool ok;

    bench_pin (bench, -1);
    ok  = bench_machine_run ("microkernel", ten, arguments, error);
    *ns = (double)(bench_now_ns () - begin);
    bench_pin (bench, bench->cpu);
    return ok;
}
