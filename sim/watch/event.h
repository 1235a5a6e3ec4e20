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

/* What happened, as one number: who, to whom, which operation, and how it ended. */
static inline uint64_t
event_what (uint32_t from, uint32_t to, enum event_kind kind, unsigned interface,
            unsigned operation, unsigned status)
{
    return (uint64_t)(uint8_t)from | (uint64_t)(uint8_t)to << 8 | (uint64_t)kind << 16
           | (uint64_t)(uint8_t)interface << 24 | (uint64_t)(uint8_t)operation << 32
           | (uint64_t)(uint16_t)status << 48;
}

/* That number of a call by this link, but for operation and status; and with them. */
static inline uint64_t
event_what_of_link (const Link *link)
{
    return event_what (link->owner, link->target, EVENT_CALL, link->interface, 0, 0);
}

static inline uint64_t
event_what_of_call (const Link *link, unsigned operation, enum status status)
{
    return link->what | (uint64_t)(uint8_t)operation << 32 | (uint64_t)(uint16_t)status << 48;
}

/* What the digest covers of an event, in one number. Its halves are mixed apart from the digest,
 * for which the next event waits. */
static inline uint64_t
event_digest (const struct event *event, uint32_t task)
{
    uint64_t what = event->what * 0xc2b2ae3d27d4eb4fu; /* odd, and so a permutation */
    uint64_t cost = (event->total ^ (uint64_t)task << 48) * 0xff51afd7ed558ccdu;

    return event->start ^ (what << 31 | what >> 33) ^ (cost << 17 | cost >> 47);
}

/* Puts an event into the ring of the domain that runs here: numbers it, says on whose behalf it
 * was, adds it to the machine's digest and publishes it. */
static inline __attribute__ ((always_inline)) void
event_emit (struct runtime *runtime, const struct event *event)
{
    struct watch *watch = WATCH (runtime->domain);
    struct token *token = &runtime->token;
    uint64_t written    = atomic_load_explicit (&watch->written, memory_order_relaxed);
    uint64_t number     = token->event;
    uint32_t task       = token->task;
    uint64_t digest     = (token->trace ^ event_digest (event, task)) * 0x9e3779b97f4a7c15u;
    struct event *slot  = &watch->ring[written % WATCH_EVENTS];

    token->event = number + 1;
    token->trace = digest ^ digest >> 29;
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
    slot->copy     = event->copy;
    slot->bytes    = event->bytes;
    slot->task     = (uint16_t)task;
    slot->depth    = (uint8_t)token->depth;
    slot->gate     = event->gate;
    atomic_store_explicit (&watch->written, written + 1, memory_order_release);
    if (atomic_load_explicit (&PLAN->brake.on, memory_order_relaxed) != 0)
        event_attend (watch, written + 1, slot);
}

#endif
