/* deaths: what the board does when a domain's process has ended, or has to end. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

#include "board/board_inside.h"
#include "board/consult.h"
#include "board/control.h"
#include "board/crash.h"
#include "board/judge.h"
#include "gate/futex.h"
#include "gate/gate.h"
#include "gate/journal.h"
#include "host_time.h"
#include "watch/histogram.h"

/* How often a fresh process is tried that cannot do anything; and for how long, at least, if
 * somebody kills each before it can. */
#define STARTS_MAX 8u
#define STARTS_NS  2000000000u

/* ---- what is said about it ---- */

static void
death_report (struct board *board, uint32_t domain, const char *verdict)
{
    GString *report = board->result->report;
    bool named      = false;

    g_string_append_printf (report, "khimera: %s: domain %s (", verdict,
                            PLAN->domains[domain].name);
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].domain == domain) {
            g_string_append_printf (report, "%s%s", named ? " " : "", PLAN->components[c].name);
            named = true;
        }
    g_string_append (report, ") died\n");
}

/* What a process left behind. Its memory is put back before anybody has time to read that. */
struct remains {
    struct crash_record crash;
    char assertion[sizeof ((struct runtime *)0)->assertion];
};

static struct remains
remains_of (uint32_t domain)
{
    struct remains remains = { .crash = RUNTIME (domain)->crash };

    memcpy (remains.assertion, RUNTIME (domain)->assertion, sizeof remains.assertion);
    return remains;
}

static void
cause_report (struct board *board, const struct death *death, const struct remains *remains)
{
    GString *report = board->result->report;

    if (remains->assertion[0] != '\0')
        g_string_append_printf (report, "%.191s\n", remains->assertion);
    if (death->cause != RS_CRASH)
        g_string_append_printf (report, "%s\n", rs_cause_name (death->cause));
    crash_report (&remains->crash, report);
}

/* ---- why it died ---- */

/* A signal that somebody sent, not one that the processor raised or the filter. */
static bool
was_sent (const struct crash_record *crash, bool asserted)
{
    return crash->code <= 0 && crash->code != SI_TKILL && !(crash->signal == SIGABRT && asserted);
}

static struct death
death_of (struct board *board, uint32_t domain, int signal)
{
    struct child *child             = &board->children[domain];
    const struct crash_record crash = RUNTIME (domain)->crash;
    struct death death              = { .cause = child->cause, .signal = signal };

    death.fiber  = child->stuck;
    child->cause = RS_CRASH;
    child->stuck = 0;
    if (crash.signal != 0)
        death.signal = crash.signal;
    if (death.cause != RS_CRASH)
        return death;
    if (crash.signal == 0 ? signal == SIGKILL
                          : was_sent (&crash, RUNTIME (domain)->assertion[0] != '\0'))
        death.cause = RS_KILLED;
    return death;
}

/* ---- what becomes of it ---- */

/* A domain beside the kernel is gone, and its report goes from `before` on. Everybody learns of it,
 * and if it had the token, the kernel gets it back; or the machine ends, if it cannot do without. */
static void
domain_lost (struct board *board, uint32_t domain, gsize before)
{
    if (recovery_essential (domain)) {
        g_string_append_printf (board->result->report,
                                "khimera: panic: %s is essential and cannot be restarted\n",
                                PLAN->domains[domain].name);
        board_end (board, BOARD_PANIC, 0);
        return;
    }
    control_domain (board->options->control, domain, "dead",
                    board->result->report->str + before);
    atomic_store (&PLAN->domains[domain].state, DOMAIN_DEAD);
    atomic_fetch_add (&PLAN->deaths, 1);
    board->token_look_ns = 0;
    board_ring (DOMAIN_KERNEL);
}

/* A fresh process for a domain whose memory is prepared. */
static bool
domain_come_back (struct board *board, uint32_t domain)
{
    uint64_t until = host_ns () + STARTS_NS;

    for (unsigned start = 1;; start++) {
        g_autoptr (GError) error = NULL;

        if (domain_start (board, domain, &error)) {
            control_domain (board->options->control, domain, "up", NULL);
            return true;
        }
        if (start < STARTS_MAX || (error->code == ZYGOTE_KILLED && host_ns () < until))
            continue;
        g_string_append_printf (board->result->report, "khimera: %s\n", error->message);
        return false;
    }
}

