/* stub: the few instructions of ours in a guest's process.
 *
 * They lie in a section of their own, are copied to a fixed address and refer to nothing
 * outside it but the mailbox: no libc, no constants, no thread pointer (it is the program's).
 * The handler runs on the slice's stack; a fault in it ends the process.
 *
 * It returns without the host's help, which would take as long again as a quarter of the
 * signal: so the host must have nothing to undo, and blocks no signal while it runs.
 */
#define _GNU_SOURCE
#include "guest/stub.h"

#include <linux/audit.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "guest/mailbox.h"

#ifndef __x86_64__
#error "real programs are x86-64 programs"
#endif

#if defined(__has_attribute)
#if __has_attribute(no_stack_protector)
#define STUB_UNPROTECTED __attribute__ ((no_stack_protector))
#endif
#endif
#ifndef STUB_UNPROTECTED
#define STUB_UNPROTECTED __attribute__ ((optimize ("no-stack-protector")))
#endif

#define STUB_PLAIN  __attribute__ ((no_sanitize ("address", "undefined"))) STUB_UNPROTECTED
#define STUB_INLINE __attribute__ ((always_inline)) STUB_PLAIN
#define STUB        __attribute__ ((section ("guest_stub"), used, noinline)) STUB_PLAIN

/* What a program may have in its flags and is restored without the host: those of arithmetic,
 * the direction, interrupts, cpuid, and resume, which a fault's frame has; not single steps. */
#define PLAIN_FLAGS    0x210ed7u
#define PLAIN_CODE     0x33u /* the segment of 64-bit programs */
#define STATE_MAGIC_AT 116u  /* in the frame's floating-point state: it is of xsave's kind */

void guest_stub_leave (const uint64_t *registers, const void *state) __attribute__ ((noreturn));

static inline STUB_INLINE int64_t
host_call (uint64_t number, const uint64_t a[6])
{
    register uint64_t r10 __asm__ ("r10") = a[3];
    register uint64_t r8 __asm__ ("r8")   = a[4];
    register uint64_t r9 __asm__ ("r9")   = a[5];
    int64_t result;

    __asm__ volatile ("syscall"
                      : "=a"(result)
                      : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                      : "rcx", "r11", "memory");
    return result;
}

/* Hands the turn over and waits until it is ours again. */
static inline STUB_INLINE void
kernel_turn (struct mailbox *box)
{
    uint64_t wake[6] = { (uint64_t)&box->turn, FUTEX_WAKE, 1, 0, 0, 0 };
    uint64_t wait[6] = { (uint64_t)&box->turn, FUTEX_WAIT, GUEST_TURN_KERNEL, 0, 0, 0 };

    atomic_store (&box->turn, GUEST_TURN_KERNEL);
    if (atomic_load (&box->kernel_asleep) != 0)
        host_call (SYS_futex, wake);
    for (unsigned i = 0; i < GUEST_YIELDS; i++) {
        host_call (SYS_sched_yield, wake);
        if (atomic_load_explicit (&box->turn, memory_order_acquire) != GUEST_TURN_KERNEL)
            return;
    }
    atomic_store (&box->program_asleep, 1);
    while (atomic_load (&box->turn) == GUEST_TURN_KERNEL)
        host_call (SYS_futex, wait);
    atomic_store (&box->program_asleep, 0);
}

/* Was it here that the signal came? One sent from outside finds nothing to do: the program has
 * left anyway. Whatever else it is, the slice is not what it should be, and without any memory
 * the process ends. A program that has jumped to this page has a stack of its own, and faults
 * like any other. */
static inline STUB_INLINE bool
came_here (int signal, const volatile ucontext_t *uc)
{
    uint64_t all[6] = { 0, GUEST_HOST_END, 0, 0, 0, 0 };
    uint64_t at     = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
    uint64_t stack  = (uint64_t)uc->uc_mcontext.gregs[REG_RSP];

    if (at - GUEST_STUB_BASE >= GUEST_STUB_BYTES)
        return false;
    if (signal == GUEST_SIGNAL_ALARM)
        return true;
    if (stack - GUEST_MAILBOX_BASE >= GUEST_SLICE_BYTES)
        return false;
    host_call (SYS_munmap, all);
    return true;
}

/* The floating-point state of the frame, if the few instructions below can take it, and all
 * else that they shall restore; NULL: the host must. */
static inline STUB_INLINE const void *
plain_state (const struct mailbox *box, const volatile ucontext_t *uc)
{
    const uint32_t *state = (const uint32_t *)uc->uc_mcontext.fpregs;

    if ((box->registers[GUEST_FLAGS] & ~(uint64_t)PLAIN_FLAGS) != 0
        || box->registers[GUEST_RIP] >= GUEST_USER_END
        || (uc->uc_mcontext.gregs[REG_CSGSFS] & 0xffff) != PLAIN_CODE || state == NULL
        || state[STATE_MAGIC_AT] != FP_XSTATE_MAGIC1)
        return NULL;
    return state;
}

