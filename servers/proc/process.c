/* process: what is told of one process: status, stat and statm. */
#include <string.h>

#include "proc.h"

#define TICK_NS 10000000u /* stat counts in hundredths of a second */
#define PAGE_KB 4u

void
proc_seconds (struct text *text, uint64_t ns)
{
    text_number (text, ns / 1000000000u);
    text_char (text, '.');
    text_number_width (text, ns / 10000000u % 100, 2, '0');
}

/* Its letter and its name. */
static const char *
proc_state (Component *self, const struct process_row *row)
{
    struct kernel_task_info_req ask = { .task = row->task };
    struct kernel_task_info_rep told;

    if (row->state == PROCESS_STOPPED)
        return "T (stopped)";
    if (row->state == PROCESS_ZOMBIE)
        return "Z (zombie)";
    return kernel_task_info (component_link (self, PROC_NEED_KERNEL), &ask, &told) == OK
                   && told.waits
               ? "S (sleeping)"
               : "R (running)";
}

static void
proc_label (struct text *text, const char *label)
{
    text_append (text, label);
    text_append (text, ":\t");
}

static void
proc_identity (struct text *text, const char *label, uint32_t real, uint32_t effective,
               uint32_t saved, uint32_t files)
{
    const uint32_t ids[4] = { real, effective, saved, files };

    proc_label (text, label);
    for (unsigned i = 0; i < 4; i++) {
        text_number (text, ids[i]);
        text_char (text, i < 3 ? '\t' : '\n');
    }
}

static void
proc_groups (Component *self, uint32_t pid, struct text *text)
{
    uint32_t groups[32]; /* as many as are told */
    struct process_groups_req ask
        = { .process = pid, .into = { .data = groups, .length = sizeof groups } };
    struct process_groups_rep told;

    if (process_groups (component_link (self, PROC_NEED_PROCESSES), &ask, &told) != OK)
        return;
    proc_label (text, "Groups");
    for (uint32_t i = 0; i < told.count && i < sizeof groups / sizeof *groups; i++) {
        text_number (text, groups[i]);
        text_char (text, ' ');
    }
    text_char (text, '\n');
}

static void
proc_line (struct text *text, const char *label, uint64_t value)
{
    proc_label (text, label);
    text_number (text, value);
    text_char (text, '\n');
}

static void
proc_kilobytes (struct text *text, const char *label, uint64_t pages)
{
    proc_label (text, label);
    text_number_width (text, pages * PAGE_KB, 8, ' ');
    text_append (text, " kB\n");
}

/* What has no address space has no sizes, as a thread of Linux's kernel. */
static void
proc_sizes (Component *self, uint32_t pid, struct text *text)
{
    struct vm_size size;

    proc_size (self, pid, &size);
    if (size.mapped == 0)
        return;
    proc_kilobytes (text, "VmSize", size.mapped);
    proc_kilobytes (text, "VmRSS", size.present);
    proc_kilobytes (text, "RssAnon", size.present - size.of_files);
    proc_kilobytes (text, "RssFile", size.of_files);
    proc_kilobytes (text, "VmData", size.data);
    proc_kilobytes (text, "VmStk", size.stack);
    proc_kilobytes (text, "VmExe", size.text);
    proc_kilobytes (text, "VmSwap", size.swapped);
}

enum status
proc_status (Component *self, const struct process_row *row, struct text *text)
{
    struct process_info_req ask = { .process = row->pid };
    struct process_info_rep info;
    Link *processes    = component_link (self, PROC_NEED_PROCESSES);
    enum status status = process_info (processes, &ask, &info);

    proc_label (text, "Name");
    text_append (text, row->name);
    text_append (text, "\nState:\t");
    text_append (text, proc_state (self, row));
    text_char (text, '\n');
    proc_line (text, "Pid", row->pid);
    proc_line (text, "PPid", row->parent);
    proc_line (text, "NSpgid", row->group);
    if (status == OK) { /* a zombie may not tell any more */
        proc_identity (text, "Uid", info.uid, info.effective_uid, info.saved_uid,
                       info.files_uid);
        proc_identity (text, "Gid", info.gid, info.effective_gid, info.saved_gid,
                       info.files_gid);
        proc_groups (self, row->pid, text);
    }
    proc_sizes (self, row->pid, text);
    proc_line (text, "Task", row->task);
    proc_label (text, "Time");
    proc_seconds (text, row->cpu_ns);
    text_append (text, " s\n");
    return OK;
}

/* The fields of Linux's /proc/PID/stat, in order; those that mean nothing here are 0. */
enum status
proc_stat (Component *self, const struct process_row *row, struct text *text)
{
    struct process_info_req ask   = { .process = row->pid };
    struct process_times_req time = { .process = row->pid };
    struct process_info_rep info;
    struct process_times_rep times;
    Link *processes = component_link (self, PROC_NEED_PROCESSES);
    struct vm_size size;
    uint64_t fields[52];

    proc_size (self, row->pid, &size);
    if (process_info (processes, &ask, &info) != OK)
        info = (struct process_info_rep){ 0 };
    if (process_times (processes, &time, &times) != OK)
        times = (struct process_times_rep){ .cpu_ns = row->cpu_ns };
    memset (fields, 0, sizeof fields);
    fields[3]  = row->parent; /* the fourth field: ppid */
    fields[4]  = row->group;
    fields[5]  = info.session;
    fields[9]  = times.faults - times.slow;
    fields[10] = times.children_faults - times.children_slow;
    fields[11] = times.slow;
    fields[12] = times.children_slow;
    fields[13] = times.cpu_ns / TICK_NS;
    fields[15] = times.children_ns / TICK_NS;
    fields[17] = (uint64_t)(20 + info.nice); /* priority */
    fields[18] = (uint64_t)(info.nice < 0 ? -info.nice : info.nice);
    fields[19] = 1;  /* threads */
    fields[21] = row->start_ns / TICK_NS;
    fields[22] = size.mapped * PAGE_KB * 1024; /* bytes, */
    fields[23] = size.present;                 /* but pages */
    fields[24] = UINT64_MAX;                   /* no limit */
    fields[25] = size.text_first;
    fields[26] = size.text_end;
    fields[27] = size.stack_end;

    text_number (text, row->pid);
    text_append (text, " (");
    text_append (text, row->name);
    text_append (text, ") ");
    text_char (text, proc_state (self, row)[0]);
    for (unsigned i = 3; i < 52; i++) {
        text_append (text, i == 18 && info.nice < 0 ? " -" : " ");
        text_number (text, fields[i]);
    }
    text_char (text, '\n');
    return OK;
}

/* In pages: all, in RAM, of files and shared, text, libraries (never told), data and stack, dirty. */
enum status
proc_statm (Component *self, const struct process_row *row, struct text *text)
{
    struct vm_size size;

    proc_size (self, row->pid, &size);
    {
        const uint64_t fields[7]
            = { size.mapped, size.present, size.of_files, size.text, 0, size.data + size.stack, 0 };

        for (unsigned i = 0; i < 7; i++) {
            text_number (text, fields[i]);
            text_char (text, i < 6 ? ' ' : '\n');
        }
    }
    return OK;
}
