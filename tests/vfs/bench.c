/* bench: see bench.h. */
#include <stdlib.h>

#include "bench.h"

struct bench bench;

#define FILE_CALL(name, ...)                                            \
    struct file_##name##_req req = { __VA_ARGS__ };                     \
    struct file_##name##_rep rep;                                       \
    memset (&rep, 0, sizeof rep);                                       \
    enum status status = file_##name (bench.files, &req, &rep)

#define PATH(text)          { .data = (void *)(text), .length = (uint32_t)strlen (text) }
#define WINDOW(data_, size) { .data = (void *)(data_), .length = (size) }
#define ANSWER(value)       return status == OK ? (int64_t)(value) : -(int64_t)status

void
bench_start (const char *mounts, const char *descriptors)
{
    solo_init ();
    memset (&bench, 0, sizeof bench);
    bench.root  = solo_add (&tmpfs_class, "root", "size", "32M", NULL);
    bench.other = solo_add (&tmpfs_class, "other", "size", "1M", NULL);
    bench.disk  = solo_disk ("blk", bench.disk_bytes, sizeof bench.disk_bytes);
    bench.dev   = solo_add (&dev_class, "dev", NULL);
    bench.vfs =
        solo_add (&vfs_class, "vfs", "mounts", mounts, "descriptors", descriptors, "directories", "",
                  NULL);
    solo_bind (bench.dev, "disks", bench.disk);
    solo_bind (bench.vfs, "fs", bench.root);
    solo_bind (bench.vfs, "fs", bench.other);
    solo_bind (bench.vfs, "fs", bench.dev);
    assert_int_equal (solo_start (bench.root), OK);
    assert_int_equal (solo_start (bench.other), OK);
    assert_int_equal (solo_start (bench.dev), OK);
    assert_int_equal (solo_start (bench.vfs), OK);
    bench.files = solo_link (bench.vfs, INTERFACE_file);
    assert_ok (b_clone (0, 1, NULL, 0, 0));
}

int
bench_setup (void **state)
{
    (void)state;
    bench_start ("/ root;/mnt other;/dev dev", "1024");
    return 0;
}

int
bench_teardown (void **state)
{
    (void)state;
    /* Whatever the test did, all holds must come back. */
    assert_int_equal (solo_stop (bench.vfs), OK);
    struct fs_mount_req req = { 0 };
    struct fs_mount_rep rep;
    assert_int_equal (fs_mount (solo_link (bench.root, INTERFACE_fs), &req, &rep), OK);
    assert_int_equal (fs_mount (solo_link (bench.dev, INTERFACE_fs), &req, &rep), OK);
    solo_fini ();
    return 0;
}

void
bench_user (uint32_t pid, uint32_t uid, uint32_t gid)
{
    assert_ok (b_clone (1, pid, NULL, 0, 0));
    FILE_CALL (identify, .process = pid, .uid = uid, .gid = gid, .real_uid = uid, .real_gid = gid);
    assert_int_equal (status, OK);
}

int64_t
b_open (uint32_t pid, const char *path, uint32_t flags, uint32_t mode)
{
    FILE_CALL (open, .process = pid, .flags = flags, .mode = mode, .from = PATH (path));
    ANSWER (rep.fd);
}

int64_t
b_close (uint32_t pid, int64_t fd)
{
    FILE_CALL (close, .process = pid, .fd = (int32_t)fd);
    ANSWER (0);
}

int64_t
b_pread (uint32_t pid, int64_t fd, void *into, uint32_t bytes, int64_t offset)
{
    FILE_CALL (read, .process = pid, .fd = (int32_t)fd, .offset = offset,
               .into = WINDOW (into, bytes));
    ANSWER (rep.done);
}

int64_t
b_read (uint32_t pid, int64_t fd, void *into, uint32_t bytes)
{
    return b_pread (pid, fd, into, bytes, -1);
}

int64_t
b_pwrite (uint32_t pid, int64_t fd, const void *from, uint32_t bytes, int64_t offset)
{
    FILE_CALL (write, .process = pid, .fd = (int32_t)fd, .offset = offset,
               .from = WINDOW (from, bytes));
    ANSWER (rep.done);
}

int64_t
b_write (uint32_t pid, int64_t fd, const void *from, uint32_t bytes)
{
    return b_pwrite (pid, fd, from, bytes, -1);
}

