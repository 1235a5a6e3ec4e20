/* What the model of a disk promises: sim/device/disk.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/disk.h"

#define SECTORS 256u

static struct disk *
make (struct disk_parameters parameters)
{
    struct disk *disk = calloc (1, disk_memory_bytes (&parameters));

    assert_non_null (disk);
    disk_init (disk, &parameters);
    return disk;
}

static struct disk_parameters
in_memory (uint32_t cache_lines)
{
    return (struct disk_parameters){ .sector_count = SECTORS,
                                     .latency_ns = 1000,
                                     .per_sector_ns = 10,
                                     .queue_depth = 2,
                                     .cache_lines = cache_lines,
                                     .fd = -1 };
}

static int
image (uint64_t bytes)
{
    FILE *file = tmpfile ();
    int fd;

    assert_non_null (file);
    fd = dup (fileno (file));
    fclose (file);
    assert_int_equal (ftruncate (fd, (off_t)bytes), 0);
    return fd;
}

static enum status
command (struct disk *disk, enum disk_operation operation, uint64_t sector, uint32_t count,
         void *buffer)
{
    struct disk_command command = { operation, count, sector, buffer };
    uint64_t done_ns;

    assert_int_equal (disk_submit (disk, 0, 0, &command, &done_ns), OK);
    return disk_complete (disk, 0);
}

static void
fill (uint8_t *buffer, uint32_t count, unsigned seed)
{
    for (uint32_t i = 0; i < count * DISK_SECTOR_BYTES; i++)
        buffer[i] = (uint8_t)(i * 7 + i / DISK_SECTOR_BYTES + seed);
}

static void
what_was_written_is_read_through_the_cache (void **state)
{
    uint8_t model[SECTORS * DISK_SECTOR_BYTES] = { 0 };
    uint8_t buffer[16 * DISK_SECTOR_BYTES];
    struct disk *disk = make (in_memory (5)); /* far smaller than what is written */
    uint64_t random = 1;

    (void)state;
    for (unsigned step = 0; step < 2000; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t count = 1 + (random >> 33) % 16;
        uint64_t sector = (random >> 40) % (SECTORS - count + 1);

        if ((random >> 60 & 1) != 0) {
            fill (buffer, count, step);
            memcpy (model + sector * DISK_SECTOR_BYTES, buffer, count * DISK_SECTOR_BYTES);
            assert_int_equal (command (disk, DISK_WRITE, sector, count, buffer), OK);
        } else {
            assert_int_equal (command (disk, DISK_READ, sector, count, buffer), OK);
            assert_memory_equal (model + sector * DISK_SECTOR_BYTES, buffer,
                                 count * DISK_SECTOR_BYTES);
        }
        if (step % 97 == 0)
            assert_int_equal (command (disk, DISK_FLUSH, 0, 0, NULL), OK);
    }
    free (disk);
}

static void
a_power_cut_loses_only_what_was_not_flushed (void **state)
{
    struct disk *disk = make (in_memory (64));
    uint8_t old[DISK_LINE_BYTES], new[DISK_LINE_BYTES], seen[DISK_LINE_BYTES];
    unsigned torn = 0;

    (void)state;
    fill (old, 8, 1);
    fill (new, 8, 2);
    for (unsigned seed = 0; seed < 50; seed++) {
        unsigned changed_lines = 0;

        for (uint64_t line = 0; line < 4; line++)
            assert_int_equal (command (disk, DISK_WRITE, line * 8, 8, old), OK);
        assert_int_equal (command (disk, DISK_FLUSH, 0, 0, NULL), OK);
        for (uint64_t line = 0; line < 4; line++)
            assert_int_equal (command (disk, DISK_WRITE, line * 8, 8, new), OK);
        disk_power_cut (disk, seed);
        for (uint64_t line = 0; line < 4; line++) {
            unsigned sectors = 0;

            assert_int_equal (command (disk, DISK_READ, line * 8, 8, seen), OK);
            while (sectors < 8
                   && memcmp (seen + sectors * 512, new + sectors * 512, 512) == 0)
                sectors++;
            assert_memory_equal (seen + sectors * 512, old + sectors * 512,
                                 (8 - sectors) * 512);
            assert_true (sectors < 8);
            changed_lines += sectors > 0;
        }
        assert_true (changed_lines <= 1);
        torn += changed_lines;
    }
    assert_true (torn > 10);
    free (disk);
}

static void
a_flush_puts_everything_into_the_image (void **state)
{
    struct disk_parameters parameters = in_memory (64);
    uint8_t buffer[3 * DISK_SECTOR_BYTES], seen[3 * DISK_SECTOR_BYTES];
    struct disk *disk;

    (void)state;
    parameters.fd = image (SECTORS * DISK_SECTOR_BYTES);
    disk = make (parameters);
    fill (buffer, 3, 9);
    assert_int_equal (command (disk, DISK_WRITE, 7, 3, buffer), OK);
    assert_int_equal (pread (parameters.fd, seen, sizeof seen, 7 * 512), sizeof seen);
    assert_int_equal (seen[1], 0);
    assert_int_equal (command (disk, DISK_FLUSH, 0, 0, NULL), OK);
    assert_int_equal (pread (parameters.fd, seen, sizeof seen, 7 * 512), sizeof seen);
    assert_memory_equal (seen, buffer, sizeof seen);
    close (parameters.fd);
    free (disk);
}

