/* reclaim: what to do when no frame is free.
 *
 * The policy names victims, several at a time. A page of a file that is not dirty just goes;
 * a dirty one is saved first; everything else goes to the swap area, if there is one. When
 * nothing can go, a program does: the one that has the most frames and slots of the swap
 * area, the first process only if it is the last; of two that have as many, the younger one.
 * The last few pages of files do not count as something that can go.
 * Its memory is free at once, whatever it is in the middle of.
 */
#include "servers/text.h"
#include "vm/vm.h"

/* ---- waiting for what others have begun ---- */

void
vm_settle_wait (Component *self)
{
    component_sleep (self, &vm_of (self)->settled);
}

void
vm_settle (Component *self)
{
    component_wake_all (self, &vm_of (self)->settled);
}

/* ---- what the policies ask ---- */

bool
vm_may_go (void *owner, uint32_t frame)
{
    const struct vm *vm        = vm_of (owner);
    const struct frame *there = &vm->frame[frame];

    if (there->busy)
        return false;
    if (there->kind == FRAME_PRIVATE || !there->object->file)
        return vm->swap.free != 0;
    return !there->dirty || (there->object->writable && there->object->moving.held == 0);
}

/* Taking the page away from all who have it is the only way to see whether it is used again;
 * a list of orders that grows too long ends that. */
bool
vm_was_used (void *owner, uint32_t frame)
{
    struct vm *vm       = vm_of (owner);
    struct frame *there = &vm->frame[frame];

    if (!there->used || (vm->hiding != NULL
                         && vm->hiding->count + there->uses > VM_ORDERS_MAX / 2))
        return false;
    there->used = false;
    if (vm->hiding != NULL)
        vm_frame_hide (owner, frame, vm->hiding);
    return true;
}

/* Nobody has anything: every use from now on shows. */
static void
hide_all (Component *self)
{
    struct vm *vm        = vm_of (self);
    struct orders orders = VM_NO_ORDERS;

    for (uint32_t id = 1; id < vm->space_room; id++) {
        uint64_t *pte;

        if (vm->spaces[id] == NULL)
            continue;
        for (uint64_t at = 0;
             (pte = pagetable_next (vm->spaces[id]->pages, &at, VM_USER_END)) != NULL;
             at += TABLE_PAGE)
            *pte &= ~(uint64_t)PTE_MAPPED;
        vm_order (self, &orders, (struct vm_order){ .what = VM_UNMAP, .space = id });
    }
    vm_orders_flush (self, &orders);
}

static void
look (Component *self)
{
    struct vm *vm = vm_of (self);

    if (!vm->pool.policy->looks || vm->looked < vm->pool.count / 8)
        return;
    vm->looked = 0;
    vm->hiding = NULL;
    pool_look (&vm->pool);
    hide_all (self);
}

/* ---- to the swap area ---- */

struct leaving {
    struct orders *orders;
    uint32_t slot;
};

static void
entry_to_slot (Component *self, struct space *space, uint64_t address, uint64_t *pte, void *data)
{
    struct leaving *leaving = data;

    if ((*pte & PTE_MAPPED) != 0)
        vm_order (self, leaving->orders,
                  (struct vm_order){ .what    = VM_UNMAP,
                                     .space   = space->id,
                                     .address = address,
                                     .count   = 1 });
    *pte = pte_make (leaving->slot, PTE_SWAPPED);
    vm_swap_use (self, leaving->slot);
    space->present--;
    space->swapped++;
}

