/* basename: the last component of a path, without a suffix. */
#include "programs.h"

#include <string.h>

int
program_basename (int argc, char **argv)
{
    struct options options;

    lib_options_init (&options, "basename", "+", argc, argv);
    if (lib_options_next (&options) != -1 || !lib_operands_between (&options, 1, 2))
        return 1;
    char *base = lib_copy (lib_path_base (lib_operand (&options, 0)));
    size_t length = strlen (base);
    while (length > 1 && base[length - 1] == '/')
        base[--length] = '\0';
    const char *suffix = lib_operand (&options, 1);
    size_t cut = suffix != NULL ? strlen (suffix) : 0;
    if (cut > 0 && cut < length && strcmp (base + length - cut, suffix) == 0)
        base[length - cut] = '\0';
    lib_print (1, "%s\n", base);
    return 0;
}
