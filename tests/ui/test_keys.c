/* Every key of the table, in the real program with a real machine: each has a case here, and
 * does what its case says. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ui/keys.h"
#include "ui/session.h"

/* What is seen when a key has been pressed. "!text": it goes. */
struct press {
    const char *context, *key;
    /* Typed first, from the structure pane with the nucleus selected. DRAWN: and all of it
     * has been drawn before what follows. */
    const char *before;
    const char *seen;
    const char *after; /* typed last, so that everything is as it was */
};

#define SCREEN_CLEARED "^L"   /* everything was drawn anew */
#define ELSEWHERE      "test" /* it has a test of its own below */
#define DRAWN          "\014" /* the key for it, as it happens */
#define ESCAPE         "\033"
#define LEAVE          "\001"
#define TYPES          "everything else goes to the machine"

static const struct press presses[] = {
    { "panic", "r", NULL, ELSEWHERE, NULL },
    { "panic", "k", NULL, ELSEWHERE, NULL },
    { "panic", "escape", NULL, ELSEWHERE, NULL },
    { "panic", "enter", NULL, ELSEWHERE, NULL },
    { "structure", "enter", "", "┌─ details", ESCAPE },
    { "structure", "e", "", " → ", ESCAPE },
    { "structure", "E", "", " → ", ESCAPE },
    { "structure", "u", "", "unused links too", "u" },
    { "structure", "K", "", "Kill the kernel?", "n" },
    { "structure", "m", "", ":move component=nucleus", ESCAPE },
    { "structure", "f", "", ":fault component=nucleus fault=", ESCAPE },
    { "structure", "b", "", ":break component=nucleus", ESCAPE },
    { "console", "enter", "2" LEAVE, TYPES, LEAVE },
    { "console", "i", "2" LEAVE, TYPES, LEAVE },
    { "console", "^A", "2" LEAVE, "^A  ", "\003" LEAVE },
    { "calls", "enter", "3", "Anatomy of", ESCAPE },
    { "calls", "f", "3", "stays", "f" },
    { "tasks", "o", "4", "by name", "oooo" },
    { "tasks", "O", "4", "downward", "O" },
    { "log", "f", "7", "stays", "f" },
    { "actions", "f", "8", "stays", "f" },
    { "any", "?", "", "9 Help", "?" },
    { "any", "F1", "", "9 Help", "?" },
    { "any", "1", "3", "K kill", "" },
    { "any", "2", "", TYPES, LEAVE },
    { "any", "3", "", "3 Calls", "" },
    { "any", "4", "", "4 Tasks", "" },
    { "any", "5", "", "5 Memory", "" },
    { "any", "6", "", "6 Costs", "" },
    { "any", "7", "", "7 Log", "" },
    { "any", "8", "", "8 Actions", "" },
    { "any", "9", "", "9 Help", "" },
    { "any", "tab", "", "enter type", "" },
    { "any", "backtab", "", "enter type", "" },
    { "any", "+", "", "!2 Console", "+" },
    { "any", "z", "", "!2 Console", "z" },
    { "any", "space", "", "‖ paused", " " },
    { "any", "s", " ", "step call 1: ", " " },
    { "any", "S", " ", "step syscall 1: ", " " },
    { "any", "t", " ", "step tick 1: ", " " },
    { "any", "<", ":speed 0.1\r", "speed factor=0.01: ", "" },
    { "any", ",", ":speed 0.1\r", "speed factor=0.01: ", "" },
    { "any", ">", ":speed 0.02\r", "speed factor=0.1: ", "" },
    { "any", ".", ":speed 0.1\r", "speed factor=0.5: ", ":speed 0.02\r" },
    { "any", "q", "", "q ends it", ESCAPE },
    { "any", "^C", "", "q ends it", ESCAPE },
    { "any", "/", "7", "filter:", ESCAPE },
    { "any", ":", "", "\n:\n", ESCAPE },
    { "any", "L", "", "layout debug", ":layout lecture\r" },
    { "any", "y", "", "written: khimera-structure", "" },
    { "any", "Y", "", ":export", ESCAPE },
    { "any", "T", "", "theme light", ":theme default\r" },
    { "any", "A", "", "symbols lines", ":symbols unicode\r" },
    { "any", "up", ":select pm\r\r", "!│ pm  ", ESCAPE },
    { "any", "k", ":select pm\r\r", "!│ pm  ", ESCAPE },
    { "any", "down", ":select vfs\r\r", "!│ vfs  ", ESCAPE },
    { "any", "j", ":select vfs\r\r", "!│ vfs  ", ESCAPE },
    { "any", "left", ":select vfs\r\r", "!│ vfs  ", ESCAPE },
    { "any", "h", ":select vfs\r\r", "!│ vfs  ", ESCAPE },
    { "any", "right", "\r", "!│ nucleus  ", ESCAPE },
    { "any", "l", "\r", "!│ nucleus  ", ESCAPE },
    { "any", "home", "9G", "everywhere", "" },
    { "any", "g", "9G", "everywhere", "" },
    { "any", "end", "9g", "!everywhere", "" },
    { "any", "G", "9g", "!everywhere", "" },
    { "any", "pageup", "9G" DRAWN "\002", "!Lists these commands", "" },
    { "any", "^B", "9G" DRAWN "\002", "!Lists these commands", "" },
    { "any", "pagedown", "9g" DRAWN "\006", "!everywhere", "" },
    { "any", "^F", "9g" DRAWN "\006", "!everywhere", "" },
    { "any", "escape", "\r", "!┌─ details", "" },
    { "any", "^L", "", SCREEN_CLEARED, "" },
    { "any", "^Z", NULL, ELSEWHERE, NULL },
};

