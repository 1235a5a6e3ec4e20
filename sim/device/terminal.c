/* terminal: see terminal.h. All state is in the device's memory; no allocation, no globals.
 */
#include "device/terminal.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "device/device.h"
#include "gate/journal.h"

size_t
terminal_type (struct terminal *terminal, const void *bytes, size_t count)
{
    const uint8_t *from = bytes;
    uint32_t written = terminal->board.written;
    uint32_t taken = __atomic_load_n (&terminal->driver.taken, __ATOMIC_ACQUIRE);
    uint32_t used = written - taken;
    size_t room = used <= TERMINAL_INPUT_BYTES ? TERMINAL_INPUT_BYTES - used : 0;

    if (count > room)
        count = room;
    for (size_t i = 0; i < count; i++)
        terminal->board.input[(written + (uint32_t)i) % TERMINAL_INPUT_BYTES] = from[i];
    __atomic_store_n (&terminal->board.written, written + (uint32_t)count,
                      __ATOMIC_RELEASE);
    return count;
}

void
terminal_look (const struct terminal *terminal, struct terminal_state *state)
{
    if (journal_port (state, sizeof *state))
        return;
    state->written = __atomic_load_n (&terminal->board.written, __ATOMIC_ACQUIRE);
    state->ended   = __atomic_load_n (&terminal->board.ended, __ATOMIC_ACQUIRE);
    state->taken   = terminal->driver.taken;
    state->rows    = terminal->board.rows;
    state->columns = terminal->board.columns;
    journal_ported (state, sizeof *state);
}

int
terminal_take (struct terminal *terminal, uint32_t *taken, uint32_t limit)
{
    int32_t byte;

    /* Not `taken == limit`: a limit that makes no sense must not send us round the ring. */
    if (limit - *taken - 1 >= TERMINAL_INPUT_BYTES)
        return -1;
    if (!journal_port (&byte, sizeof byte)) {
        byte = terminal->board.input[*taken % TERMINAL_INPUT_BYTES];
        journal_ported (&byte, sizeof byte);
    }
    ++*taken;
    /* Only now may the board type over it. What others see never goes back. */
    if ((int32_t)(*taken - terminal->driver.taken) > 0)
        __atomic_store_n (&terminal->driver.taken, *taken, __ATOMIC_RELEASE);
    return byte;
}

static void
terminal_put (struct terminal *terminal, const char *from, size_t count)
{
    while (count > 0 && !terminal->driver.closed) {
        ssize_t put = write (DEVICE_TERMINAL_FD, from, count);

        if (put > 0) {
            terminal->driver.bytes_out += (uint64_t)put;
            from += put;
            count -= (size_t)put;
        } else if (put < 0 && errno == EAGAIN) {
            sched_yield (); /* somebody made the descriptor non-blocking: the far end is
                               slow */
        } else if (put == 0 || errno != EINTR) {
            terminal->driver.closed = 1;
        }
    }
}

/* Where the bytes belong is kept before they go out. A driver that was put back and does not
 * know whether they did finds how far they came in bytes_out: the far end has counted them. */
void
terminal_write (struct terminal *terminal, const void *bytes, size_t count)
{
    uint64_t start = terminal->driver.bytes_out;
    size_t done    = 0;

    if (journal_port (&start, sizeof start)) {
        if (!journal_port_was_last ())
            return;
        if (terminal->driver.bytes_out > start)
            done = (size_t)(terminal->driver.bytes_out - start);
    } else {
        journal_ported (&start, sizeof start);
    }
    if (done < count)
        terminal_put (terminal, (const char *)bytes + done, count - done);
}

void
terminal_count (struct terminal *terminal, uint64_t bytes)
{
    terminal->driver.bytes_out = bytes;
}
