#include "guest/space.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "guest/guest.h"
#include "nucleus/nucleus.h"

#define PAGE_MASK    ((uint64_t)PAGE_BYTES - 1)
#define TABLE_BITS   9
#define TABLE_SIZE   (1u << TABLE_BITS)
#define LEVELS       4
#define AROUND_PAGES 16u

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

static struct frames *
frames (void)
{
    return &nucleus ()->guests.frames;
}

/* ---- page tables: four levels of 512 entries ---- */

static unsigned
table_index (uint64_t address, unsigned level)
{
    return (unsigned)(address >> (12 + TABLE_BITS * level)) & (TABLE_SIZE - 1);
}

/* The entry of a page; NULL: there is no table for it, or (make) no memory for one. */
static uint64_t *
pte_find (const struct space *space, uint64_t address, bool make)
{
    uint64_t *table = space->root;

    for (unsigned level = LEVELS - 1; level > 0; level--) {
        uint64_t *entry = &table[table_index (address, level)];

        if (*entry == 0) {
            if (!make)
                return NULL;
            *entry = (uint64_t)(uintptr_t)component_alloc (self (),
                                                           TABLE_SIZE * sizeof (uint64_t));
            if (*entry == 0)
                return NULL;
        }
        table = (uint64_t *)(uintptr_t)*entry;
    }
    return &table[table_index (address, 0)];
}

/* The first present page from *address on, before `end`; NULL: none. */
static uint64_t *
pte_next (const struct space *space, uint64_t *address, uint64_t end)
{
    while (*address < end) {
        uint64_t *table = space->root;
        unsigned level;

        for (level = LEVELS - 1; level > 0; level--) {
            uint64_t entry = table[table_index (*address, level)];

            if (entry == 0)
                break;
            table = (uint64_t *)(uintptr_t)entry;
        }
        if (level == 0) {
            uint64_t *pte = &table[table_index (*address, 0)];

            if ((*pte & PTE_PRESENT) != 0)
                return pte;
        }
        uint64_t step = (uint64_t)PAGE_BYTES << (TABLE_BITS * level);

        *address = (*address | (step - 1)) + 1;
    }
    return NULL;
}

static void
tables_free (uint64_t *table, unsigned level)
{
    for (unsigned i = 0; level > 0 && i < TABLE_SIZE; i++)
        if (table[i] != 0)
            tables_free ((uint64_t *)(uintptr_t)table[i], level - 1);
    component_free (self (), table);
}

static uint32_t
pte_frame (uint64_t pte)
{
    return (uint32_t)(pte >> 12);
}

static uint64_t
pte_make (uint32_t frame, uint64_t flags)
{
    return (uint64_t)frame << 12 | PTE_PRESENT | flags;
}

/* ---- telling the host process ---- */

static uint64_t
host_access (uint32_t access)
{
    return ((access & SPACE_READ) != 0 ? PROT_READ : 0)
           | ((access & SPACE_WRITE) != 0 ? PROT_READ | PROT_WRITE : 0)
           | ((access & SPACE_EXECUTE) != 0 ? PROT_READ | PROT_EXEC : 0);
}

static uint32_t
pte_access (const struct region_of_space *region, uint64_t pte)
{
    return (pte & PTE_WRITE) != 0 ? region->access : region->access & ~(uint32_t)SPACE_WRITE;
}

/* Maps the page and its neighbours that lie beside it in RAM too and allow the same. */
static void
page_map (struct space *space, const struct region_of_space *region, uint64_t address)
{
    uint64_t *pte   = pte_find (space, address, false);
    uint32_t access = pte_access (region, *pte);
    uint64_t first  = address, end = address + PAGE_BYTES;
    uint32_t frame  = pte_frame (*pte);

    if (space->slot < 0)
        return;
    *pte |= PTE_MAPPED;
    for (unsigned i = 0; i < AROUND_PAGES && first > region->first; i++) {
        uint64_t *before = pte_find (space, first - PAGE_BYTES, false);

        if (before == NULL || (*before & (PTE_PRESENT | PTE_MAPPED)) != PTE_PRESENT
            || pte_frame (*before) != frame - 1 || pte_access (region, *before) != access)
            break;
        *before |= PTE_MAPPED;
        first -= PAGE_BYTES;
        frame--;
    }
    for (unsigned i = 0; i < AROUND_PAGES && end < region->end; i++) {
        uint64_t *after = pte_find (space, end, false);

        if (after == NULL || (*after & (PTE_PRESENT | PTE_MAPPED)) != PTE_PRESENT
            || pte_frame (*after) != frame + (end - first) / PAGE_BYTES
            || pte_access (region, *after) != access)
            break;
        *after |= PTE_MAPPED;
        end += PAGE_BYTES;
    }
    guest_order (space, SYS_mmap, first, end - first, host_access (access),
                 MAP_SHARED | MAP_FIXED | MAP_POPULATE, GUEST_RAM_FD,
                 (uint64_t)frame * PAGE_BYTES);
}

