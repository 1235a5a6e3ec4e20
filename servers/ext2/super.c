/* super: what is on the disk, whether it can be believed, and coming and going.
 *
 * Everything that later code divides by, or indexes with, is checked here once. While it is
 * mounted for writing the disk is marked as not clean; the mark it had comes back when all
 * is written at the end. The counts in memory are the truth meanwhile, and reach the
 * superblock and the descriptors in super_store. Backups are left alone, as every
 * implementation does.
 */
#include <string.h>

#include "ext2.h"

#define MINIMUM_SECTORS 4u

enum { LEVEL_ERROR = 3, LEVEL_WARNING = 4 };

/* ---- where things are ---- */

static bool
power_of (uint32_t number, uint32_t base)
{
    uint64_t power = base;

    while (power < number)
        power *= base;
    return power == number;
}

bool
ext2_super_in_group (const struct ext2 *fs, uint32_t group)
{
    const struct disk_super *super = &fs->super;

    if (group == 0)
        return true;
    if (super->revision > 0 && super->compatible & COMPATIBLE_SPARSE_SUPER2)
        return group == super->backup_groups[0] || group == super->backup_groups[1];
    if (super->revision == 0 || !(super->read_only_compatible & READ_ONLY_SPARSE_SUPER))
        return true;
    return group == 1 || power_of (group, 3) || power_of (group, 5) || power_of (group, 7);
}

static uint32_t
super_group_first (const struct ext2 *fs, uint32_t group)
{
    return fs->first_block + group * fs->blocks_per_group;
}

/* Blocks at the start of a group that hold a superblock and descriptors. */
static uint32_t
super_group_head (const struct ext2 *fs, uint32_t group)
{
    return ext2_super_in_group (fs, group) ? 1 + fs->descriptor_blocks : 0;
}

bool
ext2_block_valid (const struct ext2 *fs, uint32_t block)
{
    if (block < fs->first_block || block >= fs->blocks_count)
        return false;
    uint32_t number           = (block - fs->first_block) / fs->blocks_per_group;
    const struct group *group = &fs->groups[number];

    return block != group->block_bitmap && block != group->inode_bitmap
           && block - super_group_first (fs, number) >= super_group_head (fs, number)
           && (block < group->inode_table || block - group->inode_table >= fs->table_blocks);
}

/* ---- reading it ---- */

static enum status
super_refuse (struct ext2 *fs, const char *why)
{
    ext2_log (fs, LEVEL_ERROR, "not mounted: ", why);
    return ERR_INVALID;
}

/* The superblock itself, before there is a cache to read it through. */
static enum status
super_read (struct ext2 *fs, bool *read_only)
{
    Link *disk = component_link (fs->self, EXT2_NEED_DISK);
    struct block_info_req info_request = {};
    struct block_info_rep info;
    struct block_read_req request = {
        .first = EXT2_SUPER_OFFSET / EXT2_SECTOR,
        .count = EXT2_SUPER_BYTES / EXT2_SECTOR,
        .into  = { &fs->super, sizeof fs->super, 0 },
    };
    struct block_read_rep reply;
    enum status status = block_info (disk, &info_request, &info);

    if (status != OK)
        return status;
    if (info.sector_count < MINIMUM_SECTORS)
        return super_refuse (fs, "the disk is too small for any file system");
    if (info.read_only)
        *read_only = true;
    status = block_read (disk, &request, &reply);
    if (status != OK)
        return status;
    if (fs->super.magic != EXT2_MAGIC)
        return super_refuse (fs, "the disk has no ext2 file system");
    if (fs->super.log_block_size > 2)
        return super_refuse (fs, "its blocks are not of 1, 2 or 4 KiB");
    fs->block_bytes = 1024u << fs->super.log_block_size;
    if ((uint64_t)fs->super.blocks_count * fs->block_bytes > info.sector_count * EXT2_SECTOR)
        return super_refuse (fs, "the disk is shorter than its file system");
    return OK;
}

