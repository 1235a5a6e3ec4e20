/* space: address spaces as a whole. */
#include <string.h>

#include "vm/vm.h"

struct space *
vm_space_find (Component *self, uint32_t id)
{
    const struct vm *vm = vm_of (self);

    return id > 0 && id < vm->space_room ? vm->spaces[id] : NULL;
}

static bool
grow (Component *self, struct vm *vm)
{
    uint32_t room         = vm->space_room != 0 ? 2 * vm->space_room : 64;
    struct space **spaces = component_alloc (self, room * sizeof (struct space *));

    if (spaces == NULL)
        return false;
    if (vm->space_room != 0)
        memcpy (spaces, vm->spaces, vm->space_room * sizeof (struct space *));
    component_free (self, vm->spaces);
    vm->spaces     = spaces;
    vm->space_room = room;
    return true;
}

enum status
vm_space_new (Component *self, uint32_t process, struct space **out)
{
    struct vm *vm       = vm_of (self);
    struct space *space = component_alloc (self, sizeof *space);
    uint32_t id         = 1;

    while (id < vm->space_room && vm->spaces[id] != NULL)
        id++;
    if (space == NULL || (id >= vm->space_room && !grow (self, vm))) {
        component_free (self, space);
        return ERR_NO_MEMORY;
    }
    space->id      = id;
    space->process = process;
    vm->spaces[id] = space;
    vm->space_count++;
    *out = space;
    return OK;
}

void
vm_entry_clear (Component *self, struct space *space, uint64_t *pte)
{
    if ((*pte & PTE_SWAPPED) != 0) {
        vm_swap_drop (self, pte_number (*pte));
        space->swapped--;
    } else {
        vm_frame_drop (self, pte_number (*pte));
        space->present--;
    }
    *pte = 0;
}

void
vm_space_empty (Component *self, struct space *space, struct orders *orders)
{
    vm_mapping_unmap (self, space, 0, VM_USER_END, orders);
}

void
vm_space_free (Component *self, struct space *space)
{
    struct vm *vm = vm_of (self);

    vm->spaces[space->id] = NULL;
    vm->space_count--;
    pagetable_free (self, &space->pages);
    component_free (self, space);
}

/* ---- fork ---- */

static bool
mappings_copy (Component *self, const struct space *space, struct space *child)
{
    struct mapping **at = &child->mappings;

    for (const struct mapping *r = space->mappings; r != NULL; r = r->next) {
        struct mapping *copy = component_alloc (self, sizeof *copy);

        if (copy == NULL)
            return false;
        *copy       = *r;
        copy->next  = NULL;
        copy->space = child;
        if (copy->object != NULL) {
            copy->next_shown          = copy->object->mappings;
            copy->object->mappings     = copy;
            copy->object->refs++;
        }
        *at = copy;
        at  = &copy->next;
        child->mapping_count++;
    }
    return true;
}

static bool
entries_copy (Component *self, struct space *space, struct space *child, const struct mapping *r)
{
    uint64_t *pte;

    for (uint64_t at = r->first; (pte = pagetable_next (space->pages, &at, r->end)) != NULL;
         at += TABLE_PAGE) {
        uint64_t *copy = pagetable_find (self, &child->pages, at, true);

        if (copy == NULL)
            return false;
        if ((r->flags & VM_MAP_SHARED) == 0)
            *pte &= ~(uint64_t)PTE_WRITE;
        if ((*pte & PTE_SWAPPED) != 0) {
            vm_swap_use (self, pte_number (*pte));
            child->swapped++;
        } else {
            vm_frame_use (self, pte_number (*pte));
            child->present++;
        }
        *copy = *pte;
    }
    return true;
}

enum status
vm_space_fork (Component *self, struct space *space, struct space *child, struct orders *orders)
{
    if (!mappings_copy (self, space, child))
        return ERR_NO_MEMORY;
    for (const struct mapping *r = space->mappings; r != NULL; r = r->next) {
        if (!entries_copy (self, space, child, r))
            return ERR_NO_MEMORY;
        vm_order (self, orders,
                  (struct vm_order){
                      .what    = VM_SHARE,
                      .space   = space->id,
                      .other   = child->id,
                      .access  = VM_READ | VM_EXECUTE
                                 | ((r->flags & VM_MAP_SHARED) != 0 ? VM_WRITE : 0),
                      .address = r->first,
                      .count   = (uint32_t)((r->end - r->first) / TABLE_PAGE) });
    }
    return orders->failed ? ERR_NO_MEMORY : OK;
}
