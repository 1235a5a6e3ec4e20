/* message: messages that are corrupted, lost, come twice or late; and how that is noticed.
 *
 * While anything is to go wrong in a machine, each message carries a sum over all of it, beside
 * its slot. A receiver does not look at a message whose sum is wrong: nobody is accused for what
 * was not his. What was lost or damaged is still in its sender's memory, and he sends it again
 * when the board asks for it (board/resend.h): by the same hop and number, so that it cannot
 * count twice. What comes twice is older than what its receiver has sent since, and is dropped
 * (gate/custody.h).
 */
#include "fault/fault.h"
#include "gate/futex.h"
#include "gate/sum.h"

/* How long the receiver of a damaged message waits before it looks again. */
#define DAMAGED_WAIT_NS 1000000u

struct message_strike {
    bool corrupt, drop, duplicate;
    uint64_t delay;
    uint64_t draw;
};

/* ---- sums ---- */

/* Of all but the number, which is written last. Never 0: that is no sum. */
static uint64_t
half_sum (const struct half *half)
{
    const uint8_t *message = (const uint8_t *)&half->message;
    size_t skip            = sizeof half->message.sequence;
    uint32_t bulk          = half->message.bulk;
    uint64_t sum;

    sum = sum_bytes (1, message + skip,
                     offsetof (struct message, payload) - skip
                         + channel_payload_bytes (&half->message));
    sum = sum_bytes (sum, half->window, bulk <= GRANT_MAX ? bulk : 0);
    return sum != 0 ? sum : 1;
}

bool
fault_damaged (uint32_t sender)
{
    const struct half *half = HALF (sender, here->domain);
    struct door *door       = DOOR (here->domain);
    uint32_t bell           = atomic_load (&door->bell);
    uint64_t sum            = atomic_load_explicit (&half->sum, memory_order_relaxed);

    if (sum == 0 || sum == half_sum (half))
        return false;
    atomic_store (&door->asleep, 1);
    futex_wait (&door->bell, bell, DAMAGED_WAIT_NS);
    atomic_store (&door->asleep, 0);
    return true;
}

/* ---- whose message it is ---- */

/* The component of this domain on whose behalf it goes; COMPONENT_MAX: none. */
static uint32_t
owner_of (const struct message *message)
{
    uint32_t component = COMPONENT_NUCLEUS;

    if (message->kind == MESSAGE_YIELD)
        return COMPONENT_MAX;
    if (message->kind == MESSAGE_CALL)
        component = PLAN->links[message->link].owner;
    if (message->kind == MESSAGE_REPLY)
        component = PLAN->links[message->link].target;
    return PLAN->components[component].domain == here->domain ? component : COMPONENT_MAX;
}

static bool
strike_message (const struct fault_rule *rule, struct fault_record *record, void *data)
{
    struct message_strike *strike = data;

    strike->corrupt |= rule->kind == FAULT_CORRUPT;
    strike->drop |= rule->kind == FAULT_DROP;
    strike->duplicate |= rule->kind == FAULT_DUPLICATE;
    strike->delay += rule->kind == FAULT_DELAY ? rule->amount : 0;
    strike->draw = fault_draw (rule, record->seen.count);
    return false;
}

static void
look (uint32_t owner, const struct message *message, struct message_strike *strike)
{
    bool call = message->kind == MESSAGE_CALL || message->kind == MESSAGE_REPLY;
    struct fault_chance chance = {
        .self      = COMPONENT (owner),
        .place     = FAULT_AT_MESSAGE,
        .interface = call ? PLAN->links[message->link].interface : FAULT_ANY,
        .operation = call ? message->operation : FAULT_ANY,
        .strike    = strike_message,
        .data      = strike,
    };

    fault_look (&chance);
}

/* ---- sending ---- */

/* What was sent to `to` last comes once more, when its receiver has long taken it. */
static void
repeat (struct fault_page *page)
{
    uint32_t to = page->repeat_to;

    if (to == 0)
        return;
    page->repeat_to = 0;
    if (to > PLAN->domain_count || !PLAN->domains[here->domain].reaches[to - 1])
        return;
    atomic_fetch_xor (&HALF (here->domain, to - 1)->message.sequence, CHANNEL_AGAIN);
    channel_ring ((uint16_t)(to - 1));
}

/* One byte of what the sum is over becomes another, after it was made. */
static void
corrupt (struct half *half, uint64_t draw)
{
    size_t skip  = sizeof half->message.sequence;
    size_t bytes = offsetof (struct message, payload) - skip
                   + channel_payload_bytes (&half->message);
    uint32_t bulk = half->message.bulk;
    uint8_t bits  = (uint8_t)(draw >> 56 | 1);

    if (bulk != 0 && (draw >> 32 & 1) != 0)
        half->window[draw % bulk] ^= bits;
    else
        ((uint8_t *)&half->message)[skip + draw % bytes] ^= bits;
}

void
fault_post (uint16_t to, struct message *message, const void *bulk)
{
    struct half *half            = HALF (here->domain, to);
    uint32_t owner               = owner_of (message);
    struct message_strike strike = { 0 };

    if (owner != COMPONENT_MAX) {
        repeat (FAULTS (owner));
        look (owner, message, &strike);
        if (strike.duplicate)
            FAULTS (owner)->repeat_to = to + 1u;
    }
    message->token.now += strike.delay;
    if (!strike.drop) {
        channel_put (to, message, bulk);
        atomic_store_explicit (&half->sum, half_sum (half), memory_order_relaxed);
        if (strike.corrupt)
            corrupt (half, strike.draw);
        channel_publish (to);
    }
    channel_ring (to);
}

void
fault_resend (void)
{
    struct message *message = &here->staged_message;
    uint16_t to             = here->staged_to;
    struct half *half       = HALF (here->domain, to);

    if (here->token.hop == 0 || atomic_load (&PLAN->lost_hop) != here->token.hop
        || here->holds || here->staged)
        return;
    channel_put (to, message, here->staged_bulk);
    atomic_store_explicit (&half->sum, half_sum (half), memory_order_relaxed);
    channel_publish (to);
    channel_ring (to);
}
