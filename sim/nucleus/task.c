#include "nucleus/task.h"

#include <string.h>

#include "fault/fault.h"
#include "gate/frame.h"
#include "guest/guest.h"
#include "nucleus/nucleus.h"
#include "nucleus/strings.h"
#include "personality.h"
#include "user/user.h"

struct task *
task_find (uint32_t id)
{
    struct tasks *tasks = &nucleus ()->tasks;
    struct task *task   = id >= 1 && id <= tasks->count ? tasks->table[id] : NULL;

    return task != NULL && task->state != TASK_FREE ? task : NULL;
}

/* Makes room for one more id. */
static bool
grow (Component *self, struct tasks *tasks)
{
    uint32_t room       = tasks->room != 0 ? tasks->room * 2 : 64;
    struct task **table = component_alloc (self, room * sizeof *table);

    if (table == NULL)
        return false;
    if (tasks->table != NULL)
        memcpy (table, tasks->table, (tasks->count + 1) * sizeof *table);
    component_free (self, tasks->table);
    tasks->table = table;
    tasks->room  = room;
    return true;
}

struct task *
task_new (uint32_t pid)
{
    Component *self     = COMPONENT (COMPONENT_NUCLEUS);
    struct tasks *tasks = &nucleus ()->tasks;
    struct task *task   = tasks->free;
    struct fiber *fiber;

    if (tasks->alive >= PLAN->tasks_max)
        return NULL;
    if (task == NULL) {
        if (tasks->count + 1 >= tasks->room && !grow (self, tasks))
            return NULL;
        task = component_alloc (self, sizeof *task);
        if (task == NULL)
            return NULL;
        task->id                    = ++tasks->count;
        tasks->table[tasks->count] = task;
    } else {
        uint32_t id = task->id;

        tasks->free = task->next;
        memset (task, 0, sizeof *task);
        task->id = id;
    }
    fiber = fiber_new (task_main, task);
    if (fiber == NULL) {
        task->next  = tasks->free;
        tasks->free = task;
        return NULL;
    }
    fiber->task  = task->id;
    fiber->call  = 0;
    fiber->level = 0;
    task->fiber  = fiber;
    task->pid    = pid;
    task->state  = TASK_BORN;
    tasks->alive++;
    return task;
}

static void
task_cancel_forget (struct task *task)
{
    if (task->cancel)
        nucleus ()->tasks.cancels--;
    task->cancel = false;
}

void
task_free (struct task *task)
{
    struct tasks *tasks = &nucleus ()->tasks;

    task_cancel_forget (task);
    strings_drop (task);
    if (task->state == TASK_BORN) {
        /* Its fiber has never run: give it back untouched. */
        task->fiber->state = FIBER_FREE;
        task->fiber->next  = here->free_fibers;
        here->free_fibers  = task->fiber->index + 1;
    }
    task->state = TASK_FREE;
    task->next  = tasks->free;
    tasks->free = task;
    tasks->alive--;
}

void
task_start (struct task *task)
{
    if (task->state == TASK_BORN)
        sched_enqueue (&nucleus ()->sched, task, SCHED_WOKEN);
}

void
task_kill_one (struct task *task, uint32_t reason)
{
    struct nucleus *n = nucleus ();

    if (task->ending)
        return;
    task->ending = true;
    task->reason = reason;
    if (task->state == TASK_STOPPED || task->state == TASK_BORN)
        sched_enqueue (&n->sched, task, SCHED_WOKEN);
    task_interrupt (task);
}

/* Itself, if it has no threads. */
static struct task *
first_of (struct task *task)
{
    return task->guest != NULL ? task->guest->group->first : task;
}

static struct task *
next_of (const struct task *task)
{
    return task->guest != NULL ? task->guest->next : NULL;
}

void
task_kill (struct task *task, uint32_t reason)
{
    for (struct task *one = first_of (task); one != NULL; one = next_of (one))
        task_kill_one (one, reason);
}

void
task_interrupt (struct task *task)
{
    guest_unpark (task);
    if ((task->state == TASK_BLOCKED || task->state == TASK_RUNNING) && !task->cancel) {
        task->cancel = true;
        nucleus ()->tasks.cancels++;
    }
}

void
task_uninterrupt (struct task *task)
{
    task->fiber->cancelled = false;
    task_cancel_forget (task);
}

struct task *
task_of_process (uint32_t pid)
{
    const struct tasks *tasks = &nucleus ()->tasks;

    for (uint32_t id = 1; id <= tasks->count; id++)
        if (tasks->table[id]->state != TASK_FREE && tasks->table[id]->pid == pid)
            return first_of (tasks->table[id]);
    return NULL;
}

