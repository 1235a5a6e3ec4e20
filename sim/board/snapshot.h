/* snapshot: a copy of all that makes up a domain: its runtime with the fibers' stacks, its
 * components, their counters, and the models of their devices as far as a driver changes them.
 *
 * Taken and put back while the domain does not run. */
#ifndef SIM_SNAPSHOT_H
#define SIM_SNAPSHOT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "board/region.h"

/* A run of pages that hold something; the rest of a region is zero. */
struct extent {
    uint64_t address;
    uint64_t bytes;
    uint64_t offset; /* into the snapshot's data */
};

struct snapshot {
    uint64_t now; /* virtual time of the domain when it was taken */
    GArray *extents; /* struct extent; NULL: there is no snapshot */
    GByteArray *data;
    GByteArray *after; /* the journal from here on, up to the next snapshot; NULL: this is the last */
};

/* How many bytes of a region, from its start, belong to what the domain is made of; 0: none. */
uint64_t snapshot_covers (const struct region *region, uint32_t domain);

/* A snapshot that is there already is taken anew in the same memory. */
void snapshot_take (struct snapshot *snapshot, const struct regions *regions, uint32_t domain);
/* As if of the domain as it will be after a move; it may run meanwhile. What that gives is of no
 * use but to have the memory for a real one, which then takes a fraction of the time. */
void snapshot_rehearse (struct snapshot *snapshot, const struct regions *regions, uint32_t domain);
/* The same of every domain, those without a name too; without what devices know. */
void snapshot_take_all (struct snapshot *snapshot, const struct regions *regions);
/* memory: only the runtime and the components; what devices know and what was counted stays. */
void snapshot_put_back (const struct snapshot *snapshot, const struct regions *regions,
                        uint32_t domain, bool memory);
void snapshot_clear (struct snapshot *snapshot);

#endif
