/* clock: the time, sleeping, alarms and timers. Provides clock; needs process, for the last two.
 *
 * Everybody who waits is in one heap, ordered by (time, arrival); a timer is set for the
 * first of them. A process has at most one alarm, and any number of timers.
 *
 * Keeps across a crash: the heap is in the arena; the timers that have been set still come,
 * and one that finds nobody due does nothing.
 */
#include <string.h>

#include "interfaces/interfaces.h"

#define SIGNAL_ALARM   14u
#define CYCLES_SLEEPER 250u
#define RATE_NS        100000u /* a timer comes no more often; what it leaves out it counts */
#define SHARE_NS       20000u  /* nor, where many repeat themselves, more often than leaves each that */

enum { CLOCK_PROCESSES };

/* What is told when it is due, and when that is again; its entry in the heap owns it. */
struct clock_timer {
    uint32_t timer, thread;
    uint64_t interval_ns; /* 0: once */
    uint64_t left_out;    /* times that it should have come since it last did */
    struct signal_info info;
};

struct clock_entry {
    uint64_t at_ns;   /* since boot */
    uint64_t order;   /* of arrival */
    uint32_t process; /* whose alarm or timer; 0: a sleeper */
    uint32_t pad;
    struct clock_timer *timer; /* NULL: an alarm */
    struct call call; /* the sleeper's */
};

struct clock {
    struct clock_entry *heap;
    uint32_t count;
    uint32_t room;
    uint32_t repeating; /* timers with an interval */
    uint64_t arrivals;
    struct alarms alarms;
};

static bool
clock_before (const struct clock_entry *a, const struct clock_entry *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

/* Puts `entry` where it belongs on the way from `i` to the root. */
static void
clock_rise (struct clock *clock, uint32_t i, struct clock_entry entry)
{
    while (i > 0 && clock_before (&entry, &clock->heap[(i - 1) / 2])) {
        clock->heap[i] = clock->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    clock->heap[i] = entry;
}

static void
clock_sink (struct clock *clock, uint32_t i, struct clock_entry entry)
{
    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child + 1 < clock->count
            && clock_before (&clock->heap[child + 1], &clock->heap[child]))
            child++;
        if (child >= clock->count || clock_before (&entry, &clock->heap[child]))
            break;
        clock->heap[i] = clock->heap[child];
        i = child;
    }
    clock->heap[i] = entry;
}

static enum status
clock_add (Component *self, struct clock *clock, struct clock_entry entry)
{
    if (clock->count == clock->room) {
        uint32_t room = clock->room > 0 ? 2 * clock->room : 64;
        struct clock_entry *heap = component_alloc (self, room * sizeof *heap);

        if (heap == NULL)
            return ERR_NO_MEMORY;
        if (clock->heap != NULL) {
            memcpy (heap, clock->heap, clock->count * sizeof *heap);
            component_free (self, clock->heap);
        }
        clock->heap = heap;
        clock->room = room;
    }
    entry.order = clock->arrivals++;
    clock_rise (clock, clock->count++, entry);
    return OK;
}

static void
clock_remove (struct clock *clock, uint32_t i)
{
    struct clock_entry last = clock->heap[--clock->count];

    /* Nothing is kept of whom that was: names of calls differ from one placement to another. */
    memset (&clock->heap[clock->count], 0, sizeof last);
    if (i == clock->count)
        return;
    if (i > 0 && clock_before (&last, &clock->heap[(i - 1) / 2]))
        clock_rise (clock, i, last);
    else
        clock_sink (clock, i, last);
}

/* Sees to it that a timer comes when the first in the heap is due. */
static enum status
clock_arm (Component *self, struct clock *clock)
{
    return clock->count != 0 ? component_alarm (self, &clock->alarms, clock->heap[0].at_ns) : OK;
}

/* The next time that it comes: no sooner than may be. */
static void
clock_timer_again (Component *self, struct clock *clock, struct clock_entry entry)
{
    uint64_t interval_ns = entry.timer->interval_ns, now_ns = component_now_ns (self);
    uint64_t share_ns = (uint64_t)clock->repeating * SHARE_NS;
    uint64_t rate_ns  = share_ns > RATE_NS ? share_ns : RATE_NS;
    uint64_t earliest = now_ns + (interval_ns < rate_ns ? rate_ns : 0);
    uint64_t times    = earliest > entry.at_ns ? (earliest - entry.at_ns + interval_ns - 1) / interval_ns
                                               : 1;

    if (times == 0)
        times = 1;
    entry.timer->left_out = times - 1;
    entry.at_ns += times * interval_ns;
    clock_add (self, clock, entry); /* there is room: it has just been taken out */
}

