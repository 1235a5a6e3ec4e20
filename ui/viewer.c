#define _GNU_SOURCE
#include "ui/viewer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ui/dashboard.h"
#include "ui/guard.h"
#include "ui/record.h"

#define FRAME_US     100000 /* ten in a second at the most */
#define KEYS_AT_ONCE 8192
/* More than this is not taken from the socket between two frames: a guest that never stops
 * talking shall not have the host's CPU too. The board drops what it cannot get rid of. */
#define FRAME_BYTES (256u << 10)

struct viewer {
    Wire *wire;
    Screen *screen;
    Grid *grid;
    Model *model;
    Dashboard *dashboard;
    Record *record;
    gint64 drawn_us;
    bool input_over;
    gint64 budget_us;     /* when FRAME_BYTES began to be counted, */
    uint64_t budget_from; /* and at which byte */
    gint64 measured_us, measured_cpu_us;
};

/* ---- signals become a byte in a pipe ---- */

static int signal_pipe[2] = { -1, -1 };
static volatile sig_atomic_t told_to_leave;

static void
on_signal (int number)
{
    int kept = errno;
    char byte = 1;

    if (number != SIGWINCH && number != SIGCONT)
        told_to_leave = number;
    if (write (signal_pipe[1], &byte, 1) < 0)
        errno = kept;
    errno = kept;
}

