/* rules: when components move by themselves: the [rule NAME] sections of a machine. */
#include <string.h>

#include "config/builder.h"
#include "config/schema.h"

/* At most this many. */
#define RULES_MAX 64u

void
rule_config_free (gpointer memory)
{
    struct rule_config *rule = memory;

    g_free (rule->name);
    g_free (rule->component);
    g_free (rule->with);
    g_free (rule->move_to);
    g_free (rule);
}

/* Is the component there, or left out with a note? Else it is reported. */
static bool
rules_component (struct builder *builder, const struct section *section, const char *key,
                 const char *component)
{
    const struct config_absence *absence = config_absence (builder->config, component);
    struct place at                      = builder_place (builder, section->title, key);

    if (config_component (builder->config, component) != NULL)
        return true;
    if (absence != NULL) {
        g_ptr_array_add (builder->config->notes,
                         g_strdup_printf ("rule %s: %s is left out: %s", section->name, component,
                                          absence->reason));
    } else {
        g_autofree const char **names = builder_component_names (builder);
        g_autofree char *remedy       = suggest_remedy (component, names);

        report_add (builder->report, &at, "there is no component \"%s\"%s", component, remedy);
    }
    return false;
}

/* What a section must say. False, reported, if it does not. */
static bool
rules_whole (struct builder *builder, const struct section *section, const char *component,
             const char *when, const char *with, const char *move_to)
{
    struct place at  = builder_section_place (builder, section->title);
    bool busy        = g_strcmp0 (when, "busy") == 0;
    const char *lack = component == NULL          ? "component; write \"component = ext2\""
                       : when == NULL             ? "when; write \"when = crashes\""
                       : busy && with == NULL     ? "with; write the component at the other end, "
                                                    "as in \"with = vfs\""
                       : !busy && move_to == NULL ? "move-to; write \"move-to = own\""
                                                  : NULL;

    if (lack != NULL && builder->whole) {
        report_add (builder->report, &at, "[%s] has no %s", section->title, lack);
    } else if (lack == NULL && !busy && with != NULL) {
        at = builder_place (builder, section->title, "with");
        report_add (builder->report, &at, "only a rule with when = busy has a component at the "
                                          "other end; take it out");
        return false;
    }
    return lack == NULL;
}

/* Does the rule make sense as a whole? */
static bool
rules_agree (struct builder *builder, const struct section *section, const char *component,
             const char *with, const char *move_to)
{
    unsigned before = report_count (builder->report);
    struct place at;

    if (with != NULL && strcmp (with, component) == 0) {
        at = builder_place (builder, section->title, "with");
        report_add (builder->report, &at, "%s is with itself always; write the component at the "
                                          "other end", with);
    }
    if (move_to != NULL) {
        at = builder_place (builder, section->title, "move-to");
        builder_check_domain (builder, &at, move_to);
    }
    return report_count (builder->report) == before;
}

static void
rules_build (struct builder *builder, const struct section *section)
{
    const char *title     = section->title;
    const char *component = builder_setting (builder, title, "rule", "component");
    const char *when      = builder_setting (builder, title, "rule", "when");
    const char *with      = builder_setting (builder, title, "rule", "with");
    const char *move_to   = builder_setting (builder, title, "rule", "move-to");
    uint64_t count        = builder_number (builder, title, "rule", "count");
    uint64_t within_ns    = builder_number (builder, title, "rule", "within");
    struct rule_config *rule;

    if (!rules_whole (builder, section, component, when, with, move_to)
        || !rules_component (builder, section, "component", component)
        || (with != NULL && !rules_component (builder, section, "with", with))
        || !rules_agree (builder, section, component, with, move_to))
        return;
    rule            = g_new0 (struct rule_config, 1);
    rule->name      = g_strdup (section->name);
    rule->component = g_strdup (component);
    rule->when      = strcmp (when, "crashes") == 0 ? RULE_CRASHES
                      : strcmp (when, "quiet") == 0 ? RULE_QUIET
                                                    : RULE_BUSY;
    rule->count     = count;
    rule->within_ns = within_ns;
    rule->with      = g_strdup (with);
    rule->move_to   = g_strdup (move_to);
    g_ptr_array_add (builder->config->rules, rule);
}

void
builder_rules (struct builder *builder)
{
    unsigned count = 0;

    for (guint i = 0; i < builder->titles->len; i++) {
        const struct section *section = builder->titles->pdata[i];
        struct place at;

        if (strcmp (section->kind, "rule") != 0)
            continue;
        if (count++ == RULES_MAX) {
            at = builder_section_place (builder, section->title);
            report_add (builder->report, &at, "a machine has at most %u rules, and this is one "
                                              "more; leave some out", RULES_MAX);
            return;
        }
        rules_build (builder, section);
    }
}
