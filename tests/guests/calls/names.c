/* names: names, folders and what is known of a file. */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>

#include "guests/case.h"

static void
names (void)
{
    struct stat st, other;
    char buffer[256], here[256];
    int dir, fd;
    struct timespec times[2] = { { 1000, 0 }, { 2000, 0 } };
    struct statx sx;

    YES (mkdir ("d", 0755) == 0);
    FAILS (mkdir ("d", 0755), EEXIST);
    FAILS (mkdir ("none/d", 0755), ENOENT);
    FAILS (rmdir ("none"), ENOENT);
    make ("d/f", "x");
    FAILS (rmdir ("d"), ENOTEMPTY);
    FAILS (rmdir ("d/f"), ENOTDIR);
    FAILS (unlink ("d"), EISDIR);
    FAILS (unlink ("none"), ENOENT);
    YES (link ("d/f", "d/g") == 0 && stat ("d/g", &st) == 0 && st.st_nlink == 2);
    FAILS (link ("none", "d/h"), ENOENT);
    FAILS (link ("d/f", "d/g"), EEXIST);
    YES (symlink ("f", "d/s") == 0 && readlink ("d/s", buffer, sizeof buffer) == 1 && buffer[0] == 'f');
    YES (readlink ("d/s", buffer, 0 + 1) == 1);
    FAILS (readlink ("d/f", buffer, 9), EINVAL);
    FAILS (readlink ("d/none", buffer, 9), ENOENT);
    FAILS (symlink ("x", "d/s"), EEXIST);
    YES (lstat ("d/s", &st) == 0 && S_ISLNK (st.st_mode) && st.st_size == 1);
    YES (stat ("d/s", &st) == 0 && S_ISREG (st.st_mode));
    YES (symlink ("loop", "loop") == 0);
    FAILS (stat ("loop", &st), ELOOP);
    FAILS (open ("d/s", O_RDONLY | O_NOFOLLOW), ELOOP);
    YES (rename ("d/g", "d/h") == 0 && stat ("d/h", &st) == 0);
    FAILS (rename ("none", "d/x"), ENOENT);
    FAILS (rename ("d", "d/inside"), EINVAL);
    FAILS (rename ("d/f", "d/f/x"), ENOTDIR);
    YES (access ("d/f", F_OK) == 0 && access ("d/f", R_OK | W_OK) == 0);
    FAILS (access ("none", F_OK), ENOENT);
    FAILS (access ("d/f", 99), EINVAL);
    YES (chmod ("d/f", 0640) == 0 && stat ("d/f", &st) == 0 && (st.st_mode & 07777) == 0640);
    YES ((fd = open ("d/f", O_RDONLY)) >= 0 && fchmod (fd, 0600) == 0 && fstat (fd, &st) == 0 && (st.st_mode & 07777) == 0600);
    close (fd);
    FAILS (chmod ("none", 0600), ENOENT);
    YES (utimensat (AT_FDCWD, "d/f", times, 0) == 0 && stat ("d/f", &st) == 0 && st.st_atime == 1000 && st.st_mtime == 2000);
    YES ((dir = open ("d", O_RDONLY | O_DIRECTORY)) >= 0);
    YES (fstatat (dir, "f", &st, 0) == 0 && stat ("d/f", &other) == 0 && st.st_ino == other.st_ino);
    YES (fstatat (dir, "", &st, AT_EMPTY_PATH) == 0 && S_ISDIR (st.st_mode));
    YES ((fd = openat (dir, "new", O_CREAT | O_WRONLY, 0600)) >= 0 && close (fd) == 0 && access ("d/new", F_OK) == 0);
    YES (mkdirat (dir, "sub", 0700) == 0 && renameat (dir, "new", dir, "sub/new") == 0 && access ("d/sub/new", F_OK) == 0);
    YES (linkat (dir, "f", AT_FDCWD, "f2", 0) == 0 && symlinkat ("z", dir, "z") == 0 && readlinkat (dir, "z", buffer, 9) == 1);
    YES (unlinkat (dir, "z", 0) == 0 && unlinkat (dir, "sub/new", 0) == 0 && unlinkat (dir, "sub", AT_REMOVEDIR) == 0);
    YES (faccessat (dir, "f", R_OK, 0) == 0 && fchmodat (dir, "f", 0644, 0) == 0);
    FAILS (openat (99, "f", O_RDONLY), EBADF);
    YES (statx (dir, "f", 0, STATX_BASIC_STATS, &sx) == 0 && sx.stx_size == 1 && S_ISREG (sx.stx_mode));
    YES (getcwd (here, sizeof here) != NULL && chdir ("d") == 0 && getcwd (buffer, sizeof buffer) != NULL && strlen (buffer) == strlen (here) + 2);
    YES (access ("f", F_OK) == 0 && chdir ("..") == 0 && fchdir (dir) == 0 && access ("f", F_OK) == 0 && chdir (here) == 0);
    FAILS (chdir ("none"), ENOENT);
    FAILS (chdir ("d/f"), ENOTDIR);
    is ("getcwd ERANGE", getcwd (buffer, 2) == NULL && errno == ERANGE);
    close (dir);
    memset (buffer, 'n', 255);
    buffer[255] = 0;
    YES (mkdir (buffer, 0700) == 0 && rmdir (buffer) == 0);
    YES (umask (077) == 022 && mkdir ("m", 0777) == 0 && stat ("m", &st) == 0 && (st.st_mode & 0777) == 0700 && umask (022) == 077);
    struct statfs fs;
    YES (statfs (".", &fs) == 0 && fs.f_bsize > 0 && fs.f_namelen >= 255);
    DIR *stream = opendir ("d");
    int count = 0;
    while (readdir (stream) != NULL)
        count++;
    closedir (stream);
    is ("readdir", count == 5);
    for (int i = 0; i < 500; i++) {
        snprintf (buffer, sizeof buffer, "m/file%d", i);
        make (buffer, "");
    }
    stream = opendir ("m");
    count = 0;
    while (readdir (stream) != NULL)
        count++;
    closedir (stream);
    is ("readdir of many", count == 502);
}

int
main (void)
{
    names ();
    return done ();
}
