/* What servers/ext2 promises, each promise a test, on images that mke2fs has just made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

#define FILE_REGULAR   FILE_TYPE_REGULAR
#define FILE_DIRECTORY FILE_TYPE_DIRECTORY

/* Kinds of images that every promise is kept on. */
static const char *const kinds[] = {
    "-t ext2 -b 1024",
    "-t ext2 -b 2048 -I 256",
    "-t ext2 -b 4096 -I 128",
    "-t ext2 -b 1024 -r 0 -O none",
    "-t ext2 -b 1024 -O none -I 128",
    "-t ext2 -b 1024 -O ^sparse_super,^resize_inode -g 1024 -I 128",
    "-t ext2 -b 4096 -O sparse_super2",
    NULL,
};

typedef void (*promise) (struct image *image);

/* Runs it on each kind of image, mounted; after it the image is unmounted and checked. */
static void
on_all_kinds (promise promise)
{
    for (unsigned i = 0; kinds[i] != NULL; i++) {
        struct image image;
        image_make (&image, 8192, kinds[i]);
        image_boot (&image, "64");
        assert_int_equal (image_mount (&image, false), OK);
        promise (&image);
        image_unmount (&image);
        image_check (&image);
        image_free (&image);
    }
}

static void
fill (unsigned char *bytes, uint32_t length, uint32_t seed)
{
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)((i + seed) * 2654435761u >> 24);
}

/* A regular file of that length; released. */
static uint64_t
write_file (struct image *image, uint64_t dir, const char *name, uint32_t length)
{
    unsigned char *bytes = malloc (length + 1);
    struct file_attr attr;
    uint32_t done;

    assert_int_equal (image_create (image, dir, name, FILE_REGULAR, &attr), OK);
    fill (bytes, length, length);
    for (uint32_t at = 0; at < length; at += done) {
        uint32_t n = length - at < 50000 ? length - at : 50000;
        assert_int_equal (image_write (image, attr.node, at, bytes + at, n, &done), OK);
        assert_int_equal (done, n);
    }
    image_release (image, attr.node);
    free (bytes);
    return attr.node;
}

static uint64_t
make_directory (struct image *image, uint64_t dir, const char *name)
{
    struct file_attr attr;

    assert_int_equal (image_create (image, dir, name, FILE_DIRECTORY, &attr), OK);
    image_release (image, attr.node);
    return attr.node;
}

static uint32_t
links_of (struct image *image, const char *path)
{
    struct file_attr attr;
    uint64_t node = image_walk (image, path);

    assert_int_not_equal (node, 0);
    assert_int_equal (image_stat (image, node, &attr), OK);
    image_release (image, node);
    return attr.links;
}

static uint64_t
blocks_free (struct image *image)
{
    struct fs_statfs_rep rep;

    assert_int_equal (image_statfs (image, &rep), OK);
    return rep.blocks_free;
}

/* ---- files ---- */

static void
file_kinds (struct image *image)
{
    static const uint32_t lengths[] = { 0, 1, 1023, 1024, 12288, 12289, 70000, 300000, 1500000 };
    unsigned char *bytes    = malloc (1500000);
    unsigned char *expected = malloc (1500000);
    char name[16];
    uint32_t done;

    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        snprintf (name, sizeof name, "f%u", i);
        write_file (image, image->root, name, lengths[i]);
    }
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        snprintf (name, sizeof name, "f%u", i);
        uint64_t node = image_walk (image, name);
        fill (expected, lengths[i], lengths[i]);
        uint32_t at = 0;
        do {
            assert_int_equal (image_read (image, node, at, bytes + at, 65536, &done), OK);
            at += done;
        } while (done > 0);
        assert_int_equal (at, lengths[i]);
        assert_memory_equal (bytes, expected, at);
        image_release (image, node);
    }
    free (bytes);
    free (expected);
}

static void
files_are_read_as_they_were_written (void **state)
{
    (void)state;
    on_all_kinds (file_kinds);
}

static void
holes (struct image *image)
{
    uint64_t free_before = blocks_free (image);
    struct file_attr attr;
    unsigned char bytes[4096];
    uint32_t done;
    /* one byte at each depth of the map, and zeros between */
    static const uint64_t places[] = { 5, 20000, 400000, 70000000, 1900000000 };

    assert_int_equal (image_create (image, image->root, "holes", FILE_REGULAR, &attr), OK);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal (image_write (image, attr.node, places[i], "x", 1, &done), OK);
    assert_int_equal (image_stat (image, attr.node, &attr), OK);
    assert_int_equal (attr.size, 1900000001);
    assert_true (attr.blocks < 200);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal (image_read (image, attr.node, places[i] - 5, bytes, 4096, &done),
                          OK);
        assert_memory_equal (bytes, "\0\0\0\0\0x", 6);
    }
    /* cut in the middle, then grown: what was cut is zero */
    assert_int_equal (image_resize (image, attr.node, 400000), OK);
    assert_int_equal (image_resize (image, attr.node, 500000), OK);
    assert_int_equal (image_read (image, attr.node, 400000, bytes, 16, &done), OK);
    assert_int_equal (bytes[0], 0);
    assert_int_equal (image_read (image, attr.node, 20000, bytes, 1, &done), OK);
    assert_int_equal (bytes[0], 'x');
    assert_int_equal (image_resize (image, attr.node, 0), OK);
    assert_int_equal (image_stat (image, attr.node, &attr), OK);
    assert_int_equal (attr.blocks, 0);
    assert_int_equal (blocks_free (image), free_before);
    image_release (image, attr.node);
}

