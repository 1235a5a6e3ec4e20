/* A domain that crashes says how and where, and dies of what killed it. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "child.h"

/* Functions that keep their name and their place in the backtrace. */
#ifdef __clang__
#define ALONE noinline
#else
#define ALONE noipa
#endif

/* ---- ways to die, each a function that the report must name ---- */

__attribute__ ((ALONE, no_sanitize ("undefined", "address"))) static int64_t
crash_by_bad_address (struct shared *shared, const void *argument)
{
    (void) shared;
    *(volatile int *) ((uintptr_t) argument + 0x123450) = 1;
    return 0;
}

__attribute__ ((ALONE, no_sanitize ("undefined", "address"))) static int64_t
crash_beyond_the_file (struct shared *shared, const void *argument)
{
    (void) shared;
    return *(volatile const char *) argument;
}

__attribute__ ((ALONE)) static int64_t
crash_by_trap (struct shared *shared, const void *argument)
{
    (void) shared, (void) argument;
#if defined __x86_64__
    __asm__ volatile ("ud2");
    return 0;
#else
    __builtin_trap ();
#endif
}

__attribute__ ((ALONE, no_sanitize ("undefined"))) static int64_t
crash_by_division (struct shared *shared, const void *argument)
{
    volatile int zero = 0, one = 1;

    (void) shared, (void) argument;
    return one / zero;
}

__attribute__ ((ALONE)) static int64_t
crash_by_abort (struct shared *shared, const void *argument)
{
    (void) shared, (void) argument;
    abort ();
}

__attribute__ ((ALONE)) static int64_t
crash_by_refused_call (struct shared *shared, const void *argument)
{
    (void) argument;
    syscall (SYS_socket, 1, 1, 0);
    /* Must never be reached: the call was refused, and so ends the process. */
    shared->word = 77;
    return 0;
}

__attribute__ ((ALONE)) static int64_t
crash_by_jump (struct shared *shared, const void *argument)
{
    int64_t (*volatile nowhere) (struct shared *) = NULL;

    (void) argument;
    int64_t result = nowhere (shared);
    shared->word   = 77;
    return result;
}

__attribute__ ((ALONE, no_sanitize ("undefined", "address"))) static int64_t
crash_by_depth (struct shared *shared, const void *argument)
{
    volatile char space[512];

    space[0] = (char) (uintptr_t) argument;
    if (shared->word == 77)
        return 0; /* never: for the compiler's sake */
    return crash_by_depth (shared, (const char *) argument + 1) + space[0];
}

/* ---- the same on a fiber's stack, with a page below that cannot be touched ---- */

#define FIBER_BYTES 65536

static int64_t (*fiber_run) (struct shared *, const void *);
static struct shared *fiber_shared;
static const void *fiber_argument;

static void
fiber_main (void)
{
    fiber_shared->result = fiber_run (fiber_shared, fiber_argument);
}

__attribute__ ((ALONE)) static int64_t
on_a_fiber (struct shared *shared, const void *argument)
{
    const struct child *inner = argument;
    ucontext_t here, there;

    /* Made by the test before the fork. */
    fiber_shared   = shared;
    fiber_run      = inner->run;
    fiber_argument = inner->argument;
    getcontext (&there);
    there.uc_stack.ss_sp   = (char *) inner->descriptors; /* the stack, see below */
    there.uc_stack.ss_size = FIBER_BYTES;
    there.uc_link          = &here;
    makecontext (&there, fiber_main, 0);
    swapcontext (&here, &there);
    return 0;
}

/* ---- */

static void
check_report (struct shared *shared, const char *summary, const char *function)
{
    g_autoptr (GString) report = g_string_new (NULL);
    g_autofree char *line      = crash_summary (&shared->crash);

    crash_report (&shared->crash, report);
    if (strstr (line, summary) == NULL)
        fail_msg ("no \"%s\" in: %s", summary, line);
    if (function != NULL && strstr (report->str, function) == NULL)
        fail_msg ("no \"%s\" in: %s", function, report->str);
    if (function != NULL && strstr (report->str, "test_crash.c:") == NULL)
        fail_msg ("no source line in: %s", report->str);
}

