/* fault: a page is wanted.
 *
 * Each step looks everything up anew and either gives the page, with the orders that show it,
 * or sees to one thing that is missing and that may wait: a frame, a page of a file, one that
 * was swapped out. What is given is given at once: between the last look and the answer
 * nobody else runs.
 */
#include "vm/vm.h"

struct fault {
    Component *self;
    struct vm *vm;
    struct space *space;
    struct mapping *mapping;
    uint64_t address; /* of a page */
    uint32_t access;
    uint64_t *pte;
    struct orders *orders;
    bool again; /* something has been seen to: look once more */
    bool slow;  /* bytes were brought */
};

static uint32_t
entry_access (const struct mapping *mapping, uint64_t pte)
{
    return (pte & PTE_WRITE) != 0 ? mapping->access : mapping->access & ~(uint32_t)VM_WRITE;
}

/* The nucleus is to show the page. */
static void
give (struct fault *fault, uint64_t address, uint64_t *pte)
{
    struct vm *vm = fault->vm;

    *pte |= PTE_MAPPED;
    vm->frame[pte_number (*pte)].used = true;
    pool_used (&vm->pool, pte_number (*pte));
    vm_order (fault->self, fault->orders,
              (struct vm_order){ .what    = VM_MAP,
                                 .space   = fault->space->id,
                                 .access  = entry_access (fault->mapping, *pte),
                                 .frame   = pte_number (*pte),
                                 .address = address,
                                 .count   = 1 });
}

static enum status
room (struct fault *fault)
{
    fault->again = true;
    return vm_reclaim (fault->self);
}

static enum status
settle (struct fault *fault)
{
    fault->again = true;
    vm_settle_wait (fault->self);
    return OK;
}

/* ---- memory that is nobody's yet: zeroes ---- */

/* A program that goes through its memory gets ever longer runs of it, as long as there is
 * plenty: 1, 1, 2, 4, ... */
static uint32_t
run_wanted (struct fault *fault)
{
    struct space *space = fault->space;
    uint32_t most       = fault->vm->around;

    if (fault->address != space->last || !vm_frames_plenty (fault->vm)) {
        space->run = 0;
        return 1;
    }
    if (space->run == 0)
        space->run = 1;
    else if (2 * space->run <= most)
        space->run *= 2;
    return space->run < most ? space->run : most;
}

/* Frames for pages in order go on where the one before them lies. */
static uint32_t
run_take (struct fault *fault, uint32_t count)
{
    const uint64_t *before;
    uint32_t frame = VM_FRAME_NONE;

    if (count == 1)
        return vm_frame_take_for (fault->self, fault->space, fault->address);
    before = pagetable_look (fault->space->pages, fault->address - TABLE_PAGE);
    if (before != NULL && (*before & PTE_PRESENT) != 0)
        frame = pte_number (*before) + 1;
    return vm_frames_take_at (fault->self, frame, count);
}

static enum status
zeroes (struct fault *fault)
{
    struct space *space = fault->space;
    uint32_t count      = run_wanted (fault), frame;
    uint32_t possible   = 1;
    uint64_t page       = fault->address;

    for (; possible < count && page + possible * TABLE_PAGE < fault->mapping->end; possible++) {
        const uint64_t *pte
            = pagetable_make (fault->self, &space->pages, page + possible * TABLE_PAGE);

        if (pte == NULL || *pte != 0)
            break;
    }
    frame = run_take (fault, possible);
    if (frame == VM_FRAME_NONE)
        frame = vm_frames_take (fault->self, possible = 1);
    if (frame == VM_FRAME_NONE)
        return room (fault);
    vm_order (fault->self, fault->orders,
              (struct vm_order){ .what = VM_ZERO, .frame = frame, .count = possible });
    fault->vm->numbers.zeroed += possible;
    space->last = page + possible * TABLE_PAGE;
    for (uint32_t i = 0; i < possible; i++, page += TABLE_PAGE) {
        uint64_t *pte = pagetable_look (space->pages, page);

        vm_frame_private (fault->self, frame + i, space, page);
        *pte = pte_make (frame + i,
                         PTE_PRESENT | ((fault->mapping->access & VM_WRITE) ? PTE_WRITE : 0));
        space->present++;
        give (fault, page, pte);
    }
    return OK;
}

/* ---- a page of one's own that begins as another ---- */

