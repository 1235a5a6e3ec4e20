#define _GNU_SOURCE
#include "board/build_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board/audit.h"
#include "board/placement.h"
#include "device/device.h"
#include "device/disk.h"
#include "device/terminal.h"
#include "gate/desk.h"
#include "gate/gate.h"
#include "guest/mailbox.h"
#include "gate/journal.h"
#include "nucleus/nucleus.h"
#include "user/user.h"

/* A disk moves about 2 GB a second and caches 4 MiB of writes. */
#define DISK_PER_SECTOR_NS 250u
#define DISK_CACHE_LINES   1024u

G_DEFINE_QUARK (khimera-build-error, build_error)

void
build_error_set (GError **error, const char *what)
{
    static const struct {
        int error;
        const char *remedy;
    } limits[] = {
        { EMFILE, "; raise it: ulimit -n 4096" },
        { EFBIG, "; a machine's memory is a file, raise it: ulimit -f unlimited" },
        { EAGAIN, "; too many processes or threads, raise it: ulimit -u unlimited" },
    };
    int number         = errno;
    const char *remedy = "";

    for (size_t i = 0; i < G_N_ELEMENTS (limits); i++)
        if (limits[i].error == number)
            remedy = limits[i].remedy;
    g_set_error (error, BUILD_ERROR, 0, "%s: %s%s", what, g_strerror (number), remedy);
}

static bool
fail (GError **error, const char *what)
{
    build_error_set (error, what);
    return false;
}

/* ---- devices ---- */

