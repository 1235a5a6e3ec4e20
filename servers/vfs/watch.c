/* watch: waiting until one of several descriptors may have something to say.
 *
 * The files are not referenced: at each look the descriptors are found again, and one that is
 * no longer open counts as ready. A watch of pipes and sockets alone is answered here. One with
 * a terminal is handed on to it, with a ticket: when a pipe is ready first, the terminal is told
 * to answer. Whether it has answered already is not known here, so such a watch may outlive its
 * call: until the same waiter watches again, or its process is gone.
 */
#include <string.h>

#include "vfs.h"

/* Two terminals cannot both have the call: then it is looked at that often. */
#define LOOK_NS 10000000u

struct watch {
    struct watch *next;
    struct call call;
    uint32_t process, waiter;
    uint64_t ticket;      /* no two have the same */
    uint64_t deadline_ns; /* UINT64_MAX: none */
    Link *terminal;       /* that has the call; NULL: it is kept here */
    uint64_t node;        /* of the terminal */
    bool ready;           /* and the terminal has not been told */
    uint32_t count;
    struct file_watch of[];
};

static void
vfs_watch_remove (Component *self, struct watch *watch)
{
    struct vfs *vfs     = component_state (self);
    struct watch **link = &vfs->watches;

    while (*link != watch)
        link = &(*link)->next;
    *link = watch->next;
    component_free (self, watch);
}

static void
vfs_watch_answer (Component *self, struct watch *watch, enum status status, bool ready)
{
    struct file_watch_rep reply = { .ready = ready };
    struct call call            = watch->call;

    vfs_watch_remove (self, watch);
    call_reply (self, &call, status, &reply);
}

/* Has a pipe or a socket something to say? */
static bool
vfs_watch_ready (Component *self, const struct watch *watch)
{
    struct process *process = vfs_process_find (self, watch->process);

    for (uint32_t i = 0; process != NULL && i < watch->count; i++) {
        const struct descriptor *at = vfs_descriptor_find (process, watch->of[i].fd);

        if (at == NULL || (at->file->flags & OPEN_PATH))
            return true;
        if (vfs_file_is_pipe (at->file)
            && (vfs_pipe_ready (at->file) & (watch->of[i].events | POLL_ALWAYS)) != 0)
            return true;
    }
    return process == NULL;
}

/* Is one of them a set? */
static bool
vfs_watch_has_set (Component *self, const struct watch *watch)
{
    struct process *process = vfs_process_find (self, watch->process);

    for (uint32_t i = 0; process != NULL && i < watch->count; i++) {
        const struct descriptor *at = vfs_descriptor_find (process, watch->of[i].fd);

        if (at != NULL && at->file->set)
            return true;
    }
    return false;
}

/* Ends those for which that is so. */
static void
vfs_watch_end (Component *self, bool (*over) (Component *self, const struct watch *watch))
{
    struct vfs *vfs = component_state (self);
    struct watch *next;

    for (struct watch *watch = vfs->watches; watch != NULL; watch = next) {
        next = watch->next;
        if (watch->ready || !over (self, watch))
            continue;
        if (watch->terminal != NULL)
            watch->ready = true;
        else
            vfs_watch_answer (self, watch, OK, true);
    }
}

void
vfs_watch_look (Component *self)
{
    vfs_watch_end (self, vfs_watch_ready);
}

void
vfs_watch_stir (Component *self)
{
    vfs_watch_end (self, vfs_watch_has_set);
}

bool
vfs_watch_tell (Component *self)
{
    struct vfs *vfs = component_state (self);
    bool told       = false;

    for (;;) {
        struct watch *watch = vfs->watches;
        struct fs_unpoll_req unpoll;
        struct fs_unpoll_rep nothing;
        Link *terminal;

        while (watch != NULL && !watch->ready)
            watch = watch->next;
        if (watch == NULL)
            return told;
        unpoll   = (struct fs_unpoll_req){ .node = watch->node, .ticket = watch->ticket };
        terminal = watch->terminal;
        vfs_watch_remove (self, watch);
        fs_unpoll (terminal, &unpoll, &nothing); /* a dead terminal has answered by dying */
        told = true;
    }
}

void
vfs_watch_forget (Component *self, uint32_t process, uint32_t waiter)
{
    struct vfs *vfs = component_state (self);
    struct watch *next;

    for (struct watch *watch = vfs->watches; watch != NULL; watch = next) {
        next = watch->next;
        if (watch->process != process || (waiter != 0 && watch->waiter != waiter))
            continue;
        if (watch->terminal != NULL)
            vfs_watch_remove (self, watch);
        else
            vfs_watch_answer (self, watch, ERR_INTERRUPTED, false);
    }
}

bool
vfs_watch_cancel (Component *self, const struct call *call)
{
    const struct vfs *vfs = component_state (self);

    for (struct watch *watch = vfs->watches; watch != NULL; watch = watch->next)
        if (watch->terminal == NULL && watch->call.generation == call->generation
            && watch->call.fiber == call->fiber && watch->call.domain == call->domain) {
            vfs_watch_answer (self, watch, ERR_INTERRUPTED, false);
            return true;
        }
    return false;
}

void
vfs_watch_timer (Component *self)
{
    struct vfs *vfs = component_state (self);
    uint64_t now    = component_now_ns (self);
    struct watch *next;

    for (struct watch *watch = vfs->watches; watch != NULL; watch = next) {
        next = watch->next;
        if (watch->terminal == NULL && watch->deadline_ns <= now)
            vfs_watch_answer (self, watch, OK, false);
    }
}

uint64_t
vfs_watch_next (const struct vfs *vfs)
{
    uint64_t next_ns = UINT64_MAX;

    for (const struct watch *watch = vfs->watches; watch != NULL; watch = watch->next)
        if (watch->terminal == NULL && watch->deadline_ns < next_ns)
            next_ns = watch->deadline_ns;
    return next_ns;
}

