/* futex: waiting on a word of shared memory, and waking who waits. Never private: the word
 * is shared between processes. */
#ifndef SIM_FUTEX_H
#define SIM_FUTEX_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Sleeps while *word == value, at most that long. May wake for no reason. */
static inline void
futex_wait (_Atomic uint32_t *word, uint32_t value, uint64_t timeout_ns)
{
    struct timespec timeout = { (time_t)(timeout_ns / 1000000000u),
                                (long)(timeout_ns % 1000000000u) };

    syscall (SYS_futex, word, FUTEX_WAIT, value, &timeout, NULL, 0);
}

static inline void
futex_wake (_Atomic uint32_t *word)
{
    syscall (SYS_futex, word, FUTEX_WAKE, 0x7fffffff, NULL, NULL, 0);
}

/* Between two looks at a word: tells the CPU that we spin. */
static inline void
spin_pause (void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause ();
#elif defined(__aarch64__)
    __asm__ volatile ("yield");
#endif
}

#endif
