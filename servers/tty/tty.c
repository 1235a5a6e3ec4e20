/* tty: the line discipline of a terminal, and its driver. Provides tty; needs process, to
 * send the signals that are typed.
 *
 * Canonical mode hands out lines that can be edited while they are typed; raw mode hands
 * out bytes as `minimum` and `time` say, which are those of termios. Reads are answered in
 * the order they came in. When the board has no more input, a read gets what is left and
 * then done 0 for ever. Output is never refused and never waits.
 *
 * The interrupt, quit and suspend characters send their signal to the foreground group; a
 * read of somebody who survives that is answered ERR_INTERRUPTED, so that a shell can offer a
 * new prompt, and who is stopped takes nothing of what is typed for others.
 *
 * Keeps across a crash: modes, input that was taken and reads that wait are in the arena;
 * input that was not taken is in the device.
 */
#include "tty/tty.h"

#include <string.h>

#define CYCLES_CALL   300u
#define CYCLES_BYTE   12u
#define TENTH_NS      100000000u
#define SIGNAL_WINDOW 28u
#define INTERRUPTING  (1ull << 2 | 1ull << 3 | 1ull << 20)

enum { TTY_PROCESSES };

static bool
tty_raw_ready (Component *self, const struct tty *tty, uint32_t length,
               uint64_t deadline_ns)
{
    uint32_t available = tty->line - tty->head;
    uint32_t minimum = tty->attr.minimum < length ? tty->attr.minimum : length;

    if (available > 0 && available >= minimum)
        return true;
    if (tty->attr.time == 0)
        return minimum == 0;
    /* A time without a minimum runs from the read on, with one from the last byte on. */
    return deadline_ns != 0 && component_now_ns (self) >= deadline_ns
           && (minimum == 0 || available > 0);
}

/* Can a read of so many bytes be answered now? */
static bool
tty_ready (Component *self, const struct tty *tty, uint32_t length, uint64_t deadline_ns)
{
    if (tty_at_end (tty))
        return true;
    if ((tty->attr.modes & TTY_CANONICAL) != 0)
        return tty->head != tty->line;
    return tty_raw_ready (self, tty, length, deadline_ns);
}

static void
tty_set_deadline (Component *self, struct tty_reader *reader)
{
    struct tty *tty = component_state (self);

    if ((tty->attr.modes & TTY_CANONICAL) != 0 || tty->attr.time == 0)
        return;
    if (tty->attr.minimum > 0 && tty->head == tty->line)
        return;
    reader->deadline_ns = component_now_ns (self) + tty->attr.time * (uint64_t)TENTH_NS;
    if (component_alarm (self, &tty->alarms, reader->deadline_ns) != OK)
        reader->deadline_ns = component_now_ns (self); /* better too early than never */
}

/* Those who still wait after an alarm, which may have come too early. */
static void
tty_alarm_again (Component *self, struct tty *tty)
{
    uint64_t next_ns = 0;

    for (const struct tty_reader *reader = tty->first; reader != NULL; reader = reader->next)
        if (reader->deadline_ns != 0 && (next_ns == 0 || reader->deadline_ns < next_ns))
            next_ns = reader->deadline_ns;
    if (next_ns != 0)
        component_alarm (self, &tty->alarms, next_ns);
}

/* Would a read be answered at once? */
static bool
tty_has_input (const struct tty *tty)
{
    return tty_at_end (tty) || tty->head != tty->line;
}

/* A read's answer and a poll's have one shape. */
_Static_assert (sizeof (struct tty_read_rep) == sizeof (struct tty_poll_rep), "one number");

/* Takes the reader out of the queue and answers it. */
static void
tty_finish (Component *self, struct tty *tty, struct tty_reader *reader, enum status status,
            uint32_t done)
{
    struct tty_read_rep rep = { .done = done };
    struct tty_reader **link = &tty->first;
    struct tty_reader *before = NULL;

    while (*link != reader) {
        before = *link;
        link = &before->next;
    }
    *link = reader->next;
    if (tty->last == reader)
        tty->last = before;
    call_reply (self, &reader->call, status, status == OK ? &rep : NULL);
    component_free (self, reader);
}

