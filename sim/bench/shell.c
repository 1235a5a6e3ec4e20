/* shell: what the host's busybox takes in a machine: to start, and to fork itself.
 *
 * As in guests.c, forks are timed from outside: the same script with many of them and with
 * none. Starting is all of it, what `khimera run` puts into the root included.
 */
#include "bench/bench.h"
#include "command_run_root.h"

#define FORKS 100u

static bool
run (const char *script, GError **error)
{
    static const char *const none[]  = { NULL };
    const char *const arguments[]    = { RUN_ROOT_BUSYBOX, "sh", "-c", script, NULL };
    const struct run_options options = { .shell = RUN_ROOT_BUSYBOX };
    g_autofree char *file            = run_root_busybox ();
    struct run_root root;
    bool ok;

    if (file == NULL) {
        g_set_error (error, BENCH_ERROR, 0, "this host has no static busybox");
        return false;
    }
    if (!run_root_make (&root, &options, NULL, false)) {
        g_set_error (error, BENCH_ERROR, 0, "the host's busybox cannot be read");
        return false;
    }
    ok = bench_machine_boot ("monolithic", none, arguments, root.archive, error);
    run_root_clear (&root);
    return ok;
}

static bool
run_forks (unsigned count, double *ns, GError **error)
{
    g_autofree char *script
        = g_strdup_printf ("i=0; while [ $i -lt %u ]; do (:); i=$((i+1)); done", count);
    double begin = bench_used_ns ();
    bool ok      = run (script, error);

    *ns = bench_used_ns () - begin;
    return ok;
}

bool
bench_shell_fork (const struct bench *bench, double *ns, GError **error)
{
    double with = 0, without = 0;
    bool ok;

    bench_pin (bench, -1);
    ok = run_forks (0, &without, error) && run_forks (FORKS, &with, error);
    bench_pin (bench, bench->cpu);
    *ns = with > without ? (with - without) / FORKS : 0;
    return ok;
}

/* All the time until the shell has ended, so until its prompt at least. */
bool
bench_shell_start (const struct bench *bench, double *ns, GError **error)
{
    uint64_t begin = bench_now_ns ();
    bool ok;

    bench_pin (bench, -1);
    ok  = run (":", error);
    *ns = (double)(bench_now_ns () - begin);
    bench_pin (bench, bench->cpu);
    return ok;
}
