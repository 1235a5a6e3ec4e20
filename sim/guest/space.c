#include "guest/space.h"

#include <string.h>
#include <sys/syscall.h>

#include "guest/guest.h"
#include "nucleus/nucleus.h"
#include "servers/vm/pagetable.h"

#define PAGE_MASK ((uint64_t)PAGE_BYTES - 1)
/* Most answers carry a handful of orders; only a fork may have as many as its space has
 * mappings. */
#define FEW_ORDERS 20u

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

static Link *
memory_manager (void)
{
    return nucleus_link (INTERFACE_vm);
}

/* Does what an answer brings. */
static enum status
obey (const struct vm_order *orders, uint32_t bytes)
{
    const grant none = { 0 };
    uint32_t done;

    return space_obey (orders, bytes / (uint32_t)sizeof *orders, &none, &none, &done);
}

#define ORDERS_INTO(orders) { .data = (orders), .length = sizeof (orders) }

/* ---- coming and going ---- */

/* The space can be found by vm's name for it. */
static bool
space_enter (struct space *space)
{
    struct guests *guests = &nucleus ()->guests;

    if (space->id >= guests->space_room) {
        uint32_t room         = 2 * space->id + 64;
        struct space **spaces = component_alloc (self (), room * sizeof (struct space *));

        if (spaces == NULL)
            return false;
        if (guests->space_room != 0)
            memcpy (spaces, guests->spaces, guests->space_room * sizeof (struct space *));
        component_free (self (), guests->spaces);
        guests->spaces     = spaces;
        guests->space_room = room;
    }
    guests->spaces[space->id] = space;
    return true;
}

/* vm forgets it, and so do we. */
static void
space_leave (struct space *space)
{
    struct vm_free_req free = { .space = space->id };
    struct vm_free_rep freed;

    pagetable_free (self (), &space->root);
    if (space->id != 0)
        vm_free (memory_manager (), &free, &freed);
    if (space->id != 0 && space->id < nucleus ()->guests.space_room)
        nucleus ()->guests.spaces[space->id] = NULL;
    pagetable_free (self (), &space->root);
    component_free (self (), space);
}

struct space *
space_new (uint32_t process)
{
    struct vm_make_req make = { .process = process };
    struct vm_make_rep made;
    struct space *space;

    if (memory_manager () == NULL)
        return NULL;
    space = component_alloc (self (), sizeof *space);
    if (space == NULL || vm_make (memory_manager (), &make, &made) != OK) {
        component_free (self (), space);
        return NULL;
    }
    space->refs = 1;
    space->slot = -1;
    space->id   = made.space;
    if (!space_enter (space)) {
        space_leave (space);
        return NULL;
    }
    return space;
}

struct space *
space_ref (struct space *space)
{
    space->refs++;
    return space;
}

void
space_put (struct space *space)
{
    if (space == NULL || --space->refs > 0)
        return;
    guest_process_release (space);
    space_leave (space);
}

void
space_clear (struct space *space)
{
    struct vm_clear_req clear = { .space = space->id };
    struct vm_clear_rep cleared;

    pagetable_free (self (), &space->root);
    if (space->slot >= 0)
        guest_order (space, SYS_munmap, 0, GUEST_STUB_BASE, 0, 0, 0, 0);
    space->heap_first = space->heap_end = 0;
    vm_clear (memory_manager (), &clear, &cleared);
}

/* The child is likely to need what the parent has: its host process gets it all, as far as
 * one message goes. */
static void
show_all (struct space *space)
{
    const struct mailbox *box = GUEST_MAILBOX (space->slot);
    struct pagetable_walk walk = { space->root, 0, GUEST_USER_END };
    uint64_t *entry;

    while ((entry = pagetable_step (&walk)) != NULL)
        if ((*entry & PTE_MAPPED) == 0) {
            if (box->order_count + 4 >= GUEST_ORDERS_MAX)
                return;
            space_show (space, walk.at);
        }
}

/* vm's half of a fork, and the table. */
static enum status
fork_with (struct space *space, struct space *child, uint32_t process, void *orders)
{
    struct vm_fork_req fork = { .space   = space->id,
                                .process = process,
                                .into    = { .data = orders, .length = GRANT_MAX } };
    struct vm_fork_rep forked;
    enum status status = vm_fork (memory_manager (), &fork, &forked);

    if (status != OK)
        return status;
    child->id   = forked.space;
    child->peak = forked.present;
    return space_enter (child) ? obey (orders, forked.done) : ERR_NO_MEMORY;
}

