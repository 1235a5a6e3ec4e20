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
    const char *to = lib_destination (&options);
    if (to == NULL)
        return 1;
    for (int i = 0; i < options.operands - 1; i++) {
        char *target = lib_path_into (to, lib_operand (&options, i));
        status |= lib_tree_copy ("cp", lib_operand (&options, i), target, flags);
        program_free (target);
    }
    return status;
}
