/* What arena/ promises: memory that is zeroed, aligned, one's own, and found again after it
 * was given back. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arena/arena.h"

#define PAGE 4096u

static struct arena *
arena_new (uint64_t bytes)
{
    struct arena *arena = calloc (1, sizeof *arena);
    void *memory
        = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal (memory, MAP_FAILED);
    arena_init (arena, memory, bytes);
    return arena;
}

static void
arena_delete (struct arena *arena, uint64_t bytes)
{
    munmap (arena->run_pages, bytes); /* the book-keeping lies in front */
    free (arena);
}

static bool
is_filled (const uint8_t *memory, size_t bytes, uint8_t with)
{
    for (size_t i = 0; i < bytes; i++)
        if (memory[i] != with)
            return false;
    return true;
}

static void
memory_is_zeroed_and_aligned (void **state)
{
    static const size_t sizes[]
        = { 0, 1, 15, 16, 17, 100, 1000, 2047, 2048, 2049, 4096, 4097, 12288, 100000 };
    struct arena *arena = arena_new (4u << 20);

    (void)state;
    for (unsigned round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            uint8_t *memory = arena_alloc (arena, sizes[i]);
            size_t really;

            assert_non_null (memory);
            assert_int_equal ((uintptr_t)memory % 16, 0);
            really = arena_size (arena, memory);
            assert_true (really >= sizes[i]);
            assert_true (sizes[i] > 2048 || really <= 16 || really < 2 * sizes[i]);
            assert_true (is_filled (memory, really, 0));
            memset (memory, 0xff, really);
            arena_free (arena, memory);
        }
    assert_int_equal (arena->used, 0);
    arena_free (arena, NULL);
    arena_delete (arena, 4u << 20);
}

static void
freed_memory_is_junk (void **state)
{
    struct arena *arena = arena_new (1u << 20);
    uint8_t *small = arena_alloc (arena, 64);
    uint8_t *large = arena_alloc (arena, 3 * PAGE);

    (void)state;
    arena_free (arena, small);
    arena_free (arena, large);
    /* but for the links of the lists, which lie in front */
    assert_true (is_filled (small + 16, 48, 0xdb));
    assert_true (is_filled (large + 16, 3 * PAGE - 16, 0xdb));
    arena_delete (arena, 1u << 20);
}

static void
a_full_arena_says_so (void **state)
{
    struct arena *arena = arena_new (64 * PAGE);
    void *blocks[64];
    unsigned count = 0;

    (void)state;
    assert_null (arena_alloc (arena, SIZE_MAX));
    assert_null (arena_alloc (arena, SIZE_MAX - PAGE));
    assert_null (arena_alloc (arena, 64 * PAGE));
    while ((blocks[count] = arena_alloc (arena, PAGE)) != NULL)
        count++;
    assert_true (count > 58 && count < 64);
    assert_int_equal (arena->used, (uint64_t)count * PAGE);
    assert_null (arena_alloc (arena, 16));
    arena_free (arena, blocks[count / 2]);
    assert_null (arena_alloc (arena, PAGE + 1));
    assert_non_null (arena_alloc (arena, 16));
    assert_null (arena_alloc (arena, PAGE)); /* the page is cut up now */
    assert_int_equal (arena->peak, (uint64_t)count * PAGE);
    arena_delete (arena, 64 * PAGE);
}

/* In whatever order they come back, neighbours become one run again. */
static void
runs_grow_together (void **state)
{
    static const unsigned orders[6][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 0, 2, 1, 3 },
                                           { 1, 3, 0, 2 }, { 2, 0, 3, 1 }, { 3, 0, 2, 1 } };

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        struct arena *arena = arena_new (64 * PAGE);
        void *blocks[4];
        uint64_t each = arena->pages / 4 * PAGE;

        for (unsigned j = 0; j < 4; j++)
            assert_non_null (blocks[j] = arena_alloc (arena, each));
        assert_null (arena_alloc (arena, each));
        for (unsigned j = 0; j < 4; j++)
            arena_free (arena, blocks[orders[i][j]]);
        assert_non_null (arena_alloc (arena, 4 * each));
        arena_delete (arena, 64 * PAGE);
    }
}

/* ---- at random ---- */

#define BLOCKS 400u

struct block {
    uint8_t *memory;
    size_t bytes;
    uint8_t mark;
};

static uint32_t
chance (uint32_t *seed, uint32_t bound)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % bound;
}

static void
block_make (struct arena *arena, struct block *block, uint32_t *seed)
{
    static const uint32_t most[] = { 64, 3000, 40000 };

    block->bytes = 1 + chance (seed, most[chance (seed, 3)]);
    block->memory = arena_alloc (arena, block->bytes);
    block->mark = (uint8_t)(1 + chance (seed, 255));
    if (block->memory == NULL)
        return;
    assert_true (is_filled (block->memory, block->bytes, 0));
    memset (block->memory, block->mark, block->bytes);
}

/* Blocks that overlapped would overwrite each other's marks; memory that was lost would end
 * the arena sooner or later. */
static void
blocks_keep_to_themselves (void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 8; seed++) {
        struct arena *arena = arena_new (2u << 20);
        struct block blocks[BLOCKS] = { 0 };
        uint32_t random = seed;
        unsigned refused = 0;
        uint64_t used;

        for (unsigned step = 0; step < 30000; step++) {
            struct block *block = &blocks[chance (&random, BLOCKS)];

            if (block->memory == NULL) {
                block_make (arena, block, &random);
                refused += block->memory == NULL;
                continue;
            }
            assert_true (is_filled (block->memory, block->bytes, block->mark));
            arena_free (arena, block->memory);
            block->memory = NULL;
        }
        used = 0;
        for (unsigned i = 0; i < BLOCKS; i++)
            if (blocks[i].memory != NULL)
                used += arena_size (arena, blocks[i].memory);
        assert_int_equal (arena->used, used);
        assert_true (arena->peak >= used && arena->peak <= 2u << 20);
        assert_true (refused > 0); /* it was full at times */
        for (unsigned i = 0; i < BLOCKS; i++)
            if (blocks[i].memory != NULL) {
                assert_true (is_filled (blocks[i].memory, blocks[i].bytes, blocks[i].mark));
                arena_free (arena, blocks[i].memory);
            }
        assert_int_equal (arena->used, 0);
        arena_delete (arena, 2u << 20);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (memory_is_zeroed_and_aligned),
        cmocka_unit_test (freed_memory_is_junk),
        cmocka_unit_test (a_full_arena_says_so),
        cmocka_unit_test (runs_grow_together),
        cmocka_unit_test (blocks_keep_to_themselves),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
