#include "gate/journal.h"

#include <assert.h>
#include <string.h>

#include "gate/gate.h"
#include "gate/sum.h"
#include "host_time.h"

/* Where the replay of this process stands; the process's own, like its dispatcher. */
static uint32_t cursor;
static uint32_t replay_end;
/* Start of the message being handled. */
static uint32_t message_at;

static inline struct journal *
journal (void)
{
    return JOURNAL (here->domain);
}

bool
journal_enabled (void)
{
    return here != NULL && PLAN->domains[here->domain].journal
           && atomic_load_explicit (&journal ()->enabled, memory_order_relaxed);
}

bool
journal_has_room (void)
{
    return atomic_load_explicit (&journal ()->used, memory_order_relaxed)
           <= JOURNAL_BYTES - JOURNAL_RESERVE;
}

static uint32_t
padded (size_t bytes)
{
    return (uint32_t)((bytes + 7) & ~(size_t)7);
}

static uint32_t
record_sum (const struct journal_record *record, const void *data)
{
    uint64_t sum = sum_bytes (0, record, offsetof (struct journal_record, order));

    return (uint32_t)(sum_bytes (sum, data, record->bytes) >> 16);
}

/* ---- writing ---- */

/* Room for a record behind all others. It counts once record_end has been called. */
static uint8_t *
record_begin (uint32_t bytes)
{
    uint32_t at = atomic_load_explicit (&journal ()->used, memory_order_relaxed);

    assert (at + sizeof (struct journal_record) + bytes <= JOURNAL_BYTES);
    return journal ()->data + at + sizeof (struct journal_record);
}

static void
record_end (struct journal_record record, uint8_t *data)
{
    uint8_t *end = data + record.bytes;

    record.sum = record_sum (&record, data);
    memcpy (data - sizeof record, &record, sizeof record);
    atomic_store_explicit (&journal ()->used, (uint32_t)(end - journal ()->data),
                           memory_order_release);
}

/* Copies, and fills up to a whole word. */
static uint8_t *
record_put (uint8_t *to, const void *from, size_t bytes)
{
    memcpy (to, from, bytes);
    memset (to + bytes, 0, padded (bytes) - bytes);
    return to + padded (bytes);
}

/* Bulk that is kept: a length that no grant has is refused by whoever looks at it. */
static uint32_t
kept_bulk (const struct message *message)
{
    return message->bulk <= GRANT_MAX ? message->bulk : 0;
}

const void *
journal_message (uint32_t sender, uint32_t sequence, size_t message_bytes, const void *bulk)
{
    uint32_t kept                = kept_bulk (&here->inbox);
    struct journal_record record = { .kind     = JOURNAL_MESSAGE,
                                     .bytes    = padded (message_bytes) + padded (kept),
                                     .sender   = sender,
                                     .sequence = sequence };
    uint8_t *data = record_begin (record.bytes);
    uint8_t *at   = record_put (data, &here->inbox, message_bytes);

    if (kept != 0)
        record_put (at, bulk, kept);
    message_at = (uint32_t)(data - journal ()->data - sizeof record);
    atomic_store_explicit (&journal ()->handling, message_at + 1, memory_order_relaxed);
    journal ()->messages++;
    record_end (record, data);
    return at;
}

struct journal_sent
journal_describe (void)
{
    const struct message *message = &here->staged_message;

    return (struct journal_sent){
        .to              = here->staged_to,
        .kind            = message->kind,
        .fiber           = message->kind == MESSAGE_YIELD ? 0 : message->fiber,
        .status          = message->kind == MESSAGE_YIELD ? 0 : message->status,
        .generation      = message->kind == MESSAGE_YIELD ? 0 : message->generation,
        .next_generation = here->next_generation,
        .now             = here->token.now,
        .trace           = here->token.trace,
        .payload = sum_bytes (message->bulk, message->payload, channel_payload_bytes (message)),
    };
}

