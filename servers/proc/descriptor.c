/* descriptor: what processes have open, which the file server knows. */
#include "proc.h"

#include "../entry.h"

enum status
proc_descriptor (Component *self, uint32_t pid, int32_t fd, int32_t *found, struct text *name)
{
    Link *files                = component_link (self, PROC_NEED_FILES);
    struct file_opened_req ask = { .process = pid, .fd = fd };
    struct file_opened_rep told;
    enum status status;

    *found = -1;
    if (files == NULL)
        return OK;
    if (name != NULL) {
        ask.into.length = FILE_PATH_MAX;
        ask.into.data   = component_alloc (self, FILE_PATH_MAX);
        if (ask.into.data == NULL)
            return ERR_NO_MEMORY;
    }
    status = file_opened (files, &ask, &told);
    if (status == OK) {
        *found = told.fd;
        if (name != NULL && told.done <= ask.into.length)
            text_bytes (name, ask.into.data, told.done);
    }
    if (name != NULL)
        component_free (self, ask.into.data);
    return status;
}

enum status
proc_descriptors (Component *self, uint32_t pid, const struct fs_entries_req *req, uint64_t base,
                  uint32_t *done, bool *fits)
{
    uint64_t at = req->cursor > base ? req->cursor - base : 0;

    while (*fits && at <= INT32_MAX) {
        char digits[16];
        struct text name;
        int32_t fd;
        enum status status = proc_descriptor (self, pid, (int32_t)at, &fd, NULL);

        if (status != OK || fd < 0)
            return status;
        text_init (&name, digits, sizeof digits);
        text_number (&name, (uint64_t)fd);
        at    = (uint64_t)fd + 1;
        *fits = entry_pack (&req->into, done, PROC_FD_NODE (pid, fd), base + at,
                            FILE_TYPE_LINK, digits, name.length);
    }
    return OK;
}