static bool
disk_image_open (const struct device_config *device, struct disk_parameters *parameters,
                 GError **error)
{
    const char *path = config_device_option (device, "image");
    struct stat status;

    parameters->fd = open (path, (parameters->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (parameters->fd < 0)
        return fail (error, path);
    if (fstat (parameters->fd, &status) != 0)
        return fail (error, path);
    if (!S_ISREG (status.st_mode)) {
        g_set_error (error, BUILD_ERROR, 0,
                     "%s: not a regular file; make an image with mke2fs", path);
        return false;
    }
    parameters->sector_count = (uint64_t)status.st_size / DISK_SECTOR_BYTES;
    if (parameters->sector_count == 0) {
        g_set_error (error, BUILD_ERROR, 0,
                     "%s: smaller than one sector; make an image with mke2fs", path);
        return false;
    }
    return true;
}

static bool
device_plan (struct builder *b, uint32_t index, uint32_t *disks, GError **error)
{
    const struct device_config *device = b->config->devices->pdata[index];
    struct plan_device *plan           = &b->plan->devices[b->plan->device_count];
    uint32_t number                    = b->plan->device_count;
    uint32_t driver                    = UINT32_MAX;

    for (guint i = 0; i < b->order->len; i++) {
        const struct component_config *component = b->order->pdata[i];

        if (g_strcmp0 (component->device, device->name) == 0)
            driver = builder_component (b, component->name);
    }
    if (driver == UINT32_MAX)
        return true; /* nobody drives it */
    b->plan->device_count++;
    b->plan->components[driver].device = (int32_t)number;
    plan->driver                       = driver;
    g_strlcpy (plan->name, device->name, sizeof plan->name);
    g_strlcpy (plan->kind, device->kind, sizeof plan->kind);
    b->machine->disk_number[number] = -1;
    b->machine->files[number].fd    = -1;
    if (strcmp (device->kind, "disk") == 0) {
        bool has_image = strcmp (config_device_option (device, "image"), "none") != 0
                         && config_device_option (device, "image")[0] != '\0';
        struct disk_parameters parameters = {
            .fd            = -1,
            .sector_count  = config_device_number (device, "size") / DISK_SECTOR_BYTES,
            .latency_ns    = config_device_number (device, "latency"),
            .per_sector_ns = DISK_PER_SECTOR_NS,
            .queue_depth   = (uint32_t)config_device_number (device, "queue-depth"),
            .cache_lines   = config_device_switch (device, "write-cache")
                                 ? DISK_CACHE_LINES
                                 : 0,
            .read_only     = config_device_switch (device, "read-only"),
        };

        if (has_image && !disk_image_open (device, &parameters, error))
            return false;
        b->machine->files[number].fd    = parameters.fd;
        b->machine->disk_number[number] = (int)(*disks)++;
        if (parameters.fd >= 0)
            parameters.fd = DEVICE_DISK_FD + b->machine->disk_number[number];
        plan->bytes = disk_memory_bytes (&parameters);
        if (!region_add (&b->machine->regions, REGION_DEVICE, number, 0, ADDRESS_DEVICE (number),
                         plan->bytes))
            return fail (error, plan->name);
        disk_init ((struct disk *)ADDRESS_DEVICE (number), &parameters);
        plan->model_bytes = disk_model_bytes ((struct disk *)ADDRESS_DEVICE (number));
    } else {
        plan->bytes = sizeof (struct terminal);
        if (!region_add (&b->machine->regions, REGION_DEVICE, number, 0, ADDRESS_DEVICE (number),
                         plan->bytes))
            return fail (error, plan->name);
    }
    return true;
}

/* ---- memory ---- */

static bool
regions_make (Machine *machine, const struct plan *plan, GError **error)
{
    struct regions *regions = &machine->regions;
    bool replays            = false;

    for (uint32_t c = 0; c < plan->component_count; c++)
        replays |= plan->components[c].restart == RESTART_REPLAY;
    if (!region_add (regions, REGION_CUSTODY, 0, 0, ADDRESS_CUSTODY,
                     DOMAIN_MAX * sizeof (struct custody)))
        return fail (error, "custody");
    for (uint32_t d = 0; d < plan->domain_room; d++) {
        const char *name = plan->domains[d].name[0] != '\0' ? plan->domains[d].name
                                                            : "a spare domain";

        if (!region_add (regions, REGION_DOOR, d, 0, ADDRESS_DOOR (d), sizeof (struct door))
            || !region_add (regions, REGION_RUNTIME, d, 0, ADDRESS_RUNTIME (d),
                            RUNTIME_BYTES (plan->fibers_max))
            || !region_add (regions, REGION_WATCH, d, 0, ADDRESS_WATCH (d),
                            sizeof (struct watch)))
            return fail (error, name);
        if (replays && d != DOMAIN_KERNEL
            && !region_add (regions, REGION_JOURNAL, d, 0, ADDRESS_JOURNAL (d),
                            sizeof (struct journal)))
            return fail (error, name);
        RUNTIME (d)->domain          = d;
        RUNTIME (d)->next_generation = generation_first (d, 0);
    }
    if (!region_add (regions, REGION_DESK, 0, 0, ADDRESS_DESK, sizeof (struct desk)))
        return fail (error, "desk");
    if (!region_add (regions, REGION_FAULTS, 0, 0, ADDRESS_FAULTS (0),
                     (uint64_t)plan->component_count * FAULT_PAGE_BYTES))
        return fail (error, "faults");
    if (!region_add (regions, REGION_CHANNELS, 0, 0, ADDRESS_CHANNEL (0, 0),
                     CHANNELS_BYTES (plan->domain_room)))
        return fail (error, "channels");
    RUNTIME (DOMAIN_KERNEL)->holds = true;
    for (uint32_t c = 0; c < plan->component_count; c++) {
        uint64_t bytes = COMPONENT_HEADER_BYTES + plan->components[c].arena_bytes;

        if (c == COMPONENT_USER)
            bytes += user_stacks_bytes (plan->tasks_max);
        if (!region_add (regions, REGION_COMPONENT, c, 0, ADDRESS_COMPONENT (c), bytes)
            || !region_add (regions, REGION_STATS, c, 0, ADDRESS_STATS (c),
                            sizeof (struct component_stats)
                                + plan->components[c].link_count * sizeof (struct link_stats)))
            return fail (error, plan->components[c].name);
        component_make (c);
    }
    if (plan->ram_bytes != 0
        && (!region_add (regions, REGION_RAM, 0, 0, ADDRESS_RAM, plan->ram_bytes)
            || !region_add (regions, REGION_GUESTS, 0, 0, ADDRESS_GUESTS, GUEST_REGION_BYTES)))
        return fail (error, "ram");
    return nucleus_class.start (COMPONENT (COMPONENT_NUCLEUS)) == OK;
}

/* ---- files to be made at the boot ---- */

/* Written rather than copied: where all pages are fresh, a call is cheaper than their faults. */
static bool
region_write (const struct region *region, const uint8_t *bytes, size_t count)
{
    ssize_t put;

    for (size_t done = 0; done < count; done += (size_t)put) {
        put = pwrite (region->fd, bytes + done, count - done, (off_t)done);
        if (put <= 0)
            return false;
    }
    return true;
}

static bool
archive_make (Machine *machine, struct plan *plan, const GByteArray *archive, GError **error)
{
    if (archive == NULL || archive->len == 0)
        return true;
    if (!region_add (&machine->regions, REGION_ARCHIVE, 0, 0, ADDRESS_ARCHIVE, archive->len)
        || !region_write (&machine->regions.table[machine->regions.count - 1], archive->data,
                          archive->len))
        return fail (error, "archive");
    plan->archive_bytes = archive->len;
    return true;
}

/* ---- the first program ---- */

static bool
init_pack (struct plan *plan, const struct build_init *init, GError **error)
{
    const struct file_action actions[] = {
        { .what = ACTION_OPEN, .fd = 0, .flags = OPEN_READ | OPEN_WRITE, .path_bytes = 13 },
        { .what = ACTION_DUP, .fd = 1, .from = 0 },
        { .what = ACTION_DUP, .fd = 2, .from = 0 },
    };
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    static const char console[16] = "/dev/console";
    static const guint8 zeroes[8];

    plan->strict = init->strict;
    if (init->arguments == NULL || init->arguments[0] == NULL)
        return true;
    g_byte_array_append (bytes, (const guint8 *)init->arguments[0],
                         (guint)strlen (init->arguments[0]) + 1);
    for (char **at = init->arguments; *at != NULL; at++, plan->init_arguments++)
        g_byte_array_append (bytes, (const guint8 *)*at, (guint)strlen (*at) + 1);
    for (char **at = init->environment; at != NULL && *at != NULL;
         at++, plan->init_environment++)
        g_byte_array_append (bytes, (const guint8 *)*at, (guint)strlen (*at) + 1);
    g_byte_array_append (bytes, zeroes, -bytes->len & 7);
    plan->init_action_offset = bytes->len;
    plan->init_actions       = G_N_ELEMENTS (actions);
    g_byte_array_append (bytes, (const guint8 *)&actions[0], sizeof actions[0]);
    g_byte_array_append (bytes, (const guint8 *)console, sizeof console);
    g_byte_array_append (bytes, (const guint8 *)&actions[1], 2 * sizeof actions[1]);
    if (bytes->len > sizeof plan->init) {
        g_set_error (error, BUILD_ERROR, 0,
                     "the commands are %u bytes long; at most %zu can be given to the first "
                     "program: put them into a file of the machine's disk and run that",
                     bytes->len, sizeof plan->init);
        return false;
    }
    memcpy (plan->init, bytes->data, bytes->len);
    plan->init_bytes = bytes->len;
    return true;
}

/* ---- all together ---- */

/* The last CPU allowed but `skipped`; -1: there is none. */
static int
cpu_allowed (int skipped)
{
    cpu_set_t allowed;

    if (sched_getaffinity (0, sizeof allowed, &allowed) != 0)
        return -1;
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
        if (CPU_ISSET (cpu, &allowed) && skipped-- == 0)
            return cpu;
    return -1;
}

/* All domains on one CPU: a synchronous chain is one logical thread, and waking a process on
 * another CPU costs more than all it does. "single" is the last one allowed, so that the board
 * and its neighbours keep the first; "auto" also keeps machines that run side by side from
 * crowding one of them. "split" is for exactly one pair: two that both spin for each other are
 * faster on two CPUs, three are far slower. */
static void
cpus_choose (Machine *machine, const char *placement, uint32_t domains)
{
    cpu_set_t allowed;

    machine->cpu       = -1;
    machine->other_cpu = -1;
    if (strcmp (placement, "none") == 0 || sched_getaffinity (0, sizeof allowed, &allowed) != 0)
        return;
    machine->cpu = cpu_allowed (
        strcmp (placement, "auto") == 0 ? (int)(getpid () % CPU_COUNT (&allowed)) : 0);
    if (strcmp (placement, "split") == 0 && domains == 2)
        machine->other_cpu = cpu_allowed (1);
}

unsigned
machine_privileges (uint32_t domain)
{
    unsigned privileges = 0;

    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].next == domain)
            privileges |= PLAN->components[c].class_->privileges;
    return privileges;
}