void
journal_leads_to (void)
{
    struct journal_record record = { .kind  = JOURNAL_SENT,
                                     .bytes = padded (sizeof (struct journal_sent)) };
    struct journal_sent sent = journal_describe ();
    uint8_t *data            = record_begin (record.bytes);

    record_put (data, &sent, sizeof sent);
    record_end (record, data);
}

void
journal_asked (const void *question, uint32_t bytes)
{
    struct journal_record record = { .kind = JOURNAL_ASKED, .bytes = padded (bytes) };
    uint8_t *data                = record_begin (record.bytes);

    atomic_store_explicit (&journal ()->handling, 0, memory_order_relaxed);
    record_put (data, question, bytes);
    record_end (record, data);
}

void
journal_ported (const void *answer, uint32_t bytes)
{
    struct journal_record record = { .kind = JOURNAL_PORT, .bytes = padded (bytes) };
    uint8_t *data;

    if (!journal_enabled ())
        return;
    data = record_begin (record.bytes);
    record_put (data, answer, bytes);
    record_end (record, data);
}

void
journal_held (uint32_t component)
{
    struct journal_record record = { .kind = JOURNAL_HELD, .bytes = padded (sizeof component) };
    uint8_t *data;

    if (!journal_enabled ())
        return;
    data = record_begin (record.bytes);
    record_put (data, &component, sizeof component);
    record_end (record, data);
}

/* ---- replaying ---- */

void
journal_begin (void)
{
    cursor     = 0;
    replay_end = 0;
    if (!journal_enabled () || !atomic_load (&journal ()->replay))
        return;
    replay_end = atomic_load (&journal ()->used);
    atomic_store (&journal ()->replay, 0);
}

void
journal_stands (void)
{
    journal ()->stood_ns = host_ns ();
    atomic_store (&journal ()->handling, 0);
    atomic_store (&journal ()->stands, 1);
}

bool
journal_replaying (void)
{
    return cursor < replay_end;
}

/* The record at the cursor, of that kind, and what follows it; the cursor moves on. NULL: it
 * is another one. */
static const uint8_t *
record_take (enum journal_kind kind, struct journal_record *record)
{
    const uint8_t *data = journal ()->data + cursor + sizeof *record;

    if (replay_end - cursor < sizeof *record)
        return NULL;
    memcpy (record, journal ()->data + cursor, sizeof *record);
    if (record->kind != kind || record->bytes > replay_end - cursor - sizeof *record)
        return NULL;
    cursor += (uint32_t)sizeof *record + record->bytes;
    return data;
}

bool
journal_next (uint32_t *sender, const void **bulk, enum journal_order *order)
{
    struct journal_record record;
    const uint8_t *data;
    size_t bytes;

    if (!journal_replaying ())
        return false;
    message_at = cursor;
    atomic_store_explicit (&journal ()->handling, message_at + 1, memory_order_relaxed);
    data = record_take (JOURNAL_MESSAGE, &record);
    /* Answers of devices that nobody asked for again: the code did not do what it did. */
    if (data == NULL)
        journal_differs ();
    assert (record.sender < DOMAIN_MAX && record.bytes >= offsetof (struct message, payload));
    memcpy (&here->inbox, data, offsetof (struct message, payload));
    bytes = offsetof (struct message, payload) + channel_payload_bytes (&here->inbox);
    assert (padded (bytes) + padded (kept_bulk (&here->inbox)) == record.bytes);
    memcpy (&here->inbox, data, bytes);
    *bulk   = data + padded (bytes);
    *sender = record.sender;
    *order  = (enum journal_order)record.order;
    here->consumed[record.sender] = record.sequence;
    return true;
}

bool
journal_ask (void *question, uint32_t bytes)
{
    struct journal_record record;
    const uint8_t *data;

    if (!journal_replaying ())
        return false;
    data = record_take (JOURNAL_ASKED, &record);
    if (data == NULL)
        return false;
    assert (record.bytes == padded (bytes));
    atomic_store_explicit (&journal ()->handling, 0, memory_order_relaxed);
    memcpy (question, data, bytes);
    return true;
}

