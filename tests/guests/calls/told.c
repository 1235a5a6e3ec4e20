/* told: what a program's own folder in /proc says of it. */
#define _GNU_SOURCE
#include <limits.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "guests/case.h"

static char text[200000];

static const char *
path_of (pid_t pid, const char *name)
{
    static char path[64];

    snprintf (path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return path;
}

/* How many bytes there are, in pieces of 7. */
static int
told (pid_t pid, const char *name)
{
    int fd = open (path_of (pid, name), O_RDONLY), at = 0;
    ssize_t got;

    while (fd >= 0 && at < (int)sizeof text - 8 && (got = read (fd, text + at, 7)) > 0)
        at += (int)got;
    text[at] = '\0';
    close (fd);
    return fd < 0 ? -1 : at;
}

static int
is_text (pid_t pid, const char *name, const char *wanted, int bytes)
{
    return told (pid, name) == bytes && memcmp (text, wanted, (size_t)bytes) == 0;
}

static int
other_program (char **argv)
{
    char exe[PATH_MAX] = { 0 };

    is ("all arguments are told", is_text (getpid (), "cmdline", "first\0other\0two words\0\0last", 28));
    is ("and the environment", is_text (getpid (), "environ", "A=1\0B=\0C=x y", 13));
    is ("the link leads to the program", readlink (path_of (getpid (), "exe"), exe, sizeof exe) > 0
                                             && strcmp (exe, argv[4]) != 0 && access (exe, X_OK) == 0);
    YES (is_text (getpid (), "comm", "told\n", 5));
    YES (prctl (PR_SET_NAME, "renamed") == 0 && is_text (getpid (), "comm", "renamed\n", 8));
    return done ();
}

static void
others (void)
{
    char here[256];
    int own = told (getpid (), "cmdline"), p[2], status;
    pid_t child;
    char c;

    memcpy (here, text, sizeof here);
    YES (own > 0 && here[own - 1] == '\0');
    YES (pipe (p) == 0);
    child = fork ();
    if (child == 0) {
        close (p[1]);
        read (p[0], &c, 1);
        _exit (0);
    }
    is ("a child has its parent's until it is another program", is_text (child, "cmdline", here, own));
    close (p[1]);
    YES (waitpid (child, &status, 0) == child);
    FAILS (open (path_of (child, "cmdline"), O_RDONLY), ENOENT);
    FAILS (open (path_of (getpid (), "nothing"), O_RDONLY), ENOENT);
    FAILS (readlink (path_of (getpid (), "cmdline"), here, sizeof here), EINVAL);
}

int
main (int argc, char **argv)
{
    static char *arguments[] = { "first", "other", "two words", "", "last", NULL };
    static char *environment[] = { "A=1", "B=", "C=x y", NULL };
    int status;

    if (argc == 5 && strcmp (argv[1], "other") == 0)
        return other_program (argv);
    others ();
    if (fork () == 0) {
        execve (argv[0], arguments, environment);
        _exit (99);
    }
    wait (&status);
    is ("another program has its own", status == 0);
    return done ();
}
