/* identity: users and groups of processes: real, effective, saved and the file system's, further groups,
 * and what they are good for. Who may not be root here cannot become anybody: then a case that needs it
 * says nothing (AS_ROOT). */
#define _GNU_SOURCE
#include <grp.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "guests/case.h"

static int root;

#define AS_ROOT(expression)             is (#expression, !root || (expression) != 0)
#define FAILS_AS_ROOT(expression, why)  is (#expression " " #why, !root || (errno = 0, (expression) == -1 && errno == (why)))

/* The calls themselves: a library would make them in all threads. */
static int
set3 (int r, int e, int s)
{
    return syscall (SYS_setresuid, r, e, s);
}

static int
are (uid_t r, uid_t e, uid_t s)
{
    uid_t now[3];

    return getresuid (&now[0], &now[1], &now[2]) == 0 && now[0] == r && now[1] == e && now[2] == s && getuid () == r
           && geteuid () == e;
}

static int
groups_are (gid_t r, gid_t e, gid_t s)
{
    gid_t now[3];

    return getresgid (&now[0], &now[1], &now[2]) == 0 && now[0] == r && now[1] == e && now[2] == s && getgid () == r
           && getegid () == e;
}

static void
three (void)
{
    AS_ROOT (set3 (10, 20, 30) == 0 && are (10, 20, 30));
    AS_ROOT (set3 (-1, -1, -1) == 0 && are (10, 20, 30));
    AS_ROOT (set3 (30, 10, 20) == 0 && are (30, 10, 20));
    FAILS_AS_ROOT (set3 (30, 0, -1), EPERM);
    FAILS_AS_ROOT (set3 (-1, -1, 31), EPERM);
    AS_ROOT (are (30, 10, 20) && set3 (-1, 20, -1) == 0 && are (30, 20, 20));
    AS_ROOT (set3 (20, 20, 20) == 0 && are (20, 20, 20));
    FAILS_AS_ROOT (set3 (30, -1, -1), EPERM);
}

static void
two (void)
{
    AS_ROOT (syscall (SYS_setreuid, 10, 20) == 0 && are (10, 20, 20));
    AS_ROOT (syscall (SYS_setreuid, 20, 10) == 0 && are (20, 10, 10));
    AS_ROOT (syscall (SYS_setreuid, -1, 20) == 0 && are (20, 20, 10));
    AS_ROOT (syscall (SYS_setreuid, -1, 10) == 0 && are (20, 10, 10));
    FAILS_AS_ROOT (syscall (SYS_setreuid, 11, -1), EPERM);
    FAILS_AS_ROOT (syscall (SYS_setreuid, -1, 0), EPERM);
    AS_ROOT (syscall (SYS_setreuid, -1, -1) == 0 && are (20, 10, 10));
}

static void
one (void)
{
    AS_ROOT (set3 (0, 5, 0) == 0 && syscall (SYS_setuid, 0) == 0 && are (0, 0, 0));
    AS_ROOT (set3 (7, 8, 9) == 0 && syscall (SYS_setuid, 9) == 0 && are (7, 9, 9));
    FAILS_AS_ROOT (syscall (SYS_setuid, 8), EPERM);
    AS_ROOT (syscall (SYS_setuid, 7) == 0 && are (7, 7, 9));
    FAILS_AS_ROOT (syscall (SYS_setuid, 0), EPERM);
    FAILS (syscall (SYS_setuid, -1), EINVAL);
}

static void
forever (void)
{
    AS_ROOT (syscall (SYS_setuid, 12) == 0 && are (12, 12, 12));
    FAILS_AS_ROOT (set3 (0, -1, -1), EPERM);
}

