/* parts: the devices and components of a machine, each for itself. */
#include <string.h>

#include "classes.h"
#include "config/builder.h"
#include "config/schema.h"
#include "config/value.h"
#include "machine/machine.h"

static void
parts_value_free (gpointer memory)
{
    struct config_value *value = memory;

    g_free (value->text);
    g_free (value->origin);
    g_free (value);
}

static GHashTable *
parts_options_new (void)
{
    return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, parts_value_free);
}

/* Copies a setting from the machine's table to a part's. */
static void
parts_option_copy (const struct builder *builder, const char *title, const char *key,
                   GHashTable *options)
{
    g_autofree char *both           = g_strjoin ("/", title, key, NULL);
    const struct config_value *from = g_hash_table_lookup (builder->config->settings, both);
    struct config_value *value;

    if (from == NULL)
        return;
    value         = g_new0 (struct config_value, 1);
    value->text   = g_strdup (from->text);
    value->origin = g_strdup (from->origin);
    g_hash_table_replace (options, g_strdup (key), value);
}

/* ---- devices ---- */

/* A path in a file is seen from the file's folder. */
static void
device_resolve_image (struct builder *builder, const char *title)
{
    struct entry *entry = builder_entry (builder, title, "image");

    if (entry != NULL && entry->folder != NULL && strcmp (entry->text, "none") != 0
        && !g_path_is_absolute (entry->text)) {
        char *path = g_build_filename (entry->folder, entry->text, NULL);

        g_free (entry->text);
        entry->text = path;
    }
}

static void
device_check_keys (struct builder *builder, const struct section *section, const char *kind)
{
    for (const struct schema_key *key = schema_keys; key->kind != NULL; key++) {
        const struct entry *entry = builder_entry (builder, section->title, key->key);

        if (strcmp (key->kind, "device") != 0 || entry == NULL || key->only == NULL
            || strcmp (key->only, kind) == 0)
            continue;
        report_add (builder->report, &entry->key_at,
                    "only a %s has %s, and %s is a %s; take it out", key->only, key->key,
                    section->name, kind);
        builder->whole = false;
    }
}

static void
device_build (struct builder *builder, const struct section *section)
{
    const char *title = section->title;
    const char *kind;
    struct device_config *device;

    device_resolve_image (builder, title);
    kind = builder_setting (builder, title, "device", "kind");
    if (kind == NULL) {
        struct place at = builder_section_place (builder, title);

        /* A kind that was wrong has been reported already. */
        if (builder->whole)
            report_add (builder->report, &at,
                        "device %s has no kind; write \"kind = disk\" or \"kind = terminal\"",
                        section->name);
        builder->whole = false;
        return;
    }
    device_check_keys (builder, section, kind);

    device          = g_new0 (struct device_config, 1);
    device->name    = g_strdup (section->name);
    device->kind    = g_strdup (kind);
    device->options = parts_options_new ();
    g_ptr_array_add (builder->config->devices, device);
    for (const struct schema_key *key = schema_keys; key->kind != NULL; key++)
        if (strcmp (key->kind, "device") == 0 && strcmp (key->key, "kind") != 0
            && (key->only == NULL || strcmp (key->only, kind) == 0)) {
            const char *text = builder_setting (builder, title, "device", key->key);

            if (strcmp (key->key, "image") != 0 || strcmp (text, "none") != 0)
                parts_option_copy (builder, title, key->key, device->options);
        }
    if (*config_device_option (device, "image") != '\0'
        && config_device_number (device, "size") != 0) {
        struct place at = builder_place (builder, title, "size");

        report_add (builder->report, &at,
                    "device %s has an image and a size; an image brings its own, so write one of "
                    "the two", section->name);
    }
}

void
builder_devices (struct builder *builder)
{
    for (guint i = 0; i < builder->titles->len; i++) {
        const struct section *section = builder->titles->pdata[i];

        if (strcmp (section->kind, "device") == 0)
            device_build (builder, section);
    }
    if (builder->config->devices->len > CONFIG_DEVICES_MAX) {
        const struct device_config *extra = builder->config->devices->pdata[CONFIG_DEVICES_MAX];
        g_autofree char *title            = g_strconcat ("device ", extra->name, NULL);
        struct place at                   = builder_section_place (builder, title);

        report_add (builder->report, &at, "a machine has at most %u devices, and this is one more",
                    CONFIG_DEVICES_MAX);
        builder->whole = false;
    }
}

