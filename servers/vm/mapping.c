/* mapping: what lies where in an address space. */
#include "vm/vm.h"

#define MAPPING_BYTES_MAX ((uint64_t)1 << 43)

struct mapping *
vm_mapping_find (struct space *space, uint64_t address)
{
    struct mapping *mapping = space->found != NULL && space->found->first <= address
                                  ? space->found
                                  : space->mappings;

    while (mapping != NULL && mapping->end <= address)
        mapping = mapping->next;
    if (mapping == NULL || address < mapping->first)
        return NULL;
    space->found = mapping;
    return mapping;
}

enum status
vm_range (uint64_t first, uint64_t bytes, uint64_t *end)
{
    if ((first & TABLE_MASK) != 0 || bytes == 0 || first < VM_USER_FIRST || first >= VM_USER_END
        || bytes > VM_USER_END - first)
        return ERR_INVALID;
    *end = first + ((bytes + TABLE_MASK) & ~TABLE_MASK);
    return OK;
}

/* The nucleus is to show nothing of a range, whatever lies in it. */
static void
order_unmap (Component *self, const struct space *space, uint64_t first, uint64_t end,
             struct orders *orders)
{
    const uint64_t most = (uint64_t)TABLE_PAGE << 31; /* pages are counted with 32 bits */

    for (uint64_t at = first, next; at < end; at = next) {
        next = end - at < most ? end : at + most;
        vm_order (self, orders,
                  (struct vm_order){ .what    = VM_UNMAP,
                                     .space   = space->id,
                                     .address = at,
                                     .count   = (uint32_t)((next - at) / TABLE_PAGE) });
    }
}

/* ---- the list ---- */

static void
show (struct mapping *mapping)
{
    if (mapping->object == NULL)
        return;
    mapping->next_shown      = mapping->object->mappings;
    mapping->object->mappings = mapping;
    mapping->object->refs++;
}

/* The mapping does not show its object any more; its reference is the caller's to put. */
static struct object *
hide (struct mapping *mapping)
{
    struct object *object = mapping->object;
    struct mapping **at;

    if (object == NULL)
        return NULL;
    for (at = &object->mappings; *at != mapping;)
        at = &(*at)->next_shown;
    *at = mapping->next_shown;
    return object;
}

/* Cuts the mapping that holds `at` in two there. False: no memory. */
static bool
cut (Component *self, struct space *space, uint64_t at)
{
    struct mapping *mapping = vm_mapping_find (space, at), *rest;

    if (mapping == NULL || mapping->first == at)
        return true;
    if (space->mapping_count >= VM_MAPPINGS_MAX)
        return false;
    rest = component_alloc (self, sizeof *rest);
    if (rest == NULL)
        return false;
    *rest       = *mapping;
    rest->first = at;
    rest->offset += at - mapping->first;
    mapping->end  = at;
    mapping->next = rest;
    space->mapping_count++;
    show (rest);
    return true;
}

static void
insert (struct space *space, struct mapping *mapping)
{
    struct mapping **at = &space->mappings;

    while (*at != NULL && (*at)->first < mapping->first)
        at = &(*at)->next;
    mapping->next = *at;
    *at          = mapping;
    space->mapping_count++;
    show (mapping);
}

static bool
are_one (const struct mapping *mapping, const struct mapping *next)
{
    return next->first == mapping->end && next->access == mapping->access
           && next->flags == mapping->flags && next->object == mapping->object
           && (next->object == NULL
               || (next->offset == mapping->offset + (mapping->end - mapping->first)
                   && next->limit == UINT64_MAX && mapping->limit == UINT64_MAX));
}

/* Joins a mapping with the one behind it if they are one. */
static void
join (Component *self, struct space *space, struct mapping *mapping)
{
    struct mapping *next = mapping != NULL ? mapping->next : NULL;

    if (next == NULL || !are_one (mapping, next))
        return;
    mapping->end  = next->end;
    mapping->next = next->next;
    space->found  = NULL;
    space->mapping_count--;
    vm_object_put (self, hide (next)); /* `mapping` has it, too */
    component_free (self, next);
}

static struct mapping *
before (const struct space *space, uint64_t address)
{
    struct mapping *found = NULL;

    for (struct mapping *r = space->mappings; r != NULL && r->first < address; r = r->next)
        found = r;
    return found;
}

/* ---- taking away ---- */

static void
entries_clear (Component *self, struct space *space, uint64_t first, uint64_t end)
{
    struct pagetable_walk walk = { space->pages, first, end };
    uint64_t *pte;

    while ((pte = pagetable_step (&walk)) != NULL)
        vm_entry_clear (self, space, pte);
}

