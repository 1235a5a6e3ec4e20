/* head: the first lines or bytes of files. */
#include "programs.h"

#include <string.h>

#define HEAD_BYTES 4096

struct head_run {
    struct output out;
    uint64_t count;
    bool bytes;
};

static int
head_lines (struct head_run *run, int fd)
{
    struct lines lines;
    uint64_t left = run->count;
    char *line;
    size_t length;

    lib_lines_init (&lines, fd);
    for (;
         left > 0 && run->out.failed == 0 && (length = lib_lines_next (&lines, &line)) > 0;
         left--)
        lib_output_write (&run->out, line, length);
    lib_lines_free (&lines);
    return lines.failed;
}

static long
head_bytes (struct head_run *run, int fd)
{
    char *buffer = lib_alloc (HEAD_BYTES);
    long got = 0;

    for (uint64_t left = run->count; left > 0 && run->out.failed == 0;
         left -= (uint64_t)got) {
        got = posix_read (fd, buffer, left < HEAD_BYTES ? (size_t)left : HEAD_BYTES);
        if (got <= 0)
            break;
        lib_output_write (&run->out, buffer, (size_t)got);
    }
    program_free (buffer);
    return got < 0 ? got : 0;
}

static int
head_file (struct head_run *run, const char *path, int fd)
{
    long failed = run->bytes ? head_bytes (run, fd) : head_lines (run, fd);

    if (failed != 0)
        lib_error ("head", "error reading '%s': %s", path, lib_error_text (failed));
    return failed != 0;
}

int
program_head (int argc, char **argv)
{
    struct head_run run = { .count = 10 };
    struct options options;
    int letter, status = 0;

    /* The old spelling: head -5 */
    if (argc > 1 && argv[1][0] == '-' && argv[1][1] >= '0' && argv[1][1] <= '9') {
        argv[1]++;
        if (!lib_size (argv[1], &run.count)) {
            lib_error ("head", "invalid number of lines: '%s'", argv[1]);
            return 1;
        }
        argv[1] = argv[0];
        argv++;
        argc--;
    }
    lib_options_init (&options, "head", "n:c:qv", argc, argv);
    int names = 0; /* 'q': never, 'v': always */
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        if (letter == 'q' || letter == 'v')
            names = letter;
        else if (!lib_size (options.value, &run.count)) {
            lib_error ("head", "invalid number of %s: '%s'",
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
        int fd = lib_open_input ("head", path);
        if (fd < 0) {
            status = 1;
            continue;
        }
        if (names == 'v') {
            lib_output_print (&run.out, "%s==> %s <==\n", before,
                              strcmp (path, "-") == 0 ? "standard input" : path);
            before = "\n";
        }
        status |= head_file (&run, path, fd);
        lib_close_input (fd);
    }
    return lib_output_end (&run.out, "head") | status;
}
