/* gate: who is inside, and how many: the way in and out of every handler.
 *
 * So many are let in that the pins of all of them leave buffers to spare; the others wait
 * their turn. Closing waits for the last one out, and lets nobody in.
 */
#include "ext2.h"

#define CHARGE_OPERATION 300u

enum status
ext2_enter (Component *self)
{
    struct ext2 *fs = component_state (self);

    fs->self = self;
    component_charge (self, CHARGE_OPERATION);
    while (fs->mounted && !fs->closing && fs->active >= fs->active_max)
        component_sleep (self, &fs->admission);
    if (!fs->mounted || fs->closing)
        return ERR_STALE;
    fs->active++;
    return OK;
}

enum status
ext2_enter_node (Component *self, uint64_t number, struct node **node)
{
    struct ext2 *fs    = component_state (self);
    enum status status = ext2_enter (self);

    if (status != OK)
        return status;
    *node = ext2_inode_held (fs, number);
    if (*node == NULL)
        return ext2_leave (fs, NULL, ERR_STALE);
    (*node)->pins++;
    return OK;
}

enum status
ext2_leave (struct ext2 *fs, struct node *node, enum status status)
{
    if (node != NULL)
        ext2_inode_put (fs, node);
    ext2_report (fs);
    ext2_cache_arm (fs);
    fs->active--;
    component_wake_one (fs->self, &fs->admission);
    component_wake_all (fs->self, &fs->idle);
    return status;
}

bool
ext2_close (struct ext2 *fs)
{
    if (fs->closing)
        return false;
    fs->closing = true;
    while (fs->active > 1)
        component_sleep (fs->self, &fs->idle);
    return true;
}

void
ext2_open (struct ext2 *fs)
{
    fs->closing = false;
    component_wake_all (fs->self, &fs->admission);
}
