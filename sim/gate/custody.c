#include "gate/custody.h"

static inline uint64_t
page_sent (uint32_t domain)
{
    return atomic_load_explicit (&CUSTODY (domain)->sent, memory_order_acquire);
}

static inline uint64_t
page_took (uint32_t domain)
{
    return atomic_load_explicit (&CUSTODY (domain)->took, memory_order_acquire);
}

/* Has somebody else taken this hop, or a later one? */
static bool
is_taken (uint32_t sender, uint32_t to, uint64_t hop)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (d != sender && d != to && CUSTODY_HOP (page_took (d)) >= hop)
            return true;
    return false;
}

bool
custody_earned (uint32_t sender, uint32_t to, uint64_t hop)
{
    const uint64_t given = CUSTODY_OF (hop - 1, sender), taken = CUSTODY_OF (hop, sender);
    bool has = page_sent (to) == given;

    /* Who gets back what he gave needs no page of the other, which would have to come over from
     * where it was just written. */
    if (hop == 0 || (!has && page_sent (sender) != CUSTODY_OF (hop, to)))
        return false;
    has |= sender == DOMAIN_KERNEL
           && atomic_load_explicit (&PLAN->granted, memory_order_acquire) == hop - 1;
    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        uint64_t sent, took;

        if (d == sender)
            continue; /* its word for itself */
        sent = page_sent (d);
        took = page_took (d);
        if (CUSTODY_HOP (sent) >= hop || (CUSTODY_HOP (took) >= hop && (d != to || took != taken)))
            return false; /* it has gone on since */
        has |= sent == given;
    }
    return has;
}

uint64_t
custody_hand (uint32_t to)
{
    uint64_t hop = ++here->token.hop;

    atomic_store_explicit (&CUSTODY (here->domain)->sent, CUSTODY_OF (hop, to),
                           memory_order_release);
    return hop;
}

bool
custody_take (uint32_t sender, uint64_t hop)
{
    struct custody *page = CUSTODY (here->domain);
    uint64_t before      = atomic_load_explicit (&page->took, memory_order_relaxed);

    if (!custody_earned (sender, here->domain, hop))
        return false;
    atomic_store_explicit (&page->took, CUSTODY_OF (hop, sender), memory_order_seq_cst);
    if (!is_taken (sender, here->domain, hop))
        return true;
    atomic_store_explicit (&page->took, before, memory_order_seq_cst);
    return false;
}
