/* vm: who has which memory. The suite stands where the nucleus does: it asks, and reads the
 * orders that come with the answers, but carries none out; a memory manager that never sees RAM
 * cannot tell. */
#include <string.h>

#include "suites.h"

#define PAGE       4096u
#define PLACE      0x100000u /* where the cases map */
#define ORDERS_MAX 64u
#define ALL        (VM_READ | VM_WRITE)
#define MANY       20u /* pages: more than a fork copies at once */

/* What came with the last answer. */
static enum status
take (struct probe *probe, enum status status, uint32_t bytes)
{
    probe->count = status == OK ? bytes / (uint32_t)sizeof (struct vm_order) : 0;
    return status;
}

static const struct vm_order *
order (const struct probe *probe, uint32_t index)
{
    static const struct vm_order none = { 0 };

    return index < probe->count ? (const struct vm_order *)probe->memory + index : &none;
}

static grant
window (struct probe *probe)
{
    if (probe->memory == NULL)
        probe->memory = component_alloc (probe->self, ORDERS_MAX * sizeof (struct vm_order));
    return WINDOW (probe->memory, ORDERS_MAX * (uint32_t)sizeof (struct vm_order));
}

/* ---- the operations as plain functions ---- */

static uint32_t
make (struct probe *probe, uint32_t process)
{
    struct vm_make_req req = { .process = process };
    struct vm_make_rep rep = { 0 };

    probe_same (probe, vm_make (probe->subject, &req, &rep), OK, "make", __FILE__, __LINE__);
    return rep.space;
}

static enum status
release (struct probe *probe, uint32_t space)
{
    struct vm_free_req req = { .space = space };
    struct vm_free_rep rep;

    return vm_free (probe->subject, &req, &rep);
}

static enum status
clear (struct probe *probe, uint32_t space)
{
    struct vm_clear_req req = { .space = space };
    struct vm_clear_rep rep;

    return vm_clear (probe->subject, &req, &rep);
}

/* *address: wanted, 0 for anywhere; then where it is. */
static enum status
map_file (struct probe *probe, uint32_t space, uint64_t *address, uint64_t bytes, uint32_t access,
          uint32_t flags, uint32_t file, uint64_t offset)
{
    struct vm_map_req req = { .space      = space,
                              .access     = access,
                              .flags      = flags,
                              .file       = file,
                              .address    = *address,
                              .bytes      = bytes,
                              .offset     = offset,
                              .file_bytes = UINT64_MAX,
                              .into       = window (probe) };
    struct vm_map_rep rep = { .address = *address };
    enum status status    = vm_map (probe->subject, &req, &rep);

    *address = rep.address;
    return take (probe, status, rep.done);
}

static enum status
map (struct probe *probe, uint32_t space, uint64_t address, uint32_t pages, uint32_t access,
     uint32_t flags)
{
    return map_file (probe, space, &address, (uint64_t)pages * PAGE, access, flags, 0, 0);
}

static enum status
unmap (struct probe *probe, uint32_t space, uint64_t address, uint64_t bytes)
{
    struct vm_unmap_req req
        = { .space = space, .address = address, .bytes = bytes, .into = window (probe) };
    struct vm_unmap_rep rep;
    enum status status = vm_unmap (probe->subject, &req, &rep);

    return take (probe, status, rep.done);
}

static enum status
protect (struct probe *probe, uint32_t space, uint64_t address, uint64_t bytes, uint32_t access)
{
    struct vm_protect_req req = { .space   = space,
                                  .access  = access,
                                  .address = address,
                                  .bytes   = bytes,
                                  .into    = window (probe) };
    struct vm_protect_rep rep;
    enum status status = vm_protect (probe->subject, &req, &rep);

    return take (probe, status, rep.done);
}

static enum status
forget (struct probe *probe, uint32_t space, uint64_t address, uint64_t bytes)
{
    struct vm_forget_req req
        = { .space = space, .address = address, .bytes = bytes, .into = window (probe) };
    struct vm_forget_rep rep;
    enum status status = vm_forget (probe->subject, &req, &rep);

    return take (probe, status, rep.done);
}

