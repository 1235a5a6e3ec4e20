/* Pipes: order, atomicity, waiting, ends that go away, cancelling. */
#include "bench.h"

static int64_t fds[2];
static unsigned char big[65536], got[65536];

static void
fill (unsigned char *bytes, size_t count, unsigned seed)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)((i * 7 + seed) ^ (i >> 8));
}

/* A read or write that is not waited for. */
struct pending {
    struct file_read_req read;
    struct file_read_rep read_done;
    struct file_write_req write;
    struct file_write_rep write_done;
    SoloCall *call;
};

static void
start_read (struct pending *p, uint32_t pid, int64_t fd, void *into, uint32_t bytes)
{
    p->read = (struct file_read_req){ .process = pid, .fd = (int32_t)fd, .offset = -1,
                                      .into = { .data = into, .length = bytes } };
    p->call = solo_send (bench.files, file_OP_read, &p->read, &p->read_done);
    solo_run ();
}

static void
start_write (struct pending *p, uint32_t pid, int64_t fd, const void *from, uint32_t bytes)
{
    p->write = (struct file_write_req){ .process = pid, .fd = (int32_t)fd, .offset = -1,
                                        .from = { .data = (void *)from, .length = bytes } };
    p->call  = solo_send (bench.files, file_OP_write, &p->write, &p->write_done);
    solo_run ();
}

static void
bytes_come_out_in_order (void **state)
{
    struct file_attr attr;
    char text[16];

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    assert_int_equal (fds[0], 0);
    assert_int_equal (fds[1], 1);
    assert_int_equal (b_write (1, fds[1], "hello ", 6), 6);
    assert_int_equal (b_write (1, fds[1], "world", 5), 5);
    assert_int_equal (b_read (1, fds[0], text, 4), 4);
    assert_int_equal (b_read (1, fds[0], text + 4, 12), 7);
    assert_memory_equal (text, "hello world", 11);
    assert_int_equal (b_read (1, fds[0], text, 0), 0);
    assert_int_equal (b_write (1, fds[1], text, 0), 0);
    assert_status (b_read (1, fds[1], text, 1), ERR_BAD_DESCRIPTOR);
    assert_status (b_write (1, fds[0], text, 1), ERR_BAD_DESCRIPTOR);
    assert_status (b_seek (1, fds[0], 0, SEEK_FROM_START), ERR_NOT_SEEKABLE);
    assert_status (b_pread (1, fds[0], text, 1, 0), ERR_NOT_SEEKABLE);
    assert_ok (b_fstat (1, fds[0], &attr));
    assert_int_equal (attr.type, FILE_TYPE_PIPE);
    /* through the ring many times, with odd sizes */
    unsigned written = 0, read = 0;
    for (unsigned i = 0; i < 300; i++) {
        uint32_t bytes = 1 + i * 37 % 3000;
        for (uint32_t j = 0; j < bytes; j++)
            big[j] = (unsigned char)((written + j) % 251);
        assert_int_equal (b_write (1, fds[1], big, bytes), bytes);
        written += bytes;
        while (read + 2000 < written) {
            int64_t done = b_read (1, fds[0], got, 1777);
            assert_int_equal (done, 1777);
            for (int64_t j = 0; j < done; j++)
                assert_int_equal (got[j], (read + j) % 251);
            read += (unsigned)done;
        }
    }
}

static void
a_reader_waits_and_the_end_ends_it (void **state)
{
    struct pending first = { 0 }, second = { 0 };
    char a[8], b[8];

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    start_read (&first, 1, fds[0], a, 8);
    start_read (&second, 1, fds[0], b, 8);
    assert_int_equal (solo_status (first.call), DEFERRED);
    assert_int_equal (b_write (1, fds[1], "abc", 3), 3);
    assert_int_equal (solo_status (first.call), OK);
    assert_int_equal (first.read_done.done, 3);
    assert_memory_equal (a, "abc", 3);
    assert_int_equal (solo_status (second.call), DEFERRED);
    assert_ok (b_close (1, fds[1]));
    assert_int_equal (solo_status (second.call), OK);
    assert_int_equal (second.read_done.done, 0);
    assert_int_equal (b_read (1, fds[0], a, 8), 0);
}

