#include "personalities/descriptor.h"

#include "interfaces/interfaces.h"
#include "nucleus/nucleus.h"

bool
descriptor_is_seekable (const struct task *task, int32_t fd)
{
    struct file_seek_req request
        = { .process = task->pid, .fd = fd, .whence = SEEK_FROM_CURRENT };
    struct file_seek_rep reply;

    return file_seek (nucleus_link (INTERFACE_file), &request, &reply) == OK;
}
