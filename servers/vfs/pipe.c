/* pipe: bytes from writers to readers, in order. A socket is two of them, one each way.
 *
 * Holds up to VFS_PIPE_BYTES; a write of at most VFS_PIPE_ATOMIC bytes goes in as a whole.
 * Nobody waits here with a frame: what cannot go on is kept as a struct waiter and answered
 * when the other side moves. Everything here is atomic but the telling of watches (watch.c),
 * which comes last.
 */
#include <string.h>

#include "vfs.h"

static struct pipe *
vfs_pipe_new (Component *self)
{
    struct vfs *vfs   = component_state (self);
    struct pipe *pipe = component_alloc (self, sizeof *pipe);

    if (pipe == NULL)
        return NULL;
    pipe->capacity = VFS_PIPE_ATOMIC;
    pipe->buffer   = component_alloc (self, pipe->capacity);
    if (pipe->buffer == NULL) {
        component_free (self, pipe);
        return NULL;
    }
    pipe->number = ++vfs->last_pipe;
    return pipe;
}

static void
vfs_pipe_free (Component *self, struct pipe *pipe)
{
    component_free (self, pipe->buffer);
    component_free (self, pipe);
}

/* ---- the ring ---- */

static void
vfs_pipe_take (struct pipe *pipe, char *into, uint32_t bytes)
{
    uint32_t straight = pipe->capacity - pipe->head;

    if (straight > bytes)
        straight = bytes;
    if (bytes == 0)
        return;
    memcpy (into, pipe->buffer + pipe->head, straight);
    memcpy (into + straight, pipe->buffer, bytes - straight);
    pipe->head = (pipe->head + bytes) % pipe->capacity;
    pipe->count -= bytes;
}

static void
vfs_pipe_give (struct pipe *pipe, const char *from, uint32_t bytes)
{
    uint32_t tail     = (pipe->head + pipe->count) % pipe->capacity;
    uint32_t straight = pipe->capacity - tail;

    if (straight > bytes)
        straight = bytes;
    if (bytes == 0)
        return;
    memcpy (pipe->buffer + tail, from, straight);
    memcpy (pipe->buffer, from + straight, bytes - straight);
    pipe->count += bytes;
}

/* How many of `bytes` there is room for. The ring grows for them while it may; when memory
 * is short it is just a smaller pipe, never smaller than an atomic write. */
static uint32_t
vfs_pipe_room (Component *self, struct pipe *pipe, uint32_t bytes)
{
    uint32_t capacity = pipe->capacity;
    char *buffer;

    while (capacity - pipe->count < bytes && capacity < VFS_PIPE_BYTES)
        capacity *= 2;
    buffer = capacity > pipe->capacity ? component_alloc (self, capacity) : NULL;
    if (buffer != NULL) {
        uint32_t count = pipe->count;
        vfs_pipe_take (pipe, buffer, count);
        component_free (self, pipe->buffer);
        pipe->buffer   = buffer;
        pipe->capacity = capacity;
        pipe->head     = 0;
        pipe->count    = count;
    }
    if (bytes > pipe->capacity - pipe->count)
        bytes = pipe->capacity - pipe->count;
    return bytes;
}

/* ---- those who wait ---- */

