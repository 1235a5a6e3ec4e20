/* control_inside: what the files of control share. */
#ifndef SIM_CONTROL_INSIDE_H
#define SIM_CONTROL_INSIDE_H

#include <jansson.h>
#include <sys/types.h>

#include "board/control.h"
#include "board/keeper.h"
#include "machine/machine.h"
#include "watch/filter.h"

#define CONTROL_PROTOCOL 1

#define CLIENTS_MAX       (CONTROL_POLLS_MAX - 1)
#define LINE_BYTES_MAX    65536u
#define OUT_BYTES_MAX     (1u << 20) /* of events; replies may go beyond, but then nothing is read */
#define CONSOLE_BYTES     (1u << 20)
#define CALLS_MAX         4096u

struct client {
    int fd;
    pid_t process;
    bool readonly;
    bool gone;     /* to be taken away */
    bool ended;    /* it will say nothing more, but may still want its answers */
    bool deaf;     /* it takes no answers, but may still have said something */
    bool skipping; /* the rest of a line that was too long */
    GString *in;
    GByteArray *out;
    size_t sent; /* of out */
    uint64_t spent_ns; /* of the board's time, in this window */

    /* A reply that is sent when the machine stands, or then. */
    bool waiting;
    bool moving; /* it is sent when a component has moved */
    json_t *waiting_id;
    uint64_t waiting_until_ns;

    /* What it subscribed to. */
    bool state, log, console, calls;
    uint32_t stats_ms; /* 0: not */
    uint64_t stats_due_ns;
    uint64_t console_at; /* cursor: bytes ever said */
    uint64_t console_lost;
    uint64_t log_at; /* likewise, of the log */
    struct event_filter filter;
    uint32_t calls_limit;
    uint64_t calls_due_ns;
    uint64_t calls_lost;
    uint64_t calls_read[DOMAIN_MAX]; /* cursors in the rings */
};

/* A breakpoint as it was asked for. */
struct control_break {
    json_t *arguments; /* NULL: none */
    uint64_t hits;
};

struct Control {
    char *name;
    char *path;
    int listener;
    struct keeper keeper; /* of the socket's name */
    const MachineConfig *config;
    Board *board; /* NULL: before the first boot */
    GPtrArray *clients;
    unsigned turn; /* who is served first */
    uint64_t window_began_ns, window_spent_ns;

    enum control_state state;
    char *reason;
    char *report; /* of the end; NULL: none */
    int status;   /* likewise */

    uint8_t *console; /* ring of CONSOLE_BYTES */
    uint64_t console_end;

    struct control_break breaks[BREAKPOINTS_MAX];
    bool stands;
    uint32_t step_kinds; /* a step that waits for the machine to stand; 0: none */
    uint32_t step_count;
    bool step_tick;
    uint32_t orders; /* given so far */
    uint64_t events_seen; /* total when a client last got calls: nothing new, no work */

    struct link_stats *baseline; /* at the last reset, by number of the link */
    uint64_t baseline_cycles, baseline_ns, baseline_switches, baseline_syscalls;
    json_t *privileges[DOMAIN_MAX]; /* text of each; made once */
};

/* ---- control.c ---- */

/* To everybody who subscribed to the state. Takes the data. */
void control_tell (Control *control, const char *event, json_t *data);
void control_state_set (Control *control, enum control_state state, const char *reason);
json_t *control_state_json (const Control *control);
json_t *control_hello (const Control *control, const struct client *client);

/* ---- control_clients.c ---- */

/* Whoever waits at the listener becomes a client, if it may and there is room. */
void client_take (Control *control);
void client_free (gpointer client);
/* May it be read just now? */
bool client_listens (const struct client *client);
/* Its turn: `revents` is what poll said of its socket. */
void client_serve (Control *control, struct client *client, short revents, uint64_t now_ns);
/* Sends what the socket takes. */
void client_flush (struct client *client);
/* Sends a line; takes the object. An event that does not fit is dropped: false. */
bool client_event (struct client *client, const char *event, json_t *data);
void client_reply (struct client *client, const json_t *id, json_t *result);
void client_refuse (struct client *client, const json_t *id, const char *error);
size_t client_pending (const struct client *client);

