/* user: the built-in programs' user mode, behind the umode interface.
 *
 * `user` is component 1. Each task's program is a flow of control on a stack of its own, all
 * in this component's memory, which the kernel maps too: it is the machine's RAM as far as
 * programs go. A program leaves by a trap and comes back with its result.
 */
#ifndef SIM_USER_H
#define SIM_USER_H

#include <stddef.h>
#include <stdint.h>

#include "interfaces/interfaces.h"
#include "nucleus/context.h"

/* Behind the component's arena: one slot for each task: a guard and a stack. */
#define USER_SLOT_BYTES  0x20000u
#define USER_GUARD_BYTES 0x10000u
#define USER_STACK_BYTES 0x10000u

extern const struct component_class user_class;

/* Bytes of memory behind the arena for so many tasks. */
uint64_t user_stacks_bytes (uint32_t tasks_max);
/* The lowest address of the first slot. */
uint8_t *user_stacks (void);

/* umode.resume in halves, for who makes the switch between them himself: where to go on (NULL:
 * there is no such program), and what it came back for. */
struct user_flow {
    struct context program; /* while it does not run, */
    struct context kernel;  /* and while it does: whoever resumed it */
};
struct user_flow *user_resume_begin (const struct umode_resume_req *req);
void user_resume_end (struct user_flow *flow, struct umode_resume_rep *rep);

/* From a program: trap into the kernel; the call's result. */
int64_t user_trap (uint32_t number, const uint64_t argument[6]);

#endif
