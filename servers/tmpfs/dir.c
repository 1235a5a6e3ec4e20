/* dir: names in directories. */
#include <string.h>

#include "../entry.h"
#include "tmpfs.h"

static uint32_t
tmpfs_dir_hash (const struct tmpfs_node *dir, const char *name, uint32_t name_bytes)
{
    uint32_t hash = 2166136261u ^ (uint32_t)dir->number * 2654435761u;

    for (uint32_t i = 0; i < name_bytes; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static struct tmpfs_entry **
tmpfs_dir_bucket (struct tmpfs *fs, uint32_t hash)
{
    return &fs->entries[hash & (fs->entry_buckets - 1)];
}

static void
tmpfs_dir_grow (Component *self)
{
    struct tmpfs *fs           = component_state (self);
    struct tmpfs_entry **old   = fs->entries;
    uint32_t count             = fs->entry_buckets;
    uint32_t more              = count != 0 ? count * 2 : 64;
    struct tmpfs_entry **table = component_alloc (self, more * sizeof *table);

    if (table == NULL)
        return;
    fs->entries       = table;
    fs->entry_buckets = more;
    for (uint32_t i = 0; i < count; i++)
        for (struct tmpfs_entry *entry = old[i], *next; entry != NULL; entry = next) {
            struct tmpfs_entry **at = tmpfs_dir_bucket (fs, entry->hash);
            next                    = entry->bucket_next;
            entry->bucket_next      = *at;
            *at                     = entry;
        }
    if (old != NULL)
        component_free (self, old);
}

struct tmpfs_entry *
tmpfs_dir_find (Component *self, const struct tmpfs_node *dir, const char *name,
                uint32_t name_bytes)
{
    struct tmpfs *fs = component_state (self);
    uint32_t hash    = tmpfs_dir_hash (dir, name, name_bytes);

    if (fs->entry_buckets == 0)
        return NULL;
    for (struct tmpfs_entry *entry = *tmpfs_dir_bucket (fs, hash); entry != NULL;
         entry                     = entry->bucket_next)
        if (entry->hash == hash && entry->dir == dir && entry->name_bytes == name_bytes
            && memcmp (entry->name, name, name_bytes) == 0)
            return entry;
    return NULL;
}

static bool
tmpfs_dir_is (const struct tmpfs_node *node)
{
    return node->type == FILE_TYPE_DIRECTORY;
}

/* The node's own counts follow: links, and for a directory ".." in its parent. */
enum status
tmpfs_dir_add (Component *self, struct tmpfs_node *dir, const char *name, uint32_t name_bytes,
               struct tmpfs_node *node)
{
    struct tmpfs *fs = component_state (self);
    struct tmpfs_entry *entry;

    if (dir->parent == NULL)
        return ERR_NOT_FOUND;
    if (tmpfs_dir_find (self, dir, name, name_bytes) != NULL)
        return ERR_EXISTS;
    if (fs->entry_count >= fs->entry_buckets)
        tmpfs_dir_grow (self);
    if (fs->entry_buckets == 0)
        return ERR_NO_SPACE;
    entry = tmpfs_alloc (self, sizeof *entry + name_bytes);
    if (entry == NULL)
        return ERR_NO_SPACE;
    entry->dir        = dir;
    entry->node       = node;
    entry->serial     = dir->next_serial++;
    entry->hash       = tmpfs_dir_hash (dir, name, name_bytes);
    entry->name_bytes = (uint8_t)name_bytes;
    memcpy (entry->name, name, name_bytes);

    struct tmpfs_entry **at = tmpfs_dir_bucket (fs, entry->hash);
    entry->bucket_next      = *at;
    *at                     = entry;
    entry->previous         = dir->last;
    if (dir->last != NULL)
        dir->last->next = entry;
    else
        dir->first = entry;
    dir->last = entry;
    dir->entry_count++;
    fs->entry_count++;

    if (!tmpfs_dir_is (node)) {
        node->links++;
    } else {
        if (node->parent == NULL) /* new; else it moves, and keeps what its children count */
            node->links = 2;
        node->parent = dir;
        dir->links++;
    }
    tmpfs_node_changed (self, dir);
    return OK;
}

/* Takes the name away and leaves the node's counts alone. */
static void
tmpfs_dir_unlink (Component *self, struct tmpfs_entry *entry)
{
    struct tmpfs *fs       = component_state (self);
    struct tmpfs_node *dir = entry->dir;
    struct tmpfs_entry **at;

    for (at = tmpfs_dir_bucket (fs, entry->hash); *at != entry; at = &(*at)->bucket_next)
        ;
    *at = entry->bucket_next;
    if (entry->previous != NULL)
        entry->previous->next = entry->next;
    else
        dir->first = entry->next;
    if (entry->next != NULL)
        entry->next->previous = entry->previous;
    else
        dir->last = entry->previous;
    dir->entry_count--;
    fs->entry_count--;
    tmpfs_node_changed (self, dir);
    tmpfs_free (self, entry, sizeof *entry + entry->name_bytes);
}

/* A node that has lost a name. */
static void
tmpfs_dir_left (Component *self, struct tmpfs_node *dir, struct tmpfs_node *node)
{
    if (tmpfs_dir_is (node)) {
        node->links  = 0;
        node->parent = NULL;
        dir->links--;
    } else {
        node->links--;
    }
    node->ctime = (int64_t)component_time_ns (self);
}

void
tmpfs_dir_drop (Component *self, struct tmpfs_entry *entry)
{
    struct tmpfs_node *dir  = entry->dir;
    struct tmpfs_node *node = entry->node;

    tmpfs_dir_unlink (self, entry);
    tmpfs_dir_left (self, dir, node);
}

/* Whether `node` may come in the place of `old`, as rename(2) has it. */
static enum status
tmpfs_dir_replaceable (const struct tmpfs_node *node, const struct tmpfs_node *old)
{
    if (tmpfs_dir_is (node) && !tmpfs_dir_is (old))
        return ERR_NOT_DIRECTORY;
    if (!tmpfs_dir_is (node) && tmpfs_dir_is (old))
        return ERR_IS_DIRECTORY;
    return tmpfs_dir_is (old) && old->first != NULL ? ERR_NOT_EMPTY : OK;
}

/* Would the directory become its own descendant there? The root is its own parent. */
static bool
tmpfs_dir_is_above (const struct tmpfs_node *node, const struct tmpfs_node *dir)
{
    for (const struct tmpfs_node *at = dir; tmpfs_dir_is (node); at = at->parent) {
        if (at == node)
            return true;
        if (at == at->parent)
            break;
    }
    return false;
}

/* The directory that the entry names has come from another one. */
static void
tmpfs_dir_came (struct tmpfs_entry *entry, struct tmpfs_node *from)
{
    if (!tmpfs_dir_is (entry->node))
        return;
    entry->node->parent = entry->dir;
    entry->dir->links++;
    from->links--;
}

static enum status
tmpfs_dir_swap (Component *self, struct tmpfs_entry *from, struct tmpfs_entry *to)
{
    struct tmpfs_node *node = from->node;

    if (node == to->node)
        return OK;
    if (tmpfs_dir_is_above (node, to->dir) || tmpfs_dir_is_above (to->node, from->dir))
        return ERR_INVALID;
    from->node = to->node;
    to->node   = node;
    tmpfs_dir_came (from, to->dir);
    tmpfs_dir_came (to, from->dir);
    tmpfs_node_changed (self, from->dir);
    tmpfs_node_changed (self, to->dir);
    from->node->ctime = to->node->ctime = to->dir->ctime;
    return OK;
}

enum status
tmpfs_dir_rename (Component *self, struct tmpfs_entry *from, struct tmpfs_node *new_dir,
                  const char *name, uint32_t name_bytes, enum rename_how how)
{
    struct tmpfs_node *node    = from->node;
    struct tmpfs_node *old_dir = from->dir;
    struct tmpfs_entry *to     = tmpfs_dir_find (self, new_dir, name, name_bytes);
    enum status status         = OK;

    if (new_dir->parent == NULL || (to == NULL && how == RENAME_SWAP))
        return ERR_NOT_FOUND;
    if (to != NULL && how == RENAME_KEEP)
        return ERR_EXISTS;
    if (how == RENAME_SWAP)
        return tmpfs_dir_swap (self, from, to);
    if (to != NULL && to->node == node)
        return OK;
    if (tmpfs_dir_is_above (node, new_dir))
        return ERR_INVALID;
    if (to != NULL)
        status = tmpfs_dir_replaceable (node, to->node);
    else
        status = tmpfs_dir_add (self, new_dir, name, name_bytes, node);
    if (status != OK)
        return status;
    if (to != NULL) {
        /* The name stays where it is, with its cursor; only what it names changes. */
        struct tmpfs_node *lost = to->node;
        to->node                = node;
        tmpfs_dir_left (self, new_dir, lost);
        tmpfs_node_check (self, lost);
        if (tmpfs_dir_is (node))
            new_dir->links++;
        tmpfs_node_changed (self, new_dir);
    } else if (!tmpfs_dir_is (node)) {
        node->links--; /* counted by the new name, to be lost with the old */
    }
    if (tmpfs_dir_is (node)) {
        node->parent = new_dir;
        old_dir->links--;
    }
    node->ctime = (int64_t)component_time_ns (self);
    tmpfs_dir_unlink (self, from);
    return OK;
}

enum status
tmpfs_dir_list (const struct tmpfs_node *dir, uint64_t cursor, const grant *into,
                uint32_t *done)
{
    bool fits = true, any = false;

    *done = 0;
    if (dir->parent == NULL)
        return OK;
    if (cursor == 0) {
        any  = true;
        fits = entry_pack (into, done, dir->number, 1, FILE_TYPE_DIRECTORY, ".", 1);
    }
    if (fits && cursor <= 1) {
        any  = true;
        fits = entry_pack (into, done, dir->parent->number, 2, FILE_TYPE_DIRECTORY, "..", 2);
    }
    for (const struct tmpfs_entry *entry = dir->first; fits && entry != NULL;
         entry                           = entry->next) {
        if (entry->serial < cursor)
            continue;
        any  = true;
        fits = entry_pack (into, done, entry->node->number, entry->serial + 1,
                           entry->node->type, entry->name, entry->name_bytes);
    }
    return any && *done == 0 ? ERR_INVALID : OK;
}
