/* What the process manager promises about signals, and about calls that overlap. */
#include "pm/bench.h"

/* ---- signals ---- */

static void
signals_do_what_they_do_by_default (void **state)
{
    static const uint32_t ends_it[] = { 1, 2, 3, 6, 9, 13, 14, 15, 10, 12, 24, 29, 34, 64 };
    static const uint32_t nothing[] = { 0, 17, 23, 28, 18 };

    (void)state;
    for (unsigned i = 0; i < sizeof ends_it / sizeof *ends_it; i++) {
        uint32_t child = spawn (1);

        assert_int_equal (kills (1, (int32_t)child, ends_it[i]), OK);
        assert_true (killed (child, ends_it[i]));
        assert_true (exists (child)); /* until its task has unwound */
    }
    for (unsigned i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        uint32_t child = spawn (1);

        assert_int_equal (kills (1, (int32_t)child, nothing[i]), OK);
        assert_false (world_task (world, child)->killed);
        assert_false (world_task (world, child)->stopped);
    }
    assert_int_equal (kills (1, 2, 65), ERR_INVALID);
    assert_int_equal (kills (1, 2000, TERM), ERR_NO_PROCESS);
}

static void
ignored_signals_do_nothing_but_kill_and_stop_are_not_ignored (void **state)
{
    uint32_t child = spawn (1);

    (void)state;
    ignores (child, UINT64_MAX);
    assert_int_equal (kills (1, (int32_t)child, TERM), OK);
    assert_int_equal (kills (1, (int32_t)child, TSTP), OK);
    assert_false (world_task (world, child)->killed);
    assert_int_equal (kills (1, (int32_t)child, STOP), OK);
    assert_true (world_task (world, child)->stopped);
    assert_int_equal (kills (1, (int32_t)child, CONT), OK);
    assert_false (world_task (world, child)->stopped);
    assert_int_equal (kills (1, (int32_t)child, KILL), OK);
    assert_true (killed (child, KILL));
}

static void
the_parent_learns_of_a_stop_once_and_only_if_it_asks (void **state)
{
    static struct waiting w;
    uint32_t child = spawn (1), pid, status;

    (void)state;
    start_wait (&w, 1, -1, WAIT_UNTRACED);
    assert_int_equal (kills (1, (int32_t)child, STOP), OK);
    assert_int_equal (solo_status (w.call), OK);
    assert_int_equal (w.rep.pid, child);
    assert_int_equal (w.rep.status, 0x137f);
    assert_int_equal (waits (1, -1, WAIT_UNTRACED | WAIT_NO_HANG, &pid, &status), OK);
    assert_int_equal (pid, 0);
    assert_int_equal (kills (1, (int32_t)child, CONT), OK);
    assert_int_equal (kills (1, (int32_t)child, STOP), OK);
    assert_int_equal (waits (1, -1, WAIT_NO_HANG, &pid, &status), OK);
    assert_int_equal (pid, 0);
}

static void
the_parent_learns_once_that_a_child_goes_on_if_it_asks (void **state)
{
    uint32_t child = spawn (1), pid, status;

    (void)state;
    assert_int_equal (kills (1, (int32_t)child, STOP), OK);
    assert_int_equal (kills (1, (int32_t)child, CONT), OK);
    assert_int_equal (waits (1, -1, WAIT_UNTRACED | WAIT_NO_HANG, &pid, &status), OK);
    assert_int_equal (pid, 0);
    assert_int_equal (waits (1, -1, WAIT_REPORT_CONTINUED, &pid, &status), OK);
    assert_int_equal (pid, child);
    assert_int_equal (status, WAIT_CONTINUED);
    assert_int_equal (waits (1, -1, WAIT_REPORT_CONTINUED | WAIT_NO_HANG, &pid, &status), OK);
    assert_int_equal (pid, 0);
}