static void
the_last_of_a_pipe_is_read_before_its_end (void **state)
{
    char text[8];

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    assert_ok (b_clone (1, 2, NULL, 0, 0));
    assert_int_equal (b_write (2, fds[1], "last", 4), 4);
    assert_ok (b_close (1, fds[1]));
    assert_ok (b_release (2));
    assert_int_equal (b_read (1, fds[0], text, 8), 4);
    assert_int_equal (b_read (1, fds[0], text, 8), 0);
}

static void
a_full_pipe_holds_64_kib_and_makes_writers_wait (void **state)
{
    struct pending small = { 0 }, large = { 0 };

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    fill (big, sizeof big, 1);
    assert_int_equal (b_write (1, fds[1], big, 65536), 65536);
    start_write (&small, 1, fds[1], "tail", 4);
    start_write (&large, 1, fds[1], big, 60000);
    assert_int_equal (solo_status (small.call), DEFERRED);
    assert_int_equal (b_read (1, fds[0], got, 3), 3);
    assert_int_equal (solo_status (small.call), DEFERRED); /* all of it or nothing */
    assert_int_equal (b_read (1, fds[0], got + 3, 1), 1);
    assert_int_equal (solo_status (small.call), OK);
    assert_int_equal (b_read (1, fds[0], got + 4, 65532), 65532);
    assert_memory_equal (got, big, 65536);
    assert_int_equal (solo_status (large.call), OK);
    assert_int_equal (large.write_done.done, 60000);
    assert_int_equal (b_read (1, fds[0], got, 65536), 60004);
    assert_memory_equal (got, "tail", 4);
    assert_memory_equal (got + 4, big, 60000);
}

static void
a_large_write_feeds_a_waiting_reader (void **state)
{
    struct pending reader = { 0 };

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    fill (big, sizeof big, 2);
    /* little memory: the pipe stays small, and yet everything goes through */
    solo_memory_limit (bench.vfs, solo_memory_used (bench.vfs) + 1000);
    start_read (&reader, 1, fds[0], got, 10000);
    struct pending writer = { 0 };
    start_write (&writer, 1, fds[1], big, 20000);
    assert_int_equal (reader.read_done.done, 4096);
    assert_int_equal (solo_status (writer.call), DEFERRED);
    uint32_t total = 4096;
    while (total < 20000) {
        int64_t done = b_read (1, fds[0], got + total, 5000);
        assert_true (done > 0);
        total += (uint32_t)done;
    }
    assert_int_equal (solo_status (writer.call), OK);
    assert_int_equal (writer.write_done.done, 20000);
    assert_memory_equal (got, big, 20000);
    solo_memory_limit (bench.vfs, 64u << 20);
}

static void
a_pipe_without_readers_is_broken (void **state)
{
    struct pending writer = { 0 }, partial = { 0 };

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    assert_int_equal (b_write (1, fds[1], big, 65000), 65000);
    start_write (&writer, 1, fds[1], big, 4000);
    start_write (&partial, 1, fds[1], big, 5000);
    assert_int_equal (solo_status (writer.call), DEFERRED);
    assert_ok (b_close (1, fds[0]));
    assert_int_equal (solo_status (writer.call), ERR_BROKEN_PIPE);
    assert_int_equal (solo_status (partial.call), ERR_BROKEN_PIPE);
    assert_status (b_write (1, fds[1], "x", 1), ERR_BROKEN_PIPE);
}

static void
nonblocking_ends_do_not_wait (void **state)
{
    char text[8];

    (void)state;
    assert_ok (b_pipe (1, OPEN_NONBLOCK | OPEN_CLOEXEC, fds));
    assert_int_equal (b_flags (1, fds[0], false, 0), OPEN_READ | OPEN_NONBLOCK | OPEN_CLOEXEC);
    assert_status (b_read (1, fds[0], text, 8), ERR_AGAIN);
    assert_int_equal (b_write (1, fds[1], big, 65000), 65000);
    assert_status (b_write (1, fds[1], big, 4096), ERR_AGAIN);
    assert_int_equal (b_write (1, fds[1], big, 5000), 536);
    assert_status (b_write (1, fds[1], big, 5000), ERR_AGAIN);
    assert_int_equal (b_flags (1, fds[0], true, 0), OPEN_READ);
}

