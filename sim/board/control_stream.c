/* control_stream: what subscribers are sent unasked: console, log, calls, statistics.
 *
 * Each client has cursors of its own into rings that go on whether it reads or not. It is sent
 * more only while little waits for it; what a ring has dropped by then is counted as lost.
 */
#include <stdlib.h>
#include <string.h>

#include "board/control_inside.h"

/* No more is fetched for a client that has this much waiting. */
#define PENDING_ENOUGH (256u << 10)
#define CONSOLE_PIECE  (48u << 10)
#define LOG_PIECE      (16u << 10)
#define CALLS_EVERY_NS 50000000u

/* ---- console ---- */

static json_t *
base64 (const void *bytes, size_t count)
{
    g_autofree char *text = g_base64_encode (bytes, count);

    return json_string (text);
}

static void
stream_console (Control *control, struct client *client)
{
    uint8_t piece[CONSOLE_PIECE];

    if (control->console_end - client->console_at > CONSOLE_BYTES) {
        uint64_t first = control->console_end - CONSOLE_BYTES;

        client->console_lost += first - client->console_at;
        client->console_at = first;
    }
    while (client->console_at < control->console_end && client_pending (client) < PENDING_ENOUGH) {
        size_t at    = client->console_at % CONSOLE_BYTES;
        size_t bytes = MIN (control->console_end - client->console_at, sizeof piece);
        json_t *line;

        bytes = MIN (bytes, CONSOLE_BYTES - at);
        memcpy (piece, control->console + at, bytes);
        line = json_pack ("{s:s, s:o}", "event", "console", "data", base64 (piece, bytes));
        if (client->console_lost != 0)
            json_object_set_new (line, "lost", control_number (client->console_lost));
        if (!client_event (client, NULL, line))
            return;
        client->console_lost = 0;
        client->console_at += bytes;
    }
}

/* ---- log ---- */

/* "[    0.001234] source: text" */
static json_t *
log_line_json (const char *line, size_t bytes)
{
    const char *end = memchr (line, ']', bytes);
    uint64_t at     = 0;

    if (line[0] != '[' || end == NULL || (size_t)(end - line) + 2 > bytes)
        return json_pack ("{s:i, s:o}", "at", 0, "text", control_text (line, bytes));
    for (const char *digit = line; digit < end; digit++)
        if (*digit >= '0' && *digit <= '9')
            at = at * 10 + (uint64_t)(*digit - '0');
    end += 2;
    return json_pack ("{s:o, s:o}", "at", control_number (at * 1000), "text",
                      control_text (end, bytes - (size_t)(end - line)));
}

static void
stream_log (struct client *client)
{
    char text[LOG_PIECE];
    uint64_t cursor = client->log_at;
    size_t bytes, begun = 0;

    if (client_pending (client) >= PENDING_ENOUGH)
        return;
    bytes = read_log (&cursor, text, sizeof text);
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] != '\n')
            continue;
        client_event (client, "log", log_line_json (text + begun, i - begun));
        begun = i + 1;
    }
    /* Half a line waits for its other half, unless there is no end to it. */
    client->log_at = begun == 0 && bytes == sizeof text ? cursor : cursor - bytes + begun;
}

json_t *
control_log_json (void)
{
    json_t *lines   = json_array ();
    char *text      = g_malloc (1u << 20);
    uint64_t cursor = 0;
    size_t bytes    = read_log (&cursor, text, 1u << 20);
    size_t begun    = 0;

    for (size_t i = 0; i < bytes; i++)
        if (text[i] == '\n') {
            json_array_append_new (lines, control_text (text + begun, i - begun));
            begun = i + 1;
        }
    g_free (text);
    return lines;
}

/* ---- calls ---- */

/* The newest events of one ring between two cursors that agree, newest first, put behind those
 * that are there already. Counts those beyond `count`. */