/* ---- control_commands.c ---- */

/* One line of a client, without its newline. */
void control_line (Control *control, struct client *client, const char *line, size_t bytes);

/* ---- control_brake.c ---- */

void control_brake_begin (Control *control);
void control_brake_end (Control *control);
/* Looks whether the machine has come to stand. */
void control_brake_look (Control *control);
void control_pause (Control *control);
void control_resume (Control *control);
void control_step (Control *control, uint32_t kinds, uint32_t count, bool tick);
void control_speed (Control *control, uint32_t speed);
/* The number, from 1; 0: there are too many. */
uint32_t control_break_add (Control *control, const struct event_filter *filter,
                            json_t *arguments);
bool control_break_delete (Control *control, uint32_t number); /* 0: all */
json_t *control_breaks_json (const Control *control);

/* ---- control_json.c: what a machine is and does ---- */

json_t *control_status_json (Control *control);
json_t *control_components_json (void);
json_t *control_domains_json (Control *control);
json_t *control_links_json (void);
json_t *control_tasks_json (void);
/* Who has which frames of RAM; null: the machine has no memory manager. control_frames.c. */
json_t *control_frames_json (void);
json_t *control_snapshot_json (Control *control);
json_t *control_stats_json (Control *control, const char *label);
void control_stats_reset (Control *control);
json_t *control_event_json (const struct event *event);
/* "vfs -> ext2: fs.read OK" */
char *control_event_text (const struct event *event);
json_t *control_text (const char *text, size_t bytes); /* made valid UTF-8 */
json_t *control_number (uint64_t number);

/* ---- control_fault.c ---- */

/* Arms a fault; NULL, with *error (owned), if it makes no sense. */
json_t *control_fault (Control *control, const json_t *arguments, char **error);
/* Ends fault `number`, from 1; 0: all. */
json_t *control_fault_clear (Control *control, uint32_t number, char **error);
json_t *control_faults_json (void);

/* ---- control_filter.c ---- */

extern const char *const control_filter_keys[]; /* ends with NULL */
/* False, with *error (owned), if something of it does not exist. */
bool control_filter_read (const json_t *arguments, struct event_filter *filter, char **error);

/* ---- control_stream.c: what is sent unasked ---- */

void control_stream (Control *control, struct client *client, uint64_t now_ns);
void control_stream_calls_begin (struct client *client);
/* The newest `count` events that agree, oldest first. */
json_t *control_calls_json (const struct event_filter *filter, uint32_t count);
json_t *control_log_json (void);

/* ---- control_read.c: looking into memory that somebody else writes ---- */

struct machine_now {
    uint64_t cycles;
    uint64_t events;
    uint64_t trace;
    uint32_t task;
    int domain;    /* that holds the CPU; -1: none just now */
    int component; /* whose code runs; -1: not known */
};

/* Copies what lies wholly in the memory of a component; false if it does not. */
bool read_component (uint32_t component, const void *from, void *to, size_t bytes);
/* The state of a component of that size. */
bool read_state (uint32_t component, void *to, size_t bytes);
/* The first component of a class; -1: there is none. */
int read_component_of (const char *class_name);
struct machine_now read_now (void);
/* Counters of the nucleus. */
void read_counters (uint64_t *switches, uint64_t *syscalls, uint32_t *tasks);

struct read_task {
    uint32_t task;
    uint32_t pid;
    uint8_t state;
    int32_t priority;
    uint64_t cpu; /* cycles */
    char name[64];
};
unsigned read_tasks (struct read_task *tasks, unsigned max);

/* Text of the log from the cursor on, at most `max` bytes; moves the cursor. */
size_t read_log (uint64_t *cursor, char *text, size_t max);

/* A command on its way: the table's functions see this. */
struct control_call {
    Control *control;
    struct client *client;
    const json_t *id;
    json_t *arguments;
    char *error; /* owned */
    bool later;  /* the answer comes when the machine stands */
};

/* Says why not; the client is told. NULL, for a command's function to return. */
json_t *control_refuse (struct control_call *call, const char *format, ...) G_GNUC_PRINTF (2, 3);

#endif
