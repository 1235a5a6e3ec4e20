#define _GNU_SOURCE
#include "board/recover.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gate/gate.h"
#include "gate/journal.h"

/* A domain may be put back so often in so much virtual time; then it stays off. */
#define INTENSITY_MAX     5u
#define INTENSITY_CYCLES  NS_TO_CYCLES (30000000000u)

/* A run of pages that hold something; the rest of a region is zero. */
struct extent {
    uint64_t address;
    uint64_t bytes;
    uint64_t offset; /* into the snapshot's data */
};

struct snapshot {
    GArray *extents;  /* struct extent */
    GByteArray *data;
};

struct recovery_domain {
    struct snapshot snapshot;
    uint32_t restarts;
    uint64_t times[INTENSITY_MAX]; /* virtual, of the last ones */
    uint32_t last_crash_at;  /* where the journal ended, */
    uint32_t crashes_there;  /* and how often it has ended there */
};

struct Recovery {
    Machine *machine;
    struct recovery_domain domains[DOMAIN_MAX];
};

/* The regions that make up a domain. */
static bool
region_belongs (const struct region *region, uint32_t domain)
{
    switch (region->kind) {
    case REGION_RUNTIME:
        return region->a == domain;
    case REGION_COMPONENT:
    case REGION_STATS:
        return PLAN->components[region->a].domain == domain;
    default:
        return false;
    }
}

/* Calls visit for each run of pages of a region that hold something. */
static void
extents_visit (const struct region *region, void (*visit) (void *, uint64_t, uint64_t),
               void *user)
{
    off_t at = 0, end = (off_t)region->bytes;

    while (at < end) {
        off_t first = lseek (region->fd, at, SEEK_DATA);
        off_t hole  = first < 0 ? -1 : lseek (region->fd, first, SEEK_HOLE);

        if (first < 0)
            return;
        if (hole < 0 || hole > end)
            hole = end;
        visit (user, region->address + (uint64_t)first, (uint64_t)(hole - first));
        at = hole;
    }
}

static void
extent_keep (void *user, uint64_t address, uint64_t bytes)
{
    struct snapshot *snapshot = user;
    struct extent extent
        = { .address = address, .bytes = bytes, .offset = snapshot->data->len };

    g_array_append_val (snapshot->extents, extent);
    g_byte_array_append (snapshot->data, (const guint8 *)(uintptr_t)address, (guint)bytes);
}

static void
snapshot_clear (struct snapshot *snapshot)
{
    g_clear_pointer (&snapshot->extents, g_array_unref);
    g_clear_pointer (&snapshot->data, g_byte_array_unref);
}

void
recovery_snapshot (Recovery *recovery, uint32_t domain)
{
    struct recovery_domain *d      = &recovery->domains[domain];
    const struct regions *regions  = &recovery->machine->regions;
    struct journal *journal        = JOURNAL (domain);

    snapshot_clear (&d->snapshot);
    d->snapshot.extents = g_array_new (FALSE, FALSE, sizeof (struct extent));
    d->snapshot.data    = g_byte_array_new ();
    for (unsigned i = 0; i < regions->count; i++)
        if (region_belongs (&regions->table[i], domain))
            extents_visit (&regions->table[i], extent_keep, &d->snapshot);
    d->last_crash_at  = 0;
    d->crashes_there  = 0;
    journal->messages = 0;
    atomic_store (&journal->used, 0);
    atomic_store (&journal->full, 0);
}

Recovery *
recovery_new (Machine *machine)
{
    Recovery *recovery = g_new0 (Recovery, 1);

    recovery->machine = machine;
    for (uint32_t domain = 0; domain < PLAN->domain_count; domain++)
        if (PLAN->domains[domain].journal) {
            recovery_snapshot (recovery, domain);
            atomic_store (&JOURNAL (domain)->enabled, 1);
        }
    return recovery;
}

void
recovery_free (Recovery *recovery)
{
    for (uint32_t domain = 0; domain < DOMAIN_MAX; domain++)
        snapshot_clear (&recovery->domains[domain].snapshot);
    g_free (recovery);
}

bool
recovery_wants_snapshot (const Recovery *recovery, uint32_t domain)
{
    return recovery->domains[domain].snapshot.data != NULL
           && (atomic_load (&JOURNAL (domain)->full)
               || atomic_load (&JOURNAL (domain)->used) > JOURNAL_BYTES / 4);
}

/* Too often in too short a time? */
static bool
too_intense (struct recovery_domain *d, uint64_t now)
{
    uint64_t *oldest = &d->times[d->restarts % INTENSITY_MAX];

    if (d->restarts >= INTENSITY_MAX && now - *oldest < INTENSITY_CYCLES)
        return true;
    *oldest = now;
    return false;
}

/* The message at which it died twice is not tried a third time. False: what it was doing is
 * no fresh call, so there is nobody to be told. */
static bool
skip_last (struct journal *journal)
{
    struct journal_record *record = (struct journal_record *)(journal->data + journal->last_message);
    struct message message;

    if (journal->last_message + sizeof *record > journal->used || record->kind != JOURNAL_MESSAGE)
        return false;
    memcpy (&message, record + 1, offsetof (struct message, payload));
    if (message.kind != MESSAGE_CALL && message.kind != MESSAGE_UPCALL)
        return false;
    record->skip = 1;
    /* What its handler asked of devices goes with it. */
    atomic_store (&journal->used,
                  journal->last_message + (uint32_t)sizeof *record + record->bytes);
    return true;
}

static void
memory_restore (Recovery *recovery, uint32_t domain)
{
    const struct regions *regions  = &recovery->machine->regions;
    const struct snapshot *snapshot = &recovery->domains[domain].snapshot;

    for (unsigned i = 0; i < regions->count; i++)
        if (region_belongs (&regions->table[i], domain))
            fallocate (regions->table[i].fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                       (off_t)regions->table[i].bytes);
    for (guint i = 0; i < snapshot->extents->len; i++) {
        const struct extent *extent = &g_array_index (snapshot->extents, struct extent, i);

        memcpy ((void *)(uintptr_t)extent->address, snapshot->data->data + extent->offset,
                extent->bytes);
    }
}

bool
recovery_restore (Recovery *recovery, uint32_t domain, const char **reason)
{
    struct recovery_domain *d = &recovery->domains[domain];
    struct journal *journal   = JOURNAL (domain);
    uint32_t used;

    if (d->snapshot.data == NULL) {
        *reason = "its components are not to be restarted";
        return false;
    }
    used = atomic_load (&journal->used);
    if (used > JOURNAL_BYTES || journal->last_message > used) {
        *reason = "its journal is damaged";
        return false;
    }
    if (too_intense (d, RUNTIME (domain)->token.now)) {
        *reason = "it crashed too often";
        return false;
    }
    d->crashes_there = used == d->last_crash_at && used != 0 ? d->crashes_there + 1 : 1;
    d->last_crash_at = used;
    if (d->crashes_there == 2 && RUNTIME (domain)->running && !skip_last (journal)) {
        *reason = "it crashed twice in the middle of the same call";
        return false;
    }
    memory_restore (recovery, domain);
    /* Until it stands where it was, it may well have the token. */
    atomic_store (&RUNTIME (domain)->running, 1);
    memset (&RUNTIME (domain)->crash, 0, sizeof (struct crash_record));
    atomic_store (&journal->replay, 1);
    d->restarts++;
    return true;
}

uint32_t
recovery_restarts (const Recovery *recovery, uint32_t domain)
{
    return recovery->domains[domain].restarts;
}
