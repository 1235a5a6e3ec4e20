/* disk: the model of a disk with a volatile write cache.
 *
 * Sectors of 512 bytes in a host file, or in the device's memory when there is no image. A
 * command names one of `queue_depth` slots. Its data moves when it is submitted, so that
 * its buffer need not outlive that; its completion comes at the virtual time that
 * disk_submit answers: a command waits for a free channel, then takes latency_ns and
 * per_sector_ns for each sector. The driver sets a timer for that time, which is the
 * completion interrupt, and collects the status with disk_complete.
 *
 * What was written sits in the write cache until a flush, or until the cache is full: then
 * the line that got dirty first is written back. A power cut loses what is in the cache.
 * The cache belongs to the disk: it outlives the driver and its domain.
 */
#ifndef SIM_DEVICE_DISK_H
#define SIM_DEVICE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

#define DISK_SECTOR_BYTES 512u
#define DISK_LINE_SECTORS 8u /* of a cache line: 4 KiB */
#define DISK_LINE_BYTES   (DISK_SECTOR_BYTES * DISK_LINE_SECTORS)
#define DISK_QUEUE_MAX    64u
#define DISK_BUCKETS      1024u /* of the cache's hash table, a power of two */
#define DISK_LINES_MAX    65536u

/* What the board decides when the machine boots. */
struct disk_parameters {
    uint64_t sector_count;
    uint64_t latency_ns; /* of a command, whatever its length */
    uint64_t per_sector_ns;
    uint32_t
        queue_depth; /* slots, and channels that work side by side; 1 to DISK_QUEUE_MAX */
    uint32_t cache_lines; /* of 4 KiB; 0: every write goes straight to the medium */
    uint32_t read_only;
    int32_t fd; /* the image; -1: none, the sectors are in the device's memory */
};

enum disk_operation { DISK_READ = 1, DISK_WRITE, DISK_FLUSH };

struct disk_command {
    uint32_t operation; /* enum disk_operation */
    uint32_t count;     /* sectors */
    uint64_t sector;
    void *buffer; /* count * 512 bytes */
};

/* One line of the write cache: which of its sectors are newer than the medium's. */
struct disk_line {
    uint64_t number;    /* sector / DISK_LINE_SECTORS */
    uint32_t next_hash; /* lines are named by index + 1; 0: none */
    uint32_t next_age;  /* the line that got dirty after this one; or the next free one */
    uint32_t dirty;     /* bit n: sector n of the line */
    uint32_t pad;
};

struct disk_slot {
    uint32_t busy;
    uint32_t status; /* enum status, for disk_complete */
};

struct disk {
    struct disk_parameters parameters;
    uint64_t commands; /* ever submitted; a driver may use it to tell them apart */
    uint64_t sectors_read;
    uint64_t sectors_written;
    uint64_t flushes;
    uint64_t host_errors;
    uint64_t channel_free_ns[DISK_QUEUE_MAX]; /* virtual; when each channel is done */
    struct disk_slot slots[DISK_QUEUE_MAX];
    uint32_t free_line; /* index + 1 */
    uint32_t oldest;
    uint32_t newest;
    uint32_t dirty_sectors;
    uint32_t buckets[DISK_BUCKETS];
    uint64_t lines_offset;  /* from the start of this struct, in bytes */
    uint64_t data_offset;   /* the lines' contents */
    uint64_t medium_offset; /* the sectors, when there is no image */
};

/* ---- the board's side ---- */

/* How much memory such a disk needs. */
size_t disk_memory_bytes (const struct disk_parameters *parameters);

/* Makes a disk in zeroed memory of that size. Parameters out of range are brought into it.
 */
void disk_init (struct disk *disk, const struct disk_parameters *parameters);

/* How much of that is the model; the rest is the medium, which keeps what is written. */
size_t disk_model_bytes (const struct disk *disk);

/* The power fails: what was not flushed is lost, except for the first sectors of at most
 * one line, torn off where `seed` says. Commands under way are forgotten. */
void disk_power_cut (struct disk *disk, uint64_t seed);

/* ---- inside: disk_fault.c ---- */

/* Does what the command says; with what is to go wrong in it. */
enum status disk_move (struct disk *disk, const struct disk_command *command);
enum status disk_move_wrong (struct disk *disk, const struct disk_command *command);

/* ---- the driver's side ---- */

/* Forgets the commands under way, as a driver that has just started needs it, and puts in
 * order what an earlier life of it may have left half done. What they moved stays moved. */
void disk_reset (struct disk *disk);

/* Takes a command into a free slot; *done_ns is the virtual time of its completion.
 * ERR_BUSY: the slot is taken; ERR_INVALID: no such slot or operation. Other errors come
 * with disk_complete. */
enum status disk_submit (struct disk *disk, uint64_t now_ns, uint32_t slot,
                         const struct disk_command *command, uint64_t *done_ns);

/* How many commands there have been: a number for the one just submitted. */
uint64_t disk_commands (const struct disk *disk);

/* Frees the slot and answers how its command went: OK, ERR_RANGE, ERR_READ_ONLY, ERR_IO. */
enum status disk_complete (struct disk *disk, uint32_t slot);

/* Writes back everything at once, outside of any command, as the last thing before a halt.
 */
enum status disk_write_back (struct disk *disk);

#endif
