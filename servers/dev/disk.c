/* disk: bytes at any offset of a disk that knows only sectors.
 *
 * The whole sectors of a transfer go straight between the client's window and the driver.
 * A part of a sector goes through a sector on the stack; to write one it is read first.
 */
#include <string.h>

#include "dev.h"

static enum status
dev_disk_sectors_in (struct dev_disk *disk, uint64_t first, void *into, uint32_t bytes)
{
    struct block_read_req read = {
        .first = first,
        .count = bytes / DEV_SECTOR,
        .into  = { .data = into, .length = bytes },
    };
    struct block_read_rep got;

    return block_read (disk->link, &read, &got);
}

static enum status
dev_disk_sectors_out (struct dev_disk *disk, uint64_t first, const void *from, uint32_t bytes)
{
    struct block_write_req write = {
        .first = first,
        .count = bytes / DEV_SECTOR,
        .from  = { .data = (void *)from, .length = bytes },
    };
    struct block_write_rep put;

    return block_write (disk->link, &write, &put);
}

/* The next piece of a transfer: part of one sector, or as many whole ones as there are. */
static uint32_t
dev_disk_piece (uint64_t offset, uint32_t left)
{
    uint32_t within = (uint32_t)(offset % DEV_SECTOR);

    if (within == 0 && left >= DEV_SECTOR)
        return left - left % DEV_SECTOR;
    return left < DEV_SECTOR - within ? left : DEV_SECTOR - within;
}

enum status
dev_disk_read (struct dev_disk *disk, uint64_t offset, const grant *into, uint32_t *done)
{
    uint32_t bytes = into->length;
    char sector[DEV_SECTOR];
    enum status status = OK;

    *done = 0;
    if (offset >= disk->bytes)
        return OK;
    if (bytes > disk->bytes - offset)
        bytes = (uint32_t)(disk->bytes - offset);
    while (*done < bytes && status == OK) {
        uint32_t within = (uint32_t)(offset % DEV_SECTOR);
        uint32_t piece  = dev_disk_piece (offset, bytes - *done);
        char *at        = (char *)into->data + *done;
        if (piece % DEV_SECTOR == 0) {
            status = dev_disk_sectors_in (disk, offset / DEV_SECTOR, at, piece);
        } else {
            status = dev_disk_sectors_in (disk, offset / DEV_SECTOR, sector, DEV_SECTOR);
            if (status == OK)
                memcpy (at, sector + within, piece);
        }
        if (status == OK) {
            *done += piece;
            offset += piece;
        }
    }
    return *done > 0 ? OK : status;
}

enum status
dev_disk_write (Component *self, struct dev_disk *disk, uint64_t offset, const grant *from,
                uint32_t *done)
{
    uint32_t bytes = from->length;
    char sector[DEV_SECTOR];
    enum status status = OK;

    *done = 0;
    if (disk->read_only)
        return ERR_READ_ONLY;
    if (offset >= disk->bytes && bytes > 0)
        return ERR_NO_SPACE;
    if (bytes > disk->bytes - offset)
        bytes = (uint32_t)(disk->bytes - offset);
    component_lock (self, &disk->writing);
    while (*done < bytes && status == OK) {
        uint32_t within = (uint32_t)(offset % DEV_SECTOR);
        uint32_t piece  = dev_disk_piece (offset, bytes - *done);
        const char *at  = (const char *)from->data + *done;
        if (piece % DEV_SECTOR == 0) {
            status = dev_disk_sectors_out (disk, offset / DEV_SECTOR, at, piece);
        } else {
            status = dev_disk_sectors_in (disk, offset / DEV_SECTOR, sector, DEV_SECTOR);
            if (status == OK) {
                memcpy (sector + within, at, piece);
                status = dev_disk_sectors_out (disk, offset / DEV_SECTOR, sector, DEV_SECTOR);
            }
        }
        if (status == OK) {
            *done += piece;
            offset += piece;
        }
    }
    component_unlock (self, &disk->writing);
    return *done > 0 ? OK : status;
}
