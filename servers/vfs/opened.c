/* opened: what a process has open, as others see it: the names in /proc/PID/fd.
 *
 * An open file remembers the directory where it was found, not its name: that is looked up when
 * somebody asks, so a file that was renamed there has its new one.
 */
#include <string.h>

#include "servers/text.h"
#include "vfs.h"

static void
vfs_opened_pipe_name (const struct open_file *file, struct text *text)
{
    static const char *const counters[]
        = { "anon_inode:[eventfd]", "anon_inode:[eventfd]", "anon_inode:[timerfd]" };

    if (file->set || (file->pipe != NULL && vfs_pipe_counts (file->pipe))) {
        text_append (text, file->set ? "anon_inode:[eventpoll]"
                                     : counters[file->pipe->type - PIPE_COUNTER]);
        return;
    }
    text_append (text, file->socket != 0 ? "socket:[" : "pipe:[");
    text_number (text, file->number);
    text_char (text, ']');
}

/* The path of a directory, without a slash at its end. Blocks. */
static enum status
vfs_opened_directory (Component *self, struct vnode *dir, struct text *text)
{
    char *buffer = component_alloc (self, FILE_PATH_MAX);
    char *path;
    uint32_t bytes;
    enum status status;

    if (buffer == NULL)
        return ERR_NO_MEMORY;
    status = vfs_path_of (self, dir->was_in != NULL ? dir->was_in : dir, buffer, FILE_PATH_MAX,
                          &path, &bytes);
    if (status == OK && !(bytes == 1 && path[0] == '/'))
        text_bytes (text, path, bytes);
    if (status == OK && dir->was_in != NULL)
        text_append (text, "/ (deleted)");
    if (status == ERR_NOT_FOUND) { /* what it was in has none either */
        text_append (text, "/ (deleted)");
        status = OK;
    }
    component_free (self, buffer);
    return status;
}

/* Blocks. */
static enum status
vfs_opened_name (Component *self, const struct open_file *file, struct text *text)
{
    struct vnode *dir     = file->dir;
    const struct vnode *at = file->vnode;
    char name[FILE_NAME_MAX];
    uint32_t name_bytes;
    enum status status = ERR_NOT_FOUND;

    if (at->type == FILE_TYPE_DIRECTORY) {
        status = vfs_opened_directory (self, file->vnode, text);
        if (status == OK && text->length == 0)
            text_char (text, '/');
        return status;
    }
    if (dir != NULL)
        status = vfs_opened_directory (self, dir, text);
    if (status == OK)
        status = vfs_path_name (self, dir, at->number, name, &name_bytes);
    if (status == OK) {
        text_char (text, '/');
        text_bytes (text, name, name_bytes);
    } else if (status == ERR_NOT_FOUND) {
        text_append (text, "/ (deleted)");
        status = OK;
    }
    return status;
}

VFS_HANDLER (opened)
{
    struct process *process = vfs_process_find (self, req->process);
    struct open_file *file  = NULL;
    struct vnode *cwd       = NULL;
    enum status status      = OK;
    struct text text;

    (void)call;
    component_charge (self, 200);
    if (process == NULL)
        return ERR_NO_PROCESS;
    text_init (&text, req->into.data, req->into.length);
    rep->fd = -1;
    if (req->fd < 0)
        cwd = vfs_vnode_ref (process->cwd);
    for (uint32_t fd = (uint32_t)req->fd; cwd == NULL && fd < process->descriptor_room; fd++)
        if (process->descriptors[fd].file != NULL) {
            file    = vfs_file_ref (process->descriptors[fd].file);
            rep->fd = (int32_t)fd;
            break;
        }
    if (cwd != NULL)
        status = vfs_opened_directory (self, cwd, &text);
    else if (file != NULL && req->into.length > 0 && file->vnode != NULL)
        status = vfs_opened_name (self, file, &text);
    else if (file != NULL && req->into.length > 0)
        vfs_opened_pipe_name (file, &text);
    if (cwd != NULL && status == OK && text.length == 0)
        text_char (&text, '/');
    rep->done = (uint32_t)text.length;
    vfs_vnode_put (self, cwd);
    vfs_file_put (self, file);
    return status;
}

/* ---- a pipe or socket, by such a name ---- */

static const struct open_file *
vfs_opened_find (const struct process *process, uint64_t number)
{
    for (uint32_t fd = 0; fd < process->descriptor_room; fd++) {
        const struct open_file *file = process->descriptors[fd].file;

        if (file != NULL && file->number == number)
            return file;
    }
    return NULL;
}

const struct open_file *
vfs_opened_file (Component *self, const struct actor *actor, uint64_t number)
{
    const struct vfs *vfs        = component_state (self);
    const struct open_file *file = NULL;

    for (uint32_t i = 0; file == NULL && i < vfs->process_buckets; i++)
        for (struct process *at = vfs->processes[i]; file == NULL && at != NULL; at = at->next)
            if (actor->uid == 0 || actor->uid == at->uid)
                file = vfs_opened_find (at, number);
    return file;
}

enum status
vfs_opened_pipe (Component *self, const struct actor *actor, uint64_t number, uint32_t flags,
                 struct open_file *file)
{
    const struct open_file *known = vfs_opened_file (self, actor, number);

    if (known == NULL)
        return ERR_NOT_FOUND;
    if (known->socket != 0)
        return ERR_NO_DEVICE;
    file->pipe   = known->pipe;
    file->number = known->number;
    file->maker  = known->maker;
    file->pipe->readers += (flags & OPEN_READ) != 0;
    file->pipe->writers += (flags & OPEN_WRITE) != 0;
    return OK;
}
