/* What the scheduling policies promise, seen from whom they pick. A task here runs for its
 * whole slice, or waits before that; nothing else takes time. */
#include "ground.h"

#include <string.h>

#include "nucleus/sched.h"

#define TASKS 6u

struct race {
    struct sched sched;
    struct task tasks[TASKS];
    uint64_t ran[TASKS]; /* cycles */
    unsigned picked[TASKS];
};

static struct race race;

static void
race_begin (const char *policy, unsigned tasks)
{
    memset (&race, 0, sizeof race);
    race.sched.policy = sched_policy_find (policy);
    assert_non_null (race.sched.policy);
    for (unsigned i = 0; i < tasks; i++) {
        race.tasks[i].id = i + 1;
        sched_enqueue (&race.sched, &race.tasks[i], SCHED_WOKEN);
    }
    assert_int_equal (race.sched.ready, tasks);
}

static uint64_t
quantum (void)
{
    return NS_TO_CYCLES (PLAN->quantum_ns);
}

/* Picks one, lets it run for its whole slice or, if it waits, a tenth of it; queues it
 * again. */
static unsigned
race_step (bool waits)
{
    struct task *task = sched_pick (&race.sched);
    unsigned index = task->id - 1;
    uint64_t slice = race.sched.policy->slice (task, quantum ());
    uint64_t ran = waits ? slice / 10 : slice;

    race.picked[index]++;
    race.ran[index] += ran;
    here->token.now += ran;
    sched_enqueue (&race.sched, task, waits ? SCHED_WOKEN : SCHED_EXPIRED);
    return index;
}

static void
policies_have_names (void **state)
{
    unsigned count = 0;

    (void)state;
    for (; sched_policy_at (count) != NULL; count++) {
        assert_ptr_equal (sched_policy_find (sched_policy_at (count)->name),
                          sched_policy_at (count));
        assert_non_null (sched_policy_at (count)->help);
    }
    assert_int_equal (count, 4);
    assert_null (sched_policy_find ("none"));
    assert_null (sched_policy_at (1000));
}

static void
nobody_is_lost_under_any_policy (void **state)
{
    (void)state;
    for (unsigned p = 0; sched_policy_at (p) != NULL; p++) {
        race_begin (sched_policy_at (p)->name, TASKS);
        for (unsigned step = 0; step < 5000; step++)
            race_step (step % 7 == 0);
        assert_int_equal (race.sched.ready, TASKS);
        for (unsigned i = 0; i < TASKS; i++)
            assert_true (race.picked[i] > 100);
        for (unsigned i = TASKS; i > 0; i--)
            assert_non_null (sched_pick (&race.sched));
        assert_int_equal (race.sched.ready, 0);
    }
}

static void
round_robin_goes_round (void **state)
{
    (void)state;
    race_begin ("round-robin", TASKS);
    for (unsigned step = 0; step < 60; step++)
        assert_int_equal (race_step (step % 3 == 0), step % TASKS);
    assert_false (race.sched.policy->preempts (&race.sched, &race.tasks[0]));
}

static void
the_best_priority_runs_first (void **state)
{
    (void)state;
    race_begin ("priority", 0);
    for (unsigned i = 0; i < 3; i++) {
        race.tasks[i].id = i + 1;
        race.tasks[i].priority = 3 - (int32_t)i;
        sched_enqueue (&race.sched, &race.tasks[i], SCHED_WOKEN);
    }
    assert_ptr_equal (sched_pick (&race.sched), &race.tasks[2]);
    assert_ptr_equal (sched_pick (&race.sched), &race.tasks[1]);
    /* who is better takes the CPU at once, who is equal does not */
    sched_enqueue (&race.sched, &race.tasks[1], SCHED_WOKEN);
    assert_true (race.sched.policy->preempts (&race.sched, &race.tasks[0]));
    assert_false (race.sched.policy->preempts (&race.sched, &race.tasks[1]));
    assert_false (race.sched.policy->preempts (&race.sched, &race.tasks[2]));
}

static void
waiting_makes_better (void **state)
{
    unsigned steps = 0;

    (void)state;
    race_begin ("priority", 3);
    race.tasks[2].priority = 4;
    while (race_step (false) != 2)
        assert_true (++steps < 100);
    assert_true (steps >= 4 * 8); /* a level for each 8 quanta that it waited */
}

/* Age that is forgotten with the choice would be of no use: whoever is better takes the CPU back
 * before the first instruction. */