static void
clock_timer_due (Component *self, struct clock *clock, struct clock_entry due)
{
    struct process_expire_req tell = { .process = due.process,
                                       .thread  = due.timer->thread,
                                       .info    = due.timer->info };
    struct process_expire_rep told;

    tell.info.status = due.timer->left_out < INT32_MAX ? (uint32_t)due.timer->left_out : INT32_MAX;
    if (due.timer->interval_ns != 0)
        clock_timer_again (self, clock, due);
    else
        component_free (self, due.timer);
    if (tell.info.signal != 0)
        process_expire (component_link (self, CLOCK_PROCESSES), &tell, &told);
}

static void
clock_timer (Component *self, uint64_t cookie)
{
    struct clock *clock = component_state (self);

    (void)cookie;
    while (clock->count > 0 && clock->heap[0].at_ns <= component_now_ns (self)) {
        struct clock_entry due = clock->heap[0];

        clock_remove (clock, 0);
        component_charge (self, CYCLES_SLEEPER);
        if (due.process == 0) {
            call_reply (self, &due.call, OK, NULL);
        } else if (due.timer != NULL) {
            clock_timer_due (self, clock, due);
        } else if (component_link (self, CLOCK_PROCESSES) != NULL) {
            struct process_kill_req alarm
                = { .target = (int32_t)due.process, .signal = SIGNAL_ALARM };
            struct process_kill_rep nothing;

            /* It may be gone by now, which is no news to anybody. */
            process_kill (component_link (self, CLOCK_PROCESSES), &alarm, &nothing);
        }
    }
    clock_arm (self, clock);
}

/* ---- operations ---- */

static enum status
clock_do_now (Component *self, struct call *call, const struct clock_now_req *req,
              struct clock_now_rep *rep)
{
    (void)call;
    (void)req;
    rep->uptime_ns = component_now_ns (self);
    rep->time_ns = component_time_ns (self);
    return OK;
}

/* When something will be due that is so far away: never, rather than at once. */
static uint64_t
clock_due_ns (Component *self, uint64_t after_ns)
{
    uint64_t now_ns = component_now_ns (self);

    return after_ns < UINT64_MAX - now_ns ? now_ns + after_ns : UINT64_MAX;
}

/* Takes a sleeper out of the heap. */
static bool
clock_take_sleeper (struct clock *clock, const struct call *call)
{
    for (uint32_t i = 0; i < clock->count; i++) {
        const struct clock_entry *entry = &clock->heap[i];

        if (entry->process == 0 && entry->call.domain == call->domain
            && entry->call.fiber == call->fiber
            && entry->call.generation == call->generation) {
            clock_remove (clock, i);
            return true;
        }
    }
    return false;
}

static enum status
clock_do_sleep (Component *self, struct call *call, const struct clock_sleep_req *req,
                struct clock_sleep_rep *rep)
{
    struct clock *clock = component_state (self);
    struct clock_entry entry = { .call = *call };
    enum status status;

    (void)rep;
    component_charge (self, CYCLES_SLEEPER);
    if (req->duration_ns == 0)
        return OK;
    entry.at_ns = clock_due_ns (self, req->duration_ns);
    status = clock_add (self, clock, entry);
    if (status != OK)
        return status;
    status = clock_arm (self, clock);
    if (status == OK)
        return DEFERRED;
    clock_take_sleeper (clock, call);
    return status;
}

/* Takes the process's alarm out of the heap; how long it still had. */
static uint64_t
clock_take_alarm (Component *self, struct clock *clock, uint32_t process)
{
    uint64_t now_ns = component_now_ns (self);

    for (uint32_t i = 0; i < clock->count; i++)
        if (clock->heap[i].process == process && clock->heap[i].timer == NULL) {
            uint64_t at_ns = clock->heap[i].at_ns;

            clock_remove (clock, i);
            return at_ns > now_ns ? at_ns - now_ns : 1; /* due, but it was still there */
        }
    return 0;
}

static enum status
clock_do_alarm (Component *self, struct call *call, const struct clock_alarm_req *req,
                struct clock_alarm_rep *rep)
{
    struct clock *clock = component_state (self);
    struct clock_entry entry = { .process = req->process };
    enum status status;
    uint64_t left_ns;

