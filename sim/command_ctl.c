/* command_ctl: `khimera ctl`: says one thing to a running machine, and prints the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/control_commands.h"
#include "command.h"
#include "command_ctl.h"
#include "config/report.h"
#include "control_client.h"

const struct command_option command_ctl_options[] = {
    OPTION_JSON, OPTION_HELP, OPTIONS_END,
};

/* ---- help ---- */

void
control_help_print (bool man)
{
    for (const struct control_command *command = control_commands; command->name; command++) {
        g_autoptr (GString) line = g_string_new (command->name);

        for (const struct control_argument *a = command->arguments; a->name != NULL; a++)
            g_string_append_printf (line, a->required ? " %s=..." : " [%s=...]", a->name);
        if (man)
            printf (".TP\n\\fB%s\\fR\n%s\n", command->name, command->help);
        else {
            printf ("\n  %s%s%s ", style_on (STYLE_NAME), command->name, style_off (STYLE_NAME));
            print_wrapped (line->str + strlen (command->name), 6, (unsigned)strlen (command->name) + 3,
                           78);
            printf ("      ");
            print_wrapped (command->help, 6, 6, 78);
        }
        for (const struct control_argument *a = command->arguments; a->name != NULL; a++)
            if (man)
                printf (".br\n\\fI%s\\fR: %s\n", a->name, a->help);
            else {
                g_autofree char *help = g_strdup_printf ("%-10s %s", a->name, a->help);

                printf ("        %s\n", help);
            }
    }
}

void
control_complete_print (bool machines)
{
    g_autoptr (GPtrArray) running = machines ? control_machines () : NULL;

    for (guint i = 0; machines && i < running->len; i++) {
        const struct control_machine *machine = running->pdata[i];

        printf ("%s\n%d\n", machine->name, (int)machine->process);
    }
    for (const struct control_command *command = control_commands; !machines && command->name;
         command++)
        puts (command->name);
}

/* ---- from words to a request ---- */

static json_t *
value_read (const struct control_argument *argument, const char *text)
{
    g_autofree char *plain = NULL;
    char *end              = NULL;
    double number;

    switch (argument->type) {
    case CONTROL_STRING:
    case CONTROL_COUNT:
        return json_string (text);
    case CONTROL_TEXT:
        plain = g_strcompress (text);
        return json_string (plain);
    case CONTROL_NUMBER:
        number = strtod (text, &end);
        if (end == text || *end != '\0')
            return NULL;
        return number == (double)(json_int_t)number ? json_integer ((json_int_t)number)
                                                    : json_real (number);
    case CONTROL_BOOL:
        if (strcmp (text, "true") == 0 || strcmp (text, "yes") == 0 || strcmp (text, "on") == 0)
            return json_true ();
        if (strcmp (text, "false") == 0 || strcmp (text, "no") == 0 || strcmp (text, "off") == 0)
            return json_false ();
        return NULL;
    case CONTROL_OBJECT:
        return json_loads (text, 0, NULL);
    }
    return NULL;
}

/* The first argument that must be given and has not been; NULL: there is none. */
static const struct control_argument *
argument_missing (json_t *request, const struct control_command *command)
{
    for (const struct control_argument *a = command->arguments; a->name != NULL; a++)
        if (a->required && json_object_get (request, a->name) == NULL)
            return a;
    return NULL;
}

/* "count=3"; for an argument that is a switch "reset" alone will do, and what must be given can
 * be given without its name: "move ext2 own". */
static bool
word_take (json_t *request, const struct control_command *command, const char *word)
{
    const char *equals     = strchr (word, '=');
    g_autofree char *name  = equals != NULL ? g_strndup (word, (gsize)(equals - word)) : g_strdup (word);
    g_autofree char *remedy = NULL;
    const char *names[CONTROL_ARGUMENTS_MAX];
    const struct control_argument *missing;
    unsigned count = 0;
    json_t *value;

    for (const struct control_argument *a = command->arguments; a->name != NULL; a++) {
        names[count++] = a->name;
        if (strcmp (a->name, name) != 0)
            continue;
        if (equals == NULL && a->type != CONTROL_BOOL) {
            command_complain ("ctl", "write %s=...: %s", name, a->help);
            return false;
        }
        value = value_read (a, equals != NULL ? equals + 1 : "true");
        if (value == NULL) {
            command_complain ("ctl", "%s is a %s", name, control_type_name (a->type));
            return false;
        }
        json_object_set_new (request, name, value);
        return true;
    }
    missing = equals == NULL ? argument_missing (request, command) : NULL;
    value   = missing != NULL ? value_read (missing, word) : NULL;
    if (value != NULL) {
        json_object_set_new (request, missing->name, value);
        return true;
    }
    names[count] = NULL;
    remedy       = suggest_remedy (name, names);
    command_complain ("ctl", "%s has no argument \"%s\"%s", command->name, name, remedy);
    return false;
}

