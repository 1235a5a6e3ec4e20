#define _GNU_SOURCE
#include "board/control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "board/control_inside.h"
#include "control_client.h"
#include "host_time.h"

G_DEFINE_QUARK (khimera-control-error, control_error)

/* Of each tenth of a second clients may have so much of the board's, together and each. */
#define WINDOW_NS        100000000u
#define WINDOW_TOTAL_NS  40000000u
#define WINDOW_CLIENT_NS 20000000u
/* At the end, for what is still to be sent. */
#define FAREWELL_MS 300

/* ---- the socket ---- */

/* Locks the folder, which whoever was the last to use it may just take away: then it is made again. */
static int
folder_lock (const char *folder, GError **error)
{
    for (;;) {
        g_autofree char *made = control_folder (true, error);
        int lock = made != NULL ? open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        struct stat held, there;

        if (made == NULL)
            return -1;
        bool locked = lock >= 0 && flock (lock, LOCK_EX) == 0;

        if (locked && fstat (lock, &held) == 0 && held.st_uid == getuid ()
            && lstat (folder, &there) == 0 && held.st_dev == there.st_dev
            && held.st_ino == there.st_ino)
            return lock;
        if (!locked && errno != ENOENT && errno != EINTR) {
            g_set_error (error, CONTROL_ERROR, 0, "%s: %s", folder, g_strerror (errno));
            if (lock >= 0)
                close (lock);
            return -1;
        }
        if (lock >= 0)
            close (lock);
    }
}

/* The folder is locked until it listens: who finds a socket at which nobody listens takes it away. */
static int
listener_open (const char *folder, const char *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd                     = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int lock                   = folder_lock (folder, error);
    mode_t mask;
    bool ok;

    if (lock < 0)
        goto fail;
    if (fd < 0) {
        g_set_error (error, CONTROL_ERROR, 0, "%s: %s", path, g_strerror (errno));
        goto fail;
    }
    g_strlcpy (address.sun_path, path, sizeof address.sun_path);
    unlink (path); /* its number was ours: whoever made it is gone */
    mask = umask (0177);
    ok   = bind (fd, (struct sockaddr *)&address, sizeof address) == 0;
    umask (mask);
    if (ok && listen (fd, 16) == 0) {
        close (lock);
        return fd;
    }
    g_set_error (error, CONTROL_ERROR, 0, "%s: %s", path, g_strerror (errno));
fail:
    if (fd >= 0)
        close (fd);
    if (lock >= 0)
        close (lock);
    return -1;
}

Control *
control_new (const MachineConfig *config, GError **error)
{
    g_autofree char *folder = control_folder (true, error);
    g_autofree char *name   = g_strdup (config->name);
    Control *control;

    if (folder == NULL)
        return NULL;
    control         = g_new0 (Control, 1);
    control->name   = g_strdup (g_strcanon (name, CONTROL_NAME_LETTERS, '_'));
    control->path   = g_strdup_printf ("%s/%.40s.%d.sock", folder, control->name, (int)getpid ());
    control->config = config;
    control->state  = CONTROL_RUNNING;
    control->reason = g_strdup ("");
    control->listener = -1;
    if (keeper_new (&control->keeper, control->path))
        control->listener = listener_open (folder, control->path, error);
    else
        g_set_error (error, CONTROL_ERROR, 0, "%s: %s", control->path, g_strerror (errno));
    control->clients  = g_ptr_array_new_with_free_func (client_free);
    control->console  = g_malloc (CONSOLE_BYTES);
    if (control->listener < 0)
        g_clear_pointer (&control, control_free);
    return control;
}

/* Gives clients a moment to take the last words. */
static void
farewell (Control *control)
{
    uint64_t until = host_ns () + FAREWELL_MS * 1000000u;

    for (;;) {
        struct pollfd polls[CLIENTS_MAX];
        nfds_t count = 0;

        for (guint i = 0; i < control->clients->len; i++) {
            struct client *client = control->clients->pdata[i];

            control_stream (control, client, 0);
            client_flush (client);
            if (client_pending (client) != 0 && !client->gone)
                polls[count++] = (struct pollfd){ .fd = client->fd, .events = POLLOUT };
        }
        if (count == 0 || host_ns () >= until)
            return;
        poll (polls, count, 20);
    }
}