static void
holes_take_no_blocks_and_read_as_zeros (void **state)
{
    (void)state;
    on_all_kinds (holes);
}

static void
files_beyond_two_gigabytes_set_large_file (void **state)
{
    struct image image;
    struct file_attr attr;
    uint32_t done;
    char byte;

    (void)state;
    image_make (&image, 4096, "-t ext2 -b 1024 -O none,filetype");
    image_boot (&image, "64");
    assert_int_equal (image_mount (&image, false), OK);
    assert_int_equal (image_create (&image, image.root, "big", FILE_REGULAR, &attr), OK);
    assert_int_equal (image_write (&image, attr.node, 5000000000, "y", 1, &done), OK);
    assert_int_equal (image_write (&image, attr.node, 1ull << 41, "y", 1, &done),
                      ERR_FILE_TOO_LARGE);
    assert_int_equal (image_read (&image, attr.node, 5000000000, &byte, 1, &done), OK);
    assert_int_equal (byte, 'y');
    image_release (&image, attr.node);
    image_unmount (&image);
    image_check (&image);
    char *said = image_debugfs (&image, "features");
    assert_non_null (strstr (said, "large_file"));
    free (said);
    image_free (&image);
}

static void
full (struct image *image)
{
    uint64_t free_before = blocks_free (image);
    struct file_attr attr;
    static unsigned char bytes[65536];
    enum status status = OK;
    uint32_t done;
    uint64_t at = 0;

    assert_int_equal (image_create (image, image->root, "full", FILE_REGULAR, &attr), OK);
    while (status == OK) {
        status = image_write (image, attr.node, at, bytes, sizeof bytes, &done);
        at += done;
    }
    assert_int_equal (status, ERR_NO_SPACE);
    assert_int_equal (blocks_free (image), 0);
    image_release (image, attr.node);
    assert_int_equal (image_remove (image, image->root, "full", false), OK);
    assert_int_equal (blocks_free (image), free_before);
}

static void
a_full_disk_is_an_error_and_can_be_emptied (void **state)
{
    (void)state;
    on_all_kinds (full);
}

/* ---- names ---- */

static void
links (struct image *image)
{
    uint64_t root = image->root;
    struct file_attr attr;
    char text[8192];
    uint32_t done;
    char longest[1024];
    struct fs_statfs_rep fs;

    write_file (image, root, "a", 100);
    assert_int_equal (image_lookup (image, root, "a", &attr), OK);
    assert_int_equal (image_link (image, root, attr.node, "b"), OK);
    assert_int_equal (image_link (image, root, attr.node, "b"), ERR_EXISTS);
    assert_int_equal (image_link (image, root, root, "c"), ERR_NOT_PERMITTED);
    assert_int_equal (links_of (image, "b"), 2);
    assert_int_equal (image_remove (image, root, "a", false), OK);
    assert_int_equal (links_of (image, "b"), 1);
    image_release (image, attr.node);

    memset (longest, 'l', sizeof longest);
    for (unsigned length = 1; length <= 1000; length += length < 58 ? 19 : 1 + length / 2) {
        assert_int_equal (image_statfs (image, &fs), OK);
        longest[length] = '\0';
        assert_int_equal (image_symlink (image, root, "link", longest), OK);
        assert_int_equal (image_symlink (image, root, "link", longest), ERR_EXISTS);
        assert_int_equal (image_lookup (image, root, "link", &attr), OK);
        assert_int_equal (attr.type, FILE_TYPE_LINK);
        assert_int_equal (attr.size, length);
        assert_int_equal (attr.blocks == 0, length < 60);
        assert_int_equal (image_readlink (image, attr.node, text, sizeof text, &done), OK);
        assert_int_equal (done, length);
        assert_memory_equal (text, longest, length);
        image_release (image, attr.node);
        assert_int_equal (image_remove (image, root, "link", false), OK);
        assert_int_equal (blocks_free (image), fs.blocks_free);
        longest[length] = 'l';
    }
    memset (text, 'm', 5000);
    text[5000] = '\0';
    assert_int_equal (image_symlink (image, root, "link", text), ERR_NAME_TOO_LONG);
    image_symlink (image, root, "kept-short", "b");
    longest[100] = '\0';
    image_symlink (image, root, "kept-long", longest);
}