void
task_stop (struct task *task, bool stop)
{
    for (struct task *one = first_of (task); one != NULL; one = next_of (one)) {
        one->stop = stop;
        if (!stop && one->state == TASK_STOPPED)
            sched_enqueue (&nucleus ()->sched, one, false);
    }
}

/* ---- what was used ---- */

void
task_use_add (struct task_use *use, const struct task_use *more)
{
    use->cpu += more->cpu;
    use->faults += more->faults;
    use->slow += more->slow;
}

uint64_t
task_processor_time (const struct task *task)
{
    return task->use.cpu
           + (nucleus ()->running == task ? here->token.now - task->picked_at : 0);
}

struct task_use
task_use_of_process (struct task *task)
{
    struct task_use all = { 0 };

    for (const struct task *one = first_of (task); one != NULL; one = next_of (one)) {
        task_use_add (&all, &one->use);
        task_use_add (&all, &one->ended);
        all.cpu += task_processor_time (one) - one->use.cpu;
    }
    return all;
}

/* ---- the CPU ---- */

void
task_leaves_cpu (struct task *task)
{
    struct nucleus *n = nucleus ();

    task->use.cpu += here->token.now - task->picked_at;
    n->busy += here->token.now - task->picked_at;
    if (task->state == TASK_RUNNING)
        task->state = TASK_BLOCKED;
    n->running = NULL;
}

void
task_gets_cpu (struct task *task)
{
    struct nucleus *n = nucleus ();

    if (n->last_task != task->id) {
        here->token.now += PLAN->cost.context_switch;
        n->last_task = task->id;
        n->switches++;
    }
    if (here->token.now >= task->slice_end || task->state == TASK_READY)
        task->slice_end = here->token.now
                          + n->sched.policy->slice (task, NS_TO_CYCLES (PLAN->quantum_ns));
    task->picked_at = here->token.now;
    task->state     = TASK_RUNNING;
    n->running      = task;
}

bool
task_keeps_cpu (const struct task *task)
{
    const struct sched *sched = &nucleus ()->sched;

    if (sched->ready == 0)
        return true;
    return here->token.now < task->slice_end && !sched->policy->preempts (sched, task);
}

/* Something that goes before any user mode. */
static bool
urgent (const struct nucleus *n)
{
    const struct timer_event *event = event_queue_first (&n->events);

    return (here->token.ready[0] | here->token.ready[1]) != 0 || n->tasks.cancels != 0
           || (event != NULL && event->at <= here->token.now)
           || (brake_stands () && here->token.now != here->brake.stood_at)
           || here->deaths_seen != atomic_load_explicit (&PLAN->deaths, memory_order_relaxed)
           || (PLAN->live
               && atomic_load_explicit (&PLAN->interrupt_total, memory_order_relaxed)
                      != n->interrupt_total_seen)
           || n->halt_asked || atomic_load_explicit (&PLAN->stopping, memory_order_relaxed);
}

/* At the edge of user mode: who goes on? Comes back when this task does. */
static void
task_edge (struct task *task)
{
    struct nucleus *n = nucleus ();

    for (;;) {
        bool stop = task->stop && !task->ending;

        if (n->running == task && !stop && !urgent (n) && task_keeps_cpu (task)) {
            if (here->token.now >= task->slice_end)
                task->slice_end
                    = here->token.now
                      + n->sched.policy->slice (task, NS_TO_CYCLES (PLAN->quantum_ns));
            return;
        }
        if (stop) {
            if (n->running == task)
                task_leaves_cpu (task);
            task->state = TASK_STOPPED;
        } else if (n->running == task && urgent (n)) {
            task_leaves_cpu (task);
            n->interrupted = task;
        } else {
            /* Who comes back from waiting has not used his slice up, however late it is. */
            enum sched_reason reason = n->running != task ? SCHED_WOKEN
                                       : here->token.now >= task->slice_end ? SCHED_EXPIRED
                                                                            : SCHED_PREEMPTED;

            if (n->running == task)
                task_leaves_cpu (task);
            sched_enqueue (&n->sched, task, reason);
        }
        task->fiber->state = FIBER_WAITING;
        fiber_park ();
    }
}

void
task_syscall_event (const struct task *task, unsigned face, uint32_t number, int64_t result,
                    uint64_t start)
{
    /* Linux has more calls than fit a byte: the other half is told in the face. */
    const struct event event = {
        .start = start,
        .total = here->token.now - start,
        .what  = event_what (COMPONENT_USER, COMPONENT_NUCLEUS, EVENT_SYSCALL,
                             face + (number >> 8), number, result < 0 ? (unsigned)-result : 0,
                             here->token.task),
        .depth = (uint8_t)here->token.depth,
        .gate  = GATE_DIRECT,
    };

    (void)task;
    event_emit (here, &event);
}