static enum status
vfs_pipe_wait (Component *self, struct pipe *pipe, const struct call *call,
               uint32_t length, uint32_t done, bool writes)
{
    struct vfs *vfs       = component_state (self);
    struct queue *queue   = writes ? &pipe->writing : &pipe->reading;
    struct waiter *waiter = component_alloc (self, sizeof *waiter);

    if (waiter == NULL)
        return ERR_NO_MEMORY;
    *waiter = (struct waiter){ .pipe = pipe, .call = *call, .length = length, .done = done,
                               .writes = writes, .all_next = vfs->waiters };
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
vfs_pipe_answer (Component *self, struct waiter *waiter, enum status status)
{
    struct vfs *vfs        = component_state (self);
    struct queue *queue    = waiter->writes ? &waiter->pipe->writing : &waiter->pipe->reading;
    struct waiter *before  = NULL;
    struct call call       = waiter->call;
    struct file_read_rep read_reply   = { .done = waiter->done };
    struct file_write_rep write_reply = { .done = waiter->done };
    const void *reply = waiter->writes ? (const void *)&write_reply : &read_reply;

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
    component_free (self, waiter);
    call_reply (self, &call, status, reply);
}

/* A write that was cut short says how far it came, as a signal in a write(2) does. */
static void
vfs_pipe_give_up (Component *self, struct waiter *waiter, enum status status)
{
    vfs_pipe_answer (self, waiter, waiter->writes && waiter->done > 0 ? OK : status);
}

/* Puts in what fits of a write; false while something of it is left. */
static bool
vfs_pipe_fill (Component *self, struct pipe *pipe, const grant *from, uint32_t *done)
{
    uint32_t left = from->length - *done;
    uint32_t room = vfs_pipe_room (self, pipe, left);

    if (from->length <= VFS_PIPE_ATOMIC && room < left)
        return false;
    vfs_pipe_give (pipe, (const char *)from->data + *done, room);
    component_charge (self, room / 16);
    *done += room;
    return *done == from->length;
}

/* Lets everybody go on who can. */
static void
vfs_pipe_pump (Component *self, struct pipe *pipe)
{
    struct waiter *waiter;

    for (;;) {
        if (pipe->count > 0 && (waiter = pipe->reading.first) != NULL) {
            uint32_t bytes = waiter->length;
            if (bytes > pipe->count)
                bytes = pipe->count;
            vfs_pipe_take (pipe, call_into (self, &waiter->call).data, bytes);
            component_charge (self, bytes / 16);
            waiter->done = bytes;
            vfs_pipe_answer (self, waiter, OK);
        } else if ((waiter = pipe->writing.first) != NULL) {
            uint32_t before = waiter->done;
            grant window    = call_from (self, &waiter->call);
            if (vfs_pipe_fill (self, pipe, &window, &waiter->done))
                vfs_pipe_answer (self, waiter, OK);
            else if (waiter->done == before)
                return;
        } else {
            return;
        }
    }
}

/* ---- what open files do with it ---- */

enum status
vfs_pipe_read (Component *self, struct call *call, struct open_file *file, const grant *into,
               uint32_t *done)
{
    struct pipe *pipe = file->pipe;
    uint32_t bytes;

    *done = 0;
    if (pipe == NULL)
        return OK; /* a socket that is shut down */
    bytes = into->length < pipe->count ? into->length : pipe->count;
    if (pipe->count == 0 && pipe->writers > 0 && into->length > 0) {
        if (file->flags & OPEN_NONBLOCK)
            return ERR_AGAIN;
        return vfs_pipe_wait (self, pipe, call, into->length, 0, false);
    }
    vfs_pipe_take (pipe, into->data, bytes);
    component_charge (self, bytes / 16);
    *done = bytes;
    vfs_pipe_pump (self, pipe);
    vfs_watch_look (self);
    vfs_watch_tell (self);
    return OK;
}

enum status
vfs_pipe_write (Component *self, struct call *call, struct open_file *file, const grant *from,
                uint32_t *done)
{
    struct pipe *pipe;
    bool whole         = false;
    enum status status = ERR_AGAIN;

    *done = 0;
    do {
        bool moved = true;

        pipe = file->socket ? file->out : file->pipe;
        if (pipe == NULL || pipe->readers == 0)
            return *done > 0 ? OK : ERR_BROKEN_PIPE;
        /* Those who came first go first. A waiting reader makes room as it takes. */
        while (pipe->writing.first == NULL && moved && !whole) {
            uint32_t before = *done;
            whole           = vfs_pipe_fill (self, pipe, from, done);
            moved           = *done > before;
            vfs_pipe_pump (self, pipe);
        }
        vfs_watch_look (self);
    } while (vfs_watch_tell (self) && !whole); /* which lets others run: there may be room now */
    if (whole)
        return OK;
    if (!(file->flags & OPEN_NONBLOCK))
        status = vfs_pipe_wait (self, pipe, call, from->length, *done, true);
    /* Out of memory, or told not to wait: what is in is in. */
    return status != DEFERRED && *done > 0 ? OK : status;
}

static void
vfs_pipe_close (Component *self, struct pipe *pipe, uint32_t flags)
{
    if (flags & OPEN_READ)
        pipe->readers--;
    if (flags & OPEN_WRITE)
        pipe->writers--;
    /* Only a process that went without cancelling its calls leaves waiters on its own side. */
    while (pipe->readers == 0 && pipe->writing.first != NULL)
        vfs_pipe_give_up (self, pipe->writing.first, ERR_BROKEN_PIPE);
    while (pipe->readers == 0 && pipe->reading.first != NULL)
        vfs_pipe_give_up (self, pipe->reading.first, ERR_BAD_DESCRIPTOR);
    while (pipe->writers == 0 && pipe->writing.first != NULL)
        vfs_pipe_give_up (self, pipe->writing.first, ERR_BAD_DESCRIPTOR);
    while (pipe->writers == 0 && pipe->reading.first != NULL)
        vfs_pipe_answer (self, pipe->reading.first, OK); /* done 0: the end */
    if (pipe->readers == 0 && pipe->writers == 0)
        vfs_pipe_free (self, pipe);
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
            vfs_watch_look (self);      /* a terminal is told by who comes next */
            return true;
        }
    return false;
}

