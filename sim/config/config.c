/* config: lines to values, values to the machine as a whole; then looking things up in it. */
#include "config/config.h"

#include <string.h>

#include "config/builder.h"
#include "config/cost_figures.h"
#include "config/schema.h"
#include "config/value.h"

/* ---- values ---- */

static char *
builder_key (const char *title, const char *key)
{
    return g_strjoin ("/", title, key, NULL);
}

struct entry *
builder_entry (const struct builder *builder, const char *title, const char *key)
{
    g_autofree char *both = builder_key (title, key);

    return g_hash_table_lookup (builder->effective, both);
}

void
builder_drop (struct builder *builder, const struct entry *entry)
{
    g_autofree char *both = builder_key (entry->title, entry->key);

    if (g_hash_table_lookup (builder->effective, both) == entry)
        g_hash_table_remove (builder->effective, both);
}

struct place
builder_section_place (const struct builder *builder, const char *title)
{
    const struct section *section = g_hash_table_lookup (builder->places, title);
    struct place first            = { builder->source->files->pdata[0], 1, 1 };

    first.file = g_intern_string (first.file);
    return section != NULL ? section->at : first;
}

struct place
builder_place (const struct builder *builder, const char *title, const char *key)
{
    const struct entry *entry = builder_entry (builder, title, key);

    return entry != NULL ? entry->value_at : builder_section_place (builder, title);
}

static void
config_value_free (gpointer memory)
{
    struct config_value *value = memory;

    g_free (value->text);
    g_free (value->origin);
    g_free (value);
}

const char *
builder_value (struct builder *builder, const char *title, const char *key, const char *standard,
               const char *origin)
{
    const struct entry *entry = builder_entry (builder, title, key);
    struct config_value *value;

    if (entry == NULL && standard == NULL)
        return NULL;
    value         = g_new0 (struct config_value, 1);
    value->text   = g_strdup (entry != NULL ? entry->text : standard);
    value->origin = entry != NULL ? entry_origin (entry) : g_strdup (origin);
    g_hash_table_replace (builder->config->settings, builder_key (title, key), value);
    return value->text;
}

const char *
builder_setting (struct builder *builder, const char *title, const char *kind, const char *key)
{
    const struct schema_key *known = schema_key_find (kind, key);

    g_assert (known != NULL);
    return builder_value (builder, title, key, known->value, "default");
}

uint64_t
builder_number (struct builder *builder, const char *title, const char *kind, const char *key)
{
    const char *text = builder_setting (builder, title, kind, key);
    uint64_t number  = 0;

    if (text != NULL && schema_key_find (kind, key)->type == VALUE_TIME)
        value_time (text, &number);
    else if (text != NULL)
        value_number (text, &number);
    return number;
}

bool
builder_switch (struct builder *builder, const char *title, const char *kind, const char *key)
{
    return g_strcmp0 (builder_setting (builder, title, kind, key), "on") == 0;
}

/* ---- every line for itself ---- */

void
builder_unknown_key (struct builder *builder, const struct entry *entry, const char *const *known)
{
    g_autofree char *remedy = suggest_remedy (entry->key, known);

    report_add (builder->report, &entry->key_at, "unknown key \"%s\" in [%s]%s", entry->key,
                entry->title, remedy);
    builder_drop (builder, entry);
}

static void
builder_check_entry (struct builder *builder, const struct entry *entry)
{
    const struct schema_key *known = schema_key_find (entry->kind, entry->key);
    bool component                 = strcmp (entry->kind, "component") == 0;
    bool aside                     = strcmp (entry->kind, "machine") == 0
                 || strcmp (entry->kind, "cost-model") == 0;

    if (known == NULL) {
        const char *keys[64];
        unsigned n = 0;

        if (component)
            return; /* may be its class's: parts.c */
        for (const struct schema_key *k = schema_keys; k->kind != NULL; k++)
            if (strcmp (k->kind, entry->kind) == 0)
                keys[n++] = k->key;
        keys[n] = NULL;
        builder_unknown_key (builder, entry, keys);
        builder->whole = builder->whole && aside;
        return;
    }
    g_autofree char *wrong = schema_check (known, entry->text);
    if (wrong != NULL) {
        report_add (builder->report, &entry->value_at, "%s", wrong);
        builder_drop (builder, entry);
        builder->whole = builder->whole && aside;
    }
}

static void
builder_index (struct builder *builder)
{
    const struct source *source = builder->source;

    for (guint i = 0; i < source->sections->len; i++) {
        struct section *section = source->sections->pdata[i];

        if (!g_hash_table_contains (builder->places, section->title))
            g_ptr_array_add (builder->titles, section);
        g_hash_table_replace (builder->places, section->title, section);
    }
    for (guint i = 0; i < source->entries->len; i++) {
        struct entry *entry = source->entries->pdata[i];

        g_hash_table_replace (builder->effective, builder_key (entry->title, entry->key), entry);
    }
    for (guint i = 0; i < source->entries->len; i++)
        builder_check_entry (builder, source->entries->pdata[i]);
}

