/* linux_terminal: terminals, and waiting for descriptors. */
#include <poll.h>
#include <string.h>

#include "personalities/linux/linux_file.h"

/* As Linux writes it. */
struct linux_termios {
    uint32_t input, output, control, local;
    uint8_t line;
    uint8_t characters[19];
};

_Static_assert (sizeof (struct linux_termios) == 36, "as Linux has it");

enum {
    INPUT_CRNL = 0x100, OUTPUT_PROCESS = 1, OUTPUT_NLCR = 4, CONTROL_PLAIN = 0xbf,
    LOCAL_SIGNALS = 1, LOCAL_CANONICAL = 2, LOCAL_ECHO = 8, LOCAL_ECHO_MORE = 0x30,
    LOCAL_EXTENDED = 0x8000
};

enum { VINTR_, VQUIT_, VERASE_, VKILL_, VEOF_, VTIME_, VMIN_, VSUSP_ = 10 };

static struct linux_termios
to_linux (const struct tty_attr *attr)
{
    struct linux_termios t = { .control = CONTROL_PLAIN, .local = LOCAL_EXTENDED };

    t.input  = (attr->modes & TTY_CRNL) != 0 ? INPUT_CRNL : 0;
    t.output = (attr->modes & TTY_NLCR) != 0 ? OUTPUT_PROCESS | OUTPUT_NLCR : 0;
    t.local |= ((attr->modes & TTY_SIGNALS) != 0 ? LOCAL_SIGNALS : 0)
               | ((attr->modes & TTY_CANONICAL) != 0 ? LOCAL_CANONICAL : 0)
               | ((attr->modes & TTY_ECHO) != 0 ? LOCAL_ECHO | LOCAL_ECHO_MORE : 0);
    t.characters[VINTR_]  = attr->interrupt;
    t.characters[VQUIT_]  = attr->quit;
    t.characters[VERASE_] = attr->erase;
    t.characters[VKILL_]  = attr->kill;
    t.characters[VEOF_]   = attr->eof;
    t.characters[VTIME_]  = attr->time;
    t.characters[VMIN_]   = attr->minimum;
    t.characters[VSUSP_]  = attr->suspend;
    return t;
}

static struct tty_attr
from_linux (const struct linux_termios *t)
{
    struct tty_attr attr = { 0 };

    attr.modes = ((t->input & INPUT_CRNL) != 0 ? TTY_CRNL : 0)
                 | ((t->output & OUTPUT_PROCESS) != 0 && (t->output & OUTPUT_NLCR) != 0
                        ? TTY_NLCR
                        : 0)
                 | ((t->local & LOCAL_SIGNALS) != 0 ? TTY_SIGNALS : 0)
                 | ((t->local & LOCAL_CANONICAL) != 0 ? TTY_CANONICAL : 0)
                 | ((t->local & LOCAL_ECHO) != 0 ? TTY_ECHO : 0);
    attr.interrupt = t->characters[VINTR_];
    attr.quit      = t->characters[VQUIT_];
    attr.erase     = t->characters[VERASE_];
    attr.kill      = t->characters[VKILL_];
    attr.eof       = t->characters[VEOF_];
    attr.time      = t->characters[VTIME_];
    attr.minimum   = t->characters[VMIN_];
    attr.suspend   = t->characters[VSUSP_];
    return attr;
}

enum {
    TERMINAL_GET = 0x5401, TERMINAL_SET, TERMINAL_SET_WAIT, TERMINAL_SET_FLUSH,
    TERMINAL_CONTROL = 0x540e, TERMINAL_GET_GROUP, TERMINAL_SET_GROUP, TERMINAL_GET_SIZE = 0x5413
};

/* A terminal that is nobody's is his who asks first, as if he had opened it in a session of
 * his own. */
static uint32_t
foreground_take (struct task *task, int32_t fd)
{
    struct process_info_req who = { .process = task->pid };
    struct process_info_rep known;
    struct file_tty_foreground_req set = { .process = task->pid, .fd = fd };
    struct file_tty_foreground_rep done;

    if (process_info (nucleus_link (INTERFACE_process), &who, &known) != OK)
        return 0;
    set.group = known.group;
    return file_tty_foreground (FILES, &set, &done) == OK ? known.group : 0;
}