/* The nucleus tells everybody, and has its components start again. */
static void
domain_began_anew (struct board *board, uint32_t domain, bool blamed)
{
    atomic_fetch_add (&PLAN->domains[domain].blamed, blamed);
    atomic_fetch_add (&PLAN->domains[domain].lives, 1);
    atomic_fetch_add (&PLAN->deaths, 1);
    board->token_look_ns = 0;
    board_ring (DOMAIN_KERNEL);
}

/* Who calls a domain that has forgotten everything forgets everything as well. */
static void
dependents_begin_anew (struct board *board, uint32_t domain)
{
    bool dependents[DOMAIN_MAX];

    recovery_dependents (domain, dependents);
    for (uint32_t d = 1; d < PLAN->domain_count && !board->over; d++) {
        if (!dependents[d] || board->children[d].process == 0)
            continue;
        child_signal (&board->children[d], SIGKILL);
        child_bury (&board->children[d]);
        if (!recovery_prepare_anew (board->recovery, d)
            || !domain_come_back (board, d))
            domain_lost (board, d, board->result->report->len);
        else
            domain_began_anew (board, d, true); /* what made the other crash came through here */
    }
}

static void
processes_of (const struct board *board, pid_t *processes)
{
    for (uint32_t d = 0; d < DOMAIN_MAX; d++)
        processes[d] = d < PLAN->domain_count ? board->children[d].process : 0;
}

/* rs is asked. The board remembers too, and decides itself when there is nobody to ask. */
static void
decide (struct board *board, uint32_t domain, const struct rs_report_req *report,
        struct rs_report_rep *decision)
{
    pid_t processes[DOMAIN_MAX];

    processes_of (board, processes);
    rs_ladder (&board->memories[domain], report, decision);
    consult_report (domain, processes, report, decision);
}

static void
decided (struct board *board, uint32_t domain, enum rs_action action)
{
    pid_t processes[DOMAIN_MAX];

    processes_of (board, processes);
    consult_done (domain, processes, action);
}

/* As the policy says, or the next thing that can be done. Answers that; whoever comes back is
 * there again. */
static enum rs_action
domain_act (struct board *board, uint32_t domain, const struct death *death)
{
    uint64_t noticed_ns = host_ns ();
    struct rs_report_req report;
    struct rs_report_rep decision;
    enum rs_action action;
    uint32_t leaves = COMPONENT_NUCLEUS;

    recovery_report (board->recovery, domain, death, &report);
    decide (board, domain, &report, &decision);
    if (decision.own)
        leaves = recovery_component (board->recovery, domain);
    action = recovery_prepare (board->recovery, domain, &decision);
    decided (board, domain, action);
    if (action < RS_OFF && !domain_come_back (board, domain))
        action = RS_OFF;
    if (action < RS_COLD && board->died_ns[domain] == 0)
        board->died_ns[domain] = noticed_ns;
    if (action == RS_DEPENDENTS)
        dependents_begin_anew (board, domain);
    if (action == RS_COLD || action == RS_DEPENDENTS)
        domain_began_anew (board, domain, death->cause != RS_KILLED);
    if (action < RS_OFF && leaves != COMPONENT_NUCLEUS)
        board->isolates[leaves] = true;
    return action;
}

static void
domain_died (struct board *board, uint32_t domain, int signal)
{
    const struct remains remains = remains_of (domain);
    struct death death           = death_of (board, domain, signal);
    bool never                   = recovery_mode (domain) == RESTART_NEVER;
    gsize before                 = board->result->report->len;
    enum rs_action action        = RS_OFF;

    if (board->terminal != UINT32_MAX
        && PLAN->components[PLAN->devices[board->terminal].driver].domain == domain)
        console_settle (board->console);
    if (!never)
        action = domain_act (board, domain, &death);
    /* Names of functions take long to find: the machine runs on meanwhile. */
    death_report (board, domain, action < RS_OFF ? "restarted" : "crash");
    cause_report (board, &death, &remains);
    if (!never)
        g_string_append_printf (board->result->report, "khimera: %s: %s\n",
                                PLAN->domains[domain].name, rs_action_name (action));
    if (action >= RS_OFF)
        domain_lost (board, domain, before);
}

