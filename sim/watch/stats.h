/* stats: what follows from the counters of links, and so need not be counted with each call. */
#ifndef SIM_STATS_H
#define SIM_STATS_H

#include "machine/machine.h"

/* Cycles that a message of this interface takes from one domain to another. Going to user mode
 * and coming back is one system call. */
static inline uint64_t
stats_one_way (unsigned interface)
{
    return interface == INTERFACE_umode ? PLAN->cost.syscall / 2 : PLAN->cost.message;
}

/* Cycles that so much bulk takes, both ways together. */
static inline uint64_t
stats_copying (uint64_t bytes)
{
    return bytes * PLAN->cost.copy_millicycles_per_byte / 1000;
}

static inline uint64_t
stats_calls (const struct link_stats *stats)
{
    uint64_t calls = 0;

    for (unsigned operation = 0; operation < OPERATION_MAX; operation++)
        calls += stats->calls[operation];
    return calls;
}

/* Cycles of all calls that were the gates' own. */
static inline uint64_t
stats_crossing (const Link *link, const struct link_stats *stats)
{
    return (stats_calls (stats) - stats->stopped - stats->remote) * PLAN->cost.direct_call
           + stats->remote * 2 * stats_one_way (link->interface);
}

/* Those of a link, by its number in the plan. */
static inline const struct link_stats *
stats_of_link (uint32_t number)
{
    uint32_t owner = PLAN->links[number].owner;

    return &STATS (owner)->links[number - PLAN->components[owner].first_link];
}

/* Calls that have reached a component. */
static inline uint64_t
stats_calls_in (uint32_t component)
{
    uint64_t calls = 0;

    for (uint32_t number = 0; number < PLAN->link_count; number++)
        if (PLAN->links[number].target == component)
            calls += stats_calls (stats_of_link (number)) - stats_of_link (number)->stopped;
    return calls;
}

#endif
