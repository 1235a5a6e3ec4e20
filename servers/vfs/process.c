/* process: what each process has here: identity, current directory, descriptors.
 *
 * Process 0 is the kernel itself: it exists from the start and is the parent of the first.
 */
#include <string.h>

#include "vfs.h"

static struct process **
vfs_process_bucket (struct vfs *vfs, uint32_t pid)
{
    return &vfs->processes[pid & (vfs->process_buckets - 1)];
}

static void
vfs_process_grow (Component *self)
{
    struct vfs *vfs        = component_state (self);
    struct process **old   = vfs->processes;
    uint32_t count         = vfs->process_buckets;
    uint32_t more          = count != 0 ? count * 2 : 64;
    struct process **table = component_alloc (self, more * sizeof *table);

    if (table == NULL)
        return;
    vfs->processes       = table;
    vfs->process_buckets = more;
    for (uint32_t i = 0; i < count; i++)
        for (struct process *process = old[i], *next; process != NULL; process = next) {
            struct process **at = vfs_process_bucket (vfs, process->pid);
            next                = process->next;
            process->next       = *at;
            *at                 = process;
        }
    if (old != NULL)
        component_free (self, old);
}

struct process *
vfs_process_find (Component *self, uint32_t pid)
{
    struct vfs *vfs = component_state (self);

    if (vfs->process_buckets == 0 || vfs->stopped)
        return NULL;
    for (struct process *process = *vfs_process_bucket (vfs, pid); process != NULL;
         process                 = process->next)
        if (process->pid == pid)
            return process;
    return NULL;
}

enum status
vfs_process_new (Component *self, uint32_t pid, struct process **out)
{
    struct vfs *vfs = component_state (self);
    struct process *process;

    if (vfs_process_find (self, pid) != NULL)
        return ERR_EXISTS;
    if (vfs->process_count >= vfs->process_buckets)
        vfs_process_grow (self);
    process = vfs->process_buckets != 0 ? component_alloc (self, sizeof *process) : NULL;
    if (process == NULL)
        return ERR_NO_MEMORY;
    process->pid              = pid;
    process->umask            = 022;
    process->descriptors_most = vfs->descriptors_max;
    process->file_most        = LIMIT_NONE;

    struct process **at = vfs_process_bucket (vfs, pid);
    process->next       = *at;
    *at                 = process;
    vfs->process_count++;
    *out = process;
    return OK;
}

void
vfs_process_free (Component *self, struct process *process)
{
    struct vfs *vfs = component_state (self);
    struct process **at;

    for (at = vfs_process_bucket (vfs, process->pid); *at != process; at = &(*at)->next)
        ;
    *at = process->next;
    vfs->process_count--;
    /* Nobody finds it any more, so nothing changes under the blocking calls. */
    for (uint32_t i = 0; i < process->descriptor_room; i++)
        vfs_lock_close (self, process->pid, (int32_t)i, process->descriptors[i].file);
    for (uint32_t i = 0; i < process->descriptor_room; i++)
        vfs_file_put (self, process->descriptors[i].file);
    if (process->descriptors != NULL)
        component_free (self, process->descriptors);
    vfs_vnode_put (self, process->cwd);
    vfs_groups_put (self, process->groups);
    component_free (self, process);
}

struct groups *
vfs_groups_ref (struct groups *groups)
{
    if (groups != NULL)
        groups->refs++;
    return groups;
}

void
vfs_groups_put (Component *self, struct groups *groups)
{
    if (groups != NULL && --groups->refs == 0)
        component_free (self, groups);
}

bool
vfs_actor_is_of (const struct actor *actor, uint32_t gid)
{
    if (actor->gid == gid)
        return true;
    for (uint32_t i = 0; actor->groups != NULL && i < actor->groups->count; i++)
        if (actor->groups->list[i] == gid)
            return true;
    return false;
}

