/* linux_signal: what signals mean to a real program.
 *
 * The process manager does the default of a signal. It is told which signals the program
 * wants to see itself: those that it handles, and those that it blocks now. These come here,
 * wait while they are blocked, and are handled when the program is about to go on: by a
 * frame on its stack, or, when the handler is gone by then, by the process manager after
 * all. */
#include <signal.h>
#include <string.h>

#include "personalities/linux/linux_siginfo.h"

#define BIT(signal)      (1ull << ((signal) - 1))
#define UNBLOCKABLE      (BIT (SIGKILL) | BIT (SIGSTOP))
#define LINUX_NOCLDSTOP  0x00000001u
#define LINUX_RESTORER   0x04000000u
#define LINUX_ONSTACK    0x08000000u
#define LINUX_RESTART    0x10000000u
#define LINUX_NODEFER    0x40000000u
#define LINUX_RESETHAND  0x80000000u
#define FLAGS_TO_CLEAR   0x10500u /* trap, direction, resume */
#define STATE_MAX        0x4000u

/* As the program finds them on its stack. */
struct linux_context {
    uint64_t flags, link;
    uint64_t stack, stack_flags, stack_bytes;
    uint64_t registers[GUEST_REGISTERS];
    uint16_t cs, gs, fs, ss;
    uint64_t error, trap, old_mask, address;
    uint64_t state; /* of the floating point: where it was put */
    uint64_t reserved[8];
    uint64_t mask;
};

struct linux_frame {
    uint64_t restorer;
    struct linux_context context;
    struct linux_siginfo info;
};

/* ---- what the process manager knows ---- */

static void
tell (struct task *task)
{
    struct guest_group *group        = task->guest->group;
    struct process_catch_req request = { .process = task->pid };
    struct process_catch_rep reply;
    uint64_t blocked = UINT64_MAX; /* by all threads */

    for (const struct task *one = group->first; one != NULL; one = one->guest->next)
        blocked &= one->guest->signals.blocked;
    for (unsigned signal = 1; signal < GUEST_SIGNALS; signal++) {
        uint64_t handler = group->action[signal].handler;

        if (handler > 1 || (blocked & BIT (signal)) != 0)
            request.caught |= SIGNAL_BIT (signal);
        else if (handler == 1)
            request.ignored |= SIGNAL_BIT (signal);
    }
    if (request.caught == group->told_caught && request.ignored == group->told_ignored)
        return;
    group->told_caught  = request.caught;
    group->told_ignored = request.ignored;
    process_catch (nucleus_link (INTERFACE_process), &request, &reply);
}

static void
mask_set (struct task *task, uint64_t mask)
{
    task->guest->signals.blocked = mask & ~UNBLOCKABLE;
    tell (task);
}

void
linux_exec_signals (struct task *task)
{
    struct guest_group *group        = task->guest->group;
    struct process_ignore_req ignore = { .process = task->pid };
    struct process_ignore_rep ignored;

    for (unsigned signal = 1; signal < GUEST_SIGNALS; signal++)
        if (group->action[signal].handler != 1)
            group->action[signal] = (struct guest_action){ 0 };
    /* What a built-in parent ignored is ignored here too. */
    if (process_ignore (nucleus_link (INTERFACE_process), &ignore, &ignored) == OK)
        for (unsigned signal = 1; signal < GUEST_SIGNALS; signal++)
            if ((ignored.ignored & SIGNAL_BIT (signal)) != 0)
                group->action[signal].handler = 1;
    linux_timers_drop (task);
    task->guest->signals.stack_bytes = 0;
    group->told_caught = group->told_ignored = UINT64_MAX;
    tell (task);
}

void
linux_leave_signals (struct task *task)
{
    struct guest_group *group = task->guest->group;

    for (unsigned signal = 1; signal < GUEST_SIGNALS; signal++)
        if (group->action[signal].handler != 1)
            group->action[signal].handler = 0;
    linux_timers_drop (task);
    task->guest->signals.blocked = 0;
    group->told_caught           = group->told_ignored = UINT64_MAX;
    tell (task);
}

/* ---- the frame ---- */

