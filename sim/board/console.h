/* console: the machine's terminal at the host's standard input and output. */
#ifndef SIM_CONSOLE_H
#define SIM_CONSOLE_H

#include "board/board.h"
#include "device/terminal.h"

typedef struct Console Console;

/* In TERMINAL mode puts the terminal into raw mode; it is restored by console_free, and by a
 * guardian process if this one dies without. */
Console *console_new (enum board_input input, struct terminal *terminal, int wire);
void console_free (Console *console);

/* Should poll watch standard input? */
bool console_wants_input (const Console *console);
/* Standard input is readable: takes what there is. */
void console_input (Console *console);
/* Hands on to the terminal's ring what it may have now. Returns whether there is news for
 * the driver: an interrupt. */
bool console_feed (Console *console);
/* Likewise for what somebody types who is not at standard input; answers how many bytes were
 * taken. */
size_t console_type (Console *console, const void *bytes, size_t count);
bool console_takes_input (const Console *console);
/* Has the driver been told that nothing will be typed any more? */
bool console_over (const Console *console);
/* The window has changed, or may have. Likewise. */
bool console_resize (Console *console);
bool console_resize_to (Console *console, uint16_t rows, uint16_t columns);
/* Moves what the machine wrote to standard output; `all`: until the wire is empty. */
void console_output (Console *console, bool all);
/* The driver's process is dead: the terminal learns how much of what it wrote has come out. */
void console_settle (Console *console);
bool console_output_lost (const Console *console);
/* Who else is told what the machine writes. */
void console_listen (Console *console, void (*listener) (void *data, const void *bytes, size_t count),
                     void *data);

#endif
