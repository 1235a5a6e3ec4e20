/* counter: a pipe that carries one number, which is added to and taken as a whole: an event
 * counter, a semaphore, or how often a timer has run out.
 *
 * Who waits for it waits as for any pipe (pipe.c). A timer that repeats itself and is not read
 * costs nothing: it runs out once, and how often it would have is counted when somebody looks.
 */
#include <string.h>

#include "vfs.h"

#define COUNTER_MAX (UINT64_MAX - 1) /* all ones is no number */

/* ---- what a pipe does otherwise ---- */

enum status
vfs_counter_allow (const struct pipe *pipe, const grant *window, bool writes)
{
    uint64_t value;

    if (window->length < sizeof value || (writes && pipe->type == PIPE_TIMER))
        return ERR_INVALID;
    if (writes)
        memcpy (&value, window->data, sizeof value);
    return writes && value > COUNTER_MAX ? ERR_INVALID : OK;
}

bool
vfs_counter_add (struct pipe *pipe, const grant *from, uint32_t *done)
{
    uint64_t value;

    memcpy (&value, from->data, sizeof value);
    if (value > COUNTER_MAX - pipe->value)
        return false;
    pipe->value += value;
    pipe->came++;
    *done = sizeof value;
    return true;
}

void
vfs_counter_take (Component *self, struct pipe *pipe, const grant *into,
                  struct file_receive_rep *rep)
{
    struct vfs *vfs = component_state (self);
    uint64_t value  = pipe->type == PIPE_SEMAPHORE ? 1 : pipe->value;

    memcpy (into->data, &value, sizeof value);
    rep->done = sizeof value;
    pipe->value -= value;
    pipe->went++;
    if (pipe->next_ns != 0) /* without memory for it, whoever looks next finds it */
        component_alarm (self, &vfs->alarms, pipe->next_ns);
}

bool
vfs_counter_has_room (const struct pipe *pipe)
{
    return pipe->type != PIPE_TIMER && pipe->value < COUNTER_MAX;
}

/* ---- timers ---- */

static void
vfs_counter_unlist (struct vfs *vfs, struct pipe *timer)
{
    struct pipe **link = &vfs->timers;

    while (*link != NULL && *link != timer)
        link = &(*link)->next_timer;
    if (*link != NULL)
        *link = timer->next_timer;
}

void
vfs_counter_gone (Component *self, struct pipe *pipe)
{
    vfs_counter_unlist (component_state (self), pipe);
}

/* Counts how often it has run out until now. */
static void
vfs_counter_count (struct pipe *timer, uint64_t now)
{
    uint64_t times = 1;

    if (timer->next_ns == 0 || timer->next_ns > now)
        return;
    if (timer->every_ns != 0)
        times += (now - timer->next_ns) / timer->every_ns;
    timer->value += times;
    timer->next_ns = timer->every_ns != 0 ? timer->next_ns + times * timer->every_ns : 0;
    timer->came++;
}

void
vfs_counter_tick (Component *self)
{
    struct vfs *vfs = component_state (self);
    uint64_t now    = vfs->timers != NULL ? component_now_ns (self) : 0;
    bool any        = false;

    for (struct pipe *timer = vfs->timers; timer != NULL; timer = timer->next_timer) {
        uint64_t came = timer->came;

        vfs_counter_count (timer, now);
        if (timer->came != came)
            vfs_pipe_pump (self, timer);
        any |= timer->came != came;
    }
    if (any)
        vfs_watch_look (self);
}

uint64_t
vfs_counter_next (const struct vfs *vfs)
{
    uint64_t next_ns = UINT64_MAX;

    for (const struct pipe *timer = vfs->timers; timer != NULL; timer = timer->next_timer)
        if (timer->value == 0 && timer->next_ns != 0 && timer->next_ns < next_ns)
            next_ns = timer->next_ns;
    return next_ns;
}

