/* memload: refers to pages of its own memory, most of the time to a few of them, and checks
 * that each still holds what was put there.
 *
 *     memload [-s SEED] [-n REFERENCES] [-p PAGES]
 */
#include "programs.h"

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

    uint64_t *memory = lib_alloc (pages * MEMLOAD_PAGE);
    uint32_t *versions = lib_alloc (pages * sizeof *versions);
    lib_load_init (&load, "memload", seed);
    for (uint64_t i = 0; i < references; i++) {
        /* Nine of ten references go to an eighth of the pages, which moves slowly. */
        uint32_t near = (uint32_t)(pages / 8 > 0 ? pages / 8 : 1);
        uint64_t page = lib_load_below (&load, (uint32_t)pages);
        if (lib_load_below (&load, 10) != 0)
            page = (i / 500 * near + lib_load_below (&load, near)) % pages;
        uint32_t word = lib_load_below (&load, MEMLOAD_WORDS);
        uint64_t *place = memory + page * MEMLOAD_WORDS;
        uint64_t wanted = versions[page] == 0
                              ? 0
                              : memload_value ((uint32_t)page, word, versions[page]);
        if (place[word] != wanted) {
            lib_error ("memload",
                       "seed %llu, reference %llu: page %llu word %u holds %llx, not %llx",
                       (unsigned long long)seed, (unsigned long long)i,
                       (unsigned long long)page, word, (unsigned long long)place[word],
                       (unsigned long long)wanted);
            return 1;
        }
        lib_load_add (&load, place[word] ^ page);
        if (lib_load_below (&load, 4) == 0) {
            versions[page]++;
            for (uint32_t w = 0; w < MEMLOAD_WORDS; w++)
                place[w] = memload_value ((uint32_t)page, w, versions[page]);
        }
        program_compute (MEMLOAD_CYCLES);
    }
    lib_print (1, "memload: seed %llu: %llu references to %llu pages, checksum %016llx\n",
               (unsigned long long)seed, (unsigned long long)references,
               (unsigned long long)pages, (unsigned long long)load.sum);
    return 0;
}
