/* Sockets: what tests/guests/calls/messages.c cannot see from inside a program. */
#include "bench.h"

static int32_t ends[2];

static void
make_pair (uint32_t type)
{
    struct file_pair_req req = { .process = 1, .type = type };
    struct file_pair_rep rep;

    assert_int_equal (file_pair (bench.files, &req, &rep), OK);
    ends[0] = rep.fd;
    ends[1] = rep.other;
}

/* A message of so many bytes with a descriptor, which is not waited for. */
struct sending {
    struct file_send_req req;
    struct file_send_rep rep;
    SoloCall *call;
};

static char bytes[65536];

static void
start_send (struct sending *sending, uint32_t length, int64_t fd)
{
    sending->req = (struct file_send_req){ .process = 1, .fd = ends[0],
                                           .from = { .data = bytes, .length = length } };
    if (fd >= 0) {
        sending->req.count    = 1;
        sending->req.files[0] = (int32_t)fd;
    }
    sending->call = solo_send (bench.files, file_OP_send, &sending->req, &sending->rep);
    solo_run ();
}

static void
a_socket_does_not_travel (void **state)
{
    struct sending sending;
    int64_t pipe[2];

    (void)state;
    make_pair (SOCKET_DATAGRAM);
    start_send (&sending, 1, ends[1]);
    assert_int_equal (solo_status (sending.call), ERR_NOT_SUPPORTED);
    start_send (&sending, 1, 99);
    assert_int_equal (solo_status (sending.call), ERR_BAD_DESCRIPTOR);
    assert_ok (b_pipe (1, 0, pipe));
    start_send (&sending, 1, pipe[0]);
    assert_int_equal (solo_status (sending.call), OK);
}

static void
a_cancelled_message_lets_its_files_go (void **state)
{
    struct sending full, waits, behind;
    int64_t pipe[2];
    char byte;

    (void)state;
    make_pair (SOCKET_PACKETS);
    assert_ok (b_pipe (1, 0, pipe));
    start_send (&full, 60000, -1);
    start_send (&waits, 30000, pipe[1]);
    start_send (&behind, 100, -1);
    assert_int_equal (solo_status (full.call), OK);
    assert_int_equal (solo_status (waits.call), DEFERRED);
    assert_int_equal (solo_status (behind.call), DEFERRED);
    assert_ok (b_close (1, pipe[1]));
    solo_cancel (waits.call);
    solo_run ();
    assert_int_equal (solo_status (waits.call), ERR_INTERRUPTED);
    assert_int_equal (solo_status (behind.call), OK);
    assert_int_equal (b_read (1, pipe[0], &byte, 1), 0); /* nobody has the other end */
    assert_int_equal (solo_waiting (), 0);
}

static void
a_message_too_long_is_refused (void **state)
{
    struct sending sending;

    (void)state;
    make_pair (SOCKET_DATAGRAM);
    start_send (&sending, 61441, -1);
    assert_int_equal (solo_status (sending.call), ERR_MESSAGE_SIZE);
    start_send (&sending, 61440, -1);
    assert_int_equal (solo_status (sending.call), OK);
}

/* So many empty messages are kept, and no more. */
static void
empty_messages_fill_a_socket (void **state)
{
    struct sending sending;
    struct file_receive_req receive = { .process = 1 };
    struct file_receive_rep got;

    (void)state;
    make_pair (SOCKET_PACKETS);
    receive.fd = ends[1];
    for (unsigned i = 0; i < 256; i++) {
        start_send (&sending, 0, -1);
        assert_int_equal (solo_status (sending.call), OK);
    }
    start_send (&sending, 0, -1);
    assert_int_equal (solo_status (sending.call), DEFERRED);
    assert_int_equal (file_receive (bench.files, &receive, &got), OK);
    solo_run ();
    assert_int_equal (solo_status (sending.call), OK);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST (a_socket_does_not_travel),
        TEST (a_cancelled_message_lets_its_files_go),
        TEST (a_message_too_long_is_refused),
        TEST (empty_messages_fill_a_socket),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
