/* command_faults_cell: what came of one fault in one component, and how that is shown. */
#ifndef SIM_COMMAND_FAULTS_CELL_H
#define SIM_COMMAND_FAULTS_CELL_H

#include <jansson.h>

#include "fault/outcome.h"

struct cell {
    enum outcome outcome;
    unsigned predicted;
    bool surprise; /* it is another than predicted, and somebody wants to know */
    const char *why;
    char *died; /* names of the domains, owned */
    int64_t delay_ns; /* virtual, against the calm run: of all, */
    int64_t delays_ns[COMPONENT_MAX]; /* and of each one's calls: the nucleus makes programs' */
    char names[COMPONENT_MAX][16];
    uint64_t host_ns;
    char *report; /* the board's; owned */
};

/* One letter of the table; all letters; a line of its own with what is known; the same as JSON. */
void cell_letter_print (const struct cell *cell);
void cell_legend_print (void);
void cell_line_print (const struct cell *cell, const char *component, enum fault_kind kind);
json_t *cell_json (const struct cell *cell, const char *component, enum fault_kind kind);

#endif