static void
hard_and_symbolic_links (void **state)
{
    (void)state;
    on_all_kinds (links);
}

static void
renames (struct image *image)
{
    uint64_t root = image->root;
    uint64_t d    = make_directory (image, root, "d");
    struct file_attr attr;

    write_file (image, root, "a", 5000);
    write_file (image, root, "b", 3000);
    assert_int_equal (image_rename (image, root, "a", root, "b"), OK);
    assert_int_equal (image_lookup (image, root, "a", NULL), ERR_NOT_FOUND);
    assert_int_equal (image_lookup (image, root, "b", &attr), OK);
    assert_int_equal (attr.size, 5000);
    assert_int_equal (image_link (image, root, attr.node, "same"), OK);
    assert_int_equal (image_rename (image, root, "b", root, "same"), OK);
    assert_int_equal (links_of (image, "b"), 2); /* two names of one: nothing happens */
    image_release (image, attr.node);

    assert_int_equal (image_lookup (image, root, "d", &attr), OK);
    uint64_t e = make_directory (image, d, "e");
    assert_int_equal (links_of (image, "d"), 3);
    assert_int_equal (image_rename (image, root, "b", d, "b"), OK);
    assert_int_equal (image_rename (image, root, "b", d, "b"), ERR_NOT_FOUND);
    assert_int_equal (image_rename (image, root, "d", root, "other"), OK);
    assert_int_equal (image_rename (image, root, "other", root, "d"), OK);
    assert_int_equal (image_rename (image, root, "same", root, "d"), ERR_IS_DIRECTORY);
    assert_int_equal (image_rename (image, root, "d", root, "same"), ERR_NOT_DIRECTORY);
    assert_int_equal (image_lookup (image, d, "e", NULL), OK);
    assert_int_equal (image_rename (image, root, "d", e, "inside"), ERR_INVALID);
    assert_int_equal (image_rename (image, root, "d", d, "inside"), ERR_INVALID);
    uint64_t f = make_directory (image, root, "f");
    assert_int_equal (image_rename (image, root, "f", root, "d"), ERR_NOT_EMPTY);
    assert_int_equal (image_lookup (image, root, "f", NULL), OK);
    assert_int_equal (image_rename (image, d, "e", f, "e"), OK);
    assert_int_equal (links_of (image, "d"), 2);
    assert_int_equal (links_of (image, "f"), 3);
    struct fs_parent_req req = { .dir = e };
    struct fs_parent_rep rep;
    assert_int_equal (fs_parent (image->fs, &req, &rep), OK);
    assert_int_equal (rep.attr.node, f);
    image_release (image, f);
    /* an empty directory may be replaced by another */
    uint64_t g = make_directory (image, root, "g");
    uint32_t root_links = links_of (image, "");
    assert_int_equal (image_rename (image, root, "g", f, "e"), OK);
    assert_int_equal (links_of (image, ""), root_links - 1);
    assert_int_equal (links_of (image, "f"), 3);
    assert_int_equal (image_create (image, e, "x", FILE_REGULAR, NULL), ERR_NOT_FOUND);
    image_release (image, e);
    assert_int_equal (image_lookup (image, f, "e", &attr), OK);
    assert_int_equal (attr.node, g);
    image_release (image, g);
    image_release (image, f);
    image_release (image, d);
    assert_int_equal (image_remove (image, root, "d", true), ERR_NOT_EMPTY);
    assert_int_equal (image_remove (image, root, "d", false), ERR_IS_DIRECTORY);
    assert_int_equal (image_remove (image, root, "same", true), ERR_NOT_DIRECTORY);
    assert_int_equal (image_remove (image, root, ".", true), ERR_INVALID);
    assert_int_equal (image_rename (image, root, "f", root, ".."), ERR_INVALID);
}

static void
rename_follows_the_rules (void **state)
{
    (void)state;
    on_all_kinds (renames);
}

