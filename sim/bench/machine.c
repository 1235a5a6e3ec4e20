/* machine: real machines, booted for one measurement each.
 *
 * What is timed inside one runs as its first program, with the host's clock in hand, which no
 * program of a machine has otherwise. Its result comes out through memory that this process
 * shares with all that it forks.
 */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <unistd.h>

#include "bench/bench.h"
#include "board/board.h"
#include "personalities/posix/lib/posix.h"

/* What the first program does; set before the machine is forked. */
static struct {
    bench_work *work;
    uint64_t turns;
    unsigned slices;
} task;

static int
program_bench (int argc, char **argv)
{
    (void)argc;
    (void)argv;
    bench_shared ()->result = bench_slices (task.slices, task.work, NULL, task.turns);
    return 0;
}

static const struct program programs[] = {
    { "bench", program_bench, "what is to be timed" },
    { NULL, NULL, NULL },
};

static bool
boot (const char *machine, const char *const *assignments, const char *const *arguments,
      const GByteArray *archive, void (*spoke) (void *data), void *data, GError **error)
{
    g_autofree char *report     = NULL;
    MachineConfig *config       = config_read (machine, (char **)assignments, &report);
    struct build_init init      = { .arguments = (char **)arguments, .archive = archive };
    struct board_options options = { .input      = BOARD_INPUT_NONE,
                                     .timeout_ms = 20000,
                                     .spoke      = spoke,
                                     .spoke_data = data };
    struct board_result result;
    Machine *built;
    bool ok;

    if (config == NULL) {
        g_set_error_literal (error, BENCH_ERROR, 0, g_strchomp (report));
        return false;
    }
    built = machine_build (config, &init, error);
    config_free (config);
    if (built == NULL)
        return false;
    board_run (built, &options, &result);
    ok = result.end == BOARD_HALTED && result.status == 0;
    if (!ok)
        g_set_error_literal (error, BENCH_ERROR, 0,
                             result.report->len != 0 ? g_strchomp (result.report->str)
                                                     : "the machine did not end well");
    g_string_free (result.report, TRUE);
    machine_free (built);
    if (result.end == BOARD_SIGNAL) /* that was for us */
        raise (result.status);
    return ok;
}

bool
bench_machine_boot (const char *machine, const char *const *assignments,
                    const char *const *arguments, const GByteArray *archive, GError **error)
{
    return boot (machine, assignments, arguments, archive, NULL, NULL, error);
}

/* Somebody waits for the machine's first word. */
struct listener {
    void (*spoke) (void *data);
    void *data;
    bool heard;
};

static void
hear (void *argument)
{
    struct listener *listener = argument;

    listener->heard = true;
    listener->spoke (listener->data);
}

bool
bench_machine_speak (const char *machine, const char *const *arguments,
                     const GByteArray *archive, void (*spoke) (void *data), void *data,
                     GError **error)
{
    static const char *const none[] = { NULL };
    struct listener listener        = { spoke, data, false };
    int out                         = dup (STDOUT_FILENO);
    int nowhere                     = open ("/dev/null", O_WRONLY | O_CLOEXEC);
    bool ok;

    fflush (stdout);
    dup2 (nowhere, STDOUT_FILENO);
    ok = boot (machine, none, arguments, archive, hear, &listener, error);
    dup2 (out, STDOUT_FILENO);
    close (nowhere);
    close (out);
    if (ok && !listener.heard) {
        g_set_error (error, BENCH_ERROR, 0, "the machine wrote nothing");
        ok = false;
    }
    return ok;
}

bool
bench_machine_run (const char *machine, const char *const *assignments,
                   const char *const *arguments, GError **error)
{
    return bench_machine_boot (machine, assignments, arguments, NULL, error);
}

bool
bench_machine_work (const struct bench *bench, const char *machine,
                    const char *const *assignments, bench_work *work, uint64_t turns, double *ns,
                    GError **error)
{
    static const char *const arguments[] = { "bench", NULL };
    bool ok;

    task.work              = work;
    task.turns             = turns;
    task.slices            = bench->slices;
    bench_shared ()->result = NAN;
    programs_extra         = programs;
    ok                     = bench_machine_run (machine, assignments, arguments, error);
    programs_extra         = NULL;
    *ns                    = bench_shared ()->result;
    if (ok && isnan (*ns)) {
        g_set_error (error, BENCH_ERROR, 0, "the program left no result");
        ok = false;
    }
    return ok;
}
