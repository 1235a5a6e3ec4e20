/* umount: takes file systems out of the tree. */
#include "programs.h"

int
program_umount (int argc, char **argv)
{
    struct options options;
    int status = 0;

    lib_options_init (&options, "umount", "", argc, argv);
    if (lib_options_next (&options) != -1 || !lib_operands_between (&options, 1, argc))
        return 1;
    for (int i = 0; i < options.operands; i++) {
        long failed = posix_umount (lib_operand (&options, i));
        if (failed < 0) {
            lib_error_number ("umount", lib_operand (&options, i), failed);
            status = 32;
        }
    }
    return status;
}
