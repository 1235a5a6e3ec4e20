/* terminal: the model of a terminal: a ring of typed bytes, a window size, a wire out.
 *
 * Two areas, each written by one side. The board types into the first, moves `written` on,
 * and has the driver interrupted; what does not fit it keeps. The driver says in the second
 * how far it has read. Both cursors run freely and wrap at 2^32.
 *
 * For a run that can be repeated a driver looks at the board's area in its interrupt only:
 * the board may type at any moment, an interrupt has its place in virtual time.
 */
#ifndef SIM_DEVICE_TERMINAL_H
#define SIM_DEVICE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TERMINAL_INPUT_BYTES 65536u /* a power of two: the cursors wrap */
#define TERMINAL_PAGE_BYTES  4096u

struct terminal {
    /* Written by the board alone. */
    struct terminal_board {
        uint32_t written; /* bytes ever typed */
        uint32_t ended;   /* nothing will follow after `written` */
        uint16_t rows;    /* of the window; 0: not known */
        uint16_t columns;
        uint8_t pad[TERMINAL_PAGE_BYTES - 12];
        uint8_t input[TERMINAL_INPUT_BYTES];
    } board;
    /* Written by the driver alone. */
    struct terminal_driver {
        uint32_t taken;  /* bytes ever read */
        uint32_t closed; /* nobody listens at the far end any more */
        uint64_t bytes_out; /* that the wire has taken */
        uint8_t pad[TERMINAL_PAGE_BYTES - 16];
    } driver;
};

/* ---- the board's side ---- */

/* Types as many of the bytes as there is room for; answers how many. */
size_t terminal_type (struct terminal *terminal, const void *bytes, size_t count);

/* The driver is dead, and so many bytes had come out of the wire and are in it: its own count
 * may be short of what it wrote last. */
void terminal_count (struct terminal *terminal, uint64_t bytes);

/* ---- the driver's side ---- */

/* How the terminal stands now. */
struct terminal_state {
    uint32_t written; /* how far the ring is filled; bytes up to there may be taken */
    uint32_t taken;   /* how far it was read by the driver before */
    uint32_t ended;
    uint16_t rows, columns;
};

void terminal_look (const struct terminal *terminal, struct terminal_state *state);

/* The byte at *taken, which moves on, if it lies before `limit`; else -1. */
int terminal_take (struct terminal *terminal, uint32_t *taken, uint32_t limit);

/* Puts all the bytes on the wire. When the far end is closed they are dropped: losing its
 * terminal does not stop a machine. */
void terminal_write (struct terminal *terminal, const void *bytes, size_t count);

#endif
