/* event_queue: what will happen at which virtual time, in the nucleus's arena.
 *
 * A binary heap ordered by (time, order of insertion). It grows as needed; full memory is a
 * status.
 */
#ifndef SIM_EVENT_QUEUE_H
#define SIM_EVENT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "component.h"

struct timer_event {
    uint64_t at;    /* cycles */
    uint64_t order;
    uint64_t cookie;
    uint32_t component; /* whose class->timer is called */
};

struct event_queue {
    struct timer_event *heap;
    uint32_t count, room;
    uint64_t order;
};

enum status event_queue_add (Component *self, struct event_queue *queue, uint64_t at,
                             uint32_t component, uint64_t cookie);
/* The first event; NULL: none. */
const struct timer_event *event_queue_first (const struct event_queue *queue);
struct timer_event event_queue_take (struct event_queue *queue);

#endif