/* The floating-point registers onto the program's stack. They are copied first: while memory is
 * waited for, another thread may have them. */
static bool
state_save (struct task *task, uint64_t *sp, uint64_t *at)
{
    uint64_t bytes;
    const uint8_t *state = guest_process_state (task->guest->space, &bytes);
    uint8_t *copy        = state != NULL && bytes <= STATE_MAX ? linux_alloc (bytes) : NULL;
    enum status status;

    *at = 0;
    if (copy == NULL)
        return state == NULL || bytes > STATE_MAX;
    memcpy (copy, state, bytes);
    *at = *sp = (*sp - bytes) & ~63ull;
    status    = space_write (task->guest->space, *sp, copy, bytes);
    linux_free (copy);
    return status == OK;
}

static int64_t
state_restore (struct task *task, uint64_t at)
{
    uint64_t bytes;
    uint8_t *state = guest_process_state (task->guest->space, &bytes);
    uint8_t *copy  = at != 0 && state != NULL ? linux_alloc (bytes) : NULL;
    int64_t bad;

    if (at == 0 || state == NULL)
        return 0;
    bad = copy != NULL ? linux_get (task, at, copy, bytes) : -ENOMEM;
    if (bad == 0) {
        guest_state_load (task);
        memcpy (state, copy, bytes);
    }
    linux_free (copy);
    return bad;
}

/* Puts the program into its handler. False: its stack is no good. */
static bool
handle (struct task *task, const struct linux_siginfo *info, uint64_t address)
{
    unsigned signal               = (unsigned)info->signal;
    struct guest *guest           = task->guest;
    struct guest_signals *signals = &guest->signals;
    struct guest_group *group     = guest->group;
    struct guest_action action    = group->action[signal];
    uint64_t *r                   = guest->registers;
    struct linux_frame frame      = { .restorer = action.restorer };
    uint64_t sp                   = r[GUEST_RSP] - 128;

    if ((action.flags & LINUX_ONSTACK) != 0 && signals->stack_bytes != 0
        && r[GUEST_RSP] - signals->stack > signals->stack_bytes)
        sp = signals->stack + signals->stack_bytes;
    if (!state_save (task, &sp, &frame.context.state))
        return false;
    sp = ((sp - sizeof frame) & ~15ull) - 8;
    memcpy (frame.context.registers, r, sizeof frame.context.registers);
    frame.context.cs          = 0x33;
    frame.context.ss          = 0x2b;
    frame.context.address     = address;
    frame.context.mask        = signals->has_saved ? signals->saved : signals->blocked;
    frame.context.stack       = signals->stack;
    frame.context.stack_bytes = signals->stack_bytes;
    frame.info                = *info;
    signals->has_saved        = false;
    if (space_write (guest->space, sp, &frame, sizeof frame) != OK)
        return false;
    r[GUEST_RSP] = sp;
    r[GUEST_RIP] = action.handler;
    r[GUEST_RDI] = signal;
    r[GUEST_RSI] = sp + offsetof (struct linux_frame, info);
    r[GUEST_RDX] = sp + offsetof (struct linux_frame, context);
    r[GUEST_RAX] = 0;
    r[GUEST_FLAGS] &= ~(uint64_t)FLAGS_TO_CLEAR;
    if ((action.flags & LINUX_RESETHAND) != 0)
        group->action[signal].handler = 0;
    mask_set (task, signals->blocked | action.mask
                        | ((action.flags & LINUX_NODEFER) != 0 ? 0 : BIT (signal)));
    return true;
}

LINUX_FUNCTION (rt_sigreturn)
{
    struct guest *guest = task->guest;
    uint64_t at         = guest->registers[GUEST_RSP] - 8;
    struct linux_frame frame;

    (void)a;
    if (linux_get (task, at, &frame, sizeof frame) != 0
        || state_restore (task, frame.context.state) != 0) {
        linux_force_signal (task, SIGSEGV, at, 1);
        return LINUX_NO_RESULT;
    }
    memcpy (guest->registers, frame.context.registers, sizeof guest->registers);
    mask_set (task, frame.context.mask);
    return LINUX_NO_RESULT;
}