static enum status
super_features (struct ext2 *fs, bool *read_only)
{
    const struct disk_super *super = &fs->super;

    if (super->revision > 1) {
        ext2_log (fs, LEVEL_ERROR, "not mounted: a revision after 1", "");
        return ERR_NOT_SUPPORTED;
    }
    if (super->revision == 0)
        return OK;
    uint32_t unknown = super->incompatible & ~(uint32_t)INCOMPATIBLE_SUPPORTED;
    if (unknown != 0) {
        ext2_report_features (fs, "not mounted: has features that are not supported:", true,
                              unknown);
        return ERR_NOT_SUPPORTED;
    }
    unknown = super->read_only_compatible & ~(uint32_t)READ_ONLY_SUPPORTED;
    if (unknown != 0 && !*read_only) {
        ext2_report_features (fs, "mounted read-only: has features that only allow to read:",
                              false, unknown);
        *read_only = true;
    }
    return OK;
}

static enum status
super_geometry (struct ext2 *fs)
{
    const struct disk_super *super = &fs->super;
    uint32_t bits                  = fs->block_bytes * 8;

    fs->block_sectors    = fs->block_bytes / EXT2_SECTOR;
    fs->inode_bytes      = super->revision > 0 ? super->inode_size : EXT2_INODE_BYTES;
    fs->first_inode      = super->revision > 0 ? super->first_inode : INODE_FIRST_OLD;
    fs->inodes_count     = super->inodes_count;
    fs->blocks_count     = super->blocks_count;
    fs->first_block      = super->first_data_block;
    fs->blocks_per_group = super->blocks_per_group;
    fs->inodes_per_group = super->inodes_per_group;
    fs->pointers         = fs->block_bytes / 4;
    fs->entry_types = super->revision > 0 && super->incompatible & INCOMPATIBLE_FILETYPE;

    if (fs->inode_bytes < EXT2_INODE_BYTES || fs->inode_bytes > fs->block_bytes
        || (fs->inode_bytes & (fs->inode_bytes - 1)) != 0)
        return super_refuse (fs, "the size of its inodes is impossible");
    if (fs->first_block != (fs->block_bytes == 1024 ? 1 : 0)
        || fs->blocks_count <= fs->first_block)
        return super_refuse (fs, "its number of blocks is impossible");
    if (fs->blocks_per_group == 0 || fs->blocks_per_group > bits || fs->inodes_per_group == 0
        || fs->inodes_per_group > bits)
        return super_refuse (fs, "the size of its groups is impossible");
    fs->group_count = (fs->blocks_count - fs->first_block - 1) / fs->blocks_per_group + 1;
    if ((uint64_t)fs->group_count * fs->inodes_per_group != fs->inodes_count
        || fs->first_inode < INODE_FIRST_OLD || fs->first_inode > fs->inodes_count)
        return super_refuse (fs, "its number of inodes is impossible");
    fs->table_blocks = (uint32_t)(((uint64_t)fs->inodes_per_group * fs->inode_bytes
                                   + fs->block_bytes - 1)
                                  / fs->block_bytes);
    fs->descriptor_blocks =
        (uint32_t)(((uint64_t)fs->group_count * sizeof (struct disk_group) + fs->block_bytes
                    - 1)
                   / fs->block_bytes);

    /* what three levels of blocks can reach, and what 32 bits can count in sectors; before
     * revision 1 there is no room for a longer size */
    uint64_t p         = fs->pointers;
    fs->file_bytes_max = (EXT2_DIRECT + p + p * p + p * p * p) * fs->block_bytes;
    if (fs->file_bytes_max > (1ull << 41) - (1ull << 32))
        fs->file_bytes_max = (1ull << 41) - (1ull << 32);
    if (super->revision == 0)
        fs->file_bytes_max = INT32_MAX;
    return OK;
}