static void
an_image_that_became_shorter_is_an_error (void **state)
{
    struct disk_parameters parameters = in_memory (0);
    uint8_t buffer[DISK_SECTOR_BYTES];
    struct disk *disk;

    (void)state;
    parameters.fd = image (100 * DISK_SECTOR_BYTES);
    disk = make (parameters);
    assert_int_equal (command (disk, DISK_READ, 99, 1, buffer), OK);
    assert_int_equal (command (disk, DISK_READ, 100, 1, buffer), ERR_IO);
    close (parameters.fd);
    assert_int_equal (command (disk, DISK_READ, 99, 1, buffer), ERR_IO);
    assert_int_equal (command (disk, DISK_WRITE, 99, 1, buffer), ERR_IO);
    assert_int_equal (disk->host_errors, 3);
    free (disk);
}

static void
a_flush_that_failed_can_be_repeated (void **state)
{
    struct disk_parameters parameters = in_memory (8);
    uint8_t buffer[DISK_SECTOR_BYTES], seen[DISK_SECTOR_BYTES];
    struct disk *disk;
    int fd = image (SECTORS * DISK_SECTOR_BYTES);

    (void)state;
    parameters.fd = fd;
    disk = make (parameters);
    fill (buffer, 1, 3);
    assert_int_equal (command (disk, DISK_WRITE, 5, 1, buffer), OK);
    disk->parameters.fd = 9999;
    assert_int_equal (command (disk, DISK_FLUSH, 0, 0, NULL), ERR_IO);
    disk->parameters.fd = fd;
    assert_int_equal (command (disk, DISK_FLUSH, 0, 0, NULL), OK);
    assert_int_equal (pread (fd, seen, sizeof seen, 5 * 512), sizeof seen);
    assert_memory_equal (seen, buffer, sizeof seen);
    close (fd);
    free (disk);
}

static void
commands_past_the_end_or_on_a_read_only_disk_are_refused (void **state)
{
    struct disk_parameters parameters = in_memory (8);
    uint8_t buffer[2 * DISK_SECTOR_BYTES];
    struct disk *disk = make (parameters);

    (void)state;
    assert_int_equal (command (disk, DISK_READ, SECTORS - 1, 2, buffer), ERR_RANGE);
    assert_int_equal (command (disk, DISK_READ, UINT64_MAX, 1, buffer), ERR_RANGE);
    assert_int_equal (command (disk, DISK_READ, SECTORS - 2, 2, buffer), OK);
    free (disk);
    parameters.read_only = 1;
    disk = make (parameters);
    assert_int_equal (command (disk, DISK_WRITE, 0, 1, buffer), ERR_READ_ONLY);
    free (disk);
}

static void
commands_take_their_time_and_share_the_channels (void **state)
{
    struct disk *disk = make (in_memory (8));
    uint8_t buffer[DISK_SECTOR_BYTES];
    struct disk_command read = { DISK_READ, 1, 0, buffer };
    struct disk_command flush = { DISK_FLUSH, 0, 0, NULL };
    uint64_t done_ns;

    (void)state;
    assert_int_equal (disk_submit (disk, 5000, 0, &read, &done_ns), OK);
    assert_int_equal (done_ns, 6010);
    assert_int_equal (disk_submit (disk, 5000, 1, &read, &done_ns), OK);
    assert_int_equal (done_ns, 6010);
    assert_int_equal (disk_submit (disk, 5000, 1, &read, &done_ns), ERR_BUSY);
    assert_int_equal (disk_submit (disk, 5000, 2, &read, &done_ns), ERR_INVALID);
    disk_complete (disk, 0);
    assert_int_equal (disk_submit (disk, 5500, 0, &read, &done_ns), OK);
    assert_int_equal (done_ns, 7020);
    disk_complete (disk, 0);
    assert_int_equal (disk_submit (disk, 5500, 0, &flush, &done_ns), OK);
    assert_int_equal (done_ns, 8020);
    free (disk);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_was_written_is_read_through_the_cache),
        cmocka_unit_test (a_power_cut_loses_only_what_was_not_flushed),
        cmocka_unit_test (a_flush_puts_everything_into_the_image),
        cmocka_unit_test (an_image_that_became_shorter_is_an_error),
        cmocka_unit_test (a_flush_that_failed_can_be_repeated),
        cmocka_unit_test (commands_past_the_end_or_on_a_read_only_disk_are_refused),
        cmocka_unit_test (commands_take_their_time_and_share_the_channels),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
