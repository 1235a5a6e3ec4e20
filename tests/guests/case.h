/* case: what the programs about Linux's calls share: each case is a line of output. The host
 * runs them first: a case that fails there is wrong. */
#ifndef TESTS_GUESTS_CASE_H
#define TESTS_GUESTS_CASE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

/* In a child; its cases count here. */
static inline void
apart (void (*group) (void))
{
    int status, pipes[2], counts[2] = { 0, 0 };
    pid_t child;

    if (pipe (pipes) != 0)
        abort ();
    child = fork ();
    if (child == 0) {
        cases = failures = 0;
        group ();
        counts[0] = cases;
        counts[1] = failures;
        _exit (write (pipes[1], counts, sizeof counts) != sizeof counts);
    }
    close (pipes[1]);
    if (read (pipes[0], counts, sizeof counts) != sizeof counts || waitpid (child, &status, 0) != child
        || status != 0)
        is ("the group has come to its end", 0);
    close (pipes[0]);
    cases += counts[0];
    failures += counts[1];
}

/* The program's exit status. */
static inline int
done (void)
{
    printf ("%d cases, %d wrong\n", cases, failures);
    return failures != 0;
}

#endif
