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
#include "watch/event.h"
#include "watch/histogram.h"

handler *
gate_handler (const Component *component, unsigned provision, unsigned operation)
{
    handler *const *operations = component->class_->provides[provision].operations;

    return operations[operation];
}

/* The grant at that offset of a request; NULL when the operation has none. */
static grant *
grant_at (void *request, int16_t offset)
{
    return offset < 0 ? NULL : (grant *)((uint8_t *)request + offset);
}

static bool
grants_fit (const struct operation *operation, const void *request)
{
    const grant *from = grant_at ((void *)request, operation->from);
    const grant *into = grant_at ((void *)request, operation->into);

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

/* The handler has not answered itself: somebody else does, or it does later. */
static __attribute__ ((noinline)) enum status
answer_otherwise (struct frame *frame, enum status status, const struct operation *operation,
                  const void *request, void *reply)
{
    struct fiber *fiber = here->fiber;

    if (status == FORWARDED) {
        Link *link = fiber->forward_link;
        uint64_t forwarded[PAYLOAD_MAX / 8];

        memcpy (forwarded, fiber->forward_request,
                link->operations[fiber->forward_operation].request_bytes);
        frame->forwarded = true;
        return call_carefully (link, fiber->forward_operation, forwarded, reply);
    }
    frame->deferred = true;
    fiber->handle   = (struct call){ here->domain, fiber->index, frame->generation };
    grants_keep (fiber, operation, request);
    if (fiber->cancelled && fiber->depth == 0 && !frame->done)
        cancel_deferred (fiber, frame);
    while (!frame->done)
        fiber_block ();
    return frame->status;
}

/* What a handler of any component has to keep to: seen here, it is its own domain that ends. */
static void
check_answer (const struct operation *operation, const void *request, enum status status,
              const void *reply)
{
    uint32_t done;

    assert ((unsigned)status < STATUS_COUNT);
    if (status != OK || operation->into < 0)
        return;
    memcpy (&done, (const uint8_t *)reply + operation->done, sizeof done);
    assert (done <= grant_at ((void *)request, operation->into)->length);
}

/* Lets `self` answer, whatever way it chooses. The frame is the innermost of this fiber. Part
 * of its callers: a call by the direct gate should cost little more than a function call. */
static inline __attribute__ ((always_inline)) enum status
answer (struct frame *frame, Component *self, unsigned provision, unsigned operation,
        const struct operation *op, const void *request, void *reply)
{
    struct fiber *fiber  = here->fiber;
    handler *function    = gate_handler (self, provision, operation);
    struct call call     = { here->domain, fiber->index, frame->generation };
    uint64_t work_before = here->token.now;
    enum status status;

    if (function == NULL)
        return ERR_NOT_IMPLEMENTED;
    self->stats->calls_in++;
    fiber->depth++;
    status = faults_on ()
                 ? fault_serve (function, self, &call,
                                self->class_->provides[provision].interface, operation, request,
                                reply)
                 : function (self, &call, request, reply);
    fiber->depth--;
    self->stats->work += here->token.now - work_before - frame->nested - frame->waited;
    return status == FORWARDED || status == DEFERRED
               ? answer_otherwise (frame, status, op, request, reply)
               : status;
}

/* Over the channel: stage the request and park until somebody answers for it. */
static void
call_remote_once (struct frame *frame, uint16_t domain, const void *request)
{
    const struct operation *operation = &frame->link->operations[frame->operation];
    struct message *message           = &here->staged_message;
    const grant *from, *into;

    message->kind       = MESSAGE_CALL;
    message->operation  = frame->operation;
    message->link       = frame->link->index;
    message->fiber      = here->fiber->index;
    message->generation = frame->generation;
    message->status     = here->fiber->cancelled && here->fiber->depth == 0;
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
    frame->remote      = true;
    here->staged_to    = domain;
    here->staged       = true;
    here->fiber->state = FIBER_WAITING;
    here->fiber->blocked_at = here->token.now;
    grants_keep (here->fiber, operation, request);
    while (!frame->done)
        fiber_park ();
    if (frame->deferred) /* it was answered here: the component has come to us meanwhile */
        frame->waited += here->token.now - here->fiber->blocked_at;
}

/* And come back with the reply. Whoever has begun anew meanwhile is asked again, if asking
 * twice is as good as asking once. */
static enum status
call_remote (struct frame *frame, uint16_t domain, const void *request)
{
    call_remote_once (frame, domain, request);
    while (frame->again) {
        frame->again      = false;
        frame->done       = false;
        frame->generation = ++here->next_generation;
        call_remote_once (frame, frame->domain, request);
    }
    return frame->status;
}

static uint64_t
copy_cycles (uint64_t bytes)
{
    return bytes * PLAN->cost.copy_millicycles_per_byte / 1000;
}

/* What a call has cost in cycles, beside what its frame says. */
struct cost {
    uint64_t start, crossing, copy;
};

/* Does the owner of the link still live here? Only a call that it has forwarded is here longer
 * than it; what that counts is then nobody's. */
static bool
is_at_home (const Link *link)
{
    return PLAN->components[link->owner].domain == here->domain;
}

/* Adds a call that is over to the counters of its link. Part of its callers: to each the gate
 * is a constant. */
static inline __attribute__ ((always_inline)) void
count (const struct frame *frame, enum status status, const struct cost *cost,
       enum gate_kind gate)
{
    struct link_stats *stats = frame->link->stats;
    uint64_t total           = here->token.now - cost->start;

    stats->calls[frame->operation]++;
    stats->refused += status != OK;
    stats->total += total;
    stats->crossing += cost->crossing;
    stats->waited += frame->waited;
    stats->histogram[histogram_bucket (total)]++;
    if (gate == GATE_CHANNEL)
        stats->copy += cost->copy;
}

/* Leaves the event of a call that is over. */
static inline __attribute__ ((always_inline)) void
tell (const struct frame *frame, enum status status, const struct cost *cost,
      enum gate_kind gate)
{
    struct runtime *runtime = here;
    const Link *link        = frame->link;
    uint64_t total          = runtime->token.now - cost->start;
    struct event event;

    if (frame->outer != NULL)
        frame->outer->nested += total;
    if (link->interface == INTERFACE_umode)
        return; /* no call between components: the system call leaves its own event */
    event = (struct event){
        .start    = cost->start,
        .total    = total,
        .waited   = frame->waited,
        .nested   = frame->nested,
        .what     = event_what_of_call (link, frame->operation, status),
        .crossing = (uint32_t)cost->crossing,
        .copy     = (uint32_t)cost->copy,
        .bytes    = frame->bytes,
        .gate     = (uint8_t)gate,
    };
    event_emit (runtime, &event);
}

static inline void
frame_enter (struct frame *frame)
{
    here->fiber->frame = frame;
    here->token.depth++;
}

static inline void
frame_leave (const struct frame *frame)
{
    here->token.depth--;
    here->fiber->frame = frame->outer;
}

/* The whole call by channel, and what crossing and copying cost. */
static __attribute__ ((noinline)) enum status
call_channel (struct frame *frame, uint16_t domain, const void *request)
{
    const Link *link           = frame->link;
    const struct operation *op = &link->operations[frame->operation];
    struct cost cost           = { .start = here->token.now };
    uint64_t one_way = link->interface == INTERFACE_umode ? PLAN->cost.syscall / 2
                                                          : PLAN->cost.message;
    uint32_t lent      = 0;
    bool sent          = false;
    enum status status = ERR_GONE;

    frame_enter (frame);
    if (!grants_fit (op, request)) {
        status = ERR_INVALID;
    } else if (!here->gone[domain]) {
        here->token.now += one_way;
        if (op->from >= 0) {
            lent      = grant_at ((void *)request, op->from)->length;
            cost.copy = copy_cycles (lent);
            here->token.now += cost.copy;
        }
        status        = call_remote (frame, domain, request);
        cost.crossing = 2 * one_way;
        if (op->into >= 0 && frame->bytes != lent) {
            uint64_t back = copy_cycles (frame->bytes - lent);

            cost.copy += back;
            here->token.now += back;
        }
        here->token.now += one_way;
        sent = true;
    }
    frame_leave (frame);
    if (is_at_home (link)) {
        count (frame, status, &cost, GATE_CHANNEL);
        link->stats->remote += sent;
        link->stats->bytes += frame->bytes;
    }
    tell (frame, status, &cost, GATE_CHANNEL);
    return status;
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

/* Waits until it is clear where the component is. */
static uint32_t
route_wait (uint32_t component)
{
    const struct plan_component *plan = &PLAN->components[component];
    struct fiber *fiber               = here->fiber;

    while (plan->route == ROUTE_HELD && !gets_through (component)) {
        fiber->held   = (uint16_t)(component + 1);
        fiber->ticket = here->token.ticket++;
        fiber->state  = FIBER_WAITING;
        fiber_park ();
    }
    fiber->held = 0;
    return plan->domain;
}

/* A call to a component that is in `domain`. `lasts`: its owner may be elsewhere when it ends. */
static inline __attribute__ ((always_inline)) enum status
call_in (uint32_t domain, Link *link, unsigned operation, const void *request, void *reply,
         bool lasts)
{
    const struct operation *op = &link->operations[operation];
    struct cost cost           = { .start = here->token.now };
    struct frame frame         = {
        .outer       = here->fiber->frame,
        .generation  = ++here->next_generation,
        .link        = link,
        .reply       = reply,
        .reply_bytes = op->reply_bytes,
        .operation   = (uint8_t)operation,
    };
    enum status status = ERR_INVALID;

    if (domain != here->domain)
        return call_channel (&frame, (uint16_t)domain, request);
    frame_enter (&frame);
    if (grants_fit (op, request)) {
        cost.crossing = PLAN->cost.direct_call;
        here->token.now += cost.crossing;
        status = answer (&frame, COMPONENT (link->target), link->provision, operation, op,
                         request, reply);
        check_answer (op, request, status, reply);
    }
    frame_leave (&frame);
    if (!lasts || is_at_home (link))
        count (&frame, status, &cost, GATE_DIRECT);
    tell (&frame, status, &cost, GATE_DIRECT);
    return status;
}

/* A call that does without the short way: nobody has looked yet where its target is. */
static __attribute__ ((noinline)) enum status
call_carefully (Link *link, unsigned operation, const void *request, void *reply)
{
    return call_in (route_wait (link->target), link, operation, request, reply, true);
}

enum status
link_call (Link *link, unsigned operation, const void *request, void *reply)
{
    uint32_t domain = PLAN->components[link->target].route;

    if (domain == ROUTE_HELD)
        return call_carefully (link, operation, request, reply);
    return call_in (domain, link, operation, request, reply, false);
}

enum status
call_forward (Component *self, struct call *call, Link *link, unsigned operation,
              const void *request)
{
    struct fiber *fiber = here->fiber;

    (void)self;
    assert (call->fiber == fiber->index && link != NULL);
    assert (link->operations[operation].reply_bytes == fiber->frame->reply_bytes);
    fiber->forward_link      = link;
    fiber->forward_operation = (uint8_t)operation;
    memcpy (fiber->forward_request, request, link->operations[operation].request_bytes);
    return FORWARDED;
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
            if (frame->generation == call->generation)
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
    if (status == OK && reply != NULL && frame->reply_bytes != 0)
        memcpy (frame->reply, reply, frame->reply_bytes);
    if (fiber->state == FIBER_WAITING && fiber->frame == frame && frame->deferred)
        fiber_ready (fiber);
}

uint32_t
gate_caller (const struct call *call)
{
    const struct fiber *fiber = &here->fibers[call->fiber];
    const struct frame *frame = fiber->frame;

    while (frame->generation != call->generation)
        frame = frame->outer;
    return frame->link != NULL ? frame->link->owner : PLAN->links[fiber->request.link].owner;
}

/* ---- the far side of a channel ---- */

static enum status
upcall_local (Component *self, enum upcall which, uint64_t cookie)
{
    const struct component_class *class_ = self->class_;
    struct fiber *fiber                  = here->fiber;
    enum status status                   = OK;

    fiber->depth++;
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
    fiber->depth--;
    return status;
}

static enum status
serve_call (struct fiber *fiber, struct frame *frame, uint8_t *reply)
{
    const struct message *message     = &fiber->request;
    const Link *link                  = &PLAN->links[message->link];
    const struct operation *operation = &interfaces[link->interface].operations[message->operation];
    uint64_t request[PAYLOAD_MAX / 8];
    grant *from, *into;
    enum status status;

    memcpy (request, message->payload, operation->request_bytes);
    from = grant_at (request, operation->from);
    into = grant_at (request, operation->into);
    if (from != NULL)
        *from = (grant){ .data = FIBER_FROM (here, fiber->index), .length = message->bulk };
    if (into != NULL)
        *into = (grant){ .data = FIBER_INTO (here, fiber->index), .length = message->into };
    frame->reply_bytes = operation->reply_bytes;
    status = answer (frame, COMPONENT (link->target), link->provision, message->operation,
                     operation, request, reply);
    check_answer (operation, request, status, reply);
    return status;
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

void
gate_serve (void *argument)
{
    struct fiber *fiber           = argument;
    const struct message *request = &fiber->request;
    enum status status;

    fiber->served = (struct frame){ .generation = ++here->next_generation,
                                    .reply      = fiber->reply };
    fiber->frame  = &fiber->served;
    if (fiber->refuse) {
        status = ERR_CRASHED;
    } else if (request->kind == MESSAGE_UPCALL) {
        status = upcall_local (COMPONENT (request->link), (enum upcall)request->status,
                               request->waited);
    } else {
        memset (fiber->reply, 0,
                PLAN->links[request->link].operations[request->operation].reply_bytes);
        status = serve_call (fiber, &fiber->served, (uint8_t *)fiber->reply);
    }
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
    uint64_t start      = here->token.now;
    struct frame frame  = { .outer      = fiber->frame,
                            .generation = ++here->next_generation,
                            .upcall     = (uint16_t)(component + 1) };
    struct event event;

    fiber->frame = &frame;
    here->token.depth++;
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
        message->generation = frame.generation;
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
        while (!frame.done)
            fiber_park ();
        here->token.now += PLAN->cost.message;
    }
    here->token.depth--;
    fiber->frame = frame.outer;

    event = (struct event){
        .start    = start,
        .total    = here->token.now - start,
        .waited   = frame.waited,
        .nested   = frame.nested,
        .what     = event_what (COMPONENT_NUCLEUS, component, EVENT_UPCALL, 0, which,
                                frame.status),
        .crossing = domain == here->domain ? 0 : 2 * (uint32_t)PLAN->cost.message,
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
        if (frame->reply_bytes != 0)
            memcpy (frame->reply, message->payload, frame->reply_bytes);
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
    if (frame == NULL || fiber->depth != 0 || fiber->state != FIBER_WAITING || frame->done)
        return false;
    if (frame->remote) {
        struct message *message = &here->staged_message;

        if (here->gone[frame->domain])
            return false;
        message->kind       = MESSAGE_CANCEL;
        message->fiber      = fiber->index;
        message->generation = frame->generation;
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
    if (fiber->state == FIBER_WAITING && fiber->depth == 0 && fiber->frame != NULL
        && fiber->frame->deferred && !fiber->frame->done)
        cancel_deferred (fiber, fiber->frame);
}

void
gate_fail (uint16_t domain, bool anew)
{
    here->gone[domain] = !anew;
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
        frame->again  = anew && frame->link != NULL
                       && frame->link->operations[frame->operation].again;
        frame->status = anew ? ERR_CRASHED : ERR_GONE;
        frame->done   = true;
        fiber_ready (fiber);
    }
}
