/* disk: see disk.h. All state is in the device's memory; no allocation, no globals. */
#include "device/disk.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "device/device.h"
#include "fault/fault.h"
#include "gate/journal.h"

static struct disk_line *
disk_line_at (struct disk *disk, uint32_t name)
{
    return (struct disk_line *)((char *)disk + disk->lines_offset) + (name - 1);
}

static uint8_t *
disk_line_data (struct disk *disk, uint32_t name)
{
    return (uint8_t *)disk + disk->data_offset + (uint64_t)(name - 1) * DISK_LINE_BYTES;
}

static uint64_t
round_up (uint64_t bytes, uint64_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

static struct disk_parameters
disk_parameters_in_range (const struct disk_parameters *wanted)
{
    struct disk_parameters parameters = *wanted;

    if (parameters.queue_depth < 1)
        parameters.queue_depth = 1;
    if (parameters.queue_depth > DISK_QUEUE_MAX)
        parameters.queue_depth = DISK_QUEUE_MAX;
    if (parameters.cache_lines > DISK_LINES_MAX)
        parameters.cache_lines = DISK_LINES_MAX;
    if (parameters.read_only)
        parameters.cache_lines = 0;
    return parameters;
}

/* Works out where everything is; answers the total. */
static uint64_t
disk_layout (struct disk *disk, const struct disk_parameters *parameters)
{
    uint64_t end = round_up (sizeof *disk, DEVICE_PAGE_BYTES);
    uint64_t lines = end;
    uint64_t data = round_up (lines + parameters->cache_lines * sizeof (struct disk_line),
                              DEVICE_PAGE_BYTES);
    uint64_t medium = data + (uint64_t)parameters->cache_lines * DISK_LINE_BYTES;

    if (disk != NULL) {
        disk->lines_offset = lines;
        disk->data_offset = data;
        disk->medium_offset = medium;
    }
    if (parameters->fd < 0)
        medium += parameters->sector_count * DISK_SECTOR_BYTES;
    return round_up (medium, DEVICE_PAGE_BYTES);
}

size_t
disk_memory_bytes (const struct disk_parameters *parameters)
{
    struct disk_parameters in_range = disk_parameters_in_range (parameters);

    return (size_t)disk_layout (NULL, &in_range);
}

/* Every line free. */
static void
disk_empty_cache (struct disk *disk)
{
    memset (disk->buckets, 0, sizeof disk->buckets);
    disk->free_line = 0;
    for (uint32_t name = disk->parameters.cache_lines; name > 0; name--) {
        struct disk_line *line = disk_line_at (disk, name);

        memset (line, 0, sizeof *line);
        line->next_age = disk->free_line;
        disk->free_line = name;
    }
    disk->oldest = disk->newest = 0;
    disk->dirty_sectors = 0;
}

void
disk_init (struct disk *disk, const struct disk_parameters *parameters)
{
    memset (disk, 0, sizeof *disk);
    disk->parameters = disk_parameters_in_range (parameters);
    disk_layout (disk, &disk->parameters);
    disk_empty_cache (disk);
}

/* ---- the medium ---- */

/* The host's file, or the device's own memory. */
static enum status
medium_get (struct disk *disk, uint64_t offset, uint8_t *into, size_t left)
{
    if (disk->parameters.fd < 0) {
        memcpy (into, (uint8_t *)disk + disk->medium_offset + offset, left);
        return OK;
    }
    while (left > 0) {
        ssize_t got = pread (disk->parameters.fd, into, left, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) { /* 0: the file has become shorter than the disk */
            disk->host_errors++;
            return ERR_IO;
        }
        into += got;
        offset += (uint64_t)got;
        left -= (size_t)got;
    }
    return OK;
}

static enum status
medium_put (struct disk *disk, uint64_t offset, const uint8_t *from, size_t left)
{
    if (disk->parameters.fd < 0) {
        memcpy ((uint8_t *)disk + disk->medium_offset + offset, from, left);
        return OK;
    }
    while (left > 0) {
        ssize_t put = pwrite (disk->parameters.fd, from, left, (off_t)offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            disk->host_errors++;
            return ERR_IO;
        }
        from += put;
        offset += (uint64_t)put;
        left -= (size_t)put;
    }
    return OK;
}

/* A driver's domain that is put back does again what it did, and the rest of this model with
 * it; the medium alone is not put back. What it gave then, it gives again, and what was
 * written is not written again, over what is newer. */
static enum status
medium_read (struct disk *disk, uint64_t sector, uint32_t count, uint8_t *into)
{
    uint32_t bytes  = count * DISK_SECTOR_BYTES;
    uint32_t status = OK;
    bool known      = journal_port (&status, sizeof status);

    if (known && (status != OK || journal_port (into, bytes)))
        return (enum status)status;
    status = medium_get (disk, sector * DISK_SECTOR_BYTES, into, bytes);
    if (!known)
        journal_ported (&status, sizeof status);
    if (status == OK)
        journal_ported (into, bytes);
    return (enum status)status;
}

/* To write the same once more, when nobody knows whether it was written, does no harm. */
static enum status
medium_write (struct disk *disk, uint64_t sector, uint32_t count, const uint8_t *from)
{
    uint32_t status;

    if (journal_port (&status, sizeof status))
        return (enum status)status;
    status = medium_put (disk, sector * DISK_SECTOR_BYTES, from,
                         (size_t)count * DISK_SECTOR_BYTES);
    journal_ported (&status, sizeof status);
    return (enum status)status;
}

/* ---- the write cache ---- */

static uint32_t *
cache_bucket (struct disk *disk, uint64_t number)
{
    uint64_t mixed = number * 0x9e3779b97f4a7c15u;

    return &disk->buckets[mixed >> 32 & (DISK_BUCKETS - 1)];
}

/* The line's name, or 0. */
static uint32_t
cache_find (struct disk *disk, uint64_t number)
{
    uint32_t name = *cache_bucket (disk, number);

    while (name != 0 && disk_line_at (disk, name)->number != number)
        name = disk_line_at (disk, name)->next_hash;
    return name;
}

static unsigned
bit_count (uint32_t bits)
{
    return (unsigned)__builtin_popcount (bits);
}

/* Writes the dirty sectors of a line to the medium, those in `mask` only. */
static enum status
cache_write_line (struct disk *disk, uint32_t name, uint32_t mask)
{
    struct disk_line *line = disk_line_at (disk, name);
    uint32_t dirty = line->dirty & mask;
    uint32_t i = 0;

    while (i < DISK_LINE_SECTORS) {
        uint32_t run = 0;

        while (i + run < DISK_LINE_SECTORS && (dirty >> (i + run) & 1) != 0)
            run++;
        if (run > 0) {
            enum status status
                = medium_write (disk, line->number * DISK_LINE_SECTORS + i, run,
                                disk_line_data (disk, name) + i * DISK_SECTOR_BYTES);
            if (status != OK)
                return status;
        }
        i += run + 1;
    }
    return OK;
}

/* Writes back the line that has been dirty longest and frees it. After an error it is still
 * there. */
static enum status
cache_destage_oldest (struct disk *disk)
{
    uint32_t name = disk->oldest;
    struct disk_line *line = disk_line_at (disk, name);
    uint32_t *link = cache_bucket (disk, line->number);
    enum status status = cache_write_line (disk, name, UINT32_MAX);

    if (status != OK)
        return status;
    while (*link != name)
        link = &disk_line_at (disk, *link)->next_hash;
    *link = line->next_hash;
    disk->oldest = line->next_age;
    if (disk->oldest == 0)
        disk->newest = 0;
    disk->dirty_sectors -= bit_count (line->dirty);
    line->dirty = 0;
    line->next_age = disk->free_line;
    disk->free_line = name;
    return OK;
}

static enum status
cache_take_line (struct disk *disk, uint64_t number, uint32_t *name)
{
    uint32_t *bucket = cache_bucket (disk, number);
    struct disk_line *line;

    *name = cache_find (disk, number);
    if (*name != 0)
        return OK;
    if (disk->free_line == 0) {
        enum status status = cache_destage_oldest (disk);

        if (status != OK)
            return status;
    }
    *name = disk->free_line;
    line = disk_line_at (disk, *name);
    disk->free_line = line->next_age;
    line->number = number;
    line->dirty = 0;
    line->next_hash = *bucket;
    *bucket = *name;
    line->next_age = 0;
    if (disk->newest != 0)
        disk_line_at (disk, disk->newest)->next_age = *name;
    else
        disk->oldest = *name;
    disk->newest = *name;
    return OK;
}

static enum status
cache_destage_all (struct disk *disk)
{
    while (disk->oldest != 0) {
        enum status status = cache_destage_oldest (disk);

        if (status != OK)
            return status;
    }
    return OK;
}

/* ---- commands ---- */

static enum status
disk_read (struct disk *disk, uint64_t sector, uint32_t count, uint8_t *into)
{
    while (count > 0) {
        uint32_t within = (uint32_t)(sector % DISK_LINE_SECTORS);
        uint32_t here
            = DISK_LINE_SECTORS - within < count ? DISK_LINE_SECTORS - within : count;
        uint32_t name = cache_find (disk, sector / DISK_LINE_SECTORS);
        uint32_t wanted = ((1u << here) - 1) << within;
        uint32_t cached = name != 0 ? disk_line_at (disk, name)->dirty & wanted : 0;
        enum status status = OK;

        if (cached != wanted)
            status = medium_read (disk, sector, here, into);
        if (status != OK)
            return status;
        for (uint32_t i = 0; i < here; i++)
            if ((cached >> (within + i) & 1) != 0)
                memcpy (into + i * DISK_SECTOR_BYTES,
                        disk_line_data (disk, name) + (within + i) * DISK_SECTOR_BYTES,
                        DISK_SECTOR_BYTES);
        sector += here;
        into += here * DISK_SECTOR_BYTES;
        count -= here;
    }
    return OK;
}

static enum status
disk_write (struct disk *disk, uint64_t sector, uint32_t count, const uint8_t *from)
{
    if (disk->parameters.cache_lines == 0)
        return medium_write (disk, sector, count, from);
    while (count > 0) {
        uint32_t within = (uint32_t)(sector % DISK_LINE_SECTORS);
        uint32_t here
            = DISK_LINE_SECTORS - within < count ? DISK_LINE_SECTORS - within : count;
        uint32_t name;
        struct disk_line *line;
        enum status status = cache_take_line (disk, sector / DISK_LINE_SECTORS, &name);

        if (status != OK)
            return status;
        line = disk_line_at (disk, name);
        memcpy (disk_line_data (disk, name) + within * DISK_SECTOR_BYTES, from,
                here * DISK_SECTOR_BYTES);
        atomic_signal_fence (memory_order_seq_cst); /* see cache_rebuild */
        disk->dirty_sectors -= bit_count (line->dirty);
        line->dirty |= ((1u << here) - 1) << within;
        disk->dirty_sectors += bit_count (line->dirty);
        sector += here;
        from += here * DISK_SECTOR_BYTES;
        count -= here;
    }
    return OK;
}

enum status
disk_move (struct disk *disk, const struct disk_command *command)
{
    uint64_t sector_count = disk->parameters.sector_count;

    if (command->operation == DISK_FLUSH) {
        disk->flushes++;
        return cache_destage_all (disk);
    }
    if (command->sector > sector_count || command->count > sector_count - command->sector)
        return ERR_RANGE;
    if (command->operation == DISK_READ) {
        disk->sectors_read += command->count;
        return disk_read (disk, command->sector, command->count, command->buffer);
    }
    if (disk->parameters.read_only)
        return ERR_READ_ONLY;
    disk->sectors_written += command->count;
    return disk_write (disk, command->sector, command->count, command->buffer);
}

/* When a command of `sectors` sectors that comes now will be done. A flush needs all the
 * channels, the others the one that is free first. */
static uint64_t
disk_occupy (struct disk *disk, uint64_t now_ns, bool flush, uint64_t sectors)
{
    uint64_t *channels = disk->channel_free_ns;
    uint32_t chosen = 0;
    uint64_t start_ns, done_ns;

    for (uint32_t i = 1; i < disk->parameters.queue_depth; i++)
        if (flush ? channels[i] > channels[chosen] : channels[i] < channels[chosen])
            chosen = i;
    start_ns = channels[chosen] > now_ns ? channels[chosen] : now_ns;
    done_ns
        = start_ns + disk->parameters.latency_ns + sectors * disk->parameters.per_sector_ns;
    for (uint32_t i = 0; i < disk->parameters.queue_depth; i++)
        if (flush || i == chosen)
            channels[i] = done_ns;
    return done_ns;
}

enum status
disk_submit (struct disk *disk, uint64_t now_ns, uint32_t slot,
             const struct disk_command *command, uint64_t *done_ns)
{
    uint64_t sectors = command->count;

    if (slot >= disk->parameters.queue_depth || command->operation < DISK_READ
        || command->operation > DISK_FLUSH)
        return ERR_INVALID;
    if (disk->slots[slot].busy)
        return ERR_BUSY;
    if (command->operation == DISK_FLUSH)
        sectors = disk->dirty_sectors;
    disk->commands++;
    disk->slots[slot].busy = 1;
    disk->slots[slot].status = here != NULL && (faults_on () || journal_replaying ())
                                   ? disk_move_wrong (disk, command)
                                   : disk_move (disk, command);
    if (disk->slots[slot].status != OK)
        sectors = 0;
    *done_ns = disk_occupy (disk, now_ns, command->operation == DISK_FLUSH, sectors);
    return OK;
}

uint64_t
disk_commands (const struct disk *disk)
{
    return disk->commands;
}

enum status
disk_complete (struct disk *disk, uint32_t slot)
{
    if (slot >= disk->parameters.queue_depth || !disk->slots[slot].busy)
        return ERR_INVALID;
    disk->slots[slot].busy = 0;
    return (enum status)disk->slots[slot].status;
}

/* The driver may have died between any two instructions of this model, and begin anew on
 * what that left. A line holds something exactly if it is dirty: all else about the cache
 * follows from that. In which order they got dirty is forgotten. */
static void
cache_rebuild (struct disk *disk)
{
    memset (disk->buckets, 0, sizeof disk->buckets);
    disk->free_line = disk->oldest = disk->newest = 0;
    disk->dirty_sectors = 0;
    for (uint32_t name = disk->parameters.cache_lines; name > 0; name--) {
        struct disk_line *line = disk_line_at (disk, name);

        if (line->dirty == 0) {
            line->next_age = disk->free_line;
            disk->free_line = name;
            continue;
        }
        line->next_hash = *cache_bucket (disk, line->number);
        *cache_bucket (disk, line->number) = name;
        line->next_age = disk->oldest;
        disk->oldest = name;
        if (disk->newest == 0)
            disk->newest = name;
        disk->dirty_sectors += bit_count (line->dirty);
    }
}

void
disk_reset (struct disk *disk)
{
    memset (disk->slots, 0, sizeof disk->slots);
    cache_rebuild (disk);
}

enum status
disk_write_back (struct disk *disk)
{
    return cache_destage_all (disk);
}

size_t
disk_model_bytes (const struct disk *disk)
{
    return (size_t)disk->medium_offset;
}

void
disk_power_cut (struct disk *disk, uint64_t seed)
{
    uint32_t lines = 0;
    uint32_t torn = disk->oldest;
    uint64_t mixed = (seed ^ seed >> 31) * 0xbf58476d1ce4e5b9u;

    mixed ^= mixed >> 29;
    for (uint32_t name = disk->oldest; name != 0;
         name = disk_line_at (disk, name)->next_age)
        lines++;
    if (lines > 0) {
        for (uint64_t skip = mixed % lines; skip > 0; skip--)
            torn = disk_line_at (disk, torn)->next_age;
        /* A medium that refuses even these sectors has lost them as well. */
        cache_write_line (disk, torn, (1u << (mixed >> 32) % DISK_LINE_SECTORS) - 1);
    }
    disk_empty_cache (disk);
    disk_reset (disk);
    memset (disk->channel_free_ns, 0, sizeof disk->channel_free_ns);
}
