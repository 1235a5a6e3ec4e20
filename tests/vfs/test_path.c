/* Paths: links, dots, mount points, slashes, and who may go where. */
#include <stdio.h>

#include "bench.h"

static struct file_attr attr;

static void
dots_and_slashes_lead_where_posix_says (void **state)
{
    (void)state;
    assert_ok (b_mkdir (1, "/a", 0755));
    assert_ok (b_mkdir (1, "/a/b/", 0755));
    b_put ("/a/b/file", "x");
    assert_ok (b_stat (1, "//a/./b/../b///file", &attr));
    assert_status (b_stat (1, "/a/b/file/", &attr), ERR_NOT_DIRECTORY);
    assert_status (b_stat (1, "/a/b/file/..", &attr), ERR_NOT_DIRECTORY);
    assert_status (b_stat (1, "/a/c/..", &attr), ERR_NOT_FOUND);
    assert_status (b_stat (1, "", &attr), ERR_NOT_FOUND);
    assert_ok (b_stat (1, "/..", &attr));
    assert_ok (b_chdir (1, "/a/b"));
    assert_ok (b_stat (1, "file", &attr));
    assert_ok (b_stat (1, "../../../a/b/file", &attr));
    assert_string_equal (b_getcwd (1), "/a/b");
    assert_ok (b_chdir (1, ".."));
    assert_string_equal (b_getcwd (1), "/a");
    assert_ok (b_chdir (1, "/"));
    assert_string_equal (b_getcwd (1), "/");
}

static void
too_long_names_and_paths_are_refused (void **state)
{
    static char text[FILE_PATH_MAX + 2];

    (void)state;
    memset (text, 'n', 256);
    text[0] = '/';
    assert_ok (b_mkdir (1, text, 0755));
    memset (text + 1, 'n', 256);
    assert_status (b_mkdir (1, text, 0755), ERR_NAME_TOO_LONG);
    for (unsigned i = 0; i < FILE_PATH_MAX; i++)
        text[i] = i % 2 ? '.' : '/';
    assert_status (b_stat (1, text, &attr), ERR_NAME_TOO_LONG);
    text[FILE_PATH_MAX - 1] = '\0';
    assert_ok (b_stat (1, text, &attr));
}

static void
forty_links_are_followed_and_no_more (void **state)
{
    char name[16], to[16];

    (void)state;
    b_put ("/l0", "end");
    for (unsigned i = 1; i <= 41; i++) {
        snprintf (name, sizeof name, "/l%u", i);
        snprintf (to, sizeof to, "l%u", i - 1);
        assert_ok (b_symlink (1, to, name));
    }
    assert_string_equal (b_get ("/l40"), "end");
    assert_status (b_open (1, "/l41", OPEN_READ, 0), ERR_LOOP);
    assert_ok (b_symlink (1, "ring", "/ring"));
    assert_status (b_stat (1, "/ring", &attr), ERR_LOOP);
    assert_status (b_stat (1, "/ring/x", &attr), ERR_LOOP);
    assert_ok (b_lstat (1, "/ring", &attr));
    assert_int_equal (attr.type, FILE_TYPE_LINK);
    assert_int_equal (attr.size, 4);
}

