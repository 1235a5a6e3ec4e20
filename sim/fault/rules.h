/* rules: from what a person wrote to rules in the plan, and what came of them. In the board
 * and the tools; uses GLib. */
#ifndef SIM_FAULT_RULES_H
#define SIM_FAULT_RULES_H

#include <glib.h>
#include <stdbool.h>

#include "component.h"
#include "fault/rule.h"

/* A [fault NAME] section, or the same from a command. Strings are owned. */
struct fault_config {
    char *name;
    char *component;
    char *operation; /* NULL: any */
    bool has_kind;
    bool sectors; /* it says which */
    struct fault_rule rule;
};

void fault_config_init (struct fault_config *fault, const char *name, uint64_t seed);
void fault_config_clear (struct fault_config *fault);
/* Takes one key, whose value the schema has found right. */
void fault_config_take (struct fault_config *fault, const char *key, const char *text);
/* What of it does not go together, for a component of that class, and what to write instead;
 * *key is the one that is wrong. NULL: all is well, and the rule is ready but for the number
 * of its component. The answer is owned by the caller. */
char *fault_config_wrong (struct fault_config *fault, const struct component_class *class_,
                          const char **key);

/* Puts the rule into the plan, about that component, in this place: one of those in use, whose
 * rule is then forgotten, or the first that is not. The machine must stand still, or not run yet. */
void fault_arm (const struct fault_rule *rule, uint16_t component, uint32_t number);
/* The rule ends at that virtual time. */
void fault_disarm (uint32_t number, uint64_t now);
/* Will the rule not strike again from this virtual time on: has it ended, or struck as often as it
 * may? */
bool fault_is_spent (uint32_t number, uint64_t now);
/* Would a component that does again what it did since then be struck again, or come by what it was
 * struck with? */
bool fault_is_replayed (uint32_t number, uint64_t since);
/* Has a rule struck that cuts the power? */
bool fault_cuts_power (void);
/* How often a rule has struck, and when last: cycles of virtual time. */
uint32_t fault_fired (uint32_t number);
uint64_t fault_fired_at (uint32_t number);
/* How many opportunities it had, as far as what was put back has come. */
uint32_t fault_seen (uint32_t number);

#endif
