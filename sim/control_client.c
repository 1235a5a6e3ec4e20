#define _GNU_SOURCE
#include "control_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

G_DEFINE_QUARK (khimera-control-client-error, control_client_error)

/* Longer than any line a board sends. */
#define LINE_BYTES_MAX (64u << 20)

static void
fail (GError **error, const char *what)
{
    g_set_error (error, CONTROL_CLIENT_ERROR, errno, "%s: %s", what, g_strerror (errno));
}

/* ---- where they are ---- */

char *
control_folder (bool make, GError **error)
{
    const char *runtime  = getenv ("XDG_RUNTIME_DIR");
    g_autofree char *own = runtime != NULL && runtime[0] == '/' && strlen (runtime) < 40
                               ? g_strdup_printf ("%s/khimera", runtime)
                               : g_strdup_printf ("/tmp/khimera-%u", (unsigned)getuid ());
    struct stat status;

    /* It may be taken away between two looks. */
    do {
        if (make && mkdir (own, 0700) != 0 && errno != EEXIST) {
            fail (error, own);
            return NULL;
        }
        if (lstat (own, &status) == 0)
            break;
        if (!make || errno != ENOENT) {
            fail (error, own);
            return NULL;
        }
    } while (true);
    if (!S_ISDIR (status.st_mode) || status.st_uid != getuid () || (status.st_mode & 077) != 0) {
        g_set_error (error, CONTROL_CLIENT_ERROR, EPERM,
                     "%s: not a folder of yours that is closed to others (mode 0700)", own);
        return NULL;
    }
    return g_steal_pointer (&own);
}

static void
machine_free (gpointer data)
{
    struct control_machine *machine = data;

    g_free (machine->name);
    g_free (machine->path);
    g_free (machine);
}

/* "hybrid.123.sock" */
static struct control_machine *
machine_of (const char *folder, const char *file)
{
    g_autofree char *stem = NULL;
    struct control_machine *machine;
    char *dot;

    if (!g_str_has_suffix (file, ".sock"))
        return NULL;
    stem = g_strndup (file, strlen (file) - strlen (".sock"));
    dot  = strrchr (stem, '.');
    if (dot == NULL || dot[1] == '\0' || dot[1 + strspn (dot + 1, "0123456789")] != '\0')
        return NULL;
    *dot             = '\0';
    machine          = g_new0 (struct control_machine, 1);
    machine->name    = g_strdup (stem);
    machine->process = (pid_t)strtol (dot + 1, NULL, 10);
    machine->path    = g_build_filename (folder, file, NULL);
    return machine;
}

static gint
machine_order (gconstpointer a, gconstpointer b)
{
    const struct control_machine *left  = *(struct control_machine *const *)a;
    const struct control_machine *right = *(struct control_machine *const *)b;
    int names                           = strcmp (left->name, right->name);

    return names != 0 ? names : (left->process > right->process) - (left->process < right->process);
}