static void
many_names (struct image *image)
{
    uint64_t dir = make_directory (image, image->root, "many");
    struct file_attr attr;
    char name[64];
    static char window[3000];
    uint32_t done;
    uint64_t cursor = 0;
    unsigned seen   = 0;

    assert_int_equal (image_lookup (image, image->root, "many", NULL), OK);
    for (unsigned i = 0; i < 300; i++) {
        snprintf (name, sizeof name, "a-rather-long-name-of-a-file-%u", i);
        assert_int_equal (image_create (image, dir, name, FILE_REGULAR, &attr), OK);
        image_release (image, attr.node);
    }
    /* names that go while the directory is listed do not disturb the others */
    do {
        assert_int_equal (image_entries (image, dir, cursor, window, sizeof window, &done),
                          OK);
        for (uint32_t at = 0; at < done;) {
            struct file_entry entry;
            memcpy (&entry, window + at, sizeof entry);
            cursor = entry.next;
            snprintf (name, sizeof name, "%.*s", entry.name_bytes,
                      window + at + sizeof entry);
            at += entry.entry_bytes;
            seen++;
            if (name[0] == 'a')
                assert_int_equal (image_remove (image, dir, name, false), OK);
        }
    } while (done > 0);
    assert_int_equal (seen, 302);
    assert_int_equal (image_entries (image, dir, 0, window, 8, &done), ERR_INVALID);
    memset (name, 'n', sizeof name);
    image_release (image, dir);
    assert_int_equal (image_remove (image, image->root, "many", true), OK);
}

static void
directories_of_many_blocks (void **state)
{
    (void)state;
    on_all_kinds (many_names);
}

static void
special_nodes (struct image *image)
{
    static const uint32_t types[] = { FILE_TYPE_CHARACTER, FILE_TYPE_BLOCK, FILE_TYPE_PIPE,
                                      FILE_TYPE_SOCKET };
    struct file_attr attr;
    char name[8];

    for (unsigned i = 0; i < 8; i++) {
        snprintf (name, sizeof name, "n%u", i);
        struct fs_create_req req = {
            .dir = image->root, .type = types[i % 4], .mode = 0600, .uid = 70000,
            .gid = 80000, .device = i < 4 ? 0x103 : 0x12345, .from = { name, 2, 0 },
        };
        struct fs_create_rep rep;
        assert_int_equal (fs_create (image->fs, &req, &rep), OK);
        image_release (image, rep.attr.node);
        assert_int_equal (image_lookup (image, image->root, name, &attr), OK);
        assert_int_equal (attr.type, types[i % 4]);
        assert_int_equal (attr.uid, 70000);
        assert_int_equal (attr.gid, 80000);
        if (i % 4 < 2)
            assert_int_equal (attr.device, req.device);
        image_release (image, attr.node);
    }
}

static void
devices_pipes_and_sockets_are_kept (void **state)
{
    (void)state;
    on_all_kinds (special_nodes);
}

/* In 256 bytes an inode has room for nanoseconds and for years beyond 2038, and debugfs finds them
 * where others keep them; in 128 it has not, and what is told is what is kept. */
static void
times_are_kept_as_finely_as_inodes_have_room (void **state)
{
    static const struct {
        const char *arguments;
        int64_t wanted, kept;
        const char *said;
    } trials[] = {
        { "-t ext2 -I 256", 1000000000123456789, 1000000000123456789, "mtime: 0x3b9aca00:1d6f3454" },
        { "-t ext2 -I 256", 5000000000000000001, 5000000000000000001, "mtime: 0x2a05f200:00000005" },
        { "-t ext2 -I 256", -1, -1, "mtime: 0xffffffff:ee6b27fc" },
        { "-t ext2 -I 128", 1000000000123456789, 1000000000000000000, "mtime: 0x3b9aca00 " },
        { "-t ext2 -I 128", 5000000000000000001, INT32_MAX * 1000000000l, "mtime: 0x7fffffff " },
        { "-t ext2 -I 128", INT64_MIN, INT32_MIN * 1000000000l, "mtime: 0x80000000 " },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof trials / sizeof *trials; i++) {
        struct fs_setattr_req set = { .mask = ATTR_MTIME, .attr.mtime = trials[i].wanted };
        struct fs_setattr_rep done;
        struct file_attr attr;
        struct image image;
        char *said;

        image_make (&image, 1024, trials[i].arguments);
        image_boot (&image, "64");
        assert_int_equal (image_mount (&image, false), OK);
        set.node = write_file (&image, image.root, "f", 10);
        assert_int_equal (image_lookup (&image, image.root, "f", &attr), OK);
        assert_int_equal (fs_setattr (image.fs, &set, &done), OK);
        assert_int_equal (image_stat (&image, set.node, &attr), OK);
        assert_int_equal (attr.mtime, trials[i].kept);
        image_release (&image, set.node);
        image_unmount (&image);
        image_check (&image);
        said = image_debugfs (&image, "stat /f");
        if (strstr (said, trials[i].said) == NULL)
            fail_msg ("no \"%s\" in %s", trials[i].said, said);
        free (said);
        image_boot (&image, "64");
        assert_int_equal (image_mount (&image, true), OK);
        assert_int_equal (image_lookup (&image, image.root, "f", &attr), OK);
        assert_int_equal (attr.mtime, trials[i].kept);
        image_release (&image, attr.node);
        image_unmount (&image);
        image_free (&image);
    }
}

/* ---- holding ---- */

