/* A board that talks nonsense, or not at all, is looked at without harm. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ui/canned.h"
#include "ui/terminal.h"
#include "ui/ui.h"

/* What a board says to everybody who connects, and whether it then goes on listening. */
struct board {
    char *path;
    int listener;
    pid_t process;
};

static void
say (int peer, const char *bytes, gsize count)
{
    while (count != 0) {
        ssize_t put = send (peer, bytes, count, MSG_NOSIGNAL);

        if (put <= 0)
            return;
        bytes += put;
        count -= (gsize)put;
    }
}

static void
say_json (int peer, json_t *line)
{
    char *text = json_dumps (line, JSON_COMPACT);

    say (peer, text, strlen (text));
    say (peer, "\n", 1);
    free (text);
    json_decref (line);
}

static struct board
board_start (void (*talk) (int peer))
{
    struct board board = { .path = g_strdup_printf ("%s/khimera-board-%d", g_get_tmp_dir (),
                                                    (int)getpid ()) };
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    g_strlcpy (address.sun_path, board.path, sizeof address.sun_path);
    unlink (board.path);
    board.listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal (bind (board.listener, (struct sockaddr *)&address, sizeof address),
                      0);
    assert_int_equal (listen (board.listener, 4), 0);
    board.process = fork ();
    if (board.process == 0) {
        int peer = accept (board.listener, NULL, NULL);
        char drop[4096];

        talk (peer);
        while (recv (peer, drop, sizeof drop, 0) > 0)
            continue;
        _exit (0);
    }
    return board;
}

static void
board_end (struct board *board)
{
    kill (board->process, SIGKILL);
    waitpid (board->process, NULL, 0);
    close (board->listener);
    unlink (board->path);
    g_free (board->path);
}

static int
attach (void *path)
{
    return ui_attach (path, false, NULL);
}

static struct terminal *
look (const struct board *board)
{
    return terminal_start (
        24, 80, (const char *const[]){ "TERM=xterm", "LC_ALL=C.UTF-8", "NO_COLOR", NULL },
        NULL, attach, board->path);
}

/* ---- */

static void
talk_nothing (int peer)
{
    (void)peer;
}

static void
talk_well (int peer)
{
    say_json (peer, json_pack ("{s:s, s:i, s:s, s:i}", "hello", "khimera", "protocol", 1,
                               "machine", "microkernel", "pid", 7));
    for (unsigned second = 1; second < 4; second++)
        say_json (peer, json_pack ("{s:s, s:o}", "event", "stats", "data",
                                   canned_snapshot ("microkernel", second)));
}

static void
talk_then_die (int peer)
{
    talk_well (peer);
    _exit (0);
}

