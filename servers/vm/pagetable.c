#include "vm/pagetable.h"

static unsigned
table_index (uint64_t address, unsigned level)
{
    return (unsigned)(address >> (12 + TABLE_BITS * level)) & (TABLE_SIZE - 1);
}

static uint64_t *
table_new (Component *self)
{
    return component_alloc (self, TABLE_SIZE * sizeof (uint64_t));
}

uint64_t *
pagetable_find (Component *self, uint64_t **root, uint64_t address, bool make)
{
    uint64_t *table;

    if (*root == NULL && make)
        *root = table_new (self);
    table = *root;
    for (unsigned level = TABLE_LEVELS - 1; table != NULL && level > 0; level--) {
        uint64_t *entry = &table[table_index (address, level)];

        if (*entry == 0 && make)
            *entry = (uint64_t)(uintptr_t)table_new (self);
        table = (uint64_t *)(uintptr_t)*entry;
    }
    return table != NULL ? &table[table_index (address, 0)] : NULL;
}

uint64_t *
pagetable_next (uint64_t *root, uint64_t *address, uint64_t end)
{
    while (root != NULL && *address < end) {
        uint64_t *table = root;
        unsigned level;

        for (level = TABLE_LEVELS - 1; level > 0; level--) {
            uint64_t entry = table[table_index (*address, level)];

            if (entry == 0)
                break;
            table = (uint64_t *)(uintptr_t)entry;
        }
        for (; level == 0 && *address < end; *address += TABLE_PAGE) {
            unsigned index = table_index (*address, 0);

            if (table[index] != 0)
                return &table[index];
            if (index == TABLE_SIZE - 1)
                break;
        }
        uint64_t step = (uint64_t)TABLE_PAGE << (TABLE_BITS * level);

        *address = (*address | (step - 1)) + 1;
    }
    return NULL;
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