bool
journal_is_last (void)
{
    uint32_t at = cursor;

    for (struct journal_record record; replay_end - at >= sizeof record;
         at += (uint32_t)sizeof record + record.bytes) {
        memcpy (&record, journal ()->data + at, sizeof record);
        if (record.kind == JOURNAL_MESSAGE)
            return false;
        if (record.bytes > replay_end - at - sizeof record)
            break;
    }
    return true;
}

bool
journal_led_to (struct journal_sent *sent)
{
    uint32_t at = cursor;

    for (struct journal_record record; replay_end - at >= sizeof record;
         at += (uint32_t)sizeof record + record.bytes) {
        memcpy (&record, journal ()->data + at, sizeof record);
        if (record.kind == JOURNAL_MESSAGE || record.bytes > replay_end - at - sizeof record)
            return false;
        if (record.kind == JOURNAL_SENT && record.bytes == padded (sizeof *sent)) {
            memcpy (sent, journal ()->data + at + sizeof record, sizeof *sent);
            return true;
        }
    }
    return false;
}

void
journal_skip_to_sent (void)
{
    struct journal_record record;

    while (record_take (JOURNAL_PORT, &record) != NULL
           || record_take (JOURNAL_HELD, &record) != NULL)
        continue;
    record_take (JOURNAL_SENT, &record);
}

_Noreturn void
journal_differs (void)
{
    journal ()->differs = message_at + 1;
    assert (!"a replay comes to what was done before");
    __builtin_trap ();
}

bool
journal_port (void *answer, uint32_t bytes)
{
    struct journal_record record;
    const uint8_t *data;

    if (!journal_enabled () || !journal_replaying ())
        return false;
    data = record_take (JOURNAL_PORT, &record);
    if (data == NULL || record.bytes != padded (bytes))
        journal_differs ();
    memcpy (answer, data, bytes);
    return true;
}

bool
journal_port_if (void *answer, uint32_t bytes)
{
    struct journal_record record;

    if (!journal_enabled () || replay_end - cursor < sizeof record)
        return false;
    memcpy (&record, journal ()->data + cursor, sizeof record);
    return record.kind == JOURNAL_PORT && record.bytes == padded (bytes)
           && journal_port (answer, bytes);
}

bool
journal_was_held (uint32_t component)
{
    struct journal_record record;
    const uint8_t *data;
    uint32_t was;

    if (!journal_enabled () || !journal_replaying ())
        return false;
    data = record_take (JOURNAL_HELD, &record);
    if (data == NULL)
        return false;
    memcpy (&was, data, sizeof was);
    if (was != component)
        journal_differs ();
    return true;
}

bool
journal_port_was_last (void)
{
    return cursor == replay_end;
}

/* ---- the board ---- */

struct journal_record *
journal_walk (struct journal *j, uint32_t *at)
{
    uint32_t used = atomic_load (&j->used);
    struct journal_record *record;

    if (used > JOURNAL_BYTES || *at > used || used - *at < sizeof *record)
        return NULL;
    record = (struct journal_record *)(j->data + *at);
    if (record->bytes > used - *at - sizeof *record || record->bytes % 8 != 0
        || record->sum != record_sum (record, record + 1))
        return NULL;
    *at += (uint32_t)sizeof *record + record->bytes;
    return record;
}

bool
journal_is_sound (struct journal *j)
{
    uint32_t at = 0;

    while (journal_walk (j, &at) != NULL)
        continue;
    return at == atomic_load (&j->used);
}

void
journal_delay (struct journal_record *record, uint64_t cycles)
{
    uint8_t *now = (uint8_t *)(record + 1) + offsetof (struct message, token.now);
    uint64_t at;

    memcpy (&at, now, sizeof at);
    at += cycles;
    memcpy (now, &at, sizeof at);
    record->sum = record_sum (record, record + 1);
}
