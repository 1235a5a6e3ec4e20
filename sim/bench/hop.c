/* hop: of what a real program's call consists before any kernel has looked at it: a trap that
 * the program gets and returns from, and a switch to the kernel's process and back. What a call
 * takes beyond both is the kernel's own.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "bench/bench.h"

/* ---- the trap: a call that a filter turns into a signal. As in a guest, the way back is the
 * program's own, without the host. ---- */

#ifdef __x86_64__

#define STATE_MAGIC_AT 116u /* in words: the state is of the kind that xrstor takes */

void bench_trap_leave (const ucontext_t *context, const void *state) __attribute__ ((noreturn));

__asm__ (".pushsection .text\n"
         ".type bench_trap_leave,@function\n"
         "bench_trap_leave:\n"
         "    mov 472(%rsi), %eax\n"
         "    mov 476(%rsi), %edx\n"
         "    xrstor (%rsi)\n"
         "    pushq 176(%rdi)\n"
         "    popfq\n"
         "    mov 160(%rdi), %rsp\n"
         "    jmp *168(%rdi)\n"
         ".popsection\n");

_Static_assert (offsetof (ucontext_t, uc_mcontext.gregs[REG_RSP]) == 160
                    && offsetof (ucontext_t, uc_mcontext.gregs[REG_RIP]) == 168
                    && offsetof (ucontext_t, uc_mcontext.gregs[REG_EFL]) == 176,
                "as the instructions above say");

static void
go_back (int number, siginfo_t *info, void *context)
{
    const ucontext_t *uc  = context;
    const uint32_t *state = (const uint32_t *)uc->uc_mcontext.fpregs;

    (void)number;
    (void)info;
    if (state != NULL && state[STATE_MAGIC_AT] == FP_XSTATE_MAGIC1)
        bench_trap_leave (uc, state);
}

static bool
filter_set (void)
{
    struct sock_filter filter[] = {
        BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

    return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                       &program)
                  == 0;
}

static void
traps_take (void *argument, uint64_t turns)
{
    (void)argument;
    for (uint64_t i = 0; i < turns; i++) {
        uint64_t number = SYS_getppid;

        __asm__ volatile ("syscall"
                          : "+a"(number)
                          :
                          : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc", "memory");
    }
}

/* In a process of its own: a filter stays. */
static void
trapper (const struct bench *bench, void *argument)
{
    static uint8_t stack[65536];
    struct sigaction action = { .sa_sigaction = go_back,
                                .sa_flags     = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    const stack_t other     = { .ss_sp = stack, .ss_size = sizeof stack };

    (void)argument;
    if (sigaltstack (&other, NULL) != 0 || sigaction (SIGSYS, &action, NULL) != 0
        || !filter_set ())
        return;
    bench_shared ()->result = bench_slices (bench->slices, traps_take, NULL, 100);
}

static void
nobody (const struct bench *bench, void *argument)
{
    (void)bench;
    (void)argument;
    pause ();
}

bool
bench_trap (const struct bench *bench, double *ns, GError **error)
{
    const struct bench_pair pair = { .client     = trapper,
                                     .server     = nobody,
                                     .client_cpu = bench->cpu,
                                     .server_cpu = bench->cpu };

    return bench_pair_run (bench, &pair, ns, error);
}

#else

bool
bench_trap (const struct bench *bench, double *ns, GError **error)
{
    (void)bench;
    (void)ns;
    g_set_error (error, BENCH_ERROR, 0, "real programs are x86-64 programs");
    return false;
}

#endif

/* ---- two processes on one CPU, each of which lets the other run until it has answered ---- */

static void
yield_until (_Atomic uint32_t *line, uint32_t number)
{
    while (atomic_load_explicit (line, memory_order_acquire) != number)
        sched_yield ();
}

static void
turns_give (void *argument, uint64_t turns)
{
    struct bench_shared *shared = argument;
    uint32_t number             = atomic_load (&shared->there);

    for (uint64_t i = 0; i < turns; i++) {
        atomic_store_explicit (&shared->there, ++number, memory_order_release);
        yield_until (&shared->back, number);
    }
}

static void
client (const struct bench *bench, void *argument)
{
    (void)argument;
    bench_shared ()->result = bench_slices (bench->slices, turns_give, bench_shared (), 100);
}

static void
server (const struct bench *bench, void *argument)
{
    struct bench_shared *shared = bench_shared ();

    (void)bench;
    (void)argument;
    for (uint32_t number = 1;; number++) {
        yield_until (&shared->there, number);
        atomic_store_explicit (&shared->back, number, memory_order_release);
    }
}

bool
bench_yield (const struct bench *bench, double *ns, GError **error)
{
    struct bench_pair pair = { .client     = client,
                               .server     = server,
                               .client_cpu = bench->cpu,
                               .server_cpu = bench->cpu };

    return bench_pair_run (bench, &pair, ns, error);
}
