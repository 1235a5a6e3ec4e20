#include "watch_lines.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control_client.h"

struct viewer {
    ControlClient *client;
    bool readonly;
    bool in_line; /* the console's last line has no end yet */
    bool over;
};

static void
happened (struct viewer *viewer, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
happened (struct viewer *viewer, const char *format, ...)
{
    va_list arguments;

    if (viewer->in_line)
        putchar ('\n');
    viewer->in_line = false;
    fputs ("* ", stdout);
    va_start (arguments, format);
    vprintf (format, arguments);
    va_end (arguments);
    putchar ('\n');
}

static const char *
text_of (const json_t *data, const char *key)
{
    const char *text = json_string_value (json_object_get (data, key));

    return text != NULL ? text : "";
}

/* A line may not carry codes that move a terminal's cursor: printed are text, ends of lines. */
static void
console_print (struct viewer *viewer, const char *data)
{
    gsize bytes                  = 0;
    g_autofree unsigned char *at = g_base64_decode (data, &bytes);

    for (gsize i = 0; i < bytes; i++) {
        if (at[i] == '\r' || (at[i] < ' ' && at[i] != '\n' && at[i] != '\t'))
            continue;
        putchar (at[i]);
        viewer->in_line = at[i] != '\n';
    }
}

static void
line_print (struct viewer *viewer, const json_t *line)
{
    const char *event  = text_of (line, "event");
    const json_t *data = json_object_get (line, "data");

    if (strcmp (event, "console") == 0) {
        console_print (viewer, text_of (line, "data"));
    } else if (strcmp (event, "state") == 0) {
        const char *reason = text_of (data, "reason");

        happened (viewer, "%s%s%s", text_of (data, "state"), *reason != '\0' ? ": " : "", reason);
        if (*text_of (data, "report") != '\0')
            fputs (text_of (data, "report"), stdout);
        viewer->over = strcmp (text_of (data, "state"), "ended") == 0;
    } else if (strcmp (event, "domain") == 0) {
        happened (viewer, "domain %s is %s", text_of (data, "domain"), text_of (data, "state"));
    } else if (strcmp (event, "action") == 0) {
        happened (viewer, "%s: %s", text_of (data, "by"), text_of (data, "text"));
    } else if (json_is_false (json_object_get (line, "ok"))) {
        happened (viewer, "%s", text_of (line, "error"));
    }
    fflush (stdout);
}

/* Standard input to the console. False: there is no more. */
static bool
type (struct viewer *viewer)
{
    char buffer[4096];
    ssize_t got = read (STDIN_FILENO, buffer, sizeof buffer);
    g_autofree char *data = NULL;
    json_t *request;

    if (got <= 0)
        return false;
    data    = g_base64_encode ((guchar *)buffer, (gsize)got);
    request = json_pack ("{s:s, s:s}", "command", "type", "data", data);
    control_send (viewer->client, request, NULL);
    json_decref (request);
    return true;
}

static bool
subscribe (struct viewer *viewer, GError **error)
{
    json_t *request, *reply = NULL;
    bool ok;

    if (viewer->readonly) {
        request = json_pack ("{s:s, s:b}", "command", "hello", "readonly", 1);
        reply   = control_ask (viewer->client, request, error);
        json_decref (request);
        if (reply == NULL)
            return false;
        json_decref (reply);
    }
    request = json_pack ("{s:s, s:b, s:b}", "command", "subscribe", "console", 1, "state", 1);
    ok      = control_send (viewer->client, request, error);
    json_decref (request);
    return ok;
}

int
watch_lines (const char *socket_path, bool readonly)
{
    g_autoptr (GError) error = NULL;
    struct viewer viewer     = { .client = control_connect (socket_path, &error), .readonly = readonly };
    bool typing              = !readonly;

    if (viewer.client == NULL || !subscribe (&viewer, &error)) {
        fprintf (stderr, "khimera: %s\n", error->message);
        control_disconnect (viewer.client);
        return EXIT_FAILURE;
    }
    while (!viewer.over) {
        struct pollfd polls[] = { { .fd = control_fd (viewer.client), .events = POLLIN },
                                  { .fd = typing ? STDIN_FILENO : -1, .events = POLLIN } };
        json_t *line;

        if (poll (polls, 2, -1) < 0)
            continue;
        if (polls[1].revents != 0)
            typing = type (&viewer);
        if (polls[0].revents == 0)
            continue;
        g_clear_error (&error);
        while (!viewer.over && (line = control_receive (viewer.client, 0, &error)) != NULL) {
            line_print (&viewer, line);
            json_decref (line);
        }
        viewer.over |= error != NULL;
    }
    if (viewer.in_line)
        putchar ('\n');
    control_disconnect (viewer.client);
    return EXIT_SUCCESS;
}
