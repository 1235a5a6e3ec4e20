/* linux_file: what the files about files share. */
#ifndef LINUX_FILE_H
#define LINUX_FILE_H

#include "personalities/linux/linux.h"

#define FILES nucleus_link (INTERFACE_file)

/* O_* to OPEN_*. */
uint32_t linux_open_flags (uint64_t flags);

/* The flags of a descriptor, OPEN_*, after those of `set` have become as `flags` says; or -errno. */
int64_t linux_descriptor_flags (struct task *task, uint64_t fd, uint32_t set, uint32_t flags);
/* The same without changes, of what is open as more than a path: else -EBADF. */
int64_t linux_file_flags (struct task *task, uint64_t fd);

/* fcntl, when it is about locks. */
int64_t linux_record_lock (struct task *task, const uint64_t *a);

/* Room for two paths in one grant. */
#define TWO_PATHS_ROOM (2 * FILE_PATH_MAX)

/* Declares request, reply and bad, and makes the call with a path: for calls with no more to it. */
#define WITH_PATH(operation, dirfd, address, ...)                                            \
    struct file_##operation##_req request = { .process = task->pid, __VA_ARGS__ };           \
    struct file_##operation##_rep reply;                                                     \
    struct linux_path path;                                                                  \
    int64_t bad = linux_path_begin (task, (int64_t)(dirfd), address, 0, &path);              \
                                                                                             \
    if (bad != 0)                                                                            \
        return bad;                                                                          \
    request.from = path.grant;                                                               \
    bad          = linux_result (file_##operation (FILES, &request, &reply));                \
    linux_path_end (task, &path);                                                            \
    (void)reply

#endif
