/* Images with flipped bytes: every operation answers, none crashes, hangs or forgets memory.
 *
 * A few small images full of all kinds of things are damaged in some bytes, mostly of what
 * is not a file's content, and then worked on as a program would. Build it with sanitizers to
 * see more. Some variants also have a disk that breaks, or little memory. EXT2_SEEDS=N runs N
 * variants (3000 if it is not set).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"

#define VARIANTS     3000u
#define SECONDS_MAX  60u  /* for one variant, sanitizers and all */
#define TRANSFER_MAX 200000u
#define VISITS_MAX   150u
#define DEPTH_MAX    6u

static const struct kind {
    const char *arguments;
    unsigned kib;
} kinds[] = {
    { "-t ext2 -b 1024 -I 128 -N 64", 512 },
    { "-t ext2 -b 1024 -I 256 -g 256 -N 64", 700 },
    { "-t ext2 -b 2048 -N 64", 1024 },
    { "-t ext2 -b 4096 -N 64", 1024 },
    { "-t ext2 -b 1024 -r 0 -O none -N 64", 400 },
};

#define KINDS (sizeof kinds / sizeof *kinds)

static struct image sound[KINDS];
static uint64_t rolls;

static uint32_t
roll (uint32_t below)
{
    rolls ^= rolls << 13;
    rolls ^= rolls >> 7;
    rolls ^= rolls << 17;
    return (uint32_t)(rolls >> 20) % below;
}

/* ---- the images before the damage ---- */

static void
furnish (struct image *image)
{
    static unsigned char zeros[20000];
    struct file_attr dir, file;
    char name[64];
    char target[201];
    uint32_t done;

    memset (target, 't', sizeof target);
    target[200] = '\0';
    assert_int_equal (image_create (image, image->root, "dir", FILE_TYPE_DIRECTORY, &dir), OK);
    for (unsigned i = 0; i < 12; i++) {
        snprintf (name, sizeof name, "file-with-a-name-of-some-length-%u", i);
        assert_int_equal (image_create (image, dir.node, name, FILE_TYPE_REGULAR, &file), OK);
        assert_int_equal (image_write (image, file.node, i * 3000, zeros, 700 * i + 1, &done),
                          OK);
        image_release (image, file.node);
    }
    assert_int_equal (image_create (image, image->root, "deep", FILE_TYPE_REGULAR, &file), OK);
    assert_int_equal (image_write (image, file.node, 0, zeros, sizeof zeros, &done), OK);
    assert_int_equal (image_write (image, file.node, 400000, "x", 1, &done), OK);
    assert_int_equal (image_write (image, file.node, 80000000, "x", 1, &done), OK);
    assert_int_equal (image_link (image, dir.node, file.node, "second-name"), OK);
    image_release (image, file.node);
    assert_int_equal (image_symlink (image, image->root, "short", "dir"), OK);
    assert_int_equal (image_symlink (image, image->root, "long", target), OK);
    assert_int_equal (image_create (image, image->root, "pipe", FILE_TYPE_PIPE, &file), OK);
    image_release (image, file.node);
    assert_int_equal (image_create (image, dir.node, "below", FILE_TYPE_DIRECTORY, &file), OK);
    image_release (image, file.node);
    image_release (image, dir.node);
}

static int
make_sound_images (void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        image_make (&sound[i], kinds[i].kib, kinds[i].arguments);
        image_boot (&sound[i], "64");
        assert_int_equal (image_mount (&sound[i], false), OK);
        furnish (&sound[i]);
        image_unmount (&sound[i]);
        image_check (&sound[i]);
    }
    return 0;
}

static int
free_sound_images (void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++)
        image_free (&sound[i]);
    return 0;
}

/* ---- damage ---- */

/* Where something is: most of an image is zeros. */
static uint64_t
place_in_use (const struct image *image)
{
    for (unsigned tries = 0; tries < 1000; tries++) {
        uint64_t at = roll ((uint32_t)image->byte_count);
        if (image->bytes[at] != 0)
            return at;
    }
    return 1024;
}