static enum status
move (struct probe *probe, uint32_t space, uint64_t *address, uint32_t pages, uint32_t new_pages,
      uint32_t flags, uint64_t to)
{
    struct vm_move_req req = { .space     = space,
                               .flags     = flags,
                               .address   = *address,
                               .bytes     = (uint64_t)pages * PAGE,
                               .new_bytes = (uint64_t)new_pages * PAGE,
                               .to        = to,
                               .into      = window (probe) };
    struct vm_move_rep rep = { .address = *address };
    enum status status     = vm_move (probe->subject, &req, &rep);

    *address = rep.address;
    return take (probe, status, rep.done);
}

static enum status
fault (struct probe *probe, uint32_t space, uint64_t address, uint32_t access)
{
    struct vm_fault_req req
        = { .space = space, .access = access, .address = address, .into = window (probe) };
    struct vm_fault_rep rep;
    enum status status = vm_fault (probe->subject, &req, &rep);

    return take (probe, status, rep.done);
}

static uint32_t
fork_space (struct probe *probe, uint32_t space, uint32_t process)
{
    struct vm_fork_req req = { .space = space, .process = process, .into = window (probe) };
    struct vm_fork_rep rep = { 0 };
    enum status status     = vm_fork (probe->subject, &req, &rep);

    probe_same (probe, take (probe, status, rep.done), OK, "fork", __FILE__, __LINE__);
    return rep.space;
}

static struct vm_numbers
numbers (struct probe *probe)
{
    struct vm_info_req req = {};
    struct vm_info_rep rep = { 0 };

    probe_same (probe, vm_info (probe->subject, &req, &rep), OK, "info", __FILE__, __LINE__);
    return rep.numbers;
}

/* Are the orders those of a fresh page: zeroes in a frame, which is shown? */
static bool
is_fresh_page (const struct probe *probe, uint32_t space, uint64_t address, uint32_t access)
{
    const struct vm_order *zero = order (probe, 0), *shown = order (probe, 1);

    return probe->count == 2 && zero->what == VM_ZERO && zero->count == 1 && zero->frame != 0
           && shown->what == VM_MAP && shown->space == space && shown->address == address
           && shown->frame == zero->frame && shown->count == 1 && shown->access == access;
}

/* ---- spaces ---- */

static void
spaces_come_and_go (struct probe *probe)
{
    uint64_t before = numbers (probe).spaces;
    uint32_t first = make (probe, 50), second = make (probe, 51);

    CHECK (first != 0 && second != 0 && first != second);
    SAME (numbers (probe).spaces, before + 2);
    SAME (release (probe, first), OK);
    SAME (release (probe, first), ERR_STALE);
    SAME (release (probe, second), OK);
    SAME (release (probe, 0), ERR_STALE);
    SAME (release (probe, UINT32_MAX), ERR_STALE);
    SAME (numbers (probe).spaces, before);
}

static void
nothing_is_done_to_no_space (struct probe *probe)
{
    struct vm_fork_req fork = { .space = 4000, .process = 1, .into = window (probe) };
    struct vm_fork_rep forked;
    uint64_t at = PLACE;

    SAME (clear (probe, 4000), ERR_STALE);
    SAME (map (probe, 4000, PLACE, 1, ALL, 0), ERR_STALE);
    SAME (unmap (probe, 4000, PLACE, PAGE), ERR_STALE);
    SAME (protect (probe, 4000, PLACE, PAGE, ALL), ERR_STALE);
    SAME (move (probe, 4000, &at, 1, 2, 0, 0), ERR_STALE);
    SAME (forget (probe, 4000, PLACE, PAGE), ERR_STALE);
    SAME (fault (probe, 4000, PLACE, VM_READ), ERR_STALE);
    SAME (vm_fork (probe->subject, &fork, &forked), ERR_STALE);
}

/* ---- mappings ---- */

static void
maps_where_it_is_told (struct probe *probe)
{
    uint32_t space = make (probe, 50);
    uint64_t there = PLACE, any = 0, other = 0;

    SAME (map_file (probe, space, &there, 3 * PAGE, ALL, 0, 0, 0), OK);
    SAME (there, PLACE);
    SAME (probe->count, 0); /* there is nothing to do before somebody looks */
    SAME (map_file (probe, space, &any, 5 * PAGE - 1, ALL, 0, 0, 0), OK);
    SAME (map_file (probe, space, &other, PAGE, ALL, 0, 0, 0), OK);
    CHECK (any != 0 && other != 0 && any % PAGE == 0 && other % PAGE == 0);
    CHECK (other + PAGE <= any || any + 5 * PAGE <= other);
    SAME (fault (probe, space, any + 4 * PAGE, VM_READ), OK); /* lengths are rounded up */
    SAME (release (probe, space), OK);
}

