/* node: the nodes of the file system, found by number, freed when nothing keeps them. */
#include <string.h>

#include "tmpfs.h"

static struct tmpfs_node **
tmpfs_node_bucket (struct tmpfs *fs, uint64_t number)
{
    return &fs->nodes[number & (fs->node_buckets - 1)];
}

/* Twice the buckets, if there is memory; without, the chains grow longer. */
static void
tmpfs_node_grow (Component *self)
{
    struct tmpfs *fs          = component_state (self);
    struct tmpfs_node **old   = fs->nodes;
    uint32_t count            = fs->node_buckets;
    uint32_t more             = count != 0 ? count * 2 : 64;
    struct tmpfs_node **table = component_alloc (self, more * sizeof *table);

    if (table == NULL)
        return;
    fs->nodes        = table;
    fs->node_buckets = more;
    for (uint32_t i = 0; i < count; i++)
        for (struct tmpfs_node *node = old[i], *next; node != NULL; node = next) {
            struct tmpfs_node **at = tmpfs_node_bucket (fs, node->number);
            next                   = node->next;
            node->next             = *at;
            *at                    = node;
        }
    if (old != NULL)
        component_free (self, old);
}

struct tmpfs_node *
tmpfs_node_new (Component *self, uint32_t type, uint32_t mode, uint32_t uid, uint32_t gid,
                uint32_t device)
{
    struct tmpfs *fs = component_state (self);
    struct tmpfs_node *node;

    if (fs->node_count >= fs->node_buckets)
        tmpfs_node_grow (self);
    if (fs->node_buckets == 0)
        return NULL;
    node = tmpfs_alloc (self, sizeof *node);
    if (node == NULL)
        return NULL;
    node->number = ++fs->next_number;
    node->type   = type;
    node->mode   = mode & 07777;
    node->uid    = uid;
    node->gid    = gid;
    node->device = type == FILE_TYPE_CHARACTER || type == FILE_TYPE_BLOCK ? device : 0;
    node->next_serial = 2;
    tmpfs_node_changed (self, node);
    node->atime = node->mtime;

    struct tmpfs_node **at = tmpfs_node_bucket (fs, node->number);
    node->next             = *at;
    *at                    = node;
    fs->node_count++;
    return node;
}

struct tmpfs_node *
tmpfs_node_find (Component *self, uint64_t number)
{
    struct tmpfs *fs = component_state (self);

    if (fs->node_buckets == 0)
        return NULL;
    for (struct tmpfs_node *node = *tmpfs_node_bucket (fs, number); node; node = node->next)
        if (node->number == number)
            return node->holds > 0 ? node : NULL;
    return NULL;
}

void
tmpfs_node_hold (Component *self, struct tmpfs_node *node)
{
    struct tmpfs *fs = component_state (self);

    node->holds++;
    fs->holds++;
}

static void
tmpfs_node_free (Component *self, struct tmpfs_node *node)
{
    if (node->target != NULL)
        tmpfs_free (self, node->target, node->size);
    else
        tmpfs_data_resize (self, node, 0);
    tmpfs_free (self, node, sizeof *node);
}

void
tmpfs_node_check (Component *self, struct tmpfs_node *node)
{
    struct tmpfs *fs = component_state (self);
    struct tmpfs_node **at;

    if (node->links > 0 || node->holds > 0)
        return;
    for (at = tmpfs_node_bucket (fs, node->number); *at != node; at = &(*at)->next)
        ;
    *at = node->next;
    fs->node_count--;
    tmpfs_node_free (self, node);
}

void
tmpfs_node_free_all (Component *self)
{
    struct tmpfs *fs = component_state (self);

    /* All names first: each looks at its node once more. */
    for (uint32_t i = 0; i < fs->node_buckets; i++)
        for (struct tmpfs_node *node = fs->nodes[i]; node != NULL; node = node->next)
            while (node->first != NULL)
                tmpfs_dir_drop (self, node->first);
    for (uint32_t i = 0; i < fs->node_buckets; i++)
        while (fs->nodes[i] != NULL) {
            struct tmpfs_node *node = fs->nodes[i];
            fs->nodes[i]            = node->next;
            tmpfs_node_free (self, node);
        }
    fs->node_count = 0;
    fs->root       = NULL;
}

void
tmpfs_node_attr (const struct tmpfs_node *node, struct file_attr *attr)
{
    memset (attr, 0, sizeof *attr);
    attr->node        = node->number;
    attr->size        = node->size;
    attr->blocks      = node->pages * (TMPFS_PAGE / 512);
    attr->atime       = node->atime;
    attr->mtime       = node->mtime;
    attr->ctime       = node->ctime;
    attr->type        = node->type;
    attr->mode        = node->mode;
    attr->links       = node->links;
    attr->uid         = node->uid;
    attr->gid         = node->gid;
    attr->device      = node->device;
    attr->block_bytes = TMPFS_PAGE;
    if (node->type == FILE_TYPE_DIRECTORY)
        attr->size = (node->entry_count + 2) * 32;
}

void
tmpfs_node_changed (Component *self, struct tmpfs_node *node)
{
    node->mtime = node->ctime = (int64_t)component_time_ns (self);
}
