#include "gate/journal.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "gate/gate.h"

/* Where the replay of this process stands; the process's own, like its dispatcher. */
static uint32_t cursor;
static uint32_t replay_end;

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

/* Bulk that is kept: a length that no grant has is refused by whoever looks at it. */
static uint32_t
kept_bulk (const struct message *message)
{
    return message->bulk <= GRANT_MAX ? message->bulk : 0;
}

const void *
journal_message (uint32_t sender, uint32_t sequence, size_t message_bytes, const void *bulk)
{
    struct journal *j            = journal ();
    uint32_t at                  = atomic_load_explicit (&j->used, memory_order_relaxed);
    struct journal_record record = { .kind     = JOURNAL_MESSAGE,
                                     .sender   = sender,
                                     .sequence = sequence };
    uint32_t head = padded (message_bytes);
    uint32_t kept = kept_bulk (&here->inbox);
    uint8_t *data = j->data + at + sizeof record;

    record.bytes = head + padded (kept);
    memcpy (j->data + at, &record, sizeof record);
    memcpy (data, &here->inbox, message_bytes);
    if (kept != 0)
        memcpy (data + head, bulk, kept);
    j->last_message = at;
    j->messages++;
    atomic_store_explicit (&j->used, at + (uint32_t)sizeof record + record.bytes,
                           memory_order_release);
    return data + head;
}

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

bool
journal_replaying (void)
{
    return cursor < replay_end;
}

/* The record at the cursor, checked: a domain that died may have scribbled on it. */
static bool
record_at_cursor (struct journal_record *record)
{
    if (replay_end - cursor < sizeof *record)
        return false;
    memcpy (record, journal ()->data + cursor, sizeof *record);
    return record->bytes <= replay_end - cursor - sizeof *record;
}

bool
journal_next (uint32_t *sender, const void **bulk, bool *skip)
{
    struct journal_record record;
    const uint8_t *data;
    size_t bytes;

    if (!journal_replaying ())
        return false;
    /* Answers of devices that nobody asked for again: the code did not do what it did. */
    assert (record_at_cursor (&record) && record.kind == JOURNAL_MESSAGE);
    assert (record.sender < DOMAIN_MAX && record.bytes >= offsetof (struct message, payload));
    data = journal ()->data + cursor + sizeof record;
    memcpy (&here->inbox, data, offsetof (struct message, payload));
    bytes = offsetof (struct message, payload) + channel_payload_bytes (&here->inbox);
    assert (padded (bytes) + padded (kept_bulk (&here->inbox)) == record.bytes);
    memcpy (&here->inbox, data, bytes);
    *bulk   = data + padded (bytes);
    *sender = record.sender;
    *skip   = record.skip != 0;
    here->consumed[record.sender] = record.sequence;
    cursor += (uint32_t)sizeof record + record.bytes;
    return true;
}

bool
journal_port (void *answer, uint32_t bytes)
{
    struct journal_record record;

    if (!journal_enabled () || !journal_replaying () || !record_at_cursor (&record)
        || record.kind != JOURNAL_PORT)
        return false;
    assert (record.bytes == padded (bytes));
    memcpy (answer, journal ()->data + cursor + sizeof record, bytes);
    cursor += (uint32_t)sizeof record + record.bytes;
    return true;
}

void
journal_ported (const void *answer, uint32_t bytes)
{
    struct journal_record record = { .kind = JOURNAL_PORT, .bytes = padded (bytes) };
    struct journal *j;
    uint32_t at;

    if (!journal_enabled ())
        return;
    j  = journal ();
    at = atomic_load_explicit (&j->used, memory_order_relaxed);
    assert (at + sizeof record + record.bytes <= JOURNAL_BYTES);
    memcpy (j->data + at, &record, sizeof record);
    memcpy (j->data + at + sizeof record, answer, bytes);
    atomic_store_explicit (&j->used, at + (uint32_t)sizeof record + record.bytes,
                           memory_order_release);
}
