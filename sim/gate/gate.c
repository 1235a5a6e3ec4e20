/* gate: carries a call from a link to the component behind it. This is the caller's side; the
 * other one is serve.c, and giving up is cancel.c.
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
#include "gate/gate_inside.h"
#include "gate/journal.h"
#include "watch/note.h"

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
    if (fiber->cancelled && !gate_in_handler (fiber) && !frame->done)
        gate_cancel_deferred (fiber, frame);
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

/* That is done around the handler, which is called from the same place whether or not anybody
 * attends: what it leaves on the stack, and the addresses of that which it passes on, are part of
 * the machine's history. True: the call is refused. */
static __attribute__ ((noinline)) bool
attend_before (struct fault_service *service, const Link *link, unsigned operation)
{
    *service = (struct fault_service){ 0 };
    return faults_on ()
           && fault_before (service, COMPONENT (link->target), link->interface, operation);
}

static __attribute__ ((noinline)) void
attend_after (const struct fault_service *service, const struct frame *frame, const Link *link,
              const void *request, enum status status)
{
    if (faults_on ())
        fault_after (service, COMPONENT (link->target));
    if (notes_on () && frame->link != NULL)
        note_call (frame, request, status);
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
    struct fault_service service;
    bool attended;

    if (function == NULL)
        return status;
    if (frame->operation->lends)
        frame->request = request;
    attended = is_attended ();
    if (attended && attend_before (&service, link, operation))
        status = ERR_FILE_TABLE;
    else
        status = function (self, &frame->call, request, frame->reply);
    if (attended)
        attend_after (&service, frame, link, request, status);
    if ((unsigned)status >= STATUS_COUNT)
        status = answer_otherwise (frame, status);
    if (frame->operation->lends && status == OK)
        check_done (frame);
    return status;
}

enum status
gate_answer (struct frame *frame, const Link *link, unsigned operation, const void *request)
{
    return answer (frame, link, operation, request);
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
    message->status     = here->fiber->cancelled && !gate_in_handler (here->fiber);
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
    if (journal_was_held (component))
        return true;
    if (here->replaying != REPLAY_NONE && journal_replaying ())
        return false;
    if (PLAN->components[component].route != ROUTE_HELD || gets_through (component))
        return false;
    journal_held (component);
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
