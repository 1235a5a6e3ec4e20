/* adopt: the calls of a component that moves. Which keep it where it is, and how those that it
 * has deferred go with it.
 *
 * For the board, while the machine stands at a decision of the nucleus: no message is under way
 * and every fiber is parked. A component is quiet when none of them is inside a handler of it.
 * What it was asked and has deferred waits on fibers of its domain; each gets a fiber of the
 * new domain, which answers whoever asked:
 *
 *   asked from         before the move               after it
 *   its own domain     the caller's own fiber        the caller waits for a message from
 *                                                    a fresh fiber of the new domain
 *   a third domain     a fiber that serves it        a fresh fiber, with what was lent
 *   the new domain     a fiber that serves it        the caller's own fiber
 *
 * The name that the component has for a deferred call (struct call) stays the same. A call that
 * it has forwarded stays where it is: nothing of the component is needed for it any more.
 *
 * The memory of a domain is not believed: a place that makes no sense ends the attempt, before
 * anything was changed.
 */
#ifndef SIM_ADOPT_H
#define SIM_ADOPT_H

#include <stdbool.h>
#include <stdint.h>

struct adopt_look {
    bool sane;         /* else the domain's memory makes no sense */
    uint32_t busy;     /* fibers that execute its code */
    uint32_t deferred; /* calls that go with it, */
    uint32_t room;     /* and the most that domain `to` can take */
    uint64_t calls[64]; /* root calls of the busy fibers, the first of them */
};

/* What a move of the component to domain `to` finds. */
struct adopt_look adopt_look (uint32_t component, uint32_t to);

/* Hands its deferred calls over to domain `to`, which has room; it is quiet, and sane.
 * Returns the bytes that were copied. The component itself is still where it was. Domains whose
 * memory was changed are marked in `touched`. */
uint64_t adopt_take (uint32_t component, uint32_t to, bool *touched);

/* Calls visit for each two domains between which answers to those calls will go then. While the
 * machine runs that is a guess. */
void adopt_visit_callers (uint32_t component, uint32_t to,
                          void (*visit) (uint32_t a, uint32_t b));

/* Calls visit for each two domains one of which waits for an answer of the other. */
void adopt_visit_waiting (void (*visit) (uint32_t a, uint32_t b));

/* Makes those ready that wait for the component at a held gate, in the order in which they came
 * there, and says how many they were. Their domains are marked in `touched`. */
uint32_t adopt_release (uint32_t component, bool *touched);

/* Is nothing left to be done in this domain? */
bool adopt_is_drained (uint32_t domain);

#endif