static void
refuses_odd_mappings (struct probe *probe)
{
    uint32_t space = make (probe, 50);
    uint64_t at    = PLACE + 1;

    SAME (map_file (probe, space, &at, PAGE, ALL, 0, 0, 0), ERR_INVALID);
    SAME (map (probe, space, PLACE, 0, ALL, 0), ERR_INVALID);
    SAME (map (probe, space, PAGE, 1, ALL, 0), ERR_INVALID); /* far below */
    SAME (map (probe, space, 0x7000000000000000u, 1, ALL, 0), ERR_INVALID);
    at = PLACE;
    SAME (map_file (probe, space, &at, UINT64_MAX, ALL, 0, 0, 0), ERR_INVALID);
    at = 0;
    SAME (map_file (probe, space, &at, UINT64_MAX, ALL, 0, 0, 0), ERR_NO_MEMORY);
    SAME (map (probe, space, PLACE, 2, ALL, 0), OK);
    SAME (map (probe, space, PLACE + PAGE, 2, ALL, VM_MAP_KEEP), ERR_EXISTS);
    SAME (map (probe, space, PLACE + 2 * PAGE, 2, ALL, VM_MAP_KEEP), OK);
    at = 0;
    SAME (map_file (probe, space, &at, PAGE, VM_READ, 0, 999999, 0), ERR_STALE);
    SAME (release (probe, space), OK);
}

static void
there_are_not_too_many_of_them (struct probe *probe)
{
    uint32_t space = make (probe, 50), count = 0;

    /* Every other page: none joins its neighbour. */
    while (count < 20000 && map (probe, space, PLACE + 2 * count * PAGE, 1, ALL, 0) == OK)
        count++;
    CHECK (count >= 8000 && count < 20000);
    SAME (map (probe, space, PLACE + 2 * count * PAGE, 1, ALL, 0), ERR_NO_MEMORY);
    SAME (clear (probe, space), OK);
    SAME (map (probe, space, PLACE, 1, ALL, 0), OK);
    SAME (release (probe, space), OK);
}

static void
what_is_unmapped_is_gone (struct probe *probe)
{
    uint32_t space = make (probe, 50);
    uint64_t free  = numbers (probe).free;

    SAME (map (probe, space, PLACE, 3, ALL, 0), OK);
    SAME (fault (probe, space, PLACE + PAGE, VM_WRITE), OK);
    SAME (numbers (probe).free, free - 1);
    SAME (unmap (probe, space, PLACE + PAGE, PAGE), OK);
    SAME (probe->count, 1);
    SAME (order (probe, 0)->what, VM_UNMAP);
    SAME (order (probe, 0)->address, PLACE + PAGE);
    SAME (order (probe, 0)->count, 1);
    SAME (numbers (probe).free, free);
    SAME (fault (probe, space, PLACE + PAGE, VM_READ), ERR_FAULT);
    SAME (fault (probe, space, PLACE + 2 * PAGE, VM_READ), OK);
    SAME (unmap (probe, space, 0x40000000u, PAGE), OK); /* nothing is there: so it stays */
    SAME (unmap (probe, space, PLACE + 1, PAGE), ERR_INVALID);
    SAME (unmap (probe, space, PLACE, 0), ERR_INVALID);
    SAME (release (probe, space), OK);
    SAME (numbers (probe).free, free);
}

static void
protection_is_of_pages (struct probe *probe)
{
    uint32_t space = make (probe, 50);

    SAME (map (probe, space, PLACE, 3, ALL, 0), OK);
    SAME (fault (probe, space, PLACE + PAGE, VM_WRITE), OK);
    SAME (protect (probe, space, PLACE + PAGE, PAGE, VM_READ), OK);
    SAME (order (probe, 0)->what, VM_UNMAP); /* it comes back by a fault, as is allowed now */
    SAME (fault (probe, space, PLACE + PAGE, VM_WRITE), ERR_ACCESS);
    SAME (fault (probe, space, PLACE + PAGE, VM_READ), OK);
    SAME (order (probe, 0)->what, VM_MAP);
    SAME (order (probe, 0)->access, VM_READ);
    SAME (fault (probe, space, PLACE, VM_WRITE), OK);
    SAME (fault (probe, space, PLACE + 2 * PAGE, VM_WRITE), OK);
    SAME (protect (probe, space, PLACE, 3 * PAGE, 0), OK);
    SAME (fault (probe, space, PLACE, VM_READ), ERR_ACCESS);
    SAME (protect (probe, space, PLACE, 4 * PAGE, ALL), ERR_NO_MEMORY);
    SAME (protect (probe, space, PLACE + 1, PAGE, ALL), ERR_INVALID);
    SAME (release (probe, space), OK);
}

