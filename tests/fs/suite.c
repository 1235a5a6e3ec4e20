/* suite: see suite.h. model.c has the model. */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

void
fs_suite_holds (Link *fs)
{
    struct file_attr f, again;
    uint64_t root = suite_mount (fs);
    char text[8];

    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "f", &f), OK);
    assert_int_equal (suite_lookup (fs, root, "f", &again), OK);
    assert_int_equal (again.node, f.node);
    assert_int_equal (suite_write (fs, f.node, 0, "abc", 3), 3);
    assert_int_equal (suite_unmount (fs), ERR_BUSY);
    assert_int_equal (suite_remove (fs, root, "f", false), OK);
    assert_int_equal (suite_lookup (fs, root, "f", &again), ERR_NOT_FOUND);
    assert_int_equal (suite_release (fs, f.node, 1), OK);
    assert_int_equal (suite_read (fs, f.node, 1, text, 8), 2);
    assert_memory_equal (text, "bc", 2);
    assert_int_equal (suite_stat (fs, f.node, &again), OK);
    assert_int_equal (again.links, 0);
    assert_int_equal (suite_release (fs, f.node, 1), OK);
    assert_int_equal (suite_stat (fs, f.node, &again), ERR_STALE);
    assert_int_equal (suite_read (fs, f.node, 0, text, 8), -ERR_STALE);
    assert_int_equal (suite_write (fs, f.node, 0, text, 8), -ERR_STALE);
    assert_int_equal (suite_lookup (fs, f.node, "x", &again), ERR_STALE);
    assert_int_equal (suite_lookup (fs, UINT64_MAX, "x", &again), ERR_STALE);
    assert_int_equal (suite_stat (fs, 0, &again), ERR_STALE);
    assert_int_equal (suite_release (fs, root, 1), OK);
    assert_int_equal (suite_unmount (fs), OK);
}

/* Reads on from *cursor through a small window; appends the names that begin with `n`. */
static bool
suite_list_some (Link *fs, uint64_t dir, uint64_t *cursor, uint32_t window, char *names)
{
    char bytes[256];
    struct fs_entries_req req = { .dir = dir, .cursor = *cursor,
                                  .into = { .data = bytes, .length = window } };
    struct fs_entries_rep rep;

    assert_int_equal (fs_entries (fs, &req, &rep), OK);
    for (uint32_t at = 0; at < rep.done;) {
        struct file_entry entry;
        memcpy (&entry, bytes + at, sizeof entry);
        if (bytes[at + sizeof entry] == 'n') {
            strncat (names, bytes + at + sizeof entry, entry.name_bytes);
            strcat (names, " ");
        }
        *cursor = entry.next;
        at += entry.entry_bytes;
    }
    return rep.done > 0;
}

void
fs_suite_cursors (Link *fs)
{
    static char names[16384];
    struct file_attr dir, attr;
    uint64_t root = suite_mount (fs), cursor = 0;
    char name[16];

    assert_int_equal (suite_create (fs, root, FILE_TYPE_DIRECTORY, "dir", &dir), OK);
    for (unsigned i = 0; i < 300; i++) {
        snprintf (name, sizeof name, "n%03u", i);
        assert_int_equal (suite_create (fs, dir.node, FILE_TYPE_REGULAR, name, &attr), OK);
        assert_int_equal (suite_release (fs, attr.node, 1), OK);
    }
    names[0] = '\0';
    for (unsigned step = 0; suite_list_some (fs, dir.node, &cursor, 120, names); step++) {
        /* what was told or not yet told goes away, and others come */
        if (step < 100) {
            snprintf (name, sizeof name, "n%03u", step % 2 ? step : 299 - step);
            assert_int_equal (suite_remove (fs, dir.node, name, false), OK);
            snprintf (name, sizeof name, "x%03u", step);
            assert_int_equal (suite_create (fs, dir.node, FILE_TYPE_REGULAR, name, &attr), OK);
            assert_int_equal (suite_release (fs, attr.node, 1), OK);
        }
    }
    for (unsigned i = 100; i < 200; i++) {
        snprintf (name, sizeof name, "n%03u ", i);
        const char *found = strstr (names, name);
        assert_non_null (found);
        assert_null (strstr (found + 1, name));
    }
    cursor = 0;
    struct fs_entries_req tiny = { .dir = dir.node, .into = { .data = name, .length = 8 } };
    struct fs_entries_rep nothing;
    assert_int_equal (fs_entries (fs, &tiny, &nothing), ERR_INVALID);
    for (unsigned i = 0; i < 300; i++) {
        snprintf (name, sizeof name, "n%03u", i);
        suite_remove (fs, dir.node, name, false);
        snprintf (name, sizeof name, "x%03u", i);
        suite_remove (fs, dir.node, name, false);
    }
    assert_int_equal (suite_release (fs, dir.node, 1), OK);
    assert_int_equal (suite_remove (fs, root, "dir", true), OK);
    assert_int_equal (suite_release (fs, root, 1), OK);
    assert_int_equal (suite_unmount (fs), OK);
}