static void
links_are_followed_where_they_should_be (void **state)
{
    char text[64];

    (void)state;
    assert_ok (b_mkdir (1, "/d", 0755));
    assert_ok (b_mkdir (1, "/d/sub", 0755));
    b_put ("/d/sub/f", "deep");
    assert_ok (b_symlink (1, "d/sub", "/s"));
    assert_ok (b_symlink (1, "/d", "/d/sub/up"));
    assert_ok (b_symlink (1, "nowhere", "/d/gone"));
    assert_string_equal (b_get ("/s/f"), "deep");
    assert_string_equal (b_get ("/s/up/sub/up/sub/f"), "deep");
    assert_string_equal (b_get ("/s/../sub/f"), "deep");
    assert_int_equal (b_readlink (1, "/s", text, sizeof text), 5);
    assert_memory_equal (text, "d/sub", 5);
    assert_int_equal (b_readlink (1, "/s", text, 2), 2);
    assert_status (b_readlink (1, "/d", text, 2), ERR_INVALID);
    assert_ok (b_stat (1, "/s/", &attr));
    assert_ok (b_lstat (1, "/s/", &attr));
    assert_int_equal (attr.type, FILE_TYPE_DIRECTORY);
    /* a dangling one: making the file makes what it names */
    assert_status (b_open (1, "/d/gone", OPEN_READ, 0), ERR_NOT_FOUND);
    assert_status (b_open (1, "/d/gone", OPEN_WRITE | OPEN_CREATE | OPEN_EXCLUSIVE, 0666),
                   ERR_EXISTS);
    assert_status (b_open (1, "/d/gone", OPEN_READ | OPEN_NO_FOLLOW, 0), ERR_LOOP);
    b_put ("/d/gone", "made");
    assert_string_equal (b_get ("/d/nowhere"), "made");
    assert_status (b_symlink (1, "x", "/d/gone"), ERR_EXISTS);
    assert_status (b_symlink (1, "", "/d/empty"), ERR_NOT_FOUND);
    assert_ok (b_unlink (1, "/d/gone"));
    assert_string_equal (b_get ("/d/nowhere"), "made");
}

static void
permission_bits_decide_for_all_but_root (void **state)
{
    (void)state;
    bench_user (10, 100, 50);
    bench_user (11, 101, 50);
    bench_user (12, 102, 51);
    assert_ok (b_mkdir (1, "/home", 0755));
    assert_ok (b_chown (1, "/home", 100, 50));
    assert_int_equal (b_open (10, "/home/f", OPEN_WRITE | OPEN_CREATE, 0640), 0);
    assert_status (b_open (11, "/home/f", OPEN_WRITE, 0), ERR_ACCESS);
    assert_int_equal (b_open (11, "/home/f", OPEN_READ, 0), 0);
    assert_status (b_open (12, "/home/f", OPEN_READ, 0), ERR_ACCESS);
    assert_int_equal (b_open (1, "/home/f", OPEN_READ | OPEN_WRITE, 0), 0);
    assert_ok (b_access (10, "/home/f", 6));
    assert_status (b_access (10, "/home/f", 1), ERR_ACCESS);
    assert_status (b_access (1, "/home/f", 1), ERR_ACCESS);
    assert_status (b_access (12, "/home/f", 4), ERR_ACCESS);
    assert_ok (b_access (12, "/home/f", 0));
    /* the owner's own bits count for the owner, even if others have more */
    assert_ok (b_chmod (10, "/home/f", 0077));
    assert_status (b_open (10, "/home/f", OPEN_READ, 0), ERR_ACCESS);
    assert_status (b_chmod (11, "/home/f", 0777), ERR_NOT_PERMITTED);
    assert_status (b_chown (10, "/home/f", 101, 50), ERR_NOT_PERMITTED);
    /* directories: search to go through, write to change */
    assert_status (b_open (11, "/home/g", OPEN_WRITE | OPEN_CREATE, 0666), ERR_ACCESS);
    assert_status (b_unlink (11, "/home/f"), ERR_ACCESS);
    assert_ok (b_chmod (10, "/home", 0700));
    assert_status (b_stat (11, "/home/f", &attr), ERR_ACCESS);
    assert_status (b_chdir (11, "/home"), ERR_ACCESS);
    assert_ok (b_chmod (10, "/home", 0711));
    assert_ok (b_stat (11, "/home/f", &attr));
    assert_status (b_open (11, "/home", OPEN_READ, 0), ERR_ACCESS);
}