/* ---- the machine as a whole ---- */

static void
builder_cost (struct builder *builder)
{
    const char *name       = builder_setting (builder, "machine", "machine", "cost-model");
    struct cost_model *cost = &builder->config->cost;
    g_autofree char *origin = g_strconcat ("cost model ", name, NULL);

    *cost = *cost_model_find (name);
    for (const struct cost_figure *figure = cost_figures; figure->key != NULL; figure++) {
        uint64_t *field         = (uint64_t *)((char *)cost + figure->offset);
        bool decimal            = strcmp (figure->unit, "millicycles") == 0;
        g_autofree char *figures
            = decimal ? g_strdup_printf ("%" G_GUINT64_FORMAT ".%03u", *field / 1000,
                                         (unsigned)(*field % 1000))
                      : g_strdup_printf ("%" G_GUINT64_FORMAT, *field);
        const char *text = builder_value (builder, "cost-model", figure->key, figures, origin);

        if (decimal)
            value_decimal (text, field);
        else
            value_number (text, field);
    }
}

static void
builder_machine (struct builder *builder)
{
    MachineConfig *config = builder->config;
    const char *m         = "machine";

    builder_setting (builder, m, m, "extends");
    builder_setting (builder, m, m, "summary");
    config->personality = g_strdup (builder_setting (builder, m, m, "personality"));
    config->seed        = builder_number (builder, m, m, "seed");
    config->epoch_s     = builder_number (builder, m, m, "epoch");
    config->scheduler   = g_strdup (builder_setting (builder, m, m, "scheduler"));
    config->quantum_ns  = builder_number (builder, m, m, "quantum");
    config->tasks_max   = (uint32_t)builder_number (builder, m, m, "tasks");
    config->ram_bytes   = builder_number (builder, m, m, "memory");
    config->placement   = g_strdup (builder_setting (builder, m, m, "placement"));
    config->snapshot    = (uint32_t)builder_number (builder, m, m, "snapshot");
    config->audit       = (uint32_t)builder_number (builder, m, m, "audit");
    builder_setting (builder, m, m, "restart");
    config->sandbox     = builder_switch (builder, m, m, "sandbox");
    config->user_domain = g_strdup (builder_setting (builder, "user", "user", "domain"));
    builder_cost (builder);
}

/* ---- reading ---- */

void
component_config_free (gpointer memory)
{
    struct component_config *component = memory;

    g_free (component->name);
    g_free (component->class_name);
    g_free (component->domain);
    g_free (component->label);
    g_free (component->device);
    g_hash_table_unref (component->options);
    g_free (component);
}

static void
device_config_free (gpointer memory)
{
    struct device_config *device = memory;

    g_free (device->name);
    g_free (device->kind);
    g_hash_table_unref (device->options);
    g_free (device);
}

static void
mount_config_free (gpointer memory)
{
    struct mount_config *mount = memory;

    g_free (mount->path);
    g_free (mount->component);
    g_free (mount);
}

static void
config_link_free (gpointer memory)
{
    struct config_link *link = memory;

    g_free (link->from);
    g_free (link->need);
    g_free (link->to);
    g_free (link);
}

static void
config_absence_free (gpointer memory)
{
    struct config_absence *absence = memory;

    component_config_free (absence->component);
    g_free (absence->reason);
    g_free (absence);
}

static MachineConfig *
config_new (const char *machine)
{
    MachineConfig *config = g_new0 (MachineConfig, 1);

    config->path       = g_strdup (machine);
    config->components = g_ptr_array_new_with_free_func (component_config_free);
    config->devices    = g_ptr_array_new_with_free_func (device_config_free);
    config->mounts     = g_ptr_array_new_with_free_func (mount_config_free);
    config->faults     = g_ptr_array_new_with_free_func (fault_config_free);
    config->rules      = g_ptr_array_new_with_free_func (rule_config_free);
    config->links      = g_ptr_array_new_with_free_func (config_link_free);
    config->absences   = g_ptr_array_new_with_free_func (config_absence_free);
    config->notes      = g_ptr_array_new_with_free_func (g_free);
    config->settings
        = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, config_value_free);
    return config;
}

void
config_free (MachineConfig *config)
{
    if (config == NULL)
        return;
    g_ptr_array_unref (config->components);
    g_ptr_array_unref (config->devices);
    g_ptr_array_unref (config->mounts);
    g_ptr_array_unref (config->faults);
    g_ptr_array_unref (config->rules);
    g_ptr_array_unref (config->links);
    g_ptr_array_unref (config->absences);
    g_ptr_array_unref (config->notes);
    if (config->files != NULL)
        g_ptr_array_unref (config->files);
    g_hash_table_unref (config->settings);
    g_free (config->name);
    g_free (config->path);
    g_free (config->scheduler);
    g_free (config->personality);
    g_free (config->user_domain);
    g_free (config->placement);
    g_free (config);
}

