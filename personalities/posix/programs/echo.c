/* echo: prints its arguments, with backslash escapes as the plain shell's echo has them. */
#include "programs.h"

#include <string.h>

int
program_echo (int argc, char **argv)
{
    struct output out;
    int first = 1;
    bool newline = true;

    lib_output_init (&out, 1);
    if (argc > 1 && strcmp (argv[1], "-n") == 0) {
        newline = false;
        first = 2;
    }
    for (int i = first; i < argc; i++) {
        if (i > first)
            lib_output_char (&out, ' ');
        for (const char *at = argv[i]; *at != '\0';) {
            char byte = *at++;
            if (byte == '\\') {
                at = lib_escape (at, true, &byte);
                if (at == NULL)
                    return lib_output_end (&out, "echo");
            }
            lib_output_char (&out, byte);
        }
    }
    if (newline)
        lib_output_char (&out, '\n');
    return lib_output_end (&out, "echo");
}
