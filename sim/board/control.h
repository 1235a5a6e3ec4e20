/* control: the socket on which a running machine listens.
 *
 * One JSON object a line in, one a line out; docs/control.md says which. The socket is
 * $XDG_RUNTIME_DIR/khimera/NAME.PID.sock, or below /tmp/khimera-UID, in a folder and with a
 * mode that keep others out; whoever connects must be the same user, or root.
 *
 * It is served from the board's loop and never blocks. What a client may take of the board's
 * memory and time is bounded: output that nobody reads is dropped and counted, a line that is
 * too long is refused, and a client that asks too much waits for the next tenth of a second.
 * The machine's own time and history know nothing of it.
 *
 * Every function takes NULL for a machine without a socket, and then does nothing.
 */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board/board.h"
#include "board/move.h"
#include "config/config.h"

/* NULL, with *error, if there can be no socket. The machine file must outlive it. */
Control *control_new (const MachineConfig *config, GError **error);
/* Lets clients have what is still to be sent, for a moment, and removes the socket. */
void control_free (Control *control);
const char *control_path (const Control *control);

/* ---- from the board ---- */

enum control_state { CONTROL_RUNNING, CONTROL_PAUSED, CONTROL_DEAD, CONTROL_ENDED };

/* A machine is about to boot: the board's, until control_over. */
void control_begin (Control *control, Board *board);
/* It has come to its end. DEAD: it can still be looked at. */
void control_over (Control *control, enum control_state state, const char *reason,
                   const char *report, int status);

#define CONTROL_POLLS_MAX 34u

/* What to poll for; answers how many there are. */
unsigned control_polls (Control *control, struct pollfd *polls);
/* How long poll may sleep, at most `patience_ms`. */
int control_patience (const Control *control, int patience_ms);
/* After the poll. */
void control_serve (Control *control, const struct pollfd *polls, unsigned count);

/* The machine's terminal has said something. */
void control_console (Control *control, const void *bytes, size_t count);
/* A component has moved, or not. */
void control_moved (Control *control, const struct move_result *result);
/* A domain has died, or runs again. */
void control_domain (Control *control, uint32_t domain, const char *state, const char *report);

#define CONTROL_ERROR control_error_quark ()
GQuark control_error_quark (void);

#endif
