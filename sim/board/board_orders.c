/* board_orders: what whoever controls a running board may have it do; see board.h. */
#include "board/board_inside.h"

#include <signal.h>

#include "board/power.h"
#include "fault/rules.h"
#include "gate/gate.h"
#include "host_time.h"

size_t
board_type (Board *board, const void *bytes, size_t count)
{
    return console_type (board->console, bytes, count);
}

bool
board_takes_input (const Board *board)
{
    return board->terminal != UINT32_MAX && console_takes_input (board->console);
}

void
board_resize (Board *board, uint16_t rows, uint16_t columns)
{
    if (board->terminal != UINT32_MAX && console_resize_to (board->console, rows, columns))
        board_interrupt (board);
}

bool
board_kill (Board *board, uint32_t domain)
{
    if (board->children[domain].process == 0)
        return false;
    child_signal (&board->children[domain], SIGKILL);
    return true;
}

void
board_power_cut (Board *board)
{
    children_end (board);
    power_cut (board->machine);
    g_string_append (board->result->report, "khimera: the power was cut\n");
    board_end (board, BOARD_POWER_CUT, 0);
}

void
board_quit (Board *board)
{
    board->result->quit = true;
    board->lingers      = false;
    if (board->over || board->grace_until_ns != 0)
        return;
    board->signal         = SIGTERM;
    board->grace_until_ns = host_ns () + GRACE_NS;
    atomic_store (&PLAN->stopping, 1);
    board_ring (DOMAIN_KERNEL);
}

bool
board_reboot (Board *board)
{
    if (!board->options->linger)
        return false;
    board->result->reboot = true;
    board->lingers        = false;
    if (!board->over) {
        children_end (board);
        board_end (board, BOARD_HALTED, 0);
    }
    return true;
}

/* The machine's present: nobody's clock is beyond it, nor was before it was put back. */
static uint64_t
now_latest (const Board *board)
{
    uint64_t now = recovery_latest (board->recovery);

    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        now = MAX (now, RUNTIME (d)->token.now);
    return now;
}

/* Where there is a place for one more rule: the first that nobody ever had, or that of the oldest
 * rule which no replay needs any more. FAULT_RULES_MAX: there is none. */
static uint32_t
place_find (const Board *board, uint64_t now)
{
    uint32_t found = PLAN->fault_count;

    for (uint32_t i = 0; PLAN->fault_count == FAULT_RULES_MAX && i < FAULT_RULES_MAX; i++) {
        const struct fault_rule *rule = &PLAN->faults[i];
        uint32_t domain               = PLAN->components[rule->component].domain;

        if (fault_is_spent (i, now)
            && !fault_is_replayed (i, recovery_since (board->recovery, domain))
            && (found == FAULT_RULES_MAX || rule->serial < PLAN->faults[found].serial))
            found = i;
    }
    return found;
}

/* A replay counts what a rule counted, so a rule must begin and end at a virtual time that
 * nobody has reached: the machine stands meanwhile. */
uint32_t
board_fault (Board *board, const struct fault_rule *rule, uint16_t component)
{
    struct fault_rule from_now = *rule;
    bool alive[DOMAIN_MAX];
    uint32_t number;
    uint64_t now;

    domains_stop (board, alive);
    now           = now_latest (board) + 1;
    from_now.from = MAX (rule->from, now);
    number        = place_find (board, now);
    if (number != FAULT_RULES_MAX)
        fault_arm (&from_now, component, number);
    domains_continue (board, alive);
    return number;
}

void
board_fault_clear (Board *board, uint32_t number)
{
    bool alive[DOMAIN_MAX];

    domains_stop (board, alive);
    for (uint32_t i = 0; i < PLAN->fault_count; i++)
        if (number == 0 || i + 1 == number)
            fault_disarm (i, now_latest (board) + 1);
    domains_continue (board, alive);
}

pid_t
board_process (const Board *board, uint32_t domain)
{
    return board->children[domain].process;
}

uint64_t
board_started_ns (const Board *board)
{
    return board->started_ns;
}