enum status
space_fork (struct space *space, uint32_t process, struct space **out)
{
    struct space *child = component_alloc (self (), sizeof *child);
    void *orders        = component_alloc (self (), GRANT_MAX);
    enum status status  = child != NULL && orders != NULL ? OK : ERR_NO_MEMORY;

    if (status == OK) {
        child->refs       = 1;
        child->slot       = -1;
        child->heap_first = space->heap_first;
        child->heap_end   = space->heap_end;
        status            = fork_with (space, child, process, orders);
    }
    component_free (self (), orders);
    if (status == OK)
        status = guest_process_take (child);
    if (status != OK) {
        if (child != NULL && child->id != 0)
            space_put (child);
        else
            component_free (self (), child);
        return status;
    }
    guest_process_copy_state (space, child);
    show_all (child);
    *out = child;
    return OK;
}

/* ---- what vm is asked ---- */

enum status
space_map_file (struct space *space, uint64_t *address, uint64_t bytes, uint32_t access,
                uint32_t flags, uint32_t file, uint64_t offset, uint64_t file_bytes)
{
    struct vm_order orders[FEW_ORDERS];
    struct vm_map_req map = { .space      = space->id,
                              .access     = access,
                              .flags      = flags,
                              .file       = file,
                              .address    = *address,
                              .bytes      = bytes,
                              .offset     = offset,
                              .file_bytes = file_bytes,
                              .into       = ORDERS_INTO (orders) };
    struct vm_map_rep mapped;
    enum status status = vm_map (memory_manager (), &map, &mapped);

    if (status != OK)
        return status;
    *address = mapped.address;
    return obey (orders, mapped.done);
}

enum status
space_map (struct space *space, uint64_t first, uint64_t bytes, uint32_t access, bool shared,
           struct image *image, uint64_t image_offset, uint64_t image_bytes)
{
    return first == 0 ? ERR_INVALID
                      : space_map_file (space, &first, bytes, access,
                                        shared ? VM_MAP_SHARED : 0,
                                        image != NULL ? image->file : 0, image_offset,
                                        image_bytes);
}

enum status
space_unmap (struct space *space, uint64_t first, uint64_t bytes)
{
    struct vm_order orders[FEW_ORDERS];
    struct vm_unmap_req unmap = { .space   = space->id,
                                  .address = first,
                                  .bytes   = bytes,
                                  .into    = ORDERS_INTO (orders) };
    struct vm_unmap_rep unmapped;
    enum status status = vm_unmap (memory_manager (), &unmap, &unmapped);

    return status == OK ? obey (orders, unmapped.done) : status;
}

enum status
space_protect (struct space *space, uint64_t first, uint64_t bytes, uint32_t access)
{
    struct vm_order orders[FEW_ORDERS];
    struct vm_protect_req protect = { .space   = space->id,
                                      .access  = access,
                                      .address = first,
                                      .bytes   = bytes,
                                      .into    = ORDERS_INTO (orders) };
    struct vm_protect_rep protected;
    enum status status;

    if (bytes == 0)
        return OK;
    status = vm_protect (memory_manager (), &protect, &protected);
    return status == OK ? obey (orders, protected.done) : status;
}

enum status
space_move (struct space *space, uint64_t *address, uint64_t bytes, uint64_t new_bytes,
            uint32_t flags, uint64_t to)
{
    struct vm_order orders[FEW_ORDERS];
    struct vm_move_req move = { .space     = space->id,
                                .flags     = flags,
                                .address   = *address,
                                .bytes     = bytes,
                                .new_bytes = new_bytes,
                                .to        = to,
                                .into      = ORDERS_INTO (orders) };
    struct vm_move_rep moved;
    enum status status = vm_move (memory_manager (), &move, &moved);

    if (status != OK)
        return status;
    *address = moved.address;
    return obey (orders, moved.done);
}

enum status
space_forget (struct space *space, uint64_t first, uint64_t bytes)
{
    struct vm_order orders[FEW_ORDERS];
    struct vm_forget_req forget = { .space   = space->id,
                                    .address = first,
                                    .bytes   = bytes,
                                    .into    = ORDERS_INTO (orders) };
    struct vm_forget_rep forgotten;
    enum status status = vm_forget (memory_manager (), &forget, &forgotten);

    return status == OK ? obey (orders, forgotten.done) : status;
}