enum status
vm_mapping_unmap (Component *self, struct space *space, uint64_t first, uint64_t end,
                 struct orders *orders)
{
    struct mapping *gone = NULL, **at = &space->mappings;
    uint64_t lowest = end, highest = first;
    enum status status = OK;

    if (!cut (self, space, first) || !cut (self, space, end))
        return ERR_NO_MEMORY;
    while (*at != NULL && (*at)->end <= first)
        at = &(*at)->next;
    while (*at != NULL && (*at)->first < end) {
        struct mapping *mapping = *at;

        *at = mapping->next;
        space->mapping_count--;
        entries_clear (self, space, mapping->first, mapping->end);
        lowest          = mapping->first < lowest ? mapping->first : lowest;
        highest         = mapping->end;
        mapping->object = hide (mapping);
        mapping->next   = gone;
        gone            = mapping;
    }
    space->found = NULL;
    order_unmap (self, space, lowest, highest, orders);
    while (gone != NULL) {
        struct mapping *mapping = gone;

        gone = mapping->next;
        /* The last one saves what is dirty: before anything waits, all must be unmapped. */
        if (mapping->object != NULL && mapping->object->refs == 1 && orders->count != 0)
            status = vm_orders_flush (self, orders);
        vm_object_put (self, mapping->object);
        component_free (self, mapping);
    }
    return status;
}

void
vm_mapping_forget (Component *self, struct space *space, uint64_t first, uint64_t end,
                  struct orders *orders)
{
    entries_clear (self, space, first, end);
    order_unmap (self, space, first, end, orders);
}

void
vm_mapping_cut (Component *self, struct space *space, const struct object *object, uint64_t size,
                struct orders *orders)
{
    uint64_t at = (size + TABLE_MASK) & ~TABLE_MASK;

    for (const struct mapping *r = space->mappings; r != NULL; r = r->next) {
        uint64_t first = r->first + (at > r->offset ? at - r->offset : 0);
        uint64_t end   = r->limit < r->end ? (r->limit + TABLE_MASK) & ~TABLE_MASK : r->end;
        uint64_t there = first;

        if (r->object != object || (r->flags & VM_MAP_SHARED) != 0
            || pagetable_next (space->pages, &there, end) == NULL)
            continue;
        if (orders->count == VM_ORDERS_MAX)
            vm_orders_flush (self, orders);
        vm_mapping_forget (self, space, first, end, orders);
    }
}

/* ---- putting there ---- */

enum status
vm_mapping_map (Component *self, struct space *space, const struct mapping *wanted,
               struct orders *orders)
{
    uint32_t id = space->id;
    struct mapping *mapping;
    enum status status;

    if (wanted->end - wanted->first > MAPPING_BYTES_MAX || space->mapping_count >= VM_MAPPINGS_MAX)
        return ERR_NO_MEMORY;
    mapping = component_alloc (self, sizeof *mapping);
    if (mapping == NULL)
        return ERR_NO_MEMORY;
    status = vm_mapping_unmap (self, space, wanted->first, wanted->end, orders);
    if (status == OK && vm_space_find (self, id) != space)
        status = ERR_STALE;
    /* Somebody of the same space may have put something there while that waited. */
    for (const struct mapping *r = status == OK ? space->mappings : NULL; r != NULL; r = r->next)
        if (r->first < wanted->end && r->end > wanted->first)
            status = ERR_NO_MEMORY;
    if (status != OK) {
        component_free (self, mapping);
        return status;
    }
    *mapping       = *wanted;
    mapping->space = space;
    insert (space, mapping);
    join (self, space, mapping);
    join (self, space, before (space, mapping->first));
    return OK;
}

uint64_t
vm_mapping_place (const struct space *space, uint64_t bytes)
{
    uint64_t best = 0, from = VM_USER_FIRST;

    /* The highest gap below the stack's part of the space that is large enough. */
    bytes = (bytes + TABLE_MASK) & ~TABLE_MASK;
    for (const struct mapping *mapping = space->mappings;; mapping = mapping->next) {
        uint64_t to = mapping != NULL && mapping->first < VM_PLACE_END ? mapping->first
                                                                     : VM_PLACE_END;

        if (to > from && to - from >= bytes)
            best = to - bytes;
        if (mapping == NULL || mapping->first >= VM_PLACE_END)
            return best;
        from = mapping->end;
    }
}

/* ---- changing ---- */

bool
vm_mapping_covers (struct space *space, uint64_t first, uint64_t end)
{
    const struct mapping *r = vm_mapping_find (space, first);

    for (uint64_t at = first; at < end; r = r->next) {
        if (r == NULL || r->first > at)
            return false;
        at = r->end;
    }
    return true;
}

