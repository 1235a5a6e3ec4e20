/* order: the nucleus does what vm says with RAM and with what programs see of it.
 *
 * vm keeps the books and never sees RAM; nothing that it says is believed to be in range.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "guest/guest.h"
#include "nucleus/nucleus.h"
#include "servers/vm/pagetable.h"

#define KERNEL_PROCESS 0u
#define AROUND_PAGES   512u
#define KILLED         9u

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

static struct space *
space_of (uint32_t id)
{
    const struct guests *guests = &nucleus ()->guests;

    return id < guests->space_room ? guests->spaces[id] : NULL;
}

static bool
frames_exist (uint32_t first, uint32_t count)
{
    uint64_t all = PLAN->ram_bytes / PAGE_BYTES;

    return first != 0 && first < all && count <= all - first;
}

/* The frames are in use from now on. Returns whether they surely never were before. */
static bool
frames_begin (uint32_t first, uint32_t count)
{
    struct guests *guests = &nucleus ()->guests;
    bool fresh            = true;

    if (guests->begun == NULL && !guests->unrecorded)
        guests->begun = component_alloc (self (), PLAN->ram_bytes / PAGE_BYTES / 8 + 8);
    if (guests->begun == NULL) {
        guests->unrecorded = true;
        return false;
    }
    for (uint32_t frame = first; frame < first + count; frame++) {
        uint64_t bit = (uint64_t)1 << frame % 64;

        fresh = fresh && (guests->begun[frame / 64] & bit) == 0;
        guests->begun[frame / 64] |= bit;
    }
    return fresh;
}

static bool
pages_exist (const struct vm_order *order)
{
    return (order->address & (PAGE_BYTES - 1)) == 0 && order->address < GUEST_USER_END
           && order->count <= (GUEST_USER_END - order->address) / PAGE_BYTES + 1;
}

/* Handling a page costs what copying it costs. */
static void
charge (uint64_t bytes)
{
    here->token.now += bytes * PLAN->cost.copy_millicycles_per_byte / 1000;
}

/* ---- the table, and the host process that shows it ---- */

static uint64_t
entry_flags (uint32_t access)
{
    return PTE_PRESENT | ((access & VM_READ) != 0 ? PTE_READ : 0)
           | ((access & VM_WRITE) != 0 ? PTE_WRITE : 0)
           | ((access & VM_EXECUTE) != 0 ? PTE_EXECUTE : 0);
}

bool
space_allows (uint64_t entry, uint32_t access)
{
    uint64_t wanted = entry_flags (access);

    return (entry & wanted) == wanted;
}

static uint64_t
host_access (uint64_t entry)
{
    return ((entry & PTE_READ) != 0 ? PROT_READ : 0)
           | ((entry & PTE_WRITE) != 0 ? PROT_READ | PROT_WRITE : 0)
           | ((entry & PTE_EXECUTE) != 0 ? PROT_READ | PROT_EXEC : 0);
}

/* Is this the entry of a page that the host process lacks and that goes on with `like`, so
 * many frames away? */
static bool
goes_on (const uint64_t *entry, uint64_t like, int64_t frames)
{
    uint64_t same = PTE_PRESENT | PTE_READ | PTE_WRITE | PTE_EXECUTE;

    return entry != NULL && (*entry & PTE_MAPPED) == 0 && (*entry & same) == (like & same)
           && (int64_t)pte_number (*entry) == (int64_t)pte_number (like) + frames;
}

void
space_show (struct space *space, uint64_t address)
{
    uint64_t *entry = pagetable_look (space->root, address), *other;
    int64_t before = 0, after = 1;
    int populate = 0;

    if (space->slot < 0 || entry == NULL || (*entry & PTE_PRESENT) == 0)
        return;
    for (; before > -(int64_t)AROUND_PAGES && address >= (uint64_t)(1 - before) * PAGE_BYTES;
         before--) {
        other = pagetable_look (space->root, address - (uint64_t)(1 - before) * PAGE_BYTES);
        if (!goes_on (other, *entry, before - 1))
            break;
        *other |= PTE_MAPPED;
    }
    for (; after <= (int64_t)AROUND_PAGES; after++) {
        other = pagetable_look (space->root, address + (uint64_t)after * PAGE_BYTES);
        if (!goes_on (other, *entry, after))
            break;
        *other |= PTE_MAPPED;
    }
    *entry |= PTE_MAPPED;
    /* A run that may be written is wanted, as far as anybody knows; for the rest, and for one
     * page, a touch that the host resolves by itself is cheaper than being there before it. */
    if ((*entry & PTE_WRITE) != 0 && after - before > 1)
        populate = MAP_POPULATE;
    guest_order (space, SYS_mmap, address - (uint64_t)-before * PAGE_BYTES,
                 (uint64_t)(after - before) * PAGE_BYTES, host_access (*entry),
                 MAP_SHARED | MAP_FIXED | populate, GUEST_RAM_FD,
                 (uint64_t)(pte_number (*entry) + before) * PAGE_BYTES);
}

