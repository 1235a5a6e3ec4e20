/* dir: the entries of a directory, a chain that fills each of its blocks.
 *
 * Each call here holds the directory's content by itself and is whole for readers: they see
 * it before or after. A chain that does not add up is damage, and so is a hole. Directories
 * with a hash tree are read as plain ones, which they also are; a change drops the tree.
 */
#include <string.h>

#include "entry.h"
#include "ext2.h"

#define CHARGE_ENTRY 10u

/* Disk numbers of the types, from FILE_TYPE_REGULAR on. */
static const uint8_t disk_types[] = { 0, 1, 2, 7, 3, 4, 5, 6 };

/* One block of a directory in memory, and the entry that we are at. */
struct walk {
    struct buffer *buffer;
    uint32_t index;    /* of the block, in the directory */
    uint32_t at;       /* offset of `entry` in the block */
    uint32_t previous; /* of the entry before it; equal to `at` if it is the first */
    struct disk_entry entry;
};

static uint32_t
entry_bytes (uint32_t name_bytes)
{
    return (uint32_t)(sizeof (struct disk_entry) + name_bytes + 3) & ~3u;
}

static const char *
walk_name (const struct walk *walk)
{
    return (const char *)walk->buffer->data + walk->at + sizeof walk->entry;
}

static void
walk_store (struct ext2 *fs, struct walk *walk)
{
    memcpy (walk->buffer->data + walk->at, &walk->entry, sizeof walk->entry);
    ext2_cache_dirty (fs, walk->buffer);
}

static void
walk_end (struct ext2 *fs, struct walk *walk)
{
    if (walk->buffer != NULL)
        ext2_cache_put (fs, walk->buffer);
    walk->buffer = NULL;
}

static uint32_t
dir_block_count (const struct ext2 *fs, const struct node *dir)
{
    return (uint32_t)(dir->size / fs->block_bytes);
}

/* Takes the entry at walk->at, if it is one. */
static enum status
walk_take (struct ext2 *fs, const struct node *dir, struct walk *walk)
{
    struct disk_entry *entry = &walk->entry;
    uint32_t left            = fs->block_bytes - walk->at;

    component_charge (fs->self, CHARGE_ENTRY);
    if (left >= sizeof *entry) {
        memcpy (entry, walk->buffer->data + walk->at, sizeof *entry);
        /* without types, a name's length has 16 bits there */
        bool long_name = !fs->entry_types && entry->type != 0;
        if (entry->entry_bytes >= entry_bytes (entry->name_bytes)
            && entry->entry_bytes >= entry_bytes (1) && entry->entry_bytes % 4 == 0
            && entry->entry_bytes <= left && entry->inode <= fs->inodes_count && !long_name
            && (entry->inode == 0 || entry->name_bytes > 0))
            return OK;
    }
    return ext2_corrupt (fs, "impossible entry in directory", dir->number);
}

/* Goes to the first entry of the index-th block. */
static enum status
walk_block (struct ext2 *fs, struct node *dir, uint32_t index, struct walk *walk)
{
    uint32_t block;
    enum status status = ext2_map (fs, dir, index, &block);

    walk->buffer = NULL;
    if (status == OK && block == 0)
        status = ext2_corrupt (fs, "a hole in directory", dir->number);
    if (status == OK)
        status = ext2_cache_get (fs, block, &walk->buffer);
    walk->index = index;
    walk->at = walk->previous = 0;
    if (status == OK)
        status = walk_take (fs, dir, walk);
    if (status != OK)
        walk_end (fs, walk);
    return status;
}

/* Goes to the next entry of the block. False: there is none, or *status is an error; in both
 * cases the walk has ended. */
static bool
walk_next (struct ext2 *fs, const struct node *dir, struct walk *walk, enum status *status)
{
    walk->previous = walk->at;
    walk->at += walk->entry.entry_bytes;
    if (walk->at < fs->block_bytes)
        *status = walk_take (fs, dir, walk);
    if (walk->at < fs->block_bytes && *status == OK)
        return true;
    walk_end (fs, walk);
    return false;
}

/* Goes to the entry of that name. OK: it is there, and the walk is to be ended. */
static enum status
walk_find (struct ext2 *fs, struct node *dir, const char *name, uint32_t name_bytes,
           struct walk *walk)
{
    if (dir->links == 0)
        return ERR_NOT_FOUND;
    for (uint32_t i = 0; i < dir_block_count (fs, dir); i++) {
        enum status status = walk_block (fs, dir, i, walk);
        bool more          = status == OK;
        for (; more; more = walk_next (fs, dir, walk, &status))
            if (walk->entry.inode != 0 && walk->entry.name_bytes == name_bytes
                && memcmp (walk_name (walk), name, name_bytes) == 0)
                return OK;
        if (status != OK)
            return status;
    }
    return ERR_NOT_FOUND;
}

