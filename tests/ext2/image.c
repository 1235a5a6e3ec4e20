#define _GNU_SOURCE
#include "image.h"

#include <assert.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern const struct component_class ext2_class;

/* ---- the host's tools ---- */

static char *
output_read (FILE *pipe)
{
    char *text  = NULL;
    size_t used = 0;
    char piece[4096];
    size_t n;

    while ((n = fread (piece, 1, sizeof piece, pipe)) > 0) {
        text = realloc (text, used + n + 1);
        assert (text != NULL);
        memcpy (text + used, piece, n);
        used += n;
    }
    text = realloc (text, used + 1);
    assert (text != NULL);
    text[used] = '\0';
    return text;
}

static int
command (char **output, const char *text)
{
    FILE *pipe = popen (text, "r");

    assert (pipe != NULL);
    char *said = output_read (pipe);
    int status = pclose (pipe);
    if (output != NULL)
        *output = said;
    else
        free (said);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

int
image_command (char **output, const char *format, ...)
{
    char *text;
    va_list arguments;

    va_start (arguments, format);
    int n = vasprintf (&text, format, arguments);
    va_end (arguments);
    assert (n >= 0);
    int status = command (output, text);
    free (text);
    return status;
}

void
image_make (struct image *image, unsigned kib, const char *arguments)
{
    char *said;

    memset (image, 0, sizeof *image);
    snprintf (image->path, sizeof image->path, "/tmp/khimera-ext2-XXXXXX");
    int fd = mkstemp (image->path);
    assert (fd >= 0);
    image->byte_count = (uint64_t)kib * 1024;
    assert (ftruncate (fd, (off_t)image->byte_count) == 0);
    int status = image_command (&said,
                                "PATH=$PATH:/usr/sbin:/sbin mke2fs -q -F %s %s 2>&1 </dev/null",
                                arguments, image->path);
    if (status != 0)
        fprintf (stderr, "mke2fs %s: %s\n", arguments, said);
    assert (status == 0);
    free (said);
    image->bytes = malloc (image->byte_count);
    assert (image->bytes != NULL);
    for (uint64_t at = 0; at < image->byte_count;) {
        ssize_t n = pread (fd, image->bytes + at, image->byte_count - at, (off_t)at);
        assert (n > 0);
        at += (uint64_t)n;
    }
    close (fd);
}

void
image_free (struct image *image)
{
    if (image->ext2 != NULL)
        solo_fini ();
    unlink (image->path);
    free (image->bytes);
    memset (image, 0, sizeof *image);
}

void
image_store (struct image *image)
{
    int fd = open (image->path, O_WRONLY | O_TRUNC);

    assert (fd >= 0);
    for (uint64_t at = 0; at < image->byte_count;) {
        ssize_t n = pwrite (fd, image->bytes + at, image->byte_count - at, (off_t)at);
        assert (n > 0);
        at += (uint64_t)n;
    }
    close (fd);
}

void
image_check (struct image *image)
{
    char *said;

    image_store (image);
    int status = image_command (&said, "PATH=$PATH:/usr/sbin:/sbin e2fsck -fn %s 2>&1",
                                image->path);
    if (status != 0)
        fprintf (stderr, "e2fsck -fn: exit status %d\n%s\n", status, said);
    assert (status == 0);
    free (said);
}

char *
image_debugfs (struct image *image, const char *format, ...)
{
    char *text;
    char *said;
    va_list arguments;

    va_start (arguments, format);
    int n = vasprintf (&text, format, arguments);
    va_end (arguments);
    assert (n >= 0);
    image_store (image);
    image_command (&said, "PATH=$PATH:/usr/sbin:/sbin debugfs -R '%s' %s 2>/dev/null", text,
                   image->path);
    free (text);
    return said;
}

/* ---- the machine ---- */

void
image_boot (struct image *image, const char *cache_blocks)
{
    solo_init ();
    image->disk = solo_disk ("disk", image->bytes, image->byte_count);
    image->log  = solo_log ("log");
    image->ext2 = solo_add (&ext2_class, "ext2", "cache", cache_blocks, NULL);
    solo_bind (image->ext2, "disk", image->disk);
    solo_bind (image->ext2, "log", image->log);
    assert (solo_start (image->ext2) == OK);
    image->fs = solo_link (image->ext2, INTERFACE_fs);
}

enum status
image_mount (struct image *image, bool read_only)
{
    struct fs_mount_req req = { .read_only = read_only };
    struct fs_mount_rep rep;
    enum status status = fs_mount (image->fs, &req, &rep);

    if (status == OK) {
        image->root      = rep.root;
        image->read_only = rep.read_only != 0;
    }
    return status;
}

static void
machine_end (struct image *image)
{
    /* what is still allocated was forgotten */
    assert (solo_memory_used (image->ext2) == 0);
    solo_fini ();
    image->ext2 = NULL;
}

void
image_unmount (struct image *image)
{
    struct fs_unmount_req req = {};
    struct fs_unmount_rep rep;

    image_release (image, image->root);
    enum status status = fs_unmount (image->fs, &req, &rep);
    if (status != OK)
        fprintf (stderr, "unmount: %s\n", status_text (status));
    assert (status == OK);
    machine_end (image);
}

void
image_stop (struct image *image)
{
    assert (solo_stop (image->ext2) == OK);
    machine_end (image);
}

/* ---- calls ---- */

static grant
lend (const void *bytes, size_t length)
{
    return (grant) { .data = (void *)bytes, .length = (uint32_t)length };
}

enum status
image_lookup (struct image *image, uint64_t dir, const char *name, struct file_attr *attr)
{
    struct fs_lookup_req req = { .dir = dir, .from = lend (name, strlen (name)) };
    struct fs_lookup_rep rep;
    enum status status = fs_lookup (image->fs, &req, &rep);

    if (status == OK && attr != NULL)
        *attr = rep.attr;
    return status;
}

enum status
image_create (struct image *image, uint64_t dir, const char *name, uint32_t type,
              struct file_attr *attr)
{
    struct fs_create_req req = {
        .dir  = dir,
        .type = type,
        .mode = type == FILE_TYPE_DIRECTORY ? 0755 : 0644,
        .from = lend (name, strlen (name)),
    };
    struct fs_create_rep rep;
    enum status status = fs_create (image->fs, &req, &rep);

    if (status == OK && attr != NULL)
        *attr = rep.attr;
    return status;
}

enum status
image_symlink (struct image *image, uint64_t dir, const char *name, const char *text)
{
    char both[8192];
    struct fs_symlink_req req = { .dir = dir, .name_bytes = (uint32_t)strlen (name) };
    struct fs_symlink_rep rep;

    int n    = snprintf (both, sizeof both, "%s%s", name, text);
    req.from = lend (both, (size_t)n);
    return fs_symlink (image->fs, &req, &rep);
}

enum status
image_link (struct image *image, uint64_t dir, uint64_t node, const char *name)
{
    struct fs_link_req req = { .dir = dir, .node = node, .from = lend (name, strlen (name)) };
    struct fs_link_rep rep;

    return fs_link (image->fs, &req, &rep);
}

enum status
image_remove (struct image *image, uint64_t dir, const char *name, bool directory)
{
    struct fs_remove_req req = {
        .dir       = dir,
        .directory = directory,
        .from      = lend (name, strlen (name)),
    };
    struct fs_remove_rep rep;

    return fs_remove (image->fs, &req, &rep);
}

enum status
image_rename (struct image *image, uint64_t dir, const char *name, uint64_t new_dir,
              const char *new_name)
{
    char both[1024];
    struct fs_rename_req req = {
        .dir        = dir,
        .new_dir    = new_dir,
        .name_bytes = (uint32_t)strlen (name),
    };
    struct fs_rename_rep rep;

    int n    = snprintf (both, sizeof both, "%s%s", name, new_name);
    req.from = lend (both, (size_t)n);
    return fs_rename (image->fs, &req, &rep);
}

void
image_release (struct image *image, uint64_t node)
{
    struct fs_release_req req = { .node = node, .holds = 1 };
    struct fs_release_rep rep;
    enum status status = fs_release (image->fs, &req, &rep);

    assert (status == OK);
    (void)status;
}

enum status
image_stat (struct image *image, uint64_t node, struct file_attr *attr)
{
    struct fs_stat_req req = { .node = node };
    struct fs_stat_rep rep;
    enum status status = fs_stat (image->fs, &req, &rep);

    if (status == OK && attr != NULL)
        *attr = rep.attr;
    return status;
}

enum status
image_resize (struct image *image, uint64_t node, uint64_t size)
{
    struct fs_setattr_req req = { .node = node, .mask = ATTR_SIZE, .attr = { .size = size } };
    struct fs_setattr_rep rep;

    return fs_setattr (image->fs, &req, &rep);
}

enum status
image_read (struct image *image, uint64_t node, uint64_t offset, void *into, uint32_t length,
            uint32_t *done)
{
    struct fs_read_req req = { .node = node, .offset = offset, .into = lend (into, length) };
    struct fs_read_rep rep = { 0 };
    enum status status     = fs_read (image->fs, &req, &rep);

    *done = rep.done;
    return status;
}

enum status
image_write (struct image *image, uint64_t node, uint64_t offset, const void *from,
             uint32_t length, uint32_t *done)
{
    struct fs_write_req req = { .node = node, .offset = offset, .from = lend (from, length) };
    struct fs_write_rep rep = { 0 };
    enum status status      = fs_write (image->fs, &req, &rep);

    *done = rep.done;
    return status;
}

enum status
image_readlink (struct image *image, uint64_t node, char *into, uint32_t length,
                uint32_t *done)
{
    struct fs_readlink_req req = { .node = node, .into = lend (into, length) };
    struct fs_readlink_rep rep = { 0 };
    enum status status         = fs_readlink (image->fs, &req, &rep);

    *done = rep.done;
    return status;
}

enum status
image_entries (struct image *image, uint64_t dir, uint64_t cursor, void *into,
               uint32_t length, uint32_t *done)
{
    struct fs_entries_req req = { .dir = dir, .cursor = cursor, .into = lend (into, length) };
    struct fs_entries_rep rep = { 0 };
    enum status status        = fs_entries (image->fs, &req, &rep);

    *done = rep.done;
    return status;
}

enum status
image_sync (struct image *image)
{
    struct fs_sync_req req = {};
    struct fs_sync_rep rep;

    return fs_sync (image->fs, &req, &rep);
}

enum status
image_statfs (struct image *image, struct fs_statfs_rep *rep)
{
    struct fs_statfs_req req = {};

    return fs_statfs (image->fs, &req, rep);
}

uint64_t
image_walk (struct image *image, const char *path)
{
    struct file_attr attr;
    uint64_t node = image->root;
    char name[FILE_NAME_MAX + 1];

    image_lookup (image, node, ".", &attr);
    while (*path != '\0') {
        size_t n = strcspn (path, "/");
        assert (n <= FILE_NAME_MAX);
        memcpy (name, path, n);
        name[n] = '\0';
        path += n + (path[n] == '/');
        if (n == 0)
            continue;
        enum status status = image_lookup (image, node, name, &attr);
        image_release (image, node);
        if (status != OK)
            return 0;
        node = attr.node;
    }
    return node;
}
