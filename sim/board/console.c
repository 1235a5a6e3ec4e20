#define _GNU_SOURCE
#include "board/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Typed by somebody else than standard input, and not yet in the ring. */
#define TYPED_BYTES_MAX (1u << 20)

struct Console {
    enum board_input input;
    struct terminal *terminal;
    int wire;
    GByteArray *typed; /* read from the host, not yet in the ring */
    bool input_ended;  /* the host has no more */
    bool end_told;
    bool output_lost;
    uint64_t received; /* bytes that came out of the wire */
    uint16_t rows, columns;
    void (*listener) (void *data, const void *bytes, size_t count);
    void *listener_data;

    struct termios saved;
    bool raw;
    pid_t guardian;
    int guardian_line; /* closed without a word: we died */
};

/* ---- the terminal's modes survive whatever dies ---- */

static _Noreturn void
guardian_live (int line, const struct termios *saved)
{
    char word;

    setsid ();
    while (read (line, &word, 1) < 0 && errno == EINTR)
        continue;
    tcsetattr (STDIN_FILENO, TCSANOW, saved);
    _exit (0);
}

static void
raw_on (Console *console)
{
    struct termios raw;
    sigset_t all, before;
    int line[2];

    if (tcgetattr (STDIN_FILENO, &console->saved) != 0 || pipe2 (line, O_CLOEXEC) != 0)
        return;
    /* Blocked from its first moment on: if we are killed then, our session is told to hang up. */
    sigfillset (&all);
    sigprocmask (SIG_BLOCK, &all, &before);
    console->guardian = fork ();
    if (console->guardian == 0) {
        close (line[1]);
        guardian_live (line[0], &console->saved);
    }
    sigprocmask (SIG_SETMASK, &before, NULL);
    close (line[0]);
    console->guardian_line = line[1];
    raw                    = console->saved;
    cfmakeraw (&raw);
    tcsetattr (STDIN_FILENO, TCSANOW, &raw);
    console->raw = true;
}

static void
raw_off (Console *console)
{
    if (!console->raw)
        return;
    tcsetattr (STDIN_FILENO, TCSADRAIN, &console->saved);
    close (console->guardian_line);
    if (console->guardian > 0)
        waitpid (console->guardian, NULL, 0);
}

/* ---- */

Console *
console_new (enum board_input input, struct terminal *terminal, int wire)
{
    Console *console = g_new0 (Console, 1);

    console->input       = input;
    console->terminal    = terminal;
    console->wire        = wire;
    console->typed       = g_byte_array_new ();
    console->input_ended = input == BOARD_INPUT_NONE;
    fcntl (wire, F_SETFL, O_NONBLOCK);
    if (input == BOARD_INPUT_TERMINAL)
        raw_on (console);
    console_resize (console);
    return console;
}

void
console_free (Console *console)
{
    raw_off (console);
    g_byte_array_unref (console->typed);
    g_free (console);
}

bool
console_wants_input (const Console *console)
{
    return !console->input_ended && console->input != BOARD_INPUT_BOARD
           && console->typed->len < TERMINAL_INPUT_BYTES;
}

bool
console_takes_input (const Console *console)
{
    return console->terminal != NULL && !console->end_told
           && console->input != BOARD_INPUT_NONE;
}

size_t
console_type (Console *console, const void *bytes, size_t count)
{
    size_t room = TYPED_BYTES_MAX - MIN (TYPED_BYTES_MAX, console->typed->len);

    if (!console_takes_input (console))
        return 0;
    count = MIN (count, room);
    g_byte_array_append (console->typed, bytes, (guint)count);
    return count;
}

void
console_input (Console *console)
{
    guint8 buffer[4096];
    ssize_t got = read (STDIN_FILENO, buffer, sizeof buffer);

    if (got > 0)
        g_byte_array_append (console->typed, buffer, (guint)got);
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        console->input_ended = true;
}

