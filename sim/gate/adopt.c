#include "gate/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "gate/gate.h"
#include "user/user.h"
#include "watch/event.h"

/* Calls inside calls on one fiber; a chain that is longer is a circle. */
#define FRAMES_MAX 64u
#define NOBODY     UINT32_MAX

/* ---- looking into a domain's memory ---- */

static bool
lies_in (uint64_t base, uint64_t length, const void *what, uint64_t bytes)
{
    uint64_t at = (uint64_t)(uintptr_t)what;

    return bytes <= length && at >= base && at - base <= length - bytes;
}

static struct frame *
frame_in (uint32_t domain, struct frame *at)
{
    bool there = lies_in (ADDRESS_RUNTIME (domain), RUNTIME_BYTES (PLAN->fibers_max), at,
                          sizeof *at)
                 && (uintptr_t)at % _Alignof (struct frame) == 0;

    return there ? at : NULL;
}

static uint32_t
fiber_count (uint32_t domain)
{
    uint32_t count = RUNTIME (domain)->fiber_count;

    return count < PLAN->fibers_max ? count : PLAN->fibers_max;
}

static const Link *
link_checked (const Link *link)
{
    uint64_t offset = (uint64_t)(uintptr_t)link - (uint64_t)(uintptr_t)PLAN->links;

    return offset / sizeof *link < PLAN->link_count && offset % sizeof *link == 0 ? link : NULL;
}

/* The call that a fiber serves; NULL: it serves none. */
static const Link *
served_link (const struct fiber *fiber)
{
    const struct message *request = &fiber->request;

    if (!fiber->serving || request->kind != MESSAGE_CALL || request->link >= PLAN->link_count)
        return NULL;
    return request->operation < interfaces[PLAN->links[request->link].interface].operation_count
               ? &PLAN->links[request->link]
               : NULL;
}

/* The link of a call whose frame is on this fiber, or served by it. */
static const Link *
frame_link (const struct fiber *fiber, const struct frame *frame)
{
    return frame == &fiber->served ? served_link (fiber) : link_checked (frame->link);
}

/* Whom the message is for that a fiber serves. */
static uint32_t
serves (const struct fiber *fiber)
{
    const Link *link = served_link (fiber);

    if (fiber->serving && fiber->request.kind == MESSAGE_UPCALL)
        return fiber->request.link;
    return link != NULL ? link->target : NOBODY;
}

/* Whose handler the frame is of; NOBODY: of none that has begun, or still goes on. */
static uint32_t
frame_runs (const struct fiber *fiber, const struct frame *frame)
{
    const Link *link;

    if (!frame_has_handler (frame))
        return NOBODY;
    if (frame->upcall != 0)
        return frame->upcall - 1u;
    if (frame == &fiber->served)
        return serves (fiber);
    link = frame_link (fiber, frame);
    return link != NULL ? link->target : NOBODY;
}

/* Who is about to handle what the fiber was made for: a message that got stuck and is to be done
 * once more waits for its turn without a frame (gate/replay.c). */
static uint32_t
will_run (const struct fiber *fiber)
{
    return fiber->frame == NULL ? serves (fiber) : NOBODY;
}

/* Which operation the frame is of. */
static uint8_t
frame_operation (const Link *link, const struct frame *frame)
{
    unsigned operation = event_operation (frame->what);

    return operation < interfaces[link->interface].operation_count ? (uint8_t)operation : 0;
}

/* Is a handler on the fiber's stack? */
static bool
in_handler (uint32_t domain, const struct fiber *fiber)
{
    const struct frame *frame = frame_in (domain, fiber->frame);

    for (unsigned depth = 0; frame != NULL && depth < FRAMES_MAX; depth++) {
        if (frame_has_handler (frame))
            return true;
        frame = frame_in (domain, frame->outer);
    }
    return false;
}

/* Waits this fiber for an answer, and on which call? NULL: it does not. */
static struct frame *
waits_on (uint32_t domain, const struct fiber *fiber)
{
    struct frame *frame = frame_in (domain, fiber->frame);

    return fiber->state == FIBER_WAITING && frame != NULL && !frame->done
                   && (frame->remote || frame->deferred)
               ? frame
               : NULL;
}

static bool
keeps (uint32_t domain, const struct fiber *fiber, uint32_t component)
{
    const struct frame *frame = waits_on (domain, fiber);
    const Link *link;

    if (frame == NULL || !frame->deferred)
        return false;
    link = frame_link (fiber, frame);
    return link != NULL && link->target == component;
}

/* A window on memory that a component itself has lent, for a call that it has forwarded. */
static bool
lends_of (const grant *window, uint32_t component)
{
    return window->length != 0 && component != COMPONENT_USER
           && lies_in (ADDRESS_COMPONENT (component),
                       COMPONENT_HEADER_BYTES + PLAN->components[component].arena_bytes,
                       window->data, 1);
}