/* ---- what is not a pipe ---- */

enum status
vfs_watch_vnode (Component *self, const struct vnode *vnode, uint32_t events, Link **link,
                 uint64_t *node, uint32_t *ready)
{
    struct fs_poll_req poll = { .timeout_ns = 0 };
    struct fs_poll_rep polled;
    enum status status;

    *link  = NULL;
    *ready = events & (POLL_READ | POLL_WRITE);
    if (vnode->type != FILE_TYPE_CHARACTER || (events & POLL_READ) == 0
        || vfs_vnode_device (self, vnode, link, &poll.node) != OK)
        return OK;
    status = fs_poll (*link, &poll, &polled);
    if (status != OK) {
        *link = NULL;
        return status == ERR_NOT_TERMINAL || status == ERR_NOT_IMPLEMENTED ? OK : status;
    }
    *node = poll.node;
    if (!polled.ready)
        *ready &= ~(uint32_t)POLL_READ;
    return OK;
}

/* One of them is such a terminal, if *link is not NULL: it can take the call. */
static void
vfs_watch_terminal (struct watch *watch, Link *link, uint64_t node, uint64_t *timeout_ns)
{
    if (link == NULL)
        return;
    if (watch->terminal != NULL && (watch->terminal != link || watch->node != node)
        && *timeout_ns > LOOK_NS)
        *timeout_ns = LOOK_NS;
    watch->terminal = link;
    watch->node     = node;
}

/* Asks one file, and finds its terminal. Blocks. */
static enum status
vfs_watch_file (Component *self, struct watch *watch, struct open_file *file, uint32_t events,
                uint64_t *timeout_ns, bool *ready)
{
    enum status status = OK;
    bool any           = true;
    uint64_t node      = 0;
    uint32_t is        = 0;
    Link *link;

    if (file->set) {
        uint64_t look = vfs_set_look (self);

        while (any && status == OK) {
            status = vfs_set_ask (self, file, look, &any, &link, &node);
            if (any && status == OK)
                vfs_watch_terminal (watch, link, node, timeout_ns);
        }
    } else if (!vfs_file_is_pipe (file)) {
        status = vfs_watch_vnode (self, file->vnode, events, &link, &node, &is);
        vfs_watch_terminal (watch, link, node, timeout_ns);
    }
    *ready = is != 0;
    return status;
}

/* Asks all that is not a pipe. Blocks. */
static enum status
vfs_watch_others (Component *self, struct watch *watch, uint64_t *timeout_ns, bool *ready)
{
    enum status status = OK;

    for (uint32_t i = 0; status == OK && !*ready && i < watch->count; i++) {
        struct open_file *file;

        if (vfs_file_get (self, watch->process, watch->of[i].fd, &file) != OK) {
            *ready = true;
            return OK;
        }
        status = vfs_watch_file (self, watch, file, watch->of[i].events, timeout_ns, ready);
        vfs_file_put (self, file);
    }
    return status;
}

/* Ready, or past its time: there is nothing to wait for. Else it is in the list. */
static enum status
vfs_watch_begin (Component *self, struct watch *watch, uint64_t timeout_ns, bool *ready)
{
    struct vfs *vfs    = component_state (self);
    enum status status = vfs_watch_others (self, watch, &timeout_ns, ready);

    watch->deadline_ns = UINT64_MAX;
    if (timeout_ns < UINT64_MAX / 4)
        watch->deadline_ns = component_now_ns (self) + timeout_ns;
    if (status == OK && !*ready && timeout_ns != 0 && watch->terminal == NULL
        && watch->deadline_ns != UINT64_MAX)
        status = component_alarm (self, &vfs->alarms, watch->deadline_ns);
    if (status != OK)
        return status;
    /* From here on nothing blocks: no change of a pipe is missed. */
    vfs_counter_tick (self);
    if (*ready || vfs_watch_ready (self, watch)) {
        *ready = true;
        return OK;
    }
    if (component_now_ns (self) >= watch->deadline_ns)
        return OK;
    watch->ticket = ++vfs->last_ticket;
    watch->next   = vfs->watches;
    vfs->watches  = watch;
    return DEFERRED;
}

VFS_HANDLER (watch)
{
    size_t bytes = (size_t)req->count * sizeof (struct file_watch);
    struct watch *watch;
    bool ready = false;
    enum status status;

    component_charge (self, 200 + req->count * 50);
    if (req->count > VFS_WATCH_MAX || bytes > req->from.length || req->waiter == 0)
        return ERR_INVALID;
    if (vfs_process_find (self, req->process) == NULL)
        return ERR_NO_PROCESS;
    vfs_parcel_sweep (self);
    vfs_watch_forget (self, req->process, req->waiter);
    watch = component_alloc (self, sizeof *watch + bytes);
    if (watch == NULL)
        return ERR_NO_MEMORY;
    *watch = (struct watch){ .call = *call, .process = req->process, .waiter = req->waiter,
                             .count = req->count };
    if (bytes > 0)
        memcpy (watch->of, req->from.data, bytes);
    status = vfs_watch_begin (self, watch, req->timeout_ns, &ready);
    if (status == DEFERRED && watch->terminal != NULL) {
        struct fs_poll_req poll = { .node = watch->node, .ticket = watch->ticket,
                                    .timeout_ns = UINT64_MAX };

        if (watch->deadline_ns != UINT64_MAX)
            poll.timeout_ns = watch->deadline_ns - component_now_ns (self);
        return call_forward (self, call, watch->terminal, fs_OP_poll, &poll);
    }
    if (status != DEFERRED)
        component_free (self, watch);
    rep->ready = ready;
    return status;
}