/* Every seed another nonsense: bytes, broken JSON, wrong types, names that never end. */
static void
talk_nonsense (int peer)
{
    static const char *const lines[] = {
        "\n\n\n",
        "{\n",
        "[1,2]\n",
        "null\n",
        "{\"event\":7}\n",
        "{\"event\":\"stats\"}\n",
        "{\"event\":\"stats\",\"data\":[]}\n",
        "{\"event\":\"stats\",\"data\":{\"status\":[],\"links\":{}}}\n",
        "{\"event\":\"calls\",\"data\":{\"a\":1}}\n",
        "{\"event\":\"calls\",\"data\":[1,null,{\"at\":-1,\"depth\":-5}]}\n",
        "{\"event\":\"console\",\"data\":\"!!!\"}\n",
        "{\"event\":\"console\",\"data\":12}\n",
        "{\"event\":\"log\",\"data\":{\"text\":\"\\u0000\\u001b[2J\"}}\n",
        "{\"event\":\"state\",\"data\":{\"state\":\"?\"}}\n",
        "{\"id\":{},\"ok\":3}\n",
        "{\"id\":2,\"ok\":true,\"result\":[{\"name\":5,\"arguments\":7}]}\n",
        "{\"id\":-1,\"ok\":false}\n",
        "{\"event\":\"domain\",\"data\":{\"domain\":\"\",\"state\":\"dead\"}}\n",
        "\xff\xfe\x80\n",
        "{\"event\":\"stats\",\"data\":{\"components\":[{\"name\":\"\xc3\"}]}}\n",
    };
    GRand *random = g_rand_new_with_seed (3);
    GString *name = g_string_new (NULL);

    talk_well (peer);
    for (int i = 0; i < 1000; i++) {
        const char *line = lines[g_rand_int_range (random, 0, G_N_ELEMENTS (lines))];

        say (peer, line, strlen (line));
    }
    for (int i = 0; i < 100000; i++)
        g_string_append_c (name, (char)('a' + i % 26));
    say_json (peer,
              json_pack (
                  "{s:s, s:{s:{s:s, s:s}, s:[{s:s, s:s}], s:[{s:s}], s:[{s:s, s:s, s:i}]}}",
                  "event", "stats", "data", "status", "machine", name->str, "state",
                  name->str, "components", "name", name->str, "domain", name->str,
                  "domains", "name", name->str, "links", "from", name->str, "to", name->str,
                  "calls", -5));
    for (int i = 0; i < 5000; i++) {
        char byte = (char)g_rand_int_range (random, 0, 256);

        say (peer, &byte, 1);
    }
    say (peer, "\n", 1);
    talk_well (peer);
}

static void
a_silent_board_can_be_left (void **state)
{
    struct board board = board_start (talk_nothing);
    struct terminal *terminal = look (&board);

    (void)state;
    terminal_wait (terminal, "waiting for the machine");
    terminal_send (terminal, "9");
    terminal_wait (terminal, "9 Help");
    terminal_send (terminal, "qd");
    assert_int_equal (terminal_wait_end (terminal), 0);
    terminal_expect_restored (terminal);
    terminal_free (terminal);
    board_end (&board);
}

static void
a_board_that_goes_leaves_its_picture (void **state)
{
    struct board board = board_start (talk_then_die);
    struct terminal *terminal = look (&board);

    (void)state;
    terminal_wait (terminal, "tmpfs");
    terminal_wait (terminal, "\u2716 gone");
    terminal_send (terminal, "4");
    terminal_wait (terminal, "fsload");
    terminal_send (terminal, "q");
    terminal_wait_end (terminal);
    terminal_expect_restored (terminal);
    terminal_free (terminal);
    board_end (&board);
}

static void
nonsense_is_passed_over (void **state)
{
    struct board board = board_start (talk_nonsense);
    struct terminal *terminal = look (&board);

    (void)state;
    terminal_wait (terminal, "tmpfs");
    for (char key = '1'; key <= '9'; key++) {
        char typed[2] = { key, '\0' };

        terminal_send (terminal, typed);
        if (key == '2')
            terminal_send (terminal, "\001");
    }
    terminal_wait (terminal, "9 Help");
    terminal_send (terminal, "1");
    terminal_wait (terminal, "15.482 s"); /* the last snapshot, after all of it */
    terminal_send (terminal, "qd");
    assert_int_equal (terminal_wait_end (terminal), 0);
    terminal_expect_restored (terminal);
    terminal_free (terminal);
    board_end (&board);
}

static void
no_board_is_a_message (void **state)
{
    struct board nowhere = { .path = (char *)"/nowhere/socket" };
    struct terminal *terminal = look (&nowhere);

    (void)state;
    terminal_wait (terminal, "/nowhere/socket");
    assert_int_equal (WEXITSTATUS (terminal_wait_end (terminal)), 1);
    terminal_expect_restored (terminal);
    terminal_free (terminal);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_silent_board_can_be_left),
        cmocka_unit_test (a_board_that_goes_leaves_its_picture),
        cmocka_unit_test (nonsense_is_passed_over),
        cmocka_unit_test (no_board_is_a_message),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
