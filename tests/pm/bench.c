/* bench: see bench.h. */
#include "pm/bench.h"

#include <string.h>

extern const struct component_class pm_class;

Component *pm, *journal;
static Component *around;
struct world *world;
Link *processes;

int
halt (void **state)
{
    (void)state;
    solo_fini ();
    return 0;
}

enum status
spawn_as (uint32_t process, uint32_t group, uint32_t *pid)
{
    static const char strings[] = "/bin/tool\0tool\0-x\0HOME=/\0actions!";
    struct process_spawn_req req = { .process = process,
                                     .argument_count = 2,
                                     .environment_count = 1,
                                     .action_offset = 25,
                                     .action_count = 3,
                                     .group = group,
                                     .from = { (void *)strings, sizeof strings - 1, 0 } };
    struct process_spawn_rep rep = { .pid = 0 };
    enum status status = process_spawn (processes, &req, &rep);

    *pid = rep.pid;
    return status;
}

uint32_t
spawn (uint32_t process)
{
    uint32_t pid;

    assert_int_equal (spawn_as (process, 0, &pid), OK);
    return pid;
}

enum status
ends (uint32_t process, uint32_t status)
{
    struct process_exit_req req = { process, status };
    struct process_exit_rep nothing;

    return process_exit (processes, &req, &nothing);
}

enum status
kills (uint32_t process, int32_t target, uint32_t signal)
{
    struct process_kill_req req = { process, target, signal };
    struct process_kill_rep nothing;

    return process_kill (processes, &req, &nothing);
}

enum status
waits (uint32_t process, int32_t which, uint32_t flags, uint32_t *pid, uint32_t *status)
{
    struct process_wait_req req = { process, which, flags };
    struct process_wait_rep rep = { 0 };
    enum status result = process_wait (processes, &req, &rep);

    *pid = rep.pid;
    *status = rep.status;
    return result;
}

void
start_wait (struct waiting *w, uint32_t process, int32_t which, uint32_t flags)
{
    memset (w, 0, sizeof *w);
    w->req = (struct process_wait_req){ process, which, flags };
    w->call = solo_send (processes, process_OP_wait, &w->req, &w->rep);
    solo_run ();
    assert_int_equal (solo_status (w->call), DEFERRED);
}

struct process_info_rep
info (uint32_t process)
{
    struct process_info_req req = { process };
    struct process_info_rep rep = { 0 };

    assert_int_equal (process_info (processes, &req, &rep), OK);
    return rep;
}

bool
exists (uint32_t process)
{
    struct process_info_req req = { process };
    struct process_info_rep rep;

    return process_info (processes, &req, &rep) == OK;
}

uint64_t
ignores (uint32_t process, uint64_t set)
{
    struct process_ignore_req req = { process, set };
    struct process_ignore_rep rep;

    assert_int_equal (process_ignore (processes, &req, &rep), OK);
    return rep.ignored;
}

enum status
set_group (uint32_t process, uint32_t pid, uint32_t group)
{
    struct process_setgroup_req req = { process, pid, group };
    struct process_setgroup_rep nothing;

    return process_setgroup (processes, &req, &nothing);
}

static enum status
set_id (uint32_t process, bool group, uint32_t id)
{
    struct process_setids_req req
        = { .process = process, .how = IDS_ONE, .group = group, .real = id };
    struct process_setids_rep nothing;

    return id != UINT32_MAX ? process_setids (processes, &req, &nothing) : OK;
}

enum status
set_ids (uint32_t process, uint32_t uid, uint32_t gid)
{
    enum status status = set_id (process, true, gid);

    return status == OK ? set_id (process, false, uid) : status;
}

bool
killed (uint32_t pid, uint32_t signal)
{
    const struct world_task *task = world_task (world, pid);

    return task->killed && task->reason == WAIT_KILLED (signal);
}

int
boot (void **state)
{
    uint32_t pid;

    (void)state;
    solo_init ();
    around = solo_add (&world_class, "world", NULL);
    journal = solo_log ("log");
    pm = solo_add (&pm_class, "pm", NULL);
    solo_bind (pm, "kernel", around);
    solo_bind (pm, "files", around);
    solo_bind (pm, "clock", around);
    solo_bind (pm, "log", journal);
    world = component_state (around);
    assert_int_equal (solo_start (pm), OK);
    processes = solo_link (pm, INTERFACE_process);
    assert_int_equal (spawn_as (0, 0, &pid), OK);
    assert_int_equal (pid, 1);
    return 0;
}
