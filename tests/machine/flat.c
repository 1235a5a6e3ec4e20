/* flat: see flat.h. Node 1 is the directory, node n + 2 the n-th file. Keeps nothing across
 * a crash but the count of holds. */
#include "flat.h"

#include <string.h>

#include "servers/entry.h"

#define FLAT_ROOT 1u

static const struct flat_file *
flat_file_of (Component *self, uint64_t node)
{
    const struct flat *flat = component_state (self);
    uint64_t at             = 2;

    for (const struct flat_file *file = flat->files; file->name != NULL; file++, at++)
        if (at == node)
            return file;
    return NULL;
}

static void
flat_attr (uint64_t node, struct file_attr *attr)
{
    *attr = (struct file_attr){
        .node        = node,
        .type        = node == FLAT_ROOT ? FILE_TYPE_DIRECTORY : FILE_TYPE_REGULAR,
        .mode        = node == FLAT_ROOT ? 0555 : 0444,
        .links       = node == FLAT_ROOT ? 2 : 1,
        .block_bytes = 1024,
    };
}

static enum status
flat_describe (Component *self, struct call *call, const struct fs_describe_req *req,
               struct fs_describe_rep *rep)
{
    (void)call, (void)req;
    text_copy (rep->type, sizeof rep->type, "flat");
    text_copy (rep->source, sizeof rep->source, component_name (self));
    return OK;
}

static enum status
flat_mount (Component *self, struct call *call, const struct fs_mount_req *req,
            struct fs_mount_rep *rep)
{
    struct flat *flat = component_state (self);

    (void)call, (void)req;
    if (flat->mounted)
        return ERR_BUSY;
    flat->mounted  = true;
    flat->holds    = 1;
    rep->root      = FLAT_ROOT;
    rep->read_only = 1;
    return OK;
}

static enum status
flat_unmount (Component *self, struct call *call, const struct fs_unmount_req *req,
              struct fs_unmount_rep *rep)
{
    struct flat *flat = component_state (self);

    (void)call, (void)req, (void)rep;
    if (flat->holds > 0)
        return ERR_BUSY;
    flat->mounted = false;
    return OK;
}

static enum status
flat_lookup (Component *self, struct call *call, const struct fs_lookup_req *req,
             struct fs_lookup_rep *rep)
{
    struct flat *flat = component_state (self);
    uint64_t node     = 2;

    (void)call;
    if (req->dir != FLAT_ROOT)
        return ERR_NOT_DIRECTORY;
    for (const struct flat_file *file = flat->files; file->name != NULL; file++, node++)
        if (strlen (file->name) == req->from.length
            && memcmp (file->name, req->from.data, req->from.length) == 0) {
            flat_attr (node, &rep->attr);
            flat->holds++;
            return OK;
        }
    return ERR_NOT_FOUND;
}

static enum status
flat_parent (Component *self, struct call *call, const struct fs_parent_req *req,
             struct fs_parent_rep *rep)
{
    struct flat *flat = component_state (self);

    (void)call;
    if (req->dir != FLAT_ROOT)
        return ERR_NOT_DIRECTORY;
    flat_attr (FLAT_ROOT, &rep->attr);
    flat->holds++;
    return OK;
}

static enum status
flat_release (Component *self, struct call *call, const struct fs_release_req *req,
              struct fs_release_rep *rep)
{
    struct flat *flat = component_state (self);

    (void)call, (void)rep;
    if (req->holds > flat->holds)
        return ERR_STALE;
    flat->holds -= req->holds;
    return OK;
}

static enum status
flat_stat (Component *self, struct call *call, const struct fs_stat_req *req,
           struct fs_stat_rep *rep)
{
    (void)call;
    if (req->node != FLAT_ROOT && flat_file_of (self, req->node) == NULL)
        return ERR_STALE;
    flat_attr (req->node, &rep->attr);
    return OK;
}

static enum status
flat_node_read (Component *self, struct call *call, const struct fs_read_req *req,
                struct fs_read_rep *rep)
{
    const struct flat_file *file = flat_file_of (self, req->node);
    struct text text;

    (void)call;
    if (file == NULL)
        return req->node == FLAT_ROOT ? ERR_IS_DIRECTORY : ERR_STALE;
    text_window (&text, req->into.data, req->into.length, req->offset);
    file->read (self, file->name, &text);
    rep->done = (uint32_t)text.length;
    return OK;
}

static enum status
flat_entries (Component *self, struct call *call, const struct fs_entries_req *req,
              struct fs_entries_rep *rep)
{
    uint64_t at   = req->cursor;
    uint32_t done = 0;

    (void)call;
    if (req->dir != FLAT_ROOT)
        return ERR_NOT_DIRECTORY;
    for (;; at++) {
        const struct flat_file *file = at >= 2 ? flat_file_of (self, at) : NULL;

        if (at >= 2 && file == NULL)
            break;
        if (!entry_pack (&req->into, &done, file != NULL ? at : FLAT_ROOT, at + 1,
                         file != NULL ? FILE_TYPE_REGULAR : FILE_TYPE_DIRECTORY,
                         file != NULL ? file->name : "..",
                         file != NULL ? strlen (file->name) : (size_t)at + 1))
            break;
    }
    rep->done = done;
    return OK;
}

static enum status
flat_statfs (Component *self, struct call *call, const struct fs_statfs_req *req,
             struct fs_statfs_rep *rep)
{
    (void)self, (void)call, (void)req;
    *rep             = (struct fs_statfs_rep){ .block_bytes = 1024, .name_max = FILE_NAME_MAX };
    text_copy (rep->type, sizeof rep->type, "flat");
    return OK;
}

static enum status
flat_sync (Component *self, struct call *call, const struct fs_sync_req *req,
           struct fs_sync_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return OK;
}

const struct fs_ops flat_ops = {
    .describe = flat_describe,
    .mount    = flat_mount,
    .unmount  = flat_unmount,
    .lookup   = flat_lookup,
    .parent   = flat_parent,
    .release  = flat_release,
    .stat     = flat_stat,
    .read     = flat_node_read,
    .entries  = flat_entries,
    .statfs   = flat_statfs,
    .sync     = flat_sync,
};