static int
connect_to (const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd                     = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed;

    if (fd < 0)
        return -1;
    g_strlcpy (address.sun_path, path, sizeof address.sun_path);
    if (connect (fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    failed = errno;
    close (fd);
    errno = failed;
    return -1;
}

/* Nobody answers at this socket: its machine is dead, or just about to listen. Machines begin to
 * listen with the folder locked, so whoever has the lock can tell. */
static void
leftover_unlink (const char *folder, const char *path)
{
    int lock = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd;

    if (lock >= 0 && flock (lock, LOCK_EX) == 0) {
        fd = connect_to (path);
        if (fd >= 0)
            close (fd);
        else if (errno == ECONNREFUSED)
            unlink (path);
    }
    if (lock >= 0)
        close (lock);
}

GPtrArray *
control_machines (void)
{
    GPtrArray *machines     = g_ptr_array_new_with_free_func (machine_free);
    g_autofree char *folder = control_folder (false, NULL);
    GDir *files             = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
    const char *file;

    while (files != NULL && (file = g_dir_read_name (files)) != NULL) {
        struct control_machine *machine = machine_of (folder, file);
        int fd                          = machine != NULL ? connect_to (machine->path) : -1;

        if (fd >= 0) {
            close (fd);
            g_ptr_array_add (machines, machine);
            continue;
        }
        if (machine == NULL)
            continue;
        if (errno == ECONNREFUSED)
            leftover_unlink (folder, machine->path);
        machine_free (machine);
    }
    if (files != NULL)
        g_dir_close (files);
    g_ptr_array_sort (machines, machine_order);
    return machines;
}

static bool
machine_is (const struct control_machine *machine, const char *which)
{
    g_autofree char *number = g_strdup_printf ("%d", (int)machine->process);
    g_autofree char *both   = g_strdup_printf ("%s.%s", machine->name, number);

    return which == NULL || strcmp (which, machine->name) == 0 || strcmp (which, number) == 0
           || strcmp (which, both) == 0;
}

char *
control_find (const char *which, GError **error)
{
    g_autoptr (GPtrArray) machines = control_machines ();
    g_autoptr (GString) found      = g_string_new (NULL);
    char *path                     = NULL;
    unsigned count                 = 0;

    for (guint i = 0; i < machines->len; i++) {
        const struct control_machine *machine = machines->pdata[i];

        if (!machine_is (machine, which))
            continue;
        g_string_append_printf (found, "%s%s.%d", count++ > 0 ? ", " : "", machine->name,
                                (int)machine->process);
        g_free (path);
        path = g_strdup (machine->path);
    }
    if (count == 1)
        return path;
    g_free (path);
    if (count > 1)
        g_set_error (error, CONTROL_CLIENT_ERROR, 0, "which one? %s", found->str);
    else if (which != NULL && machines->len != 0)
        g_set_error (error, CONTROL_CLIENT_ERROR, 0,
                     "no machine \"%s\" runs; \"khimera ps\" lists those that do", which);
    else
        g_set_error (error, CONTROL_CLIENT_ERROR, 0, "no machine runs");
    return NULL;
}

/* ---- talking ---- */

struct ControlClient {
    int fd;
    json_t *greeting;
    GString *in;
    json_int_t next_id;
};

int
control_fd (const ControlClient *client)
{
    return client->fd;
}

const json_t *
control_greeting (const ControlClient *client)
{
    return client->greeting;
}

void
control_disconnect (ControlClient *client)
{
    if (client == NULL)
        return;
    close (client->fd);
    json_decref (client->greeting);
    g_string_free (client->in, TRUE);
    g_free (client);
}

ControlClient *
control_connect (const char *path, GError **error)
{
    ControlClient *client;
    int fd = connect_to (path);

    if (fd < 0) {
        fail (error, path);
        return NULL;
    }
    client           = g_new0 (ControlClient, 1);
    client->fd       = fd;
    client->in       = g_string_new (NULL);
    client->greeting = control_receive (client, 5000, error);
    if (json_string_value (json_object_get (client->greeting, "hello")) != NULL)
        return client;
    if (error != NULL && *error == NULL)
        g_set_error (error, CONTROL_CLIENT_ERROR, 0, "%s: nobody answers", path);
    control_disconnect (client);
    return NULL;
}

bool
control_send (ControlClient *client, const json_t *line, GError **error)
{
    char *text   = json_dumps (line, JSON_COMPACT);
    size_t bytes = strlen (text), at = 0;

    text[bytes++] = '\n'; /* in place of the zero */
    while (at < bytes) {
        ssize_t sent = send (client->fd, text + at, bytes - at, MSG_NOSIGNAL);

        if (sent >= 0)
            at += (size_t)sent;
        else if (errno != EINTR)
            break;
    }
    if (at < bytes)
        fail (error, "the machine does not listen any more");
    free (text);
    return at == bytes;
}

json_t *
control_receive (ControlClient *client, int patience_ms, GError **error)
{
    for (;;) {
        char *newline = memchr (client->in->str, '\n', client->in->len);
        struct pollfd one = { .fd = client->fd, .events = POLLIN };
        char buffer[65536];
        ssize_t got;

        if (newline != NULL) {
            size_t bytes = (size_t)(newline - client->in->str);
            json_t *line = json_loadb (client->in->str, bytes, 0, NULL);

            g_string_erase (client->in, 0, (gssize)bytes + 1);
            if (line == NULL)
                g_set_error (error, CONTROL_CLIENT_ERROR, 0, "the machine speaks no JSON");
            return line;
        }
        if (poll (&one, 1, patience_ms) == 0)
            return NULL;
        got = recv (client->fd, buffer, sizeof buffer, 0);
        if (got > 0 && client->in->len < LINE_BYTES_MAX) {
            g_string_append_len (client->in, buffer, got);
            continue;
        }
        if (got < 0 && errno == EINTR)
            continue;
        g_set_error (error, CONTROL_CLIENT_ERROR, 0, "the machine is gone");
        return NULL;
    }
}

json_t *
control_ask (ControlClient *client, json_t *request, GError **error)
{
    json_int_t id = ++client->next_id;

    json_object_set_new (request, "id", json_integer (id));
    if (!control_send (client, request, error))
        return NULL;
    for (;;) {
        json_t *line = control_receive (client, -1, error);

        if (line == NULL || json_integer_value (json_object_get (line, "id")) == id)
            return line;
        json_decref (line);
    }
}
