/* pageref: counts the page faults of a reference string, by the policies that the memory manager
 * has for programs.
 *
 *     pageref [-f FRAMES] [-p POLICY] PAGE...
 *
 * POLICY is fifo, second-chance, lru or random; without -p all of them are counted, a line
 * each. With -f 1-N: for every number of frames up to N.
 */
#include "programs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static const char *const pageref_policies[] = { "fifo", "second-chance", "lru", "random" };

#define PAGEREF_POLICIES (sizeof pageref_policies / sizeof *pageref_policies)

/* "4" or "1-7". */
static bool
pageref_frames (const char *text, uint32_t *first, uint32_t *last)
{
    const char *dash = strchr (text, '-');
    char number[12]  = { 0 };
    int64_t from, to;

    if (dash == NULL || (size_t)(dash - text) >= sizeof number)
        dash = NULL;
    else
        memcpy (number, text, (size_t)(dash - text));
    if (!lib_number (dash != NULL ? number : text, &from)
        || !lib_number (dash != NULL ? dash + 1 : text, &to) || from < 1 || to < from
        || to > 65536) {
        lib_error ("pageref", "%s: frames are a number from 1 to 65536, or two with -", text);
        return false;
    }
    *first = (uint32_t)from;
    *last  = (uint32_t)to;
    return true;
}

static int
pageref_count (const char *policy, uint32_t frames, const uint32_t *pages, size_t count)
{
    long faults = posix_refer (policy, frames, pages, count);

    if (faults == -EINVAL) {
        lib_error ("pageref", "%s: no such policy; fifo, second-chance, lru or random", policy);
        return 2;
    }
    if (faults < 0) {
        lib_error ("pageref", "error %ld", -faults);
        return 1;
    }
    lib_print (1, "%s: %u frames, %zu references, %ld faults\n", policy, frames, count, faults);
    return 0;
}

int
program_pageref (int argc, char **argv)
{
    const char *policy = NULL, *frames = "3";
    uint32_t first, last, *pages;
    struct options options;
    int letter, status = 0;
    size_t count;

    lib_options_init (&options, "pageref", "f:p:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 2;
        *(letter == 'f' ? &frames : &policy) = options.value;
    }
    if (!lib_operands_between (&options, 1, INT_MAX) || !pageref_frames (frames, &first, &last))
        return 2;
    count = (size_t)options.operands;
    pages = lib_alloc (count * sizeof *pages);
    for (size_t i = 0; i < count; i++) {
        int64_t page;

        if (!lib_number (lib_operand (&options, (int)i), &page) || page < 0 || page > INT32_MAX) {
            lib_error ("pageref", "%s: not a page's number", lib_operand (&options, (int)i));
            return 2;
        }
        pages[i] = (uint32_t)page;
    }
    for (size_t p = 0; p < PAGEREF_POLICIES; p++)
        for (uint32_t f = first; f <= last && status == 0; f++)
            if (policy == NULL || p == 0)
                status = pageref_count (policy != NULL ? policy : pageref_policies[p], f, pages,
                                        count);
    return status;
}
