/* blk_queue: in which order requests that wait for a slot go to the disk.
 *
 * One way over the disk by rising sectors, then from the start again, among the first
 * WINDOW of the queue. Nobody is passed by more than PASSED_MAX. A request never passes an
 * earlier one that it overlaps, unless both read; and nothing passes a flush, nor does a
 * flush pass anything.
 */
#include "blk/blk.h"

#define WINDOW     64u
#define PASSED_MAX 64u

void
blk_queue_append (struct blk *blk, struct blk_request *request)
{
    request->next = NULL;
    request->previous = blk->last;
    if (blk->last != NULL)
        blk->last->next = request;
    else
        blk->first = request;
    blk->last = request;
}

void
blk_queue_remove (struct blk *blk, struct blk_request *request)
{
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        blk->first = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    else
        blk->last = request->previous;
    request->next = request->previous = NULL;
}

static bool
blk_queue_conflict (const struct disk_command *a, const struct disk_command *b)
{
    if (a->operation == DISK_READ && b->operation == DISK_READ)
        return false;
    return a->sector < b->sector + b->count && b->sector < a->sector + a->count;
}

static bool
blk_queue_may_pass (const struct blk_request *request)
{
    for (const struct blk_request *earlier = request->previous; earlier != NULL;
         earlier = earlier->previous)
        if (blk_queue_conflict (&earlier->command, &request->command))
            return false;
    return true;
}

struct blk_request *
blk_queue_pick (struct blk *blk)
{
    struct blk_request *oldest = blk->first;
    struct blk_request *ahead = NULL; /* the nearest at or above the head */
    struct blk_request *lowest = NULL;
    struct blk_request *picked;
    unsigned seen = 0;

    if (oldest == NULL || blk->in_order || oldest->passed >= PASSED_MAX
        || oldest->command.operation == DISK_FLUSH)
        return oldest;
    for (struct blk_request *request = oldest; request != NULL && seen < WINDOW;
         request = request->next, seen++) {
        uint64_t sector = request->command.sector;

        if (request->command.operation == DISK_FLUSH)
            break;
        if (!blk_queue_may_pass (request))
            continue;
        if (sector >= blk->head && (ahead == NULL || sector < ahead->command.sector))
            ahead = request;
        if (lowest == NULL || sector < lowest->command.sector)
            lowest = request;
    }
    picked = ahead != NULL ? ahead : lowest;
    for (struct blk_request *request = oldest; request != picked; request = request->next)
        request->passed++;
    return picked;
}
