/* arena: the memory that one component may allocate from.
 *
 * Everything is inside the arena itself: it can be mapped by another process at the same
 * address and go on. Blocks have power-of-two sizes or, from half a page on, whole pages;
 * a full arena answers NULL. Memory comes zeroed; freed memory is filled with junk so that
 * a use after free shows at once.
 */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_CLASSES 8u /* 16, 32, ... 2048 bytes */

struct arena_free {
    struct arena_free *next;
};

/* A run of free pages, in order of address. */
struct arena_run {
    struct arena_run *next;
    uint64_t pages;
};

struct arena {
    uint8_t *base;  /* page-aligned */
    uint64_t pages; /* all of them */
    uint64_t fresh; /* pages from here on were never used, and are zero */
    uint64_t used;  /* bytes handed out */
    uint64_t peak;
    struct arena_run *runs;
    struct arena_free *classes[ARENA_CLASSES];
    uint8_t *page_class; /* of each page: 0 free or inside a run, 1 + class, or RUN_START */
    uint32_t *run_pages; /* of each page that starts a run: how many */
};

/* Lays the book-keeping at the front of `memory` (page-aligned, `bytes` of it, all zero). */
void arena_init (struct arena *arena, void *memory, uint64_t bytes);

/* Zeroed, aligned to 16; NULL when nothing fits. */
void *arena_alloc (struct arena *arena, size_t bytes);
void arena_free (struct arena *arena, void *memory);

/* Bytes really held by a block. */
size_t arena_size (const struct arena *arena, const void *memory);

#endif
