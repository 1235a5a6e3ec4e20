/* odd: components that answer calls in every way there is, for the suite of the gates.
 *
 * odd provides log, clock and file without being any of them: what an operation does is
 * told by the numbers in odd.h; log.clear and most of file are missing. relay hands every
 * call on to another component. Neither keeps anything across a crash.
 */
#include "odd.h"

#include <string.h>

#include "suites.h"

#define LATER_MAX 64u
#define MS        1000000u

struct later {
    struct call call;
    bool refuse;
    uint32_t place;
};

struct odd {
    uint64_t calls;
    struct later later[LATER_MAX];
    uint32_t later_count, place;
    struct waitlist sleeping;
    uint32_t slept;
    struct mutex mutex;
    struct waitlist holding; /* the one that has the lock, until its timer runs out */
    uint8_t order[LATER_MAX];
    uint32_t order_count;
    struct call answered; /* long ago */
    struct call kept;
    struct call asleep[LATER_MAX]; /* in clock.sleep */
    uint32_t asleep_count, cancelled;
};

enum { ODD_BACK };

/* ---- log.read ---- */

static enum status
odd_later (struct odd *odd, const struct call *call, const struct log_read_req *req)
{
    if (odd->later_count == LATER_MAX)
        return ERR_NO_MEMORY;
    odd->later[odd->later_count++]
        = (struct later){ .call = *call,
                          .refuse = req->cursor == ODD_LATER_REFUSES,
                          .place = ++odd->place };
    return DEFERRED;
}

static void
odd_release (Component *self, struct odd *odd, struct log_read_rep *rep)
{
    rep->next = odd->later_count;
    while (odd->later_count > 0) {
        struct later *later = &odd->later[--odd->later_count];
        struct log_read_rep got = { .done = later->place, .next = 1000 + later->place };
        grant into = call_into (self, &later->call);

        if (got.done > into.length)
            got.done = into.length;
        if (!later->refuse && got.done != 0)
            memset (into.data, (int)later->place, got.done);
        odd->answered = later->call;
        call_reply (self, &later->call, later->refuse ? ERR_BUSY : OK, &got);
    }
    odd->place = 0;
}

static enum status
odd_check_kept (Component *self, struct odd *odd, struct log_read_rep *rep)
{
    grant from           = call_from (self, &odd->kept);
    const uint8_t *bytes = from.data;

    for (uint32_t i = 0; i < from.length; i++)
        rep->next += bytes[i];
    call_reply (self, &odd->kept, OK, NULL);
    return OK;
}

static enum status
odd_answer_by_reply (Component *self, const struct call *call,
                     const struct log_read_req *req)
{
    struct log_read_rep got = { .done = 3, .next = 33 };

    memcpy (req->into.data, "ccc", 3);
    call_reply (self, call, OK, &got);
    if (req->cursor == ODD_TWICE) {
        got.next = 44;
        call_reply (self, call, ERR_IO, &got);
        call_reply (self, call, OK, &got);
    }
    return DEFERRED;
}

static enum status
odd_log_read (Component *self, struct call *call, const struct log_read_req *req,
              struct log_read_rep *rep)
{
    struct odd *odd = component_state (self);
    struct log_read_rep got = { 0 };

    odd->calls++;
    switch (req->cursor) {
    case ODD_FILLS:
    case ODD_SAYS_TOO_MUCH:
        if (req->into.length > 0)
            memset (req->into.data, 'A', req->into.length);
        got.done = req->into.length + (req->cursor == ODD_SAYS_TOO_MUCH ? 1000 : 0);
        break;
    case ODD_FILLS_TEN:
        memset (req->into.data, 'B', 10);
        got.done = 10;
        got.next = 42;
        break;
    case ODD_REFUSES:
        return ERR_BUSY;
    case ODD_LATER:
    case ODD_LATER_REFUSES:
        return odd_later (odd, call, req);
    case ODD_RELEASE:
        odd_release (self, odd, &got);
        break;
    case ODD_AT_ONCE:
    case ODD_TWICE:
        return odd_answer_by_reply (self, call, req);
    case ODD_SLEEPS:
        component_sleep (self, &odd->sleeping);
        got.next = ++odd->slept;
        break;
    case ODD_WAKE_ONE:
        component_wake_one (self, &odd->sleeping);
        break;
    case ODD_WAKE_ALL:
        component_wake_all (self, &odd->sleeping);
        break;
    case ODD_STALE:
        got.next = 55;
        call_reply (self, &odd->answered, OK, &got);
        break;
    case ODD_CALLS:
        got.next = odd->calls;
        break;
    case ODD_TAG:
        got.next = component_option_number (self, "tag");
        break;
    case ODD_ORDER:
        memcpy (req->into.data, odd->order, odd->order_count);
        got.done = odd->order_count;
        odd->order_count = 0;
        break;
    case ODD_CHECKS_KEPT:
        odd_check_kept (self, odd, &got);
        break;
    default:
        return ERR_INVALID;
    }
    *rep = got;
    return OK;
}