static void
damage (struct image *image)
{
    unsigned count = 1 + roll (roll (3) == 0 ? 40 : 3);

    while (count-- > 0) {
        uint64_t at;
        switch (roll (8)) {
        case 0:
            at = 1024 + roll (264); /* the superblock */
            break;
        case 1:
            at = roll (65536); /* descriptors, bitmaps, inodes */
            break;
        case 2:
            at = roll ((uint32_t)image->byte_count);
            break;
        default:
            at = place_in_use (image);
        }
        if (at >= image->byte_count)
            continue;
        uint32_t value = roll (2) ? roll (600) : (uint32_t)-1 - roll (2);
        switch (roll (4)) {
        case 0:
            image->bytes[at] ^= (uint8_t)(1u << roll (8));
            break;
        case 1:
            image->bytes[at] = (uint8_t)roll (256);
            break;
        case 2:
            image->bytes[at] = roll (2) ? 0xff : 0;
            break;
        default: /* a whole number, small or huge */
            at &= ~(uint64_t)3;
            memcpy (image->bytes + at, &value, 4);
        }
    }
}

/* ---- work ---- */

struct tour {
    struct image *image;
    unsigned visits;
    unsigned answers_ok;
};

static void
note (struct tour *tour, enum status status)
{
    assert_true ((unsigned)status < STATUS_COUNT);
    tour->answers_ok += status == OK;
}

static void
tour_file (struct tour *tour, uint64_t node, uint64_t size)
{
    static unsigned char bytes[65536];
    uint32_t done;

    note (tour, image_read (tour->image, node, 0, bytes, sizeof bytes, &done));
    note (tour, image_read (tour->image, node, size / 2, bytes, 5000, &done));
    note (tour, image_read (tour->image, node, size - 1, bytes, 5000, &done));
    if (tour->visits % 3 == 0)
        note (tour, image_write (tour->image, node, size / 3, bytes, 9000, &done));
    if (tour->visits % 7 == 0)
        note (tour, image_write (tour->image, node, 90000000, bytes, 3, &done));
    if (tour->visits % 5 == 0)
        note (tour, image_resize (tour->image, node, size / 2));
    if (tour->visits % 11 == 0)
        note (tour, image_resize (tour->image, node, 0));
}

static void
tour_directory (struct tour *tour, uint64_t dir, unsigned depth);

static void
tour_name (struct tour *tour, uint64_t dir, const char *name, unsigned depth)
{
    struct file_attr attr;
    char text[5000];
    uint32_t done;

    enum status status = image_lookup (tour->image, dir, name, &attr);
    note (tour, status);
    if (status != OK)
        return;
    note (tour, image_stat (tour->image, attr.node, NULL));
    if (attr.type == FILE_TYPE_DIRECTORY && depth < DEPTH_MAX)
        tour_directory (tour, attr.node, depth + 1);
    else if (attr.type == FILE_TYPE_REGULAR)
        tour_file (tour, attr.node, attr.size);
    note (tour, image_readlink (tour->image, attr.node, text, sizeof text, &done));
    if (tour->visits % 4 == 0)
        note (tour, image_link (tour->image, dir, attr.node, "linked"));
    if (tour->visits % 4 == 1)
        note (tour, image_rename (tour->image, dir, name, tour->image->root, "moved"));
    if (tour->visits % 4 == 2)
        note (tour, image_rename (tour->image, tour->image->root, "moved", dir, name));
    if (tour->visits % 2 == 0)
        note (tour, image_remove (tour->image, dir, name, attr.type == FILE_TYPE_DIRECTORY));
    image_release (tour->image, attr.node);
}

static void
tour_directory (struct tour *tour, uint64_t dir, unsigned depth)
{
    char window[1500];
    uint64_t cursor = 0;
    uint32_t done   = 1;

    while (done > 0 && tour->visits < VISITS_MAX) {
        enum status status =
            image_entries (tour->image, dir, cursor, window, sizeof window, &done);
        note (tour, status);
        if (status != OK)
            break;
        for (uint32_t at = 0; at < done && tour->visits < VISITS_MAX; tour->visits++) {
            struct file_entry entry;
            char name[256];
            memcpy (&entry, window + at, sizeof entry);
            assert_true (entry.entry_bytes >= sizeof entry + entry.name_bytes);
            assert_true (entry.entry_bytes <= done - at);
            assert_true (entry.next > cursor);
            memcpy (name, window + at + sizeof entry, entry.name_bytes);
            name[entry.name_bytes] = '\0';
            at += entry.entry_bytes;
            cursor = entry.next;
            if (strcmp (name, ".") != 0 && strcmp (name, "..") != 0)
                tour_name (tour, dir, name, depth);
        }
    }
    struct fs_parent_req req = { .dir = dir };
    struct fs_parent_rep rep;
    enum status status = fs_parent (tour->image->fs, &req, &rep);
    note (tour, status);
    if (status == OK)
        image_release (tour->image, rep.attr.node);
}

