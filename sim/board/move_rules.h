/* move_rules: a machine file's rules on who moves by himself, when, and where to.
 *
 * They are looked at at fixed virtual times, so what they do is part of the deterministic run as
 * far as what they look at is.
 */
#ifndef SIM_BOARD_MOVE_RULES_H
#define SIM_BOARD_MOVE_RULES_H

#include "board/move.h"

typedef struct MoveRules MoveRules;

/* `rules`: struct rule_config; they must outlive it. */
MoveRules *move_rules_new (const GPtrArray *rules, Mover *mover);
void move_rules_free (MoveRules *rules);
/* A domain has crashed, with all that lives there. */
void move_rules_crashed (MoveRules *rules, uint32_t domain);
/* When the machine has come to the time to look at them: does what they say. */
void move_rules_look (MoveRules *rules, Mover *mover);
/* A move is over. */
void move_rules_told (MoveRules *rules, Mover *mover, const struct move_result *result);

#endif