bool
space_present (const struct space *space, uint64_t address)
{
    const uint64_t *pte = pte_find (space, address, false);

    return pte != NULL && (*pte & PTE_PRESENT) != 0;
}

/* ---- spaces ---- */

struct space *
space_new (void)
{
    struct space *space = component_alloc (self (), sizeof *space);

    if (space == NULL)
        return NULL;
    space->root = component_alloc (self (), TABLE_SIZE * sizeof *space->root);
    if (space->root == NULL) {
        component_free (self (), space);
        return NULL;
    }
    space->refs = 1;
    space->slot = -1;
    return space;
}

struct space *
space_ref (struct space *space)
{
    space->refs++;
    return space;
}

/* Gives the frames of a range back. */
static void
pages_drop (struct space *space, uint64_t first, uint64_t end)
{
    uint64_t *pte;

    for (uint64_t at = first; (pte = pte_next (space, &at, end)) != NULL; at += PAGE_BYTES) {
        frame_drop (frames (), pte_frame (*pte));
        *pte = 0;
        space->pages--;
    }
}

static void
regions_free (struct space *space)
{
    while (space->regions != NULL) {
        struct region_of_space *region = space->regions;

        space->regions = region->next;
        image_put (region->image);
        component_free (self (), region);
    }
}

void
space_put (struct space *space)
{
    if (space == NULL || --space->refs > 0)
        return;
    pages_drop (space, 0, GUEST_USER_END);
    regions_free (space);
    guest_process_release (space);
    tables_free (space->root, LEVELS - 1);
    component_free (self (), space);
}

void
space_clear (struct space *space)
{
    pages_drop (space, 0, GUEST_USER_END);
    regions_free (space);
    if (space->slot >= 0)
        guest_order (space, SYS_munmap, 0, GUEST_STUB_BASE, 0, 0, 0, 0);
    space->heap_first = space->heap_end = 0;
}

/* ---- regions ---- */

struct region_of_space *
space_find (const struct space *space, uint64_t address)
{
    for (struct region_of_space *region = space->regions; region != NULL; region = region->next)
        if (address < region->end)
            return address >= region->first ? region : NULL;
    return NULL;
}

static bool
range_is_good (uint64_t first, uint64_t bytes)
{
    return (first & PAGE_MASK) == 0 && bytes != 0 && first >= GUEST_USER_FIRST
           && first < GUEST_USER_END && bytes <= GUEST_USER_END - first;
}

/* Cuts the region that holds `at` in two there. False: no memory. */
static bool
region_cut (struct space *space, uint64_t at)
{
    struct region_of_space *region = space_find (space, at), *rest;

    if (region == NULL || region->first == at)
        return true;
    rest = component_alloc (self (), sizeof *rest);
    if (rest == NULL)
        return false;
    *rest       = *region;
    rest->first = at;
    rest->image_offset += at - region->first;
    region->end  = at;
    region->next = rest;
    if (rest->image != NULL)
        rest->image->refs++;
    return true;
}

enum status
space_unmap (struct space *space, uint64_t first, uint64_t bytes)
{
    uint64_t end = first + ((bytes + PAGE_MASK) & ~PAGE_MASK);
    struct region_of_space **at;

    if (!range_is_good (first, bytes))
        return ERR_INVALID;
    if (!region_cut (space, first) || !region_cut (space, end))
        return ERR_NO_MEMORY;
    for (at = &space->regions; *at != NULL && (*at)->end <= first;)
        at = &(*at)->next;
    if (*at == NULL || (*at)->first >= end)
        return OK;
    pages_drop (space, first, end);
    while (*at != NULL && (*at)->first < end) {
        struct region_of_space *region = *at;

        *at = region->next;
        image_put (region->image);
        component_free (self (), region);
    }
    if (space->slot >= 0)
        guest_order (space, SYS_munmap, first, end - first, 0, 0, 0, 0);
    return OK;
}