const struct sandbox_filter *
machine_filter (Machine *machine, uint32_t domain, char *why, size_t why_bytes)
{
    struct machine_filter wanted = { .privileges = machine_privileges (domain) };
    int fds[DEVICE_MAX];
    unsigned count = 0;

    for (uint32_t i = 0; i < PLAN->device_count; i++)
        if (machine->disk_number[i] >= 0
            && PLAN->components[PLAN->devices[i].driver].next == domain) {
            wanted.disks |= (uint64_t)1 << machine->disk_number[i];
            fds[count++] = DEVICE_DISK_FD + machine->disk_number[i];
        }
    for (struct machine_filter *known = machine->filters; known != NULL; known = known->next)
        if (known->privileges == wanted.privileges && known->disks == wanted.disks)
            return &known->filter;
    if (!sandbox_compile (wanted.privileges, fds, count, &wanted.filter, why, why_bytes))
        return NULL;
    wanted.next      = machine->filters;
    machine->filters = g_memdup2 (&wanted, sizeof wanted);
    return &machine->filters->filter;
}

/* Those that are wanted at once, while there is somebody to complain to. */
static bool
filters_make (Machine *machine, const struct plan *plan, GError **error)
{
    char why[128];

    for (uint32_t d = 0; d < plan->domain_count; d++)
        if (machine_filter (machine, d, why, sizeof why) == NULL) {
            g_set_error (error, BUILD_ERROR, 0, "%s: cannot make the sandbox: %s",
                         plan->domains[d].name, why);
            return false;
        }
    return true;
}

