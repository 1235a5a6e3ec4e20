/* cost: what a viewer costs the machine that it looks at, as ratios. `make dashboard-cost`.
 *
 * One machine works without end. In turn it is left alone and looked at; in each window of
 * time the calls it has made, and the host's CPU that its domains have taken for them, are
 * counted. A viewer may use another CPU as it likes; what it must not do is make the
 * machine's own work dearer or slower.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/session.h"

#define WINDOWS    12u
#define WINDOW_US  1500000
#define SETTLED_US 500000

struct counted {
    double seconds, calls, domains, board, viewer; /* CPU in seconds */
};

static json_t *
ask (const char *words)
{
    g_autofree char *text = session_ctl (words);
    json_t *answer = json_loads (text != NULL ? text : "", 0, NULL);

    assert_non_null (answer);
    return answer;
}

/* What a process has had of the host's CPUs. */
static double
cpu_seconds (json_int_t pid)
{
    g_autofree char *path = g_strdup_printf ("/proc/%d/schedstat", (int)pid), *text = NULL;

    if (pid <= 0 || !g_file_get_contents (path, &text, NULL, NULL))
        return 0;
    return (double)g_ascii_strtoull (text, NULL, 10) / 1e9;
}

static struct counted
count (struct terminal *viewer)
{
    json_t *status = ask ("status --json"), *domains = ask ("domains --json"), *domain;
    struct counted now = { .seconds = (double)g_get_monotonic_time () / 1e6 };
    size_t i;

    now.calls = (double)json_integer_value (json_object_get (status, "calls"));
    now.board = cpu_seconds (json_integer_value (json_object_get (status, "pid")));
    json_array_foreach (domains, i, domain)
        now.domains += cpu_seconds (json_integer_value (json_object_get (domain, "pid")));
    if (viewer != NULL)
        now.viewer = cpu_seconds (terminal_child (viewer));
    json_decref (status);
    json_decref (domains);
    return now;
}

static void
let (struct terminal *viewer, gint64 us)
{
    if (viewer != NULL)
        terminal_watch (viewer, us);
    else
        g_usleep ((gulong)us);
}

static struct counted
window (struct terminal *viewer)
{
    struct counted before, after;

    let (viewer, SETTLED_US);
    before = count (viewer);
    let (viewer, WINDOW_US);
    after = count (viewer);
    after.seconds -= before.seconds;
    after.calls -= before.calls;
    after.domains -= before.domains;
    after.board -= before.board;
    after.viewer -= before.viewer;
    return after;
}

static void
add (struct counted *sum, struct counted one)
{
    sum->seconds += one.seconds;
    sum->calls += one.calls;
    sum->domains += one.domains;
    sum->board += one.board;
    sum->viewer += one.viewer;
}

static double
us_for_a_call (const struct counted *it)
{
    return it->domains / it->calls * 1e6;
}

static void
row (const char *name, const struct counted *sum, double least)
{
    printf ("  %-12s %9.0f %10.3f %10.3f %9.1f %9.1f\n", name, sum->calls / sum->seconds,
            us_for_a_call (sum), least, sum->board / sum->seconds * 100,
            sum->viewer / sum->seconds * 100);
}

static int
by_value (const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static void
measure (const char *machine, const char *what, const char *keys)
{
    struct counted alone = { 0 }, watched = { 0 };
    double ratios[WINDOWS], least_alone = HUGE_VAL, least_watched = HUGE_VAL;
    g_autofree char *start = g_strdup_printf ("%s run --detach %s", session_program (), machine);
    g_autofree char *said = NULL;

    assert_true (g_spawn_command_line_sync (start, &said, NULL, NULL, NULL));
    g_free (session_ctl ("type text='fsload -n 100000000 >/dev/null\n'"));
    g_free (session_ctl ("speed factor=0"));
    for (unsigned i = 0; i < WINDOWS; i++) {
        struct counted first = window (NULL), second;
        struct terminal *viewer = session_attach (40, 120);

        terminal_wait (viewer, "syscalls");
        terminal_send (viewer, keys);
        second = window (viewer);
        terminal_send (viewer, "qd");
        session_bury (viewer);
        add (&alone, first);
        add (&watched, second);
        least_alone = MIN (least_alone, us_for_a_call (&first));
        least_watched = MIN (least_watched, us_for_a_call (&second));
        ratios[i] = us_for_a_call (&second) / us_for_a_call (&first);
    }
    g_free (session_ctl ("quit"));
    qsort (ratios, WINDOWS, sizeof ratios[0], by_value);
    printf ("%s, %s\n  %-12s %9s %10s %10s %9s %9s\n", machine, what, "", "calls/s", "us/call",
            "least", "board %", "viewer %");
    row ("alone", &alone, least_alone);
    row ("looked at", &watched, least_watched);
    printf ("  CPU of the machine's domains for a call, looked at / alone: %.3f "
            "(of the least: %.3f; middle half of %u pairs: %.3f to %.3f)\n\n",
            (ratios[WINDOWS / 2 - 1] + ratios[WINDOWS / 2]) / 2, least_watched / least_alone,
            WINDOWS, ratios[WINDOWS / 4], ratios[WINDOWS - 1 - WINDOWS / 4]);
}

static void
what_a_viewer_costs (void **state)
{
    (void)state;
    measure ("monolithic", "the structure", "");
    measure ("hybrid", "the structure", "");
    measure ("microkernel", "the structure", "");
    measure ("microkernel", "the stream of calls", "3");
}

int
main (void)
{
    const struct CMUnitTest tests[] = { session_test (what_a_viewer_costs) };

    return cmocka_run_group_tests (tests, session_begin, session_end);
}
