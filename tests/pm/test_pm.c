/* What the process manager promises about births, ends and the table: servers/pm. */
#include "pm/bench.h"

#include <stdio.h>
#include <string.h>

/* ---- birth ---- */

static void
the_first_process_is_init_and_leads_its_group (void **state)
{
    struct process_info_rep init = info (1);

    (void)state;
    assert_int_equal (init.pid, 1);
    assert_int_equal (init.parent, 0);
    assert_int_equal (init.group, 1);
    assert_int_equal (init.session, 1);
    assert_int_equal (init.uid, 0);
    assert_int_equal (world->last_parent, 0);
    assert_int_equal (world->last_actions, 3);
    assert_int_equal (world->last_action_bytes, 8);
    assert_int_equal (world->last_strings, 25);
    assert_true (world_task (world, 1)->running);
    assert_true (world->has_files[1]);
}

static void
a_child_inherits_from_its_parent (void **state)
{
    uint32_t parent = spawn (1), child;

    (void)state;
    assert_int_equal (set_ids (parent, 100, 200), OK);
    assert_int_equal (set_group (parent, 0, 0), OK);
    ignores (parent, 1u << INT);
    child = spawn (parent);
    assert_int_equal (info (child).parent, parent);
    assert_int_equal (info (child).group, parent);
    assert_int_equal (info (child).session, 1);
    assert_int_equal (info (child).uid, 100);
    assert_int_equal (info (child).gid, 200);
    assert_int_equal (ignores (child, 0), 1u << INT);
}

/* As setresuid(2). */
static enum status
set_three (uint32_t process, uint32_t real, uint32_t effective, uint32_t saved)
{
    struct process_setids_req req = { .process = process,
                                      .how = IDS_THREE,
                                      .real = real,
                                      .effective = effective,
                                      .saved = saved };
    struct process_setids_rep nothing;

    return process_setids (processes, &req, &nothing);
}

static void
the_files_know_who_a_process_is_for_them (void **state)
{
    uint32_t process = spawn (1), list[GROUPS_MAX + 1] = { 7, 8, 9 };
    struct process_groups_req groups
        = { .process = process, .set = 1, .from = { .data = list, .length = 3 * sizeof *list } };
    struct process_groups_rep told;
    const struct world_user *user = &world->users[process];

    (void)state;
    assert_int_equal (process_groups (processes, &groups, &told), OK);
    assert_int_equal (user->groups, 3);
    assert_int_equal (set_three (process, 1, 2, 0), OK);
    assert_int_equal (user->uid, 2);
    assert_int_equal (user->real_uid, 1);
    assert_int_equal (user->groups, 3);
    assert_int_equal (process_groups (processes, &groups, &told), ERR_NOT_PERMITTED);
    assert_int_equal (set_three (process, UINT32_MAX, 3, UINT32_MAX), ERR_NOT_PERMITTED);
    assert_int_equal (user->uid, 2);
    assert_int_equal (set_three (process, UINT32_MAX, 0, UINT32_MAX), OK);
    assert_int_equal (user->uid, 0);
    groups.from.length = sizeof list;
    assert_int_equal (process_groups (processes, &groups, &told), ERR_INVALID);
}

static void
limits_are_inherited_and_only_root_raises_them (void **state)
{
    uint32_t parent = spawn (1), child;
    struct process_limit_req limit
        = { .process = parent, .which = LIMIT_CORE, .set = 1, .soft = 5, .hard = 6 };
    struct process_limit_rep before;

    (void)state;
    assert_int_equal (process_limit (processes, &limit, &before), OK);
    assert_int_equal (set_ids (parent, 100, 100), OK);
    child = spawn (parent);
    limit.process = child;
    limit.hard = 7;
    assert_int_equal (process_limit (processes, &limit, &before), ERR_NOT_PERMITTED);
    limit.set = 0;
    assert_int_equal (process_limit (processes, &limit, &before), OK);
    assert_int_equal (before.soft, 5);
    assert_int_equal (before.hard, 6);
    limit.pid = 1;
    assert_int_equal (process_limit (processes, &limit, &before), ERR_NOT_PERMITTED);
    limit.pid = 777;
    assert_int_equal (process_limit (processes, &limit, &before), ERR_NO_PROCESS);
    limit = (struct process_limit_req){
        .process = child, .which = LIMIT_PROCESSES, .set = 1, .soft = 2
    };
    limit.hard = 2;
    assert_int_equal (process_limit (processes, &limit, &before), OK);
    assert_int_equal (spawn_as (child, 0, &child), ERR_TASKS);
}

