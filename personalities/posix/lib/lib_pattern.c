/* lib_pattern: shell patterns, with quoting marked in each character of the pattern. */
#include "lib.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *name;
    int (*test) (int);
} pattern_classes[] = {
    { "alpha", isalpha }, { "digit", isdigit }, { "alnum", isalnum },
    { "upper", isupper }, { "lower", islower }, { "space", isspace },
    { "blank", isblank }, { "punct", ispunct }, { "print", isprint },
    { "graph", isgraph }, { "cntrl", iscntrl }, { "xdigit", isxdigit },
};

/* "[:name:]" at pattern[0 .. length). Returns its length, 0 if there is none. */
static size_t
pattern_class (const uint16_t *pattern, size_t length, unsigned char c, bool *match)
{
    if (length < 4 || pattern[0] != '[' || pattern[1] != ':')
        return 0;
    for (size_t i = 0; i < sizeof pattern_classes / sizeof *pattern_classes; i++) {
        size_t bytes = strlen (pattern_classes[i].name);
        bool same
            = length >= bytes + 4 && pattern[2 + bytes] == ':' && pattern[3 + bytes] == ']';
        for (size_t j = 0; same && j < bytes; j++)
            same = (pattern[2 + j] & 0xff) == (unsigned char)pattern_classes[i].name[j];
        if (same) {
            *match = *match || pattern_classes[i].test (c);
            return bytes + 4;
        }
    }
    return 0;
}

/* A bracket expression at pattern[0] == '['. Returns its length, 0 if it is not closed. */
static size_t
pattern_bracket (const uint16_t *pattern, size_t length, unsigned char c, bool *match)
{
    size_t at = 1;
    bool negate = at < length && (pattern[at] == '!' || pattern[at] == '^');
    bool found = false;

    at += negate;
    for (bool first = true;; first = false) {
        if (at >= length)
            return 0;
        if (pattern[at] == ']' && !first)
            break;
        size_t class = pattern_class (pattern + at, length - at, c, &found);
        if (class > 0) {
            at += class;
            continue;
        }
        unsigned low = pattern[at++] & 0xff;
        unsigned high = low;
        if (at + 1 < length && pattern[at] == '-' && pattern[at + 1] != ']') {
            high = pattern[at + 1] & 0xff;
            at += 2;
        }
        if (c >= low && c <= high)
            found = true;
    }
    *match = found != negate;
    return at + 1;
}

bool
lib_pattern_match (const uint16_t *pattern, size_t pattern_length, const char *text,
                   size_t length)
{
    size_t p = 0, t = 0;
    size_t star = SIZE_MAX, star_text = 0; /* where to go on after a mismatch */

    for (;;) {
        if (p < pattern_length && pattern[p] == '*') {
            star = ++p;
            star_text = t;
            continue;
        }
        if (t == length && p == pattern_length)
            return true;
        bool match = false;
        size_t taken = 1;
        if (t < length && p < pattern_length) {
            unsigned char c = (unsigned char)text[t];
            if (pattern[p] == '?')
                match = true;
            else if (pattern[p] == '['
                     && (taken
                         = pattern_bracket (pattern + p, pattern_length - p, c, &match))
                            > 0)
                ;
            else {
                /* A backslash that nothing quoted, say out of a variable, quotes. */
                taken = pattern[p] == '\\' && p + 1 < pattern_length ? 2 : 1;
                match = (pattern[p + taken - 1] & 0xff) == c;
            }
        }
        if (match) {
            p += taken;
            t++;
        } else if (star != SIZE_MAX && star_text < length) {
            p = star;
            t = ++star_text;
        } else
            return false;
    }
}
