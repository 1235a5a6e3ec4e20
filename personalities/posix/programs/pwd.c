/* pwd: prints the current directory. */
#include "programs.h"

int
program_pwd (int argc, char **argv)
{
    struct options options;
    int letter;

    lib_options_init (&options, "pwd", "LP", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        if (letter == '?')
            return 1;
    char *path = lib_alloc (FILE_PATH_MAX + 1);
    long got = posix_getcwd (path, FILE_PATH_MAX);
    if (got < 0) {
        lib_error ("pwd", "%s", lib_error_text (got));
        program_free (path);
        return 1;
    }
    struct output out;
    lib_output_init (&out, 1);
    lib_output_text (&out, path);
    lib_output_char (&out, '\n');
    program_free (path);
    return lib_output_end (&out, "pwd");
}