static void
a_sticky_directory_keeps_others_files (void **state)
{
    (void)state;
    bench_user (10, 100, 50);
    bench_user (11, 101, 50);
    assert_ok (b_mkdir (1, "/tmp", 0777));
    assert_ok (b_chmod (1, "/tmp", 01777));
    assert_int_equal (b_open (10, "/tmp/mine", OPEN_WRITE | OPEN_CREATE, 0666), 0);
    assert_int_equal (b_open (11, "/tmp/his", OPEN_WRITE | OPEN_CREATE, 0666), 0);
    assert_status (b_unlink (11, "/tmp/mine"), ERR_NOT_PERMITTED);
    assert_status (b_rename (11, "/tmp/mine", "/tmp/x"), ERR_NOT_PERMITTED);
    assert_status (b_rename (11, "/tmp/his", "/tmp/mine"), ERR_NOT_PERMITTED);
    assert_ok (b_rename (10, "/tmp/mine", "/tmp/x"));
    assert_ok (b_unlink (10, "/tmp/x"));
}

static void
modes_of_new_files_obey_umask_and_setgid (void **state)
{
    struct file_umask_req set = { .process = 10, .mask = 027 };
    struct file_umask_rep old;

    (void)state;
    bench_user (10, 100, 50);
    assert_int_equal (file_umask (bench.files, &set, &old), OK);
    assert_int_equal (old.mask, 022);
    assert_ok (b_mkdir (1, "/g", 0777));
    assert_ok (b_chown (1, "/g", 0, 77));
    assert_ok (b_chmod (1, "/g", 02777));
    assert_int_equal (b_open (10, "/g/f", OPEN_WRITE | OPEN_CREATE, 0666), 0);
    assert_ok (b_stat (1, "/g/f", &attr));
    assert_int_equal (attr.mode, 0640);
    assert_int_equal (attr.uid, 100);
    assert_int_equal (attr.gid, 77);
    assert_ok (b_mkdir (10, "/g/d", 0777));
    assert_ok (b_stat (1, "/g/d", &attr));
    assert_int_equal (attr.mode, 02750);
    /* a change of owner takes setuid away */
    assert_ok (b_chmod (10, "/g/f", 04755));
    assert_ok (b_chown (1, "/g/f", 101, 50));
    assert_ok (b_stat (1, "/g/f", &attr));
    assert_int_equal (attr.mode, 0755);
}

static void
mount_points_are_crossed_both_ways (void **state)
{
    struct file_attr below;

    (void)state;
    assert_string_equal (b_mounts (), "root / tmpfs rw 0 0\nother /mnt tmpfs rw 0 0\n"
                                      "dev /dev devfs rw 0 0\n");
    b_put ("/mnt/f", "there");
    b_put ("/f", "here");
    assert_string_equal (b_get ("/mnt/../f"), "here");
    assert_string_equal (b_get ("/mnt/../mnt/./f"), "there");
    assert_ok (b_stat (1, "/f", &attr));
    assert_ok (b_stat (1, "/mnt/f", &below));
    assert_int_not_equal (attr.filesystem, below.filesystem);
    assert_status (b_link (1, "/f", "/mnt/g"), ERR_CROSS_DEVICE);
    assert_status (b_rename (1, "/f", "/mnt/g"), ERR_CROSS_DEVICE);
    assert_status (b_rmdir (1, "/mnt"), ERR_BUSY);
    assert_status (b_rename (1, "/mnt", "/other"), ERR_BUSY);
    assert_status (b_unmount (1, "/"), ERR_BUSY);
    assert_status (b_unmount (1, "/f"), ERR_INVALID);
    assert_status (b_unmount (1, "nobody"), ERR_NOT_FOUND);

    assert_ok (b_mkdir (1, "/mnt/in", 0755));
    assert_ok (b_chdir (1, "/mnt/in"));
    assert_string_equal (b_getcwd (1), "/mnt/in");
    assert_status (b_unmount (1, "/mnt"), ERR_BUSY);
    assert_ok (b_chdir (1, "/"));
    int64_t fd = b_open (1, "/mnt/f", OPEN_READ, 0);
    assert_status (b_unmount (1, "other"), ERR_BUSY);
    assert_ok (b_close (1, fd));
    assert_ok (b_unmount (1, "other"));
    assert_string_equal (b_list (1, "/mnt"), "");
    assert_ok (b_rmdir (1, "/mnt"));
}

