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
 * machine as a whole. */
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
    PROC_PROCESS, /* the first that belongs to a process: its directory */
    PROC_STATUS,
    PROC_STAT,
    PROC_CMDLINE,
    PROC_ENVIRON,
    PROC_COMM,
    PROC_EXE, /* a symbolic link */
    PROC_MAPS,
    PROC_WHATS
};

#define PROC_NODE(pid, what) ((uint64_t)(pid) << 8 | (what))
#define PROC_WHAT(node)      ((uint32_t)((node) & 0xff))
#define PROC_PID(node)       ((uint32_t)((node) >> 8))

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

/* ---- content.c ---- */

/* Appends the whole text of a file. */
enum status proc_content (Component *self, uint64_t node, struct text *text);

/* ---- system.c ---- */

/* `what`: PROC_SYSTEM_STAT or PROC_LOAD. `window` is as in content.c. */
enum status proc_of_system (Component *self, uint32_t what, char *window, struct text *text);

/* ---- memory.c ---- */

enum status proc_meminfo (Component *self, struct text *text);
enum status proc_maps (Component *self, uint32_t pid, char *window, struct text *text);
enum status proc_frames (Component *self, char *window, struct text *text);

#endif