void
fs_suite_holes (Link *fs)
{
    struct file_attr f, attr;
    uint64_t root = suite_mount (fs);
    char text[64];

    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "f", &f), OK);
    assert_int_equal (suite_write (fs, f.node, 5000000, "end", 3), 3);
    assert_int_equal (suite_stat (fs, f.node, &attr), OK);
    assert_int_equal (attr.size, 5000003);
    assert_true (attr.blocks < 200);
    memset (text, 'x', sizeof text);
    assert_int_equal (suite_read (fs, f.node, 4999990, text, 64), 13);
    assert_memory_equal (text, "\0\0\0\0\0\0\0\0\0\0end", 13);
    assert_int_equal (suite_read (fs, f.node, 0, text, 16), 16);
    assert_memory_equal (text, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal (suite_read (fs, f.node, 5000003, text, 16), 0);
    assert_int_equal (suite_read (fs, f.node, UINT64_MAX, text, 16), 0);
    /* cut and grown */
    assert_int_equal (suite_write (fs, f.node, 0, "0123456789", 10), 10);
    assert_int_equal (suite_truncate (fs, f.node, 4), OK);
    assert_int_equal (suite_truncate (fs, f.node, 100000), OK);
    assert_int_equal (suite_read (fs, f.node, 0, text, 12), 12);
    assert_memory_equal (text, "0123\0\0\0\0\0\0\0\0", 12);
    assert_int_equal (suite_truncate (fs, f.node, 0), OK);
    assert_int_equal (suite_stat (fs, f.node, &attr), OK);
    assert_int_equal (attr.blocks, 0);
    assert_int_equal (suite_release (fs, f.node, 1), OK);
    assert_int_equal (suite_remove (fs, root, "f", false), OK);
    assert_int_equal (suite_release (fs, root, 1), OK);
    assert_int_equal (suite_unmount (fs), OK);
}

void
fs_suite_refusals (Link *fs)
{
    struct file_attr dir, f, attr;
    uint64_t root = suite_mount (fs);
    char name[300], text[8];
    struct fs_mount_req mount = { 0 };
    struct fs_mount_rep mounted;

    assert_int_equal (fs_mount (fs, &mount, &mounted), ERR_BUSY);
    assert_int_equal (suite_create (fs, root, FILE_TYPE_DIRECTORY, "dir", &dir), OK);
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "f", &f), OK);
    memset (name, 'n', sizeof name);
    name[256] = '\0';
    assert_int_not_equal (suite_create (fs, root, FILE_TYPE_REGULAR, name, &attr), OK);
    assert_int_not_equal (suite_lookup (fs, root, name, &attr), OK);
    name[255] = '\0';
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, name, &attr), OK);
    assert_int_equal (suite_release (fs, attr.node, 1), OK);
    assert_int_equal (suite_remove (fs, root, name, false), OK);
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "", &attr), ERR_INVALID);
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, ".", &attr), ERR_INVALID);
    assert_int_equal (suite_create (fs, root, FILE_TYPE_DIRECTORY, "..", &attr), ERR_INVALID);
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "a/b", &attr), ERR_INVALID);
    assert_int_equal (suite_create (fs, root, 0, "a", &attr), ERR_INVALID);
    assert_int_equal (suite_create (fs, root, 99, "a", &attr), ERR_INVALID);
    assert_int_equal (suite_remove (fs, root, ".", true), ERR_INVALID);
    assert_int_equal (suite_remove (fs, dir.node, "..", true), ERR_INVALID);
    assert_int_equal (suite_rename (fs, root, "dir", root, ".."), ERR_INVALID);
    assert_int_equal (suite_create (fs, f.node, FILE_TYPE_REGULAR, "a", &attr),
                      ERR_NOT_DIRECTORY);
    assert_int_equal (suite_read (fs, dir.node, 0, text, 8), -ERR_IS_DIRECTORY);
    assert_int_equal (suite_write (fs, dir.node, 0, text, 8), -ERR_IS_DIRECTORY);
    assert_int_equal (suite_truncate (fs, dir.node, 0), ERR_IS_DIRECTORY);
    assert_int_equal (suite_readlink (fs, f.node, text, 8), -ERR_INVALID);
    assert_int_equal (suite_link (fs, root, "hard", dir.node), ERR_NOT_PERMITTED);
    assert_int_equal (suite_release (fs, dir.node, 1), OK);
    assert_int_equal (suite_release (fs, f.node, 1), OK);
    assert_int_equal (suite_remove (fs, root, "dir", true), OK);
    assert_int_equal (suite_remove (fs, root, "f", false), OK);
    assert_int_equal (suite_release (fs, root, 1), OK);
    assert_int_equal (suite_unmount (fs), OK);
}
