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
 * thread: on one CPU spinning is waste, so the waiter lets others run once and then sleeps; on
 * two it spins for a bounded while, because waking a sleeper on another CPU costs far more than
 * a message.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fault/fault.h"
#include "gate/custody.h"
#include "gate/futex.h"
#include "gate/gate.h"
#include "gate/journal.h"

#define SPIN_TURNS   2048u
#define SPIN_SCAN    64u /* look at the other channels every so many turns */
#define SLEEP_MAX_NS 50000000u
/* How long a domain with a full journal waits before it looks again. */
#define JOURNAL_WAIT_NS 1000000u
/* And one that waits for a judgement. */
#define DISPUTE_WAIT_NS 1000000u
#define LINE_BYTES   64u
#define YIELD_REST   15u /* waits that do without, after a yield that was of no use */

/* The number that this process is admitted as; 0: it is not numbered. */
static uint32_t admission;

void
channel_begin (uint32_t number)
{
    uint32_t admitted;

    while ((admitted = atomic_load (&here->admitted)) != number)
        futex_wait (&here->admitted, admitted, SLEEP_MAX_NS);
    admission = number;
}

void
channel_check_admitted (void)
{
    if (admission != 0
        && atomic_load_explicit (&here->admitted, memory_order_acquire) != admission)
        for (;;)
            syscall (SYS_exit_group, 0);
}

/* Loads of what a peer writes: all of them go through this, and none is made twice, for the peer
 * may write meanwhile. tests/fuzz gives each load another value, to see that. */
#ifndef CHANNEL_COPY
#define CHANNEL_COPY(to, from, bytes) memcpy (to, from, bytes)
#endif

/* What this process has learned of its peers: how many waits for each shall not try a yield.
 * A fresh process learns it again. */
static uint8_t yield_rest[DOMAIN_MAX];