int64_t
b_seek (uint32_t pid, int64_t fd, int64_t offset, uint32_t whence)
{
    FILE_CALL (seek, .process = pid, .fd = (int32_t)fd, .offset = offset, .whence = whence);
    ANSWER (rep.position);
}

int64_t
b_dup (uint32_t pid, int64_t fd, int64_t to, int64_t least, bool cloexec)
{
    FILE_CALL (dup, .process = pid, .fd = (int32_t)fd, .to = (int32_t)to,
               .least = (int32_t)least, .cloexec = cloexec);
    ANSWER (rep.fd);
}

int64_t
b_pipe (uint32_t pid, uint32_t flags, int64_t fds[2])
{
    FILE_CALL (pipe, .process = pid, .flags = flags);
    fds[0] = rep.read_fd;
    fds[1] = rep.write_fd;
    ANSWER (0);
}

static int64_t
b_stat_any (uint32_t pid, const char *path, int32_t fd, bool no_follow, struct file_attr *attr)
{
    FILE_CALL (stat, .process = pid, .fd = fd, .no_follow = no_follow, .from = PATH (path));
    if (status == OK)
        *attr = rep.attr;
    ANSWER (0);
}

int64_t
b_stat (uint32_t pid, const char *path, struct file_attr *attr)
{
    return b_stat_any (pid, path, -1, false, attr);
}

int64_t
b_lstat (uint32_t pid, const char *path, struct file_attr *attr)
{
    return b_stat_any (pid, path, -1, true, attr);
}

int64_t
b_fstat (uint32_t pid, int64_t fd, struct file_attr *attr)
{
    return b_stat_any (pid, "", (int32_t)fd, false, attr);
}

int64_t
b_access (uint32_t pid, const char *path, uint32_t mode)
{
    FILE_CALL (access, .process = pid, .mode = mode, .from = PATH (path));
    ANSWER (0);
}

int64_t
b_mkdir (uint32_t pid, const char *path, uint32_t mode)
{
    FILE_CALL (make, .process = pid, .type = FILE_TYPE_DIRECTORY, .mode = mode,
               .from = PATH (path));
    ANSWER (0);
}

int64_t
b_mknod (uint32_t pid, const char *path, uint32_t type, uint32_t device)
{
    FILE_CALL (make, .process = pid, .type = type, .mode = 0666, .device = device,
               .from = PATH (path));
    ANSWER (0);
}

int64_t
b_rmdir (uint32_t pid, const char *path)
{
    FILE_CALL (remove, .process = pid, .directory = 1, .from = PATH (path));
    ANSWER (0);
}

int64_t
b_unlink (uint32_t pid, const char *path)
{
    FILE_CALL (remove, .process = pid, .from = PATH (path));
    ANSWER (0);
}

static grant
b_two (const char *first, const char *second)
{
    static char both[2 * FILE_PATH_MAX + 16];
    size_t length = strlen (first) + 1;

    assert_true (length + strlen (second) < sizeof both);
    memcpy (both, first, length);
    memcpy (both + length, second, strlen (second));
    return (grant)WINDOW (both, (uint32_t)(length + strlen (second)));
}

int64_t
b_link (uint32_t pid, const char *existing, const char *path)
{
    FILE_CALL (link, .process = pid, .from = b_two (existing, path));
    ANSWER (0);
}

int64_t
b_symlink (uint32_t pid, const char *contents, const char *path)
{
    FILE_CALL (symlink, .process = pid, .from = b_two (contents, path));
    ANSWER (0);
}

int64_t
b_rename (uint32_t pid, const char *from, const char *to)
{
    FILE_CALL (rename, .process = pid, .from = b_two (from, to));
    ANSWER (0);
}

int64_t
b_readlink (uint32_t pid, const char *path, char *into, uint32_t bytes)
{
    FILE_CALL (readlink, .process = pid, .from = PATH (path), .into = WINDOW (into, bytes));
    ANSWER (rep.done);
}

static int64_t
b_setattr (uint32_t pid, const char *path, uint32_t mask, struct file_attr attr)
{
    FILE_CALL (setattr, .process = pid, .fd = -1, .mask = mask, .attr = attr,
               .from = PATH (path));
    ANSWER (0);
}

int64_t
b_chmod (uint32_t pid, const char *path, uint32_t mode)
{
    return b_setattr (pid, path, ATTR_MODE, (struct file_attr){ .mode = mode });
}

