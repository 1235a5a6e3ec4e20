/* linux_directory: directories and file systems. */
#define _GNU_SOURCE
#include <dirent.h>
#include <string.h>
#include <sys/vfs.h>

#include "personalities/linux/linux_file.h"

LINUX_FUNCTION (umount2)
{
    WITH_PATH (unmount, LINUX_HERE, a[0]);
    return bad;
}

#define ENTRIES_MAX 32768u

LINUX_FUNCTION (getdents64)
{
    struct file_entries_req request = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_entries_rep reply;
    uint32_t room = a[2] < ENTRIES_MAX ? (uint32_t)a[2] : ENTRIES_MAX, out = 0;
    uint8_t *buffer = linux_alloc (room + 1);
    int64_t bad;

    static const uint8_t types[] = {
        [FILE_TYPE_REGULAR] = DT_REG, [FILE_TYPE_DIRECTORY] = DT_DIR, [FILE_TYPE_LINK] = DT_LNK,
        [FILE_TYPE_CHARACTER] = DT_CHR, [FILE_TYPE_BLOCK] = DT_BLK, [FILE_TYPE_PIPE] = DT_FIFO,
        [FILE_TYPE_SOCKET] = DT_SOCK,
    };

    if (buffer == NULL)
        return -ENOMEM;
    request.into = (grant){ .data = buffer, .length = room };
    bad          = linux_result (file_entries (FILES, &request, &reply));
    /* Linux's entry of a name is never longer than ours: rewritten in place. */
    for (uint32_t at = 0; bad == 0 && at + sizeof (struct file_entry) <= reply.done;) {
        struct file_entry entry;
        uint16_t bytes;
        char name[FILE_NAME_MAX + 1];

        memcpy (&entry, buffer + at, sizeof entry);
        if (entry.entry_bytes < sizeof entry + entry.name_bytes)
            break;
        memcpy (name, buffer + at + sizeof entry, entry.name_bytes);
        name[entry.name_bytes] = '\0';
        at += entry.entry_bytes;
        bytes = (uint16_t)((19 + entry.name_bytes + 1 + 7) & ~7);
        if (out + bytes > at)
            break;
        memset (buffer + out, 0, bytes);
        memcpy (buffer + out, &entry.node, 8);
        memcpy (buffer + out + 8, &entry.next, 8);
        memcpy (buffer + out + 16, &bytes, 2);
        buffer[out + 18] = entry.type < sizeof types ? types[entry.type] : 0;
        memcpy (buffer + out + 19, name, entry.name_bytes + 1u);
        out += bytes;
    }
    if (bad == 0)
        bad = linux_put (task, a[1], buffer, out);
    linux_free (buffer);
    return bad != 0 ? bad : out;
}

LINUX_FUNCTION (getcwd)
{
    char text[FILE_PATH_MAX];
    struct file_getcwd_req request
        = { .process = task->pid, .into = { .data = text, .length = sizeof text - 1 } };
    struct file_getcwd_rep reply;
    int64_t bad = linux_result (file_getcwd (FILES, &request, &reply));

    if (bad != 0)
        return bad;
    text[reply.done] = '\0';
    if (reply.done + 1u > a[1])
        return -ERANGE;
    bad = linux_put (task, a[0], text, reply.done + 1u);
    return bad != 0 ? bad : reply.done + 1;
}

LINUX_FUNCTION (umask)
{
    struct file_umask_req request = { .process = task->pid, .mask = a[0] & 0777 };
    struct file_umask_rep reply;
    int64_t bad = linux_result (file_umask (FILES, &request, &reply));

    return bad != 0 ? bad : reply.mask;
}

static int64_t
put_statfs (struct task *task, const struct file_statfs_rep *reply, uint64_t address)
{
    struct statfs out = { 0 };

    out.f_type    = strncmp (reply->type, "ext2", 4) == 0 ? 0xef53 : 0x01021994;
    out.f_bsize   = reply->block_bytes;
    out.f_frsize  = reply->block_bytes;
    out.f_blocks  = reply->blocks;
    out.f_bfree   = reply->blocks_free;
    out.f_bavail  = reply->blocks_free;
    out.f_files   = reply->nodes;
    out.f_ffree   = reply->nodes_free;
    out.f_namelen = reply->name_max;
    return linux_put (task, address, &out, sizeof out);
}

LINUX_FUNCTION (statfs)
{
    WITH_PATH (statfs, LINUX_HERE, a[0], .fd = -1);

    return bad != 0 ? bad : put_statfs (task, &reply, a[1]);
}

LINUX_FUNCTION (fstatfs)
{
    struct file_statfs_req request = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_statfs_rep reply;
    int64_t bad = (int32_t)a[0] < 0 ? -EBADF : linux_result (file_statfs (FILES, &request, &reply));

    return bad != 0 ? bad : put_statfs (task, &reply, a[1]);
}

#define MOUNT_READ_ONLY 1u

LINUX_FUNCTION (mount)
{
    struct file_mount_req request = { .process = task->pid, .read_only = a[3] & MOUNT_READ_ONLY };
    struct file_mount_rep reply;
    char *text = linux_alloc (TWO_PATHS_ROOM);
    uint32_t at = 0, bytes;
    int64_t bad = text != NULL ? 0 : -ENOMEM;

    for (unsigned i = 0; bad == 0 && i < 3; i++) {
        uint64_t address = a[i];

        if (address == 0) {
            text[at++] = '\0';
            continue;
        }
        bad = linux_result (space_string (task->guest->space, address, text + at,
                                          TWO_PATHS_ROOM - at - 2, &bytes));
        at += bad == 0 ? bytes : 0;
    }
    if (bad == 0) {
        request.from = (grant){ .data = text, .length = at - 1 };
        bad          = linux_result (file_mount (FILES, &request, &reply));
    }
    linux_free (text);
    return bad;
}
