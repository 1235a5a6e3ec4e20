#define _GNU_SOURCE
#include "board/hang.h"

#include "board/resend.h"

#include <string.h>

#include "device/disk.h"
#include "gate/gate.h"
#include "host_time.h"

/* Looks are no closer than this. */
#define LOOK_NS 10000000u
/* So many looks are given to a message that is being sent again. */
#define RESEND_LOOKS 300u
/* Domains that one call may go through. */
#define HOPS_MAX 32u
/* Requests that may wait for a device before ours. */
#define DEVICE_QUEUE 256u

void
hangs_begin (struct hangs *hangs)
{
    uint64_t slowest = 0;

    *hangs = (struct hangs){ 0 };
    for (uint32_t i = 0; i < PLAN->device_count; i++)
        if (PLAN->devices[i].model_bytes != 0)
            slowest = MAX (slowest,
                           ((struct disk *)ADDRESS_DEVICE (i))->parameters.latency_ns);
    hangs->patience_cycles = NS_TO_CYCLES (slowest) * DEVICE_QUEUE;
}

/* The shortest of its components'; 0: it may take for ever. Programs may compute as long as they
 * like. */
static uint64_t
heartbeat_ns (uint32_t domain)
{
    uint64_t shortest = UINT64_MAX;

    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (c != COMPONENT_USER && PLAN->components[c].domain == domain)
            shortest = MIN (shortest, PLAN->components[c].heartbeat_ns);
    return shortest == UINT64_MAX ? 0 : shortest;
}

/* ---- CPU time ---- */

/* Anything that is different after the domain has come to something. A kernel may run programs
 * that do nothing but compute: there the clock counts too. */
static uint64_t
progress_of (uint32_t domain)
{
    const struct runtime *runtime = RUNTIME (domain);
    uint64_t progress             = atomic_load (&WATCH (domain)->written) * 3
                        + runtime->next_generation * 5;

    for (uint32_t other = 0; other < PLAN->domain_count; other++)
        if (PLAN->domains[domain].reaches[other])
            progress += runtime->consumed[other];
    return domain == DOMAIN_KERNEL ? progress + runtime->token.now * 7 : progress;
}

static bool
has_token (uint32_t domain)
{
    return atomic_load (&RUNTIME (domain)->running) != 0;
}

/* The board itself may be kept from running between any two of its steps, for as long as a host
 * likes. So what it compares is CPU time from before it looked for progress, and what it keeps is
 * CPU time from after: of what has been used since somebody got on, it never sees too much. */
static bool
spins (struct hang_watch *watch, uint32_t domain, pid_t process)
{
    uint64_t heartbeat = heartbeat_ns (domain);
    uint64_t progress, used_ns;
    clockid_t clock;

    if (heartbeat == 0 || !has_token (domain) || clock_getcpuclockid (process, &clock) != 0) {
        watch->watched = false;
        return false;
    }
    used_ns  = host_clock_ns (clock);
    progress = progress_of (domain);
    if (watch->watched && progress == watch->progress && used_ns >= watch->cpu_ns)
        return used_ns - watch->cpu_ns > heartbeat;
    watch->watched  = true;
    watch->progress = progress;
    watch->cpu_ns   = host_clock_ns (clock);
    return false;
}

/* ---- answers that do not come ---- */

/* A frame lies on a fiber's stack, which its domain writes, also while somebody looks: what is
 * looked at is a copy. False: there is none where the domain says. */
static bool
frame_read (uint32_t domain, const struct frame *from, struct frame *frame)
{
    uint64_t at    = (uint64_t)(uintptr_t)from;
    uint64_t first = ADDRESS_RUNTIME (domain);

    if (at < first || at % _Alignof (struct frame) != 0
        || at - first > RUNTIME_BYTES (PLAN->fibers_max) - sizeof *frame)
        return false;
    memcpy (frame, from, sizeof *frame);
    __asm__ volatile ("" : : "r"(frame) : "memory"); /* one fetch: the copy is the truth */
    return !frame->remote || frame->domain < PLAN->domain_count;
}

/* Is a handler on the fiber's stack? */
static bool
in_handler (uint32_t domain, const struct fiber *fiber)
{
    struct frame frame = { .outer = fiber->frame };

    for (unsigned hop = 0; hop < HOPS_MAX && frame.outer != NULL; hop++) {
        if (!frame_read (domain, frame.outer, &frame))
            return false;
        if (frame_has_handler (&frame))
            return true;
    }
    return false;
}

/* Where a call got stuck. */
struct stuck {
    uint32_t domain;
    uint32_t fiber; /* that serves it there, from 1; 0: none does */
    uint64_t generation;
};

/* Who serves the call in this frame of a fiber of `domain`; NULL: nobody. */
static const struct fiber *
serving (uint32_t domain, const struct fiber *fiber, const struct frame *frame)
{
    uint32_t count = MIN (RUNTIME (frame->domain)->fiber_count, PLAN->fibers_max);

    for (uint32_t i = 0; i < count; i++) {
        const struct fiber *served = &RUNTIME (frame->domain)->fibers[i];

        if (served->state != FIBER_FREE && served->serving && served->client == domain
            && served->request.fiber == fiber->index
            && served->request.generation == frame->call.generation)
            return served;
    }
    return NULL;
}

/* Was the call in this frame the last thing that `domain` said to the other, and taken? */
static bool
was_taken (uint32_t domain, const struct fiber *fiber, const struct frame *frame)
{
    const struct message *message = &HALF (domain, frame->domain)->message;

    return PLAN->domains[frame->domain].reaches[domain] && message->kind == MESSAGE_CALL
           && message->fiber == fiber->index && message->generation == frame->call.generation
           && message->sequence == RUNTIME (frame->domain)->consumed[domain];
}

