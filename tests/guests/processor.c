/* processor: what cpuid tells: the vendor, this processor's number, and what a C library goes by. */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>

int
main (void)
{
    unsigned a, b, c, d;
    char vendor[13] = { 0 };

    __cpuid (0, a, b, c, d);
    memcpy (vendor, &b, 4);
    memcpy (vendor + 4, &d, 4);
    memcpy (vendor + 8, &c, 4);
    __cpuid (1, a, b, c, d);
    printf ("%s %u sse2 %d random %d\n", vendor, b >> 24, (d & bit_SSE2) != 0, (c & bit_RDRND) != 0);
    return 0;
}
