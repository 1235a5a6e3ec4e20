/* command_run_options: what `khimera run` was asked to do. */
#ifndef SIM_COMMAND_RUN_OPTIONS_H
#define SIM_COMMAND_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* Exit statuses of `khimera run` beside the shell's own. */
enum {
    RUN_TIMEOUT = 124, /* --timeout has run out */
    RUN_FAILED  = 125, /* Khimera could not run it; message on standard error */
    RUN_PANIC   = 126, /* the simulated kernel panicked; report on standard error */
};

struct run_options {
    const char *machine;  /* a preset's name or a file's path */
    const char *commands; /* -c; NULL: none */
    const char *script;   /* --script: a file of the host; NULL: none */
    const char *stats;    /* file to write, NULL: none; "-": standard output */
    const char *events;   /* likewise */
    uint64_t timeout_ms;  /* host time; 0: none */
    const char *shell;    /* --shell: a program of the machine; NULL: as command_run_root.h says */
    const char *root;     /* --root: a directory, image or tar file of the host; NULL: none */
    char **adds;          /* --add: HOSTFILE[:PATH]; ends with NULL; owned */
    unsigned replace;     /* processes to replace while it runs */
    GPtrArray *moves;     /* --move: struct planned_move; owned */
    unsigned random_moves; /* --moves */
    bool strict;          /* nothing of the host's time may show in the machine */
    bool plain;           /* no raw console */
    bool console;         /* the terminal is the machine's console, without a dashboard */
    bool dashboard;       /* a dashboard, in any case */
    bool detach;          /* nobody looks on: it runs on its own */
    bool paused;          /* from the start */
    bool no_control;      /* no socket */
    bool verbose;
    const char *record;   /* --record: where the dashboard's screen is recorded; NULL: nowhere */
    char **assignments;   /* for config_read; ends with NULL; owned */
};

/* Reads the command line. Returns -1 if all is well; else the exit status to leave with at
 * once: 0 after --help, RUN_FAILED when it was wrong, with the message printed. The strings
 * are argv's. */
int run_options_parse (struct run_options *options, int argc, char **argv);
void run_options_clear (struct run_options *options);

#endif
