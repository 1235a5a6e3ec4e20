/* uniq: one of each run of equal lines. */
#include "programs.h"

#include <string.h>

struct uniq_run {
    struct output out;
    bool count, repeated, single;
};

static void
uniq_print (struct uniq_run *run, const char *line, uint64_t times)
{
    if ((run->repeated && times < 2) || (run->single && times > 1))
        return;
    if (run->count)
        lib_output_print (&run->out, "%7llu ", (unsigned long long)times);
    lib_output_print (&run->out, "%s\n", line);
}

int
program_uniq (int argc, char **argv)
{
    struct uniq_run run = { 0 };
    struct options options;
    struct lines lines;
    char *line, *last = NULL;
    uint64_t times = 0;
    size_t length;
    int letter;

    lib_options_init (&options, "uniq", "cdu", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        switch (letter) {
        case 'c':
            run.count = true;
            break;
        case 'd':
            run.repeated = true;
            break;
        case 'u':
            run.single = true;
            break;
        default:
            return 1;
        }
    if (!lib_operands_between (&options, 0, 1))
        return 1;
    int fd
        = lib_open_input ("uniq", options.operands > 0 ? lib_operand (&options, 0) : "-");
    if (fd < 0)
        return 1;
    lib_output_init (&run.out, 1);
    lib_lines_init (&lines, fd);
    while ((length = lib_lines_next (&lines, &line)) > 0) {
        line[length - (line[length - 1] == '\n')] = '\0';
        if (last != NULL && strcmp (last, line) == 0) {
            times++;
            continue;
        }
        if (last != NULL)
            uniq_print (&run, last, times);
        program_free (last);
        last = lib_copy (line);
        times = 1;
    }
    if (last != NULL)
        uniq_print (&run, last, times);
    return lib_output_end (&run.out, "uniq");
}