static void
unlinked (struct image *image)
{
    uint64_t free_before = blocks_free (image);
    uint64_t root        = image->root;
    char bytes[16];
    uint32_t done;

    uint64_t node = write_file (image, root, "gone", 100000);
    assert_int_equal (image_stat (image, node, NULL), ERR_STALE);
    assert_int_equal (image_lookup (image, root, "gone", NULL), OK);
    assert_int_equal (image_remove (image, root, "gone", false), OK);
    assert_int_equal (image_read (image, node, 50000, bytes, 16, &done), OK);
    assert_int_equal (done, 16);
    assert_int_equal (image_link (image, root, node, "again"), ERR_NOT_FOUND);
    image_release (image, node);
    assert_int_equal (image_read (image, node, 0, bytes, 16, &done), ERR_STALE);
    assert_int_equal (blocks_free (image), free_before);
}

static void
a_held_node_outlives_its_last_name (void **state)
{
    (void)state;
    on_all_kinds (unlinked);
}

static void
stopping_frees_what_has_no_name (void **state)
{
    struct image image;

    (void)state;
    image_make (&image, 4096, "-t ext2 -b 1024");
    image_boot (&image, "64");
    assert_int_equal (image_mount (&image, false), OK);
    write_file (&image, image.root, "gone", 100000);
    make_directory (&image, image.root, "gone-too");
    assert_int_equal (image_lookup (&image, image.root, "gone", NULL), OK);
    assert_int_equal (image_lookup (&image, image.root, "gone-too", NULL), OK);
    assert_int_equal (image_remove (&image, image.root, "gone", false), OK);
    assert_int_equal (image_remove (&image, image.root, "gone-too", true), OK);
    struct fs_unmount_req req = {};
    struct fs_unmount_rep rep;
    assert_int_equal (fs_unmount (image.fs, &req, &rep), ERR_BUSY);
    image_stop (&image);
    image_check (&image);
    image_free (&image);
}

/* ---- being there or not ---- */

/* The state field of the superblock. */
static unsigned
state_of (const struct image *image)
{
    return image->bytes[1024 + 58];
}

static void
the_disk_is_marked_while_it_is_mounted (void **state)
{
    struct image image;

    (void)state;
    image_make (&image, 2048, "-t ext2 -b 1024");
    assert_int_equal (state_of (&image), 1);
    image_boot (&image, "64");
    assert_int_equal (image_mount (&image, false), OK);
    assert_int_equal (state_of (&image), 0);
    struct fs_mount_req req = { 0 };
    struct fs_mount_rep rep;
    assert_int_equal (fs_mount (image.fs, &req, &rep), ERR_BUSY);
    image_unmount (&image);
    assert_int_equal (state_of (&image), 1);
    /* an unclean disk does not become clean by being used */
    image.bytes[1024 + 58] = 0;
    image_boot (&image, "64");
    assert_int_equal (image_mount (&image, false), OK);
    assert_non_null (strstr (solo_log_text (image.log), "not unmounted cleanly"));
    image_unmount (&image);
    assert_int_equal (state_of (&image), 0);
    image_free (&image);
}

static void
reading_only_writes_nothing (void **state)
{
    struct image image;
    struct file_attr attr;
    char bytes[100];
    uint32_t done;

    (void)state;
    image_make (&image, 2048, "-t ext2 -b 1024");
    image_boot (&image, "64");
    assert_int_equal (image_mount (&image, false), OK);
    write_file (&image, image.root, "f", 5000);
    image_unmount (&image);
    uint8_t *before = malloc (image.byte_count);
    memcpy (before, image.bytes, image.byte_count);
    image_boot (&image, "64");
    assert_int_equal (image_mount (&image, true), OK);
    assert_true (image.read_only);
    assert_int_equal (image_lookup (&image, image.root, "f", &attr), OK);
    assert_int_equal (image_read (&image, attr.node, 0, bytes, 100, &done), OK);
    assert_int_equal (image_write (&image, attr.node, 0, bytes, 100, &done), ERR_READ_ONLY);
    assert_int_equal (image_resize (&image, attr.node, 0), ERR_READ_ONLY);
    assert_int_equal (image_create (&image, image.root, "g", FILE_REGULAR, NULL),
                      ERR_READ_ONLY);
    assert_int_equal (image_remove (&image, image.root, "f", false), ERR_READ_ONLY);
    assert_int_equal (image_rename (&image, image.root, "f", image.root, "g"), ERR_READ_ONLY);
    image_release (&image, attr.node);
    image_unmount (&image);
    assert_memory_equal (before, image.bytes, image.byte_count);
    free (before);
    image_free (&image);
}

