/* socket: pairs of sockets, which are two pipes each (pipe.c), and the messages in them
 * (parcel.c).
 *
 * What the other side has done is said as Linux says it: who writes to a stream that nobody reads
 * has a broken pipe, to messages that nobody reads a socket that is shut down; a socket that is
 * closed with something unread resets its peer; datagrams that nobody can get are refused once,
 * and then there is no connection.
 */
#include "vfs.h"

static void
vfs_socket_free (Component *self, struct open_file *files[2], struct pipe *pipes[2])
{
    for (unsigned i = 0; i < 2; i++) {
        vfs_file_put (self, files[i]);
        if (pipes[i] != NULL)
            vfs_pipe_free (self, pipes[i]);
    }
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
    if (req->type < SOCKET_STREAM || req->type > SOCKET_PACKETS)
        return ERR_INVALID;
    for (unsigned i = 0; i < 2; i++) {
        files[i] = vfs_file_new (self, flags);
        pipes[i] = vfs_pipe_new (self, req->type);
    }
    if (files[0] == NULL || files[1] == NULL || pipes[0] == NULL || pipes[1] == NULL) {
        vfs_socket_free (self, files, pipes);
        return ERR_FILE_TABLE;
    }
    for (unsigned i = 0; i < 2; i++) {
        pipes[i]->readers = pipes[i]->writers = 1;
        files[i]->socket  = (uint8_t)req->type;
        files[i]->maker   = (struct maker){ process->pid, process->uid, process->gid };
        files[i]->pipe    = pipes[i];
        files[i]->number  = pipes[i]->number;
        files[i]->out     = pipes[1 - i];
    }
    status = vfs_pipe_show (self, process, files, req->flags & OPEN_CLOEXEC, fds);
    if (status == OK) {
        rep->fd    = fds[0];
        rep->other = fds[1];
    }
    return status;
}

enum status
vfs_socket_lost (struct open_file *file)
{
    struct pipe *out = file->out;

    if (file->socket == SOCKET_STREAM)
        return ERR_BROKEN_PIPE;
    if (out == NULL || file->socket == SOCKET_PACKETS || !out->deserted)
        return ERR_SHUT_DOWN;
    if (out->refused)
        return ERR_NOT_CONNECTED;
    out->refused = true;
    return ERR_REFUSED;
}

void
vfs_socket_close (struct open_file *file)
{
    if (file->pipe != NULL) {
        file->pipe->deserted = true;
        if (file->out != NULL && file->socket != SOCKET_DATAGRAM && vfs_parcel_here (file->pipe))
            file->out->reset = true;
    }
}

/* ---- messages ---- */

/* The socket at a descriptor, referenced. */
static enum status
vfs_socket_get (Component *self, uint32_t pid, int32_t fd, struct open_file **file)
{
    enum status status = vfs_file_get (self, pid, fd, file);

    if (status == OK && (*file)->socket == 0) {
        vfs_file_put (self, *file);
        status = ERR_NOT_SOCKET;
    }
    return status;
}

VFS_HANDLER (send)
{
    struct outgoing out = { .from = req->from, .message = true,
                            .no_wait = (req->flags & MESSAGE_NO_WAIT) != 0 };
    struct open_file *file;
    enum status status = vfs_socket_get (self, req->process, req->fd, &file);

    component_charge (self, 300 + req->count * 50);
    if (status != OK)
        return status;
    if (req->count > 0)
        status = vfs_parcel_new (self, vfs_process_find (self, req->process), req->files,
                                 req->count, &out.parcel);
    if (status == OK)
        status = vfs_pipe_write (self, call, file, &out, &rep->done);
    vfs_file_put (self, file);
    return status;
}

VFS_HANDLER (receive)
{
    struct incoming in = { .into = req->into, .message = true, .flags = req->flags,
                           .process = req->process, .room = req->room };
    struct open_file *file;
    enum status status = vfs_socket_get (self, req->process, req->fd, &file);

    component_charge (self, 300);
    if (status != OK)
        return status;
    status = vfs_pipe_read (self, call, file, &in, rep);
    vfs_file_put (self, file);
    return status;
}

/* ---- what is known of them ---- */

VFS_HANDLER (peer)
{
    struct open_file *file;
    enum status status = vfs_socket_get (self, req->process, req->fd, &file);

    (void)call;
    component_charge (self, 100);
    if (status != OK)
        return status;
    rep->type  = file->socket;
    rep->pid   = file->maker.pid;
    rep->uid   = file->maker.uid;
    rep->gid   = file->maker.gid;
    rep->error = OK;
    if (file->pipe != NULL && file->pipe->reset) {
        file->pipe->reset = false;
        rep->error        = ERR_RESET;
    }
    vfs_file_put (self, file);
    return OK;
}

VFS_HANDLER (shutdown)
{
    struct open_file *file;
    enum status status = vfs_socket_get (self, req->process, req->fd, &file);

    (void)call, (void)rep;
    component_charge (self, 300);
    if (status != OK)
        return status;
    vfs_pipe_leave (self, file, (req->how & 1 ? OPEN_READ : 0) | (req->how & 2 ? OPEN_WRITE : 0));
    vfs_file_put (self, file);
    return OK;
}
