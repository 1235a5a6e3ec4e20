#include "arena/arena.h"

#include <assert.h>
#include <string.h>

#define PAGE      4096u
#define RUN_START 0xffu
#define JUNK      0xdb

/* Blocks larger than half a page take whole pages; the classes below that share pages. */
#define CLASS_MAX_BYTES 2048u

static unsigned
class_of (size_t bytes)
{
    unsigned class_ = 0;

    for (size_t size = 16; size < bytes; size <<= 1)
        class_++;
    return class_;
}

static uint64_t
page_of (const struct arena *arena, const void *memory)
{
    return (uint64_t)((const uint8_t *)memory - arena->base) / PAGE;
}

void
arena_init (struct arena *arena, void *memory, uint64_t bytes)
{
    uint64_t pages = bytes / PAGE;
    uint64_t book  = (pages * (sizeof (uint8_t) + sizeof (uint32_t)) + PAGE - 1) / PAGE;

    assert (book < pages);
    memset (arena, 0, sizeof *arena);
    arena->run_pages  = memory;
    arena->page_class = (uint8_t *)memory + pages * sizeof (uint32_t);
    arena->base       = (uint8_t *)memory + book * PAGE;
    arena->pages      = pages - book;
}

/* First fit among the freed runs, then pages never used. */
static void *
pages_alloc (struct arena *arena, uint64_t pages)
{
    uint8_t *found = NULL;

    for (struct arena_run **at = &arena->runs; *at != NULL; at = &(*at)->next) {
        struct arena_run *run = *at;

        if (run->pages < pages)
            continue;
        run->pages -= pages;
        found = (uint8_t *)run + run->pages * PAGE;
        if (run->pages == 0)
            *at = run->next;
        memset (found, 0, pages * PAGE);
        break;
    }
    if (found == NULL) {
        if (arena->pages - arena->fresh < pages)
            return NULL;
        found = arena->base + arena->fresh * PAGE;
        arena->fresh += pages;
    }
    arena->page_class[page_of (arena, found)] = RUN_START;
    arena->run_pages[page_of (arena, found)]  = (uint32_t)pages;
    return found;
}

static void
pages_free (struct arena *arena, void *memory, uint64_t pages)
{
    struct arena_run **at  = &arena->runs;
    struct arena_run *run  = memory;
    struct arena_run *prev = NULL;

    arena->page_class[page_of (arena, memory)] = 0;
    memset (memory, JUNK, pages * PAGE);
    while (*at != NULL && (uint8_t *)*at < (uint8_t *)memory) {
        prev = *at;
        at   = &(*at)->next;
    }
    run->pages = pages;
    run->next  = *at;
    *at        = run;
    if (run->next != NULL && (uint8_t *)run + run->pages * PAGE == (uint8_t *)run->next) {
        run->pages += run->next->pages;
        run->next = run->next->next;
    }
    if (prev != NULL && (uint8_t *)prev + prev->pages * PAGE == (uint8_t *)run) {
        prev->pages += run->pages;
        prev->next = run->next;
    }
}

/* Cuts one page into blocks of a class. Returns whether there was a page. */
static int
class_refill (struct arena *arena, unsigned class_)
{
    size_t size   = (size_t)16 << class_;
    uint8_t *page = pages_alloc (arena, 1);

    if (page == NULL)
        return 0;
    arena->page_class[page_of (arena, page)] = (uint8_t)(1 + class_);
    for (size_t at = PAGE; at >= size; at -= size) {
        struct arena_free *block = (struct arena_free *)(page + at - size);

        block->next            = arena->classes[class_];
        arena->classes[class_] = block;
    }
    return 1;
}

void *
arena_alloc (struct arena *arena, size_t bytes)
{
    void *memory;

    if (bytes <= CLASS_MAX_BYTES) {
        unsigned class_ = class_of (bytes);
        size_t size     = (size_t)16 << class_;

        if (arena->classes[class_] == NULL && !class_refill (arena, class_))
            return NULL;
        memory                 = arena->classes[class_];
        arena->classes[class_] = arena->classes[class_]->next;
        memset (memory, 0, size);
        arena->used += size;
    } else {
        uint64_t pages = bytes / PAGE + (bytes % PAGE != 0);

        memory = pages <= arena->pages ? pages_alloc (arena, pages) : NULL;
        if (memory == NULL)
            return NULL;
        arena->used += pages * PAGE;
    }
    if (arena->used > arena->peak)
        arena->peak = arena->used;
    return memory;
}

size_t
arena_size (const struct arena *arena, const void *memory)
{
    uint64_t page = page_of (arena, memory);

    assert (page < arena->pages && arena->page_class[page] != 0);
    if (arena->page_class[page] == RUN_START)
        return (size_t)arena->run_pages[page] * PAGE;
    return (size_t)16 << (arena->page_class[page] - 1);
}

void
arena_free (struct arena *arena, void *memory)
{
    size_t size;

    if (memory == NULL)
        return;
    size = arena_size (arena, memory);
    arena->used -= size;
    if (arena->page_class[page_of (arena, memory)] == RUN_START) {
        pages_free (arena, memory, size / PAGE);
    } else {
        unsigned class_          = arena->page_class[page_of (arena, memory)] - 1u;
        struct arena_free *block = memory;

        memset (memory, JUNK, size);
        block->next            = arena->classes[class_];
        arena->classes[class_] = block;
    }
}