static void
cancelled_calls_are_forgotten (void **state)
{
    struct pending reader = { 0 }, full = { 0 }, small = { 0 };
    char text[8];

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    start_read (&reader, 1, fds[0], text, 8);
    solo_cancel (reader.call);
    assert_int_equal (solo_status (reader.call), ERR_INTERRUPTED);
    assert_int_equal (b_write (1, fds[1], big, 63000), 63000);
    start_write (&full, 1, fds[1], big, 4000);
    start_write (&small, 1, fds[1], "abc", 3);
    assert_int_equal (solo_status (small.call), DEFERRED);
    solo_cancel (full.call); /* the one behind it fits */
    assert_int_equal (solo_status (full.call), ERR_INTERRUPTED);
    assert_int_equal (solo_status (small.call), OK);
    start_write (&full, 1, fds[1], big, 10000);
    solo_cancel (full.call);
    assert_int_equal (solo_status (full.call), OK); /* what went in before is told */
    assert_int_equal (full.write_done.done, 65536 - 63003);
    assert_int_equal (solo_waiting (), 0);
}

static void
what_waits_for_a_released_process_is_answered (void **state)
{
    struct pending reader = { 0 };
    char text[8];

    (void)state;
    assert_ok (b_clone (1, 2, NULL, 0, 0));
    assert_ok (b_pipe (2, 0, fds));
    assert_ok (b_dup (2, fds[1], 9, 0, false) == 9 ? 0 : -1);
    start_read (&reader, 2, fds[0], text, 8);
    assert_ok (b_release (2));
    assert_int_equal (solo_waiting (), 0);
}

/* A watch of two descriptors, for reading and for writing, that is not waited for. */
struct watching {
    struct file_watch of[2];
    struct file_watch_req request;
    struct file_watch_rep reply;
    SoloCall *call;
};

static void
start_watch (struct watching *w, uint32_t waiter, int64_t reads, int64_t writes, uint64_t ns)
{
    w->of[0]   = (struct file_watch){ .fd = (int32_t)reads, .events = POLL_READ };
    w->of[1]   = (struct file_watch){ .fd = (int32_t)writes, .events = POLL_WRITE };
    w->request = (struct file_watch_req){ .process = 1, .waiter = waiter, .count = 2,
                                          .timeout_ns = ns,
                                          .from = { .data = w->of, .length = sizeof w->of } };
    w->reply.ready = 99;
    w->call        = solo_send (bench.files, file_OP_watch, &w->request, &w->reply);
    solo_run ();
}

static void
a_watch_of_several_ends_with_the_first_that_is_ready (void **state)
{
    struct watching w = { 0 }, other = { 0 };
    int64_t full[2];

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    assert_ok (b_pipe (1, 0, full));
    assert_int_equal (b_write (1, full[1], big, 65536), 65536);
    start_watch (&w, 1, fds[0], full[1], UINT64_MAX);
    start_watch (&other, 2, fds[0], full[1], UINT64_MAX);
    assert_int_equal (solo_status (w.call), DEFERRED);
    assert_int_equal (b_read (1, full[0], got, 100), 100); /* not yet room for a whole write */
    assert_int_equal (solo_status (w.call), DEFERRED);
    assert_int_equal (b_write (1, fds[1], "x", 1), 1);
    assert_int_equal (solo_status (w.call), OK);
    assert_int_equal (w.reply.ready, 1);
    assert_int_equal (solo_status (other.call), OK); /* it takes nothing: all are told */
    assert_int_equal (b_read (1, fds[0], got, 9), 1);
    start_watch (&w, 1, fds[0], full[1], UINT64_MAX);
    assert_int_equal (b_read (1, full[0], got, 4096), 4096);
    assert_int_equal (solo_status (w.call), OK);
    start_watch (&w, 1, fds[0], full[1], UINT64_MAX);
    assert_int_equal (solo_status (w.call), OK); /* at once */
}

