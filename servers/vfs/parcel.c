/* parcel: where messages end in a pipe, and the open files that travel with them.
 *
 * The bytes of a message are in the pipe's ring like any others. A pipe of messages has a parcel
 * for each; a stream only for those with files, which arrive with the first of their bytes, and
 * no read goes beyond the last. Files that nobody takes are put by vfs_parcel_sweep, because that
 * may block and most of what drops them may not; after a cancelled call that is who comes next.
 */
#include "vfs.h"

enum status
vfs_parcel_new (Component *self, struct process *process, const int32_t *fds, uint32_t count,
                struct parcel **parcel)
{
    struct parcel *made;

    if (count > MESSAGE_FILES_MAX)
        return ERR_INVALID;
    for (uint32_t i = 0; i < count; i++) {
        const struct descriptor *descriptor = vfs_descriptor_find (process, fds[i]);

        if (descriptor == NULL)
            return ERR_BAD_DESCRIPTOR;
        if (descriptor->file->socket != 0)
            return ERR_NOT_SUPPORTED;
    }
    made = component_alloc (self, sizeof *made + count * sizeof *made->files);
    if (made == NULL)
        return ERR_NO_MEMORY;
    made->count = count;
    for (uint32_t i = 0; i < count; i++)
        made->files[i] = vfs_file_ref (vfs_descriptor_find (process, fds[i])->file);
    *parcel = made;
    return OK;
}

enum status
vfs_parcel_of (Component *self, struct open_file *file, struct parcel **parcel)
{
    struct parcel *made = component_alloc (self, sizeof *made + sizeof *made->files);

    if (made == NULL)
        return ERR_NO_MEMORY;
    made->count    = 1;
    made->files[0] = vfs_file_ref (file);
    *parcel        = made;
    return OK;
}

void
vfs_parcel_add (struct pipe *pipe, struct parcel *parcel, uint32_t bytes)
{
    parcel->end   = pipe->taken + pipe->count;
    parcel->start = parcel->end - bytes;
    parcel->next  = NULL;
    if (pipe->parcels == NULL)
        pipe->parcels = parcel;
    else
        pipe->last_parcel->next = parcel;
    pipe->last_parcel = parcel;
    pipe->parcel_count++;
}

void
vfs_parcel_drop (Component *self, struct parcel *parcel)
{
    struct vfs *vfs = component_state (self);

    if (parcel != NULL) {
        parcel->next = vfs->dropped;
        vfs->dropped = parcel;
    }
}

/* The first parcel of the pipe goes, with what is still in it. */
static void
vfs_parcel_remove (Component *self, struct pipe *pipe)
{
    struct parcel *parcel = pipe->parcels;

    pipe->parcels = parcel->next;
    pipe->parcel_count--;
    vfs_parcel_drop (self, parcel);
}

void
vfs_parcel_clear (Component *self, struct pipe *pipe)
{
    while (pipe->parcels != NULL)
        vfs_parcel_remove (self, pipe);
}

void
vfs_parcel_sweep (Component *self)
{
    struct vfs *vfs = component_state (self);

    if (vfs->sweeping)
        return; /* whoever does goes on until nothing is left */
    vfs->sweeping = true;
    while (vfs->dropped != NULL) {
        struct parcel *parcel = vfs->dropped;

        vfs->dropped = parcel->next;
        for (uint32_t i = 0; i < parcel->count; i++)
            vfs_file_put (self, parcel->files[i]);
        component_free (self, parcel);
    }
    vfs->sweeping = false;
}

/* ---- receiving ---- */

bool
vfs_parcel_here (const struct pipe *pipe)
{
    if (vfs_pipe_counts (pipe))
        return pipe->value > 0;
    return vfs_pipe_has_messages (pipe) ? pipe->parcels != NULL : pipe->count > 0;
}

uint32_t
vfs_parcel_bytes (const struct pipe *pipe)
{
    return pipe->parcels == NULL ? pipe->count : (uint32_t)(pipe->parcels->end - pipe->taken);
}

/* Gives the receiver descriptors for the parcel's files; those for which it has no room stay. */
static void
vfs_parcel_open (Component *self, struct parcel *parcel, const struct incoming *in,
                 struct file_receive_rep *rep)
{
    struct process *process = vfs_process_find (self, in->process);
    uint32_t most           = in->room < parcel->count ? in->room : parcel->count;
    uint32_t i;

    if (most > MESSAGE_FILES_MAX || process == NULL)
        most = 0;
    for (i = 0; i < most; i++) {
        struct open_file *file = vfs_file_ref (parcel->files[i]);

        if (vfs_descriptor_add (self, process, 0, file, (in->flags & MESSAGE_CLOEXEC) != 0,
                                &rep->files[i])
            != OK) {
            file->refs--; /* the parcel has it */
            break;
        }
    }
    rep->count = i;
    if (i < parcel->count)
        rep->cut |= MESSAGE_CUT_FILES;
}

void
vfs_parcel_taken (Component *self, struct pipe *pipe, const struct incoming *in,
                  struct file_receive_rep *rep)
{
    struct parcel *parcel = pipe->parcels;
    bool peek             = (in->flags & MESSAGE_PEEK) != 0;

    rep->whole = rep->done;
    if (pipe->type != SOCKET_STREAM)
        rep->whole = (uint32_t)(parcel->end - parcel->start);
    if (rep->whole > rep->done)
        rep->cut |= MESSAGE_CUT_BYTES;
    if (parcel != NULL && (pipe->type != SOCKET_STREAM || pipe->taken + rep->done > parcel->start)) {
        vfs_parcel_open (self, parcel, in, rep);
        if (!peek)
            vfs_parcel_remove (self, pipe);
    }
}
