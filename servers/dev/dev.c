/* dev: a file system of devices: null, zero, full, random, urandom, tty, console, disks; and of
 * links to what the process has open: fd, stdin, stdout, stderr.
 *
 * A disk has the name of its device. tty and console are the one terminal of the machine, and
 * not there without one.
 *
 * Promises: nodes are for ever, so a device's number may be used without holding it; the
 * directory cannot be changed (ERR_NOT_PERMITTED). Random bytes are seeded. Reads and writes
 * of the terminal are handed on to it and keep no frame here. Disks are read and written at
 * any byte; a write of part of a sector is not atomic with the disk's other clients.
 *
 * Keeps across a crash: nothing, for it has nothing but the count of holds.
 */
#include "dev.h"

#include <string.h>

#include "../entry.h"
#include "../text.h"

struct dev_name {
    const char *name;
    enum dev_node node;
    uint32_t mode;
};

static const struct dev_name dev_names[] = {
    { "null", DEV_NULL, 0666 },     { "zero", DEV_ZERO, 0666 },
    { "full", DEV_FULL, 0666 },     { "random", DEV_RANDOM, 0666 },
    { "urandom", DEV_URANDOM, 0666 }, { "tty", DEV_TTY, 0666 },
    { "console", DEV_CONSOLE, 0600 }, { "fd", DEV_FD, 0777 },
    { "stdin", DEV_STDIN, 0777 },     { "stdout", DEV_STDOUT, 0777 },
    { "stderr", DEV_STDERR, 0777 },
};
#define DEV_NAMES (sizeof dev_names / sizeof *dev_names)

/* Symbolic links to what the process has open. */
static const struct dev_link {
    enum dev_node node;
    const char *contents;
} dev_links[] = {
    { DEV_FD, "/proc/self/fd" },
    { DEV_STDIN, "/proc/self/fd/0" },
    { DEV_STDOUT, "/proc/self/fd/1" },
    { DEV_STDERR, "/proc/self/fd/2" },
};
#define DEV_LINKS (sizeof dev_links / sizeof *dev_links)

/* NULL: it is none. */
static const char *
dev_link_contents (uint64_t node)
{
    for (unsigned i = 0; i < DEV_LINKS; i++)
        if (dev_links[i].node == node)
            return dev_links[i].contents;
    return NULL;
}

static bool
dev_is_terminal (uint64_t node)
{
    return node == DEV_TTY || node == DEV_CONSOLE;
}

static struct dev_disk *
dev_disk_of (Component *self, uint64_t node)
{
    struct dev *dev = component_state (self);

    return node >= DEV_DISK && node - DEV_DISK < dev->disk_count
               ? &dev->disks[node - DEV_DISK]
               : NULL;
}

/* NULL: there is no such character device. */
static const struct dev_name *
dev_character (Component *self, uint64_t node)
{
    for (unsigned i = 0; i < DEV_NAMES; i++)
        if (dev_names[i].node == node
            && (!dev_is_terminal (node) || component_link (self, DEV_NEED_TTY) != NULL))
            return &dev_names[i];
    return NULL;
}

static bool
dev_exists (Component *self, uint64_t node)
{
    return node == DEV_ROOT || dev_character (self, node) || dev_disk_of (self, node);
}

static void
dev_attr (Component *self, uint64_t node, struct file_attr *attr)
{
    const struct dev *dev            = component_state (self);
    const struct dev_disk *disk      = dev_disk_of (self, node);
    const struct dev_name *character = dev_character (self, node);

    memset (attr, 0, sizeof *attr);
    attr->node        = node;
    attr->links       = 1;
    attr->block_bytes = DEV_SECTOR;
    attr->atime = attr->mtime = attr->ctime = dev->started;
    if (node == DEV_ROOT) {
        attr->type  = FILE_TYPE_DIRECTORY;
        attr->mode  = 0755;
        attr->links = 2;
    } else if (disk != NULL) {
        attr->type   = FILE_TYPE_BLOCK;
        attr->mode   = 0660;
        attr->size   = disk->bytes;
        attr->device = (uint32_t)node;
    } else if (dev_link_contents (node) != NULL) {
        attr->type = FILE_TYPE_LINK;
        attr->mode = 0777;
        attr->size = strlen (dev_link_contents (node));
    } else {
        attr->type   = FILE_TYPE_CHARACTER;
        attr->mode   = character != NULL ? character->mode : 0;
        attr->device = (uint32_t)node;
    }
}

