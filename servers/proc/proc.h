/* proc: what its files share. */
#ifndef SERVERS_PROC_H
#define SERVERS_PROC_H

#include "../text.h"
#include "interfaces/interfaces.h"

enum { /* indexes into the class's needs */
    PROC_NEED_PROCESSES,
    PROC_NEED_FILES,
    PROC_NEED_KERNEL,
    PROC_NEED_MEMORY,
    PROC_NEED_RS,
};

/* A node's number is its process's number * 256 plus what it is of it; process 0 is the
 * machine as a whole. Above both is the number of a descriptor, if it is one. */
enum proc_what {
    PROC_ROOT = 1,
    PROC_MACHINE,
    PROC_MOUNTS,
    PROC_UPTIME,
    PROC_VERSION,
    PROC_SYSTEM_STAT, /* of the whole machine; see system.c */
    PROC_LOAD,
    PROC_MEMORY,
    PROC_COMPONENTS,
    PROC_DOMAINS,
    PROC_COUNTERS,
    PROC_TASKS,
    PROC_FRAMES,
    PROC_RESTARTS,
    PROC_SELF, /* a symbolic link to the process that asks */
    PROC_PROCESS, /* the first that belongs to a process: its directory */
    PROC_STATUS,
    PROC_STAT,
    PROC_CMDLINE,
    PROC_ENVIRON,
    PROC_COMM,
    PROC_EXE, /* a symbolic link */
    PROC_CWD, /* likewise */
    PROC_ROOT_OF,
    PROC_MAPS,
    PROC_STATM,
    PROC_LIMITS,
    PROC_FD,      /* the directory of its descriptors, */
    PROC_FD_LINK, /* and one of them */
    PROC_WHATS
};

/* A descriptor's link has its number above that. */
#define PROC_FD_NODE(pid, fd) ((uint64_t)(fd) << 40 | PROC_NODE (pid, PROC_FD_LINK))
#define PROC_FD_OF(node)      ((uint32_t)((node) >> 40))

#define PROC_NODE(pid, what) ((uint64_t)(pid) << 8 | (what))
#define PROC_WHAT(node)      ((uint32_t)((node) & 0xff))
#define PROC_PID(node)       ((uint32_t)((node) >> 8 & UINT32_MAX))

struct proc {
    bool mounted;
    uint64_t holds;
};

/* ---- table.c ---- */

/* The first process with a pid of at least `pid`. ERR_NO_PROCESS: none. */
enum status proc_row_from (Component *self, uint32_t pid, struct process_row *row);
/* The process itself; ERR_NO_PROCESS when it is gone. */
enum status proc_row (Component *self, uint32_t pid, struct process_row *row);

/* ---- strings.c ---- */

/* What the program of a process was started with: PROC_CMDLINE, PROC_ENVIRON; PROC_EXE: its path. */
enum status proc_strings (Component *self, const struct process_row *row, uint32_t what,
                          char *window, struct text *text);

/* ---- process.c ---- */

void proc_seconds (struct text *text, uint64_t ns);
enum status proc_status (Component *self, const struct process_row *row, struct text *text);
enum status proc_stat (Component *self, const struct process_row *row, struct text *text);
enum status proc_statm (Component *self, const struct process_row *row, struct text *text);

/* ---- limit.c ---- */

enum status proc_limits (Component *self, const struct process_row *row, struct text *text);

/* ---- descriptor.c ---- */

/* The first descriptor of a process from `fd` on, -1: none. name: NULL, or gets its path. */
enum status proc_descriptor (Component *self, uint32_t pid, int32_t fd, int32_t *found,
                             struct text *name);
/* The process's descriptors, whose cursors begin at `base`. */
enum status proc_descriptors (Component *self, uint32_t pid, const struct fs_entries_req *req,
                              uint64_t base, uint32_t *done, bool *fits);

/* ---- link.c ---- */

/* What a link says to process `asks`; `text` stays empty if that is not known, or not any more. */
enum status proc_link_text (Component *self, uint64_t node, uint32_t asks, struct text *text);

/* ---- content.c ---- */

/* Appends the whole text of a file. */
enum status proc_content (Component *self, uint64_t node, struct text *text);

/* ---- system.c ---- */

/* `what`: PROC_SYSTEM_STAT or PROC_LOAD. `window` is as in content.c. */
enum status proc_of_system (Component *self, uint32_t what, char *window, struct text *text);

/* ---- memory.c ---- */

enum status proc_meminfo (Component *self, struct text *text);
void proc_size (Component *self, uint32_t pid, struct vm_size *size);
enum status proc_maps (Component *self, uint32_t pid, char *window, struct text *text);
enum status proc_frames (Component *self, char *window, struct text *text);

#endif
