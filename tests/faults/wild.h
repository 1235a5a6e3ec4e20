/* wild: what wild writes came to: in machines of which each component has a process of its own,
 * no other's memory may be another. */
#ifndef TESTS_FAULTS_WILD_H
#define TESTS_FAULTS_WILD_H

#include "fault/trial.h"

/* Did a wild write in that domain stay there? Counts it. */
bool wild_look (const struct trial_result *result, const struct trial_result *calm,
                const char *domain);
/* Of the writes so far: has each kind of end been seen that there should be? */
bool wild_is_seen (void);
/* The counts, as a comment. */
void wild_print (void);

#endif
