/* model: all that the viewer knows of its machine: the last snapshot, the streams, and what
 * has been done to it. Fed with the lines of the control socket; panels read it.
 */
#ifndef UI_MODEL_H
#define UI_MODEL_H

#include <jansson.h>

#include "ui/snapshot.h"
#include "ui/term.h"

enum call_kind { CALL_OTHER, CALL_CALL, CALL_SYSCALL, CALL_UPCALL, CALL_TASK };

struct call_row {
    uint64_t serial; /* of this viewer; rows are numbered from 0 without gaps */
    uint64_t number; /* of the machine's event */
    uint64_t at, total, waited, nested, crossing, copy, work; /* cycles */
    uint64_t bytes, call;
    uint32_t task, depth;
    uint8_t kind;
    bool remote; /* through a channel */
    bool refused;
    char from[24], to[24], op[32], status[24];
    char fields[192]; /* what was said, with names */
};

struct log_row {
    uint64_t at; /* virtual ns */
    char *text;
};

struct action_row {
    char clock[16]; /* of the host */
    char by[24];
    char *command;
    char *result; /* NULL: none yet */
    json_int_t id;
    bool refused;
};

#define CALLS_KEPT   8192u
#define LOG_KEPT     4096u
#define ACTIONS_KEPT 1024u
#define HISTORY_KEPT 256u /* samples for graphs */
#define TASK_LINES   64u

/* What one task had of the CPU in each of the last samples, 0 to 255. */
struct task_line {
    uint64_t task;
    char name[32];
    uint8_t share[HISTORY_KEPT];
};

typedef struct Model {
    Snapshot *now; /* never NULL */
    GQueue before; /* Snapshot: the last second, newest first */

    struct call_row *calls; /* ring of CALLS_KEPT; serial % CALLS_KEPT */
    uint64_t calls_seen, calls_lost;
    GArray *hops; /* of struct call_row: all of the call taken apart */
    uint64_t hops_call;
    bool hops_seen; /* not all, but those that this viewer has been told of */
    char hops_problem[128];

    GPtrArray *log;
    uint64_t log_changed;
    GPtrArray *actions;
    GArray *commands; /* of struct command_row: what the socket takes */
    Term *term;

    uint64_t samples; /* taken so far; the last is at (samples - 1) % HISTORY_KEPT */
    double call_history[HISTORY_KEPT];
    double crossing_history[HISTORY_KEPT];
    struct task_line task_lines[TASK_LINES];
    guint task_line_count;

    /* What slow motion shows: a call on its way there and back, and the one after it. */
    int moved_from, moved_to; /* components; -1 */
    gint64 moved_at;          /* host us */
    int next_from, next_to;

    GArray *recent; /* what is marked for a while; see ui/mark.h */

    bool connected;
    bool has_snapshot;
    enum machine_state state; /* newer than the snapshot's */
    char *reason, *report;    /* never NULL; the report is "" if there is none */
    bool report_seen;         /* the user wants to look on */
    int exit_status;
    int64_t board_pid, own_pid;
    char socket_name[128];

    double own_load, board_load; /* parts of one host CPU */
} Model;

struct command_row {
    char name[24];
    bool changes;
    char *help;
    GPtrArray *arguments; /* of struct argument_row */
};

struct argument_row {
    char name[24], type[12];
    bool required;
};

Model *model_new (void);
void model_free (Model *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Model, model_free)

/* One line of the socket that is no reply. */
void model_event (Model *model, const json_t *line, gint64 now_us);
void model_snapshot (Model *model, const json_t *data);
/* Slow motion goes on to the next call, once the last one is through. */
#define MOVING_US 800000
bool model_moving (const Model *model, gint64 now_us);
void model_move_on (Model *model, gint64 now_us);
/* The result of "calls": those before the stream begins. */
void model_calls_before (Model *model, const json_t *rows);
/* The same for one root call. */
void model_hops (Model *model, uint64_t call, const json_t *rows);
/* The result of "help". */
void model_commands (Model *model, const json_t *rows);
const struct command_row *model_command (const Model *model, const char *name);

/* Rows that are kept: first_call to calls_seen - 1. */
uint64_t model_first_call (const Model *model);
const struct call_row *model_call (const Model *model, uint64_t serial);
/* "call" rows as one line that filters match. */
void call_line (const struct call_row *row, char *line, size_t bytes);

/* A command has gone out: a new row, whose result comes later. Borrowed. */
struct action_row *model_action (Model *model, const char *by, const char *command, json_int_t id);
void model_action_result (Model *model, json_int_t id, bool refused, const char *result);

#endif
