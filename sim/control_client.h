/* control_client: finding running machines, and talking to one as a client. */
#ifndef SIM_CONTROL_CLIENT_H
#define SIM_CONTROL_CLIENT_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/* Of which a machine's name in a socket's name is made. */
#define CONTROL_NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* Where this user's sockets are; `make`: and makes it. Owned by the caller. NULL, with *error,
 * if it cannot be, or is somebody else's. */
char *control_folder (bool make, GError **error);

struct control_machine {
    char *name;
    pid_t process; /* of the board */
    char *path;
};

/* struct control_machine, by name and number; those whose socket answers. Sockets that nobody
 * listens to are removed. Owned by the caller. */
GPtrArray *control_machines (void);

/* The machine meant by a name, a number or "name.number"; NULL: the only one there is. Its
 * socket's path, owned by the caller; NULL, with *error. */
char *control_find (const char *which, GError **error);

typedef struct ControlClient ControlClient;

/* Connects, and reads the greeting. */
ControlClient *control_connect (const char *path, GError **error);
void control_disconnect (ControlClient *client);
const json_t *control_greeting (const ControlClient *client);
int control_fd (const ControlClient *client);
/* Sends one line. */
bool control_send (ControlClient *client, const json_t *line, GError **error);
/* The next line that came, owned by the caller; waits for it so long (-1: for ever). NULL
 * without an error: nothing came. */
json_t *control_receive (ControlClient *client, int patience_ms, GError **error);
/* Asks and waits for the answer, whatever comes between. The whole reply. */
json_t *control_ask (ControlClient *client, json_t *request, GError **error);

#define CONTROL_CLIENT_ERROR control_client_error_quark ()
GQuark control_client_error_quark (void);

#endif
