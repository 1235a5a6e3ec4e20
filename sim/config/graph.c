/* graph: domains and circles of a machine that has been read. */
#include <string.h>

#include "classes.h"
#include "config/config.h"

/* ---- domains ---- */

static void
domain_config_free (gpointer memory)
{
    struct domain_config *domain = memory;

    g_free (domain->name);
    g_ptr_array_unref (domain->components);
    g_free (domain);
}

static struct domain_config *
domain_of (GPtrArray *domains, const char *name)
{
    struct domain_config *domain;

    for (guint i = 0; i < domains->len; i++) {
        domain = domains->pdata[i];
        if (strcmp (domain->name, name) == 0)
            return domain;
    }
    domain             = g_new0 (struct domain_config, 1);
    domain->name       = g_strdup (name);
    domain->components = g_ptr_array_new ();
    g_ptr_array_add (domains, domain);
    return domain;
}

GPtrArray *
config_domains (const MachineConfig *config)
{
    GPtrArray *domains = g_ptr_array_new_with_free_func (domain_config_free);

    domain_of (domains, "kernel");
    for (guint i = 0; i < config->components->len; i++) {
        struct component_config *component = config->components->pdata[i];
        struct domain_config *domain       = domain_of (domains, component->domain);

        g_ptr_array_add (domain->components, component);
        domain->privileges |= class_find (component->class_name)->privileges;
    }
    return domains;
}

/* ---- circles ---- */

static const char *
graph_name (const MachineConfig *config, guint index)
{
    return ((struct component_config *)config->components->pdata[index])->name;
}

/* Who calls whom: [from * n + to]. */
static bool *
graph_calls (const MachineConfig *config)
{
    guint n     = config->components->len;
    bool *calls = g_new0 (bool, n * n + 1);

    for (guint i = 0; i < config->links->len; i++) {
        const struct config_link *link = config->links->pdata[i];
        guint from = n, to = n;

        for (guint j = 0; j < n; j++) {
            if (strcmp (graph_name (config, j), link->from) == 0)
                from = j;
            if (strcmp (graph_name (config, j), link->to) == 0)
                to = j;
        }
        if (from < n && to < n)
            calls[from * n + to] = true;
    }
    return calls;
}

/* The shortest circle through `start`: breadth first, back to where it began. */
static GPtrArray *
graph_circle (const MachineConfig *config, const bool *calls, guint start)
{
    guint n                 = config->components->len;
    g_autofree guint *from  = g_new (guint, n);
    g_autofree guint *queue = g_new (guint, n);
    guint head = 0, tail = 0, at = start;
    GPtrArray *path = g_ptr_array_new ();

    for (guint i = 0; i < n; i++)
        from[i] = n;
    queue[tail++] = start;
    while (head < tail && from[start] == n) {
        at = queue[head++];
        for (guint i = 0; i < n; i++)
            if (calls[at * n + i] && from[i] == n) {
                from[i] = at;
                if (i != start)
                    queue[tail++] = i;
            }
    }
    for (at = from[start]; at != start; at = from[at])
        g_ptr_array_insert (path, 0, (gpointer)graph_name (config, at));
    g_ptr_array_insert (path, 0, (gpointer)graph_name (config, start));
    return path;
}

static void
config_cycle_free (gpointer memory)
{
    struct config_cycle *cycle = memory;

    g_ptr_array_unref (cycle->path);
    g_ptr_array_unref (cycle->members);
    g_free (cycle);
}

GPtrArray *
config_cycles (const MachineConfig *config)
{
    guint n                  = config->components->len;
    g_autofree bool *calls   = graph_calls (config);
    g_autofree bool *reach   = g_memdup2 (calls, n * n * sizeof *calls + 1);
    g_autofree bool *grouped = g_new0 (bool, n + 1);
    GPtrArray *cycles        = g_ptr_array_new_with_free_func (config_cycle_free);

    for (guint k = 0; k < n; k++)
        for (guint i = 0; i < n; i++)
            for (guint j = 0; j < n; j++)
                reach[i * n + j] |= reach[i * n + k] && reach[k * n + j];

    for (guint i = 0; i < n; i++) {
        struct config_cycle *cycle;

        if (grouped[i] || !reach[i * n + i])
            continue;
        cycle          = g_new0 (struct config_cycle, 1);
        cycle->path    = graph_circle (config, calls, i);
        cycle->members = g_ptr_array_new ();
        for (guint j = i; j < n; j++)
            if (reach[i * n + j] && reach[j * n + i]) {
                grouped[j] = true;
                g_ptr_array_add (cycle->members, (gpointer)graph_name (config, j));
            }
        g_ptr_array_add (cycles, cycle);
    }
    return cycles;
}