static void
descriptors_raise (void)
{
    struct rlimit limit;

    if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit (RLIMIT_NOFILE, &limit);
    }
}

Machine *
machine_build (const MachineConfig *config, const struct build_init *init, GError **error)
{
    Machine *machine = g_new0 (Machine, 1);
    struct builder b = {
        .config  = config,
        .machine = machine,
        .order   = g_ptr_array_new (),
        .ids     = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
        .domains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    };
    uint32_t disks = 0;
    int wire[2];
    bool ok = false;

    interfaces_init ();
    descriptors_raise ();
    machine->terminal_in  = -1;
    machine->terminal_out = -1;
    machine->sandbox      = config->sandbox;
    machine->snapshot     = config->snapshot;
    machine->audit        = config->audit;
    if (pipe2 (wire, O_CLOEXEC) != 0) {
        fail (error, "pipe");
    } else {
        machine->terminal_in  = wire[0];
        machine->terminal_out = wire[1];
        fcntl (wire[0], F_SETPIPE_SZ, 1 << 20);
        ok = region_add (&machine->regions, REGION_PLAN, 0, 0, ADDRESS_PLAN,
                         sizeof (struct plan))
             || fail (error, "memfd_create");
    }
    b.plan = PLAN;
    ok     = ok && builder_plan (&b, error);
    for (guint i = 0; ok && i < config->devices->len; i++)
        ok = device_plan (&b, i, &disks, error);
    ok = ok && regions_make (machine, b.plan, error)
         && archive_make (machine, b.plan, init->archive, error)
         && init_pack (b.plan, init, error)
         && (machine->audit == 0 || audit_prepare (machine) || fail (error, "audit"))
         && filters_make (machine, b.plan, error);
    if (ok)
        cpus_choose (machine, config->placement, b.plan->domain_count);
    g_ptr_array_unref (b.order);
    g_hash_table_unref (b.ids);
    g_hash_table_unref (b.domains);
    if (!ok)
        g_clear_pointer (&machine, machine_free);
    return machine;
}

void
machine_free (Machine *machine)
{
    for (uint32_t i = 0; i < DEVICE_MAX; i++)
        if (machine->files[i].fd > 0)
            close (machine->files[i].fd);
    while (machine->filters != NULL) {
        struct machine_filter *filter = machine->filters;

        machine->filters = filter->next;
        sandbox_filter_clear (&filter->filter);
        g_free (filter);
    }
    if (machine->terminal_in >= 0)
        close (machine->terminal_in);
    if (machine->terminal_out >= 0)
        close (machine->terminal_out);
    regions_clear (&machine->regions);
    g_free (machine);
}
