/* inode: inodes in memory: found, made, kept while used, freed when nobody can reach them.
 *
 * An inode is in memory while the client holds it or a handler uses it. What changes in it
 * is copied to its table block's buffer at once (ext2_inode_update), so nothing is written
 * when it leaves. An inode without a name and without a user is freed by the last to go.
 */
#include <string.h>

#include "ext2.h"

#define FAST_LINK_BYTES (sizeof ((struct node *)0)->block)

/* ---- the table in memory ---- */

static struct node **
inode_bucket (struct ext2 *fs, uint32_t number)
{
    return &fs->nodes[number % EXT2_BUCKETS];
}

static struct node *
inode_find (struct ext2 *fs, uint32_t number)
{
    struct node *node = *inode_bucket (fs, number);

    while (node != NULL && node->number != number)
        node = node->hash_next;
    return node;
}

static void
inode_unhash (struct ext2 *fs, struct node *node)
{
    struct node **at = inode_bucket (fs, node->number);

    while (*at != NULL && *at != node)
        at = &(*at)->hash_next;
    if (*at == node)
        *at = node->hash_next;
}

/* A new one, pinned. */
static struct node *
inode_new (struct ext2 *fs, uint32_t number)
{
    struct node *node = component_alloc (fs->self, sizeof *node);

    if (node == NULL)
        return NULL;
    node->number              = number;
    node->pins                = 1;
    node->hash_next           = *inode_bucket (fs, number);
    *inode_bucket (fs, number) = node;
    return node;
}

struct node *
ext2_inode_held (struct ext2 *fs, uint64_t number)
{
    struct node *node = number <= UINT32_MAX ? inode_find (fs, (uint32_t)number) : NULL;

    return node != NULL && node->holds > 0 ? node : NULL;
}

void
ext2_inode_hold (struct ext2 *fs, struct node *node)
{
    node->holds++;
    fs->holds++;
}

/* ---- the table on the disk ---- */

/* The block that has the inode, and where in it. */
static uint32_t
inode_place (const struct ext2 *fs, uint32_t number, uint32_t *offset)
{
    uint32_t group    = (number - 1) / fs->inodes_per_group;
    uint32_t index    = (number - 1) % fs->inodes_per_group;
    uint32_t in_block = fs->block_bytes / fs->inode_bytes;

    *offset = index % in_block * fs->inode_bytes;
    return fs->groups[group].inode_table + index / in_block;
}

static bool
inode_fast_link (const struct ext2 *fs, const struct node *node)
{
    uint32_t attributes = node->attribute_block != 0 ? fs->block_sectors : 0;

    return (node->mode & MODE_TYPE) == MODE_LINK && node->sectors == attributes;
}

bool
ext2_inode_has_map (const struct ext2 *fs, const struct node *node)
{
    switch (node->mode & MODE_TYPE) {
    case MODE_REGULAR:
    case MODE_DIRECTORY:
        return true;
    case MODE_LINK:
        return !inode_fast_link (fs, node);
    default:
        return false;
    }
}

/* Whether what was read can be an inode in use. */
static bool
inode_sound (const struct ext2 *fs, const struct node *node)
{
    if (node->links == 0 || node->flags & INODE_FOREIGN)
        return false;
    switch (node->mode & MODE_TYPE) {
    case MODE_REGULAR:
        return node->size <= fs->file_bytes_max;
    case MODE_DIRECTORY:
        return node->size > 0 && node->size % fs->block_bytes == 0
               && node->size / fs->block_bytes <= fs->blocks_count;
    case MODE_LINK:
        return node->size > 0
               && (inode_fast_link (fs, node) ? node->size < FAST_LINK_BYTES
                                              : node->size <= fs->block_bytes);
    case MODE_PIPE:
    case MODE_CHARACTER:
    case MODE_BLOCK:
    case MODE_SOCKET:
        return true;
    default:
        return false;
    }
}

static void
inode_from_disk (struct node *node, const struct disk_inode *disk)
{
    node->mode            = disk->mode;
    node->links           = disk->links;
    node->uid             = disk->uid_low | (uint32_t)disk->uid_high << 16;
    node->gid             = disk->gid_low | (uint32_t)disk->gid_high << 16;
    node->size            = disk->size_low;
    node->dtime           = disk->dtime;
    node->sectors         = disk->sectors;
    node->flags           = disk->flags;
    node->generation      = disk->generation;
    node->attribute_block = disk->attribute_block;
    if ((disk->mode & MODE_TYPE) == MODE_REGULAR)
        node->size |= (uint64_t)disk->size_high << 32;
    memcpy (node->block, disk->block, sizeof node->block);
}