static enum status
copy (struct fault *fault, uint32_t from, uint32_t bytes)
{
    uint32_t frame = vm_frame_take_for (fault->self, fault->space, fault->address);

    if (frame == VM_FRAME_NONE)
        return room (fault);
    vm_order (fault->self, fault->orders,
              (struct vm_order){ .what = VM_COPY, .frame = from, .other = frame, .bytes = bytes });
    fault->vm->numbers.copied++;
    vm_frame_private (fault->self, frame, fault->space, fault->address);
    if (*fault->pte != 0)
        vm_entry_clear (fault->self, fault->space, fault->pte);
    *fault->pte = pte_make (
        frame, PTE_PRESENT | ((fault->mapping->access & VM_WRITE) != 0 ? PTE_WRITE : 0));
    fault->space->present++;
    give (fault, fault->address, fault->pte);
    return OK;
}

/* ---- pages of files and of shared memory ---- */

static void
show (struct fault *fault, uint64_t address, uint64_t *pte, uint32_t frame, bool write)
{
    vm_frame_use (fault->self, frame);
    if (*pte != 0)
        vm_entry_clear (fault->self, fault->space, pte);
    *pte = pte_make (frame, PTE_PRESENT | (write ? PTE_WRITE : 0));
    fault->space->present++;
    give (fault, address, pte);
}

/* Other pages of the object that are here come along. */
static void
show_around (struct fault *fault)
{
    struct mapping *mapping = fault->mapping;
    struct object *object = mapping->object;
    uint64_t run          = (uint64_t)fault->vm->around * TABLE_PAGE;
    uint64_t offset       = mapping->offset + (fault->address - mapping->first);
    uint64_t first        = run != 0 ? offset / run * run : offset;

    for (uint64_t at = first; at < first + run; at += TABLE_PAGE) {
        uint64_t address = fault->address + (at - offset);
        const uint64_t *entry;
        uint64_t *pte;

        if (address < mapping->first || address + TABLE_PAGE > mapping->end
            || (address + TABLE_PAGE > mapping->limit && (mapping->flags & VM_MAP_SHARED) == 0)
            || at >= TABLE_END)
            continue;
        entry = pagetable_look (object->pages, at);
        if (entry == NULL || (*entry & PTE_PRESENT) == 0
            || fault->vm->frame[pte_number (*entry)].busy)
            continue;
        pte = pagetable_make (fault->self, &fault->space->pages, address);
        if (pte != NULL && *pte == 0)
            show (fault, address, pte, pte_number (*entry), false);
    }
}

/* A page of a file is about to be written that has no place in it yet, perhaps. */
static bool
needs_room (const struct fault *fault, uint32_t frame)
{
    const struct frame *there = &fault->vm->frame[frame];

    return there->kind == FRAME_OBJECT && there->object->file && !there->room;
}

static enum status
make_room (struct fault *fault, uint32_t frame)
{
    struct object *object = fault->vm->frame[frame].object;
    enum status status;

    object->refs++;
    status = vm_object_reserve (fault->self, object, fault->vm->frame[frame].page);
    vm_object_put (fault->self, object);
    fault->again = true;
    return status;
}

/* The object has the page in this frame, which is not busy. */
static enum status
of_frame (struct fault *fault, uint32_t frame)
{
    const struct mapping *mapping = fault->mapping;
    uint64_t left               = mapping->limit - fault->address;
    bool shared                 = (mapping->flags & VM_MAP_SHARED) != 0;
    bool write                  = (fault->access & VM_WRITE) != 0;

    if (!shared && (write || left < TABLE_PAGE))
        return copy (fault, frame, left < TABLE_PAGE ? (uint32_t)left : TABLE_PAGE);
    if (shared && write && needs_room (fault, frame))
        return make_room (fault, frame);
    if (shared && !mapping->object->file)
        write = (mapping->access & VM_WRITE) != 0;
    if (shared && write)
        fault->vm->frame[frame].dirty = mapping->object->file;
    show (fault, fault->address, fault->pte, frame, write);
    if (!write)
        show_around (fault);
    return OK;
}

static enum status
of_object (struct fault *fault)
{
    struct object *object = fault->mapping->object;
    uint64_t offset       = fault->mapping->offset + (fault->address - fault->mapping->first);
    uint64_t *entry;
    uint32_t frame;
    enum status status;

    if (object->file && offset >= object->size)
        return ERR_RANGE;
    entry = pagetable_make (fault->self, &object->pages, offset);
    if (entry == NULL)
        return ERR_NO_MEMORY;
    if ((*entry & PTE_PRESENT) != 0) {
        frame = pte_number (*entry);
        return fault->vm->frame[frame].busy ? settle (fault) : of_frame (fault, frame);
    }
    if (*entry == 0 && !object->file) {
        frame = vm_frames_take (fault->self, 1);
        if (frame == VM_FRAME_NONE)
            return room (fault);
        vm_order (fault->self, fault->orders,
                  (struct vm_order){ .what = VM_ZERO, .frame = frame, .count = 1 });
        fault->vm->numbers.zeroed++;
        vm_frame_object (fault->self, frame, object, offset);
        *entry = pte_make (frame, PTE_PRESENT);
        return of_frame (fault, frame);
    }
    object->refs++;
    fault->slow |= object->file;
    status = vm_object_fill (fault->self, object, offset);
    vm_object_put (fault->self, object);
    fault->again = true;
    return status;
}

