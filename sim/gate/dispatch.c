/* dispatch: the main loop of a domain's process.
 *
 * Whoever holds the token runs; here it is taken from a message, given to a fiber, and sent
 * on in the message that the fiber left. Between two messages nothing is on this process's
 * own stack that matters: that is why a fresh process may stand here instead.
 *
 * Everything that arrives is checked against the plan before it is believed.
 */
#include <string.h>

#include "fault/fault.h"
#include "gate/desk.h"
#include "gate/dispatch.h"
#include "gate/journal.h"
#include "nucleus/nucleus.h"

/* The loop turns this often at least, to look at what the board says. */
#define LOOK_NS 50000000u

static bool
call_is_lawful (uint32_t sender, uint32_t to, const struct message *message)
{
    const Link *link;
    const struct operation *operation;

    if (message->link >= PLAN->link_count)
        return false;
    link = &PLAN->links[message->link];
    if (PLAN->components[link->owner].domain != sender
        || PLAN->components[link->target].domain != to
        || message->operation >= interfaces[link->interface].operation_count)
        return false;
    operation = &interfaces[link->interface].operations[message->operation];
    return message->bulk <= (operation->from >= 0 ? GRANT_MAX : 0)
           && message->into <= (operation->into >= 0 ? GRANT_MAX : 0);
}

static bool
upcall_is_lawful (uint32_t sender, uint32_t to, const struct message *message)
{
    return sender == DOMAIN_KERNEL && message->link < PLAN->component_count
           && PLAN->components[message->link].domain == to
           && message->status < UPCALL_COUNT && message->bulk == 0;
}

/* The fiber that waits for this reply; NULL: nobody does. */
static struct fiber *
reply_is_for (uint32_t sender, const struct message *message)
{
    const struct operation *operation;
    struct fiber *fiber;
    struct frame *frame;

    if (message->fiber >= here->fiber_count)
        return NULL;
    fiber = &here->fibers[message->fiber];
    frame = fiber->frame;
    if (fiber->state != FIBER_WAITING || frame == NULL || !frame->remote || frame->done
        || frame->domain != sender || frame->call.generation != message->generation)
        return NULL;
    operation = frame->operation;
    if (message->status >= STATUS_COUNT || message->bulk > frame->into_bytes
        || message->into != (message->status == OK ? frame_reply_bytes (frame) : 0))
        return NULL;
    if (message->status == OK && operation != NULL) {
        uint32_t done = 0;

        if (operation->into >= 0)
            memcpy (&done, message->payload + operation->done, sizeof done);
        if (message->bulk != done)
            return NULL;
    }
    return fiber;
}

bool
message_is_lawful (uint32_t sender, uint32_t to, const struct message *message)
{
    switch (message->kind) {
    case MESSAGE_CALL:
        return call_is_lawful (sender, to, message);
    case MESSAGE_UPCALL:
        return upcall_is_lawful (sender, to, message);
    case MESSAGE_REPLY:
        return message->status < STATUS_COUNT && message->bulk <= GRANT_MAX
               && message->into <= PAYLOAD_MAX;
    case MESSAGE_RUN:
        return sender == DOMAIN_KERNEL;
    case MESSAGE_YIELD:
        return to == DOMAIN_KERNEL;
    case MESSAGE_CANCEL:
        return true;
    case MESSAGE_FAIL:
        return sender == DOMAIN_KERNEL && message->link < PLAN->domain_count
               && message->status <= FAILURE_CRASHED;
    default:
        return false;
    }
}

/* Does it answer a call of the life before? Who was asked then may not have been told yet. */
static bool
reply_is_late (const struct message *message)
{
    return here->life != 0 && !generation_same_life (message->generation, here->next_generation);
}

