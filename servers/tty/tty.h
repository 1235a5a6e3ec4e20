/* tty: what its files share. */
#ifndef TTY_H
#define TTY_H

#include "device/terminal.h"
#include "interfaces/interfaces.h"

#define TTY_RING     8192u /* entries, a power of two: the cursors wrap */
#define TTY_LINE_MAX 4094u /* characters of a line that is being edited */

/* An entry of the ring: a byte, or a mark. */
enum {
    TTY_END = 0x100, /* this byte ends a line */
    TTY_EOF = 0x200, /* no byte: the end of file character was typed here */
};

/* A read that has not been answered. */
struct tty_reader {
    struct tty_reader *next;
    struct call call;
    uint32_t length;      /* of what it reads into */
    uint64_t order;       /* of arrival, from 1 */
    uint64_t deadline_ns; /* raw mode with a time; 0: none */
    uint64_t ticket;      /* of a poll */
    bool polls;           /* it only wants to know whether it would have to wait */
};

struct tty {
    struct terminal *terminal; /* NULL: none; then every read is at the end of file */
    struct tty_attr attr;
    uint32_t foreground; /* process group; 0: none */

    /* What the device has announced by interrupts. */
    uint32_t taken;     /* bytes ever taken from the device */
    uint32_t announced; /* input up to this cursor */
    bool ended;         /* nothing follows it */

    /* head to line: may be read. line to tail: being edited. */
    uint32_t head, line, tail;
    uint16_t ring[TTY_RING];

    uint32_t column;      /* of the cursor on the screen, as far as one can know */
    uint32_t line_column; /* where the edited line begins */
    uint32_t out_count;
    char out[512]; /* on its way to the device */

    uint64_t signals; /* to be sent to the foreground group: bit n is signal n */
    uint64_t readers_ever;
    struct alarms alarms; /* for their deadlines */
    struct tty_reader *first, *last;
};

/* ---- tty_output.c ---- */

void tty_put (struct tty *tty, char c);  /* as the programs' output, with its translation */
void tty_echo (struct tty *tty, char c); /* as typed, controls as ^X */
/* Takes back on the screen what lies between two columns. */
void tty_unecho (struct tty *tty, uint32_t to_column, bool was_tab);
uint32_t tty_column_after (uint32_t column, char c, bool echoed);
void tty_flush (struct tty *tty);

/* ---- tty_input.c ---- */

/* Takes what the device has announced, as far as there is room. Signals that are typed are
 * noted in tty->signals. Answers how many bytes it took. */
uint32_t tty_take_input (struct tty *tty);
/* Everything that was ever typed has been taken, and nothing follows. */
bool tty_at_end (const struct tty *tty);
/* Moves what a read may have now; answers how many bytes. */
uint32_t tty_deliver (struct tty *tty, uint8_t *into, uint32_t length);
/* How many bytes may be read. */
uint32_t tty_pending (const struct tty *tty);
/* What is being edited may be read as it is: on leaving canonical mode. */
void tty_commit (struct tty *tty);

#endif
