/* kill: sends a signal to processes or process groups, or lists the signals. */
#include "programs.h"

#include <string.h>

static int
kill_list (int count, char **names)
{
    if (count == 0)
        for (int i = 1; lib_signal_name (i) != NULL; i++)
            lib_print (1, "%s\n", lib_signal_name (i));
    for (int i = 0; i < count; i++) {
        int64_t number;
        if (lib_number (names[i], &number)) {
            const char *name
                = lib_signal_name ((int)(number > 128 ? number - 128 : number));
            if (name == NULL) {
                lib_error ("kill", "%s: invalid signal", names[i]);
                return 2;
            }
            lib_print (1, "%s\n", name);
        } else if (lib_signal_number (names[i]) > 0)
            lib_print (1, "%d\n", lib_signal_number (names[i]));
        else {
            lib_error ("kill", "%s: invalid signal", names[i]);
            return 2;
        }
    }
    return 0;
}

int
program_kill (int argc, char **argv)
{
    int signal = lib_signal_number ("TERM");
    int at = 1;

    /* Not the common option parser: -9 and -TERM are options, -5 later on is a group. */
    if (at < argc && argv[at][0] == '-' && strcmp (argv[at], "--") != 0) {
        const char *name = argv[at] + 1;
        if (strcmp (name, "l") == 0) {
            int first = argc > 2 && strcmp (argv[2], "--") == 0 ? 3 : 2;
            return kill_list (argc - first, argv + first);
        }
        if (strcmp (name, "s") == 0 && at + 1 < argc)
            name = argv[++at];
        signal = lib_signal_number (name);
        if (signal < 0) {
            lib_error ("kill", "%s: invalid signal", name);
            return 2;
        }
        at++;
    }
    if (at < argc && strcmp (argv[at], "--") == 0)
        at++;
    if (at >= argc) {
        lib_error ("kill",
                   "usage: kill [-s signal | -signal] pid... or kill -l [signal...]");
        return 2;
    }
    int status = 0;
    for (; at < argc; at++) {
        int64_t pid;
        if (!lib_number (argv[at], &pid) || pid > INT32_MAX || pid < -INT32_MAX) {
            lib_error ("kill", "Illegal number: %s", argv[at]);
            return 2;
        }
        long failed = posix_kill ((int)pid, signal);
        if (failed < 0) {
            lib_error_number ("kill", argv[at], failed);
            status = 1;
        }
    }
    return status;
}
