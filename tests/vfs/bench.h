/* bench: vfs over two tmpfs and a dev, with calls that read like POSIX.
 *
 *     /        tmpfs "root"
 *     /mnt     tmpfs "other"   (mounted by bench_start if asked)
 *     /dev     dev
 *
 * A call answers a number >= 0, or minus an enum status. Process 1 is root, with umask 022.
 */
#ifndef TESTS_VFS_BENCH_H
#define TESTS_VFS_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "../solo/solo.h"

extern const struct component_class vfs_class, tmpfs_class, dev_class, proc_class;

struct bench {
    Component *vfs, *root, *other, *dev, *disk;
    Link *files;
    unsigned char disk_bytes[8192];
};

extern struct bench bench;

/* A group's setup and teardown; the plain one mounts all three. */
int bench_setup (void **state);
int bench_teardown (void **state);
/* With that option `mounts` and that many descriptors. */
void bench_start (const char *mounts, const char *descriptors);

/* A child of process 1, with that identity. */
void bench_user (uint32_t pid, uint32_t uid, uint32_t gid);

int64_t b_open (uint32_t pid, const char *path, uint32_t flags, uint32_t mode);
int64_t b_close (uint32_t pid, int64_t fd);
int64_t b_read (uint32_t pid, int64_t fd, void *into, uint32_t bytes);
int64_t b_write (uint32_t pid, int64_t fd, const void *from, uint32_t bytes);
int64_t b_pread (uint32_t pid, int64_t fd, void *into, uint32_t bytes, int64_t offset);
int64_t b_pwrite (uint32_t pid, int64_t fd, const void *from, uint32_t bytes, int64_t offset);
int64_t b_seek (uint32_t pid, int64_t fd, int64_t offset, uint32_t whence);
int64_t b_dup (uint32_t pid, int64_t fd, int64_t to, int64_t least, bool cloexec);
int64_t b_pipe (uint32_t pid, uint32_t flags, int64_t fds[2]);
int64_t b_stat (uint32_t pid, const char *path, struct file_attr *attr);
int64_t b_lstat (uint32_t pid, const char *path, struct file_attr *attr);
int64_t b_fstat (uint32_t pid, int64_t fd, struct file_attr *attr);
int64_t b_access (uint32_t pid, const char *path, uint32_t mode);
int64_t b_mkdir (uint32_t pid, const char *path, uint32_t mode);
int64_t b_mknod (uint32_t pid, const char *path, uint32_t type, uint32_t device);
int64_t b_rmdir (uint32_t pid, const char *path);
int64_t b_unlink (uint32_t pid, const char *path);
int64_t b_link (uint32_t pid, const char *existing, const char *path);
int64_t b_symlink (uint32_t pid, const char *contents, const char *path);
int64_t b_rename (uint32_t pid, const char *from, const char *to);
int64_t b_readlink (uint32_t pid, const char *path, char *into, uint32_t bytes);
int64_t b_chmod (uint32_t pid, const char *path, uint32_t mode);
int64_t b_chown (uint32_t pid, const char *path, uint32_t uid, uint32_t gid);
int64_t b_truncate (uint32_t pid, const char *path, uint64_t size);
int64_t b_chdir (uint32_t pid, const char *path);
/* Into a buffer of its own, terminated; "" and a negative number on failure. */
const char *b_getcwd (uint32_t pid);
int64_t b_flags (uint32_t pid, int64_t fd, bool set, uint32_t flags);
int64_t b_mount (uint32_t pid, const char *source, const char *target, const char *type,
                 bool read_only);
int64_t b_unmount (uint32_t pid, const char *name);
const char *b_mounts (void);
int64_t b_clone (uint32_t parent, uint32_t child, const void *actions, uint32_t bytes,
                 uint32_t count);
int64_t b_release (uint32_t pid);
/* Names of a directory, sorted, each followed by a space; "." and ".." are left out. */
const char *b_list (uint32_t pid, const char *path);

/* A file made with those contents; the contents of a file, terminated. */
void b_put (const char *path, const char *text);
const char *b_get (const char *path);

#define assert_ok(call)           assert_int_equal (call, 0)
#define assert_status(call, name) assert_int_equal (call, -(int64_t)(name))

#endif
