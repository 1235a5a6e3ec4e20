/* board_watch: what the board looks after each time it looks around: tokens and messages that got
 * lost, accusations, journals that fill up, and whether what is kept is what it should be.
 */
#include "board/board_inside.h"

#include <signal.h>

#include "board/audit.h"
#include "board/judge.h"
#include "board/resend.h"
#include "board/snapshot.h"
#include "board/token.h"
#include "gate/futex.h"
#include "gate/gate.h"
#include "gate/journal.h"
#include "host_time.h"

bool
domains_stop (struct board *board, bool alive[DOMAIN_MAX])
{
    bool all = true;

    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        alive[d] = board->children[d].process != 0;
        if (alive[d])
            all &= child_stop (&board->children[d]);
    }
    return all;
}

void
domains_continue (struct board *board, const bool alive[DOMAIN_MAX])
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (alive[d])
            child_signal (&board->children[d], SIGCONT);
}

/* A domain has died, and the kernel does not know yet. Did the token go with it, or go to it
 * since? Once the kernel knows, nobody gives it to the dead any more. */
void
board_token_look (struct board *board)
{
    bool alive[DOMAIN_MAX], all;

    if (board->over || host_ns () < board->token_look_ns
        || (atomic_load (&RUNTIME (DOMAIN_KERNEL)->deaths_seen) == atomic_load (&PLAN->deaths)
            && !board->token_doubt))
        return;
    board->token_look_ns = host_ns () + TOKEN_LOOK_MS * 1000000u;
    all = domains_stop (board, alive);
    if (all && token_is_lost (alive))
        token_give_back (alive);
    board->token_doubt &= !all;
    domains_continue (board, alive);
    board_ring (DOMAIN_KERNEL);
}

/* One domain has refused a message of another. A domain whose messages are malformed, or not
 * its to send, is broken or hostile: it ends. If nobody can be shown to be, nobody ends; the
 * message is not taken, and if the token was in it, the kernel gets it
 * back. */
static void
accusation_judge (struct board *board, uint32_t accuser, uint32_t accusation)
{
    uint32_t accused = (accusation & ~ACCUSED_UNEARNED) - 1;
    bool unearned    = (accusation & ACCUSED_UNEARNED) != 0;
    struct verdict verdict;
    bool alive[DOMAIN_MAX];

    if (!domains_stop (board, alive)) {
        atomic_store (&RUNTIME (accuser)->violator, accusation); /* one ends: once more, then */
        domains_continue (board, alive);
        return;
    }
    verdict = judge (accuser, accused, unearned);
    if (verdict.guilty == accused)
        judge_discard (accuser, accused);
    board->token_doubt |= verdict.guilty == DOMAIN_MAX && !unearned;
    if (verdict.guilty != DOMAIN_MAX && board->children[verdict.guilty].process != 0) {
        g_string_append_printf (board->result->report, "khimera: domain %s %s (seen by %s)\n",
                                PLAN->domains[verdict.guilty].name, verdict.of,
                                PLAN->domains[accuser].name);
        board->children[verdict.guilty].cause = RS_VIOLATION;
        child_signal (&board->children[verdict.guilty], SIGKILL);
        judge_bury (verdict.guilty, true);
    }
    domains_continue (board, alive);
    board_ring (accuser);
}

void
board_accusations_hear (struct board *board)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        uint32_t accusation = atomic_exchange (&RUNTIME (d)->violator, 0);

        if ((accusation & ~ACCUSED_UNEARNED) - 1 < PLAN->domain_count)
            accusation_judge (board, d, accusation);
    }
}

static bool
is_sound (struct board *board, uint32_t domain)
{
    g_autofree char *difference = NULL;

    board->result->audits++;
    if (audit_agrees (board->machine, board->zygote, board->recovery, domain, &difference))
        return true;
    board->result->audits_differ++;
    g_string_append_printf (board->result->report, "khimera: audit: domain %s: %s\n",
                            PLAN->domains[domain].name, difference);
    return false;
}

/* Every so often: is what would be kept what it should be? */
static bool
snapshot_is_good (struct board *board, uint32_t domain)
{
    return board->machine->audit == 0 || ++board->audits[domain] % board->machine->audit != 0
           || is_sound (board, domain);
}

/* What no snapshot came to see. */
void
board_audits_end (struct board *board)
{
    if (board->machine->audit == 0 || board->result->end != BOARD_HALTED)
        return;
    for (uint32_t domain = 1; domain < PLAN->domain_count; domain++) {
        struct child *child = &board->children[domain];

        if (child->process != 0 && recovery_last (board->recovery, domain)->data != NULL
            && atomic_load (&JOURNAL (domain)->stands) && child_stop (child)
            && !atomic_load (&RUNTIME (domain)->running))
            is_sound (board, domain);
    }
}

/* Domains that keep a journal get a new snapshot before it is full. */
void
board_snapshots_take (struct board *board)
{
    for (uint32_t domain = 1; domain < PLAN->domain_count; domain++) {
        struct child *child = &board->children[domain];

        if (child->process == 0 || !recovery_wants_snapshot (board->recovery, domain)
            || !child_stop (child))
            continue;
        if (!atomic_load (&RUNTIME (domain)->running)) {
            if (!snapshot_is_good (board, domain)) {
                child->cause = RS_MISMATCH;
                child_signal (child, SIGKILL);
                continue;
            }
            recovery_snapshot (board->recovery, domain);
            futex_wake (&JOURNAL (domain)->full);
        }
        child_signal (child, SIGCONT);
    }
}

void
board_lost_messages_look (struct board *board)
{
    uint32_t sender = resend_look (&board->unarrived_hop);

    if (sender != DOMAIN_MAX)
        board_ring (sender);
}

/* A domain that was put back has fibers ready that the token knows nothing of. */
void
board_nudges_take (struct board *board)
{
    for (uint32_t d = 1; d < PLAN->domain_count; d++) {
        if (!PLAN->domains[d].journal || board->children[d].process == 0
            || !atomic_exchange (&JOURNAL (d)->ready, 0))
            continue;
        atomic_fetch_add (&PLAN->domains[d].nudges, 1);
        atomic_fetch_add (&PLAN->deaths, 1);
        board_ring (DOMAIN_KERNEL);
    }
}