/* Follows a call that a fiber of `domain` waits for to where it got stuck; false: it is under way.
 * When nothing can happen any more, also to who runs without the token, and to who took the call
 * and knows nothing of it. */
static bool
chain_end (uint32_t domain, const struct fiber *fiber, bool idle, struct stuck *stuck)
{
    for (unsigned hop = 0; hop < HOPS_MAX; hop++) {
        const struct fiber *next;
        struct frame frame;

        *stuck = (struct stuck){ domain, (uint32_t)(fiber - RUNTIME (domain)->fibers) + 1,
                                 fiber->request.generation };
        if (idle && hop != 0 && fiber->state == FIBER_RUNNING)
            return true;
        if (fiber->state != FIBER_WAITING || !frame_read (domain, fiber->frame, &frame)
            || frame.done)
            return false;
        if (!frame.remote)
            return true;
        next = serving (domain, fiber, &frame);
        if (next == NULL) {
            stuck->domain = frame.domain;
            stuck->fiber  = 0;
            return idle && was_taken (domain, fiber, &frame);
        }
        domain = frame.domain;
        fiber  = next;
    }
    return false;
}

static bool
waits_too_long (uint32_t domain, const struct fiber *fiber, uint64_t now, uint64_t extra,
                bool idle)
{
    uint64_t heartbeat = heartbeat_ns (domain);

    if (fiber->state != FIBER_WAITING || !in_handler (domain, fiber))
        return false;
    return idle
           || (heartbeat != 0 && now > fiber->blocked_at
               && now - fiber->blocked_at > NS_TO_CYCLES (heartbeat) + extra);
}

/* Somebody waits with a handler on his stack, and has for too long. */
static bool
stuck_find (const struct hangs *hangs, const pid_t *processes, bool idle, struct stuck *stuck)
{
    uint64_t now = RUNTIME (DOMAIN_KERNEL)->token.now;

    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        uint32_t count = MIN (RUNTIME (d)->fiber_count, PLAN->fibers_max);

        for (uint32_t i = 0; processes[d] != 0 && i < count; i++) {
            const struct fiber *fiber = &RUNTIME (d)->fibers[i];

            if (waits_too_long (d, fiber, now, hangs->patience_cycles, idle)
                && chain_end (d, fiber, idle, stuck) && stuck->domain != DOMAIN_KERNEL
                && processes[stuck->domain] != 0 && heartbeat_ns (stuck->domain) != 0)
                return true;
        }
    }
    return false;
}

/* Nobody has the token, nobody is about to take it. The one who had it last sent it into
 * nowhere; unless it went down with somebody of whom the kernel has not been told yet, which is
 * nobody's fault, and seen to (board/token.h). */
static bool
token_is_nowhere (const pid_t *processes, uint32_t *last)
{
    uint64_t latest = 0;

    *last = DOMAIN_KERNEL;
    if (RUNTIME (DOMAIN_KERNEL)->holds
        || RUNTIME (DOMAIN_KERNEL)->regenerations != atomic_load (&PLAN->regenerations)
        || atomic_load (&RUNTIME (DOMAIN_KERNEL)->deaths_seen) != atomic_load (&PLAN->deaths))
        return false;
    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        if (processes[d] == 0 || has_token (d))
            return false;
        for (uint32_t from = 0; from < PLAN->domain_count; from++)
            if (PLAN->domains[d].reaches[from]
                && atomic_load (&HALF (from, d)->message.sequence) != RUNTIME (d)->consumed[from])
                return false;
        if (RUNTIME (d)->token.now >= latest) {
            latest = RUNTIME (d)->token.now;
            *last  = d;
        }
    }
    return *last != DOMAIN_KERNEL;
}

static bool
lost_look (struct hangs *hangs, const pid_t *processes, uint32_t *domain)
{
    if (!token_is_nowhere (processes, domain)
        || RUNTIME (*domain)->token.now != hangs->lost_now) {
        hangs->lost_looks = 0;
        hangs->lost_now   = RUNTIME (*domain)->token.now;
        return false;
    }
    /* Looking at many processes takes a while, and the token travels fast. */
    return ++hangs->lost_looks > (resend_is_under_way () ? RESEND_LOOKS : 3);
}

bool
hangs_look (struct hangs *hangs, const pid_t *processes, bool idle, uint32_t *domain,
            struct death *death)
{
    uint64_t now = host_ns ();
    struct hang_watch *watch;
    struct stuck stuck;

    if (!idle && now - hangs->looked_ns < LOOK_NS)
        return false;
    hangs->looked_ns = now;
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (processes[d] != 0 && spins (&hangs->watches[d], d, processes[d])) {
            hangs->watches[d].watched = false;
            *domain                   = d;
            *death                    = (struct death){ .cause = RS_SPUN };
            return true;
        }
    if (lost_look (hangs, processes, domain)) {
        hangs->lost_looks = 0;
        *death            = (struct death){ .cause = RS_STUCK };
        return true;
    }
    if (!stuck_find (hangs, processes, idle, &stuck))
        return false;
    watch = &hangs->watches[stuck.domain];
    if (!idle
        && (watch->stuck_fiber != stuck.fiber || watch->stuck_generation != stuck.generation)) {
        watch->stuck_fiber      = stuck.fiber;
        watch->stuck_generation = stuck.generation;
        return false;
    }
    watch->stuck_fiber = 0;
    *domain            = stuck.domain;
    *death             = (struct death){ .cause = RS_STUCK, .fiber = stuck.fiber };
    return true;
}
