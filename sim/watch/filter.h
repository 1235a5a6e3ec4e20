/* filter: which events are meant: by a breakpoint, or by somebody who watches the calls. */
#ifndef SIM_FILTER_H
#define SIM_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/machine.h"

#define FILTER_ALL                                                                      \
    ((struct event_filter){ .component = FILTER_ANY, .from = FILTER_ANY, .to = FILTER_ANY,   \
                            .kind = FILTER_ANY, .interface = FILTER_ANY,                     \
                            .operation = FILTER_ANY, .status = FILTER_ANY })

static inline bool
filter_same (const struct event_filter *a, const struct event_filter *b)
{
    return a->component == b->component && a->from == b->from && a->to == b->to
           && a->kind == b->kind && a->interface == b->interface && a->operation == b->operation
           && a->status == b->status && a->inverse == b->inverse && a->by_task == b->by_task
           && a->by_call == b->by_call && a->task == b->task && a->call == b->call;
}

/* A system call answers with the error number of its personality, which is no status. */
static inline bool
filter_status_agrees (const struct event_filter *filter, const struct event *event)
{
    if (filter->status == FILTER_ANY)
        return true;
    if (filter->status == FILTER_REFUSED)
        return event->status != OK;
    return filter->status == event->status && (event->kind != EVENT_SYSCALL || event->status == OK);
}

static inline bool
filter_agrees (const struct event_filter *filter, const struct event *event)
{
    bool all = (filter->component == FILTER_ANY || filter->component == event->from
                || filter->component == event->to)
               && (filter->from == FILTER_ANY || filter->from == event->from)
               && (filter->to == FILTER_ANY || filter->to == event->to)
               && (filter->kind == FILTER_ANY || filter->kind == event->kind)
               && (filter->interface == FILTER_ANY || filter->interface == event->interface)
               && (filter->operation == FILTER_ANY || filter->operation == event->operation)
               && (!filter->by_task || filter->task == event->task)
               && (!filter->by_call || filter->call == event->call)
               && filter_status_agrees (filter, event);

    return all != filter->inverse;
}

#endif
