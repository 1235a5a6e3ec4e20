/* limit: the limits of a process, as Linux tells them. */
#include <string.h>

#include "proc.h"

static const struct {
    const char *name, *unit;
} proc_limit_names[LIMITS] = {
    [LIMIT_CPU] = { "Max cpu time", "seconds" },
    [LIMIT_FILE] = { "Max file size", "bytes" },
    [LIMIT_DATA] = { "Max data size", "bytes" },
    [LIMIT_STACK] = { "Max stack size", "bytes" },
    [LIMIT_CORE] = { "Max core file size", "bytes" },
    [LIMIT_RESIDENT] = { "Max resident set", "bytes" },
    [LIMIT_PROCESSES] = { "Max processes", "processes" },
    [LIMIT_DESCRIPTORS] = { "Max open files", "files" },
    [LIMIT_LOCKED] = { "Max locked memory", "bytes" },
    [LIMIT_MEMORY] = { "Max address space", "bytes" },
    [LIMIT_LOCKS] = { "Max file locks", "locks" },
    [LIMIT_SIGNALS] = { "Max pending signals", "signals" },
    [LIMIT_MESSAGES] = { "Max msgqueue size", "bytes" },
    [LIMIT_NICE] = { "Max nice priority", NULL },
    [LIMIT_PRIORITY] = { "Max realtime priority", NULL },
    [LIMIT_TIMEOUT] = { "Max realtime timeout", "us" },
};

static void
proc_limit_pad (struct text *text, size_t length, size_t width)
{
    do
        text_char (text, ' ');
    while (++length <= width);
}

static void
proc_limit_cell (struct text *text, const char *cell, size_t width)
{
    text_append (text, cell);
    proc_limit_pad (text, strlen (cell), width);
}

static void
proc_limit_value (struct text *text, uint64_t value)
{
    char digits[24] = { 0 };
    struct text number;

    text_init (&number, digits, sizeof digits);
    if (value == LIMIT_NONE)
        text_append (&number, "unlimited");
    else
        text_number (&number, value);
    proc_limit_cell (text, digits, 20);
}

enum status
proc_limits (Component *self, const struct process_row *row, struct text *text)
{
    struct process_limit_req ask = { .pid = row->pid };
    struct process_limit_rep told;

    proc_limit_cell (text, "Limit", 25);
    text_append (text, "Soft Limit           Hard Limit           Units     \n");
    for (; ask.which < LIMITS; ask.which++) {
        enum status status
            = process_limit (component_link (self, PROC_NEED_PROCESSES), &ask, &told);

        if (status != OK)
            return status;
        proc_limit_cell (text, proc_limit_names[ask.which].name, 25);
        proc_limit_value (text, told.soft);
        proc_limit_value (text, told.hard);
        if (proc_limit_names[ask.which].unit != NULL)
            proc_limit_cell (text, proc_limit_names[ask.which].unit, 9);
        text_char (text, '\n');
    }
    return OK;
}
