/* mailbox: what the kernel and the host process of a real program share.
 *
 * A guest is a host process that executes one simulated address space. It holds nothing but
 * the stub's page, its slice of the region below, and the machine's RAM as its only
 * descriptor. Every system call, fault and signal of the program ends in the stub's signal
 * handler, which writes what happened into the mailbox and hands the turn to the kernel. The
 * kernel answers with host calls to be made (mappings of RAM, the thread pointer) and with
 * new registers. The two sides strictly alternate, so no lock is needed.
 *
 * The nursery makes and buries these processes; the kernel has no host call for that.
 */
#ifndef SIM_GUEST_MAILBOX_H
#define SIM_GUEST_MAILBOX_H

#include <stdatomic.h>
#include <stdint.h>

#include "machine/machine.h"

/* ---- addresses in every guest: nothing below the stub but the program ---- */

#define GUEST_STUB_BASE    0x700000000000u
#define GUEST_STUB_BYTES   0x1000u
#define GUEST_MAILBOX_BASE 0x700000010000u
#define GUEST_HOST_END     0x7ffffffff000u
#define GUEST_USER_FIRST   0x10000u        /* of a program's addresses, */
#define GUEST_USER_END     0x6ffffffff000u /* and where they end */
#define GUEST_RAM_FD       0

/* The order in which a signal frame keeps them; enum guest_register. */
enum guest_register {
    GUEST_R8, GUEST_R9, GUEST_R10, GUEST_R11, GUEST_R12, GUEST_R13, GUEST_R14, GUEST_R15,
    GUEST_RDI, GUEST_RSI, GUEST_RBP, GUEST_RBX, GUEST_RDX, GUEST_RAX, GUEST_RCX, GUEST_RSP,
    GUEST_RIP, GUEST_FLAGS, GUEST_REGISTERS
};

/* On one CPU letting the other side run is quicker than waking it; both try that so often
 * before they sleep. */
#define GUEST_YIELDS 4u

enum guest_turn { GUEST_TURN_KERNEL, GUEST_TURN_PROGRAM };

/* A host call that the stub makes for the kernel. */
struct guest_order {
    uint32_t number;
    uint32_t pad;
    uint64_t argument[6];
};

#define GUEST_ORDERS_MAX 64u

struct mailbox {
    _Atomic uint32_t turn;
    _Atomic uint32_t kernel_asleep, program_asleep; /* or about to be: wake them */
    _Atomic uint32_t dead; /* the process has ended: the nursery's word */
    int32_t signal;        /* that brought the program here, */
    int32_t code;          /* its si_code, */
    uint32_t foreign;      /* SIGSYS: the call was one of another processor's, as of int 0x80 */
    uint32_t pad;
    uint64_t trap;         /* the processor's exception number, */
    uint64_t error;        /* and its error code */
    uint64_t address;      /* of a page fault */
    uint64_t frame;        /* the ucontext, an address in the guest */
    uint64_t registers[GUEST_REGISTERS];
    uint32_t resume;       /* let the program go on; else come back after the orders */
    uint32_t order_count;
    int64_t order_result;  /* the first that failed, or 0 */
    struct guest_order orders[GUEST_ORDERS_MAX];
};

/* A guest's slice: the mailbox, and behind it the stack on which the handler runs. The
 * signal frame there holds the floating-point state, so the kernel can copy it for a fork. */
#define GUEST_SLICE_BYTES 0x8000u

union guest_slice {
    struct mailbox mailbox;
    uint8_t bytes[GUEST_SLICE_BYTES];
};

#define GUEST_STACK_OFFSET 0x2000u
_Static_assert (sizeof (struct mailbox) <= GUEST_STACK_OFFSET, "the stack begins behind it");

enum guest_slot_state {
    GUEST_SLOT_EMPTY,
    GUEST_SLOT_IDLE,   /* a process waits for a program */
    GUEST_SLOT_USED,   /* it has one */
    GUEST_SLOT_DOOMED, /* the kernel wants the process ended */
};

#define GUEST_SLOTS_MAX 512u

/* The front of the region of guests: the kernel and the nursery. */
struct guest_house {
    _Atomic uint32_t bell;   /* changes when the kernel wants something of the nursery */
    _Atomic uint32_t news;   /* changes when the nursery has done something */
    _Atomic uint32_t wanted; /* idle processes to keep ready; 0: nobody needs guests yet */
    _Atomic uint32_t failed; /* errno: the host gives no more processes */
    _Atomic uint32_t runner; /* slot of whom the kernel sleeps for, and one; 0: nobody */
    _Atomic uint64_t runs;   /* times that the kernel went to sleep for somebody */
    _Atomic uint32_t state[GUEST_SLOTS_MAX]; /* enum guest_slot_state */
};

#define GUEST_HOUSE_BYTES  ((sizeof (struct guest_house) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES)
#define GUEST_REGION_BYTES (GUEST_HOUSE_BYTES + (uint64_t)GUEST_SLOTS_MAX * GUEST_SLICE_BYTES)

#define GUEST_HOUSE    ((struct guest_house *)ADDRESS_GUESTS)
#define GUEST_SLICE(i) \
    ((union guest_slice *)(ADDRESS_GUESTS + GUEST_HOUSE_BYTES + (uint64_t)(i) * GUEST_SLICE_BYTES))
#define GUEST_MAILBOX(i) (&GUEST_SLICE (i)->mailbox)

/* The signal that the nursery sends to a program that has used so much of the host's processor
 * without a trap: leave it, whatever it does. Where nobody waits for an answer it may go on for
 * long, because this is the one place where the host's time shows in the machine. */
#define GUEST_SIGNAL_ALARM 12 /* SIGUSR2 */
#define GUEST_ALARM_NS     (PLAN->live ? 20000000u : 500000000u)

/* A program that does not come back, whatever it has done to its stub, shall not stop the machine:
 * so many alarms that it does not heed, each after so much of the processor's time, and so many
 * looks at which it sleeps though it is its turn. */
#define GUEST_UNHEEDED_NS    20000000u
#define GUEST_UNHEEDED_MOST  16u
#define GUEST_ASLEEP_MOST    50u

#endif
