#include "watch/digest.h"

#include "gate/gate.h"

/* A word as it counts for a digest: the host loads our code where it likes. */
static uint64_t
word_of (const uint64_t *at)
{
    extern const char __executable_start[], end[];
    uint64_t first = (uint64_t)(uintptr_t)__executable_start;
    uint64_t bytes = (uint64_t)(uintptr_t)end - first;

    return *at - first < bytes ? *at - first : *at;
}

bool
digest_of (uint32_t id, uint64_t *digest)
{
    Component *self          = COMPONENT (id);
    const struct arena arena = self->arena;
    uint64_t at              = (uint64_t)(uintptr_t)arena.base;
    uint64_t end             = ADDRESS_COMPONENT (id) + COMPONENT_HEADER_BYTES
                   + PLAN->components[id].arena_bytes;
    uint64_t sum = 0xcbf29ce484222325u;

    if (at < ADDRESS_COMPONENT (id) || at > end || arena.fresh > (end - at) / PAGE_BYTES)
        return false;
    for (unsigned i = 0; i < sizeof self->random / sizeof self->random[0]; i++)
        sum = (sum ^ self->random[i]) * 0x100000001b3u;
    for (uint64_t words = arena.fresh * PAGE_BYTES / 8, i = 0; i < words; i++) {
        sum = (sum ^ word_of ((const uint64_t *)(uintptr_t)at + i)) * 0x9e3779b97f4a7c15u;
        sum ^= sum >> 29;
    }
    *digest = sum;
    return true;
}
