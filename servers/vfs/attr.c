/* attr: what is known of files, and of a process's place among them. */
#include <string.h>

#include "vfs.h"

static enum status
vfs_attr_stat (const struct vnode *node, struct file_attr *attr)
{
    struct fs_stat_req stat = { .node = node->number };
    struct fs_stat_rep known;
    enum status status = fs_stat (node->mount->link, &stat, &known);

    if (status == OK) {
        *attr            = known.attr;
        attr->filesystem = node->mount->id;
    }
    return status;
}

/* A descriptor may be an end of a pipe, which has no node. True: it is, and is answered. */
static bool
vfs_attr_of_pipe (Component *self, uint32_t pid, int32_t fd, struct file_attr *attr)
{
    struct process *process       = vfs_process_find (self, pid);
    struct descriptor *descriptor = process ? vfs_descriptor_find (process, fd) : NULL;

    if (descriptor == NULL || descriptor->file->vnode != NULL)
        return false;
    vfs_pipe_attr (self, descriptor->file, attr);
    return true;
}

/* What a path leads to: a node, referenced, or *node is NULL and *attr tells of a pipe or socket
 * that somebody has open. Blocks. */
static enum status
vfs_attr_walk (Component *self, const struct actor *actor, const grant *path, unsigned flags,
               struct vnode **node, struct file_attr *attr)
{
    const struct open_file *file;
    struct walk walk;
    enum status status
        = vfs_walk (self, actor, path->data, path->length, flags | WALK_PIPE, &walk);

    if (status != OK)
        return status;
    *node = vfs_vnode_ref (walk.node);
    if (walk.pipe != 0) {
        file = vfs_opened_file (self, actor, walk.pipe);
        if (file != NULL)
            vfs_pipe_attr (self, file, attr);
        else
            status = ERR_NOT_FOUND;
    }
    vfs_walk_end (self, &walk);
    return status;
}

VFS_HANDLER (stat)
{
    struct actor actor;
    struct vnode *node = NULL;
    struct file_attr attr;
    unsigned follow = req->no_follow ? 0 : WALK_FOLLOW;
    enum status status;

    (void)call;
    component_charge (self, 300);
    if (req->from.length == 0 && vfs_attr_of_pipe (self, req->process, req->fd, &attr)) {
        rep->attr = attr;
        return OK;
    }
    status = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    if (req->from.length > 0)
        status = vfs_attr_walk (self, &actor, &req->from, follow, &node, &attr);
    else
        status = vfs_file_node (self, &actor, req->process, req->fd, &req->from, follow, &node);
    if (status == OK && node != NULL)
        status = vfs_attr_stat (node, &attr);
    vfs_vnode_put (self, node);
    vfs_actor_end (self, &actor);
    if (status == OK)
        rep->attr = attr;
    return status;
}

VFS_HANDLER (access)
{
    const struct process *process;
    struct actor actor;
    struct vnode *node;
    struct file_attr attr;
    enum status status;

    (void)call;
    component_charge (self, 300);
    if (req->mode > 7)
        return ERR_INVALID;
    status = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    process = vfs_process_find (self, req->process);
    if (req->files == 0) {
        actor.uid = process->real_uid;
        actor.gid = process->real_gid;
    }
    status = vfs_attr_walk (self, &actor, &req->from, WALK_FOLLOW, &node, &attr);
    if (status == OK && node == NULL) {
        const struct vnode pipe
            = { .type = attr.type, .mode = attr.mode, .uid = attr.uid, .gid = attr.gid };

        status = vfs_vnode_allow (&actor, &pipe, req->mode);
        if (status == OK)
            rep->node = rep->filesystem = 0;
    } else if (status == OK) {
        status = vfs_vnode_allow (&actor, node, req->mode);
        if (status == OK && (req->mode & 2) && node->mount->read_only
            && !vfs_vnode_is_device (node))
            status = ERR_READ_ONLY;
        if (status == OK) {
            rep->node       = node->number;
            rep->filesystem = node->mount->id;
        }
        vfs_vnode_put (self, node);
    }
    vfs_actor_end (self, &actor);
    return status;
}

/* ---- changing ---- */

uint32_t
vfs_attr_rights (const struct vnode *node)
{
    if (node->type != FILE_TYPE_REGULAR)
        return 0;
    return (node->mode & 04000) | ((node->mode & 010) != 0 ? node->mode & 02000 : 0);
}

