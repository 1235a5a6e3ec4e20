/* file, of descriptors with no file behind them: counters, timers, sets of descriptors. */
#include "file_calls.h"
#include "suites.h"

static int32_t
make (struct probe *probe, enum event_file kind, uint32_t flags, uint64_t value)
{
    struct file_event_req req
        = { .process = PID, .flags = flags, .kind = kind, .value = value };
    struct file_event_rep rep = { .fd = 0 };
    enum status status        = file_event (probe->subject, &req, &rep);

    return status == OK ? rep.fd : -(int32_t)status;
}

static uint32_t
ready (struct probe *probe, int32_t fd)
{
    struct file_poll_req req
        = { .process = PID, .fd = fd, .events = POLL_READ | POLL_WRITE | POLL_LAST };
    struct file_poll_rep rep = { .ready = 0 };

    return file_poll (probe->subject, &req, &rep) == OK ? rep.ready : UINT32_MAX;
}

static int64_t
add (struct probe *probe, int32_t fd, uint64_t value)
{
    struct file_write_req req
        = { .process = PID, .fd = fd, .offset = -1, .from = WINDOW (&value, sizeof value) };
    struct file_write_rep rep = { .done = 0 };
    enum status status        = file_write (probe->subject, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

/* What is taken; a small negative number is -status. */
static int64_t
take (struct probe *probe, int32_t fd)
{
    uint64_t value = 0;
    int64_t done   = read_fd (probe, fd, -1, &value, sizeof value);

    return done == sizeof value ? (int64_t)value : done;
}

static void
counts (struct probe *probe)
{
    int32_t fd;
    char text[8];

    SAME (begin (probe), OK);
    fd = make (probe, EVENT_FILE_COUNTER, OPEN_NONBLOCK, 3);
    CHECK (fd >= 0);
    SAME (ready (probe, fd), POLL_READ | POLL_WRITE);
    SAME (take (probe, fd), 3);
    SAME (take (probe, fd), -(int64_t)ERR_AGAIN);
    SAME (add (probe, fd, 4), 8);
    SAME (add (probe, fd, 5), 8);
    SAME (take (probe, fd), 9);
    SAME (ready (probe, fd), POLL_WRITE);
    SAME (add (probe, fd, UINT64_MAX), -(int64_t)ERR_INVALID);
    SAME (add (probe, fd, UINT64_MAX - 1), 8);
    SAME (add (probe, fd, 1), -(int64_t)ERR_AGAIN);
    SAME (read_fd (probe, fd, -1, text, 7), -(int64_t)ERR_INVALID);
    SAME (write_fd (probe, fd, -1, "short"), -(int64_t)ERR_INVALID);
    SAME (close_fd (probe, fd), OK);
    fd = make (probe, EVENT_FILE_SEMAPHORE, OPEN_NONBLOCK, 2);
    SAME (take (probe, fd), 1);
    SAME (take (probe, fd), 1);
    SAME (take (probe, fd), -(int64_t)ERR_AGAIN);
    SAME (make (probe, 0, 0, 0), -(int32_t)ERR_INVALID);
    SAME (make (probe, EVENT_FILE_SET + 1, 0, 0), -(int32_t)ERR_INVALID);
    SAME (make (probe, EVENT_FILE_COUNTER, 0, UINT64_MAX), -(int32_t)ERR_INVALID);
    SAME (end (probe), OK);
}

static enum status
set_timer (struct probe *probe, int32_t fd, enum timer_how how, uint64_t ns, uint64_t every_ns,
           struct file_timer_rep *rep)
{
    struct file_timer_req req
        = { .process = PID, .fd = fd, .how = how, .ns = ns, .every_ns = every_ns };

    return file_timer (probe->subject, &req, rep);
}

static void
runs_out (struct probe *probe)
{
    const uint64_t ms = 1000000;
    struct file_timer_rep rep = { 0 };
    int32_t fd, counter;

    SAME (begin (probe), OK);
    fd = make (probe, EVENT_FILE_TIMER, OPEN_NONBLOCK, 0);
    CHECK (fd >= 0);
    SAME (set_timer (probe, fd, TIMER_AFTER, 100 * ms, 0, &rep), OK);
    SAME (rep.left_ns, 0);
    probe_pause (probe, 50 * ms);
    SAME (take (probe, fd), -(int64_t)ERR_AGAIN);
    SAME (set_timer (probe, fd, TIMER_ASK, 0, 0, &rep), OK);
    CHECK (rep.left_ns > 0 && rep.left_ns <= 50 * ms);
    probe_pause (probe, 60 * ms);
    SAME (ready (probe, fd), POLL_READ);
    SAME (take (probe, fd), 1);
    SAME (set_timer (probe, fd, TIMER_AT, 1, 100 * ms, &rep), OK); /* long ago, and again */
    probe_pause (probe, ms);
    CHECK (take (probe, fd) >= 10);
    probe_pause (probe, 250 * ms);
    CHECK (take (probe, fd) >= 2);
    SAME (set_timer (probe, fd, TIMER_NEVER, 0, 0, &rep), OK);
    SAME (rep.every_ns, 100 * ms);
    probe_pause (probe, 300 * ms);
    SAME (take (probe, fd), -(int64_t)ERR_AGAIN);
    SAME (add (probe, fd, 1), -(int64_t)ERR_INVALID);
    counter = make (probe, EVENT_FILE_COUNTER, 0, 1);
    SAME (set_timer (probe, counter, TIMER_ASK, 0, 0, &rep), ERR_INVALID);
    SAME (set_timer (probe, fd, TIMER_NEVER + 1, 0, 0, &rep), ERR_INVALID);
    SAME (set_timer (probe, 99, TIMER_ASK, 0, 0, &rep), ERR_BAD_DESCRIPTOR);
    SAME (end (probe), OK);
}

/* ---- sets ---- */

static enum status
interest (struct probe *probe, int32_t set, enum interest_how how, int32_t fd, uint32_t events,
          uint64_t data)
{
    struct file_interest_req req = { .process = PID, .set = set, .fd = fd, .how = how,
                                     .events = events, .data = data };
    struct file_interest_rep rep;

    return file_interest (probe->subject, &req, &rep);
}

/* The one who is told: 1000 * data + events; 0: nobody. A negative number is -status, -1000: more. */
static int64_t
told (struct probe *probe, int32_t set)
{
    struct file_event events[4];
    struct file_happened_req req
        = { .process = PID, .set = set, .into = WINDOW (events, sizeof events) };
    struct file_happened_rep rep;
    enum status status = file_happened (probe->subject, &req, &rep);

    if (status != OK)
        return -(int64_t)status;
    if (rep.done > sizeof *events)
        return -1000;
    return rep.done == 0 ? 0 : (int64_t)(1000 * events[0].data + events[0].events);
}

/* Waits until it can be read: 1, or a negative number is -status. */
static int64_t
watch (struct probe *probe, int32_t fd, uint32_t waiter)
{
    struct file_watch of        = { .fd = fd, .events = POLL_READ };
    struct file_watch_req req   = { .process = PID, .waiter = waiter, .count = 1,
                                    .timeout_ns = UINT64_MAX, .from = WINDOW (&of, sizeof of) };
    struct file_watch_rep rep = { .ready = 0 };
    enum status status        = file_watch (probe->subject, &req, &rep);

    return status == OK ? (int64_t)rep.ready : -(int64_t)status;
}

static void
tells_what_has_happened (struct probe *probe)
{
    int32_t set, fd, tty, file;

    SAME (begin (probe), OK);
    set = make (probe, EVENT_FILE_SET, 0, 0);
    fd  = make (probe, EVENT_FILE_COUNTER, 0, 0);
    SAME (interest (probe, set, INTEREST_ADD, fd, POLL_READ, 3), OK);
    SAME (interest (probe, set, INTEREST_ADD, fd, POLL_READ, 3), ERR_EXISTS);
    SAME (told (probe, set), 0);
    SAME (ready (probe, set), 0);
    SAME (add (probe, fd, 1), 8);
    SAME (ready (probe, set), POLL_READ);
    SAME (told (probe, set), 3000 + POLL_READ);
    SAME (told (probe, set), 3000 + POLL_READ);
    SAME (interest (probe, set, INTEREST_CHANGE, fd, POLL_READ | INTEREST_EDGE, 4), OK);
    SAME (told (probe, set), 4000 + POLL_READ);
    SAME (told (probe, set), 0);
    SAME (add (probe, fd, 1), 8);
    SAME (told (probe, set), 4000 + POLL_READ);
    SAME (interest (probe, set, INTEREST_CHANGE, fd, POLL_READ | INTEREST_ONCE, 5), OK);
    SAME (told (probe, set), 5000 + POLL_READ);
    SAME (add (probe, fd, 1), 8);
    SAME (told (probe, set), 0);
    SAME (interest (probe, set, INTEREST_REMOVE, fd, 0, 0), OK);
    SAME (interest (probe, set, INTEREST_REMOVE, fd, 0, 0), ERR_NOT_FOUND);
    tty = open_path (probe, "/dev/tty", OPEN_READ | OPEN_WRITE);
    SAME (interest (probe, set, INTEREST_ADD, tty, POLL_READ, 6), OK);
    SAME (watch (probe, set, 1), 1); /* until nobody types any more */
    SAME (told (probe, set), 6000 + POLL_READ);
    SAME (close_fd (probe, tty), OK);
    SAME (told (probe, set), 0);
    file = open_path (probe, "/dev/null", OPEN_READ);
    SAME (interest (probe, set, INTEREST_ADD, file, POLL_READ, 7), ERR_NOT_PERMITTED);
    SAME (interest (probe, set, INTEREST_ADD, set, POLL_READ, 7), ERR_INVALID);
    SAME (interest (probe, fd, INTEREST_ADD, set, POLL_READ, 7), ERR_INVALID);
    SAME (interest (probe, set, 9, fd, POLL_READ, 7), ERR_INVALID);
    SAME (told (probe, fd), -(int64_t)ERR_INVALID);
    SAME (told (probe, 99), -(int64_t)ERR_BAD_DESCRIPTOR);
    SAME (end (probe), OK);
}

static void
sets_are_in_sets_but_not_in_themselves (struct probe *probe)
{
    int32_t sets[9], fd;

    SAME (begin (probe), OK);
    for (unsigned i = 0; i < 9; i++)
        sets[i] = make (probe, EVENT_FILE_SET, 0, 0);
    fd = make (probe, EVENT_FILE_COUNTER, 0, 0);
    SAME (interest (probe, sets[0], INTEREST_ADD, fd, POLL_READ, 1), OK);
    for (int i = 1; i < 5; i++)
        SAME (interest (probe, sets[i], INTEREST_ADD, sets[i - 1], POLL_READ | INTEREST_EDGE, 1), OK);
    SAME (interest (probe, sets[5], INTEREST_ADD, sets[4], POLL_READ, 1), ERR_LOOP);
    SAME (interest (probe, sets[0], INTEREST_ADD, sets[4], POLL_READ, 1), ERR_LOOP);
    SAME (told (probe, sets[4]), 0);
    SAME (add (probe, fd, 1), 8);
    SAME (told (probe, sets[4]), 1000 + POLL_READ);
    SAME (told (probe, sets[4]), 0);
    SAME (close_fd (probe, sets[2]), OK); /* the chain is cut */
    SAME (add (probe, fd, 1), 8);
    SAME (told (probe, sets[4]), 0);
    for (int i = 0; i < 9; i++)
        if (i != 2 && i != 3 && i != 7)
            SAME (interest (probe, sets[7], INTEREST_ADD, sets[i], POLL_READ, 1), OK);
    SAME (end (probe), OK);
}

/* Eight ways up at each of four steps would be thousands to whatever lies below. */
static void
ways_through_sets_are_few (struct probe *probe)
{
    int32_t sets[4][8], top, fd;

    SAME (begin (probe), OK);
    top = make (probe, EVENT_FILE_SET, 0, 0);
    fd  = make (probe, EVENT_FILE_COUNTER, 0, 0);
    for (unsigned level = 0; level < 4; level++)
        for (unsigned i = 0; i < 8; i++) {
            sets[level][i] = make (probe, EVENT_FILE_SET, 0, 0);
            if (level == 0)
                SAME (interest (probe, sets[0][i], INTEREST_ADD, fd, POLL_READ, 1), OK);
            for (unsigned j = 0; level > 0 && j < 8; j++)
                SAME (interest (probe, sets[level][i], INTEREST_ADD, sets[level - 1][j], POLL_READ, 1), OK);
        }
    SAME (interest (probe, top, INTEREST_ADD, sets[3][0], POLL_READ, 7), OK);
    SAME (interest (probe, top, INTEREST_ADD, sets[3][1], POLL_READ, 8), ERR_INVALID);
    SAME (interest (probe, top, INTEREST_REMOVE, sets[3][1], 0, 0), ERR_NOT_FOUND);
    SAME (add (probe, fd, 1), 8);
    SAME (told (probe, top), 7000 + POLL_READ);
    SAME (end (probe), OK);
}

/* ---- who waits ---- */

enum { SET_WAITS = 1, COUNTER_WAITS, READER_WAITS, ADDS };

/* A counter is added to while three wait: for a set that it is in, for it, and to read it. */
static void
beside (struct probe *probe, uint64_t cookie)
{
    int32_t fd = (int32_t)probe->count; /* the set was made before it */

    switch (cookie) {
    case ADDS:
        probe_pause (probe, 1000000);
        SAME (add (probe, fd, 7), 8);
        break;
    case READER_WAITS:
        SAME (take (probe, fd), 7);
        SAME (add (probe, fd, 7), 8); /* for the others */
        break;
    default:
        SAME (watch (probe, cookie == SET_WAITS ? fd - 1 : fd, (uint32_t)cookie), 1);
    }
}

static void
event_timer (struct probe *probe, uint64_t cookie)
{
    beside (probe, cookie);
    probe_ended (probe);
}

static void
wakes_who_waits (struct probe *probe)
{
    int32_t set, fd;

    SAME (begin (probe), OK);
    set          = make (probe, EVENT_FILE_SET, 0, 0);
    fd           = make (probe, EVENT_FILE_COUNTER, 0, 0);
    probe->count = (uint32_t)fd;
    SAME (fd, set + 1);
    SAME (interest (probe, set, INTEREST_ADD, fd, POLL_READ, 1), OK);
    probe_beside (probe, SET_WAITS, 4);
    SAME (take (probe, fd), 7);
    SAME (end (probe), OK);
}

const struct suite file_event_suite = {
    .name  = "file-events",
    .cases = { { "counts", counts },
               { "runs out", runs_out },
               { "tells what has happened", tells_what_has_happened },
               { "sets are in sets but not in themselves", sets_are_in_sets_but_not_in_themselves },
               { "ways through sets are few", ways_through_sets_are_few },
               { "wakes who waits", wakes_who_waits } },
    .timer = event_timer,
};
