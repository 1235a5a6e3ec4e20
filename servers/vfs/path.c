/* path: from a path to a node, and from a directory to its path. */
#include <string.h>

#include "vfs.h"

static struct vnode *
vfs_walk_root (Component *self)
{
    const struct vfs *vfs = component_state (self);

    if (vfs->mounts == NULL)
        return NULL;
    return vfs_vnode_cross (self, vfs_vnode_ref (vfs->mounts->root));
}

/* The number of the pipe or socket that the contents of a link of proc mean; 0: none. */
static uint64_t
vfs_walk_pipe (const struct vnode *link, const char *text, uint32_t bytes)
{
    static const char *const prefixes[] = { "pipe:[", "socket:[" };
    uint64_t number                     = 0;

    if (strcmp (link->mount->type, "proc") != 0)
        return 0;
    for (unsigned i = 0; i < 2; i++) {
        size_t at = strlen (prefixes[i]);

        if (bytes > at && memcmp (text, prefixes[i], at) == 0)
            while (at < bytes && text[at] >= '0' && text[at] <= '9')
                number = number * 10 + (uint64_t)(text[at++] - '0');
    }
    return number;
}

/* Puts the contents of a link in front of what is left of the path, into walk->buffer. */
static enum status
vfs_walk_expand (Component *self, const struct actor *actor, struct walk *walk,
                 const struct vnode *link, const char **path, const char **end,
                 const char *rest)
{
    uint32_t rest_bytes             = (uint32_t)(*end - rest);
    struct fs_readlink_req readlink = { .node = link->number, .process = actor->pid };
    struct fs_readlink_rep contents;
    enum status status;

    if (++walk->links > VFS_LINKS_MAX)
        return ERR_LOOP;
    if (walk->buffer == NULL)
        walk->buffer = component_alloc (self, FILE_PATH_MAX);
    if (walk->buffer == NULL)
        return ERR_NO_MEMORY;
    memmove (walk->buffer + FILE_PATH_MAX - rest_bytes, rest, rest_bytes);
    readlink.into.data   = walk->buffer;
    readlink.into.length = FILE_PATH_MAX - rest_bytes;
    status               = fs_readlink (link->mount->link, &readlink, &contents);
    if (status != OK)
        return status;
    if (contents.done == 0)
        return ERR_NOT_FOUND;
    /* A full window: there may be more. */
    if (contents.done >= readlink.into.length)
        return ERR_NAME_TOO_LONG;
    if (rest_bytes == 0)
        walk->pipe = vfs_walk_pipe (link, walk->buffer, contents.done);
    memmove (walk->buffer + contents.done, walk->buffer + FILE_PATH_MAX - rest_bytes,
             rest_bytes);
    *path = walk->buffer;
    *end  = walk->buffer + contents.done + rest_bytes;
    return OK;
}

/* The next name at `at`, slashes before it skipped; *rest is what follows, slashes first. */
static uint32_t
vfs_walk_next (const char **at, const char *end, const char **rest, bool *is_last)
{
    const char *name, *after;

    while (*at < end && **at == '/')
        ++*at;
    name  = *at;
    after = name < end ? memchr (name, '/', (size_t)(end - name)) : NULL;
    *rest = after != NULL ? after : end;
    for (after = *rest; after < end && *after == '/'; after++)
        ;
    *is_last = after == end;
    return (uint32_t)(*rest - name);
}

/* One name: from the directory *at to what it names, which takes its place. *missing: the
 * name is not there. *link: it is a symbolic link to be followed, not yet in place of *at. */
static enum status
vfs_walk_step (Component *self, const struct actor *actor, struct walk *walk,
               const char *name, uint32_t name_bytes, bool follow, struct vnode **at,
               struct vnode **link)
{
    struct vnode *child;
    enum status status;

