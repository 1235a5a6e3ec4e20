/* Pause, step, breakpoints and speed act on virtual time. */
#include "control/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static json_int_t
status_number (ControlClient *client, const char *key)
{
    json_t *status    = host_ask (client, "{'command':'status'}");
    json_int_t number = host_number (status, key);

    json_decref (status);
    return number;
}

/* The machine's shell has said its first word. */
static ControlClient *
prompt (const char *machine)
{
    ControlClient *client = host_start (machine, NULL);

    json_decref (host_ask (client, "{'command':'subscribe','console':true}"));
    host_console (client, "# ");
    /* From there it goes on to wait for an answer. */
    json_decref (host_ask (client, "{'command':'step','unit':'tick'}"));
    json_decref (host_ask (client, "{'command':'resume'}"));
    return client;
}

static void
time_passes_and_stands_still (void **state)
{
    ControlClient *client = prompt ("microkernel");
    json_int_t before, after;
    json_t *result;

    (void)state;
    before = status_number (client, "virtual_ns");
    usleep (200000);
    assert_true (status_number (client, "virtual_ns") - before >= 100000000);
    result = host_ask (client, "{'command':'pause'}");
    host_assert_text (result, "state", "paused");
    before = host_number (result, "virtual_ns");
    json_decref (result);
    json_decref (host_ask (client, "{'command':'type','text':'echo aw\\\\ake\\n'}"));
    usleep (200000);
    assert_int_equal (status_number (client, "virtual_ns"), before);
    json_decref (host_ask (client, "{'command':'resume'}"));
    host_console (client, "awake");
    /* What passed meanwhile is no time of the machine. */
    after = status_number (client, "virtual_ns");
    assert_true (after > before && after - before < 150000000);
    control_disconnect (client);
}

/* A program that computes makes no calls, and must stand still all the same. */
static void
a_program_that_only_computes_stands_still (void **state)
{
    ControlClient *client = prompt ("hybrid");
    json_int_t before;
    json_t *result;

    (void)state;
    json_decref (host_ask (client, "{'command':'speed','factor':0}"));
    json_decref (host_ask (client, "{'command':'type','text':'cpuload -n 99999999999999\\n'}"));
    usleep (100000);
    result = host_ask (client, "{'command':'pause'}");
    host_assert_text (result, "state", "paused");
    before = host_number (result, "virtual_ns");
    json_decref (result);
    usleep (50000);
    assert_int_equal (status_number (client, "virtual_ns"), before);
    control_disconnect (client);
}

static void
steps_are_counted_exactly (void **state)
{
    static const struct {
        const char *request;
        json_int_t least, most; /* events */
    } steps[] = {
        { "{'command':'step','unit':'event'}", 1, 1 },
        { "{'command':'step','unit':'event','count':25}", 25, 25 },
        { "{'command':'step','unit':'call','count':10}", 10, 30 },
        { "{'command':'step','unit':'syscall','count':2}", 2, 200 },
        { "{'command':'step'}", 1, 5 },
    };
    ControlClient *client = prompt ("microkernel");
    json_int_t before;
    json_t *result, *calls;

    (void)state;
    result = host_ask (client, "{'command':'pause'}");
    before = host_number (result, "events");
    json_decref (result);
    json_decref (host_ask (client, "{'command':'type','text':'seq 1 20000\\n'}"));
    for (unsigned i = 0; i < G_N_ELEMENTS (steps); i++) {
        json_int_t now;

        result = host_ask (client, steps[i].request);
        host_assert_text (result, "state", "paused");
        host_assert_text (result, "reason", "step");
        now = host_number (result, "events");
        if (now - before < steps[i].least || now - before > steps[i].most)
            fail_msg ("%s: %d events", steps[i].request, (int)(now - before));
        before = now;
        json_decref (result);
    }
    result = host_ask (client, "{'command':'step','unit':'syscall'}");
    calls  = host_ask (client, "{'command':'calls','count':1}");
    host_assert_text (json_array_get (calls, 0), "kind", "syscall");
    json_decref (calls);
    json_decref (result);
    control_disconnect (client);
}

static void
a_tick_is_the_machines_quantum (void **state)
{
    ControlClient *client = prompt ("hybrid");
    json_t *first         = host_ask (client, "{'command':'pause'}");
    json_t *second        = host_ask (client, "{'command':'step','unit':'tick','count':3}");
    json_int_t passed     = host_number (second, "virtual_ns") - host_number (first, "virtual_ns");

    (void)state;
    host_assert_text (second, "reason", "step");
    assert_true (passed >= 30000000 && passed < 60000000);
    json_decref (first);
    json_decref (second);
    control_disconnect (client);
}

/* Nothing happens until a key is pressed: then the step is over. */
static void
a_step_waits_for_the_machine (void **state)
{
    ControlClient *client = prompt ("hybrid");
    json_t *result;

    (void)state;
    json_decref (host_ask (client, "{'command':'pause'}"));
    result = host_ask (client, "{'command':'step','unit':'syscall'}");
    host_assert_text (result, "state", "running");
    json_decref (result);
    json_decref (host_ask (client, "{'command':'type','text':'true\\n'}"));
    host_state (client, "paused");
    control_disconnect (client);
}

