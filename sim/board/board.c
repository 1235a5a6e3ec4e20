#define _GNU_SOURCE
#include "board/board_inside.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board/console.h"
#include "board/control.h"
#include "board/zygote.h"
#include "fault/rules.h"
#include "gate/futex.h"
#include "gate/gate.h"
#include "guest/mailbox.h"
#include "gate/journal.h"
#include "host_time.h"

/* How often the board looks around when nothing calls it. */
#define TICK_MS        20
#define TICK_RECORD_MS 1
#define TICK_FAULTS_MS 2
/* How long who is just being put back when the machine ends may take to get there. */
#define REPLAY_NS 1000000000u

void
board_end (struct board *board, enum board_end how, int status)
{
    if (board->over)
        return;
    board->over           = true;
    board->result->end    = how;
    board->result->status = status;
}

/* ---- processes ---- */

void
board_ring (uint32_t domain)
{
    atomic_fetch_add (&DOOR (domain)->bell, 1);
    futex_wake (&DOOR (domain)->bell);
}

bool
domain_start (struct board *board, uint32_t domain, GError **error)
{
    struct child *child = &board->children[domain];

    child->process = zygote_fork (board->zygote, domain, &child->pidfd, error);
    if (child->process < 0) {
        child->process = 0;
        return false;
    }
    atomic_fetch_add (&PLAN->domains[domain].generation, 1);
    atomic_store (&PLAN->domains[domain].state, DOMAIN_UP);
    return true;
}

/* Real programs need processes: from the boot on if files came with the machine, else from
 * when the kernel first wants one. */
static void
nursery_start (struct board *board)
{
    g_autoptr (GError) error = NULL;

    if (PLAN->ram_bytes == 0 || board->nursery.process != 0)
        return;
    board->nursery.process = zygote_fork_nursery (board->zygote, &board->nursery.pidfd, &error);
    if (board->nursery.process > 0)
        return;
    board->nursery.process = 0;
    g_string_append_printf (board->result->report, "khimera: %s\n", error->message);
    board_end (board, BOARD_FAILED, 0);
}

