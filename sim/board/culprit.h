/* culprit: which message a domain died of, as its journal tells. */
#ifndef SIM_CULPRIT_H
#define SIM_CULPRIT_H

#include "board/recover.h"
#include "gate/journal.h"

struct culprit {
    struct journal_record *record; /* NULL: nobody knows */
    uint64_t number;               /* of all messages */
    bool last;                     /* no other message came after it */
    bool sound;                    /* all of the journal is as it was written */
};

/* The message that was being handled; of a stuck domain the one it never answered; of one whose
 * message got lost, the last of all. `messages`: taken before the journal begins. */
struct culprit culprit_find (uint32_t domain, uint64_t messages, const struct death *death);

/* Who of that domain the message was for; one without a journal may still have it in hand. What
 * the domain could write names nobody else. COMPONENT_NUCLEUS: nobody knows. */
uint32_t culprit_component (uint32_t domain, const struct culprit *culprit);

/* Can it be answered ERR_CRASHED without being handled? */
bool culprit_is_refusable (const struct culprit *culprit, const struct death *death);

#endif
