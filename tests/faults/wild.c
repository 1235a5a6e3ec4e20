/* wild: see wild.h. */
#include "faults/wild.h"

#include <stdio.h>
#include <string.h>

static struct {
    unsigned struck;
    unsigned faulted; /* the process ended at once, or soon: by the host's memory protection, by an
                         assertion, by a message that was refused; */
    unsigned found;   /* nobody noticed, but an audit did; */
    unsigned masked;  /* nobody did: what was hit means nothing, or nothing any more */
    unsigned compared; /* runs with the history of the undisturbed one, */
    unsigned escaped;  /* in which the memory of another domain was another */
} wild;

/* Is the memory of all others as in the undisturbed run? But for that of rs, who is told of
 * every death. */
static bool
is_contained (const struct trial_result *result, const struct trial_result *calm,
              const char *domain)
{
    for (uint32_t c = 0; c < result->component_count; c++)
        if (strcmp (result->domains[result->homes[c]], domain) != 0
            && strcmp (result->domains[result->homes[c]], "rs") != 0
            && result->digests[c] != calm->digests[c])
            return false;
    return true;
}

static bool
anybody_died (const struct trial_result *result)
{
    for (uint32_t d = 0; d < result->domain_count; d++)
        if (result->deaths[d] != TRIAL_LIVED)
            return true;
    return result->end != BOARD_HALTED;
}

bool
wild_look (const struct trial_result *result, const struct trial_result *calm, const char *domain)
{
    wild.struck++;
    if (result->audits_differ != 0)
        wild.found++;
    else if (anybody_died (result))
        wild.faulted++;
    else
        wild.masked++;
    if (result->end != BOARD_HALTED || result->trace != calm->trace)
        return true;
    wild.compared++;
    if (is_contained (result, calm, domain))
        return true;
    wild.escaped++;
    return false;
}

bool
wild_is_seen (void)
{
    return wild.faulted != 0 && wild.found != 0 && wild.compared != 0 && wild.escaped == 0;
}

void
wild_print (void)
{
    printf ("# wild writes: %u runs: in %u the process faulted, in %u an audit found it, in %u it "
            "hit nothing that\n#   matters; %u had the history of an undisturbed run, %u of them "
            "other memory elsewhere\n",
            wild.struck, wild.faulted, wild.found, wild.masked, wild.compared, wild.escaped);
}