static void
spawn_can_make_a_group_or_join_one (void **state)
{
    uint32_t leader, member, other;

    (void)state;
    assert_int_equal (spawn_as (1, 1, &leader), OK);
    assert_int_equal (info (leader).group, leader);
    assert_int_equal (spawn_as (1, leader, &member), OK);
    assert_int_equal (info (member).group, leader);
    assert_int_equal (spawn_as (1, 777, &other), ERR_NOT_PERMITTED);
}

static void
a_spawn_that_fails_leaves_nothing (void **state)
{
    size_t used = solo_memory_used (pm);
    uint32_t pid;

    (void)state;
    world->clone_fails = ERR_BAD_DESCRIPTOR;
    assert_int_equal (spawn_as (1, 0, &pid), ERR_BAD_DESCRIPTOR);
    world->clone_fails = OK;
    world->make_fails = ERR_NOT_FOUND;
    assert_int_equal (spawn_as (1, 0, &pid), ERR_NOT_FOUND);
    world->make_fails = OK;
    world->run_fails = ERR_TASKS;
    assert_int_equal (spawn_as (1, 0, &pid), ERR_TASKS);
    assert_true (world->tasks[2].killed);
    world->run_fails = OK;
    solo_memory_limit (pm, used);
    assert_int_equal (spawn_as (1, 0, &pid), ERR_NO_MEMORY);
    assert_int_equal (solo_memory_used (pm), used);
    for (uint32_t i = 2; i < 10; i++) {
        assert_false (world->has_files[i]);
        assert_false (exists (i));
    }
}

static void
a_spawn_that_makes_no_sense_is_refused (void **state)
{
    struct process_spawn_req req = {
        .process = 1, .argument_count = 5, .action_offset = 6, .from = { (void *)"a\0b\0c", 6, 0 }
    };
    struct process_spawn_rep rep;
    uint32_t pid;

    (void)state;
    assert_int_equal (process_spawn (processes, &req, &rep), ERR_INVALID);
    req.argument_count = UINT32_MAX;
    assert_int_equal (process_spawn (processes, &req, &rep), ERR_INVALID);
    req.argument_count = 1;
    req.action_offset = 7;
    assert_int_equal (process_spawn (processes, &req, &rep), ERR_INVALID);
    req.action_offset = 3;
    assert_int_equal (process_spawn (processes, &req, &rep), ERR_INVALID);
    req.action_offset = 0;
    assert_int_equal (process_spawn (processes, &req, &rep), ERR_INVALID);
    assert_int_equal (spawn_as (99, 0, &pid), ERR_NO_PROCESS);
}

static void
thousands_of_processes_are_no_trouble (void **state)
{
    static uint32_t pids[2000];
    size_t used = 0;

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 2000; i++) {
            pids[i] = spawn (1);
            assert_int_equal (pids[i], 2 + round * 2000 + i);
        }
        for (unsigned i = 0; i < 2000; i++) {
            uint32_t pid, status, wanted = pids[(i * 7) % 2000];

            assert_int_equal (ends (wanted, WAIT_EXITED (i)), OK);
            assert_int_equal (waits (1, -1, 0, &pid, &status), OK);
            assert_int_equal (pid, wanted);
            assert_int_equal (status, WAIT_EXITED (i));
        }
        if (round == 0)
            used = solo_memory_used (pm);
    }
    assert_int_equal (solo_memory_used (pm), used);
}

