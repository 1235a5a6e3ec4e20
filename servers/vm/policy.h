/* policy: which page has to go.
 *
 * A pool is a set of frames that hold something, in a queue. What a policy is told: that a
 * frame has come in (it stands at the end), that it was used. What it answers: the victim.
 * The same four serve programs' memory, where uses are seen only by taking pages away and
 * waiting for the fault, and reference strings, where each use is said.
 */
#ifndef SERVERS_VM_POLICY_H
#define SERVERS_VM_POLICY_H

#include "component.h"

#define POOL_NONE UINT32_MAX

struct pool_entry {
    uint32_t previous, next;
    bool in;
};

struct pool {
    Component *self;          /* for chance */
    const struct policy *policy;
    uint32_t room;            /* frames are numbered below it */
    uint32_t count;           /* that are in */
    struct pool_entry *entry; /* one for each, and one more: both ends of the queue */
    void *owner;
    /* May it go at all, now? */
    bool (*may_go) (void *owner, uint32_t frame);
    /* Was it used since this was last asked? */
    bool (*was_used) (void *owner, uint32_t frame);
};

struct policy {
    const char *name;
    const char *summary;
    void (*used) (struct pool *pool, uint32_t frame); /* NULL: it does not matter */
    uint32_t (*victim) (struct pool *pool);           /* POOL_NONE: nobody may go */
    bool looks; /* where uses are not said, all frames are to be asked now and then */
};

/* NULL: there is none of that name. */
const struct policy *policy_find (const char *name);
const struct policy *policy_at (unsigned index);

/* ERR_NO_MEMORY. */
enum status pool_init (Component *self, struct pool *pool, const struct policy *policy,
                       uint32_t room);
void pool_fini (Component *self, struct pool *pool);
void pool_add (struct pool *pool, uint32_t frame);
void pool_remove (struct pool *pool, uint32_t frame);
void pool_used (struct pool *pool, uint32_t frame);
uint32_t pool_victim (struct pool *pool);
/* Asks every frame, in the order of the queue; the used ones go to its end. */
void pool_look (struct pool *pool);

#endif
