/* move: moving a component to another domain while the machine runs.
 *
 * A placement is the set of memory that each process maps, so a move is a change of the plan and
 * fresh processes for those whose memory it concerns. What makes it safe is the moment:
 *
 *   prepare   fresh processes of the domains concerned are made beside those that run, mapped as
 *             the plan wants it next, locked and verified; they wait to be admitted
 *   stand     the kernel stands before a decision of the nucleus: nothing is under way
 *   quiet?    nobody is inside a handler of the component. If it is busy, look again at later
 *             decisions; if that does not help, hold new calls at its gate, for a while; if that
 *             does not help either, let them go, rest, and try again a few times
 *   switch    its deferred calls are handed over (gate/adopt.h), the plan is changed, the old
 *             processes end, the fresh ones are admitted, held calls are let go
 *
 * Who does not come to rest has frames on stacks that lie where his domain's memory lies, and
 * nowhere else; a replay would make them there again. But a domain is no more than a name to all
 * others: so he stays, the other components of the two domains change places around him, as far
 * as they are quiet, and the names of the domains with them. Only the kernel is more than a name:
 * into it, or out of it, nobody gets who is busy all the time.
 *
 * A component that is quiet at once moves without leaving a trace in the machine's history.
 * Nothing is lost before the switch, and the switch cannot fail: whatever goes wrong ends the
 * attempt with everything where it was.
 */
#ifndef SIM_BOARD_MOVE_H
#define SIM_BOARD_MOVE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "board/build.h"
#include "board/child.h"
#include "board/recover.h"
#include "board/zygote.h"

typedef struct Mover Mover;

/* How a move went. */
struct move_result {
    uint32_t component;
    char from[16], to[16]; /* domains */
    const char *reason;    /* why it was moved; "" if somebody just said so */
    const char *failed;    /* why it was not; NULL: it was */
    bool interrupted;      /* by something that has nothing to do with it: it may be asked for again */
    uint64_t pause_ns;     /* of the host: the machine stood still for the switch, all prepared */
    uint64_t at;           /* virtual time, in cycles, of the switch, */
    uint64_t took;         /* and from the first look until then */
    uint32_t looks;        /* decisions at which it was busy */
    uint32_t held;         /* calls that waited at its gate */
    uint32_t deferred;     /* calls that went with it */
    uint64_t bytes;        /* of the component's memory and of those calls */
    uint32_t processes;    /* that were replaced */
    bool around;           /* it was busy: the others of both domains changed places around it, */
    uint32_t others;       /* so many */
};

/* What a mover works on: the board's. */
struct mover_world {
    Machine *machine;
    Zygote *zygote;
    Recovery *recovery;
    struct child *children; /* by domain */
    /* A move is over, well or not; the result is the caller's for the length of the call. */
    void (*told) (void *data, const struct move_result *result);
    void *data;
};

Mover *mover_new (const struct mover_world *world);
void mover_free (Mover *mover);

/* Begins to move a component to a domain: "kernel", "own", or a name, at virtual time `at` in
 * cycles or as soon after as can be. False, with *error (owned): that cannot be, and why. The
 * end is told. `reason` is for the result. */
bool mover_ask (Mover *mover, uint32_t component, const char *to, uint64_t at,
                const char *reason, char **error);
/* A move will be asked for that is to be at this virtual time: the machine stands there until
 * then. 0: no other one will be. From before the boot, or from where the end of another is told, on. */
void mover_announce (Mover *mover, uint64_t at);
/* Tells the board of a move that could not even begin. */
void mover_tell (const Mover *mover, const struct move_result *result);
/* Is a move under way? */
bool mover_is_busy (const Mover *mover);
/* Does the machine stand at an announced time? */
bool mover_waits (const Mover *mover);
/* How long it may go without a look: not at all while it waits for the machine to stand, or acts
 * while that stands. */
int mover_patience_ms (const Mover *mover, int otherwise_ms);
/* To be called in each turn of the board's loop. `tidy`: domains that have become empty are
 * given up at any time, not only with the next move. */
void mover_look (Mover *mover, bool tidy);
/* A move under way ends, for that reason. */
void mover_give_up (Mover *mover, const char *why);
/* Because somebody has died, whatever had to do with it: a move ends before that is dealt with. */
void mover_interrupt (Mover *mover, const char *who);

/* Appends a line for people. */
void move_describe (const struct move_result *result, GString *out);
/* May the component live in this domain? Programs share one with nobody but the kernel. */
bool move_domain_admits (uint32_t component, uint32_t domain);
/* The component with that name; UINT32_MAX: there is none. */
uint32_t move_component (const char *name);

#endif
