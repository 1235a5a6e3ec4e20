/* dirname: a path without its last component. */
#include "programs.h"

#include <string.h>

int
program_dirname (int argc, char **argv)
{
    struct options options;

    lib_options_init (&options, "dirname", "", argc, argv);
    if (lib_options_next (&options) != -1 || !lib_operands_between (&options, 1, 10000))
        return 1;
    for (int i = 0; i < options.operands; i++) {
        const char *path = lib_operand (&options, i);
        size_t length = (size_t)(lib_path_base (path) - path);
        while (length > 1 && path[length - 1] == '/')
            length--;
        if (length == 0)
            path = *path == '/' ? "/" : ".", length = 1;
        lib_print (1, "%.*s\n", (int)length, path);
    }
    return 0;
}
