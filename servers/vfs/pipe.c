/* pipe: bytes from writers to readers, in order. A socket is two of them, one each way.
 *
 * Holds up to VFS_PIPE_BYTES; a write of at most VFS_PIPE_ATOMIC bytes goes in as a whole, as
 * does a message (parcel.c).
 * Nobody waits here with a frame: what cannot go on is kept as a struct waiter and answered
 * when the other side moves. Everything here is atomic but the telling of watches (watch.c),
 * which comes last.
 */
#include <string.h>

#include "vfs.h"

struct pipe *
vfs_pipe_new (Component *self, uint32_t type)
{
    struct vfs *vfs   = component_state (self);
    struct pipe *pipe = component_alloc (self, sizeof *pipe);

    if (pipe == NULL)
        return NULL;
    pipe->type   = type;
    pipe->number = ++vfs->last_pipe;
    if (vfs_pipe_counts (pipe))
        return pipe;
    pipe->capacity = VFS_PIPE_ATOMIC;
    pipe->buffer   = component_alloc (self, pipe->capacity);
    if (pipe->buffer == NULL) {
        component_free (self, pipe);
        return NULL;
    }
    return pipe;
}

void
vfs_pipe_free (Component *self, struct pipe *pipe)
{
    vfs_parcel_clear (self, pipe);
    vfs_counter_gone (self, pipe);
    if (pipe->buffer != NULL)
        component_free (self, pipe->buffer);
    component_free (self, pipe);
}

/* ---- those who wait ---- */

static struct queue *
vfs_pipe_queue (struct pipe *pipe, const struct waiter *waiter)
{
    return waiter->opens ? &pipe->opening : waiter->writes ? &pipe->writing : &pipe->reading;
}

enum status
vfs_pipe_wait (Component *self, struct pipe *pipe, const struct call *call,
               const struct waiter *what)
{
    struct vfs *vfs       = component_state (self);
    struct queue *queue   = vfs_pipe_queue (pipe, what);
    struct waiter *waiter = component_alloc (self, sizeof *waiter);

    if (waiter == NULL)
        return ERR_NO_MEMORY;
    *waiter          = *what;
    waiter->pipe     = pipe;
    waiter->call     = *call;
    waiter->all_next = vfs->waiters;
    if (vfs->waiters != NULL)
        vfs->waiters->all_previous = waiter;
    vfs->waiters = waiter;
    if (queue->last != NULL)
        queue->last->next = waiter;
    else
        queue->first = waiter;
    queue->last = waiter;
    return DEFERRED;
}

static void
vfs_pipe_unqueue (struct vfs *vfs, struct waiter *waiter)
{
    struct queue *queue   = vfs_pipe_queue (waiter->pipe, waiter);
    struct waiter *before = NULL;

    for (struct waiter *at = queue->first; at != waiter; at = at->next)
        before = at;
    if (before != NULL)
        before->next = waiter->next;
    else
        queue->first = waiter->next;
    if (queue->last == waiter)
        queue->last = before;
    if (waiter->all_previous != NULL)
        waiter->all_previous->all_next = waiter->all_next;
    else
        vfs->waiters = waiter->all_next;
    if (waiter->all_next != NULL)
        waiter->all_next->all_previous = waiter->all_previous;
}

/* Who waited to open the pipe gets a descriptor for it. */
static enum status
vfs_pipe_opened (Component *self, const struct waiter *waiter, struct file_open_rep *rep)
{
    struct process *process = vfs_process_find (self, waiter->process);
    struct open_file *file  = waiter->parcel->files[0];
    enum status status
        = process == NULL ? ERR_NO_PROCESS
                          : vfs_descriptor_add (self, process, 0, file, waiter->cloexec, &rep->fd);

    if (status == OK)
        vfs_file_ref (file); /* the parcel's goes with it */
    return status;
}

void
vfs_pipe_answer (Component *self, struct waiter *waiter, enum status status,
                 const struct file_receive_rep *got)
{
    struct call call                        = waiter->call;
    const struct file_receive_rep nothing   = { .done = 0 };
    const struct file_receive_rep *received = got != NULL ? got : &nothing;
    struct file_read_rep read_reply         = { .done = received->done };
    struct file_write_rep write_reply       = { .done = waiter->done };
    struct file_send_rep send_reply         = { .done = waiter->done };
    struct file_open_rep open_reply         = { .fd = -1 };
    const void *reply;

    if (waiter->message)
        reply = waiter->writes ? (const void *)&send_reply : received;
    else
        reply = waiter->writes ? (const void *)&write_reply : &read_reply;
    if (waiter->opens)
        reply = &open_reply;
    if (waiter->opens && status == OK)
        status = vfs_pipe_opened (self, waiter, &open_reply);
    vfs_pipe_unqueue (component_state (self), waiter);
    vfs_parcel_drop (self, waiter->parcel);
    component_free (self, waiter);
    call_reply (self, &call, status, reply);
}

