/* times: time, chance and processors. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "guests/case.h"

static void
times_ (void)
{
    struct timespec before, after, nap = { 0, 30000000 };
    struct timeval now;
    struct tms tms;
    unsigned char random[16] = { 0 };

    YES (clock_gettime (CLOCK_MONOTONIC, &before) == 0 && nanosleep (&nap, NULL) == 0 && clock_gettime (CLOCK_MONOTONIC, &after) == 0);
    YES ((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 30000000);
    YES (clock_gettime (CLOCK_REALTIME, &after) == 0 && gettimeofday (&now, NULL) == 0 && now.tv_sec - after.tv_sec <= 1);
    YES (time (NULL) - now.tv_sec <= 1);
    FAILS (clock_gettime (999, &before), EINVAL);
    nap.tv_nsec = 2000000000;
    FAILS (nanosleep (&nap, NULL), EINVAL);
    YES (clock_getres (CLOCK_MONOTONIC, &before) == 0 && before.tv_nsec > 0);
    YES (times (&tms) != (clock_t)-1);
    YES (clock_gettime (CLOCK_MONOTONIC, &before) == 0 && (before.tv_nsec += 5000000, before.tv_nsec < 1000000000 || (before.tv_sec++, before.tv_nsec -= 1000000000)) && clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &before, NULL) == 0);
    YES (syscall (SYS_getrandom, random, 16, 0) == 16 && (random[0] | random[5] | random[9] | random[15]) != 0);
    cpu_set_t cpus;
    YES (sched_getaffinity (0, sizeof cpus, &cpus) == 0 && CPU_COUNT (&cpus) >= 1);
    YES (sched_yield () == 0);
}

int
main (void)
{
    times_ ();
    return done ();
}
