/* alloc: which blocks and inodes are free: the bitmaps, and the counts that go with them.
 *
 * A bitmap and its group's counts change together, under fs->alloc. The counts reach their
 * descriptors when the superblock is stored. A bit that contradicts what it is asked for is
 * damage: nothing is freed twice, and nothing is given away that is the file system's own.
 */
#include "ext2.h"

#define CHARGE_GROUP 100u

static bool
bit_get (const uint8_t *bits, uint32_t bit)
{
    return bits[bit / 8] >> bit % 8 & 1;
}

/* The first clear bit in [from, end); end: there is none. */
static uint32_t
bit_find_clear (const uint8_t *bits, uint32_t from, uint32_t end)
{
    while (from < end) {
        if (from % 8 == 0 && bits[from / 8] == 0xff)
            from += 8;
        else if (bit_get (bits, from))
            from++;
        else
            return from;
    }
    return end;
}

static uint32_t
group_first_block (const struct ext2 *fs, uint32_t group)
{
    return fs->first_block + group * fs->blocks_per_group;
}

static uint32_t
group_block_count (const struct ext2 *fs, uint32_t group)
{
    uint32_t left = fs->blocks_count - group_first_block (fs, group);

    return left < fs->blocks_per_group ? left : fs->blocks_per_group;
}

static void
group_changed (struct ext2 *fs, uint32_t group, struct buffer *bitmap)
{
    fs->groups[group].dirty = true;
    fs->super_dirty         = true;
    ext2_cache_dirty (fs, bitmap);
}

/* ---- blocks ---- */

/* A free block of the group's bitmap, in [from, end) of its bits; end: none. */
static uint32_t
block_find (struct ext2 *fs, uint32_t group, const uint8_t *bits, uint32_t from, uint32_t end)
{
    for (uint32_t bit = from;; bit++) {
        bit = bit_find_clear (bits, bit, end);
        if (bit >= end || ext2_block_valid (fs, group_first_block (fs, group) + bit))
            return bit < end ? bit : end;
    }
}

/* Takes a block of that group, the first from bit `from` on, else the first of all. */
static enum status
block_take (struct ext2 *fs, uint32_t group, uint32_t from, uint32_t *block)
{
    uint32_t end = group_block_count (fs, group);
    struct buffer *bitmap;
    enum status status;

    component_charge (fs->self, CHARGE_GROUP);
    status = ext2_cache_get (fs, fs->groups[group].block_bitmap, &bitmap);
    if (status != OK)
        return status;
    uint32_t bit = block_find (fs, group, bitmap->data, from, end);
    if (bit == end) {
        bit = block_find (fs, group, bitmap->data, 0, from);
        if (bit == from)
            bit = end;
    }
    if (bit < end) {
        bitmap->data[bit / 8] |= (uint8_t)(1u << bit % 8);
        fs->groups[group].free_blocks--;
        fs->free_blocks--;
        group_changed (fs, group, bitmap);
        *block = group_first_block (fs, group) + bit;
    } else {
        status = ext2_corrupt (fs, "no free block where some are counted, group", group);
    }
    ext2_cache_put (fs, bitmap);
    return status;
}

enum status
ext2_block_alloc (struct ext2 *fs, uint32_t goal, uint32_t *block)
{
    enum status status = ERR_NO_SPACE;

    if (goal < fs->first_block || goal >= fs->blocks_count)
        goal = fs->first_block;
    uint32_t group = (goal - fs->first_block) / fs->blocks_per_group;
    uint32_t from  = (goal - fs->first_block) % fs->blocks_per_group;

    component_lock (fs->self, &fs->alloc);
    for (uint32_t i = 0; i < fs->group_count && status != OK; i++) {
        if (fs->groups[group].free_blocks > 0 && fs->free_blocks > 0) {
            enum status got = block_take (fs, group, from, block);
            /* an unreadable group is no reason to stop while another has room */
            if (got == OK || status == ERR_NO_SPACE)
                status = got;
        }
        group = group + 1 < fs->group_count ? group + 1 : 0;
        from  = 0;
    }
    component_unlock (fs->self, &fs->alloc);
    return status;
}

enum status
ext2_block_free (struct ext2 *fs, uint32_t block)
{
    struct buffer *bitmap;
    enum status status;

    if (!ext2_block_valid (fs, block))
        return ext2_corrupt (fs, "freeing what is no file's block,", block);
    uint32_t group = (block - fs->first_block) / fs->blocks_per_group;
    uint32_t bit   = (block - fs->first_block) % fs->blocks_per_group;

    component_lock (fs->self, &fs->alloc);
    status = ext2_cache_get (fs, fs->groups[group].block_bitmap, &bitmap);
    if (status == OK) {
        if (!bit_get (bitmap->data, bit)) {
            status = ext2_corrupt (fs, "freeing a free block,", block);
        } else {
            bitmap->data[bit / 8] &= (uint8_t) ~(1u << bit % 8);
            if (fs->groups[group].free_blocks < group_block_count (fs, group)) {
                fs->groups[group].free_blocks++;
                fs->free_blocks++;
            }
            group_changed (fs, group, bitmap);
            ext2_cache_forget (fs, block);
        }
        ext2_cache_put (fs, bitmap);
    }
    component_unlock (fs->self, &fs->alloc);
    return status;
}