/* A write that was cut short says how far it came, as a signal in a write(2) does. */
static void
vfs_pipe_give_up (Component *self, struct waiter *waiter, enum status status)
{
    vfs_pipe_answer (self, waiter, waiter->writes && waiter->done > 0 ? OK : status, NULL);
}

/* Puts in what fits of a write; false while something of it is left. */
static bool
vfs_pipe_fill (Component *self, struct pipe *pipe, const grant *from, uint32_t *done,
               struct parcel **parcel)
{
    bool message  = vfs_pipe_has_messages (pipe);
    uint32_t left = from->length - *done;
    uint32_t room;

    if (vfs_pipe_counts (pipe))
        return vfs_counter_add (pipe, from, done);
    room = vfs_ring_room (self, pipe, left);
    if ((message || from->length <= VFS_PIPE_ATOMIC) && room < left)
        return false;
    if (message && pipe->parcel_count >= VFS_MESSAGES_MAX)
        return false;
    vfs_ring_give (pipe, (const char *)from->data + *done, room);
    component_charge (self, room / 16);
    *done += room;
    pipe->came += message || room > 0;
    if (*parcel != NULL && (message || room > 0)) {
        vfs_parcel_add (pipe, *parcel, room);
        *parcel = NULL;
    }
    return *done == from->length;
}

/* Takes what there is, at least a byte or a message, for a read of so many bytes. */
static void
vfs_pipe_deliver (Component *self, struct pipe *pipe, const struct incoming *in,
                  struct file_receive_rep *rep)
{
    uint32_t there = vfs_parcel_bytes (pipe);
    bool full      = !vfs_pipe_has_room (pipe);

    if (vfs_pipe_counts (pipe)) {
        vfs_counter_take (self, pipe, &in->into, rep);
        return;
    }
    rep->done = in->into.length < there ? in->into.length : there;
    vfs_ring_look (pipe, in->into.data, rep->done);
    component_charge (self, rep->done / 16);
    vfs_parcel_taken (self, pipe, in, rep);
    if (!(in->flags & MESSAGE_PEEK))
        vfs_ring_skip (pipe, rep->whole);
    pipe->went += full && vfs_pipe_has_room (pipe);
}

static void
vfs_pipe_serve (Component *self, struct pipe *pipe, struct waiter *reader)
{
    struct incoming in          = { .into    = call_into (self, &reader->call),
                                    .process = reader->process,
                                    .flags   = reader->flags,
                                    .room    = reader->room };
    struct file_receive_rep got = { .done = 0 };

    vfs_pipe_deliver (self, pipe, &in, &got);
    vfs_pipe_answer (self, reader, OK, &got);
}

/* Empty, and yet a message does not fit: there was no memory to grow. */
static bool
vfs_pipe_stuck (const struct pipe *pipe)
{
    return vfs_pipe_has_messages (pipe) && pipe->parcels == NULL;
}

void
vfs_pipe_pump (Component *self, struct pipe *pipe)
{
    struct waiter *waiter;

    for (;;) {
        if (vfs_parcel_here (pipe) && (waiter = pipe->reading.first) != NULL) {
            vfs_pipe_serve (self, pipe, waiter);
        } else if ((waiter = pipe->writing.first) != NULL) {
            uint32_t before = waiter->done;
            grant window    = call_from (self, &waiter->call);
            if (vfs_pipe_fill (self, pipe, &window, &waiter->done, &waiter->parcel))
                vfs_pipe_answer (self, waiter, OK, NULL);
            else if (waiter->done == before && !vfs_pipe_stuck (pipe))
                return;
            else if (waiter->done == before)
                vfs_pipe_give_up (self, waiter, ERR_NO_MEMORY);
        } else {
            return;
        }
    }
}

/* ---- what open files do with it ---- */

