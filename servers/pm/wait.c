/* wait: how a process ends, and who learns of it.
 *
 * A process that ends gives back its files and alarm first and is a zombie after that, so
 * that whoever waited for it finds all it wrote. A zombie goes when its parent has waited
 * for it; at once if its parent is the machine, or ignores the signal for it.
 */
#include "pm/pm.h"
#include "text.h"

#define CYCLES_EXIT 4000u
#define CYCLES_WAIT 700u

/* Signals that mean a program's mistake; worth a line in the log. */
#define SIGNALS_OF_FAULTS                                                                  \
    (1ull << 4 | 1ull << 5 | 1ull << 6 | 1ull << 7 | 1ull << 8 | 1ull << 11 | 1ull << 31)

/* ---- waiting ---- */

static bool
pm_matches (const struct process *child, int32_t which, uint32_t group)
{
    if (which == -1)
        return true;
    if (which > 0)
        return child->pid == (uint32_t)which;
    return child->group == (which == 0 ? group : (uint32_t) - (int64_t)which);
}

static void
pm_reap (Component *self, struct process *zombie)
{
    if (zombie->parent != NULL) {
        pm_use_add (&zombie->parent->children, &zombie->use);
        pm_use_add (&zombie->parent->children, &zombie->children);
    }
    pm_remove (self, zombie);
}

/* False: there is none that the waiter wants. */
static bool
pm_take_news (Component *self, struct process *child, uint32_t flags,
              struct process_wait_rep *rep)
{
    bool keep = (flags & WAIT_KEEP) != 0;

    *rep = (struct process_wait_rep){ .pid = child->pid, .uid = child->uids.real };
    if (child->life == PM_ZOMBIE && (flags & WAIT_NO_ENDED) == 0) {
        struct pm_use all = child->use;

        pm_use_add (&all, &child->children);
        rep->status = child->status;
        rep->cpu_ns = all.cpu_ns;
        rep->faults = all.faults;
        rep->slow   = all.slow;
        rep->peak   = all.peak;
        if (!keep)
            pm_reap (self, child);
    } else if ((flags & WAIT_UNTRACED) != 0 && child->stop_report != 0) {
        rep->status = WAIT_STOPPED (child->stop_report);
        child->stop_report = keep ? child->stop_report : 0;
    } else if ((flags & WAIT_REPORT_CONTINUED) != 0 && child->continued) {
        rep->status = WAIT_CONTINUED;
        child->continued = keep;
    } else {
        return false;
    }
    return true;
}

/* DEFERRED: there are such children, but no news of them. */
static enum status
pm_try_wait (Component *self, struct process *parent, const struct pm_waiter *waiter,
             struct process_wait_rep *rep)
{
    bool any = false;

    for (struct process *child = parent->child_first; child != NULL;
         child = child->sibling_next) {
        if (!pm_matches (child, waiter->which, waiter->group))
            continue;
        any = true;
        if (pm_take_news (self, child, waiter->flags, rep))
            return OK;
    }
    return any ? DEFERRED : ERR_NO_CHILD;
}

void
pm_wake_waiters (Component *self, struct process *parent)
{
    struct pm_waiter **link = parent != NULL ? &parent->waiters : NULL;

    while (link != NULL && *link != NULL) {
        struct pm_waiter *waiter = *link;
        struct process_wait_rep rep;
        enum status status = pm_try_wait (self, parent, waiter, &rep);

        if (status == DEFERRED) {
            link = &waiter->next;
            continue;
        }
        *link = waiter->next;
        call_reply (self, &waiter->call, status, status == OK ? &rep : NULL);
        component_free (self, waiter);
    }
}

enum status
pm_wait (Component *self, struct call *call, const struct process_wait_req *req,
         struct process_wait_rep *rep)
{
    struct process *process = pm_find (component_state (self), req->process);
    struct pm_waiter wanted = { .call = *call, .which = req->which, .flags = req->flags };
    const uint32_t known = WAIT_NO_HANG | WAIT_UNTRACED | WAIT_REPORT_CONTINUED | WAIT_KEEP
                           | WAIT_NO_ENDED;
    struct pm_waiter *waiter, **link;
    enum status status;

