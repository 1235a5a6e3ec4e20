#undef _FORTIFY_SOURCE /* its longjmp takes another stack for a broken one */
#define _GNU_SOURCE
#include "nucleus/context.h"

#include <stdint.h>
#include <ucontext.h>

#ifdef CONTEXT_NATIVE

void
context_init (void)
{
}

/* The registers that a call preserves go below the return address, and the stack's top into
 * `from`; the same way back in `to`. The jump stands for a return, which the CPU would expect
 * to go elsewhere. */
__asm__ (".text\n"
         ".p2align 4\n"
         ".globl context_switch\n"
         ".type context_switch, @function\n"
         "context_switch:\n"
         "    .cfi_startproc\n"
         "    pushq %rbp\n"
         "    .cfi_adjust_cfa_offset 8\n"
         "    .cfi_rel_offset %rbp, 0\n"
         "    pushq %rbx\n"
         "    .cfi_adjust_cfa_offset 8\n"
         "    .cfi_rel_offset %rbx, 0\n"
         "    pushq %r12\n"
         "    .cfi_adjust_cfa_offset 8\n"
         "    .cfi_rel_offset %r12, 0\n"
         "    pushq %r13\n"
         "    .cfi_adjust_cfa_offset 8\n"
         "    .cfi_rel_offset %r13, 0\n"
         "    pushq %r14\n"
         "    .cfi_adjust_cfa_offset 8\n"
         "    .cfi_rel_offset %r14, 0\n"
         "    pushq %r15\n"
         "    .cfi_adjust_cfa_offset 8\n"
         "    .cfi_rel_offset %r15, 0\n"
         "    movq %rsp, (%rdi)\n"
         "    movq (%rsi), %rsp\n"
         "    popq %r15\n"
         "    .cfi_adjust_cfa_offset -8\n"
         "    .cfi_restore %r15\n"
         "    popq %r14\n"
         "    .cfi_adjust_cfa_offset -8\n"
         "    .cfi_restore %r14\n"
         "    popq %r13\n"
         "    .cfi_adjust_cfa_offset -8\n"
         "    .cfi_restore %r13\n"
         "    popq %r12\n"
         "    .cfi_adjust_cfa_offset -8\n"
         "    .cfi_restore %r12\n"
         "    popq %rbx\n"
         "    .cfi_adjust_cfa_offset -8\n"
         "    .cfi_restore %rbx\n"
         "    popq %rbp\n"
         "    .cfi_adjust_cfa_offset -8\n"
         "    .cfi_restore %rbp\n"
         "    popq %rcx\n"
         "    .cfi_adjust_cfa_offset -8\n"
         "    .cfi_register %rip, %rcx\n"
         "    jmpq *%rcx\n"
         "    .cfi_endproc\n"
         ".size context_switch, .-context_switch\n"
         /* Where a new context begins, and where a backtrace of it ends. */
         ".type context_begin, @function\n"
         "context_begin:\n"
         "    .cfi_startproc\n"
         "    .cfi_undefined %rip\n"
         "    movq %r12, %rdi\n"
         "    callq *%r13\n"
         "    ud2\n"
         "    .cfi_endproc\n"
         ".size context_begin, .-context_begin\n");

void context_begin (void) __asm__ ("context_begin");

void
context_make (struct context *context, void *stack, size_t stack_bytes,
              void (*entry) (void *argument), void *argument)
{
    uintptr_t end     = ((uintptr_t)stack + stack_bytes) & ~(uintptr_t)15;
    uintptr_t *waiting = (uintptr_t *)(end - 9 * sizeof *waiting);

    waiting[0] = 0;                         /* r15 */
    waiting[1] = 0;                         /* r14 */
    waiting[2] = (uintptr_t)entry;          /* r13 */
    waiting[3] = (uintptr_t)argument;       /* r12 */
    waiting[4] = 0;                         /* rbx */
    waiting[5] = 0;                         /* rbp: no frame before this */
    waiting[6] = (uintptr_t)context_begin;  /* "returned" to, with the stack aligned */
    waiting[7] = 0;
    waiting[8] = 0;
    context->top         = waiting;
    context->stack       = stack;
    context->stack_bytes = stack_bytes;
}

#else

#ifdef CONTEXT_SANITIZED
#include <pthread.h>

void __sanitizer_start_switch_fiber (void **fake_stack, const void *stack, size_t bytes);
void __sanitizer_finish_switch_fiber (void *fake_stack, const void **stack, size_t *bytes);

/* The process's own stack, and the one that runs now. */
static void *own_stack, *now_stack;
static size_t own_bytes, now_bytes;

void
context_init (void)
{
    pthread_attr_t attributes;

    if (pthread_getattr_np (pthread_self (), &attributes) != 0)
        __builtin_trap ();
    pthread_attr_getstack (&attributes, &own_stack, &own_bytes);
    pthread_attr_destroy (&attributes);
    now_stack = own_stack;
    now_bytes = own_bytes;
}

static inline void
leaving (struct context *from, const struct context *to)
{
    now_stack = to->stack != NULL ? to->stack : own_stack;
    now_bytes = to->stack != NULL ? to->stack_bytes : own_bytes;
    __sanitizer_start_switch_fiber (&from->fake_stack, now_stack, now_bytes);
}

static inline void
arrived (void *fake_stack)
{
    __sanitizer_finish_switch_fiber (fake_stack, NULL, NULL);
}

static inline void
note_creator (struct context *creator)
{
    creator->stack       = now_stack;
    creator->stack_bytes = now_bytes;
}
#else
void
context_init (void)
{
}

#define leaving(from, to)     ((void)0)
#define arrived(fake_stack)   ((void)0)
#define note_creator(creator) ((void)0)
#endif

/* What a new context needs to find its way; lives on the creator's stack for as long as the
 * creator waits in context_make. */
struct birth {
    struct context *context;
    struct context creator;
    void (*entry) (void *argument);
    void *argument;
};

static void
born (unsigned high, unsigned low)
{
    struct birth *birth          = (struct birth *)(((uintptr_t)high << 32) | low);
    struct context *self         = birth->context;
    void (*entry) (void *)       = birth->entry;
    void *argument               = birth->argument;

    arrived (NULL);
    context_switch (self, &birth->creator);
    entry (argument);
    __builtin_trap ();
}

void
context_make (struct context *context, void *stack, size_t stack_bytes,
              void (*entry) (void *argument), void *argument)
{
    struct birth birth = { .context = context, .entry = entry, .argument = argument };
    ucontext_t first;
    uintptr_t address = (uintptr_t)&birth;

    context->stack       = stack;
    context->stack_bytes = stack_bytes;
    context->fake_stack  = NULL;
    note_creator (&birth.creator);
    getcontext (&first);
    first.uc_stack.ss_sp   = stack;
    first.uc_stack.ss_size = stack_bytes;
    first.uc_link          = NULL;
    makecontext (&first, (void (*) (void))born, 2, (unsigned)(address >> 32),
                 (unsigned)address);
    leaving (&birth.creator, context);
    if (_setjmp (birth.creator.registers) == 0)
        setcontext (&first);
    arrived (birth.creator.fake_stack);
}

void
context_switch (struct context *from, struct context *to)
{
    leaving (from, to);
    if (_setjmp (from->registers) == 0)
        _longjmp (to->registers, 1);
    arrived (from->fake_stack);
}

#endif
