/* linux_memory: a program's own memory. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "personalities/linux/linux_file.h"

#define PAGE_MASK ((uint64_t)PAGE_BYTES - 1)
#define UP(n)     (((n) + PAGE_MASK) & ~PAGE_MASK)

static uint32_t
access_of (uint64_t protection)
{
    return ((protection & PROT_READ) != 0 ? SPACE_READ : 0)
           | ((protection & PROT_WRITE) != 0 ? SPACE_READ | SPACE_WRITE : 0)
           | ((protection & PROT_EXEC) != 0 ? SPACE_READ | SPACE_EXECUTE : 0);
}

/* Fills a fresh mapping with a file's bytes. */
static int64_t
fill (struct task *task, uint64_t address, uint64_t bytes, int32_t fd, uint64_t offset)
{
    uint8_t *buffer = linux_alloc (GRANT_MAX);
    int64_t bad     = buffer != NULL ? 0 : -ENOMEM;

    for (uint64_t at = 0; bad == 0 && at < bytes;) {
        struct file_read_req request
            = { .process = task->pid,
                .fd      = fd,
                .offset  = (int64_t)(offset + at),
                .into    = { .data   = buffer,
                             .length = bytes - at < GRANT_MAX ? (uint32_t)(bytes - at)
                                                              : GRANT_MAX } };
        struct file_read_rep reply;

        bad = linux_result (file_read (FILES, &request, &reply));
        if (bad == 0 && reply.done == 0)
            break;
        if (bad == 0)
            bad = linux_put (task, address + at, buffer, reply.done);
        at += reply.done;
    }
    linux_free (buffer);
    return bad == -EISDIR || bad == -ESPIPE ? -ENODEV : bad;
}

LINUX_FUNCTION (mmap)
{
    struct space *space = task->guest->space;
    uint64_t address    = a[0];
    bool anonymous      = (a[3] & MAP_ANONYMOUS) != 0;
    bool shared         = (a[3] & MAP_TYPE) != MAP_PRIVATE;
    uint32_t access     = access_of (a[2]);
    int64_t bad;

    if (a[1] == 0 || (a[5] & PAGE_MASK) != 0)
        return -EINVAL;
    if (a[1] > GUEST_USER_END)
        return -ENOMEM;
    if (!anonymous && shared && (access & SPACE_WRITE) != 0)
        return -ENODEV;
    if ((a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == 0)
        address = space_place (space, a[1]);
    else if ((address & PAGE_MASK) != 0)
        return -EINVAL;
    if (address == 0)
        return -ENOMEM;
    /* A file's bytes are written there first, whatever the program may do with them. */
    bad = linux_result (space_map (space, address, a[1],
                                   anonymous ? access : SPACE_READ | SPACE_WRITE,
                                   anonymous && shared, NULL, 0, 0));
    if (bad == 0 && !anonymous) {
        bad = fill (task, address, a[1], (int32_t)a[4], a[5]);
        if (bad == 0 && access != (SPACE_READ | SPACE_WRITE))
            bad = linux_result (space_protect (space, address, a[1], access));
        if (bad != 0)
            space_unmap (space, address, a[1]);
    }
    return bad == 0 ? (int64_t)address : bad == -EINVAL ? -ENOMEM : bad;
}

LINUX_FUNCTION (munmap)
{
    return linux_result (space_unmap (task->guest->space, a[0], a[1]));
}

LINUX_FUNCTION (mprotect)
{
    if ((a[0] & PAGE_MASK) != 0)
        return -EINVAL;
    return linux_result (space_protect (task->guest->space, a[0], a[1], access_of (a[2])));
}

LINUX_FUNCTION (brk)
{
    struct space *space = task->guest->space;
    uint64_t now        = UP (space->heap_end), wanted = UP (a[0]);

    if (a[0] < space->heap_first || a[0] - space->heap_first > GUEST_USER_END / 4)
        return (int64_t)space->heap_end;
    if (wanted > now) {
        for (uint64_t at = now; at < wanted; at += PAGE_BYTES)
            if (space_find (space, at) != NULL)
                return (int64_t)space->heap_end;
        if (space_map (space, now, wanted - now, SPACE_READ | SPACE_WRITE, false, NULL, 0, 0)
            != OK)
            return (int64_t)space->heap_end;
    } else if (wanted < now) {
        space_unmap (space, wanted, now - wanted);
    }
    space->heap_end = a[0];
    return (int64_t)a[0];
}

/* Page by page through the kernel: whatever was in the old place is in the new one. */
static int64_t
move (struct task *task, uint64_t from, uint64_t to, uint64_t bytes)
{
    uint8_t *page = linux_alloc (PAGE_BYTES);
    int64_t bad   = page != NULL ? 0 : -ENOMEM;

    for (uint64_t at = 0; bad == 0 && at < bytes; at += PAGE_BYTES) {
        if (!space_present (task->guest->space, from + at))
            continue;
        bad = linux_get (task, from + at, page, PAGE_BYTES);
        if (bad == 0)
            bad = linux_put (task, to + at, page, PAGE_BYTES);
    }
    linux_free (page);
    return bad;
}

LINUX_FUNCTION (mremap)
{
    struct space *space = task->guest->space;
    uint64_t old = UP (a[1]), new = UP (a[2]), place;
    const struct region_of_space *region = space_find (space, a[0]);
    int64_t bad;

    if ((a[0] & PAGE_MASK) != 0 || new == 0 || (a[3] & ~(uint64_t)MREMAP_MAYMOVE) != 0)
        return -EINVAL;
    if (region == NULL || old > region->end - a[0])
        return -EFAULT;
    if (region->image != NULL || region->access != (SPACE_READ | SPACE_WRITE))
        return -EINVAL;
    if (new <= old) {
        if (new < old)
            space_unmap (space, a[0] + new, old - new);
        return (int64_t)a[0];
    }
    if (a[0] + old == region->end
        && (region->next == NULL || region->next->first >= a[0] + new)) {
        bad = linux_result (space_map (space, a[0] + old, new - old, region->access,
                                       region->shared, NULL, 0, 0));
        return bad != 0 ? bad : (int64_t)a[0];
    }
    if ((a[3] & MREMAP_MAYMOVE) == 0)
        return -ENOMEM;
    place = space_place (space, new);
    if (place == 0)
        return -ENOMEM;
    bad = linux_result (
        space_map (space, place, new, region->access, region->shared, NULL, 0, 0));
    if (bad == 0)
        bad = move (task, a[0], place, old);
    if (bad != 0)
        return bad;
    space_unmap (space, a[0], old);
    return (int64_t)place;
}

LINUX_FUNCTION (msync)
{
    (void)task;
    return (a[0] & PAGE_MASK) != 0 ? -EINVAL : 0;
}

LINUX_FUNCTION (madvise)
{
    if ((a[0] & PAGE_MASK) != 0)
        return -EINVAL;
    if (a[2] == MADV_DONTNEED && a[1] != 0) {
        if (a[0] >= GUEST_USER_END || a[1] > GUEST_USER_END - a[0])
            return -ENOMEM;
        space_forget (task->guest->space, a[0], a[1]);
    }
    return 0;
}