STUB void
guest_stub_handler (int signal, void *info, void *context)
{
    struct mailbox *box           = (struct mailbox *)GUEST_MAILBOX_BASE;
    volatile ucontext_t *uc       = context;
    const volatile siginfo_t *why = info;
    const void *state;

    if (came_here (signal, uc))
        return;
    box->signal  = signal;
    box->code    = why->si_code;
    box->foreign = signal == SIGSYS && why->si_arch != AUDIT_ARCH_X86_64;
    box->trap    = (uint64_t)uc->uc_mcontext.gregs[REG_TRAPNO];
    box->error   = (uint64_t)uc->uc_mcontext.gregs[REG_ERR];
    box->address = (uint64_t)uc->uc_mcontext.gregs[REG_CR2];
    box->frame   = (uint64_t)context;
    for (int i = 0; i < GUEST_REGISTERS; i++)
        ((volatile uint64_t *)box->registers)[i] = (uint64_t)uc->uc_mcontext.gregs[i];
    do {
        int64_t bad = 0;

        kernel_turn (box);
        for (uint32_t i = 0; i < box->order_count; i++) {
            int64_t result = host_call (box->orders[i].number, box->orders[i].argument);

            if (result < 0 && result > -4096 && bad == 0)
                bad = result;
        }
        box->order_result = bad;
    } while (!box->resume);
    state = plain_state (box, uc);
    if (state != NULL)
        guest_stub_leave (box->registers, state);
    for (int i = 0; i < GUEST_REGISTERS; i++)
        uc->uc_mcontext.gregs[i] = (int64_t)((volatile uint64_t *)box->registers)[i];
}

/* Where the handler returns to, if it does. */
__asm__ (".pushsection guest_stub,\"ax\",@progbits\n"
         ".globl guest_stub_restore\n"
         ".type guest_stub_restore,@function\n"
         "guest_stub_restore:\n"
         "    mov $15, %eax\n" /* rt_sigreturn */
         "    syscall\n"
         /* Takes away everything of the process but the stub and the slice, its own stack
          * included; then an illegal instruction: the first trap. */
         ".globl guest_stub_enter\n"
         ".type guest_stub_enter,@function\n"
         "guest_stub_enter:\n"
         "    xor %edi, %edi\n"
         "    movabs $0x700000000000, %rsi\n"
         "    mov $11, %eax\n" /* munmap */
         "    syscall\n"
         "    movabs $0x700000018000, %rdi\n"
         "    movabs $0x7ffffffff000, %rsi\n"
         "    sub %rdi, %rsi\n"
         "    mov $11, %eax\n"
         "    syscall\n"
         "    xor %esp, %esp\n"
         "    ud2\n"
         /* All registers, and on with the program. Its stack may be full or nowhere: the last
          * jump takes the address from the mailbox. */
         ".type guest_stub_leave,@function\n"
         "guest_stub_leave:\n"
         "    mov 472(%rsi), %eax\n" /* the components that the frame has */
         "    mov 476(%rsi), %edx\n"
         "    xrstor (%rsi)\n"
         "    pushq 136(%rdi)\n"
         "    popfq\n"
         "    mov 0(%rdi), %r8\n"
         "    mov 8(%rdi), %r9\n"
         "    mov 16(%rdi), %r10\n"
         "    mov 24(%rdi), %r11\n"
         "    mov 32(%rdi), %r12\n"
         "    mov 40(%rdi), %r13\n"
         "    mov 48(%rdi), %r14\n"
         "    mov 56(%rdi), %r15\n"
         "    mov 72(%rdi), %rsi\n"
         "    mov 80(%rdi), %rbp\n"
         "    mov 88(%rdi), %rbx\n"
         "    mov 96(%rdi), %rdx\n"
         "    mov 104(%rdi), %rax\n"
         "    mov 112(%rdi), %rcx\n"
         "    mov 120(%rdi), %rsp\n"
         "    mov 64(%rdi), %rdi\n"
         "    jmp *__start_guest_stub+0x10000+192(%rip)\n"
         ".popsection\n");

_Static_assert (GUEST_MAILBOX_BASE - GUEST_STUB_BASE == 0x10000
                    && offsetof (struct mailbox, registers) + 8 * GUEST_RIP == 192,
                "where the jump finds its target");
_Static_assert (GUEST_R8 == 0 && GUEST_RDI == 8 && GUEST_RSP == 15 && GUEST_FLAGS == 17,
                "the order of the registers");
_Static_assert (GUEST_STUB_BASE == 0x700000000000, "as the instructions above say");
_Static_assert (GUEST_MAILBOX_BASE + GUEST_SLICE_BYTES == 0x700000018000, "likewise");
