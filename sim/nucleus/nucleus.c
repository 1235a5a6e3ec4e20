#include "nucleus/nucleus.h"

#include <string.h>

#include "fault/fault.h"
#include "host_time.h"
#include "servers/text.h"

bool
nucleus_has_token (void)
{
    uint32_t regenerations = atomic_load (&PLAN->regenerations);

    if (!here->holds && regenerations != here->regenerations) {
        here->token = PLAN->token_back;
        here->holds = true;
    }
    here->regenerations = regenerations;
    return here->holds && atomic_load (&PLAN->go) != 0;
}

/* ---- events ---- */

static void
timer_main (void *argument)
{
    struct timer_event event = event_queue_take (&nucleus ()->events);

    (void)argument;
    here->token.now += PLAN->cost.interrupt;
    gate_upcall (event.component, UPCALL_TIMER, event.cookie);
}

static void
interrupt_main (void *argument)
{
    here->token.now += PLAN->cost.interrupt;
    gate_upcall ((uint32_t)(uintptr_t)argument, UPCALL_INTERRUPT, 0);
}

/* Starts a fiber of the nucleus's own, on nobody's behalf. */
static bool
run_service (void (*entry) (void *), void *argument)
{
    struct fiber *fiber;

    here->token.task  = 0;
    here->token.depth = 0;
    here->token.call  = ++nucleus ()->next_call;
    fiber             = fiber_new (entry, argument);
    if (fiber == NULL)
        return false;
    fiber_run (fiber);
    return true;
}

static bool
interrupts_pending (const struct nucleus *n)
{
    return atomic_load_explicit (&PLAN->interrupt_total, memory_order_acquire)
           != n->interrupt_total_seen;
}

/* Runs the handler of one device that has raised its interrupt. */
static void
interrupt_take (struct nucleus *n)
{
    uint32_t total = atomic_load (&PLAN->interrupt_total);

    for (uint32_t i = 0; i < PLAN->device_count; i++) {
        uint32_t raised = atomic_load (&PLAN->interrupts[i]);

        if (raised == n->interrupts_seen[i])
            continue;
        n->interrupts_seen[i] = raised;
        run_service (interrupt_main, (void *)(uintptr_t)PLAN->devices[i].driver);
        return;
    }
    n->interrupt_total_seen = total;
}

/* ---- domains that died ---- */

/* Starts the components of a domain that has begun anew, as at the boot. When that life ends in
 * the middle of this, the next one has a fiber of its own for it. */
static void
anew_main (void *argument)
{
    uint32_t domain     = (uint32_t)(uintptr_t)argument;
    const uint32_t *now = &nucleus ()->lives[domain];
    uint32_t life       = *now;
    char line[160];
    struct text text;

    for (uint32_t id = COMPONENT_USER + 1; id < PLAN->component_count && *now == life; id++) {
        enum status status = PLAN->components[id].domain == domain
                                 ? gate_upcall (id, UPCALL_START, life)
                                 : OK;

        if (status == OK || *now != life)
            continue;
        text_init (&text, line, sizeof line);
        text_append (&text, PLAN->components[id].name);
        text_append (&text, " did not start again: ");
        text_append (&text, status_text (status));
        nucleus_print (line, (uint32_t)text.length);
    }
}

/* Has them started. False: there is no fiber for it now. */
static bool
anew_begin (struct nucleus *n, uint32_t domain)
{
    bool begun = !(faults_on () && fault_service ())
                 && run_service (anew_main, (void *)(uintptr_t)domain);

    n->unstarted[domain] = !begun;
    n->any_unstarted |= !begun;
    return begun;
}

/* Likewise, for one that there was no fiber for before. */
static bool
unstarted_take (struct nucleus *n)
{
    for (uint32_t domain = 1; domain < PLAN->domain_count; domain++)
        if (n->unstarted[domain])
            return anew_begin (n, domain);
    n->any_unstarted = false;
    return false;
}

/* Goes on telling the domains of a death. Returns whether a message was staged. */
static bool
fail_go_on (struct nucleus *n)
{
    while (n->fail_next < PLAN->domain_count) {
        uint16_t next = n->fail_next++;

        if (next == DOMAIN_KERNEL || next == n->fail_domain
            || PLAN->domains[next].state != DOMAIN_UP)
            continue;
        here->staged_message.kind   = MESSAGE_FAIL;
        here->staged_message.link   = n->fail_domain;
        here->staged_message.status = n->failure;
        here->staged_message.bulk   = 0;
        here->staged_message.into   = 0;
        here->staged_to             = next;
        here->staged_bulk           = NULL;
        here->staged                = true;
        return true;
    }
    n->failing                   = false;
    n->unstarted[n->fail_domain] = false;
    if (n->failure != FAILURE_GONE)
        anew_begin (n, n->fail_domain);
    return here->staged;
}

