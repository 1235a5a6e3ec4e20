/* frame: who has which frame of RAM. */
#include "vm/vm.h"

/* Are the frames from `first` on free? If not, *busy is the last that is not. */
static bool
together (const struct vm *vm, uint32_t first, uint32_t count, uint32_t *busy)
{
    for (uint32_t i = count; i-- > 0;)
        if (vm->frame[first + i].kind != FRAME_FREE) {
            *busy = first + i;
            return false;
        }
    return true;
}

static void
take (struct vm *vm, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        vm->frame[first + i] = (struct frame){ .kind = FRAME_TAKEN };
    vm->free -= count;
}

static uint32_t
search (struct vm *vm, uint32_t first, uint32_t end, uint32_t count)
{
    uint32_t busy;

    while (first + count <= end) {
        if (together (vm, first, count, &busy)) {
            take (vm, first, count);
            vm->next = first + count;
            return first;
        }
        first = busy + 1;
    }
    return VM_FRAME_NONE;
}

uint32_t
vm_frames_take (Component *self, uint32_t count)
{
    struct vm *vm = vm_of (self);
    uint32_t found;

    if (vm->free < count)
        return VM_FRAME_NONE;
    found = search (vm, vm->next, vm->frame_count, count);
    return found != VM_FRAME_NONE ? found : search (vm, 1, vm->frame_count, count);
}

/* ---- where a page's frame had best lie ---- */

/* Pages of so many that lie together get frames of so many, each its place in them. */
#define BLOCK      32u
#define BLOCK_PAGE ((uint64_t)BLOCK * TABLE_PAGE)
/* How many blocks are looked at for one that is free. */
#define BLOCK_LOOKS 16u

bool
vm_frames_plenty (const struct vm *vm)
{
    return vm->free >= vm->frame_count / 8;
}

uint32_t
vm_frames_take_at (Component *self, uint32_t first, uint32_t count)
{
    struct vm *vm = vm_of (self);
    uint32_t busy;

    if (first != VM_FRAME_NONE && first < vm->frame_count && count <= vm->frame_count - first
        && together (vm, first, count, &busy)) {
        take (vm, first, count);
        return first;
    }
    return vm_frames_take (self, count);
}

/* Would the frame at `there`, seen from one that a page of the block has, do? */
static bool
beside (const struct vm *vm, const uint64_t *pte, int64_t away, uint32_t *found)
{
    uint32_t number = pte_number (*pte);
    int64_t wanted  = (int64_t)number + away;

    if ((*pte & PTE_PRESENT) == 0 || vm->frame[number].kind != FRAME_PRIVATE || wanted < 1
        || wanted >= (int64_t)vm->frame_count || vm->frame[wanted].kind != FRAME_FREE)
        return false;
    *found = (uint32_t)wanted;
    return true;
}

/* The first one that is free, as far as it is looked for: memory that was in use a moment ago is
 * at hand for the host, and a program that begins as one before it finds the same frames. */
static uint32_t
free_block (struct vm *vm)
{
    uint32_t first, busy;

    for (uint32_t i = 0; i < BLOCK_LOOKS; i++) {
        first = vm->block;
        vm->block += BLOCK;
        if (vm->block + BLOCK > vm->frame_count)
            vm->block = BLOCK;
        if (first >= BLOCK && first + BLOCK <= vm->frame_count
            && together (vm, first, BLOCK, &busy))
            return first;
    }
    return VM_FRAME_NONE;
}

/* As its neighbours' frames lie to theirs; else in a block where they will find room. */
uint32_t
vm_frame_take_for (Component *self, struct space *space, uint64_t page)
{
    struct vm *vm         = vm_of (self);
    const uint64_t *block = pagetable_look (space->pages, page & ~(BLOCK_PAGE - 1));
    int64_t place         = (int64_t)(page % BLOCK_PAGE / TABLE_PAGE);
    uint32_t found        = VM_FRAME_NONE;

    if (block == NULL || !vm_frames_plenty (vm))
        return vm_frames_take (self, 1);
    for (int64_t far = 1; far < (int64_t)BLOCK; far++)
        if ((place >= far && beside (vm, &block[place - far], far, &found))
            || (place + far < (int64_t)BLOCK && beside (vm, &block[place + far], -far, &found)))
            return vm_frames_take_at (self, found, 1);
    found = free_block (vm);
    if (found == VM_FRAME_NONE)
        return vm_frames_take (self, 1);
    if (vm->next >= found && vm->next < found + BLOCK)
        vm->next = found + BLOCK;
    return vm_frames_take_at (self, found + (uint32_t)place, 1);
}

void
vm_frame_give (Component *self, uint32_t frame)
{
    struct vm *vm = vm_of (self);

    if (vm->free++ == 0)
        vm->next = frame;
    if (frame < vm->block)
        vm->block = frame / BLOCK * BLOCK;
    vm->frame[frame] = (struct frame){ .kind = FRAME_FREE };
}