void
control_free (Control *control)
{
    if (control == NULL)
        return;
    if (control->listener >= 0)
        close (control->listener);
    keeper_end (&control->keeper, control->path);
    g_ptr_array_unref (control->clients);
    for (uint32_t i = 0; i < BREAKPOINTS_MAX; i++)
        json_decref (control->breaks[i].arguments);
    for (uint32_t d = 0; d < DOMAIN_MAX; d++)
        json_decref (control->privileges[d]);
    g_free (control->baseline);
    g_free (control->console);
    g_free (control->reason);
    g_free (control->report);
    g_free (control->name);
    g_free (control->path);
    g_free (control);
}

const char *
control_path (const Control *control)
{
    return control != NULL ? control->path : NULL;
}

/* ---- state ---- */

void
control_tell (Control *control, const char *event, json_t *data)
{
    for (guint i = 0; i < control->clients->len; i++) {
        struct client *client = control->clients->pdata[i];

        if (client->state)
            client_event (client, event, json_incref (data));
    }
    json_decref (data);
}

json_t *
control_hello (const Control *control, const struct client *client)
{
    return json_pack ("{s:s, s:i, s:s, s:s, s:i, s:b}", "hello", "khimera", "protocol",
                      CONTROL_PROTOCOL, "version", PACKAGE_VERSION, "machine",
                      control->config->name, "pid", (int)getpid (), "readonly", client->readonly);
}

json_t *
control_state_json (const Control *control)
{
    static const char *const states[] = { "running", "paused", "dead", "ended" };
    struct machine_now now            = read_now ();
    json_t *data
        = json_pack ("{s:s, s:o, s:o, s:o, s:f}", "state", states[control->state], "reason",
                     control_text (control->reason, strlen (control->reason)), "virtual_ns",
                     control_number (CYCLES_TO_NS (now.cycles)), "events",
                     control_number (now.events), "speed", (double)PLAN->brake.speed / SPEED_ONE);

    if (control->report != NULL)
        json_object_set_new (data, "report",
                             control_text (control->report, strlen (control->report)));
    if (control->state == CONTROL_ENDED)
        json_object_set_new (data, "status", json_integer (control->status));
    return data;
}

/* `reason` NULL: as before. */
void
control_state_set (Control *control, enum control_state state, const char *reason)
{
    control->state = state;
    if (reason != NULL && reason != control->reason) {
        g_free (control->reason);
        control->reason = g_strdup (reason);
    }
    control_tell (control, "state", control_state_json (control));
}

void
control_begin (Control *control, Board *board)
{
    if (control == NULL)
        return;
    control->board = board;
    g_clear_pointer (&control->report, g_free);
    g_clear_pointer (&control->baseline, g_free);
    control->baseline_cycles = control->baseline_switches = control->baseline_syscalls = 0;
    control_brake_begin (control);
    for (guint i = 0; i < control->clients->len; i++) {
        struct client *client = control->clients->pdata[i];

        client->log_at = 0;
        memset (client->calls_read, 0, sizeof client->calls_read);
    }
    control_state_set (control, CONTROL_RUNNING, "");
}

void
control_over (Control *control, enum control_state state, const char *reason, const char *report,
              int status)
{
    if (control == NULL)
        return;
    control_brake_end (control);
    g_free (control->report);
    control->report = report != NULL && *report != '\0' ? g_strdup (report) : NULL;
    control->status = status;
    control_state_set (control, state, reason);
    if (state == CONTROL_ENDED)
        farewell (control);
}

void
control_domain (Control *control, uint32_t domain, const char *state, const char *report)
{
    json_t *data;

    if (control == NULL)
        return;
    data = json_pack ("{s:s, s:s}", "domain", PLAN->domains[domain].name, "state", state);
    if (report != NULL)
        json_object_set_new (data, "report", control_text (report, strlen (report)));
    control_tell (control, "domain", data);
}