/* Whether a group's own blocks are inside it and apart from each other. */
static bool
super_group_sound (const struct ext2 *fs, uint32_t number)
{
    const struct group *group = &fs->groups[number];
    uint32_t first            = super_group_first (fs, number);
    uint32_t size             = fs->blocks_count - first;
    uint32_t head             = super_group_head (fs, number);

    if (size > fs->blocks_per_group)
        size = fs->blocks_per_group;
    /* smaller than first: the difference is huge */
    uint32_t block_bitmap = group->block_bitmap - first;
    uint32_t inode_bitmap = group->inode_bitmap - first;
    uint32_t table        = group->inode_table - first;

    if (fs->table_blocks > size || table > size - fs->table_blocks || table < head)
        return false;
    if (block_bitmap >= size || inode_bitmap >= size || block_bitmap < head
        || inode_bitmap < head || block_bitmap == inode_bitmap)
        return false;
    return block_bitmap - table >= fs->table_blocks
           && inode_bitmap - table >= fs->table_blocks && group->free_blocks <= size
           && group->free_inodes <= fs->inodes_per_group;
}

static enum status
super_groups (struct ext2 *fs)
{
    uint32_t per_block = fs->block_bytes / sizeof (struct disk_group);
    struct buffer *buffer;

    fs->groups = component_alloc (fs->self, (size_t)fs->group_count * sizeof *fs->groups);
    if (fs->groups == NULL)
        return ERR_NO_MEMORY;
    fs->free_blocks = 0;
    fs->free_inodes = 0;
    for (uint32_t i = 0; i < fs->group_count; i++) {
        struct disk_group disk;
        enum status status =
            ext2_cache_get (fs, fs->first_block + 1 + i / per_block, &buffer);
        if (status != OK)
            return status;
        memcpy (&disk, buffer->data + i % per_block * sizeof disk, sizeof disk);
        ext2_cache_put (fs, buffer);
        fs->groups[i] = (struct group) {
            .block_bitmap = disk.block_bitmap,
            .inode_bitmap = disk.inode_bitmap,
            .inode_table  = disk.inode_table,
            .free_blocks  = disk.free_blocks,
            .free_inodes  = disk.free_inodes,
            .directories  = disk.directories,
        };
        if (!super_group_sound (fs, i))
            return super_refuse (fs, "the description of its groups is damaged");
        fs->free_blocks += disk.free_blocks;
        fs->free_inodes += disk.free_inodes;
    }
    return OK;
}

static enum status
super_root (struct ext2 *fs)
{
    struct node *root;
    enum status status = ext2_inode_get (fs, INODE_ROOT, &root);

    if (status != OK)
        return status;
    bool directory = ext2_is_directory (root);
    ext2_inode_put (fs, root);
    return directory ? OK : super_refuse (fs, "its root is not a directory");
}

/* ---- writing it ---- */

static enum status
super_store_group (struct ext2 *fs, uint32_t i)
{
    uint32_t per_block = fs->block_bytes / sizeof (struct disk_group);
    struct disk_group disk;
    struct buffer *buffer;
    enum status status = ext2_cache_get (fs, fs->first_block + 1 + i / per_block, &buffer);

    if (status != OK)
        return status;
    uint8_t *at = buffer->data + i % per_block * sizeof disk;
    memcpy (&disk, at, sizeof disk);
    disk.free_blocks = fs->groups[i].free_blocks;
    disk.free_inodes = fs->groups[i].free_inodes;
    disk.directories = fs->groups[i].directories;
    memcpy (at, &disk, sizeof disk);
    fs->groups[i].dirty = false;
    ext2_cache_dirty (fs, buffer);
    ext2_cache_put (fs, buffer);
    return OK;
}

