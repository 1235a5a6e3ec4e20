/* strings: what a process's program was started with, which the nucleus knows. */
#include <string.h>

#include "proc.h"

#define WINDOW_BYTES 4096u

/* As kernel.strings numbers them. */
static uint32_t
proc_strings_kind (uint32_t what)
{
    return what == PROC_CMDLINE ? 0 : what == PROC_ENVIRON ? 1 : 2;
}

enum status
proc_strings (Component *self, const struct process_row *row, uint32_t what, char *window,
              struct text *text)
{
    Link *kernel                  = component_link (self, PROC_NEED_KERNEL);
    struct kernel_strings_req ask = { .pid  = row->pid,
                                      .what = proc_strings_kind (what),
                                      .into = { .data = window, .length = WINDOW_BYTES } };
    struct kernel_strings_rep told;
    enum status status;

    if (row->state == PROCESS_ZOMBIE)
        return OK;
    do {
        status = kernel_strings (kernel, &ask, &told);
        if (status != OK || told.done > WINDOW_BYTES)
            break;
        text_bytes (text, window, told.done);
        ask.offset += told.done;
    } while (told.done > 0);
    /* A process whose arguments are not known is told by its name. */
    if (ask.offset == 0 && what == PROC_CMDLINE)
        text_bytes (text, row->name, strlen (row->name) + 1);
    return OK;
}
