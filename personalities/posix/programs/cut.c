/* cut: chosen bytes or fields of each line. */
#include "programs.h"

#include <string.h>

#define CUT_RANGES 64

struct cut_run {
    struct output out;
    struct {
        uint64_t first, last;
    } ranges[CUT_RANGES];
    int range_count;
    bool fields, only_delimited;
    char delimiter;
};

static const char *
cut_number (const char *at, uint64_t *value)
{
    for (*value = 0; *at >= '0' && *at <= '9'; at++)
        if (*value < UINT32_MAX)
            *value = *value * 10 + (uint64_t)(*at - '0');
    return at;
}

static bool
cut_parse (struct cut_run *run, const char *at)
{
    do {
        uint64_t first, last;
        const char *start = at;
        if (run->range_count == CUT_RANGES)
            return false;
        at = cut_number (at, &first);
        last = first;
        if (at == start)
            first = 1;
        if (*at == '-') {
            const char *number = ++at;
            at = cut_number (at, &last);
            if (at == number)
                last = UINT64_MAX;
            if (at == number && number - 1 == start)
                return false; /* "-" alone */
        } else if (at == start)
            return false;
        if (first == 0 || last < first)
            return false;
        run->ranges[run->range_count].first = first;
        run->ranges[run->range_count++].last = last;
    } while (*at == ',' && *++at != '\0');
    return *at == '\0';
}

static bool
cut_chosen (const struct cut_run *run, uint64_t n)
{
    for (int i = 0; i < run->range_count; i++)
        if (n >= run->ranges[i].first && n <= run->ranges[i].last)
            return true;
    return false;
}

static void
cut_line (struct cut_run *run, const char *line)
{
    if (!run->fields) {
        for (uint64_t n = 1; *line != '\0'; n++, line++)
            if (cut_chosen (run, n))
                lib_output_char (&run->out, *line);
    } else if (strchr (line, run->delimiter) == NULL) {
        if (run->only_delimited)
            return;
        lib_output_text (&run->out, line);
    } else {
        bool any = false;
        for (uint64_t n = 1; line != NULL; n++) {
            const char *end = strchr (line, run->delimiter);
            if (cut_chosen (run, n)) {
                if (any)
                    lib_output_char (&run->out, run->delimiter);
                lib_output_write (&run->out, line,
                                  end != NULL ? (size_t)(end - line) : strlen (line));
                any = true;
            }
            line = end != NULL ? end + 1 : NULL;
        }
    }
    lib_output_char (&run->out, '\n');
}

int
program_cut (int argc, char **argv)
{
    struct cut_run run = { .delimiter = '\t' };
    struct options options;
    const char *list = NULL;
    int letter, status = 0;

    lib_options_init (&options, "cut", "b:c:f:d:s", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        switch (letter) {
        case 's':
            run.only_delimited = true;
            break;
        case 'd':
            run.delimiter = *options.value;
            break;
        case 'b':
        case 'c':
        case 'f':
            run.fields = letter == 'f';
            list = options.value;
            break;
        default:
            return 1;
        }
    if (list == NULL) {
        lib_error ("cut", "you must specify a list of bytes, characters, or fields");
        return 1;
    }
    if (!cut_parse (&run, list)) {
        lib_error ("cut", "invalid list '%s'", list);
        return 1;
    }
    lib_output_init (&run.out, 1);
    for (int i = 0; i < options.operands || i == 0; i++) {
        int fd = lib_open_input ("cut",
                                 options.operands > 0 ? lib_operand (&options, i) : "-");
        struct lines lines;
        char *line;
        size_t length;
        if (fd < 0) {
            status = 1;
            continue;
        }
        lib_lines_init (&lines, fd);
        while ((length = lib_lines_next (&lines, &line)) > 0) {
            line[length - (line[length - 1] == '\n')] = '\0';
            cut_line (&run, line);
        }
        lib_lines_free (&lines);
        lib_close_input (fd);
    }
    return lib_output_end (&run.out, "cut") | status;
}
