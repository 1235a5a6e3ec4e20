/* io: bytes of open files. */
#include <string.h>

#include "vfs.h"

/* ---- regular files and disks: bounded, so the frame waits ---- */

static enum status
vfs_io_target (Component *self, const struct vnode *vnode, Link **link, uint64_t *number)
{
    if (vfs_vnode_is_device (vnode))
        return vfs_vnode_device (self, vnode, link, number);
    *link   = vnode->mount->link;
    *number = vnode->number;
    return OK;
}

static enum status
vfs_io_size (Component *self, const struct vnode *vnode, uint64_t *size)
{
    struct fs_stat_req stat;
    struct fs_stat_rep known;
    Link *link;
    enum status status = vfs_io_target (self, vnode, &link, &stat.node);

    if (status == OK)
        status = fs_stat (link, &stat, &known);
    if (status == OK)
        *size = known.attr.size;
    return status;
}

static enum status
vfs_io_read (Component *self, struct open_file *file, int64_t offset, const grant *into,
             uint32_t *done, bool mapped)
{
    struct fs_read_req read = { .into = *into };
    struct fs_read_rep got;
    Link *link;
    enum status status = vfs_io_target (self, file->vnode, &link, &read.node);

    if (status != OK)
        return status;
    if (offset < 0)
        component_lock (self, &file->moving);
    read.offset = offset < 0 ? file->position : (uint64_t)offset;
    if (mapped)
        vfs_mapped_reading (self, file->vnode, read.offset, into->length);
    status      = fs_read (link, &read, &got);
    if (status == OK) {
        *done = got.done;
        if (offset < 0)
            file->position = read.offset + got.done;
    }
    if (offset < 0)
        component_unlock (self, &file->moving);
    return status;
}

/* As much of a write as the process's limit allows. */
static enum status
vfs_io_limit (Component *self, uint32_t pid, const struct vnode *vnode, uint64_t offset,
              uint32_t *bytes)
{
    const struct process *process = vfs_process_find (self, pid);

    if (process == NULL || process->file_most == LIMIT_NONE || vnode->type != FILE_TYPE_REGULAR)
        return OK;
    if (offset >= process->file_most)
        return ERR_FILE_LIMIT;
    if (*bytes > process->file_most - offset)
        *bytes = (uint32_t)(process->file_most - offset);
    return OK;
}

/* pid 0 is the kernel, which writes what vm saves: that vm knows of. */
static enum status
vfs_io_write (Component *self, uint32_t pid, struct open_file *file, int64_t offset,
              const grant *from, uint32_t *done)
{
    struct fs_write_req write = { .from = *from };
    bool mapped               = pid != 0;
    struct fs_write_rep put;
    uint32_t held = 0;
    Link *link;
    enum status status = vfs_io_target (self, file->vnode, &link, &write.node);

    if (status != OK)
        return status;
    if (offset < 0)
        component_lock (self, &file->moving);
    if (mapped)
        held = vfs_mapped_begin (self, file->vnode);
    component_lock (self, &file->vnode->writing);
    write.offset = offset < 0 ? file->position : (uint64_t)offset;
    if ((offset < 0 || mapped) && (file->flags & OPEN_APPEND)) /* both, as Linux */
        status = vfs_io_size (self, file->vnode, &write.offset);
    if (status == OK && from->length > INT64_MAX - write.offset)
        status = ERR_FILE_TOO_LARGE;
    if (status == OK)
        status = vfs_io_limit (self, pid, file->vnode, write.offset, &write.from.length);
    if (status == OK)
        status = fs_write (link, &write, &put);
    if (status == OK) {
        *done = put.done;
        if (offset < 0)
            file->position = write.offset + put.done;
    }
    component_unlock (self, &file->vnode->writing);
    if (status == OK)
        vfs_attr_written (self, pid, file->vnode);
    if (mapped && status == OK)
        vfs_mapped_end (self, file->vnode, held, write.offset, put.done, write.offset + put.done);
    else if (mapped)
        vfs_mapped_end (self, file->vnode, held, 0, 0, UINT64_MAX);
    if (offset < 0)
        component_unlock (self, &file->moving);
    return status;
}

