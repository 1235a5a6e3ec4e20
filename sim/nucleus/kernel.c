/* kernel: the nucleus's answers to what components ask of it (interfaces/kernel.def). */
#include <string.h>

#include "nucleus/nucleus.h"
#include "nucleus/strings.h"
#include "personalities/linux/linux.h"
#include "servers/text.h"
#include "watch/stats.h"

/* Some 97 years: twice that is all that virtual time can count. */
#define TIMER_MAX_NS (CYCLES_TO_NS (UINT64_MAX) / 2)

static enum status
kernel_timer_handler (Component *self, struct call *call, const struct kernel_timer_req *req,
                      struct kernel_timer_rep *rep)
{
    (void)rep;
    if (req->at_ns > TIMER_MAX_NS)
        return OK; /* never */
    return event_queue_add (self, &nucleus ()->events, NS_TO_CYCLES (req->at_ns),
                            gate_caller (call), req->cookie);
}

/* Is there a file of that name that is a program? A bare name is no path. */
static enum status
make_real (struct task *task, const struct kernel_task_make_req *req)
{
    const char *path = req->from.data;
    size_t length    = strnlen (path, req->from.length);
    struct guest_program program;

    if (length == req->from.length || memchr (path, '/', length) == NULL)
        return ERR_NOT_FOUND;
    program = (struct guest_program){ .path        = path,
                                      .strings     = path + length + 1,
                                      .bytes       = req->from.length - (uint32_t)length - 1,
                                      .arguments   = req->argument_count,
                                      .environment = req->environment_count };
    return guest_make (task, &program);
}

/* A program of ours; "/bin/ls" is one too, if there is no file of that name. */
static enum status
make_built_in (struct task *task, const struct kernel_task_make_req *req)
{
    struct umode_make_req make = { .task              = task->id,
                                   .argument_count    = req->argument_count,
                                   .environment_count = req->environment_count,
                                   .from              = req->from };
    struct umode_make_rep made;
    const char *path   = req->from.data;
    uint32_t first     = (uint32_t)strnlen (path, req->from.length) + 1;
    enum status status = first <= req->from.length
                             ? umode_make (nucleus_link (INTERFACE_umode), &make, &made)
                             : ERR_INVALID;

    if (status == OK)
        strings_set (task, path, path + first, req->from.length - first, req->argument_count);
    return status;
}

static enum status
kernel_task_make_handler (Component *self, struct call *call,
                          const struct kernel_task_make_req *req,
                          struct kernel_task_make_rep *rep)
{
    struct task *task = task_new (req->pid);
    struct guest_rights rights;
    enum status status;

    (void)self;
    (void)call;
    if (task == NULL)
        return ERR_TASKS;
    status = PLAN->ram_bytes != 0 ? make_real (task, req) : ERR_NOT_FOUND;
    if (status == ERR_NOT_FOUND)
        status = make_built_in (task, req);
    if (status == ERR_NOT_FOUND && PLAN->ram_bytes == 0)
        status = make_real (task, req); /* says what is wrong */
    if (status != OK) {
        if (task->state == TASK_BORN) /* else somebody has killed it, and it ends by itself */
            task_free (task);
        return status;
    }
    rights      = task->guest != NULL ? task->guest->rights : (struct guest_rights){ 0 };
    rep->task   = task->id;
    rep->become = rights.become;
    rep->uid    = rights.uid;
    rep->gid    = rights.gid;
    return OK;
}

static enum status
kernel_task_fork_handler (Component *self, struct call *call,
                          const struct kernel_task_fork_req *req,
                          struct kernel_task_fork_rep *rep)
{
    struct task *parent = task_find (req->from), *child;
    enum status status;

    (void)self;
    (void)call;
    if (parent == NULL)
        return ERR_NO_PROCESS;
    if (parent->guest == NULL)
        return ERR_NOT_SUPPORTED;
    child = task_new (req->pid);
    if (child == NULL)
        return ERR_TASKS;
    child->priority = parent->priority;
    status          = guest_fork (parent, child, req->shared != 0);
    if (status != OK) {
        task_free (child);
        return status;
    }
    rep->task = child->id;
    return OK;
}

static enum status
kernel_task_signal_handler (Component *self, struct call *call,
                            const struct kernel_task_signal_req *req,
                            struct kernel_task_signal_rep *rep)
{
    struct task *task = task_find (req->task);

    (void)self;
    (void)call;
    (void)rep;
    if (task == NULL || task->guest == NULL)
        return ERR_NO_PROCESS;
    if (req->info.signal == 0 || req->info.signal >= GUEST_SIGNALS)
        return ERR_INVALID;
    return guest_signal (task, req->thread, &req->info);
}

static enum status
kernel_task_limit_handler (Component *self, struct call *call,
                           const struct kernel_task_limit_req *req,
                           struct kernel_task_limit_rep *rep)
{
    const struct limit limit = { req->soft, req->hard };
    struct task *task        = task_find (req->task);

