#include "board/judge.h"

#include <string.h>

#include "gate/custody.h"
#include "gate/gate.h"

static uint64_t
later (uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The highest hop that a domain claims to have had to do with. */
static uint64_t
claim (uint32_t domain)
{
    return later (CUSTODY_HOP (CUSTODY (domain)->sent), CUSTODY_HOP (CUSTODY (domain)->took));
}

uint64_t
judge_last_hop (void)
{
    uint64_t last = atomic_load (&PLAN->granted);

    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        last = later (last, claim (d));
    return last;
}

/* Does somebody else's page say that this domain was given the token by this hop? */
static bool
was_given (uint32_t domain, uint64_t hop)
{
    if (domain == DOMAIN_KERNEL && atomic_load (&PLAN->granted) == hop)
        return true;
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (d != domain && atomic_load (&CUSTODY (d)->sent) == CUSTODY_OF (hop, domain))
            return true;
    return false;
}

/* Is the latest of a domain's claims made good by who must have given it the token? To be asked
 * of the latest of all only: who gave the token earlier may have gone on since. */
static bool
is_backed (uint32_t domain)
{
    uint64_t took = CUSTODY (domain)->took, sent = CUSTODY (domain)->sent;

    if (CUSTODY_HOP (took) > CUSTODY_HOP (sent))
        return was_given (domain, CUSTODY_HOP (took));
    return was_given (domain, CUSTODY_HOP (sent) - 1);
}

/* The kernel's word is not doubted. */
static bool
claims_the_impossible (uint32_t domain, uint64_t last)
{
    return domain != DOMAIN_KERNEL && last != atomic_load (&PLAN->granted)
           && claim (domain) == last && !is_backed (domain);
}

/* Is there a message that `to` can have seen? */
static bool
was_said (uint32_t to, uint32_t from)
{
    return from != to && PLAN->domains[to].reaches[from]
           && HALF (from, to)->message.sequence != 0;
}

/* Does what a domain has written itself, its page and its halves, not agree? Its page comes
 * first, and names whom its last message went to; no two messages went by one hop. */
static bool
contradicts_itself (uint32_t domain)
{
    uint64_t sent = CUSTODY (domain)->sent;

    if (domain == DOMAIN_KERNEL)
        return false;
    for (uint32_t a = 0; a < PLAN->domain_count; a++) {
        uint64_t hop = PLAN->domains[domain].reaches[a] ? HALF (domain, a)->message.token.hop : 0;

        if (hop > CUSTODY_HOP (sent) || (hop != 0 && hop == CUSTODY_HOP (sent)
                                         && a != CUSTODY_DOMAIN (sent)))
            return true;
        for (uint32_t b = a + 1; hop != 0 && b < PLAN->domain_count; b++)
            if (PLAN->domains[domain].reaches[b] && HALF (domain, b)->message.token.hop == hop)
                return true;
    }
    return false;
}

/* The one message that is disputed; NULL: nothing can be proved. */
static const char *
crime_of (uint32_t to, uint32_t from, bool unearned)
{
    struct message message;
    bool taken;

    if (!was_said (to, from))
        return NULL;
    memcpy (&message, &HALF (from, to)->message, offsetof (struct message, payload));
    taken = message.sequence == RUNTIME (to)->consumed[from];
    if (unearned)
        return taken || custody_earned (from, to, message.token.hop)
                   ? NULL
                   : "spoke without having the token";
    if (!message_is_lawful (from, to, &message))
        return "sent what it may not send";
    return taken && message.kind == MESSAGE_REPLY ? "answered what it was not asked" : NULL;
}

void
judge_discard (uint32_t to, uint32_t from)
{
    if (was_said (to, from))
        RUNTIME (to)->consumed[from] = HALF (from, to)->message.sequence;
}

/* Whom a domain that spent its token twice has really given it to, by what the others say that they
 * took. Two may say so for a moment, until one of them has seen the other; who has gone on is not
 * that one. */
static uint64_t
given_by (uint32_t domain)
{
    uint64_t given = 0;
    bool went_on   = false;

    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        uint64_t took = CUSTODY (d)->took;
        uint64_t hop  = CUSTODY_HOP (took);
        bool goes_on  = CUSTODY_HOP (CUSTODY (d)->sent) > hop;

        if (d == domain || CUSTODY_DOMAIN (took) != domain || hop < CUSTODY_HOP (given)
            || (hop == CUSTODY_HOP (given) && went_on && !goes_on))
            continue;
        given   = CUSTODY_OF (hop, d);
        went_on = goes_on;
    }
    return given;
}

void
judge_bury (uint32_t domain, bool guilty)
{
    if (!guilty && !contradicts_itself (domain)
        && !claims_the_impossible (domain, judge_last_hop ()))
        return;
    atomic_store (&CUSTODY (domain)->sent, given_by (domain));
    atomic_store (&CUSTODY (domain)->took, 0);
}

struct verdict
judge (uint32_t to, uint32_t from, bool unearned)
{
    uint64_t last = judge_last_hop ();
    const char *crime;

    /* Those that it told lies may have found out since it was buried. */
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (atomic_load (&PLAN->domains[d].state) != DOMAIN_UP)
            judge_bury (d, false);
    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        if (atomic_load (&PLAN->domains[d].state) != DOMAIN_UP)
            continue;
        if (contradicts_itself (d))
            return (struct verdict){ d, "spent its token twice" };
        if (claims_the_impossible (d, last))
            return (struct verdict){ d, "claimed a token that nobody gave it" };
    }
    crime = crime_of (to, from, unearned);
    return (struct verdict){ crime != NULL ? from : DOMAIN_MAX, crime };
}
