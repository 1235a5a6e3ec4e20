/* What a terminal's line discipline promises: servers/tty, sim/device/terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/device.h"
#include "device/terminal.h"
#include "solo/solo.h"

extern const struct component_class tty_class;

/* ---- a process manager that only notes whom it was told to signal ---- */

struct notes {
    unsigned kills;
    int32_t target;
    uint32_t signal;
};

static enum status
note_kill (Component *self, struct call *call, const struct process_kill_req *req,
           struct process_kill_rep *rep)
{
    struct notes *notes = component_state (self);

    (void)call;
    (void)rep;
    notes->kills++;
    notes->target = req->target;
    notes->signal = req->signal;
    return OK;
}

static const struct process_ops note_ops = { .kill = note_kill };
static const struct component_class notes_class = {
    .name = "notes",
    .state_bytes = sizeof (struct notes),
    .provides = { { INTERFACE_process, &note_ops } },
};

/* ---- a terminal with a pipe as its screen ---- */

static struct terminal *terminal;
static Component *tty, *processes;
static Link *line;
static int screen;

static void
boot (const char *canonical, const char *echo, const char *nlcr)
{
    int ends[2];

    signal (SIGPIPE, SIG_IGN);
    assert_int_equal (pipe (ends), 0);
    assert_int_equal (dup2 (ends[1], DEVICE_TERMINAL_FD), DEVICE_TERMINAL_FD);
    close (ends[1]);
    screen = ends[0];
    assert_int_equal (fcntl (screen, F_SETFL, O_NONBLOCK), 0);
    terminal = calloc (1, sizeof *terminal);
    assert_non_null (terminal);
    solo_init ();
    processes = solo_add (&notes_class, "notes", NULL);
    tty = solo_add (&tty_class, "tty", "canonical", canonical, "echo", echo, "nlcr", nlcr,
                    NULL);
    solo_bind (tty, "processes", processes);
    solo_device (tty, terminal);
    assert_int_equal (solo_start (tty), OK);
    line = solo_link (tty, INTERFACE_tty);
}

static int
halt (void **state)
{
    (void)state;
    solo_fini ();
    free (terminal);
    close (screen);
    close (DEVICE_TERMINAL_FD);
    return 0;
}

static void
type_bytes (const char *bytes, size_t count)
{
    assert_int_equal (terminal_type (terminal, bytes, count), count);
    solo_interrupt (tty);
}

static void
type (const char *text)
{
    type_bytes (text, strlen (text));
}

static void
type_end (void)
{
    terminal->board.ended = 1;
    solo_interrupt (tty);
}

/* What the screen got since the last time. */
static void
screen_shows (const char *expected)
{
    char seen[4096];
    ssize_t count = read (screen, seen, sizeof seen - 1);

    seen[count > 0 ? count : 0] = '\0';
    assert_string_equal (seen, expected);
}

struct reading {
    struct tty_read_req req;
    struct tty_read_rep rep;
    SoloCall *call;
    char data[256];
};

static void
start (struct reading *reading, uint32_t length)
{
    memset (reading, 0, sizeof *reading);
    reading->req.into = (struct grant){ reading->data, length, 0 };
    reading->call = solo_send (line, tty_OP_read, &reading->req, &reading->rep);
    solo_run ();
}

static void
got (struct reading *reading, const char *expected)
{
    assert_int_equal (solo_status (reading->call), OK);
    assert_int_equal (reading->rep.done, strlen (expected));
    assert_memory_equal (reading->data, expected, strlen (expected));
}

static void
reads (const char *expected)
{
    static struct reading readings[32];
    static unsigned next;
    struct reading *reading = &readings[next++ % 32];

    start (reading, 100);
    got (reading, expected);
}

static void
set_modes (uint32_t modes, uint8_t minimum, uint8_t time)
{
    struct tty_get_req ask;
    struct tty_get_rep now;
    struct tty_set_req set;
    struct tty_set_rep nothing;

    assert_int_equal (tty_get (line, &ask, &now), OK);
    set.attr = now.attr;
    set.attr.modes = modes;
    set.attr.minimum = minimum;
    set.attr.time = time;
    assert_int_equal (tty_set (line, &set, &nothing), OK);
}

static void
set_foreground (uint32_t group)
{
    struct tty_foreground_req req = { .group = group };
    struct tty_foreground_rep nothing;

    assert_int_equal (tty_foreground (line, &req, &nothing), OK);
}

/* ---- canonical mode ---- */

static void
a_read_waits_for_a_whole_line_and_gets_one (void **state)
{
    static struct reading r;

    (void)state;
    boot ("yes", "no", "no");
    start (&r, 100);
    type ("on");
    assert_int_equal (solo_status (r.call), DEFERRED);
    type ("e\ntwo\n");
    got (&r, "one\n");
    reads ("two\n");
}

