/* grep: lines that match, or do not match, regular expressions. */
#include "programs.h"

#include <string.h>

#define GREP_PATTERNS 32

struct grep_run {
    struct output out;
    Regex *patterns[GREP_PATTERNS];
    int pattern_count;
    unsigned regex_flags;
    bool fixed, invert, count, number, quiet, list, whole, silent, only;
    int names; /* 'h': never, 'H': always */
};

/* A pattern that means the text itself. */
static char *
grep_quote (const char *text, size_t length)
{
    char *quoted = lib_alloc (length * 2 + 1);
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        if (strchr ("\\.[*^$", text[i]) != NULL)
            quoted[used++] = '\\';
        quoted[used++] = text[i];
    }
    return quoted;
}

/* Each line of `text` is a pattern. */
static bool
grep_add (struct grep_run *run, const char *text)
{
    for (;;) {
        size_t length = strcspn (text, "\n");
        const char *problem = NULL;
        char *pattern
            = run->fixed ? grep_quote (text, length) : lib_copy_bytes (text, length);
        if (run->pattern_count == GREP_PATTERNS) {
            lib_error ("grep", "more than %d patterns are not supported", GREP_PATTERNS);
            return false;
        }
        Regex *regex = lib_regex_new (pattern, run->regex_flags, &problem);
        program_free (pattern);
        if (regex == NULL) {
            lib_error ("grep", "%s", problem);
            return false;
        }
        run->patterns[run->pattern_count++] = regex;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

/* The first match of any pattern at or after `from`; the longest of those. */
static bool
grep_search (const struct grep_run *run, const char *line, size_t length, size_t from,
             size_t *start, size_t *end)
{
    bool found = false;

    for (int i = 0; i < run->pattern_count; i++) {
        size_t s, e;
        if (!lib_regex_search (run->patterns[i], line, length, from, &s, &e))
            continue;
        if (run->whole && (s != 0 || e != length))
            continue;
        if (!found || s < *start || (s == *start && e > *end)) {
            *start = s;
            *end = e;
        }
        found = true;
        if (!run->only)
            break;
    }
    return found;
}

static void
grep_prefix (struct grep_run *run, const char *path, uint64_t number)
{
    if (run->names == 'H')
        lib_output_print (&run->out, "%s:", path);
    if (run->number)
        lib_output_print (&run->out, "%llu:", (unsigned long long)number);
}

static void
grep_print (struct grep_run *run, const char *path, uint64_t number, const char *line,
            size_t length)
{
    size_t start, end, from = 0;

    if (!run->only) {
        grep_prefix (run, path, number);
        lib_output_write (&run->out, line, length);
        lib_output_char (&run->out, '\n');
        return;
    }
    while (!run->invert && from <= length
           && grep_search (run, line, length, from, &start, &end)) {
        if (end > start) {
            grep_prefix (run, path, number);
            lib_output_write (&run->out, line + start, end - start);
            lib_output_char (&run->out, '\n');
        }
        from = end > start ? end : end + 1;
    }
}

/* How many lines were selected; stops at the first when no more need be known. */
static uint64_t
grep_file (struct grep_run *run, const char *path, int fd, int *status)
{
    struct lines lines;
    uint64_t number = 0, selected = 0;
    char *line;
    size_t length, start, end;

    lib_lines_init (&lines, fd);
    while (run->out.failed == 0 && (length = lib_lines_next (&lines, &line)) > 0) {
        number++;
        if (line[length - 1] == '\n')
            length--;
        if (grep_search (run, line, length, 0, &start, &end) == run->invert)
            continue;
        selected++;
        if (run->quiet || run->list)
            break;
        if (!run->count)
            grep_print (run, path, number, line, length);
    }
    lib_lines_free (&lines);
    if (lines.failed != 0) {
        if (!run->silent)
            lib_error_number ("grep", path, lines.failed);
        *status = 2;
    }
    return selected;
}

/* False: refused. Patterns of -e are kept in `given` until all options are known. */
static bool
grep_options (struct grep_run *run, struct options *options, struct names *given)
{
    int letter;

    while ((letter = lib_options_next (options)) != -1)
        switch (letter) {
        case 'E':
            run->regex_flags |= REGEX_EXTENDED;
            break;
        case 'F':
            run->fixed = true;
            break;
        case 'G':
            break;
        case 'i':
        case 'y':
            run->regex_flags |= REGEX_IGNORE_CASE;
            break;
        case 'v':
            run->invert = true;
            break;
        case 'c':
            run->count = true;
            break;
        case 'n':
            run->number = true;
            break;
        case 'q':
            run->quiet = true;
            break;
        case 'l':
            run->list = true;
            break;
        case 'x':
            run->whole = true;
            break;
        case 's':
            run->silent = true;
            break;
        case 'o':
            run->only = true;
            break;
        case 'h':
        case 'H':
            run->names = letter;
            break;
        case 'e':
            lib_names_add (given, lib_copy (options->value));
            break;
        default:
            return false;
        }
    if (run->fixed)
        run->regex_flags &= ~(unsigned)REGEX_EXTENDED;
    return true;
}

int
program_grep (int argc, char **argv)
{
    struct grep_run run = { 0 };
    struct names given = { 0 };
    struct options options;
    int first = 0, status = 0;
    bool any = false;

    lib_output_init (&run.out, 1);
    lib_options_init (&options, "grep", "EFGiyvcnqlxsohHe:", argc, argv);
    if (!grep_options (&run, &options, &given))
        return 2;
    if (given.count == 0) {
        if (options.operands == 0) {
            lib_error ("grep", "usage: grep [-EFivcnqlxsohH] [-e] pattern [file...]");
            return 2;
        }
        lib_names_add (&given, lib_copy (lib_operand (&options, first++)));
    }
    for (uint32_t i = 0; i < given.count; i++)
        if (!grep_add (&run, given.items[i]))
            return 2;
    if (run.names == 0)
        run.names = options.operands - first > 1 ? 'H' : 'h';

    for (int i = first; i < options.operands || i == first; i++) {
        const char *path = i < options.operands ? lib_operand (&options, i) : "-";
        long fd = 0;
        if (strcmp (path, "-") != 0)
            fd = posix_open (path, 0, 0);
        if (fd < 0) {
            if (!run.silent)
                lib_error_number ("grep", path, fd);
            status = 2;
            continue;
        }
        const char *name = fd == 0 ? "(standard input)" : path;
        uint64_t selected = grep_file (&run, name, (int)fd, &status);
        lib_close_input ((int)fd);
        any = any || selected > 0;
        if (run.quiet && any)
            return 0;
        if (run.list && selected > 0)
            lib_output_print (&run.out, "%s\n", name);
        else if (run.count && !run.list && !run.quiet) {
            if (run.names == 'H')
                lib_output_print (&run.out, "%s:", name);
            lib_output_print (&run.out, "%llu\n", (unsigned long long)selected);
        }
    }
    if (lib_output_end (&run.out, "grep") != 0)
        return 2;
    return status != 0 ? status : !any;
}