/* ---- the end ---- */

static void
a_wait_before_or_after_the_end_tells_the_same (void **state)
{
    static struct waiting w;
    uint32_t a = spawn (1), b = spawn (1), pid, status;

    (void)state;
    start_wait (&w, 1, -1, 0);
    assert_int_equal (ends (a, WAIT_EXITED (3)), OK);
    assert_int_equal (solo_status (w.call), OK);
    assert_int_equal (w.rep.pid, a);
    assert_int_equal (w.rep.status, 3 << 8);
    assert_int_equal (ends (b, WAIT_KILLED (KILL)), OK);
    assert_int_equal (waits (1, -1, 0, &pid, &status), OK);
    assert_int_equal (pid, b);
    assert_int_equal (status, 9);
    assert_int_equal (waits (1, -1, 0, &pid, &status), ERR_NO_CHILD);
    assert_false (exists (a));
    assert_false (world->has_files[a]);
    assert_int_equal (world->alarms_released, 2);
}

static void
a_waiter_learns_of_the_end_after_the_files_are_closed (void **state)
{
    static struct waiting w;
    static struct process_exit_req req;
    static struct process_exit_rep rep;
    uint32_t child = spawn (1);

    (void)state;
    start_wait (&w, 1, -1, 0);
    world->slow = true;
    req = (struct process_exit_req){ child, 0 };
    solo_send (processes, process_OP_exit, &req, &rep);
    solo_run ();
    assert_false (world->has_files[child]);
    assert_int_equal (solo_status (w.call), OK);
}

static void
wait_chooses_among_the_children (void **state)
{
    static struct waiting for_b, for_group;
    uint32_t a = spawn (1), b = spawn (1), c, pid, status;

    (void)state;
    assert_int_equal (spawn_as (1, 1, &c), OK);
    assert_int_equal (waits (1, -1, WAIT_NO_HANG, &pid, &status), OK);
    assert_int_equal (pid, 0);
    assert_int_equal (waits (1, 999, 0, &pid, &status), ERR_NO_CHILD);
    assert_int_equal (waits (a, -1, 0, &pid, &status), ERR_NO_CHILD);
    assert_int_equal (waits (1, -1, 32, &pid, &status), ERR_INVALID);
    start_wait (&for_b, 1, (int32_t)b, 0);
    start_wait (&for_group, 1, -(int32_t)c, 0);
    assert_int_equal (ends (a, 0), OK);
    assert_int_equal (solo_status (for_b.call), DEFERRED);
    assert_int_equal (ends (c, 0), OK);
    assert_int_equal (solo_status (for_b.call), DEFERRED);
    assert_int_equal (solo_status (for_group.call), OK);
    assert_int_equal (for_group.rep.pid, c);
    assert_int_equal (ends (b, 0), OK);
    assert_int_equal (for_b.rep.pid, b);
    assert_int_equal (waits (1, 0, 0, &pid, &status), OK);
    assert_int_equal (pid, a);
}

static void
news_may_stay_and_ends_may_be_none (void **state)
{
    uint32_t child = spawn (1), pid, status;

    (void)state;
    assert_int_equal (ends (child, WAIT_EXITED (3)), OK);
    assert_int_equal (waits (1, -1, WAIT_NO_HANG | WAIT_NO_ENDED, &pid, &status), OK);
    assert_int_equal (pid, 0);
    assert_int_equal (waits (1, -1, WAIT_KEEP, &pid, &status), OK);
    assert_int_equal (pid, child);
    assert_int_equal (waits (1, -1, 0, &pid, &status), OK);
    assert_int_equal (pid, child);
    assert_int_equal (status, 3 << 8);
    assert_int_equal (waits (1, -1, 0, &pid, &status), ERR_NO_CHILD);
}

