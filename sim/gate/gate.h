/* gate: the parts of a call's way that other parts of the simulator use. */
#ifndef SIM_GATE_H
#define SIM_GATE_H

#include "gate/runtime.h"

/* ---- gates: gate/gate.c ---- */

/* Nucleus only: start, stop, timer or interrupt of a component, wherever it lives. */
enum status gate_upcall (uint32_t component, enum upcall which, uint64_t cookie);
/* Runs what arrived as a CALL or UPCALL on a fiber of its own. */
void gate_serve (void *fiber);
/* Waits, on a fiber that took over a deferred call, for its answer; see gate/adopt.h. */
void gate_serve_adopted (void *fiber);
/* The client of this fiber's call gives up; see MESSAGE_CANCEL. Returns whether a message
 * was staged, so that the token leaves. */
bool gate_cancel (struct fiber *fiber);
bool gate_cancel_served (uint16_t client, uint32_t fiber, uint64_t generation);
/* A domain died: every frame that waits for it ends with ERR_GONE. If it is there again, but has
 * forgotten everything, what may be asked twice is asked again, the others end with ERR_CRASHED.
 * What was asked again after a crash is not asked a third time after one: it may be the cause. */
void gate_fail (uint16_t domain, enum failure failure);
/* A reply arrived for `fiber`; checked already. */
void gate_replied (struct fiber *fiber, const struct message *message, const void *bulk);
/* The component that made the call a handler is working on. */
uint32_t gate_caller (const struct call *call);

/* ---- channels: gate/channel.c ---- */

/* At the start of a process: waits until the board admits it, as this number, to execute the
 * domain. From when another is admitted on it does nothing any more: it is as good as dead,
 * and the board need not wait until it is. */
void channel_begin (uint32_t number);
/* Ends the process if another one executes the domain. */
void channel_check_admitted (void);

void channel_post (uint16_t to, struct message *message, const void *bulk);
/* Its steps, for who does something between them: the slot, the number, the bell. */
void channel_put (uint16_t to, const struct message *message, const void *bulk);
void channel_publish (uint16_t to);
void channel_ring (uint16_t to);
/* Flips in a sequence number when the same message comes once more. */
#define CHANNEL_AGAIN 0x80000000u
/* What happens at the door from here on wakes the next channel_wait: to be called before
 * looking at what the board says. */
void channel_listen (void);
/* Waits for the next message, or (kernel) for the board; copies it into here->inbox. Returns
 * the sender, or DOMAIN_MAX when it woke for another reason. */
uint32_t channel_wait (uint64_t timeout_ns);
/* Payload that follows the header of a message, in bytes; 0 if the header makes no sense. */
uint32_t channel_payload_bytes (const struct message *message);
/* The bulk that came with the message in here->inbox. */
const void *channel_bulk (void);
/* Replaying: the bulk of the message that was put into here->inbox is here. */
void channel_replay (const void *bulk);
/* Is there a message already? */
bool channel_pending (void);

/* ---- the board's brake: watch/brake.c ---- */

static inline bool
brake_is_on (void)
{
    return (atomic_load_explicit (&PLAN->brake.on, memory_order_relaxed) & BRAKE_ON) != 0;
}

/* Is the kernel to stand before its next decision? */
static inline bool
brake_stands (void)
{
    return (atomic_load_explicit (&PLAN->brake.on, memory_order_relaxed) & BRAKE_STAND) != 0
           && here->token.now
                  >= atomic_load_explicit (&PLAN->brake.stand_at, memory_order_relaxed);
}

/* ---- the domain's main loop: gate/dispatch.c ---- */

_Noreturn void dispatch_loop (void);
/* Whether the plan lets `sender` send such a message to `to`. */
bool message_is_lawful (uint32_t sender, uint32_t to, const struct message *message);

/* ---- components: gate/component.c ---- */

void component_make (uint32_t id); /* board: lays out header, arena and links */

#endif