static unsigned
ring_collect (uint32_t domain, uint64_t from, uint64_t to, const struct event_filter *filter,
              struct event *events, unsigned count, uint64_t *beyond)
{
    const struct watch *watch = WATCH (domain);
    struct event_filter every = FILTER_ALL;
    bool all                  = filter_same (filter, &every);
    unsigned found            = 0;

    for (uint64_t at = to; at > from; at--) {
        const struct event *event = &watch->ring[(at - 1) % WATCH_EVENTS];

        if (found == count && all) {
            *beyond += at - from;
            break;
        }
        if (!filter_agrees (filter, event))
            continue;
        if (found == count) {
            *beyond += 1;
            continue;
        }
        events[found] = *event;
        /* Written over while we copied it, or about to be: so is all that is older. */
        atomic_thread_fence (memory_order_acquire);
        if (atomic_load (&watch->written) - (at - 1) >= WATCH_EVENTS) {
            *beyond += at - from;
            break;
        }
        found++;
    }
    return found;
}

static int
by_number (const void *a, const void *b)
{
    uint64_t left = ((const struct event *)a)->number, right = ((const struct event *)b)->number;

    return left < right ? -1 : left > right;
}

/* What every ring has from these cursors on; moves them, if there are any. */
static json_t *
calls_collect (const struct event_filter *filter, uint32_t count, uint64_t *cursors,
               uint64_t *lost)
{
    struct event *events = g_new (struct event, (gsize)count * PLAN->domain_count);
    json_t *rows         = json_array ();
    unsigned found       = 0;

    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        uint64_t to   = atomic_load (&WATCH (d)->written);
        uint64_t from = to > WATCH_EVENTS ? to - WATCH_EVENTS + 1 : 0;

        if (cursors != NULL && cursors[d] >= from && cursors[d] <= to)
            from = cursors[d];
        else if (cursors != NULL && cursors[d] < from)
            *lost += from - cursors[d];
        found += ring_collect (d, from, to, filter, events + found, count, lost);
        if (cursors != NULL)
            cursors[d] = to;
    }
    qsort (events, found, sizeof *events, by_number);
    if (found > count)
        *lost += found - count;
    for (unsigned i = found > count ? found - count : 0; i < found; i++)
        json_array_append_new (rows, control_event_json (&events[i]));
    g_free (events);
    return rows;
}

json_t *
control_calls_json (const struct event_filter *filter, uint32_t count)
{
    uint64_t lost = 0;

    return calls_collect (filter, count, NULL, &lost);
}

void
control_stream_calls_begin (struct client *client)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        client->calls_read[d] = atomic_load (&WATCH (d)->written);
}

static void
stream_calls (struct client *client, uint64_t now_ns)
{
    bool news = false;
    json_t *rows, *line;

    if (now_ns < client->calls_due_ns || client_pending (client) >= PENDING_ENOUGH)
        return;
    client->calls_due_ns = now_ns + CALLS_EVERY_NS;
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        news |= atomic_load (&WATCH (d)->written) != client->calls_read[d];
    if (!news)
        return;
    rows = calls_collect (&client->filter, client->calls_limit, client->calls_read,
                          &client->calls_lost);
    if (json_array_size (rows) == 0) {
        json_decref (rows);
        return;
    }
    line = json_pack ("{s:s, s:o, s:o}", "event", "calls", "data", rows, "lost",
                      control_number (client->calls_lost));
    client->calls_lost = 0;
    client_event (client, NULL, line);
}

/* ---- all ---- */

void
control_stream (Control *control, struct client *client, uint64_t now_ns)
{
    if (client->console)
        stream_console (control, client);
    if (client->log)
        stream_log (client);
    if (client->calls)
        stream_calls (client, now_ns);
    if (client->stats_ms != 0 && now_ns >= client->stats_due_ns
        && client_pending (client) < PENDING_ENOUGH) {
        client->stats_due_ns = now_ns + (uint64_t)client->stats_ms * 1000000u;
        client_event (client, "stats", control_snapshot_json (control));
    }
}
