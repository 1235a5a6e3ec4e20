/* channels: two processes of one machine that post to each other, as its dispatchers do, each
 * with the memory and the locks of its domain. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench/bench.h"
#include "board/build.h"
#include "gate/gate.h"

#define PAYLOAD_BYTES 64u
#define PAGE          4096u
#define SERVER        1u /* the domain that is not the kernel */

struct talk {
    Machine *machine;
    pid_t parent;
    uint32_t bulk; /* bytes each way, beside the payload */
};

/* Makes this process one of a domain: what the zygote does for it. */
static bool
enter (const struct talk *talk, uint32_t domain)
{
    struct sandbox_setup setup = { .parent = talk->parent };
    const struct sandbox_filter *filter;
    const char *failed = NULL;
    char why[128];

    if (!regions_map_plan (&talk->machine->regions)
        || regions_map (&talk->machine->regions, domain) != NULL)
        failed = "memory";
    here   = RUNTIME (domain);
    filter = machine_filter (talk->machine, domain, why, sizeof why);
    if (failed == NULL)
        failed = sandbox_prepare (&setup);
    if (failed == NULL && (filter == NULL || (errno = sandbox_lock (filter)) != 0))
        failed = "filter";
    if (failed == NULL)
        return true;
    g_snprintf (bench_shared ()->why, sizeof bench_shared ()->why, "%s: %s", failed,
                strerror (errno));
    return false;
}

/* One message out; the next one in. Bulk is copied as a gate does: into the window, and out of
 * it to where it belongs. */
static void
post (const struct talk *talk, uint32_t to)
{
    struct message *message = &here->staged_message;

    message->kind  = MESSAGE_REPLY;
    message->into  = PAYLOAD_BYTES;
    message->bulk  = talk->bulk;
    message->token = here->token;
    channel_post ((uint16_t)to, message, FIBER_INTO (here, 0));
}

static void
receive (uint32_t from)
{
    while (channel_wait (UINT64_MAX) != from) {
    }
    here->token = here->inbox.token;
    if (here->inbox.bulk != 0)
        memcpy (FIBER_FROM (here, 0), HALF (from, here->domain)->window, here->inbox.bulk);
}

static void
ping (void *argument, uint64_t turns)
{
    for (uint64_t i = 0; i < turns; i++) {
        post (argument, SERVER);
        receive (SERVER);
    }
}

static void
client (const struct bench *bench, void *argument)
{
    if (enter (argument, DOMAIN_KERNEL))
        bench_shared ()->result = bench_slices (bench->slices, ping, argument, 50);
}

static void
server (const struct bench *bench, void *argument)
{
    (void)bench;
    if (!enter (argument, SERVER))
        return;
    for (;;) {
        receive (DOMAIN_KERNEL);
        post (argument, DOMAIN_KERNEL);
    }
}

static bool
talk_run (const struct bench *bench, int client_cpu, int server_cpu, uint32_t bulk, double *ns,
          GError **error)
{
    static char placement[]     = "machine.placement=none";
    static char apart[]         = "component.pm.domain=own";
    static char together[]      = "user.domain=kernel";
    char *assignments[]         = { placement, apart, together, NULL };
    const struct build_init none = { .arguments = NULL };
    g_autofree char *report     = NULL;
    MachineConfig *config       = config_read ("monolithic", assignments, &report);
    struct talk talk            = { .parent = getpid (), .bulk = bulk };
    const struct bench_pair pair = { .client     = client,
                                     .server     = server,
                                     .argument   = &talk,
                                     .client_cpu = client_cpu,
                                     .server_cpu = server_cpu };
    bool ok;

    if (config == NULL) {
        g_set_error_literal (error, BENCH_ERROR, 0, g_strchomp (report));
        return false;
    }
    talk.machine = machine_build (config, &none, error);
    config_free (config);
    if (talk.machine == NULL)
        return false;
    ok = bench_pair_run (bench, &pair, ns, error);
    machine_free (talk.machine);
    return ok;
}

bool
bench_channel_two_cpus (const struct bench *bench, double *ns, GError **error)
{
    if (bench->other_cpu < 0) {
        g_set_error (error, BENCH_ERROR, 0, "there is only one CPU");
        return false;
    }
    return talk_run (bench, bench->cpu, bench->other_cpu, 0, ns, error);
}

bool
bench_channel_one_cpu (const struct bench *bench, double *ns, GError **error)
{
    return talk_run (bench, bench->cpu, bench->cpu, 0, ns, error);
}

bool
bench_channel_free (const struct bench *bench, double *ns, GError **error)
{
    return talk_run (bench, -1, -1, 0, ns, error);
}

bool
bench_channel_page (const struct bench *bench, double *ns, GError **error)
{
    return talk_run (bench, bench->cpu, bench->cpu, PAGE, ns, error);
}