static void
signals_catch (void)
{
    static const int caught[] = { SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT };
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

    if (pipe2 (signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS (caught); i++)
        sigaction (caught[i], &action, NULL);
    signal (SIGPIPE, SIG_IGN);
}

static void
signals_drain (void)
{
    char bytes[64];

    while (read (signal_pipe[0], bytes, sizeof bytes) > 0)
        continue;
}

/* ---- the socket ---- */

static json_int_t
send_request (json_t *request, gpointer user)
{
    return wire_send (((struct viewer *)user)->wire, request);
}

static void
on_line (json_t *line, gpointer user)
{
    dashboard_line (((struct viewer *)user)->dashboard, line);
}

static void
serve_wire (struct viewer *viewer, short events, bool reading)
{
    bool alive = true;

    if (!viewer->model->connected)
        return;
    if ((events & POLLOUT) != 0)
        alive = wire_flush (viewer->wire);
    if (reading && ((events & ~POLLOUT) != 0 || wire_has_input (viewer->wire)))
        alive = wire_read (viewer->wire, on_line, viewer) && alive;
    if (alive)
        return;
    viewer->model->connected = false;
    if (viewer->model->state == MACHINE_ENDED)
        viewer->dashboard->leave = true;
    else
        dashboard_say (viewer->dashboard, true, "the machine is gone; q leaves");
}

/* ---- keys ---- */

/* The terminal itself has gone when it is readable and has nothing. */
static void
serve_keys (struct viewer *viewer, short events)
{
    int waiting = 0, keys = 0;
    ui_key key;

    if (events == 0)
        return;
    if ((events & (POLLHUP | POLLERR | POLLNVAL)) != 0
        || (ioctl (STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting == 0)) {
        viewer->input_over = true;
        return;
    }
    while (keys++ < KEYS_AT_ONCE && (key = screen_key (viewer->screen)) != UI_KEY_NONE)
        dashboard_key (viewer->dashboard, key);
}

/* ---- drawing ---- */

static void
measure (struct viewer *viewer, gint64 now_us)
{
    struct rusage usage;
    gint64 cpu;

    if (now_us - viewer->measured_us < G_USEC_PER_SEC
        || getrusage (RUSAGE_SELF, &usage) != 0)
        return;
    cpu = (gint64)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC
          + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    if (viewer->measured_us != 0)
        viewer->model->own_load = (double)(cpu - viewer->measured_cpu_us)
                                  / (double)(now_us - viewer->measured_us);
    viewer->measured_us = now_us;
    viewer->measured_cpu_us = cpu;
}

static void
draw (struct viewer *viewer, gint64 now_us)
{
    Dashboard *dashboard = viewer->dashboard;
    int rows, columns;

    screen_size (viewer->screen, &rows, &columns);
    if (rows != viewer->grid->rows || columns != viewer->grid->columns)
        grid_resize (viewer->grid, rows, columns);
    if (dashboard->look_changed)
        screen_look (viewer->screen, dashboard->symbols, dashboard->theme);
    if (dashboard->redraw || dashboard->look_changed)
        screen_redraw (viewer->screen);
    dashboard->look_changed = dashboard->redraw = false;
    dashboard_draw (dashboard, viewer->grid);
    screen_draw (viewer->screen, viewer->grid);
    if (viewer->record != NULL)
        record_frame (viewer->record, viewer->grid, now_us);
    viewer->drawn_us = now_us;
}

/* May more be read now? */
static bool
has_budget (struct viewer *viewer, gint64 now_us)
{
    if (now_us - viewer->budget_us >= FRAME_US) {
        viewer->budget_us = now_us;
        viewer->budget_from = wire_taken (viewer->wire);
    }
    return viewer->model->connected
           && wire_taken (viewer->wire) - viewer->budget_from < FRAME_BYTES;
}

static int
patience_ms (const struct viewer *viewer, gint64 now_us, bool reading)
{
    bool wanted = viewer->dashboard->changed || dashboard_moving (viewer->dashboard);
    gint64 left = viewer->drawn_us + FRAME_US - now_us;

    if (wire_has_input (viewer->wire) && reading)
        return 0;
    if (!reading && viewer->model->connected)
        return MAX ((int)((viewer->budget_us + FRAME_US - now_us) / 1000) + 1, 1);
    if (wanted)
        return left > 0 ? (int)(left / 1000) + 1 : 0;
    return 1000;
}

static void
suspend (struct viewer *viewer)
{
    viewer->dashboard->suspend = false;
    screen_leave (viewer->screen);
    guard_suspend ();
    screen_return (viewer->screen);
    viewer->dashboard->changed = true;
}

static void
live (struct viewer *viewer)
{
    struct pollfd polls[3];

    while (!viewer->dashboard->leave && !viewer->input_over && told_to_leave == 0) {
        gint64 now = g_get_monotonic_time ();
        bool reading = has_budget (viewer, now);
        short wanted;

        dashboard_tick (viewer->dashboard, now);
        if ((viewer->dashboard->changed || dashboard_moving (viewer->dashboard))
            && now - viewer->drawn_us >= FRAME_US)
            draw (viewer, now);
        measure (viewer, now);
        wanted = (short)((reading ? POLLIN : 0)
                         | (wire_has_output (viewer->wire) ? POLLOUT : 0));
        polls[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
        polls[1] = (struct pollfd){ .fd = viewer->model->connected
                                              ? wire_descriptor (viewer->wire)
                                              : -1,
                                    .events = wanted };
        polls[2] = (struct pollfd){ .fd = signal_pipe[0], .events = POLLIN };
        if (poll (polls, 3, patience_ms (viewer, now, reading)) < 0) {
            if (errno != EINTR)
                break;
            continue;
        }
        if (polls[2].revents != 0) {
            signals_drain ();
            viewer->dashboard->changed = true;
        }
        serve_keys (viewer, polls[0].revents);
        serve_wire (viewer, polls[1].revents, reading);
        if (viewer->dashboard->suspend)
            suspend (viewer);
    }
}

/* What was said last ("quit") still has to go out. */
static void
finish_wire (struct viewer *viewer)
{
    for (int i = 0; i < 20 && viewer->model->connected && wire_has_output (viewer->wire);
         i++) {
        struct pollfd out = { .fd = wire_descriptor (viewer->wire), .events = POLLOUT };

        poll (&out, 1, 50);
        if (!wire_flush (viewer->wire))
            break;
    }
}

/* What people like is said once, in their shell's start file. */
static unsigned
wish (const char *variable, const char *const names[], unsigned count, unsigned otherwise)
{
    const char *value = getenv (variable);

    for (unsigned i = 0; value != NULL && i < count; i++)
        if (strcmp (value, names[i]) == 0)
            return i;
    return otherwise;
}

/* Do its owner's colours say so? The last field of COLORFGBG is the background's, of sixteen. */
static bool
background_is_light (void)
{
    const char *colours = getenv ("COLORFGBG"), *last = NULL;
    char *end;
    long number;

    if (colours != NULL)
        last = strrchr (colours, ';');
    if (last == NULL)
        return false;
    number = strtol (last + 1, &end, 10);
    return end != last + 1 && *end == '\0' && (number == 7 || (number > 8 && number < 16));
}

static void
look_choose (struct viewer *viewer)
{
    Dashboard *dashboard = viewer->dashboard;
    enum symbols most = screen_symbols (viewer->screen);
    enum theme theme = !screen_colours (viewer->screen) ? THEME_MONO
                       : background_is_light ()          ? THEME_LIGHT
                                                         : THEME_DEFAULT;

    dashboard->symbols_most = most;
    dashboard->symbols = (enum symbols)MAX (
        wish ("KHIMERA_SYMBOLS", symbols_names, SYMBOLS_COUNT, most), (unsigned)most);
    dashboard->theme = (enum theme)wish ("KHIMERA_THEME", theme_names, THEME_COUNT, theme);
    screen_look (viewer->screen, dashboard->symbols, dashboard->theme);
}

int
viewer_run (Wire *wire, bool readonly, const char *record_file)
{
    struct viewer viewer = { .wire = wire };
    g_autoptr (GError) error = NULL;
    int status = EXIT_SUCCESS;

    if (record_file != NULL && (viewer.record = record_new (record_file, &error)) == NULL) {
        fprintf (stderr, "khimera: %s\n", error->message);
        return EXIT_FAILURE;
    }
    viewer.screen = screen_new ();
    if (viewer.screen == NULL) {
        fprintf (stderr, "khimera: this terminal cannot be drawn on; use --plain\n");
        return EXIT_FAILURE;
    }
    signals_catch ();
    viewer.grid = grid_new (24, 80);
    viewer.model = model_new ();
    viewer.model->own_pid = wire_owner (wire);
    viewer.dashboard = dashboard_new (viewer.model, readonly,
                                      (struct dashboard_host){ send_request, &viewer });
    look_choose (&viewer);
    live (&viewer);
    finish_wire (&viewer);
    screen_free (viewer.screen);
    if (viewer.record != NULL && !record_free (viewer.record)) {
        fprintf (stderr, "khimera: the recording could not all be written\n");
        status = EXIT_FAILURE;
    }
    dashboard_free (viewer.dashboard);
    model_free (viewer.model);
    grid_free (viewer.grid);
    wire_free (wire);
    return status;
}