static void
mappings_move_and_grow (struct probe *probe)
{
    uint32_t space = make (probe, 50), frame;
    uint64_t at    = PLACE;

    SAME (map (probe, space, PLACE, 2, ALL, 0), OK);
    SAME (fault (probe, space, PLACE, VM_WRITE), OK);
    frame = order (probe, 0)->frame;
    SAME (move (probe, space, &at, 2, 4, 0, 0), OK); /* there is room behind it */
    SAME (at, PLACE);
    SAME (fault (probe, space, PLACE + 3 * PAGE, VM_WRITE), OK);
    SAME (map (probe, space, PLACE + 4 * PAGE, 1, VM_READ, 0), OK);
    SAME (move (probe, space, &at, 4, 5, 0, 0), ERR_NO_MEMORY);
    SAME (move (probe, space, &at, 4, 5, VM_MOVE_MAY, 0), OK);
    CHECK (at != PLACE);
    SAME (fault (probe, space, PLACE, VM_READ), ERR_FAULT);
    SAME (fault (probe, space, at, VM_READ), OK);
    SAME (order (probe, 0)->what, VM_MAP); /* the page came along, in its frame */
    SAME (order (probe, 0)->frame, frame);
    SAME (move (probe, space, &at, 5, 1, 0, 0), OK);
    SAME (fault (probe, space, at + PAGE, VM_READ), ERR_FAULT);
    SAME (move (probe, space, &at, 1, 1, VM_MOVE_MAY | VM_MOVE_FIXED, PLACE + 4 * PAGE), OK);
    SAME (at, PLACE + 4 * PAGE); /* what was there is replaced */
    SAME (fault (probe, space, at, VM_WRITE), OK);
    SAME (move (probe, space, &at, 1, 1, VM_MOVE_MAY | VM_MOVE_FIXED, at), ERR_INVALID);
    SAME (move (probe, space, &at, 1, 1, VM_MOVE_MAY | VM_MOVE_KEEP, 0), OK);
    CHECK (at != PLACE + 4 * PAGE);
    SAME (fault (probe, space, PLACE + 4 * PAGE, VM_READ), OK); /* what stays is empty */
    CHECK (is_fresh_page (probe, space, PLACE + 4 * PAGE, ALL));
    SAME (move (probe, space, &at, 2, 3, VM_MOVE_MAY, 0), ERR_FAULT);
    SAME (move (probe, space, &at, 1, 0, VM_MOVE_MAY, 0), ERR_INVALID);
    SAME (release (probe, space), OK);
}

static void
pages_can_be_forgotten (struct probe *probe)
{
    uint32_t space = make (probe, 50);
    uint64_t free  = numbers (probe).free;

    SAME (map (probe, space, PLACE, 2, ALL, 0), OK);
    SAME (fault (probe, space, PLACE, VM_WRITE), OK);
    SAME (forget (probe, space, PLACE, 2 * PAGE), OK);
    SAME (numbers (probe).free, free);
    SAME (fault (probe, space, PLACE, VM_READ), OK);
    CHECK (is_fresh_page (probe, space, PLACE, ALL));
    SAME (forget (probe, space, PLACE, 3 * PAGE), ERR_NO_MEMORY);
    SAME (release (probe, space), OK);
}

/* ---- faults ---- */

static void
a_fault_gives_a_page_of_zeroes (struct probe *probe)
{
    uint32_t space = make (probe, 50);
    uint64_t faults = numbers (probe).faults;

    SAME (map (probe, space, PLACE, 8, ALL, 0), OK);
    SAME (fault (probe, space, PLACE + 5 * PAGE + 77, VM_READ), OK);
    CHECK (is_fresh_page (probe, space, PLACE + 5 * PAGE, ALL));
    SAME (fault (probe, space, PLACE + 5 * PAGE, VM_WRITE), OK);
    SAME (probe->count, 1); /* it is there: it need only be shown */
    SAME (order (probe, 0)->what, VM_MAP);
    SAME (numbers (probe).faults, faults + 2);
    SAME (release (probe, space), OK);
}

