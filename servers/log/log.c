/* log: the kernel log. Provides log; needs kernel if it is there, to pass on what is
 * urgent.
 *
 * A ring of text, `[    0.001234] source: text` a line. When it is full the oldest whole
 * lines go. A cursor counts the bytes ever logged, so it stays good when the ring wraps:
 * who was too slow goes on at the oldest line there is.
 *
 * Keeps across a crash: what its arena keeps, which is all of it.
 */
#include <string.h>

#include "interfaces/interfaces.h"
#include "log/log.h"
#include "text.h"

#define LINE_BYTES_MAX 1024u /* of one line; longer ones are cut */
#define RING_BYTES_MIN 4096u
#define RING_BYTES_MAX (16u << 20)
#define CYCLES_LINE    400u

enum { LOG_KERNEL };

static char *
log_at (const struct log *log, uint64_t cursor)
{
    return &log->ring[cursor % log->ring_bytes];
}

/* Makes room for so many bytes by dropping whole lines. */
static void
log_make_room (struct log *log, size_t bytes)
{
    while (log->end + bytes - log->first > log->ring_bytes)
        while (*log_at (log, log->first++) != '\n')
            ;
}

static void
log_append (struct log *log, const char *line, size_t bytes)
{
    log_make_room (log, bytes);
    for (size_t i = 0; i < bytes; i++)
        *log_at (log, log->end + i) = line[i];
    log->end += bytes;
}

/* Control characters would break the lines of whoever reads this on a terminal. */
static char
log_printable (char c)
{
    return c == '\t' ? ' ' : (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
}

/* The line with its newline, in `line` of LINE_BYTES_MAX bytes. */
static size_t
log_format (char *line, uint64_t now_ns, const struct log_write_req *req)
{
    const char *from = req->from.data;
    uint32_t length = req->from.length;
    struct text text;

    if (length > 0 && from[length - 1] == '\n')
        length--;
    text_init (&text, line, LINE_BYTES_MAX - 1);
    text_char (&text, '[');
    text_number_width (&text, now_ns / 1000000000u, 5, ' ');
    text_char (&text, '.');
    text_number_width (&text, now_ns / 1000u % 1000000u, 6, '0');
    text_append (&text, "] ");
    for (size_t i = 0; i < sizeof req->source && req->source[i] != '\0'; i++)
        text_char (&text, log_printable (req->source[i]));
    text_append (&text, ": ");
    for (uint32_t i = 0; i < length; i++)
        text_char (&text, log_printable (from[i]));
    line[text.length] = '\n';
    return text.length + 1;
}

static enum status
log_do_write (Component *self, struct call *call, const struct log_write_req *req,
              struct log_write_rep *rep)
{
    struct log *log = component_state (self);
    Link *kernel = component_link (self, LOG_KERNEL);
    char line[LINE_BYTES_MAX];
    size_t bytes;

    (void)call;
    (void)rep;
    if (req->level > 7)
        return ERR_INVALID;
    component_charge (self, CYCLES_LINE);
    bytes = log_format (line, component_now_ns (self), req);
    log_append (log, line, bytes);
    if (req->level <= log->urgent && kernel != NULL) {
        struct kernel_print_req print
            = { .from = { .data = line, .length = (uint32_t)bytes - 1 } };
        struct kernel_print_rep nothing;

        kernel_print (kernel, &print, &nothing); /* it is in the ring in any case */
    }
    return OK;
}

static enum status
log_do_read (Component *self, struct call *call, const struct log_read_req *req,
             struct log_read_rep *rep)
{
    const struct log *log = component_state (self);
    char *into = req->into.data;
    uint64_t cursor = req->cursor;
    uint32_t count, whole;

    (void)call;
    if (cursor < log->first)
        cursor = log->first;
    if (cursor > log->end)
        cursor = log->end;
    count = req->into.length;
    if (count > log->end - cursor)
        count = (uint32_t)(log->end - cursor);
    /* Lines are handed out whole where one fits. */
    for (whole = count; whole > 0 && *log_at (log, cursor + whole - 1) != '\n';)
        whole--;
    if (whole > 0)
        count = whole;
    for (uint32_t i = 0; i < count; i++)
        into[i] = *log_at (log, cursor + i);
    rep->done = count;
    rep->next = cursor + count;
    return OK;
}

static enum status
log_do_clear (Component *self, struct call *call, const struct log_clear_req *req,
              struct log_clear_rep *rep)
{
    struct log *log = component_state (self);

    (void)call;
    (void)req;
    (void)rep;
    log->first = log->end;
    return OK;
}

static enum status
log_start (Component *self)
{
    struct log *log = component_state (self);

    log->ring_bytes = component_option_number (self, "bytes");
    log->urgent = component_option_number (self, "urgent");
    if (log->ring_bytes < RING_BYTES_MIN)
        log->ring_bytes = RING_BYTES_MIN;
    if (log->ring_bytes > RING_BYTES_MAX)
        log->ring_bytes = RING_BYTES_MAX;
    log->ring = component_alloc (self, log->ring_bytes);
    return log->ring != NULL ? OK : ERR_NO_MEMORY;
}

static const struct log_ops log_log = {
    .write = log_do_write,
    .read = log_do_read,
    .clear = log_do_clear,
};

const struct component_class log_class = {
    .name = "log",
    .summary = "keeps the kernel's log, which dmesg prints",
    .state_bytes = sizeof (struct log),
    .provides = { { INTERFACE_log, &log_log } },
    .needs = { { "kernel", INTERFACE_kernel, NEED_OPTIONAL } },
    .options = { { "bytes", "64K", "of text that are kept" },
                 { "urgent", "3", "levels from 0 to this one go to the board as well" } },
    .start = log_start,
};
