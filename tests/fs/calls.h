/* calls: the fs operations as plain functions. Numbers of bytes are done, or -status. */
#ifndef TESTS_FS_CALLS_H
#define TESTS_FS_CALLS_H

#include <stdbool.h>
#include <string.h>

#include "suite.h"

#define SUITE_NAME(text) { .data = (void *)(text), .length = (uint32_t)strlen (text) }

static inline uint64_t
suite_mount (Link *fs)
{
    struct fs_mount_req req = { 0 };
    struct fs_mount_rep rep;

    assert_int_equal (fs_mount (fs, &req, &rep), OK);
    return rep.root;
}

static inline enum status
suite_unmount (Link *fs)
{
    struct fs_unmount_req req = {};
    struct fs_unmount_rep rep;

    return fs_unmount (fs, &req, &rep);
}

static inline enum status
suite_lookup (Link *fs, uint64_t dir, const char *name, struct file_attr *attr)
{
    struct fs_lookup_req req = { .dir = dir, .from = SUITE_NAME (name) };
    struct fs_lookup_rep rep;
    enum status status = fs_lookup (fs, &req, &rep);

    *attr = status == OK ? rep.attr : (struct file_attr){ 0 };
    return status;
}

static inline enum status
suite_parent (Link *fs, uint64_t dir, struct file_attr *attr)
{
    struct fs_parent_req req = { .dir = dir };
    struct fs_parent_rep rep;
    enum status status = fs_parent (fs, &req, &rep);

    *attr = status == OK ? rep.attr : (struct file_attr){ 0 };
    return status;
}

static inline enum status
suite_create (Link *fs, uint64_t dir, uint32_t type, const char *name, struct file_attr *attr)
{
    struct fs_create_req req = { .dir = dir, .type = type, .mode = 0644, .uid = 5, .gid = 6,
                                 .from = SUITE_NAME (name) };
    struct fs_create_rep rep;
    enum status status = fs_create (fs, &req, &rep);

    *attr = status == OK ? rep.attr : (struct file_attr){ 0 };
    return status;
}

static inline enum status
suite_symlink (Link *fs, uint64_t dir, const char *name, const char *contents)
{
    char both[8192];
    struct fs_symlink_req req = { .dir = dir, .name_bytes = (uint32_t)strlen (name),
                                  .from = { .data = both } };
    struct fs_symlink_rep rep;

    strcat (strcpy (both, name), contents);
    req.from.length = (uint32_t)strlen (both);
    return fs_symlink (fs, &req, &rep);
}

static inline enum status
suite_link (Link *fs, uint64_t dir, const char *name, uint64_t node)
{
    struct fs_link_req req = { .dir = dir, .node = node, .from = SUITE_NAME (name) };
    struct fs_link_rep rep;

    return fs_link (fs, &req, &rep);
}

static inline enum status
suite_remove (Link *fs, uint64_t dir, const char *name, bool directory)
{
    struct fs_remove_req req = { .dir = dir, .directory = directory,
                                 .from = SUITE_NAME (name) };
    struct fs_remove_rep rep;

    return fs_remove (fs, &req, &rep);
}

static inline enum status
suite_rename (Link *fs, uint64_t dir, const char *name, uint64_t new_dir, const char *new_name)
{
    char both[1024];
    struct fs_rename_req req = { .dir = dir, .new_dir = new_dir,
                                 .name_bytes = (uint32_t)strlen (name),
                                 .from = { .data = both } };
    struct fs_rename_rep rep;

    strcat (strcpy (both, name), new_name);
    req.from.length = (uint32_t)strlen (both);
    return fs_rename (fs, &req, &rep);
}

static inline enum status
suite_release (Link *fs, uint64_t node, uint32_t holds)
{
    struct fs_release_req req = { .node = node, .holds = holds };
    struct fs_release_rep rep;

    return fs_release (fs, &req, &rep);
}

static inline enum status
suite_stat (Link *fs, uint64_t node, struct file_attr *attr)
{
    struct fs_stat_req req = { .node = node };
    struct fs_stat_rep rep;
    enum status status = fs_stat (fs, &req, &rep);

    *attr = status == OK ? rep.attr : (struct file_attr){ 0 };
    return status;
}

static inline enum status
suite_truncate (Link *fs, uint64_t node, uint64_t size)
{
    struct fs_setattr_req req = { .node = node, .mask = ATTR_SIZE, .attr = { .size = size } };
    struct fs_setattr_rep rep;

    return fs_setattr (fs, &req, &rep);
}

static inline int64_t
suite_read (Link *fs, uint64_t node, uint64_t offset, void *into, uint32_t bytes)
{
    struct fs_read_req req = { .node = node, .offset = offset,
                               .into = { .data = into, .length = bytes } };
    struct fs_read_rep rep;
    enum status status = fs_read (fs, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

static inline int64_t
suite_write (Link *fs, uint64_t node, uint64_t offset, const void *from, uint32_t bytes)
{
    struct fs_write_req req = { .node = node, .offset = offset,
                                .from = { .data = (void *)from, .length = bytes } };
    struct fs_write_rep rep;
    enum status status = fs_write (fs, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

static inline int64_t
suite_readlink (Link *fs, uint64_t node, void *into, uint32_t bytes)
{
    struct fs_readlink_req req = { .node = node, .into = { .data = into, .length = bytes } };
    struct fs_readlink_rep rep;
    enum status status = fs_readlink (fs, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

#endif