static void
a_fault_may_be_the_programs (struct probe *probe)
{
    uint32_t space = make (probe, 50);

    SAME (map (probe, space, PLACE, 1, VM_READ, 0), OK);
    SAME (map (probe, space, PLACE + PAGE, 1, VM_READ | VM_EXECUTE, 0), OK);
    SAME (fault (probe, space, PLACE, VM_WRITE), ERR_ACCESS);
    SAME (fault (probe, space, PLACE, VM_EXECUTE), ERR_ACCESS);
    SAME (fault (probe, space, PLACE + PAGE, VM_EXECUTE), OK);
    SAME (fault (probe, space, PLACE + 2 * PAGE, VM_READ), ERR_FAULT);
    SAME (fault (probe, space, PLACE - 1, VM_READ), ERR_FAULT);
    SAME (fault (probe, space, 0, VM_READ), ERR_FAULT);
    SAME (fault (probe, space, UINT64_MAX, VM_READ), ERR_FAULT);
    SAME (release (probe, space), OK);
}

static void
pages_in_a_row_come_in_runs (struct probe *probe)
{
    static const uint32_t runs[] = { 1, 1, 2, 4, 8, 16, 16 };
    uint32_t space = make (probe, 50);
    uint64_t at    = PLACE;

    SAME (map (probe, space, PLACE, 100, ALL, 0), OK);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        SAME (fault (probe, space, at, VM_WRITE), OK);
        SAME (order (probe, 0)->count, runs[i]);
        at += runs[i] * PAGE;
    }
    SAME (fault (probe, space, PLACE + 90 * PAGE, VM_WRITE), OK);
    SAME (order (probe, 0)->count, 1);
    SAME (release (probe, space), OK);
}

/* ---- two who share ---- */

static void
a_copy_is_made_when_one_writes (struct probe *probe)
{
    uint32_t space = make (probe, 50), child, frame;
    uint64_t copies = numbers (probe).copied;

    /* So many that a fork copies none of them. */
    SAME (map (probe, space, PLACE, MANY, ALL, 0), OK);
    for (uint64_t page = 1; page <= MANY; page++)
        SAME (fault (probe, space, PLACE + page % MANY * PAGE, VM_WRITE), OK);
    frame = order (probe, 0)->frame;
    child = fork_space (probe, space, 51);
    SAME (order (probe, 0)->what, VM_SHARE);
    SAME (order (probe, 0)->other, child);
    SAME (order (probe, 0)->access & VM_WRITE, 0);
    SAME (numbers (probe).shared, MANY);
    SAME (fault (probe, child, PLACE, VM_READ), OK);
    SAME (order (probe, 0)->frame, frame);
    SAME (order (probe, 0)->access, VM_READ);
    SAME (fault (probe, child, PLACE, VM_WRITE), OK);
    SAME (order (probe, 0)->what, VM_COPY);
    SAME (order (probe, 0)->frame, frame);
    SAME (order (probe, 0)->bytes, PAGE);
    SAME (order (probe, 1)->what, VM_MAP);
    SAME (order (probe, 1)->frame, order (probe, 0)->other);
    SAME (fault (probe, space, PLACE, VM_WRITE), OK); /* alone with it again */
    SAME (probe->count, 1);
    SAME (order (probe, 0)->frame, frame);
    SAME (order (probe, 0)->access, ALL);
    SAME (numbers (probe).copied, copies + 1);
    SAME (release (probe, space), OK);
    SAME (fault (probe, child, PLACE, VM_READ), OK);
    SAME (release (probe, child), OK);
}

