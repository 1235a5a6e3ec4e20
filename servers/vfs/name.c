/* name: making, moving and removing names. */
#include <string.h>

#include "vfs.h"

/* Splits `first\0second`. */
static enum status
vfs_name_split (const grant *both, grant *first, grant *second)
{
    const char *zero = both->length > 0 ? memchr (both->data, 0, both->length) : NULL;

    if (zero == NULL)
        return ERR_INVALID;
    *first         = *both;
    *second        = *both;
    first->length  = (uint32_t)(zero - (const char *)both->data);
    second->data   = (char *)both->data + first->length + 1;
    second->length = both->length - first->length - 1;
    return OK;
}

enum status
vfs_name_allow (const struct actor *actor, const struct vnode *dir)
{
    if (dir->mount->read_only)
        return ERR_READ_ONLY;
    return vfs_vnode_allow (actor, dir, 2 | 1);
}

/* May this name, which exists, be taken out of its directory? */
static enum status
vfs_name_allow_removal (const struct actor *actor, const struct walk *walk)
{
    const struct vnode *dir = walk->parent, *node = walk->node;
    enum status status      = vfs_name_allow (actor, dir);

    if (status != OK)
        return status;
    if ((dir->mode & 01000) && actor->uid != 0 && actor->uid != dir->uid
        && actor->uid != node->uid)
        return ERR_NOT_PERMITTED;
    return node->mount != dir->mount ? ERR_BUSY : OK; /* a mount point */
}

enum status
vfs_name_create (Component *self, const struct actor *actor, const struct walk *walk,
                 uint32_t type, uint32_t mode, uint32_t device, struct file_attr *attr)
{
    const struct vnode *dir     = walk->parent;
    struct fs_create_req create = {
        .dir    = dir->number,
        .type   = type,
        .mode   = mode & 07777 & ~actor->umask,
        .uid    = actor->uid,
        .gid    = actor->gid,
        .device = device,
        .from   = { .data = (void *)walk->name, .length = walk->name_bytes },
    };
    struct fs_create_rep created;
    enum status status = vfs_name_allow (actor, dir);

    if (status != OK)
        return status;
    if (dir->mode & 02000) { /* everything below belongs to the directory's group */
        create.gid = dir->gid;
        create.mode |= type == FILE_TYPE_DIRECTORY ? 02000 : 0;
    }
    (void)self;
    status = fs_create (dir->mount->link, &create, &created);
    if (status == OK)
        *attr = created.attr;
    return status;
}

/* The place for a new name: nothing is there yet, and the actor may put it there. */
static enum status
vfs_name_place (Component *self, const struct actor *actor, const grant *path, bool directory,
                struct walk *walk)
{
    enum status status =
        vfs_walk (self, actor, path->data, path->length, WALK_PARENT, walk);

    if (status != OK)
        return status;
    if (walk->last != LAST_NAME || walk->node != NULL)
        status = ERR_EXISTS;
    else if (walk->slash && !directory)
        status = ERR_NOT_FOUND;
    else
        status = vfs_name_allow (actor, walk->parent);
    if (status != OK)
        vfs_walk_end (self, walk);
    return status;
}

VFS_HANDLER (make)
{
    struct actor actor;
    struct walk walk;
    struct file_attr attr;
    enum status status;

    (void)call, (void)rep;
    component_charge (self, 500);
    if (req->type < FILE_TYPE_REGULAR || req->type > FILE_TYPE_SOCKET
        || req->type == FILE_TYPE_LINK)
        return ERR_INVALID;
    status = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    if (actor.uid != 0 && (req->type == FILE_TYPE_CHARACTER || req->type == FILE_TYPE_BLOCK))
        status = ERR_NOT_PERMITTED;
    if (status == OK)
        status = vfs_name_place (self, &actor, &req->from, req->type == FILE_TYPE_DIRECTORY,
                                 &walk);
    if (status == OK) {
        status = vfs_name_create (self, &actor, &walk, req->type, req->mode, req->device,
                                  &attr);
        if (status == OK) {
            struct fs_release_req release = { .node = attr.node, .holds = 1 };
            struct fs_release_rep released;
            fs_release (walk.parent->mount->link, &release, &released);
        }
        vfs_walk_end (self, &walk);
    }
    vfs_actor_end (self, &actor);
    return status;
}

