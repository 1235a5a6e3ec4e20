/* ext2: the second extended file system on a disk, as mke2fs makes it.
 *
 * Promises: blocks of 1, 2 and 4 KiB, revisions 0 and 1, with filetype, sparse_super and
 * large_file; what needs another feature is refused by its name, or only read if the feature
 * allows that. What POSIX asks of a file system; times as they are set, with nanoseconds
 * where inodes have room for them (times.c), the time of reading when it tells something. Damage on the
 * disk is an error to the program and a line in the kernel log, whatever it is. Reads of
 * different files are under way at the same time.
 *
 * Writes stay in a cache of `cache` blocks until sync, until there is no room, or for five
 * seconds; then they go in runs, in the order of the disk. Limits: names of 255 bytes, 32,000
 * links to an inode, files of about 16 GiB with blocks of 1 KiB, 256 GiB with 2 KiB, 2 TiB
 * with 4 KiB.
 *
 * Keeps across a crash: what its arena keeps. On the disk, as long as it is mounted for
 * writing, it is marked as not clean; nodes whose last name is gone are freed when the
 * machine halts in order, and by e2fsck if it does not.
 */
#include <string.h>

#include "ext2.h"
#include "text.h"

/* ---- the file system ---- */

static enum status
ext2_describe (Component *self, struct call *call, const struct fs_describe_req *req,
               struct fs_describe_rep *rep)
{
    struct block_info_req ask = {};
    struct block_info_rep info;
    enum status status = block_info (component_link (self, EXT2_NEED_DISK), &ask, &info);

    (void)call, (void)req;
    if (status != OK)
        return status;
    text_copy (rep->type, sizeof rep->type, "ext2");
    text_copy (rep->source, sizeof rep->source, info.name);
    return OK;
}

static enum status
ext2_mount (Component *self, struct call *call, const struct fs_mount_req *req,
            struct fs_mount_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *root;
    enum status status;

    (void)call;
    fs->self = self;
    if (fs->mounted || fs->closing || fs->stopped)
        return ERR_BUSY;
    fs->closing = true; /* nobody comes in before it is done */
    fs->active++;
    status = ext2_super_mount (fs, req->read_only != 0);
    if (status == OK) {
        status = ext2_inode_get (fs, INODE_ROOT, &root);
        if (status != OK)
            ext2_super_unmount (fs);
    }
    if (status == OK) {
        ext2_inode_hold (fs, root);
        ext2_inode_put (fs, root);
        rep->root      = INODE_ROOT;
        rep->read_only = fs->read_only;
    }
    ext2_open (fs);
    return ext2_leave (fs, NULL, status);
}

static enum status
ext2_unmount (Component *self, struct call *call, const struct fs_unmount_req *req,
              struct fs_unmount_rep *rep)
{
    struct ext2 *fs    = component_state (self);
    enum status status = ext2_enter (self);

    (void)call, (void)req, (void)rep;
    if (status != OK)
        return fs->stopped ? OK : ERR_INVALID; /* stopping has unmounted it */
    if (fs->holds > 0 || !ext2_close (fs))
        return ext2_leave (fs, NULL, ERR_BUSY);
    /* somebody who was inside may have got hold of a node */
    status = fs->holds > 0 ? ERR_BUSY : ext2_super_unmount (fs);
    ext2_open (fs);
    return ext2_leave (fs, NULL, status);
}

static enum status
ext2_statfs (Component *self, struct call *call, const struct fs_statfs_req *req,
             struct fs_statfs_rep *rep)
{
    struct ext2 *fs    = component_state (self);
    enum status status = ext2_enter (self);