static uint32_t
pending (void)
{
    struct tty_get_req get = {};
    struct tty_get_rep known;
    SoloCall *call = solo_send (line, tty_OP_get, &get, &known);

    solo_run ();
    assert_int_equal (solo_status (call), OK);
    return known.pending;
}

static void
what_may_be_read_is_counted (void **state)
{
    struct reading reading;

    (void)state;
    boot ("yes", "no", "no");
    assert_int_equal (pending (), 0);
    type ("unfinished");
    assert_int_equal (pending (), 0);
    type ("\nmore\n\004");
    assert_int_equal (pending (), 16); /* the end of file is none of the bytes */
    start (&reading, 3);
    got (&reading, "unf");
    assert_int_equal (pending (), 13);
}

static void
a_long_line_is_read_in_pieces (void **state)
{
    static struct reading a, b;

    (void)state;
    boot ("yes", "no", "no");
    type ("abcdef\n");
    start (&a, 4);
    got (&a, "abcd");
    start (&b, 4);
    got (&b, "ef\n");
}

static void
readers_are_served_in_order (void **state)
{
    static struct reading a, b;

    (void)state;
    boot ("yes", "no", "no");
    start (&a, 100);
    start (&b, 100);
    type ("1\n2\n");
    got (&a, "1\n");
    got (&b, "2\n");
}

static void
typed_characters_are_echoed_controls_as_carets (void **state)
{
    (void)state;
    boot ("yes", "yes", "yes");
    type ("a\x01\tb\r");
    screen_shows ("a^A\tb\r\n");
    reads ("a\x01\tb\n");
}

static void
erase_takes_back_what_the_echo_showed (void **state)
{
    (void)state;
    boot ("yes", "yes", "yes");
    type ("ab\x7f");
    screen_shows ("ab\b \b");
    type ("\x01\x7f");
    screen_shows ("^A\b \b\b \b");
    type ("\t\x7f");
    screen_shows ("\t\b\b\b\b\b\b\b");
    type ("\xc3\xa9\x7f");
    screen_shows ("\xc3\xa9\b \b");
    type ("\x7f\x7f\x7f");
    screen_shows ("\b \b");
    type ("x\n");
    reads ("x\n");
}

static void
kill_takes_back_the_line (void **state)
{
    (void)state;
    boot ("yes", "yes", "yes");
    type ("abc\x15z\n");
    screen_shows ("abc\b \b\b \b\b \bz\r\n");
    reads ("z\n");
}

static void
end_of_file_is_only_read_at_the_start_of_a_line (void **state)
{
    static struct reading exact;

    (void)state;
    boot ("yes", "yes", "yes");
    type ("ab\x04");
    reads ("ab");
    type ("\x04");
    reads ("");
    type ("cd\x04");
    start (&exact, 2);
    got (&exact, "cd");
    type ("e\n");
    reads ("e\n");
    screen_shows ("abcde\r\n");
}

static void
a_line_too_long_loses_its_middle_not_its_end (void **state)
{
    static char text[5000], data[8192];
    struct tty_read_req req = { 0, { data, sizeof data, 0 } };
    struct tty_read_rep rep;

    (void)state;
    boot ("yes", "no", "no");
    memset (text, 'x', sizeof text);
    type_bytes (text, sizeof text);
    type ("\n");
    assert_int_equal (tty_read (line, &req, &rep), OK);
    assert_int_equal (rep.done, 4095);
    assert_int_equal (data[4094], '\n');
}

static void
input_that_nobody_reads_stays_in_the_device (void **state)
{
    static char text[60000];
    uint32_t lines = 0;

    (void)state;
    boot ("yes", "no", "no");
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = i % 100 == 99 ? '\n' : (char)('a' + i / 100 % 26);
    type_bytes (text, sizeof text);
    assert_true (terminal->driver.taken < 10000);
    type_end ();
    for (;;) {
        char data[200];
        struct tty_read_req req = { 0, { data, sizeof data, 0 } };
        struct tty_read_rep rep;

        assert_int_equal (tty_read (line, &req, &rep), OK);
        if (rep.done == 0)
            break;
        assert_int_equal (rep.done, 100);
        assert_memory_equal (data, text + lines * 100, 100);
        lines++;
    }
    assert_int_equal (lines, 600);
}

/* ---- signals ---- */

static void
the_interrupt_character_signals_the_foreground_group (void **state)
{
    static struct reading r;
    struct notes *notes;

    (void)state;
    boot ("yes", "yes", "yes");
    notes = component_state (processes);
    set_foreground (7);
    type ("half a line");
    start (&r, 100);
    type ("\x03");
    assert_int_equal (notes->kills, 1);
    assert_int_equal (notes->target, -7);
    assert_int_equal (notes->signal, 2);
    assert_int_equal (solo_status (r.call), ERR_INTERRUPTED);
    screen_shows ("half a line^C");
    type ("new\n");
    reads ("new\n");
    type ("\x1c");
    assert_int_equal (notes->signal, 3);
    type ("\x1a");
    assert_int_equal (notes->signal, 20);
}

