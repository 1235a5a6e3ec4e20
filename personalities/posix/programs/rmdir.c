/* rmdir: removes empty directories. */
#include "programs.h"

#include <string.h>

/* Cuts the last component off. False: nothing would be left. */
static bool
rmdir_parent (char *path)
{
    char *base = (char *)lib_path_base (path);

    while (base > path && base[-1] == '/')
        base--;
    *base = '\0';
    return *path != '\0';
}

int
program_rmdir (int argc, char **argv)
{
    struct options options;
    bool parents = false;
    int letter, status = 0;

    lib_options_init (&options, "rmdir", "p", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        parents = true;
    }
    if (!lib_operands_between (&options, 1, argc))
        return 1;
    for (int i = 0; i < options.operands; i++) {
        char *path = lib_operand (&options, i);
        long failed;
        do {
            failed = posix_rmdir (path);
            if (failed < 0) {
                lib_error ("rmdir", "failed to remove '%s': %s", path,
                           lib_error_text (failed));
                status = 1;
            }
        } while (parents && failed >= 0 && rmdir_parent (path));
    }
    return status;
}
