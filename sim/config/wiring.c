/* wiring: who drives which device, who is left out, and who may call whom.
 *
 * Leaving out is how one machine file serves with and without a disk. A component is left
 * out when the file says `enabled = off`, when its disk has neither image nor size, and when
 * somebody it cannot do without is left out. It is never left out quietly: show says so.
 */
#include <string.h>

#include "classes.h"
#include "config/builder.h"

static const struct component_class *
wiring_class (const struct component_config *component)
{
    return class_find (component->class_name);
}

static char *
wiring_title (const struct component_config *component)
{
    return g_strconcat ("component ", component->name, NULL);
}

/* "\"disk = blk\" or \"disk = blk2\"" */
static char *
wiring_lines (const char *key, const GPtrArray *names)
{
    g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

    for (guint i = 0; i < names->len && names->pdata[i] != NULL; i++)
        g_ptr_array_add (lines, g_strdup_printf ("\"%s = %s\"", key, (char *)names->pdata[i]));
    g_ptr_array_add (lines, NULL);
    return list_words ((const char *const *)lines->pdata, "or");
}

/* ---- devices ---- */

/* The device that the file or the kind gives to the component; NULL: reported. */
static struct device_config *
wiring_device_find (struct builder *builder, const struct component_config *component,
                    const char *kind, const char *title)
{
    const struct entry *entry = builder_entry (builder, title, "device");
    struct place at           = builder_place (builder, title, "device");
    struct device_config *found = NULL;
    g_autoptr (GPtrArray) names = g_ptr_array_new (); /* of all, or of those of the kind */

    for (guint i = 0; i < builder->config->devices->len; i++) {
        struct device_config *device = builder->config->devices->pdata[i];

        if (entry != NULL ? strcmp (device->name, entry->text) == 0
                          : strcmp (device->kind, kind) == 0)
            found = device;
        if (entry != NULL || strcmp (device->kind, kind) == 0)
            g_ptr_array_add (names, device->name);
    }
    guint count = names->len;
    g_ptr_array_add (names, NULL);

    if (entry != NULL && found == NULL) {
        g_autofree char *remedy = suggest_remedy (entry->text, (const char *const *)names->pdata);
        report_add (builder->report, &at, "there is no device \"%s\"%s", entry->text,
                    *remedy != '\0' ? remedy : "; add [device NAME]");
    } else if (entry != NULL && strcmp (found->kind, kind) != 0) {
        report_add (builder->report, &at, "%s drives a %s, and %s is a %s; name a %s",
                    component->name, kind, found->name, found->kind, kind);
        found = NULL;
    } else if (entry == NULL && count == 0)
        report_add (builder->report, &at,
                    "%s drives a %s, and there is none; add [device NAME] with \"kind = %s\"",
                    component->name, kind, kind);
    else if (entry == NULL && count > 1) {
        g_autofree char *lines = wiring_lines ("device", names);
        report_add (builder->report, &at, "which %s does %s drive? write %s", kind,
                    component->name, lines);
        found = NULL;
    }
    return found;
}

static void
wiring_device (struct builder *builder, struct component_config *component, GHashTable *drivers)
{
    g_autofree char *title               = wiring_title (component);
    const struct component_class *class_ = wiring_class (component);
    struct place at                      = builder_place (builder, title, "device");
    bool enabled = builder_switch (builder, title, "component", "enabled");
    struct device_config *device;
    const struct component_config *other;

    if (class_->device == NULL) {
        const struct entry *entry = builder_entry (builder, title, "device");

        if (entry != NULL)
            report_add (builder->report, &entry->key_at,
                        "class %s drives no device; take the line out", class_->name);
        return;
    }
    if (!enabled && builder_entry (builder, title, "device") == NULL)
        return;
    device = wiring_device_find (builder, component, class_->device, title);
    if (device == NULL)
        return;
    other = g_hash_table_lookup (drivers, device->name);
    if (other != NULL && enabled) {
        report_add (builder->report, &at,
                    "%s drives %s already; give %s a device of its own", other->name, device->name,
                    component->name);
        return;
    }
    if (enabled)
        g_hash_table_insert (drivers, device->name, component);
    component->device = g_strdup (device->name);
    builder_value (builder, title, "device", device->name, "the only one of its kind");
}

static bool
device_is_there (const struct device_config *device)
{
    return strcmp (device->kind, "disk") != 0 || *config_device_option (device, "image") != '\0'
           || config_device_number (device, "size") != 0;
}