    (void)call, (void)req;
    if (status != OK)
        return status;
    uint64_t own = fs->first_block + (uint64_t)fs->group_count * (2 + fs->table_blocks);
    for (uint32_t i = 0; i < fs->group_count; i++)
        own += ext2_super_in_group (fs, i) ? 1 + fs->descriptor_blocks : 0;
    rep->blocks      = fs->blocks_count > own ? fs->blocks_count - own : 0;
    rep->blocks_free = fs->free_blocks;
    rep->nodes       = fs->inodes_count;
    rep->nodes_free  = fs->free_inodes;
    rep->block_bytes = fs->block_bytes;
    rep->name_max    = FILE_NAME_MAX;
    text_copy (rep->type, sizeof rep->type, "ext2");
    return ext2_leave (fs, NULL, OK);
}

static enum status
ext2_sync (Component *self, struct call *call, const struct fs_sync_req *req,
           struct fs_sync_rep *rep)
{
    struct ext2 *fs    = component_state (self);
    enum status status = ext2_enter (self);

    (void)call, (void)req, (void)rep;
    if (status != OK)
        return OK; /* not mounted: nothing that is not on the disk */
    return ext2_leave (fs, NULL, ext2_sync_all (fs));
}

/* ---- finding ---- */

static enum status
ext2_lookup (Component *self, struct call *call, const struct fs_lookup_req *req,
             struct fs_lookup_rep *rep)
{
    struct ext2 *fs  = component_state (self);
    const char *name = req->from.data;
    struct node *dir;
    struct node *node  = NULL;
    enum status status = ext2_enter_node (self, req->dir, &dir);

    (void)call;
    if (status != OK)
        return status;
    if (!ext2_is_directory (dir))
        status = ERR_NOT_DIRECTORY;
    else if (req->from.length > FILE_NAME_MAX)
        status = ERR_NAME_TOO_LONG;
    else if (req->from.length == 0)
        status = ERR_INVALID;
    else
        status = ext2_dir_lookup (fs, dir, name, req->from.length, &node);
    if (status == OK) {
        ext2_inode_hold (fs, node);
        ext2_inode_attr (fs, node, &rep->attr);
        ext2_inode_put (fs, node);
    }
    return ext2_leave (fs, dir, status);
}

static enum status
ext2_parent (Component *self, struct call *call, const struct fs_parent_req *req,
             struct fs_parent_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *dir;
    struct node *parent;
    enum status status = ext2_enter_node (self, req->dir, &dir);

    (void)call;
    if (status != OK)
        return status;
    status = ext2_is_directory (dir) ? ext2_dir_lookup (fs, dir, "..", 2, &parent)
                                     : ERR_NOT_DIRECTORY;
    if (status == OK && !ext2_is_directory (parent)) {
        ext2_inode_put (fs, parent);
        status = ext2_corrupt (fs, "no directory is above directory", dir->number);
    }
    if (status == OK) {
        ext2_inode_hold (fs, parent);
        ext2_inode_attr (fs, parent, &rep->attr);
        ext2_inode_put (fs, parent);
    }
    return ext2_leave (fs, dir, status);
}

static enum status
ext2_entries (Component *self, struct call *call, const struct fs_entries_req *req,
              struct fs_entries_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *dir;
    uint32_t done      = 0;
    enum status status = ext2_enter_node (self, req->dir, &dir);

    (void)call;
    if (status != OK)
        return status;
    status = ext2_is_directory (dir)
                 ? ext2_dir_list (fs, dir, req->cursor, &req->into, &done)
                 : ERR_NOT_DIRECTORY;
    if (status == OK) {
        rep->done = done;
        if (done > 0)
            ext2_times_read (fs, dir);
    }
    return ext2_leave (fs, dir, status);
}

static enum status
ext2_release (Component *self, struct call *call, const struct fs_release_req *req,
              struct fs_release_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *node;
    enum status status = ext2_enter_node (self, req->node, &node);

    (void)call, (void)rep;
    if (status != OK)
        return status;
    if (req->holds > node->holds)
        return ext2_leave (fs, node, ERR_STALE);
    node->holds -= req->holds;
    fs->holds -= req->holds;
    return ext2_leave (fs, node, OK); /* which frees it, if that was all it had */
}

/* ---- nodes ---- */

