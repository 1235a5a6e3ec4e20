/* Open files: flags, positions, descriptors, names. */
#include <stdio.h>

#include "bench.h"

static struct file_attr attr;

static void
open_flags_do_what_they_say (void **state)
{
    char text[16];
    int64_t fd;

    (void)state;
    assert_status (b_open (1, "/f", OPEN_READ, 0), ERR_NOT_FOUND);
    assert_status (b_open (1, "/f", OPEN_CREATE, 0666), ERR_INVALID);
    assert_status (b_open (1, "/f/", OPEN_WRITE | OPEN_CREATE, 0666), ERR_IS_DIRECTORY);
    fd = b_open (1, "/f", OPEN_WRITE | OPEN_CREATE | OPEN_EXCLUSIVE, 0666);
    assert_int_equal (fd, 0);
    assert_int_equal (b_write (1, fd, "hello", 5), 5);
    assert_status (b_read (1, fd, text, 5), ERR_BAD_DESCRIPTOR);
    assert_status (b_open (1, "/f", OPEN_WRITE | OPEN_CREATE | OPEN_EXCLUSIVE, 0666), ERR_EXISTS);
    assert_status (b_open (1, "/f", OPEN_READ | OPEN_DIRECTORY, 0), ERR_NOT_DIRECTORY);
    assert_status (b_open (1, "/", OPEN_WRITE, 0), ERR_IS_DIRECTORY);
    assert_status (b_open (1, "/", OPEN_READ | OPEN_CREATE, 0), ERR_IS_DIRECTORY);
    assert_int_equal (b_open (1, "/f", OPEN_READ | OPEN_TRUNCATE, 0), 1);
    assert_string_equal (b_get ("/f"), "hello");
    assert_int_equal (b_open (1, "/f", OPEN_WRITE | OPEN_TRUNCATE, 0), 2);
    assert_status (b_write (1, 1, "x", 1), ERR_BAD_DESCRIPTOR);
    assert_string_equal (b_get ("/f"), "");
    /* appending goes to the end, wherever others have moved it */
    int64_t a = b_open (1, "/f", OPEN_WRITE | OPEN_APPEND, 0);
    int64_t b = b_open (1, "/f", OPEN_WRITE | OPEN_APPEND, 0);
    b_write (1, a, "one,", 4);
    b_write (1, b, "two,", 4);
    b_write (1, a, "three", 5);
    assert_string_equal (b_get ("/f"), "one,two,three");
    assert_int_equal (b_flags (1, a, false, 0), OPEN_WRITE | OPEN_APPEND);
    assert_int_equal (b_flags (1, a, true, OPEN_CLOEXEC), OPEN_WRITE | OPEN_CLOEXEC);
    b_seek (1, a, 0, SEEK_FROM_START);
    b_write (1, a, "ONE", 3);
    assert_string_equal (b_get ("/f"), "ONE,two,three");
    assert_status (b_close (1, 99), ERR_BAD_DESCRIPTOR);
    assert_status (b_close (1, -1), ERR_BAD_DESCRIPTOR);
}

static void
positions_belong_to_the_open_file (void **state)
{
    char text[16];
    int64_t fd, copy;

    (void)state;
    b_put ("/f", "0123456789");
    fd   = b_open (1, "/f", OPEN_READ | OPEN_WRITE, 0);
    copy = b_dup (1, fd, -1, 5, false);
    assert_int_equal (copy, 5);
    assert_int_equal (b_read (1, fd, text, 3), 3);
    assert_int_equal (b_read (1, copy, text, 3), 3);
    assert_memory_equal (text, "345", 3);
    assert_int_equal (b_pread (1, fd, text, 4, 8), 2);
    assert_int_equal (b_seek (1, copy, 0, SEEK_FROM_CURRENT), 6);
    assert_int_equal (b_seek (1, fd, -1, SEEK_FROM_END), 9);
    assert_status (b_seek (1, fd, -11, SEEK_FROM_END), ERR_INVALID);
    assert_status (b_seek (1, fd, 0, 9), ERR_INVALID);
    assert_int_equal (b_seek (1, fd, INT64_MAX, SEEK_FROM_START), INT64_MAX);
    assert_status (b_seek (1, fd, 1, SEEK_FROM_CURRENT), ERR_OVERFLOW);
    assert_status (b_write (1, fd, "x", 1), ERR_FILE_TOO_LARGE);
    assert_status (b_pread (1, fd, text, 1, -2), ERR_INVALID);
    assert_int_equal (b_pwrite (1, fd, "XY", 2, 4), 2);
    assert_string_equal (b_get ("/f"), "0123XY6789");
    /* dup2 closes what was there */
    assert_int_equal (b_dup (1, copy, 7, 0, true), 7);
    assert_int_equal (b_dup (1, fd, 7, 0, false), 7);
    assert_int_equal (b_dup (1, 7, 7, 0, true), 7);
    assert_status (b_dup (1, 99, 3, 0, false), ERR_BAD_DESCRIPTOR);
    assert_status (b_dup (1, fd, 1024, 0, false), ERR_BAD_DESCRIPTOR);
    assert_status (b_dup (1, fd, -1, 1024, false), ERR_INVALID);
}

