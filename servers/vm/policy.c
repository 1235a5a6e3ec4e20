#include "vm/policy.h"

#include <string.h>

/* ---- the queue: entry[room] stands before the first and behind the last ---- */

static void
link_at_end (struct pool *pool, uint32_t frame)
{
    struct pool_entry *ends = &pool->entry[pool->room], *entry = &pool->entry[frame];

    entry->next                        = pool->room;
    entry->previous                    = ends->previous;
    pool->entry[ends->previous].next   = frame;
    ends->previous                     = frame;
}

static void
unlink_from (struct pool *pool, uint32_t frame)
{
    const struct pool_entry *entry = &pool->entry[frame];

    pool->entry[entry->previous].next = entry->next;
    pool->entry[entry->next].previous = entry->previous;
}

static void
policy_to_end (struct pool *pool, uint32_t frame)
{
    unlink_from (pool, frame);
    link_at_end (pool, frame);
}

/* ---- the policies ---- */

static uint32_t
fifo_victim (struct pool *pool)
{
    for (uint32_t f = pool->entry[pool->room].next; f != pool->room; f = pool->entry[f].next)
        if (pool->may_go (pool->owner, f))
            return f;
    return POOL_NONE;
}

/* Twice round at most: the second time nothing counts as used any more. */
static uint32_t
second_chance_victim (struct pool *pool)
{
    for (uint64_t i = 0; i < 2 * (uint64_t)pool->count; i++) {
        uint32_t f = pool->entry[pool->room].next;

        policy_to_end (pool, f);
        if (pool->may_go (pool->owner, f) && !pool->was_used (pool->owner, f))
            return f;
    }
    return fifo_victim (pool);
}

/* The queue is in the order of use. */
static uint32_t
lru_victim (struct pool *pool)
{
    return fifo_victim (pool);
}

static uint32_t
random_victim (struct pool *pool)
{
    uint32_t first = (uint32_t)(component_random (pool->self) % pool->room);

    for (uint32_t i = 0; i < pool->room; i++) {
        uint32_t f = (first + i) % pool->room;

        if (pool->entry[f].in && pool->may_go (pool->owner, f))
            return f;
    }
    return POOL_NONE;
}

static const struct policy policies[] = {
#define POLICY(name, text, summary, used, looks) { text, summary, used, name##_victim, looks },
#include "vm/policies.def"
#undef POLICY
};

const struct policy *
policy_at (unsigned index)
{
    return index < sizeof policies / sizeof *policies ? &policies[index] : NULL;
}

const struct policy *
policy_find (const char *name)
{
    for (unsigned i = 0; policy_at (i) != NULL; i++)
        if (strcmp (policies[i].name, name) == 0)
            return &policies[i];
    return NULL;
}

/* ---- pools ---- */

enum status
pool_init (Component *self, struct pool *pool, const struct policy *policy, uint32_t room)
{
    pool->self   = self;
    pool->policy = policy;
    pool->room   = room;
    pool->count  = 0;
    pool->entry  = component_alloc (self, ((uint64_t)room + 1) * sizeof *pool->entry);
    if (pool->entry == NULL)
        return ERR_NO_MEMORY;
    pool->entry[room].next = pool->entry[room].previous = room;
    return OK;
}

void
pool_fini (Component *self, struct pool *pool)
{
    component_free (self, pool->entry);
    pool->entry = NULL;
}

void
pool_add (struct pool *pool, uint32_t frame)
{
    pool->entry[frame].in = true;
    pool->count++;
    link_at_end (pool, frame);
}

void
pool_remove (struct pool *pool, uint32_t frame)
{
    if (!pool->entry[frame].in)
        return;
    pool->entry[frame].in = false;
    pool->count--;
    unlink_from (pool, frame);
}

void
pool_used (struct pool *pool, uint32_t frame)
{
    if (pool->policy->used != NULL && pool->entry[frame].in)
        pool->policy->used (pool, frame);
}

uint32_t
pool_victim (struct pool *pool)
{
    return pool->count != 0 ? pool->policy->victim (pool) : POOL_NONE;
}

void
pool_look (struct pool *pool)
{
    uint32_t f = pool->entry[pool->room].next;

    for (uint32_t i = pool->count; i > 0; i--) {
        uint32_t next = pool->entry[f].next;

        if (pool->was_used (pool->owner, f))
            pool_used (pool, f);
        f = next;
    }
}
