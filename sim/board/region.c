#define _GNU_SOURCE
#include "board/region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gate/runtime.h"
#include "user/user.h"

static const char *const names[] = { "plan",  "door",    "runtime", "component",
                                     "stats", "channels", "device",  "watch",  "journal",
                                     "ram",   "guests",  "archive", "faults",  "custody",
                                     "desk" };

bool
region_add (struct regions *regions, enum region_kind kind, uint32_t a, uint32_t b,
            uint64_t address, uint64_t bytes)
{
    struct region region
        = { .kind = kind, .a = a, .b = b, .address = address, .scratch = -1 };
    void *at;

    region.bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    region.fd    = memfd_create (names[kind], MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (region.fd < 0)
        return false;
    if (ftruncate (region.fd, (off_t)region.bytes) != 0
        || fcntl (region.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        goto fail;
    at = mmap ((void *)(uintptr_t)address, region.bytes, PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_FIXED_NOREPLACE, region.fd, 0);
    if (at == MAP_FAILED)
        goto fail;
    madvise (at, region.bytes, MADV_DONTFORK);
    if (regions->count == regions->room) {
        regions->room  = regions->room != 0 ? regions->room * 2 : 64;
        regions->table = realloc (regions->table, regions->room * sizeof *regions->table);
        if (regions->table == NULL)
            abort ();
    }
    regions->table[regions->count++] = region;
    return true;
fail:
    close (region.fd);
    return false;
}

void
regions_clear (struct regions *regions)
{
    for (unsigned i = 0; i < regions->count; i++) {
        munmap ((void *)(uintptr_t)regions->table[i].address, regions->table[i].bytes);
        close (regions->table[i].fd);
        if (regions->table[i].scratch >= 0)
            close (regions->table[i].scratch);
    }
    free (regions->table);
    *regions = (struct regions){ 0 };
}

/* Maps [offset, offset + bytes) of a region. */
static bool
map (const struct region *region, uint64_t offset, uint64_t bytes, bool writable)
{
    void *at = (void *)(uintptr_t)(region->address + offset);

    return mmap (at, bytes, PROT_READ | (writable ? PROT_WRITE : 0),
                 MAP_SHARED | MAP_FIXED_NOREPLACE, region->fd, (off_t)offset)
           == at;
}

bool
regions_map_plan (const struct regions *regions)
{
    return map (&regions->table[0], 0, regions->table[0].bytes, false);
}

/* Of the faults' pages those of the components that live there. */
static bool
map_faults (const struct region *region, uint32_t domain)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].next == domain
            && !map (region, (uint64_t)c * FAULT_PAGE_BYTES, FAULT_PAGE_BYTES, true))
            return false;
    return true;
}

/* Few domains use more fibers; the others' stacks are guarded when they are first used. */
#define FIBERS_AT_FIRST 4u

/* A stack that overflows meets nothing. */
static bool
guard (uint8_t *first, uint64_t stride, uint64_t bytes, uint32_t count)
{
    bool marks = true;

    for (uint32_t i = 0; i < count; i++) {
        uint8_t *at = first + i * stride;

        marks = marks && stack_guard (at, bytes);
        if (!marks && mprotect (at, bytes, PROT_NONE) != 0)
            return false;
    }
    return true;
}

/* The two halves of the channel to each domain that this one may have to do with. */
static bool
map_channels (const struct region *region, uint32_t domain)
{
    for (uint32_t other = 0; other < PLAN->domain_room; other++) {
        uint64_t own  = (uint64_t)(uintptr_t)HALF (domain, other) - region->address;
        uint64_t peer = (uint64_t)(uintptr_t)HALF (other, domain) - region->address;

        if (PLAN->domains[domain].maps[other]
            && (!map (region, own, HALF_BYTES, true) || !map (region, peer, HALF_BYTES, false)))
            return false;
    }
    return true;
}

/* Everybody's pages to look at, its own to write. */
static bool
map_pages_around (const struct region *region, uint32_t domain)
{
    uint64_t own = domain * PAGE_BYTES, after = own + PAGE_BYTES;

    return (own == 0 || map (region, 0, own, false)) && map (region, own, PAGE_BYTES, true)
           && (after == region->bytes || map (region, after, region->bytes - after, false));
}

static bool
map_for (const struct region *region, uint32_t domain)
{
    const struct plan_domain *self = &PLAN->domains[domain];
    uint32_t host;

    switch (region->kind) {
    case REGION_PLAN:
        return true;
    case REGION_DOOR:
        if (region->a != domain && !self->maps[region->a])
            return true;
        return map (region, 0, PAGE_BYTES, true)
               && map (region, PAGE_BYTES, PAGE_BYTES, region->a == domain);
    case REGION_RUNTIME:
        if (region->a != domain)
            return true;
        return map (region, 0, region->bytes, true)
               && fiber_guard (RUNTIME (domain), FIBERS_AT_FIRST);
    case REGION_COMPONENT:
        host = PLAN->components[region->a].next;
        if (host != domain && !(region->a == COMPONENT_USER && domain == DOMAIN_KERNEL))
            return true;
        if (!map (region, 0, region->bytes, true))
            return false;
        return region->a != COMPONENT_USER || host != domain /* it runs on none of them */
               || guard (user_stacks (), USER_SLOT_BYTES, USER_GUARD_BYTES,
                         PLAN->tasks_max + 1);
    case REGION_STATS:
        host = PLAN->components[region->a].next;
        return (host != domain && domain != DOMAIN_KERNEL)
               || map (region, 0, region->bytes, host == domain);
    case REGION_CHANNELS:
        return map_channels (region, domain);
    case REGION_DEVICE:
        host = PLAN->components[PLAN->devices[region->a].driver].next;
        return host != domain || map (region, 0, region->bytes, true);
    case REGION_WATCH:
        if (region->a != domain)
            return true;
        return map (region, 0, PAGE_BYTES, true) && map (region, PAGE_BYTES, PAGE_BYTES, false)
               && map (region, 2 * PAGE_BYTES, region->bytes - 2 * PAGE_BYTES, true);
    case REGION_JOURNAL:
        return region->a != domain || map (region, 0, region->bytes, true);
    case REGION_RAM:
    case REGION_GUESTS:
        return domain != DOMAIN_KERNEL || map (region, 0, region->bytes, true);
    case REGION_CUSTODY:
        return map_pages_around (region, domain);
    case REGION_ARCHIVE:
        return domain != DOMAIN_KERNEL || map (region, 0, region->bytes, false);
    case REGION_DESK:
        return PLAN->components[PLAN->rs].next != domain
               || (map (region, 0, PAGE_BYTES, false)
                   && map (region, PAGE_BYTES, PAGE_BYTES, true));
    case REGION_FAULTS:
        return map_faults (region, domain);
    }
    return true;
}

void
regions_use_scratch (struct regions *regions)
{
    for (unsigned i = 0; i < regions->count; i++)
        if (regions->table[i].scratch >= 0)
            regions->table[i].fd = regions->table[i].scratch;
}

const char *
regions_map (const struct regions *regions, uint32_t domain)
{
    for (unsigned i = 0; i < regions->count; i++)
        if (!map_for (&regions->table[i], domain))
            return names[regions->table[i].kind];
    return NULL;
}