static void
a_stopped_process_dies_of_kill_at_once_of_others_when_it_goes_on (void **state)
{
    uint32_t a = spawn (1), b = spawn (1);

    (void)state;
    kills (1, (int32_t)a, STOP);
    kills (1, (int32_t)b, STOP);
    kills (1, (int32_t)a, TERM);
    kills (1, (int32_t)b, TERM);
    assert_false (world_task (world, a)->killed);
    kills (1, (int32_t)a, CONT);
    assert_true (killed (a, TERM));
    assert_false (world_task (world, a)->stopped);
    kills (1, (int32_t)b, KILL);
    assert_true (killed (b, KILL));
    assert_false (world_task (world, b)->stopped);
}

static void
the_keyboard_cannot_stop_those_whom_nobody_would_continue (void **state)
{
    uint32_t same = spawn (1), job;

    (void)state;
    assert_int_equal (spawn_as (1, 1, &job), OK);
    kills (0, (int32_t)same, TSTP);
    assert_false (world_task (world, same)->stopped); /* in init's own group */
    kills (0, (int32_t)job, TSTP);
    assert_true (world_task (world, job)->stopped);
}

static void
init_can_only_be_killed_by_itself (void **state)
{
    uint32_t child = spawn (1);

    (void)state;
    assert_int_equal (kills (child, 1, KILL), OK);
    assert_int_equal (kills (child, 1, STOP), OK);
    assert_int_equal (kills (0, 1, KILL), OK);
    assert_false (world_task (world, 1)->killed);
    assert_false (world_task (world, 1)->stopped);
    assert_int_equal (kills (1, 1, TERM), OK);
    assert_true (killed (1, TERM));
}

static void
a_group_is_signalled_as_a_whole (void **state)
{
    uint32_t leader, member, other = spawn (1);

    (void)state;
    assert_int_equal (spawn_as (1, 1, &leader), OK);
    assert_int_equal (spawn_as (1, leader, &member), OK);
    assert_int_equal (kills (1, -(int32_t)leader, INT), OK);
    assert_true (killed (leader, INT));
    assert_true (killed (member, INT));
    assert_false (world_task (world, other)->killed);
    assert_int_equal (kills (1, -12345, INT), ERR_NO_PROCESS);
    assert_int_equal (kills (1, INT32_MIN, INT), ERR_NO_PROCESS);
    assert_int_equal (kills (other, 0, INT), OK); /* its own group: init's */
    assert_true (killed (other, INT));
    assert_false (world_task (world, 1)->killed);
}

static void
everybody_is_all_but_init_and_the_caller (void **state)
{
    uint32_t caller = spawn (1), a = spawn (1), b = spawn (a);

    (void)state;
    assert_int_equal (kills (caller, -1, TERM), OK);
    assert_true (killed (a, TERM));
    assert_true (killed (b, TERM));
    assert_false (world_task (world, caller)->killed);
    assert_false (world_task (world, 1)->killed);
}

static void
for_the_machine_minus_one_is_group_one (void **state)
{
    uint32_t same = spawn (1), job;

    (void)state;
    assert_int_equal (spawn_as (1, 1, &job), OK);
    assert_int_equal (kills (0, -1, INT), OK);
    assert_true (killed (same, INT));
    assert_false (world_task (world, job)->killed);
}

static void
only_root_and_the_owner_may_signal (void **state)
{
    uint32_t user = spawn (1), own, foreign = spawn (1);

    (void)state;
    assert_int_equal (set_ids (user, 5, 5), OK);
    own = spawn (user);
    assert_int_equal (kills (user, (int32_t)foreign, TERM), ERR_NOT_PERMITTED);
    assert_int_equal (kills (user, (int32_t)foreign, 0), ERR_NOT_PERMITTED);
    assert_int_equal (kills (user, 1, KILL), ERR_NOT_PERMITTED);
    assert_int_equal (kills (user, (int32_t)foreign, CONT), OK);
    assert_int_equal (kills (user, (int32_t)own, TERM), OK);
    assert_int_equal (kills (user, -1, KILL), OK); /* some were its own */
    assert_false (world_task (world, foreign)->killed);
    assert_int_equal (kills (1, (int32_t)user, TERM), OK);
    assert_int_equal (set_ids (user, 0, UINT32_MAX), ERR_NOT_PERMITTED);
    assert_int_equal (set_ids (user, 5, UINT32_MAX), OK);
}

