/* context: a flow of control on a stack of its own, switched without a system call.
 *
 * On x86-64 a switch is our own few instructions, in the place where it is made: the stack's top
 * is the context. Elsewhere, and under the address sanitizer, it is made with
 * makecontext and switched with _setjmp and _longjmp, which under Linux save neither the signal
 * mask nor the floating-point environment either. A context may be entered by another process
 * than the one that left it, if stack and record are mapped at the same addresses and both
 * were forked from one image: nothing in it depends on the process.
 */
#ifndef SIM_CONTEXT_H
#define SIM_CONTEXT_H

#include <setjmp.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define CONTEXT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONTEXT_SANITIZED 1
#endif
#endif

/* A shadow stack, which is the business of the C library, must not be left behind. */
#if defined(__x86_64__) && !defined(__ILP32__) && !defined(__CET__) && !defined(CONTEXT_SANITIZED)
#define CONTEXT_NATIVE 1
#endif

struct context {
#ifdef CONTEXT_NATIVE
    void *top; /* of the stack, while it waits; first, for the assembler */
#else
    jmp_buf registers;
    void *fake_stack; /* the address sanitizer's */
#endif
    void *stack; /* lowest address; NULL: the process's own stack */
    size_t stack_bytes;
};

/* Once in each process, on its own stack, before any other of these. */
void context_init (void);

/* Prepares `context` to run entry (argument) on that stack when first switched to. entry
 * must not return. */
void context_make (struct context *context, void *stack, size_t stack_bytes,
                   void (*entry) (void *argument), void *argument);

/* Leaves `from` (the running one) and goes on in `to`. Returns when somebody switches back. */
#ifdef CONTEXT_NATIVE
/* Where to go on and the frame pointer go on the stack, and the stack's top into `from`; the same
 * way back in `to`. The compiler keeps all else, if it is wanted later. Neither a call nor a
 * return: the CPU expects as many returns as there were calls, each to where the call was, and
 * would guess wrong after the switch. Below the stack's top may be data of this function. */
static inline __attribute__ ((always_inline)) void
context_switch (struct context *from, struct context *to)
{
    __asm__ volatile ("leaq -128(%%rsp), %%rsp\n\t"
                      "leaq 1f(%%rip), %%rax\n\t"
                      "pushq %%rax\n\t"
                      "pushq %%rbp\n\t"
                      "movq %%rsp, (%%rdi)\n\t"
                      "movq (%%rsi), %%rsp\n\t"
                      "popq %%rbp\n\t"
                      "popq %%rax\n\t"
                      "jmpq *%%rax\n"
                      "1:\n\t"
                      "leaq 128(%%rsp), %%rsp"
                      : "+D"(from), "+S"(to)
                      :
                      : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                        "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                        "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
                        "memory", "cc");
}
#else
void context_switch (struct context *from, struct context *to);
#endif

#endif
