/* tail: the last lines or bytes of files, or everything from a line or byte on. */
#include "programs.h"

#include <string.h>

struct tail_run {
    struct output out;
    uint64_t count;
    bool bytes;
    bool from_start; /* +N */
};

/* Everything of a file in memory: the end of a pipe is not known before it comes. */
static char *
tail_read (const char *path, int fd, size_t *bytes)
{
    size_t room = 8192, used = 0;
    char *data = lib_alloc (room);
    long got;

    while ((got = posix_read (fd, data + used, room - used)) > 0) {
        used += (size_t)got;
        if (used == room) {
            data = lib_grow (data, room, room * 2);
            room *= 2;
        }
    }
    if (got < 0) {
        lib_error ("tail", "error reading '%s': %s", path, lib_error_text (got));
        program_free (data);
        return NULL;
    }
    *bytes = used;
    return data;
}

static size_t
tail_start (const struct tail_run *run, const char *data, size_t bytes)
{
    uint64_t count = run->count;

    if (run->from_start) {
        size_t at = 0;
        if (count > 0)
            count--;
        if (run->bytes)
            return count < bytes ? (size_t)count : bytes;
        for (; count > 0 && at < bytes; at++)
            count -= data[at] == '\n';
        return at;
    }
    if (run->bytes)
        return count < bytes ? bytes - (size_t)count : 0;
    size_t at = bytes;
    if (count == 0)
        return bytes;
    if (at > 0 && data[at - 1] == '\n')
        at--;
    for (; at > 0; at--)
        if (data[at - 1] == '\n' && --count == 0)
            break;
    return at;
}

static bool
tail_count (struct tail_run *run, const char *text)
{
    run->from_start = *text == '+';
    return lib_size (text + (*text == '+' || *text == '-'), &run->count);
}

int
program_tail (int argc, char **argv)
{
    struct tail_run run = { .count = 10 };
    struct options options;
    int letter, status = 0;

    if (argc > 1 && argv[1][0] == '-' && argv[1][1] >= '0' && argv[1][1] <= '9') {
        if (!tail_count (&run, argv[1])) {
            lib_error ("tail", "invalid number of lines: '%s'", argv[1]);
            return 1;
        }
        argv[1] = argv[0];
        argv++;
        argc--;
    }
    lib_options_init (&options, "tail", "n:c:qv", argc, argv);
    int names = 0;
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        if (letter == 'q' || letter == 'v')
            names = letter;
        else if (!tail_count (&run, options.value)) {
            lib_error ("tail", "invalid number of %s: '%s'",
                       letter == 'n' ? "lines" : "bytes", options.value);
            return 1;
        } else
            run.bytes = letter == 'c';
    }
    if (names == 0)
        names = options.operands > 1 ? 'v' : 'q';
    lib_output_init (&run.out, 1);
    const char *before = "";
    for (int i = 0; i < options.operands || i == 0; i++) {
        const char *path = options.operands > 0 ? lib_operand (&options, i) : "-";
        int fd = lib_open_input ("tail", path);
        size_t bytes;
        char *data = fd >= 0 ? tail_read (path, fd, &bytes) : NULL;
        lib_close_input (fd);
        if (data == NULL) {
            status = 1;
            continue;
        }
        if (names == 'v') {
            lib_output_print (&run.out, "%s==> %s <==\n", before,
                              strcmp (path, "-") == 0 ? "standard input" : path);
            before = "\n";
        }
        size_t start = tail_start (&run, data, bytes);
        lib_output_write (&run.out, data + start, bytes - start);
        program_free (data);
    }
    return lib_output_end (&run.out, "tail") | status;
}
