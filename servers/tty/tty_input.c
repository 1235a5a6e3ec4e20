/* tty_input: from the bytes that are typed to the bytes that are read. */
#include "tty/tty.h"

enum { SIGNAL_INTERRUPT = 2, SIGNAL_QUIT = 3, SIGNAL_STOP = 20 };

static uint16_t *
tty_at (struct tty *tty, uint32_t cursor)
{
    return &tty->ring[cursor % TTY_RING];
}

void
tty_commit (struct tty *tty)
{
    tty->line = tty->tail;
}

bool
tty_at_end (const struct tty *tty)
{
    return tty->ended
           && (tty->terminal == NULL || tty->taken == tty->announced);
}

static bool
tty_mode (const struct tty *tty, uint32_t mode)
{
    return (tty->attr.modes & mode) != 0;
}

/* ---- editing a line ---- */

/* The column after what is being edited. */
static uint32_t
tty_edit_column (struct tty *tty)
{
    uint32_t column = tty->line_column;

    for (uint32_t i = tty->line; i != tty->tail; i++)
        column = tty_column_after (column, (char)*tty_at (tty, i), true);
    return column;
}

/* Takes back one character, which may be several bytes of UTF-8. */
static void
tty_erase (struct tty *tty)
{
    uint16_t last;

    if (tty->tail == tty->line)
        return;
    do
        last = *tty_at (tty, --tty->tail);
    while ((last & 0xc0) == 0x80 && tty->tail != tty->line);
    if (tty_mode (tty, TTY_ECHO))
        tty_unecho (tty, tty_edit_column (tty), last == '\t');
}

static void
tty_push (struct tty *tty, uint16_t entry)
{
    *tty_at (tty, tty->tail++) = entry;
}

static void
tty_type_canonical (struct tty *tty, uint8_t c)
{
    const struct tty_attr *attr = &tty->attr;
    bool echo = tty_mode (tty, TTY_ECHO);

    if (tty->tail == tty->line)
        tty->line_column = tty->column;
    if (c == '\n') {
        tty_push (tty, (uint16_t)(c | TTY_END));
        tty_commit (tty);
    } else if (c == attr->eof && c != 0) {
        tty_push (tty, TTY_EOF | TTY_END);
        tty_commit (tty);
        return;
    } else if (c == attr->erase && c != 0) {
        tty_erase (tty);
        return;
    } else if (c == attr->kill && c != 0) {
        while (tty->tail != tty->line)
            tty_erase (tty);
        return;
    } else if (tty->tail - tty->line >= TTY_LINE_MAX) {
        c = '\a'; /* there must be room for the end of the line */
        if (echo)
            tty_put (tty, (char)c);
        return;
    } else {
        tty_push (tty, c);
    }
    if (echo)
        tty_echo (tty, (char)c);
}

/* Was it one of the characters that make a signal? */
static bool
tty_type_signal (struct tty *tty, uint8_t c)
{
    unsigned signal;

    if (!tty_mode (tty, TTY_SIGNALS) || c == 0)
        return false;
    if (c == tty->attr.interrupt)
        signal = SIGNAL_INTERRUPT;
    else if (c == tty->attr.quit)
        signal = SIGNAL_QUIT;
    else if (c == tty->attr.suspend)
        signal = SIGNAL_STOP;
    else
        return false;
    tty->head = tty->line = tty->tail;
    tty->signals |= 1ull << signal;
    if (tty_mode (tty, TTY_ECHO))
        tty_echo (tty, (char)c);
    return true;
}

static void
tty_type (struct tty *tty, uint8_t c)
{
    if (tty_type_signal (tty, c))
        return;
    if (c == '\r' && tty_mode (tty, TTY_CRNL))
        c = '\n';
    if (tty_mode (tty, TTY_CANONICAL)) {
        tty_type_canonical (tty, c);
        return;
    }
    tty_push (tty, c);
    tty_commit (tty);
    if (tty_mode (tty, TTY_ECHO))
        tty_echo (tty, (char)c);
}

uint32_t
tty_take_input (struct tty *tty)
{
    uint32_t taken = 0;

    /* When the ring is full there are whole lines in it that nobody has read: the device
     * keeps the rest until somebody does. */
    while (tty->terminal != NULL && tty->tail - tty->head < TTY_RING) {
        int c = terminal_take (tty->terminal, &tty->taken, tty->announced);

        if (c < 0)
            break;
        tty_type (tty, (uint8_t)c);
        taken++;
    }
    if (tty_at_end (tty))
        tty_commit (tty);
    tty_flush (tty);
    return taken;
}

/* ---- reading ---- */

uint32_t
tty_deliver (struct tty *tty, uint8_t *into, uint32_t length)
{
    bool canonical = tty_mode (tty, TTY_CANONICAL);
    uint32_t done = 0;

    while (done < length && tty->head != tty->line) {
        uint16_t entry = *tty_at (tty, tty->head++);

        if ((entry & TTY_EOF) == 0)
            into[done++] = (uint8_t)entry;
        if (canonical && (entry & TTY_END) != 0)
            return done;
    }
    /* An end of file right after the last byte belongs to it: else the next read would take
     * it for one at the start of a line. */
    if (done > 0 && tty->head != tty->line && (*tty_at (tty, tty->head) & TTY_EOF) != 0)
        tty->head++;
    return done;
}

uint32_t
tty_pending (const struct tty *tty)
{
    uint32_t pending = 0;

    for (uint32_t at = tty->head; at != tty->line; at++)
        pending += (tty->ring[at % TTY_RING] & TTY_EOF) == 0;
    return pending;
}
