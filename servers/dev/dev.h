/* dev: what its two files share. */
#ifndef SERVERS_DEV_H
#define SERVERS_DEV_H

#include "interfaces/interfaces.h"

/* Node numbers, which are the device numbers as well. */
enum dev_node {
    DEV_ROOT = 1,
    DEV_NULL,
    DEV_ZERO,
    DEV_FULL,
    DEV_RANDOM,
    DEV_URANDOM,
    DEV_TTY,
    DEV_CONSOLE,
    DEV_FD,
    DEV_STDIN,
    DEV_STDOUT,
    DEV_STDERR,
    DEV_DISK = 16, /* the first disk; the next ones follow */
};

#define DEV_NEED_TTY   0u /* indexes into the class's needs */
#define DEV_NEED_DISKS 1u

#define DEV_SECTOR 512u

/* What is known of one disk. */
struct dev_disk {
    Link *link;
    char name[16]; /* of the device */
    uint64_t bytes;
    bool read_only;
    struct mutex writing; /* one read-modify-write at a time */
};

struct dev {
    bool mounted;
    int64_t started;      /* what all nodes tell as their times */
    uint64_t holds;       /* of all nodes */
    uint32_t disk_count;
    struct dev_disk *disks;
};

/* ---- disk.c: bytes of a disk, whatever its sectors ---- */

enum status dev_disk_read (struct dev_disk *disk, uint64_t offset, const grant *into,
                           uint32_t *done);
enum status dev_disk_write (Component *self, struct dev_disk *disk, uint64_t offset,
                            const grant *from, uint32_t *done);

#endif