enum status
vfs_pipe_read (Component *self, struct call *call, struct open_file *file,
               const struct incoming *in, struct file_receive_rep *rep)
{
    struct pipe *pipe;
    bool no_wait = (file->flags & OPEN_NONBLOCK) || (in->flags & MESSAGE_NO_WAIT);
    bool ends;

    vfs_parcel_sweep (self);
    vfs_counter_tick (self);
    pipe = file->pipe;
    *rep = (struct file_receive_rep){ .done = 0 };
    if (file->set)
        return ERR_INVALID;
    if (pipe == NULL) /* a socket that is shut down */
        return no_wait && file->socket == SOCKET_DATAGRAM ? ERR_AGAIN : OK;
    if (vfs_pipe_counts (pipe) && vfs_counter_allow (pipe, &in->into, false) != OK)
        return ERR_INVALID;
    if (in->into.length == 0 && pipe->type == SOCKET_STREAM)
        return OK;
    if (vfs_parcel_here (pipe)) {
        vfs_pipe_deliver (self, pipe, in, rep);
        vfs_pipe_pump (self, pipe);
        vfs_watch_look (self);
        vfs_watch_tell (self);
        vfs_parcel_sweep (self);
        return OK;
    }
    ends = pipe->writers == 0 && pipe->type != SOCKET_DATAGRAM;
    if (ends && pipe->reset) {
        pipe->reset = false;
        return ERR_RESET;
    }
    if (ends || no_wait)
        return ends ? OK : ERR_AGAIN;
    return vfs_pipe_wait (self, pipe, call,
                          &(struct waiter){ .message = in->message, .flags = in->flags,
                                            .process = in->process, .room = in->room });
}

/* As vfs_pipe_write, but the parcel may be left over. */
static enum status
vfs_pipe_put (Component *self, struct call *call, struct open_file *file, struct outgoing *out,
              uint32_t *done)
{
    struct pipe *pipe;
    bool whole         = false;
    enum status status = ERR_AGAIN;

    do {
        bool moved = true;

        pipe = file->socket != 0 ? file->out : file->pipe;
        if (file->set
            || (pipe != NULL && vfs_pipe_counts (pipe)
                && vfs_counter_allow (pipe, &out->from, true) != OK))
            return ERR_INVALID;
        if (pipe == NULL || pipe->readers == 0)
            return *done > 0 ? OK : file->socket != 0 ? vfs_socket_lost (file) : ERR_BROKEN_PIPE;
        if (vfs_pipe_has_messages (pipe) && out->from.length > VFS_MESSAGE_BYTES)
            return ERR_MESSAGE_SIZE;
        /* Those who came first go first. A waiting reader makes room as it takes. */
        while (pipe->writing.first == NULL && moved && !whole) {
            uint32_t before = *done;
            whole           = vfs_pipe_fill (self, pipe, &out->from, done, &out->parcel);
            moved           = *done > before;
            vfs_pipe_pump (self, pipe);
        }
        vfs_watch_look (self);
    } while (vfs_watch_tell (self) && !whole); /* which lets others run: there may be room now */
    if (whole)
        return OK;
    if (vfs_pipe_stuck (pipe))
        return ERR_NO_MEMORY;
    if (!(file->flags & OPEN_NONBLOCK) && !out->no_wait)
        status = vfs_pipe_wait (self, pipe, call,
                                &(struct waiter){ .writes = true, .message = out->message,
                                                  .done = *done, .parcel = out->parcel });
    if (status == DEFERRED)
        out->parcel = NULL; /* it waits, too */
    /* Out of memory, or told not to wait: what is in is in. */
    return status != DEFERRED && *done > 0 ? OK : status;
}

enum status
vfs_pipe_write (Component *self, struct call *call, struct open_file *file, struct outgoing *out,
                uint32_t *done)
{
    enum status status = OK;

    *done = 0;
    if (out->parcel == NULL && file->socket > SOCKET_STREAM)
        status = vfs_parcel_new (self, NULL, NULL, 0, &out->parcel);
    if (status == OK)
        status = vfs_pipe_put (self, call, file, out, done);
    vfs_parcel_drop (self, out->parcel);
    vfs_parcel_sweep (self);
    return status;
}