static enum status
map (struct space *space, const struct vm_order *order)
{
    uint64_t flags = entry_flags (order->access);

    for (uint32_t i = 0; i < order->count; i++) {
        uint64_t *entry = pagetable_make (self (), &space->root, order->address + (uint64_t)i * PAGE_BYTES);

        if (entry == NULL)
            return ERR_NO_MEMORY;
        *entry = pte_make (order->frame + i, flags);
    }
    space_show (space, order->address);
    return OK;
}

static void
unmap (struct space *space, uint64_t first, uint64_t end)
{
    struct pagetable_walk walk = { space->root, first, end };
    uint64_t *entry, mapped_first = 0, mapped_end = 0;

    while ((entry = pagetable_step (&walk)) != NULL) {
        if ((*entry & PTE_MAPPED) != 0) {
            mapped_first = mapped_end == 0 ? walk.at : mapped_first;
            mapped_end   = walk.next;
        }
        *entry = 0;
    }
    if (mapped_end != 0 && space->slot >= 0)
        guest_order (space, SYS_munmap, mapped_first, mapped_end - mapped_first, 0, 0, 0, 0);
}

/* What the pages allow besides goes. Runs of them are one order to the host process. */
static void
protect (struct space *space, uint64_t first, uint64_t end, uint32_t access)
{
    uint64_t lost = ~entry_flags (access) & (PTE_READ | PTE_WRITE | PTE_EXECUTE);
    uint64_t run = 0, run_end = 0, run_flags = 0, *entry;
    struct pagetable_walk walk = { space->root, first, end };

    while ((entry = pagetable_step (&walk)) != NULL) {
        bool less = (*entry & lost) != 0;

        *entry &= ~lost;
        if (!less || (*entry & PTE_MAPPED) == 0)
            continue;
        if (run != 0 && (walk.at != run_end || host_access (*entry) != run_flags)) {
            guest_order (space, SYS_mprotect, run, run_end - run, run_flags, 0, 0, 0);
            run = 0;
        }
        if (run == 0) {
            run       = walk.at;
            run_flags = host_access (*entry);
        }
        run_end = walk.next;
    }
    if (run != 0)
        guest_order (space, SYS_mprotect, run, run_end - run, run_flags, 0, 0, 0);
}

static enum status
share (struct space *space, struct space *other, const struct vm_order *order)
{
    uint64_t end = order->address + (uint64_t)order->count * PAGE_BYTES, *entry;
    struct pagetable_walk walk = { space->root, order->address, end };

    if (other == NULL)
        return ERR_INVALID;
    protect (space, order->address, end, order->access);
    while ((entry = pagetable_step (&walk)) != NULL) {
        uint64_t *copy = pagetable_make (self (), &other->root, walk.at);

        if (copy == NULL)
            return ERR_NO_MEMORY;
        *copy = *entry & ~(uint64_t)PTE_MAPPED;
    }
    return OK;
}

/* What vm does when nothing else gives it a frame. */
static void
kill_all (const struct space *space)
{
    const struct tasks *tasks = &nucleus ()->tasks;

    for (uint32_t id = 1; id <= tasks->count; id++) {
        struct task *task = tasks->table[id];

        if (task->state != TASK_FREE
            && (task->space == space || (task->guest != NULL && task->guest->space == space))) {
            if (task->pid == 1)
                nucleus_ran_short ();
            task_kill (task, WAIT_KILLED (KILLED));
        }
    }
}

void
spaces_lost (void)
{
    struct guests *guests = &nucleus ()->guests;

    for (uint32_t id = 0; id < guests->space_room; id++) {
        struct space *space = guests->spaces[id];

        if (space == NULL)
            continue;
        guests->spaces[id] = NULL;
        space->id          = 0;
        unmap (space, 0, GUEST_STUB_BASE);
        kill_all (space);
    }
}

static enum status
obey_space (const struct vm_order *order)
{
    struct space *space = space_of (order->space);
    uint64_t end;

    if (space == NULL || (!pages_exist (order) && order->what != VM_KILL))
        return ERR_INVALID;
    end = order->address + (uint64_t)order->count * PAGE_BYTES;
    switch (order->what) {
    case VM_MAP:
        if (!frames_exist (order->frame, order->count))
            return ERR_INVALID;
        frames_begin (order->frame, order->count);
        return map (space, order);
    case VM_UNMAP:
        if (order->count == 0)
            unmap (space, 0, GUEST_STUB_BASE);
        else
            unmap (space, order->address, end);
        return OK;
    case VM_PROTECT:
        protect (space, order->address, end, order->access);
        return OK;
    case VM_SHARE:
        return share (space, space_of (order->other), order);
    default:
        kill_all (space);
        return OK;
    }
}

/* ---- RAM and files ---- */

