/* range: what is done to a range of an address space. */
#include "vm/vm.h"

static bool
is_free (const struct space *space, uint64_t first, uint64_t end)
{
    for (const struct mapping *r = space->mappings; r != NULL; r = r->next)
        if (r->first < end && r->end > first)
            return false;
    return true;
}

/* Fills in what the request says; the object comes with a reference. */
static enum status
wanted_mapping (Component *self, struct space *space, const struct vm_map_req *req,
               struct mapping *wanted)
{
    uint64_t address = req->address;
    enum status status;

    if (address == 0 && req->bytes <= VM_USER_END)
        address = vm_mapping_place (space, req->bytes);
    if (address == 0)
        return ERR_NO_MEMORY;
    wanted->first  = address;
    wanted->access = req->access & (VM_READ | VM_WRITE | VM_EXECUTE);
    wanted->flags  = req->flags & ~(uint32_t)(VM_MAP_KEEP | VM_MAP_WRITABLE);
    wanted->limit  = UINT64_MAX;
    status         = vm_range (address, req->bytes, &wanted->end);
    if (status != OK)
        return status;
    if ((req->flags & VM_MAP_KEEP) != 0 && !is_free (space, address, wanted->end))
        return ERR_EXISTS;
    if (!vm_limit_allows (space, address, wanted->end, wanted->access, wanted->flags))
        return ERR_NO_MEMORY;
    if (req->file != 0) {
        if ((req->offset & TABLE_MASK) != 0
            || req->offset > TABLE_END - (wanted->end - wanted->first))
            return ERR_INVALID;
        wanted->object = vm_object_find (self, req->file);
        wanted->offset = req->offset;
        wanted->limit  = req->file_bytes < wanted->end - address ? address + req->file_bytes
                                                                  : UINT64_MAX;
        if (wanted->object == NULL)
            return ERR_STALE;
        wanted->object->refs++;
        if ((req->flags & VM_MAP_SHARED) != 0)
            wanted->flags |= req->flags & VM_MAP_WRITABLE;
    } else if ((req->flags & VM_MAP_SHARED) != 0) {
        wanted->object = vm_object_new (self);
        if (wanted->object == NULL)
            return ERR_NO_MEMORY;
    }
    return OK;
}

VM_HANDLER (map)
{
    struct orders orders = VM_NO_ORDERS;
    struct mapping wanted = { 0 };
    struct space *space;
    uint32_t done;
    enum status status = vm_begin (self, req->space, &space);

    (void)call;
    if (status == OK)
        status = wanted_mapping (self, space, req, &wanted);
    if (status != OK)
        return status;
    status = vm_mapping_map (self, space, &wanted, &orders);
    if (wanted.object != NULL && wanted.object->refs == 1)
        vm_orders_flush (self, &orders); /* nobody shows it: putting it may wait */
    vm_object_put (self, wanted.object);
    if (status != OK) {
        vm_orders_flush (self, &orders);
        return status;
    }
    status       = vm_orders_reply (self, &orders, &req->into, &done);
    rep->address = wanted.first;
    rep->done    = done;
    return status;
}

/* What is done to a range of a space: begin; if that is OK, do it; end, whatever came of it. */
struct change {
    struct orders orders;
    struct space *space;
    uint64_t end;
};

static enum status
change_begin (Component *self, uint32_t space, uint64_t address, uint64_t bytes,
              struct change *change)
{
    enum status status;

    *change = (struct change){ 0 };
    status  = vm_begin (self, space, &change->space);
    return status == OK ? vm_range (address, bytes, &change->end) : status;
}

static enum status
change_end (Component *self, struct change *change, enum status status, const grant *into,
            uint32_t *done)
{
    if (status == OK)
        return vm_orders_reply (self, &change->orders, into, done);
    vm_orders_flush (self, &change->orders);
    return status;
}

VM_HANDLER (unmap)
{
    struct change change;
    uint32_t done = 0;
    enum status status
        = change_begin (self, req->space, req->address, req->bytes, &change);

    (void)call;
    if (status == OK)
        status = vm_mapping_unmap (self, change.space, req->address, change.end, &change.orders);
    status    = change_end (self, &change, status, &req->into, &done);
    rep->done = done;
    return status;
}

VM_HANDLER (protect)
{
    struct change change;
    uint32_t done = 0;
    enum status status
        = change_begin (self, req->space, req->address, req->bytes, &change);

    (void)call;
    if (status == OK && !vm_limit_allows_access (change.space, req->address, change.end, req->access))
        status = ERR_NO_MEMORY;
    if (status == OK)
        status = vm_mapping_protect (self, change.space, req->address, change.end,
                                     req->access & (VM_READ | VM_WRITE | VM_EXECUTE),
                                     &change.orders);
    status    = change_end (self, &change, status, &req->into, &done);
    rep->done = done;
    return status;
}

/* Where a mapping goes that grows or moves; `from` itself: it stays. 0 with *status. */
static uint64_t
destination (struct space *space, const struct mapping *mapping, const struct vm_move_req *req,
             uint64_t bytes, uint64_t new_bytes, enum status *status)
{
    uint64_t from = req->address, end, place;

    *status = OK;
    if ((req->flags & VM_MOVE_FIXED) != 0) {
        *status = vm_range (req->to, new_bytes, &end);
        if (*status == OK && req->to < from + bytes && from < end)
            *status = ERR_INVALID;
        return *status == OK ? req->to : 0;
    }
    if ((req->flags & VM_MOVE_KEEP) == 0
        && (new_bytes <= bytes
            || (from + bytes == mapping->end && new_bytes <= VM_USER_END - from
                && is_free (space, from + bytes, from + new_bytes))))
        return from;
    place = (req->flags & VM_MOVE_MAY) != 0 && new_bytes <= VM_USER_END
                ? vm_mapping_place (space, new_bytes)
                : 0;
    if (place == 0)
        *status = ERR_NO_MEMORY;
    return place;
}

