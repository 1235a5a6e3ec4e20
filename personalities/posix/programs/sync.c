/* sync: everything that is only in memory goes to the disks. */
#include "programs.h"

int
program_sync (int argc, char **argv)
{
    struct options options;

    lib_options_init (&options, "sync", "", argc, argv);
    if (lib_options_next (&options) != -1 || !lib_operands_between (&options, 0, 0))
        return 1;
    long failed = posix_sync ();
    if (failed < 0)
        lib_error ("sync", "%s", lib_error_text (failed));
    return failed < 0;
}
