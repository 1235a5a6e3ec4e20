/* ground: see ground.h. */
#define _GNU_SOURCE
#include "ground.h"

#include <stdlib.h>
#include <sys/mman.h>

#define ARENA_BYTES (16u << 20)

static void
map (uint64_t address, size_t bytes)
{
    void *at = mmap ((void *)(uintptr_t)address, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    assert_ptr_equal (at, (void *)(uintptr_t)address);
}

int
ground_lay (void **state)
{
    Component *self;

    (void)state;
    map (ADDRESS_PLAN, sizeof (struct plan));
    map (ADDRESS_COMPONENT (0), COMPONENT_HEADER_BYTES + ARENA_BYTES);
    map (ADDRESS_STATS (0), sizeof (struct component_stats));
    here = calloc (1, sizeof *here);
    PLAN->quantum_ns = 10000000;
    self = COMPONENT (COMPONENT_NUCLEUS);
    self->stats = STATS (0);
    for (unsigned i = 0; i < 4; i++)
        self->random[i] = 0x9e3779b97f4a7c15u * (i + 1);
    arena_init (&self->arena, (uint8_t *)self + COMPONENT_HEADER_BYTES, ARENA_BYTES);
    return 0;
}

int
ground_clear (void **state)
{
    (void)state;
    free (here);
    here = NULL;
    munmap (PLAN, sizeof (struct plan));
    munmap (COMPONENT (0), COMPONENT_HEADER_BYTES + ARENA_BYTES);
    munmap (STATS (0), sizeof (struct component_stats));
    return 0;
}

uint32_t
ground_chance (uint32_t *seed, uint32_t bound)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % bound;
}
