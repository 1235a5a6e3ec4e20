/* The real program on a real terminal, with real machines. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ui/keys.h"
#include "ui/session.h"

#define BUSYBOX "/bin/busybox"

/* ---- */

static void
every_pane_shows_a_running_machine (void **state)
{
    static const struct {
        const char *key, *title, *content;
    } panes[] = {
        { "3", "3 Calls", "channel" },     { "4", "4 Tasks", "who ran when" },
        { "5", "5 Memory", "mapped in" },  { "6", "6 Costs", "virtual clock" },
        { "7", "7 Log", "nucleus:" },      { "8", "8 Actions", "khimera ctl" },
        { "9", "9 Help", "what it does" }, { "1", "1 Structure", "syscalls" },
    };
    struct terminal *terminal = session_run ("microkernel", 24, 80);

    (void)state;
    terminal_wait (terminal, "1 Structure");
    terminal_wait (terminal, "2 Console");
    terminal_wait (terminal, "tmpfs");
    terminal_wait (terminal, "# ");
    terminal_send (terminal, "3");
    terminal_wait (terminal, "3 Calls");
    terminal_send (terminal, "2");
    terminal_wait (terminal, "^A leaves the console");
    terminal_send (terminal, "ls /\r");
    terminal_wait (terminal, "proc");
    terminal_send (terminal, "\001");
    for (size_t i = 0; i < G_N_ELEMENTS (panes); i++) {
        terminal_send (terminal, panes[i].key);
        terminal_wait (terminal, panes[i].title);
        if (panes[i].key[0] != '3')
            terminal_wait (terminal, panes[i].content);
    }
    session_leave (terminal);
}

static void
the_console_takes_keys_and_a_long_paste (void **state)
{
    struct terminal *terminal = session_run ("hybrid", 24, 80);
    g_autoptr (GString) paste = g_string_new (NULL);

    (void)state;
    for (unsigned line = 0; paste->len < 65536; line++)
        g_string_append_printf (paste, "%062u\r", line);
    terminal_wait (terminal, "# ");
    terminal_send (terminal, "2");
    terminal_wait (terminal, "^A leaves the console");
    terminal_send (terminal, "echo one''two | tr o 0\r");
    terminal_wait (terminal, "0netw0");
    terminal_send (terminal, "printf '\\033[2J\\033[3;20Hin the mid%s\\n' dle\r");
    terminal_wait (terminal, "in the middle");
    terminal_wait_gone (terminal, "0netw0");
    terminal_send (terminal, "cat >/tmp/paste\r");
    terminal_send_bytes (terminal, paste->str, paste->len);
    terminal_send (terminal, "\004");
    terminal_send (terminal, "wc -c </tmp/paste; echo don''e\r");
    terminal_wait (terminal, "done");
    {
        g_autofree char *bytes = g_strdup_printf ("%u", (unsigned)paste->len);

        terminal_wait (terminal, bytes);
    }
    terminal_send (terminal, "\001");
    session_leave (terminal);
}

/* An editor of the host's, in the machine, in a pane. */
static void
a_full_screen_program_works_in_the_console (void **state)
{
    struct terminal *terminal;

    (void)state;
    if (access (BUSYBOX, X_OK) != 0)
        skip ();
    terminal = session_start (30, 100,
                              (const char *const[]){ session_program (), "run", "hybrid",
                                                     "--dashboard", "--shell", BUSYBOX,
                                                     NULL });
    if (terminal_wait_either (terminal, "/ # ", "khimera:") != 0) { /* not a static one */
        terminal_free (terminal);
        skip ();
    }
    terminal_send (terminal, "2");
    terminal_wait (terminal, "^A leaves the console");
    terminal_send (terminal, "vi /tmp/letter\r");
    terminal_wait (terminal, "┃~  ");
    terminal_send (terminal, "idear reader");
    terminal_wait (terminal, "I /tmp/letter");
    terminal_wait (terminal, "dear reader");
    terminal_send (terminal, "\033");
    terminal_wait (terminal, "- /tmp/letter");
    terminal_send (terminal, "yyp");
    terminal_wait (terminal, "Put 1 lines");
    terminal_send (terminal, "\033OA"); /* an arrow, as the program asked for them */
    terminal_wait (terminal, "1/2");
    terminal_resize (terminal, 24, 80); /* the window of the program with it */
    terminal_send (terminal, ":wq\r");
    terminal_wait_gone (terminal, "┃~  ");
    terminal_send (terminal, "sort -u /tmp/letter | tr a-z A-Z\r");
    terminal_wait (terminal, "DEAR READER");
    terminal_send (terminal, "\001");
    session_leave (terminal);
}

