/* tmpfs: a file system in memory, with all types of nodes.
 *
 * Promises: what POSIX asks of a file system, but for times of reading, which are not kept.
 * Files have holes. A node whose last name is gone stays until it is released. Contents are
 * limited by the option `size` and by the arena, whichever is reached first, and then the
 * answer is ERR_NO_SPACE; a write answers how much still went in. A file has at most 2^48
 * bytes. One instance is mounted at one place at a time.
 *
 * Keeps across a crash: nothing but what its arena keeps. Unmounting forgets everything.
 */
#include <string.h>

#include "../text.h"
#include "tmpfs.h"

#define CHARGE_OPERATION 300u

void *
tmpfs_alloc (Component *self, size_t bytes)
{
    struct tmpfs *fs = component_state (self);
    void *memory;

    if (bytes > fs->limit - fs->used)
        return NULL;
    memory = component_alloc (self, bytes);
    if (memory != NULL)
        fs->used += bytes;
    return memory;
}

void
tmpfs_free (Component *self, void *memory, size_t bytes)
{
    struct tmpfs *fs = component_state (self);

    fs->used -= bytes;
    component_free (self, memory);
}

static void
tmpfs_charge (Component *self, uint32_t bytes)
{
    component_charge (self, CHARGE_OPERATION + bytes / 16);
}

static enum status
tmpfs_name_check (const char *name, size_t name_bytes)
{
    if (name_bytes > FILE_NAME_MAX)
        return ERR_NAME_TOO_LONG;
    if (name_bytes == 0 || memchr (name, '/', name_bytes) || memchr (name, 0, name_bytes))
        return ERR_INVALID;
    if (name[0] == '.' && (name_bytes == 1 || (name_bytes == 2 && name[1] == '.')))
        return ERR_INVALID;
    return OK;
}

/* What every operation on a name in a directory begins with. */
static enum status
tmpfs_dir_check (Component *self, uint64_t number, bool change, const char *name,
                 size_t name_bytes, struct tmpfs_node **dir)
{
    const struct tmpfs *fs = component_state (self);

    tmpfs_charge (self, 0);
    *dir = tmpfs_node_find (self, number);
    if (*dir == NULL)
        return ERR_STALE;
    if ((*dir)->type != FILE_TYPE_DIRECTORY)
        return ERR_NOT_DIRECTORY;
    if (change && fs->read_only)
        return ERR_READ_ONLY;
    return tmpfs_name_check (name, name_bytes);
}

/* ---- the file system ---- */

static enum status
tmpfs_describe (Component *self, struct call *call, const struct fs_describe_req *req,
                struct fs_describe_rep *rep)
{
    (void)call, (void)req;
    text_copy (rep->type, sizeof rep->type, "tmpfs");
    text_copy (rep->source, sizeof rep->source, component_name (self));
    return OK;
}

static enum status
tmpfs_mount (Component *self, struct call *call, const struct fs_mount_req *req,
             struct fs_mount_rep *rep)
{
    struct tmpfs *fs = component_state (self);

    (void)call;
    tmpfs_charge (self, 0);
    if (fs->mounted)
        return ERR_BUSY;
    fs->root = tmpfs_node_new (self, FILE_TYPE_DIRECTORY, fs->mode, 0, 0, 0);
    if (fs->root == NULL)
        return ERR_NO_SPACE;
    fs->root->parent = fs->root;
    fs->root->links  = 2;
    tmpfs_node_hold (self, fs->root);
    fs->mounted    = true;
    fs->read_only  = req->read_only != 0;
    rep->root      = fs->root->number;
    rep->read_only = fs->read_only;
    return OK;
}

static enum status
tmpfs_unmount (Component *self, struct call *call, const struct fs_unmount_req *req,
               struct fs_unmount_rep *rep)
{
    struct tmpfs *fs = component_state (self);

    (void)call, (void)req, (void)rep;
    if (!fs->mounted)
        return ERR_INVALID;
    if (fs->holds > 0)
        return ERR_BUSY;
    tmpfs_node_free_all (self);
    fs->mounted = false;
    return OK;
}

static enum status
tmpfs_statfs (Component *self, struct call *call, const struct fs_statfs_req *req,
              struct fs_statfs_rep *rep)
{
    const struct tmpfs *fs = component_state (self);