static void
of_groups (void)
{
    gid_t some[] = { 41, 42, 43 }, back[8];

    AS_ROOT (syscall (SYS_setresgid, 10, 20, 30) == 0 && groups_are (10, 20, 30));
    AS_ROOT (syscall (SYS_setregid, 11, 21) == 0 && groups_are (11, 21, 21));
    AS_ROOT (syscall (SYS_setgid, 50) == 0 && groups_are (50, 50, 50));
    AS_ROOT (setgroups (3, some) == 0 && getgroups (0, NULL) == 3 && getgroups (8, back) == 3);
    AS_ROOT (back[0] == 41 && back[1] == 42 && back[2] == 43);
    FAILS_AS_ROOT (getgroups (2, back), EINVAL);
    FAILS_AS_ROOT (syscall (SYS_getgroups, 3, 8), EFAULT);
    FAILS_AS_ROOT (syscall (SYS_setgroups, 3, 8), EFAULT);
    FAILS (getgroups (-1, back), EINVAL);
    FAILS_AS_ROOT (syscall (SYS_setgroups, 65537, some), EINVAL);
    AS_ROOT (setgroups (0, NULL) == 0 && getgroups (0, NULL) == 0 && setgroups (2, some) == 0);
    AS_ROOT (syscall (SYS_setresgid, 10, 20, 30) == 0 && set3 (5, 5, 5) == 0);
    FAILS (root ? setgroups (1, some) : setgroups (1, some), EPERM);
    FAILS_AS_ROOT (syscall (SYS_setgid, 11), EPERM);
    AS_ROOT (syscall (SYS_setgid, 30) == 0 && groups_are (10, 30, 30) && getgroups (8, back) == 2);
    FAILS (syscall (SYS_setgid, -1), EINVAL);
}

static void
of_files (void)
{
    struct stat st;
    int fd;

    mkdir ("open", 0777);
    chmod ("open", 0777);
    AS_ROOT (setfsuid (15) == 0 && setfsuid (-1) == 15 && setfsgid (16) == 0 && setfsgid (-1) == 16);
    fd = open ("open/own", O_CREAT | O_RDWR, 0600);
    AS_ROOT (fstat (fd, &st) == 0 && st.st_uid == 15 && st.st_gid == 16 && are (0, 0, 0));
    close (fd);
    AS_ROOT (set3 (-1, -1, -1) == 0 && setfsuid (-1) == 15 && set3 (-1, 0, -1) == 0 && setfsuid (-1) == 0);
    AS_ROOT (set3 (1, 2, 3) == 0 && setfsuid (3) == 2 && setfsuid (9) == 3 && setfsuid (1) == 3 && setfsuid (-1) == 1);
}

/* ---- permission ---- */

static int
with_mode (const char *name, mode_t mode, uid_t uid, gid_t gid)
{
    make (name, "x");
    return chown (name, uid, gid) == 0 && chmod (name, mode) == 0;
}

static void
permission (void)
{
    gid_t some[] = { 41, 42 };
    int fd;

    chmod (".", 0777);
    AS_ROOT (with_mode ("group", 0640, 1, 42) && with_mode ("other", 0604, 1, 42) && with_mode ("users", 0600, 77, 1));
    AS_ROOT (setgroups (2, some) == 0 && syscall (SYS_setgid, 9) == 0);
    AS_ROOT (set3 (77, 78, 0) == 0);
    AS_ROOT ((fd = open ("group", O_RDONLY)) >= 0 && close (fd) == 0);
    FAILS_AS_ROOT (open ("group", O_WRONLY), EACCES);
    FAILS_AS_ROOT (open ("other", O_RDONLY), EACCES); /* its group may less than others */
    /* What access says goes by the real user. */
    FAILS_AS_ROOT (open ("users", O_RDONLY), EACCES);
    AS_ROOT (access ("users", R_OK | W_OK) == 0);
    FAILS_AS_ROOT (syscall (SYS_faccessat2, AT_FDCWD, "users", R_OK, AT_EACCESS), EACCES);
    AS_ROOT (set3 (-1, 77, -1) == 0);
    AS_ROOT ((fd = open ("users", O_RDWR)) >= 0 && close (fd) == 0);
    AS_ROOT (chown ("users", -1, 41) == 0 && chown ("users", -1, 42) == 0);
    FAILS_AS_ROOT (chown ("users", -1, 43), EPERM);
    FAILS_AS_ROOT (chown ("users", 78, -1), EPERM);
}

