/* cancel: calls that nobody waits for any more, or that will not be answered: their client gave up
 * or died, or who serves them did.
 */
#include "gate/gate.h"

#include "gate/frame.h"
#include "gate/gate_inside.h"

bool
gate_in_handler (const struct fiber *fiber)
{
    for (const struct frame *frame = fiber->frame; frame != NULL; frame = frame->outer)
        if (frame_has_handler (frame))
            return true;
    return false;
}

void
gate_cancel_deferred (const struct fiber *fiber, const struct frame *frame)
{
    struct call call  = fiber->handle;
    uint32_t target   = frame->link != NULL ? frame->link->target
                                            : PLAN->links[fiber->request.link].target;
    Component *server = COMPONENT (target);

    if (server->class_->cancel != NULL)
        server->class_->cancel (server, &call);
}

bool
gate_cancel (struct fiber *fiber)
{
    struct frame *frame = fiber->frame;

    fiber->cancelled = true;
    if (frame == NULL || fiber->state != FIBER_WAITING || frame->done || gate_in_handler (fiber))
        return false;
    if (frame->remote) {
        struct message *message = &here->staged_message;

        if (here->gone[frame->domain])
            return false;
        message->kind       = MESSAGE_CANCEL;
        message->fiber      = fiber->index;
        message->generation = frame->call.generation;
        message->bulk       = 0;
        message->into       = 0;
        here->staged_to     = frame->domain;
        here->staged_bulk   = NULL;
        here->staged        = true;
        return true;
    }
    if (frame->deferred)
        gate_cancel_deferred (fiber, frame);
    return false;
}

bool
gate_cancel_served (uint16_t client, uint32_t fiber, uint64_t generation)
{
    for (uint32_t i = 0; i < here->fiber_count; i++) {
        struct fiber *served = &here->fibers[i];

        if (served->serving && served->client == client && served->request.fiber == fiber
            && served->request.generation == generation)
            return gate_cancel (served);
    }
    return false;
}

/* Its client will never take the answer. */
static void
orphan (struct fiber *fiber)
{
    fiber->orphaned  = true;
    fiber->cancelled = true;
    if (fiber->state == FIBER_WAITING && fiber->frame != NULL && fiber->frame->deferred
        && !fiber->frame->done && !gate_in_handler (fiber))
        gate_cancel_deferred (fiber, fiber->frame);
}

static void
fail (struct frame *frame, enum failure failure)
{
    bool crashed = failure == FAILURE_CRASHED;

    frame->again = failure != FAILURE_GONE && frame->operation != NULL && frame->operation->again
                   && !(crashed && frame->asked_again);
    frame->asked_again |= frame->again && crashed;
    frame->status = failure == FAILURE_GONE ? ERR_GONE : ERR_CRASHED;
    frame->done   = true;
}

void
gate_fail (uint16_t domain, enum failure failure)
{
    here->gone[domain] = failure == FAILURE_GONE;
    for (uint32_t i = 0; i < here->fiber_count; i++) {
        struct fiber *fiber = &here->fibers[i];
        struct frame *frame = fiber->frame;

        if (fiber->state == FIBER_FREE)
            continue;
        if (fiber->serving && fiber->client == domain)
            orphan (fiber);
        if (fiber->state != FIBER_WAITING || frame == NULL || !frame->remote || frame->done
            || frame->domain != domain)
            continue;
        fail (frame, failure);
        fiber_ready (fiber);
    }
}
