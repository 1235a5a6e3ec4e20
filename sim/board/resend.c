#include "board/resend.h"

#include "gate/custody.h"

/* Whoever made the last hop of all. */
static uint32_t
last_sender (void)
{
    uint32_t last = 0;

    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (CUSTODY_HOP (atomic_load (&CUSTODY (d)->sent))
            > CUSTODY_HOP (atomic_load (&CUSTODY (last)->sent)))
            last = d;
    return last;
}

static bool
anybody_runs (void)
{
    if (RUNTIME (DOMAIN_KERNEL)->holds)
        return true;
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (atomic_load (&RUNTIME (d)->running))
            return true;
    return false;
}

static bool
has_arrived (uint64_t sent)
{
    uint32_t to = CUSTODY_DOMAIN (sent);

    return to >= PLAN->domain_count || CUSTODY_HOP (sent) == 0
           || CUSTODY_HOP (atomic_load (&CUSTODY (to)->took)) >= CUSTODY_HOP (sent);
}

bool
resend_is_under_way (void)
{
    return PLAN->fault_count != 0 && !has_arrived (atomic_load (&CUSTODY (last_sender ())->sent));
}

/* Sending it again does no harm if it arrives meanwhile: whoever looks wrongly only looks in
 * vain. So nothing needs to stand still for this. */
uint32_t
resend_look (uint64_t *seen_hop)
{
    uint32_t from = last_sender ();
    uint64_t sent = atomic_load (&CUSTODY (from)->sent);
    uint64_t hop  = CUSTODY_HOP (sent);
    bool again    = *seen_hop == hop;

    if (has_arrived (sent) || anybody_runs ()) {
        *seen_hop = 0;
        return DOMAIN_MAX;
    }
    *seen_hop = hop;
    if (!again)
        return DOMAIN_MAX;
    atomic_store (&PLAN->lost_hop, hop);
    return from;
}
