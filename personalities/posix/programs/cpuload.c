/* cpuload: computes, and nothing else.
 *
 *     cpuload [-n CYCLES]
 */
#include "programs.h"

#define CPULOAD_SLICE 100000

int
program_cpuload (int argc, char **argv)
{
    struct options options;
    uint64_t cycles = 100000000;
    int letter;

    lib_options_init (&options, "cpuload", "n:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        if (letter == '?'
            || !lib_load_option ("cpuload", options.value, UINT64_MAX, &cycles))
            return 2;
    if (!lib_operands_between (&options, 0, 0))
        return 2;
    for (uint64_t left = cycles; left > 0;) {
        uint64_t slice = left < CPULOAD_SLICE ? left : CPULOAD_SLICE;
        program_compute (slice);
        left -= slice;
    }
    lib_print (1, "cpuload: %llu cycles\n", (unsigned long long)cycles);
    return 0;
}