/* Joins a region with the one behind it if they are one. */
static void
region_join (struct region_of_space *region)
{
    struct region_of_space *next = region->next;

    if (next == NULL || next->first != region->end || next->access != region->access
        || next->shared != region->shared || next->image != NULL || region->image != NULL)
        return;
    region->end  = next->end;
    region->next = next->next;
    component_free (self (), next);
}

enum status
space_map (struct space *space, uint64_t first, uint64_t bytes, uint32_t access, bool shared,
           struct image *image, uint64_t image_offset, uint64_t image_bytes)
{
    struct region_of_space *region, *before = NULL;
    enum status status;

    bytes  = (bytes + PAGE_MASK) & ~PAGE_MASK;
    status = space_unmap (space, first, bytes);
    if (status != OK)
        return status;
    region = component_alloc (self (), sizeof *region);
    if (region == NULL)
        return ERR_NO_MEMORY;
    *region = (struct region_of_space){ .first = first, .end = first + bytes, .access = access,
                                        .shared = shared, .image = image,
                                        .image_offset = image_offset,
                                        .image_end = first + image_bytes };
    if (image != NULL)
        image->refs++;
    for (struct region_of_space *r = space->regions; r != NULL && r->first < first; r = r->next)
        before = r;
    region->next = before != NULL ? before->next : space->regions;
    if (before != NULL)
        before->next = region;
    else
        space->regions = region;
    region_join (region);
    if (before != NULL)
        region_join (before);
    return OK;
}

enum status
space_protect (struct space *space, uint64_t first, uint64_t bytes, uint32_t access)
{
    uint64_t end = first + ((bytes + PAGE_MASK) & ~PAGE_MASK), at = first;
    uint64_t *pte;

    if (bytes == 0)
        return OK;
    if (!range_is_good (first, bytes))
        return ERR_INVALID;
    for (struct region_of_space *r = space_find (space, first); at < end; r = r->next) {
        if (r == NULL || r->first > at)
            return ERR_NO_MEMORY;
        at = r->end;
        if (at >= end)
            break;
    }
    if (!region_cut (space, first) || !region_cut (space, end))
        return ERR_NO_MEMORY;
    for (struct region_of_space *r = space->regions; r != NULL && r->first < end; r = r->next)
        if (r->first >= first)
            r->access = access;
    /* What the host process has of it comes back by faults, as now allowed. */
    for (at = first; (pte = pte_next (space, &at, end)) != NULL; at += PAGE_BYTES)
        *pte &= ~(uint64_t)(PTE_MAPPED | PTE_WRITE);
    if (space->slot >= 0)
        guest_order (space, SYS_munmap, first, end - first, 0, 0, 0, 0);
    return OK;
}

void
space_forget (struct space *space, uint64_t first, uint64_t bytes)
{
    uint64_t end = first + ((bytes + PAGE_MASK) & ~PAGE_MASK);

    pages_drop (space, first, end);
    if (space->slot >= 0)
        guest_order (space, SYS_munmap, first, end - first, 0, 0, 0, 0);
}

#define PLACE_END 0x6f0000000000u

uint64_t
space_place (const struct space *space, uint64_t bytes)
{
    uint64_t best = 0, from = GUEST_USER_FIRST;

    /* The highest gap below the stack's part of the space that is large enough. */
    bytes = (bytes + PAGE_MASK) & ~PAGE_MASK;
    for (const struct region_of_space *region = space->regions;; region = region->next) {
        uint64_t to = region != NULL && region->first < PLACE_END ? region->first : PLACE_END;

        if (to > from && to - from >= bytes)
            best = to - bytes;
        if (region == NULL || region->first >= PLACE_END)
            return best;
        from = region->end;
    }
}

/* ---- faults ---- */

/* A frame for a private page that begins with `bytes` bytes of another. */
static uint32_t
frame_copy (const uint8_t *from, uint32_t bytes)
{
    uint32_t frame = frames_take (frames (), 1);

    if (frame == FRAME_NONE)
        return FRAME_NONE;
    if (bytes != 0)
        memcpy (frame_memory (frame), from, bytes);
    memset (frame_memory (frame) + bytes, 0, PAGE_BYTES - bytes);
    return frame;
}

