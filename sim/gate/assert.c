/* assert: what a broken invariant does.
 *
 * In a domain there is no stdio to say it with: the text goes into the runtime's record and
 * the process dies by an illegal instruction, which leaves a crash record with a backtrace.
 * This stands in the place of the C library's function of the same name.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "gate/runtime.h"

/* In this file because both need it: whoever asserts must know whether it is in a domain. */
struct runtime *here;

static void
append (char *text, size_t room, size_t *at, const char *more)
{
    while (*more != '\0' && *at + 1 < room)
        text[(*at)++] = *more++;
    text[*at] = '\0';
}

void
__assert_fail (const char *assertion, const char *file, unsigned line, const char *function)
{
    char digits[12];
    size_t at = 0, first = sizeof digits - 1;

    if (here == NULL) {
        fprintf (stderr, "khimera: %s:%u: %s: %s does not hold\n", file, line, function,
                 assertion);
        abort ();
    }
    digits[first] = '\0';
    do
        digits[--first] = (char)('0' + line % 10);
    while ((line /= 10) != 0);
    append (here->assertion, sizeof here->assertion, &at, file);
    append (here->assertion, sizeof here->assertion, &at, ":");
    append (here->assertion, sizeof here->assertion, &at, digits + first);
    append (here->assertion, sizeof here->assertion, &at, ": ");
    append (here->assertion, sizeof here->assertion, &at, assertion);
    append (here->assertion, sizeof here->assertion, &at, " does not hold");
    __builtin_trap ();
}