static enum status
fill (const struct vm_order *order)
{
    uint8_t *memory = frame_memory (order->frame) + order->address;
    uint32_t at     = 0;

    while (at < order->bytes) {
        struct file_read_req read = { .process = KERNEL_PROCESS,
                                      .fd      = order->fd,
                                      .offset  = (int64_t)(order->offset + at),
                                      .into    = { .data = memory + at } };
        struct file_read_rep got;
        enum status status;

        read.into.length = order->bytes - at < GRANT_MAX ? order->bytes - at : GRANT_MAX;
        status           = file_read (nucleus_link (INTERFACE_file), &read, &got);
        if (status != OK)
            return status;
        if (got.done == 0)
            break;
        at += got.done;
    }
    if (order->count != 0)
        memset (memory + at, 0, order->count * PAGE_BYTES - order->address - at);
    return OK;
}

static enum status
save (const struct vm_order *order)
{
    uint8_t *memory = frame_memory (order->frame) + order->address;

    for (uint32_t at = 0; at < order->bytes;) {
        struct file_write_req write = { .process = KERNEL_PROCESS,
                                        .fd      = order->fd,
                                        .offset  = (int64_t)(order->offset + at),
                                        .from    = { .data = memory + at } };
        struct file_write_rep put;
        enum status status;

        write.from.length = order->bytes - at < GRANT_MAX ? order->bytes - at : GRANT_MAX;
        status            = file_write (nucleus_link (INTERFACE_file), &write, &put);
        if (status == OK && put.done == 0)
            status = ERR_IO;
        if (status != OK)
            return status;
        at += put.done;
    }
    return OK;
}

static enum status
flush_file (int32_t fd)
{
    struct file_sync_req sync = { .process = KERNEL_PROCESS, .fd = fd };
    struct file_sync_rep synced;

    return file_sync (nucleus_link (INTERFACE_file), &sync, &synced);
}

static enum status
obey_file (const struct vm_order *order)
{
    uint32_t pages = order->count != 0 ? order->count : 1;

    if (!image_is_lent (order->fd, order->what == VM_SAVE))
        return ERR_INVALID;
    if (order->what == VM_CLOSE)
        return image_return (order->fd);
    if (order->what == VM_FLUSH)
        return flush_file (order->fd);
    if (!frames_exist (order->frame, pages) || order->address >= PAGE_BYTES
        || order->address + order->bytes > (uint64_t)pages * PAGE_BYTES
        || order->offset > (uint64_t)INT64_MAX - order->bytes)
        return ERR_INVALID;
    frames_begin (order->frame, pages);
    return order->what == VM_FILL ? fill (order) : save (order);
}

/* ---- all together ---- */

static enum status
obey_memory (const struct vm_order *order, const grant *from, uint32_t *taken,
             const grant *into, uint32_t *done)
{
    bool fetch = order->what == VM_FETCH, store = order->what == VM_STORE;

    if (!frames_exist (order->frame, order->what == VM_ZERO ? order->count : 1)
        || (order->what == VM_COPY
            && (!frames_exist (order->other, 1) || order->bytes > PAGE_BYTES))
        || (fetch && *done + PAGE_BYTES > into->length)
        || (store && *taken + PAGE_BYTES > from->length))
        return ERR_INVALID;
    if (order->what == VM_ZERO) {
        if (!frames_begin (order->frame, order->count))
            memset (frame_memory (order->frame), 0, (uint64_t)order->count * PAGE_BYTES);
        charge ((uint64_t)order->count * PAGE_BYTES);
        return OK;
    }
    charge (PAGE_BYTES);
    frames_begin (order->what == VM_COPY ? order->other : order->frame, 1);
    if (order->what == VM_COPY) {
        if (order->frame != order->other)
            memcpy (frame_memory (order->other), frame_memory (order->frame), order->bytes);
        memset (frame_memory (order->other) + order->bytes, 0, PAGE_BYTES - order->bytes);
    } else if (fetch) {
        memcpy ((uint8_t *)into->data + *done, frame_memory (order->frame), PAGE_BYTES);
        *done += PAGE_BYTES;
    } else {
        memcpy (frame_memory (order->frame), (const uint8_t *)from->data + *taken, PAGE_BYTES);
        *taken += PAGE_BYTES;
    }
    return OK;
}

enum status
space_obey (const struct vm_order *orders, uint32_t count, const grant *from,
            const grant *into, uint32_t *done)
{
    enum status status = OK;
    uint32_t taken     = 0;

    *done = 0;
    for (uint32_t i = 0; i < count && status == OK; i++)
        switch (orders[i].what) {
        case VM_MAP:
        case VM_UNMAP:
        case VM_PROTECT:
        case VM_SHARE:
        case VM_KILL:
            status = obey_space (&orders[i]);
            break;
        case VM_FILL:
        case VM_SAVE:
        case VM_FLUSH:
        case VM_CLOSE:
            status = obey_file (&orders[i]);
            break;
        case VM_ZERO:
        case VM_COPY:
        case VM_FETCH:
        case VM_STORE:
            status = obey_memory (&orders[i], from, &taken, into, done);
            break;
        default:
            status = ERR_INVALID;
        }
    return status;
}
