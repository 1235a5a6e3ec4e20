/* What is told at the end of a machine that has lived long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "board/report.h"

#define LINES 100000u

static void
a_short_report_stays_as_it_is (void **state)
{
    g_autoptr (GString) report = g_string_new ("one\ntwo\n");
    struct report_cut cut      = { 0 };

    (void)state;
    report_trim (report, &cut);
    assert_string_equal (report->str, "one\ntwo\n");
}

/* Each line is there once, or is counted. */
static void
a_long_one_keeps_its_first_and_last_lines_and_says_how_many_it_lost (void **state)
{
    g_autoptr (GString) report = g_string_new (NULL);
    g_auto (GStrv) lines       = NULL;
    struct report_cut cut      = { 0 };
    unsigned next = 0, left_out = 0;

    (void)state;
    for (unsigned i = 0; i < LINES; i++) {
        g_string_append_printf (report, "line %u\n", i);
        report_trim (report, &cut);
        assert_true (report->len <= REPORT_BYTES + 64);
    }
    lines = g_strsplit (report->str, "\n", 0);
    for (unsigned i = 0; lines[i + 1] != NULL; i++) {
        if (strncmp (lines[i], "khimera: (", 10) == 0) {
            assert_int_equal (left_out, 0);
            left_out = (unsigned)atoi (lines[i] + 10);
            assert_true (next * strlen ("line 0\n") >= REPORT_FIRST_BYTES / 2);
            next += left_out;
            continue;
        }
        assert_int_equal (atoi (lines[i] + 5), next++);
    }
    assert_int_equal (next, LINES);
    assert_true (left_out > LINES / 2);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_short_report_stays_as_it_is),
        cmocka_unit_test (a_long_one_keeps_its_first_and_last_lines_and_says_how_many_it_lost),
    };

    return cmocka_run_group_tests_name ("report", tests, NULL, NULL);
}
