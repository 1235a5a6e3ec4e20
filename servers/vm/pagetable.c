#include "vm/pagetable.h"

static uint64_t *
table_new (Component *self)
{
    return component_alloc (self, TABLE_SIZE * sizeof (uint64_t));
}

uint64_t *
pagetable_make (Component *self, uint64_t **root, uint64_t address)
{
    uint64_t *entry = pagetable_look (*root, address), *table;

    if (entry != NULL)
        return entry;
    if (*root == NULL)
        *root = table_new (self);
    table = *root;
    for (unsigned level = TABLE_LEVELS - 1; table != NULL && level > 0; level--) {
        entry = &table[table_index (address, level)];
        if (*entry == 0)
            *entry = (uint64_t)(uintptr_t)table_new (self);
        table = (uint64_t *)(uintptr_t)*entry;
    }
    return table != NULL ? &table[table_index (address, 0)] : NULL;
}

/* The first entry from `index` on that is there; TABLE_SIZE: none. */
static unsigned
entry_after (const uint64_t *table, unsigned index)
{
    while (index < TABLE_SIZE && table[index] == 0)
        index++;
    return index;
}

/* Goes on with walk->next to the first address from there on that has a table for its entry.
 * False: it came to the end of some table, and it is to be looked for from the root again. */
static bool
leaf_find (struct pagetable_walk *walk)
{
    uint64_t *table = walk->root;

    for (unsigned level = TABLE_LEVELS - 1; level > 0; level--) {
        unsigned shift = 12 + TABLE_BITS * level;
        unsigned here  = table_index (walk->next, level);
        unsigned there = entry_after (table, here);

        if (there != here)
            walk->next = ((walk->next >> shift) + (there - here)) << shift;
        if (there == TABLE_SIZE)
            return false;
        table = (uint64_t *)(uintptr_t)table[there];
    }
    walk->leaf = table;
    return true;
}

uint64_t *
pagetable_step (struct pagetable_walk *walk)
{
    while (walk->root != NULL && walk->next < walk->end) {
        unsigned here, there;

        if (walk->leaf == NULL && !leaf_find (walk))
            continue;
        here     = table_index (walk->next, 0);
        there    = entry_after (walk->leaf, here);
        walk->at = walk->next + (uint64_t)(there - here) * TABLE_PAGE;
        if (there == TABLE_SIZE) {
            walk->next = walk->at;
            walk->leaf = NULL;
            continue;
        }
        walk->next = walk->at + TABLE_PAGE;
        if (walk->at >= walk->end)
            return NULL;
        uint64_t *entry = &walk->leaf[there];

        if (there == TABLE_SIZE - 1)
            walk->leaf = NULL;
        return entry;
    }
    return NULL;
}

uint64_t *
pagetable_next (uint64_t *root, uint64_t *address, uint64_t end)
{
    struct pagetable_walk walk = { root, *address, end };
    uint64_t *entry            = pagetable_step (&walk);

    *address = entry != NULL ? walk.at : walk.next;
    return entry;
}

static void
level_free (Component *self, uint64_t *table, unsigned level)
{
    for (unsigned i = 0; level > 0 && i < TABLE_SIZE; i++)
        if (table[i] != 0)
            level_free (self, (uint64_t *)(uintptr_t)table[i], level - 1);
    component_free (self, table);
}

void
pagetable_free (Component *self, uint64_t **root)
{
    if (*root != NULL)
        level_free (self, *root, TABLE_LEVELS - 1);
    *root = NULL;
}
