/* histogram: log-linear buckets, four to each power of two: at most 25 % wide. */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include <stdint.h>

/* The bucket (0 to 255) of a value. Values below 4 have buckets of their own. */
static inline unsigned
histogram_bucket (uint64_t value)
{
    unsigned log;

    if (value < 4)
        return (unsigned)value;
    log = 63u - (unsigned)__builtin_clzll (value);
    return (log - 1) * 4 + (unsigned)((value >> (log - 2)) & 3);
}

/* The smallest value of a bucket. */
static inline uint64_t
histogram_floor (unsigned bucket)
{
    if (bucket < 4)
        return bucket;
    return (uint64_t)(4 + bucket % 4) << (bucket / 4 - 1);
}

/* The value below which `permille` of the entries lie; 0 if there are none. */
static inline uint64_t
histogram_quantile (const uint32_t *buckets, unsigned count, unsigned permille)
{
    uint64_t total = 0, seen = 0;

    for (unsigned i = 0; i < count; i++)
        total += buckets[i];
    for (unsigned i = 0; i < count; i++) {
        seen += buckets[i];
        if (buckets[i] != 0 && seen * 1000 >= total * permille)
            return histogram_floor (i);
    }
    return 0;
}

#endif
