/* event: what every call leaves behind, in the ring of the domain that made it.
 *
 * The machine's digest covers what must be the same in every placement: when, who called
 * whom, which operation, on whose behalf, and the answer; not by which gate.
 *
 * Every call of a machine comes through here, so it is short and in its caller.
 */
#ifndef SIM_EVENT_H
#define SIM_EVENT_H

#include "gate/runtime.h"

/* What the board wants done after each event: to be waited for, if it reads them all and
 * the ring is full; to stop or slow the machine. Virtual time does not notice. */
void event_attend (struct watch *watch, uint64_t written, const struct event *event);

/* The next free place in the ring of the domain that runs here, to be filled in; emit then
 * numbers it, adds it to the machine's digest and publishes it. */
static inline struct event *
event_next (const struct runtime *runtime)
{
    struct watch *watch = WATCH (runtime->domain);

    return &watch->ring[atomic_load_explicit (&watch->written, memory_order_relaxed)
                        % WATCH_EVENTS];
}

/* All of an event in one number. Its halves are mixed apart from the digest, for which the
 * next event waits. */
static inline uint64_t
event_digest (const struct event *event)
{
    uint64_t when = event->start ^ (uint64_t)event->from << 48 ^ (uint64_t)event->to << 32;
    uint64_t what = event->total ^ (uint64_t)event->operation << 56
                    ^ (uint64_t)event->status << 48 ^ (uint64_t)event->kind << 40
                    ^ (uint64_t)event->interface << 32 ^ event->task;

    what *= 0xc2b2ae3d27d4eb4fu; /* odd, and so a permutation */
    return when ^ (what << 31 | what >> 33);
}

static inline void
event_emit (struct runtime *runtime, struct event *event)
{
    struct watch *watch = WATCH (runtime->domain);
    struct token *token = &runtime->token;
    uint64_t written    = atomic_load_explicit (&watch->written, memory_order_relaxed) + 1;
    uint64_t digest;

    event->number = token->event++;
    event->task   = token->task;
    event->call   = token->call;
    event->depth  = (uint8_t)token->depth;
    digest        = (token->trace ^ event_digest (event)) * 0x9e3779b97f4a7c15u;
    token->trace  = digest ^ digest >> 29;
    if (runtime->replaying && written > 1
        && watch->ring[(written - 2) % WATCH_EVENTS].number >= event->number)
        return; /* told before the crash */
    atomic_store_explicit (&watch->written, written, memory_order_release);
    if (atomic_load_explicit (&PLAN->brake.on, memory_order_relaxed) != 0)
        event_attend (watch, written, event);
}

#endif
