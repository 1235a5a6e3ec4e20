/* gate: carries a call from a link to the component behind it.
 *
 * In the same domain that is a function call on the caller's fiber; in another one it is a
 * message out and a message back while the fiber is parked. Neither side can tell. Every
 * call is counted, timed in virtual time and leaves an event, by the same code.
 */
#include "gate/gate.h"

#include <assert.h>
#include <string.h>

#include "fault/fault.h"
#include "gate/frame.h"
#include "gate/journal.h"
#include "watch/note.h"

/* The grant at that offset of a request; NULL when the operation has none. */
static grant *
grant_at (void *request, int16_t offset)
{
    return offset < 0 ? NULL : (grant *)((uint8_t *)request + offset);
}

static bool
grants_fit (const struct operation *operation, const void *request)
{
    const grant *from, *into;

    if (!operation->lends)
        return true;
    from = grant_at ((void *)request, operation->from);
    into = grant_at ((void *)request, operation->into);
    return (from == NULL || from->length <= GRANT_MAX)
           && (into == NULL || into->length <= GRANT_MAX);
}

/* What a request lends: kept while the call waits, for whoever asks again. */
static void
grants_keep (struct fiber *fiber, const struct operation *operation, const void *request)
{
    const grant *from = grant_at ((void *)request, operation->from);
    const grant *into = grant_at ((void *)request, operation->into);

    fiber->from = from != NULL ? *from : (grant){ 0 };
    fiber->into = into != NULL ? *into : (grant){ 0 };
}

/* Is the code of any component on the stack of this fiber? Then what it waits for is bounded, and
 * it is let end. */
static bool
in_handler (const struct fiber *fiber)
{
    for (const struct frame *frame = fiber->frame; frame != NULL; frame = frame->outer)
        if (frame_has_handler (frame))
            return true;
    return false;
}

/* Asks the component that keeps the deferred call of this frame to forget it. */
static void
cancel_deferred (const struct fiber *fiber, const struct frame *frame)
{
    struct call call  = fiber->handle;
    uint32_t target   = frame->link != NULL ? frame->link->target
                                            : PLAN->links[fiber->request.link].target;
    Component *server = COMPONENT (target);

    if (server->class_->cancel != NULL)
        server->class_->cancel (server, &call);
}

static enum status call_carefully (Link *link, unsigned operation, const void *request,
                                   void *reply);
static uint32_t route_wait (uint32_t component);

/* The handler has not answered itself: somebody else does, or it does later. */
static __attribute__ ((noinline)) enum status
answer_otherwise (struct frame *frame, enum status status)
{
    struct fiber *fiber = here->fiber;

    if (status == FORWARDED) {
        Link *link = fiber->forward_link;
        uint64_t forwarded[PAYLOAD_MAX / 8];

        memcpy (forwarded, fiber->forward_request,
                link->operations[fiber->forward_operation].request_bytes);
        frame->forwarded = true;
        return call_carefully (link, fiber->forward_operation, forwarded, frame->reply);
    }
    assert (status == DEFERRED);
    frame->deferred = true;
    fiber->handle   = frame->call;
    grants_keep (fiber, frame->operation, frame->request);
    if (fiber->cancelled && !in_handler (fiber) && !frame->done)
        cancel_deferred (fiber, frame);
    while (!frame->done)
        fiber_block ();
    return frame->status;
}

/* What a handler of any component has to keep to: seen here, it is its own domain that ends. */
static void
check_done (const struct frame *frame)
{
    const struct operation *operation = frame->operation;
    uint32_t done;

    if (operation->into < 0)
        return;
    memcpy (&done, (const uint8_t *)frame->reply + operation->done, sizeof done);
    assert (done <= grant_at ((void *)frame->request, operation->into)->length);
}

/* Does somebody want something to go wrong in calls, or to know what is said? */
static inline bool
is_attended (void)
{
    return __builtin_expect ((atomic_load_explicit (&PLAN->brake.on, memory_order_relaxed)
                              & (BRAKE_FAULTS | BRAKE_NOTES)) != 0, 0);
}