/* ---- character devices: a terminal may take for ever, so no frame waits ---- */

/* Gives the file back first: whoever answers knows the device by its number alone. */
static enum status
vfs_io_forward (Component *self, struct call *call, struct open_file *file,
                unsigned operation, const grant *window)
{
    struct fs_read_req read   = { .nonblock = file->flags & OPEN_NONBLOCK ? 1 : 0 };
    struct fs_write_req write = { .nonblock = read.nonblock };
    Link *link;
    uint64_t number;
    enum status status = vfs_vnode_device (self, file->vnode, &link, &number);

    vfs_file_put (self, file);
    if (status != OK)
        return status;
    read.node = write.node = number;
    read.into = write.from = *window;
    return call_forward (self, call, link, operation,
                         operation == fs_OP_read ? (const void *)&read : &write);
}

/* ---- pipes and sockets ---- */

static enum status
vfs_io_read_pipe (Component *self, struct call *call, struct open_file *file,
                  const struct file_read_req *req, uint32_t *done)
{
    const struct incoming in = { .into = req->into };
    struct file_receive_rep got;
    enum status status = ERR_NOT_SEEKABLE;

    if (req->offset < 0)
        status = vfs_pipe_read (self, call, file, &in, &got);
    if (status == OK)
        *done = got.done;
    return status;
}

static enum status
vfs_io_write_pipe (Component *self, struct call *call, struct open_file *file,
                   const struct file_write_req *req, uint32_t *done)
{
    struct outgoing out = { .from = req->from };

    return req->offset >= 0 ? ERR_NOT_SEEKABLE : vfs_pipe_write (self, call, file, &out, done);
}

VFS_HANDLER (read)
{
    struct open_file *file;
    uint32_t done      = 0;
    enum status status = vfs_file_get (self, req->process, req->fd, &file);

    component_charge (self, 300);
    if (status != OK)
        return status;
    if (!(file->flags & OPEN_READ))
        status = ERR_BAD_DESCRIPTOR;
    else if (req->offset < -1)
        status = ERR_INVALID;
    else if (vfs_file_is_pipe (file))
        status = vfs_io_read_pipe (self, call, file, req, &done);
    else if (file->vnode->type == FILE_TYPE_DIRECTORY)
        status = ERR_IS_DIRECTORY;
    else if (file->vnode->type == FILE_TYPE_CHARACTER)
        return vfs_io_forward (self, call, file, fs_OP_read, &req->into);
    else
        status = vfs_io_read (self, file, req->offset, &req->into, &done, req->process != 0);
    vfs_file_put (self, file);
    if (status == OK)
        rep->done = done;
    return status;
}

VFS_HANDLER (write)
{
    struct open_file *file;
    uint32_t done      = 0;
    enum status status = vfs_file_get (self, req->process, req->fd, &file);

    component_charge (self, 300);
    if (status != OK)
        return status;
    if (!(file->flags & OPEN_WRITE))
        status = ERR_BAD_DESCRIPTOR;
    else if (req->offset < -1)
        status = ERR_INVALID;
    else if (vfs_file_is_pipe (file))
        status = vfs_io_write_pipe (self, call, file, req, &done);
    else if (file->vnode->type == FILE_TYPE_CHARACTER)
        return vfs_io_forward (self, call, file, fs_OP_write, &req->from);
    else if (req->from.length > 0)
        status = vfs_io_write (self, req->process, file, req->offset, &req->from, &done);
    vfs_file_put (self, file);
    if (status == OK)
        rep->done = done;
    return status;
}

/* ---- room ---- */