/* ---- pages that were here ---- */

static enum status
from_swap (struct fault *fault)
{
    struct vm *vm     = fault->vm;
    uint32_t slot     = pte_number (*fault->pte), id = fault->space->id, frame;
    struct space *space;
    uint64_t *pte;
    enum status status;

    if (vm->swap.busy[slot])
        return settle (fault);
    frame = vm_frames_take (fault->self, 1);
    if (frame == VM_FRAME_NONE)
        return room (fault);
    vm_swap_use (fault->self, slot); /* it may not be reused while it is read */
    status       = vm_swap_read (fault->self, slot, frame);
    fault->again = fault->slow = true;
    /* The entry may have become something else meanwhile. */
    space = vm_space_find (fault->self, id);
    pte   = space != NULL ? pagetable_look (space->pages, fault->address) : NULL;
    if (status == OK && pte != NULL && *pte == pte_make (slot, PTE_SWAPPED)) {
        vm_frame_private (fault->self, frame, space, fault->address);
        vm_entry_clear (fault->self, space, pte);
        *pte = pte_make (frame, PTE_PRESENT);
        space->present++;
        vm->numbers.swapped_in++;
    } else {
        vm_frame_give (fault->self, frame);
    }
    vm_swap_drop (fault->self, slot);
    return status;
}

static enum status
present (struct fault *fault)
{
    uint32_t number     = pte_number (*fault->pte);
    struct frame *frame = &fault->vm->frame[number];
    bool write          = (fault->access & VM_WRITE) != 0;

    if (frame->busy && write)
        return settle (fault);
    if (write && (*fault->pte & PTE_WRITE) == 0) {
        if ((fault->mapping->flags & VM_MAP_SHARED) == 0
            && (frame->kind == FRAME_OBJECT || frame->uses > 1))
            return copy (fault, number, TABLE_PAGE);
        if (needs_room (fault, number))
            return make_room (fault, number);
        frame->dirty = frame->kind == FRAME_OBJECT && frame->object->file;
        *fault->pte |= PTE_WRITE;
    } else {
        fault->vm->numbers.again++;
    }
    give (fault, fault->address, fault->pte);
    return OK;
}

/* ---- all together ---- */

static enum status
step (struct fault *fault)
{
    fault->mapping = vm_mapping_find (fault->space, fault->address);
    if (fault->mapping == NULL)
        fault->mapping = vm_limit_stack (fault->space, fault->address);
    if (fault->mapping == NULL)
        return ERR_FAULT;
    if ((fault->access & ~fault->mapping->access) != 0)
        return ERR_ACCESS;
    fault->pte = pagetable_make (fault->self, &fault->space->pages, fault->address);
    if (fault->pte == NULL)
        return ERR_NO_MEMORY;
    if ((*fault->pte & PTE_PRESENT) != 0)
        return present (fault);
    if ((*fault->pte & PTE_SWAPPED) != 0)
        return from_swap (fault);
    if (fault->mapping->object != NULL && fault->address < fault->mapping->limit)
        return of_object (fault);
    return zeroes (fault);
}

enum status
vm_fault_serve (Component *self, uint32_t space, uint64_t address, uint32_t access,
                struct orders *orders, bool *slow)
{
    struct fault fault = { .self    = self,
                           .vm      = vm_of (self),
                           .address = address & ~TABLE_MASK,
                           .access  = access,
                           .orders  = orders };
    enum status status;

    do {
        fault.again = false;
        fault.space = vm_space_find (self, space);
        if (fault.space == NULL)
            return ERR_STALE;
        if (fault.space->doomed)
            return ERR_NO_MEMORY;
        status = step (&fault);
    } while (status == OK && fault.again);
    *slow = fault.slow;
    return status;
}

VM_HANDLER (fault)
{
    struct orders orders = VM_NO_ORDERS;
    struct space *space;
    uint64_t present = 0;
    uint32_t done;
    bool slow;
    enum status status = vm_begin (self, req->space, &space);

    (void)call;
    if (status != OK)
        return status;
    space->faults++;
    vm_of (self)->numbers.faults++;
    status = vm_fault_serve (self, req->space, req->address, req->access, &orders, &slow);
    if (status == OK) {
        present = vm_space_find (self, req->space)->present;
        status  = vm_orders_reply (self, &orders, &req->into, &done);
    }
    if (status == OK) {
        rep->done    = done;
        rep->slow    = slow;
        rep->present = present;
    }
    return status;
}
