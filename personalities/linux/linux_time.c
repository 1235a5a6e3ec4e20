/* linux_time: the machine's time. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/times.h>
#include <time.h>

#include "personalities/linux/linux.h"

#define CLOCK     nucleus_link (INTERFACE_clock)
#define S_NS      1000000000u
#define TICK_NS   10000000u

struct linux_time {
    int64_t s, ns;
};

static struct linux_time
time_of (uint64_t ns)
{
    return (struct linux_time){ (int64_t)(ns / S_NS), (int64_t)(ns % S_NS) };
}

static int64_t
now (struct clock_now_rep *reply)
{
    struct clock_now_req request;

    return linux_result (clock_now (CLOCK, &request, reply));
}

static int64_t
used (struct task *task, struct process_times_rep *reply)
{
    struct process_times_req request = { .process = task->pid };

    return linux_result (process_times (nucleus_link (INTERFACE_process), &request, reply));
}

/* Of a clock of Linux: what it shows. */
static int64_t
clock_read (struct task *task, uint64_t id, uint64_t *ns)
{
    struct clock_now_rep time;
    struct process_times_rep times;
    int64_t bad;

    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        bad = now (&time);
        *ns = time.time_ns;
        return bad;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        bad = now (&time);
        *ns = time.uptime_ns;
        return bad;
    case CLOCK_PROCESS_CPUTIME_ID:
        bad = used (task, &times);
        *ns = times.cpu_ns;
        return bad;
    case CLOCK_THREAD_CPUTIME_ID:
        *ns = CYCLES_TO_NS (task_processor_time (task));
        return 0;
    default:
        return -EINVAL;
    }
}

LINUX_FUNCTION (clock_gettime)
{
    struct linux_time time;
    uint64_t ns = 0;
    int64_t bad = clock_read (task, a[0], &ns);

    time = time_of (ns);
    return bad != 0 ? bad : linux_put (task, a[1], &time, sizeof time);
}

LINUX_FUNCTION (clock_getres)
{
    struct linux_time time = { 0, 1 };
    uint64_t ns;
    int64_t bad = clock_read (task, a[0], &ns);

    return bad != 0 || a[1] == 0 ? bad : linux_put (task, a[1], &time, sizeof time);
}

LINUX_FUNCTION (gettimeofday)
{
    struct clock_now_rep time;
    int64_t bad = now (&time), out[2];

    if (bad != 0 || a[0] == 0)
        return bad;
    out[0] = (int64_t)(time.time_ns / S_NS);
    out[1] = (int64_t)(time.time_ns % S_NS / 1000);
    return linux_put (task, a[0], out, sizeof out);
}

LINUX_FUNCTION (time)
{
    struct clock_now_rep time;
    int64_t bad = now (&time), seconds;

    if (bad != 0)
        return bad;
    seconds = (int64_t)(time.time_ns / S_NS);
    bad     = a[0] != 0 ? linux_put (task, a[0], &seconds, sizeof seconds) : 0;
    return bad != 0 ? bad : seconds;
}

/* ---- sleep ---- */

static int64_t
sleep_until (struct task *task, uint64_t until_ns, uint64_t left_address)
{
    struct clock_sleep_req request;
    struct clock_sleep_rep reply;
    struct clock_now_rep time;
    int64_t bad = now (&time);

    if (bad != 0 || until_ns <= time.uptime_ns)
        return bad;
    request.duration_ns           = until_ns - time.uptime_ns;
    task->guest->sleep_until_ns   = until_ns;
    bad = linux_result (clock_sleep (CLOCK, &request, &reply));
    if (bad != -EINTR) {
        task->guest->sleep_until_ns = 0;
        return bad;
    }
    if (left_address != 0 && now (&time) == 0) {
        struct linux_time left
            = time_of (until_ns > time.uptime_ns ? until_ns - time.uptime_ns : 0);

        linux_put (task, left_address, &left, sizeof left);
    }
    return -EINTR;
}

static int64_t
sleep_for (struct task *task, uint64_t address, uint64_t left_address)
{
    struct clock_now_rep time;
    struct linux_time wanted;
    uint64_t until;
    int64_t bad = linux_get (task, address, &wanted, sizeof wanted);

    if (bad == 0)
        bad = now (&time);
    if (bad != 0)
        return bad;
    if (wanted.s < 0 || wanted.ns < 0 || wanted.ns >= S_NS)
        return -EINVAL;
    until = wanted.s > 1000000000 ? UINT64_MAX / 4
                                  : time.uptime_ns + (uint64_t)wanted.s * S_NS + (uint64_t)wanted.ns;
    /* Made again after a signal that the program did not see: until when it first wanted. */
    if (task->guest->sleep_until_ns != 0)
        until = task->guest->sleep_until_ns;
    return sleep_until (task, until, left_address);
}

LINUX_FUNCTION (nanosleep)
{
    return sleep_for (task, a[0], a[1]);
}

LINUX_FUNCTION (clock_nanosleep)
{
    struct linux_time wanted;
    struct clock_now_rep time;
    uint64_t ns;
    int64_t bad;

    if (a[0] != CLOCK_REALTIME && a[0] != CLOCK_MONOTONIC && a[0] != CLOCK_BOOTTIME)
        return -EINVAL;
    if ((a[1] & TIMER_ABSTIME) == 0)
        return sleep_for (task, a[2], a[3]);
    bad = linux_get (task, a[2], &wanted, sizeof wanted);
    if (bad == 0)
        bad = now (&time);
    if (bad != 0)
        return bad;
    if (wanted.s < 0 || wanted.ns < 0 || wanted.ns >= S_NS)
        return -EINVAL;
    ns = (uint64_t)wanted.s * S_NS + (uint64_t)wanted.ns;
    if (a[0] == CLOCK_REALTIME)
        ns -= ns > time.time_ns - time.uptime_ns ? time.time_ns - time.uptime_ns : ns;
    return sleep_until (task, ns, 0);
}

/* ---- what was used ---- */

LINUX_FUNCTION (times)
{
    struct process_times_rep reply;
    struct clock_now_rep time;
    int64_t out[4] = { 0 };
    int64_t bad    = used (task, &reply);

    if (bad == 0)
        bad = now (&time);
    if (bad == 0 && a[0] != 0) {
        out[0] = (int64_t)(reply.cpu_ns / TICK_NS);
        out[2] = (int64_t)(reply.children_ns / TICK_NS);
        bad    = linux_put (task, a[0], out, sizeof out);
    }
    return bad != 0 ? bad : (int64_t)(time.uptime_ns / TICK_NS);
}