    *link = NULL;
    if ((*at)->type != FILE_TYPE_DIRECTORY)
        return ERR_NOT_DIRECTORY;
    status = vfs_vnode_allow (actor, *at, 1);
    if (status != OK)
        return status;
    if (name_bytes > FILE_NAME_MAX)
        return ERR_NAME_TOO_LONG;
    walk->last = LAST_NAME;
    if (name_bytes == 1 && name[0] == '.') {
        walk->last = LAST_DOT;
        return OK;
    }
    if (name_bytes == 2 && name[0] == '.' && name[1] == '.') {
        walk->last = LAST_DOT_DOT;
        status     = vfs_vnode_above (self, *at, &child);
    } else {
        status = vfs_vnode_child (self, *at, name, name_bytes, &child);
    }
    if (status != OK)
        return status;
    child = vfs_vnode_cross (self, child);
    if (child->type == FILE_TYPE_LINK && follow) {
        *link = child;
        return OK;
    }
    vfs_vnode_put (self, walk->parent);
    walk->parent = *at;
    *at          = child;
    return OK;
}

/* The loop of vfs_walk; on failure *at is still to be put. */
static enum status
vfs_walk_along (Component *self, const struct actor *actor, const char *path, const char *end,
                unsigned flags, struct walk *walk, struct vnode **at)
{
    const char *rest;
    struct vnode *link;
    bool is_last;

    for (;;) {
        uint32_t name_bytes = vfs_walk_next (&path, end, &rest, &is_last);
        if (name_bytes == 0)
            return OK;
        walk->name       = path;
        walk->name_bytes = name_bytes;
        walk->slash      = is_last && rest != end;
        bool follow      = !is_last || (flags & WALK_FOLLOW)
                      || (walk->slash && !(flags & WALK_PARENT));
        enum status status =
            vfs_walk_step (self, actor, walk, path, name_bytes, follow, at, &link);
        if (status == ERR_NOT_FOUND && is_last && (flags & WALK_PARENT)
            && walk->last == LAST_NAME && (*at)->type == FILE_TYPE_DIRECTORY) {
            vfs_vnode_put (self, walk->parent);
            walk->parent = *at;
            *at          = NULL;
            return OK;
        }
        if (status == OK && link != NULL) {
            status = vfs_walk_expand (self, actor, walk, link, &path, &end, rest);
            vfs_vnode_put (self, link);
            if (status == OK && walk->pipe != 0 && (flags & WALK_PIPE)) {
                vfs_vnode_put (self, *at);
                *at = NULL;
                return OK;
            }
            if (status == OK && path[0] == '/') {
                struct vnode *from = *at;
                *at                = vfs_walk_root (self);
                walk->last         = LAST_ROOT;
                vfs_vnode_put (self, from);
                if (*at == NULL)
                    return ERR_NOT_FOUND;
            }
            if (status == OK)
                continue;
        }
        if (status != OK)
            return status;
        if (is_last)
            return walk->slash && !(flags & WALK_PARENT) && (*at)->type != FILE_TYPE_DIRECTORY
                       ? ERR_NOT_DIRECTORY
                       : OK;
        path = rest;
    }
}

enum status
vfs_walk (Component *self, const struct actor *actor, const char *path, uint32_t path_bytes,
          unsigned flags, struct walk *walk)
{
    struct vnode *at;
    enum status status;

    memset (walk, 0, sizeof *walk);
    if (path_bytes == 0)
        return ERR_NOT_FOUND;
    if (path_bytes >= FILE_PATH_MAX)
        return ERR_NAME_TOO_LONG;
    if (memchr (path, 0, path_bytes) != NULL)
        return ERR_INVALID;
    at = path[0] == '/' ? vfs_walk_root (self) : vfs_vnode_ref (actor->cwd);
    if (at == NULL)
        return ERR_NOT_FOUND;
    walk->last = LAST_ROOT;
    status     = vfs_walk_along (self, actor, path, path + path_bytes, flags, walk, &at);
    walk->node = at;
    if (status != OK) {
        vfs_walk_end (self, walk);
    } else if (!(flags & (WALK_PARENT | WALK_ABOVE)) || walk->last != LAST_NAME) {
        struct vnode *parent = walk->parent;
        walk->parent         = NULL;
        vfs_vnode_put (self, parent);
    }
    return status;
}

void
vfs_walk_end (Component *self, struct walk *walk)
{
    if (walk->buffer != NULL)
        component_free (self, walk->buffer);
    vfs_vnode_put (self, walk->node);
    vfs_vnode_put (self, walk->parent);
    memset (walk, 0, sizeof *walk);
}