static enum status
vfs_io_allocate (Component *self, const struct open_file *file, const struct file_allocate_req *req)
{
    const struct process *process  = vfs_process_find (self, req->process);
    struct vnode *vnode            = file->vnode;
    struct fs_allocate_req allocate = { .node = vnode->number, .offset = req->offset,
                                        .bytes = req->bytes, .keep_size = req->keep_size };
    struct fs_allocate_rep allocated;
    uint64_t size = UINT64_MAX;
    uint32_t held;
    enum status status;

    if (req->offset > INT64_MAX || req->bytes > INT64_MAX - req->offset)
        return ERR_FILE_TOO_LARGE;
    if (!req->keep_size && process != NULL && process->file_most != LIMIT_NONE
        && req->offset + req->bytes > process->file_most)
        return ERR_FILE_LIMIT;
    held = vfs_mapped_begin (self, vnode);
    component_lock (self, &vnode->writing);
    status = fs_allocate (vnode->mount->link, &allocate, &allocated);
    if (status == OK && !req->keep_size)
        status = vfs_io_size (self, vnode, &size);
    component_unlock (self, &vnode->writing);
    vfs_mapped_end (self, vnode, held, 0, 0, size);
    return status == ERR_NOT_IMPLEMENTED ? ERR_NOT_SUPPORTED : status;
}

VFS_HANDLER (allocate)
{
    struct open_file *file;
    enum status status = vfs_file_get (self, req->process, req->fd, &file);

    (void)call, (void)rep;
    component_charge (self, 300);
    if (status != OK)
        return status;
    if (!(file->flags & OPEN_WRITE))
        status = ERR_BAD_DESCRIPTOR;
    else if (vfs_file_is_pipe (file))
        status = ERR_NOT_SEEKABLE;
    else if (file->vnode->type != FILE_TYPE_REGULAR)
        status = ERR_NO_DEVICE;
    else
        status = vfs_io_allocate (self, file, req);
    vfs_file_put (self, file);
    return status;
}

/* ---- position ---- */

/* A terminal has no position; other character devices have one that never moves. */
static enum status
vfs_io_seek_device (Component *self, const struct vnode *vnode)
{
    struct fs_tty_get_req get;
    struct fs_tty_get_rep got;
    Link *link;
    enum status status = vfs_vnode_device (self, vnode, &link, &get.node);

    if (status == OK)
        status = fs_tty_get (link, &get, &got) == OK ? ERR_NOT_SEEKABLE : OK;
    return status;
}

static enum status
vfs_io_seek (Component *self, struct open_file *file, int64_t offset, uint32_t whence,
             int64_t *position)
{
    uint64_t base      = 0;
    enum status status = OK;

    component_lock (self, &file->moving);
    if (whence == SEEK_FROM_CURRENT)
        base = file->position;
    else if (whence == SEEK_FROM_END)
        status = vfs_io_size (self, file->vnode, &base);
    else if (whence != SEEK_FROM_START)
        status = ERR_INVALID;
    if (status == OK && (base > INT64_MAX || offset > INT64_MAX - (int64_t)base))
        status = ERR_OVERFLOW;
    if (status == OK && (int64_t)base + offset < 0)
        status = ERR_INVALID;
    if (status == OK) {
        *position      = (int64_t)base + offset;
        file->position = (uint64_t)*position;
    }
    component_unlock (self, &file->moving);
    return status;
}

VFS_HANDLER (seek)
{
    struct open_file *file;
    int64_t position   = 0;
    enum status status = vfs_file_get (self, req->process, req->fd, &file);

    (void)call;
    component_charge (self, 200);
    if (status != OK)
        return status;
    if (vfs_file_is_pipe (file))
        status = ERR_NOT_SEEKABLE;
    else if (file->vnode->type == FILE_TYPE_CHARACTER)
        status = vfs_io_seek_device (self, file->vnode);
    else
        status = vfs_io_seek (self, file, req->offset, req->whence, &position);
    vfs_file_put (self, file);
    if (status == OK)
        rep->position = position;
    return status;
}

/* ---- directories ---- */

/* The cursor after the last whole entry; `cursor` if the file system packed nonsense. */
static uint64_t
vfs_io_last_cursor (const char *listing, uint32_t bytes, uint64_t cursor)
{
    struct file_entry entry;

    for (uint32_t at = 0; at + sizeof entry <= bytes; at += entry.entry_bytes) {
        memcpy (&entry, listing + at, sizeof entry);
        if (entry.entry_bytes < sizeof entry || entry.entry_bytes > bytes - at)
            break;
        cursor = entry.next;
    }
    return cursor;
}

