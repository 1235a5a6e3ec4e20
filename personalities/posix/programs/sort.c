/* sort: lines in order, by bytes or by number, whole or by a key. */
#include "programs.h"

#include <fcntl.h>
#include <string.h>

struct sort_run {
    bool numeric, reverse, unique;
    char separator;              /* of fields; 0: blanks */
    int64_t key_first, key_last; /* fields from 1; last 0: to the end of the line */
    struct names lines;
};

static bool
sort_blank (char c)
{
    return c == ' ' || c == '\t';
}

/* Where field `n` (from 1) starts; with blanks as separators it has those before it. */
static const char *
sort_field (const struct sort_run *run, const char *line, int64_t n)
{
    for (int64_t i = 1; i < n && *line != '\0'; i++) {
        if (run->separator != 0) {
            line = strchr (line, run->separator);
            if (line == NULL)
                return "";
            line++;
        } else {
            while (sort_blank (*line))
                line++;
            while (*line != '\0' && !sort_blank (*line))
                line++;
        }
    }
    return line;
}

static size_t
sort_key (const struct sort_run *run, const char *line, const char **key)
{
    *key = sort_field (run, line, run->key_first);
    if (run->key_last == 0 || **key == '\0')
        return strlen (*key);
    const char *end = sort_field (run, line, run->key_last + 1);
    if (*end == '\0' && end[-1] != run->separator)
        return strlen (*key);
    return (size_t)(end - *key) - (run->separator != 0);
}

/* Compares the decimal numbers at the start of two texts, of any length. */
static int
sort_numbers (const char *a, size_t a_length, const char *b, size_t b_length)
{
    const char *text[2] = { a, b };
    const char *end[2] = { a + a_length, b + b_length };
    const char *whole[2];
    size_t digits[2];
    bool negative[2];

    for (int i = 0; i < 2; i++) {
        while (text[i] < end[i] && sort_blank (*text[i]))
            text[i]++;
        negative[i] = text[i] < end[i] && *text[i] == '-';
        text[i] += negative[i];
        while (text[i] < end[i] && *text[i] == '0')
            text[i]++;
        whole[i] = text[i];
        while (text[i] < end[i] && *text[i] >= '0' && *text[i] <= '9')
            text[i]++;
        digits[i] = (size_t)(text[i] - whole[i]);
        text[i] += text[i] < end[i] && *text[i] == '.';
    }
    int order = digits[0] != digits[1] ? (digits[0] < digits[1] ? -1 : 1)
                                       : memcmp (whole[0], whole[1], digits[0]);
    bool zero = order == 0 && digits[0] == 0;
    while (order == 0) { /* decimals; a missing one is a zero */
        bool more[2];
        char c[2];
        for (int i = 0; i < 2; i++) {
            more[i] = text[i] < end[i] && *text[i] >= '0' && *text[i] <= '9';
            c[i] = more[i] ? *text[i]++ : '0';
            zero = zero && c[i] == '0';
        }
        order = c[0] - c[1];
        if (!more[0] && !more[1])
            break;
    }
    if (negative[0] != negative[1])
        return zero && order == 0 ? 0 : negative[0] ? -1 : 1;
    return negative[0] ? -order : order;
}

static int
sort_compare (const struct sort_run *run, const char *a, const char *b)
{
    const char *key[2];
    size_t length[2] = { sort_key (run, a, &key[0]), sort_key (run, b, &key[1]) };
    int order;

    if (run->numeric)
        order = sort_numbers (key[0], length[0], key[1], length[1]);
    else {
        size_t common = length[0] < length[1] ? length[0] : length[1];
        order = memcmp (key[0], key[1], common);
        if (order == 0 && length[0] != length[1])
            order = length[0] < length[1] ? -1 : 1;
    }
    if (order == 0 && !run->unique)
        order = strcmp (a, b);
    return run->reverse ? -order : order;
}

