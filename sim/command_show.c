/* command_show: what a machine is, down to every value and where it comes from.
 *
 * The facts are collected as JSON once; the text is printed from that, so that the two can
 * never say different things.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/sandbox.h"
#include "classes.h"
#include "command.h"
#include "config/config.h"
#include "config/cost_figures.h"

const struct command_option command_show_options[] = {
    OPTIONS_MACHINE, OPTION_JSON, OPTION_HELP, OPTIONS_END,
};

/* ---- collecting ---- */

static json_t *
show_strings (const GPtrArray *strings)
{
    json_t *array = json_array ();

    for (guint i = 0; i < strings->len; i++)
        json_array_append_new (array, json_string (strings->pdata[i]));
    return array;
}

/* Sections in the order of the manual, then by name and key. */
static gint
show_compare (gconstpointer left, gconstpointer right)
{
    static const char *const kinds[]
        = { "machine", "user", "cost-model", "component", "device", "mount" };
    const char *both[2] = { left, right };
    guint rank[2]       = { 0, 0 };

    for (guint side = 0; side < 2; side++)
        while (rank[side] < G_N_ELEMENTS (kinds)
               && strncmp (both[side], kinds[rank[side]], strlen (kinds[rank[side]])) != 0)
            rank[side]++;
    return rank[0] != rank[1] ? (rank[0] < rank[1] ? -1 : 1) : strcmp (left, right);
}

static json_t *
show_settings (const MachineConfig *config)
{
    g_autoptr (GList) keys
        = g_list_sort (g_hash_table_get_keys (config->settings), show_compare);
    json_t *settings = json_array ();

    for (GList *at = keys; at != NULL; at = at->next) {
        const struct config_value *value = g_hash_table_lookup (config->settings, at->data);
        const char *slash                = strrchr (at->data, '/');
        g_autofree char *section = g_strndup (at->data, (gsize)(slash - (const char *)at->data));

        json_array_append_new (settings, json_pack ("{s:s, s:s, s:s, s:s}", "section", section,
                                                    "key", slash + 1, "value", value->text,
                                                    "origin", value->origin));
    }
    return settings;
}

/* What the filter of a domain lets through beside the base; SANDBOX_BASE: the base. */
#define SANDBOX_BASE 0u

static json_t *
show_allowed (unsigned privileges)
{
    json_t *calls       = json_array ();
    const char *before  = "";
    const struct sandbox_rule *rule;

    for (unsigned i = 0; (rule = sandbox_rule_at (i)) != NULL; i++) {
        if (privileges == SANDBOX_BASE ? rule->privilege != PRIVILEGE_NONE
                                       : (rule->privilege & privileges) == 0)
            continue;
        g_autofree char *condition = sandbox_condition_text (&rule->condition);

        if (privileges != SANDBOX_BASE)
            json_array_append_new (calls, json_sprintf ("%s%s%s: %s", rule->call,
                                                        *condition != '\0' ? ", where " : "",
                                                        condition, rule->why));
        else if (strcmp (before, rule->call) != 0)
            json_array_append_new (calls, json_string (rule->call));
        before = rule->call;
    }
    return calls;
}

/* The whole table that all filters are made of. */
static json_t *
show_sandbox (void)
{
    json_t *rows = json_array ();
    const struct sandbox_rule *rule;

    for (unsigned i = 0; (rule = sandbox_rule_at (i)) != NULL; i++) {
        g_autofree char *condition = sandbox_condition_text (&rule->condition);

        json_array_append_new (rows, json_pack ("{s:s, s:s, s:s, s:s}", "who",
                                                sandbox_privilege_name (rule->privilege), "call",
                                                rule->call, "condition", condition, "why",
                                                rule->why));
    }
    return rows;
}

static json_t *
show_privileges (unsigned privileges)
{
    return privileges != 0 ? show_allowed (privileges) : json_array ();
}

static json_t *
show_domains (const MachineConfig *config)
{
    g_autoptr (GPtrArray) domains = config_domains (config);
    json_t *array                 = json_array ();
    bool user                     = strcmp (config->user_domain, "user") == 0;

    for (guint i = 0; i < domains->len; i++) {
        const struct domain_config *domain = domains->pdata[i];
        json_t *components                 = json_array ();

        if (i == 0)
            json_array_append_new (components, json_pack ("{s:s}", "name", "nucleus"));
        if (i == 0 && !user)
            json_array_append_new (components, json_pack ("{s:s}", "name", "user"));
        for (guint j = 0; j < domain->components->len; j++) {
            const struct component_config *component = domain->components->pdata[j];

            json_array_append_new (
                components, json_pack ("{s:s, s:s, s:s?, s:s?, s:o}", "name", component->name, "class",
                                       component->class_name, "label", component->label, "device",
                                       component->device, "privileges",
                                       show_privileges (class_find (component->class_name)->privileges)));
        }
        json_array_append_new (array, json_pack ("{s:s, s:o, s:o}", "name", domain->name,
                                                 "components", components, "privileges",
                                                 show_privileges (domain->privileges)));
    }
    if (user)
        json_array_append_new (array, json_pack ("{s:s, s:[{s:s}], s:[]}", "name", "user",
                                                 "components", "name", "user", "privileges"));
    return array;
}