MachineConfig *
config_read (const char *machine, char **assignments, char **report)
{
    g_autoptr (Report) mistakes = report_new ();
    struct builder builder      = {
             .report    = mistakes,
             .source    = source_read (machine, mistakes),
             .effective = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
             .titles    = g_ptr_array_new (),
             .places    = g_hash_table_new (g_str_hash, g_str_equal),
             .config    = config_new (machine),
    };
    guint before = report_count (mistakes);

    for (char **assignment = assignments; assignment != NULL && *assignment != NULL; assignment++)
        scan_assignment (*assignment, builder.source->sections, builder.source->entries, mistakes);
    builder.whole = builder.source->whole && report_count (mistakes) == before;
    if (builder.source->files->len > 0) {
        builder_index (&builder);
        builder_machine (&builder);
        builder_devices (&builder);
        builder_components (&builder);
        if (builder.whole)
            builder_wire (&builder);
        if (builder.whole)
            builder_mounts (&builder);
        if (builder.whole)
            builder_faults (&builder);
        if (builder.whole)
            builder_rules (&builder);
    }
    builder.config->name  = g_strdup (builder.source->name);
    builder.config->files = g_ptr_array_ref (builder.source->files);

    g_ptr_array_unref (builder.titles);
    g_hash_table_unref (builder.places);
    g_hash_table_unref (builder.effective);
    source_free (builder.source);
    if (report_count (mistakes) == 0) {
        *report = NULL;
        return builder.config;
    }
    config_free (builder.config);
    *report = report_text (mistakes);
    return NULL;
}

/* ---- looking things up ---- */

struct component_config *
config_component (const MachineConfig *config, const char *name)
{
    for (guint i = 0; i < config->components->len; i++) {
        struct component_config *component = config->components->pdata[i];

        if (strcmp (component->name, name) == 0)
            return component;
    }
    return NULL;
}

const char *
config_option (const struct component_config *component, const char *key)
{
    const struct config_value *value = g_hash_table_lookup (component->options, key);

    return value != NULL ? value->text : "";
}

#define MIB ((uint64_t)1 << 20)

uint64_t
config_arena_for (uint64_t bytes)
{
    uint64_t most = 4096 * MIB;

    return bytes > most / 2 ? most : (2 * bytes + MIB - 1) / MIB * MIB;
}

static bool
value_is_default (const struct config_value *value)
{
    return strcmp (value->origin, "default") == 0;
}

const struct config_value *
config_enlarge (const MachineConfig *config, struct component_config *component, const char *key,
                uint64_t bytes)
{
    g_autofree char *title     = g_strconcat ("component ", component->name, NULL);
    g_autofree char *name      = builder_key (title, "arena");
    struct config_value *arena = g_hash_table_lookup (config->settings, name);
    struct config_value *value = g_hash_table_lookup (component->options, key);
    uint64_t holds             = 0;
    char text[32];

    value_number (value->text, &holds);
    if (holds < bytes && !value_is_default (value))
        return value;
    if (holds < bytes) {
        value_print_size (bytes, text);
        g_free (value->text);
        value->text = g_strdup (text);
    }
    if (component->arena_bytes < bytes && !value_is_default (arena))
        return arena;
    if (component->arena_bytes < config_arena_for (bytes) && value_is_default (arena))
        component->arena_bytes = config_arena_for (bytes);
    return NULL;
}

const struct config_absence *
config_absence (const MachineConfig *config, const char *name)
{
    for (guint i = 0; i < config->absences->len; i++) {
        struct config_absence *absence = config->absences->pdata[i];

        if (strcmp (absence->component->name, name) == 0)
            return absence;
    }
    return NULL;
}

struct device_config *
config_device (const MachineConfig *config, const char *name)
{
    for (guint i = 0; i < config->devices->len; i++) {
        struct device_config *device = config->devices->pdata[i];

        if (strcmp (device->name, name) == 0)
            return device;
    }
    return NULL;
}

const char *
config_device_option (const struct device_config *device, const char *key)
{
    const struct config_value *value = g_hash_table_lookup (device->options, key);

    return value != NULL ? value->text : "";
}

uint64_t
config_device_number (const struct device_config *device, const char *key)
{
    const struct schema_key *known = schema_key_find ("device", key);
    uint64_t number                = 0;

    g_return_val_if_fail (known != NULL, 0);
    if (known->type == VALUE_TIME)
        value_time (config_device_option (device, key), &number);
    else
        value_number (config_device_option (device, key), &number);
    return number;
}

bool
config_device_switch (const struct device_config *device, const char *key)
{
    return strcmp (config_device_option (device, key), "on") == 0;
}
