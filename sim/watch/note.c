#include "watch/note.h"

#include <string.h>

#include "watch/event.h"

#define WRITING UINT64_MAX /* nothing begins then */

void
note_call (const struct frame *frame, const void *request, enum status status)
{
    const struct operation *op = frame->operation;
    struct watch *watch        = WATCH (here->domain);
    struct note *note          = &watch->notes[watch->noted++ % WATCH_NOTES];

    if (frame->link->interface == INTERFACE_umode)
        return; /* it leaves no event */
    atomic_store_explicit (&note->start, WRITING, memory_order_relaxed);
    atomic_thread_fence (memory_order_release);
    note->what = frame->what;
    memcpy (note->request, request, op->request_bytes);
    note->answered = status == OK; /* a refusal leaves the reply as it was */
    if (note->answered)
        memcpy (note->reply, frame->reply, op->reply_bytes);
    atomic_store_explicit (&note->start, frame->start, memory_order_release);
}

static bool
is_of (const struct note *note, const struct event *event)
{
    return atomic_load_explicit (&note->start, memory_order_acquire) == event->start
           && event_what_with (note->what, (enum status)event->status) == event->what;
}

bool
note_find (uint32_t domain, const struct event *event, struct note *note)
{
    const struct watch *watch = WATCH (domain);

    for (unsigned i = 0; i < WATCH_NOTES; i++) {
        if (!is_of (&watch->notes[i], event))
            continue;
        memcpy (note, &watch->notes[i], sizeof *note);
        atomic_thread_fence (memory_order_acquire);
        return is_of (&watch->notes[i], event); /* else it was written over meanwhile */
    }
    return false;
}
