/* object: files that are mapped, and shared memory without a file.
 *
 * A file has one object while anybody maps it, so all who map it have the same frames; the
 * file server says when a file that is mapped is read or written otherwise, so those agree
 * too. What is written through a mapping is dirty until it is saved: before somebody reads
 * that part of the file, at msync, when the frame is wanted, and when nobody maps the file
 * any more.
 */
#include "vm/vm.h"

#define SAVE_MOST 64u /* pages at once */

/* ---- coming and going ---- */

struct object *
vm_object_new (Component *self)
{
    struct vm *vm         = vm_of (self);
    struct object *object = component_alloc (self, sizeof *object);

    if (object == NULL)
        return NULL;
    object->id   = ++vm->last_object;
    object->refs = 1;
    object->fd   = -1;
    object->next = vm->objects;
    vm->objects  = object;
    return object;
}

struct object *
vm_object_of_file (Component *self, uint32_t filesystem, uint64_t node)
{
    struct object *object = vm_of (self)->objects;

    while (object != NULL
           && !(object->file && object->filesystem == filesystem && object->node == node))
        object = object->next;
    return object;
}

struct object *
vm_object_find (Component *self, uint32_t id)
{
    struct object *object = vm_of (self)->objects;

    while (object != NULL && object->id != id)
        object = object->next;
    return object;
}

static void
pages_drop (Component *self, struct object *object)
{
    uint64_t *entry;

    for (uint64_t at = 0; (entry = pagetable_next (object->pages, &at, TABLE_END)) != NULL;
         at += TABLE_PAGE) {
        if ((*entry & PTE_SWAPPED) != 0)
            vm_swap_drop (self, pte_number (*entry));
        else
            vm_frame_drop (self, pte_number (*entry));
        *entry = 0;
    }
    pagetable_free (self, &object->pages);
}

void
vm_object_put (Component *self, struct object *object)
{
    struct vm *vm = vm_of (self);
    struct object **at;
    struct orders orders = VM_NO_ORDERS;

    if (object == NULL || object->refs > 1) {
        if (object != NULL)
            object->refs--;
        return;
    }
    if (object->file && object->writable
        && vm_object_save (self, object, 0, UINT64_MAX, false) != OK)
        vm_say (self, 3, "what was written to a file through memory could not be saved");
    if (--object->refs > 0)
        return; /* it was wanted again meanwhile */
    for (at = &vm->objects; *at != object;)
        at = &(*at)->next;
    *at = object->next;
    pages_drop (self, object);
    if (object->file)
        vm_order (self, &orders, (struct vm_order){ .what = VM_CLOSE, .fd = object->fd });
    component_free (self, object);
    vm_orders_flush (self, &orders);
}

/* ---- filling ---- */

/* As many pages around this one as are missing together and exist in the file. */
static void
run_around (const struct object *object, uint64_t offset, uint64_t *first, uint32_t *count)
{
    uint64_t run = (uint64_t)VM_RUN * TABLE_PAGE, end;

    *first = offset / run * run;
    end    = *first + run;
    if (end > object->size)
        end = (object->size + TABLE_MASK) & ~TABLE_MASK;
    for (uint64_t at = *first; at < end; at += TABLE_PAGE) {
        const uint64_t *entry = pagetable_look (object->pages, at);

        if (entry == NULL || *entry == 0)
            continue;
        if (at < offset)
            *first = at + TABLE_PAGE;
        else
            end = at;
    }
    *count = (uint32_t)((end - *first) / TABLE_PAGE);
}

/* Frames for a run of a file's pages. While there is plenty they lie as the pages do in the
 * file: all of it is looked for once, and left free for whoever asks first. */
static uint32_t
frames_for (Component *self, struct object *object, uint64_t first, uint32_t count)
{
    struct vm *vm  = vm_of (self);
    uint64_t pages = (object->size + TABLE_MASK) / TABLE_PAGE;

    if (object->lies == VM_FRAME_NONE && vm_frames_plenty (vm) && pages <= vm->free / 4) {
        object->lies = vm_frames_take (self, (uint32_t)pages);
        for (uint32_t i = 0; object->lies != VM_FRAME_NONE && i < pages; i++)
            vm_frame_give (self, object->lies + i);
    }
    return vm_frames_take_at (self,
                              object->lies != VM_FRAME_NONE && first / TABLE_PAGE < pages
                                  ? object->lies + (uint32_t)(first / TABLE_PAGE)
                                  : VM_FRAME_NONE,
                              count);
}

