/* control_brake: the board's side of watch/brake.h: pause, step, breakpoints, speed. */
#include <string.h>

#include "board/control_inside.h"
#include "gate/futex.h"
#include "gate/gate.h"

/* ---- what the domains see ---- */

/* Lets everybody look again. */
static void
publish (void)
{
    struct brake *brake = &PLAN->brake;
    bool on = brake->pause || brake->order != 0 || brake->stop_at != 0 || brake->breakpoints != 0
              || brake->speed != 0;

    if (on)
        atomic_fetch_or (&brake->on, BRAKE_ON);
    else
        atomic_fetch_and (&brake->on, ~BRAKE_ON);
    atomic_fetch_add (&brake->turn, 1);
    futex_wake (&brake->turn);
    board_ring (DOMAIN_KERNEL);
}

/* The domain that stands, and so holds the CPU; -1: none does. */
static int
who_stands (void)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (atomic_load (&PLAN->domains[d].state) == DOMAIN_UP
            && atomic_load (&RUNTIME (d)->brake.stopped) != STOP_NONE
            && RUNTIME (d)->brake.resumes == atomic_load (&PLAN->brake.resumes))
            return (int)d;
    return -1;
}

/* Lets whoever stands go on, to stop where `brake` says by now. */
static void
release (Control *control)
{
    atomic_store (&PLAN->brake.pause, 0);
    atomic_fetch_add (&PLAN->brake.resumes, 1);
    control->stands = false;
    publish ();
}

static void
forget_step (Control *control)
{
    control->step_kinds = 0;
    control->step_tick  = false;
    atomic_store (&PLAN->brake.order, 0);
    atomic_store (&PLAN->brake.stop_at, 0);
}

/* ---- commands ---- */

void
control_brake_begin (Control *control)
{
    control->stands = false;
    control->step_kinds = 0;
    control->step_tick  = false;
    for (uint32_t i = 0; i < BREAKPOINTS_MAX; i++)
        g_clear_pointer (&control->breaks[i].arguments, json_decref);
    publish ();
}

void
control_brake_end (Control *control)
{
    forget_step (control);
    release (control);
}

void
control_pause (Control *control)
{
    forget_step (control);
    atomic_store (&PLAN->brake.pause, 1);
    publish ();
    (void)control;
}

void
control_resume (Control *control)
{
    forget_step (control);
    release (control);
    control_state_set (control, CONTROL_RUNNING, "");
}

/* The machine stands: from here the step is counted. */
static void
step_begin (Control *control)
{
    struct brake *brake = &PLAN->brake;

    if (control->step_tick) {
        uint64_t ticks = NS_TO_CYCLES (PLAN->quantum_ns) * control->step_count;

        atomic_store (&brake->stop_at, read_now ().cycles + ticks);
    } else {
        atomic_store (&brake->step_kinds, control->step_kinds);
        atomic_store (&brake->step_count, control->step_count);
        atomic_store (&brake->order, ++control->orders);
    }
    control->step_kinds = 0;
    control->step_tick  = false;
    release (control);
    control_state_set (control, CONTROL_RUNNING, "");
}

void
control_step (Control *control, uint32_t kinds, uint32_t count, bool tick)
{
    forget_step (control);
    control->step_kinds = kinds;
    control->step_tick  = tick;
    control->step_count = count;
    if (control->stands && who_stands () >= 0) {
        step_begin (control);
        return;
    }
    atomic_store (&PLAN->brake.pause, 1);
    publish ();
}

void
control_speed (Control *control, uint32_t speed)
{
    atomic_store (&PLAN->brake.speed, speed);
    publish ();
    control_state_set (control, control->state, NULL);
}

/* ---- breakpoints ---- */

uint32_t
control_break_add (Control *control, const struct event_filter *filter, json_t *arguments)
{
    for (uint32_t i = 0; i < BREAKPOINTS_MAX; i++) {
        if (control->breaks[i].arguments != NULL)
            continue;
        control->breaks[i].arguments = json_deep_copy (arguments);
        control->breaks[i].hits      = 0;
        PLAN->brake.breakpoint[i]    = *filter;
        atomic_fetch_or (&PLAN->brake.breakpoints, 1u << i);
        publish ();
        return i + 1;
    }
    return 0;
}

bool
control_break_delete (Control *control, uint32_t number)
{
    bool found = number == 0;

    for (uint32_t i = 0; i < BREAKPOINTS_MAX; i++)
        if (control->breaks[i].arguments != NULL && (number == 0 || number == i + 1)) {
            g_clear_pointer (&control->breaks[i].arguments, json_decref);
            atomic_fetch_and (&PLAN->brake.breakpoints, ~(1u << i));
            found = true;
        }
    publish ();
    return found;
}

json_t *
control_breaks_json (const Control *control)
{
    json_t *rows = json_array ();

    for (uint32_t i = 0; i < BREAKPOINTS_MAX; i++)
        if (control->breaks[i].arguments != NULL) {
            json_t *row = json_deep_copy (control->breaks[i].arguments);

            json_object_set_new (row, "break", json_integer (i + 1));
            json_object_set_new (row, "hits", control_number (control->breaks[i].hits));
            json_array_append_new (rows, row);
        }
    return rows;
}

/* ---- did it stop? ---- */

static char *
reason_of (Control *control, uint32_t domain)
{
    const struct brake_state *state = &RUNTIME (domain)->brake;
    uint32_t number                 = state->breakpoint;
    const struct watch *watch       = WATCH (domain);
    g_autofree char *text           = NULL;
    struct event event;

    switch (atomic_load (&state->stopped)) {
    case STOP_STEP:
        return g_strdup ("step");
    case STOP_BREAKPOINT:
        if (number >= BREAKPOINTS_MAX)
            break;
        control->breaks[number].hits++;
        event = watch->ring[(atomic_load (&watch->written) - 1) % WATCH_EVENTS];
        text  = control_event_text (&event);
        return g_strdup_printf ("breakpoint %u: %s", number + 1, text);
    }
    return g_strdup ("pause");
}

void
control_brake_look (Control *control)
{
    g_autofree char *reason = NULL;
    int domain;

    if (control->stands || (atomic_load (&PLAN->brake.on) & BRAKE_ON) == 0)
        return;
    domain = who_stands ();
    if (domain < 0)
        return;
    control->stands = true;
    if (control->step_kinds != 0 || control->step_tick) {
        step_begin (control);
        return;
    }
    reason = reason_of (control, (uint32_t)domain);
    /* Whatever it was, now nobody goes on, should this domain die where it stands. */
    atomic_store (&PLAN->brake.order, 0);
    atomic_store (&PLAN->brake.stop_at, 0);
    atomic_store (&PLAN->brake.pause, 1);
    publish ();
    control_state_set (control, CONTROL_PAUSED, reason);
}
