/* fs_calls: the operations of fs as plain functions, for the suites of file systems.
 * Numbers of bytes are done, or -status. A reply is only looked at when the answer was OK.
 */
#ifndef TESTS_SUITES_FS_CALLS_H
#define TESTS_SUITES_FS_CALLS_H

#include "probe.h"

#include <string.h>

static inline enum status
mount (struct probe *probe, bool read_only, uint64_t *root)
{
    struct fs_mount_req req = { .read_only = read_only };
    struct fs_mount_rep rep = { .root = *root };
    enum status status = fs_mount (probe->subject, &req, &rep);

    *root = rep.root;
    return status;
}

static inline enum status
unmount (struct probe *probe)
{
    struct fs_unmount_req req = {};
    struct fs_unmount_rep rep;

    return fs_unmount (probe->subject, &req, &rep);
}

static inline enum status
lookup (struct probe *probe, uint64_t dir, const char *name, struct file_attr *attr)
{
    struct fs_lookup_req req = { .dir = dir, .from = TEXT (name) };
    struct fs_lookup_rep rep = { .attr = *attr };
    enum status status = fs_lookup (probe->subject, &req, &rep);

    *attr = rep.attr;
    return status;
}

static inline enum status
parent (struct probe *probe, uint64_t dir, struct file_attr *attr)
{
    struct fs_parent_req req = { .dir = dir };
    struct fs_parent_rep rep = { .attr = *attr };
    enum status status = fs_parent (probe->subject, &req, &rep);

    *attr = rep.attr;
    return status;
}

static inline enum status
create (struct probe *probe, uint64_t dir, uint32_t type, const char *name,
        struct file_attr *attr)
{
    struct fs_create_req req = {
        .dir = dir, .type = type, .mode = 0640, .uid = 5, .gid = 6, .from = TEXT (name)
    };
    struct fs_create_rep rep = { .attr = *attr };
    enum status status = fs_create (probe->subject, &req, &rep);

    *attr = rep.attr;
    return status;
}

/* Two texts, one behind the other, at most 512 bytes. */
static inline grant
both (char *room, const char *first, const char *second)
{
    memcpy (room, first, strlen (first));
    memcpy (room + strlen (first), second, strlen (second));
    return WINDOW (room, (uint32_t)(strlen (first) + strlen (second)));
}

static inline enum status
make_symlink (struct probe *probe, uint64_t dir, const char *name, const char *contents)
{
    char room[512];
    struct fs_symlink_req req = { .dir = dir,
                                  .name_bytes = (uint32_t)strlen (name),
                                  .from = both (room, name, contents) };
    struct fs_symlink_rep rep;

    return fs_symlink (probe->subject, &req, &rep);
}

static inline enum status
make_link (struct probe *probe, uint64_t dir, const char *name, uint64_t node)
{
    struct fs_link_req req = { .dir = dir, .node = node, .from = TEXT (name) };
    struct fs_link_rep rep;

    return fs_link (probe->subject, &req, &rep);
}

static inline enum status
unlink_name (struct probe *probe, uint64_t dir, const char *name, bool directory)
{
    struct fs_remove_req req = { .dir = dir, .directory = directory, .from = TEXT (name) };
    struct fs_remove_rep rep;

    return fs_remove (probe->subject, &req, &rep);
}

static inline enum status
rename_how (struct probe *probe, uint64_t dir, const char *name, uint64_t new_dir,
            const char *new_name, uint32_t how)
{
    char room[512];
    struct fs_rename_req req = { .dir = dir,
                                 .new_dir = new_dir,
                                 .name_bytes = (uint32_t)strlen (name),
                                 .how = how,
                                 .from = both (room, name, new_name) };
    struct fs_rename_rep rep;

    return fs_rename (probe->subject, &req, &rep);
}

static inline enum status
rename_to (struct probe *probe, uint64_t dir, const char *name, uint64_t new_dir,
           const char *new_name)
{
    return rename_how (probe, dir, name, new_dir, new_name, RENAME_OVER);
}

