/* posix_file: how the calls about files ask the file server. */
#ifndef PERSONALITIES_POSIX_POSIX_FILE_H
#define PERSONALITIES_POSIX_POSIX_FILE_H

#include <errno.h>

#include "personalities/posix/posix.h"

#define FILES nucleus_link (INTERFACE_file)

#define CALL_BEGIN(operation)                                                             \
    struct file_##operation##_req request = { .process = task->pid };                     \
    struct file_##operation##_rep reply;                                                  \
    int64_t bad = 0;

#define CALL_PATH(number)                                              \
    if ((bad = posix_path (task, a[number], &request.from)) != 0)      \
        return bad;

#define CALL_DO(operation) posix_result (file_##operation (FILES, &request, &reply))

/* Two strings of a program as one grant: `first\0second` in `buffer`. 0, or -errno. */
int64_t posix_two_paths (struct task *task, const uint64_t *a, char buffer[2 * FILE_PATH_MAX],
                         grant *both);

#endif
