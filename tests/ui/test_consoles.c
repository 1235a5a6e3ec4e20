/* A person works with busybox at a machine's consoles: at the plain one, which is a
 * terminal of its own, and in the dashboard's pane, whatever the structure of the machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "ui/session.h"

#define UP     "\033[A"
#define RIGHT  "\033[C"
#define HOME   "\033[H"
#define LEFT   "\033[D"
#define ESCAPE "\033"
#define CTRL_A "\001" /* leaves the pane */
#define CTRL_C "\003"
#define CTRL_Z "\032"

#define DISK "disk.img"

/* What of the terminal is not the console's, how a row of it begins, and what is to be seen
 * where the shell waits for a line. */
static const struct console {
    const char *name, *option;
    int rows, columns;
    const char *edge, *prompt;
} consoles[] = {
    { "plain", "--console", 0, 0, "", "/ #\n" },
    { "dashboard", "--dashboard", 4, 2, "┃", "/ #  " },
};

static const char *const machines[] = { "monolithic", "hybrid", "microkernel" };

static const struct seat {
    const struct console *console;
    const char *machine;
} * here; /* where we sit */

/* The pane alone, and keys go there. */
static void
sit_down_in_the_pane (struct terminal *terminal)
{
    terminal_send (terminal, "2");
    terminal_wait (terminal, "^A leaves the console");
    terminal_send (terminal, CTRL_A "+");
    terminal_wait_gone (terminal, "1 Structure");
    terminal_send (terminal, "\r");
    terminal_wait (terminal, "^A leaves the console");
}

/* At the prompt; `disk`: an image is the root. */
static struct terminal *
sit_down (const struct seat *seat, bool disk)
{
    const char *argv[] = { session_program (),
                           "run",
                           seat->machine,
                           seat->console->option,
                           disk ? "--disk" : NULL,
                           DISK,
                           "--shell",
                           "/bin/busybox",
                           NULL };
    struct terminal *terminal = session_start (24, 80, argv);

    here = seat;
    terminal_wait (terminal, seat->console->prompt);
    if (seat->console->rows != 0)
        sit_down_in_the_pane (terminal);
    return terminal;
}

static void
get_up (struct terminal *terminal)
{
    int status;

    terminal_send (terminal, "exit 3\r");
    status = session_bury (terminal);
    assert_true (WIFEXITED (status));
    assert_int_equal (WEXITSTATUS (status), 3);
}

/* A line, and what it leads to, which is not on the screen already. */
static void
begin (struct terminal *terminal, const char *line, const char *answer)
{
    terminal_send (terminal, line);
    terminal_send (terminal, "\r");
    terminal_wait (terminal, answer);
}

/* The same for what ends. Whoever types before the prompt types for somebody else. */
static void
ask (struct terminal *terminal, const char *line, const char *answer)
{
    begin (terminal, line, answer);
    terminal_wait (terminal, here->console->prompt);
}

/* A key that ends or stops what runs. */
static void
press (struct terminal *terminal, const char *key)
{
    terminal_send (terminal, key);
    terminal_wait (terminal, here->console->prompt);
}

static void
lines_can_be_edited (void **state)
{
    struct terminal *terminal = sit_down (*state, false);

    terminal_send (terminal, "ech abc | tr a-c x-z" HOME RIGHT RIGHT RIGHT);
    ask (terminal, "o", "xyz");
    ask (terminal,
         UP "\177\177\177"
            "1x9" LEFT "\177-",
         "123");
    ask (terminal, UP UP " | tr a-z A-Z", "XYZ");
    terminal_send (terminal, "cat /proc/vers\t");
    terminal_wait (terminal, "/ # cat /proc/version");
    ask (terminal, "", "Khimera, a simulated");
    get_up (terminal);
}

