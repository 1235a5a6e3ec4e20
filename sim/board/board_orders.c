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

/* A replay counts what a rule counted, so a rule must begin and end at a virtual time that
 * nobody has reached: the machine stands meanwhile. */
bool
board_fault (Board *board, const struct fault_rule *rule, uint16_t component)
{
    struct fault_rule from_now = *rule;
    bool alive[DOMAIN_MAX], armed;

    domains_stop (board, alive);
    from_now.from = MAX (rule->from, now_latest (board) + 1);
    armed         = fault_arm (&from_now, component);
    domains_continue (board, alive);
    return armed;
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