    (void)self;
    (void)call;
    (void)rep;
    if (task == NULL)
        return ERR_NO_PROCESS;
    return task->guest != NULL ? guest_limit (task, req->which, &limit) : OK;
}

static enum status
kernel_task_run_handler (Component *self, struct call *call,
                         const struct kernel_task_run_req *req, struct kernel_task_run_rep *rep)
{
    struct task *task = task_find (req->task);

    (void)self;
    (void)call;
    (void)rep;
    if (task == NULL)
        return ERR_NO_PROCESS;
    task_start (task);
    return OK;
}

static enum status
kernel_task_kill_handler (Component *self, struct call *call,
                          const struct kernel_task_kill_req *req,
                          struct kernel_task_kill_rep *rep)
{
    struct task *task = task_find (req->task);

    (void)self;
    (void)call;
    (void)rep;
    if (task == NULL)
        return ERR_NO_PROCESS;
    task_kill (task, req->reason);
    return OK;
}

static enum status
kernel_task_stop_handler (Component *self, struct call *call,
                          const struct kernel_task_stop_req *req,
                          struct kernel_task_stop_rep *rep)
{
    struct task *task = task_find (req->task);

    (void)self;
    (void)call;
    (void)rep;
    if (task == NULL)
        return ERR_NO_PROCESS;
    task_stop (task, req->stop != 0);
    return OK;
}

static enum status
kernel_task_info_handler (Component *self, struct call *call,
                          const struct kernel_task_info_req *req,
                          struct kernel_task_info_rep *rep)
{
    struct task *task = task_find (req->task);
    struct task_use use;

    (void)self;
    (void)call;
    if (task == NULL)
        return ERR_NO_PROCESS;
    use         = task_use_of_process (task);
    rep->cpu_ns = CYCLES_TO_NS (use.cpu);
    rep->faults = use.faults;
    rep->slow   = use.slow;
    rep->peak   = task->guest != NULL ? guest_peak (task->guest) : task->peak;
    rep->state  = task->state;
    rep->waits  = task->state == TASK_BLOCKED;
    return OK;
}

static enum status
kernel_task_priority_handler (Component *self, struct call *call,
                              const struct kernel_task_priority_req *req,
                              struct kernel_task_priority_rep *rep)
{
    struct task *task = task_find (req->task);

    (void)self;
    (void)call;
    (void)rep;
    if (task == NULL)
        return ERR_NO_PROCESS;
    task->priority = req->priority;
    return OK;
}

static enum status
kernel_components_handler (Component *self, struct call *call,
                           const struct kernel_components_req *req,
                           struct kernel_components_rep *rep)
{
    uint32_t done = 0;

    (void)self;
    (void)call;
    for (uint32_t id = req->first;
         id < PLAN->component_count && done + sizeof (struct component_row) <= req->into.length;
         id++) {
        const struct plan_component *plan   = &PLAN->components[id];
        const struct component_stats *stats = STATS (id);
        struct component_row row            = { .id = id };

        memcpy (row.name, plan->name, sizeof row.name);
        strncpy (row.class_name, plan->class_->name, sizeof row.class_name - 1);
        memcpy (row.domain, PLAN->domains[plan->domain].name, sizeof row.domain);
        row.calls_in    = stats_calls_in (id);
        row.arena_bytes = stats->arena_used;
        for (uint32_t i = 0; i < plan->link_count; i++)
            row.calls_out += stats_calls (&stats->links[i]);
        memcpy ((uint8_t *)req->into.data + done, &row, sizeof row);
        done += sizeof row;
    }
    rep->done = done;
    return OK;
}

static enum status
kernel_tasks_handler (Component *self, struct call *call, const struct kernel_tasks_req *req,
                      struct kernel_tasks_rep *rep)
{
    const struct tasks *tasks = &nucleus ()->tasks;
    uint32_t done             = 0;

    (void)self;
    (void)call;
    for (uint32_t id = req->first != 0 ? req->first : 1;
         id <= tasks->count && done + sizeof (struct task_row) <= req->into.length; id++) {
        const struct task *task = tasks->table[id];
        struct task_row row     = { .task     = id,
                                    .pid      = task->pid,
                                    .state    = task->state,
                                    .priority = (uint32_t)task->priority,
                                    .cpu_ns   = CYCLES_TO_NS (task->use.cpu) };

        if (task->state == TASK_FREE)
            continue;
        memcpy ((uint8_t *)req->into.data + done, &row, sizeof row);
        done += sizeof row;
    }
    rep->done = done;
    return OK;
}

/* A line for each system call that programs wanted and that is not there:
 * `missing_call_NUMBER_NAME COUNT`. */
static void
tell_missing (struct text *text, const struct guests *guests)
{
    for (uint32_t number = 0; number <= GUEST_CALLS; number++) {
        if (guests->missing[number] == 0)
            continue;
        text_append (text, "missing_call_");
        if (number < GUEST_CALLS)
            text_number (text, number);
        else
            text_append (text, "higher");
        if (linux_call_name (number)[0] != '?') {
            text_char (text, '_');
            text_append (text, linux_call_name (number));
        }
        text_char (text, ' ');
        text_number (text, guests->missing[number]);
        text_char (text, '\n');
    }
}

