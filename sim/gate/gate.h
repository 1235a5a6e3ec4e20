/* gate: the parts of a call's way that other parts of the simulator use. */
#ifndef SIM_GATE_H
#define SIM_GATE_H

#include "gate/runtime.h"

/* ---- gates: gate/gate.c ---- */

/* Nucleus only: start, stop, timer or interrupt of a component, wherever it lives. */
enum status gate_upcall (uint32_t component, enum upcall which, uint64_t cookie);
/* Runs what arrived as a CALL or UPCALL on a fiber of its own. */
void gate_serve (void *fiber);
/* The client of this fiber's call gives up; see MESSAGE_CANCEL. Returns whether a message
 * was staged, so that the token leaves. */
bool gate_cancel (struct fiber *fiber);
bool gate_cancel_served (uint16_t client, uint32_t fiber, uint64_t generation);
/* A domain died: every frame that waits for it ends with ERR_GONE. */
void gate_fail (uint16_t domain);
/* A reply arrived for `fiber`; checked already. */
void gate_replied (struct fiber *fiber, const struct message *message, const void *bulk);
/* The component that made the call a handler is working on. */
uint32_t gate_caller (const struct call *call);
/* Which function serves an operation; NULL: none. */
typedef enum status handler (Component *self, struct call *call, const void *request, void *reply);
handler *gate_handler (const Component *component, unsigned provision, unsigned operation);

/* ---- channels: gate/channel.c ---- */

void channel_post (uint16_t to, const struct message *message, const void *bulk);
/* Waits for the next message, or (kernel) for the board; copies it into here->inbox. Returns
 * the sender, or DOMAIN_MAX when it woke for another reason. */
uint32_t channel_wait (uint64_t timeout_ns);
/* Is there a message already? */
bool channel_pending (void);

/* ---- the domain's main loop: gate/dispatch.c ---- */

_Noreturn void dispatch_loop (void);

/* ---- components: gate/component.c ---- */

void component_make (uint32_t id); /* board: lays out header, arena and links */

#endif
