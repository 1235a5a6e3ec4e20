/* times: when an inode was read, written and changed.
 *
 * The disk has 32 bits of seconds for each, from 1901 to 2038; larger inodes have room for
 * nanoseconds besides, and for two bits more. In memory times are what the disk can keep.
 *
 * What is set is kept as it is; but what happens now happens in this second, so that an image
 * does not tell how long the machine's own calls take: it is the same wherever components live.
 */
#include <string.h>

#include "ext2.h"

#define DAY ((int64_t)86400 * FILE_TIME_SECOND)

/* What lies behind the first part of an inode. False: it has nothing there about times. */
static bool
times_extra (const struct ext2 *fs, const uint8_t *slot, struct disk_extra *extra)
{
    if (fs->inode_bytes < EXT2_INODE_BYTES + sizeof *extra)
        return false;
    memcpy (extra, slot + EXT2_INODE_BYTES, sizeof *extra);
    return extra->bytes >= sizeof *extra && extra->bytes <= fs->inode_bytes - EXT2_INODE_BYTES;
}

static int64_t
times_from_disk (uint32_t seconds, uint32_t extra)
{
    return file_time ((int32_t)seconds + ((int64_t)(extra & EXTRA_EPOCH) << 32),
                      extra >> EXTRA_NANOSECOND);
}

static uint32_t
times_to_extra (int64_t time)
{
    int64_t seconds = file_time_seconds (time);

    return (uint32_t)((seconds - (int32_t)seconds) >> 32 & EXTRA_EPOCH)
           | (uint32_t)file_time_rest (time) << EXTRA_NANOSECOND;
}

/* What of a time is kept. */
static int64_t
times_kept (int64_t time, bool fine)
{
    int64_t seconds = file_time_seconds (time);

    if (seconds < INT32_MIN)
        return file_time (INT32_MIN, 0);
    if (fine)
        return time;
    return file_time (seconds < INT32_MAX ? seconds : INT32_MAX, 0);
}

void
ext2_times_load (const struct ext2 *fs, struct node *node, const uint8_t *slot)
{
    struct disk_extra extra;
    struct disk_inode disk;

    memcpy (&disk, slot, sizeof disk);
    node->fine = times_extra (fs, slot, &extra);
    if (!node->fine)
        extra = (struct disk_extra){ 0 };
    node->atime = times_from_disk (disk.atime, extra.atime);
    node->mtime = times_from_disk (disk.mtime, extra.mtime);
    node->ctime = times_from_disk (disk.ctime, extra.ctime);
}

void
ext2_times_store (const struct ext2 *fs, struct node *node, uint8_t *slot)
{
    struct disk_extra extra;
    struct disk_inode disk;

    memcpy (&disk, slot, sizeof disk);
    node->fine  = times_extra (fs, slot, &extra);
    node->atime = times_kept (node->atime, node->fine);
    node->mtime = times_kept (node->mtime, node->fine);
    node->ctime = times_kept (node->ctime, node->fine);
    disk.atime  = (uint32_t)file_time_seconds (node->atime);
    disk.mtime  = (uint32_t)file_time_seconds (node->mtime);
    disk.ctime  = (uint32_t)file_time_seconds (node->ctime);
    memcpy (slot, &disk, sizeof disk);
    if (!node->fine)
        return;
    extra.atime = times_to_extra (node->atime);
    extra.mtime = times_to_extra (node->mtime);
    extra.ctime = times_to_extra (node->ctime);
    memcpy (slot + EXT2_INODE_BYTES, &extra, sizeof extra);
}

int64_t
ext2_now (struct ext2 *fs)
{
    return file_time (file_time_seconds ((int64_t)component_time_ns (fs->self)), 0);
}

void
ext2_times_touch (struct ext2 *fs, struct node *node)
{
    node->mtime = node->ctime = ext2_now (fs);
}

void
ext2_times_read (struct ext2 *fs, struct node *node)
{
    int64_t now = ext2_now (fs);

    /* Not for every read: only when it tells something new, or is a day old. */
    if (fs->read_only
        || (node->atime > node->mtime && node->atime > node->ctime && node->atime > now - DAY)
        || node->atime == now)
        return;
    node->atime = now;
    ext2_inode_update (fs, node); /* a read that has its bytes does not fail for this */
}
