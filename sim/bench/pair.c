/* pair: two processes that answer each other, and what they leave behind. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

/* Longer than any pair needs on a host that is not stuck. */
#define PATIENCE_S 20

G_DEFINE_QUARK (khimera-bench-error, bench_error)

struct bench_shared *
bench_shared (void)
{
    static struct bench_shared *shared;

    if (shared == NULL) {
        shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0);
        if (shared == MAP_FAILED)
            g_error ("no memory to share with the processes that are measured");
    }
    return shared;
}

static pid_t
start (const struct bench *bench, int cpu,
       void (*live) (const struct bench *bench, void *argument), void *argument)
{
    pid_t parent = getpid ();
    pid_t child  = fork ();

    if (child != 0)
        return child;
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if (getppid () != parent)
        _exit (1);
    alarm (PATIENCE_S);
    bench_pin (bench, cpu);
    live (bench, argument);
    _exit (0);
}

bool
bench_pair_run (const struct bench *bench, const struct bench_pair *pair, double *ns,
                GError **error)
{
    struct bench_shared *shared = bench_shared ();
    pid_t server, client;

    memset (shared, 0, sizeof *shared);
    server = start (bench, pair->server_cpu, pair->server, pair->argument);
    client = start (bench, pair->client_cpu, pair->client, pair->argument);
    if (client > 0)
        waitpid (client, NULL, 0);
    if (server > 0) {
        kill (server, SIGKILL);
        waitpid (server, NULL, 0);
    }
    *ns = shared->result;
    if (*ns <= 0)
        g_set_error (error, BENCH_ERROR, 0, "%s",
                     shared->why[0] != '\0' ? shared->why : "a process ended too early");
    return *ns > 0;
}
