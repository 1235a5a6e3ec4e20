/* control_clients: one who has connected: what it says is read line by line, what it is told waits
 * until its socket takes it.
 */
#define _GNU_SOURCE
#include "board/control_inside.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Lines of one client in one turn, bytes in one read. */
#define LINES_PER_TURN 64u
#define READ_BYTES     16384u
/* Whoever has that much waiting is not read any more, */
#define PENDING_STOP OUT_BYTES_MAX
/* and whoever has that much has lost us. */
#define PENDING_GONE (16u << 20)

size_t
client_pending (const struct client *client)
{
    return client->out->len - client->sent;
}

void
client_free (gpointer data)
{
    struct client *client = data;

    close (client->fd);
    json_decref (client->waiting_id);
    g_string_free (client->in, TRUE);
    g_byte_array_unref (client->out);
    g_free (client);
}

void
client_flush (struct client *client)
{
    while (client_pending (client) != 0 && !client->deaf) {
        ssize_t sent = send (client->fd, client->out->data + client->sent, client_pending (client),
                             MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent > 0) {
            client->sent += (size_t)sent;
        } else if (sent < 0 && errno == EAGAIN) {
            return;
        } else if (sent == 0 || errno != EINTR) {
            client->deaf = true;
        }
    }
    if (client_pending (client) == 0 || client->deaf) {
        g_byte_array_set_size (client->out, 0);
        client->sent = 0;
    }
}

static int
append (const char *bytes, size_t count, void *to)
{
    g_byte_array_append (to, (const guint8 *)bytes, (guint)count);
    return 0;
}

static void
client_send (struct client *client, json_t *line)
{
    if (client->deaf) {
        json_decref (line);
        return;
    }
    if (client->sent > OUT_BYTES_MAX) {
        g_byte_array_remove_range (client->out, 0, (guint)client->sent);
        client->sent = 0;
    }
    json_dump_callback (line, append, client->out, JSON_COMPACT);
    g_byte_array_append (client->out, (const guint8 *)"\n", 1);
    json_decref (line);
    if (client_pending (client) > PENDING_GONE)
        client->gone = true;
    client_flush (client);
}

bool
client_event (struct client *client, const char *event, json_t *data)
{
    if (client_pending (client) > OUT_BYTES_MAX) {
        json_decref (data);
        return false;
    }
    client_send (client,
                 event != NULL ? json_pack ("{s:s, s:o}", "event", event, "data", data) : data);
    return true;
}

void
client_reply (struct client *client, const json_t *id, json_t *result)
{
    client_send (client,
                 json_pack ("{s:O, s:b, s:o}", "id", id, "ok", 1, "result", result));
}

void
client_refuse (struct client *client, const json_t *id, const char *error)
{
    client_send (client, json_pack ("{s:O, s:b, s:o}", "id", id, "ok", 0, "error",
                                    control_text (error, strlen (error))));
}

/* Takes the whole lines out of what has been read. */
static void
client_lines (Control *control, struct client *client)
{
    for (unsigned lines = 0; lines < LINES_PER_TURN && !client->gone && !client->waiting; lines++) {
        const char *newline = memchr (client->in->str, '\n', client->in->len);
        size_t bytes        = newline != NULL ? (size_t)(newline - client->in->str) : client->in->len;

        if (newline == NULL && bytes < LINE_BYTES_MAX)
            return;
        if (client->skipping)
            client->skipping = newline == NULL;
        else if (bytes >= LINE_BYTES_MAX) {
            client_refuse (client, json_null (), "the line is longer than 65535 bytes");
            client->skipping = newline == NULL;
        } else
            control_line (control, client, client->in->str, bytes);
        g_string_erase (client->in, 0, (gssize)(bytes + (newline != NULL)));
    }
}

bool
client_listens (const struct client *client)
{
    return !client->ended && !client->waiting && client_pending (client) < PENDING_STOP
           && client->in->len < LINE_BYTES_MAX + READ_BYTES;
}

static void
client_read (struct client *client)
{
    char buffer[READ_BYTES];
    ssize_t got = recv (client->fd, buffer, sizeof buffer, MSG_DONTWAIT);

    if (got > 0)
        g_string_append_len (client->in, buffer, got);
    else if (got == 0)
        client->ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        client->gone = true;
}

/* It has said all and been told all. */
static bool
client_done (const struct client *client)
{
    bool listens = client->state || client->log || client->console || client->calls
                   || client->stats_ms != 0;

    return client->ended && !client->waiting && client_pending (client) == 0
           && memchr (client->in->str, '\n', client->in->len) == NULL
           && (client->deaf || !listens);
}

void
client_take (Control *control)
{
    int fd = accept4 (control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct ucred peer;
    socklen_t bytes = sizeof peer;
    struct client *client;

    if (fd < 0)
        return;
    if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) != 0
        || (peer.uid != getuid () && peer.uid != 0) || control->clients->len >= CLIENTS_MAX) {
        close (fd);
        return;
    }
    client              = g_new0 (struct client, 1);
    client->fd          = fd;
    client->process     = peer.pid;
    client->in          = g_string_new (NULL);
    client->out         = g_byte_array_new ();
    client->filter      = FILTER_ALL;
    client->calls_limit = 256;
    g_ptr_array_add (control->clients, client);
    client_send (client, control_hello (control, client));
}

/* Answers what had to wait until the machine stands, or long enough. */
static void
client_answer (Control *control, struct client *client, uint64_t now_ns)
{
    bool dead = control->state != CONTROL_RUNNING && control->state != CONTROL_PAUSED;

    if (client->moving ? !dead
                       : control->state == CONTROL_RUNNING && now_ns < client->waiting_until_ns)
        return;
    if (client->moving)
        client_refuse (client, client->waiting_id, "the machine has ended");
    else
        client_reply (client, client->waiting_id, control_state_json (control));
    client->waiting = client->moving = false;
    json_decref (client->waiting_id);
    client->waiting_id = NULL;
}

void
client_serve (Control *control, struct client *client, short revents, uint64_t now_ns)
{
    if (revents & (POLLOUT | POLLERR | POLLHUP))
        client_flush (client);
    if ((revents & (POLLIN | POLLERR | POLLHUP)) && client_listens (client))
        client_read (client);
    else if (revents & (POLLERR | POLLHUP))
        client->gone = true;
    if (client->waiting)
        client_answer (control, client, now_ns);
    client_lines (control, client);
    if (!client->gone)
        control_stream (control, client, now_ns);
    if (client_done (client))
        client->gone = true;
}
