/* linux_timer: alarms and timers. Those of real time are the clock's, those of processor
 * time the nucleus's (guest/limit.c). */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "personalities/linux/linux.h"

#define CLOCK       nucleus_link (INTERFACE_clock)
#define S_NS        1000000000u
#define SECONDS_MAX 1000000000 /* more is for ever */

/* ---- alarms ---- */

static int64_t
alarm_set (struct task *task, uint64_t after_ns, uint64_t *left_ns)
{
    struct clock_alarm_req request = { .process = task->pid, .after_ns = after_ns };
    struct clock_alarm_rep reply;
    int64_t bad = linux_result (clock_alarm (CLOCK, &request, &reply));

    if (bad == 0)
        *left_ns = reply.left_ns;
    return bad;
}

LINUX_FUNCTION (alarm)
{
    uint64_t left;
    int64_t bad = alarm_set (task, (uint64_t)(uint32_t)a[0] * S_NS, &left);

    task->guest->group->interval_ns = 0;
    return bad != 0 ? bad : (int64_t)((left + S_NS - 1) / S_NS);
}

void
linux_alarm_again (struct task *task)
{
    uint64_t left;

    if (task->guest->group->interval_ns != 0)
        alarm_set (task, task->guest->group->interval_ns, &left);
}

/* An interval and what is left, as setitimer(2) has them. */
static int64_t
put_timer (struct task *task, uint64_t address, uint64_t interval_ns, uint64_t left_ns)
{
    const int64_t timer[4]
        = { (int64_t)(interval_ns / S_NS), (int64_t)(interval_ns % S_NS / 1000),
            (int64_t)(left_ns / S_NS), (int64_t)(left_ns % S_NS / 1000) };

    return address != 0 ? linux_put (task, address, timer, sizeof timer) : 0;
}

/* Of setitimer's: what it was set to, and what is left. */
static int64_t
timer_tell (struct task *task, uint64_t which, uint64_t *interval_ns, uint64_t *left_ns)
{
    struct guest_group *group = task->guest->group;
    uint64_t ignored;
    int64_t bad;

    if (which != ITIMER_REAL) {
        *interval_ns = CYCLES_TO_NS (group->budget.timer[which - ITIMER_VIRTUAL].every);
        *left_ns
            = CYCLES_TO_NS (guest_budget_left (task, (unsigned)(which - ITIMER_VIRTUAL)));
        return 0;
    }
    /* There is no way to ask for an alarm but to set it, and to set it back. */
    *interval_ns = group->interval_ns;
    bad = alarm_set (task, 0, left_ns);
    return bad == 0 && *left_ns != 0 ? alarm_set (task, *left_ns, &ignored) : bad;
}

LINUX_FUNCTION (setitimer)
{
    int64_t wanted[4] = { 0 };
    uint64_t every, after, interval, left;
    int64_t bad = a[1] != 0 ? linux_get (task, a[1], wanted, sizeof wanted) : 0;

    if (bad != 0)
        return bad;
    for (unsigned i = 0; i < 4; i++)
        if (wanted[i] < 0 || (i % 2 != 0 && wanted[i] > 999999))
            return -EINVAL;
    if (a[0] > ITIMER_PROF)
        return -EINVAL;
    for (unsigned i = 0; i < 4; i += 2)
        if (wanted[i] > SECONDS_MAX)
            wanted[i] = SECONDS_MAX;
    every = (uint64_t)wanted[0] * S_NS + (uint64_t)wanted[1] * 1000;
    after = (uint64_t)wanted[2] * S_NS + (uint64_t)wanted[3] * 1000;
    bad = timer_tell (task, a[0], &interval, &left);
    if (bad == 0 && a[0] == ITIMER_REAL) {
        task->guest->group->interval_ns = every;
        bad = alarm_set (task, after, &left);
    } else if (bad == 0) {
        guest_budget_timer (task, (unsigned)(a[0] - ITIMER_VIRTUAL), NS_TO_CYCLES (after),
                            NS_TO_CYCLES (every));
    }
    return bad != 0 ? bad : put_timer (task, a[2], interval, left);
}

