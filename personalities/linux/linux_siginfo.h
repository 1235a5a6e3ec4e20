/* linux_siginfo: what a program is told of a signal, as Linux writes it. */
#ifndef LINUX_SIGINFO_H
#define LINUX_SIGINFO_H

#include "personalities/linux/linux.h"

struct linux_siginfo {
    int32_t signal, error, code, pad;
    union {
        uint64_t address; /* of a fault */
        struct {
            int32_t pid;
            uint32_t uid;
        };
        struct {
            int32_t timer, overrun;
        };
    };
    union {
        uint64_t value;
        int32_t status; /* of a child */
    };
    int64_t user, system; /* its processor time, in ticks */
    uint8_t rest[80];
};

_Static_assert (sizeof (struct linux_siginfo) == 128, "as Linux has it");

struct linux_siginfo linux_siginfo_of (const struct signal_info *info);
/* The next of the signals that have come. False: none of `wanted` has. */
bool linux_signal_take (struct task *task, uint64_t wanted, struct signal_info *info);

#endif
