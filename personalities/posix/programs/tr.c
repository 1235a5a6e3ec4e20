/* tr: changes, deletes or squeezes bytes. */
#include "programs.h"

#include <string.h>

#define TR_BYTES 4096

struct tr_set {
    uint16_t count;
    unsigned char bytes[512];
};

static void
tr_add (struct tr_set *set, unsigned c)
{
    if (set->count < sizeof set->bytes)
        set->bytes[set->count++] = (unsigned char)c;
}

/* "[:upper:]": asks the shell's patterns, which know the classes. */
static size_t
tr_class (struct tr_set *set, const char *at)
{
    uint16_t pattern[16] = { '[' };
    const char *end = strncmp (at, "[:", 2) == 0 ? strstr (at, ":]") : NULL;
    size_t length = end != NULL ? (size_t)(end - at) + 2 : 0;

    if (length == 0 || length > 12)
        return 0;
    for (size_t i = 0; i < length; i++)
        pattern[1 + i] = (unsigned char)at[i];
    pattern[1 + length] = ']';
    for (unsigned c = 0; c < 256; c++) {
        char text = (char)c;
        if (lib_pattern_match (pattern, length + 2, &text, 1))
            tr_add (set, c);
    }
    return length;
}

static const char *
tr_byte (const char *at, unsigned char *c)
{
    char byte = *at++;

    if (byte == '\\' && *at != '\0') {
        const char *behind = lib_escape (at, false, &byte);
        if (behind == at) /* no escape: the byte itself */
            byte = *behind++;
        at = behind;
    }
    *c = (unsigned char)byte;
    return at;
}

static bool
tr_parse (struct tr_set *set, const char *at)
{
    set->count = 0;
    while (*at != '\0') {
        unsigned char low, high;
        size_t class = tr_class (set, at);
        if (class > 0) {
            at += class;
            continue;
        }
        at = tr_byte (at, &low);
        high = low;
        if (at[0] == '-' && at[1] != '\0')
            at = tr_byte (at + 1, &high);
        if (high < low) {
            lib_error ("tr", "range-endpoints of '%c-%c' are in reverse order", low, high);
            return false;
        }
        for (unsigned c = low; c <= high; c++)
            tr_add (set, c);
    }
    return true;
}

static void
tr_complement (struct tr_set *set)
{
    struct tr_set whole = { 0 };

    for (unsigned c = 0; c < 256; c++)
        if (memchr (set->bytes, (int)c, set->count) == NULL)
            tr_add (&whole, c);
    *set = whole;
}

struct tr_run {
    unsigned char map[256];
    bool delete[256];
    bool squeeze[256];
};

static int
tr_copy (const struct tr_run *run)
{
    struct output out;
    char *buffer = lib_alloc (TR_BYTES);
    int last = -1;
    long got;

    lib_output_init (&out, 1);
    while ((got = posix_read (0, buffer, TR_BYTES)) > 0)
        for (long i = 0; i < got; i++) {
            unsigned char c = (unsigned char)buffer[i];
            if (run->delete[c])
                continue;
            c = run->map[c];
            if (run->squeeze[c] && c == last)
                continue;
            last = c;
            lib_output_char (&out, (char)c);
        }
    if (got < 0)
        lib_error ("tr", "read error: %s", lib_error_text (got));
    return lib_output_end (&out, "tr") | (got < 0);
}

int
program_tr (int argc, char **argv)
{
    bool complement = false, delete = false, squeeze = false;
    struct tr_set first, second = { 0 };
    struct options options;
    int letter;

    lib_options_init (&options, "tr", "+cCds", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        switch (letter) {
        case 'c':
        case 'C':
            complement = true;
            break;
        case 'd':
            delete = true;
            break;
        case 's':
            squeeze = true;
            break;
        default:
            return 1;
        }
    int least = delete == squeeze ? 2 : 1;
    int most = delete &&!squeeze ? 1 : 2;
    if (!lib_operands_between (&options, least, most))
        return 1;
    if (!tr_parse (&first, lib_operand (&options, 0))
        || (options.operands > 1 && !tr_parse (&second, lib_operand (&options, 1))))
        return 1;
    if (complement)
        tr_complement (&first);

    struct tr_run run = { 0 };
    bool translate = !delete &&options.operands > 1;
    for (unsigned c = 0; c < 256; c++)
        run.map[c] = (unsigned char)c;
    for (unsigned i = 0; i < first.count; i++) {
        unsigned char c = first.bytes[i];
        run.delete[c] = delete;
        if (translate && second.count == 0) {
            lib_error ("tr", "when not truncating set1, string2 must be non-empty");
            return 1;
        }
        if (translate)
            run.map[c] = second.bytes[i < second.count ? i : second.count - 1u];
    }
    const struct tr_set *squeezed = options.operands > 1 ? &second : &first;
    for (unsigned i = 0; squeeze && i < squeezed->count; i++)
        run.squeeze[squeezed->bytes[i]] = true;
    return tr_copy (&run);
}
