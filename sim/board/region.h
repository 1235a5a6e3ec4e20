/* region: one part of a machine's memory: a sealed memfd, at one address.
 *
 * The table below is the machine. Which parts a domain maps, and how, follows from the plan
 * alone: that is what a placement is.
 */
#ifndef SIM_REGION_H
#define SIM_REGION_H

#include <stdbool.h>
#include <stdint.h>

enum region_kind {
    REGION_PLAN,
    REGION_DOOR,
    REGION_RUNTIME,
    REGION_COMPONENT,
    REGION_STATS,
    REGION_CHANNELS,
    REGION_DEVICE,
    REGION_WATCH,
    REGION_JOURNAL,
    REGION_RAM,
    REGION_GUESTS,
    REGION_ARCHIVE,
    REGION_CUSTODY,
    REGION_FAULTS,
    REGION_DESK,
};

struct region {
    enum region_kind kind;
    uint32_t a, b; /* of which domain, component or device */
    uint64_t address;
    uint64_t bytes;
    int fd;
    int scratch; /* likewise, for an audit (board/audit.h); -1: there are none */
};

struct regions {
    struct region *table;
    unsigned count, room;
};

/* Makes a region and maps it here, not to be inherited. False, with errno, if the host
 * refuses. */
bool region_add (struct regions *regions, enum region_kind kind, uint32_t a, uint32_t b,
                 uint64_t address, uint64_t bytes);

/* In a fresh process: maps what `domain` may see, as the plan says. The plan itself must be
 * mapped. Returns NULL, or what failed, with errno. */
const char *regions_map (const struct regions *regions, uint32_t domain);

/* In a process that only does again what was done: from now on its own copies count. */
void regions_use_scratch (struct regions *regions);

/* Maps the plan, to be inherited by every domain. */
bool regions_map_plan (const struct regions *regions);

/* Unmaps and closes all. */
void regions_clear (struct regions *regions);

#endif
