/* faults: what is to go wrong in a machine: its [fault NAME] sections. */
#include <string.h>

#include "classes.h"
#include "config/builder.h"
#include "config/schema.h"
#include "fault/rules.h"
#include "nucleus/nucleus.h"

void
fault_config_free (gpointer memory)
{
    fault_config_clear (memory);
    g_free (memory);
}

/* Its class; NULL, reported, if there is no such component. One that is left out is noted, but
 * what is said of it must be right all the same. */
static const struct component_class *
faults_class (struct builder *builder, const struct section *section, const char *component)
{
    const struct component_config *config = config_component (builder->config, component);
    const struct config_absence *absence  = config_absence (builder->config, component);
    struct place at = builder_place (builder, section->title, "component");

    if (strcmp (component, "nucleus") == 0)
        return &nucleus_class;
    if (config != NULL)
        return class_find (config->class_name);
    if (absence != NULL) {
        g_ptr_array_add (builder->config->notes,
                         g_strdup_printf ("fault %s: %s is left out: %s", section->name, component,
                                          absence->reason));
        return class_find (absence->component->class_name);
    }
    g_autofree const char **names = builder_component_names (builder);
    g_autofree char *remedy       = suggest_remedy (component, names);

    report_add (builder->report, &at, "there is no component \"%s\"%s", component, remedy);
    return NULL;
}

static void
faults_build (struct builder *builder, const struct section *section)
{
    const char *title              = section->title;
    struct fault_config *fault     = g_new0 (struct fault_config, 1);
    g_autofree char *wrong         = NULL;
    const struct component_class *class_;
    const char *key;
    struct place at;

    fault_config_init (fault, section->name, builder->config->seed);
    for (const struct schema_key *k = schema_keys; k->kind != NULL; k++) {
        const char *text = strcmp (k->kind, "fault") == 0
                               ? builder_setting (builder, title, "fault", k->key)
                               : NULL;

        if (text != NULL)
            fault_config_take (fault, k->key, text);
    }
    at = builder_section_place (builder, title);
    if (fault->component == NULL || !fault->has_kind) {
        if (builder->whole)
            report_add (builder->report, &at, "[%s] has no %s; write \"%s\"", title,
                        fault->component == NULL ? "component" : "kind",
                        fault->component == NULL ? "component = ext2" : "kind = abort");
        fault_config_free (fault);
        return;
    }
    class_ = faults_class (builder, section, fault->component);
    wrong  = class_ != NULL ? fault_config_wrong (fault, class_, &key) : NULL;
    if (wrong != NULL) {
        at = builder_place (builder, title, key);
        report_add (builder->report, &at, "%s", wrong);
    }
    if (class_ != NULL && wrong == NULL
        && config_absence (builder->config, fault->component) == NULL)
        g_ptr_array_add (builder->config->faults, fault);
    else
        fault_config_free (fault);
}

void
builder_faults (struct builder *builder)
{
    unsigned count = 0;

    for (guint i = 0; i < builder->titles->len; i++) {
        const struct section *section = builder->titles->pdata[i];
        struct place at;

        if (strcmp (section->kind, "fault") != 0)
            continue;
        if (count++ == FAULT_RULES_MAX) {
            at = builder_section_place (builder, section->title);
            report_add (builder->report, &at, "a machine has at most %u faults, and this is one "
                                              "more; leave some out", FAULT_RULES_MAX);
            return;
        }
        faults_build (builder, section);
    }
}