/* Is a person there? */
static bool
is_live (const Console *console)
{
    return console->input == BOARD_INPUT_TERMINAL || console->input == BOARD_INPUT_BOARD;
}

/* How much of what was typed may go on now. From a pipe it is one line, and the next only
 * when the driver has taken that: so the machine sees the same pieces in every run. */
static guint
may_feed (const Console *console)
{
    const struct terminal *terminal = console->terminal;
    const guint8 *newline;

    if (is_live (console))
        return console->typed->len;
    if (__atomic_load_n (&terminal->driver.taken, __ATOMIC_ACQUIRE) != terminal->board.written)
        return 0;
    newline = memchr (console->typed->data, '\n', console->typed->len);
    if (newline != NULL)
        return (guint)(newline - console->typed->data) + 1;
    return console->input_ended || console->typed->len >= TERMINAL_INPUT_BYTES
               ? console->typed->len
               : 0;
}

bool
console_feed (Console *console)
{
    guint bytes = console->typed->len != 0 ? may_feed (console) : 0;
    size_t fed;

    if (console->terminal == NULL)
        return false;
    if (bytes != 0) {
        fed = terminal_type (console->terminal, console->typed->data, bytes);
        g_byte_array_remove_range (console->typed, 0, (guint)fed);
        return fed != 0;
    }
    if (console->input_ended && console->typed->len == 0 && !console->end_told
        && (is_live (console)
            || __atomic_load_n (&console->terminal->driver.taken, __ATOMIC_ACQUIRE)
                   == console->terminal->board.written)) {
        __atomic_store_n (&console->terminal->board.ended, 1, __ATOMIC_RELEASE);
        console->end_told = true;
        return true;
    }
    return false;
}

bool
console_over (const Console *console)
{
    return console->end_told;
}

bool
console_resize (Console *console)
{
    struct winsize size = { .ws_row = 24, .ws_col = 80 };

    if (console->terminal == NULL)
        return false;
    if (console->input == BOARD_INPUT_TERMINAL)
        ioctl (STDIN_FILENO, TIOCGWINSZ, &size);
    return console_resize_to (console, size.ws_row, size.ws_col);
}

bool
console_resize_to (Console *console, uint16_t rows, uint16_t columns)
{
    if (console->terminal == NULL || (rows == console->rows && columns == console->columns))
        return false;
    console->rows                    = rows;
    console->columns                 = columns;
    console->terminal->board.rows    = rows;
    console->terminal->board.columns = columns;
    return true;
}

/* Standard output may be slow or gone: slow is waited for, gone is remembered. */
static void
write_all (Console *console, const char *bytes, size_t count)
{
    while (count != 0 && !console->output_lost) {
        ssize_t put = write (STDOUT_FILENO, bytes, count);

        if (put >= 0) {
            bytes += put;
            count -= (size_t)put;
        } else if (errno == EAGAIN) {
            struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

            poll (&out, 1, 100);
        } else if (errno != EINTR) {
            console->output_lost = true;
        }
    }
}

void
console_output (Console *console, bool all)
{
    char buffer[65536];
    ssize_t got;

    do {
        got = read (console->wire, buffer, sizeof buffer);
        if (got > 0)
            console->received += (uint64_t)got;
        if (got > 0 && console->listener != NULL)
            console->listener (console->listener_data, buffer, (size_t)got);
        if (got > 0 && console->input != BOARD_INPUT_BOARD)
            write_all (console, buffer, (size_t)got);
    } while (got > 0 && all);
}

void
console_settle (Console *console)
{
    if (console->terminal == NULL)
        return;
    console_output (console, true);
    terminal_count (console->terminal, console->received);
}

bool
console_output_lost (const Console *console)
{
    return console->output_lost;
}

void
console_listen (Console *console, void (*listener) (void *data, const void *bytes, size_t count),
                void *data)
{
    console->listener      = listener;
    console->listener_data = data;
}
