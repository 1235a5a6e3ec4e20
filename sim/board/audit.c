#define _GNU_SOURCE
#include "board/audit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board/snapshot.h"
#include "gate/gate.h"
#include "gate/journal.h"

/* How long a replay may take. */
#define PATIENCE_MS 30000

/* What a domain writes, and so must be its own in a scratch process. */
static bool
is_written (enum region_kind kind)
{
    switch (kind) {
    case REGION_RUNTIME:
    case REGION_COMPONENT:
    case REGION_STATS:
    case REGION_DEVICE:
    case REGION_DOOR:
    case REGION_WATCH:
    case REGION_JOURNAL:
    case REGION_FAULTS:
        return true;
    default:
        return false;
    }
}

bool
audit_prepare (Machine *machine)
{
    for (unsigned i = 0; i < machine->regions.count; i++) {
        struct region *region = &machine->regions.table[i];

        if (!is_written (region->kind))
            continue;
        region->scratch = memfd_create ("scratch", MFD_CLOEXEC);
        if (region->scratch < 0 || ftruncate (region->scratch, (off_t)region->bytes) != 0)
            return false;
    }
    return true;
}

/* Calls visit for each run of pages of a file that hold something. False once one does. */
static bool
runs_visit (int fd, uint64_t bytes, bool (*visit) (uint64_t offset, uint64_t bytes, void *data),
            void *data)
{
    for (off_t at = 0, hole; at < (off_t)bytes; at = hole) {
        off_t first = lseek (fd, at, SEEK_DATA);

        if (first < 0 || first >= (off_t)bytes)
            break;
        hole = lseek (fd, first, SEEK_HOLE);
        if (hole < 0 || hole > (off_t)bytes)
            hole = (off_t)bytes;
        if (!visit ((uint64_t)first, (uint64_t)(hole - first), data))
            return false;
    }
    return true;
}

/* ---- the scratch memory ---- */

static bool
write_all (int fd, const void *from, uint64_t bytes, uint64_t offset)
{
    const uint8_t *at = from;

    while (bytes != 0) {
        ssize_t put = pwrite (fd, at, bytes, (off_t)offset);

        if (put <= 0)
            return false;
        at += put;
        offset += (uint64_t)put;
        bytes -= (uint64_t)put;
    }
    return true;
}

static bool
copy_run (uint64_t offset, uint64_t bytes, void *data)
{
    const struct region *region = data;

    return write_all (region->scratch, (const void *)(uintptr_t)(region->address + offset), bytes,
                      offset);
}

/* As it was at the snapshot; what no snapshot has, as it is. */
static bool
region_fill (struct region *region, const struct snapshot *snapshot, uint32_t domain)
{
    uint64_t covered = snapshot_covers (region, domain);

    if (region->scratch < 0)
        return true;
    fallocate (region->scratch, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
               (off_t)region->bytes);
    if (covered == 0)
        return (region->kind != REGION_JOURNAL && region->kind != REGION_WATCH
                && region->kind != REGION_DOOR && region->kind != REGION_FAULTS
                && region->kind != REGION_DEVICE)
               || runs_visit (region->fd, region->bytes, copy_run, region);
    for (guint i = 0; i < snapshot->extents->len; i++) {
        const struct extent *extent = &g_array_index (snapshot->extents, struct extent, i);

        if (extent->address >= region->address
            && extent->address - region->address < region->bytes
            && !write_all (region->scratch, snapshot->data->data + extent->offset, extent->bytes,
                           extent->address - region->address))
            return false;
    }
    return true;
}