static const char *
show_domain_of (const MachineConfig *config, const char *name)
{
    const struct component_config *component = config_component (config, name);

    if (component != NULL)
        return component->domain;
    return strcmp (name, "user") == 0 ? config->user_domain : "kernel";
}

static json_t *
show_calls (const MachineConfig *config)
{
    json_t *calls = json_array ();

    for (guint i = 0; i < config->links->len; i++) {
        const struct config_link *link = config->links->pdata[i];
        bool direct                    = strcmp (show_domain_of (config, link->from),
                                                 show_domain_of (config, link->to)) == 0;

        json_array_append_new (calls, json_pack ("{s:s, s:s, s:s, s:s, s:s}", "from", link->from,
                                                 "to", link->to, "need", link->need, "interface",
                                                 interfaces[link->interface].name, "gate",
                                                 direct ? "direct" : "channel"));
    }
    return calls;
}

static json_t *
show_cycles (const MachineConfig *config)
{
    g_autoptr (GPtrArray) cycles = config_cycles (config);
    json_t *array                = json_array ();

    for (guint i = 0; i < cycles->len; i++) {
        const struct config_cycle *cycle = cycles->pdata[i];

        json_array_append_new (array, json_pack ("{s:o, s:o}", "path", show_strings (cycle->path),
                                                 "members", show_strings (cycle->members)));
    }
    return array;
}

static json_t *
show_rest (const MachineConfig *config, json_t *machine)
{
    json_t *mounts = json_array (), *absences = json_array ();

    for (guint i = 0; i < config->mounts->len; i++) {
        const struct mount_config *mount = config->mounts->pdata[i];

        json_array_append_new (mounts, json_pack ("{s:s, s:s, s:b}", "path", mount->path,
                                                  "component", mount->component, "read_only",
                                                  mount->read_only));
    }
    for (guint i = 0; i < config->absences->len; i++) {
        const struct config_absence *absence = config->absences->pdata[i];

        json_array_append_new (absences,
                               json_pack ("{s:s, s:s, s:s}", "component", absence->component->name,
                                          "domain", absence->component->domain, "reason",
                                          absence->reason));
    }
    json_object_set_new (machine, "mounts", mounts);
    json_object_set_new (machine, "left_out", absences);
    json_object_set_new (machine, "notes", show_strings (config->notes));
    return machine;
}

static json_t *
show_collect (const MachineConfig *config)
{
    json_t *machine = json_pack ("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "machine", config->name,
                                 "files", show_strings (config->files), "settings", show_settings (config),
                                 "base",
                                 show_allowed (SANDBOX_BASE), "sandbox", show_sandbox (),
                                 "domains", show_domains (config),
                                 "calls", show_calls (config),
                                 "cycles", show_cycles (config));

    return show_rest (config, machine);
}

/* ---- printing ---- */

static const char *
show_word (const json_t *row, const char *key)
{
    const char *text = json_string_value (json_object_get (row, key));

    return text != NULL ? text : "";
}

static void
show_head (const char *text)
{
    printf ("\n%s%s%s\n", style_on (STYLE_HEAD), text, style_off (STYLE_HEAD));
}

/* "a SEPARATOR b", of an array of strings or of objects with names. */
static char *
show_join (const json_t *array, const char *separator)
{
    GString *text = g_string_new (NULL);
    size_t i;
    json_t *item;

    json_array_foreach (array, i, item)
        g_string_append_printf (text, "%s%s", i > 0 ? separator : "",
                                json_is_string (item) ? json_string_value (item)
                                                      : show_word (item, "name"));
    return g_string_free (text, FALSE);
}

static void
show_print_settings (const json_t *machine)
{
    const char *section = "";
    size_t i;
    json_t *row;

    json_array_foreach (json_object_get (machine, "settings"), i, row) {
        if (strcmp (section, show_word (row, "section")) != 0)
            printf ("\n%s[%s]%s\n", style_on (STYLE_HEAD), show_word (row, "section"),
                    style_off (STYLE_HEAD));
        section            = show_word (row, "section");
        const char *source = "";
        if (strcmp (section, "cost-model") == 0
            && g_str_has_prefix (show_word (row, "origin"), "cost model generic"))
            source = cost_figure_source ("generic", show_word (row, "key"));
        printf ("%s%-15s%s = %-20s %s# %s%s%s%s\n", style_on (STYLE_NAME), show_word (row, "key"),
                style_off (STYLE_NAME), show_word (row, "value"), style_on (STYLE_DIM),
                show_word (row, "origin"), *source != '\0' ? ": " : "", source,
                style_off (STYLE_DIM));
    }
}

