/* frame: a call by a link, opened and closed: its frame, its counters, its event.
 *
 * This is what every call costs beside the callee, so it is part of whoever makes one: link_call,
 * and the task's way into user mode.
 */
#ifndef SIM_FRAME_H
#define SIM_FRAME_H

#include "gate/gate.h"
#include "watch/event.h"
#include "watch/histogram.h"
#include "watch/stats.h"

/* Makes a frame the innermost of the fiber that runs. */
static inline __attribute__ ((always_inline)) void
frame_enter (struct frame *frame, struct runtime *runtime, const struct operation *operation,
             void *reply)
{
    struct fiber *fiber = runtime->fiber;
    struct frame *outer = fiber->frame;

    frame->outer     = outer;
    frame->operation = operation;
    frame->reply     = reply;
    frame->call   = (struct call){ runtime->domain, fiber->index, ++runtime->next_generation };
    frame->start  = runtime->token.now;
    frame->nested = 0;
    frame->waited = 0;
    frame->bytes  = 0;
    frame->deferred  = false;
    frame->forwarded = false;
    frame->remote    = false;
    frame->done      = false;
    frame->upcall    = 0;
    frame->depth     = (uint8_t)(outer != NULL ? outer->depth + 1u : runtime->token.depth);
    fiber->frame     = frame;
}

/* The same for a call by a link. */
static inline __attribute__ ((always_inline)) void
frame_call (struct frame *frame, struct runtime *runtime, const Link *link, unsigned operation,
            void *reply)
{
    frame->link = link;
    frame->what = event_what_of_call (link, operation, runtime->token.task);
    frame_enter (frame, runtime, &link->operations[operation], reply);
}

/* The call is over: counts it and leaves its event. All that this looks at is in the frame, not
 * in registers that every call would have to save. Part of its callers: to each the gate is a
 * constant. */
static inline __attribute__ ((always_inline)) enum status
frame_leave (struct frame *frame, struct runtime *runtime, enum status status, uint64_t crossing,
             enum gate_kind gate, bool counted)
{
    const Link *link         = frame->link;
    struct link_stats *stats = link->stats;
    struct frame *outer      = frame->outer;
    uint64_t total           = runtime->token.now - frame->start;
    uint64_t what            = event_what_with (frame->what, status);
    struct event event;

    runtime->fiber->frame = outer;
    if (outer != NULL)
        outer->nested += total;
    if (counted) {
        stats->calls[event_operation (what)]++;
        stats->total += total;
        stats->histogram[histogram_bucket (total)]++;
        if (status != OK)
            stats->refused++;
        if (frame->waited != 0)
            stats->waited += frame->waited;
    }
    if (link->interface == INTERFACE_umode)
        return status; /* no call between components: the system call leaves its own event */
    event = (struct event){
        .start    = frame->start,
        .total    = total,
        .waited   = frame->waited,
        .nested   = frame->nested,
        .what     = what,
        .crossing = (uint32_t)crossing,
        .bytes    = gate == GATE_CHANNEL ? frame->bytes : 0,
        .depth    = frame->depth,
        .gate     = gate,
    };
    event_emit (runtime, &event);
    return status;
}

#endif