enum status
ext2_dir_find (struct ext2 *fs, struct node *dir, const char *name, uint32_t name_bytes,
               uint32_t *number)
{
    struct walk walk;
    enum status status;

    component_lock (fs->self, &dir->content);
    status = walk_find (fs, dir, name, name_bytes, &walk);
    if (status == OK) {
        *number = walk.entry.inode;
        walk_end (fs, &walk);
    }
    component_unlock (fs->self, &dir->content);
    return status;
}

/* ---- changing ---- */

static enum status
dir_changed (struct ext2 *fs, struct node *dir)
{
    dir->flags &= ~(uint32_t)INODE_INDEX;
    ext2_times_touch (fs, dir);
    return ext2_inode_update (fs, dir);
}

/* Writes the entry that walk->at, of walk->entry.entry_bytes, has room for. */
static void
walk_fill (struct ext2 *fs, struct walk *walk, const char *name, uint32_t name_bytes,
           const struct node *node)
{
    walk->entry.inode      = node->number;
    walk->entry.name_bytes = (uint8_t)name_bytes;
    walk->entry.type = fs->entry_types ? disk_types[ext2_type_of_mode (node->mode)] : 0;
    memcpy (walk->buffer->data + walk->at + sizeof walk->entry, name, name_bytes);
    walk_store (fs, walk);
}

/* Goes to an entry with that much room; *used: the part of it that is taken. */
static enum status
walk_find_room (struct ext2 *fs, struct node *dir, uint32_t bytes, struct walk *walk,
                uint32_t *used)
{
    for (uint32_t i = 0; i < dir_block_count (fs, dir); i++) {
        enum status status = walk_block (fs, dir, i, walk);
        bool more          = status == OK;
        for (; more; more = walk_next (fs, dir, walk, &status)) {
            *used = walk->entry.inode != 0 ? entry_bytes (walk->entry.name_bytes) : 0;
            if (walk->entry.entry_bytes - *used >= bytes)
                return OK;
        }
        if (status != OK)
            return status;
    }
    return ERR_NO_SPACE;
}

/* One more block, which is one free entry. */
static enum status
dir_grow (struct ext2 *fs, struct node *dir, struct walk *walk)
{
    uint32_t index = dir_block_count (fs, dir);
    uint32_t block;
    bool fresh;
    enum status status = ext2_map_make (fs, dir, index, &block, &fresh);

    if (status == OK)
        status = ext2_cache_zeroed (fs, block, &walk->buffer);
    if (status != OK) {
        ext2_map_trim (fs, dir, index);
        ext2_inode_update (fs, dir);
        return status;
    }
    walk->index = index;
    walk->at = walk->previous = 0;
    walk->entry = (struct disk_entry) { .entry_bytes = (uint16_t)fs->block_bytes };
    walk_store (fs, walk);
    dir->size += fs->block_bytes;
    return OK;
}

enum status
ext2_dir_add (struct ext2 *fs, struct node *dir, const char *name, uint32_t name_bytes,
              const struct node *node)
{
    struct walk walk;
    uint32_t used = 0;
    enum status status;

    component_lock (fs->self, &dir->content);
    status = walk_find_room (fs, dir, entry_bytes (name_bytes), &walk, &used);
    if (status == ERR_NO_SPACE)
        status = dir_grow (fs, dir, &walk);
    if (status == OK) {
        if (used > 0) {
            uint16_t room          = (uint16_t)(walk.entry.entry_bytes - used);
            walk.entry.entry_bytes = (uint16_t)used;
            walk_store (fs, &walk);
            walk.at += used;
            walk.entry.entry_bytes = room;
        }
        walk_fill (fs, &walk, name, name_bytes, node);
        walk_end (fs, &walk);
        status = dir_changed (fs, dir);
    }
    component_unlock (fs->self, &dir->content);
    return status;
}

static enum status
remove_locked (struct ext2 *fs, struct node *dir, const char *name, uint32_t name_bytes)
{
    struct walk walk;
    enum status status;

    status = walk_find (fs, dir, name, name_bytes, &walk);
    if (status == OK) {
        if (walk.previous != walk.at) {
            /* the entry before it takes its room */
            uint16_t room = walk.entry.entry_bytes;
            walk.at       = walk.previous;
            memcpy (&walk.entry, walk.buffer->data + walk.at, sizeof walk.entry);
            walk.entry.entry_bytes = (uint16_t)(walk.entry.entry_bytes + room);
        } else {
            walk.entry.inode = 0;
        }
        walk_store (fs, &walk);
        walk_end (fs, &walk);
        status = dir_changed (fs, dir);
    }
    return status;
}

static bool
is_dots (const char *name, uint32_t name_bytes)
{
    return name_bytes <= 2 && name[0] == '.' && name[name_bytes - 1] == '.';
}

/* A name that leads nowhere since the power failed is taken out, and is not there. */
enum status
ext2_dir_lookup (struct ext2 *fs, struct node *dir, const char *name, uint32_t name_bytes,
                 struct node **node)
{
    struct walk walk;
    enum status status;

