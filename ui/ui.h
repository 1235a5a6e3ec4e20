/* ui: what looks at a running machine and steers it, through its control socket alone. */
#ifndef UI_UI_H
#define UI_UI_H

#include <stdbool.h>

/* Shows the machine behind the socket until the person leaves or the machine ends. `readonly`:
 * changes nothing. `record_file`: where the screen is recorded; NULL: nowhere. Returns the exit
 * status of the viewer: 0, or 1 with a message on standard error if the machine could not be
 * reached. */
int ui_attach (const char *socket_path, bool readonly, const char *record_file);

#endif