static void
signals (void)
{
    int status;
    pid_t child = fork ();

    if (child == 0) {
        if (root)
            set3 (61, 62, 63);
        pause ();
        _exit (0);
    }
    while (root && kill (child, 0) == 0) {
        pid_t other = fork (); /* it may not be there yet */

        if (other == 0)
            _exit (set3 (63, 63, 63) != 0 || kill (child, 0) != 0);
        waitpid (other, &status, 0);
        if (status == 0)
            break;
    }
    AS_ROOT (set3 (62, 62, 0) == 0 && kill (child, 0) == -1 && errno == EPERM); /* its effective user */
    AS_ROOT (set3 (-1, 0, -1) == 0 && set3 (62, 63, 0) == 0 && kill (child, 0) == 0); /* its saved one */
    AS_ROOT (set3 (-1, 0, -1) == 0 && set3 (61, 62, 0) == 0 && kill (child, 0) == 0); /* its real one */
    YES (kill (child, SIGTERM) == 0 && waitpid (child, &status, 0) == child && WTERMSIG (status) == SIGTERM);
}

/* ---- what files say ---- */

static mode_t
mode_of (const char *name)
{
    struct stat st = { 0 };

    stat (name, &st);
    return st.st_mode & 07777;
}

static void
directories (void)
{
    struct stat st;

    umask (0);
    AS_ROOT (mkdir ("shared", 0777) == 0 && chown ("shared", 0, 88) == 0 && chmod ("shared", 03777) == 0);
    AS_ROOT (syscall (SYS_setgid, 70) == 0 && set3 (71, 71, 0) == 0);
    AS_ROOT (mkdir ("shared/below", 0755) == 0 && stat ("shared/below", &st) == 0 && st.st_gid == 88 && st.st_mode & S_ISGID);
    make ("shared/one", "1");
    AS_ROOT (stat ("shared/one", &st) == 0 && st.st_gid == 88 && st.st_uid == 71 && (st.st_mode & S_ISGID) == 0);
    make ("shared/two", "2");
    AS_ROOT (set3 (-1, 0, -1) == 0 && set3 (72, 72, 0) == 0);
    FAILS_AS_ROOT (unlink ("shared/one"), EPERM);
    FAILS_AS_ROOT (rmdir ("shared/below"), EPERM);
    FAILS_AS_ROOT (rename ("shared/one", "shared/three"), EPERM);
    make ("shared/mine", "3");
    FAILS_AS_ROOT (rename ("shared/mine", "shared/two"), EPERM);
    AS_ROOT (unlink ("shared/mine") == 0 && set3 (-1, 0, -1) == 0 && set3 (71, 71, 0) == 0);
    AS_ROOT (rename ("shared/one", "shared/two") == 0 && unlink ("shared/two") == 0 && rmdir ("shared/below") == 0);
}

static void
cleared (void)
{
    int fd;

    umask (0);
    AS_ROOT (with_mode ("set", 06777, 1, 1) && mode_of ("set") == 06777);
    AS_ROOT (chown ("set", 2, 2) == 0 && mode_of ("set") == 0777);
    AS_ROOT (chmod ("set", 06767) == 0 && chown ("set", 2, 3) == 0 && mode_of ("set") == 02767); /* that is no right */
    AS_ROOT (chmod ("set", 06777) == 0 && (fd = open ("set", O_WRONLY)) >= 0 && write (fd, "r", 1) == 1 && close (fd) == 0 && mode_of ("set") == 06777);
    AS_ROOT (set3 (91, 91, 0) == 0);
    AS_ROOT ((fd = open ("set", O_WRONLY)) >= 0 && write (fd, "w", 1) == 1 && close (fd) == 0 && mode_of ("set") == 0777);
    AS_ROOT (set3 (-1, 0, -1) == 0 && chmod ("set", 06777) == 0 && set3 (91, 91, 0) == 0);
    AS_ROOT (truncate ("set", 0) == 0 && mode_of ("set") == 0777);
    AS_ROOT (set3 (-1, 0, -1) == 0 && chmod ("set", 06777) == 0 && set3 (91, 91, 0) == 0);
    AS_ROOT ((fd = open ("set", O_WRONLY | O_TRUNC)) >= 0 && close (fd) == 0 && mode_of ("set") == 0777);
    /* For a group that one does not belong to there is no such right. */
    AS_ROOT (set3 (-1, 0, -1) == 0 && chown ("set", 91, 99) == 0 && syscall (SYS_setgid, 5) == 0 && set3 (91, 91, 0) == 0);
    AS_ROOT (chmod ("set", 06755) == 0 && mode_of ("set") == 04755);
}