/* The job says when it has begun, and when it has been sent on its way again. */
static void
jobs_are_controlled (void **state)
{
    struct terminal *terminal = sit_down (*state, false);

    terminal_send (terminal, "sleep 1000 &\r");
    ask (terminal, "jobs | sed 's/ \\+/,/g'", "[1]+,Running,sleep,1000");
    begin (terminal,
           "sh -c 'trap \"n=x\\$n; echo aw\\$n\" CONT; echo be\"\"gun; while :; do sleep "
           ".1; done'",
           "begun");
    press (terminal, CTRL_Z);
    ask (terminal, "jobs | sed 's/ \\+/,/g'", "[2]+,Stopped,sh");
    begin (terminal, "bg", "awx");
    ask (terminal, "jobs | sed 's/ \\+/,/g'", "[2]+,Running,sh");
    begin (terminal, "fg", "awxx");
    press (terminal, CTRL_C);
    ask (terminal, "echo status $?", "status 130");
    ask (terminal, "kill %1; wait; echo g''one", "gone");
    get_up (terminal);
}

static void
control_c_ends_what_runs_and_no_more (void **state)
{
    struct terminal *terminal = sit_down (*state, false);

    begin (terminal, "sh -c 'echo be\"\"gun; cat | cat | sort'", "begun");
    press (terminal, CTRL_C);
    ask (terminal, "echo first $?", "first 130");
    /* Of a shell of its own: one that reads lines may lose the key in such a loop, as on
     * the host. */
    begin (terminal, "sh -c 'echo a\"\"gain; while :; do :; done'", "again");
    press (terminal, CTRL_C);
    ask (terminal, "echo then $?", "then 130");
    begin (terminal,
           "sh -c 'trap \"echo ca\"\"ught; exit\" INT; echo wa\"\"its; while :; do sleep "
           ".1; done'",
           "waits");
    press (terminal, CTRL_C);
    terminal_wait (terminal, "caught");
    terminal_send (terminal, "not this line");
    terminal_wait (terminal, "not this line");
    press (terminal, CTRL_C);
    ask (terminal, "echo al''ive", "alive");
    get_up (terminal);
}

/* How much of a terminal of that size is the console's, as stty says it; the caller frees
 * it. */
static char *
console_size (int rows, int columns)
{
    return g_strdup_printf ("%d %d", rows - here->console->rows,
                            columns - here->console->columns);
}

static void
a_program_is_told_of_a_new_size (void **state)
{
    static const int sizes[][2] = { { 40, 120 }, { 12, 50 }, { 30, 100 } };
    struct terminal *terminal = sit_down (*state, false);
    g_autofree char *first = console_size (24, 80);

    begin (terminal,
           "sh -c 'trap \"stty size\" WINCH; stty size; while :; do sleep .1; done'",
           first);
    for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
        g_autofree char *size = console_size (sizes[i][0], sizes[i][1]);

        terminal_resize (terminal, sizes[i][0], sizes[i][1]);
        terminal_wait (terminal, size);
    }
    press (terminal, CTRL_C);
    ask (terminal, "echo al''ive", "alive");
    get_up (terminal);
}

static void
top_shows_the_tasks_until_q (void **state)
{
    struct terminal *terminal = sit_down (*state, false);

    terminal_send (terminal, "sleep 1000 &\r");
    begin (terminal, "top", "Mem:");
    terminal_wait_gone (terminal, "/ #");
    terminal_wait (terminal, "PID  PPID USER");
    terminal_wait (terminal, "/bin/busybox sh");
    terminal_wait (terminal, "sleep 1000");
    press (terminal, "q");
    ask (terminal, "kill %1; wait; stty -a | grep -c ' icanon' | sed s/^/canon=/",
         "canon=1");
    get_up (terminal);
}

/* Rows of the console as they are on the screen: `text`, then `below` times a tilde. */
static char *
rows_of (const struct console *console, int columns, const char *text, int below)
{
    GString *rows = g_string_new (NULL);

    for (int i = 0; i <= below; i++) {
        const char *row = i == 0 ? text : "~";

        g_string_append_printf (rows, "%s%s", console->edge, row);
        if (console->columns != 0)
            g_string_append_printf (rows, "%*s%s",
                                    columns - console->columns - (int)strlen (row), "",
                                    console->edge);
        g_string_append_c (rows, '\n');
    }
    g_string_append_printf (rows, "%s- /notes", console->edge);
    return g_string_free (rows, FALSE);
}