static bool
dev_same (const grant *name, const char *text)
{
    return strlen (text) == name->length && memcmp (text, name->data, name->length) == 0;
}

/* ---- the file system ---- */

static enum status
dev_describe (Component *self, struct call *call, const struct fs_describe_req *req,
              struct fs_describe_rep *rep)
{
    (void)call, (void)req;
    text_copy (rep->type, sizeof rep->type, "devfs");
    text_copy (rep->source, sizeof rep->source, component_name (self));
    return OK;
}

static enum status
dev_mount (Component *self, struct call *call, const struct fs_mount_req *req,
           struct fs_mount_rep *rep)
{
    struct dev *dev = component_state (self);

    (void)call, (void)req;
    if (dev->mounted)
        return ERR_BUSY;
    dev->mounted   = true;
    dev->holds     = 1;
    rep->root      = DEV_ROOT;
    rep->read_only = 0; /* of its devices, that is; the directory always is */
    return OK;
}

static enum status
dev_unmount (Component *self, struct call *call, const struct fs_unmount_req *req,
             struct fs_unmount_rep *rep)
{
    struct dev *dev = component_state (self);

    (void)call, (void)req, (void)rep;
    if (!dev->mounted)
        return ERR_INVALID;
    if (dev->holds > 0)
        return ERR_BUSY;
    dev->mounted = false;
    return OK;
}

static enum status
dev_lookup (Component *self, struct call *call, const struct fs_lookup_req *req,
            struct fs_lookup_rep *rep)
{
    struct dev *dev = component_state (self);
    uint64_t found  = 0;

    (void)call;
    component_charge (self, 200);
    if (req->dir != DEV_ROOT)
        return dev_exists (self, req->dir) ? ERR_NOT_DIRECTORY : ERR_STALE;
    for (unsigned i = 0; i < DEV_NAMES; i++)
        if (dev_same (&req->from, dev_names[i].name))
            found = dev_names[i].node;
    for (uint32_t i = 0; i < dev->disk_count && found == 0; i++) {
        if (dev_same (&req->from, dev->disks[i].name))
            found = DEV_DISK + i;
    }
    if (found == 0 || !dev_exists (self, found))
        return ERR_NOT_FOUND;
    dev->holds++;
    dev_attr (self, found, &rep->attr);
    return OK;
}

static enum status
dev_parent (Component *self, struct call *call, const struct fs_parent_req *req,
            struct fs_parent_rep *rep)
{
    struct dev *dev = component_state (self);

    (void)call;
    if (req->dir != DEV_ROOT)
        return dev_exists (self, req->dir) ? ERR_NOT_DIRECTORY : ERR_STALE;
    dev->holds++;
    dev_attr (self, DEV_ROOT, &rep->attr);
    return OK;
}

static enum status
dev_release (Component *self, struct call *call, const struct fs_release_req *req,
             struct fs_release_rep *rep)
{
    struct dev *dev = component_state (self);

    (void)call, (void)rep;
    if (!dev_exists (self, req->node) || req->holds > dev->holds)
        return ERR_STALE;
    dev->holds -= req->holds;
    return OK;
}

static enum status
dev_stat (Component *self, struct call *call, const struct fs_stat_req *req,
          struct fs_stat_rep *rep)
{
    (void)call;
    component_charge (self, 150);
    if (!dev_exists (self, req->node))
        return ERR_NO_DEVICE;
    dev_attr (self, req->node, &rep->attr);
    return OK;
}