    (void)call, (void)req;
    rep->blocks      = fs->limit / TMPFS_PAGE;
    rep->blocks_free = (fs->limit - fs->used) / TMPFS_PAGE;
    /* Nodes are limited by nothing else than the memory they take. */
    rep->nodes_free  = (fs->limit - fs->used) / sizeof (struct tmpfs_node);
    rep->nodes       = rep->nodes_free + fs->node_count;
    rep->block_bytes = TMPFS_PAGE;
    rep->name_max    = FILE_NAME_MAX;
    text_copy (rep->type, sizeof rep->type, "tmpfs");
    return OK;
}

static enum status
tmpfs_sync (Component *self, struct call *call, const struct fs_sync_req *req,
            struct fs_sync_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return OK;
}

/* ---- names ---- */

static enum status
tmpfs_lookup (Component *self, struct call *call, const struct fs_lookup_req *req,
              struct fs_lookup_rep *rep)
{
    struct tmpfs_node *dir;
    struct tmpfs_entry *entry;
    enum status status =
        tmpfs_dir_check (self, req->dir, false, req->from.data, req->from.length, &dir);

    (void)call;
    if (status != OK)
        return status;
    entry = tmpfs_dir_find (self, dir, req->from.data, req->from.length);
    if (entry == NULL)
        return ERR_NOT_FOUND;
    tmpfs_node_hold (self, entry->node);
    tmpfs_node_attr (entry->node, &rep->attr);
    return OK;
}

static enum status
tmpfs_parent (Component *self, struct call *call, const struct fs_parent_req *req,
              struct fs_parent_rep *rep)
{
    struct tmpfs_node *dir = tmpfs_node_find (self, req->dir);

    (void)call;
    tmpfs_charge (self, 0);
    if (dir == NULL)
        return ERR_STALE;
    if (dir->type != FILE_TYPE_DIRECTORY)
        return ERR_NOT_DIRECTORY;
    if (dir->parent == NULL)
        return ERR_NOT_FOUND;
    tmpfs_node_hold (self, dir->parent);
    tmpfs_node_attr (dir->parent, &rep->attr);
    return OK;
}

static enum status
tmpfs_create (Component *self, struct call *call, const struct fs_create_req *req,
              struct fs_create_rep *rep)
{
    struct tmpfs_node *dir, *node;
    enum status status =
        tmpfs_dir_check (self, req->dir, true, req->from.data, req->from.length, &dir);

    (void)call;
    if (status != OK)
        return status;
    if (req->type < FILE_TYPE_REGULAR || req->type > FILE_TYPE_SOCKET
        || req->type == FILE_TYPE_LINK)
        return ERR_INVALID;
    if (tmpfs_dir_find (self, dir, req->from.data, req->from.length) != NULL)
        return ERR_EXISTS;
    node = tmpfs_node_new (self, req->type, req->mode, req->uid, req->gid, req->device);
    if (node == NULL)
        return ERR_NO_SPACE;
    status = tmpfs_dir_add (self, dir, req->from.data, req->from.length, node);
    if (status != OK) {
        tmpfs_node_check (self, node);
        return status;
    }
    tmpfs_node_hold (self, node);
    tmpfs_node_attr (node, &rep->attr);
    return OK;
}

static enum status
tmpfs_symlink (Component *self, struct call *call, const struct fs_symlink_req *req,
               struct fs_symlink_rep *rep)
{
    struct tmpfs_node *dir, *node;
    const char *name = req->from.data;
    enum status status;

    (void)call, (void)rep;
    if (req->name_bytes > req->from.length)
        return ERR_INVALID;
    status = tmpfs_dir_check (self, req->dir, true, name, req->name_bytes, &dir);
    if (status != OK)
        return status;
    uint32_t bytes = req->from.length - req->name_bytes;
    if (bytes == 0 || bytes > TMPFS_TARGET_MAX)
        return bytes == 0 ? ERR_INVALID : ERR_NAME_TOO_LONG;
    if (tmpfs_dir_find (self, dir, name, req->name_bytes) != NULL)
        return ERR_EXISTS;
    node = tmpfs_node_new (self, FILE_TYPE_LINK, 0777, req->uid, req->gid, 0);
    if (node == NULL)
        return ERR_NO_SPACE;
    node->target = tmpfs_alloc (self, bytes);
    if (node->target != NULL) {
        memcpy (node->target, name + req->name_bytes, bytes);
        node->size = bytes;
    }
    status = node->target == NULL
                 ? ERR_NO_SPACE
                 : tmpfs_dir_add (self, dir, name, req->name_bytes, node);
    tmpfs_node_check (self, node);
    return status;
}

