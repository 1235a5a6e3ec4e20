/* wild: a write to somewhere in all that a domain maps.
 *
 * First one of its parts is drawn, then a place in it: a fair draw over all bytes would hit
 * untouched memory nearly always. Some parts are mapped read-only: there it is a crash.
 */
#include "device/disk.h"
#include "fault/fault.h"
#include "gate/journal.h"

#define PARTS_MAX (8 * DOMAIN_MAX)

struct part {
    uint64_t address, bytes;
};

struct parts {
    unsigned count;
    struct part table[PARTS_MAX];
};

static void
part_add (struct parts *parts, uint64_t address, uint64_t bytes)
{
    if (parts->count < PARTS_MAX && bytes >= sizeof (uint64_t))
        parts->table[parts->count++] = (struct part){ address, bytes };
}

static void
components_add (struct parts *parts)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        const struct plan_component *plan = &PLAN->components[c];

        if (plan->domain != here->domain)
            continue;
        part_add (parts, ADDRESS_COMPONENT (c), COMPONENT_HEADER_BYTES);
        part_add (parts, ADDRESS_COMPONENT (c) + COMPONENT_HEADER_BYTES, COMPONENT (c)->arena.peak);
        part_add (parts, ADDRESS_STATS (c),
                  sizeof (struct component_stats) + plan->link_count * sizeof (struct link_stats));
        part_add (parts, ADDRESS_FAULTS (c), FAULT_PAGE_BYTES);
        if (plan->device >= 0)
            part_add (parts, ADDRESS_DEVICE (plan->device), PLAN->devices[plan->device].bytes);
    }
}

static void
peers_add (struct parts *parts)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        if (!PLAN->domains[here->domain].reaches[d])
            continue;
        part_add (parts, ADDRESS_DOOR (d), sizeof (struct door));
        part_add (parts, (uintptr_t)HALF (here->domain, d), sizeof (struct half));
        part_add (parts, (uintptr_t)HALF (d, here->domain), sizeof (struct half));
    }
}

void
fault_wild (uint64_t draw)
{
    /* On the fiber's stack it would take too much, and it is nobody's state. */
    static struct parts parts;
    const struct part *part;
    uint64_t offset;

    parts.count = 0;
    part_add (&parts, ADDRESS_PLAN, sizeof (struct plan));
    part_add (&parts, ADDRESS_DOOR (here->domain), sizeof (struct door));
    part_add (&parts, ADDRESS_WATCH (here->domain), sizeof (struct watch));
    part_add (&parts, ADDRESS_RUNTIME (here->domain),
              RUNTIME_HEADER_BYTES (PLAN->fibers_max));
    part_add (&parts, ADDRESS_RUNTIME (here->domain) + RUNTIME_HEADER_BYTES (PLAN->fibers_max),
              (uint64_t)here->fiber_count * FIBER_STRIDE);
    if (PLAN->domains[here->domain].journal)
        part_add (&parts, ADDRESS_JOURNAL (here->domain), sizeof (struct journal));
    components_add (&parts);
    peers_add (&parts);
    part   = &parts.table[draw % parts.count];
    draw   = draw * 0x9e3779b97f4a7c15u ^ draw >> 32;
    offset = draw % (part->bytes / sizeof (uint64_t)) * sizeof (uint64_t);
    *(volatile uint64_t *)(uintptr_t)(part->address + offset) = draw;
}
