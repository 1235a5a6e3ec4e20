#include "board/culprit.h"

#include <string.h>

#include "gate/gate.h"

/* Is this the record of the request that a fiber serves? */
static bool
is_served_by (const struct journal_record *record, const struct fiber *fiber)
{
    struct message message;

    memcpy (&message, record + 1, offsetof (struct message, payload));
    return (message.kind == MESSAGE_CALL || message.kind == MESSAGE_UPCALL)
           && record->sender == fiber->client && message.fiber == fiber->request.fiber
           && message.generation == fiber->request.generation;
}

struct culprit
culprit_find (uint32_t domain, uint64_t messages, const struct death *death)
{
    struct journal *journal   = JOURNAL (domain);
    const struct fiber *stuck = NULL;
    uint32_t handling         = 0;
    bool the_last             = false;
    struct culprit found      = { 0 };
    struct journal_record *record;
    uint64_t number = messages;
    uint32_t at     = 0;

    if (!PLAN->domains[domain].journal)
        return found;
    if (death->cause == RS_STUCK && death->fiber - 1 < PLAN->fibers_max)
        stuck = &RUNTIME (domain)->fibers[death->fiber - 1];
    else if (death->cause == RS_STUCK)
        the_last = true;
    else if (atomic_load (&RUNTIME (domain)->running))
        handling = atomic_load (&journal->handling);
    for (uint32_t before = 0; (record = journal_walk (journal, &at)) != NULL; before = at) {
        if (record->kind != JOURNAL_MESSAGE)
            continue;
        number++;
        found.last = false;
        if (the_last || before + 1 == handling || (stuck != NULL && is_served_by (record, stuck)))
            found = (struct culprit){ .record = record, .number = number, .last = true };
    }
    found.sound = at == atomic_load (&journal->used);
    return found;
}

uint32_t
culprit_component (uint32_t domain, const struct culprit *culprit)
{
    const struct runtime *runtime = RUNTIME (domain);
    struct message message;
    uint32_t component = COMPONENT_NUCLEUS;

    if (culprit->record != NULL)
        memcpy (&message, culprit->record + 1, offsetof (struct message, payload));
    else if (!PLAN->domains[domain].journal && atomic_load (&runtime->running))
        memcpy (&message, &runtime->inbox, offsetof (struct message, payload));
    else
        return COMPONENT_NUCLEUS;
    if (message.kind == MESSAGE_CALL && message.link < PLAN->link_count)
        component = PLAN->links[message.link].target;
    if (message.kind == MESSAGE_UPCALL && message.link < PLAN->component_count)
        component = message.link;
    return component != COMPONENT_NUCLEUS && PLAN->components[component].domain == domain
               ? component
               : COMPONENT_NUCLEUS;
}

bool
culprit_is_refusable (const struct culprit *culprit, const struct death *death)
{
    struct message message;

    if (culprit->record == NULL || (!culprit->last && death->cause != RS_STUCK))
        return false;
    memcpy (&message, culprit->record + 1, offsetof (struct message, payload));
    return message.kind == MESSAGE_CALL || message.kind == MESSAGE_UPCALL
           || message.kind == MESSAGE_REPLY;
}
