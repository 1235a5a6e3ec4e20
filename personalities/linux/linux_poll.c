/* linux_poll: waiting for descriptors: poll and select.
 *
 * A first look at the descriptors notes what they are asked about; when none of them has
 * anything to say, the file server is asked to wait for that, and then there is another look. */
#define _GNU_SOURCE
#include <poll.h>
#include <string.h>

#include "personalities/linux/linux_file.h"
#include "personalities/linux/linux_poll.h"

#define POLL_MAX   256u
#define SELECT_MAX LINUX_WATCHED_MAX

static const struct {
    uint32_t ours;
    int16_t linux_events;
} meanings[] = {
    { POLL_READ, POLLIN | POLLRDNORM }, { POLL_WRITE, POLLOUT | POLLWRNORM }, { POLL_END, POLLHUP },
    { POLL_BROKEN, POLLERR },           { POLL_LAST, POLLRDHUP },
};

/* -EBADF, or which of `events` are there. */
static int64_t
ready (struct task *task, int32_t fd, int16_t events, struct watched *watched)
{
    struct file_poll_req request = { .process = task->pid, .fd = fd };
    struct file_poll_rep reply;
    int64_t bad, answer = 0;

    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        request.events |= (events & meanings[i].linux_events) != 0 ? meanings[i].ours : 0;
    bad = linux_result (file_poll (FILES, &request, &reply));
    if (bad != 0)
        return bad;
    watched->of[watched->count++] = (struct file_watch){ .fd = fd, .events = request.events };
    events |= POLLHUP | POLLERR;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        answer |= (reply.ready & meanings[i].ours) != 0 ? events & meanings[i].linux_events : 0;
    return answer;
}

static int64_t
look_poll (struct task *task, const uint64_t *a, bool last, struct watched *watched)
{
    struct pollfd one;
    int64_t found = 0, bad;

    (void)last;
    for (uint64_t i = 0; i < a[1]; i++) {
        int64_t events;

        bad = linux_get (task, a[0] + i * sizeof one, &one, sizeof one);
        if (bad != 0)
            return bad;
        events = one.fd < 0 ? 0 : ready (task, one.fd, one.events, watched);
        if (events < 0 && events != -EBADF)
            return events;
        one.revents = events < 0 ? POLLNVAL : (int16_t)events;
        found += one.revents != 0;
        bad = linux_put (task, a[0] + i * sizeof one, &one, sizeof one);
        if (bad != 0)
            return bad;
    }
    return found;
}

static uint64_t
now_ns (void)
{
    return CYCLES_TO_NS (here->token.now);
}

int64_t
linux_look_until (struct task *task, const uint64_t *a, uint64_t timeout_ns, linux_look *look)
{
    uint64_t end = timeout_ns < LINUX_FOREVER / 4 ? now_ns () + timeout_ns : LINUX_FOREVER;
    struct watched watched;

    for (;;) {
        uint64_t now = now_ns ();
        struct file_watch_req request;
        struct file_watch_rep reply;
        int64_t found;

        watched.count = 0;
        found         = look (task, a, timeout_ns == 0 || now >= end, &watched);
        if (found != 0 || timeout_ns == 0 || now >= end)
            return found;
        if (guest_is_called (task))
            return -EINTR;
        request = (struct file_watch_req){
            .process    = task->pid,
            .waiter     = task->id,
            .count      = watched.count,
            .timeout_ns = end == LINUX_FOREVER ? LINUX_FOREVER : end > now_ns () ? end - now_ns () : 0,
            .from       = { .data = watched.of, .length = watched.count * sizeof watched.of[0] }
        };
        found = linux_result (file_watch (FILES, &request, &reply));
        if (found != 0)
            return found;
    }
}

LINUX_FUNCTION (poll)
{
    int32_t ms = (int32_t)a[2];

    if (a[1] > POLL_MAX)
        return -EINVAL;
    return linux_look_until (task, a, ms < 0 ? LINUX_FOREVER : (uint64_t)ms * 1000000u, look_poll);
}

int64_t
linux_timeout_get (struct task *task, uint64_t address, uint64_t unit, uint64_t *ns)
{
    int64_t time[2];
    int64_t bad = address != 0 ? linux_get (task, address, time, sizeof time) : 0;

    *ns = LINUX_FOREVER;
    if (bad != 0 || address == 0)
        return bad;
    if (time[0] < 0 || time[1] < 0 || (unit == 1 && time[1] >= 1000000000))
        return -EINVAL;
    if (time[0] < 1000000000)
        *ns = (uint64_t)time[0] * 1000000000u + (uint64_t)time[1] * unit;
    return 0;
}

