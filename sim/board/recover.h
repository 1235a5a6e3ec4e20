/* recover: putting a crashed domain back as if nothing had happened.
 *
 * The board keeps one snapshot of each domain that can be replayed: the pages of its runtime
 * and of its components, taken while it does not hold the token. After a crash they are put
 * back under a fresh process, which replays its journal (gate/journal.h).
 */
#ifndef SIM_RECOVER_H
#define SIM_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "board/build.h"

typedef struct Recovery Recovery;

/* Takes the first snapshots, before any domain runs. */
Recovery *recovery_new (Machine *machine);
void recovery_free (Recovery *recovery);

/* Should this domain get a snapshot soon? Cheap; may be asked often. */
bool recovery_wants_snapshot (const Recovery *recovery, uint32_t domain);

/* The domain's process is stopped and does not hold the token. */
void recovery_snapshot (Recovery *recovery, uint32_t domain);

/* The domain's process is dead and buried. True: its memory is that of the snapshot and its
 * journal will be replayed; start a process. False, with a reason: it cannot be helped. */
bool recovery_restore (Recovery *recovery, uint32_t domain, const char **reason);

/* How often a domain was put back. */
uint32_t recovery_restarts (const Recovery *recovery, uint32_t domain);

#endif