    *node = NULL;
    component_lock (fs->self, &dir->content);
    status = walk_find (fs, dir, name, name_bytes, &walk);
    if (status == OK) {
        uint32_t number = walk.entry.inode;
        walk_end (fs, &walk);
        /* still locked, so that the name cannot go and take the inode with it */
        status = ext2_inode_get (fs, number, node);
        if (status == ERR_STALE)
            status = is_dots (name, name_bytes) ? ERR_IO : remove_locked (fs, dir, name, name_bytes);
        if (status == OK && *node == NULL)
            status = ERR_NOT_FOUND;
    }
    component_unlock (fs->self, &dir->content);
    return status;
}

enum status
ext2_dir_remove (struct ext2 *fs, struct node *dir, const char *name, uint32_t name_bytes)
{
    enum status status;

    component_lock (fs->self, &dir->content);
    status = remove_locked (fs, dir, name, name_bytes);
    component_unlock (fs->self, &dir->content);
    return status;
}

enum status
ext2_dir_replace (struct ext2 *fs, struct node *dir, const char *name, uint32_t name_bytes,
                  const struct node *node)
{
    struct walk walk;
    enum status status;

    component_lock (fs->self, &dir->content);
    status = walk_find (fs, dir, name, name_bytes, &walk);
    if (status == OK) {
        walk_fill (fs, &walk, name, name_bytes, node);
        walk_end (fs, &walk);
        status = dir_changed (fs, dir);
    }
    component_unlock (fs->self, &dir->content);
    return status;
}

enum status
ext2_dir_init (struct ext2 *fs, struct node *dir, const struct node *parent)
{
    struct walk walk;
    enum status status;

    component_lock (fs->self, &dir->content);
    status = dir_grow (fs, dir, &walk);
    if (status == OK) {
        walk.entry.entry_bytes = (uint16_t)entry_bytes (1);
        walk_fill (fs, &walk, ".", 1, dir);
        walk.at                = walk.entry.entry_bytes;
        walk.entry.entry_bytes = (uint16_t)(fs->block_bytes - walk.at);
        walk_fill (fs, &walk, "..", 2, parent);
        walk_end (fs, &walk);
    }
    component_unlock (fs->self, &dir->content);
    return status;
}

/* ---- reading ---- */

static bool
name_is_dots (const char *name, uint32_t name_bytes)
{
    return name[0] == '.' && (name_bytes == 1 || (name_bytes == 2 && name[1] == '.'));
}

enum status
ext2_dir_is_empty (struct ext2 *fs, struct node *dir, bool *empty)
{
    struct walk walk;
    enum status status = OK;

    *empty = true;
    component_lock (fs->self, &dir->content);
    for (uint32_t i = 0; i < dir_block_count (fs, dir) && status == OK && *empty; i++) {
        status    = walk_block (fs, dir, i, &walk);
        bool more = status == OK;
        for (; more; more = walk_next (fs, dir, &walk, &status))
            if (walk.entry.inode != 0
                && !name_is_dots (walk_name (&walk), walk.entry.name_bytes)) {
                *empty = false;
                walk_end (fs, &walk);
                break;
            }
    }
    component_unlock (fs->self, &dir->content);
    return status;
}

static uint32_t
type_from_disk (const struct ext2 *fs, uint8_t type)
{
    for (uint32_t i = 1; fs->entry_types && i < sizeof disk_types; i++)
        if (disk_types[i] == type)
            return i;
    return 0;
}

/* The cursor is an offset in the directory. It may have come to lie inside an entry, since
 * neighbours have merged: the list goes on with the first entry that begins after it. */
enum status
ext2_dir_list (struct ext2 *fs, struct node *dir, uint64_t cursor, const grant *into,
               uint32_t *done)
{
    struct walk walk;
    enum status status = OK;
    bool fits          = true;

    *done = 0;
    if (dir->links == 0)
        return OK;
    component_lock (fs->self, &dir->content);
    for (uint64_t i = cursor / fs->block_bytes;
         i < dir_block_count (fs, dir) && status == OK && fits; i++) {
        uint64_t base = i * fs->block_bytes;
        status        = walk_block (fs, dir, (uint32_t)i, &walk);
        bool more     = status == OK;
        for (; more; more = walk_next (fs, dir, &walk, &status)) {
            if (walk.entry.inode == 0 || base + walk.at < cursor)
                continue;
            fits = entry_pack (into, done, walk.entry.inode,
                               base + walk.at + walk.entry.entry_bytes,
                               type_from_disk (fs, walk.entry.type), walk_name (&walk),
                               walk.entry.name_bytes);
            if (!fits) {
                walk_end (fs, &walk);
                break;
            }
        }
    }
    component_unlock (fs->self, &dir->content);
    if (status == OK && !fits && *done == 0)
        return ERR_INVALID;
    return *done > 0 ? OK : status; /* the error is met again where the list goes on */
}
