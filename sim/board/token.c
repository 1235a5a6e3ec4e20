#include "board/token.h"

#include "board/judge.h"
#include "gate/gate.h"

/* A domain that died by a wild write may have left any number in its copy. One that is so far
 * ahead of all others is not believed. */
#define AHEAD_MAX_CYCLES NS_TO_CYCLES (3600ull * 1000000000u)
#define AHEAD_MAX_EVENTS (1ull << 32)

bool
token_is_lost (const bool *alive)
{
    if (RUNTIME (DOMAIN_KERNEL)->holds
        || RUNTIME (DOMAIN_KERNEL)->regenerations != atomic_load (&PLAN->regenerations))
        return false;
    for (uint32_t to = 0; to < PLAN->domain_count; to++) {
        if (!alive[to])
            continue;
        if (atomic_load (&RUNTIME (to)->running))
            return false;
        for (uint32_t from = 0; from < PLAN->domain_count; from++)
            if (PLAN->domains[to].reaches[from]
                && atomic_load (&HALF (from, to)->message.sequence)
                       != RUNTIME (to)->consumed[from])
                return false;
    }
    return true;
}

/* Everything in a token that counts only ever grows. */
static bool
is_later (const struct token *a, const struct token *b)
{
    if (a->now != b->now)
        return a->now > b->now;
    return a->event != b->event ? a->event > b->event : a->ticket > b->ticket;
}

static bool
is_sane (const struct token *dead, const struct token *living)
{
    return dead->now - living->now <= AHEAD_MAX_CYCLES
           && dead->event - living->event <= AHEAD_MAX_EVENTS
           && dead->ticket - living->ticket <= AHEAD_MAX_EVENTS;
}

/* How many events were really published: one that was counted by who died before it was
 * written must not leave a gap. */
static uint64_t
events_published (const struct token *token)
{
    uint64_t count = 0;

    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        const struct watch *watch = WATCH (d);
        uint64_t written          = atomic_load (&watch->written);
        uint64_t next             = written != 0
                                        ? watch->ring[(written - 1) % WATCH_EVENTS].number + 1
                                        : 0;

        if (next <= token->event && next > count)
            count = next;
    }
    return count;
}

void
token_give_back (const bool *alive)
{
    struct token token = RUNTIME (DOMAIN_KERNEL)->token;

    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (alive[d] && is_later (&RUNTIME (d)->token, &token))
            token = RUNTIME (d)->token;
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (!alive[d] && is_later (&RUNTIME (d)->token, &token)
            && is_sane (&RUNTIME (d)->token, &token))
            token = RUNTIME (d)->token;
    token.event    = events_published (&token);
    token.ready[0] = token.ready[1] = 0;
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (alive[d] && RUNTIME (d)->ready_first != 0)
            token.ready[d / 64] |= (uint64_t)1 << (d % 64);
    /* By a hop of its own, so that nothing which was on its way before can come after. */
    token.hop        = judge_last_hop () + 1;
    PLAN->token_back = token;
    atomic_store (&PLAN->granted, token.hop);
    atomic_fetch_add (&PLAN->regenerations, 1);
}