enum status
vfs_actor_begin (Component *self, uint32_t pid, struct actor *actor)
{
    const struct process *process = vfs_process_find (self, pid);

    if (process == NULL)
        return ERR_NO_PROCESS;
    actor->pid    = process->pid;
    actor->uid    = process->uid;
    actor->gid    = process->gid;
    actor->umask  = process->umask;
    actor->groups = vfs_groups_ref (process->groups);
    actor->cwd    = vfs_vnode_ref (process->cwd);
    return OK;
}

void
vfs_actor_end (Component *self, struct actor *actor)
{
    vfs_groups_put (self, actor->groups);
    vfs_vnode_put (self, actor->cwd);
}

/* ---- descriptors ---- */

/* Room for at least `count` descriptors. */
static enum status
vfs_descriptor_grow (Component *self, struct process *process, uint32_t count)
{
    struct vfs *vfs = component_state (self);
    struct descriptor *table;
    uint32_t room = process->descriptor_room != 0 ? process->descriptor_room : 8;

    if (count <= process->descriptor_room)
        return OK;
    while (room < count)
        room *= 2;
    if (room > vfs->descriptors_max)
        room = vfs->descriptors_max;
    table = component_alloc (self, room * sizeof *table);
    if (table == NULL)
        return ERR_FILE_TABLE;
    if (process->descriptors != NULL) {
        memcpy (table, process->descriptors, process->descriptor_room * sizeof *table);
        component_free (self, process->descriptors);
    }
    process->descriptors     = table;
    process->descriptor_room = room;
    return OK;
}

static uint32_t
vfs_descriptor_lowest (const struct process *process, uint32_t least)
{
    uint32_t fd = least > process->first_free ? least : process->first_free;

    while (fd < process->descriptor_room && process->descriptors[fd].file != NULL)
        fd++;
    return fd;
}

bool
vfs_descriptor_room (const struct process *process)
{
    return vfs_descriptor_lowest (process, 0) < process->descriptors_most;
}

enum status
vfs_descriptor_add (Component *self, struct process *process, uint32_t least,
                    struct open_file *file, bool cloexec, int32_t *fd)
{
    uint32_t free_fd = vfs_descriptor_lowest (process, least);
    enum status status;

    if (free_fd >= process->descriptors_most)
        return ERR_TOO_MANY_FILES;
    status = vfs_descriptor_grow (self, process, free_fd + 1);
    if (status != OK)
        return status;
    process->descriptors[free_fd] = (struct descriptor){ file, cloexec };
    if (least <= process->first_free)
        process->first_free = free_fd + 1;
    *fd = (int32_t)free_fd;
    return OK;
}

enum status
vfs_descriptor_set (Component *self, struct process *process, int32_t fd,
                    struct open_file *file, bool cloexec, struct open_file **old)
{
    enum status status;

    if (fd < 0 || (uint32_t)fd >= process->descriptors_most)
        return ERR_BAD_DESCRIPTOR;
    status = vfs_descriptor_grow (self, process, (uint32_t)fd + 1);
    if (status != OK)
        return status;
    *old                     = process->descriptors[fd].file;
    process->descriptors[fd] = (struct descriptor){ file, cloexec };
    return OK;
}

struct descriptor *
vfs_descriptor_find (struct process *process, int32_t fd)
{
    if (fd < 0 || (uint32_t)fd >= process->descriptor_room
        || process->descriptors[fd].file == NULL)
        return NULL;
    return &process->descriptors[fd];
}

struct open_file *
vfs_descriptor_take (struct process *process, int32_t fd)
{
    struct descriptor *descriptor = vfs_descriptor_find (process, fd);
    struct open_file *file;

    if (descriptor == NULL)
        return NULL;
    file  = descriptor->file;
    *descriptor = (struct descriptor){ 0 };
    if ((uint32_t)fd < process->first_free)
        process->first_free = (uint32_t)fd;
    return file;
}