static void
an_unlinked_open_file_lives_on (void **state)
{
    char text[16];

    (void)state;
    b_put ("/f", "still here");
    int64_t fd = b_open (1, "/f", OPEN_READ, 0);
    assert_ok (b_unlink (1, "/f"));
    assert_status (b_stat (1, "/f", &attr), ERR_NOT_FOUND);
    assert_ok (b_fstat (1, fd, &attr));
    assert_int_equal (attr.links, 0);
    assert_int_equal (b_read (1, fd, text, 16), 10);
    size_t used = solo_memory_used (bench.root);
    assert_ok (b_close (1, fd));
    assert_true (solo_memory_used (bench.root) < used);
}

static void
rename_follows_its_rules (void **state)
{
    (void)state;
    assert_ok (b_mkdir (1, "/d", 0755));
    assert_ok (b_mkdir (1, "/d/e", 0755));
    assert_ok (b_mkdir (1, "/empty", 0755));
    b_put ("/f", "f");
    b_put ("/g", "g");
    assert_status (b_rename (1, "/nothing", "/x"), ERR_NOT_FOUND);
    assert_status (b_rename (1, "/f", "/d"), ERR_IS_DIRECTORY);
    assert_status (b_rename (1, "/d", "/f"), ERR_NOT_DIRECTORY);
    assert_status (b_rename (1, "/empty", "/d"), ERR_NOT_EMPTY);
    assert_status (b_rename (1, "/d", "/d/e/x"), ERR_INVALID);
    assert_status (b_rename (1, "/d", "/d/x"), ERR_INVALID);
    assert_status (b_rename (1, "/d/e", "/d"), ERR_NOT_EMPTY);
    assert_status (b_rename (1, "/d/.", "/x"), ERR_BUSY);
    assert_status (b_rename (1, "/f", "/d/.."), ERR_BUSY);
    assert_status (b_rename (1, "/f/", "/x"), ERR_NOT_DIRECTORY);
    assert_status (b_rename (1, "/f", "/x/"), ERR_NOT_DIRECTORY);
    assert_ok (b_rename (1, "/f", "/f"));
    assert_ok (b_link (1, "/f", "/same"));
    assert_ok (b_rename (1, "/f", "/same")); /* one node: both names stay */
    assert_string_equal (b_list (1, "/"), "d dev empty f g mnt same ");
    assert_ok (b_rename (1, "/g", "/f"));
    assert_string_equal (b_get ("/f"), "g");
    assert_string_equal (b_get ("/same"), "f");
    assert_ok (b_rename (1, "/d/e", "/empty/"));
    assert_ok (b_stat (1, "/d", &attr));
    assert_int_equal (attr.links, 2);
    assert_ok (b_rename (1, "/d", "/empty/d"));
    assert_ok (b_stat (1, "/empty", &attr));
    assert_int_equal (attr.links, 3);
    assert_ok (b_chdir (1, "/empty/d"));
    assert_ok (b_rename (1, "/empty", "/full"));
    assert_string_equal (b_getcwd (1), "/full/d");
    assert_ok (b_chdir (1, "/"));
}