static enum status
ext2_stat (Component *self, struct call *call, const struct fs_stat_req *req,
           struct fs_stat_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *node;
    enum status status = ext2_enter_node (self, req->node, &node);

    (void)call;
    if (status != OK)
        return status;
    ext2_inode_attr (fs, node, &rep->attr);
    return ext2_leave (fs, node, OK);
}

static enum status
setattr_size (struct ext2 *fs, struct node *node, uint64_t size)
{
    if (ext2_is_directory (node))
        return ERR_IS_DIRECTORY;
    if ((node->mode & MODE_TYPE) != MODE_REGULAR)
        return ERR_INVALID;
    return ext2_file_resize (fs, node, size);
}

static enum status
ext2_setattr (Component *self, struct call *call, const struct fs_setattr_req *req,
              struct fs_setattr_rep *rep)
{
    const struct file_attr *attr = &req->attr;
    struct ext2 *fs              = component_state (self);
    struct node *node;
    enum status status = ext2_enter_node (self, req->node, &node);

    (void)call, (void)rep;
    if (status != OK)
        return status;
    status = ext2_inode_writable (fs, node);
    if (status == OK && req->mask & ATTR_SIZE)
        status = setattr_size (fs, node, attr->size);
    if (status != OK)
        return ext2_leave (fs, node, status);
    if (req->mask & ATTR_MODE)
        node->mode = (uint16_t)((node->mode & MODE_TYPE) | (attr->mode & 07777));
    if (req->mask & ATTR_UID)
        node->uid = attr->uid;
    if (req->mask & ATTR_GID)
        node->gid = attr->gid;
    if (req->mask & ATTR_ATIME)
        node->atime = attr->atime;
    if (req->mask & ATTR_MTIME)
        node->mtime = attr->mtime;
    node->ctime = ext2_now (fs);
    if (req->mask & ATTR_ATIME_NOW)
        node->atime = node->ctime;
    if (req->mask & ATTR_MTIME_NOW)
        node->mtime = node->ctime;
    return ext2_leave (fs, node, ext2_inode_update (fs, node));
}

static enum status
ext2_allocate (Component *self, struct call *call, const struct fs_allocate_req *req,
               struct fs_allocate_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *node;
    enum status status = ext2_enter_node (self, req->node, &node);

    (void)call, (void)rep;
    if (status != OK)
        return status;
    status = ext2_inode_writable (fs, node);
    if (status == OK && ext2_is_directory (node))
        status = ERR_IS_DIRECTORY;
    else if (status == OK && (node->mode & MODE_TYPE) != MODE_REGULAR)
        status = ERR_INVALID;
    if (status == OK)
        status = ext2_file_allocate (fs, node, req->offset, req->bytes, req->keep_size != 0);
    return ext2_leave (fs, node, status);
}

static enum status
ext2_readlink (Component *self, struct call *call, const struct fs_readlink_req *req,
               struct fs_readlink_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *node;
    uint32_t done      = 0;
    enum status status = ext2_enter_node (self, req->node, &node);

    (void)call;
    if (status != OK)
        return status;
    status = (node->mode & MODE_TYPE) == MODE_LINK
                 ? ext2_link_read (fs, node, &req->into, &done)
                 : ERR_INVALID;
    if (status == OK)
        rep->done = done;
    return ext2_leave (fs, node, status);
}

static enum status
has_bytes (const struct node *node)
{
    if (ext2_is_directory (node))
        return ERR_IS_DIRECTORY;
    return (node->mode & MODE_TYPE) == MODE_REGULAR ? OK : ERR_INVALID;
}

static enum status
ext2_read (Component *self, struct call *call, const struct fs_read_req *req,
           struct fs_read_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *node;
    uint32_t done      = 0;
    enum status status = ext2_enter_node (self, req->node, &node);

    (void)call;
    if (status != OK)
        return status;
    status = has_bytes (node);
    if (status == OK)
        status = ext2_file_read (fs, node, req->offset, &req->into, &done);
    if (status == OK)
        rep->done = done;
    return ext2_leave (fs, node, status);
}

