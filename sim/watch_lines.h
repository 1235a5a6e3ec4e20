/* watch_lines: a viewer without a screen: for pipes, dumb terminals and screen readers. */
#ifndef SIM_WATCH_LINES_H
#define SIM_WATCH_LINES_H

#include <stdbool.h>

/* Prints what the machine's console says as it is, and what happens to the machine as lines of
 * their own that begin with "* ". Standard input is typed into the console, line by line,
 * unless `readonly`. Ends with the machine, or at a signal: 0; 1, with a message, if there is
 * no machine. */
int watch_lines (const char *socket_path, bool readonly);

#endif
