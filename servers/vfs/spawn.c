/* spawn: a process is born with a copy of its parent's files, changes identity, and goes. */
#include <string.h>

#include "vfs.h"

/* A copy of all the parent has; nothing here blocks. */
static enum status
vfs_spawn_copy (Component *self, const struct process *parent, struct process *child)
{
    child->uid   = parent->uid;
    child->gid   = parent->gid;
    child->real_uid = parent->real_uid;
    child->real_gid = parent->real_gid;
    child->groups   = vfs_groups_ref (parent->groups);
    child->umask = parent->umask;
    child->descriptors_most = parent->descriptors_most;
    child->file_most        = parent->file_most;
    child->cwd   = vfs_vnode_ref (parent->cwd);
    if (parent->descriptor_room == 0)
        return OK;
    child->descriptors =
        component_alloc (self, parent->descriptor_room * sizeof *child->descriptors);
    if (child->descriptors == NULL)
        return ERR_FILE_TABLE;
    child->descriptor_room = parent->descriptor_room;
    child->first_free      = parent->first_free;
    for (uint32_t i = 0; i < parent->descriptor_room; i++) {
        child->descriptors[i] = parent->descriptors[i];
        vfs_file_ref (child->descriptors[i].file);
    }
    return OK;
}

static enum status
vfs_spawn_dup (Component *self, struct process *child, int32_t from, int32_t fd)
{
    struct descriptor *descriptor = vfs_descriptor_find (child, from);
    struct open_file *old         = NULL;
    struct open_file *file;
    enum status status;

    if (descriptor == NULL)
        return ERR_BAD_DESCRIPTOR;
    if (from == fd) { /* the way to say that the child shall have it after all */
        descriptor->cloexec = false;
        return OK;
    }
    file   = vfs_file_ref (descriptor->file);
    status = vfs_descriptor_set (self, child, fd, file, false, &old);
    vfs_file_put (self, status == OK ? old : file);
    return status;
}

/* OPEN and CHDIR look a path up as the child would. */
static enum status
vfs_spawn_path (Component *self, struct process *child, const struct file_action *action,
                const char *path, uint32_t path_bytes)
{
    struct open_file *file, *old = NULL;
    uint32_t flags = action->what == ACTION_OPEN ? action->flags : OPEN_READ | OPEN_DIRECTORY;
    struct actor actor;
    enum status status = vfs_actor_begin (self, child->pid, &actor);

    if (status != OK)
        return status;
    status = vfs_file_open (self, &actor, path, path_bytes, flags, action->mode, &file);
    if (status == OK && file->vnode != NULL && file->vnode->type == FILE_TYPE_PIPE) {
        vfs_file_put (self, file); /* nobody can wait here for the other side */
        status = ERR_NOT_SUPPORTED;
    } else if (status == OK && action->what == ACTION_CHDIR) {
        status = vfs_vnode_allow (&actor, file->vnode, 1);
        if (status == OK) {
            struct vnode *left = child->cwd;
            child->cwd         = vfs_vnode_ref (file->vnode);
            vfs_vnode_put (self, left);
        }
        vfs_file_put (self, file);
    } else if (status == OK) {
        status = vfs_descriptor_set (self, child, action->fd, file, flags & OPEN_CLOEXEC, &old);
        vfs_file_put (self, status == OK ? old : file);
    }
    vfs_actor_end (self, &actor);
    return status;
}

/* One step; *used is how many bytes of the list it took. */
static enum status
vfs_spawn_action (Component *self, struct process *child, const char *list, uint32_t bytes,
                  uint32_t *used)
{
    struct file_action action;
    const char *path = list + sizeof action;
    bool has_path;

    if (bytes < sizeof action)
        return ERR_INVALID;
    memcpy (&action, list, sizeof action);
    bytes -= sizeof action;
    has_path = action.what == ACTION_OPEN || action.what == ACTION_CHDIR;
    if (has_path && (action.path_bytes == 0 || action.path_bytes > bytes
                     || path[action.path_bytes - 1] != '\0'))
        return ERR_INVALID;
    /* The padding after the last path may be left out. */
    *used = has_path ? (action.path_bytes + 7) & ~7u : 0;
    *used = sizeof action + (*used < bytes ? *used : bytes);
    switch (action.what) {
    case ACTION_CLOSE:
        vfs_file_put (self, vfs_descriptor_take (child, action.fd));
        return OK;
    case ACTION_DUP:
        return vfs_spawn_dup (self, child, action.from, action.fd);
    case ACTION_OPEN:
    case ACTION_CHDIR:
        return vfs_spawn_path (self, child, &action, path, action.path_bytes - 1);
    default:
        return ERR_INVALID;
    }
}

