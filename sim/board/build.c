#define _GNU_SOURCE
#include "board/build.h"

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
#include "fault/rules.h"
#include "gate/desk.h"
#include "gate/gate.h"
#include "guest/mailbox.h"
#include "gate/journal.h"
#include "nucleus/nucleus.h"
#include "servers/classes.h"
#include "user/user.h"
#include "watch/event.h"

#define NUCLEUS_ARENA (64u << 20)
#define USER_ARENA    (256u << 20)
/* A disk moves about 2 GB a second and caches 4 MiB of writes. */
#define DISK_PER_SECTOR_NS 250u
#define DISK_CACHE_LINES   1024u
/* Domains that have no name yet: for components that move. */
#define DOMAINS_SPARE 4u
/* Fibers of a domain beside one for each task's call: timers, interrupts, the boot. */
#define FIBERS_SPARE 64u

G_DEFINE_QUARK (khimera-build-error, build_error)

static bool
fail (GError **error, const char *what)
{
    g_set_error (error, BUILD_ERROR, 0, "%s: %s", what, g_strerror (errno));
    return false;
}

/* ---- the plan: components in the order in which they are started ---- */

struct builder {
    const MachineConfig *config;
    Machine *machine;
    struct plan *plan;
    GPtrArray *order;  /* struct component_config */
    GHashTable *ids;   /* name -> component number */
    GHashTable *domains; /* name -> domain number + 1 */
};

/* Depth first along the links: who is needed starts first. In a circle whoever comes first
 * in the file waits for nobody. */
static void
order_visit (struct builder *b, GHashTable *seen, struct component_config *component)
{
    if (!g_hash_table_add (seen, component))
        return;
    for (guint i = 0; i < b->config->links->len; i++) {
        const struct config_link *link = b->config->links->pdata[i];
        struct component_config *needed;

        if (strcmp (link->from, component->name) != 0)
            continue;
        needed = config_component (b->config, link->to);
        if (needed != NULL)
            order_visit (b, seen, needed);
    }
    g_ptr_array_add (b->order, component);
}

static uint32_t
domain_number (struct builder *b, const char *name)
{
    gpointer known = g_hash_table_lookup (b->domains, name);
    uint32_t number;

    if (known != NULL)
        return GPOINTER_TO_UINT (known) - 1;
    number = b->plan->domain_count++;
    g_hash_table_insert (b->domains, g_strdup (name), GUINT_TO_POINTER (number + 1));
    g_strlcpy (b->plan->domains[number].name, name, sizeof b->plan->domains[number].name);
    return number;
}

static uint32_t
component_number (struct builder *b, const char *name)
{
    return GPOINTER_TO_UINT (g_hash_table_lookup (b->ids, name));
}

/* Adds to the plan's text; the offset. */
static uint32_t
text_add (struct builder *b, uint32_t *at, const char *text)
{
    uint32_t offset = *at;
    size_t bytes    = strlen (text) + 1;

    if (offset + bytes > sizeof b->plan->text)
        return UINT32_MAX;
    memcpy (b->plan->text + offset, text, bytes);
    *at += (uint32_t)bytes;
    return offset;
}

static uint32_t
options_add (struct builder *b, uint32_t *at, const struct component_config *component)
{
    uint32_t first = *at;
    GHashTableIter iter;
    gpointer key, value;

    if (component != NULL) {
        g_hash_table_iter_init (&iter, component->options);
        while (g_hash_table_iter_next (&iter, &key, &value)) {
            text_add (b, at, key);
            text_add (b, at, ((struct config_value *)value)->text);
        }
        if (strcmp (component->class_name, "vfs") == 0) {
            g_autoptr (GString) mounts = g_string_new (NULL);

            for (guint i = 0; i < b->config->mounts->len; i++) {
                const struct mount_config *mount = b->config->mounts->pdata[i];

                g_string_append_printf (mounts, "%s %s%s;", mount->path, mount->component,
                                        mount->read_only ? " ro" : "");
            }
            text_add (b, at, "mounts");
            text_add (b, at, mounts->str);
        }
    }
    text_add (b, at, "");
    return first;
}

static void
component_plan (struct builder *b, uint32_t *text, const char *name, const char *label,
                const struct component_class *class_, const char *domain, uint64_t arena,
                const struct component_config *config)
{
    uint32_t id                 = b->plan->component_count++;
    struct plan_component *plan = &b->plan->components[id];

    g_strlcpy (plan->name, name, sizeof plan->name);
    if (label != NULL)
        g_strlcpy (plan->label, label, sizeof plan->label);
    plan->class_      = class_;
    plan->arena_bytes = arena;
    plan->domain      = domain_number (b, domain);
    plan->route       = plan->domain;
    plan->next        = plan->domain;
    plan->device      = -1;
    plan->options     = options_add (b, text, config);
    g_hash_table_insert (b->ids, g_strdup (name), GUINT_TO_POINTER (id));
    if (config == NULL)
        return;
    plan->restart      = config->restart;
    plan->essential    = config->essential;
    plan->intensity    = config->intensity;
    plan->window_ns    = config->window_ns;
    plan->backoff_ns   = config->backoff_ns;
    plan->heartbeat_ns = config->heartbeat_ns;
}