static enum status
dev_entries (Component *self, struct call *call, const struct fs_entries_req *req,
             struct fs_entries_rep *rep)
{
    const struct dev *dev = component_state (self);
    uint64_t total        = 2 + DEV_NAMES + dev->disk_count;
    uint32_t done         = 0;
    bool fits             = true;

    (void)call;
    component_charge (self, 300);
    if (req->dir != DEV_ROOT)
        return dev_exists (self, req->dir) ? ERR_NOT_DIRECTORY : ERR_STALE;
    for (uint64_t i = req->cursor; i < total && fits; i++) {
        const char *name = i == 0 ? "." : "..";
        uint64_t node    = DEV_ROOT;
        uint32_t type    = FILE_TYPE_DIRECTORY;
        if (i >= 2 + DEV_NAMES) {
            name = dev->disks[i - 2 - DEV_NAMES].name;
            node = DEV_DISK + (i - 2 - DEV_NAMES);
            type = FILE_TYPE_BLOCK;
        } else if (i >= 2) {
            name = dev_names[i - 2].name;
            node = dev_names[i - 2].node;
            type = dev_link_contents (node) != NULL ? FILE_TYPE_LINK : FILE_TYPE_CHARACTER;
        }
        if (dev_exists (self, node))
            fits = entry_pack (&req->into, &done, node, i + 1, type, name, strlen (name));
    }
    if (!fits && done == 0)
        return ERR_INVALID;
    rep->done = done;
    return OK;
}

static enum status
dev_statfs (Component *self, struct call *call, const struct fs_statfs_req *req,
            struct fs_statfs_rep *rep)
{
    const struct dev *dev = component_state (self);

    (void)call, (void)req;
    memset (rep, 0, sizeof *rep);
    rep->nodes       = 1 + DEV_NAMES + dev->disk_count;
    rep->block_bytes = DEV_SECTOR;
    rep->name_max    = FILE_NAME_MAX;
    text_copy (rep->type, sizeof rep->type, "devfs");
    return OK;
}

static enum status
dev_sync (Component *self, struct call *call, const struct fs_sync_req *req,
          struct fs_sync_rep *rep)
{
    struct dev *dev    = component_state (self);
    enum status status = OK;

    (void)call, (void)req, (void)rep;
    for (uint32_t i = 0; i < dev->disk_count; i++) {
        struct block_flush_req flush = {};
        struct block_flush_rep flushed;
        enum status answer = block_flush (dev->disks[i].link, &flush, &flushed);
        if (status == OK)
            status = answer;
    }
    return status;
}

/* ---- the directory cannot be changed ---- */

static enum status
dev_create (Component *self, struct call *call, const struct fs_create_req *req,
            struct fs_create_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_PERMITTED;
}

static enum status
dev_symlink (Component *self, struct call *call, const struct fs_symlink_req *req,
             struct fs_symlink_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_PERMITTED;
}

static enum status
dev_link (Component *self, struct call *call, const struct fs_link_req *req,
          struct fs_link_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_PERMITTED;
}

static enum status
dev_remove (Component *self, struct call *call, const struct fs_remove_req *req,
            struct fs_remove_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_PERMITTED;
}

static enum status
dev_rename (Component *self, struct call *call, const struct fs_rename_req *req,
            struct fs_rename_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return ERR_NOT_PERMITTED;
}

/* Truncating a device, as `>` does, means nothing; its owner and mode are fixed. */
static enum status
dev_setattr (Component *self, struct call *call, const struct fs_setattr_req *req,
             struct fs_setattr_rep *rep)
{
    (void)call, (void)rep;
    if (!dev_exists (self, req->node))
        return ERR_NO_DEVICE;
    return (req->mask & ~(uint32_t)(ATTR_SIZE | ATTR_ATIME | ATTR_MTIME)) == 0
               ? OK
               : ERR_NOT_PERMITTED;
}

