/* cache: blocks of the disk in memory, the least recently used given up first.
 *
 * A block is in at most one buffer. A buffer that is pinned, dirty or on its way stays. When
 * nothing else is left to give up, the run of dirty blocks around the oldest one is written
 * first (flush.c), so whoever wants a block pays for the room it takes.
 */
#include <string.h>

#include "ext2.h"

#define CACHE_BLOCKS_MIN 32u
#define CACHE_BLOCKS_MAX 65536u
#define CACHE_AGE_NS     5000000000u /* how long something stays dirty at most */
#define CHARGE_BLOCK     150u

static struct buffer **
cache_bucket (struct ext2 *fs, uint32_t block)
{
    return &fs->cache.hash[(block * 2654435761u >> 7) & (fs->cache.buckets - 1)];
}

static struct buffer *
cache_find (struct ext2 *fs, uint32_t block)
{
    struct buffer *buffer = *cache_bucket (fs, block);

    while (buffer != NULL && buffer->block != block)
        buffer = buffer->hash_next;
    return buffer;
}

bool
ext2_cache_has (struct ext2 *fs, uint32_t block)
{
    return cache_find (fs, block) != NULL;
}

struct buffer *
ext2_cache_dirty_at (struct ext2 *fs, uint32_t block)
{
    struct buffer *buffer = cache_find (fs, block);

    return buffer != NULL && buffer->dirty && !buffer->writing ? buffer : NULL;
}

static void
cache_unhash (struct ext2 *fs, struct buffer *buffer)
{
    struct buffer **at = cache_bucket (fs, buffer->block);

    if (!buffer->hashed)
        return;
    while (*at != buffer)
        at = &(*at)->hash_next;
    *at            = buffer->hash_next;
    buffer->hashed = false;
}

static void
cache_unlist (struct cache *cache, struct buffer *buffer)
{
    if (buffer->older != NULL)
        buffer->older->newer = buffer->newer;
    else
        cache->oldest = buffer->newer;
    if (buffer->newer != NULL)
        buffer->newer->older = buffer->older;
    else
        cache->newest = buffer->older;
}

static void
cache_list_newest (struct cache *cache, struct buffer *buffer)
{
    buffer->newer = NULL;
    buffer->older = cache->newest;
    if (cache->newest != NULL)
        cache->newest->newer = buffer;
    else
        cache->oldest = buffer;
    cache->newest = buffer;
}

/* ---- claiming a buffer ---- */

/* Gives up a clean block that nobody uses, for `block`, and pins the buffer. NULL: none. */
static struct buffer *
cache_claim_clean (struct ext2 *fs, uint32_t block)
{
    struct buffer *buffer = fs->cache.oldest;

    while (buffer != NULL && (buffer->pins > 0 || buffer->dirty || buffer->writing))
        buffer = buffer->newer;
    if (buffer == NULL)
        return NULL;
    cache_unhash (fs, buffer);
    buffer->block     = block;
    buffer->pins      = 1;
    buffer->failed    = false;
    buffer->hashed    = true;
    buffer->hash_next = *cache_bucket (fs, block);

    *cache_bucket (fs, block) = buffer;
    cache_unlist (&fs->cache, buffer);
    cache_list_newest (&fs->cache, buffer);
    return buffer;
}

/* Makes it more likely that a buffer can be given up. */
static enum status
cache_make_room (struct ext2 *fs)
{
    struct buffer *buffer = fs->cache.oldest;
    bool wrote;

    while (buffer != NULL && (!buffer->dirty || buffer->writing))
        buffer = buffer->newer;
    if (buffer != NULL) {
        uint32_t from = buffer->block;
        return ext2_flush_run (fs, &from, &wrote);
    }
    component_sleep (fs->self, &fs->cache.freed);
    return OK;
}

/* The buffer of that block, pinned; *is_new if its data is not the block's. */
static enum status
cache_claim (struct ext2 *fs, uint32_t block, struct buffer **claimed, bool *is_new)
{
    struct buffer *buffer;

    component_charge (fs->self, CHARGE_BLOCK);
    for (;;) {
        buffer = cache_find (fs, block);
        if (buffer != NULL) {
            buffer->pins++;
            cache_unlist (&fs->cache, buffer);
            cache_list_newest (&fs->cache, buffer);
            *is_new = false;
            break;
        }
        buffer = cache_claim_clean (fs, block);
        if (buffer != NULL) {
            *is_new = true;
            break;
        }
        enum status status = cache_make_room (fs);
        if (status != OK)
            return status;
    }
    while (!*is_new && buffer->reading)
        component_sleep (fs->self, &buffer->changed);
    *claimed = buffer;
    return OK;
}

/* What was read has arrived, or has not. */
static void
cache_arrived (struct ext2 *fs, struct buffer *buffer, enum status status)
{
    buffer->reading = false;
    if (status != OK) {
        buffer->failed = true;
        cache_unhash (fs, buffer); /* the next who wants the block tries again */
    }
    component_wake_all (fs->self, &buffer->changed);
}

static enum status
cache_read (struct ext2 *fs, uint32_t block, uint32_t count, void *data)
{
    struct block_read_req request = {
        .first = (uint64_t)block * fs->block_sectors,
        .count = count * fs->block_sectors,
        .into  = { data, count * fs->block_bytes, 0 },
    };
    struct block_read_rep reply;
    enum status status =
        block_read (component_link (fs->self, EXT2_NEED_DISK), &request, &reply);

    return status == OK && reply.done != request.into.length ? ERR_IO : status;
}