/* Begins to tell them. Returns whether a message was staged. */
static bool
fail_begin (struct nucleus *n, uint16_t domain, enum failure failure)
{
    here->token.ready[domain / 64] &= ~((uint64_t)1 << (domain % 64));
    gate_fail (domain, failure);
    n->failing     = true;
    n->failure     = failure;
    n->fail_domain = domain;
    n->fail_next   = 0;
    if (domain == PLAN->components[COMPONENT_USER].domain)
        nucleus_halt (126, "the domain of the programs died");
    return fail_go_on (n);
}

/* Takes note of what the board says of the domains. */
static void
deaths_take (struct nucleus *n)
{
    uint32_t deaths = atomic_load (&PLAN->deaths); /* those that come after this come again */

    if (n->failing && fail_go_on (n))
        return;
    for (uint16_t domain = 1; domain < PLAN->domain_count; domain++) {
        bool dead       = PLAN->domains[domain].state == DOMAIN_DEAD;
        uint32_t lives  = atomic_load (&PLAN->domains[domain].lives);
        uint32_t blamed = atomic_load (&PLAN->domains[domain].blamed);
        uint32_t nudges = atomic_load (&PLAN->domains[domain].nudges);
        enum failure failure;

        if (nudges != n->nudges[domain])
            here->token.ready[domain / 64] |= (uint64_t)1 << (domain % 64);
        n->nudges[domain] = nudges;
        if (dead ? n->told[domain] : lives == n->lives[domain])
            continue;
        failure = dead                          ? FAILURE_GONE
                  : blamed == n->blamed[domain] ? FAILURE_ENDED
                                                : FAILURE_CRASHED;
        n->told[domain]   = dead;
        n->lives[domain]  = lives;
        n->blamed[domain] = blamed;
        if (fail_begin (n, domain, failure))
            return;
    }
    atomic_store (&here->deaths_seen, deaths);
}

/* ---- the decision ---- */

/* The domain whose ready fiber has waited longest; DOMAIN_MAX: none. */
static uint32_t
ready_domain (void)
{
    uint32_t best        = DOMAIN_MAX;
    uint64_t best_ticket = UINT64_MAX;

    for (uint32_t word = 0; word < 2; word++)
        for (uint64_t bits = here->token.ready[word]; bits != 0; bits &= bits - 1) {
            uint32_t domain = word * 64 + (uint32_t)__builtin_ctzll (bits);
            uint64_t ticket;

            if (domain >= PLAN->domain_count || PLAN->domains[domain].state != DOMAIN_UP) {
                here->token.ready[word] &= ~((uint64_t)1 << (domain % 64));
                continue;
            }
            ticket = atomic_load_explicit (&DOOR (domain)->ready_ticket, memory_order_relaxed);
            if (ticket < best_ticket) {
                best        = domain;
                best_ticket = ticket;
            }
        }
    return best;
}

static void
ready_run (uint32_t domain)
{
    if (domain == here->domain) {
        struct fiber *fiber = fiber_take_ready ();

        if (fiber != NULL)
            fiber_run (fiber);
        return;
    }
    here->token.now += PLAN->cost.message;
    here->staged_message.kind = MESSAGE_RUN;
    here->staged_message.bulk = 0;
    here->staged_message.into = 0;
    here->staged_to           = (uint16_t)domain;
    here->staged_bulk         = NULL;
    here->staged              = true;
}

static void
cancel_take (struct nucleus *n)
{
    for (uint32_t id = 1; id <= n->tasks.count; id++) {
        struct task *task = n->tasks.table[id];

        if (task->state == TASK_FREE || !task->cancel)
            continue;
        task->cancel = false;
        n->tasks.cancels--;
        gate_cancel (task->fiber);
        return;
    }
}

static void
task_run_next (struct nucleus *n)
{
    struct task *task = n->interrupted;

    n->interrupted = NULL;
    if (task != NULL && !task_keeps_cpu (task)) {
        sched_enqueue (&n->sched, task,
                       here->token.now >= task->slice_end ? SCHED_EXPIRED : SCHED_PREEMPTED);
        task = NULL;
    }
    if (task == NULL)
        task = sched_pick (&n->sched);
    task_gets_cpu (task);
    fiber_run (task->fiber);
}

/* Nothing can run before the first event, if any. Batch: time jumps there. Live: time goes as
 * the wall clock does, at the board's speed. Returns whether the event is due. */
