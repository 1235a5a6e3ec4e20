/* shell: what the host's busybox takes in a machine: to start, and to fork itself.
 *
 * As in guests.c, forks are timed from outside: the same script with many of them and with
 * none. Starting is all of it, what `khimera run` puts into the root included.
 */
#include "bench/bench.h"
#include "command_run_root.h"

#define FORKS 100u

static void
spoke (void *when)
{
    *(uint64_t *)when = bench_now_ns ();
}

/* spoke_ns: NULL, or when it first wrote something is wanted. */
static bool
run (const char *const arguments[], uint64_t *spoke_ns, GError **error)
{
    static const char *const none[]  = { NULL };
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
    ok = spoke_ns != NULL
             ? bench_machine_speak ("monolithic", arguments, root.archive->bytes, spoke, spoke_ns,
                                    error)
             : bench_machine_boot ("monolithic", none, arguments, root.archive->bytes, error);
    run_root_clear (&root);
    return ok;
}

static bool
run_forks (unsigned count, double *ns, GError **error)
{
    g_autofree char *script
        = g_strdup_printf ("i=0; while [ $i -lt %u ]; do (:); i=$((i+1)); done", count);
    const char *const arguments[] = { RUN_ROOT_BUSYBOX, "sh", "-c", script, NULL };
    double begin                  = bench_used_ns ();
    bool ok                       = run (arguments, NULL, error);

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

/* As where a person types; here nobody does, so behind the prompt comes the end. */
bool
bench_shell_prompt (const struct bench *bench, double *ns, GError **error)
{
    static const char *const arguments[] = { RUN_ROOT_BUSYBOX, "sh", "-i", NULL };
    uint64_t begin                       = bench_now_ns (), end = begin;
    bool ok;

    bench_pin (bench, -1);
    ok  = run (arguments, &end, error);
    *ns = (double)(end - begin);
    bench_pin (bench, bench->cpu);
    return ok;
}

/* All the time until the machine is gone. */
bool
bench_shell_start (const struct bench *bench, double *ns, GError **error)
{
    static const char *const arguments[] = { RUN_ROOT_BUSYBOX, "sh", "-c", ":", NULL };
    uint64_t begin                       = bench_now_ns ();
    bool ok;

    bench_pin (bench, -1);
    ok  = run (arguments, NULL, error);
    *ns = (double)(bench_now_ns () - begin);
    bench_pin (bench, bench->cpu);
    return ok;
}