static void
show_print_domains (const json_t *machine)
{
    size_t i, j;
    json_t *row, *component;

    show_head ("domains, what lives there, and what each may ask of the host beside the base");
    json_array_foreach (json_object_get (machine, "domains"), i, row) {
        const json_t *privileges    = json_object_get (row, "privileges");
        g_autofree char *components = show_join (json_object_get (row, "components"), " ");

        printf ("%s%-15s%s ", style_on (STYLE_NAME), show_word (row, "name"),
                style_off (STYLE_NAME));
        print_wrapped (components, 16, 16, 92);
        json_array_foreach (privileges, j, component)
            printf ("%16s%s+ %s%s\n", "", style_on (STYLE_DIM), json_string_value (component),
                    style_off (STYLE_DIM));
        json_array_foreach (json_object_get (row, "components"), j, component)
            if (*show_word (component, "label") != '\0')
                printf ("%16s%s is %s\n", "", show_word (component, "name"),
                        show_word (component, "label"));
    }
    g_autofree char *base = show_join (json_object_get (machine, "base"), " ");
    printf ("%-15s ", "base:");
    print_wrapped (base, 16, 16, 92);
}

static void
show_print_calls (const json_t *machine)
{
    size_t i;
    json_t *row;

    show_head ("who may call whom");
    json_array_foreach (json_object_get (machine, "calls"), i, row)
        printf ("%s%-15s%s -> %-15s  %-8s as %-12s %s\n", style_on (STYLE_NAME),
                show_word (row, "from"), style_off (STYLE_NAME), show_word (row, "to"),
                show_word (row, "interface"), show_word (row, "need"), show_word (row, "gate"));

    show_head ("circles in that");
    json_array_foreach (json_object_get (machine, "cycles"), i, row) {
        const json_t *path    = json_object_get (row, "path");
        const json_t *members = json_object_get (row, "members");
        g_autofree char *way  = show_join (path, " -> ");
        g_autofree char *all  = show_join (members, " ");

        printf ("%s -> %s", way, json_string_value (json_array_get (path, 0)));
        if (json_array_size (members) > json_array_size (path))
            printf ("; in all: %s", all);
        putchar ('\n');
    }
    if (json_array_size (json_object_get (machine, "cycles")) == 0)
        puts ("none");
}

static void
show_print_rest (const json_t *machine)
{
    size_t i;
    json_t *row;

    show_head ("mounts");
    json_array_foreach (json_object_get (machine, "mounts"), i, row)
        printf ("%-15s %s%s\n", show_word (row, "path"), show_word (row, "component"),
                json_is_true (json_object_get (row, "read_only")) ? ", read-only" : "");
    if (json_array_size (json_object_get (machine, "left_out"))
            + json_array_size (json_object_get (machine, "notes"))
        == 0)
        return;
    show_head ("left out");
    json_array_foreach (json_object_get (machine, "left_out"), i, row)
        printf ("%s%-15s%s would live in %s, but %s\n", style_on (STYLE_NAME),
                show_word (row, "component"), style_off (STYLE_NAME), show_word (row, "domain"),
                show_word (row, "reason"));
    json_array_foreach (json_object_get (machine, "notes"), i, row)
        puts (json_string_value (row));
}

static void
show_print (const json_t *machine)
{
    g_autofree char *files = show_join (json_object_get (machine, "files"), " extends ");

    printf ("%s%s%s: %s\n", style_on (STYLE_HEAD), show_word (machine, "machine"),
            style_off (STYLE_HEAD), files);
    show_print_settings (machine);
    show_print_domains (machine);
    show_print_calls (machine);
    show_print_rest (machine);
}

int
command_show (int argc, char **argv)
{
    g_autoptr (GPtrArray) assignments = g_ptr_array_new_with_free_func (g_free);
    g_autofree char *report           = NULL;
    struct options options;
    const char *option, *value;
    bool json = false;

    options_start (&options, "show", argc, argv);
    while ((option = options_next (&options, &value)) != NULL) {
        json = json || strcmp (option, "json") == 0;
        options_machine (option, value, assignments);
    }
    int status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    if (argc - optind != 1) {
        command_complain ("show", "give one machine, as in \"khimera show hybrid\"");
        return EXIT_USAGE;
    }
    g_ptr_array_add (assignments, NULL);

    MachineConfig *config = config_read (argv[optind], (char **)assignments->pdata, &report);
    if (config == NULL) {
        fputs (report, stderr);
        return EXIT_FAILURE;
    }
    json_t *machine = show_collect (config);
    if (json) {
        json_dumpf (machine, stdout, JSON_INDENT (2));
        putchar ('\n');
    } else
        show_print (machine);
    json_decref (machine);
    config_free (config);
    return EXIT_SUCCESS;
}
