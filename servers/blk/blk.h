/* blk: what its files share. */
#ifndef BLK_H
#define BLK_H

#include "device/disk.h"
#include "interfaces/interfaces.h"

/* A request that has not been answered, in the order of arrival. */
struct blk_request {
    struct blk_request *next;
    struct blk_request *previous;
    struct call call;
    struct disk_command command;
    uint32_t passed; /* by how many that came later */
};

struct blk {
    struct disk *disk;
    bool in_order;             /* no elevator */
    struct blk_request *first; /* queued: not with the disk yet */
    struct blk_request *last;
    uint64_t head; /* sector after the last one handed to the disk */
    struct blk_request *at_disk[DISK_QUEUE_MAX]; /* by slot */
    uint64_t cookie[DISK_QUEUE_MAX];             /* of the timer that completes it */
};

/* Which queued request goes to the disk next; NULL if none. blk_queue.c */
struct blk_request *blk_queue_pick (struct blk *blk);
void blk_queue_append (struct blk *blk, struct blk_request *request);
void blk_queue_remove (struct blk *blk, struct blk_request *request);

#endif
