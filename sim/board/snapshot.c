#define _GNU_SOURCE
#include "board/snapshot.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gate/gate.h"

/* Does the component live there, or is it about to? */
static bool
is_part (uint32_t component, uint32_t domain, bool next)
{
    const struct plan_component *plan = &PLAN->components[component];

    return (next ? plan->next : plan->domain) == domain;
}

static uint64_t
covers (const struct region *region, uint32_t domain, bool next)
{
    const struct plan_device *device;

    switch (region->kind) {
    case REGION_RUNTIME:
        return region->a == domain ? region->bytes : 0;
    case REGION_COMPONENT:
    case REGION_STATS:
        return is_part (region->a, domain, next) ? region->bytes : 0;
    case REGION_DEVICE:
        /* A terminal is shared with the board, and knows itself what was done twice. */
        device = &PLAN->devices[region->a];
        return is_part (device->driver, domain, next) ? device->model_bytes : 0;
    default:
        return 0;
    }
}

uint64_t
snapshot_covers (const struct region *region, uint32_t domain)
{
    return covers (region, domain, false);
}

static void
extent_keep (struct snapshot *snapshot, uint64_t address, uint64_t bytes)
{
    struct extent extent = { .address = address, .bytes = bytes, .offset = snapshot->data->len };

    g_array_append_val (snapshot->extents, extent);
    g_byte_array_append (snapshot->data, (const guint8 *)(uintptr_t)address, (guint)bytes);
}

/* Each run of pages that hold something. */
static void
region_keep (struct snapshot *snapshot, const struct region *region, uint64_t bytes)
{
    off_t at = 0, end = (off_t)bytes;

    while (at < end) {
        off_t first = lseek (region->fd, at, SEEK_DATA);
        off_t hole  = first < 0 ? -1 : lseek (region->fd, first, SEEK_HOLE);

        if (first < 0 || first >= end)
            return;
        if (hole < 0 || hole > end)
            hole = end;
        extent_keep (snapshot, region->address + (uint64_t)first, (uint64_t)(hole - first));
        at = hole;
    }
}

void
snapshot_clear (struct snapshot *snapshot)
{
    g_clear_pointer (&snapshot->extents, g_array_unref);
    g_clear_pointer (&snapshot->data, g_byte_array_unref);
    g_clear_pointer (&snapshot->after, g_byte_array_unref);
}

/* Begins one, in the memory of the one before if there is any. */
static void
begin (struct snapshot *snapshot)
{
    g_clear_pointer (&snapshot->after, g_byte_array_unref);
    if (snapshot->data == NULL) {
        snapshot->extents = g_array_new (FALSE, FALSE, sizeof (struct extent));
        snapshot->data    = g_byte_array_new ();
    }
    g_array_set_size (snapshot->extents, 0);
    g_byte_array_set_size (snapshot->data, 0);
}

static void
take (struct snapshot *snapshot, const struct regions *regions, uint32_t domain, bool next)
{
    begin (snapshot);
    snapshot->now = RUNTIME (domain)->token.now;
    for (unsigned i = 0; i < regions->count; i++)
        region_keep (snapshot, &regions->table[i], covers (&regions->table[i], domain, next));
}

void
snapshot_take (struct snapshot *snapshot, const struct regions *regions, uint32_t domain)
{
    take (snapshot, regions, domain, false);
}

void
snapshot_rehearse (struct snapshot *snapshot, const struct regions *regions, uint32_t domain)
{
    take (snapshot, regions, domain, true);
}

static bool
is_memory (enum region_kind kind)
{
    return kind == REGION_RUNTIME || kind == REGION_COMPONENT;
}

void
snapshot_take_all (struct snapshot *snapshot, const struct regions *regions)
{
    begin (snapshot);
    for (unsigned i = 0; i < regions->count; i++)
        if (is_memory (regions->table[i].kind))
            region_keep (snapshot, &regions->table[i], regions->table[i].bytes);
}

static void
extents_put_back (const struct snapshot *snapshot, const struct region *region)
{
    for (guint i = 0; i < snapshot->extents->len; i++) {
        const struct extent *extent = &g_array_index (snapshot->extents, struct extent, i);

        if (extent->address >= region->address
            && extent->address - region->address < region->bytes)
            memcpy ((void *)(uintptr_t)extent->address, snapshot->data->data + extent->offset,
                    extent->bytes);
    }
}

void
snapshot_put_back (const struct snapshot *snapshot, const struct regions *regions,
                   uint32_t domain, bool memory)
{
    for (unsigned i = 0; i < regions->count; i++) {
        const struct region *region = &regions->table[i];
        uint64_t bytes              = snapshot_covers (region, domain);

        if (bytes == 0 || (memory && !is_memory (region->kind)))
            continue;
        fallocate (region->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes);
        extents_put_back (snapshot, region);
    }
}
