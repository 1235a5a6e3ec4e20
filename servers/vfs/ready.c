/* ready: what is known of an end of a pipe, or of a socket, without touching what is in it. */
#include <string.h>

#include "vfs.h"

void
vfs_pipe_attr (Component *self, const struct open_file *file, struct file_attr *attr)
{
    memset (attr, 0, sizeof *attr);
    attr->node        = file->number;
    attr->type        = file->socket != 0 ? FILE_TYPE_SOCKET : FILE_TYPE_PIPE;
    if (file->set || (file->pipe != NULL && vfs_pipe_counts (file->pipe)))
        attr->type = 0; /* there is nothing that it would be */
    attr->mode        = file->socket != 0 ? 0777 : 0600;
    attr->uid         = file->maker.uid;
    attr->gid         = file->maker.gid;
    attr->links       = 1;
    attr->block_bytes = VFS_PIPE_ATOMIC;
    attr->atime = attr->mtime = attr->ctime = (int64_t)component_time_ns (self);
}

bool
vfs_pipe_has_room (const struct pipe *pipe)
{
    if (vfs_pipe_counts (pipe))
        return vfs_counter_has_room (pipe);
    return pipe->writing.first == NULL && VFS_PIPE_BYTES - pipe->count >= VFS_PIPE_ATOMIC
           && pipe->parcel_count < VFS_MESSAGES_MAX;
}

static uint32_t
vfs_socket_ready (const struct open_file *file)
{
    const struct pipe *in = file->pipe, *out = file->out;
    bool linked           = file->socket != SOCKET_DATAGRAM; /* others do not know who is gone */
    bool last             = in == NULL || (linked && in->writers == 0);
    bool mute             = out == NULL || (linked && out->readers == 0);

    return (last || vfs_parcel_here (in) ? POLL_READ : 0) | (last ? POLL_LAST : 0)
           | (mute || vfs_pipe_has_room (out) ? POLL_WRITE : 0) | (last && mute ? POLL_END : 0)
           | (in != NULL && in->reset ? POLL_BROKEN : 0);
}

uint32_t
vfs_pipe_ready (const struct open_file *file)
{
    const struct pipe *pipe = file->pipe;
    uint32_t ready          = 0;

    if (file->set)
        return vfs_set_ready (file);
    if (file->socket != 0)
        return vfs_socket_ready (file);
    if (file->flags & OPEN_READ)
        ready |= (vfs_parcel_here (pipe) ? POLL_READ : 0) | (pipe->writers == 0 ? POLL_END : 0);
    if (file->flags & OPEN_WRITE)
        ready |= (vfs_pipe_has_room (pipe) ? POLL_WRITE : 0)
                 | (pipe->readers == 0 ? POLL_BROKEN : 0);
    return ready;
}

uint32_t
vfs_pipe_pending (const struct open_file *file)
{
    const struct pipe *pipe = file->pipe;

    if (pipe == NULL)
        return 0;
    return file->socket == SOCKET_DATAGRAM && pipe->parcels != NULL ? vfs_parcel_bytes (pipe)
                                                                    : pipe->count;
}
