#include "board/placement.h"

#include <string.h>

#include "board/recover.h"
#include "machine/machine.h"

void
placement_connect (uint32_t a, uint32_t b)
{
    if (a != b)
        PLAN->domains[a].maps[b] = PLAN->domains[b].maps[a] = true;
}

void
placement_connect_links (void)
{
    for (uint32_t d = 0; d < PLAN->domain_room; d++)
        placement_connect (DOMAIN_KERNEL, d);
    for (uint32_t i = 0; i < PLAN->link_count; i++)
        placement_connect (PLAN->components[PLAN->links[i].owner].next,
                           PLAN->components[PLAN->links[i].target].next);
}

void
placement_disconnect (void)
{
    for (uint32_t d = 0; d < PLAN->domain_room; d++)
        memset (PLAN->domains[d].maps, 0, sizeof PLAN->domains[d].maps);
}

static void
journals_settle (void)
{
    for (uint32_t d = 0; d < PLAN->domain_room; d++)
        PLAN->domains[d].journal = recovery_mode (d) == RESTART_REPLAY;
}

void
placement_settle (void)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        PLAN->components[c].domain = PLAN->components[c].next;
        PLAN->components[c].route  = PLAN->components[c].next;
    }
    for (uint32_t d = 0; d < PLAN->domain_room; d++)
        memcpy (PLAN->domains[d].reaches, PLAN->domains[d].maps,
                sizeof PLAN->domains[d].reaches);
    journals_settle ();
}