static void
screen_is_filled (struct terminal *terminal, const struct console *console, int rows,
                  int columns)
{
    g_autofree char *whole
        = rows_of (console, columns, "second line", rows - console->rows - 3);

    terminal_resize (terminal, rows, columns);
    terminal_wait (terminal, whole);
}

/* What one of the tools for images prints; it ends well. The caller frees it. */
static char *
output_of (const char *tool, const char *otherwise, const char *words)
{
    const char *path = getenv (tool);
    g_autofree char *line
        = g_strdup_printf ("%s %s", path != NULL ? path : otherwise, words);
    char *output = NULL;
    int status;

    assert_true (g_spawn_command_line_sync (line, &output, NULL, &status, NULL));
    assert_int_equal (status, 0);
    return output;
}

static void
vi_edits_a_file_on_an_image (void **state)
{
    const struct seat *seat = *state;
    g_autofree char *made
        = output_of ("MKE2FS", "/sbin/mke2fs", "-q -F -t ext2 " DISK " 12M"),
        *text = NULL, *checked = NULL;
    struct terminal *terminal = sit_down (seat, true);

    terminal_send (terminal, "vi /notes\r");
    terminal_wait (terminal, "- /notes");
    terminal_send (terminal, "ifirst line\rsecnd line" ESCAPE);
    terminal_wait (terminal, "- /notes [Modified]");
    terminal_send (terminal, "0lllio" ESCAPE);
    terminal_wait (terminal, "second line");
    screen_is_filled (terminal, seat->console, 40, 120);
    screen_is_filled (terminal, seat->console, 12, 50);
    screen_is_filled (terminal, seat->console, 24, 80);
    press (terminal, CTRL_Z);
    begin (terminal, "fg", "- /notes");
    terminal_wait_gone (terminal, "/ #");
    terminal_wait (terminal, "second line");
    press (terminal, ":wq\r");
    ask (terminal, "wc -l </notes | sed s/^/lines=/", "lines=2");
    get_up (terminal);
    text = output_of ("DEBUGFS", "/sbin/debugfs", "-R 'cat /notes' " DISK);
    checked = output_of ("E2FSCK", "/sbin/e2fsck", "-fn " DISK);
    assert_string_equal (text, "first line\nsecond line\n");
}

static const struct {
    const char *name;
    void (*test) (void **state);
} promises[] = {
    { "lines_can_be_edited", lines_can_be_edited },
    { "jobs_are_controlled", jobs_are_controlled },
    { "control_c_ends_what_runs_and_no_more", control_c_ends_what_runs_and_no_more },
    { "a_program_is_told_of_a_new_size", a_program_is_told_of_a_new_size },
    { "top_shows_the_tasks_until_q", top_shows_the_tasks_until_q },
    { "vi_edits_a_file_on_an_image", vi_edits_a_file_on_an_image },
};

#define SEATS (G_N_ELEMENTS (consoles) * G_N_ELEMENTS (machines))

int
main (void)
{
    struct seat seats[SEATS];
    struct CMUnitTest tests[SEATS * G_N_ELEMENTS (promises)] = { 0 };

    if (system ("test \"$(uname -m)\" = x86_64 && busybox true >/dev/null 2>&1"
                " && ! grep -q /lib64/ld- \"$(command -v busybox)\"")
        != 0) {
        puts ("1..0 # SKIP no static busybox for x86-64 here");
        return 0;
    }
    for (size_t i = 0; i < G_N_ELEMENTS (tests); i++) {
        struct seat *seat = &seats[i % SEATS];

        *seat = (struct seat){ &consoles[i % SEATS % G_N_ELEMENTS (consoles)],
                               machines[i % SEATS / G_N_ELEMENTS (consoles)] };
        tests[i].name = g_strdup_printf ("%s (%s, %s)", promises[i / SEATS].name,
                                         seat->console->name, seat->machine);
        tests[i].test_func = promises[i / SEATS].test;
        tests[i].teardown_func = session_clear;
        tests[i].initial_state = seat;
    }
    return cmocka_run_group_tests (tests, session_begin, session_end);
}