/* A device that nobody could ever drive is a mistake; one whose driver is left out goes. */
static void
wiring_devices_drop (struct builder *builder)
{
    MachineConfig *config = builder->config;

    for (guint i = config->devices->len; i-- > 0;) {
        const struct device_config *device = config->devices->pdata[i];
        bool driven                        = false;
        bool excused                       = false;

        for (guint j = 0; j < config->components->len; j++) {
            const struct component_config *component = config->components->pdata[j];
            driven = driven || g_strcmp0 (component->device, device->name) == 0;
        }
        for (guint j = 0; j < config->absences->len; j++) {
            const struct component_config *component
                = ((struct config_absence *)config->absences->pdata[j])->component;
            const char *kind = wiring_class (component)->device;

            excused = excused || g_strcmp0 (component->device, device->name) == 0
                      || (component->device == NULL && g_strcmp0 (kind, device->kind) == 0);
        }
        if (driven)
            continue;
        if (!excused) {
            g_autofree char *title = g_strconcat ("device ", device->name, NULL);
            struct place at        = builder_section_place (builder, title);

            report_add (builder->report, &at,
                        "nobody drives %s; add a component with \"device = %s\"", device->name,
                        device->name);
        }
        g_ptr_array_remove_index (config->devices, i);
    }
}

/* ---- needs ---- */

static void
wiring_provider_add (GPtrArray *names, const struct component_config *component,
                     unsigned interface, const char *self)
{
    if (class_provides (wiring_class (component), interface)
        && strcmp (component->name, self) != 0)
        g_ptr_array_add (names, component->name);
}

/* The components that provide the interface, without `self`. Borrowed. */
static GPtrArray *
wiring_providers (const struct builder *builder, unsigned interface, const char *self)
{
    const GPtrArray *components = builder->config->components;
    GPtrArray *names            = g_ptr_array_new ();

    for (guint i = 0; i < components->len; i++)
        wiring_provider_add (names, components->pdata[i], interface, self);
    return names;
}

/* The same, of those that are left out. */
static GPtrArray *
wiring_absent_providers (const struct builder *builder, unsigned interface, const char *self)
{
    const GPtrArray *absences = builder->config->absences;
    GPtrArray *names          = g_ptr_array_new ();

    for (guint i = 0; i < absences->len; i++)
        wiring_provider_add (names, ((struct config_absence *)absences->pdata[i])->component,
                             interface, self);
    return names;
}

static const char *
wiring_outside (unsigned interface)
{
    return interface == INTERFACE_kernel ? "nucleus" : interface == INTERFACE_umode ? "user" : NULL;
}

/* One name written for a need. Returns whether it is right. */
static bool
wiring_check_name (struct builder *builder, const struct entry *entry, const struct need *need,
                   const char *self, const char *name)
{
    const struct component_config *target = config_component (builder->config, name);
    const struct config_absence *absence  = config_absence (builder->config, name);
    g_autoptr (GPtrArray) known  = wiring_providers (builder, need->interface, self);
    g_autoptr (GPtrArray) absent = wiring_absent_providers (builder, need->interface, self);

    if (target == NULL && absence != NULL)
        target = absence->component;
    g_ptr_array_extend (known, absent, NULL, NULL);
    g_ptr_array_add (known, NULL);
    if (target == NULL) {
        g_autofree char *remedy = suggest_remedy (name, (const char *const *)known->pdata);

        report_add (builder->report, &entry->value_at, "there is no component \"%s\"%s", name,
                    *remedy != '\0' ? remedy : "; add a section for it");
    } else if (strcmp (name, self) == 0)
        report_add (builder->report, &entry->value_at, "%s cannot be its own %s; name another",
                    self, need->name);
    else if (!class_provides (wiring_class (target), need->interface)) {
        g_autofree char *list = list_words ((const char *const *)known->pdata, "or");
        report_add (builder->report, &entry->value_at,
                    "%s does not provide %s, which is what %s is for%s%s", name,
                    interfaces[need->interface].name, need->name, *list != '\0' ? "; write " : "",
                    list);
    } else
        return true;
    return false;
}

