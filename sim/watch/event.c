/* event: the part of it that waits. */
#define _GNU_SOURCE
#include "watch/event.h"

#include "gate/futex.h"
#include "gate/gate.h"

void
event_wait (struct watch *watch, uint64_t written)
{
    while (written - atomic_load_explicit (&watch->read, memory_order_acquire)
           >= WATCH_EVENTS - 1)
        futex_wait (&DOOR (here->domain)->asleep, 0, 200000);
}
