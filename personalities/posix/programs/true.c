/* true: succeeds. */
#include "programs.h"

int
program_true (int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
