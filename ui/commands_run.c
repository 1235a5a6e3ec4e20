/* commands_run: what can be said after ":" and what keys say. It is a command of the
 * viewer's own, or one of the machine's, whose list the control socket has given. */
#include <stdlib.h>
#include <string.h>

#include "ui/commands.h"

/* ---- the machine's ---- */

static json_t *
value_of (const struct argument_row *argument, const char *word)
{
    if (strcmp (argument->type, "number") == 0) {
        char *end;
        double number = g_ascii_strtod (word, &end);

        if (end == word || *end != '\0')
            return json_string (word); /* the machine will say what is wrong */
        if (number == (double)(json_int_t)number)
            return json_integer ((json_int_t)number);
        return json_real (number);
    }
    if (strcmp (argument->type, "bool") == 0)
        return json_boolean (strcmp (word, "false") != 0 && strcmp (word, "no") != 0
                             && strcmp (word, "0") != 0);
    if (strcmp (argument->type, "object") == 0) {
        json_t *value = json_loads (word, JSON_DECODE_ANY, NULL);

        if (value != NULL)
            return value;
    }
    return json_string (word);
}

/* key=value, or values in the order of the command's arguments. NULL, with *problem. */
static json_t *
request_of (const struct command_row *command, int argc, char **argv, char **problem)
{
    json_t *request = json_pack ("{s:s}", "command", command->name);
    guint place = 0;

    for (int i = 1; i < argc; i++) {
        const struct argument_row *argument = NULL;
        const char *equals = strchr (argv[i], '='), *word = argv[i];

        for (guint j = 0; equals != NULL && j < command->arguments->len; j++) {
            const struct argument_row *row = g_ptr_array_index (command->arguments, j);

            if (strlen (row->name) == (gsize)(equals - argv[i])
                && strncmp (row->name, argv[i], strlen (row->name)) == 0) {
                argument = row;
                word = equals + 1;
            }
        }
        if (argument == NULL && place < command->arguments->len)
            argument = g_ptr_array_index (command->arguments, place++);
        if (argument == NULL) {
            *problem = g_strdup_printf ("%s: what is \"%s\"?", command->name, argv[i]);
            json_decref (request);
            return NULL;
        }
        json_object_set_new (request, argument->name, value_of (argument, word));
    }
    return request;
}

static void
run_remote (Dashboard *dashboard, const struct command_row *command, const char *line,
            int argc, char **argv)
{
    g_autofree char *problem = NULL;
    json_t *request;

    if (!dashboard->model->connected) {
        dashboard_say (dashboard, true, "the machine is gone");
        return;
    }
    if (dashboard->readonly && command->changes) {
        dashboard_say (dashboard, true, "this viewer is read-only: %s changes the machine",
                       command->name);
        return;
    }
    request = request_of (command, argc, argv, &problem);
    if (request == NULL) {
        dashboard_say (dashboard, true, "%s", problem);
        return;
    }
    if (json_is_number (json_object_get (request, "factor")))
        dashboard_wish_speed (dashboard,
                              json_number_value (json_object_get (request, "factor")));
    dashboard_send (dashboard, request, REQUEST_ACTION, line);
}

static const struct own_command *
own_find (const char *name)
{
    for (const struct own_command *own = own_commands; own->name != NULL; own++)
        if (strcmp (own->name, name) == 0)
            return own;
    return NULL;
}

void
dashboard_run (Dashboard *dashboard, const char *line)
{
    g_auto (GStrv) argv = NULL;
    g_autoptr (GError) error = NULL;
    const struct command_row *command;
    const struct own_command *own;
    int argc;

    dashboard->changed = true;
    while (*line == ' ')
        line++;
    if (*line == '\0')
        return;
    if (!g_shell_parse_argv (line, &argc, &argv, &error)) {
        dashboard_say (dashboard, true, "%s", error->message);
        return;
    }
    own = own_find (argv[0]);
    command = model_command (dashboard->model, argv[0]);
    if (own != NULL && (!own->alone || argc == 1 || command == NULL)) {
        if (own->act != NULL)
            own->act (dashboard);
        else
            own->run (dashboard, argc, argv);
    } else if (command != NULL) {
        run_remote (dashboard, command, line, argc, argv);
    } else if (panel_command (dashboard, dashboard->focus, argc, argv)
               || panel_command (dashboard, PANEL_structure, argc, argv)) {
        return;
    } else if (dashboard->model->commands->len == 0 && !dashboard->model->connected) {
        dashboard_say (dashboard, true, "the machine is gone");
    } else {
        dashboard_say (dashboard, true, "there is no command \"%s\"; ? lists them",
                       argv[0]);
    }
}

/* ---- completion ---- */

static void
offer (GPtrArray *choices, const char *format, const char *word)
{
    g_ptr_array_add (choices, g_strdup_printf (format, word));
}

static void
offer_names (Dashboard *dashboard, GPtrArray *choices, const char *argument)
{
    const Snapshot *now = dashboard->model->now;
    g_autofree char *format = g_strdup_printf ("%s=%%s", argument);
    bool domains = strcmp (argument, "domain") == 0;
    static const char *const units[] = { "call", "event", "syscall", "tick" };

    if (domains)
        for (guint i = 0; i < now->domains->len; i++)
            offer (choices, format, DOMAIN (now, i)->name);
    if (strcmp (argument, "component") == 0 || strcmp (argument, "from") == 0
        || strcmp (argument, "to") == 0)
        for (guint i = 0; i < now->components->len; i++)
            offer (choices, format, COMPONENT (now, i)->name);
    if (strcmp (argument, "unit") == 0)
        for (guint i = 0; i < G_N_ELEMENTS (units); i++)
            offer (choices, format, units[i]);
}

GPtrArray *
dashboard_complete (const char *line, gpointer user)
{
    Dashboard *dashboard = user;
    GPtrArray *choices = g_ptr_array_new_with_free_func (g_free);
    g_auto (GStrv) words = g_strsplit (line, " ", -1);
    const char *last = words[0] != NULL ? words[g_strv_length (words) - 1] : "";
    const struct command_row *command;
    const struct own_command *own;

    if (g_strv_length (words) <= 1) {
        for (own = own_commands; own->name != NULL; own++)
            offer (choices, "%s", own->name);
        for (guint i = 0; i < dashboard->model->commands->len; i++) {
            const char *name
                = g_array_index (dashboard->model->commands, struct command_row, i).name;

            if (own_find (name) == NULL)
                offer (choices, "%s", name);
        }
        return choices;
    }
    own = own_find (words[0]);
    for (int i = 0; own != NULL && own->choices != NULL && own->choices[i] != NULL; i++)
        offer (choices, "%s", own->choices[i]);
    command = model_command (dashboard->model, words[0]);
    for (guint i = 0; command != NULL && i < command->arguments->len; i++) {
        const struct argument_row *argument = g_ptr_array_index (command->arguments, i);

        if (strchr (last, '=') == NULL)
            offer (choices, "%s=", argument->name);
        else if (g_str_has_prefix (last, argument->name)
                 && last[strlen (argument->name)] == '=')
            offer_names (dashboard, choices, argument->name);
    }
    return choices;
}
