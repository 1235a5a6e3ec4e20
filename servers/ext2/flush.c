/* flush: writing what is dirty, in runs of neighbouring blocks and in their order.
 *
 * A run is copied before it is sent, so its blocks may be changed meanwhile: they are dirty
 * again then, and are not sent a second time before the first has arrived.
 */
#include <string.h>

#include "ext2.h"

#define CHARGE_SCAN 4u /* cycles for each buffer looked at */

struct stage *
ext2_stage_get (struct ext2 *fs)
{
    for (;;) {
        for (unsigned i = 0; i < EXT2_STAGES; i++) {
            struct stage *stage = &fs->cache.stages[i];
            if (stage->data != NULL && !stage->busy) {
                stage->busy = true;
                return stage;
            }
        }
        component_sleep (fs->self, &fs->cache.stage_freed);
    }
}

void
ext2_stage_put (struct ext2 *fs, struct stage *stage)
{
    stage->busy = false;
    component_wake_one (fs->self, &fs->cache.stage_freed);
}

/* Ready to be written: the dirty buffer with the lowest block from `from` on. */
static struct buffer *
flush_first (struct ext2 *fs, uint32_t from)
{
    struct buffer *first = NULL;

    component_charge (fs->self, fs->cache.count * CHARGE_SCAN);
    for (uint32_t i = 0; i < fs->cache.count; i++) {
        struct buffer *buffer = &fs->cache.buffers[i];
        if (buffer->dirty && !buffer->writing && buffer->block >= from
            && (first == NULL || buffer->block < first->block))
            first = buffer;
    }
    return first;
}

static enum status
flush_write (struct ext2 *fs, uint32_t block, uint32_t count, void *data)
{
    struct block_write_req request = {
        .first = (uint64_t)block * fs->block_sectors,
        .count = count * fs->block_sectors,
        .from  = { data, count * fs->block_bytes, 0 },
    };
    struct block_write_rep reply;

    return block_write (component_link (fs->self, EXT2_NEED_DISK), &request, &reply);
}

enum status
ext2_flush_run (struct ext2 *fs, uint32_t *from, bool *wrote)
{
    struct stage *stage = ext2_stage_get (fs);
    struct buffer *run[EXT2_RUN_BYTES / 1024];
    struct buffer *next = flush_first (fs, *from);
    uint32_t most       = EXT2_RUN_BYTES / fs->block_bytes;
    uint32_t n          = 0;
    enum status status  = OK;

    *wrote = next != NULL;
    for (; next != NULL && n < most; n++) {
        memcpy (stage->data + n * fs->block_bytes, next->data, fs->block_bytes);
        next->dirty   = false;
        next->writing = true;
        fs->cache.dirty--;
        fs->cache.writing++;
        run[n] = next;
        next   = ext2_cache_dirty_at (fs, next->block + 1);
    }
    if (n > 0) {
        status = flush_write (fs, run[0]->block, n, stage->data);
        *from  = run[n - 1]->block + 1;
    }
    for (uint32_t i = 0; i < n; i++) {
        run[i]->writing = false;
        fs->cache.writing--;
        if (status != OK && !run[i]->dirty) {
            run[i]->dirty = true; /* no timer: it is tried again by the next sync */
            fs->cache.dirty++;
        }
    }
    ext2_stage_put (fs, stage);
    component_wake_all (fs->self, &fs->cache.freed);
    return status;
}

enum status
ext2_flush_all (struct ext2 *fs)
{
    enum status first_error = OK;

    /* The second pass is for what was on its way, and changed, during the first. */
    for (unsigned pass = 0; pass < 2 && fs->cache.dirty + fs->cache.writing > 0; pass++) {
        uint32_t from = 0;
        bool wrote    = true;
        while (wrote) {
            enum status status = ext2_flush_run (fs, &from, &wrote);
            if (status != OK && first_error == OK)
                first_error = status;
        }
        while (fs->cache.writing > 0)
            component_sleep (fs->self, &fs->cache.freed);
        if (first_error != OK)
            break;
    }
    return first_error;
}