static void
features_are_refused_by_name (void **state)
{
    static const struct {
        const char *arguments;
        enum status status;
        bool read_only;
        const char *said;
    } cases[] = {
        { "-t ext4", ERR_NOT_SUPPORTED, false, "extent 64bit flex_bg" },
        { "-t ext2 -O extents", ERR_NOT_SUPPORTED, false, ": extent" },
        { "-t ext2 -O meta_bg,^resize_inode", ERR_NOT_SUPPORTED, false, ": meta_bg" },
        { "-t ext2 -O inline_data", ERR_NOT_SUPPORTED, false, ": inline_data" },
        { "-t ext2 -O huge_file", OK, true, ": huge_file" },
        { "-t ext2 -O uninit_bg", OK, true, ": uninit_bg" },
        { "-t ext2 -O metadata_csum", OK, true, ": metadata_csum" },
        { "-t ext3", OK, false, "" },
        { "-t ext2", OK, false, "" },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct image image;
        image_make (&image, 8192, cases[i].arguments);
        image_boot (&image, "64");
        assert_int_equal (image_mount (&image, false), cases[i].status);
        assert_non_null (strstr (solo_log_text (image.log), cases[i].said));
        if (cases[i].status == OK) {
            assert_int_equal (image.read_only, cases[i].read_only);
            assert_int_equal (image_lookup (&image, image.root, "lost+found", NULL), OK);
            image_stop (&image);
            image_check (&image);
        } else {
            assert_int_equal (solo_memory_used (image.ext2), 0);
        }
        image_free (&image);
    }
}

static void
what_is_no_file_system_is_refused (void **state)
{
    struct image image;

    (void)state;
    image_make (&image, 2048, "-t ext2 -b 1024");
    for (unsigned i = 0; i < 4; i++) {
        uint64_t whole = image.byte_count;
        if (i == 1)
            image.byte_count = 512;
        if (i == 2)
            image.byte_count = whole / 2;
        if (i == 3)
            memset (image.bytes, 0, image.byte_count);
        image_boot (&image, "64");
        assert_int_equal (image_mount (&image, false), i == 0 ? OK : ERR_INVALID);
        if (i == 0)
            image_unmount (&image);
        else
            assert_true (strlen (solo_log_text (image.log)) > 10);
        if (i > 0)
            solo_fini ();
        image.ext2       = NULL;
        image.byte_count = whole;
    }
    image_free (&image);
}

/* ---- the cache ---- */

static void
the_cache_writes_by_itself_and_then_rests (void **state)
{
    struct image image;

    (void)state;
    image_make (&image, 4096, "-t ext2 -b 1024");
    image_boot (&image, "512");
    assert_int_equal (image_mount (&image, false), OK);
    solo_advance (60000000000);
    assert_int_equal (solo_timers (), 0);
    struct solo_disk *disk = solo_disk_state (image.disk);
    uint64_t writes        = disk->writes;
    write_file (&image, image.root, "f", 100000);
    assert_int_equal (disk->writes, writes);
    assert_int_equal (solo_timers (), 1);
    solo_advance (6000000000);
    /* about a hundred blocks, in few pieces */
    assert_in_range (disk->writes, writes + 1, writes + 20);
    assert_true (disk->sectors_written >= 200);
    assert_int_equal (solo_timers (), 0);
    image_check (&image);
    image_unmount (&image);
    image_check (&image);
    image_free (&image);
}

static void
a_broken_disk_is_an_error_each_time (void **state)
{
    struct image image;
    struct file_attr attr;
    static char bytes[65536];
    uint32_t done;

    (void)state;
    image_make (&image, 4096, "-t ext2 -b 1024");
    for (unsigned after = 1; after < 40; after++) {
        uint8_t *before = malloc (image.byte_count);
        memcpy (before, image.bytes, image.byte_count);
        image_boot (&image, "32");
        solo_disk_state (image.disk)->fail_after = after;
        if (image_mount (&image, false) == OK) {
            enum status status =
                image_create (&image, image.root, "f", FILE_REGULAR, &attr);
            for (unsigned i = 0; i < 10 && status == OK; i++)
                status = image_write (&image, attr.node, i * 65536, bytes, 65536, &done);
            if (status == OK)
                status = image_sync (&image);
            assert_int_equal (status, ERR_IO);
            assert_int_equal (solo_stop (image.ext2), ERR_IO);
        }
        assert_int_equal (solo_memory_used (image.ext2), 0);
        solo_fini ();
        image.ext2 = NULL;
        memcpy (image.bytes, before, image.byte_count);
        free (before);
    }
    image_free (&image);
}