static void
nursery_look (struct board *board)
{
    siginfo_t info = { 0 };

    if (PLAN->ram_bytes == 0 || board->over)
        return;
    if (board->nursery.process == 0) {
        if (atomic_load (&GUEST_HOUSE->wanted) != 0)
            nursery_start (board);
        return;
    }
    if (waitid (P_PIDFD, (id_t)board->nursery.pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid == 0)
        return;
    child_bury (&board->nursery);
    g_string_append (board->result->report,
                     "khimera: the process that makes those of programs died\n");
    board_end (board, BOARD_FAILED, 0);
}

static bool
domains_start (struct board *board)
{
    uint64_t begin          = host_ns ();
    g_autoptr (GError) error = NULL;

    /* Beside the domains, so that the first program need not wait for its process. */
    if (PLAN->archive_bytes != 0 && PLAN->ram_bytes != 0) {
        atomic_store (&GUEST_HOUSE->wanted, 1);
        nursery_start (board);
    }
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (!domain_start (board, d, &error)) {
            g_string_append_printf (board->result->report, "khimera: %s\n", error->message);
            board_end (board, BOARD_FAILED, 0);
            return false;
        }
    board->result->boot_ns = host_ns () - begin;
    atomic_store (&PLAN->go, 1);
    board_ring (DOMAIN_KERNEL);
    return true;
}

/* ---- a fresh process for a domain that does not hold the token ---- */

static void
replace_one (struct board *board)
{
    uint32_t domain      = board->replace_next++ % PLAN->domain_count;
    struct child *child  = &board->children[domain];
    g_autoptr (GError) error = NULL;

    if (child->process == 0 || atomic_load (&RUNTIME (DOMAIN_KERNEL)->halted)
        || !child_stop (child))
        return;
    if (atomic_load (&RUNTIME (domain)->running)) {
        child_signal (child, SIGCONT);
        return;
    }
    child_signal (child, SIGKILL);
    child_bury (child);
    if (!domain_start (board, domain, &error)) {
        g_string_append_printf (board->result->report, "khimera: %s\n", error->message);
        board_end (board, BOARD_FAILED, 0);
        return;
    }
    board->result->replaced++;
}

/* ---- what comes from outside ---- */

void
board_interrupt (struct board *board)
{
    atomic_fetch_add (&PLAN->interrupts[board->terminal], 1);
    atomic_fetch_add (&PLAN->interrupt_total, 1);
    board_ring (DOMAIN_KERNEL);
}

static void
signal_take (struct board *board)
{
    struct signalfd_siginfo info;

    if (read (board->signals, &info, sizeof info) != sizeof info)
        return;
    switch (info.ssi_signo) {
    case SIGWINCH:
        if (board->terminal != UINT32_MAX && console_resize (board->console))
            board_interrupt (board);
        break;
    case SIGCHLD:
    case SIGPIPE:
        break;
    default:
        board->signal  = (int)info.ssi_signo;
        board->lingers = false;
        if (board->grace_until_ns != 0) {
            board_end (board, BOARD_SIGNAL, board->signal);
            break;
        }
        board->grace_until_ns = host_ns () + GRACE_NS;
        atomic_store (&PLAN->stopping, 1);
        board_ring (DOMAIN_KERNEL);
    }
}

static int
signals_open (sigset_t *before)
{
    static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGPIPE, SIGCHLD };
    sigset_t set;

    sigemptyset (&set);
    for (size_t i = 0; i < G_N_ELEMENTS (watched); i++)
        sigaddset (&set, watched[i]);
    sigprocmask (SIG_BLOCK, &set, before);
    return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- the loop ---- */

static void
look (struct board *board)
{
    struct pollfd polls[DOMAIN_MAX + 3 + CONTROL_POLLS_MAX];
    uint32_t domains[DOMAIN_MAX];
    nfds_t count = 0, clients;
    Control *control = board->options->control;
    int patience = board->options->events != NULL ? TICK_RECORD_MS : TICK_MS;

    if (atomic_load (&RUNTIME (DOMAIN_KERNEL)->deaths_seen) != atomic_load (&PLAN->deaths))
        patience = MIN (patience, TOKEN_LOOK_MS);
    if (PLAN->fault_count != 0)
        patience = MIN (patience, TICK_FAULTS_MS);
    if (board->result->replaced < board->options->replace)
        patience = 0;
    patience = board_moves_patience (board, patience);
    polls[count++] = (struct pollfd){ .fd = board->signals, .events = POLLIN };
    polls[count++] = (struct pollfd){ .fd = board->machine->terminal_in, .events = POLLIN };
    polls[count++] = (struct pollfd){ .fd = console_wants_input (board->console) ? STDIN_FILENO : -1,
                                      .events = POLLIN };
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (board->children[d].process != 0) {
            domains[count - 3] = d;
            polls[count++] = (struct pollfd){ .fd = board->children[d].pidfd, .events = POLLIN };
        }
    clients = control_polls (control, &polls[count]);
    poll (polls, count + clients, control_patience (control, patience));
    if (polls[0].revents != 0)
        signal_take (board);
    if (polls[1].revents != 0)
        console_output (board->console, false);
    if (polls[2].revents != 0)
        console_input (board->console);
    for (nfds_t i = 3; i < count; i++)
        if (polls[i].revents != 0)
            board_child_died (board, domains[i - 3]);
    control_serve (control, &polls[count], (unsigned)clients);
    if (board->terminal != UINT32_MAX && console_feed (board->console))
        board_interrupt (board);
    if ((board->terminal == UINT32_MAX || console_over (board->console))
        && !atomic_load (&PLAN->input_over)) {
        atomic_store (&PLAN->input_over, 1);
        board_ring (DOMAIN_KERNEL);
    }
    if (board->events != NULL)
        event_export_drain (board->events);
    if (fault_cuts_power () && !board->over)
        board_power_cut (board);
    nursery_look (board);
    if (PLAN->fault_count != 0)
        board_lost_messages_look (board);
    board_accusations_hear (board);
    board_hangs_look (board);
    board_recoveries_look (board);
    board_nudges_take (board);
    board_token_look (board);
    board_snapshots_take (board);
    board_moves_look (board);
    report_trim (board->result->report, &board->report_cut);
}

/* Has nothing happened in the machine for as long as whoever started it is patient? */
static bool
stands_still (struct board *board, uint64_t now)
{
    uint64_t progress = 0;

    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        progress += atomic_load (&WATCH (d)->written) + RUNTIME (d)->token.now;
    if (progress != board->progress || board->progressed_ns == 0) {
        board->progress      = progress;
        board->progressed_ns = now;
    }
    return now - board->progressed_ns > board->options->patience_ms * 1000000u;
}

static bool
takes_too_long (struct board *board, uint64_t now)
{
    const struct board_options *options = board->options;

    return (options->timeout_ms != 0
            && now - board->started_ns > options->timeout_ms * 1000000u)
           || (options->patience_ms != 0 && stands_still (board, now))
           || (options->virtual_max_ns != 0
               && RUNTIME (DOMAIN_KERNEL)->token.now > NS_TO_CYCLES (options->virtual_max_ns));
}

static void
deadlines (struct board *board)
{
    uint64_t now = host_ns ();

    if (takes_too_long (board, now))
        board_end (board, BOARD_TIMEOUT, 0);
    if (board->grace_until_ns != 0 && now > board->grace_until_ns)
        board_end (board, BOARD_SIGNAL, board->signal);
}

void
children_end (struct board *board)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (board->children[d].process != 0) {
            child_signal (&board->children[d], SIGKILL);
            child_bury (&board->children[d]);
        }
}

