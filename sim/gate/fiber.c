/* fiber: the flows of control of one domain, and their place in the machine's queue. */
#include "gate/runtime.h"

#include <assert.h>
#include <sys/mman.h>

/* From Linux 6.15 on for shared memory: marks in the page table, where each mprotect makes two
 * more mappings, which take longer to make than all the rest of a domain. */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

/* Where the dispatcher left off. The process's own: a fresh process starts a fresh one. */
static struct context dispatcher;

/* So many stacks meet nothing when they overflow. Of the process too: its page table has that. */
static uint32_t guarded;

bool
stack_guard (uint8_t *at, uint64_t bytes)
{
    return madvise (at, bytes, MADV_GUARD_INSTALL) == 0;
}

bool
fiber_guard (struct runtime *runtime, uint32_t count)
{
    bool marks = true;

    for (; guarded < count; guarded++) {
        uint8_t *at = fiber_memory (runtime, guarded);

        marks = marks && stack_guard (at, FIBER_GUARD_BYTES);
        if (marks)
            continue;
        if (guarded != 0 && count < PLAN->fibers_max)
            return false; /* later than at first only marks are possible: the sandbox is on */
        count = PLAN->fibers_max;
        if (mprotect (at, FIBER_GUARD_BYTES, PROT_NONE) != 0)
            return false;
    }
    return true;
}

static void
fiber_main (void *argument)
{
    struct fiber *fiber = argument;

    for (;;) {
        fiber->entry (fiber->argument);
        assert (fiber->frame == NULL);
        fiber->state      = FIBER_FREE;
        fiber->serving    = false;
        fiber->next       = here->free_fibers;
        here->free_fibers = fiber->index + 1;
        fiber_park ();
    }
}

struct fiber *
fiber_new (void (*entry) (void *argument), void *argument)
{
    struct fiber *fiber;

    if (here->free_fibers != 0) {
        fiber             = &here->fibers[here->free_fibers - 1];
        here->free_fibers = fiber->next;
    } else if (here->fiber_count < PLAN->fibers_max
               && fiber_guard (here, here->fiber_count + 1)) {
        fiber        = &here->fibers[here->fiber_count];
        fiber->index = here->fiber_count++;
    } else {
        return NULL;
    }
    if (!fiber->made) {
        context_make (&fiber->context, FIBER_STACK (here, fiber->index), FIBER_STACK_BYTES,
                      fiber_main, fiber);
        fiber->made = true;
    }
    fiber->state     = FIBER_WAITING;
    fiber->next      = 0;
    fiber->cancelled = false;
    fiber->orphaned  = false;
    fiber->late      = false;
    fiber->refuse    = false;
    fiber->entry     = entry;
    fiber->argument  = argument;
    fiber->task      = here->token.task;
    fiber->call      = here->token.call;
    fiber->level     = here->token.depth;
    return fiber;
}

void
fiber_run (struct fiber *fiber)
{
    assert (here->fiber == NULL && fiber->state != FIBER_FREE);
    fiber->state      = FIBER_RUNNING;
    here->fiber       = fiber;
    here->token.task  = fiber->task;
    here->token.call  = fiber->call;
    here->token.depth = fiber->level;
    context_switch (&dispatcher, &fiber->context);
    here->fiber = NULL;
}

void
fiber_park (void)
{
    struct fiber *fiber = here->fiber;

    fiber->task  = here->token.task;
    fiber->call  = here->token.call;
    fiber->level = here->token.depth;
    context_switch (&fiber->context, &dispatcher);
}

void
fiber_block (void)
{
    struct fiber *fiber = here->fiber;

    fiber->blocked_at = here->token.now;
    fiber->state      = FIBER_WAITING;
    fiber_park ();
    if (fiber->frame != NULL && !fiber->frame->remote) /* else the far side has counted it */
        fiber->frame->waited += here->token.now - fiber->blocked_at;
}

void
fiber_publish (void)
{
    uint64_t bit = (uint64_t)1 << (here->domain % 64);

    if (here->ready_first == 0) {
        here->token.ready[here->domain / 64] &= ~bit;
        return;
    }
    here->token.ready[here->domain / 64] |= bit;
    if (here->replaying != REPLAY_ALL) /* the nucleus may be looking, and must see today's */
        atomic_store_explicit (&DOOR (here->domain)->ready_ticket,
                           here->fibers[here->ready_first - 1].ticket, memory_order_relaxed);
}

void
fiber_ready (struct fiber *fiber)
{
    assert (fiber->state == FIBER_WAITING);
    fiber->state  = FIBER_READY;
    fiber->ticket = here->token.ticket++;
    fiber->next   = 0;
    if (here->ready_last != 0)
        here->fibers[here->ready_last - 1].next = fiber->index + 1;
    else
        here->ready_first = fiber->index + 1;
    here->ready_last = fiber->index + 1;
    fiber_publish ();
}

struct fiber *
fiber_take_ready (void)
{
    struct fiber *fiber = NULL;

    if (here->ready_first != 0) {
        fiber             = &here->fibers[here->ready_first - 1];
        here->ready_first = fiber->next;
        if (here->ready_first == 0)
            here->ready_last = 0;
        fiber->next = 0;
    }
    fiber_publish ();
    return fiber;
}
