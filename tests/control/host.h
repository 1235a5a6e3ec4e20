/* host: running machines for the tests of their sockets, each test's in a folder of its own. */
#ifndef TESTS_CONTROL_HOST_H
#define TESTS_CONTROL_HOST_H

#include <jansson.h>
#include <sys/types.h>

#include "control_client.h"

/* Nothing takes that long on a host that works. */
#define HOST_PATIENCE_MS 20000

/* cmocka fixtures: an empty $XDG_RUNTIME_DIR; afterwards every machine that still runs there
 * is ended. */
int host_begin (void **state);
int host_end (void **state);

/* `khimera run --detach MACHINE` and the further arguments, ending with NULL. A client of it. */
ControlClient *host_start (const char *machine, ...) G_GNUC_NULL_TERMINATED;
/* One more client of the machine that runs. */
ControlClient *host_client (void);
/* In the background: `khimera run MACHINE -c COMMANDS --stats FILE`. It stands still, so that
 * nobody comes too late: resume. */
GPid host_batch (const char *machine, const char *commands, const char *stats);
/* Lets it go on, if it has not, and waits for its end: its exit status. */
int host_wait (GPid process);
/* A word of what --stats wrote. Owned by the caller. */
char *host_stat (const char *stats, const char *key);
/* A path in the test's folder. Owned by the caller. */
char *host_path (const char *name);

/* Sends `request` ("{...}" with ' for "), and waits for the answer: its result, which the
 * caller owns. Fails the test if it is refused. */
json_t *host_ask (ControlClient *client, const char *request);
/* The same for one that must be refused: the reason. Owned by the caller. */
char *host_refused (ControlClient *client, const char *request);
/* The next event of that name; others are passed over. Owned by the caller. */
json_t *host_event (ControlClient *client, const char *event);
/* A number of a reply or event: of the member `key`. */
json_int_t host_number (const json_t *object, const char *key);
/* Is this member this text? */
void host_assert_text (const json_t *object, const char *key, const char *text);
/* Waits until the console of a client that listens to it has said `text`. */
void host_console (ControlClient *client, const char *text);
/* Waits until `status` says that the machine is in that state. */
void host_state (ControlClient *client, const char *state);

#endif