static enum status
fill_from_file (Component *self, struct object *object, uint64_t offset)
{
    struct vm *vm        = vm_of (self);
    struct orders orders = VM_NO_ORDERS;
    uint64_t first, bytes;
    uint32_t count, frame;
    enum status status;

    run_around (object, offset, &first, &count);
    frame = count <= vm->free / 2 ? frames_for (self, object, first, count) : VM_FRAME_NONE;
    if (frame == VM_FRAME_NONE) {
        first = offset;
        frame = vm_frames_take (self, count = 1);
    }
    if (frame == VM_FRAME_NONE)
        return ERR_NO_MEMORY;
    bytes = object->size - first < count * (uint64_t)TABLE_PAGE ? object->size - first
                                                                : count * (uint64_t)TABLE_PAGE;
    vm_order (self, &orders,
              (struct vm_order){ .what   = VM_FILL,
                                 .frame  = frame,
                                 .count  = count,
                                 .fd     = object->fd,
                                 .offset = first,
                                 .bytes  = (uint32_t)bytes });
    vm->moving++;
    status = vm_orders_flush (self, &orders);
    vm->moving--;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at     = first + i * (uint64_t)TABLE_PAGE;
        uint64_t *entry = status == OK ? pagetable_make (self, &object->pages, at) : NULL;

        if (entry != NULL && *entry == 0) {
            vm_frame_object (self, frame + i, object, at);
            *entry = pte_make (frame + i, PTE_PRESENT);
            vm->numbers.filled++;
        } else {
            vm_frame_give (self, frame + i);
        }
    }
    vm_settle (self);
    return status == ERR_NO_MEMORY ? ERR_IO : status;
}

static enum status
fill_from_swap (Component *self, struct object *object, uint64_t offset, uint32_t slot)
{
    uint32_t frame = vm_frames_take (self, 1);
    enum status status;

    if (frame == VM_FRAME_NONE)
        return ERR_NO_MEMORY;
    status = vm_swap_read (self, slot, frame);
    if (status != OK) {
        vm_frame_give (self, frame);
        return status;
    }
    vm_frame_object (self, frame, object, offset);
    *pagetable_look (object->pages, offset) = pte_make (frame, PTE_PRESENT);
    vm_swap_drop (self, slot);
    vm_of (self)->numbers.swapped_in++;
    return OK;
}

enum status
vm_object_fill (Component *self, struct object *object, uint64_t offset)
{
    uint64_t *entry;
    enum status status = OK;

    component_lock (self, &object->moving);
    entry = pagetable_make (self, &object->pages, offset);
    if (entry == NULL)
        status = ERR_IO;
    else if ((*entry & PTE_SWAPPED) != 0 && vm_of (self)->swap.busy[pte_number (*entry)])
        vm_settle_wait (self);
    else if ((*entry & PTE_SWAPPED) != 0)
        status = fill_from_swap (self, object, offset, pte_number (*entry));
    else if (*entry == 0 && object->file && offset < object->size)
        status = fill_from_file (self, object, offset);
    component_unlock (self, &object->moving);
    return status == ERR_NO_MEMORY ? vm_reclaim (self) : status;
}

/* ---- saving ---- */

/* The next dirty pages of a range, made clean and busy, with the orders to save them. */
static uint32_t
save_collect (Component *self, struct object *object, uint64_t *at, uint64_t end,
              uint32_t *frames, struct orders *orders)
{
    struct vm *vm  = vm_of (self);
    uint32_t count = 0;
    uint64_t *entry;

    for (; (entry = pagetable_next (object->pages, at, end)) != NULL; *at += TABLE_PAGE) {
        uint32_t number     = pte_number (*entry);
        struct frame *frame = &vm->frame[number];

        if ((*entry & PTE_PRESENT) == 0 || !frame->dirty || *at >= object->size)
            continue;
        if (count == SAVE_MOST || orders->count + frame->uses + SAVE_MOST > VM_ORDERS_MAX)
            break;
        vm_frame_protect (self, number, orders);
        frame->dirty    = false;
        frame->busy     = true;
        frames[count++] = number;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = vm->frame[frames[i]].page;

        vm_order (self, orders,
                  (struct vm_order){ .what   = VM_SAVE,
                                     .frame  = frames[i],
                                     .count  = 1,
                                     .fd     = object->fd,
                                     .offset = offset,
                                     .bytes  = object->size - offset < TABLE_PAGE
                                                   ? (uint32_t)(object->size - offset)
                                                   : TABLE_PAGE });
    }
    return count;
}

static enum status
save_range (Component *self, struct object *object, uint64_t first, uint64_t end)
{
    struct vm *vm      = vm_of (self);
    enum status status = OK;
    uint32_t frames[SAVE_MOST], count;

    for (uint64_t at = first & ~TABLE_MASK; status == OK;) {
        struct orders orders = VM_NO_ORDERS;

        count = save_collect (self, object, &at, end, frames, &orders);
        if (count == 0)
            break;
        vm->moving++;
        status = vm_orders_flush (self, &orders);
        vm->moving--;
        for (uint32_t i = 0; i < count; i++) {
            vm->frame[frames[i]].busy = false;
            vm->frame[frames[i]].dirty |= status != OK;
        }
        if (status == OK)
            vm->numbers.saved += count;
        vm_settle (self);
    }
    return status;
}

enum status
vm_object_save (Component *self, struct object *object, uint64_t first, uint64_t end,
                bool locked)
{
    enum status status;

    if (!object->file || !object->writable)
        return OK;
    if (end > TABLE_END)
        end = TABLE_END;
    object->refs++;
    if (!locked)
        component_lock (self, &object->moving);
    status = save_range (self, object, first, end);
    if (!locked)
        component_unlock (self, &object->moving);
    object->refs--; /* whoever calls this has one, too */
    return status;
}

