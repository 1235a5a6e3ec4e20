/* memload: refers to pages of memory, most of the time to a few of them, and checks that each
 * still holds what was put there. The pages are the machine's RAM, with faults and replacement
 * as real programs have them; on a machine without RAM they are the program's own.
 *
 *     memload [-s SEED] [-n REFERENCES] [-p PAGES]
 *
 * The exit status is 1 if a page was wrong, and 3 if there is no memory.
 */
#include "programs.h"

#include <errno.h>
#include <string.h>

#define MEMLOAD_PAGE   4096u
#define MEMLOAD_WORDS  (MEMLOAD_PAGE / sizeof (uint64_t))
#define MEMLOAD_CYCLES 50 /* of computing for each reference */

/* What word `word` of a page must hold after it was written for the `version`th time. */
static uint64_t
memload_value (uint32_t page, uint32_t word, uint32_t version)
{
    uint64_t x = ((uint64_t)page << 40 ^ (uint64_t)version << 12 ^ word) + 1;

    return (x ^ x >> 31) * 0x9e3779b97f4a7c15;
}

struct memload_memory {
    uint64_t address; /* in RAM, */
    uint64_t *own;    /* or one's own; NULL: in RAM */
};

static bool
memload_begin (struct memload_memory *memory, uint64_t pages)
{
    long bad = posix_ram_map (pages * MEMLOAD_PAGE, &memory->address);

    memory->own = bad == -ENODEV ? lib_alloc (pages * MEMLOAD_PAGE) : NULL;
    if (bad != 0 && bad != -ENODEV)
        lib_error ("memload", "cannot have so much memory: %s", lib_error_text (bad));
    return bad == 0 || bad == -ENODEV;
}

static long
memload_get (const struct memload_memory *memory, uint64_t page, uint32_t word, uint64_t *value)
{
    *value = 0;
    if (memory->own == NULL)
        return posix_ram_read (memory->address + page * MEMLOAD_PAGE + word * sizeof *value,
                               value, sizeof *value);
    *value = memory->own[page * MEMLOAD_WORDS + word];
    return 0;
}

static void
memload_put (const struct memload_memory *memory, uint64_t page, const uint64_t *words)
{
    if (memory->own != NULL)
        memcpy (memory->own + page * MEMLOAD_WORDS, words, MEMLOAD_PAGE);
    else
        posix_ram_write (memory->address + page * MEMLOAD_PAGE, words, MEMLOAD_PAGE);
}

int
program_memload (int argc, char **argv)
{
    uint64_t seed = 1, references = 10000, pages = 256;
    struct options options;
    struct load load;
    int letter;

    lib_options_init (&options, "memload", "s:n:p:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        uint64_t *value = letter == 's' ? &seed : letter == 'n' ? &references : &pages;
        uint64_t limit = letter == 'p' ? 1u << 20 : UINT64_MAX;
        if (letter == '?' || !lib_load_option ("memload", options.value, limit, value))
            return 2;
    }
    if (!lib_operands_between (&options, 0, 0) || pages == 0)
        return 2;

    struct memload_memory memory;
    uint64_t *words = lib_alloc (MEMLOAD_PAGE);
    if (!memload_begin (&memory, pages))
        return 3;
    uint32_t *versions = lib_alloc (pages * sizeof *versions);
    lib_load_init (&load, "memload", seed);
    for (uint64_t i = 0; i < references; i++) {
        /* Nine of ten references go to an eighth of the pages, which moves slowly. */
        uint32_t near = (uint32_t)(pages / 8 > 0 ? pages / 8 : 1);
        uint64_t page = lib_load_below (&load, (uint32_t)pages);
        if (lib_load_below (&load, 10) != 0)
            page = (i / 500 * near + lib_load_below (&load, near)) % pages;
        uint32_t word = lib_load_below (&load, MEMLOAD_WORDS);
        uint64_t value;
        long bad = memload_get (&memory, page, word, &value);
        uint64_t wanted = versions[page] == 0
                              ? 0
                              : memload_value ((uint32_t)page, word, versions[page]);
        if (bad < 0) {
            lib_error ("memload", "cannot read memory: %s", lib_error_text (bad));
            return 3;
        }
        if (value != wanted) {
            lib_error ("memload",
                       "seed %llu, reference %llu: page %llu word %u holds %llx, not %llx",
                       (unsigned long long)seed, (unsigned long long)i,
                       (unsigned long long)page, word, (unsigned long long)value,
                       (unsigned long long)wanted);
            return 1;
        }
        lib_load_add (&load, value ^ page);
        if (lib_load_below (&load, 4) == 0) {
            versions[page]++;
            for (uint32_t w = 0; w < MEMLOAD_WORDS; w++)
                words[w] = memload_value ((uint32_t)page, w, versions[page]);
            memload_put (&memory, page, words);
        }
        program_compute (MEMLOAD_CYCLES);
    }
    lib_print (1, "memload: seed %llu: %llu references to %llu pages, checksum %016llx\n",
               (unsigned long long)seed, (unsigned long long)references,
               (unsigned long long)pages, (unsigned long long)load.sum);
    return 0;
}