void
vfs_pipe_attr (Component *self, const struct open_file *file, struct file_attr *attr)
{
    memset (attr, 0, sizeof *attr);
    attr->node        = file->pipe != NULL ? file->pipe->number : 0;
    attr->type        = file->socket ? FILE_TYPE_SOCKET : FILE_TYPE_PIPE;
    attr->mode        = file->socket ? 0777 : 0600;
    attr->links       = 1;
    attr->block_bytes = VFS_PIPE_ATOMIC;
    attr->atime = attr->mtime = attr->ctime =
        (int64_t)(component_time_ns (self) / 1000000000u);
}

uint32_t
vfs_pipe_ready (const struct open_file *file)
{
    const struct pipe *pipe = file->pipe;
    uint32_t ready          = 0;

    if (pipe == NULL)
        ready |= POLL_READ | POLL_END;
    else if (file->flags & OPEN_READ)
        ready |= (pipe->count > 0 ? POLL_READ : 0) | (pipe->writers == 0 ? POLL_END : 0);
    if (file->socket && (pipe = file->out) == NULL)
        ready |= POLL_WRITE;
    else if (file->flags & OPEN_WRITE)
        ready |= (pipe->writing.first == NULL && VFS_PIPE_BYTES - pipe->count >= VFS_PIPE_ATOMIC
                      ? POLL_WRITE
                      : 0)
                 | (pipe->readers == 0 ? POLL_END : 0);
    return ready;
}

static void
vfs_pipe_part (Component *self, struct open_file *file, uint32_t flags)
{
    struct pipe *pipe = file->pipe, *out = file->out;

    if (!file->socket) {
        if (pipe != NULL)
            vfs_pipe_close (self, pipe, flags);
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
}

/* Both files get descriptors, or neither and they are put. */
static enum status
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
    pipe     = vfs_pipe_new (self);
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
    status = vfs_pipe_show (self, process, files, req->flags & OPEN_CLOEXEC, fds);
    if (status == OK) {
        rep->read_fd  = fds[0];
        rep->write_fd = fds[1];
    }
    return status;
}

VFS_HANDLER (pair)
{
    struct process *process    = vfs_process_find (self, req->process);
    uint32_t flags             = OPEN_READ | OPEN_WRITE | (req->flags & OPEN_NONBLOCK);
    struct open_file *files[2] = { NULL, NULL };
    struct pipe *pipes[2]      = { NULL, NULL };
    enum status status;
    int32_t fds[2];

    (void)call;
    component_charge (self, 900);
    if (process == NULL)
        return ERR_NO_PROCESS;
    for (unsigned i = 0; i < 2; i++) {
        files[i] = vfs_file_new (self, flags);
        pipes[i] = vfs_pipe_new (self);
    }
    if (files[0] == NULL || files[1] == NULL || pipes[0] == NULL || pipes[1] == NULL) {
        for (unsigned i = 0; i < 2; i++) {
            vfs_file_put (self, files[i]);
            if (pipes[i] != NULL)
                vfs_pipe_free (self, pipes[i]);
        }
        return ERR_FILE_TABLE;
    }
    for (unsigned i = 0; i < 2; i++) {
        pipes[i]->readers = pipes[i]->writers = 1;
        files[i]->socket  = true;
        files[i]->pipe    = pipes[i];
        files[i]->out     = pipes[1 - i];
    }
    status = vfs_pipe_show (self, process, files, req->flags & OPEN_CLOEXEC, fds);
    if (status == OK) {
        rep->fd    = fds[0];
        rep->other = fds[1];
    }
    return status;
}

VFS_HANDLER (shutdown)
{
    struct open_file *file;
    enum status status = vfs_file_get (self, req->process, req->fd, &file);

    (void)call;
    (void)rep;
    component_charge (self, 300);
    if (status != OK)
        return status;
    if (!file->socket)
        status = ERR_INVALID;
    else
        vfs_pipe_leave (self, file,
                        (req->how & 1 ? OPEN_READ : 0) | (req->how & 2 ? OPEN_WRITE : 0));
    vfs_file_put (self, file);
    return status;
}
