/* What the driver of a disk promises: servers/blk, and the block interface. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "device/disk.h"
#include "solo/solo.h"

#define SECTORS 4096u
#define LONG_NS 10000000000u

extern const struct component_class blk_class;

static struct disk *disk;
static Component *blk;
static Link *block;

static void
boot (uint32_t queue_depth, uint32_t read_only, const char *order)
{
    struct disk_parameters parameters = { .sector_count = SECTORS,
                                          .latency_ns = 100000,
                                          .per_sector_ns = 100,
                                          .queue_depth = queue_depth,
                                          .cache_lines = 16,
                                          .read_only = read_only,
                                          .fd = -1 };

    solo_init ();
    disk = calloc (1, disk_memory_bytes (&parameters));
    assert_non_null (disk);
    disk_init (disk, &parameters);
    blk = solo_add (&blk_class, "blk", "order", order, NULL);
    solo_device (blk, disk);
    assert_int_equal (solo_start (blk), OK);
    block = solo_link (blk, INTERFACE_block);
}

static int
halt (void **state)
{
    (void)state;
    solo_fini ();
    free (disk);
    disk = NULL;
    return 0;
}

/* One transfer that may be under way. */
struct transfer {
    struct block_read_req read;
    struct block_write_req write;
    union {
        struct block_read_rep read;
        struct block_write_rep write;
    } rep;
    SoloCall *call;
    uint8_t data[8 * DISK_SECTOR_BYTES];
};

static void
start_read (struct transfer *t, uint64_t first, uint32_t count)
{
    memset (t, 0, sizeof *t);
    t->read = (struct block_read_req){ first,
                                       count,
                                       { t->data, count * DISK_SECTOR_BYTES, 0 } };
    t->call = solo_send (block, block_OP_read, &t->read, &t->rep);
    solo_run ();
}

static void
start_write (struct transfer *t, uint64_t first, uint32_t count, uint8_t value)
{
    memset (t, 0, sizeof *t);
    memset (t->data, value, sizeof t->data);
    t->write = (struct block_write_req){ first,
                                         count,
                                         { t->data, count * DISK_SECTOR_BYTES, 0 } };
    t->call = solo_send (block, block_OP_write, &t->write, &t->rep);
    solo_run ();
}

static void
what_was_written_is_read (void **state)
{
    static struct transfer put, get;

    (void)state;
    boot (4, 0, "elevator");
    start_write (&put, 10, 8, 0x5a);
    assert_int_equal (solo_status (put.call), DEFERRED);
    solo_advance (LONG_NS);
    assert_int_equal (solo_status (put.call), OK);
    assert_int_equal (put.rep.write.done, 8 * 512);
    start_read (&get, 12, 2);
    solo_advance (LONG_NS);
    assert_int_equal (solo_status (get.call), OK);
    assert_int_equal (get.rep.read.done, 2 * 512);
    assert_memory_equal (get.data, put.data, 2 * 512);
}

static void
a_transfer_takes_the_time_of_the_disk (void **state)
{
    static struct transfer t;

    (void)state;
    boot (1, 0, "elevator");
    start_read (&t, 0, 1);
    solo_advance (99000);
    assert_int_equal (solo_status (t.call), DEFERRED);
    solo_advance (2000);
    assert_int_equal (solo_status (t.call), OK);
}

static void
several_transfers_are_with_the_disk_at_once (void **state)
{
    static struct transfer t[8];
    unsigned done = 0;

    (void)state;
    boot (8, 0, "elevator");
    for (unsigned i = 0; i < 8; i++)
        start_read (&t[i], i * 100, 1);
    solo_advance (110000);
    for (unsigned i = 0; i < 8; i++)
        done += solo_status (t[i].call) == OK;
    assert_int_equal (done, 8);
}

