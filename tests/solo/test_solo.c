/* What solo promises to the tests that stand on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "solo.h"

/* ---- a class that answers reads later, and one that lets it answer ---- */

struct later {
    struct call call;
    bool waiting;
};

static enum status
later_read (Component *self, struct call *call, const struct tty_read_req *req,
            struct tty_read_rep *rep)
{
    struct later *later = component_state (self);

    (void)rep;
    later->call    = *call;
    later->waiting = true;
    memcpy (req->into.data, "hi", 2);
    return DEFERRED;
}

static void
later_answer (Component *self, enum status status)
{
    struct later *later       = component_state (self);
    struct tty_read_rep reply = { .done = 2 };

    if (later->waiting)
        call_reply (self, &later->call, status, &reply);
    later->waiting = false;
}

/* A write is answered at once, and a read a microsecond after it. */
static enum status
later_write (Component *self, struct call *call, const struct tty_write_req *req,
             struct tty_write_rep *rep)
{
    (void)call;
    rep->done = req->from.length;
    return component_timer (self, component_now_ns (self) + 1000, 5);
}

static void
later_timer (Component *self, uint64_t cookie)
{
    assert_int_equal (cookie, 5);
    later_answer (self, OK);
}

static void
later_cancel (Component *self, const struct call *call)
{
    (void)call;
    later_answer (self, ERR_INTERRUPTED);
}

static const struct tty_ops later_ops = { .read = later_read, .write = later_write };

static const struct component_class later_class = {
    .name        = "later",
    .state_bytes = sizeof (struct later),
    .provides    = { { INTERFACE_tty, &later_ops } },
    .timer       = later_timer,
    .cancel      = later_cancel,
};

static enum status
front_read (Component *self, struct call *call, const struct tty_read_req *req,
            struct tty_read_rep *rep)
{
    (void)rep;
    return call_forward (self, call, component_link (self, 0), tty_OP_read, req);
}

static const struct tty_ops front_ops = { .read = front_read };

static const struct component_class front_class = {
    .name     = "front",
    .provides = { { INTERFACE_tty, &front_ops } },
    .needs    = { { "behind", INTERFACE_tty, NEED_ONE } },
};

struct machine {
    Component *later, *front;
    char bytes[8];
    struct tty_read_req request;
    struct tty_read_rep reply;
};

static void
machine_init (struct machine *machine)
{
    memset (machine, 0, sizeof *machine);
    solo_init ();
    machine->later = solo_add (&later_class, "later", NULL);
    machine->front = solo_add (&front_class, "front", NULL);
    solo_bind (machine->front, "behind", machine->later);
    machine->request.into = (grant) { machine->bytes, sizeof machine->bytes, 0 };
}

static void
a_deferred_call_is_seen_and_answered_in_time (void **state)
{
    struct machine machine;
    struct tty_write_req write_request = { .from = { (void *)"abc", 3, 0 } };
    struct tty_write_rep write_reply;

    (void)state;
    machine_init (&machine);
    Link *front = solo_link (machine.front, INTERFACE_tty);
    Link *later = solo_link (machine.later, INTERFACE_tty);
    assert_int_equal (tty_read (front, &machine.request, &machine.reply), DEFERRED);
    SoloCall *call = solo_last ();
    assert_int_equal (tty_write (front, &write_request, &write_reply), ERR_NOT_IMPLEMENTED);
    assert_int_equal (tty_write (later, &write_request, &write_reply), OK);
    assert_int_equal (write_reply.done, 3);
    assert_int_equal (solo_waiting (), 1);
    assert_int_equal (solo_timers (), 1);
    assert_int_equal (solo_status (call), DEFERRED);
    solo_advance (1000);
    assert_int_equal (solo_status (call), OK);
    assert_int_equal (machine.reply.done, 2);
    assert_string_equal (machine.bytes, "hi");
    solo_fini ();
}

static void
a_deferred_call_can_be_cancelled (void **state)
{
    struct machine machine;

    (void)state;
    machine_init (&machine);
    Link *front = solo_link (machine.front, INTERFACE_tty);
    assert_int_equal (tty_read (front, &machine.request, &machine.reply), DEFERRED);
    solo_cancel (solo_last ());
    assert_int_equal (solo_status (solo_last ()), ERR_INTERRUPTED);
    assert_int_equal (machine.reply.done, 0);
    assert_int_equal (solo_waiting (), 0);
    solo_fini ();
}

/* ---- locks ---- */

static struct mutex mutex;
static Component *locker;
static unsigned inside, turns;

static void
lock_body (void *argument)
{
    unsigned *order = argument;

    component_lock (locker, &mutex);
    assert_int_equal (inside++, 0);
    solo_pass ();
    inside--;
    *order = turns++;
    component_unlock (locker, &mutex);
}

static void
a_lock_is_held_across_blocking_by_one_at_a_time (void **state)
{
    struct machine machine;
    unsigned order[5];

    (void)state;
    machine_init (&machine);
    memset (&mutex, 0, sizeof mutex);
    inside = turns = 0;
    locker         = machine.later;
    for (unsigned i = 0; i < 5; i++)
        solo_go (lock_body, &order[i]);
    solo_run ();
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal (order[i], i);
    assert_int_equal (mutex.held, 0);
    solo_fini ();
}

/* ---- memory and disk ---- */

static void
memory_is_limited_and_counted (void **state)
{
    struct machine machine;

    (void)state;
    machine_init (&machine);
    solo_memory_limit (machine.later, 100);
    char *memory = component_alloc (machine.later, 60);
    assert_non_null (memory);
    assert_int_equal (memory[59], 0);
    assert_null (component_alloc (machine.later, 60));
    assert_int_equal (solo_memory_used (machine.later), 60);
    component_free (machine.later, memory);
    assert_int_equal (solo_memory_used (machine.later), 0);
    solo_fini ();
}

static void
a_disk_refuses_what_is_past_its_end (void **state)
{
    static uint8_t bytes[4 * 512];
    char sector[512];
    struct block_read_req request = { .first = 3, .count = 1, .into = { sector, 512, 0 } };
    struct block_read_rep reply   = { .done = 99 };

    (void)state;
    solo_init ();
    bytes[3 * 512] = 'x';
    Link *disk     = solo_link (solo_disk ("disk", bytes, sizeof bytes), INTERFACE_block);
    assert_int_equal (block_read (disk, &request, &reply), OK);
    assert_int_equal (reply.done, 512);
    assert_int_equal (sector[0], 'x');
    request.first = 4;
    reply.done    = 99;
    assert_int_equal (block_read (disk, &request, &reply), ERR_RANGE);
    assert_int_equal (reply.done, 99);
    request.count = 2;
    assert_int_equal (block_read (disk, &request, &reply), ERR_INVALID);
    solo_fini ();
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_deferred_call_is_seen_and_answered_in_time),
        cmocka_unit_test (a_deferred_call_can_be_cancelled),
        cmocka_unit_test (a_lock_is_held_across_blocking_by_one_at_a_time),
        cmocka_unit_test (memory_is_limited_and_counted),
        cmocka_unit_test (a_disk_refuses_what_is_past_its_end),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
