/* board: the supervisor outside the simulated machine. It starts and buries the domains'
 * processes, feeds the terminal, reads the events, and says how it all ended. */
#ifndef SIM_BOARD_H
#define SIM_BOARD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "board/build.h"

typedef struct board Board;
typedef struct Control Control; /* board/control.h */

enum board_input {
    BOARD_INPUT_NONE,     /* the terminal is at its end from the start */
    BOARD_INPUT_PIPE,     /* standard input, line by line, whenever nothing else can run */
    BOARD_INPUT_TERMINAL, /* a person: standard input is a terminal, put into raw mode */
    BOARD_INPUT_BOARD,    /* a person, who types through the control socket */
};

struct board_options {
    enum board_input input;
    uint64_t timeout_ms; /* of the host; 0: none */
    uint64_t patience_ms; /* of the host, while nothing at all happens in the machine: however slow
                             the host is, who lives does something; 0: without end */
    uint64_t virtual_max_ns; /* of the machine; 0: without end. All three end it by a timeout */
    FILE *events;        /* every event as one JSON object a line; NULL: none */
    const GPtrArray *moves; /* struct planned_move: components that move; NULL: none do */
    const GPtrArray *rules; /* struct rule_config: when components move by themselves; or NULL */
    unsigned random_moves;  /* so many more, of any component to any domain */
    unsigned replace;    /* so many times: kill a domain's process while it does not hold the
                            token, and put a fresh one in its place */
    Control *control;    /* NULL: none */
    bool paused;         /* it stands from the start, until a client lets it go on */
    bool linger;         /* a dead machine can be looked at, until somebody quits */
    void (*ready) (void *data); /* when every domain runs; NULL: nobody wants to know */
    void *ready_data;
    void (*spoke) (void *data); /* when its console has its first output; or NULL */
    void *spoke_data;
};

#define RECOVERY_TIMES HISTOGRAM_BUCKETS

enum board_end {
    BOARD_HALTED,
    BOARD_PANIC,
    BOARD_TIMEOUT,
    BOARD_SIGNAL,
    BOARD_FAILED,
    BOARD_POWER_CUT,
};

struct board_result {
    enum board_end end;
    int status;          /* HALTED: the first program's; SIGNAL: which */
    unsigned replaced;   /* processes */
    uint64_t host_ns;    /* from the boot on */
    uint64_t boot_ns;    /* from the first fork to the last verified sandbox */
    unsigned audits, audits_differ; /* and how many of them found something */
    unsigned recoveries; /* processes put back by a replay, */
    uint32_t recovery_times[RECOVERY_TIMES]; /* and how long it took: watch/histogram.h, of ns */
    bool output_lost;    /* standard output could not take everything */
    bool events_lost;
    bool quit;           /* somebody asked for it, through control */
    bool reboot;         /* somebody wants it to boot again */
    GString *report;     /* for standard error; may be empty; owned by the caller */
};

/* Runs the machine to its end; nothing of it is left afterwards. */
void board_run (Machine *machine, const struct board_options *options,
                struct board_result *result);

/* ---- what control may have it do ---- */

/* Types into the machine's console; answers how many bytes were taken. */
size_t board_type (Board *board, const void *bytes, size_t count);
/* Can anything be typed any more? */
bool board_takes_input (const Board *board);
void board_resize (Board *board, uint16_t rows, uint16_t columns);
/* Ends the domain's process. False: it has none. */
bool board_kill (Board *board, uint32_t domain);
/* All processes end at once, and the disks lose what was not flushed. */
void board_power_cut (Board *board);
/* Halts the machine, or leaves a dead one. */
void board_quit (Board *board);
/* False: this machine is not for that. */
bool board_reboot (Board *board);
/* Begins to move a component, as mover_ask says (board/move.h); viewers are told the end. */
bool board_move (Board *board, uint32_t component, const char *domain, char **error);
/* The host's number of a domain's process; 0: none. */
pid_t board_process (const Board *board, uint32_t domain);
uint64_t board_started_ns (const Board *board);
/* Arms a fault, from the machine's present on at the earliest, and answers its place in the plan.
 * That of a fault which is over is used again; FAULT_RULES_MAX: there is none. */
uint32_t board_fault (Board *board, const struct fault_rule *rule, uint16_t component);
/* Ends fault `number`, from 1; 0: all. */
void board_fault_clear (Board *board, uint32_t number);
/* Wakes a domain that waits at its door. */
void board_ring (uint32_t domain);

#endif