VFS_HANDLER (entries)
{
    struct open_file *file;
    struct fs_entries_req entries = { .into = req->into };
    struct fs_entries_rep listed;
    enum status status = vfs_file_get (self, req->process, req->fd, &file);

    (void)call;
    component_charge (self, 300);
    if (status != OK)
        return status;
    if (!(file->flags & OPEN_READ))
        status = ERR_BAD_DESCRIPTOR;
    else if (file->vnode == NULL || file->vnode->type != FILE_TYPE_DIRECTORY)
        status = ERR_NOT_DIRECTORY;
    if (status != OK) {
        vfs_file_put (self, file);
        return status;
    }
    component_lock (self, &file->moving);
    entries.dir    = file->vnode->number;
    entries.cursor = file->position;
    status         = fs_entries (file->vnode->mount->link, &entries, &listed);
    if (status == OK) {
        rep->done      = listed.done;
        file->position = vfs_io_last_cursor (req->into.data, listed.done, file->position);
    }
    component_unlock (self, &file->moving);
    vfs_file_put (self, file);
    return status;
}

/* ---- terminals ---- */

static enum status
vfs_io_terminal (Component *self, uint32_t pid, int32_t fd, Link **link, uint64_t *number)
{
    struct open_file *file;
    enum status status = vfs_file_get (self, pid, fd, &file);

    component_charge (self, 200);
    if (status != OK)
        return status;
    status = file->vnode != NULL && file->vnode->type == FILE_TYPE_CHARACTER
                 ? vfs_vnode_device (self, file->vnode, link, number)
                 : ERR_NOT_TERMINAL;
    vfs_file_put (self, file);
    return status;
}

VFS_HANDLER (tty_get)
{
    struct fs_tty_get_req get;
    Link *link;
    enum status status = vfs_io_terminal (self, req->process, req->fd, &link, &get.node);

    (void)rep;
    return status == OK ? call_forward (self, call, link, fs_OP_tty_get, &get) : status;
}

VFS_HANDLER (tty_set)
{
    struct fs_tty_set_req set = { .attr = req->attr };
    Link *link;
    enum status status = vfs_io_terminal (self, req->process, req->fd, &link, &set.node);

    (void)rep;
    return status == OK ? call_forward (self, call, link, fs_OP_tty_set, &set) : status;
}

VFS_HANDLER (tty_foreground)
{
    struct fs_tty_foreground_req set = { .group = req->group };
    Link *link;
    enum status status = vfs_io_terminal (self, req->process, req->fd, &link, &set.node);

    (void)rep;
    return status == OK ? call_forward (self, call, link, fs_OP_tty_foreground, &set) : status;
}

VFS_HANDLER (poll)
{
    struct open_file *file;
    enum status status = vfs_file_get (self, req->process, req->fd, &file);
    uint64_t node;
    Link *link;

    (void)call;
    component_charge (self, 200);
    if (status != OK)
        return status;
    rep->pending = 0;
    vfs_counter_tick (self);
    if (file->set)
        status = vfs_set_ask_all (self, file);
    if (vfs_file_is_pipe (file)) {
        rep->pending = vfs_pipe_pending (file);
        rep->ready = vfs_pipe_ready (file) & (req->events | POLL_ALWAYS);
    } else {
        status = vfs_watch_vnode (self, file->vnode, req->events, &link, &node, &rep->ready);
    }
    vfs_file_put (self, file);
    return status;
}

/* ---- programs ---- */

VFS_HANDLER (load)
{
    struct actor actor;
    struct vnode *node;
    grant path = req->from;
    enum status status;

    (void)call;
    component_charge (self, 400);
    if (req->path_bytes > req->from.length)
        return ERR_INVALID;
    path.length = req->path_bytes;
    status      = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    status = vfs_walk_node (self, &actor, &path, WALK_FOLLOW, &node);
    if (status == OK) {
        status = node->type == FILE_TYPE_REGULAR ? vfs_vnode_allow (&actor, node, 1)
                                                 : ERR_ACCESS;
        if (status == OK) {
            struct fs_read_req read = { .node = node->number, .offset = req->offset,
                                        .into = req->into };
            struct fs_read_rep got;
            status = fs_read (node->mount->link, &read, &got);
            if (status == OK)
                rep->done = got.done;
        }
        vfs_vnode_put (self, node);
    }
    vfs_actor_end (self, &actor);
    return status;
}
