/* table: rows of the process table. */
#include "proc.h"

enum status
proc_row_from (Component *self, uint32_t pid, struct process_row *row)
{
    struct process_list_req list = {
        .first = pid,
        .into  = { .data = row, .length = sizeof *row },
    };
    struct process_list_rep listed;
    enum status status = process_list (component_link (self, PROC_NEED_PROCESSES), &list,
                                       &listed);

    if (status == OK && listed.done < sizeof *row)
        status = ERR_NO_PROCESS;
    if (status == OK)
        row->name[sizeof row->name - 1] = '\0';
    return status;
}

enum status
proc_row (Component *self, uint32_t pid, struct process_row *row)
{
    enum status status = proc_row_from (self, pid, row);

    return status == OK && row->pid != pid ? ERR_NO_PROCESS : status;
}