static void
who_is_suspended_takes_nothing_typed_for_others (void **state)
{
    static struct reading r;

    (void)state;
    boot ("yes", "no", "no");
    set_foreground (7);
    start (&r, 100);
    type ("\x1a");
    assert_int_equal (solo_status (r.call), ERR_INTERRUPTED);
    type ("x\n");
    reads ("x\n");
}

static void
without_signals_the_characters_are_read (void **state)
{
    struct notes *notes;

    (void)state;
    boot ("yes", "no", "no");
    notes = component_state (processes);
    set_foreground (7);
    set_modes (TTY_CANONICAL, 1, 0);
    type ("\x03\n");
    reads ("\x03\n");
    assert_int_equal (notes->kills, 0);
}

static void
a_new_window_size_is_told_and_kept (void **state)
{
    struct tty_get_req ask;
    struct tty_get_rep now;
    struct notes *notes;

    (void)state;
    boot ("yes", "no", "no");
    notes = component_state (processes);
    set_foreground (3);
    assert_int_equal (tty_get (line, &ask, &now), OK);
    assert_int_equal (now.attr.rows, 24);
    assert_int_equal (now.attr.columns, 80);
    terminal->board.rows = 1;
    terminal->board.columns = 1;
    solo_interrupt (tty);
    assert_int_equal (notes->signal, 28);
    set_modes (TTY_CANONICAL, 1, 0);
    assert_int_equal (tty_get (line, &ask, &now), OK);
    assert_int_equal (now.attr.rows, 1);
    assert_int_equal (now.attr.columns, 1);
    assert_int_equal (now.foreground, 3);
}

/* ---- raw mode ---- */

static void
a_raw_read_gets_what_is_there (void **state)
{
    static struct reading r;

    (void)state;
    boot ("no", "no", "no");
    start (&r, 100);
    type ("a\x04");
    got (&r, "a\x04");
}

static void
a_raw_read_waits_for_its_minimum (void **state)
{
    static struct reading r, small;

    (void)state;
    boot ("no", "no", "no");
    set_modes (0, 3, 0);
    start (&r, 100);
    type ("ab");
    assert_int_equal (solo_status (r.call), DEFERRED);
    type ("c");
    got (&r, "abc");
    type ("d");
    start (&small, 1);
    got (&small, "d");
}

static void
a_raw_read_without_a_minimum_does_not_wait (void **state)
{
    (void)state;
    boot ("no", "no", "no");
    set_modes (0, 0, 0);
    reads ("");
    type ("k");
    reads ("k");
}

static void
a_time_bounds_a_raw_read (void **state)
{
    static struct reading nothing, some;

    (void)state;
    boot ("no", "no", "no");
    set_modes (0, 0, 5);
    start (&nothing, 10);
    solo_advance (400000000);
    assert_int_equal (solo_status (nothing.call), DEFERRED);
    solo_advance (200000000);
    got (&nothing, "");
    set_modes (0, 5, 2);
    start (&some, 10);
    solo_advance (1000000000);
    assert_int_equal (solo_status (some.call), DEFERRED);
    type ("a");
    solo_advance (150000000);
    type ("b");
    solo_advance (150000000);
    assert_int_equal (solo_status (some.call), DEFERRED);
    solo_advance (100000000);
    got (&some, "ab");
}

static void
leaving_canonical_mode_gives_away_the_unfinished_line (void **state)
{
    static struct reading r;

    (void)state;
    boot ("yes", "no", "no");
    type ("abc");
    start (&r, 100);
    set_modes (0, 1, 0);
    solo_run ();
    got (&r, "abc");
}

/* ---- the rest ---- */

static void
after_the_last_input_every_read_is_at_the_end (void **state)
{
    static struct reading waiting;

    (void)state;
    boot ("yes", "no", "no");
    type ("a\nlast");
    type_end ();
    reads ("a\n");
    reads ("last");
    reads ("");
    reads ("");
    halt (NULL);
    boot ("no", "no", "no");
    start (&waiting, 10);
    type_end ();
    got (&waiting, "");
}

static void
a_read_that_must_not_wait_says_so (void **state)
{
    char data[4];
    struct tty_read_req req = { 1, { data, 4, 0 } };
    struct tty_read_rep rep = { .done = 99 };

    (void)state;
    boot ("yes", "no", "no");
    assert_int_equal (tty_read (line, &req, &rep), ERR_AGAIN);
    assert_int_equal (rep.done, 99);
    type ("a\n");
    assert_int_equal (tty_read (line, &req, &rep), OK);
    assert_int_equal (rep.done, 2);
}