/* How often somebody is told of an end who has no room to hear of it. */
#define EXIT_TRIES 8

/* A call that may be refused, but an end may not: nobody would ever hear of it again. */
static void
exit_tell (const struct task *task)
{
    struct process_exit_req request = { .process = task->pid, .status = task->reason };
    struct process_exit_rep reply;
    enum status status = ERR_NO_MEMORY;

    for (int tries = 0; tries < EXIT_TRIES && (status == ERR_NO_MEMORY || status == ERR_CRASHED);
         tries++)
        status = process_exit (nucleus_link (INTERFACE_process), &request, &reply);
}

/* The task is over: its user mode goes, and the process manager is told. */
static void
task_end (struct task *task)
{
    struct umode_free_req free_request = { .task = task->id };
    struct umode_free_rep free_reply;
    struct nucleus *n = nucleus ();
    bool process      = true;

    task->state            = TASK_ENDING;
    task->fiber->cancelled = false; /* that was for what the program waited for */
    task_cancel_forget (task);
    space_put (task->space);
    task->space = NULL;
    if (task->guest != NULL) {
        process = !guest_leave (task);
        guest_free (task);
    } else {
        umode_free (nucleus_link (INTERFACE_umode), &free_request, &free_reply);
    }
    if (process)
        exit_tell (task);
    if (process && task->pid == 1)
        nucleus_halt ((task->reason & 0x7f) != 0 ? 128 + (task->reason & 0x7f)
                                                 : task->reason >> 8 & 0xff,
                      "");
    if (n->running == task)
        task_leaves_cpu (task);
    task_free (task);
}

/* When user mode must come back at the latest: at the end of its slice, or for a timer. */
static uint64_t
task_runs_until (const struct task *task)
{
    const struct timer_event *event = event_queue_first (&nucleus ()->events);

    return event != NULL && event->at < task->slice_end ? event->at : task->slice_end;
}

/* Lets user mode run until it traps. Where it is in this domain the switch is made right here,
 * with the same frame and counters as in link_call: behind calls it would cost a wrong guess of the
 * CPU for each of their returns, several times what the system call takes else. */
static inline __attribute__ ((always_inline)) enum status
task_resume (const struct task *task, Link *user, int64_t result, struct umode_resume_rep *trap)
{
    struct umode_resume_req request
        = { .task = task->id, .result = result, .until = task_runs_until (task) };
    struct runtime *runtime = here;
    enum status status      = ERR_INVALID;
    struct user_flow *flow;
    struct frame frame;

    if (PLAN->components[COMPONENT_USER].route != runtime->domain || faults_on ())
        return umode_resume (user, &request, trap);
    frame_call (&frame, runtime, user, umode_OP_resume, trap);
    runtime->token.now = frame.start + PLAN->cost.direct_call;
    flow               = user_resume_begin (&request);
    if (flow != NULL) {
        context_switch (&flow->kernel, &flow->program);
        user_resume_end (flow, trap);
        status = OK;
    }
    return frame_leave (&frame, runtime, status, PLAN->cost.direct_call, GATE_DIRECT, true);
}

void
task_main (void *argument)
{
    struct task *task  = argument;
    struct nucleus *n  = nucleus ();
    Link *user         = nucleus_link (INTERFACE_umode);
    int64_t result     = 0;

    for (;;) {
        struct umode_resume_rep trap;
        enum status status;
        uint64_t start;

        if (brake_is_on ())
            brake_look (); /* a program that only computes comes by nowhere else */
        task_edge (task);
        if (task->ending)
            break;
        here->token.call = ++n->next_call;
        if (task->guest != NULL) {
            guest_step (task);
            continue;
        }
        status = task_resume (task, user, result, &trap);
        if (status != OK) {
            nucleus_halt (126, "the domain of the programs died");
            task->ending = true;
            task->reason = WAIT_KILLED (9);
            break;
        }
        if (trap.trap != TRAP_CALL)
            continue;
        n->syscalls++;
        for (;;) {
            start  = here->token.now;
            result = personality_call (task, trap.number, trap.argument);
            task_syscall_event (task, 0, trap.number, result, start);
            if (!task->stop || task->ending || !personality_interrupted (result))
                break;
            task_edge (task); /* stopped in the middle: once it goes on, the call is made anew */
        }
    }
    task_end (task);
}