/* ---- components ---- */

static const char **
class_names (void)
{
    GPtrArray *names = g_ptr_array_new ();

    for (unsigned i = 0; class_at (i) != NULL; i++)
        g_ptr_array_add (names, (gpointer)class_at (i)->name);
    for (unsigned i = 0; classes_extra != NULL && classes_extra[i] != NULL; i++)
        g_ptr_array_add (names, (gpointer)classes_extra[i]->name);
    g_ptr_array_add (names, NULL);
    return (const char **)g_ptr_array_free (names, FALSE);
}

const char **
builder_component_names (const struct builder *builder)
{
    GPtrArray *names = g_ptr_array_new ();

    for (guint i = 0; i < builder->titles->len; i++) {
        const struct section *section = builder->titles->pdata[i];

        if (strcmp (section->kind, "component") == 0)
            g_ptr_array_add (names, section->name);
    }
    g_ptr_array_add (names, NULL);
    return (const char **)g_ptr_array_free (names, FALSE);
}

static bool
component_is_fixed_key (const char *key)
{
    return schema_key_find ("component", key) != NULL;
}

/* Every key of the section that is not in the schema must be an option or a need of the
 * class. */
static void
component_check_keys (struct builder *builder, const struct section *section,
                      const struct component_class *class_)
{
    const char *known[64];
    unsigned n = 0;

    for (const struct schema_key *k = schema_keys; k->kind != NULL; k++)
        if (strcmp (k->kind, "component") == 0)
            known[n++] = k->key;
    for (unsigned i = 0; i < G_N_ELEMENTS (class_->options) && class_->options[i].key; i++)
        known[n++] = class_->options[i].key;
    for (unsigned i = 0; i < G_N_ELEMENTS (class_->needs) && class_->needs[i].name; i++)
        known[n++] = class_->needs[i].name;
    known[n] = NULL;

    for (guint i = 0; i < builder->source->entries->len; i++) {
        const struct entry *entry = builder->source->entries->pdata[i];

        if (strcmp (entry->title, section->title) != 0 || component_is_fixed_key (entry->key)
            || g_strv_contains (known, entry->key))
            continue;
        builder_unknown_key (builder, entry, known);
        builder->whole = false;
    }
}

static void
component_options (struct builder *builder, const struct section *section,
                   const struct component_class *class_, struct component_config *component)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (class_->options) && class_->options[i].key; i++) {
        const struct option *option = &class_->options[i];
        const struct entry *entry   = builder_entry (builder, section->title, option->key);
        g_autofree char *wrong      = NULL;

        if (entry != NULL)
            wrong = schema_check_option (option, entry->text);
        if (wrong != NULL) {
            report_add (builder->report, &entry->value_at, "%s", wrong);
            builder_drop (builder, entry);
        }
        builder_value (builder, section->title, option->key,
                       option->value != NULL ? option->value : "", "default");
        parts_option_copy (builder, section->title, option->key, component->options);
    }
}

/* A slip of the key would quietly make a process of its own. */
void
builder_check_domain (struct builder *builder, const struct place *at, const char *domain)
{
    static const char *const words[] = { "kernel", "own", NULL };
    const char *meant = suggest (domain, words);
    const char *wrong = value_domain_wrong (domain);

    if (wrong != NULL)
        report_add (builder->report, at, "%s", wrong);
    else if (meant != NULL && strcmp (meant, domain) != 0)
        report_add (builder->report, at,
                    "\"%s\" would be a domain of its own; did you mean \"%s\"? if not, choose a "
                    "name less like it", domain, meant);
}

static void
component_domain (struct builder *builder, const struct section *section,
                  struct component_config *component)
{
    const char *text = builder_setting (builder, section->title, "component", "domain");
    struct place at  = builder_place (builder, section->title, "domain");