LINUX_FUNCTION (getitimer)
{
    uint64_t interval, left;
    int64_t bad = a[0] <= ITIMER_PROF ? timer_tell (task, a[0], &interval, &left) : -EINVAL;

    if (bad == 0 && a[1] == 0)
        bad = -EFAULT;
    return bad != 0 ? bad : put_timer (task, a[1], interval, left);
}

/* ---- timers that a program makes ---- */

struct linux_event { /* struct sigevent */
    uint64_t value;
    int32_t signal, notify, thread;
    uint8_t rest[44];
};

_Static_assert(sizeof (struct linux_event) == sizeof (struct sigevent), "as Linux has it");

/* By its number; NULL: there is none. */
static struct guest_timer *
timer_of (const struct task *task, uint64_t id)
{
    struct guest_timer *timers = task->guest->group->timers;

    return timers != NULL && id < GUEST_TIMERS_MAX && timers[id].used ? &timers[id] : NULL;
}

static int64_t
clock_check (uint64_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
        return 0;
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

/* What shall be told, and to whom. */
static int64_t
event_check (const struct task *task, const struct linux_event *event)
{
    const struct task *thread = guest_find_thread ((uint32_t)event->thread);

    switch (event->notify) {
    case SIGEV_NONE:
        return 0;
    case SIGEV_THREAD_ID:
        if (event->thread <= 0 || thread == NULL || thread->pid != task->pid)
            return -EINVAL;
        /* fall through */
    case SIGEV_SIGNAL:
    case SIGEV_THREAD: /* a library's business: to the kernel it is a signal */
        return event->signal >= 1 && event->signal < (int32_t)GUEST_SIGNALS ? 0 : -EINVAL;
    default:
        return -EINVAL;
    }
}

/* A free one; NULL with *bad. */
static struct guest_timer *
timer_new (struct guest_group *group, int32_t *id, int64_t *bad)
{
    *bad = -EAGAIN;
    if (group->timers == NULL)
        group->timers = linux_alloc (GUEST_TIMERS_MAX * sizeof *group->timers);
    for (uint32_t i = 0; group->timers != NULL && i < GUEST_TIMERS_MAX; i++)
        if (!group->timers[i].used) {
            *id = (int32_t)i;
            *bad = 0;
            return &group->timers[i];
        }
    return NULL;
}

LINUX_FUNCTION (timer_create)
{
    struct linux_event event = { .signal = SIGALRM, .notify = SIGEV_SIGNAL };
    struct guest_timer *timer;
    int64_t bad = a[1] != 0 ? linux_get (task, a[1], &event, sizeof event) : 0;
    int32_t id;

    if (bad == 0)
        bad = clock_check ((uint32_t)a[0]);
    if (bad == 0 && a[1] != 0)
        bad = event_check (task, &event);
    if (bad != 0)
        return bad;
    timer = timer_new (task->guest->group, &id, &bad);
    if (timer == NULL)
        return bad;
    *timer = (struct guest_timer){
        .used = true,
        .clock = (uint32_t)a[0],
        .notify = (uint32_t)event.notify,
        .signal = event.notify != SIGEV_NONE ? (uint32_t)event.signal : 0,
        .thread = event.notify == SIGEV_THREAD_ID ? (uint32_t)event.thread : 0,
        .value = a[1] != 0 ? event.value : (uint64_t)id,
    };
    bad = linux_put (task, a[2], &id, sizeof id);
    if (bad != 0)
        timer->used = false;
    return bad;
}

/* set: it runs as is said from now on; how it was before. */
static int64_t
timer_ask (const struct task *task, uint64_t id, const struct guest_timer *timer, bool set,
           uint64_t after_ns, uint64_t interval_ns, struct clock_settimer_rep *reply)
{
    struct clock_settimer_req request = { .process = task->pid,
                                          .timer = (uint32_t)id + 1,
                                          .set = set,
                                          .thread = timer->thread,
                                          .after_ns = after_ns,
                                          .interval_ns = interval_ns,
                                          .info = { .signal = timer->signal,
                                                    .code = SIGNAL_OF_TIMER,
                                                    .timer = (uint32_t)id + 1,
                                                    .value = timer->value } };

    return linux_result (clock_settimer (CLOCK, &request, reply));
}

/* Interval and what is left, as timer_gettime(2) has them. */
static int64_t
put_setting (struct task *task, uint64_t address, const struct clock_settimer_rep *reply)
{
    const int64_t setting[4]
        = { (int64_t)(reply->interval_ns / S_NS), (int64_t)(reply->interval_ns % S_NS),
            (int64_t)(reply->left_ns / S_NS), (int64_t)(reply->left_ns % S_NS) };

    return linux_put (task, address, setting, sizeof setting);
}

static uint64_t
ns_of (const int64_t *time)
{
    return (uint64_t)(time[0] < SECONDS_MAX ? time[0] : SECONDS_MAX) * S_NS
           + (uint64_t)time[1];
}

/* How long until that time of the timer's clock: at least something. */
static int64_t
until (const struct guest_timer *timer, uint64_t at_ns, uint64_t *after_ns)
{
    struct clock_now_req ask;
    struct clock_now_rep now;
    int64_t bad = linux_result (clock_now (CLOCK, &ask, &now));
    uint64_t now_ns;

    if (bad != 0)
        return bad;
    now_ns = timer->clock == CLOCK_REALTIME ? now.time_ns : now.uptime_ns;
    *after_ns = at_ns > now_ns ? at_ns - now_ns : 1;
    return 0;
}

LINUX_FUNCTION (timer_settime)
{
    struct guest_timer *timer = timer_of (task, (uint32_t)a[0]);
    struct clock_settimer_rep before;
    uint64_t after;
    int64_t wanted[4];
    int64_t bad = a[2] != 0 ? linux_get (task, a[2], wanted, sizeof wanted) : -EINVAL;

    if (bad != 0)
        return bad;
    for (unsigned i = 0; i < 4; i++)
        if (wanted[i] < 0 || (i % 2 != 0 && wanted[i] >= S_NS))
            return -EINVAL;
    if (timer == NULL)
        return -EINVAL;
    after = ns_of (&wanted[2]);
    if (after != 0 && (a[1] & TIMER_ABSTIME) != 0)
        bad = until (timer, after, &after);
    if (bad == 0)
        bad = timer_ask (task, (uint32_t)a[0], timer, true, after, ns_of (wanted), &before);
    if (bad == 0)
        timer->overrun = 0;
    return bad == 0 && a[3] != 0 ? put_setting (task, a[3], &before) : bad;
}

LINUX_FUNCTION (timer_gettime)
{
    const struct guest_timer *timer = timer_of (task, (uint32_t)a[0]);
    struct clock_settimer_rep now;
    int64_t bad = timer != NULL ? timer_ask (task, (uint32_t)a[0], timer, false, 0, 0, &now)
                                : -EINVAL;

    return bad != 0 ? bad : put_setting (task, a[1], &now);
}

LINUX_FUNCTION (timer_getoverrun)
{
    const struct guest_timer *timer = timer_of (task, (uint32_t)a[0]);

    return timer != NULL ? (int64_t)timer->overrun : -EINVAL;
}

LINUX_FUNCTION (timer_delete)
{
    struct guest_timer *timer = timer_of (task, (uint32_t)a[0]);
    struct clock_settimer_rep before;
    int64_t bad;

    if (timer == NULL)
        return -EINVAL;
    bad = timer_ask (task, (uint32_t)a[0], timer, true, 0, 0, &before);
    timer->used = false;
    return bad;
}

void
linux_timers_drop (struct task *task)
{
    struct guest_group *group = task->guest->group;

    for (uint64_t id = 0; group->timers != NULL && id < GUEST_TIMERS_MAX; id++)
        if (group->timers[id].used)
            linux_timer_delete (task, &id);
    linux_free (group->timers);
    group->timers = NULL;
}

void
linux_timer_seen (struct task *task, const struct signal_info *info)
{
    struct guest_timer *timer = timer_of (task, info->timer - 1);

    if (timer != NULL)
        timer->overrun = info->status;
}