static void
orphans_become_children_of_init (void **state)
{
    static struct waiting w;
    uint32_t parent = spawn (1), dead = spawn (parent), living = spawn (parent);
    uint32_t pid, status;

    (void)state;
    assert_int_equal (ends (dead, WAIT_EXITED (7)), OK);
    start_wait (&w, 1, (int32_t)parent, 0);
    assert_int_equal (waits (1, (int32_t)dead, 0, &pid, &status), ERR_NO_CHILD);
    assert_int_equal (ends (parent, 0), OK);
    assert_int_equal (solo_status (w.call), OK);
    assert_int_equal (info (living).parent, 1);
    assert_int_equal (waits (1, (int32_t)dead, 0, &pid, &status), OK);
    assert_int_equal (status, 7 << 8);
    assert_int_equal (ends (living, 0), OK);
    assert_int_equal (waits (1, (int32_t)living, 0, &pid, &status), OK);
}

static void
a_parent_that_ignores_its_children_leaves_no_zombies (void **state)
{
    static struct waiting w;
    uint32_t a = spawn (1), b = spawn (1);

    (void)state;
    ignores (1, 1u << CHLD);
    start_wait (&w, 1, -1, 0);
    assert_int_equal (ends (a, 0), OK);
    assert_int_equal (solo_status (w.call), DEFERRED);
    assert_int_equal (ends (b, 0), OK);
    assert_int_equal (solo_status (w.call), ERR_NO_CHILD);
    assert_false (exists (a));
}

static void
nobody_ends_twice (void **state)
{
    uint32_t child = spawn (1);

    (void)state;
    assert_int_equal (ends (child, 0), OK);
    assert_int_equal (ends (child, 0), ERR_NO_PROCESS);
    assert_int_equal (ends (4711, 0), ERR_NO_PROCESS);
    assert_int_equal (kills (1, (int32_t)child, TERM), OK);
    assert_false (world_task (world, child)->killed);
}

static void
init_may_end_and_so_may_its_children_after_it (void **state)
{
    uint32_t a = spawn (1), b = spawn (1);

    (void)state;
    assert_int_equal (ends (a, 0), OK);
    assert_int_equal (ends (1, 0), OK);
    assert_false (exists (1));
    assert_false (exists (a));
    assert_int_equal (info (b).parent, 0);
    assert_int_equal (ends (b, 0), OK);
    assert_false (exists (b));
}

static void
a_cancelled_wait_loses_no_child (void **state)
{
    static struct waiting w;
    uint32_t child = spawn (1), pid, status;
    size_t used = solo_memory_used (pm);

    (void)state;
    start_wait (&w, 1, -1, 0);
    solo_cancel (w.call);
    assert_int_equal (solo_status (w.call), ERR_INTERRUPTED);
    assert_int_equal (solo_memory_used (pm), used);
    assert_int_equal (ends (child, 0), OK);
    assert_int_equal (waits (1, -1, 0, &pid, &status), OK);
    assert_int_equal (pid, child);
}

static void
a_fault_is_logged (void **state)
{
    char expected[64];
    uint32_t child = spawn (1);

    (void)state;
    assert_int_equal (ends (child, WAIT_KILLED (SEGV)), OK);
    snprintf (expected, sizeof expected, "tool[%u] was killed by signal 11", child);
    assert_non_null (strstr (solo_log_text (journal), expected));
}

/* ---- the rest ---- */

static void
groups_change_as_with_setpgid (void **state)
{
    uint32_t a = spawn (1), b = spawn (1), grandchild = spawn (a);

    (void)state;
    assert_int_equal (set_group (1, a, 0), OK);
    assert_int_equal (info (a).group, a);
    assert_int_equal (set_group (1, b, a), OK);
    assert_int_equal (info (b).group, a);
    assert_int_equal (set_group (1, b, 999), ERR_NOT_PERMITTED);
    assert_int_equal (set_group (1, grandchild, 0), ERR_NO_PROCESS);
    assert_int_equal (set_group (a, b, 0), ERR_NO_PROCESS);
    assert_int_equal (set_group (1, a, 0), OK); /* it is in that group already */
    assert_int_equal (set_group (1, 1, 0), ERR_NOT_PERMITTED); /* who leads a session stays */
    assert_int_equal (set_group (1, 1, a), ERR_NOT_PERMITTED);
    assert_int_equal (set_group (1, b, UINT32_MAX), ERR_INVALID);
}

