/* command_check: what is wrong with machine files. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config/config.h"

const struct command_option command_check_options[] = {
    OPTIONS_MACHINE, OPTION_JSON,
    { "quiet", 'q', NULL, "Print mistakes only." },
    OPTION_HELP, OPTIONS_END,
};

/* One machine. Its mistakes go to standard error, or into `result`. */
static bool
check_machine (const char *machine, char **assignments, bool quiet, json_t *result)
{
    g_autofree char *report = NULL;
    MachineConfig *config   = config_read (machine, assignments, &report);
    bool right              = config != NULL;

    if (result != NULL) {
        json_t *lines = json_array ();

        if (!right) {
            g_auto (GStrv) words = g_strsplit (g_strchomp (report), "\n", -1);
            for (char **word = words; *word != NULL; word++)
                json_array_append_new (lines, json_string (*word));
        }
        json_array_append_new (result, json_pack ("{s:s, s:b, s:o}", "machine", machine, "right",
                                                  right, "errors", lines));
    } else if (!right)
        fputs (report, stderr);
    else if (!quiet) {
        g_autoptr (GPtrArray) domains = config_domains (config);

        printf ("%s: %sright%s: %u component%s in %u domain%s", machine, style_on (STYLE_GOOD),
                style_off (STYLE_GOOD), config->components->len,
                config->components->len == 1 ? "" : "s", domains->len,
                domains->len == 1 ? "" : "s");
        if (config->absences->len > 0)
            printf (", %u left out", config->absences->len);
        putchar ('\n');
    }
    config_free (config);
    return right;
}

int
command_check (int argc, char **argv)
{
    g_autoptr (GPtrArray) assignments = g_ptr_array_new_with_free_func (g_free);
    struct options options;
    const char *option, *value;
    bool json = false, quiet = false, right = true;

    options_start (&options, "check", argc, argv);
    while ((option = options_next (&options, &value)) != NULL) {
        json  = json || strcmp (option, "json") == 0;
        quiet = quiet || strcmp (option, "quiet") == 0;
        options_machine (option, value, assignments);
    }
    int status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    if (optind == argc) {
        command_complain ("check", "no machine given; name a preset or a machine file");
        return EXIT_USAGE;
    }
    g_ptr_array_add (assignments, NULL);

    json_t *result = json ? json_array () : NULL;
    for (int i = optind; i < argc; i++)
        right = check_machine (argv[i], (char **)assignments->pdata, quiet, result) && right;
    if (json) {
        json_dumpf (result, stdout, JSON_INDENT (2));
        putchar ('\n');
        json_decref (result);
    }
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