/* What a parent has written its child will write as well, as far as that is little. */
static void
a_fork_copies_what_both_will_write (struct probe *probe)
{
    uint32_t space = make (probe, 50), child, frame;
    struct vm_numbers before = numbers (probe);

    SAME (map (probe, space, PLACE, 3, ALL, 0), OK);
    SAME (fault (probe, space, PLACE + PAGE, VM_WRITE), OK);
    frame = order (probe, 0)->frame;
    child = fork_space (probe, space, 51);
    SAME (probe->count, 4);
    SAME (order (probe, 0)->what, VM_COPY);
    SAME (order (probe, 0)->frame, frame);
    SAME (order (probe, 0)->bytes, PAGE);
    SAME (order (probe, 1)->what, VM_SHARE);
    SAME (order (probe, 1)->address, PLACE);
    SAME (order (probe, 1)->count, 1);
    SAME (order (probe, 2)->what, VM_MAP);
    SAME (order (probe, 2)->space, child);
    SAME (order (probe, 2)->frame, order (probe, 0)->other);
    SAME (order (probe, 2)->access, ALL);
    SAME (order (probe, 3)->what, VM_SHARE);
    SAME (order (probe, 3)->address, PLACE + 2 * PAGE);
    SAME (numbers (probe).forked, before.forked + 1);
    SAME (numbers (probe).copied, before.copied);
    SAME (numbers (probe).shared, 0);
    SAME (release (probe, space), OK);
    SAME (release (probe, child), OK);
}

static void
shared_memory_is_not_copied (struct probe *probe)
{
    uint32_t space = make (probe, 50), child, frame;
    uint64_t free  = numbers (probe).free;

    SAME (map (probe, space, PLACE, 1, ALL, VM_MAP_SHARED), OK);
    child = fork_space (probe, space, 51);
    SAME (fault (probe, child, PLACE, VM_WRITE), OK);
    CHECK (is_fresh_page (probe, child, PLACE, ALL));
    frame = order (probe, 0)->frame;
    SAME (fault (probe, space, PLACE, VM_WRITE), OK);
    SAME (order (probe, 0)->what, VM_MAP);
    SAME (order (probe, 0)->frame, frame);
    SAME (release (probe, child), OK);
    SAME (numbers (probe).free, free - 1);
    SAME (release (probe, space), OK);
    SAME (numbers (probe).free, free);
}

/* ---- files ---- */

static enum status
file (struct probe *probe, int32_t fd, uint64_t node, uint64_t size, uint32_t *id)
{
    struct vm_file_req req
        = { .filesystem = 77, .fd = fd, .writable = 0, .node = node, .size = size };
    struct vm_file_rep rep = { .file = *id };
    enum status status     = vm_file (probe->subject, &req, &rep);

    *id = rep.file;
    return status;
}

static enum status
drop (struct probe *probe, uint32_t id)
{
    struct vm_drop_req req = { .file = id };
    struct vm_drop_rep rep;

    return vm_drop (probe->subject, &req, &rep);
}

/* The descriptors are none that the kernel has: nothing can be read from them. */
static void
files_are_known_by_their_nodes (struct probe *probe)
{
    uint32_t space = make (probe, 50), first = 0, again = 0, other = 0;
    uint64_t at    = PLACE;

    SAME (file (probe, 4000, 5, 3 * PAGE, &first), OK);
    SAME (file (probe, 4001, 5, 3 * PAGE, &again), OK);
    SAME (file (probe, 4002, 6, PAGE, &other), OK);
    SAME (again, first);
    CHECK (other != first);
    SAME (map_file (probe, space, &at, 4 * PAGE, VM_READ, 0, first, 0), OK);
    at = 0;
    SAME (map_file (probe, space, &at, PAGE, VM_READ, 0, first, 77), ERR_INVALID);
    SAME (drop (probe, first), OK);
    SAME (drop (probe, first), OK);
    SAME (drop (probe, first), ERR_STALE); /* it is mapped still */
    SAME (drop (probe, other), OK);
    SAME (drop (probe, other), ERR_STALE);
    CHECK (fault (probe, space, PLACE, VM_READ) != OK);
    SAME (fault (probe, space, PLACE + 3 * PAGE, VM_READ), ERR_RANGE); /* behind its end */
    SAME (clear (probe, space), OK);
    SAME (map_file (probe, space, &at, PAGE, VM_READ, 0, first, 0), ERR_STALE);
    SAME (release (probe, space), OK);
}

static void
files_that_nobody_maps_are_nothing_to_it (struct probe *probe)
{
    struct vm_reading_req reading = { .filesystem = 77, .node = 9, .bytes = 100 };
    struct vm_reading_rep read;
    struct vm_writing_req writing = { .filesystem = 77, .node = 9 };
    struct vm_writing_rep held = { .held = 9 };
    struct vm_written_req written = { .filesystem = 77, .node = 9, .bytes = 10, .size = 10 };
    struct vm_written_rep done;

    SAME (vm_reading (probe->subject, &reading, &read), OK);
    SAME (vm_writing (probe->subject, &writing, &held), OK);
    SAME (held.held, 0);
    SAME (vm_written (probe->subject, &written, &done), OK);
}