/* As if what it has more came somewhere by itself: where the new place is does not matter. */
static bool
move_allowed (const struct space *space, const struct mapping *mapping,
              const struct vm_move_req *req, uint64_t bytes, uint64_t new_bytes)
{
    uint64_t more = (req->flags & VM_MOVE_KEEP) != 0 ? new_bytes
                    : new_bytes > bytes              ? new_bytes - bytes
                                                     : 0;

    return more == 0
           || vm_limit_allows (space, VM_USER_END, VM_USER_END + more, mapping->access,
                               mapping->flags);
}

/* The mapping goes on behind its end. */
static enum status
grow (Component *self, struct space *space, const struct mapping *mapping, uint64_t end,
      struct orders *orders)
{
    struct mapping more = *mapping;
    enum status status;

    more.first = mapping->end;
    more.end   = end;
    more.offset += mapping->end - mapping->first;
    if (more.object != NULL)
        more.object->refs++;
    status = vm_mapping_map (self, space, &more, orders);
    vm_object_put (self, more.object);
    return status;
}

VM_HANDLER (move)
{
    struct orders orders = VM_NO_ORDERS;
    uint64_t bytes       = (req->bytes + TABLE_MASK) & ~TABLE_MASK;
    uint64_t new_bytes   = (req->new_bytes + TABLE_MASK) & ~TABLE_MASK, to;
    struct space *space;
    const struct mapping *mapping;
    uint32_t done;
    enum status status = vm_begin (self, req->space, &space);

    (void)call;
    if (status != OK)
        return status;
    if ((req->address & TABLE_MASK) != 0 || new_bytes == 0 || bytes == 0
        || req->new_bytes > VM_USER_END)
        return ERR_INVALID;
    mapping = vm_mapping_find (space, req->address);
    if (mapping == NULL || bytes > mapping->end - req->address)
        return ERR_FAULT;
    to = destination (space, mapping, req, bytes, new_bytes, &status);
    if (status != OK)
        return status;
    if (!move_allowed (space, mapping, req, bytes, new_bytes))
        return ERR_NO_MEMORY;
    if (to != req->address)
        status = vm_mapping_move (self, space, req->address, bytes, to, new_bytes,
                                  (req->flags & VM_MOVE_KEEP) != 0, &orders);
    else if (new_bytes < bytes)
        status = vm_mapping_unmap (self, space, to + new_bytes, to + bytes, &orders);
    else if (new_bytes > bytes)
        status = grow (self, space, mapping, to + new_bytes, &orders);
    if (status != OK) {
        vm_orders_flush (self, &orders);
        return status;
    }
    status       = vm_orders_reply (self, &orders, &req->into, &done);
    rep->address = to;
    rep->done    = done;
    return status;
}

VM_HANDLER (forget)
{
    struct change change;
    uint32_t done = 0;
    enum status status
        = change_begin (self, req->space, req->address, req->bytes, &change);

    (void)call;
    if (status == OK) { /* what is there goes, also where not all of it is */
        vm_mapping_forget (self, change.space, req->address, change.end, &change.orders);
        if (!vm_mapping_covers (change.space, req->address, change.end))
            status = ERR_NO_MEMORY;
    }
    status    = change_end (self, &change, status, &req->into, &done);
    rep->done = done;
    return status;
}

VM_HANDLER (look)
{
    struct change change;
    uint8_t *into      = req->into.data;
    uint32_t done      = 0;
    enum status status = change_begin (self, req->space, req->address, req->bytes, &change);

    (void)call;
    if (status != OK)
        return status;
    if (!vm_mapping_covers (change.space, req->address, change.end))
        return ERR_NO_MEMORY;
    for (uint64_t at = req->address; at < change.end && done < req->into.length; at += TABLE_PAGE)
        into[done++] = vm_mapping_holds (change.space, at);
    component_charge (self, 2 * done);
    rep->done = done;
    return OK;
}

/* ERR_NO_MEMORY, as msync says, if part of the range is not mapped. */
VM_HANDLER (sync)
{
    struct orders orders = VM_NO_ORDERS;
    struct space *space;
    uint64_t at, end;
    enum status status = vm_begin (self, req->space, &space);

    (void)call, (void)rep;
    if (status == OK)
        status = vm_range (req->address, req->bytes, &end);
    for (at = req->address; status == OK && at < end;) {
        const struct mapping *mapping = vm_mapping_find (space, at);
        uint64_t next, first;
        struct object *object;

        if (mapping == NULL)
            return ERR_NO_MEMORY;
        next   = mapping->end < end ? mapping->end : end;
        first  = mapping->offset + (at - mapping->first);
        object = (mapping->flags & VM_MAP_SHARED) != 0 ? mapping->object : NULL;
        if (object != NULL) {
            object->refs++;
            status = vm_object_save (self, object, first, first + (next - at), false);
            if (status == OK && req->flush != 0 && object->file) {
                vm_order (self, &orders,
                          (struct vm_order){ .what = VM_FLUSH, .fd = object->fd });
                status = vm_orders_flush (self, &orders);
            }
            vm_object_put (self, object);
            space = vm_space_find (self, req->space);
            if (space == NULL)
                return ERR_STALE;
        }
        at = next;
    }
    return status;
}
