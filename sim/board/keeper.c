#define _GNU_SOURCE
#include "board/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The file, and its folder if that is empty now. Who makes files there makes sure of the folder
 * with the same lock, so none is lost under his hands; what we have locked may have been taken away
 * already, and what is there now be another's. */
static void
take_away (const char *path)
{
    const char *slash = strrchr (path, '/');
    char folder[PATH_MAX];
    struct stat held, there;
    int lock;

    unlink (path);
    if (slash == NULL || slash == path || slash - path >= PATH_MAX)
        return;
    memcpy (folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    lock = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock >= 0 && flock (lock, LOCK_EX) == 0 && fstat (lock, &held) == 0
        && lstat (folder, &there) == 0 && held.st_dev == there.st_dev
        && held.st_ino == there.st_ino)
        rmdir (folder); /* which it refuses while there is something in it */
    if (lock >= 0)
        close (lock);
}

static _Noreturn void
keeper_live (int line, const char *path)
{
    char word;

    setsid ();
    prctl (PR_SET_NAME, "kh:keeper");
    while (read (line, &word, 1) < 0 && errno == EINTR)
        continue;
    take_away (path);
    _exit (0);
}

bool
keeper_new (struct keeper *keeper, const char *path)
{
    sigset_t all, before;
    int line[2];

    *keeper = (struct keeper){ .line = -1 };
    if (pipe2 (line, O_CLOEXEC) != 0)
        return false;
    /* Blocked from its first moment on: if we are killed then, our session is told to hang up. */
    sigfillset (&all);
    sigprocmask (SIG_BLOCK, &all, &before);
    keeper->process = fork ();
    if (keeper->process == 0) {
        close (line[1]);
        keeper_live (line[0], path);
    }
    sigprocmask (SIG_SETMASK, &before, NULL);
    close (line[0]);
    keeper->line = line[1];
    if (keeper->process > 0)
        return true;
    keeper->process = 0;
    close (line[1]);
    return false;
}

void
keeper_end (struct keeper *keeper, const char *path)
{
    int status = 0;

    if (keeper->process == 0)
        return;
    close (keeper->line);
    while (waitpid (keeper->process, &status, 0) < 0 && errno == EINTR)
        continue;
    keeper->process = 0;
    if (!WIFEXITED (status))
        take_away (path); /* it was killed before its work was done */
}
