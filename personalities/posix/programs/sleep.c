/* sleep: waits for as long as it is told, fractions included. */
#include "programs.h"

int
program_sleep (int argc, char **argv)
{
    struct options options;
    uint64_t total = 0;

    lib_options_init (&options, "sleep", "", argc, argv);
    if (lib_options_next (&options) != -1 || !lib_operands_between (&options, 1, 10000))
        return 1;
    for (int i = 0; i < options.operands; i++) {
        uint64_t nanoseconds;
        if (!lib_seconds (lib_operand (&options, i), &nanoseconds)) {
            lib_error ("sleep", "invalid time interval '%s'", lib_operand (&options, i));
            return 1;
        }
        total += nanoseconds;
    }
    posix_nanosleep (total);
    return 0;
}
