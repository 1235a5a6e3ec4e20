/* link: what the symbolic links of proc say. */
#include <string.h>

#include "proc.h"

/* A program that was started by a symbolic link is the file that this leads to. */
#define PROC_LINKS_MAX 8u

static void
proc_resolve (Component *self, char *path, uint32_t room)
{
    Link *files                  = component_link (self, PROC_NEED_FILES);
    struct file_readlink_req ask = { .into = { .length = FILE_PATH_MAX } };
    struct file_readlink_rep told;
    uint32_t length = (uint32_t)strlen (path);

    ask.into.data = files != NULL ? component_alloc (self, FILE_PATH_MAX) : NULL;
    for (unsigned i = 0; i < PROC_LINKS_MAX && ask.into.data != NULL; i++) {
        uint32_t at = 0;

        ask.from = (grant){ .data = path, .length = length };
        if (file_readlink (files, &ask, &told) != OK || told.done == 0)
            break;
        if (*(const char *)ask.into.data != '/') /* it stays in the link's directory */
            for (at = length; at > 0 && path[at - 1] != '/'; at--)
                ;
        if (at + told.done >= room)
            break;
        memcpy (path + at, ask.into.data, told.done);
        length       = at + told.done;
        path[length] = '\0';
    }
    if (ask.into.data != NULL)
        component_free (self, ask.into.data);
}

/* The file of its program. */
static enum status
proc_program (Component *self, uint64_t node, struct text *text)
{
    char *path = component_alloc (self, FILE_PATH_MAX + 1);
    struct text written;
    enum status status = ERR_NO_MEMORY;

    if (path == NULL)
        return status;
    text_init (&written, path, FILE_PATH_MAX);
    status = proc_content (self, node, &written);
    if (status == OK && written.length > 0) {
        path[written.length] = '\0';
        proc_resolve (self, path, FILE_PATH_MAX + 1);
        text_append (text, path);
    }
    component_free (self, path);
    return status;
}

enum status
proc_link_text (Component *self, uint64_t node, uint32_t asks, struct text *text)
{
    uint32_t pid = PROC_PID (node);
    int32_t fd   = (int32_t)PROC_FD_OF (node), found;

    switch (PROC_WHAT (node)) {
    case PROC_SELF:
        if (asks != 0)
            text_number (text, asks);
        return OK;
    case PROC_ROOT_OF:
        text_char (text, '/');
        return OK;
    case PROC_CWD:
        return proc_descriptor (self, pid, -1, &found, text);
    case PROC_FD_LINK:
        if (proc_descriptor (self, pid, fd, &found, NULL) == OK && found == fd)
            return proc_descriptor (self, pid, fd, &found, text);
        return OK;
    default:
        return proc_program (self, node, text);
    }
}
