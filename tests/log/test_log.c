/* What the kernel's log promises: servers/log. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solo/solo.h"

extern const struct component_class log_class;

/* ---- a nucleus that only keeps the last line it was told to print ---- */

struct printed {
    unsigned count;
    char line[256];
};

static enum status
keep_print (Component *self, struct call *call, const struct kernel_print_req *req,
            struct kernel_print_rep *rep)
{
    struct printed *printed = component_state (self);

    (void)call;
    (void)rep;
    printed->count++;
    snprintf (printed->line, sizeof printed->line, "%.*s", (int)req->from.length,
              (const char *)req->from.data);
    return OK;
}

static const struct kernel_ops print_ops = { .print = keep_print };
static const struct component_class printer_class = {
    .name = "printer",
    .state_bytes = sizeof (struct printed),
    .provides = { { INTERFACE_kernel, &print_ops } },
};

static Component *log_, *printer;
static Link *lines;

static int
boot (void **state)
{
    (void)state;
    solo_init ();
    printer = solo_add (&printer_class, "printer", NULL);
    log_ = solo_add (&log_class, "log", "bytes", "4096", NULL);
    solo_bind (log_, "kernel", printer);
    assert_int_equal (solo_start (log_), OK);
    lines = solo_link (log_, INTERFACE_log);
    return 0;
}

static int
halt (void **state)
{
    (void)state;
    solo_fini ();
    return 0;
}

static void
say (uint32_t level, const char *source, const char *text)
{
    struct log_write_req req
        = { .level = level, .from = { (void *)text, (uint32_t)strlen (text), 0 } };
    struct log_write_rep nothing;

    memcpy (req.source, source, strnlen (source, sizeof req.source));
    assert_int_equal (log_write (lines, &req, &nothing), OK);
}

static uint32_t
get (uint64_t *cursor, char *text, uint32_t bytes)
{
    struct log_read_req req = { .cursor = *cursor, .into = { text, bytes - 1, 0 } };
    struct log_read_rep rep;

    assert_int_equal (log_read (lines, &req, &rep), OK);
    text[rep.done] = '\0';
    *cursor = rep.next;
    return rep.done;
}

static void
a_line_says_when_who_and_what (void **state)
{
    uint64_t cursor = 0;
    char text[200];

    (void)state;
    solo_advance (12 * 1000000000ull + 345678000u);
    say (6, "ext2", "mounted\n");
    get (&cursor, text, sizeof text);
    assert_memory_equal (text, "[   12.3456", 11);
    assert_string_equal (text + 13, "] ext2: mounted\n");
}

static void
a_reader_gets_every_line_once (void **state)
{
    uint64_t cursor = 0;
    char text[200];

    (void)state;
    say (6, "a", "one");
    say (6, "a", "two");
    assert_int_equal (get (&cursor, text, 30), 22);
    assert_non_null (strstr (text, "one\n"));
    assert_int_equal (get (&cursor, text, sizeof text), 22);
    assert_non_null (strstr (text, "two\n"));
    assert_int_equal (get (&cursor, text, sizeof text), 0);
    say (6, "a", "three");
    get (&cursor, text, sizeof text);
    assert_non_null (strstr (text, "three\n"));
}

static void
when_the_ring_wraps_whole_old_lines_go (void **state)
{
    uint64_t cursor = 0, slow = 0;
    char text[8192], line[64];
    unsigned first, count = 0;

    (void)state;
    say (6, "s", "start");
    get (&slow, text, sizeof text);
    for (unsigned i = 0; i < 1000; i++) {
        snprintf (line, sizeof line, "line %u", i);
        say (6, "source-of-16-byt", line);
    }
    assert_true (get (&cursor, text, sizeof text) > 3500);
    assert_int_equal (text[0], '[');
    assert_int_equal (sscanf (strstr (text, "line "), "line %u", &first), 1);
    for (char *at = text; (at = strstr (at, "line ")) != NULL; at++) {
        unsigned number;

        assert_int_equal (sscanf (at, "line %u", &number), 1);
        assert_int_equal (number, first + count++);
    }
    assert_int_equal (first + count, 1000);
    /* Who was too slow goes on with the oldest. */
    get (&slow, line, sizeof line);
    assert_memory_equal (line, text, strlen (line));
}

static void
control_characters_and_long_lines_do_no_harm (void **state)
{
    static char text[4096], big[4000];
    uint64_t cursor = 0;

    (void)state;
    say (6, "a", "x\ny\033z");
    get (&cursor, text, sizeof text);
    assert_non_null (strstr (text, "a: x?y?z\n"));
    memset (big, 'b', sizeof big - 1);
    say (6, "a", big);
    assert_int_equal (get (&cursor, text, sizeof text), 1024);
    assert_int_equal (text[1023], '\n');
}

static void
urgent_lines_reach_the_board (void **state)
{
    struct printed *printed = component_state (printer);

    (void)state;
    say (6, "a", "calm");
    assert_int_equal (printed->count, 0);
    say (2, "a", "fire");
    assert_int_equal (printed->count, 1);
    assert_non_null (strstr (printed->line, "a: fire"));
}

static void
clear_empties_and_cursors_stay_good (void **state)
{
    struct log_clear_req req;
    struct log_clear_rep nothing;
    uint64_t cursor = 0;
    char text[200];

    (void)state;
    say (6, "a", "old");
    assert_int_equal (log_clear (lines, &req, &nothing), OK);
    assert_int_equal (get (&cursor, text, sizeof text), 0);
    say (6, "a", "new");
    get (&cursor, text, sizeof text);
    assert_non_null (strstr (text, "new"));
    cursor = UINT64_MAX;
    assert_int_equal (get (&cursor, text, sizeof text), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (a_line_says_when_who_and_what, boot, halt),
        cmocka_unit_test_setup_teardown (a_reader_gets_every_line_once, boot, halt),
        cmocka_unit_test_setup_teardown (when_the_ring_wraps_whole_old_lines_go, boot,
                                         halt),
        cmocka_unit_test_setup_teardown (control_characters_and_long_lines_do_no_harm, boot,
                                         halt),
        cmocka_unit_test_setup_teardown (urgent_lines_reach_the_board, boot, halt),
        cmocka_unit_test_setup_teardown (clear_empties_and_cursors_stay_good, boot, halt),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
