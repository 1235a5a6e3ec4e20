/* linux_thread: threads, and what they wait for: futexes.
 *
 * A futex is a word of memory with a queue. One that is not said to be private may have several
 * addresses, in several processes: its queue is told by the word's place in its page alone, and
 * who is woken for a neighbour's sake looks at his word and waits again. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <string.h>

#include "personalities/linux/linux.h"

#define S_NS    1000000000u
#define FOREVER UINT64_MAX

/* One who waits; on his own stack. */
struct linux_waiter {
    struct linux_waiter *next;
    struct task *task;
    const struct space *space; /* NULL: not private */
    uint64_t address;
    uint32_t bits;
    bool woken, timed;
};

/* ---- queues ---- */

static void
key_of (struct space *space, uint64_t address, bool private, const struct space **key,
        uint64_t *at)
{
    *key = private ? space : NULL;
    *at  = private ? address : address % PAGE_BYTES;
}

static void
wake (struct linux_waiter *waiter)
{
    waiter->woken = true;
    if (waiter->timed)
        task_interrupt (waiter->task);
    else
        guest_unpark (waiter->task);
}

static int64_t
wake_some (struct space *space, uint64_t address, bool private, uint32_t count, uint32_t bits)
{
    const struct space *key;
    uint64_t at;
    int64_t woken = 0;

    key_of (space, address, private, &key, &at);
    for (struct linux_waiter *waiter = nucleus ()->guests.waiters; waiter != NULL;
         waiter                      = waiter->next) {
        if (waiter->woken || waiter->space != key || waiter->address != at
            || (waiter->bits & bits) == 0)
            continue;
        if (key != NULL && woken == count)
            break;
        wake (waiter);
        woken++;
    }
    return woken < count ? woken : count;
}

int64_t
linux_futex_wake (struct space *space, uint64_t address, uint32_t count)
{
    return wake_some (space, address, false, count, FUTEX_BITSET_MATCH_ANY);
}

static void
queue_join (struct linux_waiter *waiter)
{
    struct linux_waiter **link = &nucleus ()->guests.waiters;

    while (*link != NULL)
        link = &(*link)->next;
    *link = waiter;
}

static void
queue_leave (struct linux_waiter *waiter)
{
    struct linux_waiter **link = &nucleus ()->guests.waiters;

    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
}

/* Of the arguments of a call. */
static bool
is_private (const uint64_t *a)
{
    return (a[1] & FUTEX_PRIVATE_FLAG) != 0;
}

/* ---- waiting ---- */

static uint64_t
now_ns (void)
{
    return CYCLES_TO_NS (here->token.now);
}

/* Until `until` at the latest; comes back earlier for any reason. */
static void
sleep_once (struct task *task, uint64_t until)
{
    struct clock_sleep_req request = { .duration_ns = until - now_ns () };
    struct clock_sleep_rep reply;

    if (clock_sleep (nucleus_link (INTERFACE_clock), &request, &reply) == ERR_INTERRUPTED
        && !guest_is_called (task))
        task_uninterrupt (task);
}

static int64_t
futex_wait (struct task *task, const uint64_t *a, uint64_t until, uint32_t bits)
{
    struct linux_waiter waiter = { .task = task, .bits = bits, .timed = until != FOREVER };
    uint32_t value;
    int64_t result = linux_get (task, a[0], &value, sizeof value);

    if (result != 0)
        return result;
    if (value != (uint32_t)a[2])
        return -EAGAIN;
    key_of (task->guest->space, a[0], is_private (a), &waiter.space, &waiter.address);
    queue_join (&waiter);
    while (!waiter.woken && !guest_is_called (task) && now_ns () < until)
        if (waiter.timed)
            sleep_once (task, until);
        else
            guest_park (task);
    queue_leave (&waiter);
    return waiter.woken ? 0 : guest_is_called (task) ? -EINTR : -ETIMEDOUT;
}

static int64_t
deadline (struct task *task, const uint64_t *a, uint32_t operation, uint64_t *until)
{
    struct clock_now_req ask;
    struct clock_now_rep time;
    int64_t given[2], bad;

    *until = FOREVER;
    if (a[3] == 0)
        return 0;
    bad = linux_get (task, a[3], given, sizeof given);
    if (bad != 0)
        return bad;
    if (given[0] < 0 || given[1] < 0 || given[1] >= S_NS)
        return -EINVAL;
    if (given[0] >= 4000000000)
        return 0;
    *until = (uint64_t)given[0] * S_NS + (uint64_t)given[1];
    if (operation == FUTEX_WAIT) {
        *until += now_ns ();
    } else if ((a[1] & FUTEX_CLOCK_REALTIME) != 0
               && clock_now (nucleus_link (INTERFACE_clock), &ask, &time) == OK) {
        uint64_t boot = time.time_ns - time.uptime_ns;

        *until = *until > boot ? *until - boot : 0;
    }
    return 0;
}