static enum status
super_store (struct ext2 *fs)
{
    struct buffer *buffer;
    enum status status = OK;

    if (fs->read_only || !fs->super_dirty)
        return OK;
    fs->super_dirty = false; /* what changes from here on sets it again */
    for (uint32_t i = 0; i < fs->group_count && status == OK; i++)
        if (fs->groups[i].dirty)
            status = super_store_group (fs, i);
    if (status == OK)
        status = ext2_cache_get (fs, EXT2_SUPER_OFFSET / fs->block_bytes, &buffer);
    if (status != OK) {
        fs->super_dirty = true;
        return status;
    }
    fs->super.free_blocks = (uint32_t)fs->free_blocks;
    fs->super.free_inodes = (uint32_t)fs->free_inodes;
    fs->super.write_time  = (uint32_t)file_time_seconds (ext2_now (fs));
    memcpy (buffer->data + EXT2_SUPER_OFFSET % fs->block_bytes, &fs->super, sizeof fs->super);
    ext2_cache_dirty (fs, buffer);
    ext2_cache_put (fs, buffer);
    return OK;
}

enum status
ext2_super_flush (struct ext2 *fs)
{
    enum status stored  = super_store (fs);
    enum status flushed = ext2_flush_all (fs);

    fs->flush_failed = stored != OK || flushed != OK;
    return stored != OK ? stored : flushed;
}

enum status
ext2_sync_all (struct ext2 *fs)
{
    struct block_flush_req request = {};
    struct block_flush_rep reply;
    enum status status;

    if (fs->read_only)
        return OK;
    component_lock (fs->self, &fs->syncing);
    status              = ext2_super_flush (fs);
    enum status flushed = block_flush (component_link (fs->self, EXT2_NEED_DISK), &request, &reply);
    if (status == OK)
        status = flushed;
    component_unlock (fs->self, &fs->syncing);
    return status;
}

/* ---- coming and going ---- */

static void
super_forget (struct ext2 *fs)
{
    component_free (fs->self, fs->groups);
    fs->groups = NULL;
    ext2_cache_fini (fs);
    fs->mounted     = false;
    fs->super_dirty = false;
}

static enum status
super_mark_in_use (struct ext2 *fs)
{
    fs->state_found = fs->super.state;
    if (!(fs->state_found & STATE_CLEAN))
        ext2_log (fs, LEVEL_WARNING, "was not unmounted cleanly; check the disk", "");
    else if (fs->state_found & STATE_ERRORS)
        ext2_log (fs, LEVEL_WARNING, "is known to be damaged; check the disk", "");
    fs->super.state &= (uint16_t)~STATE_CLEAN;
    fs->super.mount_count++;
    fs->super.mount_time = (uint32_t)file_time_seconds (ext2_now (fs));
    fs->super_dirty      = true;
    return ext2_sync_all (fs);
}

enum status
ext2_super_mount (struct ext2 *fs, bool read_only)
{
    enum status status = super_read (fs, &read_only);

    fs->mounts++;
    fs->timer_set   = false;
    fs->super_dirty = false;
    fs->flush_failed = false;
    fs->reports     = 0;
    if (status == OK)
        status = super_features (fs, &read_only);
    if (status == OK)
        status = super_geometry (fs);
    if (status != OK)
        return status;
    status = ext2_cache_init (fs, (uint32_t)component_option_number (fs->self, "cache"));
    if (status != OK)
        return status;
    fs->read_only  = read_only;
    fs->active_max = (fs->cache.count - 8) / EXT2_PINS_MAX;
    status         = super_groups (fs);
    if (status == OK)
        status = super_root (fs);
    if (status == OK && !read_only)
        status = super_mark_in_use (fs);
    if (status != OK)
        super_forget (fs);
    fs->mounted = status == OK;
    return status;
}

enum status
ext2_super_unmount (struct ext2 *fs)
{
    enum status status = ext2_sync_all (fs);

    /* only now, with everything else in its place, is the disk clean */
    if (!fs->read_only && status == OK) {
        fs->super.state = (uint16_t)(fs->state_found | (fs->super.state & STATE_ERRORS));
        fs->super_dirty = true;
        status          = ext2_sync_all (fs);
    }
    super_forget (fs);
    return status;
}