static inline enum status
allocate (struct probe *probe, uint64_t node, uint64_t offset, uint64_t bytes, bool keep_size)
{
    struct fs_allocate_req req
        = { .node = node, .offset = offset, .bytes = bytes, .keep_size = keep_size };
    struct fs_allocate_rep rep;

    return fs_allocate (probe->subject, &req, &rep);
}

static inline enum status
release (struct probe *probe, uint64_t node, uint32_t holds)
{
    struct fs_release_req req = { .node = node, .holds = holds };
    struct fs_release_rep rep;

    return fs_release (probe->subject, &req, &rep);
}

static inline enum status
stat_node (struct probe *probe, uint64_t node, struct file_attr *attr)
{
    struct fs_stat_req req = { .node = node };
    struct fs_stat_rep rep = { .attr = *attr };
    enum status status = fs_stat (probe->subject, &req, &rep);

    *attr = rep.attr;
    return status;
}

static inline enum status
setattr (struct probe *probe, uint64_t node, uint32_t mask, const struct file_attr *attr)
{
    struct fs_setattr_req req = { .node = node, .mask = mask, .attr = *attr };
    struct fs_setattr_rep rep;

    return fs_setattr (probe->subject, &req, &rep);
}

static inline enum status
truncate_to (struct probe *probe, uint64_t node, uint64_t size)
{
    struct file_attr attr = { .size = size };

    return setattr (probe, node, ATTR_SIZE, &attr);
}

static inline int64_t
read_at (struct probe *probe, uint64_t node, uint64_t offset, void *into, uint32_t length)
{
    struct fs_read_req req
        = { .node = node, .offset = offset, .into = WINDOW (into, length) };
    struct fs_read_rep rep = { .done = 0 };
    enum status status = fs_read (probe->subject, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

static inline int64_t
write_at (struct probe *probe, uint64_t node, uint64_t offset, const void *from,
          uint32_t length)
{
    struct fs_write_req req = { .node = node,
                                .offset = offset,
                                .from = WINDOW ((void *)(uintptr_t)from, length) };
    struct fs_write_rep rep = { .done = 0 };
    enum status status = fs_write (probe->subject, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

static inline int64_t
read_link (struct probe *probe, uint64_t node, void *into, uint32_t length)
{
    struct fs_readlink_req req = { .node = node, .into = WINDOW (into, length) };
    struct fs_readlink_rep rep = { .done = 0 };
    enum status status = fs_readlink (probe->subject, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

/* Counts the entries of a directory, read through a window of so many bytes; of those with
 * this name how many there are, in *found. A negative number is -status. */
static inline int64_t
count_entries (struct probe *probe, uint64_t dir, uint32_t window, const char *name,
               unsigned *found)
{
    char bytes[1024];
    struct fs_entries_req req = { .dir = dir, .into = WINDOW (bytes, window) };
    struct fs_entries_rep rep;
    int64_t count = 0;

    *found = 0;
    for (;;) {
        enum status status;

        memset (bytes, 0xee, sizeof bytes);
        status = fs_entries (probe->subject, &req, &rep);
        if (status != OK)
            return -(int64_t)status;
        if (rep.done < sizeof bytes && (uint8_t)bytes[rep.done] != 0xee)
            return -1001;
        if (rep.done == 0)
            return count;
        for (uint32_t at = 0; at < rep.done;) {
            struct file_entry entry;

            memcpy (&entry, bytes + at, sizeof entry);
            if (entry.entry_bytes < sizeof entry + entry.name_bytes
                || entry.entry_bytes % 8 != 0 || entry.entry_bytes > rep.done - at)
                return -1000;
            *found += entry.name_bytes == strlen (name)
                      && memcmp (bytes + at + sizeof entry, name, entry.name_bytes) == 0;
            req.cursor = entry.next;
            at += entry.entry_bytes;
            count++;
        }
    }
}

#endif
