/* sum: a number over some bytes, by which an accident shows. Not intent: whoever can write the
 * bytes can write the sum.
 */
#ifndef SIM_SUM_H
#define SIM_SUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t
sum_word (uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
    return sum ^ sum >> 29;
}

/* The sum so far, and these bytes. */
static inline uint64_t
sum_bytes (uint64_t sum, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    uint64_t word     = 0;

    for (; bytes >= sizeof word; bytes -= sizeof word, at += sizeof word) {
        memcpy (&word, at, sizeof word);
        sum = sum_word (sum, word);
    }
    if (bytes == 0)
        return sum;
    word = 0;
    memcpy (&word, at, bytes);
    return sum_word (sum, word);
}

#endif