static bool
tty_poll_over (Component *self, const struct tty *tty, const struct tty_reader *poll)
{
    return tty_has_input (tty)
           || (poll->deadline_ns != 0 && component_now_ns (self) >= poll->deadline_ns);
}

/* The first that can be answered. Reads go in order, and polls take nothing from them. */
static struct tty_reader *
tty_next (Component *self, const struct tty *tty)
{
    bool waits = false; /* a read, for which all later ones wait too */

    for (struct tty_reader *reader = tty->first; reader != NULL; reader = reader->next) {
        if (reader->polls ? tty_poll_over (self, tty, reader)
                          : !waits && tty_ready (self, tty, reader->length, reader->deadline_ns))
            return reader;
        waits |= !reader->polls;
    }
    return NULL;
}

/* Moves input to the readers for as long as there is some that somebody can have. */
static void
tty_serve (Component *self, struct tty *tty)
{
    for (;;) {
        uint32_t taken = tty_take_input (tty);
        struct tty_reader *reader = tty->first;
        uint32_t done;

        component_charge (self, taken * CYCLES_BYTE);
        while (reader != NULL && reader->polls)
            reader = reader->next;
        if (reader != NULL && taken > 0)
            tty_set_deadline (self, reader);
        reader = tty_next (self, tty);
        if (reader == NULL)
            return;
        if (reader->polls) {
            tty_finish (self, tty, reader, OK, tty_has_input (tty));
            continue;
        }
        done = tty_deliver (tty, call_into (self, &reader->call).data, reader->length);
        component_charge (self, done * CYCLES_BYTE);
        tty_finish (self, tty, reader, OK, done);
    }
}

/* Sends what was typed or happened to the foreground group. Blocks. */
static void
tty_send_signals (Component *self, struct tty *tty)
{
    Link *processes = component_link (self, TTY_PROCESSES);

    while (tty->signals != 0) {
        uint32_t signal = (uint32_t)__builtin_ctzll (tty->signals);
        uint64_t waiting = tty->readers_ever;

        tty->signals &= tty->signals - 1;
        if (processes != NULL && tty->foreground != 0) {
            struct process_kill_req kill
                = { .target = -(int32_t)tty->foreground, .signal = signal };
            struct process_kill_rep nothing;

            process_kill (processes, &kill, &nothing); /* a group may be gone: so be it */
        }
        if ((1ull << signal & INTERRUPTING) != 0)
            while (tty->first != NULL && tty->first->order <= waiting)
                tty_finish (self, tty, tty->first, ERR_INTERRUPTED, 0);
    }
}

static void
tty_interrupt (Component *self)
{
    struct tty *tty = component_state (self);
    struct terminal_state state;

    if (tty->terminal == NULL)
        return;
    terminal_look (tty->terminal, &state);
    tty->ended = state.ended != 0;
    tty->announced = state.written;
    if (state.rows != 0 && state.columns != 0
        && (state.rows != tty->attr.rows || state.columns != tty->attr.columns)) {
        tty->attr.rows = state.rows;
        tty->attr.columns = state.columns;
        tty->signals |= 1ull << SIGNAL_WINDOW;
    }
    component_charge (self, CYCLES_CALL);
    tty_serve (self, tty);
    tty_send_signals (self, tty);
}

static void
tty_timer (Component *self, uint64_t cookie)
{
    struct tty *tty = component_state (self);

    (void)cookie;
    tty_serve (self, tty);
    tty_alarm_again (self, tty);
    tty_send_signals (self, tty);
}

/* ---- operations ---- */

static enum status
tty_do_read (Component *self, struct call *call, const struct tty_read_req *req,
             struct tty_read_rep *rep)
{
    struct tty *tty = component_state (self);
    struct tty_reader *reader;
    uint32_t taken;

