/* What nucleus/context.c promises: flows of control that switch without the kernel, and go
 * on in another process that has their memory at the same addresses. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nucleus/context.h"

/* Where the processes of a machine have theirs. */
#define ADDRESS     ((void *)0x200000000000u)
#define CONTEXTS    64u
#define STACK_BYTES 0x10000u

struct flow {
    struct context context;
    uint64_t steps, sum;
    uint32_t index;
    bool over;
};

static struct shared {
    struct flow flows[CONTEXTS];
    uint32_t order[CONTEXTS * 8];
    uint32_t switches;
    uint8_t pad[65536]; /* the stacks begin on a page of their own */
} * shared;

/* Of whoever resumes; each process's own. */
static struct context resumer;

static uint8_t *
stack_of (uint32_t index)
{
    return (uint8_t *)shared + (sizeof *shared + 4095) / 4096 * 4096
           + (size_t)index * STACK_BYTES;
}

static int
lay (void **state)
{
    size_t bytes = sizeof *shared + 4096 + CONTEXTS * STACK_BYTES;

    (void)state;
    shared = mmap (ADDRESS, bytes, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    assert_ptr_equal (shared, ADDRESS);
    context_init ();
    return 0;
}

static int
clear (void **state)
{
    (void)state;
    munmap (shared, sizeof *shared + 4096 + CONTEXTS * STACK_BYTES);
    return 0;
}

static void
leave (struct flow *flow)
{
    context_switch (&flow->context, &resumer);
}

static void
resume (struct flow *flow)
{
    context_switch (&resumer, &flow->context);
}

static void
make (uint32_t index, void (*entry) (void *))
{
    struct flow *flow = &shared->flows[index];

    flow->index = index;
    context_make (&flow->context, stack_of (index), STACK_BYTES, entry, flow);
}

/* ---- in one process ---- */

static void
count_main (void *argument)
{
    struct flow *flow = argument;

    for (;;) {
        shared->order[shared->switches++] = flow->index;
        flow->steps++;
        leave (flow);
    }
}

static void
flows_take_turns (void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONTEXTS; i++)
        make (i, count_main);
    assert_int_equal (shared->switches, 0); /* to make is not to run */
    for (uint32_t round = 0; round < 8; round++)
        for (uint32_t i = 0; i < CONTEXTS; i++)
            resume (&shared->flows[(i * 37 + round) % CONTEXTS]);
    for (uint32_t i = 0; i < CONTEXTS; i++)
        assert_int_equal (shared->flows[i].steps, 8);
    for (uint32_t round = 0, at = 0; round < 8; round++)
        for (uint32_t i = 0; i < CONTEXTS; i++, at++)
            assert_int_equal (shared->order[at], (i * 37 + round) % CONTEXTS);
}

static void
again_main (void *argument)
{
    struct flow *flow = argument;

    flow->sum += 100;
    for (;;)
        leave (flow);
}

/* A flow may be given up in the middle and another one begun on its stack. */
static void
stacks_can_be_used_again (void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        make (0, i % 2 != 0 ? again_main : count_main);
        resume (&shared->flows[0]);
        shared->switches = 0;
    }
    assert_int_equal (shared->flows[0].steps, 50);
    assert_int_equal (shared->flows[0].sum, 5000);
}

/* Numbers that live in registers, of both kinds, across switches in deep calls. */
static uint64_t
deep (struct flow *flow, unsigned depth, uint64_t a, double b)
{
    volatile uint8_t room[64];

    room[depth % 64] = (uint8_t)a;
    leave (flow);
    if (depth == 0)
        return a + (uint64_t)b;
    return deep (flow, depth - 1, a * 3 + depth, b * 1.5 + depth) + room[depth % 64]
           + a % 7;
}

static uint64_t
deep_alone (unsigned depth, uint64_t a, double b)
{
    if (depth == 0)
        return a + (uint64_t)b;
    return deep_alone (depth - 1, a * 3 + depth, b * 1.5 + depth) + (uint8_t)a + a % 7;
}

static void
deep_main (void *argument)
{
    struct flow *flow = argument;

    flow->sum = deep (flow, 20, flow->index, flow->index * 0.25);
    flow->over = true;
    for (;;)
        leave (flow);
}

static void
calls_go_on_where_they_were (void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONTEXTS; i++)
        make (i, deep_main);
    for (unsigned round = 0; round < 22; round++)
        for (uint32_t i = 0; i < CONTEXTS; i++)
            resume (&shared->flows[i]);
    for (uint32_t i = 0; i < CONTEXTS; i++) {
        assert_true (shared->flows[i].over);
        assert_int_equal (shared->flows[i].sum, deep_alone (20, i, i * 0.25));
    }
}

/* ---- from process to process ---- */

/* Resumes every flow once, in a process of its own, which then dies. */
static void
generation (void)
{
    pid_t process = fork ();
    int status;

    assert_true (process >= 0);
    if (process == 0) {
        context_init ();
        for (uint32_t i = 0; i < CONTEXTS; i++)
            resume (&shared->flows[i]);
        kill (getpid (), SIGKILL);
        _exit (1);
    }
    assert_int_equal (waitpid (process, &status, 0), process);
    assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
}

static void
flows_outlive_their_processes (void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CONTEXTS; i++)
        make (i, deep_main);
    for (unsigned round = 0; round < 22; round++)
        generation ();
    for (uint32_t i = 0; i < CONTEXTS; i++) {
        assert_true (shared->flows[i].over);
        assert_int_equal (shared->flows[i].sum, deep_alone (20, i, i * 0.25));
    }
    /* and this process, which has never run any of them, may as well */
    resume (&shared->flows[5]);
    assert_true (shared->flows[5].over);
}

/* Begun in one process, made on in another: the first makes, nobody has run it yet. */
static void
flows_can_be_made_by_one_and_run_by_another (void **state)
{
    pid_t process;
    int status;

    (void)state;
    process = fork ();
    if (process == 0) {
        context_init ();
        for (uint32_t i = 0; i < CONTEXTS; i++)
            make (i, count_main);
        _exit (0);
    }
    waitpid (process, &status, 0);
    assert_int_equal (status, 0);
    for (uint32_t i = 0; i < CONTEXTS; i++)
        resume (&shared->flows[i]);
    assert_int_equal (shared->switches, CONTEXTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, lay, clear)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (flows_take_turns),
        TEST (stacks_can_be_used_again),
        TEST (calls_go_on_where_they_were),
        TEST (flows_outlive_their_processes),
        TEST (flows_can_be_made_by_one_and_run_by_another),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
