/* control_line: a line that a client has sent becomes a command of the table, and is answered. */
#include <string.h>

#include "board/control_commands.h"
#include "board/control_inside.h"
#include "config/report.h"

json_t *
control_refuse (struct control_call *call, const char *format, ...)
{
    va_list arguments;

    va_start (arguments, format);
    call->error = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    return NULL;
}

static bool
type_agrees (enum control_type type, const json_t *value)
{
    switch (type) {
    case CONTROL_STRING:
    case CONTROL_TEXT:
        return json_is_string (value);
    case CONTROL_NUMBER:
        return json_is_number (value);
    case CONTROL_COUNT: /* as a text where it is beyond what JSON's integers are */
        return json_is_integer (value) || json_is_string (value);
    case CONTROL_BOOL:
        return json_is_boolean (value);
    case CONTROL_OBJECT:
        return json_is_object (value);
    }
    return false;
}

static void
argument_unknown (struct control_call *call, const struct control_command *command,
                  const char *name)
{
    const char *names[CONTROL_ARGUMENTS_MAX];
    unsigned count          = 0;
    g_autofree char *remedy = NULL;

    for (; command->arguments[count].name != NULL; count++)
        names[count] = command->arguments[count].name;
    names[count] = NULL;
    remedy       = suggest_remedy (name, names);
    control_refuse (call, "%s has no argument \"%s\"%s", command->name, name, remedy);
}

static bool
arguments_check (struct control_call *call, const struct control_command *command)
{
    const char *name;
    json_t *value;

    json_object_foreach (call->arguments, name, value) {
        const struct control_argument *known = command->arguments;

        while (known->name != NULL && strcmp (known->name, name) != 0)
            known++;
        if (known->name == NULL)
            argument_unknown (call, command, name);
        else if (!type_agrees (known->type, value))
            control_refuse (call, "%s is a %s", name, control_type_name (known->type));
        if (call->error != NULL)
            return false;
    }
    for (const struct control_argument *known = command->arguments; known->name; known++)
        if (known->required && json_object_get (call->arguments, known->name) == NULL) {
            control_refuse (call, "%s wants %s: %s", command->name, known->name, known->help);
            return false;
        }
    return true;
}

/* Everybody who looks on learns what a viewer does, in the words of `khimera ctl`. */
static void
action_tell (struct control_call *call, const struct control_command *command)
{
    g_autoptr (GString) text = g_string_new (command->name);
    g_autofree char *by      = g_strdup_printf ("pid %d", (int)call->client->process);
    const char *name;
    json_t *value;

    json_object_foreach (call->arguments, name, value) {
        char *dump = json_is_string (value) ? NULL : json_dumps (value, JSON_COMPACT | JSON_ENCODE_ANY);

        g_string_append_printf (text, " %s=", name);
        if (json_is_string (value)) {
            g_autofree char *escaped = g_strescape (json_string_value (value), NULL);

            g_string_append (text, escaped);
        } else
            g_string_append (text, dump);
        free (dump);
    }
    control_tell (call->control, "action",
                  json_pack ("{s:s, s:s, s:O, s:s}", "by", by, "command", command->name,
                             "arguments", call->arguments, "text", text->str));
}

static void
command_run_line (struct control_call *call, const struct control_command *command)
{
    enum control_state state = call->control->state;
    json_t *result           = NULL;

    if (command->changes && call->client->readonly)
        control_refuse (call, "%s changes the machine; this viewer only reads", command->name);
    else if (command->living && state != CONTROL_RUNNING && state != CONTROL_PAUSED)
        control_refuse (call, "the machine is dead; reboot it, or quit");
    else if (arguments_check (call, command)) {
        result = command->run (call);
        if (call->error == NULL && command->changes)
            action_tell (call, command);
    }
    if (call->error != NULL)
        client_refuse (call->client, call->id, call->error);
    else if (!call->later)
        client_reply (call->client, call->id, result);
}

static bool
is_blank (const char *line, size_t bytes)
{
    while (bytes > 0 && strchr (" \t\r", line[bytes - 1]) != NULL && line[bytes - 1] != '\0')
        bytes--;
    return bytes == 0;
}

void
control_line (Control *control, struct client *client, const char *line, size_t bytes)
{
    struct control_call call = { .control = control, .client = client, .id = json_null () };
    const struct control_command *command;
    g_autofree const char **names = NULL;
    g_autofree char *remedy       = NULL;
    json_error_t error;
    json_t *object, *id;
    const char *name;

    if (is_blank (line, bytes))
        return;
    object = json_loadb (line, bytes, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object (object)) {
        g_autofree char *why = g_strdup_printf ("no JSON object: %.120s",
                                                object == NULL ? error.text : "something else");

        client_refuse (client, call.id, why);
        json_decref (object);
        return;
    }
    id      = json_incref (json_object_get (object, "id"));
    call.id = id != NULL ? id : json_null ();
    name    = json_string_value (json_object_get (object, "command"));
    command = name != NULL ? control_command_find (name) : NULL;
    if (command != NULL) {
        call.arguments = json_copy (object);
        json_object_del (call.arguments, "id");
        json_object_del (call.arguments, "command");
        command_run_line (&call, command);
        json_decref (call.arguments);
    } else if (name == NULL) {
        client_refuse (client, call.id, "no command; say which: \"command\":\"help\" lists them");
    } else {
        GPtrArray *all = g_ptr_array_new ();
        const char *nearest;

        for (command = control_commands; command->name != NULL; command++)
            g_ptr_array_add (all, (gpointer)command->name);
        g_ptr_array_add (all, NULL);
        names   = (const char **)g_ptr_array_free (all, FALSE);
        nearest = suggest (name, names);
        remedy  = nearest != NULL ? g_strdup_printf ("; did you mean \"%s\"?", nearest)
                                  : g_strdup ("; help lists them");
        call.error = g_strdup_printf ("there is no command \"%.60s\"%s", name, remedy);
        client_refuse (client, call.id, call.error);
    }
    g_free (call.error);
    json_decref (id);
    json_decref (object);
}