static void
link_add (struct builder *b, uint32_t owner, uint32_t target, enum interface_id interface)
{
    const struct component_class *class_ = b->plan->components[target].class_;
    uint32_t index    = b->plan->link_count++;
    Link *link        = &b->plan->links[index];
    uint8_t provision = 0;

    while (class_->provides[provision].interface != interface)
        provision++;
    *link = (Link){ .index      = (uint16_t)index,
                    .owner      = (uint16_t)owner,
                    .target     = (uint16_t)target,
                    .interface  = (uint8_t)interface,
                    .provision  = provision,
                    .operations = interfaces[interface].operations,
                    .handlers   = class_->provides[provision].operations,
                    .stats = &STATS (owner)->links[b->plan->components[owner].link_count++] };
    link->what = event_what_of_link (link);
}

/* The links of one component: to the nucleus, which everybody has, then need by need. */
static bool
links_plan (struct builder *b, uint32_t id, GError **error)
{
    struct plan_component *plan = &b->plan->components[id];

    plan->first_link = b->plan->link_count;
    link_add (b, id, COMPONENT_NUCLEUS, INTERFACE_kernel);
    for (unsigned need = 0; need < G_N_ELEMENTS (plan->class_->needs)
                            && plan->class_->needs[need].name != NULL;
         need++) {
        plan->need_first[need] = plan->link_count;
        if (id == COMPONENT_NUCLEUS && plan->class_->needs[need].interface == INTERFACE_umode)
            link_add (b, id, COMPONENT_USER, INTERFACE_umode);
        for (guint i = 0; i < b->config->links->len; i++) {
            const struct config_link *link = b->config->links->pdata[i];
            const char *from               = id == COMPONENT_NUCLEUS ? "user" : plan->name;

            if (strcmp (link->from, from) != 0
                || link->interface != plan->class_->needs[need].interface
                || (id != COMPONENT_NUCLEUS
                    && strcmp (link->need, plan->class_->needs[need].name) != 0))
                continue;
            if (plan->link_count == COMPONENT_LINKS_MAX
                || b->plan->link_count == LINK_TABLE_MAX) {
                g_set_error (error, BUILD_ERROR, 0, "%s has more than %u links", plan->name,
                             COMPONENT_LINKS_MAX);
                return false;
            }
            link_add (b, id, component_number (b, link->to), link->interface);
        }
        plan->need_count[need] = plan->link_count - plan->need_first[need];
    }
    return true;
}

static bool
plan_make (struct builder *b, GError **error)
{
    const MachineConfig *config     = b->config;
    struct plan *plan               = b->plan;
    g_autoptr (GHashTable) seen     = g_hash_table_new (NULL, NULL);
    uint32_t text                   = 0;

    plan->seed       = config->seed;
    plan->epoch_s    = config->epoch_s;
    plan->quantum_ns = config->quantum_ns;
    plan->tasks_max  = config->tasks_max;
    plan->fibers_max = config->tasks_max + FIBERS_SPARE;
    plan->ram_bytes  = config->ram_bytes;
    plan->cost       = config->cost;
    g_strlcpy (plan->scheduler, config->scheduler, sizeof plan->scheduler);
    domain_number (b, "kernel");

    for (guint i = 0; i < config->components->len; i++)
        order_visit (b, seen, config->components->pdata[i]);
    component_plan (b, &text, "nucleus", NULL, &nucleus_class, "kernel", NUCLEUS_ARENA, NULL);
    component_plan (b, &text, "user", NULL, &user_class, config->user_domain, USER_ARENA, NULL);
    for (guint i = 0; i < b->order->len; i++) {
        const struct component_config *component = b->order->pdata[i];

        component_plan (b, &text, component->name, component->label,
                        class_find (component->class_name), component->domain,
                        component->arena_bytes, component);
    }
    if (text + 16 > sizeof plan->text) {
        g_set_error (error, BUILD_ERROR, 0, "the components' settings are too long");
        return false;
    }
    for (uint32_t id = 0; id < plan->component_count; id++)
        if (!links_plan (b, id, error))
            return false;
    for (uint32_t id = plan->component_count - 1; id > COMPONENT_USER; id--)
        if (plan->components[id].class_->provides[0].interface == INTERFACE_rs)
            plan->rs = id;
    for (guint i = 0; i < config->faults->len; i++) {
        const struct fault_config *fault = config->faults->pdata[i];

        fault_arm (&fault->rule, (uint16_t)component_number (b, fault->component));
    }
    plan->domain_room = MIN (plan->domain_count + DOMAINS_SPARE, DOMAIN_MAX);
    placement_connect_links ();
    placement_settle ();
    return true;
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
            driver = component_number (b, component->name);
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
        if (!region_add (regions, REGION_DOOR, d, 0, ADDRESS_DOOR (d), sizeof (struct door))
            || !region_add (regions, REGION_RUNTIME, d, 0, ADDRESS_RUNTIME (d),
                            RUNTIME_BYTES (plan->fibers_max))
            || !region_add (regions, REGION_WATCH, d, 0, ADDRESS_WATCH (d),
                            sizeof (struct watch)))
            return fail (error, plan->domains[d].name);
        if (replays && d != DOMAIN_KERNEL
            && !region_add (regions, REGION_JOURNAL, d, 0, ADDRESS_JOURNAL (d),
                            sizeof (struct journal)))
            return fail (error, plan->domains[d].name);
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
    ok     = ok && plan_make (&b, error);
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