    component_charge (self, CYCLES_CALL);
    if (req->into.length == 0) {
        rep->done = 0;
        return OK;
    }
    taken = tty_take_input (tty);
    component_charge (self, taken * CYCLES_BYTE);
    /* Signals are sent from a fiber that nobody waits for: the caller may be killed. */
    if (tty->signals != 0)
        component_timer (self, component_now_ns (self), 0);
    if (tty->first == NULL && tty_ready (self, tty, req->into.length, 0)) {
        rep->done = tty_deliver (tty, req->into.data, req->into.length);
        component_charge (self, rep->done * CYCLES_BYTE);
        return OK;
    }
    if (req->nonblock)
        return ERR_AGAIN;
    reader = component_alloc (self, sizeof *reader);
    if (reader == NULL)
        return ERR_NO_MEMORY;
    reader->call = *call;
    reader->length = req->into.length;
    reader->order = ++tty->readers_ever;
    if (tty->last != NULL)
        tty->last->next = reader;
    else
        tty->first = reader;
    tty->last = reader;
    tty_set_deadline (self, reader);
    return DEFERRED;
}

static enum status
tty_do_poll (Component *self, struct call *call, const struct tty_poll_req *req,
             struct tty_poll_rep *rep)
{
    struct tty *tty = component_state (self);
    struct tty_reader *reader;
    uint32_t taken = tty_take_input (tty);

    component_charge (self, CYCLES_CALL + taken * CYCLES_BYTE);
    if (tty->signals != 0)
        component_timer (self, component_now_ns (self), 0);
    if (tty_has_input (tty) || req->timeout_ns == 0) {
        rep->ready = tty_has_input (tty);
        return OK;
    }
    reader = component_alloc (self, sizeof *reader);
    if (reader == NULL)
        return ERR_NO_MEMORY;
    reader->call  = *call;
    reader->polls = true;
    reader->ticket = req->ticket;
    reader->order = ++tty->readers_ever;
    if (tty->last != NULL)
        tty->last->next = reader;
    else
        tty->first = reader;
    tty->last = reader;
    if (req->timeout_ns < UINT64_MAX / 4) {
        reader->deadline_ns = component_now_ns (self) + req->timeout_ns;
        if (component_alarm (self, &tty->alarms, reader->deadline_ns) != OK)
            reader->deadline_ns = component_now_ns (self);
    }
    return DEFERRED;
}

static enum status
tty_do_unpoll (Component *self, struct call *call, const struct tty_unpoll_req *req,
               struct tty_unpoll_rep *rep)
{
    struct tty *tty = component_state (self);
    struct tty_reader *reader = tty->first;

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_CALL);
    while (reader != NULL && !(reader->polls && reader->ticket == req->ticket))
        reader = reader->next;
    if (reader != NULL)
        tty_finish (self, tty, reader, OK, 0);
    return OK;
}

static enum status
tty_do_write (Component *self, struct call *call, const struct tty_write_req *req,
              struct tty_write_rep *rep)
{
    struct tty *tty = component_state (self);
    const char *from = req->from.data;

    (void)call;
    component_charge (self, CYCLES_CALL + req->from.length * CYCLES_BYTE);
    for (uint32_t i = 0; i < req->from.length; i++)
        tty_put (tty, from[i]);
    tty_flush (tty);
    rep->done = req->from.length;
    return OK;
}

static enum status
tty_do_get (Component *self, struct call *call, const struct tty_get_req *req,
            struct tty_get_rep *rep)
{
    const struct tty *tty = component_state (self);

    (void)call;
    (void)req;
    rep->attr = tty->attr;
    rep->foreground = tty->foreground;
    rep->pending = tty_pending (tty);
    return OK;
}

static enum status
tty_do_set (Component *self, struct call *call, const struct tty_set_req *req,
            struct tty_set_rep *rep)
{
    struct tty *tty = component_state (self);
    struct tty_attr attr = req->attr;

    (void)call;
    (void)rep;
    if ((attr.modes
         & ~(uint32_t)(TTY_CANONICAL | TTY_ECHO | TTY_SIGNALS | TTY_CRNL | TTY_NLCR))
        != 0)
        return ERR_INVALID;
    /* The window's size is the window's: a program that puts back what it got earlier must
     * not undo a change of it. */
    attr.rows = tty->attr.rows;
    attr.columns = tty->attr.columns;
    if ((attr.modes & TTY_CANONICAL) == 0)
        tty_commit (tty);
    tty->attr = attr;
    /* Those who wait may be content with what is there, by the new rules. */
    if (tty->first != NULL)
        component_timer (self, component_now_ns (self), 0);
    return OK;
}

