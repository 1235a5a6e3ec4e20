/* acts: the faults themselves: those that kill, and those that hang. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fault/fault.h"

/* What the compiler must not know. */
static volatile uintptr_t nowhere = 0x10;
static volatile int zero, divisor;

/* Each level touches a page more; nobody returns. */
static __attribute__ ((noinline)) unsigned
overflow (unsigned depth)
{
    volatile uint8_t frame[PAGE_BYTES];

    frame[0] = (uint8_t)depth;
    if (depth + 1 == 0)
        return 0;
    return overflow (depth + 1) + frame[0];
}

__attribute__ ((no_sanitize ("undefined"))) void
fault_crash (enum fault_kind kind)
{
    switch (kind) {
    case FAULT_POINTER:
        *(volatile uint64_t *)nowhere = 1;
        break;
    case FAULT_STACK:
        overflow (0);
        break;
    case FAULT_DIVIDE:
        zero = zero / divisor;
        break;
    case FAULT_SYSCALL:
        syscall (SYS_socket, AF_INET, SOCK_STREAM, 0);
        break;
    case FAULT_ILLEGAL:
        __builtin_trap ();
    default:
        abort ();
    }
}

void
fault_hang (enum fault_kind kind)
{
    for (;;)
        if (kind == FAULT_PARK)
            fiber_block ();
        else
            __asm__ volatile ("" : : : "memory");
}
