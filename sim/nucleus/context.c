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

/* Where a new context begins, with what to run on its stack, and where a backtrace of it ends. */
__asm__ (".text\n"
         ".p2align 4\n"
         ".type context_begin, @function\n"
         "context_begin:\n"
         "    .cfi_startproc\n"
         "    .cfi_undefined %rip\n"
         "    popq %rdi\n"
         "    popq %rax\n"
         "    callq *%rax\n"
         "    ud2\n"
         "    .cfi_endproc\n"
         ".size context_begin, .-context_begin\n");

void context_begin (void) __asm__ ("context_begin");

void
context_make (struct context *context, void *stack, size_t stack_bytes,
              void (*entry) (void *argument), void *argument)
{
    uintptr_t end      = ((uintptr_t)stack + stack_bytes) & ~(uintptr_t)15;
    uintptr_t *waiting = (uintptr_t *)(end - 4 * sizeof *waiting);

    waiting[0] = 0; /* the frame pointer: no frame before this */
    waiting[1] = (uintptr_t)context_begin;
    waiting[2] = (uintptr_t)argument;
    waiting[3] = (uintptr_t)entry;
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