static bool
idle (struct nucleus *n, const struct timer_event *event, uint64_t *patience_ns)
{
    uint32_t speed   = atomic_load_explicit (&PLAN->brake.speed, memory_order_relaxed);
    uint64_t stop_at = atomic_load_explicit (&PLAN->brake.stop_at, memory_order_relaxed);
    uint64_t now, until;

    if (!PLAN->live || speed == 0) {
        if (event != NULL)
            here->token.now = event->at;
        n->idle = false;
        return event != NULL;
    }
    if (!n->idle || n->idle_speed != speed) {
        n->idle         = true;
        n->idle_speed   = speed;
        n->idle_wall_ns = host_ns ();
        n->idle_from    = here->token.now;
    }
    now = n->idle_from + brake_cycles (host_ns () - n->idle_wall_ns, speed);
    if (event != NULL && now >= event->at) {
        here->token.now = event->at;
        n->idle         = false;
        return true;
    }
    if (now > here->token.now)
        here->token.now = now;
    until = event != NULL ? event->at : UINT64_MAX;
    if (stop_at > now && stop_at < until)
        until = stop_at;
    if (until != UINT64_MAX)
        *patience_ns = brake_wall_ns (until - now, speed) + 1;
    return false;
}

/* Nothing can happen any more. That may be the fault of a component that never answers: the
 * board is asked before anybody draws conclusions. */
static bool
may_give_up (struct nucleus *n)
{
    uint32_t question = atomic_load (&here->idle_question);

    if (n->idle_asked && atomic_load (&PLAN->idle_answer) == question) {
        n->idle_asked = false;
        return true;
    }
    if (!n->idle_asked)
        atomic_store (&here->idle_question, question + 1);
    n->idle_asked = true;
    return false;
}

enum next
nucleus_next (uint64_t *patience_ns)
{
    struct nucleus *n = nucleus ();

    for (;;) {
        const struct timer_event *event;
        uint32_t domain;

        if (here->staged)
            return NEXT_SENT;
        if (brake_stands ())
            brake_stand ();
        event = event_queue_first (&n->events);
        if (brake_is_on () && brake_look ())
            n->idle = false;
        if (n->running != NULL)
            task_leaves_cpu (n->running);
        if (!n->booted) {
            n->booted = true;
            run_service (boot_main, NULL);
        } else if (n->failing || here->deaths_seen != atomic_load (&PLAN->deaths)) {
            deaths_take (n);
        } else if (n->any_unstarted && unstarted_take (n)) {
            n->idle = false;
        } else if (n->tasks.cancels != 0) {
            cancel_take (n);
        } else if ((domain = ready_domain ()) != DOMAIN_MAX) {
            n->idle = false;
            ready_run (domain);
        } else if (event != NULL && event->at <= here->token.now) {
            run_service (timer_main, NULL);
        } else if (atomic_load_explicit (&PLAN->stopping, memory_order_relaxed) && !n->halt_asked) {
            nucleus_halt (128 + 15, "stopped from outside");
        } else if (n->halt_asked && !n->halting) {
            n->halting = true;
            run_service (halt_main, NULL);
        } else if (PLAN->live && interrupts_pending (n)) {
            n->idle = false;
            interrupt_take (n);
        } else if ((n->interrupted != NULL || n->sched.ready != 0) && !n->halting) {
            n->idle = false;
            task_run_next (n);
        } else if (idle (n, event, patience_ns)) {
            continue;
        } else if (interrupts_pending (n)) {
            n->idle = false;
            interrupt_take (n);
        } else if (!PLAN->live && atomic_load (&PLAN->input_over) && !interrupts_pending (n)
                   && !n->halt_asked) {
            if (!may_give_up (n))
                return NEXT_WAIT;
            nucleus_halt (125, "every task waits for something that cannot come any more");
        } else if (n->halting && event == NULL) {
            halt_without ();
        } else {
            return NEXT_WAIT;
        }
    }
}

void
nucleus_print (const char *text, uint32_t bytes)
{
    Link *log                     = nucleus_link (INTERFACE_log);
    struct log_write_req request  = { .level = 6, .source = "nucleus" };
    struct log_write_rep reply;

    request.from = (grant){ .data = (void *)(uintptr_t)text, .length = bytes };
    if (log != NULL)
        log_write (log, &request, &reply);
}

extern const struct kernel_ops kernel_operations;

static enum status
nucleus_start (Component *self)
{
    struct nucleus *n = component_state (self);

    for (unsigned need = 0; self->class_->needs[need].name != NULL; need++)
        n->links[self->class_->needs[need].interface] = component_link (self, need);
    n->sched.policy = sched_policy_find (PLAN->scheduler);
    return n->sched.policy != NULL ? OK : ERR_INVALID;
}

const struct component_class nucleus_class = {
    .name        = "nucleus",
    .summary     = "tasks, scheduler, virtual time, events: what stays in every kernel",
    .state_bytes = sizeof (struct nucleus),
    .provides    = { { INTERFACE_kernel, &kernel_operations } },
    .needs       = { { "programs", INTERFACE_umode, NEED_OPTIONAL },
                     { "processes", INTERFACE_process, NEED_OPTIONAL },
                     { "files", INTERFACE_file, NEED_OPTIONAL },
                     { "clock", INTERFACE_clock, NEED_OPTIONAL },
                     { "log", INTERFACE_log, NEED_OPTIONAL },
                     { "vm", INTERFACE_vm, NEED_OPTIONAL } },
    .start       = nucleus_start,
};