/* Wakes a[2] of them, and lets up to a[3] of the others wait at a[4] instead. */
static int64_t
requeue (struct task *task, const uint64_t *a, bool compare)
{
    struct space *space = task->guest->space;
    const struct space *from, *to;
    uint64_t from_at, to_at;
    uint32_t value;
    int64_t moved = 0, woken;

    if ((int32_t)a[2] < 0 || (int32_t)a[3] < 0)
        return -EINVAL;
    woken = compare ? linux_get (task, a[0], &value, sizeof value) : 0;
    if (woken != 0)
        return woken;
    if (compare && value != (uint32_t)a[5])
        return -EAGAIN;
    woken = wake_some (space, a[0], is_private (a), (uint32_t)a[2], FUTEX_BITSET_MATCH_ANY);
    key_of (space, a[0], is_private (a), &from, &from_at);
    key_of (space, a[4], is_private (a), &to, &to_at);
    for (struct linux_waiter *waiter = nucleus ()->guests.waiters;
         waiter != NULL && moved < (int64_t)(uint32_t)a[3]; waiter = waiter->next)
        if (!waiter->woken && waiter->space == from && waiter->address == from_at) {
            waiter->space   = to;
            waiter->address = to_at;
            moved++;
        }
    return woken + moved;
}

/* Changes the second word, wakes at the first, and at the second if that was so and so. */
static int64_t
wake_operation (struct task *task, const uint64_t *a)
{
    uint32_t code    = (uint32_t)a[5];
    int32_t argument = (int32_t)(code << 8) >> 20, compare = (int32_t)(code << 20) >> 20;
    int32_t old, new;
    bool so;
    int64_t bad = linux_get (task, a[4], &old, sizeof old), woken;

    if (bad != 0)
        return bad;
    if ((code >> 28 & FUTEX_OP_OPARG_SHIFT) != 0)
        argument = (int32_t)(1u << (argument & 31));
    switch (code >> 28 & 7) {
    case FUTEX_OP_SET:  new = argument; break;
    case FUTEX_OP_ADD:  new = (int32_t)((uint32_t)old + (uint32_t)argument); break;
    case FUTEX_OP_OR:   new = old | argument; break;
    case FUTEX_OP_ANDN: new = old & ~argument; break;
    case FUTEX_OP_XOR:  new = old ^ argument; break;
    default:            return -ENOSYS;
    }
    switch (code >> 24 & 15) {
    case FUTEX_OP_CMP_EQ: so = old == compare; break;
    case FUTEX_OP_CMP_NE: so = old != compare; break;
    case FUTEX_OP_CMP_LT: so = old < compare; break;
    case FUTEX_OP_CMP_LE: so = old <= compare; break;
    case FUTEX_OP_CMP_GT: so = old > compare; break;
    case FUTEX_OP_CMP_GE: so = old >= compare; break;
    default:              return -ENOSYS;
    }
    bad = linux_put (task, a[4], &new, sizeof new);
    if (bad != 0)
        return bad;
    woken = wake_some (task->guest->space, a[0], is_private (a), (uint32_t)a[2],
                       FUTEX_BITSET_MATCH_ANY);
    if (so)
        woken += wake_some (task->guest->space, a[4], is_private (a), (uint32_t)a[3],
                            FUTEX_BITSET_MATCH_ANY);
    return woken;
}

LINUX_FUNCTION (futex)
{
    uint32_t operation = (uint32_t)a[1] & FUTEX_CMD_MASK;
    uint32_t bits      = operation == FUTEX_WAIT_BITSET || operation == FUTEX_WAKE_BITSET
                             ? (uint32_t)a[5]
                             : FUTEX_BITSET_MATCH_ANY;
    uint64_t until;
    int64_t bad;

    if ((a[0] & 3) != 0 || bits == 0)
        return -EINVAL;
    switch (operation) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        bad = deadline (task, a, operation, &until);
        return bad != 0 ? bad : futex_wait (task, a, until, bits);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return wake_some (task->guest->space, a[0], is_private (a), (uint32_t)a[2], bits);
    case FUTEX_REQUEUE:
        return requeue (task, a, false);
    case FUTEX_CMP_REQUEUE:
        return requeue (task, a, true);
    case FUTEX_WAKE_OP:
        return wake_operation (task, a);
    default:
        return -ENOSYS;
    }
}

/* ---- threads ---- */

