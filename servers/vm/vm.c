/* vm: who has which memory. Provides vm; needs kernel, and a disk to swap to and the log if
 * they are there.
 *
 *     space --- mappings --- object (a file, or shared memory)
 *        \--- page table        \--- table of its pages
 *                 \---- frames ----/
 *
 * space.c, mapping.c  address spaces: what lies where
 * limit.c            how much may be mapped, and how far a stack comes down
 * fault.c            a page is wanted
 * object.c           files that are mapped, kept the same for those who map and who read them
 * frame.c            frames of RAM, and from a frame to all who have it
 * policy.c           which page has to go; the same for programs and for reference strings
 * reclaim.c, swap.c  what to do when no frame is free
 * order.c            what the nucleus is to do: vm itself never sees RAM
 * pagetable.c        page tables
 * report.c           what people see
 *
 * Promises: what vm.def says. Pages come when they are touched. Memory that was never written
 * is zero; what one process writes no other sees, unless both share it. Frames that are given
 * anew were taken from everybody before. With no frame free, what a program computes does not
 * change, only its time, until there is no place at all; then one program is killed and the
 * log says which and why.
 *
 * Keeps across a crash: what its arena keeps, which is all of it; RAM is not its own.
 */
#include "vm/vm.h"

#include <string.h>

#define HANDLER(name)                                                                         \
    static enum status vm_do_##name (Component *self, struct call *call,                      \
                                     const struct vm_##name##_req *req,                       \
                                     struct vm_##name##_rep *rep)

/* Handlers that change a space begin like this. */
static enum status
begin (Component *self, uint32_t id, struct space **space)
{
    component_charge (self, 300);
    *space = vm_space_find (self, id);
    return *space == NULL ? ERR_STALE : (*space)->doomed ? ERR_NO_MEMORY : OK;
}

/* ---- spaces ---- */

HANDLER (make)
{
    struct space *space;
    enum status status = vm_space_new (self, req->process, &space);

    (void)call;
    component_charge (self, 500);
    if (status == OK)
        rep->space = space->id;
    return status;
}