/* Written once as it is now, the page has its blocks. */
enum status
vm_object_reserve (Component *self, struct object *object, uint64_t offset)
{
    struct vm *vm = vm_of (self);
    const uint64_t *entry;
    enum status status = OK;

    component_lock (self, &object->moving);
    entry = pagetable_look (object->pages, offset);
    if (entry != NULL && (*entry & PTE_PRESENT) != 0 && offset < object->size) {
        struct frame *frame = &vm->frame[pte_number (*entry)];

        if (!frame->room) { /* so nobody could write it yet, and what is in it is in the file */
            frame->dirty = true;
            status       = save_range (self, object, offset, offset + TABLE_PAGE);
            frame->room  = status == OK;
            frame->dirty = false;
        }
    }
    component_unlock (self, &object->moving);
    if (status == ERR_NO_SPACE)
        vm_say (self, 4, "a file system has no room for what a program writes through memory: SIGBUS");
    return status == ERR_NO_MEMORY ? ERR_IO : status;
}

enum status
vm_objects_save (Component *self)
{
    enum status status = OK;

    for (struct object *object = vm_of (self)->objects, *next; object != NULL; object = next) {
        object->refs++;
        if (vm_object_save (self, object, 0, UINT64_MAX, false) != OK)
            status = ERR_IO;
        next = object->next;
        vm_object_put (self, object);
    }
    return status;
}

/* ---- what happens to a file otherwise ---- */

enum status
vm_object_patch (Component *self, struct object *object, uint64_t offset, uint64_t bytes)
{
    struct vm *vm        = vm_of (self);
    struct orders orders = VM_NO_ORDERS;
    uint64_t end         = offset + bytes;
    uint32_t frames[2 * VM_RUN], count = 0;
    uint64_t *entry;
    enum status status;

    for (uint64_t at = offset & ~TABLE_MASK;
         count < 2 * VM_RUN && (entry = pagetable_next (object->pages, &at, end)) != NULL;
         at += TABLE_PAGE) {
        uint64_t first = at > offset ? at : offset;
        uint64_t last  = at + TABLE_PAGE < end ? at + TABLE_PAGE : end;

        frames[count]                 = pte_number (*entry);
        vm->frame[frames[count++]].busy = true;
        vm_order (self, &orders,
                  (struct vm_order){ .what    = VM_FILL,
                                     .frame   = pte_number (*entry),
                                     .fd      = object->fd,
                                     .address = first - at,
                                     .offset  = first,
                                     .bytes   = (uint32_t)(last - first) });
    }
    vm->moving++;
    status = vm_orders_flush (self, &orders);
    vm->moving--;
    for (uint32_t i = 0; i < count; i++)
        vm->frame[frames[i]].busy = false;
    vm_settle (self);
    return status;
}

static void
let_go (Component *self, struct space *space, uint64_t address, uint64_t *pte, void *orders)
{
    if ((*pte & PTE_MAPPED) != 0)
        vm_order (self, orders,
                  (struct vm_order){ .what    = VM_UNMAP,
                                     .space   = space->id,
                                     .address = address,
                                     .count   = 1 });
    vm_entry_clear (self, space, pte);
}

void
vm_object_let_go (Component *self, uint32_t frame, struct orders *orders)
{
    const struct frame *there = &vm_of (self)->frame[frame];
    uint64_t *entry = pagetable_look (there->object->pages, there->page);

    vm_frame_each (self, frame, let_go, orders);
    *entry = 0;
    vm_frame_drop (self, frame);
}

enum status
vm_object_resize (Component *self, struct object *object, uint64_t size)
{
    struct vm *vm        = vm_of (self);
    struct orders orders = VM_NO_ORDERS;
    uint64_t at          = (size + TABLE_MASK) & ~TABLE_MASK;
    uint64_t least       = size < object->size ? size : object->size;
    bool shorter         = size < object->size;
    uint64_t *entry;

    if (size == object->size)
        return OK;
    object->size = size;
    /* What lay behind the end, and what a mapping has put there, is never the file's. */
    if ((least & TABLE_MASK) != 0
        && (entry = pagetable_look (object->pages, least)) != NULL && *entry != 0)
        vm_order (self, &orders,
                  (struct vm_order){ .what  = VM_COPY,
                                     .frame = pte_number (*entry),
                                     .other = pte_number (*entry),
                                     .bytes = (uint32_t)(least & TABLE_MASK) });
    if (!shorter)
        return vm_orders_flush (self, &orders);
    for (; (entry = pagetable_next (object->pages, &at, TABLE_END)) != NULL; at += TABLE_PAGE) {
        if (orders.count + vm->frame[pte_number (*entry)].uses > VM_ORDERS_MAX)
            vm_orders_flush (self, &orders);
        vm_object_let_go (self, pte_number (*entry), &orders);
    }
    for (uint32_t id = 1; id < vm->space_room; id++)
        if (vm->spaces[id] != NULL)
            vm_mapping_cut (self, vm->spaces[id], object, size, &orders);
    return vm_orders_flush (self, &orders);
}