static int
crash (int64_t (*run) (struct shared *, const void *), const void *argument, bool locked,
       struct shared **out)
{
    struct shared *shared = child_shared ();
    struct child child    = { .run = run, .argument = argument, .unlocked = !locked };
    int status            = child_run (&child, shared);

    *out = shared;
    if (!WIFSIGNALED (status))
        fail_msg ("status %#x", status);
    assert_int_equal (shared->crash.complete, 1);
    assert_in_range (shared->crash.frame_count, 1, CRASH_FRAMES);
    assert_int_equal (shared->crash.frames[0], shared->crash.instruction);
    return WTERMSIG (status);
}

static void
a_bad_address_is_reported (void **state)
{
    (void) state;
    for (int locked = 0; locked < 2; locked++) {
        struct shared *shared;
        assert_int_equal (crash (crash_by_bad_address, NULL, locked, &shared), SIGSEGV);
        assert_int_equal (shared->crash.signal, SIGSEGV);
        assert_int_equal (shared->crash.address, 0x123450);
        check_report (shared, "SIGSEGV: cannot touch address 0x123450 in crash_by_bad_address",
                      "#0  crash_by_bad_address");
        check_report (shared, "tests/board/test_crash.c:", "child_start");
    }
}

static void
memory_beyond_a_file_is_reported (void **state)
{
    int fd     = memfd_create ("short", 0);
    void *page = mmap (NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    struct shared *shared;
    char address[32];

    (void) state;
    assert_ptr_not_equal (page, MAP_FAILED);
    assert_int_equal (crash (crash_beyond_the_file, page, true, &shared), SIGBUS);
    g_snprintf (address, sizeof address, "%p", page);
    check_report (shared, address, "#0  crash_beyond_the_file");
    close (fd);
}

static void
a_trap_is_reported (void **state)
{
    struct shared *shared;

    (void) state;
    assert_int_equal (crash (crash_by_trap, NULL, true, &shared), SIGILL);
    check_report (shared, "SIGILL in crash_by_trap", "#0  crash_by_trap");
}

static void
a_division_by_zero_is_reported (void **state)
{
    struct shared *shared;

    (void) state;
#if defined __x86_64__
    assert_int_equal (crash (crash_by_division, NULL, true, &shared), SIGFPE);
    check_report (shared, "SIGFPE in crash_by_division", "#0  crash_by_division");
#endif
}

static void
an_abort_is_an_abort_even_under_the_filter (void **state)
{
    struct shared *shared;

    (void) state;
    assert_int_equal (crash (crash_by_abort, NULL, false, &shared), SIGABRT);
    check_report (shared, "SIGABRT", "crash_by_abort");
    int signal = crash (crash_by_abort, NULL, true, &shared);
    assert_true (signal == SIGSYS || signal == SIGABRT);
    assert_int_equal (shared->crash.signal, SIGABRT);
    check_report (shared, "SIGABRT", "crash_by_abort");
}

static void
a_refused_call_is_named_and_never_returned_from (void **state)
{
    struct shared *shared;

    (void) state;
    assert_int_equal (crash (crash_by_refused_call, NULL, true, &shared), SIGSYS);
    assert_int_equal (shared->word, 0);
    assert_int_equal (shared->crash.call, SYS_socket);
    assert_int_equal (shared->crash.arguments[1], 1);
    check_report (shared, "SIGSYS: the system call socket is not allowed",
                  "crash_by_refused_call");
}

static void
a_jump_to_nowhere_tells_where_it_came_from (void **state)
{
    struct shared *shared;

    (void) state;
    assert_int_equal (crash (crash_by_jump, NULL, true, &shared), SIGSEGV);
    check_report (shared, "SIGSEGV", "crash_by_jump");
}

static void
a_stack_that_runs_out_is_reported (void **state)
{
    char *stack = mmap (NULL, 4096 + FIBER_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct child inner = { .run = crash_by_depth, .descriptors = (void *) (stack + 4096) };
    struct shared *shared;

    (void) state;
    assert_ptr_not_equal (stack, MAP_FAILED);
    assert_int_equal (mprotect (stack, 4096, PROT_NONE), 0);
    assert_int_equal (crash (on_a_fiber, &inner, true, &shared), SIGSEGV);
    assert_int_equal (shared->crash.frame_count, CRASH_FRAMES);
    assert_true (shared->crash.address >= (uintptr_t) stack
                 && shared->crash.address < (uintptr_t) stack + 4096);
    check_report (shared, "in crash_by_depth", "crash_by_depth");
    munmap (stack, 4096 + FIBER_BYTES);
}

static void
a_backtrace_walks_through_a_fiber (void **state)
{
    char *stack        = mmap (NULL, FIBER_BYTES, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct child inner = { .run = crash_by_bad_address, .descriptors = (void *) stack };
    struct shared *shared;

    (void) state;
    assert_int_equal (crash (on_a_fiber, &inner, true, &shared), SIGSEGV);
    check_report (shared, "in crash_by_bad_address", "fiber_main");
    munmap (stack, FIBER_BYTES);
}

static int64_t
wait_to_be_killed (struct shared *shared, const void *argument)
{
    (void) argument;
    child_arrive (shared, 1);
    child_await (shared, 2);
    shared->word = 77;
    return 0;
}

static void
a_signal_that_somebody_sends_kills_as_well (void **state)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };

    (void) state;
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
        for (int locked = 0; locked < 2; locked++) {
            struct shared *shared = child_shared ();
            struct child child    = { .run = wait_to_be_killed, .unlocked = !locked };
            pid_t process         = child_start (&child, shared);
            assert_true (child_await (shared, 1));
            assert_int_equal (kill (process, signals[i]), 0);
            int status = child_end (process);
            assert_true (WIFSIGNALED (status));
            assert_int_equal (WTERMSIG (status), locked ? SIGSYS : signals[i]);
            assert_int_equal (shared->crash.signal, signals[i]);
            assert_int_equal (shared->word, 0);
        }
}

static void
a_spoilt_record_only_spoils_the_text (void **state)
{
    struct crash_record record;
    g_autoptr (GString) report = g_string_new (NULL);

    (void) state;
    memset (&record, 0xff, sizeof record);
    crash_report (&record, report);
    assert_non_null (strstr (report->str, "0xffffffffffffffff"));
    record.signal = SIGSYS;
    crash_report (&record, report);
    assert_non_null (strstr (report->str, "system call -1"));

    memset (&record, 0, sizeof record);
    g_string_truncate (report, 0);
    crash_report (&record, report);
    assert_string_equal (report->str, "died without a word\n");
}

static void
names_are_for_people (void **state)
{
    g_autofree char *call     = crash_call_name (0, 0);
    g_autofree char *function = crash_address_text ((uintptr_t) &crash_by_trap, false);
    g_autofree char *nothing  = crash_address_text (1, false);

    (void) state;
    assert_string_equal (crash_signal_name (SIGBUS), "SIGBUS");
    assert_string_equal (crash_signal_name (-1), "a signal");
    assert_non_null (call);
    assert_memory_equal (function, "crash_by_trap+0 (", 17);
    assert_string_equal (nothing, "0x1");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_bad_address_is_reported),
        cmocka_unit_test (memory_beyond_a_file_is_reported),
        cmocka_unit_test (a_trap_is_reported),
        cmocka_unit_test (a_division_by_zero_is_reported),
        cmocka_unit_test (an_abort_is_an_abort_even_under_the_filter),
        cmocka_unit_test (a_refused_call_is_named_and_never_returned_from),
        cmocka_unit_test (a_jump_to_nowhere_tells_where_it_came_from),
        cmocka_unit_test (a_stack_that_runs_out_is_reported),
        cmocka_unit_test (a_backtrace_walks_through_a_fiber),
        cmocka_unit_test (a_signal_that_somebody_sends_kills_as_well),
        cmocka_unit_test (a_spoilt_record_only_spoils_the_text),
        cmocka_unit_test (names_are_for_people),
    };

    return cmocka_run_group_tests_name ("crash", tests, NULL, NULL);
}
