/* cat: copies files to its output. */
#include "programs.h"

int
program_cat (int argc, char **argv)
{
    struct options options;
    int status = 0;
    int letter;

    lib_options_init (&options, "cat", "u", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        if (letter == '?')
            return 1;
    for (int i = 0; i < options.operands || i == 0; i++) {
        const char *path = options.operands > 0 ? lib_operand (&options, i) : "-";
        int fd = lib_open_input ("cat", path);
        bool writing;
        if (fd < 0) {
            status = 1;
            continue;
        }
        long failed = lib_copy_data (fd, 1, &writing);
        lib_close_input (fd);
        if (failed < 0) {
            lib_error_number ("cat", writing ? "write error" : path, failed);
            status = 1;
            if (writing)
                break;
        }
    }
    return status;
}