static enum status
ext2_write (Component *self, struct call *call, const struct fs_write_req *req,
            struct fs_write_rep *rep)
{
    struct ext2 *fs = component_state (self);
    struct node *node;
    uint32_t done      = 0;
    enum status status = ext2_enter_node (self, req->node, &node);

    (void)call;
    if (status != OK)
        return status;
    status = has_bytes (node);
    if (status == OK)
        status = ext2_inode_writable (fs, node);
    if (status == OK)
        status = ext2_file_write (fs, node, req->offset, &req->from, &done);
    if (status == OK)
        rep->done = done;
    return ext2_leave (fs, node, status);
}

/* ---- terminals: none here ---- */

static enum status
ext2_tty_get (Component *self, struct call *call, const struct fs_tty_get_req *req,
              struct fs_tty_get_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_TERMINAL;
}

static enum status
ext2_tty_set (Component *self, struct call *call, const struct fs_tty_set_req *req,
              struct fs_tty_set_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_TERMINAL;
}

static enum status
ext2_tty_foreground (Component *self, struct call *call,
                     const struct fs_tty_foreground_req *req,
                     struct fs_tty_foreground_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_TERMINAL;
}

/* ---- the component ---- */

static enum status
ext2_stop (Component *self)
{
    struct ext2 *fs = component_state (self);
    enum status status;

    fs->self = self;
    if (!fs->mounted || fs->closing)
        return OK;
    fs->active++;
    ext2_close (fs);
    ext2_inode_drop_all (fs);
    status      = ext2_super_unmount (fs);
    fs->stopped = true;
    ext2_open (fs);
    return ext2_leave (fs, NULL, status);
}

/* Something has been dirty for long enough. What fails now is tried again by the next sync,
 * and fails there for somebody to hear of; no timer is set until one has succeeded. */
static void
ext2_timer (Component *self, uint64_t cookie)
{
    struct ext2 *fs = component_state (self);

    fs->self = self;
    if (!fs->mounted || fs->closing || cookie != fs->mounts)
        return;
    fs->active++;
    component_lock (self, &fs->syncing);
    ext2_super_flush (fs);
    component_unlock (self, &fs->syncing);
    fs->timer_set = false;
    ext2_leave (fs, NULL, OK);
}

static const struct fs_ops ext2_ops = {
    .describe       = ext2_describe,
    .mount          = ext2_mount,
    .unmount        = ext2_unmount,
    .lookup         = ext2_lookup,
    .parent         = ext2_parent,
    .create         = ext2_create,
    .symlink        = ext2_symlink,
    .link           = ext2_link,
    .remove         = ext2_remove,
    .rename         = ext2_rename,
    .release        = ext2_release,
    .stat           = ext2_stat,
    .setattr        = ext2_setattr,
    .readlink       = ext2_readlink,
    .read           = ext2_read,
    .write          = ext2_write,
    .allocate       = ext2_allocate,
    .entries        = ext2_entries,
    .statfs         = ext2_statfs,
    .sync           = ext2_sync,
    .tty_get        = ext2_tty_get,
    .tty_set        = ext2_tty_set,
    .tty_foreground = ext2_tty_foreground,
};

const struct component_class ext2_class = {
    .name        = "ext2",
    .summary     = "An ext2 file system on a disk, with a write-back cache of its blocks.",
    .state_bytes = sizeof (struct ext2),
    .provides    = { { INTERFACE_fs, &ext2_ops } },
    .needs       = { { "disk", INTERFACE_block, NEED_ONE },
                     { "log", INTERFACE_log, NEED_OPTIONAL } },
    .options     = { { "cache", "512", "blocks of the disk to keep in memory, 32 to 65536",
                       .min = 32, .max = 65536 } },
    .stop        = ext2_stop,
    .timer       = ext2_timer,
};
