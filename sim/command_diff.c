/* command_diff: what moved between two machines. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config/config.h"

const struct command_option command_diff_options[] = {
    OPTIONS_MACHINE, OPTION_JSON, OPTION_HELP, OPTIONS_END,
};

#define EXIT_TROUBLE 2

/* The component, even if it is left out. */
static const struct component_config *
diff_component (const MachineConfig *config, const char *name)
{
    const struct component_config *component = config_component (config, name);
    const struct config_absence *absence     = config_absence (config, name);

    return component != NULL ? component : absence != NULL ? absence->component : NULL;
}

/* Names of all components of both machines, each once: A's, then what B has more. */
static GPtrArray *
diff_names (MachineConfig *const configs[2])
{
    GPtrArray *names = g_ptr_array_new ();

    for (unsigned side = 0; side < 2; side++) {
        const MachineConfig *config = configs[side];

        for (guint i = 0; i < config->components->len + config->absences->len; i++) {
            const struct component_config *component
                = i < config->components->len
                      ? config->components->pdata[i]
                      : ((struct config_absence *)
                             config->absences->pdata[i - config->components->len])->component;

            if (!g_ptr_array_find_with_equal_func (names, component->name, g_str_equal, NULL))
                g_ptr_array_add (names, component->name);
        }
    }
    return names;
}

static void
diff_moves (MachineConfig *const configs[2], json_t *moves)
{
    g_autoptr (GPtrArray) names = diff_names (configs);

    for (guint i = 0; i < names->len; i++) {
        const char *name                 = names->pdata[i];
        const struct component_config *a = diff_component (configs[0], name);
        const struct component_config *b = diff_component (configs[1], name);
        const char *from                 = a != NULL ? a->domain : NULL;
        const char *to                   = b != NULL ? b->domain : NULL;

        if (g_strcmp0 (from, to) != 0)
            json_array_append_new (
                moves, json_pack ("{s:s, s:s?, s:s?, s:b}", "component", name, "from", from, "to",
                                  to, "left_out",
                                  config_component (configs[0], name) == NULL
                                      && config_component (configs[1], name) == NULL));
    }
}

/* Settings that differ, but for domains (moves), labels, and the words about the machine. */
static void
diff_settings (MachineConfig *const configs[2], json_t *settings)
{
    g_autoptr (GHashTable) all = g_hash_table_new (g_str_hash, g_str_equal);
    g_autoptr (GList) keys     = NULL;

    for (unsigned side = 0; side < 2; side++) {
        GHashTableIter iter;
        gpointer key;

        g_hash_table_iter_init (&iter, configs[side]->settings);
        while (g_hash_table_iter_next (&iter, &key, NULL))
            g_hash_table_add (all, key);
    }
    keys = g_list_sort (g_hash_table_get_keys (all), (GCompareFunc)strcmp);
    for (GList *at = keys; at != NULL; at = at->next) {
        const char *key              = at->data;
        const struct config_value *a = g_hash_table_lookup (configs[0]->settings, key);
        const struct config_value *b = g_hash_table_lookup (configs[1]->settings, key);
        const char *slash            = strrchr (key, '/');

        if (strcmp (key, "machine/extends") == 0 || strcmp (key, "machine/summary") == 0
            || (g_str_has_prefix (key, "component ")
                && (strcmp (slash, "/domain") == 0 || strcmp (slash, "/label") == 0))
            || g_strcmp0 (a != NULL ? a->text : NULL, b != NULL ? b->text : NULL) == 0)
            continue;
        g_autofree char *section = g_strndup (key, (gsize)(slash - key));
        json_array_append_new (settings,
                               json_pack ("{s:s, s:s, s:s?, s:s?}", "section", section, "key",
                                          slash + 1, "from", a != NULL ? a->text : NULL, "to",
                                          b != NULL ? b->text : NULL));
    }
}

static const char *
diff_word (const json_t *row, const char *key)
{
    const char *text = json_string_value (json_object_get (row, key));

    return text != NULL ? text : "(nowhere)";
}

static void
diff_print (const json_t *moves, const json_t *settings)
{
    size_t i;
    json_t *row;

    json_array_foreach (moves, i, row)
        printf ("%s%-15s%s  %s -> %s%s\n", style_on (STYLE_NAME), diff_word (row, "component"),
                style_off (STYLE_NAME), diff_word (row, "from"), diff_word (row, "to"),
                json_is_true (json_object_get (row, "left_out")) ? "  (left out for now)" : "");
    if (json_array_size (moves) == 0)
        puts ("no component moved");
    if (json_array_size (settings) > 0)
        printf ("\n%sother settings%s\n", style_on (STYLE_HEAD), style_off (STYLE_HEAD));
    json_array_foreach (settings, i, row)
        printf ("[%s] %s  %s -> %s\n", diff_word (row, "section"), diff_word (row, "key"),
                diff_word (row, "from"), diff_word (row, "to"));
}

static int
diff_machines (char **machines, char **assignments, bool json)
{
    MachineConfig *configs[2];
    json_t *moves = json_array (), *settings = json_array ();
    int status    = EXIT_TROUBLE;

    for (unsigned side = 0; side < 2; side++) {
        g_autofree char *report = NULL;

        configs[side] = config_read (machines[side], assignments, &report);
        if (configs[side] == NULL)
            fputs (report, stderr);
    }
    if (configs[0] != NULL && configs[1] != NULL) {
        diff_moves (configs, moves);
        diff_settings (configs, settings);
        status = json_array_size (moves) + json_array_size (settings) > 0;
        if (json) {
            json_t *both = json_pack ("{s:O, s:O}", "moved", moves, "settings", settings);

            json_dumpf (both, stdout, JSON_INDENT (2));
            putchar ('\n');
            json_decref (both);
        } else
            diff_print (moves, settings);
    }
    json_decref (moves);
    json_decref (settings);
    config_free (configs[0]);
    config_free (configs[1]);
    return status;
}

int
command_diff (int argc, char **argv)
{
    g_autoptr (GPtrArray) assignments = g_ptr_array_new_with_free_func (g_free);
    struct options options;
    const char *option, *value;
    bool json = false;

    options_start (&options, "diff", argc, argv);
    while ((option = options_next (&options, &value)) != NULL) {
        json = json || strcmp (option, "json") == 0;
        options_machine (option, value, assignments);
    }
    int status = options_end (&options, EXIT_TROUBLE);
    if (status >= 0)
        return status;
    if (argc - optind != 2) {
        command_complain ("diff", "give two machines, as in \"khimera diff monolithic hybrid\"");
        return EXIT_TROUBLE;
    }
    g_ptr_array_add (assignments, NULL);
    return diff_machines (argv + optind, (char **)assignments->pdata, json);
}