enum status
ext2_cache_get (struct ext2 *fs, uint32_t block, struct buffer **found)
{
    struct buffer *buffer;
    bool is_new;
    enum status status = cache_claim (fs, block, &buffer, &is_new);

    if (status != OK)
        return status;
    if (is_new) {
        buffer->reading = true;
        cache_arrived (fs, buffer, cache_read (fs, block, 1, buffer->data));
    }
    if (buffer->failed) {
        ext2_cache_put (fs, buffer);
        return ERR_IO;
    }
    *found = buffer;
    return OK;
}

enum status
ext2_cache_zeroed (struct ext2 *fs, uint32_t block, struct buffer **found)
{
    struct buffer *buffer;
    bool is_new;

    for (;;) {
        enum status status = cache_claim (fs, block, &buffer, &is_new);
        if (status != OK)
            return status;
        if (!buffer->failed)
            break;
        ext2_cache_put (fs, buffer); /* somebody's read of it had failed meanwhile */
    }
    memset (buffer->data, 0, fs->block_bytes);
    *found = buffer;
    return OK;
}

void
ext2_cache_put (struct ext2 *fs, struct buffer *buffer)
{
    if (--buffer->pins == 0)
        component_wake_all (fs->self, &fs->cache.freed);
}

void
ext2_cache_fetch (struct ext2 *fs, uint32_t first, uint32_t count)
{
    struct buffer *run[EXT2_RUN_BYTES / 1024];
    uint32_t most = EXT2_RUN_BYTES / fs->block_bytes;
    uint32_t n    = 0;

    if (most > fs->cache.count / 4)
        most = fs->cache.count / 4;
    while (n < count && n < most && cache_find (fs, first + n) == NULL) {
        run[n] = cache_claim_clean (fs, first + n);
        if (run[n] == NULL)
            break;
        run[n++]->reading = true;
    }
    if (n == 0)
        return;
    struct stage *stage = ext2_stage_get (fs);
    enum status status  = cache_read (fs, first, n, stage->data);
    for (uint32_t i = 0; i < n; i++) {
        if (status == OK)
            memcpy (run[i]->data, stage->data + i * fs->block_bytes, fs->block_bytes);
        cache_arrived (fs, run[i], status);
        ext2_cache_put (fs, run[i]);
    }
    ext2_stage_put (fs, stage);
}

/* ---- dirt ---- */

/* Not where something is made dirty: setting a timer is a call, and may block. */
void
ext2_cache_arm (struct ext2 *fs)
{
    if (!fs->mounted || fs->timer_set || fs->flush_failed
        || (fs->cache.dirty == 0 && !fs->super_dirty))
        return;
    fs->timer_set = true;
    if (component_timer (fs->self, component_now_ns (fs->self) + CACHE_AGE_NS, fs->mounts)
        != OK)
        fs->timer_set = false;
}

void
ext2_cache_dirty (struct ext2 *fs, struct buffer *buffer)
{
    if (!buffer->dirty) {
        buffer->dirty = true;
        fs->cache.dirty++;
    }
}

void
ext2_cache_forget (struct ext2 *fs, uint32_t block)
{
    struct buffer *buffer = cache_find (fs, block);

    if (buffer != NULL && buffer->dirty) {
        buffer->dirty = false;
        fs->cache.dirty--;
        component_wake_all (fs->self, &fs->cache.freed);
    }
}

/* ---- beginning and end ---- */

static bool
cache_alloc (struct ext2 *fs, uint32_t count)
{
    struct cache *cache = &fs->cache;

    cache->buckets = CACHE_BLOCKS_MIN;
    while (cache->buckets < count)
        cache->buckets *= 2;
    cache->buffers = component_alloc (fs->self, count * sizeof *cache->buffers);
    cache->hash    = component_alloc (fs->self, cache->buckets * sizeof (struct buffer *));
    cache->data    = component_alloc (fs->self, (size_t)count * fs->block_bytes);
    cache->count   = count;
    return cache->buffers != NULL && cache->hash != NULL && cache->data != NULL;
}

void
ext2_cache_fini (struct ext2 *fs)
{
    component_free (fs->self, fs->cache.buffers);
    component_free (fs->self, fs->cache.hash);
    component_free (fs->self, fs->cache.data);
    for (unsigned i = 0; i < EXT2_STAGES; i++)
        component_free (fs->self, fs->cache.stages[i].data);
    memset (&fs->cache, 0, sizeof fs->cache);
}

/* As many blocks as wanted, or half of it, or half of that, as the arena has room. */
enum status
ext2_cache_init (struct ext2 *fs, uint32_t blocks)
{
    struct cache *cache = &fs->cache;
    uint32_t count      = blocks;

    if (count < CACHE_BLOCKS_MIN)
        count = CACHE_BLOCKS_MIN;
    if (count > CACHE_BLOCKS_MAX)
        count = CACHE_BLOCKS_MAX;
    while (!cache_alloc (fs, count)) {
        ext2_cache_fini (fs);
        count /= 2;
        if (count < CACHE_BLOCKS_MIN)
            return ERR_NO_MEMORY;
    }
    for (unsigned i = 0; i < EXT2_STAGES; i++)
        cache->stages[i].data = component_alloc (fs->self, EXT2_RUN_BYTES);
    if (cache->stages[0].data == NULL) {
        ext2_cache_fini (fs);
        return ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        cache->buffers[i].data = cache->data + (size_t)i * fs->block_bytes;
        cache_list_newest (cache, &cache->buffers[i]);
    }
    return OK;
}
