/* command_presets: the machines that are part of the program. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config/config.h"
#include "config/presets.h"
#include "config/report.h"

const struct command_option command_presets_options[] = {
    { "print", 'p', "NAME", "Print the machine file of this preset." },
    { "names", 0, NULL, "Print names only." },
    OPTION_JSON, OPTION_HELP, OPTIONS_END,
};

static int
presets_print (const char *name)
{
    const struct preset *preset = preset_find (name);

    if (preset == NULL) {
        g_autofree const char **names = preset_names ();
        g_autofree char *remedy       = suggest_remedy (name, names);

        command_complain ("presets", "there is no preset \"%s\"%s", name, remedy);
        return EXIT_FAILURE;
    }
    fputs (preset->text, stdout);
    return EXIT_SUCCESS;
}

static char *
presets_summary (const char *name)
{
    g_autofree char *report    = NULL;
    MachineConfig *config      = config_read (name, NULL, &report);
    struct config_value *value = config != NULL
                                     ? g_hash_table_lookup (config->settings, "machine/summary")
                                     : NULL;
    char *summary = g_strdup (config == NULL ? report : value != NULL ? value->text : "");

    config_free (config);
    return summary;
}

/* The plain ones first, or all others. */
static void
presets_list (bool names, bool plain, json_t *result)
{
    const char *system = "";

    for (const struct preset *preset = presets; preset->name != NULL; preset++) {
        if ((strcmp (preset->system, "plain") == 0) != plain)
            continue;
        g_autofree char *summary = names ? NULL : presets_summary (preset->name);
        if (result != NULL)
            json_array_append_new (result, json_pack ("{s:s, s:s, s:s}", "name", preset->name,
                                                      "system", preset->system, "summary", summary));
        else if (names)
            puts (preset->name);
        else {
            if (strcmp (system, preset->system) != 0)
                printf ("%s%s%s%s\n", plain ? "" : "\n", style_on (STYLE_HEAD),
                        preset->system, style_off (STYLE_HEAD));
            printf ("  %s%-14s%s%s\n", style_on (STYLE_NAME), preset->name, style_off (STYLE_NAME),
                    summary);
            system = preset->system;
        }
    }
}

int
command_presets (int argc, char **argv)
{
    struct options options;
    const char *option, *value, *print = NULL;
    bool json = false, names = false;

    options_start (&options, "presets", argc, argv);
    while ((option = options_next (&options, &value)) != NULL) {
        json  = json || strcmp (option, "json") == 0;
        names = names || strcmp (option, "names") == 0;
        if (strcmp (option, "print") == 0)
            print = value;
    }
    int status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    if (optind != argc) {
        command_complain ("presets", "unexpected \"%s\"; write --print %s", argv[optind],
                          argv[optind]);
        return EXIT_USAGE;
    }
    if (print != NULL)
        return presets_print (print);

    json_t *result = json ? json_array () : NULL;
    presets_list (names && !json, true, result);
    presets_list (names && !json, false, result);
    if (json) {
        json_dumpf (result, stdout, JSON_INDENT (2));
        putchar ('\n');
        json_decref (result);
    }
    return EXIT_SUCCESS;
}