/* Other pages of the file that have been read come along, shared. */
static void
image_around (struct space *space, const struct region_of_space *region, uint64_t address)
{
    uint64_t index = (region->image_offset + (address - region->first)) / PAGE_BYTES;

    for (uint64_t i = index / AROUND_PAGES * AROUND_PAGES;
         i < index / AROUND_PAGES * AROUND_PAGES + AROUND_PAGES; i++) {
        uint64_t at = address + (i - index) * PAGE_BYTES;
        uint64_t *pte;

        if (at < region->first || at >= region->end || at + PAGE_BYTES > region->image_end
            || i >= region->image->page_count || region->image->pages[i] == FRAME_NONE)
            continue;
        pte = pte_find (space, at, true);
        if (pte == NULL || (*pte & PTE_PRESENT) != 0)
            continue;
        frame_use (frames (), region->image->pages[i]);
        *pte = pte_make (region->image->pages[i], 0);
        space->pages++;
    }
}

/* A page of a file: shared as long as nobody writes, if it is a whole one. */
static enum status
page_from_image (struct space *space, const struct region_of_space *region, uint64_t address,
                 uint32_t access)
{
    uint64_t index = (region->image_offset + (address - region->first)) / PAGE_BYTES;
    uint64_t bytes = region->image_end - address;
    uint32_t frame;
    uint64_t *pte;
    enum status status = image_page (region->image, (uint32_t)index, &frame);

    if (status != OK)
        return status;
    pte = pte_find (space, address, true);
    if (pte == NULL)
        return ERR_NO_MEMORY;
    if (bytes >= PAGE_BYTES && (access & SPACE_WRITE) == 0) {
        image_around (space, region, address);
        return OK;
    }
    frame = frame_copy (frame_memory (frame), bytes < PAGE_BYTES ? (uint32_t)bytes : PAGE_BYTES);
    if (frame == FRAME_NONE)
        return ERR_NO_MEMORY;
    *pte = pte_make (frame, (region->access & SPACE_WRITE) != 0 ? PTE_WRITE : 0);
    space->pages++;
    return OK;
}

/* Makes a present page writable: its frame is the program's own, or a copy is made. */
static enum status
page_own (const struct region_of_space *region, uint64_t *pte)
{
    uint32_t frame = pte_frame (*pte);

    if (!region->shared && frames ()->uses[frame] > 1) {
        uint32_t copy = frame_copy (frame_memory (frame), PAGE_BYTES);

        if (copy == FRAME_NONE)
            return ERR_NO_MEMORY;
        nucleus ()->guests.copies++;
        frame_drop (frames (), frame);
        frame = copy;
    }
    *pte = pte_make (frame, PTE_WRITE);
    return OK;
}

/* Sees to it that the page is there for that access. *changed: what the host process has of it
 * is not right any more. */
static enum status
page_in (struct space *space, const struct region_of_space *region, uint64_t address,
         uint32_t access, bool *changed)
{
    uint64_t *pte = pte_find (space, address, true);
    bool mapped;
    enum status status = OK;

    *changed = false;
    if (pte == NULL)
        return ERR_NO_MEMORY;
    mapped = (*pte & PTE_MAPPED) != 0;
    if ((*pte & PTE_PRESENT) == 0) {
        if (region->image != NULL && address < region->image_end) {
            status = page_from_image (space, region, address, access);
        } else {
            uint32_t frame = frame_copy (NULL, 0);

            if (frame == FRAME_NONE)
                return ERR_NO_MEMORY;
            *pte = pte_make (frame, (region->access & SPACE_WRITE) != 0 ? PTE_WRITE : 0);
            space->pages++;
        }
        if (space->pages > space->pages_peak)
            space->pages_peak = space->pages;
    } else if ((access & SPACE_WRITE) != 0 && (*pte & PTE_WRITE) == 0) {
        status   = page_own (region, pte);
        *changed = mapped;
    }
    return status;
}

/* The region, if it allows that access. */
static struct region_of_space *
region_for (const struct space *space, uint64_t address, uint32_t access)
{
    struct region_of_space *region = space_find (space, address);

    return region != NULL && (access & ~region->access) == 0 ? region : NULL;
}

enum status
space_fault (struct space *space, uint64_t address, uint32_t access)
{
    struct region_of_space *region = region_for (space, address, access);
    uint64_t page                  = address & ~PAGE_MASK;
    bool changed;
    enum status status;

    if (region == NULL)
        return ERR_FAULT;
    space->faults++;
    status = page_in (space, region, page, access, &changed);
    if (status == OK)
        page_map (space, region, page);
    return status;
}

