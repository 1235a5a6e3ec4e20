/* open: open files, and the descriptors that lead to them. */
#include <string.h>

#include "servers/text.h"
#include "vfs.h"

#define OPEN_TRIES 8 /* somebody else makes or removes the name between look and make */

struct open_file *
vfs_file_new (Component *self, uint32_t flags)
{
    struct open_file *file = component_alloc (self, sizeof *file);

    if (file != NULL) {
        file->refs  = 1;
        file->flags = flags & (OPEN_READ | OPEN_WRITE | OPEN_APPEND | OPEN_NONBLOCK | OPEN_PATH);
    }
    return file;
}

struct open_file *
vfs_file_ref (struct open_file *file)
{
    if (file != NULL)
        file->refs++;
    return file;
}

void
vfs_file_put (Component *self, struct open_file *file)
{
    if (file == NULL || --file->refs > 0)
        return;
    vfs_lock_end (self, file);
    vfs_set_forget (self, file);
    if (file->socket != 0)
        vfs_socket_close (file);
    vfs_pipe_leave (self, file, file->flags);
    if (file->mapped) {
        file->vnode->mapped--;
        file->vnode->shared -= (file->flags & OPEN_WRITE) != 0;
    }
    if (file->vnode != NULL) {
        file->vnode->writers -= file->writes;
        file->vnode->programs -= file->program;
    }
    vfs_vnode_put (self, file->vnode);
    vfs_vnode_put (self, file->dir);
    component_free (self, file);
}

enum status
vfs_file_get (Component *self, uint32_t pid, int32_t fd, struct open_file **file)
{
    struct process *process = vfs_process_find (self, pid);
    struct descriptor *descriptor;

    if (process == NULL)
        return ERR_NO_PROCESS;
    descriptor = vfs_descriptor_find (process, fd);
    if (descriptor == NULL || (descriptor->file->flags & OPEN_PATH))
        return ERR_BAD_DESCRIPTOR;
    *file = vfs_file_ref (descriptor->file);
    return OK;
}

enum status
vfs_file_node (Component *self, const struct actor *actor, uint32_t pid, int32_t fd,
               const grant *path, unsigned flags, struct vnode **node)
{
    struct process *process;
    const struct descriptor *descriptor;

    /* -1 is what a caller has that means a path, and an empty path names nothing. */
    if (path->length > 0 || fd == -1)
        return vfs_walk_node (self, actor, path, flags, node);
    process = vfs_process_find (self, pid);
    if (process == NULL)
        return ERR_NO_PROCESS;
    descriptor = vfs_descriptor_find (process, fd);
    if (descriptor == NULL)
        return ERR_BAD_DESCRIPTOR;
    *node = vfs_vnode_ref (descriptor->file->vnode);
    return *node != NULL ? OK : ERR_INVALID;
}

/* The node of an existing file: may it be opened like that? */
static enum status
vfs_open_allow (Component *self, const struct actor *actor, const struct walk *walk,
                uint32_t flags)
{
    const struct vnode *node = walk->node;
    uint32_t mask = (flags & OPEN_READ ? 4 : 0) | (flags & OPEN_WRITE ? 2 : 0);
    Link *link;
    uint64_t number;
    enum status status;

    if ((flags & OPEN_CREATE) && (flags & OPEN_EXCLUSIVE))
        return ERR_EXISTS;
    if (node->type == FILE_TYPE_LINK && !(flags & OPEN_PATH))
        return ERR_LOOP;
    if (node->type == FILE_TYPE_DIRECTORY && (flags & (OPEN_WRITE | OPEN_CREATE)))
        return ERR_IS_DIRECTORY;
    if (node->type != FILE_TYPE_DIRECTORY && (walk->slash || (flags & OPEN_DIRECTORY)))
        return ERR_NOT_DIRECTORY;
    if (flags & OPEN_PATH)
        return OK;
    status = vfs_vnode_allow (actor, node, mask);
    if (status != OK)
        return status;
    /* A name for a socket can be made and removed; there is nothing behind it. */
    if (node->type == FILE_TYPE_SOCKET)
        return ERR_NO_DEVICE;
    if (node->type == FILE_TYPE_PIPE)
        return OK;
    if (vfs_vnode_is_device (node))
        return vfs_vnode_device (self, node, &link, &number);
    return (flags & OPEN_WRITE) && node->mount->read_only ? ERR_READ_ONLY : OK;
}