/* Between the two nothing of it is filled: it is held, even when it is written more than once. */
static void
who_writes_a_mapped_file_says_so (struct probe *probe)
{
    struct vm_writing_req writing = { .filesystem = 77, .node = 5 };
    struct vm_writing_rep held = { .held = 9 };
    struct vm_written_req written
        = { .filesystem = 77, .held = 1, .node = 5, .bytes = 0, .size = PAGE };
    struct vm_written_rep done;
    uint32_t space = make (probe, 50), id = 0;
    uint64_t at    = PLACE;

    SAME (file (probe, 4000, 5, 3 * PAGE, &id), OK);
    SAME (map_file (probe, space, &at, 3 * PAGE, VM_READ, 0, id, 0), OK);
    for (unsigned i = 0; i < 2; i++) {
        SAME (vm_writing (probe->subject, &writing, &held), OK);
        SAME (held.held, 1);
        SAME (vm_written (probe->subject, &written, &done), OK);
    }
    SAME (fault (probe, space, PLACE + PAGE, VM_READ), ERR_RANGE); /* it is shorter now */
    SAME (release (probe, space), OK);
    SAME (drop (probe, id), OK);
}

static void
what_is_mapped_can_be_made_safe (struct probe *probe)
{
    uint32_t space         = make (probe, 50);
    struct vm_sync_req req = { .space = space, .address = PLACE, .bytes = 2 * PAGE, .flush = 1 };
    struct vm_sync_rep rep;

    SAME (map (probe, space, PLACE, 2, ALL, 0), OK);
    SAME (vm_sync (probe->subject, &req, &rep), OK);
    req.bytes = 3 * PAGE;
    SAME (vm_sync (probe->subject, &req, &rep), ERR_NO_MEMORY);
    req.address++;
    SAME (vm_sync (probe->subject, &req, &rep), ERR_INVALID);
    SAME (release (probe, space), OK);
}

/* ---- for people ---- */

static void
tells_the_mappings_of_a_process (struct probe *probe)
{
    static const char wanted[] = "00100000-00103000 rw-p 00000000 00:00 0\n"
                                 "00103000-00104000 r-xs 00000000 00:00 0\n"
                                 "00110000-00111000 rw-p 00000000 00:00 0 [heap]\n";
    uint32_t space         = make (probe, 50);
    char text[256];
    struct vm_maps_req req = { .process = 50, .into = WINDOW (text, sizeof text) };
    struct vm_maps_rep rep = { 0 };

    SAME (map (probe, space, PLACE, 2, ALL, 0), OK);
    SAME (map (probe, space, PLACE + 2 * PAGE, 1, ALL, 0), OK); /* they become one */
    SAME (map (probe, space, PLACE + 3 * PAGE, 1, VM_READ | VM_EXECUTE, VM_MAP_SHARED), OK);
    SAME (map (probe, space, PLACE + 16 * PAGE, 1, ALL, VM_MAP_HEAP), OK);
    SAME (vm_maps (probe->subject, &req, &rep), OK);
    SAME_TEXT (text, rep.done, wanted);
    req.offset      = 40;
    req.into.length = 8;
    SAME (vm_maps (probe->subject, &req, &rep), OK);
    SAME_TEXT (text, rep.done, "00103000");
    req.process = 51;
    SAME (vm_maps (probe->subject, &req, &rep), OK);
    SAME (rep.done, 0);
    SAME (release (probe, space), OK);
}

