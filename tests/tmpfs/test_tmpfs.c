/* tmpfs: the promises of every file system, and what is its own. */
#include "../fs/calls.h"
#include "../solo/solo.h"

extern const struct component_class tmpfs_class;

static Component *tmpfs;
static Link *fs;

static int
setup (void **state)
{
    (void)state;
    solo_init ();
    tmpfs = solo_add (&tmpfs_class, "tmpfs", "size", "32M", NULL);
    assert_int_equal (solo_start (tmpfs), OK);
    fs = solo_link (tmpfs, INTERFACE_fs);
    return 0;
}

static int
teardown (void **state)
{
    (void)state;
    solo_fini ();
    return 0;
}

static void
it_does_what_the_model_does (void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++)
        fs_suite_model (fs, seed, 5000);
}

static void
holds_are_counted (void **state)
{
    (void)state;
    fs_suite_holds (fs);
}

static void
listings_go_on_where_they_stopped (void **state)
{
    (void)state;
    fs_suite_cursors (fs);
}

static void
holes_are_zeros (void **state)
{
    (void)state;
    fs_suite_holes (fs);
}

static void
what_makes_no_sense_is_refused (void **state)
{
    (void)state;
    fs_suite_refusals (fs);
}

/* Writes blocks until there is no more room; how many bytes went in. */
static uint64_t
write_until_full (uint64_t node)
{
    static char block[10000];
    uint64_t total = 0;

    for (;;) {
        int64_t done = suite_write (fs, node, total, block, sizeof block);
        if (done < 0) {
            assert_int_equal (done, -ERR_NO_SPACE);
            return total;
        }
        total += (uint64_t)done;
    }
}

static void
a_full_arena_is_no_space_and_loses_nothing (void **state)
{
    struct file_attr f, g;
    uint64_t root, first, second;
    size_t used;
    char byte = 'x';

    (void)state;
    root = suite_mount (fs);
    used = solo_memory_used (tmpfs);
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "f", &f), OK);
    solo_memory_limit (tmpfs, used + 1000000);
    first = write_until_full (f.node);
    assert_in_range (first, 900000, 1000000);
    for (unsigned i = 0; suite_create (fs, root, FILE_TYPE_REGULAR, "g", &g) == OK; i++) {
        assert_int_equal (suite_release (fs, g.node, 1), OK);
        assert_int_equal (suite_remove (fs, root, "g", false), OK);
        solo_memory_limit (tmpfs, solo_memory_used (tmpfs) + 100); /* not enough for a node */
    }
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "g", &g), ERR_NO_SPACE);
    assert_int_equal (suite_symlink (fs, root, "g", "f"), ERR_NO_SPACE);
    assert_int_equal (suite_read (fs, f.node, first - 1, &byte, 1), 1);
    assert_int_equal (byte, 0);
    assert_int_equal (suite_truncate (fs, f.node, 0), OK);
    second = write_until_full (f.node);
    assert_in_range (second, first - 10000, first + 10000);
    assert_int_equal (suite_release (fs, f.node, 1), OK);
    assert_int_equal (suite_remove (fs, root, "f", false), OK);
    assert_int_equal (suite_release (fs, root, 1), OK);
    assert_int_equal (suite_unmount (fs), OK);
}

static void
the_option_size_limits_it_too (void **state)
{
    struct fs_statfs_req ask = {};
    struct fs_statfs_rep before, full;
    struct file_attr f;
    uint64_t root;

    (void)state;
    solo_fini ();
    solo_init ();
    tmpfs = solo_add (&tmpfs_class, "small", "size", "256K", NULL);
    assert_int_equal (solo_start (tmpfs), OK);
    fs   = solo_link (tmpfs, INTERFACE_fs);
    root = suite_mount (fs);
    assert_int_equal (fs_statfs (fs, &ask, &before), OK);
    assert_int_equal (before.blocks, 64);
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "f", &f), OK);
    assert_in_range (write_until_full (f.node), 240000, 256 * 1024);
    assert_int_equal (fs_statfs (fs, &ask, &full), OK);
    assert_int_equal (full.blocks_free, 0);
    assert_int_equal (full.blocks, 64);
    assert_int_equal (suite_write (fs, f.node, (uint64_t)1 << 48, "x", 1),
                      -ERR_FILE_TOO_LARGE);
    assert_int_equal (suite_truncate (fs, f.node, ((uint64_t)1 << 48) + 1),
                      ERR_FILE_TOO_LARGE);
    assert_int_equal (suite_truncate (fs, f.node, (uint64_t)1 << 48), OK);
    assert_int_equal (suite_write (fs, f.node, ((uint64_t)1 << 48) - 1, "x", 1),
                      -ERR_NO_SPACE);
    assert_int_equal (suite_truncate (fs, f.node, 0), OK);
    assert_int_equal (suite_write (fs, f.node, ((uint64_t)1 << 48) - 1, "x", 1), 1);
}

static void
a_read_only_mount_is_not_changed (void **state)
{
    struct fs_mount_req ask = { .read_only = 1 };
    struct fs_mount_rep given;
    struct file_attr attr;

    (void)state;
    assert_int_equal (fs_mount (fs, &ask, &given), OK);
    assert_int_equal (given.read_only, 1);
    assert_int_equal (suite_create (fs, given.root, FILE_TYPE_REGULAR, "f", &attr),
                      ERR_READ_ONLY);
    assert_int_equal (suite_symlink (fs, given.root, "l", "f"), ERR_READ_ONLY);
    assert_int_equal (suite_remove (fs, given.root, "f", false), ERR_READ_ONLY);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST (it_does_what_the_model_does),
        TEST (holds_are_counted),
        TEST (listings_go_on_where_they_stopped),
        TEST (holes_are_zeros),
        TEST (what_makes_no_sense_is_refused),
        TEST (a_full_arena_is_no_space_and_loses_nothing),
        TEST (the_option_size_limits_it_too),
        TEST (a_read_only_mount_is_not_changed),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