static void
after_a_power_cut_e2fsck_mends_it (void **state)
{
    struct image image;
    struct file_attr attr;
    char name[16];
    uint32_t done;
    static char bytes[30000];

    (void)state;
    for (unsigned cut = 1; cut < 12; cut++) {
        image_make (&image, 4096, kinds[cut % 3]);
        image_boot (&image, "32"); /* small: it writes all the time */
        assert_int_equal (image_mount (&image, false), OK);
        for (unsigned i = 0; i < cut * 5; i++) {
            snprintf (name, sizeof name, "f%u", i % 9);
            image_remove (&image, image.root, name, false);
            assert_int_equal (image_create (&image, image.root, name, FILE_REGULAR, &attr),
                              OK);
            assert_int_equal (
                image_write (&image, attr.node, i * 9000, bytes, sizeof bytes, &done), OK);
            image_release (&image, attr.node);
        }
        /* what has reached the disk by now is all there is */
        uint8_t *left = malloc (image.byte_count);
        memcpy (left, image.bytes, image.byte_count);
        image_unmount (&image);
        image_check (&image);
        memcpy (image.bytes, left, image.byte_count);
        image_store (&image);
        assert_in_range (image_command (NULL,
                                        "PATH=$PATH:/usr/sbin:/sbin e2fsck -fy %s 2>&1",
                                        image.path),
                         0, 1);
        assert_int_equal (image_command (NULL,
                                         "PATH=$PATH:/usr/sbin:/sbin e2fsck -fn %s 2>&1",
                                         image.path),
                          0);
        free (left);
        image_free (&image);
    }
}

/* ---- many at once ---- */

struct reader {
    struct image *image;
    uint64_t node;
    uint32_t seed;
    bool done;
};

static void
reader_body (void *argument)
{
    struct reader *reader = argument;
    static unsigned char bytes[16][4096];
    unsigned char expected[64];
    uint32_t done;

    for (uint32_t at = 0; at < 60000; at += 4096) {
        assert_int_equal (image_read (reader->image, reader->node, at, bytes[reader->seed],
                                      4096, &done),
                          OK);
        for (uint32_t i = 0; i < 64; i++)
            expected[i] = (unsigned char)((at + i + 60000 + reader->seed) * 2654435761u >> 24);
        assert_memory_equal (bytes[reader->seed], expected, 64);
    }
    reader->done = true;
}

static void
different_files_are_read_at_the_same_time (void **state)
{
    struct image image;
    struct reader readers[8];
    char name[8];

    (void)state;
    image_make (&image, 8192, "-t ext2 -b 1024");
    image_boot (&image, "256");
    assert_int_equal (image_mount (&image, false), OK);
    for (uint32_t i = 0; i < 8; i++) {
        snprintf (name, sizeof name, "f%u", i);
        write_file (&image, image.root, name, 60000 + i);
    }
    image_unmount (&image);
    image_boot (&image, "256");
    assert_int_equal (image_mount (&image, false), OK);
    for (uint32_t i = 0; i < 8; i++) {
        snprintf (name, sizeof name, "f%u", i);
        readers[i] = (struct reader) { &image, image_walk (&image, name), i, false };
    }
    struct solo_disk *disk = solo_disk_state (image.disk);
    disk->slow             = 1;
    disk->in_flight_max    = 0;
    for (uint32_t i = 0; i < 8; i++)
        solo_go (reader_body, &readers[i]);
    solo_run ();
    for (uint32_t i = 0; i < 8; i++) {
        assert_true (readers[i].done);
        image_release (&image, readers[i].node);
    }
    assert_int_equal (disk->in_flight_max, 8);
    image_unmount (&image);
    image_check (&image);
    image_free (&image);
}

struct worker {
    struct image *image;
    unsigned number;
    unsigned steps; /* done */
};

/* Makes, moves, fills and removes its own names in a directory that all use. */
static void
worker_body (void *argument)
{
    struct worker *worker = argument;
    struct image *image   = worker->image;
    char one[32], two[32];
    static char bytes[32][3000];
    struct file_attr attr;
    uint32_t done;

    for (unsigned i = 0; i < 30; i++, worker->steps++) {
        snprintf (one, sizeof one, "w%u-%u", worker->number, i);
        snprintf (two, sizeof two, "w%u-%u-moved", worker->number, i);
        uint32_t type = i % 3 == 0 ? FILE_DIRECTORY : FILE_REGULAR;
        assert_int_equal (image_create (image, image->root, one, type, &attr), OK);
        if (type == FILE_REGULAR)
            assert_int_equal (image_write (image, attr.node, i * 4000, bytes[worker->number],
                                           3000, &done),
                              OK);
        if (i % 4 == 0)
            assert_int_equal (image_sync (image), OK);
        assert_int_equal (image_rename (image, image->root, one, image->root, two), OK);
        assert_int_equal (image_lookup (image, image->root, one, NULL), ERR_NOT_FOUND);
        if (i % 2 == 0)
            assert_int_equal (image_remove (image, image->root, two, type == FILE_DIRECTORY),
                              OK);
        image_release (image, attr.node);
    }
}

