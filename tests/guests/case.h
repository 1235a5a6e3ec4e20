/* case: what the programs about Linux's calls share: each case is a line of output. The host
 * runs them first: a case that fails there is wrong. */
#ifndef TESTS_GUESTS_CASE_H
#define TESTS_GUESTS_CASE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int cases, failures;

static inline void
is (const char *name, int right)
{
    int error = errno;

    cases++;
    failures += !right;
    printf ("%s %s", right ? "ok" : "WRONG", name);
    if (!right)
        printf (" (errno %d)", error);
    putchar ('\n');
    fflush (stdout);
    errno = 0;
}

#define YES(expression)        is (#expression, (expression) != 0)
#define FAILS(expression, why) is (#expression " " #why, (errno = 0, (expression) == -1) && errno == (why))

static inline void
make (const char *path, const char *text)
{
    int fd = open (path, O_CREAT | O_TRUNC | O_WRONLY, 0644);

    if (write (fd, text, strlen (text)) < 0 || close (fd) != 0)
        abort ();
}

/* The program's exit status. */
static inline int
done (void)
{
    printf ("%d cases, %d wrong\n", cases, failures);
    return failures != 0;
}

#endif
