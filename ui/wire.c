#define _GNU_SOURCE
#include "ui/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MOST     (16u << 20) /* a longer one is dropped */
#define READ_AT_ONCE  (128u << 10)
#define LINES_AT_ONCE 64u

struct Wire {
    int descriptor;
    int64_t owner; /* process that connected */
    GByteArray *in, *out;
    gsize scanned; /* of `in`: known to hold no newline */
    bool skipping; /* inside a line that was too long */
    bool ended;
    json_int_t last_id;
    uint64_t taken; /* bytes read so far */
};

Wire *
wire_connect (const char *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    Wire *wire;
    int descriptor;

    if (g_strlcpy (address.sun_path, path, sizeof address.sun_path)
        >= sizeof address.sun_path) {
        g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG,
                     "%s: too long for a socket", path);
        return NULL;
    }
    descriptor = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0
        || connect (descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
                     g_strerror (errno));
        if (descriptor >= 0)
            close (descriptor);
        return NULL;
    }
    wire = g_new0 (Wire, 1);
    wire->descriptor = descriptor;
    wire->owner = getpid ();
    wire->in = g_byte_array_new ();
    wire->out = g_byte_array_new ();
    return wire;
}

void
wire_free (Wire *wire)
{
    close (wire->descriptor);
    g_byte_array_unref (wire->in);
    g_byte_array_unref (wire->out);
    g_free (wire);
}

int
wire_descriptor (const Wire *wire)
{
    return wire->descriptor;
}

int64_t
wire_owner (const Wire *wire)
{
    return wire->owner;
}

bool
wire_has_output (const Wire *wire)
{
    return wire->out->len != 0;
}

json_int_t
wire_send (Wire *wire, json_t *request)
{
    char *text;

    json_object_set_new (request, "id", json_integer (++wire->last_id));
    text = json_dumps (request, JSON_COMPACT);
    json_decref (request);
    if (text != NULL) {
        g_byte_array_append (wire->out, (const guint8 *)text, (guint)strlen (text));
        g_byte_array_append (wire->out, (const guint8 *)"\n", 1);
        free (text);
    }
    wire_flush (wire);
    return wire->last_id;
}

bool
wire_flush (Wire *wire)
{
    while (wire->out->len != 0) {
        ssize_t put = send (wire->descriptor, wire->out->data, wire->out->len,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (put > 0)
            g_byte_array_remove_range (wire->out, 0, (guint)put);
        else if (put < 0 && errno == EINTR)
            continue;
        else
            return put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
    return true;
}

static void
hand_on (const guint8 *bytes, gsize count, void (*line) (json_t *, gpointer), gpointer user)
{
    json_t *value = json_loadb ((const char *)bytes, count, 0, NULL);

    if (value != NULL && json_is_object (value))
        line (value, user);
    json_decref (value);
}

/* Whole lines that are there already; false: enough for now. */
static bool
take_lines (Wire *wire, void (*line) (json_t *, gpointer), gpointer user)
{
    gsize taken = 0;
    guint lines = 0;

    while (lines < LINES_AT_ONCE) {
        const guint8 *start = wire->in->data + taken;
        gsize from = MAX (wire->scanned, taken);
        const guint8 *newline = memchr (wire->in->data + from, '\n', wire->in->len - from);

        if (newline == NULL) {
            wire->scanned = wire->in->len;
            break;
        }
        if (!wire->skipping)
            hand_on (start, (gsize)(newline - start), line, user);
        wire->skipping = false;
        taken = (gsize)(newline - wire->in->data) + 1;
        wire->scanned = taken;
        lines++;
    }
    g_byte_array_remove_range (wire->in, 0, (guint)taken);
    wire->scanned -= taken;
    if (wire->in->len > LINE_MOST && lines == 0) {
        g_byte_array_set_size (wire->in, 0);
        wire->scanned = 0;
        wire->skipping = true;
    }
    return lines < LINES_AT_ONCE;
}

uint64_t
wire_taken (const Wire *wire)
{
    return wire->taken;
}

bool
wire_has_input (const Wire *wire)
{
    return wire->scanned < wire->in->len;
}

bool
wire_read (Wire *wire, void (*line) (json_t *line, gpointer user), gpointer user)
{
    guint8 buffer[65536];
    gsize total = 0;

    while (!wire->ended && total < READ_AT_ONCE) {
        ssize_t got = recv (wire->descriptor, buffer, sizeof buffer, MSG_DONTWAIT);

        if (got > 0) {
            g_byte_array_append (wire->in, buffer, (guint)got);
            total += (gsize)got;
            wire->taken += (uint64_t)got;
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else {
            wire->ended = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
            break;
        }
    }
    if (!take_lines (wire, line, user))
        return true;
    return !wire->ended;
}