/* How a machine ended that nobody wanted to end; NULL: somebody did. */
static const char *
wreck (const struct board *board)
{
    if (board->result->quit || board->result->reboot || board->grace_until_ns != 0
        || !board->runs)
        return NULL;
    switch (board->result->end) {
    case BOARD_PANIC:
        return "panic";
    case BOARD_POWER_CUT:
        return "power cut";
    case BOARD_HALTED: /* by itself */
        return RUNTIME (DOMAIN_KERNEL)->halt_reason[0] != '\0' ? "gave up" : NULL;
    case BOARD_FAILED:
        return "could not go on";
    default:
        return NULL;
    }
}

/* The machine is dead. Whoever looks at it may go on looking. */
static void
linger (struct board *board, const char *reason)
{
    Control *control = board->options->control;

    console_output (board->console, true);
    board->lingers = true;
    control_over (control, CONTROL_DEAD, reason, board->result->report->str, 0);
    while (board->lingers) {
        struct pollfd polls[1 + CONTROL_POLLS_MAX];
        unsigned clients = control_polls (control, &polls[1]);

        polls[0] = (struct pollfd){ .fd = board->signals, .events = POLLIN };
        poll (polls, clients + 1, control_patience (control, TICK_MS));
        if (polls[0].revents != 0)
            signal_take (board);
        control_serve (control, &polls[1], clients);
    }
}

/* What viewers are told of the end. */
static void
over_tell (struct board *board)
{
    static const char *const ends[]
        = { "halted", "panic", "timeout", "signal", "could not run", "power cut" };
    const struct board_result *result = board->result;

    control_over (board->options->control, CONTROL_ENDED,
                  result->quit ? "quit" : ends[result->end],
                  result->report->str,
                  result->status);
}

/* Whoever is being put back gets to where it was: what is left of the machine is looked at. */
static void
replays_end (const struct board *board)
{
    uint64_t until = host_ns () + REPLAY_NS;

    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        while (PLAN->domains[d].journal && board->children[d].process != 0
               && !atomic_load (&JOURNAL (d)->stands) && host_ns () < until)
            poll (NULL, 0, 1);
}