void
board_recoveries_look (struct board *board)
{
    for (uint32_t d = 1; d < PLAN->domain_count; d++) {
        if (board->died_ns[d] == 0 || !PLAN->domains[d].journal
            || !atomic_load (&JOURNAL (d)->stands))
            continue;
        board->result->recoveries++;
        board->result->recovery_times[histogram_bucket (JOURNAL (d)->stood_ns
                                                        - board->died_ns[d])]++;
        board->died_ns[d] = 0;
    }
}

static void
kernel_died (struct board *board, int signal)
{
    const struct remains remains = remains_of (DOMAIN_KERNEL);
    struct death death           = death_of (board, DOMAIN_KERNEL, signal);

    if (atomic_load (&RUNTIME (DOMAIN_KERNEL)->halted)) {
        if (RUNTIME (DOMAIN_KERNEL)->halt_reason[0] != '\0')
            g_string_append_printf (board->result->report, "khimera: %.319s\n",
                                    RUNTIME (DOMAIN_KERNEL)->halt_reason);
        board_end (board, BOARD_HALTED, (int)RUNTIME (DOMAIN_KERNEL)->exit_status);
        return;
    }
    death_report (board, DOMAIN_KERNEL, "kernel panic");
    cause_report (board, &death, &remains);
    board_end (board, BOARD_PANIC, 0);
}

void
board_child_died (struct board *board, uint32_t domain)
{
    int signal = child_bury (&board->children[domain]);

    judge_bury (domain, board->children[domain].cause == RS_VIOLATION);
    if (domain == DOMAIN_KERNEL && atomic_load (&RUNTIME (DOMAIN_KERNEL)->halted))
        mover_give_up (board->mover, "the machine has ended");
    else
        mover_interrupt (board->mover, PLAN->domains[domain].name);
    move_rules_crashed (board->rules, domain);
    if (domain == DOMAIN_KERNEL)
        kernel_died (board, signal);
    else
        domain_died (board, domain, signal);
}

/* ---- hangs ---- */

/* Before it gives up because nothing can happen any more, the kernel asks whether somebody is
 * to blame for that. Everything stands still then, and whoever was put back is done, and has
 * left nothing to run that the kernel does not know of. */
static bool
kernel_asks (struct board *board, uint32_t *question)
{
    const struct runtime *kernel = RUNTIME (DOMAIN_KERNEL);

    *question = atomic_load (&kernel->idle_question);
    if (*question == atomic_load (&PLAN->idle_answer) || !kernel->holds
        || atomic_load (&kernel->running)
        || atomic_load (&kernel->deaths_seen) != atomic_load (&PLAN->deaths))
        return false;
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (board->children[d].process != 0
            && (board->children[d].cause != RS_CRASH || atomic_load (&RUNTIME (d)->running)
                || (PLAN->domains[d].journal && atomic_load (&JOURNAL (d)->ready))))
            return false;
    return true;
}

void
board_hangs_look (struct board *board)
{
    pid_t processes[DOMAIN_MAX] = { 0 };
    struct death death;
    uint32_t domain, question;
    bool idle = kernel_asks (board, &question);

    if (board->over)
        return;
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        processes[d] = board->children[d].process;
    if (hangs_look (&board->hangs, processes, idle, &domain, &death)) {
        board->children[domain].cause = death.cause;
        board->children[domain].stuck = death.fiber;
        /* Who uses the CPU can say where: its handlers leave a trace. Whoever does not die of
         * that is found again. */
        child_signal (&board->children[domain],
                      death.cause == RS_SPUN && RUNTIME (domain)->crash.signal == 0 ? SIGABRT
                                                                                    : SIGKILL);
    } else if (idle) {
        atomic_store (&PLAN->idle_answer, question);
        board_ring (DOMAIN_KERNEL);
    }
}