/* What a terminal sends for it. */
static const char *
bytes_of (const char *name, char text[8])
{
    static const struct {
        const char *name, *bytes;
    } special[] = {
        { "up", "\033OA" },      { "down", "\033OB" },     { "right", "\033OC" },
        { "left", "\033OD" },    { "home", "\033OH" },     { "end", "\033OF" },
        { "pageup", "\033[5~" }, { "pagedown", "\033[6~" }, { "backtab", "\033[Z" },
        { "F1", "\033OP" },
    };
    ui_key key = key_from_name (name);

    for (size_t i = 0; i < G_N_ELEMENTS (special); i++)
        if (strcmp (name, special[i].name) == 0)
            return special[i].bytes;
    assert_in_range (key, 1, 126);
    text[0] = (char)key;
    text[1] = '\0';
    return text;
}

static const struct press *
press_of (const struct key_row *row)
{
    for (size_t i = 0; i < G_N_ELEMENTS (presses); i++)
        if (strcmp (presses[i].context, row->context) == 0
            && strcmp (presses[i].key, row->key) == 0)
            return &presses[i];
    fail_msg ("the key %s (%s) has no case here", row->key, row->context);
    return NULL;
}

static void
type_and_draw (struct terminal *terminal, const char *keys)
{
    gsize written = terminal_output (terminal)->len;

    terminal_send (terminal, keys);
    terminal_send (terminal, DRAWN);
    terminal_wait_written (terminal, written, "\033[2J");
}

static void
press (struct terminal *terminal, const struct press *it)
{
    bool goes = it->seen[0] == '!';
    const char *seen = it->seen + goes;
    g_auto (GStrv) parts = g_strsplit (it->before, DRAWN, -1);
    gsize written;
    char text[8];

    type_and_draw (terminal, ":pane structure\r:select nucleus\r");
    for (char **part = parts; *part != NULL; part++)
        type_and_draw (terminal, *part);
    if (goes)
        terminal_wait (terminal, seen);
    else
        terminal_wait_gone (terminal, seen);
    written = terminal_output (terminal)->len;
    terminal_send (terminal, bytes_of (it->key, text));
    if (strcmp (seen, SCREEN_CLEARED) == 0)
        terminal_wait_written (terminal, written, "\033[2J");
    else if (goes)
        terminal_wait_gone (terminal, seen);
    else
        terminal_wait (terminal, seen);
    terminal_send (terminal, it->after);
}

/* A machine that goes slowly on, so that there is always one more call to step to. */
static struct terminal *
busy_machine (void)
{
    struct terminal *terminal = session_run ("hybrid", 30, 100);

    terminal_wait (terminal, "# ");
    terminal_send (terminal, "2");
    terminal_wait (terminal, TYPES);
    terminal_send (terminal, "fsload -n 1000000 &\r");
    terminal_wait (terminal, "fsload");
    terminal_send (terminal, LEAVE ":speed 0.02\r");
    terminal_wait (terminal, "0.02x");
    terminal_send (terminal, "9"); /* a list knows its length once it was drawn */
    terminal_wait (terminal, "everywhere");
    terminal_send (terminal, "3");
    terminal_wait (terminal, "direct");
    return terminal;
}

