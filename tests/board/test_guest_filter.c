/* The filter of a guest's process allows seven calls, from the stub's page alone, and nothing
 * else: every number in every way to call is tried, from the program and from the page. Memory of
 * the host cannot be had by them. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#include "guest/mailbox.h"
#include "guest/nursery.h"

#define NUMBERS 1200u       /* there are none behind these */
#define X32     0x40000000u /* the bit of the third ABI */
#define FLAGS   0x10000u    /* of mmap, all that choose what is mapped */

enum way { FROM_PROGRAM, FROM_PROGRAM_X32, FROM_PROGRAM_OLD, FROM_STUB, FROM_STUB_X32, FROM_STUB_OLD, WAYS };

/* By way and number: did it trap? Shared with the child, which can tell in no other way. */
struct told {
    unsigned done;
    unsigned char flags[FLAGS]; /* of mmap, from the stub */
    unsigned char trapped[WAYS][NUMBERS];
};

static struct told *told;
static volatile sig_atomic_t trapped;

/* What lies in the page: the two instructions that call, and the end of a handler. */
static const unsigned char code[] = {
    0x0f, 0x05, 0xc3,                         /* 0: syscall; ret */
    0xcd, 0x80, 0xc3,                         /* 3: int 0x80; ret */
    0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05, /* 6: rt_sigreturn */
};

static const unsigned char *
code_at (const unsigned char *place, unsigned offset)
{
    return place + offset;
}

/* With arguments that do no harm: mmap of nothing. */
static void
call (const unsigned char *instruction, unsigned long number, unsigned long flags)
{
    register unsigned long r10 __asm__ ("r10") = flags;

    __asm__ volatile ("sub $128, %%rsp\n\tcall *%[to]\n\tadd $128, %%rsp" /* the red zone */
                      : "+a"(number), "+r"(r10)
                      : [to] "r"(instruction), "D"(0l), "S"(0l), "d"(0l), "b"(0l)
                      : "rcx", "r8", "r9", "r11", "memory", "cc");
}

static void
note (int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    (void)context;
    trapped = 1;
}

/* As the kernel has it: its return is made by the page. */
static void
handle_traps (const unsigned char *stub)
{
    struct {
        void (*handler) (int, siginfo_t *, void *);
        unsigned long flags;
        const unsigned char *restorer;
        unsigned long mask;
    } action = { note, SA_SIGINFO | SA_NODEFER | 0x04000000 /* SA_RESTORER */, code_at (stub, 6), 0 };

    if (syscall (SYS_rt_sigaction, SIGSYS, &action, NULL, 8) != 0)
        abort ();
}

/* uretprobe and uprobe: Linux lets them pass all filters, and ends whoever makes them itself but
 * from where it has put them. */
static bool
is_the_hosts (enum way way, unsigned number)
{
    return way % 3 == 0 && (number == 335 || number == 336);
}

static void
sweep (enum way way, const unsigned char *place)
{
    unsigned instruction = way % 3 == 2 ? 3 : 0;
    unsigned long bit    = way % 3 == 1 ? X32 : 0;

    for (unsigned number = 0; number < NUMBERS; number++) {
        if (way == FROM_STUB && number == SYS_rt_sigreturn)
            continue; /* each handler ends by it */
        if (is_the_hosts (way, number))
            continue;
        trapped = 0;
        call (code_at (place, instruction), number | bit, MAP_SHARED | MAP_FIXED);
        told->trapped[way][number] = trapped != 0;
    }
}

static _Noreturn void
child (void)
{
    unsigned char *stub    = mmap ((void *)GUEST_STUB_BASE, GUEST_STUB_BYTES, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    unsigned char *program = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (stub != (void *)GUEST_STUB_BASE || program == MAP_FAILED)
        abort ();
    memcpy (stub, code, sizeof code);
    memcpy (program, code, sizeof code);
    if (mprotect (stub, GUEST_STUB_BYTES, PROT_READ | PROT_EXEC) != 0
        || mprotect (program, 4096, PROT_READ | PROT_EXEC) != 0)
        abort ();
    handle_traps (stub);
    signal (SIGILL, SIG_DFL); /* it ends by one: cmocka would go on */
    signal (SIGSEGV, SIG_DFL);
    if (!guest_filter_set ())
        abort ();
    for (unsigned way = 0; way < WAYS; way++)
        sweep ((enum way)way, way < FROM_STUB ? program : stub);
    for (unsigned flags = 0; flags < FLAGS; flags++) {
        trapped = 0;
        call (stub, SYS_mmap, flags);
        told->flags[flags] = trapped != 0;
    }
    told->done = 1;
    __builtin_trap (); /* it may not even end itself otherwise */
}

static void
seven_calls_are_allowed_and_from_the_stub_alone (void **state)
{
    static const unsigned allowed[] = { SYS_mmap,  SYS_mprotect, SYS_munmap,     SYS_sched_yield,
                                        SYS_futex, SYS_arch_prctl, SYS_rt_sigreturn };
    pid_t process;
    int status;

    (void)state;
    told = mmap (NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal (told, MAP_FAILED);
    process = fork ();
    if (process == 0)
        child ();
    assert_int_equal (waitpid (process, &status, 0), process);
    assert_true (WIFSIGNALED (status));
    assert_int_equal (WTERMSIG (status), SIGILL);
    assert_true (told->done);
    for (unsigned way = 0; way < WAYS; way++)
        for (unsigned number = 0; number < NUMBERS; number++) {
            bool may = false;

            for (unsigned i = 0; i < sizeof allowed / sizeof *allowed; i++)
                may |= way == FROM_STUB && allowed[i] == number;
            if (!is_the_hosts ((enum way)way, number) && told->trapped[way][number] != !may)
                fail_msg ("way %u, call %u: %s", way, number, may ? "is refused" : "is allowed");
        }
    for (unsigned flags = 0; flags < FLAGS; flags++)
        if (told->flags[flags] != ((flags & ~(unsigned)MAP_POPULATE) != (MAP_SHARED | MAP_FIXED)))
            fail_msg ("mmap with flags %#x: %s", flags, told->flags[flags] ? "is refused" : "is allowed");
    munmap (told, sizeof *told);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (seven_calls_are_allowed_and_from_the_stub_alone),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
