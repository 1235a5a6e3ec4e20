#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <vterm.h>

/* Long, because the host may be busy; a test that passes does not wait for it. */
#define DEADLINE_US (40 * G_USEC_PER_SEC)

struct terminal {
    int master;
    pid_t process;
    int status; /* -1: still runs */
    VTerm *vterm;
    VTermScreen *screen;
    GString *output;
    struct termios modes;
    bool alternate, cursor_hidden;
};

static int
on_property (VTermProp property, VTermValue *value, void *user)
{
    struct terminal *terminal = user;

    if (property == VTERM_PROP_ALTSCREEN)
        terminal->alternate = value->boolean;
    else if (property == VTERM_PROP_CURSORVISIBLE)
        terminal->cursor_hidden = !value->boolean;
    return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = on_property };

static void
child_run (const char *const *environment, const char *const *argv, int (*call) (void *),
           void *user)
{
    for (; environment != NULL && *environment != NULL; environment++) {
        g_auto (GStrv) pair = g_strsplit (*environment, "=", 2);

        if (pair[1] != NULL)
            setenv (pair[0], pair[1], 1);
        else
            unsetenv (pair[0]);
    }
    signal (SIGHUP, SIG_DFL); /* whatever a nohup around the tests has made of it */
    if (call != NULL)
        _exit (call (user));
    execvp (argv[0], (char *const *)argv);
    _exit (127);
}

struct terminal *
terminal_start (int rows, int columns, const char *const *environment,
                const char *const *argv, int (*call) (void *user), void *user)
{
    struct terminal *terminal = g_new0 (struct terminal, 1);
    struct winsize size
        = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

    terminal->status = -1;
    terminal->output = g_string_new (NULL);
    terminal->vterm = vterm_new (rows, columns);
    vterm_set_utf8 (terminal->vterm, 1);
    terminal->screen = vterm_obtain_screen (terminal->vterm);
    vterm_screen_enable_altscreen (terminal->screen, 1);
    vterm_screen_set_callbacks (terminal->screen, &callbacks, terminal);
    vterm_screen_reset (terminal->screen, 1);
    terminal->process = forkpty (&terminal->master, NULL, NULL, &size);
    assert_true (terminal->process >= 0);
    if (terminal->process == 0)
        child_run (environment, argv, call, user);
    assert_int_equal (tcgetattr (terminal->master, &terminal->modes), 0);
    fcntl (terminal->master, F_SETFL, O_NONBLOCK);
    fcntl (terminal->master, F_SETFD, FD_CLOEXEC);
    return terminal;
}

void
terminal_free (struct terminal *terminal)
{
    if (terminal->status < 0) {
        kill (terminal->process, SIGTERM);
        terminal_wait_end (terminal);
    }
    close (terminal->master);
    vterm_free (terminal->vterm);
    g_string_free (terminal->output, TRUE);
    g_free (terminal);
}

pid_t
terminal_process (const struct terminal *terminal)
{
    return terminal->process;
}

pid_t
terminal_child (const struct terminal *terminal)
{
    g_autofree char *path = g_strdup_printf (
        "/proc/%d/task/%d/children", (int)terminal->process, (int)terminal->process);
    g_autofree char *text = NULL;
    const char *last;

    if (!g_file_get_contents (path, &text, NULL, NULL))
        return 0;
    last = strrchr (g_strchomp (text), ' ');
    return (pid_t)g_ascii_strtoll (last != NULL ? last : text, NULL, 10);
}

/* Reads what there is; waits a little if there is nothing. */
static void
pump (struct terminal *terminal, int patience_ms)
{
    struct pollfd in = { .fd = terminal->master, .events = POLLIN };
    char buffer[16384];
    ssize_t got;

    poll (&in, 1, patience_ms);
    while ((got = read (terminal->master, buffer, sizeof buffer)) > 0) {
        g_string_append_len (terminal->output, buffer, got);
        vterm_input_write (terminal->vterm, buffer, (size_t)got);
    }
    if (got < 0 && errno == EIO && patience_ms > 0)
        g_usleep (1000); /* nobody has it open; poll does not wait then */
    if (terminal->status < 0) {
        int status;

        if (waitpid (terminal->process, &status, WNOHANG) == terminal->process)
            terminal->status = status;
    }
}

void
terminal_send_bytes (struct terminal *terminal, const char *bytes, gsize count)
{
    gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

    while (count != 0) {
        ssize_t put = write (terminal->master, bytes, MIN (count, 2048));

        if (put > 0) {
            bytes += put;
            count -= (gsize)put;
        }
        pump (terminal, put > 0 ? 0 : 10);
        if (g_get_monotonic_time () > deadline)
            fail_msg ("the program does not read its keys");
    }
}

