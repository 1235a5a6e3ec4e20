/* system: what tools like top read about the whole machine, as Linux writes it. The
 * figures are the kernel's counters. */
#include <string.h>

#include "proc.h"

#define WINDOW_BYTES 4096u
#define TICK_NS      10000000u

/* The value behind `name ` in lines of counters; 0 if it is not there. */
static uint64_t
proc_counter (const char *lines, uint32_t bytes, const char *name)
{
    size_t length  = strlen (name);
    uint64_t value = 0;

    for (uint32_t at = 0; at < bytes;) {
        const char *end = memchr (lines + at, '\n', bytes - at);
        uint32_t next   = end != NULL ? (uint32_t)(end - lines) + 1 : bytes;

        if (next - at > length && memcmp (lines + at, name, length) == 0
            && lines[at + length] == ' ') {
            for (at += (uint32_t)length + 1; at < next && lines[at] != '\n'; at++)
                value = value * 10 + (uint64_t)(lines[at] - '0');
            return value;
        }
        at = next;
    }
    return 0;
}

static void
proc_row_of (struct text *text, const char *label, uint64_t value, const char *unit)
{
    text_append (text, label);
    text_number (text, value);
    text_append (text, unit);
}

static void
proc_cpu (struct text *text, const char *label, uint64_t busy_ns, uint64_t idle_ns)
{
    text_append (text, label);
    text_number (text, busy_ns / TICK_NS);
    text_append (text, " 0 0 ");
    text_number (text, idle_ns / TICK_NS);
    text_append (text, " 0 0 0 0 0 0\n");
}

enum status
proc_of_system (Component *self, uint32_t what, char *window, struct text *text)
{
    struct kernel_counters_req ask = { .into = { .data = window, .length = WINDOW_BYTES } };
    struct kernel_counters_rep told;
    enum status status = kernel_counters (component_link (self, PROC_NEED_KERNEL), &ask, &told);
    uint32_t bytes     = status == OK && told.done <= WINDOW_BYTES ? told.done : 0;
    uint64_t now       = component_now_ns (self);
    uint64_t busy      = proc_counter (window, bytes, "busy_ns");

    if (status != OK)
        return status;
    switch (what) {
    case PROC_SYSTEM_STAT:
        proc_cpu (text, "cpu  ", busy, now > busy ? now - busy : 0);
        proc_cpu (text, "cpu0 ", busy, now > busy ? now - busy : 0);
        proc_row_of (text, "ctxt ", proc_counter (window, bytes, "context_switches"), "\n");
        proc_row_of (text, "btime ", (component_time_ns (self) - now) / 1000000000u, "\n");
        return OK;
    case PROC_LOAD:
        text_append (text, "0.00 0.00 0.00 1/");
        proc_row_of (text, "", proc_counter (window, bytes, "tasks"), " 1\n");
        return OK;
    default:
        return ERR_STALE;
    }
}
