/* context: a flow of control on a stack of its own, switched without a system call.
 *
 * Made with makecontext, switched with _setjmp and _longjmp, which under Linux save neither
 * the signal mask nor the floating-point environment. A context may be entered by another
 * process than the one that left it, if stack and record are mapped at the same addresses
 * and both were forked from one image: nothing in it depends on the process.
 */
#ifndef SIM_CONTEXT_H
#define SIM_CONTEXT_H

#include <setjmp.h>
#include <stddef.h>

struct context {
    jmp_buf registers;
    void *stack; /* lowest address; NULL: the process's own stack */
    size_t stack_bytes;
    void *fake_stack; /* the address sanitizer's */
};

/* Once in each process, on its own stack, before any other of these. */
void context_init (void);

/* Prepares `context` to run entry (argument) on that stack when first switched to. entry
 * must not return. */
void context_make (struct context *context, void *stack, size_t stack_bytes,
                   void (*entry) (void *argument), void *argument);

/* Leaves `from` (the running one) and goes on in `to`. Returns when somebody switches back. */
void context_switch (struct context *from, struct context *to);

#endif