static void
names_are_made_and_removed_by_the_rules (void **state)
{
    (void)state;
    assert_ok (b_mkdir (1, "/d", 0755));
    b_put ("/f", "f");
    assert_status (b_mkdir (1, "/d", 0755), ERR_EXISTS);
    assert_status (b_mkdir (1, "/", 0755), ERR_EXISTS);
    assert_status (b_mkdir (1, "/d/.", 0755), ERR_EXISTS);
    assert_status (b_mkdir (1, "/x/y", 0755), ERR_NOT_FOUND);
    assert_status (b_mkdir (1, "/f/y", 0755), ERR_NOT_DIRECTORY);
    assert_status (b_rmdir (1, "/f"), ERR_NOT_DIRECTORY);
    assert_status (b_rmdir (1, "/d/."), ERR_INVALID);
    assert_status (b_rmdir (1, "/d/.."), ERR_NOT_EMPTY);
    assert_status (b_rmdir (1, "/"), ERR_BUSY);
    assert_status (b_unlink (1, "/d"), ERR_IS_DIRECTORY);
    assert_status (b_unlink (1, "/f/"), ERR_NOT_DIRECTORY);
    assert_status (b_unlink (1, "/nothing"), ERR_NOT_FOUND);
    assert_status (b_link (1, "/d", "/e"), ERR_NOT_PERMITTED);
    assert_status (b_link (1, "/f", "/d"), ERR_EXISTS);
    assert_status (b_link (1, "/f", "/e/"), ERR_NOT_FOUND);
    assert_ok (b_link (1, "/f", "/d/hard"));
    assert_status (b_rmdir (1, "/d"), ERR_NOT_EMPTY);
    assert_ok (b_stat (1, "/f", &attr));
    assert_int_equal (attr.links, 2);
    assert_ok (b_unlink (1, "/f"));
    assert_string_equal (b_get ("/d/hard"), "f");
    assert_ok (b_mknod (1, "/p", FILE_TYPE_PIPE, 0));
    assert_status (b_open (1, "/p", OPEN_WRITE | OPEN_NONBLOCK, 0), ERR_NO_DEVICE);
    assert_status (b_mknod (1, "/q", FILE_TYPE_LINK, 0), ERR_INVALID);
    bench_user (10, 100, 50);
    assert_status (b_mknod (10, "/q", FILE_TYPE_CHARACTER, 2), ERR_NOT_PERMITTED);
    assert_ok (b_truncate (1, "/d/hard", 100));
    assert_status (b_truncate (1, "/d", 0), ERR_IS_DIRECTORY);
    assert_status (b_truncate (10, "/d/hard", 0), ERR_ACCESS);
}

static void
a_device_node_anywhere_means_the_device (void **state)
{
    char text[8] = "12345678";

    (void)state;
    b_put ("/dev/null", "swallowed");
    assert_string_equal (b_get ("/dev/null"), "");
    assert_ok (b_stat (1, "/dev/zero", &attr));
    assert_ok (b_mknod (1, "/zero", FILE_TYPE_CHARACTER, attr.device));
    int64_t fd = b_open (1, "/zero", OPEN_READ, 0);
    assert_int_equal (b_read (1, fd, text, 8), 8);
    assert_memory_equal (text, "\0\0\0\0\0\0\0\0", 8);
    assert_int_equal (b_seek (1, fd, 100, SEEK_FROM_START), 0);
    fd = b_open (1, "/dev/full", OPEN_WRITE, 0);
    assert_status (b_write (1, fd, text, 8), ERR_NO_SPACE);
    assert_status (b_open (1, "/dev/new", OPEN_WRITE | OPEN_CREATE, 0666), ERR_NOT_PERMITTED);
    assert_status (b_unlink (1, "/dev/null"), ERR_NOT_PERMITTED);
    assert_status (b_open (1, "/dev/tty", OPEN_READ, 0), ERR_NOT_FOUND);
    assert_string_equal (b_list (1, "/dev"), "disk0 fd full null random stderr stdin stdout urandom zero ");
    fd = b_open (1, "/dev/disk0", OPEN_READ | OPEN_WRITE, 0);
    assert_int_equal (b_seek (1, fd, 0, SEEK_FROM_END), sizeof bench.disk_bytes);
    assert_status (b_write (1, fd, "x", 1), ERR_NO_SPACE);
    assert_int_equal (b_seek (1, fd, 510, SEEK_FROM_START), 510);
    char long_text[1500];
    memset (long_text, 'd', sizeof long_text);
    assert_int_equal (b_write (1, fd, long_text, sizeof long_text), sizeof long_text);
    assert_int_equal (bench.disk_bytes[509], 0);
    assert_memory_equal (bench.disk_bytes + 510, long_text, sizeof long_text);
    assert_int_equal (bench.disk_bytes[2010], 0);
    assert_int_equal (b_pread (1, fd, text, 8, 2006), 8);
    assert_memory_equal (text, "dddd\0\0\0\0", 8);
}

