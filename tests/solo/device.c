/* device: what tests put below a component: a disk in memory and a log; see solo.h. */
#include "solo.h"

#include <string.h>

#include "device/disk.h"
#include "fault/fault.h"

#define SECTOR_BYTES 512u

static enum status
disk_info (Component *self, struct call *call, const struct block_info_req *req,
           struct block_info_rep *rep)
{
    const struct solo_disk *disk = component_state (self);

    (void)call;
    (void)req;
    rep->sector_count = disk->byte_count / SECTOR_BYTES;
    rep->read_only    = disk->read_only;
    rep->queue_depth  = 8;
    strcpy (rep->name, "disk0");
    return OK;
}

/* What a read and a write have in common: the checks, the wait, the planned failure. */
static enum status
disk_transfer (Component *self, uint64_t first, uint32_t count, uint32_t length)
{
    struct solo_disk *disk = component_state (self);
    uint64_t sectors       = disk->byte_count / SECTOR_BYTES;

    if ((uint64_t)count * SECTOR_BYTES != length || count == 0)
        return ERR_INVALID;
    if (first > sectors || count > sectors - first)
        return ERR_RANGE;
    if (++disk->in_flight > disk->in_flight_max)
        disk->in_flight_max = disk->in_flight;
    if (disk->slow) {
        solo_pass ();
        component_charge (self, 300000);
    }
    disk->in_flight--;
    if (disk->fail_after != 0 && disk->reads + disk->writes >= disk->fail_after)
        return ERR_IO;
    return OK;
}

static enum status
disk_read (Component *self, struct call *call, const struct block_read_req *req,
           struct block_read_rep *rep)
{
    struct solo_disk *disk = component_state (self);
    enum status status     = disk_transfer (self, req->first, req->count, req->into.length);

    (void)call;
    if (status != OK)
        return status;
    memcpy (req->into.data, disk->bytes + req->first * SECTOR_BYTES, req->into.length);
    disk->reads++;
    rep->done = req->into.length;
    return OK;
}

static enum status
disk_write (Component *self, struct call *call, const struct block_write_req *req,
            struct block_write_rep *rep)
{
    struct solo_disk *disk = component_state (self);
    enum status status     = disk_transfer (self, req->first, req->count, req->from.length);

    (void)call;
    if (status == OK && disk->read_only)
        status = ERR_READ_ONLY;
    if (status != OK)
        return status;
    memcpy (disk->bytes + req->first * SECTOR_BYTES, req->from.data, req->from.length);
    disk->writes++;
    disk->sectors_written += req->count;
    rep->done = req->from.length;
    return OK;
}

static enum status
disk_flush (Component *self, struct call *call, const struct block_flush_req *req,
            struct block_flush_rep *rep)
{
    struct solo_disk *disk = component_state (self);

    (void)call;
    (void)req;
    (void)rep;
    disk->flushes++;
    return OK;
}

static const struct block_ops disk_ops = {
    .info  = disk_info,
    .read  = disk_read,
    .write = disk_write,
    .flush = disk_flush,
};

static const struct component_class disk_class = {
    .name        = "solo-disk",
    .summary     = "a disk in the memory of a test",
    .state_bytes = sizeof (struct solo_disk),
    .provides    = { { INTERFACE_block, &disk_ops } },
};

Component *
solo_disk (const char *name, void *bytes, uint64_t byte_count)
{
    Component *self        = solo_add (&disk_class, name, NULL);
    struct solo_disk *disk = component_state (self);

    disk->bytes      = bytes;
    disk->byte_count = byte_count;
    return self;
}

struct solo_disk *
solo_disk_state (Component *disk)
{
    return component_state (disk);
}

/* ---- log ---- */

struct log {
    char text[64 * 1024]; /* always terminated; what does not fit is dropped */
    size_t used;
};

static enum status
log_write_line (Component *self, struct call *call, const struct log_write_req *req,
                struct log_write_rep *rep)
{
    struct log *log = component_state (self);

    (void)call;
    (void)rep;
    if (log->used + req->from.length + 2 <= sizeof log->text) {
        memcpy (log->text + log->used, req->from.data, req->from.length);
        log->used += req->from.length;
        log->text[log->used++] = '\n';
        log->text[log->used]   = '\0';
    }
    return OK;
}

static const struct log_ops log_ops = { .write = log_write_line };

static const struct component_class log_test_class = {
    .name        = "solo-log",
    .summary     = "a log in the memory of a test",
    .state_bytes = sizeof (struct log),
    .provides    = { { INTERFACE_log, &log_ops } },
};

Component *
solo_log (const char *name)
{
    return solo_add (&log_test_class, name, NULL);
}

const char *
solo_log_text (Component *self)
{
    const struct log *log = component_state (self);

    return log->text;
}

/* ---- nothing goes wrong on purpose here: not in a real disk, nor in messages ---- */

enum status
disk_move_wrong (struct disk *disk, const struct disk_command *command)
{
    return disk_move (disk, command);
}

void
fault_post (uint16_t to, struct message *message, const void *bulk)
{
    (void)to, (void)message, (void)bulk;
}

bool
fault_damaged (uint32_t sender)
{
    (void)sender;
    return false;
}
