/* wild: see wild.h. */
#include "faults/wild.h"

#include <stdio.h>
#include <string.h>

static struct {
    unsigned compared; /* runs with the history of the undisturbed one, */
    unsigned escaped;  /* in which the memory of another domain was another */
    unsigned others;   /* runs with a history of their own: nothing to compare with */
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

bool
wild_look (const struct trial_result *result, const struct trial_result *calm, const char *domain)
{
    if (result->end != BOARD_HALTED || result->trace != calm->trace) {
        wild.others++;
        return true;
    }
    wild.compared++;
    if (is_contained (result, calm, domain))
        return true;
    wild.escaped++;
    return false;
}

void
wild_print (void)
{
    printf ("# wild writes: %u runs with the history of an undisturbed one, %u of them with other "
            "memory\n#   elsewhere; %u with a history of their own\n",
            wild.compared, wild.escaped, wild.others);
}
