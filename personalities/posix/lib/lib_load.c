/* lib_load: what the load generators share: seeded numbers and checksums. */
#include "lib.h"

#include <string.h>

void
lib_load_init (struct load *load, const char *program, uint64_t seed)
{
    *load = (struct load){ .program = program, .seed = seed, .state = seed };
    load->sum = 0xcbf29ce484222325;
}

/* A counter put through a mixing function: any seed will do, neighbours too. */
uint64_t
lib_load_next (struct load *load)
{
    uint64_t x = load->state += 0x9e3779b97f4a7c15;

    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    return x ^ x >> 32;
}

uint32_t
lib_load_below (struct load *load, uint32_t limit)
{
    return (uint32_t)((lib_load_next (load) >> 32) * limit >> 32);
}

void
lib_load_add (struct load *load, uint64_t value)
{
    load->sum = (load->sum ^ value) * 0x100000001b3;
    load->sum ^= load->sum >> 29;
}

void
lib_load_add_bytes (struct load *load, const void *data, size_t bytes)
{
    const char *at = data;
    uint64_t word;

    for (; bytes >= sizeof word; bytes -= sizeof word, at += sizeof word) {
        memcpy (&word, at, sizeof word);
        lib_load_add (load, word);
    }
    word = 0;
    memcpy (&word, at, bytes);
    lib_load_add (load, word);
}

bool
lib_load_option (const char *program, const char *text, uint64_t limit, uint64_t *value)
{
    if (lib_size (text, value) && *value < limit)
        return true;
    lib_error (program, "'%s' is not a number below %llu", text, (unsigned long long)limit);
    return false;
}
