/* content: the text of each file of proc.
 *
 * Rows come from other components a window at a time, through a buffer in the arena; what
 * they stand for may change between two windows, and each row is true when it is read.
 */
#include <string.h>

#include "proc.h"

#define WINDOW_BYTES 4096u

/* ---- the machine ---- */

static enum status
proc_mounts (Component *self, char *window, struct text *text)
{
    Link *files                = component_link (self, PROC_NEED_FILES);
    struct file_mounts_req ask = { .into = { .data = window, .length = WINDOW_BYTES } };
    struct file_mounts_rep told;
    enum status status = OK;

    do {
        if (files == NULL)
            return OK;
        status = file_mounts (files, &ask, &told);
        if (status != OK || told.done > WINDOW_BYTES)
            return status;
        text_bytes (text, window, told.done);
        for (uint32_t i = 0; i < told.done; i++)
            ask.first += window[i] == '\n';
    } while (told.done > 0);
    return status;
}

static enum status
proc_counters (Component *self, char *window, struct text *text)
{
    Link *kernel                   = component_link (self, PROC_NEED_KERNEL);
    struct kernel_counters_req ask = { .into = { .data = window, .length = WINDOW_BYTES } };
    struct kernel_counters_rep told;
    enum status status;

    do {
        status = kernel_counters (kernel, &ask, &told);
        if (status != OK || told.done > WINDOW_BYTES)
            return status;
        text_bytes (text, window, told.done);
        ask.offset += told.done;
    } while (told.done > 0);
    return OK;
}

/* What crashed, why, and what was done about it; nothing where nobody keeps account. */
static enum status
proc_restarts (Component *self, char *window, struct text *text)
{
    struct rs_history_req ask = { .into = { .data = window, .length = WINDOW_BYTES } };
    struct rs_history_rep told;
    Link *rs = component_link (self, PROC_NEED_RS);
    enum status status;

    if (rs == NULL)
        return OK;
    do {
        status = rs_history (rs, &ask, &told);
        if (status != OK || told.done > WINDOW_BYTES)
            return status;
        text_bytes (text, window, told.done);
        ask.cursor = told.next;
    } while (told.done > 0);
    return OK;
}

/* The next rows of components into `rows`; *count 0 at the end. */
static enum status
proc_component_rows (Component *self, uint32_t first, struct component_row *rows,
                     uint32_t *count)
{
    Link *kernel                     = component_link (self, PROC_NEED_KERNEL);
    struct kernel_components_req ask = {
        .first = first,
        .into  = { .data   = rows,
                   .length = WINDOW_BYTES / sizeof *rows * (uint32_t)sizeof *rows },
    };
    struct kernel_components_rep told;
    enum status status = kernel_components (kernel, &ask, &told);

    *count = status == OK ? told.done / (uint32_t)sizeof *rows : 0;
    for (uint32_t i = 0; i < *count; i++) {
        rows[i].name[sizeof rows[i].name - 1]             = '\0';
        rows[i].class_name[sizeof rows[i].class_name - 1] = '\0';
        rows[i].domain[sizeof rows[i].domain - 1]         = '\0';
    }
    return status;
}

static void
proc_cell (struct text *text, uint64_t value)
{
    text_number_width (text, value, 10, ' ');
}

static enum status
proc_components (Component *self, char *window, struct text *text)
{
    struct component_row *rows = (struct component_row *)window;
    uint32_t first = 0, count;
    enum status status;

    text_append (text, "component        class            domain           "
                       "        id   restarts   calls-in  calls-out      arena\n");
    do {
        status = proc_component_rows (self, first, rows, &count);
        for (uint32_t i = 0; i < count; i++) {
            text_column (text, rows[i].name, 16);
            text_column (text, rows[i].class_name, 16);
            text_column (text, rows[i].domain, 16);
            proc_cell (text, rows[i].id);
            text_char (text, ' ');
            proc_cell (text, rows[i].restarts);
            text_char (text, ' ');
            proc_cell (text, rows[i].calls_in);
            text_char (text, ' ');
            proc_cell (text, rows[i].calls_out);
            text_char (text, ' ');
            proc_cell (text, rows[i].arena_bytes);
            text_char (text, '\n');
        }
        first += count;
    } while (count > 0);
    return status;
}

/* Calls `each` on all components from index `from` on, until it answers false. */
static enum status
proc_each_component (Component *self, char *window, uint32_t from,
                     bool (*each) (const struct component_row *row, uint32_t index, void *data),
                     void *data)
{
    struct component_row *rows = (struct component_row *)window;
    uint32_t count;
    enum status status;

    do {
        status = proc_component_rows (self, from, rows, &count);
        for (uint32_t i = 0; i < count; i++, from++)
            if (!each (&rows[i], from, data))
                return OK;
    } while (count > 0);
    return status;
}

/* A domain is told where its first component is; its line then has all of them. */
struct proc_domain {
    char name[sizeof ((struct component_row *)0)->domain];
    uint32_t index;    /* of the component looked at */
    bool found;        /* there is a component of that index */
    bool is_first;     /* nobody before it is in the same domain */
    struct text *text;
};

