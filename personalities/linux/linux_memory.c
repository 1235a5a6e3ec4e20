/* linux_memory: a program's own memory. What lies where is vm's business; here are the words
 * of Linux for it. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "personalities/linux/linux_file.h"
#include "servers/dev/dev.h"

#define PROT_SEMAPHORE 8u /* linux/mman.h; of no effect on x86 */
#define PAGE_MASK ((uint64_t)PAGE_BYTES - 1)
#define UP(n)     (((n) + PAGE_MASK) & ~PAGE_MASK)

static uint32_t
access_of (uint64_t protection)
{
    return ((protection & PROT_READ) != 0 ? SPACE_READ : 0)
           | ((protection & PROT_WRITE) != 0 ? SPACE_READ | SPACE_WRITE : 0)
           | ((protection & PROT_EXEC) != 0 ? SPACE_READ | SPACE_EXECUTE : 0);
}

/* Mapped, /dev/zero is memory without a file. */
static bool
is_zero (struct task *task, int32_t fd)
{
    struct file_stat_req request = { .process = task->pid, .fd = fd };
    struct file_stat_rep reply;

    return file_stat (FILES, &request, &reply) == OK
           && reply.attr.type == FILE_TYPE_CHARACTER && reply.attr.device == DEV_ZERO;
}

/* A file to be mapped: what vm calls it, held until image_drop; 0 is none. 0, or -errno. */
static int64_t
mapped_file (struct task *task, int32_t fd, bool shared, uint32_t access, uint32_t *file,
             uint32_t *flags)
{
    uint64_t size;
    uint32_t mode;
    enum status status = image_of_descriptor (task->pid, fd, shared, file, &mode, &size);

    if (status == ERR_NO_DEVICE)
        return is_zero (task, fd) ? 0 : -ENODEV;
    if (status != OK)
        return linux_result (status);
    if ((mode & OPEN_READ) == 0
        || (shared && (access & SPACE_WRITE) != 0 && (mode & OPEN_WRITE) == 0)) {
        image_drop (*file);
        return -EACCES;
    }
    if (shared && (mode & OPEN_WRITE) != 0)
        *flags |= VM_MAP_WRITABLE;
    return 0;
}

LINUX_FUNCTION (mmap)
{
    uint64_t address = a[0];
    bool fixed       = (a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    bool shared      = (a[3] & MAP_TYPE) != MAP_PRIVATE;
    uint32_t access  = access_of (a[2]), file = 0;
    uint32_t flags   = (shared ? VM_MAP_SHARED : 0)
                       | ((a[3] & MAP_FIXED_NOREPLACE) != 0 ? VM_MAP_KEEP : 0);
    int64_t bad      = 0;
    bool anonymous   = (a[3] & MAP_ANONYMOUS) != 0;

    if (a[1] == 0 || (a[5] & PAGE_MASK) != 0 || (a[3] & MAP_TYPE) == 0
        || (anonymous && (a[3] & MAP_TYPE) == MAP_SHARED_VALIDATE))
        return -EINVAL;
    if (a[1] > GUEST_USER_END)
        return -ENOMEM;
    if (fixed && (address & PAGE_MASK) != 0)
        return -EINVAL;
    if (fixed && address < GUEST_USER_FIRST)
        return address == 0 ? -EPERM : -ENOMEM;
    if (!fixed)
        address = 0;
    if (!anonymous && a[5] > INT64_MAX - a[1])
        return -EOVERFLOW;
    if (!anonymous)
        bad = mapped_file (task, (int32_t)a[4], shared, access, &file, &flags);
    if (bad != 0)
        return bad;
    bad = linux_result (space_map_file (task->guest->space, &address, a[1], access, flags, file,
                                        a[5], UINT64_MAX));
    if (file != 0)
        image_drop (file);
    return bad == 0 ? (int64_t)address : bad == -EINVAL ? -ENOMEM : bad;
}

LINUX_FUNCTION (munmap)
{
    return linux_result (space_unmap (task->guest->space, a[0], a[1]));
}

LINUX_FUNCTION (mprotect)
{
    uint64_t protection = a[2] & ~(uint64_t)PROT_GROWSDOWN; /* what there is of a stack */
    int64_t bad;

    if ((a[0] & PAGE_MASK) != 0
        || (protection & ~(uint64_t)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEMAPHORE)) != 0)
        return -EINVAL;
    if (a[1] == 0)
        return 0;
    bad = linux_result (space_protect (task->guest->space, a[0], a[1], access_of (protection)));
    return bad == -EINVAL ? -ENOMEM : bad;
}