/* ---- log.write ---- */

static enum status
odd_in_turn (Component *self, struct odd *odd, const struct log_write_req *req)
{
    component_lock (self, &odd->mutex);
    odd->order[odd->order_count++ % LATER_MAX] = *(uint8_t *)req->from.data;
    component_timer (self, component_now_ns (self) + MS, 1);
    component_sleep (self, &odd->holding);
    component_unlock (self, &odd->mutex);
    return OK;
}

static enum status
odd_log_write (Component *self, struct call *call, const struct log_write_req *req,
               struct log_write_rep *rep)
{
    struct odd *odd = component_state (self);
    struct clock_sleep_req round = { .duration_ns = req->from.length };
    struct clock_sleep_rep done;

    (void)rep;
    odd->calls++;
    switch (req->level) {
    case ODD_IN_TURN:
        return odd_in_turn (self, odd, req);
    case ODD_CIRCLE:
        return round.duration_ns == 0
                   ? OK
                   : clock_sleep (component_link (self, ODD_BACK), &round, &done);
    case ODD_KEEPS:
        odd->kept = *call;
        return DEFERRED;
    default:
        return OK;
    }
}

static void
odd_timer (Component *self, uint64_t cookie)
{
    struct odd *odd = component_state (self);

    (void)cookie;
    component_wake_one (self, &odd->holding);
}

/* ---- clock ---- */

static enum status
odd_clock_sleep (Component *self, struct call *call, const struct clock_sleep_req *req,
                 struct clock_sleep_rep *rep)
{
    struct odd *odd = component_state (self);

    (void)req, (void)rep;
    if (odd->asleep_count == LATER_MAX)
        return ERR_NO_MEMORY;
    odd->asleep[odd->asleep_count++] = *call;
    return DEFERRED;
}

static void
odd_cancel (Component *self, const struct call *call)
{
    struct odd *odd = component_state (self);

    for (uint32_t i = 0; i < odd->asleep_count; i++)
        if (odd->asleep[i].domain == call->domain && odd->asleep[i].fiber == call->fiber
            && odd->asleep[i].generation == call->generation) {
            odd->asleep[i] = odd->asleep[--odd->asleep_count];
            odd->cancelled++;
            call_reply (self, call, ERR_INTERRUPTED, NULL);
            return;
        }
}

static enum status
odd_clock_alarm (Component *self, struct call *call, const struct clock_alarm_req *req,
                 struct clock_alarm_rep *rep)
{
    const struct odd *odd = component_state (self);

    (void)call;
    rep->left_ns = req->process == ODD_SLEEPERS ? odd->asleep_count : odd->cancelled;
    return OK;
}

static enum status
odd_clock_release (Component *self, struct call *call, const struct clock_release_req *req,
                   struct clock_release_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return OK;
}

/* ---- file: one window in and one out ---- */

static enum status
odd_file_load (Component *self, struct call *call, const struct file_load_req *req,
               struct file_load_rep *rep)
{
    const uint8_t *from = req->from.data;
    uint8_t *into = req->into.data;
    uint32_t count
        = req->from.length < req->into.length ? req->from.length : req->into.length;

    (void)self, (void)call;
    for (uint32_t i = 0; i < count; i++)
        into[i] = from[req->from.length - 1 - i];
    rep->done = count;
    return OK;
}