static bool
scratch_fill (Machine *machine, const struct snapshot *snapshot, uint32_t domain)
{
    const uint32_t yes = 1, no = 0;

    for (unsigned i = 0; i < machine->regions.count; i++) {
        struct region *region = &machine->regions.table[i];
        bool mine             = region->kind != REGION_JOURNAL && region->kind != REGION_WATCH
                        && region->kind != REGION_RUNTIME;

        if (!mine && region->a != domain)
            continue;
        if (!region_fill (region, snapshot, domain))
            return false;
        if (region->kind == REGION_JOURNAL
            && (!write_all (region->scratch, &yes, sizeof yes, offsetof (struct journal, replay))
                || !write_all (region->scratch, &yes, sizeof yes, offsetof (struct journal, audit))
                || !write_all (region->scratch, &no, sizeof no, offsetof (struct journal, stands))))
            return false;
    }
    return true;
}

/* ---- the comparison ---- */

struct comparison {
    const struct region *region;
    const uint8_t *scratch;
    uint64_t at; /* of the difference */
};

static bool
compare_run (uint64_t offset, uint64_t bytes, void *data)
{
    struct comparison *comparison = data;
    const uint8_t *live           = (const uint8_t *)(uintptr_t)comparison->region->address;

    for (uint64_t i = offset; i < offset + bytes; i++)
        if (live[i] != comparison->scratch[i]) {
            comparison->at = i;
            return false;
        }
    return true;
}

static char *
region_compare (const struct region *region, uint64_t bytes)
{
    struct comparison comparison = { .region = region };
    void *scratch = mmap (NULL, bytes, PROT_READ, MAP_SHARED, region->scratch, 0);
    uint32_t component
        = region->kind == REGION_DEVICE ? PLAN->devices[region->a].driver : region->a;
    bool agrees;

    if (scratch == MAP_FAILED)
        return g_strdup ("there is no memory to compare");
    comparison.scratch = scratch;
    agrees             = runs_visit (region->fd, bytes, compare_run, &comparison)
             && runs_visit (region->scratch, bytes, compare_run, &comparison);
    munmap (scratch, bytes);
    return agrees ? NULL
                  : g_strdup_printf ("%s of %s differs at %#" G_GINT64_MODIFIER "x",
                                     region->kind == REGION_DEVICE ? "the device" : "the memory",
                                     PLAN->components[component].name, comparison.at);
}

/* Only what components can see: stacks hold what nobody looks at any more. */
static char *
memories_compare (const Machine *machine, uint32_t domain)
{
    for (unsigned i = 0; i < machine->regions.count; i++) {
        const struct region *region = &machine->regions.table[i];
        uint64_t covered            = snapshot_covers (region, domain);
        char *difference            = NULL;

        if (covered != 0 && (region->kind == REGION_COMPONENT || region->kind == REGION_DEVICE))
            difference = region_compare (region, covered);
        if (difference != NULL)
            return difference;
    }
    return NULL;
}

/* Lets the scratch process do its work. Returns whether it came to the end of it. */
static bool
replay_run (Zygote *zygote, uint32_t domain)
{
    struct pollfd end = { .events = POLLIN };
    siginfo_t info    = { 0 };

    if (zygote_fork_scratch (zygote, domain, &end.fd, NULL) < 0)
        return false;
    if (poll (&end, 1, PATIENCE_MS) <= 0)
        syscall (SYS_pidfd_send_signal, end.fd, SIGKILL, NULL, 0);
    waitid (P_PIDFD, (id_t)end.fd, &info, WEXITED);
    close (end.fd);
    return info.si_code == CLD_EXITED && info.si_status == 0;
}

bool
audit_agrees (Machine *machine, Zygote *zygote, Recovery *recovery, uint32_t domain,
              char **difference)
{
    const struct snapshot *last = recovery_last (recovery, domain);

    if (!journal_is_sound (JOURNAL (domain)))
        *difference = g_strdup ("its journal is damaged");
    else if (!scratch_fill (machine, last, domain))
        *difference = g_strdup ("there is no memory for a replay");
    else if (!replay_run (zygote, domain))
        *difference = g_strdup ("a replay does not come to the end");
    else
        *difference = memories_compare (machine, domain);
    return *difference == NULL;
}
