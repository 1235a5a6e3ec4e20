/* sh_redirect: redirections, for children and for the shell itself.
 *
 * The shell opens files itself, so that it can tell a missing file from a missing program.
 * Its own descriptors live from SH_PRIVATE_FD up, out of the way of those that scripts
 * name, and are closed in every child.
 */
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define HERE_MAX 4096 /* what a pipe surely holds without a reader */

int
sh_private_fd (Shell *sh, int fd)
{
    for (int bit = 0; bit < 64; bit++) {
        if (sh->private_fds >> bit & 1)
            continue;
        long moved = posix_dup2 (fd, SH_PRIVATE_FD + bit);
        posix_close (fd);
        if (moved < 0)
            return (int)moved;
        sh->private_fds |= 1ull << bit;
        return SH_PRIVATE_FD + bit;
    }
    posix_close (fd);
    return -EMFILE;
}

void
sh_close_private (Shell *sh, int fd)
{
    if (fd < SH_PRIVATE_FD || fd >= SH_PRIVATE_FD + 64)
        return;
    posix_close (fd);
    sh->private_fds &= ~(1ull << (fd - SH_PRIVATE_FD));
}

/* ---- planning ---- */

static int
redirect_here (const char *text)
{
    size_t length = strlen (text);
    int fds[2];

    if (length > HERE_MAX) {
        sh_error ("here-documents of more than %d bytes are not supported by this shell",
                  HERE_MAX);
        return -1;
    }
    long failed = posix_pipe (fds, 0);
    if (failed < 0) {
        sh_error ("cannot make a pipe: %s", lib_error_text (failed));
        return -1;
    }
    lib_write (fds[1], text, length);
    posix_close (fds[1]);
    return fds[0];
}

static int
redirect_open (const struct redirect *redirect, const char *path)
{
    int flags = 0;

    switch (redirect->kind) {
    case REDIRECT_READ:
        flags = O_RDONLY;
        break;
    case REDIRECT_WRITE:
        flags = O_WRONLY | O_CREAT | O_TRUNC;
        break;
    case REDIRECT_APPEND:
        flags = O_WRONLY | O_CREAT | O_APPEND;
        break;
    default:
        flags = O_RDWR | O_CREAT;
        break;
    }
    long fd = posix_open (path, flags, 0666);
    if (fd < 0)
        sh_error ("cannot %s %s: %s", flags & O_CREAT ? "create" : "open", path,
                  lib_error_text (fd));
    return (int)fd;
}

/* >&2, <&-. False: no such descriptor. */
static bool
redirect_dup (const struct redirect_plan *plan, const char *text,
              struct redirect_step *step)
{
    int64_t from;

    if (strcmp (text, "-") == 0) {
        step->from = -1;
        return true;
    }
    if (!lib_number (text, &from) || from < 0 || from >= SH_PRIVATE_FD) {
        sh_error ("%s: bad descriptor number", text);
        return false;
    }
    step->from = (int)from;
    for (int i = plan->count; i-- > 0;)
        if (plan->steps[i].fd == (int)from) {
            if (plan->steps[i].from >= 0)
                return true;
            break;
        }
    if (posix_fcntl_get ((int)from) >= 0)
        return true;
    sh_error ("%s: Bad file descriptor", text);
    return false;
}

bool
sh_redirect_plan (Shell *sh, struct pool *pool, const struct redirect *redirect,
                  struct redirect_plan *plan)
{
    plan->count = 0;
    for (; redirect != NULL; redirect = redirect->next) {
        struct redirect_step step = { .fd = redirect->fd, .saved = -1 };
        const char *text = redirect->raw;
        if (redirect->kind != REDIRECT_HERE)
            text = sh_expand_text (sh, pool, text);
        else if (!redirect->literal)
            text = sh_expand_here (sh, pool, text);
        if (sh->failed)
            break;
        if (plan->count == SH_REDIRECTS) {
            sh_error ("more than %d redirections are not supported by this shell",
                      SH_REDIRECTS);
            break;
        }
        if (redirect->kind == REDIRECT_DUP) {
            if (!redirect_dup (plan, text, &step))
                break;
        } else {
            int fd = redirect->kind == REDIRECT_HERE ? redirect_here (text)
                                                     : redirect_open (redirect, text);
            if (fd < 0)
                break;
            step.from = sh_private_fd (sh, fd);
            step.opened = true;
            if (step.from < 0) {
                sh_error ("%s: %s", text, lib_error_text (step.from));
                break;
            }
        }
        plan->steps[plan->count++] = step;
    }
    if (redirect == NULL)
        return true;
    sh_redirect_close (sh, plan);
    sh->status = 2;
    return false;
}

void
sh_redirect_close (Shell *sh, struct redirect_plan *plan)
{
    for (int i = 0; i < plan->count; i++)
        if (plan->steps[i].opened) {
            sh_close_private (sh, plan->steps[i].from);
            plan->steps[i].opened = false;
        }
}

/* ---- for a child ---- */

bool
sh_redirect_actions (const struct redirect_plan *plan, struct actions *actions)
{
    for (int i = 0; i < plan->count; i++) {
        const struct redirect_step *step = plan->steps + i;
        bool added = true;
        if (step->from >= 0)
            added = lib_actions_dup (actions, step->from, step->fd);
        else
            added = lib_actions_close (actions, step->fd);
        if (!added)
            return false;
    }
    return true;
}

/* ---- for the shell itself ---- */

bool
sh_redirect_apply (Shell *sh, struct redirect_plan *plan)
{
    for (int i = 0; i < plan->count; i++) {
        struct redirect_step *step = plan->steps + i;
        long copy = posix_dup (step->fd);
        if (copy >= 0)
            step->saved = sh_private_fd (sh, (int)copy);
        if (step->from < 0)
            posix_close (step->fd);
        else if (step->from != step->fd && posix_dup2 (step->from, step->fd) < 0) {
            sh_error ("%d: Bad file descriptor", step->from);
            plan->count = i + 1;
            sh_redirect_restore (sh, plan);
            return false;
        }
    }
    sh_redirect_close (sh, plan);
    return true;
}

void
sh_redirect_restore (Shell *sh, struct redirect_plan *plan)
{
    for (int i = plan->count; i-- > 0;) {
        struct redirect_step *step = plan->steps + i;
        if (step->saved < 0)
            posix_close (step->fd);
        else {
            posix_dup2 (step->saved, step->fd);
            sh_close_private (sh, step->saved);
        }
    }
    sh_redirect_close (sh, plan);
    plan->count = 0;
}

void
sh_redirect_keep (Shell *sh, struct redirect_plan *plan)
{
    for (int i = 0; i < plan->count; i++)
        sh_close_private (sh, plan->steps[i].saved);
    plan->count = 0;
}