static enum status
vfs_name_link (Component *self, const struct actor *actor, const struct vnode *node,
               const grant *path)
{
    struct walk walk;
    enum status status = vfs_name_place (self, actor, path, false, &walk);

    if (status != OK)
        return status;
    if (node->mount != walk.parent->mount) {
        status = ERR_CROSS_DEVICE;
    } else if (node->type == FILE_TYPE_DIRECTORY) {
        status = ERR_NOT_PERMITTED;
    } else {
        struct fs_link_req link = {
            .dir  = walk.parent->number,
            .node = node->number,
            .from = { .data = (void *)walk.name, .length = walk.name_bytes },
        };
        struct fs_link_rep linked;
        status = fs_link (node->mount->link, &link, &linked);
    }
    vfs_walk_end (self, &walk);
    return status;
}

VFS_HANDLER (link)
{
    struct actor actor;
    struct vnode *node;
    grant existing, path;
    enum status status = vfs_name_split (&req->from, &existing, &path);

    (void)call, (void)rep;
    component_charge (self, 500);
    if (status == OK)
        status = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    status = vfs_walk_node (self, &actor, &existing, req->follow != 0 ? WALK_FOLLOW : 0, &node);
    if (status == OK) {
        status = vfs_name_link (self, &actor, node, &path);
        vfs_vnode_put (self, node);
    }
    vfs_actor_end (self, &actor);
    return status;
}

/* fs.symlink wants the name and the contents in one window. */
static enum status
vfs_name_symlink (Component *self, const struct actor *actor, const struct walk *walk,
                  const grant *contents)
{
    const struct vnode *dir      = walk->parent;
    struct fs_symlink_req symlink = {
        .dir        = dir->number,
        .name_bytes = walk->name_bytes,
        .uid        = actor->uid,
        .gid        = dir->mode & 02000 ? dir->gid : actor->gid,
        .from       = { .length = walk->name_bytes + contents->length },
    };
    struct fs_symlink_rep made;
    enum status status;
    char *both = component_alloc (self, symlink.from.length);

    if (both == NULL)
        return ERR_NO_MEMORY;
    memcpy (both, walk->name, walk->name_bytes);
    memcpy (both + walk->name_bytes, contents->data, contents->length);
    symlink.from.data = both;
    status            = fs_symlink (dir->mount->link, &symlink, &made);
    component_free (self, both);
    return status;
}

VFS_HANDLER (symlink)
{
    struct actor actor;
    struct walk walk;
    grant contents, path;
    enum status status = vfs_name_split (&req->from, &contents, &path);

    (void)call, (void)rep;
    component_charge (self, 500);
    if (status == OK && contents.length == 0)
        status = ERR_NOT_FOUND;
    if (status == OK && contents.length >= FILE_PATH_MAX)
        status = ERR_NAME_TOO_LONG;
    if (status == OK)
        status = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    status = vfs_name_place (self, &actor, &path, false, &walk);
    if (status == OK) {
        status = vfs_name_symlink (self, &actor, &walk, &contents);
        vfs_walk_end (self, &walk);
    }
    vfs_actor_end (self, &actor);
    return status;
}

static enum status
vfs_name_rename (Component *self, const struct actor *actor, const struct walk *old,
                 const struct walk *new, uint32_t how)
{
    char names[2 * FILE_NAME_MAX];
    struct mount *mount        = old->parent->mount;
    struct fs_rename_req rename = {
        .dir        = old->parent->number,
        .new_dir    = new->parent->number,
        .name_bytes = old->name_bytes,
        .how        = how,
        .from       = { .data = names, .length = old->name_bytes + new->name_bytes },
    };
    struct fs_rename_rep renamed;
    enum status status;

    if (old->node == NULL || (how == RENAME_SWAP && new->node == NULL))
        return ERR_NOT_FOUND;
    if (how == RENAME_KEEP && new->node != NULL)
        return ERR_EXISTS;
    bool directory = old->node->type == FILE_TYPE_DIRECTORY;
    bool comes     = how == RENAME_SWAP && new->node->type == FILE_TYPE_DIRECTORY;
    if ((!directory && (old->slash || (new->slash && how != RENAME_SWAP)))
        || (how == RENAME_SWAP && !comes && new->slash))
        return ERR_NOT_DIRECTORY;
    if (new->parent->mount != mount)
        return ERR_CROSS_DEVICE;
    status = vfs_name_allow_removal (actor, old);
    if (status == OK)
        status = new->node != NULL ? vfs_name_allow_removal (actor, new)
                                   : vfs_name_allow (actor, new->parent);
    /* A directory that moves has its ".." rewritten. */
    if (status == OK && directory && old->parent != new->parent)
        status = vfs_vnode_allow (actor, old->node, 2);
    if (status == OK && comes && old->parent != new->parent)
        status = vfs_vnode_allow (actor, new->node, 2);
    if (status != OK)
        return status;
    memcpy (names, old->name, old->name_bytes);
    memcpy (names + old->name_bytes, new->name, new->name_bytes);
    component_lock (self, &mount->renaming);
    status = fs_rename (mount->link, &rename, &renamed);
    component_unlock (self, &mount->renaming);
    if (status == OK && how == RENAME_OVER && new->node != NULL && new->node != old->node && directory)
        vfs_vnode_left (new->node, new->parent);
    return status;
}