    component_charge (self, CYCLES_WAIT);
    if (process == NULL || process->life != PM_LIVE)
        return ERR_NO_PROCESS;
    if ((req->flags & ~known) != 0)
        return ERR_INVALID;
    wanted.group = process->group;
    status = pm_try_wait (self, process, &wanted, rep);
    if (status != DEFERRED)
        return status;
    if ((req->flags & WAIT_NO_HANG) != 0) {
        *rep = (struct process_wait_rep){ 0 };
        return OK;
    }
    waiter = component_alloc (self, sizeof *waiter);
    if (waiter == NULL)
        return ERR_NO_MEMORY;
    *waiter = wanted;
    for (link = &process->waiters; *link != NULL;)
        link = &(*link)->next;
    *link = waiter;
    return DEFERRED;
}

void
pm_cancel (Component *self, const struct call *call)
{
    const struct pm *pm = component_state (self);

    for (struct process *process = pm->first; process != NULL; process = process->pid_next)
        for (struct pm_waiter **link = &process->waiters; *link != NULL;
             link = &(*link)->next) {
            struct pm_waiter *waiter = *link;

            if (waiter->call.domain != call->domain || waiter->call.fiber != call->fiber
                || waiter->call.generation != call->generation)
                continue;
            *link = waiter->next;
            call_reply (self, &waiter->call, ERR_INTERRUPTED, NULL);
            component_free (self, waiter);
            return;
        }
}

/* ---- ending ---- */

static void
pm_log_fault (Component *self, const struct process *process)
{
    struct log_write_req write = { .level = 6, .source = "pm" };
    struct log_write_rep written;
    uint32_t signal = process->status & 0x7f;
    char line[64];
    struct text text;

    if (component_link (self, PM_LOG) == NULL || signal == 0
        || (SIGNALS_OF_FAULTS >> signal & 1) == 0)
        return;
    text_init (&text, line, sizeof line);
    text_append (&text, process->name);
    text_char (&text, '[');
    text_number (&text, process->pid);
    text_append (&text, "] was killed by signal ");
    text_number (&text, signal);
    write.from.data = line;
    write.from.length = (uint32_t)text.length;
    log_write (component_link (self, PM_LOG), &write, &written);
}

/* Gives back what other components hold for it. Blocks. */
static void
pm_let_go (Component *self, struct process *process)
{
    struct file_release_req files = { .process = process->pid };
    struct file_release_rep no_files;
    struct clock_release_req alarm = { .process = process->pid };
    struct clock_release_rep no_alarm;

    file_release (component_link (self, PM_FILES), &files, &no_files);
    if (component_link (self, PM_CLOCK) != NULL)
        clock_release (component_link (self, PM_CLOCK), &alarm, &no_alarm);
    pm_log_fault (self, process);
    process->use = pm_used (self, process);
}

/* It is a zombie now: its parent learns of it, or nobody wants to know. */
static void
pm_announce (Component *self, struct process *zombie)
{
    struct process *parent = zombie->parent;

    if (parent == NULL || (parent->ignored & SIGNAL_BIT (SIGNAL_CHILD)) != 0)
        pm_reap (self, zombie);
    pm_wake_waiters (self, parent);
}

static void
pm_orphan (Component *self, struct process *process)
{
    struct process *init = pm_find (component_state (self), PM_INIT);

    if (init == process || (init != NULL && init->life != PM_LIVE))
        init = NULL;
    while (process->child_first != NULL) {
        struct process *child = process->child_first;

        pm_adopt (child, init);
        if (child->life == PM_ZOMBIE)
            pm_announce (self, child);
    }
}

enum status
pm_exit (Component *self, struct call *call, const struct process_exit_req *req,
         struct process_exit_rep *rep)
{
    struct process *process = pm_find (component_state (self), req->process);
    struct signal_info news;
    uint32_t parent;

    (void)call;
    (void)rep;
    component_charge (self, CYCLES_EXIT);
    if (process == NULL || process->life != PM_LIVE)
        return ERR_NO_PROCESS;
    /* ENDING keeps everybody else off, so it is still there after the calls. */
    process->life = PM_ENDING;
    process->status = req->status;
    process->stopped = false;
    process->stop_report = 0;
    process->continued = false;
    pm_let_go (self, process);
    while (process->waiters != NULL) {
        struct call waiting = process->waiters->call;

        pm_cancel (self, &waiting);
    }
    pm_orphan (self, process);
    process->life = PM_ZOMBIE;
    parent        = process->parent != NULL ? process->parent->pid : 0;
    news          = pm_news_of (process,
                                (process->status & 0x7f) != 0 ? SIGNAL_CHILD_KILLED
                                                              : SIGNAL_CHILD_EXITED,
                                process->status);
    pm_announce (self, process);
    if (parent != 0)
        pm_notify (self, parent, &news);
    return OK;
}