static void
many_handlers_at_once_do_not_meet (void **state)
{
    static const char *const caches[] = { "32", "64", "512" };
    struct image image;
    struct worker workers[32];

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        image_make (&image, 8192, kinds[k]);
        image_boot (&image, caches[k]);
        assert_int_equal (image_mount (&image, false), OK);
        solo_disk_state (image.disk)->slow = 1;
        for (unsigned i = 0; i < 32; i++) {
            workers[i] = (struct worker) { &image, i, 0 };
            solo_go (worker_body, &workers[i]);
        }
        solo_run ();
        for (unsigned i = 0; i < 32; i++)
            assert_int_equal (workers[i].steps, 30);
        image_unmount (&image);
        image_check (&image);
        image_free (&image);
    }
}

/* ---- with the host ---- */

static void
the_host_reads_what_we_write_and_we_what_it_writes (void **state)
{
    struct image image;
    char *said;
    char from_host[] = "/tmp/khimera-from-XXXXXX";
    char bytes[200];
    uint32_t done;
    struct file_attr attr;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        image_make (&image, 4096, kinds[i]);
        image_boot (&image, "64");
        assert_int_equal (image_mount (&image, false), OK);
        uint64_t dir = make_directory (&image, image.root, "dir");
        assert_int_equal (image_lookup (&image, image.root, "dir", NULL), OK);
        assert_int_equal (image_create (&image, dir, "file", FILE_REGULAR, &attr), OK);
        assert_int_equal (image_write (&image, attr.node, 0, "written here\n", 13, &done),
                          OK);
        assert_int_equal (image_symlink (&image, dir, "link", "file"), OK);
        image_release (&image, attr.node);
        image_release (&image, dir);
        image_unmount (&image);
        said = image_debugfs (&image, "cat /dir/file");
        assert_string_equal (said, "written here\n");
        free (said);
        said = image_debugfs (&image, "stat /dir/link");
        assert_non_null (strstr (said, "Fast link dest: \"file\""));
        free (said);

        strcpy (from_host, "/tmp/khimera-from-XXXXXX");
        int fd = mkstemp (from_host);
        assert_true (fd >= 0);
        image_command (NULL, "seq 1 20000 >%s", from_host);
        image_store (&image);
        image_command (NULL,
                       "PATH=$PATH:/usr/sbin:/sbin; printf 'mkdir /d\\nwrite %s /d/numbers\\n"
                       "symlink /d/l numbers\\n' | debugfs -w %s 2>&1",
                       from_host, image.path);
        FILE *file = fopen (image.path, "r");
        assert_int_equal (fread (image.bytes, 1, image.byte_count, file), image.byte_count);
        fclose (file);
        image_boot (&image, "64");
        assert_int_equal (image_mount (&image, false), OK);
        uint64_t node = image_walk (&image, "d/numbers");
        assert_int_not_equal (node, 0);
        assert_int_equal (image_stat (&image, node, &attr), OK);
        assert_int_equal (attr.size, 108894);
        assert_int_equal (image_read (&image, node, 108888, bytes, 200, &done), OK);
        assert_int_equal (done, 6);
        assert_memory_equal (bytes, "20000\n", 6);
        image_release (&image, node);
        node = image_walk (&image, "d/l");
        assert_int_equal (image_readlink (&image, node, bytes, 200, &done), OK);
        assert_int_equal (done, 7);
        image_release (&image, node);
        image_unmount (&image);
        image_check (&image);
        image_free (&image);
        remove (from_host);
        (void)fd;
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (files_are_read_as_they_were_written),
        cmocka_unit_test (holes_take_no_blocks_and_read_as_zeros),
        cmocka_unit_test (files_beyond_two_gigabytes_set_large_file),
        cmocka_unit_test (a_full_disk_is_an_error_and_can_be_emptied),
        cmocka_unit_test (hard_and_symbolic_links),
        cmocka_unit_test (rename_follows_the_rules),
        cmocka_unit_test (times_are_kept_as_finely_as_inodes_have_room),
        cmocka_unit_test (directories_of_many_blocks),
        cmocka_unit_test (devices_pipes_and_sockets_are_kept),
        cmocka_unit_test (a_held_node_outlives_its_last_name),
        cmocka_unit_test (stopping_frees_what_has_no_name),
        cmocka_unit_test (the_disk_is_marked_while_it_is_mounted),
        cmocka_unit_test (reading_only_writes_nothing),
        cmocka_unit_test (features_are_refused_by_name),
        cmocka_unit_test (what_is_no_file_system_is_refused),
        cmocka_unit_test (the_cache_writes_by_itself_and_then_rests),
        cmocka_unit_test (a_broken_disk_is_an_error_each_time),
        cmocka_unit_test (after_a_power_cut_e2fsck_mends_it),
        cmocka_unit_test (different_files_are_read_at_the_same_time),
        cmocka_unit_test (many_handlers_at_once_do_not_meet),
        cmocka_unit_test (the_host_reads_what_we_write_and_we_what_it_writes),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