static void
who_has_aged_has_a_whole_slice (void **state)
{
    struct task *best = &race.tasks[0], *aged = &race.tasks[1];

    (void)state;
    race_begin ("priority", 2);
    aged->priority = 4;
    while (race_step (false) != 1) {
    }
    assert_ptr_equal (sched_pick (&race.sched), best); /* it has had its slice: as before */
    sched_enqueue (&race.sched, best, SCHED_EXPIRED);
    here->token.now += 4 * 8 * quantum ();
    race_step (false); /* both have waited: `best` runs, and then is not older than `aged` */
    assert_ptr_equal (sched_pick (&race.sched), aged);
    assert_false (race.sched.policy->preempts (&race.sched, aged));
    /* an interruption takes nothing from it */
    sched_enqueue (&race.sched, aged, SCHED_PREEMPTED);
    here->token.now += 8 * quantum ();
    race_step (false);
    assert_ptr_equal (sched_pick (&race.sched), aged);
    assert_false (race.sched.policy->preempts (&race.sched, aged));
    /* the end of its slice does, and so does waiting for something */
    sched_enqueue (&race.sched, aged, SCHED_EXPIRED);
    assert_true (race.sched.policy->preempts (&race.sched, aged));
    aged->aged = 3;
    sched_queue_take_nth (&race.sched.queues[0], 1);
    sched_enqueue (&race.sched, aged, SCHED_WOKEN);
    assert_int_equal (aged->aged, 0);
}

static void
who_computes_sinks (void **state)
{
    struct task *hog;

    (void)state;
    race_begin ("mlfq", 1);
    for (unsigned level = 0; level < SCHED_LEVELS + 2; level++) {
        unsigned deep = level < SCHED_LEVELS - 1 ? level : SCHED_LEVELS - 1;

        hog = sched_pick (&race.sched);
        assert_int_equal (hog->level, deep);
        assert_int_equal (race.sched.policy->slice (hog, quantum ()), quantum () << deep);
        sched_enqueue (&race.sched, hog, SCHED_EXPIRED);
    }
    /* who waits stays on top, and takes the CPU from who sank */
    race.tasks[1].id = 2;
    sched_enqueue (&race.sched, &race.tasks[1], SCHED_WOKEN);
    assert_true (race.sched.policy->preempts (&race.sched, hog));
    assert_ptr_equal (sched_pick (&race.sched), &race.tasks[1]);
    sched_enqueue (&race.sched, &race.tasks[1], SCHED_WOKEN);
    assert_int_equal (race.tasks[1].level, 0);
    /* after a while all are lifted */
    here->token.now += 100 * quantum ();
    assert_ptr_equal (sched_pick (&race.sched), &race.tasks[1]);
    assert_ptr_equal (sched_pick (&race.sched), hog);
    assert_int_equal (hog->level, 0);
}

static void
tickets_count (void **state)
{
    (void)state;
    race_begin ("lottery", 3);
    race.tasks[1].priority = 1; /* half as many */
    race.tasks[2].priority = 2; /* a quarter */
    for (unsigned step = 0; step < 7000; step++)
        race_step (false);
    assert_in_range (race.picked[0], 3800, 4200);
    assert_in_range (race.picked[1], 1850, 2150);
    assert_in_range (race.picked[2], 880, 1120);
}

static void
a_lottery_is_seeded (void **state)
{
    unsigned first[200];

    (void)state;
    race_begin ("lottery", TASKS);
    for (unsigned step = 0; step < 200; step++)
        first[step] = race_step (false);
    ground_clear (state);
    ground_lay (state);
    race_begin ("lottery", TASKS);
    for (unsigned step = 0; step < 200; step++)
        assert_int_equal (race_step (false), first[step]);
}

static void
queues_give_any_place (void **state)
{
    struct sched_queue queue = { 0 };
    struct task tasks[4] = { 0 };

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        sched_queue_add (&queue, &tasks[i]);
    assert_ptr_equal (sched_queue_take_nth (&queue, 3), &tasks[3]);
    assert_ptr_equal (sched_queue_take_nth (&queue, 1), &tasks[1]);
    sched_queue_add (&queue, &tasks[3]);
    assert_ptr_equal (sched_queue_take (&queue), &tasks[0]);
    assert_ptr_equal (sched_queue_take (&queue), &tasks[2]);
    assert_ptr_equal (sched_queue_take (&queue), &tasks[3]);
    assert_null (queue.first);
    assert_null (queue.last);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, ground_lay, ground_clear)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (policies_have_names),    TEST (nobody_is_lost_under_any_policy),
        TEST (round_robin_goes_round), TEST (the_best_priority_runs_first),
        TEST (waiting_makes_better),   TEST (who_has_aged_has_a_whole_slice),
        TEST (who_computes_sinks),     TEST (tickets_count),
        TEST (a_lottery_is_seeded),    TEST (queues_give_any_place),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
