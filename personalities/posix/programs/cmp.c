/* cmp: whether two files are the same, and where they first differ. */
#include "programs.h"

#define CMP_BYTES 8192

struct cmp_side {
    const char *path;
    int fd;
    long used, at;
    char *buffer;
};

/* The next byte; -1 at the end, below that -errno - 1. */
static long
cmp_byte (struct cmp_side *side)
{
    if (side->at == side->used) {
        side->at = 0;
        side->used = posix_read (side->fd, side->buffer, CMP_BYTES);
        if (side->used <= 0) {
            long failed = side->used;
            side->used = 0;
            return failed - 1;
        }
    }
    return (unsigned char)side->buffer[side->at++];
}

int
program_cmp (int argc, char **argv)
{
    struct cmp_side sides[2];
    struct options options;
    bool silent = false;
    int letter;

    lib_options_init (&options, "cmp", "s", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 2;
        silent = true;
    }
    if (!lib_operands_between (&options, 1, 2))
        return 2;
    for (int i = 0; i < 2; i++) {
        const char *path = i < options.operands ? lib_operand (&options, i) : "-";
        sides[i] = (struct cmp_side){ .path = path, .fd = lib_open_input ("cmp", path) };
        if (sides[i].fd < 0)
            return 2;
        sides[i].buffer = lib_alloc (CMP_BYTES);
    }
    for (uint64_t byte = 1, line = 1;; byte++) {
        long a = cmp_byte (&sides[0]);
        long b = cmp_byte (&sides[1]);
        if (a < -1 || b < -1) {
            lib_error_number ("cmp", sides[a < -1 ? 0 : 1].path, (a < -1 ? a : b) + 1);
            return 2;
        }
        if (a == b) {
            if (a == -1)
                return 0;
            line += a == '\n';
            continue;
        }
        if (silent)
            return 1;
        if (a >= 0 && b >= 0)
            lib_print (1, "%s %s differ: char %llu, line %llu\n", sides[0].path,
                       sides[1].path, (unsigned long long)byte, (unsigned long long)line);
        else if (byte == 1)
            lib_error ("cmp", "EOF on %s which is empty", sides[a < 0 ? 0 : 1].path);
        else
            lib_error ("cmp", "EOF on %s after byte %llu", sides[a < 0 ? 0 : 1].path,
                       (unsigned long long)byte - 1);
        return 1;
    }
}