static void
bad_requests_are_refused_at_once (void **state)
{
    uint8_t data[1024];
    struct block_read_rep rep = { .done = 99 };

    (void)state;
    boot (2, 0, "elevator");
    struct block_read_req past = { SECTORS - 1, 2, { data, 1024, 0 } };
    struct block_read_req wrap = { UINT64_MAX, 1, { data, 512, 0 } };
    struct block_read_req size = { 0, 2, { data, 1023, 0 } };
    struct block_read_req huge = { 0, 0x80000001u, { data, 512, 0 } };
    struct block_read_req empty = { 0, 0, { data, 0, 0 } };
    assert_int_equal (block_read (block, &past, &rep), ERR_RANGE);
    assert_int_equal (block_read (block, &wrap, &rep), ERR_RANGE);
    assert_int_equal (block_read (block, &size, &rep), ERR_INVALID);
    assert_int_equal (block_read (block, &huge, &rep), ERR_INVALID);
    assert_int_equal (rep.done, 99);
    assert_int_equal (block_read (block, &empty, &rep), OK);
    assert_int_equal (rep.done, 0);
    solo_memory_limit (blk, 0);
    struct block_read_req good = { 0, 1, { data, 512, 0 } };
    assert_int_equal (block_read (block, &good, &rep), ERR_NO_MEMORY);
}

static void
a_read_only_disk_refuses_writes (void **state)
{
    uint8_t data[512] = { 0 };
    struct block_write_req req = { 0, 1, { data, 512, 0 } };
    struct block_write_rep rep;
    struct block_info_req ask;
    struct block_info_rep info;

    (void)state;
    boot (2, 1, "elevator");
    assert_int_equal (block_write (block, &req, &rep), ERR_READ_ONLY);
    assert_int_equal (block_info (block, &ask, &info), OK);
    assert_int_equal (info.read_only, 1);
    assert_int_equal (info.sector_count, SECTORS);
    assert_int_equal (info.queue_depth, 2);
}

static void
the_elevator_goes_up_and_wraps (void **state)
{
    static struct transfer t[5];
    static const uint64_t first[5] = { 1000, 500, 3000, 2000, 100 };
    static const unsigned order[5] = { 0, 3, 2, 4, 1 };

    (void)state;
    boot (1, 0, "elevator");
    for (unsigned i = 0; i < 5; i++)
        start_read (&t[i], first[i], 1);
    for (unsigned i = 0; i < 5; i++) {
        solo_advance (101000);
        assert_int_equal (solo_status (t[order[i]].call), OK);
        for (unsigned j = i + 1; j < 5; j++)
            assert_int_equal (solo_status (t[order[j]].call), DEFERRED);
    }
}

static void
fifo_keeps_the_order_of_arrival (void **state)
{
    static struct transfer t[4];
    static const uint64_t first[4] = { 1000, 500, 3000, 100 };

    (void)state;
    boot (1, 0, "fifo");
    for (unsigned i = 0; i < 4; i++)
        start_read (&t[i], first[i], 1);
    for (unsigned i = 0; i < 4; i++) {
        solo_advance (101000);
        assert_int_equal (solo_status (t[i].call), OK);
        assert_true (i == 3 || solo_status (t[i + 1].call) == DEFERRED);
    }
}

static void
overlapping_requests_keep_their_order (void **state)
{
    static struct transfer busy, first, second, third;

    (void)state;
    boot (1, 0, "elevator");
    start_read (&busy, 1000, 1);
    start_write (&first, 900, 8, 1); /* below the head: the elevator would take it last */
    start_write (&second, 907, 8, 2);
    start_read (&third, 904, 8);
    solo_advance (LONG_NS);
    assert_int_equal (solo_status (third.call), OK);
    assert_int_equal (third.data[0], 1);
    assert_int_equal (third.data[2 * 512], 1);
    assert_int_equal (third.data[3 * 512], 2);
    assert_int_equal (third.data[7 * 512], 2);
}

static void
nobody_starves (void **state)
{
    static struct transfer victim, stream[400];
    unsigned passed = 0;

    (void)state;
    boot (1, 0, "elevator");
    start_read (&stream[0], 1000, 1);
    start_read (&victim, 0, 1); /* behind the head */
    for (unsigned i = 1; i < 400 && solo_status (victim.call) == DEFERRED; i++) {
        start_read (&stream[i], 1000 + i, 1); /* always ahead of it */
        solo_advance (100500);
        passed++;
    }
    assert_int_equal (solo_status (victim.call), OK);
    assert_true (passed < 100);
}

