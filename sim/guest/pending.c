/* pending: signals that have come and that the program has not seen yet, oldest first.
 *
 * Of an ordinary signal there is one at most; those for real time queue, as many as there were. Of a
 * timer there is one at most: it counts how often it would have come since.
 * Without memory an ordinary signal is there all the same, and nothing is known of it. */
#include "guest/guest.h"
#include "nucleus/nucleus.h"

#define PENDING_MAX      1024u /* in one queue: any program may fill another one's */
#define FIRST_FOR_QUEUES 32u

struct guest_signal_due {
    struct guest_signal_due *next;
    struct signal_info info;
};

static uint64_t
bit (uint32_t signal)
{
    return 1ull << (signal - 1);
}

/* Is there another one of this signal? */
static bool
has (const struct guest_pending *pending, uint32_t signal)
{
    for (const struct guest_signal_due *due = pending->first; due != NULL; due = due->next)
        if (due->info.signal == signal)
            return true;
    return false;
}

/* The timer's last one has not been seen yet. */
static bool
overruns (const struct guest_pending *pending, const struct signal_info *info)
{
    struct guest_signal_due *due = pending->first;

    while (due != NULL && (due->info.timer != info->timer || due->info.signal != info->signal))
        due = due->next;
    if (info->timer == 0 || due == NULL)
        return false;
    due->info.status += due->info.status < INT32_MAX - info->status - 1 ? info->status + 1 : 0;
    return true;
}

enum status
guest_pending_add (struct guest_pending *pending, const struct signal_info *info)
{
    bool queues = info->signal >= FIRST_FOR_QUEUES;
    struct guest_signal_due *due, **link = &pending->first;

    if (overruns (pending, info) || (!queues && (pending->set & bit (info->signal)) != 0))
        return OK;
    due = pending->count < PENDING_MAX
              ? component_alloc (COMPONENT (COMPONENT_NUCLEUS), sizeof *due)
              : NULL;
    if (due == NULL && queues)
        return ERR_AGAIN;
    pending->set |= bit (info->signal);
    if (due == NULL)
        return OK;
    due->info = *info;
    pending->count++;
    while (*link != NULL)
        link = &(*link)->next;
    *link = due;
    return OK;
}

bool
guest_pending_take (struct guest_pending *pending, uint64_t wanted, struct signal_info *info)
{
    uint64_t there = pending->set & wanted;
    struct guest_signal_due **link, *due;

    if (there == 0)
        return false;
    *info = (struct signal_info){ .signal = (uint32_t)__builtin_ctzll (there) + 1 };
    for (link = &pending->first; *link != NULL && (*link)->info.signal != info->signal;)
        link = &(*link)->next;
    due = *link;
    if (due != NULL) {
        *info = due->info;
        *link = due->next;
        pending->count--;
        component_free (COMPONENT (COMPONENT_NUCLEUS), due);
    }
    if (!has (pending, info->signal))
        pending->set &= ~bit (info->signal);
    return true;
}

void
guest_pending_drop (struct guest_pending *pending, uint64_t set)
{
    struct signal_info info;

    while (guest_pending_take (pending, set, &info)) {
    }
}

bool
guest_signal_take (struct task *task, uint64_t wanted, struct signal_info *info)
{
    struct guest *guest = task->guest;

    return guest_pending_take (&guest->signals.pending, wanted, info)
           || guest_pending_take (&guest->group->pending, wanted, info);
}

enum status
guest_signal (struct task *task, uint32_t tid, const struct signal_info *info)
{
    struct guest_group *group = task->guest->group;
    enum status status;

    if (task->ending)
        return OK;
    if (tid != 0) {
        struct task *thread = group->first;

        while (thread != NULL && thread->guest->tid != tid)
            thread = thread->guest->next;
        if (thread == NULL)
            return ERR_NO_PROCESS; /* it has ended meanwhile */
        status = guest_pending_add (&thread->guest->signals.pending, info);
        if ((thread->guest->signals.blocked & bit (info->signal)) == 0)
            task_interrupt (thread);
        return status;
    }
    status = guest_pending_add (&group->pending, info);
    for (struct task *thread = group->first; thread != NULL; thread = thread->guest->next)
        if ((thread->guest->signals.blocked & bit (info->signal)) == 0) {
            task_interrupt (thread);
            break;
        }
    return status;
}