LINUX_FUNCTION (ioctl)
{
    struct file_tty_get_req get = { .process = task->pid, .fd = (int32_t)a[0] };
    struct file_tty_get_rep known;
    int64_t bad = linux_result (file_tty_get (FILES, &get, &known));

    if (bad != 0)
        return bad;
    switch (a[1] & UINT32_MAX) {
    case TERMINAL_GET: {
        struct linux_termios t = to_linux (&known.attr);

        return linux_put (task, a[2], &t, sizeof t);
    }
    case TERMINAL_SET:
    case TERMINAL_SET_WAIT:
    case TERMINAL_SET_FLUSH: {
        struct file_tty_set_req set = { .process = task->pid, .fd = (int32_t)a[0] };
        struct file_tty_set_rep done;
        struct linux_termios t;

        bad = linux_get (task, a[2], &t, sizeof t);
        if (bad != 0)
            return bad;
        set.attr = from_linux (&t);
        return linux_result (file_tty_set (FILES, &set, &done));
    }
    case TERMINAL_CONTROL:
        return 0;
    case TERMINAL_GET_GROUP:
        if (known.foreground == 0)
            known.foreground = foreground_take (task, (int32_t)a[0]);
        return linux_put (task, a[2], &known.foreground, sizeof known.foreground);
    case TERMINAL_SET_GROUP: {
        struct file_tty_foreground_req set = { .process = task->pid, .fd = (int32_t)a[0] };
        struct file_tty_foreground_rep done;

        bad = linux_get (task, a[2], &set.group, sizeof set.group);
        return bad != 0 ? bad : linux_result (file_tty_foreground (FILES, &set, &done));
    }
    case TERMINAL_GET_SIZE: {
        uint16_t size[4] = { known.attr.rows, known.attr.columns, 0, 0 };

        return linux_put (task, a[2], size, sizeof size);
    }
    default:
        return -ENOTTY;
    }
}

/* ---- poll and select ---- */

/* A first look at the descriptors notes what they are asked about; when none of them has
 * anything to say, the file server is asked to wait for that, and then there is another look. */

#define POLL_MAX   256u
#define SELECT_MAX 1024u
#define FOREVER    UINT64_MAX

struct watched {
    uint32_t count;
    struct file_watch of[SELECT_MAX];
};

/* -EBADF, or which of `events` are there. */
static int64_t
ready (struct task *task, int32_t fd, int16_t events, struct watched *watched)
{
    const int16_t in = POLLIN | POLLRDNORM, out = POLLOUT | POLLWRNORM;
    struct file_poll_req request = { .process = task->pid,
                                     .fd      = fd,
                                     .events  = ((events & in) != 0 ? POLL_READ : 0)
                                               | ((events & out) != 0 ? POLL_WRITE : 0) };
    struct file_poll_rep reply;
    int64_t bad = linux_result (file_poll (FILES, &request, &reply));

    if (bad != 0)
        return bad;
    watched->of[watched->count++] = (struct file_watch){ .fd = fd, .events = request.events };
    return ((reply.ready & POLL_READ) != 0 ? events & in : 0)
           | ((reply.ready & POLL_WRITE) != 0 ? events & out : 0)
           | ((reply.ready & POLL_END) != 0 ? ((events & out) != 0 ? POLLERR : POLLHUP) : 0);
}

/* How many of `a` have something to say. last: there will be no other look. */
typedef int64_t look (struct task *task, const uint64_t *a, bool last, struct watched *watched);

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

/* Looks until something is found or the time is over. */
static int64_t
look_until (struct task *task, const uint64_t *a, uint64_t timeout_ns, look *look)
{
    uint64_t end = timeout_ns < FOREVER / 4 ? now_ns () + timeout_ns : FOREVER;
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
        request = (struct file_watch_req){
            .process    = task->pid,
            .waiter     = task->id,
            .count      = watched.count,
            .timeout_ns = end == FOREVER ? FOREVER : end > now_ns () ? end - now_ns () : 0,
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
    return look_until (task, a, ms < 0 ? FOREVER : (uint64_t)ms * 1000000u, look_poll);
}

static int64_t
time_get (struct task *task, uint64_t address, uint64_t unit, uint64_t *ns)
{
    int64_t time[2];
    int64_t bad = address != 0 ? linux_get (task, address, time, sizeof time) : 0;

    *ns = FOREVER;
    if (bad != 0 || address == 0)
        return bad;
    if (time[0] < 0 || time[1] < 0)
        return -EINVAL;
    if (time[0] < 1000000000)
        *ns = (uint64_t)time[0] * 1000000000u + (uint64_t)time[1] * unit;
    return 0;
}

LINUX_FUNCTION (ppoll)
{
    uint64_t ns;
    int64_t bad = time_get (task, a[2], 1, &ns);

    if (bad == 0 && a[1] > POLL_MAX)
        bad = -EINVAL;
    return bad != 0 ? bad : look_until (task, a, ns, look_poll);
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
    uint64_t ns;
    int64_t bad = time_get (task, a[4], unit, &ns);

    if (bad == 0 && a[0] > SELECT_MAX)
        bad = -EINVAL;
    return bad != 0 ? bad : look_until (task, a, ns, look_select);
}

LINUX_FUNCTION (select)
{
    return select_for (task, a, 1000);
}

LINUX_FUNCTION (pselect6)
{
    return select_for (task, a, 1);
}