/* And so the handler serves the call with that around it. */
static __attribute__ ((noinline)) enum status
serve_attended (struct frame *frame, const Link *link, unsigned operation, const void *request)
{
    handler *function  = link->handlers[operation];
    Component *self    = COMPONENT (link->target);
    enum status status = faults_on ()
                             ? fault_serve (function, self, &frame->call, link->interface,
                                            operation, request, frame->reply)
                             : function (self, &frame->call, request, frame->reply);

    if (notes_on () && frame->link != NULL)
        note_call (frame, request, status);
    return status;
}

/* Lets the component at the end of the link answer, whatever way it chooses. The frame is the
 * innermost of this fiber. Part of its callers: a call by the direct gate should cost little more
 * than a function call. */
static inline __attribute__ ((always_inline)) enum status
answer (struct frame *frame, const Link *link, unsigned operation, const void *request)
{
    handler *function  = link->handlers[operation];
    Component *self    = COMPONENT (link->target);
    enum status status = ERR_NOT_IMPLEMENTED;

    if (function == NULL)
        return status;
    if (frame->operation->lends)
        frame->request = request;
    status = is_attended () ? serve_attended (frame, link, operation, request)
                            : function (self, &frame->call, request, frame->reply);
    if ((unsigned)status >= STATUS_COUNT)
        status = answer_otherwise (frame, status);
    if (frame->operation->lends && status == OK)
        check_done (frame);
    return status;
}

/* Over the channel: stage the request and park until somebody answers for it. */
static void
call_remote_once (struct frame *frame, uint16_t domain, const void *request)
{
    const struct operation *operation = frame->operation;
    struct message *message           = &here->staged_message;
    uint32_t depth                    = here->token.depth;
    const grant *from, *into;

    frame->remote       = true;
    frame->again        = false;
    message->kind       = MESSAGE_CALL;
    message->operation  = (uint8_t)event_operation (frame->what);
    message->link       = frame->link->index;
    message->fiber      = here->fiber->index;
    message->generation = frame->call.generation;
    message->status     = here->fiber->cancelled && !in_handler (here->fiber);
    memcpy (message->payload, request, operation->request_bytes);
    holes_fill (operation->request_holes, message->payload);
    from               = grant_at (message->payload, operation->from);
    into               = grant_at (message->payload, operation->into);
    message->bulk      = from != NULL ? from->length : 0;
    message->into      = into != NULL ? into->length : 0;
    here->staged_bulk  = from != NULL ? from->data : NULL;
    frame->into        = into != NULL ? into->data : NULL;
    frame->into_bytes  = message->into;
    frame->bytes       = message->bulk;
    frame->domain      = domain;
    here->staged_to    = domain;
    here->staged       = true;
    here->fiber->state = FIBER_WAITING;
    here->fiber->blocked_at = here->token.now;
    here->token.depth  = frame->depth + 1u;
    grants_keep (here->fiber, operation, request);
    while (!frame->done)
        fiber_park ();
    here->token.depth = depth;
    if (frame->deferred) /* it was answered here: the component has come to us meanwhile */
        frame->waited += here->token.now - here->fiber->blocked_at;
}

/* Whom it asks once more lives here by now. */
static enum status
call_come_home (struct frame *frame, const void *request)
{
    frame->bytes = 0;
    return answer (frame, frame->link, event_operation (frame->what), request);
}

/* And come back with the reply, though who is called may have moved meanwhile. Who has begun anew
 * is asked again, if asking twice is as good as asking once. */
static enum status
call_remote (struct frame *frame, uint16_t domain, const void *request)
{
    frame->asked_again = false;
    call_remote_once (frame, domain, request);
    while (frame->again) {
        frame->remote          = false;
        frame->done            = false;
        frame->call.generation = ++here->next_generation;
        domain                 = (uint16_t)route_wait (frame->link->target);
        if (domain == here->domain)
            return call_come_home (frame, request);
        if (here->gone[domain])
            return ERR_GONE;
        call_remote_once (frame, domain, request);
    }
    return frame->status;
}

/* Does the owner of the link still live here? Only a call that it has forwarded is here longer
 * than it; what that counts is then nobody's. */
static bool
is_at_home (const Link *link)
{
    return PLAN->components[link->owner].domain == here->domain;
}

