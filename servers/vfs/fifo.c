/* fifo: pipes that have a name in a file system.
 *
 * The pipe itself is here, for as long as somebody has it open. Who opens one end waits until
 * somebody opens the other, unless he said OPEN_NONBLOCK or opens both.
 */
#include "vfs.h"

/* Does such an open wait for the other side? */
static bool
vfs_fifo_is_alone (const struct pipe *pipe, uint32_t flags)
{
    bool reads = (flags & OPEN_READ) != 0, writes = (flags & OPEN_WRITE) != 0;

    return !(flags & OPEN_NONBLOCK) && reads != writes
           && (reads ? pipe->writers : pipe->readers) == 0;
}

enum status
vfs_fifo_open (Component *self, struct open_file *file)
{
    struct vnode *vnode = file->vnode;

    if (vnode->pipe == NULL)
        vnode->pipe = vfs_pipe_new (self, SOCKET_STREAM);
    if (vnode->pipe == NULL)
        return ERR_FILE_TABLE;
    if ((file->flags & (OPEN_READ | OPEN_WRITE | OPEN_NONBLOCK)) == (OPEN_WRITE | OPEN_NONBLOCK)
        && vnode->pipe->readers == 0) {
        if (vnode->pipe->writers == 0) {
            vfs_pipe_free (self, vnode->pipe);
            vnode->pipe = NULL;
        }
        return ERR_NO_DEVICE;
    }
    file->pipe = vnode->pipe;
    file->pipe->readers += (file->flags & OPEN_READ) != 0;
    file->pipe->writers += (file->flags & OPEN_WRITE) != 0;
    return OK;
}

/* Lets those go on who waited for somebody like the new one. */
static void
vfs_fifo_wake (Component *self, struct pipe *pipe)
{
    struct waiter *next;

    for (struct waiter *waiter = pipe->opening.first; waiter != NULL; waiter = next) {
        next = waiter->next;
        if (!vfs_fifo_is_alone (pipe, waiter->flags))
            vfs_pipe_answer (self, waiter, OK, NULL);
    }
}

enum status
vfs_fifo_wait (Component *self, struct call *call, struct open_file *file,
               const struct file_open_req *req)
{
    struct waiter waiter = { .opens   = true,
                             .cloexec = (req->flags & OPEN_CLOEXEC) != 0,
                             .process = req->process,
                             .flags   = file->flags };
    enum status status;

    vfs_fifo_wake (self, file->pipe);
    if (!vfs_fifo_is_alone (file->pipe, file->flags))
        return OK;
    status = vfs_parcel_of (self, file, &waiter.parcel);
    if (status != OK)
        return status;
    status = vfs_pipe_wait (self, file->pipe, call, &waiter);
    if (status != DEFERRED)
        vfs_parcel_drop (self, waiter.parcel);
    return status;
}
