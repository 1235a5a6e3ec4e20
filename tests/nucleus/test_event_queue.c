/* What nucleus/event_queue.c promises: events come out in order of (time, insertion). */
#include "ground.h"

#include <string.h>

#include "nucleus/event_queue.h"

#define SELF COMPONENT (COMPONENT_NUCLEUS)

static void
an_empty_queue_has_no_first (void **state)
{
    struct event_queue queue = { 0 };

    (void)state;
    assert_null (event_queue_first (&queue));
    assert_int_equal (event_queue_add (SELF, &queue, 5, 3, 9), OK);
    assert_int_equal (event_queue_first (&queue)->at, 5);
    struct timer_event event = event_queue_take (&queue);
    assert_int_equal (event.component, 3);
    assert_int_equal (event.cookie, 9);
    assert_null (event_queue_first (&queue));
}

static void
equal_times_keep_their_order (void **state)
{
    struct event_queue queue = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal (event_queue_add (SELF, &queue, i % 3, 0, i), OK);
    for (uint64_t time = 0; time < 3; time++)
        for (uint64_t i = time; i < 1000; i += 3) {
            struct timer_event event = event_queue_take (&queue);

            assert_int_equal (event.at, time);
            assert_int_equal (event.cookie, i);
        }
    assert_int_equal (queue.count, 0);
}

/* Adding and taking in turns, compared with a search through all that is there. */
static void
random_events_come_in_order (void **state)
{
    static struct timer_event model[2000];
    struct event_queue queue = { 0 };
    uint32_t seed = 1, count = 0;
    uint64_t added = 0;

    (void)state;
    for (unsigned step = 0; step < 20000; step++) {
        if (count == 0 || (count < 2000 && ground_chance (&seed, 5) < 3)) {
            uint64_t at = ground_chance (&seed, 300);

            model[count++]
                = (struct timer_event){ .at = at, .order = added, .cookie = added };
            assert_int_equal (event_queue_add (SELF, &queue, at, 0, added++), OK);
            continue;
        }
        uint32_t best = 0;
        for (uint32_t i = 1; i < count; i++)
            if (model[i].at < model[best].at
                || (model[i].at == model[best].at && model[i].order < model[best].order))
                best = i;
        assert_int_equal (event_queue_first (&queue)->cookie, model[best].cookie);
        struct timer_event event = event_queue_take (&queue);
        assert_int_equal (event.at, model[best].at);
        assert_int_equal (event.cookie, model[best].cookie);
        model[best] = model[--count];
    }
    assert_int_equal (queue.count, count);
}

static void
full_memory_is_a_status (void **state)
{
    struct event_queue queue = { 0 };
    uint64_t added = 0;

    (void)state;
    while (event_queue_add (SELF, &queue, UINT64_MAX - added, 0, added) == OK)
        added++;
    assert_true (added > 100000);
    assert_int_equal (queue.count, added);
    while (added-- > 0) /* nothing is lost: the last one is the first to come */
        assert_int_equal (event_queue_take (&queue).cookie, added);
    assert_int_equal (event_queue_add (SELF, &queue, 1, 0, 0), OK);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (an_empty_queue_has_no_first, ground_lay,
                                         ground_clear),
        cmocka_unit_test_setup_teardown (equal_times_keep_their_order, ground_lay,
                                         ground_clear),
        cmocka_unit_test_setup_teardown (random_events_come_in_order, ground_lay,
                                         ground_clear),
        cmocka_unit_test_setup_teardown (full_memory_is_a_status, ground_lay, ground_clear),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
