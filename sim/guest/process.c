/* process: the host process of an address space, from the kernel's side. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "gate/futex.h"
#include "guest/guest.h"
#include "nucleus/nucleus.h"
#include "servers/vm/pagetable.h"

/* How long to sleep at most before looking whether anybody is still there. */
#define PATIENCE_NS 50000000u
/* How long the nursery may take for a new process. */
#define BIRTH_LOOKS 100u
/* Idle processes to keep, once guests are used at all. */
#define IDLE_WANTED 3u
/* And at most: a crowd that has gone leaves no crowd behind. */
#define IDLE_MOST 32u
/* The floating-point state begins as fxsave writes it; sixteen bytes of that say how much
 * follows. */
#define LEGACY_BYTES 512u
#define STATE_MAGIC  0x46505853u

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

static void
nursery_ring (void)
{
    atomic_fetch_add (&GUEST_HOUSE->bell, 1);
    futex_wake (&GUEST_HOUSE->bell);
}

static uint32_t
slot_of (const struct mailbox *box)
{
    return (uint32_t)(((uintptr_t)box - (uintptr_t)GUEST_SLICE (0)) / GUEST_SLICE_BYTES);
}

/* Waits until it is the kernel's turn. False: the process is dead. From where we sleep on the
 * nursery looks after the process, which was woken before. */
static bool
turn_wait (struct mailbox *box)
{
    struct guest_house *house = GUEST_HOUSE;
    uint32_t turn;

    for (unsigned i = 0; i < GUEST_YIELDS; i++) {
        if (atomic_load_explicit (&box->turn, memory_order_acquire) == GUEST_TURN_KERNEL)
            return atomic_load (&box->dead) == 0;
        sched_yield ();
    }
    atomic_fetch_add (&house->runs, 1);
    atomic_store (&house->runner, slot_of (box) + 1);
    atomic_store (&box->kernel_asleep, 1);
    while ((turn = atomic_load (&box->turn)) != GUEST_TURN_KERNEL && atomic_load (&box->dead) == 0)
        futex_wait (&box->turn, turn, PATIENCE_NS); /* whatever the program has written there */
    atomic_store (&box->kernel_asleep, 0);
    atomic_store (&house->runner, 0);
    return atomic_load (&box->dead) == 0;
}

static bool
turn_give (struct mailbox *box, bool resume)
{
    box->resume = resume;
    atomic_store (&box->turn, GUEST_TURN_PROGRAM);
    if (atomic_load (&box->program_asleep) != 0)
        futex_wake (&box->turn);
    return turn_wait (box);
}

/* ---- processes that keep what they show ---- */

/* Pages of a table that is worth keeping: beyond that mapping anew is no great matter. */
#define KEPT_PAGES 2048u

static void
slot_doom (int32_t slot)
{
    atomic_store (&GUEST_HOUSE->state[slot], GUEST_SLOT_DOOMED);
    nursery_ring ();
}

static bool
is_small (uint64_t *root)
{
    struct pagetable_walk walk = { root, 0, GUEST_USER_END };
    unsigned pages             = 0;

    while (pages <= KEPT_PAGES && pagetable_step (&walk) != NULL)
        pages++;
    return pages <= KEPT_PAGES;
}

/* A sound process that has done all it was told stays as it is, with the table that says so. */
static bool
keep (struct space *space)
{
    struct guests *guests = &nucleus ()->guests;
    struct mailbox *box   = GUEST_MAILBOX (space->slot);

    if (guests->kept_count == GUEST_KEPT_MAX || !is_small (space->root))
        return false;
    if (box->order_count != 0 && (!turn_give (box, false) || box->order_result != 0))
        return false;
    box->order_count = 0;
    guest_process_fresh_state (space);
    guests->kept[guests->kept_count++] = (struct guest_kept){ space->slot, space->root };
    space->slot = -1;
    space->root = NULL;
    return true;
}

/* What the process shows and the space has goes on to be shown; all else is unmapped, also what
 * no table ever said was there. */