HANDLER (fork)
{
    struct orders orders = VM_NO_ORDERS;
    struct space *space, *child;
    uint32_t done;
    enum status status = begin (self, req->space, &space);

    (void)call;
    if (status == OK)
        status = vm_space_new (self, req->process, &child);
    if (status != OK)
        return status;
    component_charge (self, 2 * (space->present + space->swapped));
    status = vm_space_fork (self, space, child, &orders);
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
    rep->space = child->id;
    rep->done  = done;
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

HANDLER (clear)
{
    struct space *space = vm_space_find (self, req->space);

    (void)call, (void)rep;
    return space == NULL ? ERR_STALE : empty (self, space);
}

HANDLER (free)
{
    struct space *space = vm_space_find (self, req->space);

    (void)call, (void)rep;
    if (space == NULL)
        return ERR_STALE;
    empty (self, space);
    vm_space_free (self, space);
    return OK;
}

/* ---- mappings ---- */

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

HANDLER (map)
{
    struct orders orders = VM_NO_ORDERS;
    struct mapping wanted = { 0 };
    struct space *space;
    uint32_t done;
    enum status status = begin (self, req->space, &space);

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
    status  = begin (self, space, &change->space);
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

HANDLER (unmap)
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

HANDLER (protect)
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

HANDLER (move)
{
    struct orders orders = VM_NO_ORDERS;
    uint64_t bytes       = (req->bytes + TABLE_MASK) & ~TABLE_MASK;
    uint64_t new_bytes   = (req->new_bytes + TABLE_MASK) & ~TABLE_MASK, to;
    struct space *space;
    const struct mapping *mapping;
    uint32_t done;
    enum status status = begin (self, req->space, &space);

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

HANDLER (forget)
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

HANDLER (look)
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
HANDLER (sync)
{
    struct orders orders = VM_NO_ORDERS;
    struct space *space;
    uint64_t at, end;
    enum status status = begin (self, req->space, &space);

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

HANDLER (fault)
{
    struct orders orders = VM_NO_ORDERS;
    struct space *space;
    uint32_t done;
    enum status status = begin (self, req->space, &space);

    (void)call;
    if (status != OK)
        return status;
    space->faults++;
    vm_of (self)->numbers.faults++;
    status = vm_fault_serve (self, req->space, req->address, req->access, &orders);
    if (status == OK)
        status = vm_orders_reply (self, &orders, &req->into, &done);
    if (status == OK)
        rep->done = done;
    return status;
}

HANDLER (limit)
{
    struct space *space;
    enum status status = begin (self, req->space, &space);

    (void)call, (void)rep;
    if (status != OK)
        return status;
    space->limit.memory = req->memory;
    space->limit.data   = req->data;
    space->limit.stack  = req->stack;
    return OK;
}

/* ---- files ---- */

HANDLER (file)
{
    struct object *object = vm_object_of_file (self, req->filesystem, req->node);
    struct orders orders  = { 0 };
    int32_t unwanted      = -1;

    (void)call;
    component_charge (self, 300);
    if (object != NULL) {
        bool better = req->writable != 0 && !object->writable;

        unwanted   = better ? object->fd : req->fd;
        object->fd = better ? req->fd : object->fd;
        object->writable |= better;
        object->refs++;
    } else {
        object = vm_object_new (self);
        if (object == NULL)
            return ERR_NO_MEMORY;
        object->file       = true;
        object->fd         = req->fd;
        object->writable   = req->writable != 0;
        object->filesystem = req->filesystem;
        object->node       = req->node;
        object->size       = req->size;
    }
    object->held++;
    rep->file = object->id;
    if (unwanted >= 0) {
        vm_order (self, &orders, (struct vm_order){ .what = VM_CLOSE, .fd = unwanted });
        vm_orders_flush (self, &orders);
    }
    return OK;
}

HANDLER (drop)
{
    struct object *object = vm_object_find (self, req->file);

    (void)call, (void)rep;
    component_charge (self, 100);
    if (object == NULL || object->held == 0)
        return ERR_STALE;
    object->held--;
    vm_object_put (self, object);
    return OK;
}

HANDLER (reading)
{
    struct object *object = vm_object_of_file (self, req->filesystem, req->node);
    enum status status;

    (void)call, (void)rep;
    component_charge (self, 100);
    if (object == NULL || req->bytes == 0)
        return OK;
    object->refs++;
    status = vm_object_save (self, object, req->offset,
                             req->bytes < UINT64_MAX - req->offset ? req->offset + req->bytes
                                                                   : UINT64_MAX,
                             false);
    vm_object_put (self, object);
    return status;
}

/* From here to `written` nothing is filled or saved, so that nothing is seen half. */
HANDLER (writing)
{
    struct object *object = vm_object_of_file (self, req->filesystem, req->node);

    (void)call;
    component_charge (self, 100);
    rep->held = object != NULL;
    if (object != NULL) {
        object->refs++;
        component_lock (self, &object->moving);
    }
    return OK;
}

HANDLER (written)
{
    struct object *object = vm_object_of_file (self, req->filesystem, req->node);
    bool nothing          = req->bytes == 0 && req->size == UINT64_MAX;
    enum status status    = OK;

    (void)call, (void)rep;
    component_charge (self, 100);
    if (object == NULL)
        return OK;
    if (req->held == 0) {
        object->refs++;
        component_lock (self, &object->moving);
    }
    if (!nothing && (req->bytes == 0 || req->size > object->size))
        status = vm_object_resize (self, object, req->size);
    if (status == OK && !nothing && req->bytes != 0)
        status = vm_object_patch (self, object, req->offset,
                                  req->bytes <= GRANT_MAX ? req->bytes : GRANT_MAX);
    if (object->moving.held != 0)
        component_unlock (self, &object->moving);
    vm_object_put (self, object);
    return status;
}

/* ---- for people ---- */

HANDLER (info)
{
    (void)call, (void)req;
    component_charge (self, 500);
    vm_numbers (self, &rep->numbers);
    return OK;
}

HANDLER (maps)
{
    grant into = req->into;

    (void)call;
    component_charge (self, 500);
    return vm_report_maps (self, req->process, &into, req->offset, &rep->done);
}

HANDLER (size)
{
    (void)call;
    component_charge (self, 500);
    vm_report_size (self, req->process, &rep->size);
    return OK;
}

HANDLER (frames)
{
    grant into = req->into;

    (void)call;
    component_charge (self, 2000);
    vm_report_frames (self, &into, req->offset, &rep->done);
    return OK;
}

HANDLER (refer)
{
    char name[sizeof req->policy + 1] = { 0 };
    uint32_t count                    = req->from.length / (uint32_t)sizeof (uint32_t);
    uint32_t *pages                   = component_alloc (self, req->from.length + 1);
    uint64_t faults                   = 0;
    enum status status                = ERR_NO_MEMORY;

    (void)call;
    memcpy (name, req->policy, sizeof req->policy);
    if (pages != NULL) {
        if (count != 0)
            memcpy (pages, req->from.data, count * sizeof *pages);
        status = vm_refer_all (self, name, req->frames, pages, count, &faults);
    }
    component_free (self, pages);
    if (status == OK) {
        rep->faults = faults;
        rep->hits   = count - faults;
    }
    return status;
}

/* ---- the class ---- */

static enum status
vm_start (Component *self)
{
    struct vm *vm             = component_state (self);
    struct kernel_ram_req ask = {};
    struct kernel_ram_rep ram;
    const struct policy *policy = policy_find (component_option (self, "policy"));
    enum status status = kernel_ram (component_link (self, VM_NEED_KERNEL), &ask, &ram);

    if (status != OK)
        return status;
    vm->around      = (uint32_t)component_option_number (self, "around");
    vm->ahead       = (uint32_t)component_option_number (self, "ahead");
    vm->frame_count = (uint32_t)(ram.bytes / TABLE_PAGE);
    vm->frame       = component_alloc (self, ((uint64_t)vm->frame_count + 1) * sizeof *vm->frame);
    if (vm->frame == NULL) {
        vm_say (self, 0, "its arena is too small for so much RAM");
        return ERR_NO_MEMORY;
    }
    vm->frame[0].kind = FRAME_TAKEN;
    vm->free          = vm->frame_count > 0 ? vm->frame_count - 1 : 0;
    vm->next          = 1;
    vm->pool.owner    = self;
    vm->pool.may_go   = vm_may_go;
    vm->pool.was_used = vm_was_used;
    status            = pool_init (self, &vm->pool, policy, vm->frame_count);
    return status == OK ? vm_swap_start (self) : status;
}

static enum status
vm_stop (Component *self)
{
    return vm_objects_save (self);
}

static const struct vm_ops vm_operations = {
    .make    = vm_do_make,
    .fork    = vm_do_fork,
    .clear   = vm_do_clear,
    .free    = vm_do_free,
    .map     = vm_do_map,
    .unmap   = vm_do_unmap,
    .protect = vm_do_protect,
    .move    = vm_do_move,
    .forget  = vm_do_forget,
    .look    = vm_do_look,
    .sync    = vm_do_sync,
    .limit   = vm_do_limit,
    .fault   = vm_do_fault,
    .file    = vm_do_file,
    .drop    = vm_do_drop,
    .reading = vm_do_reading,
    .writing = vm_do_writing,
    .written = vm_do_written,
    .info    = vm_do_info,
    .size    = vm_do_size,
    .maps    = vm_do_maps,
    .frames  = vm_do_frames,
    .refer   = vm_do_refer,
};

/* The policies, with a blank before each. */
#define POLICY(identifier, name, summary, used, looks) " " name
static const char policy_words[] =
#include "vm/policies.def"
    ;
#undef POLICY

const struct component_class vm_class = {
    .name        = "vm",
    .summary     = "memory of real programs: address spaces, frames, replacement, swapping",
    .state_bytes = sizeof (struct vm),
    .provides    = { { INTERFACE_vm, &vm_operations } },
    .needs       = { { "kernel", INTERFACE_kernel, NEED_ONE },
                     { "swap", INTERFACE_block, NEED_NAMED },
                     { "log", INTERFACE_log, NEED_OPTIONAL } },
    .options     = { { "policy", "second-chance",
                       "which page goes when RAM is short: fifo, second-chance, lru, random",
                       .words = &policy_words[1] },
                     { "around", "16", "most pages that come together, 1 to 16", .min = 1,
                       .max = VM_RUN },
                     { "ahead", "16",
                       "most written pages for a fork to copy at once, 0 to 64; 0: when written",
                       .max = VM_AHEAD_MAX } },
    .start       = vm_start,
    .stop        = vm_stop,
};