/* What the file writes for a need: an array of names, right ones only. */
static GPtrArray *
wiring_written (struct builder *builder, const struct entry *entry, const struct need *need,
                const char *self)
{
    GPtrArray *found      = g_ptr_array_new_with_free_func (g_free);
    g_auto (GStrv) names = g_strsplit (entry->text, ",", -1);
    guint count           = g_strv_length (names);

    if (count == 1 && strcmp (g_strstrip (names[0]), "none") == 0) {
        if (need->kind == NEED_ONE && strcmp (self, "user") != 0)
            report_add (builder->report, &entry->value_at,
                        "%s cannot do without its %s; name a component", self, need->name);
        return found;
    }
    if (need->kind != NEED_ALL && count > 1) {
        report_add (builder->report, &entry->value_at, "%s is one component, not %u; keep one",
                    need->name, count);
        return found;
    }
    for (guint i = 0; i < count; i++) {
        const char *name = g_strstrip (names[i]);

        if (g_ptr_array_find_with_equal_func (found, name, g_str_equal, NULL))
            report_add (builder->report, &entry->value_at, "%s stands twice in %s; once is enough",
                        name, need->name);
        else if (wiring_check_name (builder, entry, need, self, name))
            g_ptr_array_add (found, g_strdup (name));
    }
    return found;
}

/* Reports a need that the file does not settle. */
static void
wiring_unsettled (struct builder *builder, const struct need *need, const char *self,
                  const char *title, GPtrArray *providers)
{
    struct place at       = builder_section_place (builder, title);
    const char *interface = interfaces[need->interface].name;
    const char *who       = strcmp (self, "user") == 0 ? "the programs" : self;

    for (guint i = 0; providers->len == 0 && i < builder->config->absences->len; i++) {
        const struct config_absence *absence = builder->config->absences->pdata[i];

        if (!class_provides (wiring_class (absence->component), need->interface))
            continue;
        g_autofree char *absent = wiring_title (absence->component);
        if (builder_entry (builder, absent, "enabled") != NULL)
            at = builder_place (builder, absent, "enabled");
        report_add (builder->report, &at, "%s cannot do without %s, and %s is left out: %s; put it "
                                          "back",
                    who, interface, absence->component->name, absence->reason);
        return;
    }
    if (providers->len == 0) {
        GString *classes = g_string_new (NULL);

        for (unsigned i = 0; class_at (i) != NULL; i++)
            if (class_provides (class_at (i), need->interface))
                g_string_append_printf (classes, "%s[component %s]", classes->len ? " or " : "",
                                        class_at (i)->name);
        report_add (builder->report, &at, "nobody provides %s, which %s need%s as %s; add %s",
                    interface, who, strcmp (self, "user") == 0 ? "" : "s", need->name,
                    classes->len > 0 ? classes->str : "a component that does");
        g_string_free (classes, TRUE);
        return;
    }
    g_autofree char *lines = wiring_lines (need->name, providers);
    g_ptr_array_add (providers, NULL);
    g_autofree char *all = list_words ((const char *const *)providers->pdata, "and");
    report_add (builder->report, &at, "%s provide %s; write %s in [%s]", all, interface, lines,
                title);
}

/* ---- leaving out ---- */

static void
wiring_leave_out (struct builder *builder, guint index, char *reason)
{
    struct config_absence *absence = g_new0 (struct config_absence, 1);

    absence->component = g_ptr_array_steal_index (builder->config->components, index);
    absence->reason    = reason;
    g_ptr_array_add (builder->config->absences, absence);
}

/* Why the component cannot be there, now that those in `absences` are not; NULL: it can. */
static char *
wiring_reason (struct builder *builder, const struct component_config *component)
{
    g_autofree char *title               = wiring_title (component);
    const struct component_class *class_ = wiring_class (component);
    const struct device_config *device
        = component->device != NULL ? config_device (builder->config, component->device) : NULL;

    if (!builder_switch (builder, title, "component", "enabled"))
        return g_strdup ("it is not enabled");
    if (device != NULL && !device_is_there (device))
        return g_strdup_printf ("device %s has no image", device->name);
    for (unsigned i = 0; i < G_N_ELEMENTS (class_->needs) && class_->needs[i].name != NULL; i++) {
        const struct need *need   = &class_->needs[i];
        const struct entry *entry = builder_entry (builder, title, need->name);

        if (need->kind != NEED_ONE || wiring_outside (need->interface) != NULL)
            continue;
        if (entry != NULL) {
            if (config_absence (builder->config, entry->text) != NULL)
                return g_strdup_printf ("its %s, %s, is left out", need->name, entry->text);
            continue;
        }
        g_autoptr (GPtrArray) there
            = wiring_providers (builder, need->interface, component->name);
        g_autoptr (GPtrArray) absent
            = wiring_absent_providers (builder, need->interface, component->name);
        if (there->len == 0 && absent->len > 0)
            return g_strdup_printf ("its %s, %s, is left out", need->name,
                                    (char *)absent->pdata[0]);
    }
    return NULL;
}