static void
inode_to_disk (const struct node *node, struct disk_inode *disk)
{
    disk->mode            = node->mode;
    disk->links           = (uint16_t)node->links;
    disk->uid_low         = (uint16_t)node->uid;
    disk->uid_high        = (uint16_t)(node->uid >> 16);
    disk->gid_low         = (uint16_t)node->gid;
    disk->gid_high        = (uint16_t)(node->gid >> 16);
    disk->size_low        = (uint32_t)node->size;
    disk->dtime           = node->dtime;
    disk->sectors         = node->sectors;
    disk->flags           = node->flags;
    disk->generation      = node->generation;
    disk->attribute_block = node->attribute_block;
    if ((node->mode & MODE_TYPE) == MODE_REGULAR)
        disk->size_high = (uint32_t)(node->size >> 32);
    memcpy (disk->block, node->block, sizeof node->block);
}

enum status
ext2_inode_update (struct ext2 *fs, struct node *node)
{
    struct disk_inode disk;
    struct buffer *buffer;
    uint32_t offset;
    enum status status =
        ext2_cache_get (fs, inode_place (fs, node->number, &offset), &buffer);

    if (status != OK)
        return status;
    memcpy (&disk, buffer->data + offset, sizeof disk); /* some of it is not ours */
    inode_to_disk (node, &disk);
    memcpy (buffer->data + offset, &disk, sizeof disk);
    ext2_times_store (fs, node, buffer->data + offset);
    ext2_cache_dirty (fs, buffer);
    ext2_cache_put (fs, buffer);
    if (node->size > INT32_MAX && (node->mode & MODE_TYPE) == MODE_REGULAR
        && !(fs->super.read_only_compatible & READ_ONLY_LARGE_FILE)) {
        fs->super.read_only_compatible |= READ_ONLY_LARGE_FILE;
        fs->super_dirty = true;
    }
    return OK;
}

/* ---- getting ---- */

static enum status
inode_load (struct ext2 *fs, struct node *node)
{
    struct disk_inode disk;
    struct buffer *buffer;
    uint32_t offset;
    enum status status =
        ext2_cache_get (fs, inode_place (fs, node->number, &offset), &buffer);

    if (status != OK)
        return status;
    memcpy (&disk, buffer->data + offset, sizeof disk);
    inode_from_disk (node, &disk);
    ext2_times_load (fs, node, buffer->data + offset);
    ext2_cache_put (fs, buffer);
    if (inode_sound (fs, node))
        return OK;
    status = ext2_corrupt (fs, "a name for what is no inode in use,", node->number);
    /* The power failed between the two: what the name was for was never there, or is gone. */
    return (fs->state_found & STATE_CLEAN) || fs->read_only ? status : ERR_STALE;
}

static void
inode_unpin_failed (struct ext2 *fs, struct node *node)
{
    if (--node->pins == 0)
        component_free (fs->self, node);
}

enum status
ext2_inode_get (struct ext2 *fs, uint32_t number, struct node **found)
{
    struct node *node;

    if (number < 1 || number > fs->inodes_count
        || (number != INODE_ROOT && number < fs->first_inode))
        return ext2_corrupt (fs, "a name for the impossible inode", number);
    node = inode_find (fs, number);
    if (node == NULL) {
        node = inode_new (fs, number);
        if (node == NULL)
            return ERR_NO_MEMORY;
        node->loading      = true;
        enum status status = inode_load (fs, node);
        node->loading      = false;
        component_wake_all (fs->self, &node->loaded);
        if (status != OK) {
            node->failed = true;
            inode_unhash (fs, node);
            inode_unpin_failed (fs, node);
            return status;
        }
    } else if (node->dying) {
        return ext2_corrupt (fs, "a name for an inode that is being freed,", number);
    } else {
        node->pins++;
        while (node->loading)
            component_sleep (fs->self, &node->loaded);
        if (node->failed) {
            inode_unpin_failed (fs, node);
            return ERR_IO;
        }
    }
    *found = node;
    return OK;
}

/* Its slot in the table is cleared whole; only the generation goes on counting. Of what lies
 * beyond the first 128 bytes of a larger inode, as much is claimed as there are times for. */
static enum status
inode_clear_slot (struct ext2 *fs, struct node *node)
{
    const struct disk_extra extra = { .bytes = EXT2_EXTRA_BYTES };
    struct disk_inode disk;
    struct buffer *buffer;
    uint32_t offset;
    enum status status =
        ext2_cache_get (fs, inode_place (fs, node->number, &offset), &buffer);

    if (status != OK)
        return status;
    memcpy (&disk, buffer->data + offset, sizeof disk);
    node->generation = disk.generation + 1;
    memset (buffer->data + offset, 0, fs->inode_bytes);
    if (fs->inode_bytes >= EXT2_INODE_BYTES + EXT2_EXTRA_BYTES)
        memcpy (buffer->data + offset + EXT2_INODE_BYTES, &extra, sizeof extra);
    ext2_cache_dirty (fs, buffer);
    ext2_cache_put (fs, buffer);
    return OK;
}