/* Merge sort from the bottom up: stable, and no recursion. */
static void
sort_lines (struct sort_run *run)
{
    uint32_t count = run->lines.count;
    char **from = run->lines.items;
    char **to = lib_alloc ((count + 1) * sizeof *to);

    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t start = 0; start < count; start += 2 * width) {
            uint32_t middle = start + width < count ? start + width : count;
            uint32_t end = middle + width < count ? middle + width : count;
            uint32_t left = start, right = middle;
            for (uint32_t i = start; i < end; i++) {
                bool take_left
                    = left < middle
                      && (right >= end || sort_compare (run, from[left], from[right]) <= 0);
                to[i] = take_left ? from[left++] : from[right++];
            }
        }
        char **swap = from;
        from = to;
        to = swap;
    }
    run->lines.items = from;
}

static bool
sort_key_parse (struct sort_run *run, char *text)
{
    char *comma = strchr (text, ',');
    size_t end;

    if (comma != NULL)
        *comma++ = '\0';
    for (int part = 0; part < 2; part++) {
        char *number = part == 0 ? text : comma;
        if (number == NULL)
            break;
        end = strspn (number, "0123456789");
        for (char *letter = number + end; *letter != '\0'; letter++) {
            if (*letter == 'n')
                run->numeric = true;
            else if (*letter == 'r')
                run->reverse = true;
            else
                return false;
        }
        number[end] = '\0';
        if (!lib_number (number, part == 0 ? &run->key_first : &run->key_last))
            return false;
    }
    return run->key_first > 0;
}

static int
sort_read (struct sort_run *run, const char *path)
{
    int fd = path[0] == '-' && path[1] == '\0' ? 0 : (int)posix_open (path, O_RDONLY, 0);
    struct lines lines;
    char *line;
    size_t length;

    if (fd < 0) {
        lib_error ("sort", "cannot read: %s: %s", path, lib_error_text (fd));
        return 2;
    }
    lib_lines_init (&lines, fd);
    while ((length = lib_lines_next (&lines, &line)) > 0)
        lib_names_add (&run->lines,
                       lib_copy_bytes (line, length - (line[length - 1] == '\n')));
    lib_lines_free (&lines);
    lib_close_input (fd);
    if (lines.failed != 0) {
        lib_error ("sort", "read failed: %s: %s", path, lib_error_text (lines.failed));
        return 2;
    }
    return 0;
}

int
program_sort (int argc, char **argv)
{
    struct sort_run run = { .key_first = 1 };
    struct options options;
    const char *output = NULL;
    struct output out;
    int letter;
    long fd = 1;

    lib_options_init (&options, "sort", "nruk:t:o:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        switch (letter) {
        case 'n':
            run.numeric = true;
            break;
        case 'r':
            run.reverse = true;
            break;
        case 'u':
            run.unique = true;
            break;
        case 't':
            run.separator = *options.value;
            break;
        case 'o':
            output = options.value;
            break;
        case 'k':
            if (!sort_key_parse (&run, options.value)) {
                lib_error ("sort", "-k takes FIRST[,LAST] fields with n and r, not '%s'",
                           options.value);
                return 2;
            }
            break;
        default:
            return 2;
        }
    for (int i = 0; i < options.operands || i == 0; i++)
        if (sort_read (&run, options.operands > 0 ? lib_operand (&options, i) : "-") != 0)
            return 2;
    sort_lines (&run);
    if (output != NULL
        && (fd = posix_open (output, O_WRONLY | O_CREAT | O_TRUNC, 0666)) < 0) {
        lib_error ("sort", "open failed: %s: %s", output, lib_error_text (fd));
        return 2;
    }
    lib_output_init (&out, (int)fd);
    for (uint32_t i = 0; i < run.lines.count; i++) {
        const char *line = run.lines.items[i];
        if (run.unique && i > 0 && sort_compare (&run, run.lines.items[i - 1], line) == 0) {
            run.lines.items[i] = run.lines.items[i - 1];
            continue;
        }
        lib_output_print (&out, "%s\n", line);
    }
    return lib_output_end (&out, "sort") != 0 ? 2 : 0;
}