static void
adopt (struct space *space, uint64_t *shown)
{
    const uint64_t same        = ~(uint64_t)PTE_MAPPED;
    struct pagetable_walk walk = { shown, 0, GUEST_USER_END };
    uint64_t *there, *entry, from = 0;

    while ((there = pagetable_step (&walk)) != NULL) {
        entry = pagetable_look (space->root, walk.at);
        if ((*there & PTE_MAPPED) == 0 || entry == NULL || (*entry & same) != (*there & same))
            continue;
        *entry |= PTE_MAPPED;
        if (from < walk.at)
            guest_order (space, SYS_munmap, from, walk.at - from, 0, 0, 0, 0);
        from = walk.next;
    }
    guest_order (space, SYS_munmap, from, GUEST_STUB_BASE - from, 0, 0, 0, 0);
}

static void
slot_use (struct space *space, int32_t slot)
{
    atomic_store (&GUEST_HOUSE->state[slot], GUEST_SLOT_USED);
    GUEST_MAILBOX (slot)->order_count = 0;
    space->slot                       = slot;
    space->thread_pointer             = UINT64_MAX;
}

static bool
kept_take (struct space *space)
{
    struct guests *guests = &nucleus ()->guests;

    while (guests->kept_count != 0) {
        struct guest_kept kept = guests->kept[--guests->kept_count];
        bool alive             = turn_wait (GUEST_MAILBOX (kept.slot));

        if (alive) {
            slot_use (space, kept.slot);
            adopt (space, kept.shown);
        } else {
            slot_doom (kept.slot);
        }
        pagetable_free (self (), &kept.shown);
        if (alive)
            return true;
    }
    return false;
}

/* ---- coming and going ---- */

enum status
guest_process_take (struct space *space)
{
    struct guest_house *house = GUEST_HOUSE;

    /* An empty space has no use for what others had: it only gets such a process at need. */
    if (space->root != NULL && kept_take (space))
        return OK;
    for (unsigned look = 0; look < BIRTH_LOOKS; look++) {
        uint32_t news = atomic_load (&house->news), idle = 0;
        int32_t found = -1;

        for (uint32_t i = 0; i < GUEST_SLOTS_MAX; i++)
            if (atomic_load (&house->state[i]) == GUEST_SLOT_IDLE && idle++ == 0)
                found = (int32_t)i;
        if (idle < 2 || atomic_load (&house->wanted) == 0) {
            atomic_store (&house->wanted, IDLE_WANTED);
            nursery_ring ();
        }
        if (found >= 0) {
            if (!turn_wait (GUEST_MAILBOX (found))) {
                atomic_store (&house->state[found], GUEST_SLOT_DOOMED);
                continue;
            }
            slot_use (space, found);
            return OK;
        }
        if (atomic_load (&house->failed) != 0)
            break;
        futex_wait (&house->news, news, PATIENCE_NS);
    }
    return kept_take (space) ? OK : ERR_TASKS;
}

/* From the frame up to the end of the stack; NULL if the process says nonsense. */
static uint8_t *
frame_of (const struct space *space, uint64_t *bytes)
{
    const volatile struct mailbox *box = GUEST_MAILBOX (space->slot);
    uint64_t offset                    = box->frame - GUEST_MAILBOX_BASE;

    if (offset < GUEST_STACK_OFFSET || offset > GUEST_SLICE_BYTES - sizeof (ucontext_t)
        || offset % _Alignof (ucontext_t) != 0)
        return NULL;
    *bytes = GUEST_SLICE_BYTES - offset;
    return GUEST_SLICE (space->slot)->bytes + offset;
}

#define PLAIN_CODE 0x33u /* the segment of 64-bit programs */

/* Is the process as it was made? A program that has jumped to the end of the stub's handler may
 * have left it with another mask or stack for signals, or in another mode of the processor, which
 * would hit whoever comes next. Its last frame tells: the host wrote it. */
static bool
is_sound (const struct space *space)
{
    uint64_t bytes;
    const ucontext_t *context = (const ucontext_t *)(void *)frame_of (space, &bytes);
    uint64_t mask;

    if (context == NULL)
        return false;
    memcpy (&mask, &context->uc_sigmask, sizeof mask);
    return mask == 0
           && ((uint64_t)context->uc_mcontext.gregs[REG_CSGSFS] & 0xffff) == PLAIN_CODE
           && (uint64_t)(uintptr_t)context->uc_stack.ss_sp
                  == GUEST_MAILBOX_BASE + GUEST_STACK_OFFSET
           && context->uc_stack.ss_size == GUEST_SLICE_BYTES - GUEST_STACK_OFFSET;
}

