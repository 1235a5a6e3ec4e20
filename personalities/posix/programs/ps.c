/* ps: the processes, as /proc tells of them. */
#include "programs.h"

#include <stdlib.h>
#include <string.h>

struct ps_row {
    char name[32];
    char state;
    long long parent, group, cpu_ticks;
};

/* The line of /proc/PID/stat: pid (name) state parent group ... , the 14th and 15th field
 * being the ticks of 1/100 s spent in user and system mode. */
static bool
ps_parse (char *line, struct ps_row *row)
{
    char *open = strchr (line, '(');
    char *close = strrchr (line, ')');

    if (open == NULL || close == NULL || close[1] != ' ')
        return false;
    size_t length = (size_t)(close - open) - 1;
    if (length >= sizeof row->name)
        length = sizeof row->name - 1;
    memcpy (row->name, open + 1, length);
    row->name[length] = '\0';
    row->state = close[2];
    row->cpu_ticks = 0;

    char *at = close + 3;
    for (int field = 4; field <= 15 && *at != '\0'; field++) {
        long long value = strtoll (at, &at, 10);
        if (field == 4)
            row->parent = value;
        else if (field == 5)
            row->group = value;
        else if (field >= 14)
            row->cpu_ticks += value;
    }
    return true;
}

static bool
ps_read (const char *pid, struct ps_row *row)
{
    char line[512];
    char *directory = lib_path_join ("/proc", pid);
    char *path = lib_path_join (directory, "stat");
    long fd = posix_open (path, 0, 0);
    long got = -1;

    program_free (directory);
    program_free (path);
    if (fd >= 0) {
        got = posix_read ((int)fd, line, sizeof line - 1);
        posix_close ((int)fd);
    }
    if (got <= 0)
        return false;
    line[got] = '\0';
    return ps_parse (line, row);
}

/* Names of digits in order of their numbers: without leading zeros, shorter is less. */
static bool
ps_before (const char *a, const char *b)
{
    size_t first = strlen (a), second = strlen (b);

    return first != second ? first < second : strcmp (a, b) < 0;
}

int
program_ps (int argc, char **argv)
{
    struct options options;
    struct names names;
    struct output out;
    bool full = false;
    int letter;

    lib_options_init (&options, "ps", "eAfax", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        full = full || letter == 'f';
    }
    if (!lib_operands_between (&options, 0, 0))
        return 1;
    long failed = lib_directory_names ("/proc", &names);
    if (failed < 0) {
        lib_error_number ("ps", "/proc", failed);
        return 1;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < names.count; i++)
        if (names.items[i][strspn (names.items[i], "0123456789")] == '\0') {
            uint32_t at = count++;
            char *name = names.items[i];
            for (; at > 0 && ps_before (name, names.items[at - 1]); at--)
                names.items[at] = names.items[at - 1];
            names.items[at] = name;
        }
    lib_output_init (&out, 1);
    lib_output_text (&out, full ? "    PID    PPID    PGRP S     TIME CMD\n"
                                : "    PID S     TIME CMD\n");
    for (uint32_t i = 0; i < count; i++) {
        struct ps_row row = { .state = '?' };
        if (!ps_read (names.items[i], &row)) /* it has ended meanwhile */
            continue;
        lib_output_print (&out, "%7s ", names.items[i]);
        if (full)
            lib_output_print (&out, "%7lld %7lld ", row.parent, row.group);
        long long seconds = row.cpu_ticks / 100;
        lib_output_print (&out, "%c %02lld:%02lld:%02lld %s\n", row.state, seconds / 3600,
                          seconds / 60 % 60, seconds % 60, row.name);
    }
    return lib_output_end (&out, "ps");
}