/* ---- on the way back to the program ---- */

/* The call that was cut short is made again. */
static void
call_again (struct guest *guest)
{
    guest->registers[GUEST_RAX] = guest->call;
    guest->registers[GUEST_RIP] -= 2;
}

static bool
may_restart (uint64_t call)
{
    /* poll, select, epoll, pause, the sleeps, rt_sigsuspend, and their like never go on */
    static const uint16_t never[] = { 7, 23, 34, 35, 130, 230, 232, 270, 271, 281, 441 };

    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (never[i] == call)
            return false;
    return true;
}

/* What the process manager would do with it, which knows best. */
static void
do_default (struct task *task, unsigned signal)
{
    if (task->guest->group->action[signal].handler == 1)
        return;
    tell (task);
    linux_signal_self (task, signal);
}

void
linux_deliver (struct task *task)
{
    struct guest *guest           = task->guest;
    struct guest_signals *signals = &guest->signals;
    struct guest_group *group     = guest->group;
    bool handled                  = false;
    struct signal_info info;

    while (!task->ending && linux_signal_take (task, ~signals->blocked, &info)) {
        unsigned signal                 = info.signal;
        const struct linux_siginfo told = linux_siginfo_of (&info);

        if (signal == SIGCHLD && (group->action[signal].flags & LINUX_NOCLDSTOP) != 0
            && (info.code == SIGNAL_CHILD_STOPPED || info.code == SIGNAL_CHILD_CONTINUED))
            continue;
        if (group->action[signal].handler <= 1) {
            do_default (task, signal);
            continue;
        }
        if (guest->interrupted && !handled && may_restart (guest->call)
            && (group->action[signal].flags & LINUX_RESTART) != 0)
            call_again (guest);
        handled               = true;
        guest->interrupted    = false;
        guest->sleep_until_ns = 0;
        if (!handle (task, &told, 0))
            guest_end (task, WAIT_KILLED (SIGSEGV));
    }
    if (handled || task->ending)
        return;
    if (guest->interrupted)
        call_again (guest); /* nobody noticed */
    else if (signals->has_saved) {
        signals->has_saved = false;
        mask_set (task, signals->saved);
    }
    guest->interrupted = false;
}

void
linux_force_signal (struct task *task, uint32_t signal, uint64_t address, int code)
{
    const struct guest *guest       = task->guest;
    const struct linux_siginfo info = { .signal = (int32_t)signal, .code = code, .address = address };

    if (signal < GUEST_SIGNALS && guest->group->action[signal].handler > 1
        && (guest->signals.blocked & BIT (signal)) == 0 && handle (task, &info, address))
        return;
    guest_end (task, WAIT_KILLED (signal));
}

bool
linux_signal_is_wanted (const struct task *task, uint32_t signal)
{
    const struct guest *guest = task->guest;

    return guest->group->action[signal].handler > 1
           || (guest->signals.blocked & BIT (signal)) != 0;
}

/* ---- the calls ---- */

LINUX_FUNCTION (rt_sigaction)
{
    uint64_t signal = a[0];
    struct guest_action *action, wanted;
    struct {
        uint64_t handler, flags, restorer, mask;
    } user;
    int64_t bad = 0;

    if (signal == 0 || signal >= GUEST_SIGNALS || a[3] != 8)
        return -EINVAL;
    action = &task->guest->group->action[signal];
    if (a[1] != 0) {
        if (signal == SIGKILL || signal == SIGSTOP)
            return -EINVAL;
        bad = linux_get (task, a[1], &user, sizeof user);
        if (bad != 0)
            return bad;
        wanted = (struct guest_action){ user.handler, user.flags, user.restorer, user.mask };
    }
    if (a[2] != 0) {
        memcpy (&user, action, sizeof user);
        bad = linux_put (task, a[2], &user, sizeof user);
    }
    if (bad == 0 && a[1] != 0) {
        *action = wanted;
        if (wanted.handler == 1) {
            guest_pending_drop (&task->guest->signals.pending, BIT (signal));
            guest_pending_drop (&task->guest->group->pending, BIT (signal));
        }
        tell (task);
    }
    return bad;
}