/* Finds the node, or makes it, or finds the pipe that a link of proc means: the file has it. */
static enum status
vfs_open_node (Component *self, const struct actor *actor, const char *path,
               uint32_t path_bytes, uint32_t flags, uint32_t mode, struct open_file *file)
{
    bool create   = flags & OPEN_CREATE;
    bool follow   = !(flags & OPEN_NO_FOLLOW) && !(create && (flags & OPEN_EXCLUSIVE));
    unsigned walk_flags = (create ? WALK_PARENT : 0) | (follow ? WALK_FOLLOW : 0);
    struct walk walk;
    struct file_attr attr;
    enum status status = vfs_walk (self, actor, path, path_bytes,
                                   walk_flags | WALK_ABOVE | WALK_PIPE, &walk);

    if (status != OK)
        return status;
    if (walk.pipe != 0) {
        status = flags & OPEN_PATH ? ERR_NOT_SUPPORTED
                                   : vfs_opened_pipe (self, actor, walk.pipe, flags, file);
        vfs_walk_end (self, &walk);
        return status;
    }
    if (create && walk.slash)
        status = ERR_IS_DIRECTORY;
    else if (walk.node != NULL)
        status = vfs_open_allow (self, actor, &walk, flags);
    else
        status = vfs_name_create (self, actor, &walk, FILE_TYPE_REGULAR, mode, 0, &attr);
    if (status == OK && walk.node != NULL)
        file->vnode = vfs_vnode_ref (walk.node);
    else if (status == OK)
        status = vfs_vnode_get (self, walk.parent->mount, &attr, &file->vnode);
    else if (status == ERR_EXISTS && walk.node == NULL && !(flags & OPEN_EXCLUSIVE))
        status = ERR_AGAIN;
    if (status == OK)
        file->dir = vfs_vnode_ref (walk.parent);
    vfs_walk_end (self, &walk);
    return status;
}

/* A program that runs is not written, and what is written does not run. */
static enum status
vfs_open_claim (const struct actor *actor, struct open_file *file, uint32_t flags)
{
    struct vnode *vnode = file->vnode;
    bool program        = (flags & OPEN_PROGRAM) && actor->pid == 0;

    if (vnode == NULL || vnode->type != FILE_TYPE_REGULAR)
        return OK;
    if ((flags & OPEN_WRITE) ? vnode->programs > 0 : program && vnode->writers > 0)
        return ERR_TEXT_BUSY;
    file->writes  = (flags & OPEN_WRITE) != 0;
    file->program = !file->writes && program;
    vnode->writers += file->writes;
    vnode->programs += file->program;
    return OK;
}

