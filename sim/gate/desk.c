#include "gate/desk.h"

#include "fault/fault.h"
#include "gate/futex.h"
#include "gate/gate.h"
#include "gate/journal.h"
#include "interfaces/interfaces.h"

_Static_assert (sizeof (struct desk) == 2 * PAGE_BYTES, "the desk has a page for each side");

/* With all that goes wrong in rs, as in any call. */
static void
serve (unsigned operation, const void *request, void *reply)
{
    handler *const *handlers = (handler *const *)PLAN->components[PLAN->rs].class_->provides[0].operations;
    Component *self          = COMPONENT (PLAN->rs);

    struct fault_service service;
    bool attended = faults_on ();

    if (attended)
        fault_before (&service, self, INTERFACE_rs, operation);
    handlers[operation] (self, NULL, request, reply);
    if (attended)
        fault_after (&service, self);
}

static void
answer (const struct desk_ask *ask, struct rs_report_rep *decision)
{
    struct rs_done_rep nothing;

    if (ask->what == DESK_REPORT)
        serve (rs_OP_report, &ask->report, decision);
    else if (ask->what == DESK_DONE)
        serve (rs_OP_done, &ask->done, &nothing);
}

void
desk_replay (void)
{
    struct rs_report_rep decision;
    struct desk_ask ask;

    while (journal_ask (&ask, sizeof ask)) {
        answer (&ask, &decision);
        if (!JOURNAL (here->domain)->audit && ask.number == atomic_load (&DESK->asked))
            atomic_store (&DESK->answered, ask.number);
    }
}

/* It counts as running meanwhile: nobody takes a snapshot of something half done, and one that
 * never comes back from this is found as any other. */
void
desk_look (void)
{
    bool kernel = here->domain == DOMAIN_KERNEL;
    uint32_t asked;
    struct desk_ask ask;

    if (PLAN->rs == 0 || PLAN->components[PLAN->rs].domain != here->domain)
        return;
    asked = atomic_load_explicit (&DESK->asked, memory_order_acquire);
    if (asked == atomic_load_explicit (&DESK->answered, memory_order_relaxed))
        return;
    ask = DESK->ask;
    if (!COMPONENT (PLAN->rs)->unborn) { /* else it was asked of the life before */
        if (!kernel)
            atomic_store (&here->running, 1);
        if (journal_enabled ())
            journal_asked (&ask, sizeof ask);
        answer (&ask, &DESK->decision);
        if (!kernel)
            atomic_store (&here->running, 0);
    }
    atomic_store_explicit (&DESK->answered, asked, memory_order_release);
    futex_wake (&DESK->answered);
}