enum status
ext2_inode_make (struct ext2 *fs, const struct node *dir, uint16_t mode, uint32_t uid,
                 uint32_t gid, struct node **made)
{
    bool directory = (mode & MODE_TYPE) == MODE_DIRECTORY;
    uint32_t number;
    struct node *node;
    enum status status = ext2_inode_alloc (fs, dir->number, directory, &number);

    if (status != OK)
        return status;
    if (inode_find (fs, number) != NULL) /* stays marked as used, as it is */
        return ext2_corrupt (fs, "counted as free, but in use: inode", number);
    node = inode_new (fs, number);
    if (node == NULL) {
        ext2_inode_release (fs, number, directory);
        return ERR_NO_MEMORY;
    }
    node->mode  = mode;
    node->uid   = uid;
    node->gid   = gid;
    node->atime = node->mtime = node->ctime = ext2_now (fs);
    node->links = 1; /* until it has its name, only our pin keeps it */
    status      = inode_clear_slot (fs, node);
    if (status != OK) {
        node->links = 0;
        ext2_inode_put (fs, node);
        return status;
    }
    *made = node;
    return OK;
}

/* ---- putting ---- */

/* The block of extended attributes may be shared; it is freed by the last. */
static enum status
inode_free_attributes (struct ext2 *fs, struct node *node)
{
    struct disk_attributes head;
    struct buffer *buffer;
    uint32_t block = node->attribute_block;
    enum status status;

    if (block == 0)
        return OK;
    if (!ext2_block_valid (fs, block))
        return ext2_corrupt (fs, "impossible attributes of inode", node->number);
    status = ext2_cache_get (fs, block, &buffer);
    if (status != OK)
        return status;
    memcpy (&head, buffer->data, sizeof head);
    bool sound  = head.magic == EXT2_ATTRIBUTES_MAGIC && head.references > 0;
    bool shared = sound && head.references > 1;
    if (shared) {
        head.references--;
        memcpy (buffer->data, &head, sizeof head);
        ext2_cache_dirty (fs, buffer);
    }
    ext2_cache_put (fs, buffer);
    if (!sound)
        return ext2_corrupt (fs, "impossible attributes of inode", node->number);
    if (!shared)
        status = ext2_block_free (fs, block);
    if (node->sectors >= fs->block_sectors)
        node->sectors -= fs->block_sectors;
    node->attribute_block = 0;
    return status;
}

/* Damage on the way leaves blocks marked as used, for a check of the disk to find; the inode
 * itself goes in any case. */
static void
inode_free (struct ext2 *fs, struct node *node)
{
    if (ext2_inode_has_map (fs, node))
        ext2_map_trim (fs, node, 0);
    inode_free_attributes (fs, node);
    node->size  = 0;
    node->dtime = (uint32_t)file_time_seconds (ext2_now (fs));
    ext2_inode_update (fs, node);
    inode_unhash (fs, node);
    ext2_inode_release (fs, node->number, ext2_is_directory (node));
}

void
ext2_inode_put (struct ext2 *fs, struct node *node)
{
    if (--node->pins > 0 || node->holds > 0)
        return;
    if (node->links == 0 && !fs->read_only) {
        node->dying = true;
        node->pins  = 1;
        inode_free (fs, node);
    } else {
        inode_unhash (fs, node);
    }
    component_free (fs->self, node);
}

void
ext2_inode_drop_all (struct ext2 *fs)
{
    for (unsigned i = 0; i < EXT2_BUCKETS; i++)
        while (fs->nodes[i] != NULL) {
            struct node *node = fs->nodes[i];
            node->holds       = 0;
            node->pins++;
            ext2_inode_put (fs, node);
        }
    fs->holds = 0;
}

/* ---- attributes ---- */

enum status
ext2_inode_writable (const struct ext2 *fs, const struct node *node)
{
    if (fs->read_only)
        return ERR_READ_ONLY;
    return node->flags & INODE_IMMUTABLE ? ERR_NOT_PERMITTED : OK;
}

uint32_t
ext2_type_of_mode (uint16_t mode)
{
    switch (mode & MODE_TYPE) {
    case MODE_REGULAR:
        return FILE_TYPE_REGULAR;
    case MODE_DIRECTORY:
        return FILE_TYPE_DIRECTORY;
    case MODE_LINK:
        return FILE_TYPE_LINK;
    case MODE_CHARACTER:
        return FILE_TYPE_CHARACTER;
    case MODE_BLOCK:
        return FILE_TYPE_BLOCK;
    case MODE_PIPE:
        return FILE_TYPE_PIPE;
    case MODE_SOCKET:
        return FILE_TYPE_SOCKET;
    default:
        return 0;
    }
}

void
ext2_inode_attr (const struct ext2 *fs, const struct node *node, struct file_attr *attr)
{
    uint32_t type = ext2_type_of_mode (node->mode);

    *attr = (struct file_attr) {
        .node        = node->number,
        .size        = node->size,
        .blocks      = node->sectors,
        .atime       = node->atime,
        .mtime       = node->mtime,
        .ctime       = node->ctime,
        .type        = type,
        .mode        = node->mode & 07777,
        .links       = node->links,
        .uid         = node->uid,
        .gid         = node->gid,
        .block_bytes = fs->block_bytes,
    };
    if (type == FILE_TYPE_CHARACTER || type == FILE_TYPE_BLOCK)
        attr->device = node->block[0] != 0 ? node->block[0] : node->block[1];
}
