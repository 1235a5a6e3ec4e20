#define _GNU_SOURCE
#include "board/power.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "device/device.h"
#include "device/disk.h"

/* How long a disk may take over it. */
#define PATIENCE_MS 5000u

static const struct region *
region_of (const Machine *machine, uint32_t device)
{
    for (unsigned i = 0; i < machine->regions.count; i++)
        if (machine->regions.table[i].kind == REGION_DEVICE && machine->regions.table[i].a == device)
            return &machine->regions.table[i];
    return NULL;
}

/* In a child, which has nothing of the machine but what it maps itself. */
static _Noreturn void
disk_live (const Machine *machine, const struct region *region, uint32_t device,
           const struct sandbox_filter *filter, uint64_t seed)
{
    int image = machine->files[device].fd;

    if (mmap ((void *)(uintptr_t)region->address, region->bytes, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_FIXED, region->fd, 0)
            == MAP_FAILED
        || (image >= 0 && dup2 (image, DEVICE_DISK_FD + machine->disk_number[device]) < 0)
        || (machine->sandbox && (filter == NULL || sandbox_lock (filter) != 0)))
        _exit (1);
    disk_power_cut ((struct disk *)(uintptr_t)region->address, seed);
    for (;;)
        syscall (SYS_exit_group, 0);
}

static void
disk_cut (Machine *machine, uint32_t device)
{
    const struct region *region = region_of (machine, device);
    struct timespec turn        = { .tv_nsec = 1000000 };
    uint32_t domain             = PLAN->components[PLAN->devices[device].driver].domain;
    uint64_t seed               = PLAN->seed + device;
    char why[128];
    const struct sandbox_filter *filter = machine_filter (machine, domain, why, sizeof why);
    pid_t process;

    if (region == NULL)
        return;
    process = fork ();
    if (process == 0)
        disk_live (machine, region, device, filter, seed);
    for (unsigned waited = 0; process > 0 && waited < PATIENCE_MS; waited++) {
        if (waitpid (process, NULL, WNOHANG) == process)
            return;
        nanosleep (&turn, NULL);
    }
    if (process > 0) {
        kill (process, SIGKILL);
        waitpid (process, NULL, 0);
    }
}

void
power_cut (Machine *machine)
{
    for (uint32_t i = 0; i < PLAN->device_count; i++)
        if (machine->disk_number[i] >= 0)
            disk_cut (machine, i);
}
