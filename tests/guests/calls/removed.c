/* removed: what is left of a directory that somebody is still in. */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "guests/case.h"

static char path[4096];
static struct stat st, top;

static long
where (void)
{
    return syscall (SYS_getcwd, path, sizeof path);
}

static void
in_one (void)
{
    int dir;

    YES (mkdir ("gone", 0755) == 0 && chdir ("gone") == 0 && rmdir ("../gone") == 0);
    FAILS (where (), ENOENT);
    YES (stat (".", &st) == 0 && st.st_nlink == 0);
    YES (stat ("..", &st) == 0 && st.st_ino == top.st_ino && access ("../", F_OK) == 0);
    YES ((dir = open (".", O_RDONLY)) >= 0 && chdir (".") == 0);
    FAILS (open ("x", O_CREAT | O_WRONLY, 0600), ENOENT);
    FAILS (mkdir ("x", 0700), ENOENT);
    FAILS (symlink ("x", "y"), ENOENT);
    FAILS (open ("x", O_RDONLY), ENOENT);
    YES (readlink ("/proc/self/cwd", path, sizeof path - 1) > 10 && strstr (path, " (deleted)") != NULL);
    YES (chdir ("..") == 0 && where () > 0 && stat (".", &st) == 0 && st.st_ino == top.st_ino);
    YES (fchdir (dir) == 0 && chdir ("../.") == 0 && where () > 0 && close (dir) == 0);
    FAILS (stat ("gone", &st), ENOENT);
}

static void
in_several (void)
{
    YES (mkdir ("a", 0755) == 0 && mkdir ("a/b", 0755) == 0 && chdir ("a/b") == 0);
    YES (rmdir ("../../a/b") == 0 && rmdir ("../../a") == 0);
    FAILS (where (), ENOENT);
    YES (stat ("../..", &st) == 0 && st.st_ino == top.st_ino);
    YES (chdir ("..") == 0 && stat (".", &st) == 0 && st.st_nlink == 0);
    FAILS (where (), ENOENT);
    YES (chdir ("..") == 0 && where () > 0 && stat (".", &st) == 0 && st.st_ino == top.st_ino);
}

static void
replaced (void)
{
    YES (mkdir ("old", 0755) == 0 && mkdir ("new", 0755) == 0 && chdir ("old") == 0 && rename ("../new", "../old") == 0);
    FAILS (where (), ENOENT);
    YES (chdir ("..") == 0 && stat (".", &st) == 0 && st.st_ino == top.st_ino);
    YES (mkdir ("moved", 0755) == 0 && chdir ("old") == 0 && rename ("../old", "../moved/here") == 0 && where () > 0 && strstr (path, "moved/here") != NULL);
    YES (chdir ("..") == 0 && rmdir ("here") == 0 && chdir ("..") == 0 && rmdir ("moved") == 0);
}

int
main (void)
{
    if (mkdir ("top", 0755) != 0 || chdir ("top") != 0 || stat (".", &top) != 0)
        return 9;
    in_one ();
    in_several ();
    replaced ();
    return done ();
}
