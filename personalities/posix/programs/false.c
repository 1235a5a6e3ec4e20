/* false: fails. */
#include "programs.h"

int
program_false (int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 1;
}