static enum status
tty_do_foreground (Component *self, struct call *call, const struct tty_foreground_req *req,
                   struct tty_foreground_rep *rep)
{
    struct tty *tty = component_state (self);

    (void)call;
    (void)rep;
    if (req->group > INT32_MAX)
        return ERR_INVALID;
    tty->foreground = req->group;
    return OK;
}

static void
tty_cancel (Component *self, const struct call *call)
{
    struct tty *tty = component_state (self);

    for (struct tty_reader *reader = tty->first; reader != NULL; reader = reader->next)
        if (reader->call.domain == call->domain && reader->call.fiber == call->fiber
            && reader->call.generation == call->generation) {
            tty_finish (self, tty, reader, ERR_INTERRUPTED, 0);
            return;
        }
}

/* ---- boot ---- */

static const struct tty_mode_option {
    const char *key;
    uint32_t mode;
} tty_mode_options[] = {
    { "canonical", TTY_CANONICAL }, { "echo", TTY_ECHO }, { "signals", TTY_SIGNALS },
    { "crnl", TTY_CRNL },           { "nlcr", TTY_NLCR },
};

static enum status
tty_start (Component *self)
{
    struct tty *tty = component_state (self);
    struct terminal_state state;

    tty->terminal = component_device (self);
    tty->attr = (struct tty_attr){
        .interrupt = 0x03, /* ^C */
        .quit = 0x1c,      /* ^\ */
        .erase = 0x7f,
        .kill = 0x15,    /* ^U */
        .eof = 0x04,     /* ^D */
        .suspend = 0x1a, /* ^Z */
        .minimum = 1,
        .rows = (uint16_t)component_option_number (self, "rows"),
        .columns = (uint16_t)component_option_number (self, "columns"),
    };
    for (size_t i = 0; i < sizeof tty_mode_options / sizeof *tty_mode_options; i++) {
        const char *word = component_option (self, tty_mode_options[i].key);

        if (strcmp (word, "yes") == 0 || strcmp (word, "true") == 0)
            tty->attr.modes |= tty_mode_options[i].mode;
    }
    if (tty->terminal == NULL) {
        tty->ended = true;
        return OK;
    }
    /* Input that is there already comes with the first interrupt. */
    terminal_look (tty->terminal, &state);
    tty->taken = tty->announced = state.taken;
    if (state.rows != 0 && state.columns != 0) {
        tty->attr.rows = state.rows;
        tty->attr.columns = state.columns;
    }
    return OK;
}

static const struct tty_ops tty_tty = {
    .read = tty_do_read,
    .write = tty_do_write,
    .poll = tty_do_poll,
    .unpoll = tty_do_unpoll,
    .get = tty_do_get,
    .set = tty_do_set,
    .foreground = tty_do_foreground,
};

const struct component_class tty_class = {
    .name = "tty",
    .summary
    = "drives a terminal: lines and their editing, echo, signals from the keyboard",
    .state_bytes = sizeof (struct tty),
    .provides = { { INTERFACE_tty, &tty_tty } },
    .needs = { { "processes", INTERFACE_process, NEED_OPTIONAL } },
    .options
    = { { "canonical", "yes", "hand out lines, not bytes" },
        { "echo", "yes", "show what is typed" },
        { "signals", "yes", "^C, ^\\ and ^Z make signals" },
        { "crnl", "yes", "carriage return becomes newline in what is typed" },
        { "nlcr", "yes", "newline becomes carriage return, newline on the screen" },
        { "rows", "24", "of the window, when the terminal does not say" },
        { "columns", "80", "of the window, when the terminal does not say" } },
    .privileges = PRIVILEGE_TERMINAL,
    .device = "terminal",
    .start = tty_start,
    .timer = tty_timer,
    .interrupt = tty_interrupt,
    .cancel = tty_cancel,
};