/* Whoever has the frame has the slot now; the frame is nobody's. */
static void
frame_to_slot (Component *self, uint32_t number, uint32_t slot, struct orders *orders)
{
    struct vm *vm          = vm_of (self);
    struct frame *frame    = &vm->frame[number];
    struct leaving leaving = { orders, slot };

    pool_remove (&vm->pool, number);
    if (frame->kind == FRAME_OBJECT) {
        struct object *object = frame->object;
        uint64_t page         = frame->page;

        vm_frame_use (self, number); /* not free yet */
        vm_object_let_go (self, number, orders);
        object->frames--;
        *pagetable_look (object->pages, page) = pte_make (slot, PTE_SWAPPED);
        vm_swap_use (self, slot);
    } else {
        vm_frame_each (self, number, entry_to_slot, &leaving);
    }
    *frame = (struct frame){ .kind = FRAME_TAKEN };
}

/* The disk has refused: the frame is what the slot was to be. */
static void
slot_to_frame (Component *self, uint32_t slot, uint32_t number)
{
    struct vm *vm      = vm_of (self);
    uint64_t there     = pte_make (slot, PTE_SWAPPED);
    struct frame *frame = &vm->frame[number];
    uint64_t *pte;

    for (uint32_t id = 1; id < vm->space_room; id++)
        for (uint64_t at = 0; vm->spaces[id] != NULL
                              && (pte = pagetable_next (vm->spaces[id]->pages, &at, VM_USER_END)) != NULL;
             at += TABLE_PAGE)
            if (*pte == there) {
                vm_entry_clear (self, vm->spaces[id], pte);
                *pte = pte_make (number, PTE_PRESENT);
                vm->spaces[id]->present++;
                if (frame->kind == FRAME_TAKEN)
                    vm_frame_private (self, number, vm->spaces[id], at);
                else
                    vm_frame_use (self, number);
            }
    for (struct object *object = vm->objects; object != NULL; object = object->next)
        for (uint64_t at = 0; (pte = pagetable_next (object->pages, &at, TABLE_END)) != NULL;
             at += TABLE_PAGE)
            if (*pte == there) {
                vm_swap_drop (self, slot);
                *pte = pte_make (number, PTE_PRESENT);
                vm_frame_object (self, number, object, at);
            }
    if (frame->kind == FRAME_TAKEN)
        vm_frame_give (self, number);
}

static enum status
swap_out (Component *self, const uint32_t *frames, uint32_t count, uint32_t slot,
          struct orders *orders)
{
    struct vm *vm  = vm_of (self);
    uint8_t *pages = component_alloc (self, count * TABLE_PAGE);
    enum status status;

    for (uint32_t i = 0; i < count; i++)
        frame_to_slot (self, frames[i], slot + i, orders);
    for (uint32_t i = 0; i < count; i++)
        vm_order (self, orders, (struct vm_order){ .what = VM_FETCH, .frame = frames[i] });
    vm->moving++;
    status = pages != NULL ? vm_orders_move (self, orders, pages, count, true)
                           : ERR_NO_MEMORY;
    if (status == OK)
        status = vm_swap_write (self, slot, count, pages);
    vm->moving--;
    component_free (self, pages);
    for (uint32_t i = 0; i < count; i++) {
        vm->swap.busy[slot + i] = false;
        if (status == OK)
            vm_frame_give (self, frames[i]);
        else
            slot_to_frame (self, slot + i, frames[i]);
        vm_swap_drop (self, slot + i); /* that of vm_swap_take */
    }
    if (status == OK) {
        vm->numbers.swapped_out += count;
    } else {
        vm_say (self, 3, "the disk for swapping does not work; it is not used any more");
        vm->swap.free = 0;
    }
    vm_settle (self);
    return OK;
}

/* ---- a batch of victims ---- */

static bool
goes_to_swap (const struct frame *frame)
{
    return frame->kind == FRAME_PRIVATE || !frame->object->file;
}