static enum status
tmpfs_link (Component *self, struct call *call, const struct fs_link_req *req,
            struct fs_link_rep *rep)
{
    struct tmpfs_node *node = tmpfs_node_find (self, req->node);
    struct tmpfs_node *dir;
    enum status status =
        tmpfs_dir_check (self, req->dir, true, req->from.data, req->from.length, &dir);

    (void)call, (void)rep;
    if (status != OK)
        return status;
    if (node == NULL)
        return ERR_STALE;
    if (node->type == FILE_TYPE_DIRECTORY)
        return ERR_NOT_PERMITTED;
    if (node->links == 0)
        return ERR_NOT_FOUND;
    status = tmpfs_dir_add (self, dir, req->from.data, req->from.length, node);
    if (status == OK)
        node->ctime = dir->ctime;
    return status;
}

static enum status
tmpfs_remove (Component *self, struct call *call, const struct fs_remove_req *req,
              struct fs_remove_rep *rep)
{
    struct tmpfs_node *dir, *node;
    struct tmpfs_entry *entry;
    enum status status =
        tmpfs_dir_check (self, req->dir, true, req->from.data, req->from.length, &dir);

    (void)call, (void)rep;
    if (status != OK)
        return status;
    entry = tmpfs_dir_find (self, dir, req->from.data, req->from.length);
    if (entry == NULL)
        return ERR_NOT_FOUND;
    node = entry->node;
    if (node->type != FILE_TYPE_DIRECTORY && req->directory)
        return ERR_NOT_DIRECTORY;
    if (node->type == FILE_TYPE_DIRECTORY && !req->directory)
        return ERR_IS_DIRECTORY;
    if (node->first != NULL)
        return ERR_NOT_EMPTY;
    tmpfs_dir_drop (self, entry);
    tmpfs_node_check (self, node);
    return OK;
}

static enum status
tmpfs_rename (Component *self, struct call *call, const struct fs_rename_req *req,
              struct fs_rename_rep *rep)
{
    const char *name = req->from.data;
    struct tmpfs_node *dir, *new_dir;
    struct tmpfs_entry *entry;
    enum status status;

    (void)call, (void)rep;
    if (req->name_bytes > req->from.length || req->how > RENAME_SWAP)
        return ERR_INVALID;
    status = tmpfs_dir_check (self, req->dir, true, name, req->name_bytes, &dir);
    if (status == OK)
        status = tmpfs_dir_check (self, req->new_dir, true, name + req->name_bytes,
                                  req->from.length - req->name_bytes, &new_dir);
    if (status != OK)
        return status;
    entry = tmpfs_dir_find (self, dir, name, req->name_bytes);
    if (entry == NULL)
        return ERR_NOT_FOUND;
    return tmpfs_dir_rename (self, entry, new_dir, name + req->name_bytes,
                             req->from.length - req->name_bytes, req->how);
}

static enum status
tmpfs_entries (Component *self, struct call *call, const struct fs_entries_req *req,
               struct fs_entries_rep *rep)
{
    struct tmpfs_node *dir = tmpfs_node_find (self, req->dir);
    uint32_t done;
    enum status status;

    (void)call;
    if (dir == NULL)
        return ERR_STALE;
    if (dir->type != FILE_TYPE_DIRECTORY)
        return ERR_NOT_DIRECTORY;
    status = tmpfs_dir_list (dir, req->cursor, &req->into, &done);
    if (status != OK)
        return status;
    rep->done = done;
    tmpfs_charge (self, done);
    return OK;
}

/* ---- nodes ---- */

static enum status
tmpfs_release (Component *self, struct call *call, const struct fs_release_req *req,
               struct fs_release_rep *rep)
{
    struct tmpfs *fs        = component_state (self);
    struct tmpfs_node *node = tmpfs_node_find (self, req->node);