LINUX_FUNCTION (brk)
{
    struct space *space = task->guest->space;
    uint64_t now        = UP (space->heap_end), wanted = UP (a[0]), address = now;

    if (a[0] < space->heap_first || a[0] - space->heap_first > GUEST_USER_END / 4)
        return (int64_t)space->heap_end;
    if (wanted > now
        && space_map_file (space, &address, wanted - now, SPACE_READ | SPACE_WRITE,
                           VM_MAP_HEAP | VM_MAP_KEEP, 0, 0, 0)
               != OK)
        return (int64_t)space->heap_end;
    if (wanted < now)
        space_unmap (space, wanted, now - wanted);
    space->heap_end = a[0];
    return (int64_t)a[0];
}

LINUX_FUNCTION (mremap)
{
    uint64_t address = a[0];
    uint32_t flags   = ((a[3] & MREMAP_MAYMOVE) != 0 ? VM_MOVE_MAY : 0)
                       | ((a[3] & MREMAP_FIXED) != 0 ? VM_MOVE_FIXED : 0)
                       | ((a[3] & MREMAP_DONTUNMAP) != 0 ? VM_MOVE_KEEP : 0);
    int64_t bad;

    if ((a[3] & ~(uint64_t)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0
        || ((a[3] & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0 && (a[3] & MREMAP_MAYMOVE) == 0)
        || ((a[3] & MREMAP_DONTUNMAP) != 0 && UP (a[1]) != UP (a[2])))
        return -EINVAL;
    bad = linux_result (
        space_move (task->guest->space, &address, a[1], a[2], flags, a[4]));
    return bad == 0 ? (int64_t)address : bad;
}

LINUX_FUNCTION (msync)
{
    int64_t bad;

    if ((a[0] & PAGE_MASK) != 0 || (a[2] & ~(uint64_t)(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0
        || (a[2] & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
        return -EINVAL;
    if (a[1] == 0)
        return 0;
    bad = linux_result (
        space_sync (task->guest->space, a[0], a[1], (a[2] & MS_SYNC) != 0));
    return bad == -EINVAL ? -ENOMEM : bad;
}

/* What may be taken without effect. What a program would miss (WIPEONFORK, REMOVE) is refused. */
static bool
advice_known (uint64_t advice)
{
    switch (advice) {
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DONTNEED:
    case MADV_FREE:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_COLD:
    case MADV_PAGEOUT:
        return true;
    default:
        return false;
    }
}

LINUX_FUNCTION (madvise)
{
    int64_t bad;

    if ((a[0] & PAGE_MASK) != 0 || !advice_known (a[2]))
        return -EINVAL;
    if (a[1] == 0)
        return 0;
    bad = linux_result (a[2] == MADV_DONTNEED
                            ? space_forget (task->guest->space, a[0], a[1])
                            : space_look (task->guest->space, a[0], a[1], NULL, 0));
    return bad == -EINVAL ? -ENOMEM : bad;
}

/* ---- which of it is here ---- */

LINUX_FUNCTION (mincore)
{
    uint64_t pages = UP (a[1]) / PAGE_BYTES;
    uint8_t here_is[512];

    if ((a[0] & PAGE_MASK) != 0)
        return -EINVAL;
    if (a[1] > GUEST_USER_END)
        return -ENOMEM;
    for (uint64_t at = 0; at < pages; at += sizeof here_is) {
        uint32_t count = pages - at < sizeof here_is ? (uint32_t)(pages - at) : sizeof here_is;
        int64_t bad    = linux_result (space_look (task->guest->space, a[0] + at * PAGE_BYTES,
                                                   (uint64_t)count * PAGE_BYTES, here_is, count));

        if (bad == 0)
            bad = linux_put (task, a[2] + at, here_is, count);
        if (bad != 0)
            return bad == -EINVAL ? -ENOMEM : bad;
    }
    return 0;
}

/* ---- memory that stays: all does, or none ---- */

/* Only whether it is there at all. */
LINUX_FUNCTION (mlock)
{
    uint64_t first = a[0] & ~PAGE_MASK, bytes = UP (a[1] + (a[0] - first));
    int64_t bad;

    if (a[1] > GUEST_USER_END)
        return -ENOMEM;
    if (bytes == 0)
        return 0;
    bad = linux_result (space_look (task->guest->space, first, bytes, NULL, 0));
    return bad == -EINVAL ? -ENOMEM : bad;
}

LINUX_FUNCTION (munlock)
{
    return linux_mlock (task, a);
}

LINUX_FUNCTION (mlockall)
{
    (void)task;
    return a[0] == 0 || a[0] == MCL_ONFAULT
                   || (a[0] & ~(uint64_t)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) != 0
               ? -EINVAL
               : 0;
}

LINUX_FUNCTION (munlockall)
{
    (void)task;
    (void)a;
    return 0;
}
