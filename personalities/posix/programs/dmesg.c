/* dmesg: the kernel's log. */
#include "programs.h"

#define DMESG_BYTES 4096

int
program_dmesg (int argc, char **argv)
{
    struct options options;
    struct output out;
    uint64_t cursor = 0;
    long got;

    lib_options_init (&options, "dmesg", "", argc, argv);
    if (lib_options_next (&options) != -1 || !lib_operands_between (&options, 0, 0))
        return 1;
    char *buffer = lib_alloc (DMESG_BYTES);
    lib_output_init (&out, 1);
    while ((got = posix_dmesg (&cursor, buffer, DMESG_BYTES)) > 0)
        lib_output_write (&out, buffer, (size_t)got);
    lib_output_flush (&out);
    if (got < 0) {
        lib_error ("dmesg", "read kernel buffer failed: %s", lib_error_text (got));
        return 1;
    }
    return lib_output_end (&out, "dmesg");
}