static void
pause_step_and_speed_act_on_virtual_time (void **state)
{
    struct terminal *terminal = session_run ("microkernel", 24, 80);
    g_autofree char *first = NULL, *second = NULL;

    (void)state;
    terminal_wait (terminal, "# ");
    terminal_send (terminal, " ");
    terminal_wait (terminal, "\u2016 paused");
    first = session_ctl ("status");
    second = session_ctl ("status");
    assert_non_null (strstr (first, "paused"));
    {
        const char *one = strstr (first, "virtual_ns"),
                   *two = strstr (second, "virtual_ns");

        assert_true (strncmp (one, two, strcspn (one, "\n")) == 0);
    }
    terminal_send (terminal, "t");
    terminal_wait (terminal, "step tick 1:");
    terminal_send (terminal, " ");
    terminal_wait_gone (terminal, "\u2016 paused");
    terminal_send (terminal, ">");
    terminal_wait (terminal, "2x");
    terminal_send (terminal, "<<");
    terminal_wait (terminal, "0.5x");
    session_leave (terminal);
}

/* Out of the kernel's one box and back; nobody has died meanwhile. */
static void
a_component_moves_by_keys (void **state)
{
    struct terminal *terminal = session_run ("monolithic", 24, 80);

    (void)state;
    terminal_wait (terminal, "# ");
    terminal_wait (terminal, "11 in the kernel, 0 outside");
    terminal_send (terminal, "1:select vfs\r");
    terminal_send (terminal, "m");
    terminal_wait (terminal, ":move component=vfs domain=");
    terminal_send (terminal, "alone\r");
    terminal_wait (terminal, "10 in the kernel, 1 outside");
    terminal_wait (terminal, "vfs domain=alone: component=vfs from=kernel to=alone virtual=");
    terminal_send (terminal, "mkernel\r");
    terminal_wait (terminal, "11 in the kernel, 0 outside");
    terminal_wait (terminal, "its isolation is given up");
    assert_false (terminal_shows (terminal, "\u21bb"));
    session_leave (terminal);
}

static void
any_size_will_do (void **state)
{
    static const int sizes[][2]
        = { { 60, 200 }, { 24, 80 }, { 10, 40 }, { 5, 20 }, { 3, 3 },
            { 2, 2 },    { 1, 1 },   { 1, 80 },  { 40, 1 }, { 60, 200 } };
    struct terminal *terminal = session_run ("microkernel", 60, 200);

    (void)state;
    terminal_wait (terminal, "1 Structure");
    terminal_wait (terminal, "syscalls");
    for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
        terminal_resize (terminal, sizes[i][0], sizes[i][1]);
        terminal_send (terminal, "\014");
        if (sizes[i][0] >= 5 && sizes[i][1] >= 20)
            terminal_wait (terminal, "1 Structure");
    }
    terminal_resize (terminal, 24, 80);
    terminal_wait (terminal, "2 Console");
    session_leave (terminal);
}

static void
it_starts_on_the_smallest_terminal (void **state)
{
    struct terminal *terminal = session_run ("monolithic", 1, 1);

    (void)state;
    terminal_wait_bytes (terminal, 8);
    terminal_resize (terminal, 24, 80);
    terminal_wait (terminal, "one address space");
    session_leave (terminal);
}

static bool
has_colour (const GString *output)
{
    return g_regex_match_simple (
        "\\033\\[([0-9;]*;)?(3[0-7]|38;5;[0-9]+|9[0-7])(;[0-9;]*)?m", output->str, 0, 0);
}