static void
the_list_is_sorted_and_complete (void **state)
{
    static struct process_row rows[100];
    struct process_list_req req = { 0, { rows, sizeof rows, 0 } };
    struct process_list_rep rep;
    uint32_t stopped = spawn (1), zombie = spawn (1), third = spawn (stopped);

    (void)state;
    kills (1, (int32_t)stopped, STOP);
    ends (zombie, 0);
    assert_int_equal (process_list (processes, &req, &rep), OK);
    assert_int_equal (rep.done, 4 * sizeof *rows);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal (rows[i].pid, i + 1);
        assert_string_equal (rows[i].name, "tool");
        assert_int_equal (rows[i].cpu_ns, (i + 1) * 1000);
    }
    assert_int_equal (rows[0].state, PROCESS_RUNNING);
    assert_int_equal (rows[1].state, PROCESS_STOPPED);
    assert_int_equal (rows[2].state, PROCESS_ZOMBIE);
    assert_int_equal (rows[3].parent, stopped);
    assert_int_equal (third, 4);
    req = (struct process_list_req){ 3, { rows, sizeof *rows + 5, 0 } };
    assert_int_equal (process_list (processes, &req, &rep), OK);
    assert_int_equal (rep.done, sizeof *rows);
    assert_int_equal (rows[0].pid, 3);
}

static void
the_time_of_children_counts_once_they_were_waited_for (void **state)
{
    uint32_t child = spawn (1), grandchild = spawn (child), pid, status;
    struct process_times_req req = { 1 };
    struct process_times_rep rep;

    (void)state;
    ends (grandchild, 0);
    assert_int_equal (waits (child, -1, 0, &pid, &status), OK);
    ends (child, 0);
    assert_int_equal (process_times (processes, &req, &rep), OK);
    assert_int_equal (rep.cpu_ns, 1000);
    assert_int_equal (rep.children_ns, 0);
    assert_int_equal (waits (1, -1, 0, &pid, &status), OK);
    assert_int_equal (process_times (processes, &req, &rep), OK);
    assert_int_equal (rep.children_ns, 5000);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        PROMISE (the_first_process_is_init_and_leads_its_group),
        PROMISE (a_child_inherits_from_its_parent),
        PROMISE (the_files_know_who_a_process_is_for_them),
        PROMISE (limits_are_inherited_and_only_root_raises_them),
        PROMISE (spawn_can_make_a_group_or_join_one),
        PROMISE (a_spawn_that_fails_leaves_nothing),
        PROMISE (a_spawn_that_makes_no_sense_is_refused),
        PROMISE (thousands_of_processes_are_no_trouble),
        PROMISE (a_wait_before_or_after_the_end_tells_the_same),
        PROMISE (a_waiter_learns_of_the_end_after_the_files_are_closed),
        PROMISE (wait_chooses_among_the_children),
        PROMISE (news_may_stay_and_ends_may_be_none),
        PROMISE (orphans_become_children_of_init),
        PROMISE (a_parent_that_ignores_its_children_leaves_no_zombies),
        PROMISE (nobody_ends_twice),
        PROMISE (init_may_end_and_so_may_its_children_after_it),
        PROMISE (a_cancelled_wait_loses_no_child),
        PROMISE (a_fault_is_logged),
        PROMISE (groups_change_as_with_setpgid),
        PROMISE (the_list_is_sorted_and_complete),
        PROMISE (the_time_of_children_counts_once_they_were_waited_for),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
