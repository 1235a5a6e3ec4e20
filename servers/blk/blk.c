/* blk: the driver of a disk. Provides block; needs nobody.
 *
 * Promises. As many requests are with the disk as it has slots, the others wait in a queue
 * (blk_queue.c); requests that touch the same sectors are done in the order they came in. A
 * request that was answered OK is done whole. Sectors written are safe from a power cut
 * once a flush that came after their answer has been answered.
 *
 * Keeps across a crash: nothing of its own. The truth is in the disk: what had been handed
 * to it is in its cache or on its medium, the other requests were not begun.
 */
#include "blk/blk.h"

#include <string.h>

#include "text.h"

#define CYCLES_REQUEST  900u /* to take one in and hand it to the disk */
#define CYCLES_COMPLETE 600u /* of the interrupt */

static void
blk_forget (Component *self, struct blk_request *request, enum status status)
{
    call_reply (self, &request->call, status, NULL);
    component_free (self, request);
}

/* Puts the request in the slot and its completion on the clock. */
static enum status
blk_submit (Component *self, struct blk *blk, uint32_t slot, struct blk_request *request)
{
    uint64_t done_ns, number;
    enum status status = disk_submit (blk->disk, component_now_ns (self), slot,
                                      &request->command, &done_ns);

    if (status != OK)
        return status;
    /* Commands are numbered by the disk, so that the timers of an earlier life of this
     * driver mean nothing to this one. */
    number = disk_commands (blk->disk);
    status = component_timer (self, done_ns, number);
    if (status != OK) {
        disk_complete (blk->disk, slot);
        return status;
    }
    blk->at_disk[slot] = request;
    blk->cookie[slot] = number;
    blk->head = request->command.sector + request->command.count;
    return OK;
}

/* Where its data is now: the driver may have moved since the request came. */
static void
blk_find_buffer (Component *self, struct blk_request *request)
{
    if (request->command.operation == DISK_READ)
        request->command.buffer = call_into (self, &request->call).data;
    else if (request->command.operation == DISK_WRITE)
        request->command.buffer = call_from (self, &request->call).data;
}

/* Hands queued requests to the disk while it has free slots. `own` is the request whose
 * handler has not returned yet, or NULL: what becomes of it is the answer. */
static enum status
blk_dispatch (Component *self, struct blk *blk, const struct blk_request *own)
{
    uint32_t slots = blk->disk->parameters.queue_depth;
    enum status own_status = DEFERRED;

    for (uint32_t slot = 0; slot < slots && blk->first != NULL; slot++) {
        struct blk_request *request;
        enum status status;

        if (blk->at_disk[slot] != NULL)
            continue;
        request = blk_queue_pick (blk);
        blk_queue_remove (blk, request);
        if (request != own)
            blk_find_buffer (self, request);
        status = blk_submit (self, blk, slot, request);
        if (status == OK)
            continue;
        if (request == own) {
            own_status = status;
            component_free (self, request);
        } else {
            blk_forget (self, request, status);
        }
    }
    return own_status;
}

static void
blk_answer (Component *self, const struct blk_request *request, enum status status)
{
    /* read and write answer alike: how many bytes. */
    struct block_read_rep moved = { .done = request->command.count * DISK_SECTOR_BYTES };
    bool nothing = status != OK || request->command.operation == DISK_FLUSH;

    call_reply (self, &request->call, status, nothing ? NULL : &moved);
}

static void
blk_timer (Component *self, uint64_t cookie)
{
    struct blk *blk = component_state (self);

    for (uint32_t slot = 0; slot < blk->disk->parameters.queue_depth; slot++) {
        struct blk_request *request = blk->at_disk[slot];

        if (request == NULL || blk->cookie[slot] != cookie)
            continue;
        component_charge (self, CYCLES_COMPLETE);
        blk->at_disk[slot] = NULL;
        blk_answer (self, request, disk_complete (blk->disk, slot));
        component_free (self, request);
        blk_dispatch (self, blk, NULL);
        return;
    }
}