static void
a_breakpoint_stops_where_it_says (void **state)
{
    ControlClient *client = prompt ("microkernel");
    json_t *result, *calls, *call, *breaks;

    (void)state;
    result = host_ask (client, "{'command':'break','from':'vfs','operation':'fs.write'}");
    assert_int_equal (host_number (result, "break"), 1);
    json_decref (result);
    result = host_ask (client, "{'command':'break','operation':'syscall.open'}");
    assert_int_equal (host_number (result, "break"), 2);
    json_decref (result);
    json_decref (host_ask (client, "{'command':'type','text':'echo hello >/tmp/file\\n'}"));
    /* The shell opens the file, then writes to it; before that the console echoes. */
    for (unsigned found = 0; found != 3;) {
        host_state (client, "paused");
        calls = host_ask (client, "{'command':'calls','count':1}");
        call  = json_array_get (calls, 0);
        if (strcmp (json_string_value (json_object_get (call, "kind")), "syscall") == 0) {
            host_assert_text (call, "op", "open");
            found |= 1;
        } else {
            host_assert_text (call, "from", "vfs");
            host_assert_text (call, "op", "fs.write");
            if (strcmp (json_string_value (json_object_get (call, "to")), "tmpfs") == 0)
                found |= 2;
        }
        json_decref (calls);
        json_decref (host_ask (client, "{'command':'resume'}"));
    }
    breaks = host_ask (client, "{'command':'breaks'}");
    assert_int_equal (json_array_size (breaks), 2);
    assert_true (host_number (json_array_get (breaks, 0), "hits") >= 1);
    host_assert_text (json_array_get (breaks, 0), "from", "vfs");
    json_decref (breaks);
    json_decref (host_ask (client, "{'command':'break','delete':1}"));
    json_decref (host_ask (client, "{'command':'break','delete':0}"));
    json_decref (host_ask (client, "{'command':'resume'}"));
    json_decref (host_ask (client, "{'command':'type','text':'cat /tmp/file\\n'}"));
    host_console (client, "hello\r\n");
    control_disconnect (client);
}

static void
a_refusal_can_be_waited_for (void **state)
{
    ControlClient *client = prompt ("hybrid");
    json_t *status;

    (void)state;
    json_decref (host_ask (client, "{'command':'break','operation':'fs.lookup','status':'refused'}"));
    json_decref (host_ask (client, "{'command':'type','text':'cat /tmp/nowhere\\n'}"));
    host_state (client, "paused");
    status = host_ask (client, "{'command':'status'}");
    assert_non_null (strstr (json_string_value (json_object_get (status, "reason")), "breakpoint 1: "));
    assert_non_null (strstr (json_string_value (json_object_get (status, "reason")), "ERR_NOT_FOUND"));
    json_decref (status);
    control_disconnect (client);
}

static double
wall_s (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds of the host until the commands are done. */
static double
time_of (ControlClient *client, const char *speed, const char *commands, const char *word)
{
    g_autofree char *slower = g_strdup_printf ("{'command':'speed','factor':%s}", speed);
    g_autofree char *typed
        = g_strdup_printf ("{'command':'type','text':'%s; echo do\\\\ne %s\\n'}", commands, word);
    g_autofree char *answer = g_strdup_printf ("done %s", word);
    double before;

    json_decref (host_ask (client, slower));
    before = wall_s ();
    json_decref (host_ask (client, typed));
    host_console (client, answer);
    return wall_s () - before;
}

static void
speed_paces_virtual_time (void **state)
{
    ControlClient *client = prompt ("hybrid");
    double taken;

    (void)state;
    taken = time_of (client, "1", "sleep 0.3", "one");
    assert_true (taken >= 0.29);
    taken = time_of (client, "0.1", "sleep 0.03", "tenth");
    assert_true (taken >= 0.29);
    taken = time_of (client, "100", "sleep 30", "hundred");
    assert_true (taken >= 0.29 && taken < 10);
    taken = time_of (client, "0", "sleep 10000", "none");
    assert_true (taken < 10);
    /* Not only sleeping takes its time: 10^9 cycles are a third of a second. */
    taken = time_of (client, "1", "cpuload -n 1000000000", "busy");
    assert_true (taken >= 0.3);
    control_disconnect (client);
}

/* Nobody sits at it, and yet. */
static void
a_batch_run_can_be_paused_and_ended (void **state)
{
    g_autofree char *stats = host_path ("stats");
    GPid process           = host_batch ("microkernel", "seq 1 200000 | sort | wc", stats);
    ControlClient *client  = host_client ();
    json_int_t before;
    json_t *result;

    (void)state;
    result = host_ask (client, "{'command':'pause'}");
    host_assert_text (result, "state", "paused");
    before = host_number (result, "events");
    json_decref (result);
    usleep (50000);
    assert_int_equal (status_number (client, "events"), before);
    json_decref (host_ask (client, "{'command':'quit'}"));
    control_disconnect (client);
    assert_int_equal (host_wait (process), 128 + 15);
}

int
main (void)
{
#define MACHINE_TEST(name) cmocka_unit_test_setup_teardown (name, host_begin, host_end)
    const struct CMUnitTest tests[] = {
        MACHINE_TEST (time_passes_and_stands_still),
        MACHINE_TEST (a_program_that_only_computes_stands_still),
        MACHINE_TEST (steps_are_counted_exactly),
        MACHINE_TEST (a_tick_is_the_machines_quantum),
        MACHINE_TEST (a_step_waits_for_the_machine),
        MACHINE_TEST (a_breakpoint_stops_where_it_says),
        MACHINE_TEST (a_refusal_can_be_waited_for),
        MACHINE_TEST (speed_paces_virtual_time),
        MACHINE_TEST (a_batch_run_can_be_paused_and_ended),
    };

    return cmocka_run_group_tests_name ("brake", tests, NULL, NULL);
}