static enum status
kernel_counters_handler (Component *self, struct call *call,
                         const struct kernel_counters_req *req, struct kernel_counters_rep *rep)
{
    const struct nucleus *n = nucleus ();
    struct text text;
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        { "syscalls", n->syscalls },
        { "context_switches", n->switches },
        { "events", here->token.event },
        { "tasks", n->tasks.alive },
        { "timers_pending", n->events.count },
        { "page_faults", n->guests.faults },
        { "host_clock_stops", n->guests.alarms },
        { "missing_calls", n->guests.missing_calls },
        { "busy_ns", CYCLES_TO_NS (n->busy) },
        { "uptime_ns", CYCLES_TO_NS (here->token.now) },
    };

    (void)self;
    (void)call;
    text_window (&text, req->into.data, req->into.length, req->offset);
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        text_append (&text, counters[i].name);
        text_char (&text, ' ');
        text_number (&text, counters[i].value);
        text_char (&text, '\n');
    }
    tell_missing (&text, &n->guests);
    rep->done = (uint32_t)text.length;
    return OK;
}

static enum status
kernel_print_handler (Component *self, struct call *call, const struct kernel_print_req *req,
                      struct kernel_print_rep *rep)
{
    struct nucleus *n = component_state (self);
    uint32_t bytes    = req->from.length;

    (void)call;
    (void)rep;
    if (bytes >= sizeof n->urgent)
        bytes = sizeof n->urgent - 1;
    if (bytes != 0)
        memcpy (n->urgent, req->from.data, bytes);
    n->urgent[bytes] = '\0';
    return OK;
}

static enum status
kernel_halt_handler (Component *self, struct call *call, const struct kernel_halt_req *req,
                     struct kernel_halt_rep *rep)
{
    (void)self;
    (void)call;
    (void)rep;
    nucleus_halt (req->status, "");
    return OK;
}

static enum status
kernel_strings_handler (Component *self, struct call *call, const struct kernel_strings_req *req,
                        struct kernel_strings_rep *rep)
{
    const struct task *task = task_of_process (req->pid);
    const char *text;
    uint32_t bytes, left;

    (void)self;
    (void)call;
    if (req->what > STRINGS_PATH)
        return ERR_INVALID;
    if (task == NULL)
        return ERR_NO_PROCESS;
    text = strings_of (task, (enum strings_what)req->what, &bytes);
    left = req->offset < bytes ? bytes - (uint32_t)req->offset : 0;
    if (left > req->into.length)
        left = req->into.length;
    if (left != 0)
        memcpy (req->into.data, text + req->offset, left);
    rep->done = left;
    return OK;
}

static enum status
kernel_ram_handler (Component *self, struct call *call, const struct kernel_ram_req *req,
                    struct kernel_ram_rep *rep)
{
    (void)self;
    (void)req;
    if (nucleus_link (INTERFACE_vm) != NULL
        && gate_caller (call) == nucleus_link (INTERFACE_vm)->target)
        spaces_lost ();
    rep->bytes = PLAN->ram_bytes;
    return OK;
}

static enum status
kernel_memory_handler (Component *self, struct call *call, const struct kernel_memory_req *req,
                       struct kernel_memory_rep *rep)
{
    const struct vm_order *orders = req->from.data;
    uint64_t bytes                = (uint64_t)req->orders * sizeof *orders;
    grant behind;

    (void)self;
    if (nucleus_link (INTERFACE_vm) == NULL
        || gate_caller (call) != nucleus_link (INTERFACE_vm)->target)
        return ERR_NOT_PERMITTED;
    if (bytes > req->from.length)
        return ERR_INVALID;
    behind = (grant){ .data   = (uint8_t *)req->from.data + bytes,
                      .length = req->from.length - (uint32_t)bytes };
    return space_obey (orders, req->orders, &behind, &req->into, &rep->done);
}

const struct kernel_ops kernel_operations = {
    .timer         = kernel_timer_handler,
    .task_make     = kernel_task_make_handler,
    .task_run      = kernel_task_run_handler,
    .task_fork     = kernel_task_fork_handler,
    .task_signal   = kernel_task_signal_handler,
    .task_limit    = kernel_task_limit_handler,
    .task_kill     = kernel_task_kill_handler,
    .task_stop     = kernel_task_stop_handler,
    .task_info     = kernel_task_info_handler,
    .task_priority = kernel_task_priority_handler,
    .components    = kernel_components_handler,
    .tasks         = kernel_tasks_handler,
    .counters      = kernel_counters_handler,
    .print         = kernel_print_handler,
    .halt          = kernel_halt_handler,
    .ram           = kernel_ram_handler,
    .memory        = kernel_memory_handler,
    .strings       = kernel_strings_handler,
};
