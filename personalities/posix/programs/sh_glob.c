/* sh_glob: the file names that match a pattern, in order of their bytes. */
#include "sh.h"

#include <string.h>

#define GLOB_PARTS_MAX                                                                     \
    64 /* directories in one pattern: each has its frame on the stack                      \
        */

struct glob {
    int depth;
    struct names found;
    char *path; /* FILE_PATH_MAX bytes */
};

static bool
glob_magic (const uint16_t *pattern, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[')
            return true;
    return false;
}

static void glob_below (struct glob *glob, size_t used, const uint16_t *pattern,
                        size_t length);

/* A part without pattern characters, or behind the last one. */
static void
glob_next (struct glob *glob, size_t used, const uint16_t *rest, size_t length)
{
    struct file_attr attr;

    if (length > 0 && glob->depth < GLOB_PARTS_MAX) {
        glob->depth++;
        glob_below (glob, used, rest, length);
        glob->depth--;
    } else if (length > 0)
        return;
    else if (posix_lstat (glob->path, &attr) >= 0)
        lib_names_add (&glob->found, lib_copy (glob->path));
}

/* Adds to path[0 .. used), which is a directory with its slash or nothing, all that
 * pattern[0 .. length) matches. One frame for each directory of the pattern. */
static void
glob_below (struct glob *glob, size_t used, const uint16_t *pattern, size_t length)
{
    size_t part = 0, slashes = 0;

    while (part < length && (pattern[part] & 0xff) != '/')
        part++;
    while (part + slashes < length && (pattern[part + slashes] & 0xff) == '/')
        slashes++;
    const uint16_t *rest = pattern + part + slashes;
    size_t rest_length = length - part - slashes;
    if (used + part + slashes + FILE_NAME_MAX + 2 > FILE_PATH_MAX)
        return;

    if (!glob_magic (pattern, part)) {
        for (size_t i = 0; i < part + slashes; i++)
            glob->path[used + i] = (char)pattern[i];
        glob->path[used + part + slashes] = '\0';
        glob_next (glob, used + part + slashes, rest, rest_length);
        return;
    }
    struct names names;
    glob->path[used] = '\0';
    if (lib_directory_names (used > 0 ? glob->path : ".", &names) < 0)
        return;
    if (part > 0 && (pattern[0] & 0xff) == '.') {
        lib_names_add (&names, lib_copy ("."));
        lib_names_add (&names, lib_copy (".."));
    }
    for (uint32_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        size_t bytes = strlen (name);
        if (name[0] == '.' && (pattern[0] & 0xff) != '.')
            continue;
        if (!lib_pattern_match (pattern, part, name, bytes))
            continue;
        memcpy (glob->path + used, name, bytes);
        memset (glob->path + used + bytes, '/', slashes);
        glob->path[used + bytes + slashes] = '\0';
        glob_next (glob, used + bytes + slashes, rest, rest_length);
    }
    lib_names_free (&names);
}

void
sh_glob (struct pool *pool, const uint16_t *pattern, size_t length, struct fields *fields)
{
    struct glob glob = { .path = lib_alloc (FILE_PATH_MAX) };

    glob_below (&glob, 0, pattern, length);
    lib_names_sort (&glob.found);
    for (uint32_t i = 0; i < glob.found.count; i++)
        fields_add (pool, fields,
                    pool_copy (pool, glob.found.items[i], strlen (glob.found.items[i])));
    lib_names_free (&glob.found);
    program_free (glob.path);
}

void
sh_trim (const uint16_t *pattern, size_t length, const char *text, char side, bool longest,
         size_t *start, size_t *end)
{
    size_t bytes = strlen (text);

    *start = 0;
    *end = bytes;
    for (size_t i = 0; i <= bytes; i++) {
        size_t cut = longest ? bytes - i : i;
        bool match = side == '#'
                         ? lib_pattern_match (pattern, length, text, cut)
                         : lib_pattern_match (pattern, length, text + bytes - cut, cut);
        if (!match)
            continue;
        if (side == '#')
            *start = cut;
        else
            *end = bytes - cut;
        return;
    }
}