bool
vm_mapping_holds (struct space *space, uint64_t address)
{
    const struct mapping *mapping = vm_mapping_find (space, address);
    const uint64_t *entry         = pagetable_look (space->pages, address);

    if ((entry == NULL || *entry == 0) && mapping->object != NULL)
        entry = pagetable_look (mapping->object->pages, mapping->offset + (address - mapping->first));
    return entry != NULL && (*entry & PTE_PRESENT) != 0;
}

/* Up to where the range is mapped and may be so; *status says why not to its end. */
static uint64_t
protectable (struct space *space, uint64_t first, uint64_t end, uint32_t access,
             enum status *status)
{
    const struct mapping *r = vm_mapping_find (space, first);
    uint64_t at             = first;

    *status = OK;
    for (; at < end; at = r->end, r = r->next) {
        if (r == NULL || r->first > at)
            *status = ERR_NO_MEMORY;
        /* A shared file that is open for reading only is never written. */
        else if ((access & VM_WRITE) != 0 && (r->flags & VM_MAP_SHARED) != 0 && r->object->file
                 && (r->flags & VM_MAP_WRITABLE) == 0)
            *status = ERR_ACCESS;
        if (*status != OK)
            return at;
    }
    return end;
}

enum status
vm_mapping_protect (Component *self, struct space *space, uint64_t first, uint64_t end,
                   uint32_t access, struct orders *orders)
{
    enum status status;
    uint64_t *pte;

    end = protectable (space, first, end, access, &status);
    if (end == first)
        return status;
    if (!cut (self, space, first) || !cut (self, space, end))
        return ERR_NO_MEMORY;
    for (struct mapping *r = space->mappings; r != NULL && r->first < end; r = r->next)
        if (r->first >= first)
            r->access = access;
    /* What the nucleus has of it comes back by faults, as now allowed. */
    for (uint64_t at = first; (pte = pagetable_next (space->pages, &at, end)) != NULL;
         at += TABLE_PAGE)
        *pte &= ~(uint64_t)(PTE_MAPPED | PTE_WRITE);
    order_unmap (self, space, first, end, orders);
    for (struct mapping *r = before (space, first); r != NULL && r->first < end;) {
        struct mapping *next = r->next;

        join (self, space, r);
        r = r->next == next ? next : r;
    }
    return status;
}

/* The entries of a range go elsewhere. False: no memory for tables. */
static bool
entries_move (Component *self, struct space *space, uint64_t first, uint64_t end, uint64_t to)
{
    struct vm *vm = vm_of (self);
    uint64_t *pte, *there;

    for (uint64_t at = first; (pte = pagetable_next (space->pages, &at, end)) != NULL;
         at += TABLE_PAGE)
        if (pagetable_make (self, &space->pages, to + (at - first)) == NULL)
            return false;
    for (uint64_t at = first; (pte = pagetable_next (space->pages, &at, end)) != NULL;
         at += TABLE_PAGE) {
        there  = pagetable_make (self, &space->pages, to + (at - first));
        *there = *pte & ~(uint64_t)PTE_MAPPED;
        *pte   = 0;
        if ((*there & PTE_PRESENT) != 0 && vm->frame[pte_number (*there)].kind == FRAME_PRIVATE)
            vm->frame[pte_number (*there)].page = to + (at - first);
    }
    return true;
}

enum status
vm_mapping_move (Component *self, struct space *space, uint64_t from, uint64_t bytes,
                uint64_t to, uint64_t new_bytes, bool keep, struct orders *orders)
{
    const struct mapping *old = vm_mapping_find (space, from);
    struct mapping wanted     = *old;
    uint64_t kept            = bytes < new_bytes ? bytes : new_bytes;
    enum status status;

    wanted.first  = to;
    wanted.end    = to + new_bytes;
    wanted.offset = old->offset + (from - old->first);
    wanted.limit  = old->limit >= old->end ? wanted.end : old->limit - from + to;
    if (wanted.object != NULL)
        wanted.object->refs++; /* the old mapping may go while the new one comes */
    status = vm_mapping_map (self, space, &wanted, orders);
    if (status == OK && !entries_move (self, space, from, from + kept, to))
        status = ERR_NO_MEMORY;
    if (status == OK && keep)
        vm_mapping_forget (self, space, from, from + bytes, orders);
    else if (status == OK)
        status = vm_mapping_unmap (self, space, from, from + bytes, orders);
    vm_object_put (self, wanted.object);
    return status;
}
