/* pagetable: page tables: four levels of 512 entries, by address.
 *
 * vm keeps one for each address space and one for each file; the nucleus keeps one for each
 * address space as well, which is what the hardware of a real machine would walk. An entry is
 * a frame with flags; 0 is an entry that is not there. Tables come from the arena of whoever
 * asks.
 */
#ifndef SERVERS_VM_PAGETABLE_H
#define SERVERS_VM_PAGETABLE_H

#include "component.h"

#define TABLE_PAGE   4096u
#define TABLE_MASK   ((uint64_t)TABLE_PAGE - 1)
#define TABLE_BITS   9
#define TABLE_SIZE   (1u << TABLE_BITS)
#define TABLE_LEVELS 4
#define TABLE_END    ((uint64_t)1 << (12 + TABLE_BITS * TABLE_LEVELS))

enum {
    PTE_PRESENT = 1, /* it is a frame */
    PTE_WRITE   = 2, /* it may be written without asking */
    PTE_MAPPED  = 4, /* vm: the nucleus has it; the nucleus: the host process has it */
    PTE_SWAPPED = 8, /* vm: it is a slot of the swap area */
    PTE_EXECUTE = 16, /* the nucleus: it may be executed, */
    PTE_READ    = 32  /* read */
};

static inline uint32_t
pte_number (uint64_t pte)
{
    return (uint32_t)(pte >> 12);
}

static inline uint64_t
pte_make (uint32_t number, uint64_t flags)
{
    return (uint64_t)number << 12 | flags;
}

static inline unsigned
table_index (uint64_t address, unsigned level)
{
    return (unsigned)(address >> (12 + TABLE_BITS * level)) & (TABLE_SIZE - 1);
}

/* The entry of a page; NULL: there is no table for it. */
static inline uint64_t *
pagetable_look (uint64_t *root, uint64_t address)
{
    uint64_t *table = root;

    for (unsigned level = TABLE_LEVELS - 1; table != NULL && level > 0; level--)
        table = (uint64_t *)(uintptr_t)table[table_index (address, level)];
    return table != NULL ? &table[table_index (address, 0)] : NULL;
}

/* The same with the tables that are missing; NULL: no memory for them. */
uint64_t *pagetable_make (Component *self, uint64_t **root, uint64_t address);
/* The first entry that is not 0 from *address on, before `end`; NULL: none. */
uint64_t *pagetable_next (uint64_t *root, uint64_t *address, uint64_t end);
/* The same for one after the other. What is found may be changed; tables may be added, but none
 * freed meanwhile.
 *
 *     for (struct pagetable_walk walk = { root, first, end }; (entry = pagetable_step (&walk));)
 */
struct pagetable_walk {
    uint64_t *root;
    uint64_t next, end; /* addresses: from where on to look, until where */
    uint64_t at;        /* of the entry that was found last */
    uint64_t *leaf;     /* the last table that was looked into; NULL: not there any more */
};
uint64_t *pagetable_step (struct pagetable_walk *walk); /* NULL: that was all */
void pagetable_free (Component *self, uint64_t **root);

#endif
