/* dispatch: what the main loop shares with the replay of a journal. */
#ifndef SIM_DISPATCH_H
#define SIM_DISPATCH_H

#include "gate/gate.h"

/* Handles the message in the inbox. Returns whether it was what it should be: then the token
 * is ours. */
bool dispatch_message (uint32_t sender);
/* As above for a request, but only makes its fiber: somebody else runs it. NULL: there is no
 * room, and the refusal is staged. */
struct fiber *dispatch_hold (uint32_t sender);
/* The message in the inbox is not looked at: a request is answered ERR_CRASHED, and whoever
 * waits for a reply gets that instead. */
void dispatch_refuse (uint32_t sender);
/* Sends the token away with what was staged; keep: the journal is told. */
void dispatch_send (bool keep);
/* Back to the nucleus with it. */
void dispatch_stage_yield (void);

/* Does again what the journal says, up to where the process before this one died. */
void replay (void);

#endif