static const struct log_ops odd_log = { .write = odd_log_write, .read = odd_log_read };
static const struct clock_ops odd_clock
    = { .sleep = odd_clock_sleep, .alarm = odd_clock_alarm, .release = odd_clock_release };
static const struct file_ops odd_file = { .load = odd_file_load };

const struct component_class odd_class = {
    .name = "odd",
    .summary = "answers in every way there is",
    .state_bytes = sizeof (struct odd),
    .provides = { { INTERFACE_log, &odd_log },
                  { INTERFACE_clock, &odd_clock },
                  { INTERFACE_file, &odd_file } },
    .needs = { { "back", INTERFACE_clock, NEED_OPTIONAL } },
    .options = { { "tag", "0", "tells instances apart" } },
    .timer = odd_timer,
    .cancel = odd_cancel,
};

/* ---- relay ---- */

struct relay {
    char window[64]; /* its own memory, lent where the call has none */
};

enum { RELAY_LOG, RELAY_CLOCK, RELAY_FILE };

static enum status
relay_log_read (Component *self, struct call *call, const struct log_read_req *req,
                struct log_read_rep *rep)
{
    (void)rep;
    return call_forward (self, call, component_link (self, RELAY_LOG), log_OP_read, req);
}

static enum status
relay_log_write (Component *self, struct call *call, const struct log_write_req *req,
                 struct log_write_rep *rep)
{
    (void)rep;
    return call_forward (self, call, component_link (self, RELAY_LOG), log_OP_write, req);
}

static enum status
relay_log_clear (Component *self, struct call *call, const struct log_clear_req *req,
                 struct log_clear_rep *rep)
{
    (void)rep;
    return call_forward (self, call, component_link (self, RELAY_LOG), log_OP_clear, req);
}

_Static_assert(sizeof (struct clock_now_rep) == sizeof (struct log_read_rep),
               "the replies of a call that is forwarded have one size");

/* To another operation, with a window of its own. */
static enum status
relay_clock_now (Component *self, struct call *call, const struct clock_now_req *req,
                 struct clock_now_rep *rep)
{
    struct relay *relay = component_state (self);
    struct log_read_req read
        = { .cursor = ODD_FILLS_TEN, .into = WINDOW (relay->window, 64) };

    (void)req, (void)rep;
    return call_forward (self, call, component_link (self, RELAY_LOG), log_OP_read, &read);
}

static enum status
relay_clock_sleep (Component *self, struct call *call, const struct clock_sleep_req *req,
                   struct clock_sleep_rep *rep)
{
    (void)rep;
    return call_forward (self, call, component_link (self, RELAY_CLOCK), clock_OP_sleep,
                         req);
}

static enum status
relay_clock_alarm (Component *self, struct call *call, const struct clock_alarm_req *req,
                   struct clock_alarm_rep *rep)
{
    (void)rep;
    return call_forward (self, call, component_link (self, RELAY_CLOCK), clock_OP_alarm,
                         req);
}

static enum status
relay_file_load (Component *self, struct call *call, const struct file_load_req *req,
                 struct file_load_rep *rep)
{
    (void)rep;
    return call_forward (self, call, component_link (self, RELAY_FILE), file_OP_load, req);
}

static const struct log_ops relay_log
    = { .write = relay_log_write, .read = relay_log_read, .clear = relay_log_clear };
static const struct clock_ops relay_clock
    = { .now = relay_clock_now, .sleep = relay_clock_sleep, .alarm = relay_clock_alarm };
static const struct file_ops relay_file = { .load = relay_file_load };

const struct component_class relay_class = {
    .name = "relay",
    .summary = "lets another component answer",
    .state_bytes = sizeof (struct relay),
    .provides = { { INTERFACE_log, &relay_log },
                  { INTERFACE_clock, &relay_clock },
                  { INTERFACE_file, &relay_file } },
    .needs = { { "log", INTERFACE_log, NEED_ONE },
               { "clock", INTERFACE_clock, NEED_ONE },
               { "file", INTERFACE_file, NEED_ONE } },
};
