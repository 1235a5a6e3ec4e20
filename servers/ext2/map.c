/* map: which block of the disk is the n-th of a file.
 *
 * Twelve numbers lie in the inode, then one block of numbers, one block of such blocks, and
 * one of those. A number of 0 is a hole. Every number read from the disk is checked before
 * it is followed, and depth bounds the walk, so a damaged map is an error and nothing worse.
 */
#include <string.h>

#include "ext2.h"

#define DEPTH_MAX 3u

/* How to get to the index-th block: which number in the inode, then in each block of numbers
 * on the way. Returns how many such blocks there are; DEPTH_MAX + 1: out of reach. */
static unsigned
map_path (const struct ext2 *fs, uint32_t index, uint32_t path[DEPTH_MAX + 1])
{
    uint64_t left = index;
    uint64_t span = 1; /* blocks that one number of the inode leads to */
    unsigned depth;

    if (left < EXT2_DIRECT) {
        path[0] = index;
        return 0;
    }
    left -= EXT2_DIRECT;
    for (depth = 1, span = fs->pointers; depth <= DEPTH_MAX && left >= span; depth++) {
        left -= span;
        span *= fs->pointers;
    }
    if (depth > DEPTH_MAX)
        return depth;
    path[0] = EXT2_DIRECT + depth - 1;
    for (unsigned i = 1; i <= depth; i++) {
        span /= fs->pointers;
        path[i] = (uint32_t)(left / span);
        left %= span;
    }
    return depth;
}

static enum status
map_check (struct ext2 *fs, const struct node *node, uint32_t block)
{
    if (block == 0 || ext2_block_valid (fs, block))
        return OK;
    return ext2_corrupt (fs, "impossible block in inode", node->number);
}

enum status
ext2_map (struct ext2 *fs, struct node *node, uint32_t index, uint32_t *block)
{
    uint32_t path[DEPTH_MAX + 1];
    unsigned depth = map_path (fs, index, path);

    if (depth > DEPTH_MAX)
        return ERR_FILE_TOO_LARGE;
    *block             = node->block[path[0]];
    enum status status = map_check (fs, node, *block);
    for (unsigned i = 1; i <= depth && status == OK && *block != 0; i++) {
        struct buffer *buffer;
        status = ext2_cache_get (fs, *block, &buffer);
        if (status != OK)
            break;
        memcpy (block, buffer->data + path[i] * 4, 4);
        ext2_cache_put (fs, buffer);
        status = map_check (fs, node, *block);
    }
    return status;
}

/* ---- growing ---- */

/* A place near what the file has: files written in one go lie in one piece. */
static uint32_t
map_goal (const struct ext2 *fs, const struct node *node, uint32_t index)
{
    if (node->last_block != 0 && index == node->last_index + 1)
        return node->last_block + 1;
    for (uint32_t i = index < EXT2_DIRECT ? index : EXT2_DIRECT; i-- > 0;)
        if (node->block[i] != 0)
            return node->block[i] + 1;
    return fs->first_block
           + (node->number - 1) / fs->inodes_per_group * fs->blocks_per_group;
}

static enum status
map_new_block (struct ext2 *fs, struct node *node, uint32_t index, uint32_t *block)
{
    enum status status = ext2_block_alloc (fs, map_goal (fs, node, index), block);

    if (status == OK) {
        node->sectors += fs->block_sectors;
        node->last_block = *block;
        node->last_index = index > 0 ? index - 1 : 0; /* until the block itself is had */
    }
    return status;
}

/* A new block of numbers, all holes. */
static enum status
map_new_numbers (struct ext2 *fs, struct node *node, uint32_t index, uint32_t *block)
{
    struct buffer *buffer;
    enum status status = map_new_block (fs, node, index, block);

    if (status != OK)
        return status;
    status = ext2_cache_zeroed (fs, *block, &buffer);
    if (status != OK) {
        node->sectors -= fs->block_sectors;
        ext2_block_free (fs, *block);
        return status;
    }
    ext2_cache_dirty (fs, buffer);
    ext2_cache_put (fs, buffer);
    return OK;
}

