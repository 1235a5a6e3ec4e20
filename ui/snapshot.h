/* snapshot: what a running machine said of itself at one moment.
 *
 * Made from the object that the control socket sends as "stats"; whatever is missing there is
 * zero, empty or "?" here. Never changed afterwards. Panels draw from it and from nothing else
 * that moves.
 */
#ifndef UI_SNAPSHOT_H
#define UI_SNAPSHOT_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum machine_state { MACHINE_RUNNING, MACHINE_PAUSED, MACHINE_DEAD, MACHINE_ENDED };

/* Of what is more than one thing at a time, the later ones are shown. */
enum doing {
    DOING_NOTHING,
    DOING_EXECUTING,
    DOING_MOVING,
    DOING_HELD, /* calls for it wait while it comes to rest */
    DOING_RESTARTING,
    DOING_DEAD
};

struct component_row {
    char name[32], label[40], class_[32], interface[48];
    int domain; /* index; -1: unknown */
    bool dead;
    enum doing doing;
    bool essential;
    uint64_t calls_in, calls_out;
    uint64_t work; /* cycles */
    uint64_t arena_used, arena_peak, arena_bytes;
    uint64_t restarts;
    char *privileges; /* owned; host calls, with blanks between */
    double rate;      /* calls served per virtual second */
    double load;      /* part of virtual time spent working here, 0 to 1 */
};

struct domain_row {
    char name[32];
    int64_t pid;
    bool dead;
    enum doing doing;
    uint64_t processes; /* that have executed it so far */
    uint64_t fibers, violations;
    char *privileges; /* owned */
};

struct bucket {
    uint64_t floor, count;
};

struct operation_row {
    char name[32];
    uint64_t calls;
};

struct link_row {
    int from, to; /* components; -1: unknown */
    char interface[24];
    uint64_t calls, remote, refused, bytes;
    uint64_t total, crossing, copy, waited; /* cycles */
    uint64_t p50, p90, p99, max;            /* cycles of a call */
    GArray *histogram;                      /* of struct bucket; rising */
    GArray *operations;                     /* of struct operation_row */
    double rate, remote_rate, byte_rate;    /* per virtual second */
};

struct task_row {
    uint64_t task, pid;
    char name[32], state[16], waits_for[48];
    int64_t priority;
    uint64_t cpu_ns, calls;
    double load; /* of virtual time, 0 to 1 */
};

/* A process that has frames of RAM; its letter in the map is its place, from A on. */
struct owner_row {
    uint64_t process, own, shared;
};

/* RAM, as the memory manager has it. */
struct frames_now {
    uint64_t frames, free, files, dirty, swap, swap_free; /* frames 0: there is none */
    uint64_t faults, zeroed, copied, swapped_in, swapped_out; /* since the boot */
    uint64_t copies; /* of `copied`: since the snapshot before */
    uint64_t cell;   /* frames for one letter of the map */
    char *map;       /* owned; or NULL */
};

typedef struct Snapshot {
    gint refs;
    uint64_t number;

    char machine[32], structure[32], cost_model[32], version[16];
    enum machine_state state;
    char *reason; /* owned; why it is paused, dead or ended */
    char *report; /* owned; the panic report, or NULL */
    bool readonly;
    uint64_t virtual_ns, host_ns;
    double speed; /* 0: as fast as the host allows */
    uint64_t calls, crossings, bytes, switches, syscalls;
    uint64_t seed;
    uint64_t board_cpu_ns;
    int viewers;
    int console_rows, console_columns; /* 0: not said */
    int running_component, running_domain; /* -1: nobody */
    uint64_t running_task;

    GArray *components; /* of struct component_row */
    GArray *domains;
    GArray *links;
    GArray *tasks;
    struct frames_now ram;
    GArray *owners; /* of struct owner_row */

    double call_rate, crossing_rate, byte_rate, switch_rate, syscall_rate; /* virtual second */
    double pace; /* virtual seconds in a second, measured */
} Snapshot;

#define COMPONENT(snapshot, i) (&g_array_index ((snapshot)->components, struct component_row, i))
#define DOMAIN(snapshot, i)    (&g_array_index ((snapshot)->domains, struct domain_row, i))
#define LINK(snapshot, i)      (&g_array_index ((snapshot)->links, struct link_row, i))
#define TASK(snapshot, i)      (&g_array_index ((snapshot)->tasks, struct task_row, i))

/* Never fails: a machine that says nothing is an empty one. */
Snapshot *snapshot_new (const json_t *said);
Snapshot *snapshot_ref (Snapshot *snapshot);
void snapshot_unref (Snapshot *snapshot);
/* Fills in the rates, from what has changed since `before`. If virtual time stands still they
 * are those of `before`. */
void snapshot_rates (Snapshot *snapshot, const Snapshot *before);

/* Indices; -1 if there is none. */
int snapshot_component (const Snapshot *snapshot, const char *name);
int snapshot_domain (const Snapshot *snapshot, const char *name);
int snapshot_kernel (const Snapshot *snapshot); /* domain */
int snapshot_user (const Snapshot *snapshot);   /* domain */
guint domain_components (const Snapshot *snapshot, int domain); /* how many live there */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Snapshot, snapshot_unref)

/* ---- numbers as people read them, in at most 6 columns ---- */

/* "0", "4.2", "318", "6.1k", "31k", "2.1M"; the buffer is the caller's. */
const char *shown_number (char text[16], double value);
const char *shown_bytes (char text[16], double bytes); /* "12K", "1.5M" */
const char *shown_time (char text[16], double ns);     /* "820ns", "11.4us", "3.2ms", "12.5s" */
const char *shown_cycles (char text[16], double cycles); /* as time */

#endif