enum status
vfs_file_open (Component *self, const struct actor *actor, const char *path,
               uint32_t path_bytes, uint32_t flags, uint32_t mode, struct open_file **out)
{
    struct open_file *file;
    enum status status = ERR_AGAIN;

    if (flags & OPEN_PATH)
        flags &= OPEN_PATH | OPEN_DIRECTORY | OPEN_NO_FOLLOW;
    else if (!(flags & (OPEN_READ | OPEN_WRITE)))
        return ERR_INVALID;
    file = vfs_file_new (self, flags);
    if (file == NULL)
        return ERR_FILE_TABLE;
    for (unsigned i = 0; i < OPEN_TRIES && status == ERR_AGAIN; i++)
        status = vfs_open_node (self, actor, path, path_bytes, flags, mode, file);
    if (status == OK)
        status = vfs_open_claim (actor, file, flags);
    if (status == OK && file->vnode != NULL && file->vnode->type == FILE_TYPE_PIPE
        && !(flags & OPEN_PATH))
        status = vfs_fifo_open (self, file);
    if (status == OK && (flags & OPEN_TRUNCATE) && (flags & OPEN_WRITE)
        && file->vnode != NULL && file->vnode->type == FILE_TYPE_REGULAR) {
        struct fs_setattr_req cut = { .node = file->vnode->number, .mask = ATTR_SIZE };
        struct fs_setattr_rep cut_done;
        uint32_t held = vfs_mapped_begin (self, file->vnode);
        component_lock (self, &file->vnode->writing);
        status = fs_setattr (file->vnode->mount->link, &cut, &cut_done);
        component_unlock (self, &file->vnode->writing);
        vfs_mapped_end (self, file->vnode, held, 0, 0, status == OK ? 0 : UINT64_MAX);
        if (status == OK)
            vfs_attr_written (self, actor->pid, file->vnode);
    }
    if (status != OK) {
        vfs_file_put (self, file);
        return status;
    }
    *out = file;
    return OK;
}

VFS_HANDLER (open)
{
    struct process *process;
    struct actor actor;
    struct open_file *file;
    enum status status;
    int32_t fd;

    component_charge (self, 600);
    vfs_parcel_sweep (self); /* who gave up waiting for a pipe's other side does not count */
    process = vfs_process_find (self, req->process);
    if (process != NULL && !vfs_descriptor_room (process))
        return ERR_TOO_MANY_FILES;
    status = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    status = vfs_file_open (self, &actor, req->from.data, req->from.length, req->flags,
                            req->mode, &file);
    vfs_actor_end (self, &actor);
    if (status != OK)
        return status;
    if (file->pipe != NULL && file->vnode != NULL) {
        status = vfs_fifo_wait (self, call, file, req);
        if (status != OK) {
            vfs_file_put (self, file);
            return status;
        }
    }
    process = vfs_process_find (self, req->process);
    status  = process == NULL ? ERR_NO_PROCESS
                              : vfs_descriptor_add (self, process, 0, file,
                                                    req->flags & OPEN_CLOEXEC, &fd);
    if (status != OK)
        vfs_file_put (self, file);
    else
        rep->fd = fd;
    return status;
}

/* ---- a file without a name ---- */

/* A file system in memory that may be written; NULL: there is none. */
static struct mount *
vfs_temporary_mount (Component *self)
{
    const struct vfs *vfs = component_state (self);
    struct mount *mount   = vfs->mounts;

    while (mount != NULL && (strcmp (mount->type, "tmpfs") != 0 || mount->read_only))
        mount = mount->next;
    return mount;
}

/* It has one for as long as nobody could have known it. Blocks. */
static enum status
vfs_temporary_make (Component *self, const struct actor *actor, const struct vnode *root,
                    struct vnode **vnode)
{
    struct vfs *vfs = component_state (self);
    char name[32];
    struct text text;
    struct fs_create_req create = { .dir = root->number, .type = FILE_TYPE_REGULAR, .mode = 0777,
                                    .uid = actor->uid, .gid = actor->gid };
    struct fs_remove_req remove = { .dir = root->number };
    struct fs_create_rep created;
    struct fs_remove_rep removed;
    enum status status;

    text_init (&text, name, sizeof name);
    text_append (&text, ".temporary.");
    text_number (&text, ++vfs->last_pipe);
    create.from = remove.from = (grant){ .data = name, .length = (uint32_t)text.length };
    status                    = fs_create (root->mount->link, &create, &created);
    if (status == OK)
        status = vfs_vnode_get (self, root->mount, &created.attr, vnode);
    return status == OK ? fs_remove (root->mount->link, &remove, &removed) : status;
}

