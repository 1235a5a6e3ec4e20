#include "guest/guest.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "nucleus/nucleus.h"
#include "nucleus/strings.h"
#include "personalities/linux/linux.h"
#include "servers/text.h"

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

/* ---- coming and going ---- */

static struct guest *
guest_new (void)
{
    if (PLAN->ram_bytes == 0 || nucleus_link (INTERFACE_vm) == NULL)
        return NULL;
    return component_alloc (self (), sizeof (struct guest));
}

static void
guest_discard (struct guest *guest)
{
    guest_pending_drop (&guest->signals.pending, UINT64_MAX);
    if (guest->group != NULL)
        guest_pending_drop (&guest->group->pending, UINT64_MAX);
    if (guest->group != NULL)
        component_free (self (), guest->group->timers);
    component_free (self (), guest->state);
    component_free (self (), guest->group);
    component_free (self (), guest);
}

enum status
guest_make (struct task *task, const struct guest_program *program)
{
    struct guest *guest = guest_new ();
    enum status status;
    bool lost;

    if (guest == NULL)
        return PLAN->ram_bytes == 0 || nucleus_link (INTERFACE_vm) == NULL ? ERR_NOT_EXECUTABLE
                                                                           : ERR_NO_MEMORY;
    guest->group = guest_group_new (task);
    guest->tid   = task->pid;
    if (guest->group == NULL) {
        guest_discard (guest);
        return ERR_NO_MEMORY;
    }
    task->guest = guest;
    status      = guest_exec (task, program, &lost);
    if (status != OK)
        guest_free (task);
    return status;
}

/* All but the address space; alone in a group of its own. */
static struct guest *
guest_copy (const struct guest *from, struct task *child)
{
    struct guest *guest = component_alloc (self (), sizeof *guest);

    if (guest == NULL)
        return NULL;
    *guest                 = *from;
    guest->group           = guest_group_new (child);
    guest->next            = NULL;
    guest->tid             = child->pid;
    guest->clear_tid       = 0;
    guest->robust_list     = 0;
    guest->parked          = (struct waitlist){ 0 };
    guest->vfork           = (struct waitlist){ 0 };
    guest->state           = NULL;
    guest->signals.pending = (struct guest_pending){ 0 };
    guest->interrupted     = false;
    if (guest->group == NULL) {
        component_free (self (), guest);
        return NULL;
    }
    memcpy (guest->group->action, from->group->action, sizeof from->group->action);
    guest_budget_inherit (&guest->group->budget, &from->group->budget);
    guest->group->memory       = from->group->memory;
    guest->group->told_caught  = from->group->told_caught;
    guest->group->told_ignored = from->group->told_ignored;
    return guest;
}

enum status
guest_fork (struct task *parent, struct task *child, bool shared)
{
    const struct guest *from;
    struct guest *guest;
    uint32_t pid       = child->pid;
    enum status status = ERR_NO_MEMORY;

    if (parent->guest == NULL)
        return ERR_INVALID;
    if (parent->guest->group->forker != NULL)
        parent = parent->guest->group->forker;
    from  = parent->guest;
    guest = guest_copy (from, child);
    if (guest == NULL)
        return ERR_NO_MEMORY;
    guest->registers[GUEST_RAX] = 0;
    if (from->child_stack != 0)
        guest->registers[GUEST_RSP] = from->child_stack;
    if (shared && guest_state_copy (from, guest)) {
        guest->space = space_ref (from->space);
        status       = OK;
    } else if (!shared) {
        status = space_fork (from->space, pid, &guest->space);
    }
    if (status != OK) {
        guest_discard (guest);
        return status;
    }
    if (from->child_tid != 0)
        space_write (guest->space, from->child_tid, &pid, sizeof pid);
    child->guest = guest;
    strings_share (parent->guest->group->first, child);
    return OK;
}

uint64_t
guest_peak (const struct guest *guest)
{
    const struct space *space = guest->space;

    return space == NULL || space->refs > guest->group->members ? 0 : space->peak;
}

void
guest_free (struct task *task)
{
    struct guest *guest = task->guest;

    if (guest == NULL)
        return;
    task->guest = NULL;
    component_wake_all (self (), &guest->vfork);
    task->peak = guest_peak (guest);
    if (guest->space != NULL && guest->space->loaded == guest)
        guest->space->loaded = NULL;
    space_put (guest->space);
    if (guest->group->first != task)
        guest->group = NULL; /* the others' */
    guest_discard (guest);
}