static enum status
dev_readlink (Component *self, struct call *call, const struct fs_readlink_req *req,
              struct fs_readlink_rep *rep)
{
    const char *contents = dev_link_contents (req->node);
    struct text text;

    (void)call;
    if (contents == NULL)
        return dev_exists (self, req->node) ? ERR_INVALID : ERR_NO_DEVICE;
    text_init (&text, req->into.data, req->into.length);
    text_append (&text, contents);
    rep->done = (uint32_t)text.length;
    return OK;
}

/* ---- bytes ---- */

static void
dev_random (Component *self, char *into, uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at += 8) {
        uint64_t value = component_random (self);
        memcpy (into + at, &value, bytes - at < 8 ? bytes - at : 8);
    }
}

static enum status
dev_read (Component *self, struct call *call, const struct fs_read_req *req,
          struct fs_read_rep *rep)
{
    struct dev_disk *disk = dev_disk_of (self, req->node);
    Link *tty             = component_link (self, DEV_NEED_TTY);
    uint32_t done         = req->into.length;
    enum status status    = OK;

    component_charge (self, 200 + (uint64_t)done / 16);
    if (disk != NULL)
        status = dev_disk_read (disk, req->offset, &req->into, &done);
    else if (dev_is_terminal (req->node) && tty != NULL) {
        struct tty_read_req read = { .nonblock = req->nonblock, .into = req->into };
        return call_forward (self, call, tty, tty_OP_read, &read);
    } else
        switch (req->node) {
        case DEV_NULL:
            done = 0;
            break;
        case DEV_ZERO:
        case DEV_FULL:
            if (done > 0)
                memset (req->into.data, 0, done);
            break;
        case DEV_RANDOM:
        case DEV_URANDOM:
            dev_random (self, req->into.data, done);
            component_charge (self, done);
            break;
        case DEV_ROOT:
            return ERR_IS_DIRECTORY;
        default:
            return ERR_NO_DEVICE;
        }
    if (status == OK)
        rep->done = done;
    return status;
}

static enum status
dev_write (Component *self, struct call *call, const struct fs_write_req *req,
           struct fs_write_rep *rep)
{
    struct dev_disk *disk = dev_disk_of (self, req->node);
    Link *tty             = component_link (self, DEV_NEED_TTY);
    uint32_t done         = req->from.length;
    enum status status    = OK;

    component_charge (self, 200);
    if (disk != NULL) {
        component_charge (self, done / 16);
        status = dev_disk_write (self, disk, req->offset, &req->from, &done);
    } else if (dev_is_terminal (req->node) && tty != NULL) {
        struct tty_write_req write = { .from = req->from };
        return call_forward (self, call, tty, tty_OP_write, &write);
    } else if (req->node == DEV_FULL) {
        status = done > 0 ? ERR_NO_SPACE : OK;
    } else if (req->node == DEV_ROOT) {
        status = ERR_IS_DIRECTORY;
    } else if (dev_character (self, req->node) == NULL) {
        status = ERR_NO_DEVICE;
    }
    if (status == OK)
        rep->done = done;
    return status;
}

/* ---- the terminal ---- */

static Link *
dev_terminal (Component *self, uint64_t node)
{
    return dev_is_terminal (node) ? component_link (self, DEV_NEED_TTY) : NULL;
}

static enum status
dev_tty_get (Component *self, struct call *call, const struct fs_tty_get_req *req,
             struct fs_tty_get_rep *rep)
{
    Link *tty              = dev_terminal (self, req->node);
    struct tty_get_req get = {};

    (void)rep;
    return tty != NULL ? call_forward (self, call, tty, tty_OP_get, &get) : ERR_NOT_TERMINAL;
}

static enum status
dev_poll (Component *self, struct call *call, const struct fs_poll_req *req,
          struct fs_poll_rep *rep)
{
    Link *tty                = dev_terminal (self, req->node);
    struct tty_poll_req poll = { .timeout_ns = req->timeout_ns, .ticket = req->ticket };

