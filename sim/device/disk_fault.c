/* disk_fault: a disk that does not do what it was told. */
#include <string.h>

#include "device/disk.h"
#include "fault/fault.h"
#include "gate/journal.h"

/* One sector of a command that writes, with a byte of it changed by `draw`. */
static enum status
corrupt_written (struct disk *disk, const struct disk_command *command, uint64_t draw)
{
    uint8_t sector[DISK_SECTOR_BYTES];
    uint32_t which                = (uint32_t)(draw % command->count);
    struct disk_command again     = { .operation = DISK_WRITE,
                                      .count     = 1,
                                      .sector    = command->sector + which,
                                      .buffer    = sector };

    memcpy (sector, (const uint8_t *)command->buffer + which * DISK_SECTOR_BYTES, sizeof sector);
    sector[draw >> 32 & (DISK_SECTOR_BYTES - 1)] ^= (uint8_t)(draw >> 48 | 1);
    return disk_move (disk, &again);
}

static enum status
corrupt (struct disk *disk, const struct disk_command *command, uint64_t draw)
{
    enum status status = disk_move (disk, command);
    uint64_t at        = (draw >> 16) % ((uint64_t)command->count * DISK_SECTOR_BYTES);

    if (status != OK)
        return status;
    if (command->operation == DISK_WRITE)
        return corrupt_written (disk, command, draw);
    ((uint8_t *)command->buffer)[at] ^= (uint8_t)(draw >> 8 | 1);
    return OK;
}

/* The same, but elsewhere. */
static enum status
misdirect (struct disk *disk, const struct disk_command *command, uint64_t draw)
{
    uint64_t sectors           = disk->parameters.sector_count;
    struct disk_command astray = *command;

    if (command->count <= sectors)
        astray.sector = draw % (sectors - command->count + 1);
    return disk_move (disk, &astray);
}

/* The first sectors, or of a single one the first half. */
static enum status
tear (struct disk *disk, const struct disk_command *command, uint64_t draw)
{
    uint8_t sector[DISK_SECTOR_BYTES];
    struct disk_command part = *command;
    enum status status       = OK;

    part.count = (uint32_t)(draw % command->count);
    if (command->count == 1) {
        part = (struct disk_command){ DISK_READ, 1, command->sector, sector };
        status = disk_move (disk, &part);
        memcpy (sector, command->buffer, sizeof sector / 2);
        part.operation = DISK_WRITE;
    }
    return status == OK && part.count != 0 ? disk_move (disk, &part) : status;
}

/* What goes wrong with a command is part of the driver's history: a replay does it again. */
struct decision {
    uint64_t kind;
    uint64_t draw;
    uint64_t pad; /* no other answer of a disk is as long as this */
};

static enum fault_kind
decide (struct disk *disk, const struct disk_command *command, uint64_t *draw)
{
    struct decision decision = { 0 };
    enum fault_kind kind;

    if (journal_port_if (&decision, sizeof decision)) {
        *draw = decision.draw;
        return (enum fault_kind)decision.kind;
    }
    if (journal_replaying ())
        return FAULT_KINDS;
    kind = fault_disk (disk, command, draw);
    if (kind == FAULT_KINDS)
        return kind;
    decision = (struct decision){ .kind = kind, .draw = *draw };
    journal_ported (&decision, sizeof decision);
    return kind;
}

enum status
disk_move_wrong (struct disk *disk, const struct disk_command *command)
{
    uint64_t draw;

    switch (decide (disk, command, &draw)) {
    case FAULT_DISK_ERROR:
        return ERR_IO;
    case FAULT_DISK_CORRUPT:
        return corrupt (disk, command, draw);
    case FAULT_MISDIRECTED:
        return misdirect (disk, command, draw);
    case FAULT_LOST_WRITE:
        return OK;
    case FAULT_TORN_WRITE:
        return tear (disk, command, draw);
    case FAULT_POWER_CUT:
        disk_move (disk, command);
        fault_power_cut ();
    default:
        return disk_move (disk, command);
    }
}
