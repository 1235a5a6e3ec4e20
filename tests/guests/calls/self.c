/* self: what a process finds of itself in /proc and /dev. */
#include <dirent.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "guests/case.h"

static char text[4096], path[4096], here[4096];

static const char *
link_of (const char *name)
{
    ssize_t bytes = readlink (name, text, sizeof text - 1);

    text[bytes > 0 ? bytes : 0] = '\0';
    return text;
}

static const char *
link_of_fd (int fd)
{
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    return link_of (path);
}

static const char *
contents (const char *name)
{
    int fd        = open (name, O_RDONLY);
    ssize_t bytes = read (fd, text, sizeof text - 1);

    close (fd);
    text[bytes > 0 ? bytes : 0] = '\0';
    return text;
}

static void
links (void)
{
    char number[16];
    int fd, pipes[2], sockets[2];
    struct stat st;

    snprintf (number, sizeof number, "%d", (int)getpid ());
    YES (strcmp (link_of ("/proc/self"), number) == 0);
    YES (lstat ("/proc/self", &st) == 0 && S_ISLNK (st.st_mode));
    YES (strstr (link_of ("/proc/self/exe"), "/self") != NULL && access (text, X_OK) == 0);
    YES (getcwd (here, sizeof here) != NULL && strcmp (link_of ("/proc/self/cwd"), here) == 0);
    YES (strcmp (link_of ("/proc/self/root"), "/") == 0);

    fd = open ("named", O_RDWR | O_CREAT | O_TRUNC, 0600);
    strcat (here, "/named");
    YES (strcmp (link_of_fd (fd), here) == 0);
    YES (lstat (path, &st) == 0 && S_ISLNK (st.st_mode) && stat (path, &st) == 0 && S_ISREG (st.st_mode));
    YES (rename ("named", "other") == 0 && strstr (link_of_fd (fd), "/other") != NULL);
    YES (unlink ("other") == 0 && strstr (link_of_fd (fd), " (deleted)") != NULL);
    close (fd);
    FAILS (readlink (path, text, sizeof text), ENOENT);
    fd = open (".", O_RDONLY);
    YES (strstr (here, link_of_fd (fd)) == here);
    close (fd);
    YES (pipe (pipes) == 0 && strncmp (link_of_fd (pipes[0]), "pipe:[", 6) == 0);
    strcpy (here, text);
    YES (strcmp (link_of_fd (pipes[1]), here) == 0);
    YES (socketpair (AF_UNIX, SOCK_STREAM, 0, sockets) == 0 && strncmp (link_of_fd (sockets[0]), "socket:[", 8) == 0);
    FAILS (readlink ("/proc/self/fd/999", text, 9), ENOENT);
    FAILS (readlink ("/proc/self/fd/x", text, 9), ENOENT);
    FAILS (readlink ("/proc/self/stat", text, 9), EINVAL);
    FAILS (open ("/proc/999999/stat", O_RDONLY), ENOENT);
    FAILS (open (path, O_RDONLY), ENXIO); /* a socket */

    /* The same pipe once more. */
    link_of_fd (pipes[1]);
    fd = open (path, O_WRONLY);
    YES (fd >= 0 && close (pipes[1]) == 0 && write (fd, "again", 5) == 5 && read (pipes[0], text, 9) == 5);
    close (fd);
    YES (read (pipes[0], text, 9) == 0);
    close (pipes[0]);
    close (sockets[0]);
    close (sockets[1]);
}

static void
listing (void)
{
    DIR *dir;
    struct dirent *entry;
    int wanted = dup2 (1, 77), found = 0, own = 0;

    YES (wanted == 77 && (dir = opendir ("/proc/self/fd")) != NULL);
    while ((entry = readdir (dir)) != NULL) {
        found += strcmp (entry->d_name, "77") == 0 && entry->d_type == DT_LNK;
        own += atoi (entry->d_name) == dirfd (dir) && entry->d_name[0] != '.';
    }
    YES (found == 1 && own == 1);
    closedir (dir);
    close (77);
}

static void
standard (void)
{
    int pipes[2], fd;

    YES (pipe (pipes) == 0 && write (pipes[1], "in", 2) == 2);
    YES (dup2 (pipes[0], 0) == 0);
    fd = open ("/dev/stdin", O_RDONLY);
    YES (fd > 0 && read (fd, text, 9) == 2 && memcmp (text, "in", 2) == 0);
    close (fd);
    snprintf (path, sizeof path, "/dev/fd/%d", pipes[1]);
    fd = open (path, O_WRONLY);
    YES (fd > 0 && write (fd, "out", 3) == 3 && read (0, text, 9) == 3);
    close (fd);
    close (pipes[0]);
    close (pipes[1]);
}

/* The same sizes wherever they are told, and they grow with what is used. */
static void
sizes (void)
{
    unsigned long size, resident, before, vsize;
    long rss;
    char *memory, *at;

    YES (sscanf (contents ("/proc/self/statm"), "%lu %lu", &size, &resident) == 2);
    YES (size > 50 && resident > 5 && resident <= size);
    before = resident;
    memory = malloc (4 << 20);
    memset (memory, 1, 4 << 20);
    YES (sscanf (contents ("/proc/self/statm"), "%lu %lu", &size, &resident) == 2 && resident >= before + 1000);
    at = strstr (contents ("/proc/self/status"), "VmRSS:");
    YES (at != NULL && strtoul (at + 6, NULL, 10) / 4 >= before + 1000);
    at = strstr (text, "VmSize:");
    YES (at != NULL && strtoul (at + 7, NULL, 10) / 4 == size);
    YES (strncmp (text, "Name:\tself\n", 11) == 0);
    at = strrchr (contents ("/proc/self/stat"), ')');
    YES (at != NULL && at[2] == 'R');
    YES (sscanf (at + 4, "%*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %*u %lu %ld", &vsize, &rss) == 2);
    YES (vsize / 4096 == size && (unsigned long)rss >= before + 900);
    free (memory);
    YES (sscanf (contents ("/proc/self/statm"), "%lu %lu", &size, &resident) == 2 && resident < before + 1000);
    YES (strcmp (contents ("/proc/self/comm"), "self\n") == 0);
}

/* A child that waits sleeps. */
static void
others (void)
{
    int pipes[2];
    pid_t child;
    char *at = NULL;

    YES (pipe (pipes) == 0);
    child = fork ();
    if (child == 0) {
        close (pipes[1]);
        _exit (read (pipes[0], text, 1) != 0);
    }
    close (pipes[0]);
    snprintf (path, sizeof path, "/proc/%d/stat", (int)child);
    for (int i = 0; i < 1000; i++) {
        at = strrchr (contents (path), ')');
        if (at != NULL && at[2] == 'S')
            break;
        usleep (1000);
    }
    YES (at != NULL && at[2] == 'S');
    snprintf (path, sizeof path, "/proc/%d/cwd", (int)child);
    YES (getcwd (here, sizeof here) != NULL && strcmp (link_of (path), here) == 0);
    close (pipes[1]);
    YES (waitpid (child, NULL, 0) == child);
}

int
main (void)
{
    links ();
    listing ();
    standard ();
    sizes ();
    others ();
    return done ();
}