static json_t *
request_read (char **words, int count)
{
    const struct control_command *command = control_command_find (words[0]);
    json_t *request;

    if (command == NULL) {
        const char *names[64], *nearest;
        unsigned n = 0;

        for (command = control_commands; command->name != NULL; command++)
            names[n++] = command->name;
        names[n] = NULL;
        nearest  = suggest (words[0], names);
        if (nearest != NULL)
            command_complain ("ctl", "there is no command \"%s\"; did you mean \"%s\"?", words[0],
                              nearest);
        else
            command_complain ("ctl", "there is no command \"%s\"; \"khimera ctl --help\" lists them",
                              words[0]);
        return NULL;
    }
    request = json_pack ("{s:s}", "command", command->name);
    for (int i = 1; i < count; i++)
        if (!word_take (request, command, words[i])) {
            json_decref (request);
            return NULL;
        }
    return request;
}

/* ---- from an answer to text ---- */

static void
scalar_print (const json_t *value, GString *out)
{
    switch (json_typeof (value)) {
    case JSON_STRING:
        g_string_append (out, json_string_value (value));
        break;
    case JSON_INTEGER:
        g_string_append_printf (out, "%" JSON_INTEGER_FORMAT, json_integer_value (value));
        break;
    case JSON_REAL:
        g_string_append_printf (out, "%.6g", json_real_value (value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        g_string_append (out, json_is_true (value) ? "yes" : "no");
        break;
    case JSON_NULL:
        g_string_append_c (out, '-');
        break;
    case JSON_ARRAY: {
        size_t i;
        json_t *item;

        json_array_foreach (value, i, item) {
            if (i > 0)
                g_string_append_c (out, ' ');
            scalar_print (item, out);
        }
        break;
    }
    case JSON_OBJECT: {
        const char *key;
        json_t *item;
        bool first = true;

        json_object_foreach ((json_t *)value, key, item) {
            g_string_append_printf (out, "%s%s ", first ? "" : "  ", key);
            scalar_print (item, out);
            first = false;
        }
        break;
    }
    }
}

static char *
cell (const json_t *row, const char *key)
{
    GString *out       = g_string_new (NULL);
    const json_t *value = json_object_get (row, key);

    if (value != NULL)
        scalar_print (value, out);
    return g_string_free (out, FALSE);
}

/* What a table has no room for: --json has it. */
static bool
fits_a_column (const char *key, const json_t *value)
{
    return strcmp (key, "histogram") != 0 && strcmp (key, "cycles") != 0
           && strcmp (key, "latency") != 0 && strcmp (key, "ops") != 0
           && strcmp (key, "total_calls") != 0 && strcmp (key, "arguments") != 0
           && (!json_is_string (value) || strchr (json_string_value (value), '\n') == NULL);
}

static void
table_print (const json_t *rows)
{
    g_autoptr (GPtrArray) keys = g_ptr_array_new ();
    size_t i;
    json_t *row, *value;
    const char *key;

    json_array_foreach (rows, i, row)
        json_object_foreach (row, key, value)
            if (fits_a_column (key, value)
                && !g_ptr_array_find_with_equal_func (keys, key, g_str_equal, NULL))
                g_ptr_array_add (keys, (gpointer)key);
    for (guint k = 0; k < keys->len; k++) {
        size_t wide = strlen (keys->pdata[k]);

        json_array_foreach (rows, i, row) {
            g_autofree char *text = cell (row, keys->pdata[k]);

            wide = MAX (wide, (size_t)g_utf8_strlen (text, -1));
        }
        g_ptr_array_index (keys, k)
            = g_strdup_printf ("%*s\t%s", k + 1 < keys->len ? (int)wide : 0, "",
                               (char *)keys->pdata[k]);
    }
    for (guint k = 0; k < keys->len; k++) {
        char *tab = strchr (keys->pdata[k], '\t');

        printf ("%s%s%s%*s", style_on (STYLE_HEAD), tab + 1, style_off (STYLE_HEAD),
                (int)MAX (tab - (char *)keys->pdata[k] - (gssize)strlen (tab + 1), 0)
                    + (k + 1 < keys->len ? 2 : 0),
                "");
    }
    if (keys->len != 0)
        putchar ('\n');
    json_array_foreach (rows, i, row) {
        for (guint k = 0; k < keys->len; k++) {
            char *tab             = strchr (keys->pdata[k], '\t');
            g_autofree char *text = cell (row, tab + 1);

            printf ("%s%*s", text,
                    k + 1 < keys->len
                        ? (int)MAX (tab - (char *)keys->pdata[k] - g_utf8_strlen (text, -1), 0) + 2
                        : 0,
                    "");
        }
        putchar ('\n');
    }
    for (guint k = 0; k < keys->len; k++)
        g_free (keys->pdata[k]);
}

static void
result_print (const json_t *result)
{
    const char *key;
    json_t *value, *row;
    size_t i;

    if (json_is_array (result) && json_is_object (json_array_get (result, 0))) {
        table_print (result);
        return;
    }
    if (!json_is_object (result)) {
        json_array_foreach (result, i, row)
            if (json_is_string (row))
                puts (json_string_value (row));
        return;
    }
    json_object_foreach ((json_t *)result, key, value) {
        g_autoptr (GString) text = g_string_new (NULL);

        if (json_is_array (value) && json_is_object (json_array_get (value, 0))) {
            printf ("\n%s%s%s\n", style_on (STYLE_NAME), key, style_off (STYLE_NAME));
            table_print (value);
        } else if (json_is_object (value) && strcmp (key, "running") != 0) {
            printf ("\n%s%s%s\n", style_on (STYLE_NAME), key, style_off (STYLE_NAME));
            result_print (value);
        } else if (json_is_array (value) && json_object_size (result) == 1) {
            result_print (value);
        } else {
            scalar_print (value, text);
            printf ("%s%-14s%s %s\n", style_on (STYLE_NAME), key, style_off (STYLE_NAME), text->str);
        }
    }
}

static void
json_print (const json_t *value, size_t flags)
{
    json_dumpf (value, stdout, flags | JSON_ENCODE_ANY);
    putchar ('\n');
}

/* After a subscription: every line as it comes, until nobody wants them or the machine is gone. */
static int
follow (ControlClient *client)
{
    json_t *line;

    while ((line = control_receive (client, -1, NULL)) != NULL) {
        json_print (line, JSON_COMPACT);
        json_decref (line);
        if (fflush (stdout) != 0)
            return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

static int
ctl_do (const char *which, json_t *request, bool json)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *path    = control_find (which, &error);
    ControlClient *client    = path != NULL ? control_connect (path, &error) : NULL;
    json_t *reply            = client != NULL ? control_ask (client, request, &error) : NULL;
    int status               = EXIT_FAILURE;

    if (reply == NULL) {
        command_complain ("ctl", "%s", error->message);
    } else if (!json_is_true (json_object_get (reply, "ok"))) {
        command_complain ("ctl", "%s", json_string_value (json_object_get (reply, "error")));
    } else {
        status = EXIT_SUCCESS;
        if (strcmp (json_string_value (json_object_get (request, "command")), "subscribe") == 0)
            status = follow (client);
        else if (json)
            json_print (json_object_get (reply, "result"), JSON_INDENT (2));
        else
            result_print (json_object_get (reply, "result"));
    }
    json_decref (reply);
    control_disconnect (client);
    return status;
}

/* A word that is no command names the machine; so does one before a command, if it is not one
 * that wants a word: in "move log own" log is no command. */
static bool
is_machine (const char *word, const char *next)
{
    const struct control_command *command = control_command_find (word);

    if (command == NULL)
        return true;
    for (const struct control_argument *a = command->arguments; a->name != NULL; a++)
        if (a->required)
            return false;
    return next != NULL && control_command_find (next) != NULL;
}

int
command_ctl (int argc, char **argv)
{
    struct options options;
    const char *option, *value, *which = NULL;
    bool json = false;
    json_t *request;
    int status;

    options_start (&options, "ctl", argc, argv);
    while ((option = options_next (&options, &value)) != NULL)
        json = json || strcmp (option, "json") == 0;
    status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    argv += optind;
    argc -= optind;
    if (argc >= 1 && is_machine (argv[0], argc >= 2 ? argv[1] : NULL)
        && (argc >= 2 || strchr (argv[0], '=') != NULL)) {
        which = *argv++;
        argc--;
    }
    if (argc == 0) {
        command_complain ("ctl", "say what: \"khimera ctl --help\" lists the commands");
        return EXIT_USAGE;
    }
    request = request_read (argv, argc);
    if (request == NULL)
        return EXIT_USAGE;
    status = ctl_do (which, request, json);
    json_decref (request);
    return status;
}