    (void)rep;
    return tty != NULL ? call_forward (self, call, tty, tty_OP_poll, &poll) : ERR_NOT_TERMINAL;
}

static enum status
dev_unpoll (Component *self, struct call *call, const struct fs_unpoll_req *req,
            struct fs_unpoll_rep *rep)
{
    Link *tty                    = dev_terminal (self, req->node);
    struct tty_unpoll_req unpoll = { .ticket = req->ticket };

    (void)rep;
    return tty != NULL ? call_forward (self, call, tty, tty_OP_unpoll, &unpoll)
                       : ERR_NOT_TERMINAL;
}

static enum status
dev_tty_set (Component *self, struct call *call, const struct fs_tty_set_req *req,
             struct fs_tty_set_rep *rep)
{
    Link *tty              = dev_terminal (self, req->node);
    struct tty_set_req set = { .attr = req->attr };

    (void)rep;
    return tty != NULL ? call_forward (self, call, tty, tty_OP_set, &set) : ERR_NOT_TERMINAL;
}

static enum status
dev_tty_foreground (Component *self, struct call *call,
                    const struct fs_tty_foreground_req *req,
                    struct fs_tty_foreground_rep *rep)
{
    Link *tty                     = dev_terminal (self, req->node);
    struct tty_foreground_req set = { .group = req->group };

    (void)rep;
    return tty != NULL ? call_forward (self, call, tty, tty_OP_foreground, &set)
                       : ERR_NOT_TERMINAL;
}

/* A disk that does not answer is there, with no bytes. */
static enum status
dev_start (Component *self)
{
    struct dev *dev = component_state (self);

    dev->started    = (int64_t)component_time_ns (self);
    dev->disk_count = component_links (self, DEV_NEED_DISKS);
    if (dev->disk_count == 0)
        return OK;
    dev->disks = component_alloc (self, dev->disk_count * sizeof *dev->disks);
    if (dev->disks == NULL)
        return ERR_NO_MEMORY;
    for (uint32_t i = 0; i < dev->disk_count; i++) {
        struct block_info_req ask = {};
        struct block_info_rep info;
        dev->disks[i].link = component_link_at (self, DEV_NEED_DISKS, i);
        if (block_info (dev->disks[i].link, &ask, &info) == OK) {
            text_copy (dev->disks[i].name, sizeof dev->disks[i].name, info.name);
            dev->disks[i].bytes     = info.sector_count * DEV_SECTOR;
            dev->disks[i].read_only = info.read_only != 0;
        }
    }
    return OK;
}

static const struct fs_ops dev_ops = {
    .describe       = dev_describe,
    .mount          = dev_mount,
    .unmount        = dev_unmount,
    .lookup         = dev_lookup,
    .parent         = dev_parent,
    .create         = dev_create,
    .symlink        = dev_symlink,
    .link           = dev_link,
    .remove         = dev_remove,
    .rename         = dev_rename,
    .release        = dev_release,
    .stat           = dev_stat,
    .setattr        = dev_setattr,
    .readlink       = dev_readlink,
    .read           = dev_read,
    .write          = dev_write,
    .entries        = dev_entries,
    .statfs         = dev_statfs,
    .sync           = dev_sync,
    .tty_get        = dev_tty_get,
    .poll           = dev_poll,
    .unpoll         = dev_unpoll,
    .tty_set        = dev_tty_set,
    .tty_foreground = dev_tty_foreground,
};

const struct component_class dev_class = {
    .name        = "dev",
    .summary     = "devices as files: null, zero, random, the terminal, disks",
    .state_bytes = sizeof (struct dev),
    .provides    = { { INTERFACE_fs, &dev_ops } },
    .needs       = { { "tty", INTERFACE_tty, NEED_OPTIONAL },
                     { "disks", INTERFACE_block, NEED_ALL } },
    .start       = dev_start,
};
