/* stub: the few instructions of ours in a guest's process.
 *
 * They lie in a section of their own, are copied to a fixed address and refer to nothing
 * outside it: no libc, no constants, no thread pointer (it is the program's). The handler
 * runs on the slice's stack with all signals blocked; a fault in it ends the process.
 */
#define _GNU_SOURCE
#include "guest/stub.h"

#include <linux/audit.h>
#include <linux/futex.h>
#include <signal.h>
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

STUB void
guest_stub_handler (int signal, void *info, void *context)
{
    struct mailbox *box           = (struct mailbox *)GUEST_MAILBOX_BASE;
    volatile ucontext_t *uc       = context;
    const volatile siginfo_t *why = info;

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
    for (int i = 0; i < GUEST_REGISTERS; i++)
        uc->uc_mcontext.gregs[i] = (int64_t)((volatile uint64_t *)box->registers)[i];
}

/* Where the handler returns to. */
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
         ".popsection\n");

_Static_assert (GUEST_STUB_BASE == 0x700000000000, "as the instructions above say");
_Static_assert (GUEST_MAILBOX_BASE + GUEST_SLICE_BYTES == 0x700000018000, "likewise");