/* ---- the kernel's own access ---- */

/* The memory of one page of a program; NULL with *status. */
static uint8_t *
page_touch (struct space *space, uint64_t address, uint32_t access, enum status *status)
{
    struct region_of_space *region = region_for (space, address, access);
    uint64_t page                  = address & ~PAGE_MASK;
    bool changed;

    *status = ERR_FAULT;
    if (region == NULL)
        return NULL;
    *status = page_in (space, region, page, access, &changed);
    if (*status != OK)
        return NULL;
    if (changed)
        page_map (space, region, page);
    return frame_memory (pte_frame (*pte_find (space, page, false))) + (address & PAGE_MASK);
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

/* ---- fork ---- */

static bool
regions_copy (const struct space *space, struct space *child)
{
    struct region_of_space **at = &child->regions;

    for (const struct region_of_space *r = space->regions; r != NULL; r = r->next) {
        *at = component_alloc (self (), sizeof **at);
        if (*at == NULL)
            return false;
        **at         = *r;
        (*at)->next  = NULL;
        if (r->image != NULL)
            r->image->refs++;
        at = &(*at)->next;
    }
    return true;
}

/* Shared memory is shared even where nobody has been yet: its pages come now. */
static bool
pages_fill (struct space *space)
{
    for (struct region_of_space *r = space->regions; r != NULL; r = r->next)
        for (uint64_t at = r->first; r->shared && r->access != 0 && at < r->end;
             at += PAGE_BYTES) {
            bool changed;

            if (page_in (space, r, at, SPACE_READ, &changed) != OK)
                return false;
        }
    return true;
}

/* Both sides refer to the frames from now on; a private page may be written by neither. */
static bool
pages_share (struct space *space, struct space *child)
{
    for (struct region_of_space *r = space->regions; r != NULL; r = r->next) {
        uint64_t run = 0, run_end = 0, at = r->first;
        uint64_t *pte, *copy;

        for (; (pte = pte_next (space, &at, r->end)) != NULL; at += PAGE_BYTES) {
            copy = pte_find (child, at, true);
            if (copy == NULL)
                return false;
            frame_use (frames (), pte_frame (*pte));
            child->pages++;
            if (!r->shared && (*pte & PTE_WRITE) != 0) {
                if ((*pte & PTE_MAPPED) != 0 && at != run_end) {
                    if (run != 0)
                        guest_order (space, SYS_mprotect, run, run_end - run,
                                     host_access (r->access & ~(uint32_t)SPACE_WRITE), 0, 0, 0);
                    run = at;
                }
                if ((*pte & PTE_MAPPED) != 0)
                    run_end = at + PAGE_BYTES;
                *pte &= ~(uint64_t)PTE_WRITE;
            }
            *copy = *pte & ~(uint64_t)PTE_MAPPED;
        }
        if (run != 0)
            guest_order (space, SYS_mprotect, run, run_end - run,
                         host_access (r->access & ~(uint32_t)SPACE_WRITE), 0, 0, 0);
    }
    return true;
}

/* The child is likely to need what the parent has: maps it all, as far as one message goes. */
static void
pages_map_all (struct space *space)
{
    const struct mailbox *box = GUEST_MAILBOX (space->slot);

    for (struct region_of_space *r = space->regions; r != NULL; r = r->next) {
        uint64_t *pte;

        for (uint64_t at = r->first; (pte = pte_next (space, &at, r->end)) != NULL;
             at += PAGE_BYTES)
            if ((*pte & PTE_MAPPED) == 0) {
                if (box->order_count + 4 >= GUEST_ORDERS_MAX)
                    return;
                page_map (space, r, at);
            }
    }
}

enum status
space_fork (struct space *space, struct space **out)
{
    struct space *child = space_new ();
    enum status status  = OK;

    if (child == NULL)
        return ERR_NO_MEMORY;
    child->heap_first = space->heap_first;
    child->heap_end   = space->heap_end;
    if (!pages_fill (space) || !regions_copy (space, child) || !pages_share (space, child))
        status = ERR_NO_MEMORY;
    if (status == OK)
        status = guest_process_take (child);
    if (status != OK) {
        space_put (child);
        return status;
    }
    guest_process_copy_state (space, child);
    pages_map_all (child);
    *out = child;
    return OK;
}
