/* event: the part of it that waits. */
#define _GNU_SOURCE
#include "watch/event.h"

#include "gate/futex.h"
#include "gate/gate.h"

static void
ring_wait (struct watch *watch, uint64_t written)
{
    while (written - atomic_load_explicit (&watch->read, memory_order_acquire)
           >= WATCH_EVENTS - 1)
        futex_wait (&DOOR (here->domain)->asleep, 0, 200000);
}

void
event_attend (struct watch *watch, uint64_t written, const struct event *event)
{
    uint32_t on = atomic_load_explicit (&PLAN->brake.on, memory_order_acquire);

    if (on & BRAKE_RECORD)
        ring_wait (watch, written);
    if (on & BRAKE_ON)
        brake_event (event);
}