    builder_check_domain (builder, &at, text);
    component->domain = g_strdup (strcmp (text, "own") == 0 ? section->name : text);
}

/* What a component does not say about restarts, the machine says. */
static void
component_restart (struct builder *builder, const char *title, struct component_config *component)
{
    const char *whole = builder_setting (builder, "machine", "machine", "restart");
    const char *mode  = builder_value (builder, title, "restart", whole, "the machine's");

    component->restart = strcmp (mode, "replay") == 0 ? RESTART_REPLAY
                         : strcmp (mode, "cold") == 0 ? RESTART_COLD
                                                      : RESTART_NEVER;
    component->essential    = builder_switch (builder, title, "component", "essential");
    component->heartbeat_ns = builder_number (builder, title, "component", "heartbeat");
    component->intensity
        = (uint32_t)builder_number (builder, title, "component", "restart-intensity");
    component->window_ns  = builder_number (builder, title, "component", "restart-window");
    component->backoff_ns = builder_number (builder, title, "component", "restart-backoff");
}

/* The default is enough for what the class says that it keeps there. */
static void
component_arena (struct builder *builder, const char *title, const struct component_class *class_,
                 struct component_config *component)
{
    const char *text = builder_setting (builder, title, "component", "arena");
    uint64_t bytes   = 0;
    char enough[32];

    value_number (text, &component->arena_bytes);
    if (class_->keeps == NULL || !value_number (config_option (component, class_->keeps), &bytes)
        || config_arena_for (bytes) <= component->arena_bytes)
        return;
    value_print_size (config_arena_for (bytes), enough);
    value_number (builder_value (builder, title, "arena", enough, "default"),
                  &component->arena_bytes);
}

static void
component_build (struct builder *builder, const struct section *section)
{
    const char *title = section->title;
    const char *class_name
        = builder_value (builder, title, "class", section->name, "the component's name");
    const struct component_class *class_ = class_find (class_name);
    struct component_config *component;

    if (class_ == NULL) {
        g_autofree const char **names = class_names ();
        g_autofree char *remedy       = suggest_remedy (class_name, names);
        struct place at               = builder_place (builder, title, "class");

        report_add (builder->report, &at, "there is no component class \"%s\"%s", class_name,
                    remedy);
        builder->whole = false;
        return;
    }
    component_check_keys (builder, section, class_);

    component              = g_new0 (struct component_config, 1);
    component->name        = g_strdup (section->name);
    component->class_name  = g_strdup (class_name);
    component->options     = parts_options_new ();
    component_restart (builder, title, component);
    component->label       = g_strdup (builder_setting (builder, title, "component", "label"));
    builder_switch (builder, title, "component", "enabled");
    component_domain (builder, section, component);
    component_options (builder, section, class_, component);
    component_arena (builder, title, class_, component);
    g_ptr_array_add (builder->config->components, component);
}

void
builder_components (struct builder *builder)
{
    const GPtrArray *components = builder->config->components;

    for (guint i = 0; i < builder->titles->len; i++) {
        const struct section *section = builder->titles->pdata[i];

        if (strcmp (section->kind, "component") == 0)
            component_build (builder, section);
    }
    if (components->len > CONFIG_COMPONENTS_MAX) {
        const struct component_config *extra = components->pdata[CONFIG_COMPONENTS_MAX];
        g_autofree char *title               = g_strconcat ("component ", extra->name, NULL);
        struct place at                      = builder_section_place (builder, title);

        report_add (builder->report, &at,
                    "a machine has at most %u components, and this is one more of %u; leave some "
                    "out", CONFIG_COMPONENTS_MAX, components->len);
        builder->whole = false;
    }
    if (components->len == 0 && builder->whole) {
        struct place at = builder_section_place (builder, "machine");

        report_add (builder->report, &at,
                    "the machine has no components; write \"extends = hybrid\" in [machine], or "
                    "[component NAME] sections");
        builder->whole = false;
    }
}

bool
class_provides (const struct component_class *class_, unsigned interface)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (class_->provides); i++) {
        if (class_->provides[i].operations == NULL)
            break;
        if (class_->provides[i].interface == interface)
            return true;
    }
    return false;
}
