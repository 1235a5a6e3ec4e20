/* env: prints the environment, or runs a program in a changed one. */
#include "programs.h"

#include <string.h>

/* Sets or replaces NAME=value. */
static void
env_set (struct names *list, char *assignment)
{
    size_t name = strcspn (assignment, "=") + 1;

    for (uint32_t i = 0; i < list->count; i++)
        if (strncmp (list->items[i], assignment, name) == 0) {
            list->items[i] = assignment;
            return;
        }
    lib_names_add (list, assignment);
}

static void
env_unset (struct names *list, const char *name)
{
    size_t length = strlen (name);

    for (uint32_t i = 0; i < list->count; i++)
        if (strncmp (list->items[i], name, length) == 0 && list->items[i][length] == '=') {
            memmove (list->items + i, list->items + i + 1,
                     (list->count - i - 1) * sizeof *list->items);
            list->count--;
            return;
        }
}

int
program_env (int argc, char **argv)
{
    struct names list = { 0 };
    struct options options;
    int letter, at = 0;

    for (char **variable = program_environment (); *variable != NULL; variable++)
        lib_names_add (&list, *variable);
    lib_options_init (&options, "env", "+iu:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 125;
        if (letter == 'i')
            list.count = 0;
        else
            env_unset (&list, options.value);
    }
    for (; at < options.operands && strchr (lib_operand (&options, at), '=') != NULL; at++)
        env_set (&list, lib_operand (&options, at));
    lib_names_add (&list, NULL);

    if (at == options.operands) {
        struct output out;
        lib_output_init (&out, 1);
        for (uint32_t i = 0; list.items[i] != NULL; i++)
            lib_output_print (&out, "%s\n", list.items[i]);
        return lib_output_end (&out, "env");
    }
    argv[1 + options.operands] = NULL;
    char **command = argv + 1 + at;
    long pid = lib_spawn (lib_environment_value (list.items, "PATH"), command, list.items,
                          NULL, 0);
    if (pid < 0) {
        lib_error ("env", "'%s': %s", command[0], lib_error_text (pid));
        return lib_spawn_status (pid);
    }
    int status = 0;
    posix_wait ((int)pid, &status, 0);
    return lib_wait_status ((uint32_t)status);
}