static void
other_terminals_get_what_they_can_show (void **state)
{
    static const struct {
        const char *term, *locale, *no_colour;
        bool colour, unicode;
    } kinds[] = {
        { "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR", true, true },
        { "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR=1", false, true },
        { "TERM=xterm", "LC_ALL=C", "NO_COLOR", true, false },
        { "TERM=vt100", "LC_ALL=C", "NO_COLOR", false, false },
        { "TERM=linux", "LC_ALL=C.UTF-8", "NO_COLOR", true, true },
        { "TERM=xterm-mono", "LC_ALL=C.UTF-8", "NO_COLOR", false, true },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
        struct terminal *terminal = terminal_start (
            24, 80,
            (const char *const[]){ kinds[i].term, kinds[i].locale, kinds[i].no_colour,
                                   NULL },
            (const char *const[]){ session_program (), "run", "hybrid", "--dashboard", "--shell",
                                   "sh", NULL }, NULL,
            NULL);
        bool high = false;

        terminal_wait (terminal, "1 Structure");
        terminal_wait (terminal, "drivers");
        for (gsize at = 0; at < terminal_output (terminal)->len; at++)
            high = high || (terminal_output (terminal)->str[at] & 0x80) != 0;
        assert_int_equal (high, kinds[i].unicode);
        assert_int_equal (has_colour (terminal_output (terminal)), kinds[i].colour);
        session_leave (terminal);
    }
}

static void
on_white_colours_are_dark (void **state)
{
    static const struct {
        const char *background;
        bool dark;
    } kinds[] = { { "COLORFGBG=0;15", true },
                  { "COLORFGBG=0;default;7", true },
                  { "COLORFGBG=15;0", false },
                  { "COLORFGBG=white", false } };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
        struct terminal *terminal = terminal_start (
            24, 80,
            (const char *const[]){ "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR",
                                   kinds[i].background, NULL },
            (const char *const[]){ session_program (), "run", "hybrid", "--dashboard", "--shell",
                                   "sh", NULL },
            NULL, NULL);
        const char *output;

        terminal_wait (terminal, "drivers");
        output = terminal_output (terminal)->str;
        assert_int_equal (strstr (output, "38;5;24m") != NULL, kinds[i].dark);
        assert_int_equal (strstr (output, "\033[36m") == NULL, kinds[i].dark);
        session_leave (terminal);
    }
}

static void
without_a_screen_there_are_lines (void **state)
{
    struct terminal *terminal = terminal_start (
        24, 80, (const char *const[]){ "TERM=dumb", NULL },
        (const char *const[]){ session_program (), "run", "hybrid", "--dashboard", "--shell",
                                   "sh", NULL }, NULL,
        NULL);

    (void)state;
    terminal_wait (terminal, "* running");
    terminal_send (terminal, "echo one''two\n");
    terminal_wait (terminal, "onetwo");
    assert_null (strchr (terminal_output (terminal)->str, '\033'));
    terminal_send (terminal, "exit\n");
    terminal_wait_end (terminal);
    terminal_free (terminal);
}

static void
a_filter_narrows_the_log (void **state)
{
    struct terminal *terminal = session_run ("hybrid", 30, 100);

    (void)state;
    terminal_wait (terminal, "# ");
    terminal_send (terminal, "7");
    terminal_wait (terminal, "nucleus: vfs:");
    terminal_send (terminal, "/!vfs");
    terminal_wait_gone (terminal, "nucleus: vfs:");
    terminal_send (terminal, "\r");
    terminal_wait (terminal, "/!vfs ");
    terminal_send (terminal, "\033");
    terminal_wait (terminal, "nucleus: vfs:");
    session_leave (terminal);
}

static void
two_viewers_and_a_script_agree (void **state)
{
    struct terminal *first = session_run ("hybrid", 24, 80), *second;
    g_autofree char *status = NULL, *answer = NULL;

    (void)state;
    terminal_wait (first, "# ");
    second = session_attach (30, 100);
    terminal_wait (second, "1 Structure");
    terminal_wait (second, "# "); /* what was on the console before */
    terminal_send (first, " ");
    terminal_wait (second, "\u2016 paused");
    status = session_ctl ("status");
    assert_non_null (strstr (status, "paused"));
    answer = session_ctl ("resume");
    terminal_wait_gone (first, "\u2016 paused");
    terminal_wait_gone (second, "\u2016 paused");
    terminal_send (second, "8");
    terminal_wait (second, "resume");
    terminal_wait (second, "pause");
    terminal_send (second, "qd"); /* leaves it alone */
    assert_int_equal (terminal_wait_end (second), 0);
    terminal_expect_restored (second);
    terminal_free (second);
    session_leave (first);
}