/* May a process of the domain read these bytes, and so may we for it? */
static bool
is_of_domain (uint32_t domain, const grant *window)
{
    extern const char __executable_start[], edata[];
    uint64_t image = (uint64_t)(uintptr_t)__executable_start;

    if (window->length == 0
        || lies_in (ADDRESS_RUNTIME (domain), RUNTIME_BYTES (PLAN->fibers_max), window->data,
                    window->length))
        return true;
    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        uint64_t bytes = COMPONENT_HEADER_BYTES + PLAN->components[c].arena_bytes;

        if (c == COMPONENT_USER)
            bytes += user_stacks_bytes (PLAN->tasks_max);
        if ((PLAN->components[c].domain == domain
             || (c == COMPONENT_USER && domain == DOMAIN_KERNEL))
            && lies_in (ADDRESS_COMPONENT (c), bytes, window->data, window->length))
            return true;
    }
    if (domain == DOMAIN_KERNEL
        && (lies_in (ADDRESS_RAM, PLAN->ram_bytes, window->data, window->length)
            || lies_in (ADDRESS_ARCHIVE, PLAN->archive_bytes, window->data, window->length)))
        return true;
    return lies_in (ADDRESS_PLAN, sizeof (struct plan), window->data, window->length)
           || lies_in (image, (uint64_t)(uintptr_t)edata - image, window->data, window->length);
}

/* ---- what a move finds ---- */

/* Adds what one fiber has to do with the component. */
static void
look_at (struct adopt_look *look, uint32_t domain, const struct fiber *fiber, uint32_t component)
{
    struct frame *frame = fiber->frame;
    unsigned depth      = 0;
    bool busy           = will_run (fiber) == component;

    for (; frame != NULL; frame = frame->outer) {
        frame = frame_in (domain, frame);
        if (frame == NULL || ++depth > FRAMES_MAX) {
            look->sane = false;
            return;
        }
        busy |= frame_runs (fiber, frame) == component;
    }
    if (waits_on (domain, fiber) != NULL)
        busy |= lends_of (&fiber->from, component) || lends_of (&fiber->into, component);
    if (busy && look->busy < sizeof look->calls / sizeof *look->calls)
        look->calls[look->busy] = fiber->call;
    look->busy += busy;
    if (!keeps (domain, fiber, component))
        return;
    look->deferred++;
    look->sane = look->sane && fiber->from.length <= GRANT_MAX && fiber->into.length <= GRANT_MAX
                 && is_of_domain (domain, &fiber->from) && is_of_domain (domain, &fiber->into)
                 && (!fiber->serving || fiber->client < PLAN->domain_count);
}

/* Fibers that the domain can still give out; 0 as well if its list makes no sense. */
static uint32_t
fibers_free (uint32_t domain)
{
    const struct runtime *runtime = RUNTIME (domain);
    uint32_t count                = fiber_count (domain);
    uint32_t free                 = PLAN->fibers_max - count;

    for (uint32_t at = runtime->free_fibers, turns = 0; at != 0; turns++) {
        if (at > count || turns > count || runtime->fibers[at - 1].state != FIBER_FREE
            || runtime->fibers[at - 1].index != at - 1)
            return 0;
        free++;
        at = runtime->fibers[at - 1].next;
    }
    return free;
}

struct adopt_look
adopt_look (uint32_t component, uint32_t to)
{
    struct adopt_look look = { .sane = true };
    uint32_t domain        = PLAN->components[component].domain;

    for (uint32_t i = 0; i < fiber_count (domain); i++) {
        const struct fiber *fiber = &RUNTIME (domain)->fibers[i];

        if (fiber->state != FIBER_FREE)
            look_at (&look, domain, fiber, component);
    }
    look.room = fibers_free (to);
    return look;
}

/* ---- handing over ---- */

/* Where the fiber's own windows are. */
static grant
own_from (uint32_t domain, const struct fiber *fiber, uint32_t length)
{
    return (grant){ .data   = FIBER_FROM (RUNTIME (domain), fiber - RUNTIME (domain)->fibers),
                    .length = length };
}

static grant
own_into (uint32_t domain, const struct fiber *fiber, uint32_t length)
{
    return (grant){ .data   = FIBER_INTO (RUNTIME (domain), fiber - RUNTIME (domain)->fibers),
                    .length = length };
}

static uint64_t
window_copy (const grant *to, const grant *from)
{
    uint32_t bytes = to->length < from->length ? to->length : from->length;

    if (bytes != 0)
        memmove (to->data, from->data, bytes);
    return bytes;
}

