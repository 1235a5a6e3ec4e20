/* viewer: the dashboard on a terminal, at the end of a control socket. */
#ifndef UI_VIEWER_H
#define UI_VIEWER_H

#include <stdbool.h>

#include "ui/wire.h"

/* Takes the wire over. Answers the exit status. */
int viewer_run (Wire *wire, bool readonly, const char *record_file);

#endif
