/* host_time: the host's clocks. For the simulator itself, its gates and its board: components
 * have virtual time only (sim/component.h), and what the machine does never depends on these. */
#ifndef KHIMERA_HOST_TIME_H
#define KHIMERA_HOST_TIME_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds by that clock; 0 if there is no such clock (its process is gone). */
static inline uint64_t
host_clock_ns (clockid_t clock)
{
    struct timespec now;

    if (clock_gettime (clock, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Nanoseconds since the host began, never going back. */
static inline uint64_t
host_ns (void)
{
    return host_clock_ns (CLOCK_MONOTONIC);
}

#endif
