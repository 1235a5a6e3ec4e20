/* build_plan: the plan of a machine: its components in the order in which they are started, the
 * domains that they live in, and their links.
 */
#include "board/build_inside.h"

#include <string.h>

#include "board/placement.h"
#include "fault/rules.h"
#include "gate/gate.h"
#include "nucleus/nucleus.h"
#include "servers/classes.h"
#include "user/user.h"
#include "watch/event.h"

#define NUCLEUS_ARENA (64u << 20)
#define USER_ARENA    (256u << 20)
/* CPU time without progress after which the nucleus hangs: as for components by default. */
#define NUCLEUS_HEARTBEAT_NS 1000000000u
/* Domains that have no name yet: for components that move. */
#define DOMAINS_SPARE 4u
/* Fibers of a domain beside one for each task's call: timers, interrupts, the boot. */
#define FIBERS_SPARE 64u

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

uint32_t
builder_component (struct builder *b, const char *name)
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
            link_add (b, id, builder_component (b, link->to), link->interface);
        }
        plan->need_count[need] = plan->link_count - plan->need_first[need];
    }
    return true;
}

bool
builder_plan (struct builder *b, GError **error)
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
    b->plan->components[COMPONENT_NUCLEUS].heartbeat_ns = NUCLEUS_HEARTBEAT_NS;
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

        fault_arm (&fault->rule, (uint16_t)builder_component (b, fault->component), i);
    }
    plan->domain_room = MIN (plan->domain_count + DOMAINS_SPARE, DOMAIN_MAX);
    placement_connect_links ();
    placement_settle ();
    return true;
}