enum status
ext2_map_make (struct ext2 *fs, struct node *node, uint32_t index, uint32_t *block,
               bool *fresh)
{
    uint32_t path[DEPTH_MAX + 1];
    unsigned depth        = map_path (fs, index, path);
    struct buffer *buffer = NULL; /* of the block of numbers we are in */
    enum status status    = OK;

    *fresh = false;
    if (depth > DEPTH_MAX)
        return ERR_FILE_TOO_LARGE;
    for (unsigned i = 0; i <= depth && status == OK; i++) {
        if (i > 0) {
            status = ext2_cache_get (fs, *block, &buffer);
            if (status != OK)
                return status;
            memcpy (block, buffer->data + path[i] * 4, 4);
        } else {
            *block = node->block[path[0]];
        }
        status = map_check (fs, node, *block);
        if (status == OK && *block == 0) {
            status = i < depth ? map_new_numbers (fs, node, index, block)
                               : map_new_block (fs, node, index, block);
            if (status == OK && buffer != NULL) {
                memcpy (buffer->data + path[i] * 4, block, 4);
                ext2_cache_dirty (fs, buffer);
            } else if (status == OK) {
                node->block[path[0]] = *block;
            }
            *fresh = status == OK && i == depth;
        }
        if (buffer != NULL)
            ext2_cache_put (fs, buffer);
        buffer = NULL;
    }
    if (*fresh)
        node->last_index = index;
    return status;
}

/* ---- shrinking ---- */

static enum status
map_free (struct ext2 *fs, struct node *node, uint32_t block)
{
    enum status status = ext2_block_free (fs, block);

    if (status == OK && node->sectors >= fs->block_sectors)
        node->sectors -= fs->block_sectors;
    return status;
}

/* Frees what the tree at `block` leads to, from its from-th block on; `depth` blocks of
 * numbers are between it and the file's. *gone: the tree itself went, too. The first damage
 * ends it, so that a tree that contains itself is walked once. */
static enum status
map_trim_tree (struct ext2 *fs, struct node *node, uint32_t block, unsigned depth,
               uint64_t from, bool *gone)
{
    struct buffer *buffer;
    uint64_t span      = 1;
    enum status status = map_check (fs, node, block);

    *gone = false;
    if (status == OK && depth > 0)
        status = ext2_cache_get (fs, block, &buffer);
    if (status != OK)
        return status;
    for (unsigned i = 1; i < depth; i++)
        span *= fs->pointers;
    uint32_t start = depth > 0 ? (uint32_t)(from / span) : fs->pointers;
    for (uint32_t i = start; i < fs->pointers && status == OK; i++) {
        uint32_t child;
        bool child_gone;
        memcpy (&child, buffer->data + i * 4, 4);
        if (child == 0)
            continue;
        status = map_trim_tree (fs, node, child, depth - 1, i == start ? from % span : 0,
                                &child_gone);
        if (child_gone) {
            memset (buffer->data + i * 4, 0, 4);
            ext2_cache_dirty (fs, buffer);
        }
    }
    if (depth > 0)
        ext2_cache_put (fs, buffer);
    if (status == OK && from == 0) {
        status = map_free (fs, node, block);
        *gone  = status == OK;
    }
    return status;
}

enum status
ext2_map_trim (struct ext2 *fs, struct node *node, uint64_t keep)
{
    uint64_t first     = 0; /* the index that node->block[i] leads to first */
    uint64_t span      = 1;
    enum status status = OK;

    node->last_block = 0;
    for (uint32_t i = 0; i < EXT2_DIRECT + DEPTH_MAX && status == OK; i++) {
        unsigned depth = i < EXT2_DIRECT ? 0 : i - EXT2_DIRECT + 1;
        if (depth > 0)
            span *= fs->pointers;
        if (node->block[i] != 0 && keep < first + span) {
            bool gone;
            status = map_trim_tree (fs, node, node->block[i], depth,
                                    keep > first ? keep - first : 0, &gone);
            if (gone)
                node->block[i] = 0;
        }
        first += span;
    }
    return status;
}
