/* channel: one message each way between two domains, and how a domain waits for one.
 *
 * As there is one token, at most one message is under way in the whole machine, so each
 * direction of a channel is one slot: no ring, no index that a peer could bend. The sender
 * writes the slot, then its sequence number; the receiver copies the slot, then looks at the
 * copy. Each half is written by one side only. What a peer writes without holding the token
 * is never read as anything but one more message to be validated.
 *
 * A domain waits at its door. Whoever posts to it rings the bell if the domain said that it
 * sleeps; the bell's value means nothing, so scribbling on it can only wake somebody for
 * nothing or, until the bounded wait ends, let him sleep. A synchronous chain is one logical
 * thread: on one CPU spinning is waste and the waiter sleeps at once; on two it spins for a
 * bounded while, because waking a sleeper on another CPU costs far more than a message.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>

#include "gate/futex.h"
#include "gate/gate.h"

#define SPIN_TURNS   2048u
#define SPIN_SCAN    64u /* look at the other channels every so many turns */
#define SLEEP_MAX_NS 50000000u

/* Payload that follows the header of a message, in bytes. */
static uint32_t
payload_bytes (const struct message *message)
{
    const struct plan_link *link;

    switch (message->kind) {
    case MESSAGE_CALL:
        if (message->link >= PLAN->link_count)
            return 0;
        link = &PLAN->links[message->link];
        if (message->operation >= interfaces[link->interface].operation_count)
            return 0;
        return interfaces[link->interface].operations[message->operation].request_bytes;
    case MESSAGE_REPLY:
        return message->into <= PAYLOAD_MAX ? message->into : 0;
    default:
        return 0;
    }
}

void
channel_post (uint16_t to, const struct message *message, const void *bulk)
{
    struct half *half    = HALF (here->domain, to);
    struct message *slot = &half->message;
    struct door *door    = DOOR (to);
    size_t skip          = sizeof slot->sequence;

    memcpy ((uint8_t *)slot + skip, (const uint8_t *)message + skip,
            offsetof (struct message, payload) - skip + payload_bytes (message));
    if (message->bulk != 0)
        memcpy (half->window, bulk, message->bulk);
    here->posted[to]++;
    here->expected = to;
    atomic_store_explicit (&slot->sequence, here->posted[to], memory_order_release);
    atomic_thread_fence (memory_order_seq_cst);
    if (atomic_load_explicit (&door->asleep, memory_order_relaxed) != 0) {
        atomic_fetch_add_explicit (&door->bell, 1, memory_order_relaxed);
        futex_wake (&door->bell);
    }
}

static inline bool
arrived_from (uint32_t domain)
{
    const struct half *half = HALF (domain, here->domain);

    return atomic_load_explicit (&half->message.sequence, memory_order_acquire)
           != here->consumed[domain];
}

/* Who has spoken; DOMAIN_MAX: nobody. */
static uint32_t
scan (void)
{
    const struct plan_domain *self = &PLAN->domains[here->domain];
    uint32_t count                 = PLAN->domain_count;

    for (uint32_t domain = 0; domain < count; domain++)
        if (self->reaches[domain] && arrived_from (domain))
            return domain;
    return DOMAIN_MAX;
}

bool
channel_pending (void)
{
    return scan () != DOMAIN_MAX;
}

/* Copies the message out of reach of its sender. The token is ours from here on. */
static void
take (uint32_t domain)
{
    const struct half *half = HALF (domain, here->domain);
    size_t header           = offsetof (struct message, payload);
    uint32_t sequence;

    atomic_store_explicit (&here->running, 1, memory_order_seq_cst);
    sequence = atomic_load_explicit (&half->message.sequence, memory_order_acquire);
    memcpy (&here->inbox, &half->message, header);
    __asm__ volatile ("" : : "r"(&here->inbox) : "memory"); /* one fetch: the copy is the truth */
    memcpy (here->inbox.payload, half->message.payload, payload_bytes (&here->inbox));
    here->consumed[domain] = sequence;
}

uint32_t
channel_wait (uint64_t timeout_ns)
{
    struct door *door = DOOR (here->domain);
    uint32_t expected = here->expected;
    uint32_t cpu      = (uint32_t)sched_getcpu ();
    bool known        = PLAN->domains[here->domain].reaches[expected];
    uint32_t from;

    if (atomic_load_explicit (&door->cpu, memory_order_relaxed) != cpu)
        atomic_store_explicit (&door->cpu, cpu, memory_order_relaxed);
    if (known && atomic_load_explicit (&DOOR (expected)->cpu, memory_order_relaxed) != cpu) {
        for (unsigned turn = 1; turn <= SPIN_TURNS; turn++) {
            if (arrived_from (expected)) {
                take (expected);
                return expected;
            }
            if (turn % SPIN_SCAN == 0 && (from = scan ()) != DOMAIN_MAX) {
                take (from);
                return from;
            }
            spin_pause ();
        }
    } else if (known) {
        sched_yield ();
        if (arrived_from (expected)) {
            take (expected);
            return expected;
        }
    }

    uint32_t bell = atomic_load_explicit (&door->bell, memory_order_relaxed);

    atomic_store_explicit (&door->asleep, 1, memory_order_relaxed);
    atomic_thread_fence (memory_order_seq_cst);
    from = scan ();
    if (from == DOMAIN_MAX) {
        futex_wait (&door->bell, bell, timeout_ns < SLEEP_MAX_NS ? timeout_ns : SLEEP_MAX_NS);
        from = scan ();
    }
    atomic_store_explicit (&door->asleep, 0, memory_order_relaxed);
    if (from != DOMAIN_MAX)
        take (from);
    return from;
}