/* The whole call by channel, and what crossing and copying cost. */
static enum status
call_channel (struct frame *frame, uint16_t domain, const void *request)
{
    const Link *link           = frame->link;
    const struct operation *op = frame->operation;
    struct link_stats *stats   = link->stats;
    uint64_t one_way           = stats_one_way (link->interface);
    uint64_t copying           = 0;
    enum status status;

    if (op->from >= 0)
        copying = stats_copying (grant_at ((void *)request, op->from)->length);
    here->token.now += one_way + copying;
    status = call_remote (frame, domain, request);
    if (notes_on ())
        note_call (frame, request, status);
    here->token.now += one_way + stats_copying (frame->bytes) - copying;
    if (is_at_home (link)) {
        stats->remote++;
        stats->bytes += frame->bytes;
        stats->copy += stats_copying (frame->bytes);
    }
    return frame_leave (frame, here, status, 2 * one_way, GATE_CHANNEL, is_at_home (link));
}

/* A call that did not get beyond its own end. */
static enum status
call_stopped (struct frame *frame, enum status status, enum gate_kind gate)
{
    if (is_at_home (frame->link))
        frame->link->stats->stopped++;
    return frame_leave (frame, here, status, 0, gate, is_at_home (frame->link));
}

/* Does the component that is about to move serve this root call already? */
static bool
gets_through (uint32_t component)
{
    const struct hold *hold = &PLAN->hold;

    for (uint32_t i = 0; hold->component == component && i < hold->call_count; i++)
        if (hold->calls[i] == here->token.call)
            return true;
    return false;
}

/* Has a call to wait until that component has moved? What the plan says now it did not say when
 * a call was made that is made again in a replay: that is in the journal. */
static bool
is_held (uint32_t component)
{
    const uint64_t held[5] = { component }; /* no answer of a device is as long */
    uint64_t was[5];

    if (journal_port_if (was, sizeof was))
        return true;
    if (here->replaying != REPLAY_NONE && journal_replaying ())
        return false;
    if (PLAN->components[component].route != ROUTE_HELD || gets_through (component))
        return false;
    journal_ported (held, sizeof held);
    return true;
}

/* Waits until it is clear where the component is. */
static uint32_t
route_wait (uint32_t component)
{
    const struct plan_component *plan = &PLAN->components[component];
    struct fiber *fiber               = here->fiber;

    while (is_held (component)) {
        fiber->held   = (uint16_t)(component + 1);
        fiber->ticket = here->token.ticket++;
        fiber->state  = FIBER_WAITING;
        fiber_park ();
    }
    fiber->held = 0;
    return plan->domain;
}

/* A call that does without the short way: its target is in another domain or about to move, or
 * its owner may have moved when it ends, or it lends too much. */
static __attribute__ ((noinline)) enum status
call_carefully (Link *link, unsigned operation, const void *request, void *reply)
{
    uint32_t domain     = route_wait (link->target);
    enum gate_kind gate = domain == here->domain ? GATE_DIRECT : GATE_CHANNEL;
    struct frame frame;
    enum status status;

    frame_call (&frame, here, link, operation, reply);
    if (!grants_fit (frame.operation, request))
        return call_stopped (&frame, ERR_INVALID, gate);
    if (gate == GATE_CHANNEL && here->gone[domain])
        return call_stopped (&frame, ERR_GONE, gate);
    if (gate == GATE_CHANNEL)
        return call_channel (&frame, (uint16_t)domain, request);
    here->token.now += PLAN->cost.direct_call;
    status = answer (&frame, link, operation, request);
    return frame_leave (&frame, here, status, PLAN->cost.direct_call, GATE_DIRECT,
                        is_at_home (link));
}

/* The frame has no array that could run over: a canary would only cost each call. */
__attribute__ ((no_stack_protector)) enum status
link_call (Link *link, unsigned operation, const void *request, void *reply)
{
    struct runtime *runtime = here;
    struct frame frame;
    enum status status;

    if (PLAN->components[link->target].route != runtime->domain
        || !grants_fit (&link->operations[operation], request))
        return call_carefully (link, operation, request, reply);
    frame_call (&frame, runtime, link, operation, reply);
    runtime->token.now = frame.start + PLAN->cost.direct_call;
    status             = answer (&frame, link, operation, request);
    return frame_leave (&frame, runtime, status, PLAN->cost.direct_call, GATE_DIRECT, true);
}