static void
tells_whose_the_frames_are (struct probe *probe)
{
    uint32_t space = make (probe, 50), child;
    char text[1024];
    struct vm_frames_req req = { .into = WINDOW (text, sizeof text - 1) };
    struct vm_frames_rep rep = { 0 };

    SAME (map (probe, space, PLACE, 1, VM_READ, 0), OK);
    SAME (map (probe, space, PLACE + PAGE, 2, ALL, 0), OK);
    SAME (fault (probe, space, PLACE, VM_READ), OK);
    child = fork_space (probe, space, 51);
    SAME (fault (probe, space, PLACE + 2 * PAGE, VM_WRITE), OK);
    SAME (vm_frames (probe->subject, &req, &rep), OK);
    CHECK (rep.done < sizeof text);
    text[rep.done] = '\0';
    CHECK (strstr (text, "policy second-chance\n") != NULL);
    CHECK (strstr (text, "process 50 own 1 shared 1 swapped 0 faults 2\n") != NULL);
    CHECK (strstr (text, "process 51 own 0 shared 1 swapped 0 faults 0\n") != NULL);
    SAME (release (probe, child), OK);
    SAME (release (probe, space), OK);
}

static enum status
refer (struct probe *probe, const char *policy, uint32_t frames, uint64_t *faults)
{
    static const uint32_t string[] = { 1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5 };
    struct vm_refer_req req
        = { .frames = frames, .from = WINDOW ((void *)(uintptr_t)string, sizeof string) };
    struct vm_refer_rep rep = { .faults = *faults };
    enum status status;

    memcpy (req.policy, policy, strlen (policy));
    status  = vm_refer (probe->subject, &req, &rep);
    *faults = rep.faults;
    if (status == OK)
        probe_same (probe, rep.hits, 12 - rep.faults, "hits", __FILE__, __LINE__);
    return status;
}

static void
a_string_of_references_is_counted_exactly (struct probe *probe)
{
    uint64_t faults = 0;

    SAME (refer (probe, "fifo", 3, &faults), OK);
    SAME (faults, 9);
    SAME (refer (probe, "fifo", 4, &faults), OK);
    SAME (faults, 10); /* more frames, more faults */
    SAME (refer (probe, "lru", 3, &faults), OK);
    SAME (faults, 10);
    SAME (refer (probe, "lru", 4, &faults), OK);
    SAME (faults, 8);
    SAME (refer (probe, "second-chance", 5, &faults), OK);
    SAME (faults, 5);
    CHECK (refer (probe, "newest", 3, &faults) != OK);
    CHECK (refer (probe, "lru", 0, &faults) != OK);
    CHECK (refer (probe, "lru", UINT32_MAX, &faults) != OK);
}

static void
all_of_it_is_free_in_the_end (struct probe *probe)
{
    struct vm_numbers now = numbers (probe);

    CHECK (now.frames > 0);
    SAME (now.spaces, 0);
    SAME (now.free, now.frames - 1); /* frame 0 is none */
    SAME (now.of_files, 0);
    SAME (now.killed, 0);
}

const struct suite vm_suite = {
    .name = "vm",
    .cases = { { "spaces come and go", spaces_come_and_go },
               { "nothing is done to no space", nothing_is_done_to_no_space },
               { "maps where it is told", maps_where_it_is_told },
               { "refuses odd mappings", refuses_odd_mappings },
               { "there are not too many of them", there_are_not_too_many_of_them },
               { "what is unmapped is gone", what_is_unmapped_is_gone },
               { "protection is of pages", protection_is_of_pages },
               { "mappings move and grow", mappings_move_and_grow },
               { "pages can be forgotten", pages_can_be_forgotten },
               { "a fault gives a page of zeroes", a_fault_gives_a_page_of_zeroes },
               { "a fault may be the program's", a_fault_may_be_the_programs },
               { "pages in a row come in runs", pages_in_a_row_come_in_runs },
               { "a copy is made when one writes", a_copy_is_made_when_one_writes },
               { "a fork copies what both will write", a_fork_copies_what_both_will_write },
               { "shared memory is not copied", shared_memory_is_not_copied },
               { "files are known by their nodes", files_are_known_by_their_nodes },
               { "files that nobody maps are nothing to it",
                 files_that_nobody_maps_are_nothing_to_it },
               { "who writes a mapped file says so", who_writes_a_mapped_file_says_so },
               { "what is mapped can be made safe", what_is_mapped_can_be_made_safe },
               { "tells the mappings of a process", tells_the_mappings_of_a_process },
               { "tells whose the frames are", tells_whose_the_frames_are },
               { "a string of references is counted exactly",
                 a_string_of_references_is_counted_exactly },
               { "all of it is free in the end", all_of_it_is_free_in_the_end } },
};

const struct component_class probe_vm_class = {
    .name = "probe-vm",
    .summary = "tries out a memory manager",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (vm) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
