#define _GNU_SOURCE
#include "watch/brake.h"

#include "gate/futex.h"
#include "gate/gate.h"
#include "host_time.h"
#include "watch/filter.h"

/* Everybody who stands looks around this often at least. */
#define TURN_NS 50000000u
/* Virtual time may run ahead of the wall for as long as the wall takes for this. */
#define SLACK_NS 1000000u
/* Whoever is that far behind the wall need not catch up. */
#define BEHIND_NS 20000000u

static uint32_t
resumes_now (void)
{
    return atomic_load_explicit (&PLAN->brake.resumes, memory_order_acquire);
}

/* Stands until the board lets go, or the machine is to halt. */
static void
stand (enum brake_stop why, uint32_t breakpoint, uint32_t resumes)
{
    struct brake *brake = &PLAN->brake;

    here->brake.resumes    = resumes;
    here->brake.breakpoint = breakpoint;
    atomic_store_explicit (&here->brake.stopped, why, memory_order_release);
    for (;;) {
        uint32_t turn = atomic_load_explicit (&brake->turn, memory_order_acquire);

        if (resumes_now () != resumes || atomic_load (&PLAN->stopping))
            break;
        futex_wait (&brake->turn, turn, TURN_NS);
    }
    here->brake.speed = 0; /* what passed meanwhile is no credit */
    atomic_store_explicit (&here->brake.stopped, STOP_NONE, memory_order_release);
}

uint64_t
brake_cycles (uint64_t wall_ns, uint32_t speed)
{
    return (uint64_t)((double)NS_TO_CYCLES (wall_ns) * speed / SPEED_ONE);
}

uint64_t
brake_wall_ns (uint64_t cycles, uint32_t speed)
{
    return (uint64_t)((double)CYCLES_TO_NS (cycles) * SPEED_ONE / speed);
}

static void
pace_begin (struct brake_state *state, uint32_t speed, uint64_t wall)
{
    state->speed   = speed;
    state->wall_ns = wall;
    state->from    = here->token.now;
    state->next    = state->from;
}

/* Waits a while if virtual time is ahead of the wall. Returns whether it did. */
static bool
pace (uint32_t speed, uint32_t turn)
{
    struct brake_state *state = &here->brake;
    uint64_t wall, due;

    if (state->speed != speed) {
        pace_begin (state, speed, host_ns ());
        return false;
    }
    if (here->token.now < state->next)
        return false;
    wall = host_ns ();
    due  = state->wall_ns + brake_wall_ns (here->token.now - state->from, speed);
    if (wall < due) {
        futex_wait (&PLAN->brake.turn, turn, due - wall < TURN_NS ? due - wall : TURN_NS);
        return true;
    }
    if (wall - due > BEHIND_NS)
        pace_begin (state, speed, wall);
    state->next = here->token.now + brake_cycles (SLACK_NS, speed);
    return false;
}

bool
brake_look (void)
{
    struct brake *brake = &PLAN->brake;
    bool stood          = false;

    for (;;) {
        uint32_t resumes = resumes_now ();
        uint32_t turn    = atomic_load_explicit (&brake->turn, memory_order_acquire);
        uint32_t speed   = atomic_load_explicit (&brake->speed, memory_order_relaxed);
        uint64_t stop_at = atomic_load_explicit (&brake->stop_at, memory_order_relaxed);

        if (atomic_load_explicit (&PLAN->stopping, memory_order_relaxed))
            return stood;
        if (atomic_load_explicit (&brake->pause, memory_order_relaxed)) {
            stand (STOP_PAUSE, 0, resumes);
        } else if (stop_at != 0 && here->token.now >= stop_at) {
            stand (STOP_STEP, 0, resumes);
        } else if (speed == 0 || !pace (speed, turn)) {
            return stood;
        } else {
            continue;
        }
        stood = true;
    }
}

void
brake_stand (void)
{
    struct brake *brake = &PLAN->brake;
    uint32_t goes       = atomic_load_explicit (&brake->stand_goes, memory_order_acquire);

    here->brake.stood_ns = host_ns ();
    here->brake.stood_at = here->token.now;
    atomic_store_explicit (&here->brake.standing, goes + 1, memory_order_seq_cst);
    futex_wake (&here->brake.standing);
    while (atomic_load_explicit (&brake->stand_goes, memory_order_acquire) == goes
           && brake_stands ())
        futex_wait (&brake->stand_goes, goes, TURN_NS);
    channel_check_admitted ();
    atomic_store_explicit (&here->brake.standing, 0, memory_order_release);
}

/* Is this the last event of a step? The count travels with the token. */
static bool
step_over (const struct event *event)
{
    struct brake *brake = &PLAN->brake;
    uint32_t order      = atomic_load_explicit (&brake->order, memory_order_acquire);

    if (order == 0)
        return false;
    if (here->token.order != order) {
        here->token.order = order;
        here->token.steps = atomic_load_explicit (&brake->step_count, memory_order_relaxed);
    }
    return (atomic_load_explicit (&brake->step_kinds, memory_order_relaxed) >> event->kind & 1)
           && here->token.steps != 0 && --here->token.steps == 0;
}

void
brake_event (const struct event *event)
{
    uint32_t resumes = resumes_now ();
    uint32_t bits    = atomic_load_explicit (&PLAN->brake.breakpoints, memory_order_acquire);

    if (atomic_load_explicit (&PLAN->stopping, memory_order_relaxed))
        return;
    for (; bits != 0; bits &= bits - 1) {
        uint32_t number = (uint32_t)__builtin_ctz (bits);

        if (!filter_agrees (&PLAN->brake.breakpoint[number], event))
            continue;
        step_over (event);
        stand (STOP_BREAKPOINT, number, resumes);
        return;
    }
    if (step_over (event))
        stand (STOP_STEP, 0, resumes);
    else
        brake_look ();
}