    (void)call, (void)rep;
    tmpfs_charge (self, 0);
    if (node == NULL || req->holds > node->holds)
        return ERR_STALE;
    node->holds -= req->holds;
    fs->holds -= req->holds;
    tmpfs_node_check (self, node);
    return OK;
}

static enum status
tmpfs_stat (Component *self, struct call *call, const struct fs_stat_req *req,
            struct fs_stat_rep *rep)
{
    const struct tmpfs_node *node = tmpfs_node_find (self, req->node);

    (void)call;
    tmpfs_charge (self, 0);
    if (node == NULL)
        return ERR_STALE;
    tmpfs_node_attr (node, &rep->attr);
    return OK;
}

static enum status
tmpfs_setattr (Component *self, struct call *call, const struct fs_setattr_req *req,
               struct fs_setattr_rep *rep)
{
    const struct tmpfs *fs  = component_state (self);
    struct tmpfs_node *node = tmpfs_node_find (self, req->node);

    (void)call, (void)rep;
    tmpfs_charge (self, 0);
    if (node == NULL)
        return ERR_STALE;
    if (fs->read_only)
        return ERR_READ_ONLY;
    if (req->mask & ATTR_SIZE) {
        if (node->type == FILE_TYPE_DIRECTORY)
            return ERR_IS_DIRECTORY;
        if (node->type != FILE_TYPE_REGULAR)
            return ERR_INVALID;
        if (req->attr.size > TMPFS_SIZE_MAX)
            return ERR_FILE_TOO_LARGE;
        tmpfs_data_resize (self, node, req->attr.size);
        tmpfs_node_changed (self, node);
    }
    if (req->mask & ATTR_MODE)
        node->mode = req->attr.mode & 07777;
    if (req->mask & ATTR_UID)
        node->uid = req->attr.uid;
    if (req->mask & ATTR_GID)
        node->gid = req->attr.gid;
    if (req->mask & ATTR_ATIME)
        node->atime = req->attr.atime;
    if (req->mask & ATTR_MTIME)
        node->mtime = req->attr.mtime;
    node->ctime = (int64_t)component_time_ns (self);
    if (req->mask & ATTR_ATIME_NOW)
        node->atime = node->ctime;
    if (req->mask & ATTR_MTIME_NOW)
        node->mtime = node->ctime;
    return OK;
}

static enum status
tmpfs_readlink (Component *self, struct call *call, const struct fs_readlink_req *req,
                struct fs_readlink_rep *rep)
{
    const struct tmpfs_node *node = tmpfs_node_find (self, req->node);
    uint32_t bytes;

    (void)call;
    tmpfs_charge (self, 0);
    if (node == NULL)
        return ERR_STALE;
    if (node->type != FILE_TYPE_LINK)
        return ERR_INVALID;
    bytes = node->size < req->into.length ? (uint32_t)node->size : req->into.length;
    memcpy (req->into.data, node->target, bytes);
    rep->done = bytes;
    return OK;
}

static enum status
tmpfs_data_check (Component *self, uint64_t number, struct tmpfs_node **node)
{
    *node = tmpfs_node_find (self, number);
    if (*node == NULL)
        return ERR_STALE;
    if ((*node)->type == FILE_TYPE_DIRECTORY)
        return ERR_IS_DIRECTORY;
    return (*node)->type == FILE_TYPE_REGULAR ? OK : ERR_INVALID;
}

static enum status
tmpfs_read (Component *self, struct call *call, const struct fs_read_req *req,
            struct fs_read_rep *rep)
{
    struct tmpfs_node *node;
    enum status status = tmpfs_data_check (self, req->node, &node);

    (void)call;
    if (status != OK)
        return status;
    rep->done = tmpfs_data_read (node, req->offset, req->into.data, req->into.length);
    tmpfs_charge (self, rep->done);
    return OK;
}

static enum status
tmpfs_write (Component *self, struct call *call, const struct fs_write_req *req,
             struct fs_write_rep *rep)
{
    const struct tmpfs *fs = component_state (self);
    struct tmpfs_node *node;
    enum status status = tmpfs_data_check (self, req->node, &node);
    uint32_t done;

