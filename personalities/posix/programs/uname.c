/* uname: what the machine calls itself. */
#include "programs.h"

int
program_uname (int argc, char **argv)
{
    static const char letters[] = "snrvm";
    struct posix_uname name;
    struct options options;
    unsigned which = 0;
    int letter;

    lib_options_init (&options, "uname", "asnrvm", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        for (unsigned i = 0; letters[i] != '\0'; i++)
            if (letter == 'a' || letters[i] == letter)
                which |= 1u << i;
    }
    if (!lib_operands_between (&options, 0, 0))
        return 1;
    if (which == 0)
        which = 1;
    long failed = posix_uname (&name);
    if (failed < 0) {
        lib_error ("uname", "%s", lib_error_text (failed));
        return 1;
    }
    const char *const parts[]
        = { name.system, name.node, name.release, name.version, name.machine };
    const char *between = "";
    for (unsigned i = 0; i < 5; i++)
        if (which >> i & 1) {
            lib_print (1, "%s%s", between, parts[i]);
            between = " ";
        }
    lib_print (1, "\n");
    return 0;
}
