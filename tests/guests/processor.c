/* processor: what cpuid tells: the name, this processor's number, and what a C library goes by. */
#include <cpuid.h>
#include <stdio.h>

int
main (void)
{
    unsigned a, b, c, d;
    unsigned name[13] = { 0 };

    for (unsigned i = 0; i < 3; i++)
        __cpuid (0x80000002 + i, name[4 * i], name[4 * i + 1], name[4 * i + 2], name[4 * i + 3]);
    __cpuid (1, a, b, c, d);
    printf ("%s %u sse2 %d random %d\n", (const char *)name, b >> 24, (d & bit_SSE2) != 0, (c & bit_RDRND) != 0);
    return 0;
}
