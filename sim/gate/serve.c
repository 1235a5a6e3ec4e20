/* serve: the far side of a gate: what arrived by a channel runs on a fiber of its own, and its
 * answer is staged. Upcalls come here from near and far.
 */
#include "gate/gate.h"

#include <string.h>

#include "gate/frame.h"
#include "gate/gate_inside.h"

static enum status
upcall_local (Component *self, enum upcall which, uint64_t cookie)
{
    const struct component_class *class_ = self->class_;
    enum status status                   = OK;

    switch (which) {
    case UPCALL_START:
        if (class_->start != NULL)
            status = class_->start (self);
        break;
    case UPCALL_STOP:
        if (class_->stop != NULL)
            status = class_->stop (self);
        break;
    case UPCALL_TIMER:
        if (class_->timer != NULL)
            class_->timer (self, cookie);
        break;
    case UPCALL_INTERRUPT:
        if (class_->interrupt != NULL)
            class_->interrupt (self);
        break;
    case UPCALL_COUNT:
        break;
    }
    return status;
}

static enum status
serve_call (struct fiber *fiber)
{
    const struct message *message     = &fiber->request;
    const Link *link                  = &PLAN->links[message->link];
    const struct operation *operation = &link->operations[message->operation];
    uint64_t request[PAYLOAD_MAX / 8];
    grant *from, *into;

    fiber->served.operation = operation;
    memset (fiber->reply, 0, operation->reply_bytes);
    memcpy (request, message->payload, operation->request_bytes);
    from = grant_at (request, operation->from);
    into = grant_at (request, operation->into);
    if (from != NULL)
        *from = (grant){ .data = FIBER_FROM (here, fiber->index), .length = message->bulk };
    if (into != NULL)
        *into = (grant){ .data = FIBER_INTO (here, fiber->index), .length = message->into };
    return gate_answer (&fiber->served, link, message->operation, request);
}

/* Stages the answer to what the fiber served; its last act. */
static void
serve_end (struct fiber *fiber, enum status status)
{
    const struct message *request = &fiber->request;
    struct message *message       = &here->staged_message;
    uint32_t bulk = 0, bytes = 0;

    fiber->frame = NULL;
    if (status == OK && request->kind == MESSAGE_CALL) {
        const struct operation *operation
            = &PLAN->links[request->link].operations[request->operation];

        bytes = operation->reply_bytes;
        if (operation->into >= 0)
            memcpy (&bulk, (uint8_t *)fiber->reply + operation->done, sizeof bulk);
    }
    if (fiber->orphaned)
        return;
    message->kind       = MESSAGE_REPLY;
    message->operation  = request->operation;
    message->link       = request->link;
    message->fiber      = request->fiber;
    message->generation = request->generation;
    message->status     = status;
    message->bulk       = bulk;
    message->into       = bytes; /* of payload */
    message->nested     = fiber->served.nested;
    message->waited     = fiber->served.waited;
    memcpy (message->payload, fiber->reply, bytes);
    if (bytes != 0)
        holes_fill (interfaces[PLAN->links[request->link].interface].operations[request->operation]
                        .reply_holes,
                    message->payload);
    here->staged_to   = fiber->client;
    here->staged_bulk = FIBER_INTO (here, fiber->index);
    here->staged      = true;
}

/* A component that has begun anew is called only once it has been started, as after the boot; and
 * a timer of the life before means nothing. */
static enum status
serve (struct fiber *fiber)
{
    const struct message *request = &fiber->request;
    bool upcall                   = request->kind == MESSAGE_UPCALL;
    uint32_t target               = upcall ? request->link : PLAN->links[request->link].target;
    Component *self               = COMPONENT (target);
    enum status status;

    if (upcall && request->status == UPCALL_START) {
        if (here->life != 0 && !self->unborn)
            return OK; /* it has moved in meanwhile */
        status       = upcall_local (self, UPCALL_START, 0);
        self->unborn = false;
        component_wake_all (self, &here->unborn);
        return status;
    }
    if (upcall)
        return self->unborn
                   ? ERR_CRASHED
                   : upcall_local (self, (enum upcall)request->status, request->waited);
    while (self->unborn)
        component_sleep (self, &here->unborn);
    return serve_call (fiber);
}

void
gate_serve (void *argument)
{
    struct fiber *fiber = argument;
    enum status status;

    fiber->served.link = NULL;
    frame_enter (&fiber->served, here, NULL, fiber->reply);
    fiber->served.depth--; /* its calls are as deep as the message says */
    status = fiber->refuse ? ERR_CRASHED : serve (fiber);
    serve_end (fiber, status);
}

void
gate_serve_adopted (void *argument)
{
    struct fiber *fiber = argument;
    struct frame *frame = &fiber->served;

    frame->waited += here->token.now - fiber->blocked_at;
    while (!frame->done)
        fiber_block ();
    serve_end (fiber, frame->status);
}

enum status
gate_upcall (uint32_t component, enum upcall which, uint64_t cookie)
{
    uint32_t domain     = PLAN->components[component].domain;
    struct fiber *fiber = here->fiber;
    uint32_t depth      = here->token.depth;
    struct frame frame;
    struct event event;

    frame.link = NULL;
    frame_enter (&frame, here, NULL, NULL);
    frame.upcall     = (uint16_t)(component + 1);
    frame.into_bytes = 0;
    if (domain == here->domain) {
        frame.status = upcall_local (COMPONENT (component), which, cookie);
    } else if (PLAN->domains[domain].state != DOMAIN_UP) {
        frame.status = ERR_GONE;
    } else {
        struct message *message = &here->staged_message;

        here->token.now += PLAN->cost.message;
        message->kind       = MESSAGE_UPCALL;
        message->link       = (uint16_t)component;
        message->fiber      = fiber->index;
        message->generation = frame.call.generation;
        message->status     = which;
        message->waited     = cookie;
        message->bulk       = 0;
        message->into       = 0;
        frame.remote        = true;
        frame.domain        = (uint16_t)domain;
        here->staged_to     = (uint16_t)domain;
        here->staged_bulk   = NULL;
        here->staged        = true;
        fiber->state        = FIBER_WAITING;
        here->token.depth   = frame.depth + 1u;
        while (!frame.done)
            fiber_park ();
        here->token.depth = depth;
        here->token.now += PLAN->cost.message;
    }
    fiber->frame = frame.outer;

    event = (struct event){
        .start    = frame.start,
        .total    = here->token.now - frame.start,
        .waited   = frame.waited,
        .nested   = frame.nested,
        .what     = event_what (COMPONENT_NUCLEUS, component, EVENT_UPCALL, 0, which,
                                frame.status, here->token.task),
        .crossing = domain == here->domain ? 0 : 2 * (uint32_t)PLAN->cost.message,
        .depth    = frame.depth,
        .gate     = domain == here->domain ? GATE_DIRECT : GATE_CHANNEL,
    };
    event_emit (here, &event);
    return frame.status;
}
