/* cp: copies files and trees. */
#include "programs.h"

int
program_cp (int argc, char **argv)
{
    struct options options;
    unsigned flags = 0;
    int letter, status = 0;

    lib_options_init (&options, "cp", "rRpfaP", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        switch (letter) {
        case 'r':
        case 'R':
            flags |= COPY_TREES;
            break;
        case 'p':
            flags |= COPY_ATTRIBUTES;
            break;
        case 'f':
            flags |= COPY_FORCE;
            break;
        case 'P':
            flags |= COPY_LINKS;
            break;
        case 'a':
            flags |= COPY_TREES | COPY_ATTRIBUTES;
            break;
        default:
            return 1;
        }
    if (options.operands == 1) {
        lib_error ("cp", "missing destination file operand after '%s'",
                   lib_operand (&options, 0));
        return 1;
    }
    if (!lib_operands_between (&options, 2, argc))
        return 1;
    const char *to = lib_operand (&options, options.operands - 1);
    int count = options.operands - 1;
    if (count > 1 && !lib_is_directory (to)) {
        lib_error ("cp", "target '%s' is not a directory", to);
        return 1;
    }
    for (int i = 0; i < count; i++) {
        char *target = lib_path_into (to, lib_operand (&options, i));
        status |= lib_tree_copy ("cp", lib_operand (&options, i), target, flags);
        program_free (target);
    }
    return status;
}