/* A fiber of domain `to` that waits as `old` did, on a call that it serves. */
static struct fiber *
fiber_take_over (const struct fiber *old, uint32_t to, const Link *link, uint8_t operation)
{
    struct fiber *fresh;

    here  = RUNTIME (to);
    fresh = fiber_new (gate_serve_adopted, NULL);
    here  = NULL;
    fresh->argument   = fresh;
    fresh->task       = old->task;
    fresh->call       = old->call;
    fresh->level      = old->level;
    fresh->blocked_at = old->blocked_at;
    fresh->serving    = true;
    fresh->orphaned   = false;
    fresh->late       = false;
    fresh->refuse     = false;
    fresh->handle     = old->handle;
    fresh->from       = own_from (to, fresh, old->from.length);
    fresh->into       = own_into (to, fresh, old->into.length);
    fresh->served     = (struct frame){
            .operation = &link->operations[operation],
            .reply     = fresh->reply,
            .call      = { to, fresh->index, ++RUNTIME (to)->next_generation },
            .deferred  = true,
    };
    memset (fresh->reply, 0, sizeof fresh->reply);
    fresh->frame = &fresh->served;
    return fresh;
}

static uint64_t
windows_copy (const struct fiber *to, const struct fiber *from)
{
    return window_copy (&to->from, &from->from) + window_copy (&to->into, &from->into);
}

/* The fiber goes back to those that are free; what is on its stack is over. */
static void
fiber_drop (uint32_t domain, struct fiber *fiber)
{
    struct runtime *runtime = RUNTIME (domain);

    fiber->state         = FIBER_FREE;
    fiber->made          = false;
    fiber->serving       = false;
    fiber->frame         = NULL;
    fiber->next          = runtime->free_fibers;
    runtime->free_fibers = (uint32_t)(fiber - runtime->fibers) + 1;
}

/* The fiber that waits for what `server`, of domain `domain`, will answer; NULL: nobody does. */
static struct fiber *
client_of (uint32_t domain, const struct fiber *server)
{
    uint32_t client = server->client;
    struct fiber *fiber;
    const struct frame *frame;

    if (server->request.fiber >= fiber_count (client))
        return NULL;
    fiber = &RUNTIME (client)->fibers[server->request.fiber];
    frame = waits_on (client, fiber);
    return frame != NULL && frame->remote && frame->domain == domain
                   && frame->call.generation == server->request.generation
               ? fiber
               : NULL;
}

/* Asked from the component's own domain: the caller stays, and becomes a client of `to`. */
static uint64_t
caller_leave (uint32_t domain, struct fiber *caller, uint32_t to)
{
    struct frame *frame = caller->frame;
    const Link *link    = frame_link (caller, frame);
    uint8_t operation   = frame_operation (link, frame);
    struct fiber *fresh = fiber_take_over (caller, to, link, operation);

    fresh->client    = (uint16_t)domain;
    fresh->cancelled = caller->cancelled && !in_handler (domain, caller);
    fresh->request   = (struct message){ .kind       = MESSAGE_CALL,
                                         .operation  = operation,
                                         .link       = link->index,
                                         .fiber      = (uint32_t)(caller - RUNTIME (domain)->fibers),
                                         .bulk       = caller->from.length,
                                         .generation = frame->call.generation,
                                         .into       = caller->into.length };
    frame->deferred   = false;
    frame->remote     = true;
    frame->domain     = (uint16_t)to;
    frame->into       = caller->into.data;
    frame->into_bytes = caller->into.length;
    return windows_copy (fresh, caller);
}

/* Asked from a third domain: it learns who answers. */
static uint64_t
server_move (uint32_t domain, struct fiber *server, uint32_t to, bool *touched)
{
    const Link *link     = served_link (server);
    struct fiber *client = client_of (domain, server);
    struct fiber *fresh  = fiber_take_over (server, to, link, server->request.operation);
    uint64_t bytes;

    fresh->client        = server->client;
    fresh->cancelled     = server->cancelled;
    fresh->orphaned      = server->orphaned;
    fresh->request       = server->request;
    fresh->served.nested = server->served.nested;
    fresh->served.waited = server->served.waited;
    bytes                = windows_copy (fresh, server);
    if (client != NULL) {
        client->frame->domain   = (uint16_t)to;
        touched[server->client] = true;
    }
    fiber_drop (domain, server);
    return bytes;
}

/* Asked from the domain that the component comes to: there it is a call like any other. */
static uint64_t
caller_join (uint32_t domain, struct fiber *server, struct fiber *caller, uint32_t to)
{
    struct frame *frame = caller->frame;
    uint64_t bytes      = 0;

    if (is_of_domain (to, &caller->into))
        bytes = window_copy (&caller->into, &server->into);
    frame->remote      = false;
    frame->deferred    = true;
    frame->nested      = server->served.nested;
    frame->waited      = server->served.waited;
    caller->handle     = server->handle;
    caller->blocked_at = server->blocked_at;
    fiber_drop (domain, server);
    return bytes;
}

