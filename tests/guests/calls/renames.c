/* renames: renameat2 that keeps what is there, and that trades two names. */
#define _GNU_SOURCE
#include <sys/stat.h>

#include "guests/case.h"

static ino_t
node (const char *path)
{
    struct stat st;

    return lstat (path, &st) == 0 ? st.st_ino : 0;
}

static int
links (const char *path)
{
    struct stat st;

    return lstat (path, &st) == 0 ? (int)st.st_nlink : -1;
}

static int
keep (const char *from, const char *to)
{
    return renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

static int
swap (const char *from, const char *to)
{
    return renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE);
}

static void
keeps (void)
{
    make ("a", "a");
    make ("b", "b");
    mkdir ("d", 0755);
    FAILS (keep ("a", "b"), EEXIST);
    FAILS (keep ("a", "d"), EEXIST);
    FAILS (keep ("a", "a"), EEXIST);
    FAILS (keep ("none", "c"), ENOENT);
    FAILS (keep ("a", "none/c"), ENOENT);
    FAILS (keep ("d", "d/e"), EINVAL);
    YES (node ("a") != 0 && keep ("a", "c") == 0 && node ("a") == 0 && node ("c") != 0);
    YES (keep ("c", "d/c") == 0 && keep ("d/c", "a") == 0 && symlink ("nowhere", "s") == 0);
    FAILS (keep ("a", "s"), EEXIST);
    unlink ("s");
}

static void
trades (void)
{
    ino_t a = node ("a"), b = node ("b"), d = node ("d"), e, f;

    YES (swap ("a", "b") == 0 && node ("a") == b && node ("b") == a);
    YES (swap ("a", "d") == 0 && node ("a") == d && node ("d") == b && swap ("d", "a") == 0 && node ("d") == d);
    YES (swap ("a", "a") == 0 && link ("a", "a2") == 0 && swap ("a", "a2") == 0 && node ("a2") == b);
    FAILS (swap ("a", "none"), ENOENT);
    FAILS (swap ("none", "a"), ENOENT);
    FAILS (swap ("a", "b/"), ENOTDIR);
    FAILS (swap ("a/", "b"), ENOTDIR);
    YES (mkdir ("d/e", 0755) == 0 && mkdir ("d/e/x", 0755) == 0 && mkdir ("f", 0755) == 0 && (e = node ("d/e")) && (f = node ("f")));
    FAILS (swap ("d", "d/e"), EINVAL);
    FAILS (swap ("d/e/x", "d"), EINVAL);
    YES (links ("d") == 3 && links (".") == 4);
    YES (swap ("d/e", "f") == 0 && node ("f") == e && node ("d/e") == f && node ("f/..") == node (".") && node ("d/e/..") == d);
    YES (links ("d") == 3 && links (".") == 4 && links ("f") == 3);
    YES (swap ("b", "d/e") == 0 && node ("b/..") == node (".") && links ("d") == 2 && links (".") == 5);
    YES (swap ("d/e", "f") == 0 && node ("d/e/x") != 0 && links ("d") == 3 && links (".") == 4 && node ("d/e/..") == d);
    FAILS (renameat2 (AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE | RENAME_NOREPLACE), EINVAL);
    FAILS (renameat2 (AT_FDCWD, "a", AT_FDCWD, "b", 0x100), EINVAL);
    YES (renameat2 (AT_FDCWD, "a", AT_FDCWD, "a3", 0) == 0 && node ("a3") == b);
}

int
main (void)
{
    mkdir ("here", 0755);
    if (chdir ("here") != 0)
        return 9;
    keeps ();
    trades ();
    return done ();
}
