/* fault: how a domain comes by the rules of what is to go wrong (rule.h).
 *
 * When no rule exists all of this is one test of a word that every call looks at anyway.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "gate/gate.h"

static inline bool
faults_on (void)
{
    return __builtin_expect ((atomic_load_explicit (&PLAN->brake.on, memory_order_relaxed)
                              & BRAKE_FAULTS) != 0, 0);
}

/* Lets the handler serve the call, with whatever goes wrong before and after it. */
enum status fault_serve (handler *function, Component *self, struct call *call,
                         uint8_t interface, unsigned operation, const void *request, void *reply);
/* Is the component's arena to be full now? */
bool fault_alloc (Component *self);
/* Is the domain to have no fiber for this request? */
bool fault_fiber (const struct message *request);

/* ---- inside sim/fault ---- */

/* Calls strike for each rule of the component at that place that strikes now, until it
 * answers true; answers whether one did. An operation is of an interface, or FAULT_ANY. */
typedef bool fault_strike (const struct fault_rule *rule, struct fault_record *record,
                           void *data);
bool fault_look (Component *self, enum fault_place place, uint16_t interface,
                 uint16_t operation, fault_strike *strike, void *data);
/* 64 bits that depend on the rule and on how often it was looked at. */
uint64_t fault_draw (const struct fault_rule *rule, uint32_t seen);

/* Those that do not come back. */
void fault_crash (enum fault_kind kind);
void fault_hang (enum fault_kind kind);
/* Writes over eight bytes somewhere in what this domain maps. */
void fault_wild (uint64_t draw);

#endif
