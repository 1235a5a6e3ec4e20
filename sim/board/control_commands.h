/* control_commands: what can be said to a running machine. One table: the board runs it,
 * `khimera ctl --help` and the manual page print it, the dashboard completes from it. */
#ifndef SIM_CONTROL_COMMANDS_H
#define SIM_CONTROL_COMMANDS_H

#include <jansson.h>
#include <stdbool.h>

#define CONTROL_ARGUMENTS_MAX 16 /* the one that ends the list included */

enum control_type { CONTROL_STRING, CONTROL_TEXT, CONTROL_NUMBER, CONTROL_COUNT, CONTROL_BOOL, CONTROL_OBJECT };

struct control_argument {
    const char *name; /* NULL: the end */
    enum control_type type; /* TEXT: a string in which \n, \t and \003 are understood by ctl */
    bool required;
    const char *help;
};

struct control_call;

struct control_command {
    const char *name; /* NULL: the end */
    const char *help; /* one sentence */
    bool changes;     /* the machine: refused to viewers that only read */
    bool living;      /* needs a machine that is neither dead nor over */
    json_t *(*run) (struct control_call *call); /* NULL, with call->error or call->later set */
    struct control_argument arguments[CONTROL_ARGUMENTS_MAX];
};

extern const struct control_command control_commands[];

const struct control_command *control_command_find (const char *name);
const char *control_type_name (enum control_type type);

#endif