/* True: it is gone. */
static bool
vfs_pipe_close (Component *self, struct pipe *pipe, uint32_t flags)
{
    if (flags & OPEN_READ)
        pipe->readers--;
    if (flags & OPEN_WRITE)
        pipe->writers--;
    pipe->came += pipe->writers == 0;
    pipe->went += pipe->readers == 0;
    /* Only a process that went without cancelling its calls leaves waiters on its own side. */
    while (pipe->readers == 0 && pipe->writing.first != NULL)
        vfs_pipe_give_up (self, pipe->writing.first, ERR_BROKEN_PIPE);
    while (pipe->readers == 0 && pipe->reading.first != NULL)
        vfs_pipe_give_up (self, pipe->reading.first, ERR_BAD_DESCRIPTOR);
    while (pipe->writers == 0 && pipe->writing.first != NULL)
        vfs_pipe_give_up (self, pipe->writing.first, ERR_BAD_DESCRIPTOR);
    while (pipe->writers == 0 && pipe->type != SOCKET_DATAGRAM && pipe->reading.first != NULL) {
        vfs_pipe_answer (self, pipe->reading.first, pipe->reset ? ERR_RESET : OK, NULL); /* the end */
        pipe->reset = false;
    }
    if (pipe->readers > 0 || pipe->writers > 0)
        return false;
    vfs_pipe_free (self, pipe);
    return true;
}

bool
vfs_pipe_cancel (Component *self, const struct call *call)
{
    const struct vfs *vfs = component_state (self);
    struct pipe *pipe;

    for (struct waiter *waiter = vfs->waiters; waiter != NULL; waiter = waiter->all_next)
        if (waiter->call.generation == call->generation && waiter->call.fiber == call->fiber
            && waiter->call.domain == call->domain) {
            pipe = waiter->pipe;
            vfs_pipe_give_up (self, waiter, ERR_INTERRUPTED);
            vfs_pipe_pump (self, pipe); /* a smaller write behind it may fit */
            vfs_watch_look (self);      /* who comes next tells a terminal, and puts files */
            return true;
        }
    return false;
}

static void
vfs_pipe_part (Component *self, struct open_file *file, uint32_t flags)
{
    struct pipe *pipe = file->pipe, *out = file->out;

    if (file->socket == 0) {
        if (pipe != NULL && vfs_pipe_close (self, pipe, flags) && file->vnode != NULL)
            file->vnode->pipe = NULL;
        return;
    }
    if (pipe != NULL && (flags & OPEN_READ)) {
        file->pipe = NULL;
        vfs_pipe_close (self, pipe, OPEN_READ);
    }
    if (out != NULL && (flags & OPEN_WRITE)) {
        file->out = NULL;
        vfs_pipe_close (self, out, OPEN_WRITE);
    }
}

void
vfs_pipe_leave (Component *self, struct open_file *file, uint32_t flags)
{
    vfs_pipe_part (self, file, flags);
    vfs_watch_look (self);
    vfs_watch_tell (self);
    vfs_parcel_sweep (self);
}

enum status
vfs_pipe_show (Component *self, struct process *process, struct open_file *files[2],
               bool cloexec, int32_t fds[2])
{
    enum status status = vfs_descriptor_add (self, process, 0, files[0], cloexec, &fds[0]);

    if (status == OK) {
        status = vfs_descriptor_add (self, process, 0, files[1], cloexec, &fds[1]);
        if (status != OK)
            vfs_descriptor_take (process, fds[0]);
    }
    if (status != OK) {
        vfs_file_put (self, files[0]);
        vfs_file_put (self, files[1]);
    }
    return status;
}

VFS_HANDLER (pipe)
{
    struct process *process    = vfs_process_find (self, req->process);
    uint32_t nonblock          = req->flags & OPEN_NONBLOCK;
    struct open_file *files[2] = { NULL, NULL };
    struct pipe *pipe;
    enum status status;
    int32_t fds[2];

    (void)call;
    component_charge (self, 500);
    if (process == NULL)
        return ERR_NO_PROCESS;
    pipe     = vfs_pipe_new (self, SOCKET_STREAM);
    files[0] = vfs_file_new (self, OPEN_READ | nonblock);
    files[1] = vfs_file_new (self, OPEN_WRITE | nonblock);
    if (pipe == NULL || files[0] == NULL || files[1] == NULL) {
        if (pipe != NULL)
            vfs_pipe_free (self, pipe);
        vfs_file_put (self, files[0]);
        vfs_file_put (self, files[1]);
        return ERR_FILE_TABLE;
    }
    pipe->readers = pipe->writers = 1;
    files[0]->pipe = files[1]->pipe = pipe;
    files[0]->number = files[1]->number = pipe->number;
    files[0]->maker = files[1]->maker
        = (struct maker){ process->pid, process->uid, process->gid };
    status = vfs_pipe_show (self, process, files, req->flags & OPEN_CLOEXEC, fds);
    if (status == OK) {
        rep->read_fd  = fds[0];
        rep->write_fd = fds[1];
    }
    return status;
}
