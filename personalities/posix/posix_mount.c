/* posix_mount: the calls about file systems. */
#include <string.h>

#include "personalities/posix/posix_file.h"

int64_t
posix_call_mount (struct task *task, const uint64_t *a)
{
    char words[2 * FILE_PATH_MAX + 64];
    grant type;

    CALL_BEGIN (mount)
    if ((bad = posix_two_paths (task, a, words, &request.from)) != 0
        || (bad = posix_path (task, a[2], &type)) != 0)
        return bad;
    if (type.length >= 16)
        return -ENODEV;
    words[request.from.length] = '\0';
    memcpy (words + request.from.length + 1, type.data, type.length);
    words[request.from.length + 1 + type.length] = '\0';
    request.from.length += type.length + 2;
    request.read_only = a[3] != 0;
    bad               = CALL_DO (mount);
    return bad == -ENXIO ? -ENODEV : bad;
}

int64_t
posix_call_umount (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (unmount)
    CALL_PATH (0)
    return CALL_DO (unmount);
}

int64_t
posix_call_sync (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (sync)
    (void)a;
    (void)bad;
    request.fd = -1;
    return CALL_DO (sync);
}
