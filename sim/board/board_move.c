/* board_move: when the board's mover is asked to do something, and who learns of it. */
#include <string.h>

#include "board/board_inside.h"
#include "board/control.h"
#include "board/stand.h"

/* What the policy of crashes wants: a process of its own. Nobody but the board would ask again. */
#define ISOLATION "it crashed in a shared process"

static void
isolations_look (struct board *board)
{
    for (uint32_t c = 0; c < PLAN->component_count && !mover_is_busy (board->mover); c++) {
        g_autofree char *error = NULL;

        if (!board->isolates[c])
            continue;
        board->isolates[c] = false;
        if (!mover_ask (board->mover, c, "own", 0, ISOLATION, &error))
            g_string_append_printf (board->result->report, "khimera: %s stays where it is: %s\n",
                                    PLAN->components[c].name, error);
    }
}

static void
told (void *data, const struct move_result *result)
{
    struct board *board = data;

    if (board->schedule != NULL)
        move_schedule_told (board->schedule, board->mover, result);
    if (board->rules != NULL)
        move_rules_told (board->rules, board->mover, result);
    if (result->interrupted && strcmp (result->reason, ISOLATION) == 0)
        board->isolates[result->component] = true;
    if (board->schedule == NULL || !move_schedule_hurries (board->schedule))
        move_describe (result, board->result->report);
    control_moved (board->options->control, result);
}

void
board_moves_begin (struct board *board)
{
    const struct mover_world world = { .machine  = board->machine,
                                       .zygote   = board->zygote,
                                       .recovery = board->recovery,
                                       .children = board->children,
                                       .told     = told,
                                       .data     = board };

    board->mover = mover_new (&world);
    if ((board->options->moves != NULL && board->options->moves->len != 0)
        || board->options->random_moves != 0)
        board->schedule
            = move_schedule_new (board->options->moves, board->options->random_moves,
                                 board->mover);
    else if (board->options->rules != NULL && board->options->rules->len != 0)
        board->rules = move_rules_new (board->options->rules, board->mover);
}

void
board_moves_look (struct board *board)
{
    if (board->over)
        return;
    if (board->grace_until_ns != 0 || atomic_load (&PLAN->stopping))
        mover_give_up (board->mover, "the machine halts");
    else if (board->schedule != NULL)
        move_schedule_look (board->schedule, board->mover);
    else if (board->rules != NULL)
        move_rules_look (board->rules, board->mover);
    if (atomic_load (&PLAN->stopping) == 0)
        isolations_look (board);
    stand_await ();
    mover_look (board->mover, board->schedule == NULL && board->rules == NULL);
}

void
board_moves_end (struct board *board)
{
    mover_free (board->mover);
    if (board->schedule != NULL)
        move_schedule_report (board->schedule, board->result->report);
    move_schedule_free (board->schedule);
    move_rules_free (board->rules);
}

int
board_moves_patience (const struct board *board, int patience_ms)
{
    return mover_patience_ms (board->mover, patience_ms);
}

bool
board_move (Board *board, uint32_t component, const char *domain, char **error)
{
    return mover_ask (board->mover, component, domain, 0, "", error);
}