static bool
proc_domain_at (const struct component_row *row, uint32_t index, void *data)
{
    struct proc_domain *domain = data;

    (void)index;
    domain->found = true;
    memcpy (domain->name, row->domain, sizeof domain->name);
    return false;
}

static bool
proc_domain_before (const struct component_row *row, uint32_t index, void *data)
{
    struct proc_domain *domain = data;

    if (index >= domain->index)
        return false;
    domain->is_first = strcmp (row->domain, domain->name) != 0;
    return domain->is_first;
}

static bool
proc_domain_member (const struct component_row *row, uint32_t index, void *data)
{
    struct proc_domain *domain = data;

    (void)index;
    if (strcmp (row->domain, domain->name) == 0) {
        text_char (domain->text, ' ');
        text_append (domain->text, row->name);
    }
    return true;
}

static enum status
proc_domains (Component *self, char *window, struct text *text)
{
    for (uint32_t i = 0;; i++) {
        struct proc_domain domain = { .index = i, .is_first = true, .text = text };
        enum status status = proc_each_component (self, window, i, proc_domain_at, &domain);
        if (status != OK || !domain.found)
            return status;
        status = proc_each_component (self, window, 0, proc_domain_before, &domain);
        if (status == OK && domain.is_first) {
            text_append (text, domain.name);
            text_char (text, ':');
            status = proc_each_component (self, window, 0, proc_domain_member, &domain);
            text_char (text, '\n');
        }
        if (status != OK)
            return status;
    }
}

static enum status
proc_tasks (Component *self, char *window, struct text *text)
{
    Link *kernel          = component_link (self, PROC_NEED_KERNEL);
    struct task_row *rows = (struct task_row *)window;
    struct kernel_tasks_req ask = {
        .into = { .data   = rows,
                  .length = WINDOW_BYTES / sizeof *rows * (uint32_t)sizeof *rows },
    };
    struct kernel_tasks_rep told;
    enum status status;

    text_append (text, "      task        pid      state   priority      cpu-ns\n");
    do {
        status = kernel_tasks (kernel, &ask, &told);
        if (status != OK)
            return status;
        uint32_t count = told.done / (uint32_t)sizeof *rows;
        for (uint32_t i = 0; i < count; i++) {
            proc_cell (text, rows[i].task);
            text_char (text, ' ');
            proc_cell (text, rows[i].pid);
            text_char (text, ' ');
            proc_cell (text, rows[i].state);
            text_char (text, ' ');
            proc_cell (text, rows[i].priority);
            text_append (text, "  ");
            proc_cell (text, rows[i].cpu_ns);
            text_char (text, '\n');
            ask.first = rows[i].task + 1;
        }
    } while (told.done >= sizeof *rows);
    return OK;
}

/* ---- which ---- */

static enum status
proc_of_process (Component *self, uint64_t node, char *window, struct text *text)
{
    struct process_row row;
    enum status status = proc_row (self, PROC_PID (node), &row);

    if (status != OK)
        return status;
    switch (PROC_WHAT (node)) {
    case PROC_STATUS:
        return proc_status (self, &row, text);
    case PROC_STAT:
        return proc_stat (self, &row, text);
    case PROC_STATM:
        return proc_statm (self, &row, text);
    case PROC_LIMITS:
        return proc_limits (self, &row, text);
    case PROC_MAPS:
        return proc_maps (self, row.pid, window, text);
    case PROC_COMM:
        text_append (text, row.name);
        text_char (text, '\n');
        return OK;
    default:
        return proc_strings (self, &row, PROC_WHAT (node), window, text);
    }
}

static enum status
proc_of_machine (Component *self, uint64_t node, char *window, struct text *text)
{
    switch (PROC_WHAT (node)) {
    case PROC_MOUNTS:
        return proc_mounts (self, window, text);
    case PROC_UPTIME:
        proc_seconds (text, component_now_ns (self));
        text_append (text, " 0.00\n"); /* time spent idle is not kept */
        return OK;
    case PROC_VERSION:
        text_append (text, "Khimera, a simulated kernel made of components\n");
        return OK;
    case PROC_SYSTEM_STAT:
    case PROC_LOAD:
        return proc_of_system (self, PROC_WHAT (node), window, text);
    case PROC_MEMORY:
        return proc_meminfo (self, text);
    case PROC_FRAMES:
        return proc_frames (self, window, text);
    case PROC_COMPONENTS:
        return proc_components (self, window, text);
    case PROC_DOMAINS:
        return proc_domains (self, window, text);
    case PROC_COUNTERS:
        return proc_counters (self, window, text);
    case PROC_RESTARTS:
        return proc_restarts (self, window, text);
    default:
        return proc_tasks (self, window, text);
    }
}

enum status
proc_content (Component *self, uint64_t node, struct text *text)
{
    char *window = component_alloc (self, WINDOW_BYTES);
    enum status status;

    if (window == NULL)
        return ERR_NO_MEMORY;
    status = PROC_PID (node) != 0 ? proc_of_process (self, node, window, text)
                                  : proc_of_machine (self, node, window, text);
    component_free (self, window);
    return status;
}
