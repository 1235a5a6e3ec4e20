/* wire: the viewer's end of the control socket: lines of JSON, neither side ever waited for. */
#ifndef UI_WIRE_H
#define UI_WIRE_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct Wire Wire;

Wire *wire_connect (const char *path, GError **error);
void wire_free (Wire *wire);
int wire_descriptor (const Wire *wire);
/* As whom the board knows us: the process that connected, though its child may speak. */
int64_t wire_owner (const Wire *wire);
bool wire_has_output (const Wire *wire);
/* Takes the request, gives it an id and answers that. */
json_int_t wire_send (Wire *wire, json_t *request);
/* Moves bytes out. False: the other end is gone. */
bool wire_flush (Wire *wire);
/* Reads what is there, but not for long, and hands on each line. False: the other end is
 * gone; the lines before that have been handed on. */
bool wire_read (Wire *wire, void (*line) (json_t *line, gpointer user), gpointer user);
/* Is there a line that has been read but not handed on? */
bool wire_has_input (const Wire *wire);

#endif