VFS_HANDLER (temporary)
{
    struct mount *mount = vfs_temporary_mount (self);
    struct open_file *file;
    struct process *process;
    struct vnode *root;
    struct actor actor;
    enum status status = vfs_actor_begin (self, req->process, &actor);

    (void)call;
    component_charge (self, 600);
    if (status != OK)
        return status;
    root   = mount != NULL ? vfs_vnode_ref (mount->root) : NULL;
    file   = vfs_file_new (self, OPEN_READ | OPEN_WRITE);
    status = mount == NULL ? ERR_NOT_SUPPORTED : file == NULL ? ERR_FILE_TABLE : OK;
    if (status == OK)
        status = vfs_temporary_make (self, &actor, root, &file->vnode);
    if (status == OK)
        status = vfs_open_claim (&actor, file, OPEN_WRITE);
    process = vfs_process_find (self, req->process);
    if (status == OK)
        status = process == NULL ? ERR_NO_PROCESS
                                 : vfs_descriptor_add (self, process, 0, file,
                                                       (req->flags & OPEN_CLOEXEC) != 0, &rep->fd);
    if (status != OK)
        vfs_file_put (self, file);
    vfs_vnode_put (self, root);
    vfs_actor_end (self, &actor);
    return status;
}

VFS_HANDLER (close)
{
    struct process *process = vfs_process_find (self, req->process);
    struct open_file *file;

    (void)call, (void)rep;
    component_charge (self, 200);
    if (process == NULL)
        return ERR_NO_PROCESS;
    file = vfs_descriptor_take (process, req->fd);
    if (file == NULL)
        return ERR_BAD_DESCRIPTOR;
    vfs_lock_close (self, req->process, req->fd, file);
    vfs_file_put (self, file);
    vfs_parcel_sweep (self);
    return OK;
}

VFS_HANDLER (dup)
{
    struct process *process = vfs_process_find (self, req->process);
    struct descriptor *from;
    struct open_file *file, *old = NULL;
    enum status status;
    int32_t fd = req->to;

    (void)call;
    component_charge (self, 200);
    if (process == NULL)
        return ERR_NO_PROCESS;
    from = vfs_descriptor_find (process, req->fd);
    if (from == NULL || req->to < -1)
        return ERR_BAD_DESCRIPTOR;
    if (req->to == -1 && (req->least < 0 || (uint32_t)req->least >= process->descriptors_most))
        return ERR_INVALID;
    if (req->to == req->fd) {
        rep->fd = req->fd;
        return OK;
    }
    file = vfs_file_ref (from->file);
    if (req->to == -1)
        status = vfs_descriptor_add (self, process, (uint32_t)req->least, file,
                                     req->cloexec != 0, &fd);
    else
        status = vfs_descriptor_set (self, process, fd, file, req->cloexec != 0, &old);
    if (status == OK)
        rep->fd = fd;
    vfs_lock_close (self, req->process, fd, old);
    vfs_file_put (self, status == OK ? old : file);
    return status;
}

/* The flags of fcntl in one word: those of the open file and OPEN_CLOEXEC. */
VFS_HANDLER (flags)
{
    struct process *process = vfs_process_find (self, req->process);
    struct descriptor *descriptor;
    const uint32_t settable = OPEN_APPEND | OPEN_NONBLOCK;

    (void)call;
    component_charge (self, 150);
    if (process == NULL)
        return ERR_NO_PROCESS;
    descriptor = vfs_descriptor_find (process, req->fd);
    if (descriptor == NULL
        || ((descriptor->file->flags & OPEN_PATH) && (req->set & settable) != 0))
        return ERR_BAD_DESCRIPTOR;
    descriptor->file->flags
        = (descriptor->file->flags & ~(req->set & settable)) | (req->flags & req->set & settable);
    if (req->set & OPEN_CLOEXEC)
        descriptor->cloexec = req->flags & OPEN_CLOEXEC;
    rep->flags = descriptor->file->flags | (descriptor->cloexec ? OPEN_CLOEXEC : 0);
    return OK;
}
