/* control_read: looking into memory that somebody else writes, while he writes it.
 *
 * A domain may be hostile. Every pointer found in its memory is copied, checked to lie in the
 * memory of its component with all that is read there, and only the copy is used. Numbers and
 * texts are believed as far as they only show: who lies about himself is shown the lie.
 */
#include <string.h>

#include "board/control_inside.h"
#include "gate/gate.h"
#include "log/log.h"
#include "nucleus/nucleus.h"
#include "pm/pm.h"

/* Chains that somebody else writes may be circles. */
#define CHAIN_MAX 65536u

/* Nothing is read twice: the copy is the truth. */
static void
copy (void *to, const void *from, size_t bytes)
{
    memcpy (to, from, bytes);
    __asm__ volatile ("" : : "r"(to) : "memory");
}

static bool
lies_in (uint64_t base, uint64_t length, const void *from, size_t bytes)
{
    uint64_t at = (uint64_t)(uintptr_t)from;

    return bytes <= length && at >= base && at - base <= length - bytes;
}

bool
read_component (uint32_t component, const void *from, void *to, size_t bytes)
{
    if (!lies_in (ADDRESS_COMPONENT (component),
                  COMPONENT_HEADER_BYTES + PLAN->components[component].arena_bytes, from, bytes))
        return false;
    copy (to, from, bytes);
    return true;
}

bool
read_state (uint32_t component, void *to, size_t bytes)
{
    const void *state;

    copy (&state, &COMPONENT (component)->state, sizeof state);
    return read_component (component, state, to, bytes);
}

int
read_component_of (const char *class_name)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (strcmp (PLAN->components[c].class_->name, class_name) == 0)
            return (int)c;
    return -1;
}

/* ---- who runs ---- */

/* The component that a link leads to; -1: it is no link. */
static int
target_of (const Link *link)
{
    uint64_t offset = (uint64_t)(uintptr_t)link - (uint64_t)(uintptr_t)PLAN->links;

    if (offset / sizeof *link >= PLAN->link_count || offset % sizeof *link != 0)
        return -1;
    return link->target;
}

/* What the fiber that runs in this domain works on. */
static int
component_running (uint32_t domain)
{
    const struct runtime *runtime = RUNTIME (domain);
    const struct fiber *at;
    struct fiber fiber;
    struct frame frame;
    int nobody = domain == DOMAIN_KERNEL ? (int)COMPONENT_NUCLEUS : -1;

    copy (&at, &runtime->fiber, sizeof at);
    if (at == NULL)
        return nobody;
    if (!lies_in (ADDRESS_RUNTIME (domain), RUNTIME_BYTES (PLAN->fibers_max), at, sizeof fiber))
        return -1;
    copy (&fiber, at, sizeof fiber);
    if (fiber.frame == NULL)
        return nobody;
    if (!lies_in (ADDRESS_RUNTIME (domain), RUNTIME_BYTES (PLAN->fibers_max), fiber.frame,
                  sizeof frame))
        return -1;
    copy (&frame, fiber.frame, sizeof frame);
    if (frame.link != NULL)
        return target_of (frame.link);
    if (fiber.serving && fiber.request.kind == MESSAGE_CALL
        && fiber.request.link < PLAN->link_count)
        return PLAN->links[fiber.request.link].target;
    if (fiber.serving && fiber.request.kind == MESSAGE_UPCALL
        && fiber.request.link < PLAN->component_count)
        return fiber.request.link;
    return nobody;
}

struct machine_now
read_now (void)
{
    struct machine_now now = { .domain = -1, .component = -1 };
    struct token token;

    copy (&token, &RUNTIME (DOMAIN_KERNEL)->token, sizeof token);
    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        if (atomic_load (&PLAN->domains[d].state) != DOMAIN_UP
            || !atomic_load (&RUNTIME (d)->running))
            continue;
        if (d != DOMAIN_KERNEL)
            copy (&token, &RUNTIME (d)->token, sizeof token);
        now.domain    = (int)d;
        now.component = component_running (d);
        if (d != DOMAIN_KERNEL)
            break;
    }
    now.cycles = token.now;
    now.events = token.event;
    now.trace  = token.trace;
    now.task   = token.task;
    return now;
}

/* ---- the nucleus ---- */

void
read_counters (uint64_t *switches, uint64_t *syscalls, uint32_t *tasks)
{
    struct nucleus n;

    *switches = *syscalls = *tasks = 0;
    if (!read_state (COMPONENT_NUCLEUS, &n, sizeof n))
        return;
    *switches = n.switches;
    *syscalls = n.syscalls;
    *tasks    = n.tasks.alive;
}

/* Names of processes, as the process manager has them. */
static void
tasks_name (struct read_task *tasks, unsigned count)
{
    int manager = read_component_of ("pm");
    struct process process;
    struct pm pm;

    if (manager < 0 || !read_state ((uint32_t)manager, &pm, sizeof pm))
        return;
    process.pid_next = pm.first;
    for (unsigned steps = 0; process.pid_next != NULL && steps < CHAIN_MAX; steps++) {
        if (!read_component ((uint32_t)manager, process.pid_next, &process, sizeof process))
            return;
        for (unsigned i = 0; i < count; i++)
            if (tasks[i].pid == process.pid)
                memcpy (tasks[i].name, process.name, sizeof process.name);
    }
}

unsigned
read_tasks (struct read_task *tasks, unsigned max)
{
    unsigned count = 0;
    struct nucleus n;

    if (!read_state (COMPONENT_NUCLEUS, &n, sizeof n))
        return 0;
    for (uint32_t id = 1; id <= n.tasks.count && id <= PLAN->tasks_max && count < max; id++) {
        const struct task *at;
        struct task task;

        if (!read_component (COMPONENT_NUCLEUS, n.tasks.table + id, &at, sizeof at)
            || !read_component (COMPONENT_NUCLEUS, at, &task, sizeof task))
            break;
        if (task.state == TASK_FREE)
            continue;
        tasks[count++] = (struct read_task){ .task     = id,
                                             .pid      = task.pid,
                                             .state    = task.state,
                                             .priority = task.priority,
                                             .cpu      = task.use.cpu };
    }
    tasks_name (tasks, count);
    return count;
}

/* ---- the log ---- */

size_t
read_log (uint64_t *cursor, char *text, size_t max)
{
    int component = read_component_of ("log");
    struct log log;
    size_t bytes = 0;

    if (component < 0 || !read_state ((uint32_t)component, &log, sizeof log)
        || log.ring_bytes == 0 || log.ring_bytes > PLAN->components[component].arena_bytes
        || log.end - log.first > log.ring_bytes)
        return 0;
    if (*cursor < log.first || *cursor > log.end)
        *cursor = log.first;
    while (*cursor < log.end && bytes < max) {
        uint64_t offset = *cursor % log.ring_bytes;
        size_t piece    = MIN (MIN (log.ring_bytes - offset, log.end - *cursor), max - bytes);

        if (!read_component ((uint32_t)component, log.ring + offset, text + bytes, piece))
            return bytes;
        bytes += piece;
        *cursor += piece;
    }
    return bytes;
}