static void
ten_thousand_files_are_open_at_once (void **state)
{
    char name[32];

    (void)state;
    bench_teardown (NULL);
    bench_start ("/ root", "20000");
    solo_memory_limit (bench.root, 256u << 20);
    for (int i = 0; i < 10000; i++) {
        snprintf (name, sizeof name, "/file%d", i);
        assert_int_equal (b_open (1, name, OPEN_READ | OPEN_WRITE | OPEN_CREATE, 0666), i);
    }
    for (int i = 0; i < 10000; i += 7) {
        snprintf (name, sizeof name, "%d", i);
        assert_int_equal (b_write (1, i, name, (uint32_t)strlen (name)), strlen (name));
    }
    for (int i = 0; i < 10000; i += 7) {
        char expected[32], found[32];
        snprintf (expected, sizeof expected, "%d", i);
        int64_t done = b_pread (1, i, found, sizeof found, 0);
        assert_int_equal (done, strlen (expected));
        assert_memory_equal (found, expected, (size_t)done);
    }
    for (int i = 0; i < 10000; i++)
        assert_ok (b_close (1, i));
    assert_int_equal (b_open (1, "/file0", OPEN_READ, 0), 0);
}

static void
the_limits_are_answered_with_a_status (void **state)
{
    int64_t fds[2];

    (void)state;
    bench_teardown (NULL);
    bench_start ("/ root", "8");
    b_put ("/f", "");
    for (int i = 0; i < 8; i++)
        assert_int_equal (b_open (1, "/f", OPEN_READ, 0), i);
    assert_status (b_open (1, "/f", OPEN_READ, 0), ERR_TOO_MANY_FILES);
    assert_status (b_open (1, "/new", OPEN_WRITE | OPEN_CREATE, 0), ERR_TOO_MANY_FILES);
    assert_status (b_stat (1, "/new", &attr), ERR_NOT_FOUND);
    assert_status (b_dup (1, 0, -1, 0, false), ERR_TOO_MANY_FILES);
    assert_status (b_pipe (1, 0, fds), ERR_TOO_MANY_FILES);
    assert_ok (b_close (1, 3));
    assert_status (b_pipe (1, 0, fds), ERR_TOO_MANY_FILES);
    assert_int_equal (b_open (1, "/f", OPEN_READ, 0), 3);
    /* the machine's memory */
    assert_ok (b_close (1, 3));
    solo_memory_limit (bench.vfs, solo_memory_used (bench.vfs));
    assert_status (b_open (1, "/f", OPEN_READ, 0), ERR_FILE_TABLE);
    assert_status (b_pipe (1, 0, fds), ERR_FILE_TABLE);
    assert_status (b_clone (1, 2, NULL, 0, 0), ERR_NO_MEMORY);
    solo_memory_limit (bench.vfs, 64u << 20);
    assert_int_equal (b_open (1, "/f", OPEN_READ, 0), 3);
}

/* ---- clone ---- */

static char actions[1024];
static uint32_t action_bytes, action_count;

static void
action (uint32_t what, int32_t fd, int32_t from, const char *path, uint32_t flags)
{
    struct file_action step = { .what = what, .fd = fd, .from = from, .flags = flags,
                                .mode = 0644,
                                .path_bytes = path ? (uint32_t)strlen (path) + 1 : 0 };
    memcpy (actions + action_bytes, &step, sizeof step);
    action_bytes += sizeof step;
    if (path != NULL)
        strcpy (actions + action_bytes, path);
    action_bytes += (step.path_bytes + 7) & ~7u;
    action_count++;
}

static int64_t
clone_with_actions (uint32_t child)
{
    int64_t result = b_clone (1, child, actions, action_bytes, action_count);
    action_bytes = action_count = 0;
    return result;
}

