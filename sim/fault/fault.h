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

/* What strikes when a handler is through. It is on the stack of whoever calls the handler, and so
 * in a snapshot that is taken meanwhile. */
struct fault_service {
    const struct fault_rule *after; /* NULL: nothing */
    struct fault_record *record;
    uint32_t serial; /* of the rule: its place may be another's by then */
    uint32_t seen;   /* at which opportunity */
};

/* The component is about to serve a call, and has served it: whatever is to go wrong before and
 * after. The handler itself is called by the caller of both, at the depth of stack that it has
 * without any fault: a rule may come while the machine runs, and what is done again then must find
 * all addresses as they were. True: the call is refused, for want of a descriptor. */
bool fault_before (struct fault_service *service, Component *self, uint8_t interface,
                   unsigned operation);
void fault_after (const struct fault_service *service, Component *self);
/* Is the component's arena to be full now? */
bool fault_alloc (Component *self);
/* Is the domain to have no fiber for this request? */
bool fault_fiber (const struct message *request);
/* Is the kernel to have none for what it has to do itself? */
bool fault_service (void);

/* What is to go wrong with this command of a disk: FAULT_KINDS if nothing, or a kind of those
 * AT_DISK and a number to choose with. */
struct disk;
struct disk_command;
enum fault_kind fault_disk (const struct disk *disk, const struct disk_command *command,
                            uint64_t *draw);
/* Waits for the board, which will cut the power. */
_Noreturn void fault_power_cut (void);

/* In the place of channel_post, while anything may go wrong. */
void fault_post (uint16_t to, struct message *message, const void *bulk);
/* Is what this sender's half holds not what was sent? Waits a moment if so. */
bool fault_damaged (uint32_t sender);
/* Sends the last message once more, if it is the one that the board says is lost. */
void fault_resend (void);

/* ---- inside sim/fault ---- */

/* An opportunity for something to go wrong. */
struct fault_chance {
    Component *self;
    enum fault_place place;
    uint16_t interface, operation; /* FAULT_ANY: not about one */
    /* Is it one of those that the rule counts? NULL: yes. */
    bool (*concerns) (const struct fault_rule *rule, const void *data);
    /* The rule strikes. True: that is enough. */
    bool (*strike) (const struct fault_rule *rule, struct fault_record *record, void *data);
    void *data; /* for these two */
};

/* Lets each rule strike whose turn it is, until one says that it is enough: then true. */
bool fault_look (const struct fault_chance *chance);
/* 64 bits that depend on the rule and on how often it was looked at. */
uint64_t fault_draw (const struct fault_rule *rule, uint32_t seen);

/* Those that do not come back. */
void fault_crash (enum fault_kind kind);
void fault_hang (enum fault_kind kind);
/* Writes over eight bytes somewhere in what this domain maps. */
void fault_wild (uint64_t draw);

#endif