LINUX_FUNCTION (rt_sigprocmask)
{
    uint64_t now = task->guest->signals.blocked, set;
    int64_t bad  = 0;

    if (a[3] != 8)
        return -EINVAL;
    if (a[1] != 0) {
        bad = linux_get (task, a[1], &set, sizeof set);
        if (bad != 0)
            return bad;
        if (a[0] > SIG_SETMASK)
            return -EINVAL;
    }
    if (a[2] != 0)
        bad = linux_put (task, a[2], &now, sizeof now);
    if (bad == 0 && a[1] != 0)
        mask_set (task, a[0] == SIG_BLOCK     ? now | set
                        : a[0] == SIG_UNBLOCK ? now & ~set
                                              : set);
    return bad;
}

LINUX_FUNCTION (rt_sigpending)
{
    uint64_t pending = guest_signals_due (task) & task->guest->signals.blocked;

    return a[1] > sizeof pending ? -EINVAL : linux_put (task, a[0], &pending, (uint32_t)a[1]);
}

/* For ever, or until a signal comes that is not blocked. */
static int64_t
wait_for_signal (struct task *task)
{
    while (!guest_is_called (task))
        guest_park (task);
    return -EINTR;
}

LINUX_FUNCTION (pause)
{
    (void)a;
    return wait_for_signal (task);
}

int64_t
linux_mask_for_now (struct task *task, uint64_t address, uint64_t bytes)
{
    struct guest_signals *signals = &task->guest->signals;
    uint64_t mask;
    int64_t bad;

    if (address == 0)
        return 0;
    bad = bytes == sizeof mask ? linux_get (task, address, &mask, sizeof mask) : -EINVAL;
    if (bad != 0)
        return bad;
    if (!signals->has_saved) {
        signals->saved     = signals->blocked;
        signals->has_saved = true;
    }
    mask_set (task, mask);
    return 0;
}

LINUX_FUNCTION (rt_sigsuspend)
{
    int64_t bad = a[0] != 0 ? linux_mask_for_now (task, a[0], a[1]) : -EFAULT;

    return bad != 0 ? bad : wait_for_signal (task);
}

/* ---- another stack for handlers ---- */

#define STACK_LEAST 2048u /* bytes; linux/signal.h */

struct linux_stack {
    uint64_t sp;
    int32_t flags, pad;
    uint64_t bytes;
};

static bool
on_stack (const struct guest *guest)
{
    const struct guest_signals *signals = &guest->signals;

    return signals->stack_bytes != 0
           && guest->registers[GUEST_RSP] - signals->stack <= signals->stack_bytes;
}

/* 0, or -errno. One that is put away while a handler is on it is not there. */
static int64_t
stack_set (struct guest *guest, const struct linux_stack *stack)
{
    if (on_stack (guest))
        return -EPERM;
    if (stack->flags != 0 && stack->flags != SS_ONSTACK && stack->flags != SS_DISABLE)
        return -EINVAL;
    if (stack->flags != SS_DISABLE && stack->bytes < STACK_LEAST)
        return -ENOMEM;
    guest->signals.stack       = stack->flags != SS_DISABLE ? stack->sp : 0;
    guest->signals.stack_bytes = stack->flags != SS_DISABLE ? stack->bytes : 0;
    return 0;
}

LINUX_FUNCTION (sigaltstack)
{
    struct guest *guest             = task->guest;
    const struct linux_stack before = {
        .sp    = guest->signals.stack,
        .flags = guest->signals.stack_bytes == 0 ? SS_DISABLE : on_stack (guest) ? SS_ONSTACK : 0,
        .bytes = guest->signals.stack_bytes,
    };
    struct linux_stack wanted;
    int64_t bad = 0;

    if (a[0] != 0) {
        bad = linux_get (task, a[0], &wanted, sizeof wanted);
        if (bad == 0)
            bad = stack_set (guest, &wanted);
    }
    return bad != 0 || a[1] == 0 ? bad : linux_put (task, a[1], &before, sizeof before);
}
