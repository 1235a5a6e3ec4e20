/* call: calls in a solo machine: copies, handlers, answers that come later; see solo.h. */
#include "inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
call_free (SoloCall *call)
{
    free (call->request);
    free (call->reply);
    free (call->into);
    free (call->from);
    free (call);
}

typedef enum status handler (Component *self, struct call *call, const void *request,
                             void *reply);

/* The n-th handler of a struct NAME_ops, which has nothing but handlers. */
static handler *
handler_at (const void *operations, unsigned operation)
{
    handler *found;

    memcpy (&found, (const char *)operations + operation * sizeof found, sizeof found);
    return found;
}

static void *
copy_new (const void *bytes, size_t length)
{
    void *copy = malloc (length > 0 ? length : 1);

    assert (copy != NULL);
    if (length > 0 && bytes != NULL)
        memcpy (copy, bytes, length);
    return copy;
}

static grant *
grant_at (void *request, int16_t offset)
{
    return offset < 0 ? NULL : (grant *)((unsigned char *)request + offset);
}

/* The copies that the handler works on. Returns what the gate itself has to say. */
static enum status
call_prepare (SoloCall *call)
{
    const struct operation *operation = call->operation;

    call->request = copy_new (call->request_original, operation->request_bytes);
    call->reply   = calloc (1, operation->reply_bytes > 0 ? operation->reply_bytes : 1);
    assert (call->reply != NULL);
    grant *from = grant_at (call->request, operation->from);
    grant *into = grant_at (call->request, operation->into);
    if ((from != NULL && from->length > GRANT_MAX) || (into != NULL && into->length > GRANT_MAX))
        return ERR_INVALID;
    if (from != NULL)
        from->data = call->from = copy_new (from->data, from->length);
    if (into != NULL) {
        call->into_original = into->data;
        call->into_length   = into->length;
        into->data = call->into = malloc (into->length > 0 ? into->length : 1);
        memset (call->into, 0xa5, into->length); /* junk: nobody may rely on it */
    }
    return OK;
}

/* The answer, back to the caller's memory. */
static void
call_answer (SoloCall *call, enum status status, const void *reply)
{
    const struct operation *operation = call->operation;

    call->status = status;
    if (status != OK)
        return;
    if (call->into != NULL) {
        uint32_t done;
        memcpy (&done, (const char *)reply + operation->done, sizeof done);
        assert (done <= call->into_length && "more done than the grant is long");
        if (done > 0)
            memcpy (call->into_original, call->into, done);
    }
    if (operation->reply_bytes > 0)
        memcpy (call->reply_original, reply, operation->reply_bytes);
}

