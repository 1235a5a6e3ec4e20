/* readlink: what a symbolic link says. */
#include "programs.h"

int
program_readlink (int argc, char **argv)
{
    struct options options;
    const char *end = "\n";
    int letter, status = 0;

    lib_options_init (&options, "readlink", "n", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        end = "";
    }
    if (!lib_operands_between (&options, 1, argc))
        return 1;
    char *contents = lib_alloc (FILE_PATH_MAX);
    struct output out;
    lib_output_init (&out, 1);
    for (int i = 0; i < options.operands; i++) {
        long got = posix_readlink (lib_operand (&options, i), contents, FILE_PATH_MAX);
        if (got < 0)
            status = 1;
        else {
            lib_output_write (&out, contents, (size_t)got);
            lib_output_text (&out, options.operands > 1 ? "\n" : end);
        }
    }
    return lib_output_end (&out, "readlink") | status;
}