static void
a_flushed_write_survives_a_power_cut (void **state)
{
    static struct transfer a, b, get;
    struct block_flush_req ask;
    struct block_flush_rep nothing;
    SoloCall *flush;

    (void)state;
    boot (4, 0, "elevator");
    start_write (&a, 0, 8, 7);
    solo_advance (LONG_NS);
    flush = solo_send (block, block_OP_flush, &ask, &nothing);
    solo_advance (LONG_NS);
    assert_int_equal (solo_status (flush), OK);
    start_write (&b, 0, 8, 8);
    solo_advance (LONG_NS);
    disk->parameters.cache_lines = 16;
    disk_power_cut (disk, 8);
    start_read (&get, 7, 1);
    solo_advance (LONG_NS);
    assert_int_equal (get.data[0], 7);
}

static void
nothing_passes_a_flush (void **state)
{
    static struct transfer busy, late;
    struct block_flush_req ask;
    struct block_flush_rep nothing;
    SoloCall *flush;

    (void)state;
    boot (1, 0, "elevator");
    start_read (&busy, 0, 1);
    flush = solo_send (block, block_OP_flush, &ask, &nothing);
    solo_run ();
    start_read (&late, 1, 1);
    solo_advance (101000);
    assert_int_equal (solo_status (busy.call), OK);
    solo_advance (101000);
    assert_int_equal (solo_status (flush), OK);
    assert_int_equal (solo_status (late.call), DEFERRED);
    solo_advance (101000);
    assert_int_equal (solo_status (late.call), OK);
}

static void
only_what_the_disk_does_not_have_can_be_cancelled (void **state)
{
    static struct transfer running, queued;
    size_t used;

    (void)state;
    boot (1, 0, "elevator");
    used = solo_memory_used (blk);
    start_read (&running, 0, 1);
    start_read (&queued, 1, 1);
    solo_cancel (running.call);
    assert_int_equal (solo_status (running.call), DEFERRED);
    solo_cancel (queued.call);
    assert_int_equal (solo_status (queued.call), ERR_INTERRUPTED);
    solo_advance (LONG_NS);
    assert_int_equal (solo_status (running.call), OK);
    assert_int_equal (solo_memory_used (blk), used);
}

static void
a_driver_that_starts_again_finds_the_disk_free (void **state)
{
    static struct transfer lost, next;

    (void)state;
    boot (1, 0, "elevator");
    start_write (&lost, 3, 1, 0x33);
    memset (component_state (blk), 0, blk_class.state_bytes);
    assert_int_equal (solo_start (blk), OK);
    start_read (&next, 3, 1);
    solo_advance (LONG_NS);
    assert_int_equal (solo_status (next.call), OK);
    assert_int_equal (next.data[0], 0x33);
    assert_int_equal (solo_status (lost.call), DEFERRED);
}

static void
stop_writes_back_the_cache (void **state)
{
    static struct transfer t, get;

    (void)state;
    boot (1, 0, "elevator");
    start_write (&t, 0, 1, 0x77);
    solo_advance (LONG_NS);
    assert_int_equal (solo_stop (blk), OK);
    disk_power_cut (disk, 1);
    start_read (&get, 0, 1);
    solo_advance (LONG_NS);
    assert_int_equal (get.data[0], 0x77);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown (what_was_written_is_read, halt),
        cmocka_unit_test_teardown (a_transfer_takes_the_time_of_the_disk, halt),
        cmocka_unit_test_teardown (several_transfers_are_with_the_disk_at_once, halt),
        cmocka_unit_test_teardown (bad_requests_are_refused_at_once, halt),
        cmocka_unit_test_teardown (a_read_only_disk_refuses_writes, halt),
        cmocka_unit_test_teardown (the_elevator_goes_up_and_wraps, halt),
        cmocka_unit_test_teardown (fifo_keeps_the_order_of_arrival, halt),
        cmocka_unit_test_teardown (overlapping_requests_keep_their_order, halt),
        cmocka_unit_test_teardown (nobody_starves, halt),
        cmocka_unit_test_teardown (a_flushed_write_survives_a_power_cut, halt),
        cmocka_unit_test_teardown (nothing_passes_a_flush, halt),
        cmocka_unit_test_teardown (only_what_the_disk_does_not_have_can_be_cancelled, halt),
        cmocka_unit_test_teardown (a_driver_that_starts_again_finds_the_disk_free, halt),
        cmocka_unit_test_teardown (stop_writes_back_the_cache, halt),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
