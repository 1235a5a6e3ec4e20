/* file: the bytes of a regular file, and the text of a symbolic link.
 *
 * A hole reads as zeros and takes no block. Reading one after another fetches ahead, up to
 * 32 KiB. A write that runs out of room answers what it has done.
 */
#include <string.h>

#include "ext2.h"

#define AHEAD_BYTES 32768u

static uint32_t
minimum (uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

/* Brings `block`, the index-th, and what follows it both in the file and on the disk, into
 * the cache, if it is not there: up to `end`, or further if the file is read in order. */
static void
file_fetch (struct ext2 *fs, struct node *node, uint32_t index, uint32_t end, uint32_t block)
{
    uint64_t file_end = (node->size + fs->block_bytes - 1) / fs->block_bytes;
    uint32_t count    = 1;

    if (ext2_cache_has (fs, block))
        return;
    if (index == node->next_read && end < index + AHEAD_BYTES / fs->block_bytes)
        end = index + AHEAD_BYTES / fs->block_bytes;
    if (end > file_end)
        end = (uint32_t)file_end;
    while (index + count < end && count < EXT2_RUN_BYTES / fs->block_bytes) {
        uint32_t next;
        if (ext2_map (fs, node, index + count, &next) != OK || next != block + count)
            break;
        count++;
    }
    if (count > 1)
        ext2_cache_fetch (fs, block, count);
}

enum status
ext2_file_read (struct ext2 *fs, struct node *node, uint64_t offset, const grant *into,
                uint32_t *done)
{
    enum status status = OK;

    *done = 0;
    component_lock (fs->self, &node->content);
    uint64_t end = offset < node->size ? offset + minimum (into->length, node->size - offset)
                                       : offset;
    uint32_t index_end = (uint32_t)((end + fs->block_bytes - 1) / fs->block_bytes);
    while (offset + *done < end) {
        uint64_t at    = offset + *done;
        uint32_t index = (uint32_t)(at / fs->block_bytes);
        uint32_t skip  = (uint32_t)(at % fs->block_bytes);
        uint32_t bytes = minimum (fs->block_bytes - skip, end - at);
        char *to       = (char *)into->data + *done;
        struct buffer *buffer;
        uint32_t block;
        status = ext2_map (fs, node, index, &block);
        if (status != OK)
            break;
        if (block == 0) {
            memset (to, 0, bytes);
        } else {
            file_fetch (fs, node, index, index_end, block);
            status = ext2_cache_get (fs, block, &buffer);
            if (status != OK)
                break;
            memcpy (to, buffer->data + skip, bytes);
            ext2_cache_put (fs, buffer);
        }
        component_charge (fs->self, bytes / 16);
        node->next_read = index + 1;
        *done += bytes;
    }
    component_unlock (fs->self, &node->content);
    if (*done > 0)
        ext2_times_read (fs, node);
    return *done > 0 ? OK : status;
}

/* Writes within one block. */
static enum status
file_write_block (struct ext2 *fs, struct node *node, uint32_t index, uint32_t skip,
                  const char *from, uint32_t bytes)
{
    struct buffer *buffer;
    uint32_t block;
    bool fresh;
    enum status status = ext2_map_make (fs, node, index, &block, &fresh);

    if (status != OK)
        return status;
    if (fresh || bytes == fs->block_bytes)
        status = ext2_cache_zeroed (fs, block, &buffer);
    else
        status = ext2_cache_get (fs, block, &buffer);
    if (status != OK)
        return status;
    memcpy (buffer->data + skip, from, bytes);
    ext2_cache_dirty (fs, buffer);
    ext2_cache_put (fs, buffer);
    component_charge (fs->self, bytes / 16);
    return OK;
}

enum status
ext2_file_write (struct ext2 *fs, struct node *node, uint64_t offset, const grant *from,
                 uint32_t *done)
{
    enum status status = OK;

    *done = 0;
    if (offset > fs->file_bytes_max || from->length > fs->file_bytes_max - offset)
        return ERR_FILE_TOO_LARGE;
    component_lock (fs->self, &node->content);
    while (*done < from->length && status == OK) {
        uint64_t at    = offset + *done;
        uint32_t skip  = (uint32_t)(at % fs->block_bytes);
        uint32_t bytes = minimum (fs->block_bytes - skip, from->length - *done);
        status = file_write_block (fs, node, (uint32_t)(at / fs->block_bytes), skip,
                                   (const char *)from->data + *done, bytes);
        if (status == OK)
            *done += bytes;
    }
    if (*done > 0) {
        if (offset + *done > node->size)
            node->size = offset + *done;
        ext2_times_touch (fs, node);
    }
    /* even if nothing was written: blocks of numbers may have been made */
    enum status updated = from->length > 0 ? ext2_inode_update (fs, node) : OK;
    component_unlock (fs->self, &node->content);
    if (updated != OK)
        return updated;
    return *done > 0 ? OK : status;
}

/* Blocks behind the end of a file would be damage: a size that is kept has none there. */
enum status
ext2_file_allocate (struct ext2 *fs, struct node *node, uint64_t offset, uint64_t bytes,
                    bool keep_size)
{
    enum status status = OK;
    uint64_t end, last, kept;

    if (offset > fs->file_bytes_max || bytes > fs->file_bytes_max - offset)
        return ERR_FILE_TOO_LARGE;
    component_lock (fs->self, &node->content);
    end  = offset + bytes;
    last = (end + fs->block_bytes - 1) / fs->block_bytes;
    kept = (node->size + fs->block_bytes - 1) / fs->block_bytes;
    if (keep_size && last > kept)
        status = ERR_NOT_SUPPORTED;
    for (uint64_t at = offset / fs->block_bytes; status == OK && at < last; at++) {
        uint32_t block;

        status = ext2_map (fs, node, (uint32_t)at, &block);
        if (status == OK && block == 0)
            status = file_write_block (fs, node, (uint32_t)at, 0, "", 0);
    }
    if (status != OK)
        ext2_map_trim (fs, node, kept);
    else if (!keep_size && end > node->size)
        node->size = end;
    if (status == OK)
        ext2_times_touch (fs, node);
    enum status updated = ext2_inode_update (fs, node);
    component_unlock (fs->self, &node->content);
    return status == OK ? updated : status;
}

/* What lies behind the end in the last block reads as zeros when the file grows again. */
static enum status
file_clear_tail (struct ext2 *fs, struct node *node, uint64_t size)
{
    uint32_t keep = (uint32_t)(size % fs->block_bytes);
    struct buffer *buffer;
    uint32_t block;
    enum status status;

    if (keep == 0)
        return OK;
    status = ext2_map (fs, node, (uint32_t)(size / fs->block_bytes), &block);
    if (status != OK || block == 0)
        return status;
    status = ext2_cache_get (fs, block, &buffer);
    if (status != OK)
        return status;
    memset (buffer->data + keep, 0, fs->block_bytes - keep);
    ext2_cache_dirty (fs, buffer);
    ext2_cache_put (fs, buffer);
    return OK;
}

enum status
ext2_file_resize (struct ext2 *fs, struct node *node, uint64_t size)
{
    enum status status = OK;

    if (size > fs->file_bytes_max)
        return ERR_FILE_TOO_LARGE;
    component_lock (fs->self, &node->content);
    if (size < node->size) {
        status = file_clear_tail (fs, node, size);
        if (status == OK) {
            node->size = size;
            status     = ext2_map_trim (fs, node,
                                        (size + fs->block_bytes - 1) / fs->block_bytes);
        }
    }
    if (status == OK)
        node->size = size;
    ext2_times_touch (fs, node);
    enum status updated = ext2_inode_update (fs, node);
    component_unlock (fs->self, &node->content);
    return status == OK ? updated : status;
}

/* ---- symbolic links: short ones lie in the inode, where others have their map ---- */

enum status
ext2_link_read (struct ext2 *fs, struct node *node, const grant *into, uint32_t *done)
{
    uint32_t bytes = minimum (node->size, into->length);
    struct buffer *buffer;
    uint32_t block;
    enum status status;

    if (!ext2_inode_has_map (fs, node)) {
        memcpy (into->data, node->block, bytes);
        *done = bytes;
        return OK;
    }
    status = ext2_map (fs, node, 0, &block);
    if (status == OK && block == 0)
        status = ext2_corrupt (fs, "a hole in symbolic link", node->number);
    if (status == OK)
        status = ext2_cache_get (fs, block, &buffer);
    if (status != OK)
        return status;
    memcpy (into->data, buffer->data, bytes);
    ext2_cache_put (fs, buffer);
    *done = bytes;
    return OK;
}

enum status
ext2_link_write (struct ext2 *fs, struct node *node, const char *text, uint32_t bytes)
{
    enum status status;

    node->size = bytes;
    if (bytes < sizeof node->block) {
        memcpy (node->block, text, bytes);
        return ext2_inode_update (fs, node);
    }
    status              = file_write_block (fs, node, 0, 0, text, bytes);
    enum status updated = ext2_inode_update (fs, node);
    return status == OK ? updated : status;
}