static void
a_child_gets_what_the_actions_say (void **state)
{
    char text[8];
    int64_t fd;

    (void)state;
    assert_ok (b_mkdir (1, "/job", 0755));
    b_put ("/f", "abcdef");
    assert_int_equal (b_open (1, "/f", OPEN_READ, 0), 0);
    assert_int_equal (b_open (1, "/f", OPEN_READ | OPEN_CLOEXEC, 0), 1);
    assert_int_equal (b_open (1, "/f", OPEN_READ | OPEN_CLOEXEC, 0), 2);
    action (ACTION_DUP, 5, 1, NULL, 0);
    action (ACTION_DUP, 2, 2, NULL, 0);
    action (ACTION_CHDIR, 0, 0, "/job", 0);
    action (ACTION_OPEN, 1, 0, "out", OPEN_WRITE | OPEN_CREATE);
    action (ACTION_CLOSE, 40, 0, NULL, 0);
    assert_ok (clone_with_actions (2));
    assert_string_equal (b_getcwd (2), "/job");
    assert_string_equal (b_getcwd (1), "/");
    assert_int_equal (b_write (2, 1, "child", 5), 5);
    assert_string_equal (b_get ("/job/out"), "child");
    /* positions are shared with the parent */
    assert_int_equal (b_read (2, 0, text, 2), 2);
    assert_int_equal (b_read (1, 0, text, 2), 2);
    assert_memory_equal (text, "cd", 2);
    assert_int_equal (b_read (2, 5, text, 1), 1);
    assert_int_equal (b_read (2, 2, text, 1), 1);
    assert_ok (b_release (2));
    assert_status (b_read (2, 0, text, 1), ERR_NO_PROCESS);
    assert_int_equal (b_read (1, 0, text, 1), 1);
    assert_ok (b_clone (1, 3, NULL, 0, 0));
    assert_status (b_read (3, 1, text, 1), ERR_BAD_DESCRIPTOR);
    assert_status (b_clone (1, 3, NULL, 0, 0), ERR_EXISTS);
    assert_status (b_clone (77, 4, NULL, 0, 0), ERR_NO_PROCESS);
    fd = b_dup (3, 0, -1, 0, false);
    assert_int_equal (fd, 1);
}

static void
a_failed_action_leaves_nothing (void **state)
{
    size_t used;

    (void)state;
    b_put ("/f", "abcdef");
    assert_int_equal (b_open (1, "/f", OPEN_READ, 0), 0);
    assert_ok (b_clone (1, 2, NULL, 0, 0));
    assert_ok (b_release (2));
    used = solo_memory_used (bench.vfs);
    action (ACTION_DUP, 1, 0, NULL, 0);
    action (ACTION_OPEN, 2, 0, "/nothing", OPEN_READ);
    assert_status (clone_with_actions (2), ERR_NOT_FOUND);
    action (ACTION_DUP, 1, 9, NULL, 0);
    assert_status (clone_with_actions (2), ERR_BAD_DESCRIPTOR);
    action (ACTION_CHDIR, 0, 0, "/f", 0);
    assert_status (clone_with_actions (2), ERR_NOT_DIRECTORY);
    action (99, 0, 0, NULL, 0);
    assert_status (clone_with_actions (2), ERR_INVALID);
    action (ACTION_OPEN, 1, 0, "/f", OPEN_READ);
    action_bytes = sizeof (struct file_action) + 1;
    assert_status (clone_with_actions (2), ERR_INVALID);
    action_count = 3;
    assert_status (clone_with_actions (2), ERR_INVALID);
    assert_int_equal (solo_memory_used (bench.vfs), used);
    assert_status (b_release (2), ERR_NO_PROCESS);
}

static void
programs_are_loaded_if_they_may_run (void **state)
{
    char text[16];
    struct file_load_req load = { .process = 1, .offset = 2, .path_bytes = 5,
                                  .from = { .data = (void *)"/prog, and more", .length = 15 },
                                  .into = { .data = text, .length = 4 } };
    struct file_load_rep got = { 0 };

    (void)state;
    b_put ("/prog", "#!program");
    assert_int_equal (file_load (bench.files, &load, &got), ERR_ACCESS);
    assert_ok (b_chmod (1, "/prog", 0755));
    assert_int_equal (file_load (bench.files, &load, &got), OK);
    assert_int_equal (got.done, 4);
    assert_memory_equal (text, "prog", 4);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST (open_flags_do_what_they_say),
        TEST (positions_belong_to_the_open_file),
        TEST (an_unlinked_open_file_lives_on),
        TEST (rename_follows_its_rules),
        TEST (names_are_made_and_removed_by_the_rules),
        TEST (a_device_node_anywhere_means_the_device),
        TEST (ten_thousand_files_are_open_at_once),
        TEST (the_limits_are_answered_with_a_status),
        TEST (a_child_gets_what_the_actions_say),
        TEST (a_failed_action_leaves_nothing),
        TEST (programs_are_loaded_if_they_may_run),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
