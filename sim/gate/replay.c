/* replay: a fresh process does again what the journal says, up to where the one before it
 * died.
 *
 * Each message that was taken was answered by one; the last perhaps not yet. What was sent is
 * not sent again: it is compared with what the journal says that it was. The first thing that
 * was not sent is sent for real, and from then on the domain lives as before.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gate/desk.h"
#include "gate/dispatch.h"
#include "gate/journal.h"

/* Has the message to which this one led really gone out? Only of the last one is that in
 * doubt: our own half tells. */
static bool
was_posted (const struct journal_sent *sent)
{
    return !journal_is_last ()
           || (sent->to < PLAN->domain_count
               && ((atomic_load (&HALF (here->domain, sent->to)->message.sequence)
                    ^ here->posted[sent->to])
                   & ~CHANNEL_AGAIN) != 0);
}

/* A request whose fiber got stuck for good. Its place is kept, so that all that came later
 * finds the same fibers and numbers; it is run when the nucleus hears that it is ready. */
static void
hold (uint32_t sender, bool refuse, const struct journal_sent *then)
{
    struct fiber *fiber = dispatch_hold (sender);

    assert (fiber != NULL);
    fiber->late           = true;
    fiber->refuse         = refuse;
    here->next_generation = then->next_generation;
    journal_skip_to_sent ();
    here->staged = false;
}

/* Lets the domain do what the message in the inbox makes it do. False: the message was none. */
static bool
handle (uint32_t sender, enum journal_order order)
{
    if (order == JOURNAL_REFUSE)
        dispatch_refuse (sender);
    else if (!dispatch_message (sender))
        return false;
    if (!here->staged)
        dispatch_stage_yield ();
    return true;
}

/* The message before us was handled and answered. */
static void
again (uint32_t sender, enum journal_order order, const struct journal_sent *then)
{
    struct journal_sent now;

    here->replaying = REPLAY_ALL;
    if (order == JOURNAL_HANDLE_LATER || order == JOURNAL_REFUSE_LATER) {
        hold (sender, order == JOURNAL_REFUSE_LATER, then);
    } else if (handle (sender, order)) {
        now = journal_describe ();
        if (memcmp (&now, then, sizeof now) != 0)
            journal_differs ();
        journal_skip_to_sent ();
        here->staged = false;
    }
    here->posted[then->to]++;
    here->expected = then->to;
}

/* In an audit: all that was to be done again has been. */
static void
leave_audit (void)
{
    while (JOURNAL (here->domain)->audit)
        syscall (SYS_exit_group, 0);
}

/* The message before us was not answered, as far as anybody has seen: the token is ours. */
static void
at_last (uint32_t sender, enum journal_order order, bool known)
{
    leave_audit ();
    here->replaying = REPLAY_LAST;
    if (!handle (sender, order))
        return;
    fiber_publish ();
    if (known)
        journal_skip_to_sent ();
    dispatch_send (!known);
}

/* The last message that went out got lost, and the token with it: it goes out once more, and
 * comes after that one. */
static void
resend (void)
{
    for (uint32_t to = 0; to < PLAN->domain_count; to++)
        if (PLAN->domains[here->domain].reaches[to])
            here->posted[to] = atomic_load (&HALF (here->domain, to)->message.sequence);
}

static void
wake_late (void)
{
    for (uint32_t i = 0; i < here->fiber_count; i++) {
        struct fiber *fiber = &here->fibers[i];

        if (!fiber->late)
            continue;
        fiber->late = false;
        fiber_ready (fiber);
        atomic_store (&JOURNAL (here->domain)->ready, 1);
    }
}

void
replay (void)
{
    struct journal *journal = JOURNAL (here->domain);
    enum journal_order order;
    uint32_t sender;
    const void *bulk;

    desk_replay ();
    for (; journal_next (&sender, &bulk, &order); desk_replay ()) {
        struct journal_sent then;
        bool known = journal_led_to (&then);

        channel_replay (bulk);
        if (journal->resend && journal_is_last ()) {
            resend ();
            at_last (sender, order, known);
        } else if (known && was_posted (&then)) {
            again (sender, order, &then);
        } else {
            at_last (sender, order, known);
        }
    }
    leave_audit ();
    journal->resend = 0;
    here->replaying = REPLAY_NONE;
    fiber_publish ();
    wake_late ();
}
