/* mounts: which file system stands where. */
#include <string.h>

#include "classes.h"
#include "config/builder.h"

/* The mount of `config` that shows the component, or NULL. */
static const struct mount_config *
mounts_of (const MachineConfig *config, const char *component)
{
    for (guint i = 0; i < config->mounts->len; i++) {
        const struct mount_config *mount = config->mounts->pdata[i];

        if (strcmp (mount->component, component) == 0)
            return mount;
    }
    return NULL;
}

/* Names of all that provide fs, left out or not, and NULL. Borrowed. */
static GPtrArray *
mounts_file_systems (const struct builder *builder)
{
    g_autofree const char **names = builder_component_names (builder);
    GPtrArray *found              = g_ptr_array_new ();

    for (const char **name = names; *name != NULL; name++) {
        const struct component_config *component = config_component (builder->config, *name);
        const struct config_absence *absence     = config_absence (builder->config, *name);

        if (component == NULL && absence != NULL)
            component = absence->component;
        if (component != NULL
            && class_provides (class_find (component->class_name), INTERFACE_fs))
            g_ptr_array_add (found, component->name);
    }
    g_ptr_array_add (found, NULL);
    return found;
}

static bool
mounts_check_name (struct builder *builder, const char *title, const char *name)
{
    const struct component_config *component = config_component (builder->config, name);
    const struct config_absence *absence     = config_absence (builder->config, name);
    struct place at                          = builder_place (builder, title, "component");

    if (component == NULL && absence != NULL)
        component = absence->component;
    if (component == NULL) {
        g_autoptr (GPtrArray) names = mounts_file_systems (builder);
        g_autofree char *remedy     = suggest_remedy (name, (const char *const *)names->pdata);

        report_add (builder->report, &at, "there is no component \"%s\"%s", name, remedy);
        return false;
    }
    if (!class_provides (class_find (component->class_name), INTERFACE_fs)) {
        report_add (builder->report, &at,
                    "%s is no file system; name a component that provides fs, as tmpfs does", name);
        return false;
    }
    return true;
}

/* The first of the names that is there. Reports wrong ones; *why is why none is. */
static char *
mounts_choose (struct builder *builder, const char *title, const char *text, char **why)
{
    g_auto (GStrv) names = g_strsplit (text, ",", -1);
    char *chosen         = NULL;

    *why = NULL;
    for (char **name = names; *name != NULL; name++) {
        g_strstrip (*name);
        if (!mounts_check_name (builder, title, *name)) {
            g_clear_pointer (&chosen, g_free);
            g_clear_pointer (why, g_free);
            return NULL;
        }
        const struct config_absence *absence = config_absence (builder->config, *name);
        if (absence == NULL && chosen == NULL)
            chosen = g_strdup (*name);
        else if (absence != NULL && *why == NULL)
            *why = g_strdup_printf ("%s is left out: %s", *name, absence->reason);
    }
    return chosen;
}

static void
mounts_build (struct builder *builder, const struct section *section)
{
    MachineConfig *config = builder->config;
    const char *title     = section->title;
    bool optional         = builder_switch (builder, title, "mount", "optional");
    bool read_only        = builder_switch (builder, title, "mount", "read-only");
    const char *text      = builder_setting (builder, title, "mount", "component");
    struct place at       = builder_place (builder, title, "component");
    g_autofree char *why  = NULL;
    g_autofree char *chosen = NULL;
    const struct mount_config *other;
    struct mount_config *mount;

    if (text == NULL) {
        report_add (builder->report, &at, "[%s] has no component; write \"component = tmpfs\"",
                    title);
        return;
    }
    guint before = report_count (builder->report);
    chosen       = mounts_choose (builder, title, text, &why);
    if (report_count (builder->report) != before)
        return;
    if (chosen == NULL) {
        if (!optional)
            report_add (builder->report, &at, "nothing to mount: %s; write \"optional = on\" to do "
                                              "without", why);
        else
            g_ptr_array_add (config->notes, g_strdup_printf ("mount %s: %s", section->name, why));
        return;
    }
    other = mounts_of (config, chosen);
    if (other != NULL) {
        if (!optional)
            report_add (builder->report, &at,
                        "%s is mounted on %s already; add a second component of its class", chosen,
                        other->path);
        else
            g_ptr_array_add (config->notes, g_strdup_printf ("mount %s: %s is mounted on %s",
                                                             section->name, chosen, other->path));
        return;
    }
    mount            = g_new0 (struct mount_config, 1);
    mount->path      = g_strdup (section->name);
    mount->component = g_steal_pointer (&chosen);
    mount->read_only = read_only;
    g_ptr_array_add (config->mounts, mount);
}

static gint
mounts_compare (gconstpointer left, gconstpointer right)
{
    const struct section *a = *(struct section *const *)left;
    const struct section *b = *(struct section *const *)right;

    return strcmp (a->name, b->name); /* a folder before what is in it */
}

/* The file server is told by its option `mounts`: "/ ext2;/dev dev;/usr disk2 ro;" */
static void
mounts_tell (struct builder *builder)
{
    const MachineConfig *config = builder->config;
    g_autoptr (GString) text    = g_string_new (NULL);

    for (guint i = 0; i < config->mounts->len; i++) {
        const struct mount_config *mount = config->mounts->pdata[i];

        g_string_append_printf (text, "%s %s%s;", mount->path, mount->component,
                                mount->read_only ? " ro" : "");
    }
    for (guint i = 0; i < config->components->len; i++) {
        const struct component_config *component = config->components->pdata[i];
        struct config_value *told = g_hash_table_lookup (component->options, "mounts");
        g_autofree char *title    = g_strconcat ("component ", component->name, NULL);
        const struct entry *entry = builder_entry (builder, title, "mounts");

        if (told == NULL || !class_provides (class_find (component->class_name), INTERFACE_file))
            continue;
        if (entry != NULL)
            report_add (builder->report, &entry->key_at,
                        "mounts is made from the [mount PATH] sections; write one of those");
        g_free (told->text);
        g_free (told->origin);
        told->text   = g_strdup (text->str);
        told->origin = g_strdup ("[mount] sections");
        builder_value (builder, title, "mounts", text->str, "[mount] sections");
    }
}

void
builder_mounts (struct builder *builder)
{
    g_autoptr (GPtrArray) sections = g_ptr_array_new ();
    bool files                     = false;

    for (guint i = 0; i < builder->titles->len; i++) {
        struct section *section = builder->titles->pdata[i];

        if (strcmp (section->kind, "mount") == 0)
            g_ptr_array_add (sections, section);
    }
    for (guint i = 0; i < builder->config->links->len; i++) {
        const struct config_link *link = builder->config->links->pdata[i];

        files = files || (strcmp (link->from, "user") == 0 && link->interface == INTERFACE_file);
    }
    g_ptr_array_sort (sections, mounts_compare);
    const struct section *first = sections->len > 0 ? sections->pdata[0] : NULL;
    if (files && (first == NULL || strcmp (first->name, "/") != 0)) {
        struct place at = builder_section_place (builder, "machine");

        report_add (builder->report, &at,
                    "nothing is mounted on /; add [mount /] with \"component = tmpfs\"");
    }
    for (guint i = 0; i < sections->len; i++)
        mounts_build (builder, sections->pdata[i]);
    mounts_tell (builder);
}