/* That, and for a reply, whether anybody waits for it, or did; then `waiting` says who does. */
static bool
message_is_valid (uint32_t sender, const struct message *message, struct fiber **waiting)
{
    if (!message_is_lawful (sender, here->domain, message))
        return false;
    if (message->kind != MESSAGE_REPLY)
        return true;
    *waiting = reply_is_for (sender, message);
    return *waiting != NULL || reply_is_late (message);
}

/* What the token's numbers grow by, at the very most, while others have it. */
#define AWAY_MAX_CYCLES NS_TO_CYCLES (3600ull * 1000000000u)
#define AWAY_MAX_EVENTS (1ull << 32)

static void
number_take (uint64_t *number, uint64_t before, uint64_t more_max)
{
    if (*number - before <= more_max)
        return;
    *number = before;
    here->violations++;
}

/* Takes over the token that came with the message. Who has it can write what he likes into it,
 * but virtual time never runs backwards for it, nor leaps; and bits of domains that do not exist
 * mean nothing. Only the kernel has been told of all the time that passed. */
static void
token_take (const struct token *token)
{
    struct token before = here->token;

    here->token = *token;
    if (here->domain != DOMAIN_KERNEL)
        return;
    number_take (&here->token.now, before.now, AWAY_MAX_CYCLES);
    number_take (&here->token.event, before.event, AWAY_MAX_EVENTS);
    number_take (&here->token.ticket, before.ticket, AWAY_MAX_EVENTS);
}

/* Answers the call in the inbox without looking at it. */
static void
refuse (uint32_t sender, enum status status)
{
    struct message *message = &here->staged_message;

    *message          = here->inbox;
    message->kind     = MESSAGE_REPLY;
    message->status   = status;
    message->bulk     = 0;
    message->into     = 0;
    message->nested   = 0;
    message->waited   = 0;
    here->staged_to   = (uint16_t)sender;
    here->staged_bulk = NULL;
    here->staged      = true;
}

void
dispatch_refuse (uint32_t sender)
{
    if (here->inbox.kind == MESSAGE_REPLY) {
        here->inbox.status = ERR_CRASHED;
        here->inbox.bulk   = 0;
        here->inbox.into   = 0;
        dispatch_message (sender);
        return;
    }
    token_take (&here->inbox.token);
    refuse (sender, ERR_CRASHED);
}

/* A fiber for the request in the inbox; NULL: there is none, and it is refused. */
static struct fiber *
serving_fiber (uint32_t sender)
{
    struct fiber *fiber = NULL;

    if (!faults_on () || here->inbox.kind != MESSAGE_CALL || !fault_fiber (&here->inbox))
        fiber = fiber_new (gate_serve, NULL);
    if (fiber == NULL) {
        refuse (sender, ERR_NO_MEMORY);
        return NULL;
    }
    fiber->argument  = fiber;
    fiber->serving   = true;
    fiber->cancelled = here->inbox.kind == MESSAGE_CALL && here->inbox.status != 0;
    fiber->client    = (uint16_t)sender;
    memcpy (&fiber->request, &here->inbox, sizeof fiber->request);
    if (here->inbox.bulk != 0)
        memcpy (FIBER_FROM (here, fiber->index), channel_bulk (), here->inbox.bulk);
    return fiber;
}

static void
serve (uint32_t sender)
{
    struct fiber *fiber = serving_fiber (sender);

    if (fiber != NULL)
        fiber_run (fiber);
}

struct fiber *
dispatch_hold (uint32_t sender)
{
    token_take (&here->inbox.token);
    return serving_fiber (sender);
}

/* The token that came with it is not believed. If it was the real one, the board gives it
 * back once it has ended the sender. */
static void
violation (uint32_t sender)
{
    here->violations++;
    if (here->replaying)
        return; /* that was said when it happened */
    atomic_store (&here->violator, sender + 1);
    atomic_store_explicit (&here->running, 0, memory_order_seq_cst);
}

/* Or was it said to the life before? Then the nucleus is about to tell who did. A life begins with
 * the first start that is meant for it: the nucleus says in which life it thinks we are. */
