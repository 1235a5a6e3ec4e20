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
make_node (const char *path, enum file_type type, uint32_t mode)
{
    struct file_make_req make = { .process = KERNEL_PROCESS,
                                  .type    = type,
                                  .mode    = mode,
                                  .from    = path_grant (path) };
    struct file_make_rep made;

    return file_make (FILES, &make, &made);
}

/* first\0second, as links are asked for. */
static enum status
both_paths (const struct archive_entry *entry, uint64_t bytes, char *both, uint32_t room,
            grant *from)
{
    size_t length = strlen (archive_path (entry));

    if (bytes + 1 + length > room)
        return ERR_NAME_TOO_LONG;
    memcpy (both, archive_bytes (entry), bytes);
    both[bytes] = '\0';
    memcpy (both + bytes + 1, archive_path (entry), length);
    *from = (grant){ .data = both, .length = (uint32_t)(bytes + 1 + length) };
    return OK;
}

static enum status
make_link (const struct archive_entry *entry)
{
    struct file_symlink_req make = { .process = KERNEL_PROCESS };
    struct file_symlink_rep made;
    char both[2048];
    enum status status = both_paths (entry, entry->bytes, both, sizeof both, &make.from);

    return status == OK ? file_symlink (FILES, &make, &made) : status;
}

static enum status
make_hard_link (const struct archive_entry *entry)
{
    struct file_link_req make = { .process = KERNEL_PROCESS };
    struct file_link_rep made;
    char both[2048];
    enum status status = both_paths (entry, strnlen ((const char *)archive_bytes (entry), entry->bytes),
                                     both, sizeof both, &make.from);

    return status == OK ? file_link (FILES, &make, &made) : status;
}

static enum status
make_file (const struct archive_entry *entry)
{
    const uint8_t *bytes        = archive_bytes (entry);
    struct file_open_req open   = { .process = KERNEL_PROCESS,
                                    .flags = OPEN_WRITE | OPEN_CREATE | OPEN_EXCLUSIVE | OPEN_CLOEXEC,
                                    .mode = entry->meta.mode,
                                    .from = path_grant (archive_path (entry)) };
    struct file_open_rep opened;
    struct file_close_req close = { .process = KERNEL_PROCESS };
    struct file_close_rep closed;
    enum status status          = file_open (FILES, &open, &opened);

    if (status != OK)
        return status;
    for (uint64_t at = 0; at < entry->bytes && status == OK;) {
        uint64_t left = entry->bytes - at;
        struct file_write_req write
            = { .process = KERNEL_PROCESS,
                .fd      = opened.fd,
                .offset  = -1,
                .from    = { .data   = (void *)(uintptr_t)(bytes + at),
                             .length = left < GRANT_MAX ? (uint32_t)left : GRANT_MAX } };
        struct file_write_rep written;

        status = file_write (FILES, &write, &written);
        if (status == OK)
            at += written.done;
    }
    close.fd = opened.fd;
    file_close (FILES, &close, &closed);
    return status;
}

static enum status
make (const struct archive_entry *entry)
{
    switch (entry->kind) {
    case ARCHIVE_DIRECTORY:
        return make_node (archive_path (entry), FILE_TYPE_DIRECTORY, entry->meta.mode);
    case ARCHIVE_LINK:
        return make_link (entry);
    case ARCHIVE_HARD_LINK:
        return make_hard_link (entry);
    case ARCHIVE_PIPE:
        return make_node (archive_path (entry), FILE_TYPE_PIPE, entry->meta.mode);
    default:
        return make_file (entry);
    }
}

/* What comes later takes the place of what is there, as with tar, unless it is weak; a directory
 * stays, and so does what leads to one. */
static enum status
make_anew (const struct archive_entry *entry)
{
    struct file_remove_req remove = { .process = KERNEL_PROCESS,
                                      .from    = path_grant (archive_path (entry)) };
    struct file_remove_rep removed;
    enum status status = make (entry);

    if (status != ERR_EXISTS)
        return status;
    if ((entry->meta.flags & ARCHIVE_WEAK) != 0
        || (entry->kind == ARCHIVE_DIRECTORY && (entry->meta.flags & ARCHIVE_INSTEAD) == 0))
        return OK;
    status = file_remove (FILES, &remove, &removed);
    return status == OK ? make (entry) : status;
}

/* What writing to a file or into a directory would change again comes when all are there. Of one path
 * the last entry says what is there. */
static enum status
dress (const struct archive_entry *entry)
{
    struct file_setattr_req set
        = { .process   = KERNEL_PROCESS,
            .fd        = -1,
            .mask      = ATTR_UID | ATTR_GID | ATTR_MTIME,
            .no_follow = 1,
            .attr      = { .mode  = entry->meta.mode,
                           .uid   = entry->meta.uid,
                           .gid   = entry->meta.gid,
                           .mtime = entry->meta.mtime },
            .from      = path_grant (archive_path (entry)) };
    struct file_setattr_rep done;

    if ((entry->meta.flags & ARCHIVE_KEPT) == 0 || (entry->meta.flags & ARCHIVE_REPLACED) != 0)
        return OK;
    if (entry->kind != ARCHIVE_LINK)
        set.mask |= ATTR_MODE;
    return file_setattr (FILES, &set, &done);
}

/* The file system at the longest part of the path that is there. */
static bool
space_at (const char *path, struct file_statfs_rep *space)
{
    struct file_statfs_req ask = { .process = KERNEL_PROCESS, .fd = -1, .from = path_grant (path) };

    while (file_statfs (FILES, &ask, space) != OK) {
        if (ask.from.length <= 1)
            return false;
        while (ask.from.length > 1 && path[--ask.from.length] != '/')
            ;
    }
    return true;
}

/* Where the machine has files of its own and keeps no others, as in /dev and /proc. */
static bool
is_machines_own (const char *path)
{
    struct file_statfs_rep space;

    return space_at (path, &space) && space.blocks == 0;
}

/* What a root brings for such places stays outside. */
static enum status
for_all (enum status (*what) (const struct archive_entry *entry), const char **path)
{
    const uint8_t *archive = (const uint8_t *)ADDRESS_ARCHIVE;
    enum status status     = OK;

    for (uint64_t at = 0; at < PLAN->archive_bytes && status == OK;) {
        const struct archive_entry *entry = archive_next (archive, PLAN->archive_bytes, &at);

        if (entry == NULL)
            return ERR_INVALID;
        *path  = archive_path (entry);
        status = what (entry);
        if (status != OK && (entry->meta.flags & ARCHIVE_KEPT) != 0 && is_machines_own (*path))
            status = OK;
    }
    return status;
}

enum status
archive_unpack (const char **path)
{
    enum status status = for_all (make_anew, path);

    return status == OK ? for_all (dress, path) : status;
}

void
archive_remedy (struct text *text, const char *path)
{
    struct file_statfs_rep space;

    if (!space_at (path, &space))
        return;
    text_append (text, "; the ");
    text_append (text, space.type);
    text_append (text, " there holds ");
    text_number (text, space.blocks * space.block_bytes / 1024);
    text_append (text, strcmp (space.type, "tmpfs") == 0
                           ? "K: write a larger \"size\" and \"arena\" in its section of the machine file"
                           : "K: make its image larger");
}