/* ---- traps ---- */

static void
charge (uint64_t cycles)
{
    here->token.now += cycles;
}

/* Exception 14's error code: bit 1 a write, bit 4 an instruction. */
static void
fault (struct task *task, const struct mailbox *box)
{
    struct guest *guest = task->guest;
    uint32_t access     = (box->error & 2) != 0    ? SPACE_WRITE
                          : (box->error & 16) != 0 ? SPACE_EXECUTE
                                                   : SPACE_READ;
    uint64_t address    = box->address;
    enum status status;

    status = space_fault (guest->space, address, access);
    if (status == ERR_FAULT || status == ERR_ACCESS) {
        linux_force_signal (task, SIGSEGV, address, status == ERR_ACCESS ? 2 : 1);
    } else if (status == ERR_RANGE || status == ERR_IO || status == ERR_NO_SPACE) {
        linux_force_signal (task, SIGBUS, address, 2);
    } else if (status != OK) {
        /* No memory, which the memory manager has said; or there is no such manager any more. */
        guest_end (task, WAIT_KILLED (SIGKILL));
    }
}

/* When it was stopped is the host's doing; that it was, is the program's. */
static void
end_strictly (struct task *task)
{
    const char *slash = strrchr (task->guest->path, '/');
    char line[160];
    struct text text;

    text_init (&text, line, sizeof line);
    text_append (&text, slash != NULL ? slash + 1 : task->guest->path);
    text_append (&text, " (");
    text_number (&text, task->pid);
    text_append (&text, ") has computed for long without a call and is ended: --strict allows no "
                        "interruption by the host's clock");
    nucleus_print (line, (uint32_t)text.length);
    guest_end (task, WAIT_KILLED (SIGXCPU));
}

static void
trapped (struct task *task)
{
    struct guest *guest       = task->guest;
    const struct mailbox *box = GUEST_MAILBOX (guest->space->slot);
    uint64_t *r               = guest->registers;

    switch (box->signal) {
    case SIGSYS:
        charge (PLAN->cost.syscall);
        nucleus ()->syscalls++;
        if (box->foreign)
            r[GUEST_RAX] = (uint64_t)-ENOSYS;
        else
            linux_call (task);
        return;
    case SIGSEGV:
        if (box->trap == 14)
            fault (task, box);
        else if (!guest_emulate (guest))
            linux_force_signal (task, SIGSEGV, 0, 128);
        return;
    case GUEST_SIGNAL_ALARM:
        nucleus ()->guests.alarms++;
        if (PLAN->strict)
            end_strictly (task);
        charge (NS_TO_CYCLES (GUEST_ALARM_NS)); /* it ran that long */
        return;
    default:
        linux_force_signal (task, (uint32_t)box->signal, r[GUEST_RIP], box->code);
    }
}

/* Would linux_deliver do anything? Most steps ask in vain. */
static bool
is_to_deliver (const struct task *task)
{
    const struct guest_signals *signals = &task->guest->signals;

    return (guest_signals_due (task) & ~signals->blocked) != 0 || task->guest->interrupted
           || signals->has_saved;
}

void
guest_step (struct task *task)
{
    struct guest *guest = task->guest;

    guest_state_load (task);
    if (is_to_deliver (task)) {
        linux_deliver (task);
        if (!task->ending)
            guest_state_load (task); /* who took signals may have waited for memory meanwhile */
    }
    if (task->ending)
        return;
    if (guest->space->thread_pointer != guest->thread_pointer) {
        guest_order (guest->space, 158 /* arch_prctl */, 0x1002 /* ARCH_SET_FS */,
                     guest->thread_pointer, 0, 0, 0, 0);
        guest->space->thread_pointer = guest->thread_pointer;
    }
    if (guest_process_run (guest->space, guest->registers) == OK) {
        trapped (task);
    } else {
        nucleus_print ("a program's process has died", 28);
        guest_end (task, WAIT_KILLED (SIGKILL));
    }
    if (task->guest != NULL && task->guest->group->budget.due != UINT64_MAX)
        guest_budget_look (task); /* without a guest it is a program of ours by now */
    if (!task->ending)
        task_uninterrupt (task);
}
