/* table: all processes: found by pid, listed by rising pid, and as a tree. It grows as
 * needed. A pid comes back only after all others have been given out. */
#include <string.h>

#include "pm/pm.h"

#define BUCKETS_FIRST 64u

static struct process **
pm_bucket (const struct pm *pm, uint32_t pid)
{
    return &pm->buckets[pid & (pm->bucket_count - 1)];
}

struct process *
pm_find (const struct pm *pm, uint32_t pid)
{
    struct process *process = pm->bucket_count > 0 ? *pm_bucket (pm, pid) : NULL;

    while (process != NULL && process->pid != pid)
        process = process->hash_next;
    return process;
}

struct process *
pm_find_from (const struct pm *pm, uint32_t pid)
{
    struct process *process = pm_find (pm, pid);

    if (process != NULL)
        return process;
    for (process = pm->first; process != NULL && process->pid < pid;)
        process = process->pid_next;
    return process;
}

/* Doubles the hash table when it is full. Failing to is no harm: the chains grow longer. */
static void
pm_grow (Component *self, struct pm *pm)
{
    uint32_t bucket_count = pm->bucket_count > 0 ? 2 * pm->bucket_count : BUCKETS_FIRST;
    struct process **buckets;

    if (pm->count < pm->bucket_count)
        return;
    buckets = component_alloc (self, bucket_count * sizeof (struct process *));
    if (buckets == NULL)
        return;
    if (pm->buckets != NULL)
        component_free (self, pm->buckets);
    pm->buckets = buckets;
    pm->bucket_count = bucket_count;
    for (struct process *process = pm->first; process != NULL;
         process = process->pid_next) {
        struct process **bucket = pm_bucket (pm, process->pid);

        process->hash_next = *bucket;
        *bucket = process;
    }
}

/* A pid that is neither a process's nor a group's nor a session's. 0: none is left. */
static uint32_t
pm_new_pid (const struct pm *pm)
{
    uint32_t pid = pm->last_pid;

    for (uint32_t tries = 0; tries < PM_PID_MAX; tries++) {
        bool used = false;

        pid = pid < PM_PID_MAX ? pid + 1 : 2; /* the first process is init, and stays it */
        used = pm_find (pm, pid) != NULL;
        /* Before the numbers wrap for the first time nobody can have a higher one. */
        if (pm->births >= PM_PID_MAX)
            for (const struct process *other = pm->first; other != NULL && !used;
                 other = other->pid_next)
                used = other->group == pid || other->session == pid;
        if (!used)
            return pid;
    }
    return 0;
}

static void
pm_link_pid (struct pm *pm, struct process *process)
{
    struct process *before = pm->last;

    while (before != NULL && before->pid > process->pid)
        before = before->pid_previous;
    process->pid_previous = before;
    process->pid_next = before != NULL ? before->pid_next : pm->first;
    if (before != NULL)
        before->pid_next = process;
    else
        pm->first = process;
    if (process->pid_next != NULL)
        process->pid_next->pid_previous = process;
    else
        pm->last = process;
}

static void
pm_unlink_parent (struct process *process)
{
    struct process *parent = process->parent;

    if (parent == NULL)
        return;
    if (process->sibling_previous != NULL)
        process->sibling_previous->sibling_next = process->sibling_next;
    else
        parent->child_first = process->sibling_next;
    if (process->sibling_next != NULL)
        process->sibling_next->sibling_previous = process->sibling_previous;
    else
        parent->child_last = process->sibling_previous;
    process->sibling_next = process->sibling_previous = NULL;
    process->parent = NULL;
}

void
pm_adopt (struct process *process, struct process *parent)
{
    pm_unlink_parent (process);
    process->parent = parent;
    if (parent == NULL)
        return;
    process->sibling_previous = parent->child_last;
    if (parent->child_last != NULL)
        parent->child_last->sibling_next = process;
    else
        parent->child_first = process;
    parent->child_last = process;
}

struct process *
pm_add (Component *self, struct process *parent)
{
    struct pm *pm = component_state (self);
    struct process *process;
    struct process **bucket;
    uint32_t pid;

    pm_grow (self, pm);
    if (pm->bucket_count == 0)
        return NULL;
    pid = pm_new_pid (pm);
    process = pid != 0 ? component_alloc (self, sizeof *process) : NULL;
    if (process == NULL)
        return NULL;
    process->pid = pid;
    process->life = PM_BORN;
    process->birth = ++pm->births;
    process->start_ns = component_now_ns (self);
    bucket = pm_bucket (pm, pid);
    process->hash_next = *bucket;
    *bucket = process;
    pm->last_pid = pid;
    pm->count++;
    pm_link_pid (pm, process);
    pm_adopt (process, parent);
    return process;
}

void
pm_remove (Component *self, struct process *process)
{
    struct pm *pm = component_state (self);
    struct process **link = pm_bucket (pm, process->pid);

    pm_unlink_parent (process);
    while (*link != process)
        link = &(*link)->hash_next;
    *link = process->hash_next;
    if (process->pid_previous != NULL)
        process->pid_previous->pid_next = process->pid_next;
    else
        pm->first = process->pid_next;
    if (process->pid_next != NULL)
        process->pid_next->pid_previous = process->pid_previous;
    else
        pm->last = process->pid_previous;
    pm->count--;
    component_free (self, process->groups);
    component_free (self, process);
}

bool
pm_group_exists (const struct pm *pm, uint32_t group, uint32_t session)
{
    for (const struct process *process = pm->first; process != NULL;
         process = process->pid_next)
        if (process->group == group && process->session == session)
            return true;
    return false;
}
