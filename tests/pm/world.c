/* world: see world.h. */
#include "pm/world.h"

static struct world *
world_enter (Component *self)
{
    struct world *world = component_state (self);

    if (world->slow)
        solo_pass ();
    return world;
}

struct world_task *
world_task (struct world *world, uint32_t pid)
{
    for (uint32_t task = 1; task <= world->task_count; task++)
        if (world->tasks[task].pid == pid)
            return &world->tasks[task];
    return NULL;
}

static enum status
world_task_make (Component *self, struct call *call, const struct kernel_task_make_req *req,
                 struct kernel_task_make_rep *rep)
{
    struct world *world = world_enter (self);

    (void)call;
    if (world->make_fails != OK)
        return world->make_fails;
    world->last_strings = req->from.length;
    *rep = (struct kernel_task_make_rep){ .task = ++world->task_count };
    world->tasks[world->task_count % WORLD_MAX] = (struct world_task){ .pid = req->pid };
    return OK;
}

static enum status
world_task_run (Component *self, struct call *call, const struct kernel_task_run_req *req,
                struct kernel_task_run_rep *rep)
{
    struct world *world = world_enter (self);

    (void)call;
    (void)rep;
    if (world->run_fails != OK)
        return world->run_fails;
    world->tasks[req->task].running = true;
    return OK;
}

static enum status
world_task_kill (Component *self, struct call *call, const struct kernel_task_kill_req *req,
                 struct kernel_task_kill_rep *rep)
{
    struct world *world = world_enter (self);

    (void)call;
    (void)rep;
    world->tasks[req->task].killed = true;
    world->tasks[req->task].reason = req->reason;
    return OK;
}

static enum status
world_task_stop (Component *self, struct call *call, const struct kernel_task_stop_req *req,
                 struct kernel_task_stop_rep *rep)
{
    struct world *world = world_enter (self);

    (void)call;
    (void)rep;
    world->tasks[req->task].stopped = req->stop != 0;
    return OK;
}

static enum status
world_task_info (Component *self, struct call *call, const struct kernel_task_info_req *req,
                 struct kernel_task_info_rep *rep)
{
    world_enter (self);
    (void)call;
    *rep = (struct kernel_task_info_rep){ .cpu_ns = req->task * 1000 };
    return OK;
}

static enum status
world_clone (Component *self, struct call *call, const struct file_clone_req *req,
             struct file_clone_rep *rep)
{
    struct world *world = world_enter (self);

    (void)call;
    (void)rep;
    if (world->clone_fails != OK)
        return world->clone_fails;
    world->last_parent = req->parent;
    world->last_actions = req->action_count;
    world->last_action_bytes = req->from.length;
    world->has_files[req->child % WORLD_MAX] = true;
    return OK;
}

static enum status
world_release_files (Component *self, struct call *call, const struct file_release_req *req,
                     struct file_release_rep *rep)
{
    struct world *world = world_enter (self);

    (void)call;
    (void)rep;
    world->has_files[req->process % WORLD_MAX] = false;
    return OK;
}

static enum status
world_identify (Component *self, struct call *call, const struct file_identify_req *req,
                struct file_identify_rep *rep)
{
    struct world *world = world_enter (self);

    (void)call;
    (void)rep;
    world->users[req->process % WORLD_MAX]
        = (struct world_user){ req->uid, req->gid, req->real_uid, req->from.length / 4 };
    return OK;
}

static enum status
world_release_alarm (Component *self, struct call *call,
                     const struct clock_release_req *req, struct clock_release_rep *rep)
{
    struct world *world = world_enter (self);

    (void)call;
    (void)req;
    (void)rep;
    world->alarms_released++;
    return OK;
}

static const struct kernel_ops world_kernel = {
    .task_make = world_task_make,
    .task_run = world_task_run,
    .task_kill = world_task_kill,
    .task_stop = world_task_stop,
    .task_info = world_task_info,
};
static const struct file_ops world_file
    = { .clone = world_clone, .release = world_release_files, .identify = world_identify };
static const struct clock_ops world_clock = { .release = world_release_alarm };

const struct component_class world_class = {
    .name = "world",
    .state_bytes = sizeof (struct world),
    .provides = { { INTERFACE_kernel, &world_kernel },
                  { INTERFACE_file, &world_file },
                  { INTERFACE_clock, &world_clock } },
};
