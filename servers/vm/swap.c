/* swap: pages on a disk of its own, in slots. */
#include <string.h>

#include "vm/vm.h"

#define SLOT_SECTORS (TABLE_PAGE / 512)
#define SLOTS_MAX    (1u << 22)

enum status
vm_swap_start (Component *self)
{
    struct swap *swap = &vm_of (self)->swap;
    struct block_info_req ask = {};
    struct block_info_rep info;
    enum status status;

    swap->disk = component_link (self, VM_NEED_SWAP);
    if (swap->disk == NULL)
        return OK;
    status = block_info (swap->disk, &ask, &info);
    if (status != OK)
        return status;
    if (info.read_only != 0) {
        vm_say (self, 0, "the disk for swapping is read-only");
        return ERR_READ_ONLY;
    }
    if (info.sector_count < SLOT_SECTORS) {
        vm_say (self, 0, "the disk for swapping does not hold one page, of 4K");
        return ERR_INVALID;
    }
    swap->slots = info.sector_count / SLOT_SECTORS < SLOTS_MAX
                      ? (uint32_t)(info.sector_count / SLOT_SECTORS)
                      : SLOTS_MAX;
    swap->free = swap->slots;
    swap->uses = component_alloc (self, (swap->slots + 1) * sizeof *swap->uses);
    swap->busy = component_alloc (self, (swap->slots + 1) * sizeof *swap->busy);
    return swap->uses != NULL && swap->busy != NULL ? OK : ERR_NO_MEMORY;
}

/* The first of so many free ones from `first` on; UINT32_MAX: there are none. */
static uint32_t
search (const struct swap *swap, uint32_t first, uint32_t count)
{
    uint32_t found = 0;

    for (uint32_t slot = first; slot < swap->slots; slot++) {
        found = swap->uses[slot] == 0 ? found + 1 : 0;
        if (found == count)
            return slot + 1 - count;
    }
    return UINT32_MAX;
}

uint32_t
vm_swap_take (Component *self, uint32_t count)
{
    struct swap *swap = &vm_of (self)->swap;
    uint32_t first;

    if (swap->free < count)
        return UINT32_MAX;
    first = search (swap, swap->next, count);
    if (first == UINT32_MAX)
        first = search (swap, 0, count);
    if (first == UINT32_MAX)
        return UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        swap->uses[first + i] = 1;
        swap->busy[first + i] = true;
    }
    swap->free -= count;
    swap->next = first + count;
    return first;
}

void
vm_swap_use (Component *self, uint32_t slot)
{
    vm_of (self)->swap.uses[slot]++;
}

void
vm_swap_drop (Component *self, uint32_t slot)
{
    struct swap *swap = &vm_of (self)->swap;

    if (--swap->uses[slot] == 0)
        swap->free++;
}

enum status
vm_swap_write (Component *self, uint32_t slot, uint32_t count, uint8_t *pages)
{
    struct block_write_req write = {
        .first = (uint64_t)slot * SLOT_SECTORS,
        .count = count * SLOT_SECTORS,
        .from  = { .data = pages, .length = count * TABLE_PAGE },
    };
    struct block_write_rep written;

    return block_write (vm_of (self)->swap.disk, &write, &written);
}

enum status
vm_swap_read (Component *self, uint32_t slot, uint32_t frame)
{
    struct orders orders       = VM_NO_ORDERS;
    uint8_t *page              = component_alloc (self, TABLE_PAGE);
    struct block_read_req read = { .first = (uint64_t)slot * SLOT_SECTORS,
                                   .count = SLOT_SECTORS,
                                   .into  = { .data = page, .length = TABLE_PAGE } };
    struct block_read_rep got;
    enum status status = page != NULL ? OK : ERR_IO;

    vm_of (self)->moving++;
    if (status == OK)
        status = block_read (vm_of (self)->swap.disk, &read, &got);
    if (status == OK) {
        vm_order (self, &orders, (struct vm_order){ .what = VM_STORE, .frame = frame });
        status = vm_orders_move (self, &orders, page, 1, false);
    }
    vm_of (self)->moving--;
    vm_settle (self);
    component_free (self, page);
    return status == OK ? OK : ERR_IO;
}
