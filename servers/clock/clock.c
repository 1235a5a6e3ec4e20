/* clock: the time, sleeping, and alarms. Provides clock; needs process, for alarms.
 *
 * Everybody who waits is in one heap, ordered by (time, arrival); one timer is set, for the
 * first of them. A process has at most one alarm.
 *
 * Keeps across a crash: the heap is in the arena; the timers that have been set still come,
 * and one that finds nobody due does nothing.
 */
#include <string.h>

#include "interfaces/interfaces.h"

#define SIGNAL_ALARM   14u
#define CYCLES_SLEEPER 250u

enum { CLOCK_PROCESSES };

struct clock_entry {
    uint64_t at_ns;   /* since boot */
    uint64_t order;   /* of arrival */
    uint32_t process; /* whose alarm; 0: a sleeper */
    uint32_t pad;
    struct call call; /* the sleeper's */
};

struct clock {
    struct clock_entry *heap;
    uint32_t count;
    uint32_t room;
    uint64_t arrivals;
    uint64_t armed_ns; /* the earliest timer that will still come; 0: none */
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

/* Sees to it that a timer comes no later than the first in the heap is due. */
static enum status
clock_arm (Component *self, struct clock *clock)
{
    uint64_t at_ns, before_ns = clock->armed_ns;
    enum status status;

    if (clock->count == 0)
        return OK;
    at_ns = clock->heap[0].at_ns;
    if (clock->armed_ns != 0 && clock->armed_ns <= at_ns)
        return OK;
    clock->armed_ns = at_ns;
    status = component_timer (self, at_ns, at_ns);
    if (status != OK && clock->armed_ns == at_ns)
        clock->armed_ns = before_ns;
    return status;
}

static void
clock_timer (Component *self, uint64_t cookie)
{
    struct clock *clock = component_state (self);

    if (clock->armed_ns == cookie)
        clock->armed_ns = 0;
    while (clock->count > 0 && clock->heap[0].at_ns <= component_now_ns (self)) {
        struct clock_entry due = clock->heap[0];

        clock_remove (clock, 0);
        component_charge (self, CYCLES_SLEEPER);
        if (due.process == 0) {
            call_reply (self, &due.call, OK, NULL);
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
        if (clock->heap[i].process == process) {
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

static enum status
clock_do_release (Component *self, struct call *call, const struct clock_release_req *req,
                  struct clock_release_rep *rep)
{
    (void)call;
    (void)rep;
    if (req->process != 0)
        clock_take_alarm (self, component_state (self), req->process);
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