enum status
space_look (struct space *space, uint64_t first, uint64_t bytes, uint8_t *into, uint32_t room)
{
    struct vm_look_req look = { .space   = space->id,
                                .address = first,
                                .bytes   = bytes,
                                .into    = { .data = into, .length = room } };
    struct vm_look_rep looked;

    return vm_look (memory_manager (), &look, &looked);
}

enum status
space_sync (struct space *space, uint64_t first, uint64_t bytes, bool flush)
{
    struct vm_sync_req sync
        = { .space = space->id, .flush = flush, .address = first, .bytes = bytes };
    struct vm_sync_rep synced;

    return vm_sync (memory_manager (), &sync, &synced);
}

/* ---- faults ---- */

enum status
space_fault (struct space *space, uint64_t address, uint32_t access)
{
    struct vm_order orders[FEW_ORDERS];
    struct vm_fault_req fault = { .space   = space->id,
                                  .access  = access,
                                  .address = address,
                                  .into    = ORDERS_INTO (orders) };
    struct vm_fault_rep faulted;
    const uint64_t *entry = pagetable_look (space->root, address);
    struct task *task;
    enum status status;

    /* The program may, only its host process did not know yet: no processor would ask. */
    if (entry != NULL && (*entry & PTE_MAPPED) == 0 && space_allows (*entry, access)) {
        space_show (space, address & ~PAGE_MASK);
        return OK;
    }
    nucleus ()->guests.faults++;
    here->token.now += PLAN->cost.page_fault;
    status = vm_fault (memory_manager (), &fault, &faulted);
    if (status != OK)
        return status;
    if (faulted.present > space->peak)
        space->peak = faulted.present;
    task = task_find (here->token.task);
    if (task != NULL) {
        task->use.faults++;
        task->use.slow += faulted.slow != 0;
    }
    return obey (orders, faulted.done);
}

/* ---- the kernel's own access ---- */

/* The memory of one page of a program; NULL with *status. It stays until something blocks. */
static uint8_t *
page_touch (struct space *space, uint64_t address, uint32_t access, enum status *status)
{
    const uint64_t *entry;

    *status = ERR_FAULT;
    if (address >= GUEST_USER_END)
        return NULL;
    for (;;) {
        entry = pagetable_look (space->root, address);
        if (entry != NULL && space_allows (*entry, access))
            return frame_memory (pte_number (*entry)) + (address & PAGE_MASK);
        *status = space_fault (space, address, access);
        if (*status != OK)
            break;
    }
    if (*status != ERR_NO_MEMORY)
        *status = ERR_FAULT;
    return NULL;
}

static enum status
transfer (struct space *space, uint64_t address, uint8_t *buffer, uint64_t bytes, bool write)
{
    while (bytes != 0) {
        uint64_t piece = PAGE_BYTES - (address & PAGE_MASK);
        enum status status;
        uint8_t *at
            = page_touch (space, address, write ? SPACE_WRITE : SPACE_READ, &status);

        if (at == NULL)
            return status;
        if (piece > bytes)
            piece = bytes;
        if (write)
            memcpy (at, buffer, piece);
        else
            memcpy (buffer, at, piece);
        address += piece;
        buffer += piece;
        bytes -= piece;
    }
    return OK;
}

enum status
space_read (struct space *space, uint64_t address, void *into, uint64_t bytes)
{
    return transfer (space, address, into, bytes, false);
}

enum status
space_write (struct space *space, uint64_t address, const void *from, uint64_t bytes)
{
    return transfer (space, address, (void *)(uintptr_t)from, bytes, true);
}

enum status
space_string (struct space *space, uint64_t address, char *into, uint32_t room, uint32_t *bytes)
{
    uint32_t length = 0;

    while (length < room) {
        uint64_t piece = PAGE_BYTES - (address & PAGE_MASK);
        enum status status;
        const char *at = (const char *)page_touch (space, address, SPACE_READ, &status);
        const char *zero;

        if (at == NULL)
            return status;
        if (piece > room - length)
            piece = room - length;
        zero = memchr (at, '\0', piece);
        if (zero != NULL)
            piece = (uint64_t)(zero - at) + 1;
        memcpy (into + length, at, piece);
        length += (uint32_t)piece;
        address += piece;
        if (zero != NULL) {
            *bytes = length;
            return OK;
        }
    }
    return ERR_NAME_TOO_LONG;
}
