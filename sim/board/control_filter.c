/* control_filter: which events are meant, in the words of a command. */
#include <string.h>

#include "board/control_inside.h"
#include "config/report.h"
#include "personality.h"

const char *const control_filter_keys[]
    = { "component", "from", "to", "operation", "status", "task", "call", "inverse", NULL };

/* "there is no component "vsf"; did you mean "vfs"?" */
static bool
unknown (char **error, const char *what, const char *word, GPtrArray *words)
{
    g_autofree char *remedy = NULL;

    g_ptr_array_add (words, NULL);
    remedy = suggest_remedy (word, (const char *const *)words->pdata);
    *error = g_strdup_printf ("there is no %s \"%s\"%s", what, word, remedy);
    g_ptr_array_unref (words);
    return false;
}

static bool
component_read (const json_t *arguments, const char *key, uint16_t *number, char **error)
{
    const char *word = json_string_value (json_object_get (arguments, key));
    GPtrArray *words;

    if (word == NULL)
        return true;
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (strcmp (PLAN->components[c].name, word) == 0) {
            *number = (uint16_t)c;
            return true;
        }
    words = g_ptr_array_new ();
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        g_ptr_array_add (words, PLAN->components[c].name);
    return unknown (error, "component", word, words);
}

/* What follows the dot in "syscall.open" or "upcall.timer". */
static bool
special_read (const char *word, const char *rest, struct event_filter *filter, char **error)
{
    static const char *const upcalls[UPCALL_COUNT] = { "start", "stop", "timer", "interrupt" };
    GPtrArray *words;
    bool syscall = g_str_has_prefix (word, "syscall");

    filter->kind = syscall ? EVENT_SYSCALL : EVENT_UPCALL;
    if (rest == NULL)
        return true;
    words = g_ptr_array_new ();
    for (uint16_t i = 0; i < (syscall ? 256 : UPCALL_COUNT); i++) {
        const char *name = syscall ? personality_call_name (i) : upcalls[i];

        if (strcmp (name, rest) == 0)
            filter->operation = i;
        if (strcmp (name, "?") != 0)
            g_ptr_array_add (words, (gpointer)name);
    }
    if (filter->operation != FILTER_ANY) {
        g_ptr_array_unref (words);
        return true;
    }
    return unknown (error, syscall ? "system call" : "upcall", rest, words);
}

static bool
operation_read (const char *word, struct event_filter *filter, char **error)
{
    const char *dot           = strchr (word, '.');
    g_autofree char *name     = dot != NULL ? g_strndup (word, (gsize)(dot - word)) : g_strdup (word);
    const char *rest          = dot != NULL ? dot + 1 : NULL;
    GPtrArray *words;

    if (strcmp (name, "syscall") == 0 || strcmp (name, "upcall") == 0)
        return special_read (word, rest, filter, error);
    filter->kind = EVENT_CALL;
    words        = g_ptr_array_new ();
    for (uint16_t i = 0; i < INTERFACE_COUNT; i++) {
        g_ptr_array_add (words, (gpointer)interfaces[i].name);
        if (strcmp (interfaces[i].name, name) == 0)
            filter->interface = i;
    }
    g_ptr_array_add (words, (gpointer) "syscall");
    g_ptr_array_add (words, (gpointer) "upcall");
    if (filter->interface == FILTER_ANY)
        return unknown (error, "interface", name, words);
    g_ptr_array_set_size (words, 0);
    for (uint16_t i = 0; rest != NULL && i < interfaces[filter->interface].operation_count; i++) {
        g_ptr_array_add (words, (gpointer)interfaces[filter->interface].operations[i].name);
        if (strcmp (interfaces[filter->interface].operations[i].name, rest) == 0)
            filter->operation = i;
    }
    if (rest != NULL && filter->operation == FILTER_ANY)
        return unknown (error, "operation", rest, words);
    g_ptr_array_unref (words);
    return true;
}

static bool
status_read (const char *word, struct event_filter *filter, char **error)
{
    GPtrArray *words;

    if (strcmp (word, "refused") == 0) {
        filter->status = FILTER_REFUSED;
        return true;
    }
    for (uint16_t i = 0; i < STATUS_COUNT; i++)
        if (strcmp (status_name ((enum status)i), word) == 0) {
            filter->status = i;
            return true;
        }
    words = g_ptr_array_new ();
    g_ptr_array_add (words, (gpointer) "refused");
    for (uint16_t i = 0; i < STATUS_COUNT; i++)
        g_ptr_array_add (words, (gpointer)status_name ((enum status)i));
    return unknown (error, "status", word, words);
}

static uint64_t
number_of (const json_t *value)
{
    double real = json_number_value (value);

    if (json_is_integer (value))
        return json_integer_value (value) > 0 ? (uint64_t)json_integer_value (value) : 0;
    return real > 0 && real < 1e18 ? (uint64_t)real : 0;
}

bool
control_filter_read (const json_t *arguments, struct event_filter *filter, char **error)
{
    const char *operation = json_string_value (json_object_get (arguments, "operation"));
    const char *status    = json_string_value (json_object_get (arguments, "status"));
    const json_t *task    = json_object_get (arguments, "task");
    const json_t *call    = json_object_get (arguments, "call");

    *filter = FILTER_ALL;
    if (!component_read (arguments, "component", &filter->component, error)
        || !component_read (arguments, "from", &filter->from, error)
        || !component_read (arguments, "to", &filter->to, error)
        || (operation != NULL && !operation_read (operation, filter, error))
        || (status != NULL && !status_read (status, filter, error)))
        return false;
    filter->inverse = json_is_true (json_object_get (arguments, "inverse"));
    filter->by_task = json_is_number (task);
    filter->task    = (uint32_t)number_of (task);
    filter->by_call = json_is_number (call);
    filter->call    = number_of (call);
    return true;
}