void
vfs_attr_written (Component *self, uint32_t pid, struct vnode *node)
{
    const struct process *process = vfs_process_find (self, pid);
    struct fs_setattr_req change  = { .node = node->number, .mask = ATTR_MODE };
    struct fs_setattr_rep changed;

    if (pid == 0 || process == NULL || process->uid == 0 || vfs_attr_rights (node) == 0)
        return;
    change.attr.mode = node->mode & ~vfs_attr_rights (node);
    if (fs_setattr (node->mount->link, &change, &changed) == OK)
        node->mode = change.attr.mode;
}

/* fd: opened for writing is allowed to truncate, whatever the permission bits say now. */
static enum status
vfs_attr_allow (Component *self, const struct actor *actor, const struct vnode *node,
                const struct file_setattr_req *req)
{
    const struct file_attr *attr = &req->attr;
    bool owner                   = actor->uid == 0 || actor->uid == node->uid;

    if (node->mount->read_only)
        return ERR_READ_ONLY;
    if (req->mask == (ATTR_ATIME_NOW | ATTR_MTIME_NOW) && !owner)
        return vfs_vnode_allow (actor, node, 2);
    if ((req->mask & (ATTR_MODE | ATTR_TIMES)) && !owner)
        return ERR_NOT_PERMITTED;
    if ((req->mask & ATTR_UID) && actor->uid != 0 && !(owner && attr->uid == node->uid))
        return ERR_NOT_PERMITTED;
    if ((req->mask & ATTR_GID) && actor->uid != 0
        && !(owner && (attr->gid == node->gid || vfs_actor_is_of (actor, attr->gid))))
        return ERR_NOT_PERMITTED;
    if (req->mask & ATTR_SIZE) {
        struct process *process = vfs_process_find (self, req->process);
        struct descriptor *descriptor =
            process != NULL ? vfs_descriptor_find (process, req->fd) : NULL;
        if (node->type != FILE_TYPE_REGULAR)
            return node->type == FILE_TYPE_DIRECTORY ? ERR_IS_DIRECTORY : ERR_INVALID;
        if (attr->size > INT64_MAX)
            return ERR_INVALID;
        if (req->from.length > 0) {
            enum status status = vfs_vnode_allow (actor, node, 2);
            return status == OK && node->programs > 0 ? ERR_TEXT_BUSY : status;
        }
        return descriptor != NULL && (descriptor->file->flags & OPEN_WRITE) ? OK
                                                                            : ERR_INVALID;
    }
    return OK;
}

/* A file grows no further than the process may make it. */
static enum status
vfs_attr_allow_size (Component *self, const struct actor *actor, const struct vnode *node,
                     uint64_t size)
{
    const struct process *process = vfs_process_find (self, actor->pid);
    struct file_attr now;

    if (process == NULL || size <= process->file_most)
        return OK;
    return vfs_attr_stat (node, &now) == OK && size <= now.size ? OK : ERR_FILE_LIMIT;
}

static enum status
vfs_attr_change (Component *self, const struct actor *actor, struct vnode *node,
                 const struct file_setattr_req *req)
{
    struct fs_setattr_req change = { .node = node->number, .mask = req->mask, .attr = req->attr };
    struct fs_setattr_rep changed;
    uint32_t held      = 0;
    enum status status = vfs_attr_allow (self, actor, node, req);

    if (status == OK && (req->mask & ATTR_SIZE))
        status = vfs_attr_allow_size (self, actor, node, req->attr.size);
    if (status != OK)
        return status;
    /* Setuid and setgid must outlive neither a change of owner nor what others than root write, nor be
     * had for foreign groups. */
    if (!(change.mask & ATTR_MODE)
        && ((change.mask & (ATTR_UID | ATTR_GID)) || ((change.mask & ATTR_SIZE) && actor->uid != 0))
        && vfs_attr_rights (node) != 0) {
        change.mask |= ATTR_MODE;
        change.attr.mode = node->mode & ~vfs_attr_rights (node);
    }
    change.attr.mode &= 07777;
    if ((req->mask & ATTR_MODE) && actor->uid != 0 && !vfs_actor_is_of (actor, node->gid)
        && node->type != FILE_TYPE_DIRECTORY)
        change.attr.mode &= ~02000u;
    if (change.mask & ATTR_SIZE) {
        held = vfs_mapped_begin (self, node);
        component_lock (self, &node->writing);
    }
    status = fs_setattr (node->mount->link, &change, &changed);
    if (change.mask & ATTR_SIZE) {
        component_unlock (self, &node->writing);
        vfs_mapped_end (self, node, held, 0, 0, status == OK ? change.attr.size : UINT64_MAX);
    }
    if (status != OK)
        return status;
    if (change.mask & ATTR_MODE)
        node->mode = change.attr.mode;
    if (change.mask & ATTR_UID)
        node->uid = change.attr.uid;
    if (change.mask & ATTR_GID)
        node->gid = change.attr.gid;
    return OK;
}

