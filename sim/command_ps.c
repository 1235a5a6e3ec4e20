/* command_ps: `khimera ps`: the machines that run, and how they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "control_client.h"

const struct command_option command_ps_options[] = { OPTION_JSON, OPTION_HELP, OPTIONS_END };

/* What the machine says of itself; NULL: it is gone, or says nothing. */
static json_t *
status_ask (const char *path)
{
    ControlClient *client = control_connect (path, NULL);
    json_t *request, *reply, *status;

    if (client == NULL)
        return NULL;
    request = json_pack ("{s:s}", "command", "status");
    reply   = control_ask (client, request, NULL);
    status  = json_incref (json_object_get (reply, "result"));
    json_decref (reply);
    json_decref (request);
    control_disconnect (client);
    return status;
}

static void
row_print (const struct control_machine *machine, const json_t *status)
{
    double virtual_s = (double)json_integer_value (json_object_get (status, "virtual_ns")) / 1e9;
    double host_s    = (double)json_integer_value (json_object_get (status, "host_ns")) / 1e9;

    printf ("%s%-16s%s %8d  %-8s %-12s %10.3f s %9.1f s %12" JSON_INTEGER_FORMAT "\n",
            style_on (STYLE_NAME), machine->name, style_off (STYLE_NAME), (int)machine->process,
            json_string_value (json_object_get (status, "state")),
            json_string_value (json_object_get (status, "structure")), virtual_s, host_s,
            json_integer_value (json_object_get (status, "calls")));
}

/* What a dead machine left to say, line by line. */
static void
report_print (const json_t *status)
{
    const char *report   = json_string_value (json_object_get (status, "report"));
    g_auto (GStrv) lines = g_strsplit (report != NULL ? report : "", "\n", -1);

    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0')
            printf ("    %s\n", *line);
}

int
command_ps (int argc, char **argv)
{
    struct options options;
    const char *option, *value;
    g_autoptr (GPtrArray) machines = NULL;
    json_t *rows                   = json_array ();
    bool json = false, head = false;
    int status;

    options_start (&options, "ps", argc, argv);
    while ((option = options_next (&options, &value)) != NULL)
        json = json || strcmp (option, "json") == 0;
    status = options_end (&options, EXIT_USAGE);
    if (status < 0 && optind != argc) {
        command_complain ("ps", "unexpected \"%s\"", argv[optind]);
        status = EXIT_USAGE;
    }
    if (status >= 0) {
        json_decref (rows);
        return status;
    }
    machines = control_machines ();
    for (guint i = 0; i < machines->len; i++) {
        const struct control_machine *machine = machines->pdata[i];
        json_t *answer                        = status_ask (machine->path);

        if (answer == NULL)
            continue;
        if (json) {
            json_object_set_new (answer, "socket", json_string (machine->path));
            json_array_append (rows, answer);
        } else {
            if (!head)
                printf ("%s%-16s %8s  %-8s %-12s %12s %11s %12s%s\n", style_on (STYLE_HEAD),
                        "MACHINE", "PID", "STATE", "STRUCTURE", "VIRTUAL", "HOST", "CALLS",
                        style_off (STYLE_HEAD));
            head = true;
            row_print (machine, answer);
            report_print (answer);
        }
        json_decref (answer);
    }
    if (json) {
        json_dumpf (rows, stdout, JSON_INDENT (2));
        putchar ('\n');
    }
    json_decref (rows);
    return EXIT_SUCCESS;
}
