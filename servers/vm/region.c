/* region: what lies where in an address space. */
#include "vm/vm.h"

#define REGION_BYTES_MAX ((uint64_t)1 << 43)

struct region *
vm_region_find (const struct space *space, uint64_t address)
{
    for (struct region *region = space->regions; region != NULL; region = region->next)
        if (address < region->end)
            return address >= region->first ? region : NULL;
    return NULL;
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

static void
order_range (Component *self, const struct space *space, uint32_t what, uint64_t first,
             uint64_t end, struct orders *orders)
{
    vm_order (self, orders,
              (struct vm_order){ .what    = what,
                                 .space   = space->id,
                                 .address = first,
                                 .count   = (uint32_t)((end - first) / TABLE_PAGE) });
}

/* ---- the list ---- */

static void
show (struct region *region)
{
    if (region->object == NULL)
        return;
    region->next_shown      = region->object->regions;
    region->object->regions = region;
    region->object->refs++;
}

/* The region does not show its object any more; its reference is the caller's to put. */
static struct object *
hide (struct region *region)
{
    struct object *object = region->object;
    struct region **at;

    if (object == NULL)
        return NULL;
    for (at = &object->regions; *at != region;)
        at = &(*at)->next_shown;
    *at = region->next_shown;
    return object;
}

/* Cuts the region that holds `at` in two there. False: no memory. */
static bool
cut (Component *self, struct space *space, uint64_t at)
{
    struct region *region = vm_region_find (space, at), *rest;

    if (region == NULL || region->first == at)
        return true;
    if (space->region_count >= VM_REGIONS_MAX)
        return false;
    rest = component_alloc (self, sizeof *rest);
    if (rest == NULL)
        return false;
    *rest       = *region;
    rest->first = at;
    rest->offset += at - region->first;
    region->end  = at;
    region->next = rest;
    space->region_count++;
    show (rest);
    return true;
}

static void
insert (struct space *space, struct region *region)
{
    struct region **at = &space->regions;

    while (*at != NULL && (*at)->first < region->first)
        at = &(*at)->next;
    region->next = *at;
    *at          = region;
    space->region_count++;
    show (region);
}

/* Joins a region with the one behind it if they are one. */
static void
join (Component *self, struct space *space, struct region *region)
{
    struct region *next = region != NULL ? region->next : NULL;

    if (next == NULL || next->first != region->end || next->access != region->access
        || next->flags != region->flags || next->object != NULL || region->object != NULL)
        return;
    region->end  = next->end;
    region->next = next->next;
    space->region_count--;
    component_free (self, next);
}

static struct region *
before (const struct space *space, uint64_t address)
{
    struct region *found = NULL;

    for (struct region *r = space->regions; r != NULL && r->first < address; r = r->next)
        found = r;
    return found;
}

/* ---- taking away ---- */

static void
entries_clear (Component *self, struct space *space, uint64_t first, uint64_t end)
{
    uint64_t *pte;

    for (uint64_t at = first; (pte = pagetable_next (space->pages, &at, end)) != NULL;
         at += TABLE_PAGE)
        vm_entry_clear (self, space, pte);
}

enum status
vm_region_unmap (Component *self, struct space *space, uint64_t first, uint64_t end,
                 struct orders *orders)
{
    struct region *gone = NULL, **at = &space->regions;
    enum status status = OK;

    if (!cut (self, space, first) || !cut (self, space, end))
        return ERR_NO_MEMORY;
    while (*at != NULL && (*at)->end <= first)
        at = &(*at)->next;
    while (*at != NULL && (*at)->first < end) {
        struct region *region = *at;

        *at = region->next;
        space->region_count--;
        entries_clear (self, space, region->first, region->end);
        order_range (self, space, VM_UNMAP, region->first, region->end, orders);
        region->object = hide (region);
        region->next   = gone;
        gone           = region;
    }
    while (gone != NULL) {
        struct region *region = gone;

        gone = region->next;
        /* The last one saves what is dirty: before anything waits, all must be unmapped. */
        if (region->object != NULL && region->object->refs == 1 && orders->count != 0)
            status = vm_orders_flush (self, orders);
        vm_object_put (self, region->object);
        component_free (self, region);
    }
    return status;
}

void
vm_region_forget (Component *self, struct space *space, uint64_t first, uint64_t end,
                  struct orders *orders)
{
    entries_clear (self, space, first, end);
    for (const struct region *r = space->regions; r != NULL && r->first < end; r = r->next)
        if (r->end > first)
            order_range (self, space, VM_UNMAP, r->first > first ? r->first : first,
                         r->end < end ? r->end : end, orders);
}

/* ---- putting there ---- */

enum status
vm_region_map (Component *self, struct space *space, const struct region *wanted,
               struct orders *orders)
{
    uint32_t id = space->id;
    struct region *region;
    enum status status;

    if (wanted->end - wanted->first > REGION_BYTES_MAX || space->region_count >= VM_REGIONS_MAX)
        return ERR_NO_MEMORY;
    region = component_alloc (self, sizeof *region);
    if (region == NULL)
        return ERR_NO_MEMORY;
    status = vm_region_unmap (self, space, wanted->first, wanted->end, orders);
    if (status == OK && vm_space_find (self, id) != space)
        status = ERR_STALE;
    /* Somebody of the same space may have put something there while that waited. */
    for (const struct region *r = status == OK ? space->regions : NULL; r != NULL; r = r->next)
        if (r->first < wanted->end && r->end > wanted->first)
            status = ERR_NO_MEMORY;
    if (status != OK) {
        component_free (self, region);
        return status;
    }
    *region       = *wanted;
    region->space = space;
    insert (space, region);
    join (self, space, region);
    join (self, space, before (space, region->first));
    return OK;
}

uint64_t
vm_region_place (const struct space *space, uint64_t bytes)
{
    uint64_t best = 0, from = VM_USER_FIRST;

    /* The highest gap below the stack's part of the space that is large enough. */
    bytes = (bytes + TABLE_MASK) & ~TABLE_MASK;
    for (const struct region *region = space->regions;; region = region->next) {
        uint64_t to = region != NULL && region->first < VM_PLACE_END ? region->first
                                                                     : VM_PLACE_END;

        if (to > from && to - from >= bytes)
            best = to - bytes;
        if (region == NULL || region->first >= VM_PLACE_END)
            return best;
        from = region->end;
    }
}

/* ---- changing ---- */

bool
vm_region_covers (const struct space *space, uint64_t first, uint64_t end)
{
    const struct region *r = vm_region_find (space, first);

    for (uint64_t at = first; at < end; r = r->next) {
        if (r == NULL || r->first > at)
            return false;
        at = r->end;
    }
    return true;
}

enum status
vm_region_protect (Component *self, struct space *space, uint64_t first, uint64_t end,
                   uint32_t access, struct orders *orders)
{
    uint64_t *pte;

    if (!vm_region_covers (space, first, end))
        return ERR_NO_MEMORY;
    /* A shared file that is open for reading only is never written. */
    for (struct region *r = vm_region_find (space, first); r != NULL && r->first < end; r = r->next)
        if ((access & VM_WRITE) != 0 && (r->flags & VM_MAP_SHARED) != 0 && r->object->file
            && (r->flags & VM_MAP_WRITABLE) == 0)
            return ERR_ACCESS;
    if (!cut (self, space, first) || !cut (self, space, end))
        return ERR_NO_MEMORY;
    for (struct region *r = space->regions; r != NULL && r->first < end; r = r->next)
        if (r->first >= first)
            r->access = access;
    /* What the nucleus has of it comes back by faults, as now allowed. */
    for (uint64_t at = first; (pte = pagetable_next (space->pages, &at, end)) != NULL;
         at += TABLE_PAGE)
        *pte &= ~(uint64_t)(PTE_MAPPED | PTE_WRITE);
    for (const struct region *r = space->regions; r != NULL && r->first < end; r = r->next)
        if (r->first >= first)
            order_range (self, space, VM_UNMAP, r->first, r->end, orders);
    for (struct region *r = before (space, first); r != NULL && r->first < end;) {
        struct region *next = r->next;

        join (self, space, r);
        r = r->next == next ? next : r;
    }
    return OK;
}

/* The entries of a range go elsewhere. False: no memory for tables. */
static bool
entries_move (Component *self, struct space *space, uint64_t first, uint64_t end, uint64_t to)
{
    struct vm *vm = vm_of (self);
    uint64_t *pte, *there;

    for (uint64_t at = first; (pte = pagetable_next (space->pages, &at, end)) != NULL;
         at += TABLE_PAGE)
        if (pagetable_find (self, &space->pages, to + (at - first), true) == NULL)
            return false;
    for (uint64_t at = first; (pte = pagetable_next (space->pages, &at, end)) != NULL;
         at += TABLE_PAGE) {
        there  = pagetable_find (self, &space->pages, to + (at - first), true);
        *there = *pte & ~(uint64_t)PTE_MAPPED;
        *pte   = 0;
        if ((*there & PTE_PRESENT) != 0 && vm->frame[pte_number (*there)].kind == FRAME_PRIVATE)
            vm->frame[pte_number (*there)].page = to + (at - first);
    }
    return true;
}

enum status
vm_region_move (Component *self, struct space *space, uint64_t from, uint64_t bytes,
                uint64_t to, uint64_t new_bytes, struct orders *orders)
{
    const struct region *old = vm_region_find (space, from);
    struct region wanted     = *old;
    uint64_t kept            = bytes < new_bytes ? bytes : new_bytes;
    enum status status;

    wanted.first  = to;
    wanted.end    = to + new_bytes;
    wanted.offset = old->offset + (from - old->first);
    wanted.limit  = old->limit >= old->end ? wanted.end : old->limit - from + to;
    if (wanted.object != NULL)
        wanted.object->refs++; /* the old region may go while the new one comes */
    status = vm_region_map (self, space, &wanted, orders);
    if (status == OK && !entries_move (self, space, from, from + kept, to))
        status = ERR_NO_MEMORY;
    if (status == OK)
        status = vm_region_unmap (self, space, from, from + bytes, orders);
    vm_object_put (self, wanted.object);
    return status;
}