static void
every_key_of_the_table_does_what_is_said_of_it (void **state)
{
    struct terminal *terminal = busy_machine ();

    (void)state;
    for (const struct key_row *row = key_table; row->context != NULL; row++) {
        const struct press *it = press_of (row);

        if (strcmp (it->seen, ELSEWHERE) != 0)
            press (terminal, it);
    }
    session_leave (terminal);
}

static void
the_keys_of_a_panic_reboot_and_put_the_report_aside (void **state)
{
    static const char *const aside[] = { "k", "escape", "enter" };
    struct terminal *terminal = session_run ("hybrid", 30, 100);
    char text[8];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (aside); i++) {
        terminal_wait (terminal, "# ");
        g_free (session_ctl ("kill domain=kernel"));
        terminal_wait (terminal, "k keep looking");
        terminal_send (terminal, bytes_of (aside[i], text));
        terminal_wait_gone (terminal, "k keep looking");
        terminal_wait (terminal, "✖ dead");
        terminal_send (terminal, ":reboot\r");
        terminal_wait_gone (terminal, "✖ dead");
    }
    terminal_wait (terminal, "# ");
    g_free (session_ctl ("kill domain=kernel"));
    terminal_wait (terminal, "r reboot");
    terminal_send (terminal, "r");
    terminal_wait_gone (terminal, "✖ dead");
    terminal_wait (terminal, "# ");
    session_leave (terminal);
}

/* In a shell with job control: in the background the terminal is the shell's again. */
static void
the_key_for_it_goes_back_to_the_shell_until_fg (void **state)
{
    g_autofree char *script
        = g_strdup_printf ("%s run hybrid --dashboard --shell sh; echo in the sh''ell; "
                           "read line; fg; echo gone to the e''nd",
                           session_program ());
    struct terminal *terminal
        = session_start (24, 80, (const char *const[]){ "sh", "-mc", script, NULL });

    (void)state;
    terminal_wait (terminal, "# ");
    terminal_send (terminal, "\032");
    terminal_wait (terminal, "in the shell");
    assert_false (terminal_shows (terminal, "1 Structure"));
    terminal_send (terminal, "\n");
    terminal_wait (terminal, "1 Structure");
    terminal_send (terminal, "q");
    terminal_wait (terminal, "q ends it");
    terminal_send (terminal, "q");
    terminal_wait (terminal, "gone to the end");
    assert_int_equal (session_bury (terminal), 0);
}

/* The console, the edges of the table, and what is no key at all. */
static void
ten_thousand_random_keys_do_no_harm (void **state)
{
    static const char *const sequences[]
        = { "\033OA", "\033OB", "\033OC", "\033OD", "\033[5~", "\033[6~",
            "\t",     "\r",     "\033[Z", "\001",   "\177",    "\033" };
    struct terminal *terminal = session_run ("microkernel", 24, 80);
    GRand *random = g_rand_new_with_seed (7);

    (void)state;
    terminal_wait (terminal, "# ");
    for (int i = 0; i < 10000; i++) {
        char key[2] = { (char)g_rand_int_range (random, 32, 127), '\0' };

        if (i % 500 == 499)
            terminal_resize (terminal, g_rand_int_range (random, 1, 60),
                             g_rand_int_range (random, 1, 150));
        if (g_rand_int_range (random, 0, 4) == 0)
            terminal_send (
                terminal,
                sequences[g_rand_int_range (random, 0, G_N_ELEMENTS (sequences))]);
        else if (strchr ("qQ:", key[0]) == NULL) /* nor may it leave, or be told to */
            terminal_send (terminal, key);
    }
    g_rand_free (random);
    terminal_resize (terminal, 24, 80);
    terminal_send (terminal, "\033\033\0019"); /* out of whatever it is in */
    terminal_wait (terminal, "9 Help");
    terminal_send (terminal, "q");
    terminal_wait (terminal, "q ends it");
    terminal_send (terminal, "q");
    session_bury (terminal);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        session_test (every_key_of_the_table_does_what_is_said_of_it),
        session_test (the_keys_of_a_panic_reboot_and_put_the_report_aside),
        session_test (the_key_for_it_goes_back_to_the_shell_until_fg),
        session_test (ten_thousand_random_keys_do_no_harm),
    };

    return cmocka_run_group_tests (tests, session_begin, session_end);
}
