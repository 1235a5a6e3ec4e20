/* What component_alarm promises: no deadline is missed, and there are but few timers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "solo/solo.h"

#define DEADLINES 3000u

/* Holds deadlines as a component would: the timer ends what is due, and asks for the next. */
struct holder {
    struct alarms alarms;
    uint64_t deadline_ns[DEADLINES]; /* 0: none, or it was met */
    unsigned late, met, came;
};

static void
holder_timer (Component *self, uint64_t cookie)
{
    struct holder *holder = component_state (self);
    uint64_t now_ns = component_now_ns (self), next_ns = UINT64_MAX;

    (void)cookie;
    holder->came++;
    for (unsigned i = 0; i < DEADLINES; i++) {
        uint64_t at_ns = holder->deadline_ns[i];

        if (at_ns != 0 && at_ns <= now_ns) {
            holder->deadline_ns[i] = 0;
            holder->met++;
            holder->late += at_ns < now_ns;
        } else if (at_ns != 0 && at_ns < next_ns) {
            next_ns = at_ns;
        }
    }
    if (next_ns != UINT64_MAX)
        assert_int_equal (component_alarm (self, &holder->alarms, next_ns), OK);
}

static const struct component_class holder_class
    = { .name = "holder", .state_bytes = sizeof (struct holder), .timer = holder_timer };

static Component *
begin (void)
{
    solo_init ();
    return solo_add (&holder_class, "holder", NULL);
}

static void
add (Component *self, unsigned i, uint64_t at_ns)
{
    struct holder *holder = component_state (self);

    holder->deadline_ns[i] = at_ns;
    assert_int_equal (component_alarm (self, &holder->alarms, at_ns), OK);
}

static void
later_deadlines_share_a_timer (void **state)
{
    Component *self             = begin ();
    const struct holder *holder = component_state (self);

    (void)state;
    for (unsigned i = 0; i < DEADLINES; i++)
        add (self, i, 1000 + i);
    assert_int_equal (solo_timers (), 1);
    solo_advance (1000 + DEADLINES);
    assert_int_equal (holder->met, DEADLINES);
    assert_int_equal (holder->late, 0);
    assert_int_equal (holder->came, DEADLINES);
    solo_fini ();
}

static void
a_few_earlier_ones_come_exactly (void **state)
{
    Component *self             = begin ();
    const struct holder *holder = component_state (self);

    (void)state;
    for (unsigned i = 0; i < ALARMS_EXACT; i++)
        add (self, i, 1000000 - i);
    solo_advance (1000000);
    assert_int_equal (holder->met, ALARMS_EXACT);
    assert_int_equal (holder->late, 0);
    assert_int_equal (holder->came, ALARMS_EXACT);
    solo_fini ();
}

/* Whatever their distance, and while time goes on. */
static void
ever_earlier_ones_take_few_timers_and_none_is_late (void **state)
{
    static const uint64_t distances[] = { 1, 1000, 1000000000, 1000000000000 };

    (void)state;
    for (unsigned d = 0; d < sizeof distances / sizeof *distances; d++) {
        Component *self             = begin ();
        const struct holder *holder = component_state (self);
        uint64_t last               = 5000000 + DEADLINES * distances[d];

        for (unsigned i = 0; i < DEADLINES; i++) {
            add (self, i, last - i * distances[d]);
            assert_true (solo_timers () <= ALARMS_MAX);
            solo_advance (1000);
            assert_true (solo_timers () <= ALARMS_MAX);
        }
        solo_advance (last);
        assert_int_equal (holder->met, DEADLINES);
        assert_int_equal (holder->late, 0);
        solo_fini ();
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (later_deadlines_share_a_timer),
        cmocka_unit_test (a_few_earlier_ones_come_exactly),
        cmocka_unit_test (ever_earlier_ones_take_few_timers_and_none_is_late),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