/* Makes some frames free, or begins to. False: nothing may go. */
static bool
evict (Component *self)
{
    struct vm *vm        = vm_of (self);
    struct orders orders = VM_NO_ORDERS;
    uint32_t frames[VM_RUN], count = 0, victim, slot = UINT32_MAX, freed = 0;

    while (count + freed < VM_RUN) {
        struct frame *frame;

        vm->hiding = &orders;
        victim     = pool_victim (&vm->pool);
        if (victim == POOL_NONE)
            break;
        frame = &vm->frame[victim];
        if (orders.count + frame->uses + VM_RUN > VM_ORDERS_MAX)
            break;
        if (goes_to_swap (frame)) {
            if (count == vm->swap.free)
                break;
            pool_remove (&vm->pool, victim);
            frames[count++] = victim;
        } else if (!frame->dirty) {
            vm_object_let_go (self, victim, &orders);
            vm->numbers.evicted++;
            freed++;
        } else {
            struct object *object = frame->object;
            uint64_t page         = frame->page;

            if (count + freed != 0)
                break;
            object->refs++;
            vm_orders_flush (self, &orders);
            if (vm_object_save (self, object, page, page + VM_RUN * TABLE_PAGE, false) != OK
                && vm->frame[victim].object == object) {
                vm_say (self, 3, "a page of a file could not be saved, and is lost");
                vm->frame[victim].dirty = false;
            }
            vm_object_put (self, object);
            return true;
        }
        vm->looked++;
    }
    if (count != 0) {
        for (uint32_t wanted = count; slot == UINT32_MAX; wanted = (wanted + 1) / 2) {
            slot = vm_swap_take (self, wanted);
            for (; slot != UINT32_MAX && count > wanted;)
                pool_add (&vm->pool, frames[--count]);
        }
        vm->numbers.evicted += count;
        swap_out (self, frames, count, slot, &orders);
    } else {
        vm_orders_flush (self, &orders);
    }
    return count + freed != 0;
}

/* ---- a program must go ---- */

static void
describe (const struct space *space, char *line, size_t room)
{
    struct text text;

    text_init (&text, line, room);
    text_append (&text, "out of memory: process ");
    text_number (&text, space->process);
    text_append (&text, " has the most, ");
    text_number (&text, space->present);
    text_append (&text, " pages in RAM and ");
    text_number (&text, space->swapped);
    text_append (&text, " swapped out, and is killed");
    text_end (&text);
}

static bool
worse (const struct space *space, const struct space *best)
{
    if (space == NULL || space->doomed || space->present + space->swapped == 0)
        return false;
    if (best == NULL || (best->process == 1) != (space->process == 1))
        return best == NULL || best->process == 1;
    if (space->present + space->swapped != best->present + best->swapped)
        return space->present + space->swapped > best->present + best->swapped;
    return space->process > best->process;
}

static enum status
kill_somebody (Component *self)
{
    struct vm *vm        = vm_of (self);
    struct space *victim = NULL;
    struct orders orders = VM_NO_ORDERS;
    char line[160];
    enum status status;

    for (uint32_t id = 1; id < vm->space_room; id++)
        if (worse (vm->spaces[id], victim))
            victim = vm->spaces[id];
    if (victim == NULL)
        return ERR_NO_MEMORY;
    victim->doomed = true;
    vm->numbers.killed++;
    describe (victim, line, sizeof line);
    vm_order (self, &orders, (struct vm_order){ .what = VM_KILL, .space = victim->id });
    vm_space_empty (self, victim, &orders);
    status = vm_orders_flush (self, &orders);
    vm_say (self, 4, line);
    return status;
}

/* With nothing left to take but the last pages of files, which are the code that runs,
 * programs would do nothing any more but bring them back. */
static bool
hopeless (const struct vm *vm)
{
    return vm->swap.free == 0 && vm->of_files < vm->frame_count / 64 + 2 * VM_RUN;
}

enum status
vm_reclaim (Component *self)
{
    struct vm *vm      = vm_of (self);
    enum status status = OK;

    while (status == OK && vm->free == 0) {
        look (self);
        if (vm->free != 0 || (!hopeless (vm) && evict (self)))
            continue;
        if (vm->moving != 0)
            vm_settle_wait (self);
        else
            status = kill_somebody (self);
    }
    return status;
}