/* ---- programs ---- */

/* What a copy of this program with that mode and owner says of itself: see `tell`. */
static const char *
told (mode_t mode, uid_t uid, gid_t gid)
{
    static char text[200];
    char copy[65536];
    ssize_t bytes;
    int from = open ("/proc/self/exe", O_RDONLY), to, pipes[2];
    pid_t child;

    unlink ("program");
    to = open ("program", O_CREAT | O_WRONLY, 0700);
    while ((bytes = read (from, copy, sizeof copy)) > 0)
        if (write (to, copy, bytes) != bytes)
            return "no room";
    close (from);
    close (to);
    if (chown ("program", uid, gid) != 0 || chmod ("program", mode) != 0 || pipe (pipes) != 0)
        return "not so";
    child = fork ();
    if (child == 0) {
        dup2 (pipes[1], 1);
        syscall (SYS_setgid, 51);
        set3 (52, 52, 52);
        execl ("./program", "program", "tell", NULL);
        _exit (1);
    }
    close (pipes[1]);
    bytes = read (pipes[0], text, sizeof text - 1);
    text[bytes > 0 ? bytes : 0] = '\0';
    close (pipes[0]);
    waitpid (child, NULL, 0);
    return text;
}

static void
tell (void)
{
    uid_t r, e, s;
    gid_t rg, eg, sg;

    getresuid (&r, &e, &s);
    getresgid (&rg, &eg, &sg);
    printf ("%d %d %d, %d %d %d, %d %d %d %d, %d", r, e, s, rg, eg, sg, (int)getauxval (AT_UID), (int)getauxval (AT_EUID),
            (int)getauxval (AT_GID), (int)getauxval (AT_EGID), (int)getauxval (AT_SECURE));
}

static void
programs (void)
{
    chmod (".", 0777);
    AS_ROOT (strcmp (told (0755, 53, 54), "52 52 52, 51 51 51, 52 52 51 51, 0") == 0);
    AS_ROOT (strcmp (told (04755, 53, 54), "52 53 53, 51 51 51, 52 53 51 51, 1") == 0);
    AS_ROOT (strcmp (told (02755, 53, 54), "52 52 52, 51 54 54, 52 52 51 54, 1") == 0);
    AS_ROOT (strcmp (told (06755, 0, 0), "52 0 0, 51 0 0, 52 0 51 0, 1") == 0);
    AS_ROOT (strcmp (told (02745, 53, 54), "52 52 52, 51 51 51, 52 52 51 51, 0") == 0); /* the group may not execute it */
}

static void
status (void)
{
    char line[200];
    int right = 0;
    FILE *file;
    gid_t some[] = { 3, 4 };

    AS_ROOT (setgroups (2, some) == 0 && syscall (SYS_setresgid, 4, 5, 6) == 0 && set3 (1, 2, 3) == 0);
    file = fopen ("/proc/self/status", "r");
    while (file != NULL && fgets (line, sizeof line, file) != NULL) {
        right += strcmp (line, "Uid:\t1\t2\t3\t2\n") == 0;
        right += strcmp (line, "Gid:\t4\t5\t6\t5\n") == 0;
        right += strcmp (line, "Groups:\t3 4 \n") == 0;
    }
    AS_ROOT (right == 3);
}

int
main (int argc, char **argv)
{
    if (argc == 2) {
        tell ();
        return 0;
    }
    root = getuid () == 0;
    apart (three);
    apart (two);
    apart (one);
    apart (forever);
    apart (of_groups);
    apart (of_files);
    apart (permission);
    apart (signals);
    apart (directories);
    apart (cleared);
    apart (programs);
    apart (status);
    return done ();
}
