/* However a viewer, a machine or a server ends, the terminal is given back, and what is left
 * can still be looked at. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "ui/session.h"

/* All that end a process which does nothing about them, as it is with SIGXFSZ; those of real
 * time are alike. */
static const int deadly[]
    = { SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP,   SIGABRT, SIGBUS,  SIGFPE,
        SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE,   SIGALRM, SIGTERM, SIGSTKFLT,
        SIGXCPU, SIGPROF, SIGIO,   SIGVTALRM, SIGPWR,  SIGSYS };

/* The terminal's own are for what draws, and a pipe that breaks for nobody. */
static bool
is_survived (int number, bool parent)
{
    return parent ? number == SIGINT || number == SIGQUIT : number == SIGPIPE;
}

/* What draws is a child of what was started. */
static pid_t
viewer_of (struct terminal *terminal)
{
    pid_t viewer = terminal_child (terminal);

    assert_true (viewer > 0);
    return viewer;
}

static void
the_terminal_comes_back_by_whatever_signal_a_viewer_dies (void **state)
{
    struct terminal *machine = session_run ("hybrid", 24, 80);

    (void)state;
    terminal_wait (machine, "# ");
    for (size_t i = 0; i < G_N_ELEMENTS (deadly); i++)
        for (int parent = 0; parent < 2; parent++) {
            struct terminal *viewer = session_attach (24, 80);

            terminal_wait (viewer, "# ");
            kill (parent ? terminal_process (viewer) : viewer_of (viewer), deadly[i]);
            if (is_survived (deadly[i], parent))
                terminal_send (viewer, "qd");
            session_bury (viewer);
        }
    session_leave (machine);
}

static void
a_machine_that_was_killed_can_still_be_looked_at (void **state)
{
    struct terminal *terminal = session_run ("hybrid", 24, 80);

    (void)state;
    terminal_wait (terminal, "# ");
    kill (session_board (), SIGKILL);
    terminal_wait (terminal, "the machine is gone");
    terminal_send (terminal, "5");
    terminal_wait (terminal, "mapped in");
    terminal_send (terminal, "1");
    terminal_wait (terminal, "1 Structure");
    terminal_send (terminal, "q");
    session_bury (terminal);
}

static void
a_machine_whose_dashboard_was_killed_goes_on (void **state)
{
    struct terminal *terminal = session_run ("hybrid", 24, 80), *again;

    (void)state;
    terminal_wait (terminal, "# ");
    kill (viewer_of (terminal), SIGKILL);
    terminal_wait (terminal, "goes on");
    session_bury (terminal);
    again = session_attach (24, 80);
    terminal_wait (again, "# ");
    session_leave (again);
}

/* Of the domain, from `khimera ctl domains`. */
static pid_t
process_of (const char *domain)
{
    g_autofree char *text = session_ctl ("domains --json"),
                    *pattern = g_strdup_printf ("\"name\": \"%s\".*?\"pid\": ([0-9]+)", domain);
    g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_DOTALL, 0, NULL);
    g_autoptr (GMatchInfo) match = NULL;
    g_autofree char *pid = NULL;

    assert_true (g_regex_match (regex, text, 0, &match));
    pid = g_match_info_fetch (match, 1);
    return (pid_t)g_ascii_strtoll (pid, NULL, 10);
}

static void
a_server_that_was_killed_is_crossed_out (void **state)
{
    struct terminal *terminal = session_run ("microkernel", 24, 80);

    (void)state;
    terminal_wait (terminal, "# ");
    assert_false (terminal_shows (terminal, "✖"));
    kill (process_of ("tmpfs"), SIGKILL);
    terminal_wait_either (terminal, "✖", "↻");
    session_leave (terminal);
}

static void
who_leaves_a_machine_that_panicked_takes_the_report_and_the_status_along (void **state)
{
    struct terminal *terminal = session_run ("hybrid", 24, 80);

    (void)state;
    terminal_wait (terminal, "# ");
    kill (process_of ("kernel"), SIGKILL);
    terminal_wait (terminal, "r reboot");
    terminal_send (terminal, "q");
    terminal_wait (terminal, "q ends it");
    terminal_send (terminal, "q");
    terminal_wait_gone (terminal, "r reboot");
    terminal_wait (terminal, "khimera: kernel panic: domain kernel");
    assert_int_equal (WEXITSTATUS (session_bury (terminal)), 126);
}

static void
a_panic_is_reported_and_a_new_machine_is_as_good_as_the_old_one (void **state)
{
    struct terminal *terminal = session_run ("microkernel", 24, 80);

    (void)state;
    terminal_wait (terminal, "# ");
    kill (process_of ("kernel"), SIGKILL);
    terminal_wait (terminal, "kernel panic");
    terminal_send (terminal, "r");
    terminal_wait_gone (terminal, "✖ dead");
    terminal_wait (terminal, "# ");
    terminal_send (terminal, "2");
    terminal_wait (terminal, "^A leaves the console");
    terminal_send (terminal, "echo again''st\r");
    terminal_wait (terminal, "against");
    terminal_send (terminal, "\001");
    session_leave (terminal);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        session_test (the_terminal_comes_back_by_whatever_signal_a_viewer_dies),
        session_test (a_machine_that_was_killed_can_still_be_looked_at),
        session_test (a_machine_whose_dashboard_was_killed_goes_on),
        session_test (a_server_that_was_killed_is_crossed_out),
        session_test (who_leaves_a_machine_that_panicked_takes_the_report_and_the_status_along),
        session_test (a_panic_is_reported_and_a_new_machine_is_as_good_as_the_old_one),
    };

    return cmocka_run_group_tests (tests, session_begin, session_end);
}