static bool
all_zero (const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static SoloCall *
call_new (Link *link, unsigned operation, const void *request, void *reply)
{
    SoloCall *call = calloc (1, sizeof *call);

    assert (call != NULL && link != NULL);
    assert (operation < interfaces[link->interface].operation_count);
    call->operation        = &interfaces[link->interface].operations[operation];
    call->link             = link;
    call->status           = DEFERRED;
    call->request_original = request;
    call->reply_original   = reply;
    call->next             = solo.calls;
    solo.calls             = call;
    return call;
}

static void
call_unlink (SoloCall *call)
{
    SoloCall **at = &solo.calls;

    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
}

/* Runs the handler on this fiber until the call is answered. */
static void
call_perform (SoloCall *call)
{
    enum status status = call_prepare (call);

    call->fiber      = solo.current->number;
    call->generation = ++solo.generation;
    if (status == OK) {
        struct call handle  = { 0, call->fiber, call->generation };
        unsigned number     = (unsigned)(call->operation
                                     - interfaces[call->link->interface].operations);
        handler *handler    = handler_at (call->link->operations, number);
        status = handler == NULL ? ERR_NOT_IMPLEMENTED
                                 : handler (call->link->provider, &handle, call->request,
                                            call->reply);
    }
    if (status == DEFERRED) {
        solo.current->waits_for = call;
        while (call->status == DEFERRED)
            fiber_leave ();
        solo.current->waits_for = NULL;
    } else if (status == FORWARDED) {
        assert (call->status != DEFERRED);
    } else {
        assert ((unsigned)status < STATUS_COUNT);
        assert ((status == OK || all_zero (call->reply, call->operation->reply_bytes))
                && "a refusal must leave the reply untouched");
        call_answer (call, status, call->reply);
    }
}

static void
call_body (void *argument)
{
    call_perform (argument);
}

SoloCall *
solo_send (Link *link, unsigned operation, const void *request, void *reply)
{
    SoloCall *call  = call_new (link, operation, request, reply);
    call->from_test = true;
    solo_go (call_body, call);
    return call;
}

enum status
link_call (Link *link, unsigned operation, const void *request, void *reply)
{
    if (solo.current == NULL) {
        SoloCall *call = solo_send (link, operation, request, reply);
        solo_run ();
        enum status status = call->status;
        if (status != DEFERRED) {
            call_unlink (call);
            call_free (call);
        }
        return status;
    }
    SoloCall *call = call_new (link, operation, request, reply);
    call_perform (call);
    enum status status = call->status;
    call_unlink (call);
    call_free (call);
    return status;
}

static SoloCall *
call_find (const struct call *handle)
{
    for (SoloCall *call = solo.calls; call != NULL; call = call->next)
        if (call->generation == handle->generation && call->fiber == handle->fiber
            && call->status == DEFERRED)
            return call;
    return NULL;
}

void
call_reply (Component *self, const struct call *handle, enum status status, const void *reply)
{
    SoloCall *call = call_find (handle);

    (void)self;
    if (call == NULL)
        return;
    assert ((unsigned)status < STATUS_COUNT);
    call_answer (call, status, reply);
    struct fiber *fiber = solo.fibers[call->fiber - 1];
    /* not if it is answered before its handler has returned DEFERRED */
    if (fiber->waits_for == call && !fiber->ready)
        fiber_ready (fiber);
}

/* The window with that offset in the request of a call that is deferred. */
static grant
call_window (const struct call *handle, bool into)
{
    const SoloCall *call = call_find (handle);
    const grant *window;

    assert (call != NULL && "windows of a call that is answered");
    window = grant_at (call->request, into ? call->operation->into : call->operation->from);
    return window != NULL ? *window : (grant){ 0 };
}

grant
call_from (Component *self, const struct call *handle)
{
    (void)self;
    return call_window (handle, false);
}

grant
call_into (Component *self, const struct call *handle)
{
    (void)self;
    return call_window (handle, true);
}

enum status
call_forward (Component *self, struct call *handle, Link *link, unsigned operation,
              const void *request)
{
    SoloCall *call = call_find (handle);

    (void)self;
    assert (call != NULL && "forwarding a call that is answered");
    assert (interfaces[link->interface].operations[operation].reply_bytes
            == call->operation->reply_bytes);
    void *reply        = calloc (1, PAYLOAD_MAX);
    enum status status = link_call (link, operation, request, reply);
    call_answer (call, status, reply);
    free (reply);
    return FORWARDED;
}

enum status
solo_status (const SoloCall *call)
{
    return call->status;
}

SoloCall *
solo_last (void)
{
    for (SoloCall *call = solo.calls; call != NULL; call = call->next)
        if (call->from_test)
            return call;
    return NULL;
}

unsigned
solo_waiting (void)
{
    unsigned count = 0;

    for (SoloCall *call = solo.calls; call != NULL; call = call->next)
        count += call->from_test && call->status == DEFERRED;
    return count;
}

struct cancel {
    Component *self;
    struct call handle;
};

static void
cancel_body (void *argument)
{
    struct cancel *cancel = argument;

    cancel->self->class->cancel (cancel->self, &cancel->handle);
    free (cancel);
}

/* The one that is deferred is the innermost of the calls on the same fiber. */
void
solo_cancel (SoloCall *outer)
{
    SoloCall *inner = NULL;

    for (SoloCall *call = solo.calls; call != NULL; call = call->next)
        if (call->fiber == outer->fiber && call->status == DEFERRED && call->generation != 0
            && (inner == NULL || call->generation > inner->generation))
            inner = call;
    if (outer->status != DEFERRED || inner == NULL
        || inner->link->provider->class->cancel == NULL)
        return;
    struct cancel *cancel = calloc (1, sizeof *cancel);
    cancel->self          = inner->link->provider;
    cancel->handle.fiber  = inner->fiber;
    cancel->handle.generation = inner->generation;
    solo_go (cancel_body, cancel);
    solo_run ();
}
