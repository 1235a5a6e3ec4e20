#include "guest/guest.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "nucleus/nucleus.h"
#include "personalities/linux/linux.h"

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

enum status
guest_make (struct task *task, const struct guest_program *program)
{
    struct guest *guest = guest_new ();
    enum status status;
    bool lost;

    if (guest == NULL)
        return PLAN->ram_bytes == 0 || nucleus_link (INTERFACE_vm) == NULL ? ERR_NOT_EXECUTABLE
                                                                           : ERR_NO_MEMORY;
    task->guest = guest;
    status      = guest_exec (task, program, &lost);
    if (status != OK)
        guest_free (task);
    return status;
}

enum status
guest_fork (struct task *parent, struct task *child, bool shared)
{
    const struct guest *from = parent->guest;
    struct guest *guest;
    uint32_t pid = child->pid;
    enum status status;

    if (from == NULL)
        return ERR_INVALID;
    guest = component_alloc (self (), sizeof *guest);
    if (guest == NULL)
        return ERR_NO_MEMORY;
    *guest                 = *from;
    guest->vfork           = (struct waitlist){ 0 };
    guest->signals.pending = 0;
    guest->interrupted     = false;
    guest->registers[GUEST_RAX] = 0;
    if (from->child_stack != 0)
        guest->registers[GUEST_RSP] = from->child_stack;
    if (shared)
        guest->space = space_ref (from->space);
    else if ((status = space_fork (from->space, pid, &guest->space)) != OK) {
        component_free (self (), guest);
        return status;
    }
    if (from->child_tid != 0)
        space_write (guest->space, from->child_tid, &pid, sizeof pid);
    child->guest = guest;
    return OK;
}

void
guest_free (struct task *task)
{
    struct guest *guest = task->guest;

    if (guest == NULL)
        return;
    task->guest = NULL;
    component_wake_all (self (), &guest->vfork);
    space_put (guest->space);
    component_free (self (), guest);
}

void
guest_signal (struct task *task, uint32_t signal)
{
    struct guest *guest = task->guest;
    uint64_t bit        = 1ull << (signal - 1);

    if (guest == NULL || task->ending)
        return;
    guest->signals.pending |= bit;
    if ((guest->signals.blocked & bit) == 0)
        task_interrupt (task);
}

/* ---- traps ---- */

static void
charge (uint64_t cycles)
{
    here->token.now += cycles;
}

/* The program may not read the host's clock: it gets the machine's. */
static bool
emulate_clock (struct guest *guest)
{
    uint64_t *r = guest->registers;
    uint8_t code[3];

    if (space_read (guest->space, r[GUEST_RIP], code, 2) != OK || code[0] != 0x0f)
        return false;
    if (code[1] == 0x31) { /* rdtsc */
        r[GUEST_RIP] += 2;
    } else if (code[1] == 0x01 && space_read (guest->space, r[GUEST_RIP] + 2, code + 2, 1) == OK
               && code[2] == 0xf9) { /* rdtscp */
        r[GUEST_RIP] += 3;
        r[GUEST_RCX] = 0;
    } else {
        return false;
    }
    charge (1); /* it always moves on */
    r[GUEST_RAX] = here->token.now & UINT32_MAX;
    r[GUEST_RDX] = here->token.now >> 32;
    return true;
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
    } else if (status == ERR_RANGE || status == ERR_IO) {
        linux_force_signal (task, SIGBUS, address, 2);
    } else if (status != OK) {
        /* No memory, which the memory manager has said; or there is no such manager any more. */
        task->ending = true;
        task->reason = WAIT_KILLED (SIGKILL);
    }
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
        else if (!emulate_clock (guest))
            linux_force_signal (task, SIGSEGV, 0, 128);
        return;
    case GUEST_SIGNAL_ALARM:
        nucleus ()->guests.alarms++;
        charge (NS_TO_CYCLES (GUEST_ALARM_NS)); /* it ran that long */
        return;
    default:
        linux_force_signal (task, (uint32_t)box->signal, r[GUEST_RIP], box->code);
    }
}

void
guest_step (struct task *task)
{
    struct guest *guest = task->guest;

    linux_deliver (task);
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
        task->ending = true;
        task->reason = WAIT_KILLED (SIGKILL);
    }
    if (!task->ending)
        task_uninterrupt (task);
}