static bool
enough_are_idle (void)
{
    uint32_t idle = 0;

    for (uint32_t i = 0; i < GUEST_SLOTS_MAX && idle < IDLE_MOST; i++)
        idle += atomic_load (&GUEST_HOUSE->state[i]) == GUEST_SLOT_IDLE;
    return idle == IDLE_MOST;
}

void
guest_process_release (struct space *space)
{
    struct mailbox *box;

    if (space->slot < 0)
        return;
    box = GUEST_MAILBOX (space->slot);
    if (atomic_load (&box->dead) == 0 && !space->broken && is_sound (space)) {
        if (keep (space))
            return;
        box->order_count = 0;
        guest_order (space, SYS_munmap, 0, GUEST_STUB_BASE, 0, 0, 0, 0);
        guest_process_fresh_state (space);
        if (!enough_are_idle () && turn_give (box, false) && box->order_result == 0) {
            box->order_count = 0;
            atomic_store (&GUEST_HOUSE->state[space->slot], GUEST_SLOT_IDLE);
            space->slot = -1;
            return;
        }
    }
    slot_doom (space->slot);
    space->slot = -1;
}

void
guest_order (struct space *space, uint32_t number, uint64_t a0, uint64_t a1, uint64_t a2,
             uint64_t a3, uint64_t a4, uint64_t a5)
{
    struct mailbox *box = GUEST_MAILBOX (space->slot);

    if (box->order_count >= GUEST_ORDERS_MAX) {
        if (!turn_give (box, false) || box->order_result != 0)
            space->broken = true;
        box->order_count = 0;
    }
    box->orders[box->order_count++]
        = (struct guest_order){ .number = number, .argument = { a0, a1, a2, a3, a4, a5 } };
}

enum status
guest_process_run (struct space *space, uint64_t registers[GUEST_REGISTERS])
{
    struct mailbox *box = GUEST_MAILBOX (space->slot);
    bool alive;

    memcpy (box->registers, registers, sizeof box->registers);
    alive            = !space->broken && turn_give (box, true);
    box->order_count = 0;
    if (!alive || box->order_result != 0) {
        space->broken = true;
        return ERR_GONE;
    }
    memcpy (registers, box->registers, sizeof box->registers);
    return OK;
}

/* ---- the floating-point state: in the signal frame, which the slice holds ---- */

uint8_t *
guest_process_state (const struct space *space, uint64_t *bytes)
{
    uint64_t frame_bytes;
    uint8_t *frame = frame_of (space, &frame_bytes);
    uint64_t address, offset;
    uint32_t how_long[2];
    uint8_t *state;

    if (frame == NULL)
        return NULL;
    address = (uint64_t)(uintptr_t)((ucontext_t *)(void *)frame)->uc_mcontext.fpregs;
    offset  = address - GUEST_MAILBOX_BASE;
    if (offset < GUEST_STACK_OFFSET || offset > GUEST_SLICE_BYTES - LEGACY_BYTES)
        return NULL;
    state = GUEST_SLICE (space->slot)->bytes + offset;
    memcpy (how_long, state + 464, sizeof how_long);
    *bytes = how_long[0] == STATE_MAGIC ? how_long[1] : LEGACY_BYTES;
    return *bytes >= LEGACY_BYTES && *bytes <= GUEST_SLICE_BYTES - offset ? state : NULL;
}

void
guest_process_copy_state (const struct space *from, struct space *to)
{
    uint64_t from_bytes, to_bytes;
    const uint8_t *source = guest_process_state (from, &from_bytes);
    uint8_t *target       = guest_process_state (to, &to_bytes);

    if (source != NULL && target != NULL && from_bytes == to_bytes)
        memcpy (target, source, from_bytes);
}

void
guest_process_fresh_state (struct space *space)
{
    uint64_t bytes;
    uint8_t *state = guest_process_state (space, &bytes);

    if (state == NULL)
        return;
    memset (state, 0, 416); /* the old part, without what says how long the rest is */
    state[0] = 0x7f;        /* x87 control word 0x37f */
    state[1] = 0x03;
    state[24] = 0x80;       /* MXCSR 0x1f80 */
    state[25] = 0x1f;
    if (bytes > LEGACY_BYTES)
        memset (state + LEGACY_BYTES, 0, 8); /* all components as after a reset */
}