void
control_console (Control *control, const void *bytes, size_t count)
{
    const uint8_t *from = bytes;

    if (control == NULL)
        return;
    while (count != 0) {
        size_t at    = control->console_end % CONSOLE_BYTES;
        size_t piece = MIN (count, CONSOLE_BYTES - at);

        memcpy (control->console + at, from, piece);
        control->console_end += piece;
        from += piece;
        count -= piece;
    }
}

/* ---- the board's loop ---- */

static bool
in_budget (const Control *control, const struct client *client)
{
    return client->spent_ns < WINDOW_CLIENT_NS && control->window_spent_ns < WINDOW_TOTAL_NS;
}

unsigned
control_polls (Control *control, struct pollfd *polls)
{
    unsigned count = 0;

    if (control == NULL)
        return 0;
    polls[count++] = (struct pollfd){ .fd = control->listener, .events = POLLIN };
    for (guint i = 0; i < control->clients->len; i++) {
        const struct client *client = control->clients->pdata[i];
        bool budget                 = in_budget (control, client);
        short events = (short)((client_listens (client) ? POLLIN : 0)
                               | (client_pending (client) != 0 ? POLLOUT : 0));

        polls[count++] = (struct pollfd){ .fd = budget ? client->fd : -1, .events = events };
    }
    return count;
}

int
control_patience (const Control *control, int patience_ms)
{
    if (control == NULL)
        return patience_ms;
    for (guint i = 0; i < control->clients->len; i++) {
        const struct client *client = control->clients->pdata[i];

        if (client->waiting)
            return MIN (patience_ms, 1);
        if (client->in->len != 0 && in_budget (control, client) && client_listens (client)
            && memchr (client->in->str, '\n', client->in->len) != NULL)
            return 0;
    }
    return patience_ms;
}

/* And what that takes is off the client's budget. */
static void
client_serve_timed (Control *control, struct client *client, short revents, uint64_t now_ns)
{
    uint64_t began = host_ns ();
    uint64_t spent;

    client_serve (control, client, revents, now_ns);
    spent = host_ns () - began;
    client->spent_ns += spent;
    control->window_spent_ns += spent;
}

/* Domains write down what is said in calls as long as anybody here looks at calls. */
static void
notes_want (const Control *control)
{
    bool wanted = false;

    for (guint i = 0; i < control->clients->len; i++)
        wanted |= ((const struct client *)control->clients->pdata[i])->calls;
    if (wanted == ((atomic_load (&PLAN->brake.on) & BRAKE_NOTES) != 0))
        return;
    if (wanted)
        atomic_fetch_or (&PLAN->brake.on, BRAKE_NOTES);
    else
        atomic_fetch_and (&PLAN->brake.on, ~BRAKE_NOTES);
}

void
control_serve (Control *control, const struct pollfd *polls, unsigned count)
{
    uint64_t now_ns;
    guint clients;

    if (control == NULL || count == 0)
        return;
    now_ns  = host_ns ();
    clients = count - 1;
    if (now_ns - control->window_began_ns > WINDOW_NS) {
        control->window_began_ns = now_ns;
        control->window_spent_ns = 0;
        for (guint i = 0; i < control->clients->len; i++)
            ((struct client *)control->clients->pdata[i])->spent_ns = 0;
    }
    if (control->state == CONTROL_RUNNING || control->state == CONTROL_PAUSED)
        control_brake_look (control);
    control->turn++;
    for (guint i = 0; i < clients; i++) {
        guint at              = (control->turn + i) % clients;
        struct client *client = control->clients->pdata[at];

        if (in_budget (control, client))
            client_serve_timed (control, client, polls[1 + at].revents, now_ns);
    }
    for (guint i = clients; i-- > 0;)
        if (((struct client *)control->clients->pdata[i])->gone)
            g_ptr_array_remove_index (control->clients, i);
    notes_want (control);
    if (polls[0].revents != 0)
        client_take (control);
}
