/* missing: calls that no system has. */
#define _GNU_SOURCE
#include <sys/syscall.h>

#include "guests/case.h"

int
main (void)
{
    int refused = 0;

    for (int i = 0; i < 2000; i++)
        refused += syscall (1000 + i) == -1 && errno == ENOSYS;
    YES (refused == 2000);
    FAILS (syscall (511), ENOSYS);
    FAILS (syscall (511), ENOSYS);
    FAILS (syscall (-1), ENOSYS);
    return done ();
}