static void
a_guest_that_never_stops_talking_does_not_freeze_it (void **state)
{
    struct terminal *terminal = session_run ("monolithic", 24, 80);

    (void)state;
    terminal_wait (terminal, "# ");
    terminal_send (terminal, "2");
    terminal_wait (terminal, "^A leaves the console");
    terminal_send (terminal, "seq 1 2000000000\r");
    terminal_wait_gone (terminal, "# ");
    terminal_send (terminal, "\001");
    terminal_send (terminal, "9");
    terminal_wait (terminal, "9 Help");
    terminal_send (terminal, "1");
    terminal_wait (terminal, "1 Structure");
    session_leave (terminal);
}

static void
a_recording_is_an_asciicast (void **state)
{
    g_autofree char *path = g_build_filename (session_folder (), "recording", NULL);
    struct terminal *terminal
        = session_start (24, 80,
                         (const char *const[]){ session_program (), "run", "hybrid",
                                                "--dashboard", "--shell", "sh", "--record", path,
                                                NULL });
    g_autofree char *text = NULL;
    g_auto (GStrv) lines = NULL;
    double last = 0;

    (void)state;
    terminal_wait (terminal, "drivers");
    session_leave (terminal);
    assert_true (g_file_get_contents (path, &text, NULL, NULL));
    lines = g_strsplit (text, "\n", -1);
    for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
        json_t *value = json_loads (lines[i], 0, NULL);

        assert_non_null (value);
        if (i == 0) {
            assert_int_equal (json_integer_value (json_object_get (value, "version")), 2);
        } else {
            assert_true (json_number_value (json_array_get (value, 0)) >= last);
            last = json_number_value (json_array_get (value, 0));
        }
        json_decref (value);
    }
    assert_non_null (strstr (text, "drivers"));
}

/* As soon as the machine listens. */
static struct terminal *
attach_soon (GPid machine)
{
    g_autofree char *name = g_strdup_printf ("%d", (int)machine);

    for (int tries = 0; tries < 300; tries++) {
        struct terminal *viewer = session_start (
            30, 100,
            (const char *const[]){ session_program (), "attach", name, NULL });

        if (terminal_wait_either (viewer, "1 Structure", "no machine") == 0)
            return viewer;
        terminal_free (viewer);
    }
    fail_msg ("the machine does not listen");
    return NULL;
}

/* The trace of a run, with somebody looking on or not; the caller frees it. */
static char *
trace (bool watched)
{
    g_autofree char *path = g_build_filename (session_folder (), "stats", NULL);
    const char *argv[] = { session_program (),
                           "run",
                           "microkernel",
                           "--stats",
                           path,
                           "-c",
                           "fsload -n 40000 >/dev/null",
                           NULL };
    json_t *stats;
    char *text;
    GPid machine;
    int status;

    assert_true (g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                NULL, &machine, NULL));
    if (watched) {
        struct terminal *viewer = attach_soon (machine);

        terminal_send (viewer, "3");
        terminal_wait_end (viewer);
        terminal_free (viewer);
    }
    assert_int_equal (waitpid (machine, &status, 0), machine);
    assert_int_equal (status, 0);
    stats = json_load_file (path, 0, NULL);
    assert_non_null (stats);
    text = g_strdup (json_string_value (json_object_get (stats, "trace")));
    json_decref (stats);
    return text;
}

static void
looking_on_changes_nothing_in_the_history (void **state)
{
    g_autofree char *alone = trace (false), *watched = trace (true);

    (void)state;
    assert_string_equal (alone, watched);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        session_test (every_pane_shows_a_running_machine),
        session_test (the_console_takes_keys_and_a_long_paste),
        session_test (a_full_screen_program_works_in_the_console),
        session_test (pause_step_and_speed_act_on_virtual_time),
        session_test (a_component_moves_by_keys),
        session_test (any_size_will_do),
        session_test (it_starts_on_the_smallest_terminal),
        session_test (other_terminals_get_what_they_can_show),
        session_test (on_white_colours_are_dark),
        session_test (without_a_screen_there_are_lines),
        session_test (a_filter_narrows_the_log),
        session_test (two_viewers_and_a_script_agree),
        session_test (a_guest_that_never_stops_talking_does_not_freeze_it),
        session_test (a_recording_is_an_asciicast),
        session_test (looking_on_changes_nothing_in_the_history),
    };

    return cmocka_run_group_tests (tests, session_begin, session_end);
}