void
vm_frame_private (Component *self, uint32_t frame, const struct space *space, uint64_t page)
{
    struct vm *vm = vm_of (self);

    vm->frame[frame] = (struct frame){
        .kind = FRAME_PRIVATE, .uses = 1, .process = space->process, .page = page
    };
    pool_add (&vm->pool, frame);
}

void
vm_frame_object (Component *self, uint32_t frame, struct object *object, uint64_t offset)
{
    struct vm *vm = vm_of (self);

    vm->frame[frame]
        = (struct frame){ .kind = FRAME_OBJECT, .uses = 1, .page = offset, .object = object };
    object->frames++;
    vm->of_files += object->file;
    pool_add (&vm->pool, frame);
}

void
vm_frame_use (Component *self, uint32_t frame)
{
    vm_of (self)->frame[frame].uses++;
}

void
vm_frame_drop (Component *self, uint32_t frame)
{
    struct vm *vm       = vm_of (self);
    struct frame *there = &vm->frame[frame];

    if (--there->uses > 0)
        return;
    if (there->kind == FRAME_OBJECT) {
        there->object->frames--;
        vm->of_files -= there->object->file;
    }
    pool_remove (&vm->pool, frame);
    vm_frame_give (self, frame);
}

/* ---- from a frame to the page tables that have it ---- */

typedef void each_entry (Component *self, struct space *space, uint64_t address, uint64_t *pte,
                         void *data);

/* Returns whether the entry has the frame. */
static bool
look_at (Component *self, uint32_t frame, struct space *space, uint64_t address,
         each_entry *each, void *data)
{
    uint64_t *pte = pagetable_look (space->pages, address);

    if (pte == NULL || (*pte & PTE_PRESENT) == 0 || pte_number (*pte) != frame)
        return false;
    each (self, space, address, pte, data);
    return true;
}

static void
each_of_object (Component *self, uint32_t frame, each_entry *each, void *data)
{
    const struct frame *there = &vm_of (self)->frame[frame];
    struct mapping *next;

    for (struct mapping *r = there->object->mappings; r != NULL; r = next) {
        next = r->next_shown;
        if (there->page >= r->offset && there->page - r->offset < r->end - r->first)
            look_at (self, frame, r->space, r->first + (there->page - r->offset), each, data);
    }
}

/* Moved mappings are the exception to all having it at one address: then all is searched. */
static void
each_anywhere (Component *self, uint32_t frame, uint64_t but, each_entry *each, void *data)
{
    struct vm *vm = vm_of (self);

    for (uint32_t id = 1; id < vm->space_room; id++) {
        struct space *space = vm->spaces[id];
        uint64_t *pte;

        for (uint64_t at = 0;
             space != NULL && (pte = pagetable_next (space->pages, &at, VM_USER_END)) != NULL;
             at += TABLE_PAGE)
            if (at != but && (*pte & PTE_PRESENT) != 0 && pte_number (*pte) == frame)
                each (self, space, at, pte, data);
    }
}

void
vm_frame_each (Component *self, uint32_t frame, each_entry *each, void *data)
{
    struct vm *vm       = vm_of (self);
    struct frame *there = &vm->frame[frame];
    uint32_t uses       = there->uses, found = 0;
    uint64_t page       = there->page;

    if (there->kind == FRAME_OBJECT) {
        each_of_object (self, frame, each, data);
        return;
    }
    for (uint32_t id = 1; id < vm->space_room && found < uses; id++)
        if (vm->spaces[id] != NULL)
            found += look_at (self, frame, vm->spaces[id], page, each, data);
    if (found < uses)
        each_anywhere (self, frame, page, each, data);
}

static void
hide (Component *self, struct space *space, uint64_t address, uint64_t *pte, void *orders)
{
    if ((*pte & PTE_MAPPED) == 0)
        return;
    *pte &= ~(uint64_t)PTE_MAPPED;
    vm_order (self, orders,
              (struct vm_order){ .what    = VM_UNMAP,
                                 .space   = space->id,
                                 .address = address,
                                 .count   = 1 });
}

void
vm_frame_hide (Component *self, uint32_t frame, struct orders *orders)
{
    vm_frame_each (self, frame, hide, orders);
}

static void
protect (Component *self, struct space *space, uint64_t address, uint64_t *pte, void *orders)
{
    if ((*pte & PTE_WRITE) == 0)
        return;
    *pte &= ~(uint64_t)PTE_WRITE;
    if ((*pte & PTE_MAPPED) != 0)
        vm_order (self, orders,
                  (struct vm_order){ .what    = VM_PROTECT,
                                     .space   = space->id,
                                     .access  = VM_READ | VM_EXECUTE,
                                     .address = address,
                                     .count   = 1 });
}

void
vm_frame_protect (Component *self, uint32_t frame, struct orders *orders)
{
    vm_frame_each (self, frame, protect, orders);
}