static void
a_watch_ends_with_its_time_an_end_or_a_cancel (void **state)
{
    struct watching w = { 0 };
    int64_t full[2];

    (void)state;
    assert_ok (b_pipe (1, 0, fds));
    assert_ok (b_pipe (1, 0, full));
    assert_int_equal (b_write (1, full[1], big, 65536), 65536);
    start_watch (&w, 1, fds[0], full[1], 5000000);
    solo_advance (4000000);
    assert_int_equal (solo_status (w.call), DEFERRED);
    solo_advance (1000000);
    assert_int_equal (solo_status (w.call), OK);
    assert_int_equal (w.reply.ready, 0);
    start_watch (&w, 1, fds[0], full[1], UINT64_MAX);
    solo_cancel (w.call);
    assert_int_equal (solo_status (w.call), ERR_INTERRUPTED);
    start_watch (&w, 1, fds[0], full[1], UINT64_MAX);
    assert_ok (b_close (1, fds[1]));
    assert_int_equal (solo_status (w.call), OK);
    assert_int_equal (w.reply.ready, 1);
    start_watch (&w, 1, 77, full[1], UINT64_MAX); /* not open: there is nothing to wait for */
    assert_int_equal (solo_status (w.call), OK);
    assert_int_equal (solo_waiting (), 0);
}

/* A hundred pipes, random reads and writes against a model of the bytes. */
static void
many_pipes_carry_what_was_written (void **state)
{
    enum { PIPES = 100 };
    static int64_t ends[PIPES][2];
    static struct { unsigned in, out; } model[PIPES];
    unsigned random = 12345;

    (void)state;
    memset (model, 0, sizeof model);
    for (unsigned i = 0; i < PIPES; i++)
        assert_ok (b_pipe (1, OPEN_NONBLOCK, ends[i]));
    for (unsigned step = 0; step < 20000; step++) {
        random         = random * 1103515245 + 12345;
        unsigned i     = (random >> 8) % PIPES;
        unsigned bytes = (random >> 16) % (step % 3 ? 300 : 9000);
        if (random >> 31) {
            for (unsigned j = 0; j < bytes; j++)
                big[j] = (unsigned char)((model[i].in + j) * 31 + i);
            int64_t done  = b_write (1, ends[i][1], big, bytes);
            unsigned room = 65536 - (model[i].in - model[i].out);
            unsigned fits = bytes <= room ? bytes : bytes <= 4096 ? 0 : room;
            if (fits == 0 && bytes > 0)
                assert_status (done, ERR_AGAIN);
            else
                assert_int_equal (done, fits);
            model[i].in += fits;
        } else {
            int64_t done  = b_read (1, ends[i][0], got, bytes);
            unsigned have = model[i].in - model[i].out;
            unsigned most = bytes < have ? bytes : have;
            if (most == 0 && bytes > 0) {
                assert_status (done, ERR_AGAIN);
                continue;
            }
            assert_int_equal (done, most);
            for (unsigned j = 0; j < most; j++)
                assert_int_equal (got[j], (unsigned char)((model[i].out + j) * 31 + i));
            model[i].out += most;
        }
    }
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST (bytes_come_out_in_order),
        TEST (a_reader_waits_and_the_end_ends_it),
        TEST (the_last_of_a_pipe_is_read_before_its_end),
        TEST (a_full_pipe_holds_64_kib_and_makes_writers_wait),
        TEST (a_large_write_feeds_a_waiting_reader),
        TEST (a_pipe_without_readers_is_broken),
        TEST (nonblocking_ends_do_not_wait),
        TEST (cancelled_calls_are_forgotten),
        TEST (what_waits_for_a_released_process_is_answered),
        TEST (a_watch_of_several_ends_with_the_first_that_is_ready),
        TEST (a_watch_ends_with_its_time_an_end_or_a_cancel),
        TEST (many_pipes_carry_what_was_written),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