static enum status
blk_accept (Component *self, const struct call *call, const struct disk_command *command)
{
    struct blk *blk = component_state (self);
    struct blk_request *request;

    component_charge (self, CYCLES_REQUEST);
    request = component_alloc (self, sizeof *request);
    if (request == NULL)
        return ERR_NO_MEMORY;
    request->call = *call;
    request->command = *command;
    blk_queue_append (blk, request);
    return blk_dispatch (self, blk, request);
}

static enum status
blk_transfer (Component *self, const struct call *call, const struct disk_command *command,
              uint32_t length)
{
    const struct blk *blk = component_state (self);
    uint64_t sectors = blk->disk->parameters.sector_count;

    if (length != (uint64_t)command->count * DISK_SECTOR_BYTES)
        return ERR_INVALID;
    if (command->sector > sectors || command->count > sectors - command->sector)
        return ERR_RANGE;
    return blk_accept (self, call, command);
}

static enum status
blk_read (Component *self, struct call *call, const struct block_read_req *req,
          struct block_read_rep *rep)
{
    struct disk_command command = { .operation = DISK_READ,
                                    .count = req->count,
                                    .sector = req->first,
                                    .buffer = req->into.data };

    if (req->count == 0 && req->into.length == 0) {
        rep->done = 0;
        return OK;
    }
    return blk_transfer (self, call, &command, req->into.length);
}

static enum status
blk_write (Component *self, struct call *call, const struct block_write_req *req,
           struct block_write_rep *rep)
{
    const struct blk *blk = component_state (self);
    struct disk_command command = { .operation = DISK_WRITE,
                                    .count = req->count,
                                    .sector = req->first,
                                    .buffer = req->from.data };

    if (blk->disk->parameters.read_only)
        return ERR_READ_ONLY;
    if (req->count == 0 && req->from.length == 0) {
        rep->done = 0;
        return OK;
    }
    return blk_transfer (self, call, &command, req->from.length);
}

static enum status
blk_flush (Component *self, struct call *call, const struct block_flush_req *req,
           struct block_flush_rep *rep)
{
    struct disk_command command = { .operation = DISK_FLUSH };

    (void)req;
    (void)rep;
    return blk_accept (self, call, &command);
}

static enum status
blk_info (Component *self, struct call *call, const struct block_info_req *req,
          struct block_info_rep *rep)
{
    const struct blk *blk = component_state (self);

    (void)call;
    (void)req;
    rep->sector_count = blk->disk->parameters.sector_count;
    rep->read_only = blk->disk->parameters.read_only != 0;
    rep->queue_depth = blk->disk->parameters.queue_depth;
    text_copy (rep->name, sizeof rep->name, component_device_name (self));
    return OK;
}

static void
blk_cancel (Component *self, const struct call *call)
{
    struct blk *blk = component_state (self);

    for (struct blk_request *request = blk->first; request != NULL; request = request->next)
        if (request->call.domain == call->domain && request->call.fiber == call->fiber
            && request->call.generation == call->generation) {
            blk_queue_remove (blk, request);
            blk_forget (self, request, ERR_INTERRUPTED);
            return;
        }
}

static enum status
blk_start (Component *self)
{
    struct blk *blk = component_state (self);

    blk->disk = component_device (self);
    blk->in_order = strcmp (component_option (self, "order"), "fifo") == 0;
    if (blk->disk == NULL)
        return ERR_NO_DEVICE;
    disk_reset (blk->disk);
    return OK;
}

static enum status
blk_stop (Component *self)
{
    struct blk *blk = component_state (self);

    return disk_write_back (blk->disk);
}

static const struct block_ops blk_block = {
    .info = blk_info,
    .read = blk_read,
    .write = blk_write,
    .flush = blk_flush,
};

const struct component_class blk_class = {
    .name = "blk",
    .summary = "drives a disk: sectors of 512 bytes, several requests in flight",
    .state_bytes = sizeof (struct blk),
    .provides = { { INTERFACE_block, &blk_block } },
    .options = { { "order", "elevator", "of waiting requests: elevator, fifo",
                   .words = "elevator fifo" } },
    .privileges = PRIVILEGE_DISK,
    .device = "disk",
    .start = blk_start,
    .stop = blk_stop,
    .timer = blk_timer,
    .cancel = blk_cancel,
};