/* ---- inodes ---- */

/* Directories go where there is most room, so that their files have some beside them. */
static uint32_t
inode_group_for_directory (const struct ext2 *fs)
{
    uint64_t average = fs->free_inodes / fs->group_count;
    uint32_t best    = 0;

    for (uint32_t i = 1; i < fs->group_count; i++) {
        bool better = fs->groups[i].free_blocks > fs->groups[best].free_blocks
                      || fs->groups[best].free_inodes == 0
                      || fs->groups[best].free_inodes < average;
        if (fs->groups[i].free_inodes > 0 && fs->groups[i].free_inodes >= average && better)
            best = i;
    }
    return best;
}

/* Files go into their directory's group, or the next one that has inodes and blocks. */
static uint32_t
inode_group_for_file (const struct ext2 *fs, uint32_t group)
{
    for (uint32_t i = 0; i < fs->group_count; i++) {
        uint32_t at = (group + i) % fs->group_count;
        if (fs->groups[at].free_inodes > 0 && fs->groups[at].free_blocks > 0)
            return at;
    }
    return group;
}

static enum status
inode_take (struct ext2 *fs, uint32_t group, bool directory, uint32_t *number)
{
    uint32_t first = group * fs->inodes_per_group; /* numbers begin with 1, bits with 0 */
    uint32_t from  = first + 1 < fs->first_inode ? fs->first_inode - first - 1 : 0;
    uint32_t end   = fs->inodes_per_group;
    struct buffer *bitmap;
    enum status status;

    component_charge (fs->self, CHARGE_GROUP);
    status = ext2_cache_get (fs, fs->groups[group].inode_bitmap, &bitmap);
    if (status != OK)
        return status;
    uint32_t bit = bit_find_clear (bitmap->data, from, end);
    if (bit < end) {
        bitmap->data[bit / 8] |= (uint8_t)(1u << bit % 8);
        fs->groups[group].free_inodes--;
        fs->free_inodes--;
        if (directory)
            fs->groups[group].directories++;
        group_changed (fs, group, bitmap);
        *number = first + bit + 1;
    } else {
        status = ext2_corrupt (fs, "no free inode where some are counted, group", group);
    }
    ext2_cache_put (fs, bitmap);
    return status;
}

enum status
ext2_inode_alloc (struct ext2 *fs, uint32_t near, bool directory, uint32_t *number)
{
    uint32_t group     = (near - 1) / fs->inodes_per_group;
    enum status status = ERR_NO_SPACE;

    component_lock (fs->self, &fs->alloc);
    group = directory ? inode_group_for_directory (fs) : inode_group_for_file (fs, group);
    for (uint32_t i = 0; i < fs->group_count && status != OK; i++) {
        if (fs->groups[group].free_inodes > 0 && fs->free_inodes > 0) {
            enum status got = inode_take (fs, group, directory, number);
            if (got == OK || status == ERR_NO_SPACE)
                status = got;
        }
        group = group + 1 < fs->group_count ? group + 1 : 0;
    }
    component_unlock (fs->self, &fs->alloc);
    return status;
}

enum status
ext2_inode_release (struct ext2 *fs, uint32_t number, bool directory)
{
    uint32_t group = (number - 1) / fs->inodes_per_group;
    uint32_t bit   = (number - 1) % fs->inodes_per_group;
    struct buffer *bitmap;
    enum status status;

    component_lock (fs->self, &fs->alloc);
    status = ext2_cache_get (fs, fs->groups[group].inode_bitmap, &bitmap);
    if (status == OK) {
        if (!bit_get (bitmap->data, bit)) {
            status = ext2_corrupt (fs, "freeing a free inode,", number);
        } else {
            bitmap->data[bit / 8] &= (uint8_t) ~(1u << bit % 8);
            if (fs->groups[group].free_inodes < fs->inodes_per_group) {
                fs->groups[group].free_inodes++;
                fs->free_inodes++;
            }
            if (directory && fs->groups[group].directories > 0)
                fs->groups[group].directories--;
            group_changed (fs, group, bitmap);
        }
        ext2_cache_put (fs, bitmap);
    }
    component_unlock (fs->self, &fs->alloc);
    return status;
}
