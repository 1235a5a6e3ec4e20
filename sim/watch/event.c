/* event: what every call leaves behind, in the ring of the domain that made it.
 *
 * The machine's digest covers what must be the same in every placement: when, who called
 * whom, which operation, on whose behalf, and the answer; not by which gate.
 */
#define _GNU_SOURCE
#include "gate/futex.h"
#include "gate/gate.h"

static inline uint64_t
mix (uint64_t digest, uint64_t value)
{
    digest ^= value;
    digest *= 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio */
    return digest ^ (digest >> 29);
}

struct event *
event_next (void)
{
    struct watch *watch = WATCH (here->domain);

    return &watch->ring[atomic_load_explicit (&watch->written, memory_order_relaxed)
                        % WATCH_EVENTS];
}

/* The board reads the ring too slowly: wait for it. Virtual time does not notice. */
static void
ring_wait (struct watch *watch, uint64_t written)
{
    while (written - atomic_load_explicit (&watch->read, memory_order_acquire)
           >= WATCH_EVENTS - 1)
        futex_wait (&DOOR (here->domain)->asleep, 0, 200000);
}

void
event_emit (struct event *event)
{
    struct watch *watch = WATCH (here->domain);
    uint64_t written    = atomic_load_explicit (&watch->written, memory_order_relaxed);

    event->number = here->token.event++;
    event->task   = here->token.task;
    event->call   = here->token.call;
    event->depth  = (uint8_t)here->token.depth;
    here->token.trace
        = mix (here->token.trace,
               event->start ^ ((uint64_t)event->from << 48) ^ ((uint64_t)event->to << 32));
    here->token.trace = mix (here->token.trace, event->total ^ ((uint64_t)event->status << 48)
                                                    ^ ((uint64_t)event->kind << 40)
                                                    ^ ((uint64_t)event->interface << 32)
                                                    ^ ((uint64_t)event->operation << 56)
                                                    ^ event->task);
    atomic_store_explicit (&watch->written, written + 1, memory_order_release);
    if (PLAN->record)
        ring_wait (watch, written + 1);
}
