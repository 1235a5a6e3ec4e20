#include "nucleus/event_queue.h"

#include <string.h>

static bool
before (const struct timer_event *a, const struct timer_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static enum status
grow (Component *self, struct event_queue *queue)
{
    uint32_t room            = queue->room != 0 ? queue->room * 2 : 64;
    struct timer_event *heap = component_alloc (self, room * sizeof *heap);

    if (heap == NULL)
        return ERR_NO_MEMORY;
    if (queue->count != 0)
        memcpy (heap, queue->heap, queue->count * sizeof *heap);
    component_free (self, queue->heap);
    queue->heap = heap;
    queue->room = room;
    return OK;
}

enum status
event_queue_add (Component *self, struct event_queue *queue, uint64_t at, uint32_t component,
                 uint64_t cookie)
{
    struct timer_event event
        = { .at = at, .order = queue->order, .cookie = cookie, .component = component };
    uint32_t at_index;

    if (queue->count == queue->room && grow (self, queue) != OK)
        return ERR_NO_MEMORY;
    queue->order++;
    at_index = queue->count++;
    while (at_index > 0 && before (&event, &queue->heap[(at_index - 1) / 2])) {
        queue->heap[at_index] = queue->heap[(at_index - 1) / 2];
        at_index              = (at_index - 1) / 2;
    }
    queue->heap[at_index] = event;
    return OK;
}

const struct timer_event *
event_queue_first (const struct event_queue *queue)
{
    return queue->count != 0 ? &queue->heap[0] : NULL;
}

struct timer_event
event_queue_take (struct event_queue *queue)
{
    struct timer_event first = queue->heap[0];
    struct timer_event last  = queue->heap[--queue->count];
    uint32_t hole            = 0;

    for (;;) {
        uint32_t child = hole * 2 + 1;

        if (child >= queue->count)
            break;
        if (child + 1 < queue->count && before (&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!before (&queue->heap[child], &last))
            break;
        queue->heap[hole] = queue->heap[child];
        hole              = child;
    }
    queue->heap[hole] = last;
    return first;
}