enum status
vfs_walk_node (Component *self, const struct actor *actor, const grant *path, unsigned flags,
               struct vnode **node)
{
    struct walk walk;
    enum status status = vfs_walk (self, actor, path->data, path->length, flags, &walk);

    if (status != OK)
        return status;
    *node = vfs_vnode_ref (walk.node);
    vfs_walk_end (self, &walk);
    return OK;
}

/* ---- from a directory to its path ---- */

#define LISTING_BYTES 4096u

/* Finds the name of `number` in a listing; a cursor to go on from, or 0 if it was found. */
static uint64_t
vfs_path_scan (const char *listing, uint32_t bytes, uint64_t number, char *name,
               uint32_t *name_bytes)
{
    uint64_t cursor = 0;

    for (uint32_t at = 0; at + sizeof (struct file_entry) <= bytes;) {
        struct file_entry entry;
        memcpy (&entry, listing + at, sizeof entry);
        const char *text = listing + at + sizeof entry;
        if (entry.entry_bytes < sizeof entry + entry.name_bytes
            || entry.entry_bytes > bytes - at)
            break;
        bool dots = (entry.name_bytes == 1 && text[0] == '.')
                    || (entry.name_bytes == 2 && text[0] == '.' && text[1] == '.');
        if (entry.node == number && !dots) {
            memcpy (name, text, entry.name_bytes);
            *name_bytes = entry.name_bytes;
            return 0;
        }
        cursor = entry.next;
        at += entry.entry_bytes;
    }
    return cursor;
}

enum status
vfs_path_name (Component *self, const struct vnode *above, uint64_t number, char *name,
               uint32_t *name_bytes)
{
    struct fs_entries_req entries = { .dir = above->number };
    struct fs_entries_rep listed;
    enum status status = ERR_NO_MEMORY;

    entries.into.data   = component_alloc (self, LISTING_BYTES);
    entries.into.length = LISTING_BYTES;
    if (entries.into.data == NULL)
        return status;
    *name_bytes = 0;
    do {
        status = fs_entries (above->mount->link, &entries, &listed);
        if (status == OK && listed.done == 0)
            status = ERR_NOT_FOUND;
        if (status != OK)
            break;
        entries.cursor =
            vfs_path_scan (entries.into.data, listed.done, number, name, name_bytes);
        if (entries.cursor == 0 && *name_bytes == 0)
            status = ERR_IO;
    } while (status == OK && *name_bytes == 0);
    component_free (self, entries.into.data);
    return status;
}

enum status
vfs_path_of (Component *self, struct vnode *dir, char *buffer, uint32_t room, char **path,
             uint32_t *path_bytes)
{
    struct vnode *at   = vfs_vnode_ref (dir);
    uint32_t start     = room;
    enum status status = OK;

    while (status == OK) {
        char name[FILE_NAME_MAX];
        uint32_t name_bytes;
        struct vnode *above, *bottom = at;

        while (bottom == bottom->mount->root && bottom->mount->covers != NULL)
            bottom = bottom->mount->covers;
        if (bottom == bottom->mount->root)
            break;
        if (bottom->was_in != NULL) {
            status = ERR_NOT_FOUND;
            break;
        }
        /* What the parent's file system calls it is the covered directory's number. */
        uint64_t number         = bottom->number;
        struct fs_parent_req up = { .dir = number };
        struct fs_parent_rep found;
        struct mount *mount = bottom->mount;
        status              = fs_parent (mount->link, &up, &found);
        if (status == OK)
            status = vfs_vnode_get (self, mount, &found.attr, &above);
        if (status != OK)
            break;
        status = vfs_path_name (self, above, number, name, &name_bytes);
        vfs_vnode_put (self, at);
        at = above;
        if (status == OK && name_bytes + 1 > start)
            status = ERR_RANGE;
        if (status == OK) {
            start -= name_bytes + 1;
            buffer[start] = '/';
            memcpy (buffer + start + 1, name, name_bytes);
        }
    }
    vfs_vnode_put (self, at);
    if (status == OK && start == room) {
        if (room == 0)
            return ERR_RANGE;
        buffer[--start] = '/';
    }
    *path       = buffer + start;
    *path_bytes = room - start;
    return status;
}
