/* What the clock promises: servers/clock. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "solo/solo.h"

#define SECOND 1000000000ull

extern const struct component_class clock_class;

/* ---- a process manager that only notes whom it was told to signal ---- */

struct notes {
    unsigned kills;
    int32_t target;
    uint32_t signal;
    uint64_t at_ns;
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
    notes->at_ns = component_now_ns (self);
    return OK;
}

static const struct process_ops note_ops = { .kill = note_kill };
static const struct component_class notes_class = {
    .name = "notes",
    .state_bytes = sizeof (struct notes),
    .provides = { { INTERFACE_process, &note_ops } },
};

static Component *clock_, *processes;
static Link *times;

static int
boot (void **state)
{
    (void)state;
    solo_init ();
    processes = solo_add (&notes_class, "notes", NULL);
    clock_ = solo_add (&clock_class, "clock", NULL);
    solo_bind (clock_, "processes", processes);
    assert_int_equal (solo_start (clock_), OK);
    times = solo_link (clock_, INTERFACE_clock);
    return 0;
}

static int
halt (void **state)
{
    (void)state;
    solo_fini ();
    return 0;
}

static struct clock_sleep_rep no_reply;

static SoloCall *
sleep_for (struct clock_sleep_req *req, uint64_t ns)
{
    SoloCall *call;

    req->duration_ns = ns;
    call = solo_send (times, clock_OP_sleep, req, &no_reply);
    solo_run ();
    return call;
}

static uint64_t
alarm_after (uint32_t process, uint64_t ns)
{
    struct clock_alarm_req req = { .process = process, .after_ns = ns };
    struct clock_alarm_rep rep;

    assert_int_equal (clock_alarm (times, &req, &rep), OK);
    return rep.left_ns;
}

static void
time_goes_on (void **state)
{
    struct clock_now_req ask;
    struct clock_now_rep before, after;

    (void)state;
    assert_int_equal (clock_now (times, &ask, &before), OK);
    solo_advance (SECOND);
    assert_int_equal (clock_now (times, &ask, &after), OK);
    assert_true (after.uptime_ns - before.uptime_ns >= SECOND);
    assert_int_equal (after.time_ns - before.time_ns, after.uptime_ns - before.uptime_ns);
}

static void
sleepers_wake_when_their_time_has_come (void **state)
{
    static struct clock_sleep_req req[1000];
    static SoloCall *call[1000];
    static uint64_t ns[1000];
    uint64_t random = 7;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        ns[i] = SECOND + (random >> 40) * 1000;
        call[i] = sleep_for (&req[i], ns[i]);
        assert_int_equal (solo_status (call[i]), DEFERRED);
    }
    for (unsigned step = 0; step < 20; step++) {
        struct clock_now_req ask;
        struct clock_now_rep now;

        solo_advance (SECOND);
        assert_int_equal (clock_now (times, &ask, &now), OK);
        for (unsigned i = 0; i < 1000; i++)
            if (now.uptime_ns > ns[i] + SECOND / 2)
                assert_int_equal (solo_status (call[i]), OK);
            else if (now.uptime_ns < ns[i])
                assert_int_equal (solo_status (call[i]), DEFERRED);
    }
}

static void
a_sleep_of_nothing_does_not_wait_and_one_for_ever_does (void **state)
{
    static struct clock_sleep_req none, ever;

    (void)state;
    assert_int_equal (solo_status (sleep_for (&none, 0)), OK);
    assert_int_equal (solo_status (sleep_for (&ever, UINT64_MAX)), DEFERRED);
    solo_advance (1000 * SECOND);
    assert_int_equal (solo_status (sleep_for (&none, 0)), OK);
}

static void
a_cancelled_sleeper_is_forgotten (void **state)
{
    static struct clock_sleep_req a, b;
    SoloCall *first = sleep_for (&a, SECOND);
    SoloCall *second = sleep_for (&b, 2 * SECOND);

    (void)state;
    solo_cancel (first);
    assert_int_equal (solo_status (first), ERR_INTERRUPTED);
    assert_int_equal (solo_status (second), DEFERRED);
    solo_advance (3 * SECOND);
    assert_int_equal (solo_status (second), OK);
}

static void
an_alarm_signals_its_process_once (void **state)
{
    struct notes *notes = component_state (processes);

    (void)state;
    assert_int_equal (alarm_after (42, SECOND), 0);
    solo_advance (SECOND / 2);
    assert_int_equal (notes->kills, 0);
    solo_advance (10 * SECOND);
    assert_int_equal (notes->kills, 1);
    assert_int_equal (notes->target, 42);
    assert_int_equal (notes->signal, 14);
}

static void
a_new_alarm_replaces_the_old_one_and_tells_what_was_left (void **state)
{
    struct notes *notes = component_state (processes);
    uint64_t left_ns;

    (void)state;
    alarm_after (1, 10 * SECOND);
    alarm_after (2, 3 * SECOND);
    solo_advance (SECOND);
    left_ns = alarm_after (1, 20 * SECOND);
    assert_true (left_ns > 8 * SECOND && left_ns <= 9 * SECOND);
    left_ns = alarm_after (1, 0);
    assert_true (left_ns > 19 * SECOND && left_ns <= 20 * SECOND);
    assert_int_equal (alarm_after (1, 0), 0);
    solo_advance (100 * SECOND);
    assert_int_equal (notes->kills, 1);
    assert_int_equal (notes->target, 2);
}

static void
the_alarm_of_a_process_that_is_gone_never_comes (void **state)
{
    struct clock_release_req req = { .process = 5 };
    struct clock_release_rep nothing;
    struct notes *notes = component_state (processes);

    (void)state;
    alarm_after (5, SECOND);
    assert_int_equal (clock_release (times, &req, &nothing), OK);
    solo_advance (10 * SECOND);
    assert_int_equal (notes->kills, 0);
}

static void
without_memory_nobody_sleeps (void **state)
{
    struct clock_sleep_req req = { .duration_ns = SECOND };

    (void)state;
    solo_memory_limit (clock_, 0);
    assert_int_equal (clock_sleep (times, &req, &no_reply), ERR_NO_MEMORY);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (time_goes_on, boot, halt),
        cmocka_unit_test_setup_teardown (sleepers_wake_when_their_time_has_come, boot,
                                         halt),
        cmocka_unit_test_setup_teardown (
            a_sleep_of_nothing_does_not_wait_and_one_for_ever_does, boot, halt),
        cmocka_unit_test_setup_teardown (a_cancelled_sleeper_is_forgotten, boot, halt),
        cmocka_unit_test_setup_teardown (an_alarm_signals_its_process_once, boot, halt),
        cmocka_unit_test_setup_teardown (
            a_new_alarm_replaces_the_old_one_and_tells_what_was_left, boot, halt),
        cmocka_unit_test_setup_teardown (the_alarm_of_a_process_that_is_gone_never_comes,
                                         boot, halt),
        cmocka_unit_test_setup_teardown (without_memory_nobody_sleeps, boot, halt),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