/* What is marked so is closed. */
static void
vfs_spawn_close (Component *self, struct process *process)
{
    for (uint32_t i = 0; i < process->descriptor_room; i++)
        if (process->descriptors[i].file != NULL && process->descriptors[i].cloexec) {
            struct open_file *file = vfs_descriptor_take (process, (int32_t)i);

            vfs_lock_close (self, process->pid, (int32_t)i, file);
            vfs_file_put (self, file);
        }
}

VFS_HANDLER (clone)
{
    const struct process *parent = vfs_process_find (self, req->parent);
    struct process *child;
    const char *list = req->from.data;
    uint32_t at = 0, used = 0;
    enum status status;

    (void)call, (void)rep;
    component_charge (self, 800);
    if (parent == NULL)
        return ERR_NO_PROCESS;
    status = vfs_process_new (self, req->child, &child);
    if (status != OK)
        return status;
    child->building = true;
    status          = vfs_spawn_copy (self, parent, child);
    for (uint32_t i = 0; i < req->action_count && status == OK; i++) {
        status = vfs_spawn_action (self, child, list + at, req->from.length - at, &used);
        at += used;
    }
    if (status == OK && !req->forked)
        vfs_spawn_close (self, child);
    child->building = false;
    if (status != OK)
        vfs_process_free (self, child);
    return status;
}

VFS_HANDLER (exec)
{
    struct process *process = vfs_process_find (self, req->process);

    (void)call, (void)rep;
    component_charge (self, 300);
    if (process == NULL)
        return ERR_NO_PROCESS;
    process->building = true;
    vfs_spawn_close (self, process);
    process->building = false;
    return OK;
}

VFS_HANDLER (identify)
{
    struct process *process = vfs_process_find (self, req->process);
    uint32_t count          = req->from.length / (uint32_t)sizeof (uint32_t);
    struct groups *groups   = NULL;

    (void)call, (void)rep;
    component_charge (self, 100);
    if (process == NULL)
        return ERR_NO_PROCESS;
    if (count > GROUPS_MAX)
        return ERR_INVALID;
    if (count != 0) {
        groups = component_alloc (self, sizeof *groups + count * sizeof *groups->list);
        if (groups == NULL)
            return ERR_NO_MEMORY;
        groups->refs  = 1;
        groups->count = count;
        memcpy (groups->list, req->from.data, count * sizeof *groups->list);
    }
    vfs_groups_put (self, process->groups);
    process->groups   = groups;
    process->uid      = req->uid;
    process->gid      = req->gid;
    process->real_uid = req->real_uid;
    process->real_gid = req->real_gid;
    return OK;
}

VFS_HANDLER (limit)
{
    const struct vfs *vfs   = component_state (self);
    struct process *process = vfs_process_find (self, req->process);
    bool descriptors        = req->which == LIMIT_DESCRIPTORS;

    (void)call;
    component_charge (self, 100);
    if (process == NULL)
        return ERR_NO_PROCESS;
    if (!descriptors && req->which != LIMIT_FILE)
        return ERR_INVALID;
    if (req->set != 0 && descriptors && req->limit > vfs->descriptors_max)
        return ERR_NOT_PERMITTED;
    rep->limit = descriptors ? process->descriptors_most : process->file_most;
    if (req->set != 0 && descriptors)
        process->descriptors_most = (uint32_t)req->limit;
    else if (req->set != 0)
        process->file_most = req->limit;
    return OK;
}

VFS_HANDLER (release)
{
    struct process *process = vfs_process_find (self, req->process);

    (void)call, (void)rep;
    component_charge (self, 300);
    if (process == NULL || req->process == 0)
        return ERR_NO_PROCESS;
    if (process->building)
        return ERR_BUSY;
    vfs_watch_forget (self, req->process, 0);
    vfs_process_free (self, process);
    return OK;
}