static void
a_cancelled_read_takes_nothing (void **state)
{
    static struct reading a, b;
    size_t used;

    (void)state;
    boot ("yes", "no", "no");
    used = solo_memory_used (tty);
    start (&a, 100);
    start (&b, 100);
    solo_cancel (b.call);
    assert_int_equal (solo_status (b.call), ERR_INTERRUPTED);
    start (&b, 100);
    solo_cancel (a.call);
    assert_int_equal (solo_status (a.call), ERR_INTERRUPTED);
    type ("x\n");
    got (&b, "x\n");
    assert_int_equal (solo_memory_used (tty), used);
}

static void
output_is_translated_when_asked (void **state)
{
    struct tty_write_req req = { { (void *)"a\nb", 3, 0 } };
    struct tty_write_rep rep;

    (void)state;
    boot ("yes", "yes", "yes");
    assert_int_equal (tty_write (line, &req, &rep), OK);
    assert_int_equal (rep.done, 3);
    screen_shows ("a\r\nb");
    set_modes (0, 1, 0);
    assert_int_equal (tty_write (line, &req, &rep), OK);
    screen_shows ("a\nb");
}

static void
a_closed_far_end_does_not_stop_the_driver (void **state)
{
    static char text[60000];
    struct tty_write_req req = { { text, sizeof text, 0 } };
    struct tty_write_rep rep;

    (void)state;
    boot ("yes", "yes", "yes");
    memset (text, 'x', sizeof text);
    close (screen);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal (tty_write (line, &req, &rep), OK);
        assert_int_equal (rep.done, sizeof text);
    }
    assert_int_equal (terminal->driver.closed, 1);
    screen = open ("/dev/null", O_RDONLY);
}

static void
the_rings_work_when_their_cursors_wrap (void **state)
{
    struct tty_read_req req;
    struct tty_read_rep rep;
    char data[16];

    (void)state;
    boot ("yes", "no", "no");
    halt (NULL);
    boot ("no", "no", "no");
    terminal->board.written = terminal->driver.taken = UINT32_MAX - 20;
    assert_int_equal (solo_start (tty), OK);
    for (unsigned i = 0; i < 10; i++) {
        type ("abcdefg");
        req = (struct tty_read_req){ 0, { data, sizeof data, 0 } };
        assert_int_equal (tty_read (line, &req, &rep), OK);
        assert_int_equal (rep.done, 7);
        assert_memory_equal (data, "abcdefg", 7);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown (a_read_waits_for_a_whole_line_and_gets_one, halt),
        cmocka_unit_test_teardown (what_may_be_read_is_counted, halt),
        cmocka_unit_test_teardown (a_long_line_is_read_in_pieces, halt),
        cmocka_unit_test_teardown (readers_are_served_in_order, halt),
        cmocka_unit_test_teardown (typed_characters_are_echoed_controls_as_carets, halt),
        cmocka_unit_test_teardown (erase_takes_back_what_the_echo_showed, halt),
        cmocka_unit_test_teardown (kill_takes_back_the_line, halt),
        cmocka_unit_test_teardown (end_of_file_is_only_read_at_the_start_of_a_line, halt),
        cmocka_unit_test_teardown (a_line_too_long_loses_its_middle_not_its_end, halt),
        cmocka_unit_test_teardown (input_that_nobody_reads_stays_in_the_device, halt),
        cmocka_unit_test_teardown (the_interrupt_character_signals_the_foreground_group,
                                   halt),
        cmocka_unit_test_teardown (who_is_suspended_takes_nothing_typed_for_others, halt),
        cmocka_unit_test_teardown (without_signals_the_characters_are_read, halt),
        cmocka_unit_test_teardown (a_new_window_size_is_told_and_kept, halt),
        cmocka_unit_test_teardown (a_raw_read_gets_what_is_there, halt),
        cmocka_unit_test_teardown (a_raw_read_waits_for_its_minimum, halt),
        cmocka_unit_test_teardown (a_raw_read_without_a_minimum_does_not_wait, halt),
        cmocka_unit_test_teardown (a_time_bounds_a_raw_read, halt),
        cmocka_unit_test_teardown (leaving_canonical_mode_gives_away_the_unfinished_line,
                                   halt),
        cmocka_unit_test_teardown (after_the_last_input_every_read_is_at_the_end, halt),
        cmocka_unit_test_teardown (a_read_that_must_not_wait_says_so, halt),
        cmocka_unit_test_teardown (a_cancelled_read_takes_nothing, halt),
        cmocka_unit_test_teardown (output_is_translated_when_asked, halt),
        cmocka_unit_test_teardown (a_closed_far_end_does_not_stop_the_driver, halt),
        cmocka_unit_test_teardown (the_rings_work_when_their_cursors_wrap, halt),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