/* The timer at a descriptor. */
static enum status
vfs_counter_timer (Component *self, uint32_t pid, int32_t fd, struct pipe **timer)
{
    struct process *process             = vfs_process_find (self, pid);
    const struct descriptor *descriptor = process ? vfs_descriptor_find (process, fd) : NULL;

    if (process == NULL)
        return ERR_NO_PROCESS;
    if (descriptor == NULL)
        return ERR_BAD_DESCRIPTOR;
    *timer = descriptor->file->pipe;
    return *timer != NULL && (*timer)->type == PIPE_TIMER ? OK : ERR_INVALID;
}

/* When that is, since the boot; what is over has just been. */
static uint64_t
vfs_counter_when (Component *self, const struct pipe *timer, uint32_t how, uint64_t ns)
{
    uint64_t now   = component_now_ns (self);
    uint64_t since = timer->of_day ? component_time_ns (self) - now : 0;

    if (how == TIMER_AFTER)
        return ns < INT64_MAX ? now + ns : INT64_MAX;
    return ns > since ? ns - since : 1;
}

VFS_HANDLER (timer)
{
    struct vfs *vfs = component_state (self);
    uint64_t next   = 0;
    struct pipe *timer;
    enum status status = vfs_counter_timer (self, req->process, req->fd, &timer);

    (void)call;
    component_charge (self, 200);
    if (status == OK && req->how > TIMER_NEVER)
        status = ERR_INVALID;
    if (status != OK)
        return status;
    vfs_counter_tick (self);
    if (req->how == TIMER_AFTER || req->how == TIMER_AT) {
        next   = vfs_counter_when (self, timer, req->how, req->ns);
        status = component_alarm (self, &vfs->alarms, next);
    }
    if (status != OK)
        return status;
    rep->left_ns  = timer->next_ns != 0 ? timer->next_ns - component_now_ns (self) : 0;
    rep->every_ns = timer->every_ns;
    if (req->how == TIMER_ASK)
        return OK;
    vfs_counter_unlist (vfs, timer);
    timer->value    = 0;
    timer->next_ns  = next;
    timer->every_ns = next != 0 ? req->every_ns : 0;
    if (next != 0) {
        timer->next_timer = vfs->timers;
        vfs->timers       = timer;
    }
    return OK;
}

/* ---- making one ---- */

VFS_HANDLER (event)
{
    static const uint32_t types[] = { [EVENT_FILE_COUNTER]   = PIPE_COUNTER,
                                      [EVENT_FILE_SEMAPHORE] = PIPE_SEMAPHORE,
                                      [EVENT_FILE_TIMER]     = PIPE_TIMER };
    struct vfs *vfs         = component_state (self);
    struct process *process = vfs_process_find (self, req->process);
    struct open_file *file;
    enum status status;
    int32_t fd;

    (void)call;
    component_charge (self, 500);
    if (process == NULL)
        return ERR_NO_PROCESS;
    if (req->kind < EVENT_FILE_COUNTER || req->kind > EVENT_FILE_SET || req->value > COUNTER_MAX)
        return ERR_INVALID;
    file = vfs_file_new (self, OPEN_READ | OPEN_WRITE | (req->flags & OPEN_NONBLOCK));
    if (file == NULL)
        return ERR_FILE_TABLE;
    file->maker = (struct maker){ process->pid, process->uid, process->gid };
    file->set   = req->kind == EVENT_FILE_SET;
    if (!file->set)
        file->pipe = vfs_pipe_new (self, types[req->kind]);
    file->number = file->set ? ++vfs->last_pipe : file->pipe != NULL ? file->pipe->number : 0;
    if (file->pipe != NULL) {
        file->pipe->readers = file->pipe->writers = 1;
        file->pipe->value                         = req->kind != EVENT_FILE_TIMER ? req->value : 0;
        file->pipe->of_day                        = req->kind == EVENT_FILE_TIMER && req->value != 0;
    }
    status = file->number == 0 ? ERR_FILE_TABLE
                               : vfs_descriptor_add (self, process, 0, file,
                                                     (req->flags & OPEN_CLOEXEC) != 0, &fd);
    if (status != OK)
        vfs_file_put (self, file);
    else
        rep->fd = fd;
    return status;
}
