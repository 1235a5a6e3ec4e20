/* recover: the mechanics of putting a crashed domain back. What is to be done is asked of a
 * policy (board/consult.h); how, is here.
 *
 * The board keeps two snapshots of each domain that can be replayed, taken while it does not
 * hold the token, and what it received after the older one. After a crash one of them is put
 * back under a fresh process, which replays its journal (gate/journal.h). A domain that begins
 * anew gets the memory that it had before the boot; its device is as it is.
 */
#ifndef SIM_RECOVER_H
#define SIM_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "board/build.h"
#include "rs/policy.h"

typedef struct Recovery Recovery;

struct death {
    enum rs_cause cause;
    int signal;
    uint32_t fiber; /* STUCK: which one, + 1; 0: its last message got lost */
};

/* Takes the first snapshots, before any domain runs. */
Recovery *recovery_new (Machine *machine);
void recovery_free (Recovery *recovery);

/* Should this domain get a snapshot soon? Cheap; may be asked often. */
bool recovery_wants_snapshot (const Recovery *recovery, uint32_t domain);

/* The domain's process is stopped and does not hold the token. */
void recovery_snapshot (Recovery *recovery, uint32_t domain);

/* The snapshot of a domain that a move will concern is to be quick. The machine may run. */
void recovery_rehearse (Recovery *recovery, uint32_t domain);

/* Components have moved to the domain, or away, or it calls or is called by those that have; and
 * its process has ended or stands still. What was kept of it holds no more; it is kept from here
 * on if it can be replayed. */
void recovery_moved (Recovery *recovery, uint32_t domain);

/* The two snapshots of a domain; either may be none. For audits. */
struct snapshot *recovery_last (Recovery *recovery, uint32_t domain);
struct snapshot *recovery_older (Recovery *recovery, uint32_t domain);

/* The domain's process is dead and buried. What there is to know and to choose from. */
void recovery_report (Recovery *recovery, uint32_t domain, const struct death *death,
                      struct rs_report_req *report);

/* Which component the message was for that the domain died of, as far as recovery_report could
 * find out; COMPONENT_NUCLEUS: nobody knows. */
uint32_t recovery_component (const Recovery *recovery, uint32_t domain);

/* Prepares the memory of a domain that recovery_report was asked about for a fresh process, as the
 * decision says, or as the next rung does where that cannot be done. Answers what was done; OFF and
 * PANIC prepare nothing. */
enum rs_action recovery_prepare (Recovery *recovery, uint32_t domain,
                                 const struct rs_report_rep *decision);

/* Prepares it for a life without any memory; false: it may have none. */
bool recovery_prepare_anew (Recovery *recovery, uint32_t domain);

/* A set of domains, one bit each, that must begin anew with this one: who calls it. */
void recovery_dependents (uint32_t domain, bool *dependents);

/* What a domain did before this virtual time it will never do again, nor does now; UINT64_MAX: it
 * does nothing twice. */
uint64_t recovery_since (const Recovery *recovery, uint32_t domain);
/* The virtual time that a domain had reached when it was put back to an earlier one; of all, the
 * latest. */
uint64_t recovery_latest (const Recovery *recovery);
/* How often a domain was put back. */
uint32_t recovery_restarts (const Recovery *recovery, uint32_t domain);

/* May this domain come back at all, and how: enum plan_restart. */
uint32_t recovery_mode (uint32_t domain);
/* Can the machine not go on without one of the domain's components? */
bool recovery_essential (uint32_t domain);

#endif