enum status
call_forward (Component *self, struct call *call, Link *link, unsigned operation,
              const void *request)
{
    struct fiber *fiber = here->fiber;

    (void)self;
    assert (call->fiber == fiber->index && link != NULL);
    assert (link->operations[operation].reply_bytes == frame_reply_bytes (fiber->frame));
    fiber->forward_link      = link;
    fiber->forward_operation = (uint8_t)operation;
    memcpy (fiber->forward_request, request, link->operations[operation].request_bytes);
    return FORWARDED;
}

/* Who calls an operation without a reply may have no place for one. */
static void
take_reply (struct frame *frame, const void *reply)
{
    size_t bytes = frame_reply_bytes (frame);

    if (bytes != 0)
        memcpy (frame->reply, reply, bytes);
}

/* The deferred call is where the component took it on, or has moved with it. */
static struct frame *
call_find_moved (const struct call *call, struct fiber **fiber)
{
    for (uint32_t i = 0; i < here->fiber_count; i++) {
        struct fiber *at = &here->fibers[i];

        if (at->state == FIBER_WAITING && at->frame != NULL && at->frame->deferred
            && at->handle.generation == call->generation) {
            *fiber = at;
            return at->frame;
        }
    }
    return NULL;
}

/* The call's frame and the fiber that it is on; NULL: it was answered. */
static struct frame *
call_find (const struct call *call, struct fiber **fiber)
{
    if (call->domain == here->domain && call->fiber < here->fiber_count
        && here->fibers[call->fiber].state != FIBER_FREE) {
        *fiber = &here->fibers[call->fiber];
        for (struct frame *frame = (*fiber)->frame; frame != NULL; frame = frame->outer)
            if (frame->call.generation == call->generation)
                return frame;
    }
    return call_find_moved (call, fiber);
}

grant
call_from (Component *self, const struct call *call)
{
    struct fiber *fiber;
    const struct frame *frame = call_find (call, &fiber);

    (void)self;
    return frame != NULL && frame->deferred && fiber->frame == frame ? fiber->from : (grant){ 0 };
}

grant
call_into (Component *self, const struct call *call)
{
    struct fiber *fiber;
    const struct frame *frame = call_find (call, &fiber);

    (void)self;
    return frame != NULL && frame->deferred && fiber->frame == frame ? fiber->into : (grant){ 0 };
}

void
call_reply (Component *self, const struct call *call, enum status status, const void *reply)
{
    struct fiber *fiber;
    struct frame *frame = call_find (call, &fiber);

    (void)self;
    if (frame == NULL || frame->done)
        return;
    frame->status = status;
    frame->done   = true;
    if (status == OK && reply != NULL)
        take_reply (frame, reply);
    if (fiber->state == FIBER_WAITING && fiber->frame == frame && frame->deferred)
        fiber_ready (fiber);
}

uint32_t
gate_caller (const struct call *call)
{
    const struct fiber *fiber = &here->fibers[call->fiber];
    const struct frame *frame = fiber->frame;

    while (frame->call.generation != call->generation)
        frame = frame->outer;
    return frame->link != NULL ? frame->link->owner : PLAN->links[fiber->request.link].owner;
}

/* ---- the far side of a channel ---- */

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
    return answer (&fiber->served, link, message->operation, request);
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

void
gate_replied (struct fiber *fiber, const struct message *message, const void *bulk)
{
    struct frame *frame = fiber->frame;

    frame->status = (enum status)message->status;
    frame->nested = message->nested;
    frame->waited += message->waited;
    if (frame->status == OK) {
        take_reply (frame, message->payload);
        if (message->bulk != 0) {
            memcpy (frame->into, bulk, message->bulk);
            frame->bytes += message->bulk;
        }
    }
    frame->done = true;
}

/* ---- giving up ---- */

bool
gate_cancel (struct fiber *fiber)
{
    struct frame *frame = fiber->frame;

    fiber->cancelled = true;
    if (frame == NULL || fiber->state != FIBER_WAITING || frame->done || in_handler (fiber))
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
        cancel_deferred (fiber, frame);
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
        && !fiber->frame->done && !in_handler (fiber))
        cancel_deferred (fiber, fiber->frame);
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
