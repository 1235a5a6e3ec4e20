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

/* What happened, as one number: who, to whom, which operation, how it ended, on whose behalf. */
static inline uint64_t
event_what (uint32_t from, uint32_t to, enum event_kind kind, unsigned interface,
            unsigned operation, unsigned status, uint32_t task)
{
    return (uint64_t)(uint8_t)from | (uint64_t)(uint8_t)to << 8 | (uint64_t)kind << 16
           | (uint64_t)(uint8_t)interface << 24 | (uint64_t)(uint8_t)operation << 32
           | (uint64_t)(uint8_t)status << 40 | (uint64_t)task << 48;
}

/* The part of it that all calls by a link have in common, and all but how it ended. */
static inline uint64_t
event_what_of_link (const Link *link)
{
    return event_what (link->owner, link->target, EVENT_CALL, link->interface, 0, 0, 0);
}

static inline uint64_t
event_what_of_call (const Link *link, unsigned operation, uint32_t task)
{
    return link->what | event_what (0, 0, 0, 0, operation, OK, task);
}

/* The same once it is known how it ended; and its operation. */
static inline uint64_t
event_what_with (uint64_t what, enum status status)
{
    return what | event_what (0, 0, 0, 0, 0, status, 0);
}

static inline unsigned
event_operation (uint64_t what)
{
    return (uint8_t)(what >> 32);
}

/* The digest of all events up to this one. What is new is mixed apart from what was there, for
 * which the next event waits. The factors are odd: nothing is lost by them. */
static inline uint64_t
event_digest (uint64_t trace, const struct event *event)
{
    uint64_t when  = event->start + (event->total << 32 | event->total >> 32);
    uint64_t mixed = (trace ^ event->what ^ when * 0xc2b2ae3d27d4eb4fu) * 0x9e3779b97f4a7c15u;

    return mixed ^ mixed >> 29;
}

/* Puts an event into the ring of the domain that runs here: numbers it, adds it to the machine's
 * digest, publishes it. */
static inline __attribute__ ((always_inline)) void
event_emit (struct runtime *runtime, const struct event *event)
{
    struct watch *watch = WATCH (runtime->domain);
    struct token *token = &runtime->token;
    uint64_t written    = atomic_load_explicit (&watch->written, memory_order_relaxed);
    uint64_t number     = token->event;
    uint64_t digest     = event_digest (token->trace, event);
    struct event *slot  = &watch->ring[written % WATCH_EVENTS];

    /* The ring is longer than the nearest cache: its next lines had better come while we work. */
    __builtin_prefetch (slot + 4, 1);
    token->event = number + 1;
    token->trace = digest;
    if (runtime->replaying && written != 0
        && watch->ring[(written - 1) % WATCH_EVENTS].number >= number)
        return; /* told before the crash */
    /* Field by field, from registers: a copy of the whole would wait for its parts. */
    slot->number   = number;
    slot->start    = event->start;
    slot->total    = event->total;
    slot->waited   = event->waited;
    slot->nested   = event->nested;
    slot->call     = token->call;
    slot->what     = event->what;
    slot->crossing = event->crossing;
    slot->bytes    = event->bytes;
    slot->depth    = event->depth;
    slot->gate     = event->gate;
    atomic_store_explicit (&watch->written, written + 1, memory_order_release);
    if (atomic_load_explicit (&PLAN->brake.on, memory_order_relaxed) & (BRAKE_ON | BRAKE_RECORD))
        event_attend (watch, written + 1, slot);
}

#endif