void
terminal_send (struct terminal *terminal, const char *keys)
{
    terminal_send_bytes (terminal, keys, strlen (keys));
}

void
terminal_resize (struct terminal *terminal, int rows, int columns)
{
    struct winsize size
        = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

    pump (terminal, 0);
    vterm_set_size (terminal->vterm, rows, columns);
    assert_int_equal (ioctl (terminal->master, TIOCSWINSZ, &size), 0);
}

char *
terminal_text (struct terminal *terminal)
{
    GString *text = g_string_new (NULL);
    int rows, columns;

    vterm_get_size (terminal->vterm, &rows, &columns);
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            VTermScreenCell cell;

            if (!vterm_screen_get_cell (terminal->screen, (VTermPos){ row, column }, &cell)
                || cell.chars[0] == (uint32_t)-1)
                continue;
            g_string_append_unichar (text, cell.chars[0] != 0 ? cell.chars[0] : ' ');
        }
        while (text->len != 0 && text->str[text->len - 1] == ' ')
            g_string_truncate (text, text->len - 1);
        g_string_append_c (text, '\n');
    }
    return g_string_free (text, FALSE);
}

bool
terminal_shows (struct terminal *terminal, const char *text)
{
    g_autofree char *screen = terminal_text (terminal);

    return strstr (screen, text) != NULL;
}

static void
wait_until (struct terminal *terminal, const char *text, const char *other, bool there)
{
    gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

    while ((terminal_shows (terminal, text)
            || (other != NULL && terminal_shows (terminal, other)))
           != there) {
        bool over = terminal->status >= 0 || g_get_monotonic_time () > deadline;

        pump (terminal, 20);
        if (over && terminal_shows (terminal, text) != there
            && (other == NULL || !terminal_shows (terminal, other))) {
            g_autofree char *screen = terminal_text (terminal);

            fputs (screen, stderr); /* whole, which fail_msg would not */
            fail_msg ("\"%s\" %s%s", text, there ? "does not come" : "does not go",
                      terminal->status >= 0 ? ", and the program has ended" : "");
        }
    }
}

void
terminal_wait (struct terminal *terminal, const char *text)
{
    wait_until (terminal, text, NULL, true);
}

void
terminal_wait_gone (struct terminal *terminal, const char *text)
{
    wait_until (terminal, text, NULL, false);
}

void
terminal_wait_bytes (struct terminal *terminal, gsize bytes)
{
    gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

    while (terminal->output->len < bytes && g_get_monotonic_time () < deadline)
        pump (terminal, 20);
    assert_true (terminal->output->len >= bytes);
}

void
terminal_wait_written (struct terminal *terminal, gsize from, const char *bytes)
{
    gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

    while (strstr (terminal->output->str + from, bytes) == NULL) {
        if (g_get_monotonic_time () > deadline)
            fail_msg ("these bytes are not written");
        pump (terminal, 20);
    }
}

void
terminal_watch (struct terminal *terminal, gint64 us)
{
    gint64 until = g_get_monotonic_time () + us;

    while (g_get_monotonic_time () < until)
        pump (terminal, 20);
}

int
terminal_wait_either (struct terminal *terminal, const char *text, const char *other)
{
    wait_until (terminal, text, other, true);
    return !terminal_shows (terminal, text);
}

int
terminal_wait_end (struct terminal *terminal)
{
    gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

    while (terminal->status < 0 && g_get_monotonic_time () < deadline)
        pump (terminal, 20);
    if (terminal->status < 0) {
        g_autofree char *screen = terminal_text (terminal);

        kill (terminal->process, SIGKILL);
        fail_msg ("the program does not end:\n%s", screen);
    }
    pump (terminal, 0);
    return terminal->status;
}

const GString *
terminal_output (const struct terminal *terminal)
{
    return terminal->output;
}

void
terminal_expect_restored (struct terminal *terminal)
{
    gint64 deadline = g_get_monotonic_time () + DEADLINE_US;
    struct termios now;

    do { /* who restores it may not be whom we have waited for */
        pump (terminal, 20);
        assert_int_equal (tcgetattr (terminal->master, &now), 0);
    } while ((now.c_lflag != terminal->modes.c_lflag || terminal->alternate
              || terminal->cursor_hidden)
             && g_get_monotonic_time () < deadline);
    assert_int_equal (now.c_iflag, terminal->modes.c_iflag);
    assert_int_equal (now.c_oflag, terminal->modes.c_oflag);
    assert_int_equal (now.c_lflag, terminal->modes.c_lflag);
    assert_false (terminal->alternate);
    assert_false (terminal->cursor_hidden);
}