VFS_HANDLER (rename)
{
    struct actor actor;
    struct walk old, new;
    grant from, to;
    enum status status = vfs_name_split (&req->from, &from, &to);

    (void)call, (void)rep;
    component_charge (self, 700);
    if (req->how > RENAME_SWAP)
        status = ERR_INVALID;
    if (status == OK)
        status = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    status = vfs_walk (self, &actor, from.data, from.length, WALK_PARENT, &old);
    if (status == OK) {
        status = vfs_walk (self, &actor, to.data, to.length, WALK_PARENT, &new);
        if (status == OK) {
            status = old.last == LAST_NAME && new.last == LAST_NAME
                         ? vfs_name_rename (self, &actor, &old, &new, req->how)
                         : ERR_BUSY;
            vfs_walk_end (self, &new);
        }
        vfs_walk_end (self, &old);
    }
    vfs_actor_end (self, &actor);
    return status;
}

static enum status
vfs_name_remove (const struct actor *actor, const struct walk *walk, bool directory)
{
    struct fs_remove_rep removed;
    enum status status;

    if (walk->last == LAST_NAME && walk->node == NULL)
        return ERR_NOT_FOUND;
    if (walk->last != LAST_NAME && !directory)
        return ERR_IS_DIRECTORY;
    if (walk->last != LAST_NAME)
        return walk->last == LAST_DOT       ? ERR_INVALID
               : walk->last == LAST_DOT_DOT ? ERR_NOT_EMPTY
                                            : ERR_BUSY;
    if (walk->slash && walk->node->type != FILE_TYPE_DIRECTORY)
        return ERR_NOT_DIRECTORY;
    status = vfs_name_allow_removal (actor, walk);
    if (status != OK)
        return status;
    struct fs_remove_req remove = {
        .dir       = walk->parent->number,
        .directory = directory,
        .from      = { .data = (void *)walk->name, .length = walk->name_bytes },
    };
    status = fs_remove (walk->parent->mount->link, &remove, &removed);
    if (status == OK && directory)
        vfs_vnode_left (walk->node, walk->parent);
    return status;
}

VFS_HANDLER (remove)
{
    struct actor actor;
    struct walk walk;
    enum status status = vfs_actor_begin (self, req->process, &actor);

    (void)call, (void)rep;
    component_charge (self, 500);
    if (status != OK)
        return status;
    status = vfs_walk (self, &actor, req->from.data, req->from.length, WALK_PARENT, &walk);
    if (status == OK) {
        status = vfs_name_remove (&actor, &walk, req->directory != 0);
        vfs_walk_end (self, &walk);
    }
    vfs_actor_end (self, &actor);
    return status;
}

VFS_HANDLER (readlink)
{
    struct actor actor;
    struct vnode *node;
    enum status status = vfs_actor_begin (self, req->process, &actor);

    (void)call;
    component_charge (self, 400);
    if (status != OK)
        return status;
    status = vfs_walk_node (self, &actor, &req->from, 0, &node);
    if (status == OK) {
        struct fs_readlink_req readlink = { .node    = node->number,
                                            .process = actor.pid,
                                            .into    = req->into };
        struct fs_readlink_rep contents;
        status = node->type == FILE_TYPE_LINK
                     ? fs_readlink (node->mount->link, &readlink, &contents)
                     : ERR_INVALID;
        if (status == OK)
            rep->done = contents.done;
        vfs_vnode_put (self, node);
    }
    vfs_actor_end (self, &actor);
    return status;
}