/* ---- at the same time ---- */

static struct process_spawn_rep slow_rep;

static SoloCall *
start_spawn (void)
{
    static const char strings[] = "slow";
    static struct process_spawn_req req;

    req = (struct process_spawn_req){
        .process = 1, .action_offset = 5, .group = 1, .from = { (void *)strings, 5, 0 }
    };
    slow_rep.pid = 0;
    return solo_send (processes, process_OP_spawn, &req, &slow_rep);
}

/* Kills it while it is being born: the spawn is inside file.clone then. */
static void
kill_newborn (void *argument)
{
    solo_pass ();
    assert_int_equal (kills (1, 2, *(uint32_t *)argument), OK);
}

static void
who_is_signalled_while_being_born_gets_it_once_alive (void **state)
{
    uint32_t signal = TERM;
    SoloCall *call;

    (void)state;
    world->slow = true;
    call = start_spawn ();
    solo_go (kill_newborn, &signal);
    solo_run ();
    assert_int_equal (solo_status (call), OK);
    assert_int_equal (slow_rep.pid, 2);
    assert_true (killed (2, TERM));
}

static void
who_is_stopped_while_being_born_stops_once_alive (void **state)
{
    uint32_t signal = TSTP;
    SoloCall *call;

    (void)state;
    world->slow = true;
    call = start_spawn ();
    solo_go (kill_newborn, &signal);
    solo_run ();
    assert_int_equal (solo_status (call), OK);
    assert_true (world_task (world, 2)->stopped);
}

static void
many_processes_come_and_go_while_every_call_blocks (void **state)
{
    static struct process_exit_req end[300];
    static struct process_exit_rep no_exit;
    static struct waiting w[300];
    static struct process_kill_req all;
    static struct process_kill_rep no_kill;
    uint32_t parent = spawn (1), pid, status;
    unsigned reaped = 0;

    (void)state;
    for (unsigned i = 0; i < 300; i++)
        end[i].process = spawn (i % 3 == 0 ? 1 : parent);
    world->slow = true;
    for (unsigned i = 0; i < 300; i++)
        solo_send (processes, process_OP_exit, &end[i], &no_exit);
    all = (struct process_kill_req){ 1, -1, TERM };
    solo_send (processes, process_OP_kill, &all, &no_kill);
    for (unsigned i = 0; i < 40; i++) {
        w[i].req = (struct process_wait_req){ 1, -1, 0 };
        w[i].call = solo_send (processes, process_OP_wait, &w[i].req, &w[i].rep);
    }
    solo_run ();
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal (solo_status (w[i].call), OK);
    assert_true (killed (parent, TERM));
    world->slow = false;
    assert_int_equal (ends (parent, WAIT_KILLED (TERM)), OK);
    while (waits (1, -1, WAIT_NO_HANG, &pid, &status) == OK)
        reaped++;
    assert_int_equal (reaped, 300 - 40 + 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        PROMISE (signals_do_what_they_do_by_default),
        PROMISE (ignored_signals_do_nothing_but_kill_and_stop_are_not_ignored),
        PROMISE (the_parent_learns_of_a_stop_once_and_only_if_it_asks),
        PROMISE (the_parent_learns_once_that_a_child_goes_on_if_it_asks),
        PROMISE (a_stopped_process_dies_of_kill_at_once_of_others_when_it_goes_on),
        PROMISE (the_keyboard_cannot_stop_those_whom_nobody_would_continue),
        PROMISE (init_can_only_be_killed_by_itself),
        PROMISE (a_group_is_signalled_as_a_whole),
        PROMISE (everybody_is_all_but_init_and_the_caller),
        PROMISE (for_the_machine_minus_one_is_group_one),
        PROMISE (only_root_and_the_owner_may_signal),
        PROMISE (who_is_signalled_while_being_born_gets_it_once_alive),
        PROMISE (who_is_stopped_while_being_born_stops_once_alive),
        PROMISE (many_processes_come_and_go_while_every_call_blocks),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
