/* linux_event: descriptors that tell of events: eventfd, timerfd, epoll. */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>

#include "personalities/linux/linux_file.h"
#include "personalities/linux/linux_poll.h"

static int64_t
make_event (struct task *task, enum event_file kind, uint64_t value, uint64_t flags)
{
    struct file_event_req request = { .process = task->pid,
                                      .flags   = linux_open_flags (flags & (EFD_CLOEXEC | EFD_NONBLOCK)),
                                      .kind    = kind,
                                      .value   = value };
    struct file_event_rep reply;
    int64_t bad = linux_result (file_event (FILES, &request, &reply));

    return bad != 0 ? bad : reply.fd;
}

LINUX_FUNCTION (eventfd2)
{
    if ((a[1] & ~(uint64_t)(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) != 0)
        return -EINVAL;
    return make_event (task, (a[1] & EFD_SEMAPHORE) != 0 ? EVENT_FILE_SEMAPHORE : EVENT_FILE_COUNTER,
                       (uint32_t)a[0], a[1]);
}

LINUX_FUNCTION (eventfd)
{
    return make_event (task, EVENT_FILE_COUNTER, (uint32_t)a[0], 0);
}

/* ---- timers ---- */

struct two_times {
    int64_t every_s, every_ns, next_s, next_ns;
};

LINUX_FUNCTION (timerfd_create)
{
    const uint64_t clock = a[0];

    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
        return -EINVAL;
    if ((a[1] & ~(uint64_t)(TFD_CLOEXEC | TFD_NONBLOCK)) != 0)
        return -EINVAL;
    return make_event (task, EVENT_FILE_TIMER, clock == CLOCK_REALTIME, a[1]);
}

static int64_t
put_times (struct task *task, uint64_t address, const struct file_timer_rep *reply)
{
    const struct two_times times = { (int64_t)(reply->every_ns / 1000000000u),
                                     (int64_t)(reply->every_ns % 1000000000u),
                                     (int64_t)(reply->left_ns / 1000000000u),
                                     (int64_t)(reply->left_ns % 1000000000u) };

    return linux_put (task, address, &times, sizeof times);
}

/* Nanoseconds, of any time that is long enough for ever. */
static int64_t
to_ns (int64_t seconds, int64_t ns, uint64_t *into)
{
    if (seconds < 0 || ns < 0 || ns > 999999999)
        return -EINVAL;
    *into = (uint64_t)file_time (seconds < INT32_MAX ? seconds : INT32_MAX, ns);
    return 0;
}

LINUX_FUNCTION (timerfd_settime)
{
    struct file_timer_req request = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_timer_rep reply;
    struct two_times times;
    int64_t bad = linux_get (task, a[2], &times, sizeof times);

    if (bad == 0 && (a[1] & ~(uint64_t)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0)
        bad = -EINVAL;
    if (bad == 0)
        bad = to_ns (times.every_s, times.every_ns, &request.every_ns);
    if (bad == 0)
        bad = to_ns (times.next_s, times.next_ns, &request.ns);
    if (bad != 0)
        return bad;
    request.how = request.ns == 0                   ? TIMER_NEVER
                  : (a[1] & TFD_TIMER_ABSTIME) != 0 ? TIMER_AT
                                                    : TIMER_AFTER;
    bad         = linux_result (file_timer (FILES, &request, &reply));
    return bad == 0 && a[3] != 0 ? put_times (task, a[3], &reply) : bad;
}

LINUX_FUNCTION (timerfd_gettime)
{
    struct file_timer_req request
        = { .process = task->pid, .fd = (int32_t)a[0], .how = TIMER_ASK };
    struct file_timer_rep reply;
    int64_t bad = linux_result (file_timer (FILES, &request, &reply));

    return bad != 0 ? bad : put_times (task, a[1], &reply);
}

/* ---- epoll ---- */

static const struct {
    uint32_t ours, linux_event;
} meanings[] = {
    { POLL_READ, EPOLLIN },     { POLL_READ, EPOLLRDNORM }, { POLL_WRITE, EPOLLOUT },
    { POLL_WRITE, EPOLLWRNORM }, { POLL_END, EPOLLHUP },     { POLL_BROKEN, EPOLLERR },
    { POLL_LAST, EPOLLRDHUP },  { INTEREST_EDGE, EPOLLET }, { INTEREST_ONCE, EPOLLONESHOT },
};

static uint32_t
to_ours (uint32_t events)
{
    uint32_t ours = POLL_ALWAYS;

    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        ours |= (events & meanings[i].linux_event) != 0 ? meanings[i].ours : 0;
    return ours;
}

static uint32_t
to_linux (uint32_t ours)
{
    uint32_t events = 0;

    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        events |= (ours & meanings[i].ours) != 0 ? meanings[i].linux_event : 0;
    return events & ~(uint32_t)(EPOLLRDNORM | EPOLLWRNORM);
}

LINUX_FUNCTION (epoll_create1)
{
    return (a[0] & ~(uint64_t)EPOLL_CLOEXEC) != 0 ? -EINVAL : make_event (task, EVENT_FILE_SET, 0, a[0]);
}

LINUX_FUNCTION (epoll_create)
{
    return (int32_t)a[0] <= 0 ? -EINVAL : make_event (task, EVENT_FILE_SET, 0, 0);
}

LINUX_FUNCTION (epoll_ctl)
{
    static const uint32_t hows[] = { [EPOLL_CTL_ADD] = INTEREST_ADD,
                                     [EPOLL_CTL_DEL] = INTEREST_REMOVE,
                                     [EPOLL_CTL_MOD] = INTEREST_CHANGE };
    struct file_interest_req request
        = { .process = task->pid, .set = (int32_t)a[0], .fd = (int32_t)a[2] };
    struct file_interest_rep reply;
    struct epoll_event event = { 0 };
    uint32_t how             = (uint32_t)a[1];
    int64_t bad = how != EPOLL_CTL_DEL ? linux_get (task, a[3], &event, sizeof event) : 0;

    if (bad != 0)
        return bad;
    request.how    = how < sizeof hows / sizeof *hows ? hows[how] : 0;
    request.events = to_ours (event.events);
    request.data   = event.data.u64;
    return linux_result (file_interest (FILES, &request, &reply));
}

/* So many are taken at once. */
#define HAPPENED_MAX 256u

/* a: the set, where to, and how many at most. */
static int64_t
look_epoll (struct task *task, const uint64_t *a, bool last, struct watched *watched)
{
    struct file_event happened[HAPPENED_MAX];
    uint32_t most = (uint32_t)a[2] < HAPPENED_MAX ? (uint32_t)a[2] : HAPPENED_MAX;
    struct file_happened_req request
        = { .process = task->pid,
            .set     = (int32_t)a[0],
            .into    = { .data = happened, .length = (uint32_t)(most * sizeof *happened) } };
    struct file_happened_rep reply;
    int64_t bad    = linux_result (file_happened (FILES, &request, &reply));
    uint32_t count = bad == 0 ? (uint32_t)(reply.done / sizeof *happened) : 0;

    (void)last;
    for (uint32_t i = 0; bad == 0 && i < count; i++) {
        struct epoll_event event = { .events = to_linux (happened[i].events), .data.u64 = happened[i].data };

        bad = linux_put (task, a[1] + i * sizeof event, &event, sizeof event);
    }
    watched->of[watched->count++] = (struct file_watch){ .fd = (int32_t)a[0], .events = POLL_READ };
    return bad != 0 ? bad : count;
}

static int64_t
wait_epoll (struct task *task, const uint64_t *a, uint64_t timeout_ns)
{
    if ((int32_t)a[2] <= 0 || (int32_t)a[2] > (int32_t)(INT32_MAX / sizeof (struct epoll_event)))
        return -EINVAL;
    return linux_look_until (task, a, timeout_ns, look_epoll);
}

static uint64_t
milliseconds (uint64_t argument)
{
    return (int32_t)argument < 0 ? LINUX_FOREVER : (uint64_t)(int32_t)argument * 1000000u;
}

LINUX_FUNCTION (epoll_wait)
{
    return wait_epoll (task, a, milliseconds (a[3]));
}

LINUX_FUNCTION (epoll_pwait)
{
    int64_t bad = linux_mask_for_now (task, a[4], a[5]);

    return bad != 0 ? bad : wait_epoll (task, a, milliseconds (a[3]));
}

LINUX_FUNCTION (epoll_pwait2)
{
    uint64_t ns;
    int64_t bad = linux_timeout_get (task, a[3], 1, &ns);

    if (bad == 0)
        bad = linux_mask_for_now (task, a[4], a[5]);
    return bad != 0 ? bad : wait_epoll (task, a, ns);
}