    (void)call;
    if (req->process == 0)
        return ERR_NO_PROCESS;
    if (component_link (self, CLOCK_PROCESSES) == NULL)
        return ERR_NOT_SUPPORTED;
    left_ns = clock_take_alarm (self, clock, req->process);
    if (req->after_ns > 0) {
        entry.at_ns = clock_due_ns (self, req->after_ns);
        status = clock_add (self, clock, entry);
        if (status != OK)
            return status;
        status = clock_arm (self, clock);
        if (status != OK) {
            clock_take_alarm (self, clock, req->process);
            return status;
        }
    }
    rep->left_ns = left_ns;
    return OK;
}

/* Where it is in the heap; UINT32_MAX: it does not run. timer 0: any of the process's. */
static uint32_t
clock_timer_find (const struct clock *clock, uint32_t process, uint32_t timer)
{
    for (uint32_t i = 0; i < clock->count; i++)
        if (clock->heap[i].process == process && clock->heap[i].timer != NULL
            && (timer == 0 || clock->heap[i].timer->timer == timer))
            return i;
    return UINT32_MAX;
}

static void
clock_timer_drop (Component *self, struct clock *clock, uint32_t i)
{
    clock->repeating -= clock->heap[i].timer->interval_ns != 0;
    component_free (self, clock->heap[i].timer);
    clock_remove (clock, i);
}

static enum status
clock_timer_set (Component *self, struct clock *clock, const struct clock_settimer_req *req)
{
    struct clock_entry entry = { .process = req->process };
    enum status status;

    if (req->after_ns == 0)
        return OK;
    entry.timer = component_alloc (self, sizeof *entry.timer);
    if (entry.timer == NULL)
        return ERR_NO_MEMORY;
    *entry.timer = (struct clock_timer){ .timer       = req->timer,
                                         .thread      = req->thread,
                                         .interval_ns = req->interval_ns,
                                         .info        = req->info };
    entry.at_ns  = clock_due_ns (self, req->after_ns);
    status       = clock_add (self, clock, entry);
    if (status != OK) {
        component_free (self, entry.timer);
        return status;
    }
    clock->repeating += req->interval_ns != 0;
    status = clock_arm (self, clock);
    if (status != OK) {
        uint32_t i = clock_timer_find (clock, req->process, req->timer);

        if (i != UINT32_MAX)
            clock_timer_drop (self, clock, i);
    }
    return status;
}

static enum status
clock_do_settimer (Component *self, struct call *call, const struct clock_settimer_req *req,
                struct clock_settimer_rep *rep)
{
    struct clock *clock = component_state (self);
    uint32_t i          = clock_timer_find (clock, req->process, req->timer);
    uint64_t now_ns     = component_now_ns (self), left_ns = 0, interval_ns = 0;
    enum status status  = OK;

    (void)call;
    component_charge (self, CYCLES_SLEEPER);
    if (req->process == 0 || req->timer == 0)
        return ERR_INVALID;
    if (component_link (self, CLOCK_PROCESSES) == NULL)
        return ERR_NOT_SUPPORTED;
    if (i != UINT32_MAX) {
        left_ns     = clock->heap[i].at_ns > now_ns ? clock->heap[i].at_ns - now_ns : 1;
        interval_ns = clock->heap[i].timer->interval_ns;
    }
    if (req->set != 0) {
        if (i != UINT32_MAX)
            clock_timer_drop (self, clock, i);
        status = clock_timer_set (self, clock, req);
    }
    if (status == OK) {
        rep->left_ns     = left_ns;
        rep->interval_ns = interval_ns;
    }
    return status;
}

static enum status
clock_do_release (Component *self, struct call *call, const struct clock_release_req *req,
                  struct clock_release_rep *rep)
{
    struct clock *clock = component_state (self);
    uint32_t i;

    (void)call;
    (void)rep;
    if (req->process == 0)
        return OK;
    clock_take_alarm (self, clock, req->process);
    while ((i = clock_timer_find (clock, req->process, 0)) != UINT32_MAX)
        clock_timer_drop (self, clock, i);
    return OK;
}

static void
clock_cancel (Component *self, const struct call *call)
{
    if (clock_take_sleeper (component_state (self), call))
        call_reply (self, call, ERR_INTERRUPTED, NULL);
}

static const struct clock_ops clock_clock = {
    .now = clock_do_now,
    .sleep = clock_do_sleep,
    .alarm = clock_do_alarm,
    .settimer = clock_do_settimer,
    .release = clock_do_release,
};

const struct component_class clock_class = {
    .name = "clock",
    .summary = "tells the time, lets processes sleep and wakes them with alarms",
    .state_bytes = sizeof (struct clock),
    .provides = { { INTERFACE_clock, &clock_clock } },
    .needs = { { "processes", INTERFACE_process, NEED_OPTIONAL } },
    .timer = clock_timer,
    .cancel = clock_cancel,
};