uint32_t
channel_payload_bytes (const struct message *message)
{
    const Link *link;

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
channel_put (uint16_t to, const struct message *message, const void *bulk)
{
    struct half *half    = HALF (here->domain, to);
    struct message *slot = &half->message;
    size_t skip          = sizeof slot->sequence;

    /* The line with the sequence number last: the receiver looks at it all the while, and
     * would take it away from us half written. */
    memcpy ((uint8_t *)slot + LINE_BYTES, (const uint8_t *)message + LINE_BYTES,
            offsetof (struct message, payload) - LINE_BYTES + channel_payload_bytes (message));
    slot->token.hop = here->token.hop;
    if (message->bulk != 0)
        memcpy (half->window, bulk, message->bulk);
    memcpy ((uint8_t *)slot + skip, (const uint8_t *)message + skip, LINE_BYTES - skip);
}

void
channel_publish (uint16_t to)
{
    atomic_store_explicit (&HALF (here->domain, to)->message.sequence, here->posted[to],
                           memory_order_release);
    atomic_thread_fence (memory_order_seq_cst);
}

void
channel_ring (uint16_t to)
{
    struct door *door = DOOR (to);

    if (atomic_load_explicit (&door->asleep, memory_order_relaxed) != 0) {
        atomic_fetch_add_explicit (&door->bell, 1, memory_order_relaxed);
        futex_wake (&door->bell);
    }
}

void
channel_post (uint16_t to, struct message *message, const void *bulk)
{
    custody_hand (to);
    here->posted[to]++;
    here->expected = to;
    if (faults_on ()) {
        fault_post (to, message, bulk);
        return;
    }
    channel_put (to, message, bulk);
    channel_publish (to);
    channel_ring (to);
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

/* Where the bulk of here->inbox is: in the sender's window, or kept in the journal. */
static const void *inbox_bulk;

const void *
channel_bulk (void)
{
    return inbox_bulk;
}

void
channel_replay (const void *bulk)
{
    inbox_bulk = bulk;
}

/* A domain that keeps a journal takes a message only if it can be kept; when the journal is
 * full it waits for the board, which takes a snapshot and empties it. */
static bool
may_take (void)
{
    if (!journal_enabled () || journal_has_room ())
        return true;
    atomic_store (&JOURNAL (here->domain)->full, 1);
    futex_wait (&JOURNAL (here->domain)->full, 1, JOURNAL_WAIT_NS);
    return false;
}

/* Copies the message out of reach of its sender. The token is ours from here on. */
static void
take (uint32_t domain, uint64_t hop)
{
    const struct half *half = HALF (domain, here->domain);
    size_t header           = offsetof (struct message, payload);
    uint32_t sequence;

    channel_check_admitted ();
    /* Whoever sees the message taken also sees that we run. */
    atomic_store_explicit (&here->running, 1, memory_order_relaxed);
    atomic_thread_fence (memory_order_release);
    sequence = atomic_load_explicit (&half->message.sequence, memory_order_acquire);
    CHANNEL_COPY (&here->inbox, &half->message, header);
    __asm__ volatile ("" : : "r"(&here->inbox) : "memory"); /* one fetch: the copy is the truth */
    here->inbox.token.hop = hop; /* the one that was looked at */
    CHANNEL_COPY (here->inbox.payload, half->message.payload,
                  channel_payload_bytes (&here->inbox));
    inbox_bulk = half->window;
    if (journal_enabled ())
        inbox_bulk = journal_message (domain, sequence,
                                      header + channel_payload_bytes (&here->inbox), half->window);
    here->consumed[domain] = sequence;
}

/* Something that came before what this domain has sent itself has come twice. */
static bool
is_stale (uint64_t hop)
{
    return hop <= CUSTODY_HOP (atomic_load_explicit (&CUSTODY (here->domain)->sent,
                                                     memory_order_relaxed));
}

/* Who sends what is not his to send has to do with the board, which wakes us when it has judged.
 * Until then this message is in the way of all others: it is not for long. */
static void
dispute (uint32_t domain)
{
    uint32_t nobody = 0;

    if (atomic_compare_exchange_strong (&here->violator, &nobody, ACCUSED_UNEARNED | (domain + 1)))
        here->violations++;
    futex_wait (&DOOR (here->domain)->bell,
                atomic_load_explicit (&DOOR (here->domain)->bell, memory_order_relaxed),
                DISPUTE_WAIT_NS);
}

/* The peer runs on another CPU: it will be quick. Returns as channel_wait does. */
static uint32_t
spin (uint32_t expected, uint32_t cpu)
{
    const struct half *half = HALF (expected, here->domain);
    uint32_t from;

    for (unsigned turn = 1; turn <= SPIN_TURNS; turn++) {
        if (arrived_from (expected))
            return expected;
        if (turn % SPIN_SCAN == 0) {
            from = scan ();
            if (from != DOMAIN_MAX)
                return from;
            if (atomic_load_explicit (&DOOR (expected)->cpu, memory_order_relaxed) == cpu)
                break;
        }
        /* All lines that come with a message come over together, not the others after the
         * first. */
        for (size_t line = 1; line <= offsetof (struct message, payload) / LINE_BYTES; line++)
            __builtin_prefetch ((const uint8_t *)&half->message + line * LINE_BYTES);
        spin_pause ();
    }
    return DOMAIN_MAX;
}

/* The peer needs this CPU. A yield costs less than a sleep and a wake, but only if nobody else
 * is let run and the answer then is there: a peer that has others to ask takes longer. */
static uint32_t
yield_to (uint32_t expected)
{
    if (arrived_from (expected))
        return expected;
    if (yield_rest[expected] != 0) {
        yield_rest[expected]--;
        return DOMAIN_MAX;
    }
    sched_yield ();
    if (arrived_from (expected))
        return expected;
    yield_rest[expected] = YIELD_REST;
    return DOMAIN_MAX;
}

/* The bell as it was when this process began to look around. */
static uint32_t listened;
static bool listening;

void
channel_listen (void)
{
    listened  = atomic_load_explicit (&DOOR (here->domain)->bell, memory_order_acquire);
    listening = true;
}

uint32_t
channel_wait (uint64_t timeout_ns)
{
    struct door *door = DOOR (here->domain);
    uint32_t expected = here->expected;
    uint32_t cpu      = (uint32_t)sched_getcpu ();
    uint32_t from     = DOMAIN_MAX;
    uint32_t bell     = listened;
    uint32_t sequence;
    uint64_t hop;

    if (atomic_load_explicit (&door->cpu, memory_order_relaxed) != cpu)
        atomic_store_explicit (&door->cpu, cpu, memory_order_relaxed);
    if (PLAN->domains[here->domain].reaches[expected])
        from = atomic_load_explicit (&DOOR (expected)->cpu, memory_order_relaxed) != cpu
                   ? spin (expected, cpu)
                   : yield_to (expected);
    if (from == DOMAIN_MAX) {
        if (!listening)
            bell = atomic_load_explicit (&door->bell, memory_order_relaxed);
        atomic_store_explicit (&door->asleep, 1, memory_order_relaxed);
        atomic_thread_fence (memory_order_seq_cst);
        from = scan ();
        if (from == DOMAIN_MAX) {
            futex_wait (&door->bell, bell,
                        timeout_ns < SLEEP_MAX_NS ? timeout_ns : SLEEP_MAX_NS);
            from = scan ();
        }
        atomic_store_explicit (&door->asleep, 0, memory_order_relaxed);
    }
    if (from == DOMAIN_MAX || !may_take ())
        return DOMAIN_MAX;
    if (faults_on () && fault_damaged (from))
        return DOMAIN_MAX;
    /* The number first: what comes while we look has another. */
    sequence = atomic_load_explicit (&HALF (from, here->domain)->message.sequence,
                                     memory_order_acquire);
    hop      = HALF (from, here->domain)->message.token.hop;
    if (is_stale (hop)) {
        here->consumed[from] = sequence;
        return DOMAIN_MAX;
    }
    if (!custody_take (from, hop)) {
        dispute (from);
        return DOMAIN_MAX;
    }
    take (from, hop);
    return from;
}