int64_t
b_chown (uint32_t pid, const char *path, uint32_t uid, uint32_t gid)
{
    return b_setattr (pid, path, ATTR_UID | ATTR_GID,
                      (struct file_attr){ .uid = uid, .gid = gid });
}

int64_t
b_truncate (uint32_t pid, const char *path, uint64_t size)
{
    return b_setattr (pid, path, ATTR_SIZE, (struct file_attr){ .size = size });
}

int64_t
b_chdir (uint32_t pid, const char *path)
{
    FILE_CALL (chdir, .process = pid, .fd = -1, .from = PATH (path));
    ANSWER (0);
}

const char *
b_getcwd (uint32_t pid)
{
    static char path[FILE_PATH_MAX];
    FILE_CALL (getcwd, .process = pid, .into = WINDOW (path, sizeof path - 1));
    path[status == OK ? rep.done : 0] = '\0';
    return path;
}

int64_t
b_flags (uint32_t pid, int64_t fd, bool set, uint32_t flags)
{
    FILE_CALL (flags, .process = pid, .fd = (int32_t)fd,
               .set = set ? OPEN_APPEND | OPEN_NONBLOCK | OPEN_CLOEXEC : 0, .flags = flags);
    ANSWER (rep.flags);
}

int64_t
b_mount (uint32_t pid, const char *source, const char *target, const char *type, bool read_only)
{
    char three[256];
    uint32_t at = 0;
    for (unsigned i = 0; i < 3; i++) {
        const char *word = i == 0 ? source : i == 1 ? target : type;
        memcpy (three + at, word, strlen (word) + 1);
        at += (uint32_t)strlen (word) + 1;
    }
    FILE_CALL (mount, .process = pid, .read_only = read_only, .from = WINDOW (three, at));
    ANSWER (0);
}

int64_t
b_unmount (uint32_t pid, const char *name)
{
    FILE_CALL (unmount, .process = pid, .from = PATH (name));
    ANSWER (0);
}

const char *
b_mounts (void)
{
    static char lines[1024];
    FILE_CALL (mounts, .first = 0, .into = WINDOW (lines, sizeof lines - 1));
    assert_int_equal (status, OK);
    lines[rep.done] = '\0';
    return lines;
}

int64_t
b_clone (uint32_t parent, uint32_t child, const void *actions, uint32_t bytes, uint32_t count)
{
    FILE_CALL (clone, .parent = parent, .child = child, .action_count = count,
               .from = WINDOW (actions, bytes));
    ANSWER (0);
}

int64_t
b_release (uint32_t pid)
{
    FILE_CALL (release, .process = pid);
    ANSWER (0);
}

static int
compare_names (const void *a, const void *b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

const char *
b_list (uint32_t pid, const char *path)
{
    static char text[65536];
    char *names[2048], window[512];
    unsigned count = 0;
    int64_t fd     = b_open (pid, path, OPEN_READ | OPEN_DIRECTORY, 0);

    assert_true (fd >= 0);
    for (;;) {
        FILE_CALL (entries, .process = pid, .fd = (int32_t)fd,
                   .into = WINDOW (window, sizeof window));
        assert_int_equal (status, OK);
        if (rep.done == 0)
            break;
        for (uint32_t at = 0; at < rep.done;) {
            struct file_entry entry;
            memcpy (&entry, window + at, sizeof entry);
            char *name = strndup (window + at + sizeof entry, entry.name_bytes);
            if (strcmp (name, ".") != 0 && strcmp (name, "..") != 0)
                names[count++] = name;
            else
                free (name);
            at += entry.entry_bytes;
        }
    }
    assert_ok (b_close (pid, fd));
    qsort (names, count, sizeof *names, compare_names);
    text[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        strcat (strcat (text, names[i]), " ");
        free (names[i]);
    }
    return text;
}

void
b_put (const char *path, const char *text)
{
    int64_t fd = b_open (1, path, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, 0666);

    assert_true (fd >= 0);
    assert_int_equal (b_write (1, fd, text, (uint32_t)strlen (text)), strlen (text));
    assert_ok (b_close (1, fd));
}

const char *
b_get (const char *path)
{
    static char text[65537];
    int64_t fd = b_open (1, path, OPEN_READ, 0), done;

    assert_true (fd >= 0);
    done = b_read (1, fd, text, sizeof text - 1);
    assert_true (done >= 0);
    text[done] = '\0';
    assert_ok (b_close (1, fd));
    return text;
}
