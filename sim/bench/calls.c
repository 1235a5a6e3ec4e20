/* calls: what is timed from inside a machine: gates, system calls, the event core. */
#include <string.h>

#include "bench/bench.h"
#include "fault/fault.h"
#include "gate/gate.h"
#include "interfaces/interfaces.h"
#include "nucleus/nucleus.h"
#include "personalities/posix/lib/posix.h"
#include "watch/event.h"

/* The programs in the kernel's own process too: then a program can call what the nucleus
 * calls, by the same links. */
static const char *const one_domain[] = { "user.domain=kernel", NULL };
static const char *const pm_apart[]   = { "user.domain=kernel", "component.pm.domain=own", NULL };

/* tmpfs has nothing to write back: a call with as little behind it as there is behind F, by the
 * link that vfs has for it. */
static Link *
link_to_tmpfs (void)
{
    for (uint32_t i = 0; i < PLAN->link_count; i++) {
        Link *link = &PLAN->links[i];

        if (link->interface == INTERFACE_fs
            && strcmp (PLAN->components[link->target].class_->name, "tmpfs") == 0)
            return link;
    }
    return NULL;
}

static void
call_direct (void *argument, uint64_t turns)
{
    Link *tmpfs = link_to_tmpfs ();
    struct fs_sync_req request;
    struct fs_sync_rep reply;

    (void)argument;
    for (uint64_t i = 0; i < turns; i++)
        fs_sync (tmpfs, &request, &reply);
}

bool
bench_direct_call (const struct bench *bench, double *ns, GError **error)
{
    return bench_machine_work (bench, "monolithic", one_domain, call_direct, 3000, ns, error);
}

/* ---- what it costs that something could go wrong ---- */

/* Something does, in the end, in a component that is not called. */
static const char *const armed[] = { "user.domain=kernel", "fault.f.component=clock",
                                     "fault.f.kind=abort", "fault.f.at=900000s", NULL };

bool
bench_direct_call_armed (const struct bench *bench, double *ns, GError **error)
{
    return bench_machine_work (bench, "monolithic", armed, call_direct, 1000, ns, error);
}

/* All that the injector adds to a call while there is nothing to inject; here with a loop around
 * it that a call has not. */
static void
look_for_faults (void *argument, uint64_t turns)
{
    (void)argument;
    for (uint64_t i = 0; i < turns; i++) {
        if (faults_on ())
            return;
        __asm__ volatile ("" ::: "memory");
    }
}

bool
bench_faults_off (const struct bench *bench, double *ns, GError **error)
{
    return bench_machine_work (bench, "monolithic", one_domain, look_for_faults, 30000, ns, error);
}

static void
call_getpid (void *argument, uint64_t turns)
{
    (void)argument;
    for (uint64_t i = 0; i < turns; i++)
        posix_getpid ();
}

bool
bench_getpid_one_domain (const struct bench *bench, double *ns, GError **error)
{
    return bench_machine_work (bench, "monolithic", one_domain, call_getpid, 1000, ns, error);
}

bool
bench_getpid_pm_apart (const struct bench *bench, double *ns, GError **error)
{
    return bench_machine_work (bench, "monolithic", pm_apart, call_getpid, 40, ns, error);
}

bool
bench_getpid_microkernel (const struct bench *bench, double *ns, GError **error)
{
    return bench_machine_work (bench, "microkernel", NULL, call_getpid, 20, ns, error);
}

/* ---- the event core: so many events wait; the first one happens, is traced, and comes again
 * a little later ---- */

#define PENDING 256u

static struct event_queue queue;

static uint64_t
later (uint64_t at)
{
    return at + 1000 + (at * 0x9e3779b97f4a7c15u >> 52);
}

static void
happen (const struct timer_event *timer)
{
    const struct event event = {
        .start = timer->at,
        .what  = event_what (COMPONENT_NUCLEUS, timer->component, EVENT_UPCALL, 0, UPCALL_TIMER, OK, 0),
        .depth = (uint8_t)here->token.depth,
        .gate  = GATE_DIRECT,
    };

    event_emit (here, &event);
}

static void
run_events (void *argument, uint64_t turns)
{
    Component *self = COMPONENT (COMPONENT_NUCLEUS);

    (void)argument;
    for (uint64_t i = queue.count; i < PENDING; i++)
        event_queue_add (self, &queue, later (i), COMPONENT_USER, i);
    for (uint64_t i = 0; i < turns; i++) {
        struct timer_event timer = event_queue_take (&queue);

        happen (&timer);
        event_queue_add (self, &queue, later (timer.at), timer.component, timer.cookie);
    }
}

bool
bench_event_core (const struct bench *bench, double *ns, GError **error)
{
    return bench_machine_work (bench, "monolithic", one_domain, run_events, 1000, ns, error);
}
