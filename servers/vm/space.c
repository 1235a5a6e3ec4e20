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
    space->limit.memory = space->limit.data = LIMIT_NONE;
    space->limit.stack                      = LIMIT_STACK_USUAL;
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

/* ---- what both will write soon ---- */

/* Pages that the space may write without a fault: since the last fork it has written them. */
static uint32_t
written_pages (const struct space *space, uint32_t most)
{
    uint32_t count = 0;

    for (const struct mapping *r = space->mappings; r != NULL && count <= most; r = r->next) {
        struct pagetable_walk walk = { space->pages, r->first, r->end };
        uint64_t *pte;

        while ((r->flags & VM_MAP_SHARED) == 0 && count <= most
               && (pte = pagetable_step (&walk)) != NULL)
            count += (*pte & PTE_WRITE) != 0;
    }
    return count;
}

/* The child gets its own copy of a page at once, and the parent goes on to write its own. False:
 * there is no frame for it. */
static bool
page_copy (Component *self, const uint64_t *pte, struct space *child, uint64_t at, uint64_t *copy,
           struct orders *orders)
{
    struct vm *vm  = vm_of (self);
    uint32_t frame = vm_frame_take_for (self, child, at);

    if (frame == VM_FRAME_NONE)
        return false;
    vm_order (self, orders,
              (struct vm_order){ .what  = VM_COPY,
                                 .frame = pte_number (*pte),
                                 .other = frame,
                                 .bytes = TABLE_PAGE });
    vm->numbers.forked++;
    vm_frame_private (self, frame, child, at);
    vm->frame[frame].used = true;
    pool_used (&vm->pool, frame);
    *copy = pte_make (frame, PTE_PRESENT | PTE_WRITE | PTE_MAPPED);
    return true;
}

/* The same frame or slot for both; who writes first gets another. */
static void
page_share (Component *self, uint64_t *pte, struct space *child, uint64_t *copy)
{
    if ((*pte & PTE_SWAPPED) != 0) {
        vm_swap_use (self, pte_number (*pte));
        child->swapped++;
    } else {
        vm_frame_use (self, pte_number (*pte));
        child->present++;
    }
    *copy = *pte;
}

static bool
entries_copy (Component *self, struct space *space, struct space *child, const struct mapping *r,
              bool ahead, struct orders *orders)
{
    struct pagetable_walk walk = { space->pages, r->first, r->end };
    bool shared                = (r->flags & VM_MAP_SHARED) != 0;
    uint64_t *pte;

    while ((pte = pagetable_step (&walk)) != NULL) {
        uint64_t *copy = pagetable_make (self, &child->pages, walk.at);

        if (copy == NULL)
            return false;
        if (!shared && ahead && (*pte & PTE_WRITE) != 0
            && page_copy (self, pte, child, walk.at, copy, orders)) {
            child->present++;
            continue;
        }
        if (!shared)
            *pte &= ~(uint64_t)PTE_WRITE;
        page_share (self, pte, child, copy);
    }
    return true;
}

/* Goes on with the last order, over what is not mapped between them. Where the list is long, also
 * over what is shared: then a write to that is a fault more. */
static bool
share_goes_on (struct orders *orders, const struct vm_order *more)
{
    struct vm_order *last = orders->count != 0 ? &orders->list[orders->count - 1] : NULL;
    uint64_t pages;

    if (last == NULL || last->what != VM_SHARE
        || (last->access != more->access && orders->count < VM_ORDERS_MAX / 2))
        return false;
    pages = (more->address - last->address) / TABLE_PAGE + more->count;
    if (pages > UINT32_MAX)
        return false;
    last->count = (uint32_t)pages;
    last->access &= more->access;
    return true;
}

static void
order_share (Component *self, const struct space *space, const struct space *child,
             const struct mapping *r, uint64_t first, uint64_t end, struct orders *orders)
{
    const struct vm_order order
        = { .what    = VM_SHARE,
            .space   = space->id,
            .other   = child->id,
            .access  = VM_READ | VM_EXECUTE
                       | ((r->flags & VM_MAP_SHARED) != 0 ? VM_WRITE : 0),
            .address = first,
            .count   = (uint32_t)((end - first) / TABLE_PAGE) };

    if (first < end && !share_goes_on (orders, &order))
        vm_order (self, orders, order);
}

