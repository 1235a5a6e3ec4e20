/* sh_variable: the shell's variables, and the environment made of them. */
#include "sh.h"

#include <string.h>

static struct variable *
variable_find (const Shell *sh, const char *name)
{
    for (uint32_t i = 0; i < sh->variable_count; i++)
        if (strcmp (sh->variables[i].name, name) == 0)
            return sh->variables + i;
    return NULL;
}

const char *
sh_get (const Shell *sh, const char *name)
{
    const struct variable *variable = variable_find (sh, name);

    return variable != NULL ? variable->value : NULL;
}

struct variable *
sh_variable (Shell *sh, const char *name)
{
    struct variable *variable = variable_find (sh, name);

    if (variable != NULL)
        return variable;
    if (sh->variable_count == sh->variable_room) {
        uint32_t room = sh->variable_room * 2 + 16;
        sh->variables = lib_grow (sh->variables, sh->variable_room * sizeof *variable,
                                  room * sizeof *variable);
        sh->variable_room = room;
    }
    variable = sh->variables + sh->variable_count++;
    *variable = (struct variable){ .name = lib_copy (name) };
    return variable;
}

void
sh_set (Shell *sh, const char *name, const char *value)
{
    struct variable *variable = sh_variable (sh, name);
    char *copy = lib_copy (value); /* may be the old value itself */

    program_free (variable->value);
    variable->value = copy;
}

void
sh_unset (Shell *sh, const char *name)
{
    struct variable *variable = variable_find (sh, name);

    if (variable == NULL)
        return;
    program_free (variable->name);
    program_free (variable->value);
    *variable = sh->variables[--sh->variable_count];
}

bool
sh_is_name (const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!alpha && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return length > 0;
}

size_t
sh_assignment (const char *text)
{
    size_t length = strcspn (text, "=");

    return text[length] == '=' && sh_is_name (text, length) ? length : 0;
}

char **
sh_environment (const Shell *sh, struct pool *pool, char *const *assignments)
{
    uint32_t count = 0;

    while (assignments != NULL && assignments[count] != NULL)
        count++;
    char **environment
        = pool_alloc (pool, (sh->variable_count + count + 1) * sizeof (char *));
    uint32_t used = 0;
    for (uint32_t i = 0; i < sh->variable_count; i++) {
        const struct variable *variable = sh->variables + i;
        size_t name = strlen (variable->name);
        bool hidden = !variable->exported || variable->value == NULL;
        for (uint32_t a = 0; a < count && !hidden; a++)
            hidden = strncmp (assignments[a], variable->name, name) == 0
                     && assignments[a][name] == '=';
        if (hidden)
            continue;
        size_t value = strlen (variable->value);
        char *text = pool_alloc (pool, name + value + 2);
        environment[used] = text;
        used++;
        memcpy (text, variable->name, name);
        text[name] = '=';
        memcpy (text + name + 1, variable->value, value + 1);
    }
    for (uint32_t a = 0; a < count; a++)
        environment[used++] = assignments[a];
    return environment; /* the pool's memory is zeroed: it ends with NULL */
}