int64_t
linux_thread (struct task *task, const uint64_t *a)
{
    const uint64_t needed = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
    const uint64_t known  = needed | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SETTLS
                           | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID
                           | CLONE_DETACHED | 0xff;
    struct task *thread;
    enum status status;
    uint32_t tid;
    int64_t bad = 0;

    if ((a[0] & needed) != needed || (a[0] & ~known) != 0 || a[1] == 0
        || (a[0] & (CLONE_FS | CLONE_FILES)) != (CLONE_FS | CLONE_FILES))
        return -EINVAL;
    status = guest_thread_make (task, a[1], &thread);
    if (status != OK)
        return status == ERR_NO_MEMORY ? -ENOMEM : -EAGAIN;
    tid = thread->guest->tid;
    if ((a[0] & CLONE_SETTLS) != 0)
        thread->guest->thread_pointer = a[4];
    if ((a[0] & CLONE_CHILD_CLEARTID) != 0)
        thread->guest->clear_tid = a[3];
    if ((a[0] & CLONE_PARENT_SETTID) != 0)
        bad = linux_put (task, a[2], &tid, sizeof tid);
    if ((a[0] & CLONE_CHILD_SETTID) != 0)
        bad |= linux_put (task, a[3], &tid, sizeof tid);
    task_start (thread);
    return bad != 0 ? -EFAULT : (int64_t)tid;
}

/* The first one stays until the others have gone: it is what the process manager knows. */
LINUX_FUNCTION (exit)
{
    struct guest_group *group = task->guest->group;

    if (group->members == 1)
        return linux_exit_group (task, a);
    if (group->first == task)
        task->guest->signals.blocked = UINT64_MAX; /* it handles nothing any more */
    while (group->first == task && group->members > 1 && !task->ending)
        guest_park (task);
    if (!task->ending) {
        task->ending = true;
        task->reason = WAIT_EXITED (a[0]);
    }
    return LINUX_NO_RESULT;
}

LINUX_FUNCTION (gettid)
{
    (void)a;
    return task->guest->tid;
}

LINUX_FUNCTION (set_tid_address)
{
    task->guest->clear_tid = a[0];
    return task->guest->tid;
}

/* ---- robust lists: locks that do not stay with who is gone ----
 *
 * A thread keeps a list of the locks that it holds, in its own memory: the kernel looks at it
 * only when the thread ends, and believes nothing in it. */

#define ROBUST_MAX 2048u /* as many as Linux looks at */

struct robust_head {
    uint64_t first;   /* address of a list's element: of another one's, or of the head */
    int64_t offset;   /* from an element to its lock */
    uint64_t pending; /* an element that is just being taken in or out; 0: none */
};

_Static_assert (sizeof (struct robust_head) == 24, "as Linux has it");

LINUX_FUNCTION (set_robust_list)
{
    if (a[1] != sizeof (struct robust_head))
        return -EINVAL;
    task->guest->robust_list = a[0];
    return 0;
}

LINUX_FUNCTION (get_robust_list)
{
    static const uint64_t bytes = sizeof (struct robust_head);
    const struct task *of       = a[0] == 0 ? task : guest_find_thread ((uint32_t)a[0]);
    int64_t bad;

    if (of == NULL)
        return -ESRCH;
    if (of->pid != task->pid)
        return -EPERM;
    bad = linux_put (task, a[2], &bytes, sizeof bytes);
    return bad != 0 ? bad : linux_put (task, a[1], &of->guest->robust_list, 8);
}

/* Marks the lock if the thread has it, and wakes one who waits: he shall look. pending: it may
 * have been given up already, but nobody was woken. */
static bool
robust_give_up (struct task *task, uint64_t address, bool pending)
{
    struct space *space = task->guest->space;
    uint32_t lock, left;

    if ((address & 3) != 0 || space_read (space, address, &lock, sizeof lock) != OK)
        return false;
    if ((lock & FUTEX_TID_MASK) == task->guest->tid) {
        left = (lock & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
        if (space_write (space, address, &left, sizeof left) != OK)
            return false;
    } else if (!pending || lock != 0) {
        return true;
    }
    if (pending || (lock & FUTEX_WAITERS) != 0)
        linux_futex_wake (space, address, 1);
    return true;
}

void
linux_robust_leave (struct task *task)
{
    struct guest *guest = task->guest;
    uint64_t head_at    = guest->robust_list, element, next;
    struct robust_head head;
    bool sound = true;

    guest->robust_list = 0;
    if (head_at == 0 || guest->space == NULL
        || space_read (guest->space, head_at, &head, sizeof head) != OK)
        return;
    /* The lowest bit of an element's address says of which kind its lock is. */
    element = head.first;
    for (unsigned i = 0; sound && element != head_at && i < ROBUST_MAX; i++) {
        uint64_t at = element & ~1ull;

        sound = space_read (guest->space, at, &next, sizeof next) == OK;
        if (at != (head.pending & ~1ull))
            sound &= robust_give_up (task, at + (uint64_t)head.offset, false);
        element = next;
    }
    if (head.pending != 0)
        robust_give_up (task, (head.pending & ~1ull) + (uint64_t)head.offset, true);
}