static bool
is_heard (const struct message *message)
{
    if (message->kind == MESSAGE_UPCALL && message->status == UPCALL_START) {
        if (message->waited != here->life)
            return false;
        here->anew = false;
    }
    return !here->anew;
}

bool
dispatch_message (uint32_t sender)
{
    const struct message *message = &here->inbox;
    struct fiber *fiber           = NULL;

    if (!message_is_valid (sender, message, &fiber)) {
        violation (sender);
        return false;
    }
    token_take (&message->token);
    switch (message->kind) {
    case MESSAGE_CALL:
    case MESSAGE_UPCALL:
        if (is_heard (message))
            serve (sender);
        break;
    case MESSAGE_REPLY:
        if (fiber != NULL) {
            gate_replied (fiber, message, channel_bulk ());
            fiber_run (fiber);
        }
        break;
    case MESSAGE_RUN:
        fiber = fiber_take_ready ();
        if (fiber != NULL)
            fiber_run (fiber);
        break;
    case MESSAGE_CANCEL:
        gate_cancel_served ((uint16_t)sender, message->fiber, message->generation);
        break;
    case MESSAGE_FAIL:
        gate_fail (message->link, (enum failure)message->status);
        break;
    }
    return true;
}

/* Sends the token away with what was staged. From here on the process may be replaced. */
void
dispatch_send (bool keep)
{
    struct message *message = &here->staged_message;

    if (keep && journal_enabled ())
        journal_leads_to ();
    message->token = here->token;
    here->staged   = false;
    here->holds    = false;
    channel_post (here->staged_to, message, here->staged_bulk);
    atomic_store_explicit (&here->running, 0, memory_order_release);
}

void
dispatch_stage_yield (void)
{
    struct message *message = &here->staged_message;

    message->kind     = MESSAGE_YIELD;
    message->bulk     = 0;
    message->into     = 0;
    here->staged_to   = DOMAIN_KERNEL;
    here->staged_bulk = NULL;
    here->staged      = true;
}

static void
dispatch_server (void)
{
    journal_begin ();
    if (journal_replaying () || (journal_enabled () && JOURNAL (here->domain)->audit))
        replay ();
    atomic_store (&here->running, 0);
    if (journal_enabled ())
        journal_stands ();
    for (;;) {
        uint32_t sender;

        channel_listen ();
        desk_look ();
        sender = channel_wait (LOOK_NS);
        if (sender == DOMAIN_MAX && faults_on ())
            fault_resend ();
        if (sender == DOMAIN_MAX || !dispatch_message (sender))
            continue;
        if (!here->staged)
            dispatch_stage_yield ();
        dispatch_send (true);
    }
}

static void
dispatch_kernel (void)
{
    for (;;) {
        uint64_t patience = LOOK_NS;
        uint32_t sender;

        channel_listen ();
        desk_look ();
        if (nucleus_has_token ()) {
            atomic_store_explicit (&here->running, 1, memory_order_seq_cst);
            if (here->staged)
                dispatch_send (true);
            else if (nucleus_next (&patience) == NEXT_SENT)
                dispatch_send (true);
            else
                atomic_store_explicit (&here->running, 0, memory_order_seq_cst);
        }
        sender = channel_wait (patience);
        if (sender == DOMAIN_MAX && faults_on ())
            fault_resend ();
        if (sender == DOMAIN_MAX)
            continue;
        if (here->holds) /* somebody made a second token; who, nobody knows; they are one again */
            here->violations++;
        if (dispatch_message (sender))
            here->holds = true;
    }
}

_Noreturn void
dispatch_loop (void)
{
    /* Stacks that a process before this one has used. */
    fiber_guard (here, here->fiber_count < PLAN->fibers_max ? here->fiber_count : PLAN->fibers_max);
    if (here->domain == DOMAIN_KERNEL)
        dispatch_kernel ();
    dispatch_server ();
    __builtin_unreachable ();
}
