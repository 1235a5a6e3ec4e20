/* note: what was said in a call, word by word, beside the event that it leaves. Kept while the
 * board says that somebody looks at calls; else it is part of a test that every call makes
 * anyway. Nothing is charged: the machine's history does not know of it.
 *
 * Whoever makes a call by channel notes it when it is over, and a direct one whoever serves
 * it. What is answered later (deferred, forwarded) has no reply in its note.
 */
#ifndef SIM_NOTE_H
#define SIM_NOTE_H

#include "gate/gate.h"

static inline bool
notes_on (void)
{
    return __builtin_expect ((atomic_load_explicit (&PLAN->brake.on, memory_order_relaxed)
                              & BRAKE_NOTES) != 0, 0);
}

/* The frame is of a call by a link, and as it was when the call began. */
void note_call (const struct frame *frame, const void *request, enum status status);

/* The board: copies the note that belongs to this event, if the ring of its domain still has it.
 * What a note says is a domain's word: it may be anything. */
bool note_find (uint32_t domain, const struct event *event, struct note *note);

#endif