/* What the nucleus is to show the child: the parent's, but for its own copies. */
static void
mapping_show (Component *self, const struct space *space, const struct space *child,
              const struct mapping *r, bool ahead, struct orders *orders)
{
    struct pagetable_walk walk = { child->pages, r->first, r->end };
    uint64_t first             = r->first, *pte;

    while (ahead && (r->flags & VM_MAP_SHARED) == 0 && (pte = pagetable_step (&walk)) != NULL) {
        if ((*pte & PTE_WRITE) == 0)
            continue;
        order_share (self, space, child, r, first, walk.at, orders);
        vm_order (self, orders,
                  (struct vm_order){ .what    = VM_MAP,
                                     .space   = child->id,
                                     .access  = r->access,
                                     .frame   = pte_number (*pte),
                                     .address = walk.at,
                                     .count   = 1 });
        first = walk.next;
    }
    order_share (self, space, child, r, first, r->end, orders);
}

enum status
vm_space_fork (Component *self, struct space *space, struct space *child, struct orders *orders)
{
    struct vm *vm = vm_of (self);
    bool ahead    = vm_frames_plenty (vm) && written_pages (space, vm->ahead) <= vm->ahead;

    child->limit = space->limit;
    if (!mappings_copy (self, space, child))
        return ERR_NO_MEMORY;
    for (const struct mapping *r = space->mappings; r != NULL; r = r->next)
        if (!entries_copy (self, space, child, r, ahead, orders))
            return ERR_NO_MEMORY;
    for (const struct mapping *r = space->mappings; r != NULL; r = r->next)
        mapping_show (self, space, child, r, ahead, orders);
    return orders->failed ? ERR_NO_MEMORY : OK;
}

/* ---- what the kernel asks ---- */

enum status
vm_begin (Component *self, uint32_t id, struct space **space)
{
    component_charge (self, 300);
    *space = vm_space_find (self, id);
    return *space == NULL ? ERR_STALE : (*space)->doomed ? ERR_NO_MEMORY : OK;
}

VM_HANDLER (make)
{
    struct space *space;
    enum status status = vm_space_new (self, req->process, &space);

    (void)call;
    component_charge (self, 500);
    if (status == OK)
        rep->space = space->id;
    return status;
}

VM_HANDLER (fork)
{
    struct orders orders = VM_NO_ORDERS;
    struct space *space, *child;
    uint64_t present;
    uint32_t done;
    enum status status = vm_begin (self, req->space, &space);

    (void)call;
    if (status == OK)
        status = vm_space_new (self, req->process, &child);
    if (status != OK)
        return status;
    component_charge (self, 2 * (space->present + space->swapped));
    status  = vm_space_fork (self, space, child, &orders);
    present = child->present;
    if (status == OK)
        status = vm_orders_reply (self, &orders, &req->into, &done);
    if (status != OK) {
        struct orders none = VM_NO_ORDERS;

        vm_orders_drop (self, &orders);
        vm_space_empty (self, child, &none);
        vm_orders_flush (self, &none);
        vm_space_free (self, child);
        return status;
    }
    rep->space   = child->id;
    rep->done    = done;
    rep->present = present;
    return OK;
}

/* The nucleus has taken everything away already: what is ordered is done. */
static enum status
empty (Component *self, struct space *space)
{
    struct orders orders = VM_NO_ORDERS;
    enum status status;

    component_charge (self, 300 + 2 * (space->present + space->swapped));
    vm_space_empty (self, space, &orders);
    status       = orders.failed ? ERR_NO_MEMORY : OK;
    orders.count = 0;
    vm_orders_flush (self, &orders);
    return status;
}

VM_HANDLER (clear)
{
    struct space *space = vm_space_find (self, req->space);

    (void)call, (void)rep;
    return space == NULL ? ERR_STALE : empty (self, space);
}

VM_HANDLER (free)
{
    struct space *space = vm_space_find (self, req->space);

    (void)call, (void)rep;
    if (space == NULL)
        return ERR_STALE;
    empty (self, space);
    vm_space_free (self, space);
    return OK;
}