/* As Linux, which tells how much of the time is left; who waited for none is told nothing. What
 * cannot be written there does not matter any more. */
static void
tell_left (struct task *task, uint64_t address, uint64_t unit, uint64_t ns, uint64_t began_ns)
{
    uint64_t passed = now_ns () - began_ns, left = ns > passed ? ns - passed : 0;
    int64_t time[2] = { (int64_t)(left / 1000000000u), (int64_t)(left % 1000000000u / unit) };

    if (address != 0 && ns != 0 && ns != LINUX_FOREVER)
        linux_put (task, address, time, sizeof time);
}

LINUX_FUNCTION (ppoll)
{
    uint64_t ns, began_ns = now_ns ();
    int64_t bad = linux_timeout_get (task, a[2], 1, &ns);

    if (bad == 0 && a[1] > POLL_MAX)
        bad = -EINVAL;
    if (bad == 0)
        bad = linux_mask_for_now (task, a[3], a[4]);
    if (bad != 0)
        return bad;
    bad = linux_look_until (task, a, ns, look_poll);
    tell_left (task, a[2], 1, ns, began_ns);
    return bad;
}

/* The descriptors in the three sets a[1] to a[3], of a[0]. The sets are changed only when
 * something is found, or the time is over. */
static int64_t
look_select (struct task *task, const uint64_t *a, bool last, struct watched *watched)
{
    static const struct {
        int16_t asked, answers;
    } kinds[3] = { { POLLIN, POLLIN | POLLHUP | POLLERR }, { POLLOUT, POLLOUT | POLLERR }, { 0, 0 } };
    uint64_t bytes = (a[0] + 63) / 64 * 8;
    int64_t found  = 0;
    uint8_t sets[3][SELECT_MAX / 8] = { { 0 } }, answer[3][SELECT_MAX / 8] = { { 0 } };

    for (unsigned s = 0; s < 3; s++) {
        int64_t bad = a[1 + s] != 0 ? linux_get (task, a[1 + s], sets[s], bytes) : 0;

        if (bad != 0)
            return bad;
    }
    for (uint64_t fd = 0; fd < a[0]; fd++) {
        const uint8_t bit = (uint8_t)(1u << fd % 8);
        int16_t events    = 0;
        bool member       = false;
        int64_t is;

        for (unsigned s = 0; s < 3; s++)
            if ((sets[s][fd / 8] & bit) != 0) {
                events |= kinds[s].asked;
                member = true;
            }
        if (!member)
            continue;
        is = ready (task, (int32_t)fd, events, watched);
        if (is < 0)
            return is;
        for (unsigned s = 0; s < 3; s++)
            if ((sets[s][fd / 8] & bit) != 0 && (is & kinds[s].answers) != 0) {
                answer[s][fd / 8] |= bit;
                found++;
            }
    }
    for (unsigned s = 0; s < 3 && (found != 0 || last); s++) {
        int64_t bad = a[1 + s] != 0 ? linux_put (task, a[1 + s], answer[s], bytes) : 0;

        if (bad != 0)
            return bad;
    }
    return found;
}

static int64_t
select_for (struct task *task, const uint64_t *a, uint64_t unit)
{
    uint64_t ns, began_ns = now_ns ();
    int64_t bad = linux_timeout_get (task, a[4], unit, &ns);

    if (bad == 0 && a[0] > SELECT_MAX)
        bad = -EINVAL;
    if (bad != 0)
        return bad;
    bad = linux_look_until (task, a, ns, look_select);
    tell_left (task, a[4], unit, ns, began_ns);
    return bad;
}

LINUX_FUNCTION (select)
{
    return select_for (task, a, 1000);
}

LINUX_FUNCTION (pselect6)
{
    uint64_t mask[2] = { 0 }; /* where it is, and of how many bytes */
    int64_t bad      = a[5] != 0 ? linux_get (task, a[5], mask, sizeof mask) : 0;

    if (bad == 0)
        bad = linux_mask_for_now (task, mask[0], mask[1]);
    return bad != 0 ? bad : select_for (task, a, 1);
}