uint64_t
adopt_take (uint32_t component, uint32_t to, bool *touched)
{
    uint32_t domain = PLAN->components[component].domain;
    uint64_t bytes  = 0;

    touched[domain] = touched[to] = true;
    for (uint32_t i = 0; i < fiber_count (domain); i++) {
        struct fiber *fiber = &RUNTIME (domain)->fibers[i], *caller;

        if (!keeps (domain, fiber, component))
            continue;
        if (fiber->frame != &fiber->served) {
            bytes += caller_leave (domain, fiber, to);
            continue;
        }
        caller = fiber->client == to ? client_of (domain, fiber) : NULL;
        if (caller != NULL)
            bytes += caller_join (domain, fiber, caller, to);
        else if (fiber->client == to)
            fiber_drop (domain, fiber); /* nobody waits for that answer */
        else
            bytes += server_move (domain, fiber, to, touched);
    }
    return bytes;
}

/* ---- who waits for whom ---- */

void
adopt_visit_callers (uint32_t component, uint32_t to, void (*visit) (uint32_t a, uint32_t b))
{
    uint32_t domain = PLAN->components[component].domain;

    for (uint32_t i = 0; i < fiber_count (domain); i++) {
        const struct fiber *fiber = &RUNTIME (domain)->fibers[i];
        uint32_t caller           = domain;

        if (!keeps (domain, fiber, component))
            continue;
        if (fiber->frame == &fiber->served)
            caller = fiber->client;
        if (caller < PLAN->domain_count)
            visit (caller, to);
    }
}

void
adopt_visit_waiting (void (*visit) (uint32_t a, uint32_t b))
{
    for (uint32_t domain = 0; domain < PLAN->domain_count; domain++)
        for (uint32_t i = 0; i < fiber_count (domain); i++) {
            const struct fiber *fiber = &RUNTIME (domain)->fibers[i];
            const struct frame *frame = frame_in (domain, fiber->frame);

            if (fiber->state == FIBER_FREE)
                continue;
            if (frame != NULL && frame->remote && !frame->done
                && frame->domain < PLAN->domain_count)
                visit (domain, frame->domain);
            if (fiber->serving && fiber->client < PLAN->domain_count)
                visit (domain, fiber->client);
        }
}

bool
adopt_is_drained (uint32_t domain)
{
    for (uint32_t i = 0; i < fiber_count (domain); i++)
        if (RUNTIME (domain)->fibers[i].state != FIBER_FREE)
            return false;
    return true;
}

/* ---- those that were held ---- */

struct held {
    uint64_t ticket;
    uint32_t domain, fiber;
};

static int
held_compare (const void *a, const void *b)
{
    const struct held *left = a, *right = b;

    return left->ticket < right->ticket ? -1 : left->ticket > right->ticket;
}

/* Fills in those who wait for the component, as far as there is room; how many there are. */
static uint32_t
held_find (uint32_t component, struct held *held, uint32_t room)
{
    uint32_t count = 0;

    for (uint32_t domain = 0; domain < PLAN->domain_count; domain++)
        for (uint32_t i = 0; i < fiber_count (domain); i++) {
            const struct fiber *fiber = &RUNTIME (domain)->fibers[i];

            if (fiber->state != FIBER_WAITING || fiber->held != component + 1)
                continue;
            if (count < room)
                held[count] = (struct held){ fiber->ticket, domain, i };
            count++;
        }
    return count;
}

uint32_t
adopt_release (uint32_t component, bool *touched)
{
    struct token *token = &RUNTIME (DOMAIN_KERNEL)->token;
    uint32_t count      = held_find (component, NULL, 0);
    struct held *held   = count != 0 ? calloc (count, sizeof *held) : NULL;

    if (held == NULL)
        return 0;
    held_find (component, held, count);
    qsort (held, count, sizeof *held, held_compare);
    for (uint32_t i = 0; i < count; i++) {
        struct runtime *runtime = RUNTIME (held[i].domain);

        runtime->fibers[held[i].fiber].held = 0;
        touched[held[i].domain]             = true;
        if (runtime->ready_last > fiber_count (held[i].domain))
            continue; /* it has spoilt its own queue */
        here                = runtime;
        here->token.ticket  = token->ticket++;
        fiber_ready (&runtime->fibers[held[i].fiber]);
        here                = NULL;
        token->ready[held[i].domain / 64] |= (uint64_t)1 << (held[i].domain % 64);
    }
    free (held);
    return count;
}