static void
file_systems_are_mounted_by_name_or_type (void **state)
{
    (void)state;
    assert_ok (b_unmount (1, "/mnt"));
    assert_status (b_mount (1, "nobody", "/mnt", "", false), ERR_NO_DEVICE);
    assert_status (b_mount (1, "other", "/mnt", "ext2", false), ERR_NO_DEVICE);
    assert_status (b_mount (1, "root", "/mnt", "", false), ERR_BUSY);
    bench_user (10, 100, 50);
    assert_status (b_mount (10, "other", "/mnt", "", false), ERR_NOT_PERMITTED);
    assert_status (b_unmount (10, "/dev"), ERR_NOT_PERMITTED);
    assert_ok (b_mkdir (1, "/a place", 0755));
    assert_ok (b_mount (1, "none", "/a place", "tmpfs", true));
    assert_string_equal (b_mounts (), "root / tmpfs rw 0 0\ndev /dev devfs rw 0 0\n"
                                      "other /a\\040place tmpfs ro 0 0\n");
    assert_status (b_open (1, "/a place/f", OPEN_WRITE | OPEN_CREATE, 0666), ERR_READ_ONLY);
    assert_status (b_mkdir (1, "/a place/d", 0755), ERR_READ_ONLY);
    assert_status (b_chmod (1, "/a place", 0700), ERR_READ_ONLY);
    assert_ok (b_unmount (1, "/a place"));
    /* one on top of another */
    assert_ok (b_unmount (1, "dev"));
    assert_ok (b_mount (1, "other", "/mnt", "", false));
    b_put ("/mnt/f", "lower");
    assert_ok (b_mount (1, "/dev/dev", "/mnt", "devfs", false));
    assert_ok (b_stat (1, "/mnt/null", &attr));
    assert_ok (b_stat (1, "/mnt/..", &attr));
    assert_ok (b_chdir (1, "/mnt"));
    assert_string_equal (b_getcwd (1), "/mnt");
    assert_ok (b_chdir (1, ".."));
    assert_string_equal (b_getcwd (1), "/");
    assert_status (b_unmount (1, "other"), ERR_BUSY);
    assert_ok (b_unmount (1, "/mnt"));
    assert_string_equal (b_get ("/mnt/f"), "lower");
}

static void
a_removed_directory_has_no_path_and_takes_no_names (void **state)
{
    (void)state;
    assert_ok (b_mkdir (1, "/gone", 0755));
    assert_ok (b_chdir (1, "/gone"));
    assert_ok (b_rmdir (1, "/gone"));
    assert_string_equal (b_getcwd (1), "");
    assert_status (b_open (1, "f", OPEN_WRITE | OPEN_CREATE, 0666), ERR_NOT_FOUND);
    assert_status (b_mkdir (1, "d", 0755), ERR_NOT_FOUND);
    assert_string_equal (b_list (1, "."), "");
    assert_ok (b_chdir (1, "/"));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST (dots_and_slashes_lead_where_posix_says),
        TEST (too_long_names_and_paths_are_refused),
        TEST (forty_links_are_followed_and_no_more),
        TEST (links_are_followed_where_they_should_be),
        TEST (permission_bits_decide_for_all_but_root),
        TEST (a_sticky_directory_keeps_others_files),
        TEST (modes_of_new_files_obey_umask_and_setgid),
        TEST (mount_points_are_crossed_both_ways),
        TEST (file_systems_are_mounted_by_name_or_type),
        TEST (a_removed_directory_has_no_path_and_takes_no_names),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
