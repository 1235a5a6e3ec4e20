/* commands: the viewer's own, for those who look them up. */
#ifndef UI_COMMANDS_H
#define UI_COMMANDS_H

#include "ui/dashboard.h"

struct own_command {
    const char *name;
    void (*act) (Dashboard *dashboard); /* or, if words may follow, */
    void (*run) (Dashboard *dashboard, int argc, char **argv);
    const char *const *choices; /* what may follow; NULL: whatever */
    bool alone;                 /* with arguments it is the machine's */
};

extern const struct own_command own_commands[]; /* ends with name == NULL */

/* Asks one panel. False: it knows no such command. */
bool panel_command (Dashboard *dashboard, enum panel_id panel, int argc, char **argv);

#endif