/* New things, as many as a damaged disk lets be made. */
static void
tour_make (struct tour *tour)
{
    struct image *image = tour->image;
    static unsigned char bytes[65536];
    struct file_attr attr;
    struct fs_statfs_rep fs;
    char name[16];
    uint32_t done;

    for (unsigned i = 0; i < 12; i++) {
        uint32_t type = i % 3 == 0 ? FILE_TYPE_DIRECTORY : FILE_TYPE_REGULAR;
        snprintf (name, sizeof name, "new%u", i);
        enum status status = image_create (image, image->root, name, type, &attr);
        note (tour, status);
        if (status != OK)
            continue;
        if (type == FILE_TYPE_REGULAR)
            note (tour, image_write (image, attr.node, i * 5000, bytes, 30000, &done));
        if (i % 2 == 0)
            note (tour, image_remove (image, image->root, name, i % 3 == 0));
        if (i % 4 != 1) /* the others stay held when the machine halts */
            image_release (image, attr.node);
    }
    note (tour, image_symlink (image, image->root, "new-link", "somewhere"));
    note (tour, image_statfs (image, &fs));
    note (tour, image_sync (image));
}

/* Answers how many operations succeeded; 0: it could not even be mounted. */
static unsigned
work_on (struct image *image)
{
    struct tour tour = { .image = image };

    image_boot (image, "32");
    if (roll (6) == 0) /* the disk itself breaks, too */
        solo_disk_state (image->disk)->fail_after = 1 + roll (400);
    if (roll (6) == 0)
        solo_memory_limit (image->ext2, 150000 + roll (300000));
    if (image_mount (image, roll (8) == 0) == OK) {
        tour_directory (&tour, image->root, 0);
        tour_make (&tour);
        tour_directory (&tour, image->root, 0);
        solo_advance (10000000000);
        note (&tour, solo_stop (image->ext2));
    }
    const struct solo_disk *disk = solo_disk_state (image->disk);
    assert_true (disk->reads + disk->writes < TRANSFER_MAX);
    assert_int_equal (solo_waiting (), 0);
    assert_int_equal (solo_memory_used (image->ext2), 0);
    solo_fini ();
    image->ext2 = NULL;
    return tour.answers_ok;
}

static void
damaged_images_give_errors_and_nothing_worse (void **state)
{
    const char *seeds = getenv ("EXT2_SEEDS");
    const char *first = getenv ("EXT2_FIRST");
    unsigned from     = first != NULL ? (unsigned)atoi (first) : 0;
    unsigned count    = seeds != NULL ? (unsigned)atoi (seeds) : VARIANTS;
    unsigned mounted  = 0;

    (void)state;
    for (unsigned seed = from; seed < from + count; seed++) {
        struct image image = sound[seed % KINDS];
        rolls              = (seed + 1) * 0x9e3779b97f4a7c15u;
        image.bytes        = malloc (image.byte_count); /* so that sanitizers see its end */
        assert_non_null (image.bytes);
        memcpy (image.bytes, sound[seed % KINDS].bytes, image.byte_count);
        damage (&image);
        if (seeds != NULL)
            fprintf (stderr, "seed %u\n", seed);
        alarm (SECONDS_MAX);
        mounted += work_on (&image) > 0;
        free (image.bytes);
    }
    alarm (0);
    /* or the test would show nothing */
    if (count >= 100)
        assert_true (mounted > count / 3);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (damaged_images_give_errors_and_nothing_worse),
    };

    return cmocka_run_group_tests (tests, make_sound_images, free_sound_images);
}