/* Is it open as a path alone? */
static bool
vfs_attr_of_path (Component *self, uint32_t pid, int32_t fd)
{
    struct process *process             = vfs_process_find (self, pid);
    const struct descriptor *descriptor = process ? vfs_descriptor_find (process, fd) : NULL;

    return descriptor != NULL && (descriptor->file->flags & OPEN_PATH);
}

VFS_HANDLER (setattr)
{
    struct actor actor;
    struct vnode *node;
    unsigned follow    = req->no_follow ? 0 : WALK_FOLLOW;
    enum status status = vfs_actor_begin (self, req->process, &actor);

    (void)call, (void)rep;
    component_charge (self, 400);
    if (status != OK)
        return status;
    if (req->from.length == 0 && vfs_attr_of_path (self, req->process, req->fd))
        status = ERR_BAD_DESCRIPTOR;
    else
        status = vfs_file_node (self, &actor, req->process, req->fd, &req->from, follow, &node);
    if (status == OK) {
        status = vfs_attr_change (self, &actor, node, req);
        vfs_vnode_put (self, node);
    }
    vfs_actor_end (self, &actor);
    return status;
}

VFS_HANDLER (statfs)
{
    struct actor actor;
    struct vnode *node;
    enum status status = vfs_actor_begin (self, req->process, &actor);

    (void)call;
    component_charge (self, 300);
    if (status != OK)
        return status;
    status =
        vfs_file_node (self, &actor, req->process, req->fd, &req->from, WALK_FOLLOW, &node);
    if (status == OK) {
        struct fs_statfs_req ask = {};
        struct fs_statfs_rep known;
        status = fs_statfs (node->mount->link, &ask, &known);
        vfs_vnode_put (self, node);
        if (status == OK) {
            rep->blocks      = known.blocks;
            rep->blocks_free = known.blocks_free;
            rep->nodes       = known.nodes;
            rep->nodes_free  = known.nodes_free;
            rep->block_bytes = known.block_bytes;
            rep->name_max    = known.name_max;
            memcpy (rep->type, known.type, sizeof rep->type);
        }
    }
    vfs_actor_end (self, &actor);
    return status;
}

/* ---- where a process is ---- */

VFS_HANDLER (chdir)
{
    struct actor actor;
    struct vnode *node, *old;
    struct process *process;
    enum status status = vfs_actor_begin (self, req->process, &actor);

    (void)call, (void)rep;
    component_charge (self, 300);
    if (status != OK)
        return status;
    status =
        vfs_file_node (self, &actor, req->process, req->fd, &req->from, WALK_FOLLOW, &node);
    if (status == OK) {
        status = node->type != FILE_TYPE_DIRECTORY ? ERR_NOT_DIRECTORY
                                                   : vfs_vnode_allow (&actor, node, 1);
        process = vfs_process_find (self, req->process);
        if (status == OK && process == NULL)
            status = ERR_NO_PROCESS;
        if (status == OK) {
            old          = process->cwd;
            process->cwd = node;
            vfs_vnode_put (self, old);
        } else {
            vfs_vnode_put (self, node);
        }
    }
    vfs_actor_end (self, &actor);
    return status;
}

VFS_HANDLER (getcwd)
{
    struct actor actor;
    char *buffer, *path;
    uint32_t path_bytes;
    enum status status = vfs_actor_begin (self, req->process, &actor);

    (void)call;
    component_charge (self, 300);
    if (status != OK)
        return status;
    buffer = component_alloc (self, FILE_PATH_MAX);
    status = buffer == NULL      ? ERR_NO_MEMORY
             : actor.cwd == NULL ? ERR_NOT_FOUND
                                 : vfs_path_of (self, actor.cwd, buffer, FILE_PATH_MAX - 1,
                                                &path, &path_bytes);
    if (status == OK && path_bytes > req->into.length)
        status = ERR_RANGE;
    if (status == OK) {
        memcpy (req->into.data, path, path_bytes);
        rep->done = path_bytes;
    }
    if (buffer != NULL)
        component_free (self, buffer);
    vfs_actor_end (self, &actor);
    return status;
}

VFS_HANDLER (umask)
{
    struct process *process = vfs_process_find (self, req->process);

    (void)call;
    component_charge (self, 100);
    if (process == NULL)
        return ERR_NO_PROCESS;
    rep->mask      = process->umask;
    process->umask = req->mask & 0777;
    return OK;
}
