/* tty_output: bytes on their way to the screen, and where they leave the cursor. */
#include "tty/tty.h"

void
tty_flush (struct tty *tty)
{
    if (tty->out_count > 0 && tty->terminal != NULL)
        terminal_write (tty->terminal, tty->out, tty->out_count);
    tty->out_count = 0;
}

static void
tty_out (struct tty *tty, char c)
{
    if (tty->out_count == sizeof tty->out)
        tty_flush (tty);
    tty->out[tty->out_count++] = c;
}

static bool
tty_is_control (char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* The second and later bytes of a UTF-8 character take no room. */
static bool
tty_is_continuation (char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

uint32_t
tty_column_after (uint32_t column, char c, bool echoed)
{
    if (c == '\t')
        return (column | 7) + 1;
    if (c == '\n' || (c == '\r' && !echoed))
        return 0;
    if (tty_is_control (c)) {
        if (echoed)
            return column + 2;
        return c == '\b' && column > 0 ? column - 1 : column;
    }
    return tty_is_continuation (c) ? column : column + 1;
}

void
tty_put (struct tty *tty, char c)
{
    if (c == '\n' && (tty->attr.modes & TTY_NLCR) != 0)
        tty_out (tty, '\r');
    tty_out (tty, c);
    tty->column = tty_column_after (tty->column, c, false);
}

void
tty_echo (struct tty *tty, char c)
{
    if (tty_is_control (c) && c != '\n' && c != '\t') {
        tty_put (tty, '^');
        tty_put (tty, (char)(c ^ 0x40));
    } else {
        tty_put (tty, c);
    }
}

void
tty_unecho (struct tty *tty, uint32_t to_column, bool was_tab)
{
    while (tty->column > to_column) {
        if (!was_tab) {
            tty_out (tty, '\b');
            tty_out (tty, ' ');
        }
        tty_out (tty, '\b');
        tty->column--;
    }
}
