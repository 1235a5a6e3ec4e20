/* board: the supervisor outside the simulated machine. It starts and buries the domains'
 * processes, feeds the terminal, reads the events, and says how it all ended. */
#ifndef SIM_BOARD_H
#define SIM_BOARD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "board/build.h"

enum board_input {
    BOARD_INPUT_NONE,     /* the terminal is at its end from the start */
    BOARD_INPUT_PIPE,     /* standard input, line by line, whenever nothing else can run */
    BOARD_INPUT_TERMINAL, /* a person: standard input is a terminal, put into raw mode */
};

struct board_options {
    enum board_input input;
    uint64_t timeout_ms; /* of the host; 0: none */
    FILE *events;        /* every event as one JSON object a line; NULL: none */
    unsigned replace;    /* so many times: kill a domain's process while it does not hold the
                            token, and put a fresh one in its place */
};

enum board_end { BOARD_HALTED, BOARD_PANIC, BOARD_TIMEOUT, BOARD_SIGNAL, BOARD_FAILED };

struct board_result {
    enum board_end end;
    int status;          /* HALTED: the first program's; SIGNAL: which */
    unsigned replaced;   /* processes */
    uint64_t host_ns;    /* from the boot on */
    uint64_t boot_ns;    /* from the first fork to the last verified sandbox */
    bool output_lost;    /* standard output could not take everything */
    bool events_lost;
    GString *report;     /* for standard error; may be empty; owned by the caller */
};

/* Runs the machine to its end; nothing of it is left afterwards. */
void board_run (Machine *machine, const struct board_options *options,
                struct board_result *result);

#endif