static void
wiring_absences (struct builder *builder)
{
    const GPtrArray *components = builder->config->components;
    bool changed;

    do {
        changed = false;
        for (guint i = 0; i < components->len; i++) {
            char *reason = wiring_reason (builder, components->pdata[i]);

            if (reason == NULL)
                continue;
            wiring_leave_out (builder, i--, reason);
            changed = true;
        }
    } while (changed);
}

/* ---- links ---- */

static void
wiring_link (struct builder *builder, const char *self, const struct need *need, const char *to)
{
    struct config_link *link = g_new0 (struct config_link, 1);

    link->from      = g_strdup (self);
    link->need      = g_strdup (need->name);
    link->to        = g_strdup (to);
    link->interface = need->interface;
    g_ptr_array_add (builder->config->links, link);
}

/* Makes the links of one need. Returns their names, with commas; owned by the caller. */
static char *
wiring_need (struct builder *builder, const char *self, const char *title, const struct need *need)
{
    const struct entry *entry = builder_entry (builder, title, need->name);
    g_autoptr (GPtrArray) names = NULL;
    GString *text               = g_string_new (NULL);

    if (entry != NULL)
        names = wiring_written (builder, entry, need, self);
    else if (wiring_outside (need->interface) != NULL) {
        names = g_ptr_array_new ();
        g_ptr_array_add (names, (gpointer)wiring_outside (need->interface));
    } else {
        names = need->kind == NEED_NAMED
                    ? g_ptr_array_new ()
                    : wiring_providers (builder, need->interface, self);
        if ((names->len == 0 && need->kind == NEED_ONE)
            || (names->len > 1 && need->kind != NEED_ALL)) {
            wiring_unsettled (builder, need, self, title, names);
            g_ptr_array_set_size (names, 0);
        }
    }
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];

        if (wiring_outside (need->interface) == NULL && !config_component (builder->config, name)) {
            if (need->kind == NEED_ONE)
                report_add (builder->report, &entry->value_at, "%s is left out: %s; put it back",
                            name, config_absence (builder->config, name)->reason);
            continue;
        }
        wiring_link (builder, self, need, name);
        g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", name);
    }
    return g_string_free (text, FALSE);
}

static void
wiring_component (struct builder *builder, struct component_config *component)
{
    g_autofree char *title               = wiring_title (component);
    const struct component_class *class_ = wiring_class (component);

    for (unsigned i = 0; i < G_N_ELEMENTS (class_->needs) && class_->needs[i].name != NULL; i++) {
        const struct need *need   = &class_->needs[i];
        g_autofree char *text     = wiring_need (builder, component->name, title, need);
        const struct entry *entry = builder_entry (builder, title, need->name);
        struct config_value *value;

        builder_value (builder, title, need->name, *text != '\0' ? text : "none",
                       need->kind == NEED_ALL     ? "all there are"
                       : need->kind == NEED_NAMED ? "nobody is named"
                                                  : "the only one there is");
        if (*text == '\0' || (need->kind == NEED_ALL && entry == NULL))
            continue;
        value         = g_new0 (struct config_value, 1);
        value->text   = g_strdup (text);
        value->origin = entry != NULL ? entry_origin (entry) : g_strdup ("default");
        g_hash_table_replace (component->options, g_strdup (need->name), value);
    }
}

/* The programs are one more client. */
static void
wiring_user (struct builder *builder)
{
    static const struct need needs[] = {
        { "process", INTERFACE_process, NEED_ONE },
        { "file", INTERFACE_file, NEED_ONE },
        { "clock", INTERFACE_clock, NEED_OPTIONAL },
        { "log", INTERFACE_log, NEED_OPTIONAL },
        { "vm", INTERFACE_vm, NEED_OPTIONAL },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS (needs); i++) {
        g_autofree char *text = wiring_need (builder, "user", "user", &needs[i]);

        builder_value (builder, "user", needs[i].name, *text != '\0' ? text : "none",
                       "the only one there is");
    }
}

void
builder_wire (struct builder *builder)
{
    g_autoptr (GHashTable) drivers = g_hash_table_new (g_str_hash, g_str_equal);
    const GPtrArray *components    = builder->config->components;
    guint before                   = report_count (builder->report);

    for (guint i = 0; i < components->len; i++)
        wiring_device (builder, components->pdata[i], drivers);
    /* A driver without its device would be missed by those who need it. */
    if (report_count (builder->report) != before) {
        builder->whole = false;
        return;
    }
    wiring_absences (builder);
    wiring_devices_drop (builder);
    for (guint i = 0; i < components->len; i++)
        wiring_component (builder, components->pdata[i]);
    wiring_user (builder);
    builder->whole = report_count (builder->report) == before;
}