static void
finish (struct board *board)
{
    replays_end (board);
    board_recoveries_look (board);
    board_audits_end (board);
    children_end (board);
    if (board->nursery.process != 0) {
        child_signal (&board->nursery, SIGTERM); /* it ends its children first */
        child_bury (&board->nursery);
    }
    if (board->zygote != NULL)
        zygote_free (board->zygote);
    board_moves_end (board);
    recovery_free (board->recovery);
    console_output (board->console, true);
    board->result->output_lost = console_output_lost (board->console);
    console_free (board->console);
    if (board->events != NULL) {
        event_export_drain (board->events);
        board->result->events_lost = !event_export_free (board->events);
    }
    if (board->grace_until_ns != 0 && board->result->end == BOARD_HALTED) {
        board->result->end    = BOARD_SIGNAL;
        board->result->status = board->signal;
    }
}

static uint32_t
terminal_device (void)
{
    for (uint32_t i = 0; i < PLAN->device_count; i++)
        if (strcmp (PLAN->devices[i].kind, "terminal") == 0)
            return i;
    return UINT32_MAX;
}

static void
say (void *data, const void *bytes, size_t count)
{
    Board *board = data;

    if (!board->has_spoken && board->options->spoke != NULL)
        board->options->spoke (board->options->spoke_data);
    board->has_spoken = true;
    control_console (board->options->control, bytes, count);
}

void
board_run (Machine *machine, const struct board_options *options, struct board_result *result)
{
    struct board board       = { .machine = machine, .options = options, .result = result };
    g_autoptr (GError) error = NULL;
    sigset_t before;

    *result           = (struct board_result){ .report = g_string_new (NULL) };
    PLAN->live        = options->input == BOARD_INPUT_TERMINAL
                 || options->input == BOARD_INPUT_BOARD;
    PLAN->brake.speed = PLAN->live ? SPEED_ONE : 0;
    PLAN->brake.pause = options->paused;
    PLAN->brake.on    = (PLAN->fault_count != 0 ? BRAKE_FAULTS : 0)
                     | (options->events != NULL ? BRAKE_RECORD : 0)
                     | (PLAN->live || options->paused ? BRAKE_ON : 0);
    board.terminal    = terminal_device ();
    board.signals     = signals_open (&before);
    board.zygote      = zygote_new (machine, &error);
    board.recovery    = recovery_new (machine);
    hangs_begin (&board.hangs);
    board_moves_begin (&board);
    board.console     = console_new (options->input,
                                     board.terminal != UINT32_MAX
                                             ? (struct terminal *)ADDRESS_DEVICE (board.terminal)
                                             : NULL,
                                     machine->terminal_in);
    console_listen (board.console, say, &board);
    if (options->events != NULL)
        board.events = event_export_new (options->events);
    control_begin (options->control, &board);
    if (board.zygote == NULL) {
        g_string_append_printf (result->report, "khimera: %s\n", error->message);
        board_end (&board, BOARD_FAILED, 0);
    } else {
        if (board.terminal != UINT32_MAX && console_feed (board.console))
            board_interrupt (&board);
        board.runs = domains_start (&board);
        if (board.runs && options->ready != NULL)
            options->ready (options->ready_data);
    }
    board.started_ns = host_ns ();
    while (!board.over) {
        look (&board);
        if (!board.over && board.result->replaced < options->replace
            && !mover_is_busy (board.mover))
            replace_one (&board);
        deadlines (&board);
    }
    result->host_ns = host_ns () - board.started_ns;
    if (options->linger && wreck (&board) != NULL) {
        children_end (&board);
        linger (&board, wreck (&board));
    }
    finish (&board);
    if (!result->reboot)
        over_tell (&board);
    close (board.signals);
    sigprocmask (SIG_SETMASK, &before, NULL);
}
