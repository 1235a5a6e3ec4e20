/* gate_inside: what the two sides of a gate share. */
#ifndef SIM_GATE_INSIDE_H
#define SIM_GATE_INSIDE_H

#include "gate/runtime.h"

/* The grant at that offset of a request; NULL when the operation has none. */
static inline grant *
grant_at (void *request, int16_t offset)
{
    return offset < 0 ? NULL : (grant *)((uint8_t *)request + offset);
}

/* ---- gate.c ---- */

/* Lets the component at the end of the link answer. The frame is the innermost of this fiber. */
enum status gate_answer (struct frame *frame, const Link *link, unsigned operation,
                         const void *request);

/* ---- cancel.c ---- */

/* Is the code of any component on the stack of this fiber? Then what it waits for is bounded, and
 * it is let end. */
bool gate_in_handler (const struct fiber *fiber);
/* Asks the component that keeps the deferred call of this frame to forget it. */
void gate_cancel_deferred (const struct fiber *fiber, const struct frame *frame);

#endif
