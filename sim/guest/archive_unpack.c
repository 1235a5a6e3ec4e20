/* archive_unpack: the kernel's half of archive. */
#include <string.h>

#include "guest/archive.h"
#include "interfaces/interfaces.h"
#include "nucleus/nucleus.h"

#define KERNEL_PROCESS 0u
#define FILES          nucleus_link (INTERFACE_file)

static grant
path_grant (const char *path)
{
    return (grant){ .data = (void *)(uintptr_t)path, .length = (uint32_t)strlen (path) };
}

static enum status
make_directory (const char *path, uint32_t mode)
{
    struct file_make_req make = { .process = KERNEL_PROCESS,
                                  .type    = FILE_TYPE_DIRECTORY,
                                  .mode    = mode,
                                  .from    = path_grant (path) };
    struct file_make_rep made;
    enum status status = file_make (FILES, &make, &made);

    return status == ERR_EXISTS ? OK : status;
}

static enum status
make_link (const char *path, const char *contents, uint64_t bytes)
{
    struct file_symlink_req make = { .process = KERNEL_PROCESS };
    struct file_symlink_rep made;
    char both[1024];
    size_t length = strlen (path);
    enum status status;

    if (bytes + 1 + length > sizeof both)
        return ERR_NAME_TOO_LONG;
    memcpy (both, contents, bytes);
    both[bytes] = '\0';
    memcpy (both + bytes + 1, path, length);
    make.from = (grant){ .data = both, .length = (uint32_t)(bytes + 1 + length) };
    status    = file_symlink (FILES, &make, &made);
    return status == ERR_EXISTS ? OK : status;
}

static enum status
make_file (const char *path, uint32_t mode, const uint8_t *bytes, uint64_t count)
{
    struct file_open_req open   = { .process = KERNEL_PROCESS,
                                    .flags = OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE | OPEN_CLOEXEC,
                                    .mode = mode,
                                    .from = path_grant (path) };
    struct file_open_rep opened;
    struct file_close_req close = { .process = KERNEL_PROCESS };
    struct file_close_rep closed;
    enum status status          = file_open (FILES, &open, &opened);

    if (status != OK)
        return status;
    for (uint64_t at = 0; at < count && status == OK;) {
        struct file_write_req write
            = { .process = KERNEL_PROCESS,
                .fd      = opened.fd,
                .offset  = -1,
                .from    = { .data   = (void *)(uintptr_t)(bytes + at),
                             .length = count - at < GRANT_MAX ? (uint32_t)(count - at)
                                                              : GRANT_MAX } };
        struct file_write_rep written;

        status = file_write (FILES, &write, &written);
        if (status == OK)
            at += written.done;
    }
    close.fd = opened.fd;
    file_close (FILES, &close, &closed);
    return status;
}

enum status
archive_unpack (const char **path)
{
    const uint8_t *at  = (const uint8_t *)ADDRESS_ARCHIVE;
    const uint8_t *end = at + PLAN->archive_bytes;
    enum status status = OK;

    while (at < end && status == OK) {
        const struct archive_entry *entry = (const void *)at;
        const uint8_t *bytes;

        *path = (const char *)(entry + 1);
        bytes = at + sizeof *entry + ((entry->path_bytes + 7u) & ~7u);
        at    = bytes + ((entry->bytes + 7) & ~7ull);
        if (entry->type == FILE_TYPE_DIRECTORY)
            status = make_directory (*path, entry->mode);
        else if (entry->type == FILE_TYPE_LINK)
            status = make_link (*path, (const char *)bytes, entry->bytes);
        else
            status = make_file (*path, entry->mode, bytes, entry->bytes);
    }
    return status;
}
