/* cost: what crossing, copying and switching cost in virtual time. */
#ifndef SIM_COST_H
#define SIM_COST_H

#include <stdint.h>

/* All in cycles of a 3 GHz CPU, but for the last. */
struct cost_model {
    char name[16];
    uint64_t syscall;        /* into the kernel and out again */
    uint64_t message;        /* one way between two address spaces, its switch included */
    uint64_t context_switch; /* between two tasks */
    uint64_t page_fault;
    uint64_t interrupt;      /* from the device to its handler */
    uint64_t direct_call;    /* between two components of one domain */
    uint64_t copy_millicycles_per_byte;
};

#endif