    (void)call;
    if (status != OK)
        return status;
    if (fs->read_only)
        return ERR_READ_ONLY;
    if (req->offset > TMPFS_SIZE_MAX || req->from.length > TMPFS_SIZE_MAX - req->offset)
        return ERR_FILE_TOO_LARGE;
    done = tmpfs_data_write (self, node, req->offset, req->from.data, req->from.length);
    tmpfs_charge (self, done);
    if (done == 0 && req->from.length > 0)
        return ERR_NO_SPACE;
    if (done > 0)
        tmpfs_node_changed (self, node);
    rep->done = done;
    return OK;
}

static enum status
tmpfs_allocate (Component *self, struct call *call, const struct fs_allocate_req *req,
                struct fs_allocate_rep *rep)
{
    const struct tmpfs *fs = component_state (self);
    struct tmpfs_node *node;
    enum status status = tmpfs_data_check (self, req->node, &node);

    (void)call, (void)rep;
    tmpfs_charge (self, 0);
    if (status != OK)
        return status;
    if (fs->read_only)
        return ERR_READ_ONLY;
    if (req->offset > TMPFS_SIZE_MAX || req->bytes > TMPFS_SIZE_MAX - req->offset)
        return ERR_FILE_TOO_LARGE;
    if (!tmpfs_data_fill (self, node, req->offset, req->bytes)) {
        tmpfs_data_resize (self, node, node->size); /* without what is behind its end */
        return ERR_NO_SPACE;
    }
    if (!req->keep_size && req->offset + req->bytes > node->size)
        node->size = req->offset + req->bytes;
    tmpfs_node_changed (self, node);
    return OK;
}

/* ---- terminals: none here ---- */

static enum status
tmpfs_tty_get (Component *self, struct call *call, const struct fs_tty_get_req *req,
               struct fs_tty_get_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_TERMINAL;
}

static enum status
tmpfs_tty_set (Component *self, struct call *call, const struct fs_tty_set_req *req,
               struct fs_tty_set_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_TERMINAL;
}

static enum status
tmpfs_tty_foreground (Component *self, struct call *call,
                      const struct fs_tty_foreground_req *req,
                      struct fs_tty_foreground_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_TERMINAL;
}

static enum status
tmpfs_start (Component *self)
{
    struct tmpfs *fs = component_state (self);

    fs->limit = component_option_number (self, "size");
    for (const char *digit = component_option (self, "mode"); *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '7' || fs->mode > 0777)
            return ERR_INVALID;
        fs->mode = fs->mode * 8 + (uint32_t)(*digit - '0');
    }
    return fs->limit >= TMPFS_PAGE ? OK : ERR_INVALID;
}

static const struct fs_ops tmpfs_ops = {
    .describe       = tmpfs_describe,
    .mount          = tmpfs_mount,
    .unmount        = tmpfs_unmount,
    .lookup         = tmpfs_lookup,
    .parent         = tmpfs_parent,
    .create         = tmpfs_create,
    .symlink        = tmpfs_symlink,
    .link           = tmpfs_link,
    .remove         = tmpfs_remove,
    .rename         = tmpfs_rename,
    .release        = tmpfs_release,
    .stat           = tmpfs_stat,
    .setattr        = tmpfs_setattr,
    .readlink       = tmpfs_readlink,
    .read           = tmpfs_read,
    .write          = tmpfs_write,
    .allocate       = tmpfs_allocate,
    .entries        = tmpfs_entries,
    .statfs         = tmpfs_statfs,
    .sync           = tmpfs_sync,
    .tty_get        = tmpfs_tty_get,
    .tty_set        = tmpfs_tty_set,
    .tty_foreground = tmpfs_tty_foreground,
};

const struct component_class tmpfs_class = {
    .name        = "tmpfs",
    .summary     = "a file system in memory",
    .state_bytes = sizeof (struct tmpfs),
    .provides    = { { INTERFACE_fs, &tmpfs_ops } },
    .options     = { { "size", "16M", "most bytes that contents and names may take; "
                                      "by default more, if khimera run puts more there",
                       NULL, 4096, 1ul << 48 },
                     { "mode", "755", "permission bits of its root, octal: 1777 for /tmp" } },
    .keeps       = "size",
    .start       = tmpfs_start,
};
