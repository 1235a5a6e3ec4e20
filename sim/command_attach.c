/* command_attach: `khimera attach`: a viewer for a machine that runs already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "control_client.h"
#include "ui/ui.h"
#include "watch_lines.h"

const struct command_option command_attach_options[] = {
    { "read-only", 'r', NULL, "Look, and change nothing." },
    { "plain", 0, NULL, "Print what the console says, and what happens, as lines." },
    { "record", 0, "FILE", "Record the screen to FILE, as an asciicast." },
    OPTION_HELP,
    OPTIONS_END,
};

int
command_attach (int argc, char **argv)
{
    struct options options;
    const char *option, *value, *record = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *path    = NULL;
    bool readonly = false, plain = !isatty (STDIN_FILENO) || !isatty (STDOUT_FILENO);
    int status;

    options_start (&options, "attach", argc, argv);
    while ((option = options_next (&options, &value)) != NULL) {
        readonly = readonly || strcmp (option, "read-only") == 0;
        plain    = plain || strcmp (option, "plain") == 0;
        if (strcmp (option, "record") == 0)
            record = value;
    }
    status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    if (argc - optind > 1) {
        command_complain ("attach", "one machine at a time, not also \"%s\"", argv[optind + 1]);
        return EXIT_USAGE;
    }
    path = control_find (optind < argc ? argv[optind] : NULL, &error);
    if (path == NULL) {
        command_complain ("attach", "%s", error->message);
        return EXIT_FAILURE;
    }
    return plain && record == NULL ? watch_lines (path, readonly)
                                   : ui_attach (path, readonly, record);
}
