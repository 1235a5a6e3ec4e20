#define _GNU_SOURCE
#include "board/recover.h"

#include <string.h>

#include "board/culprit.h"
#include "board/snapshot.h"
#include "gate/gate.h"
#include "gate/journal.h"

struct recovery_domain {
    struct snapshot older, last;
    struct snapshot rehearsed; /* its memory is for `last` after a move */
    uint64_t messages;       /* taken before `last` */
    uint32_t restarts;
    uint64_t crashed_at;     /* number of the message that killed it last, + 1 */
    uint32_t crashes_there;  /* and how often it has */
    struct death death;      /* of which it is about to be brought back: how it died, */
    struct culprit culprit;  /* and of which message */
};

struct Recovery {
    Machine *machine;
    struct snapshot initial; /* all memory before the boot; where a component is does not matter */
    struct recovery_domain domains[DOMAIN_MAX];
    uint64_t latest; /* virtual time that a domain had reached when it was put back */
};

uint32_t
recovery_mode (uint32_t domain)
{
    uint32_t mode = RESTART_REPLAY;
    bool empty    = true;

    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].domain == domain) {
            mode  = MIN (mode, PLAN->components[c].restart);
            empty = false;
        }
    return domain == DOMAIN_KERNEL || empty ? RESTART_NEVER : mode;
}

bool
recovery_essential (uint32_t domain)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].domain == domain && PLAN->components[c].essential)
            return true;
    return false;
}

/* ---- snapshots ---- */

void
recovery_snapshot (Recovery *recovery, uint32_t domain)
{
    struct recovery_domain *d     = &recovery->domains[domain];
    const struct regions *regions = &recovery->machine->regions;
    struct journal *journal       = JOURNAL (domain);
    uint32_t used                 = MIN (atomic_load (&journal->used), JOURNAL_BYTES);

    snapshot_clear (&d->older);
    d->older     = d->last;
    d->last      = d->rehearsed;
    d->rehearsed = (struct snapshot){ 0 };
    if (d->older.data != NULL) {
        d->older.after = g_byte_array_sized_new (used);
        g_byte_array_append (d->older.after, journal->data, used);
    }
    snapshot_take (&d->last, regions, domain);
    d->messages = journal->messages;
    atomic_store (&journal->used, 0);
    atomic_store (&journal->full, 0);
}

struct snapshot *
recovery_last (Recovery *recovery, uint32_t domain)
{
    return &recovery->domains[domain].last;
}

struct snapshot *
recovery_older (Recovery *recovery, uint32_t domain)
{
    return &recovery->domains[domain].older;
}

Recovery *
recovery_new (Machine *machine)
{
    Recovery *recovery = g_new0 (Recovery, 1);

    recovery->machine = machine;
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].restart != RESTART_NEVER && recovery->initial.data == NULL)
            snapshot_take_all (&recovery->initial, &machine->regions);
    for (uint32_t domain = 1; domain < PLAN->domain_count; domain++)
        if (PLAN->domains[domain].journal) {
            recovery_snapshot (recovery, domain);
            atomic_store (&JOURNAL (domain)->enabled, 1);
        }
    return recovery;
}

void
recovery_rehearse (Recovery *recovery, uint32_t domain)
{
    if (recovery->initial.data != NULL) /* else nobody is ever put back */
        snapshot_rehearse (&recovery->domains[domain].rehearsed, &recovery->machine->regions,
                           domain);
}

void
recovery_moved (Recovery *recovery, uint32_t domain)
{
    struct recovery_domain *d = &recovery->domains[domain];

    snapshot_clear (&d->older);
    snapshot_clear (&d->last);
    d->crashed_at = d->crashes_there = 0;
    if (!PLAN->domains[domain].journal) {
        snapshot_clear (&d->rehearsed);
        return;
    }
    JOURNAL (domain)->differs  = 0;
    JOURNAL (domain)->resend   = 0;
    JOURNAL (domain)->messages = 0;
    atomic_store (&JOURNAL (domain)->replay, 0);
    recovery_snapshot (recovery, domain);
    atomic_store (&JOURNAL (domain)->enabled, 1);
}

void
recovery_free (Recovery *recovery)
{
    for (uint32_t domain = 0; domain < DOMAIN_MAX; domain++) {
        snapshot_clear (&recovery->domains[domain].older);
        snapshot_clear (&recovery->domains[domain].last);
        snapshot_clear (&recovery->domains[domain].rehearsed);
    }
    snapshot_clear (&recovery->initial);
    g_free (recovery);
}

/* A domain with very much memory is not copied for each little that it does. */
bool
recovery_wants_snapshot (const Recovery *recovery, uint32_t domain)
{
    const GByteArray *last = recovery->domains[domain].last.data;

    return last != NULL
           && (atomic_load (&JOURNAL (domain)->full)
               || atomic_load (&JOURNAL (domain)->used)
                      > MAX (recovery->machine->snapshot, last->len / 32));
}

/* ---- what the policy is told ---- */

/* Has a call of it got stuck, and not the token? */
static bool
is_stuck (const struct death *death)
{
    return death->cause == RS_STUCK && death->fiber != 0;
}

static uint32_t
rungs (const struct recovery_domain *d, uint32_t domain)
{
    const struct culprit *culprit = &d->culprit;
    const struct death *death     = &d->death;
    struct journal *journal       = JOURNAL (domain);
    uint32_t possible             = 0;

    /* What sends what it may not send is broken or hostile, and would be what it was. */
    if (death->cause == RS_VIOLATION)
        return 0;
    if (PLAN->domains[domain].journal && d->last.data != NULL && culprit->sound) {
        if (journal->differs == 0 && (!is_stuck (death) || culprit->record != NULL))
            possible |= RS_POSSIBLE (RS_AGAIN);
        if ((possible & RS_POSSIBLE (RS_AGAIN)) != 0 && culprit_is_refusable (culprit, death))
            possible |= RS_POSSIBLE (RS_REFUSE);
        if (d->older.data != NULL
            && d->older.after->len + atomic_load (&journal->used) <= JOURNAL_BYTES)
            possible |= RS_POSSIBLE (RS_OLDER);
    }
    if (recovery_mode (domain) != RESTART_NEVER)
        possible |= RS_POSSIBLE (RS_COLD) | RS_POSSIBLE (RS_DEPENDENTS);
    if (culprit_component (domain, culprit) != COMPONENT_NUCLEUS)
        possible |= RS_POSSIBLE_OWN;
    return possible;
}

static void
settings_of (uint32_t domain, struct rs_report_req *report)
{
    g_autoptr (GString) names = g_string_new (NULL);

    report->intensity = UINT32_MAX;
    report->essential = recovery_essential (domain);
    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        const struct plan_component *component = &PLAN->components[c];

        if (component->domain != domain)
            continue;
        g_string_append_printf (names, "%s%s", names->len != 0 ? " " : "", component->name);
        report->components++;
        report->intensity  = MIN (report->intensity, component->intensity);
        report->window_ns  = MAX (report->window_ns, component->window_ns);
        report->backoff_ns = MAX (report->backoff_ns, component->backoff_ns);
    }
    g_strlcpy (report->names, names->str, sizeof report->names);
}

void
recovery_report (Recovery *recovery, uint32_t domain, const struct death *death,
                 struct rs_report_req *report)
{
    struct recovery_domain *d     = &recovery->domains[domain];
    const struct culprit *culprit = &d->culprit;

    d->death   = *death;
    d->culprit = culprit_find (domain, d->messages, death);
    *report = (struct rs_report_req){ .cause  = death->cause,
                                      .signal = (uint32_t)death->signal,
                                      .now_ns = CYCLES_TO_NS (RUNTIME (DOMAIN_KERNEL)->token.now) };
    g_strlcpy (report->domain, PLAN->domains[domain].name, sizeof report->domain);
    settings_of (domain, report);
    if (death->cause != RS_KILLED && culprit->record != NULL) {
        d->crashes_there = culprit->number == d->crashed_at ? d->crashes_there + 1 : 1;
        d->crashed_at    = culprit->number;
        report->same     = d->crashes_there;
    }
    report->possible = rungs (d, domain);
}

uint32_t
recovery_component (const Recovery *recovery, uint32_t domain)
{
    return culprit_component (domain, &recovery->domains[domain].culprit);
}

/* ---- doing it ---- */

/* Everything the journal has after this record is of its handling, and goes. */
static void
journal_cut_behind (struct journal *journal, const struct journal_record *record)
{
    atomic_store (&journal->used,
                  (uint32_t)((const uint8_t *)(record + 1) + record->bytes - journal->data));
}

static void
orders_give (const struct recovery_domain *d, struct journal *journal, enum rs_action action,
             uint64_t delay_ns)
{
    const struct culprit *culprit = &d->culprit;
    const struct death *death     = &d->death;

    journal->resend = death->cause == RS_STUCK && !is_stuck (death);
    if (culprit->record == NULL)
        return;
    if (is_stuck (death)) {
        culprit->record->order
            = action == RS_REFUSE ? JOURNAL_REFUSE_LATER : JOURNAL_HANDLE_LATER;
        return;
    }
    if (action == RS_REFUSE) {
        culprit->record->order = JOURNAL_REFUSE;
        journal_cut_behind (journal, culprit->record);
    }
    if (delay_ns != 0 && culprit->last) {
        struct journal_record *next;
        uint32_t at = (uint32_t)((uint8_t *)(culprit->record + 1) + culprit->record->bytes
                                 - journal->data);

        /* What has gone out has its time already. */
        while ((next = journal_walk (journal, &at)) != NULL)
            if (next->kind == JOURNAL_SENT)
                return;
        journal_delay (culprit->record, NS_TO_CYCLES (delay_ns));
    }
}

/* The older snapshot is the last one again, and what came after it is in the journal. Who got stuck
 * may have done so before the snapshot between: now that is in the journal as well. */
static void
older_put_back (struct recovery_domain *d, uint32_t domain)
{
    struct journal *journal = JOURNAL (domain);
    uint32_t used           = atomic_load (&journal->used);
    const GByteArray *after = d->older.after;
    struct culprit *culprit = &d->culprit;
    struct journal_record *record;
    uint32_t at = 0;

    memmove (journal->data + after->len, journal->data, used);
    memcpy (journal->data, after->data, after->len);
    atomic_store (&journal->used, used + after->len);
    d->messages = journal->messages;
    while ((record = journal_walk (journal, &at)) != NULL)
        d->messages -= record->kind == JOURNAL_MESSAGE;
    if (culprit->record != NULL)
        culprit->record = (struct journal_record *)((uint8_t *)culprit->record + after->len);
    else if (is_stuck (&d->death))
        *culprit = culprit_find (domain, d->messages, &d->death);
    snapshot_clear (&d->last);
    d->last  = d->older;
    d->older = (struct snapshot){ 0 };
    g_clear_pointer (&d->last.after, g_byte_array_unref);
}

/* Nothing of the life before is left; what others have said to it since is not heard. */
static void
cold_prepare (Recovery *recovery, uint32_t domain)
{
    struct recovery_domain *d = &recovery->domains[domain];
    struct runtime *runtime   = RUNTIME (domain);
    struct token token        = RUNTIME (DOMAIN_KERNEL)->token;

    snapshot_put_back (&recovery->initial, &recovery->machine->regions, domain, true);
    runtime->token           = token;
    runtime->life            = atomic_load (&PLAN->domains[domain].lives) + 1;
    runtime->anew            = true;
    runtime->next_generation = generation_first (domain, runtime->life);
    for (uint32_t other = 0; other < PLAN->domain_count; other++) {
        if (!PLAN->domains[domain].reaches[other])
            continue;
        runtime->posted[other]   = atomic_load (&HALF (domain, other)->message.sequence);
        runtime->consumed[other] = atomic_load (&HALF (other, domain)->message.sequence);
        runtime->gone[other]     = atomic_load (&PLAN->domains[other].state) == DOMAIN_DEAD;
    }
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].domain == domain)
            COMPONENT (c)->unborn = true;
    if (!PLAN->domains[domain].journal)
        return;
    JOURNAL (domain)->differs  = 0;
    JOURNAL (domain)->resend   = 0;
    JOURNAL (domain)->messages = 0;
    atomic_store (&JOURNAL (domain)->replay, 0);
    snapshot_clear (&d->last);
    recovery_snapshot (recovery, domain);
    snapshot_clear (&d->older);
}

static void
replay_prepare (Recovery *recovery, uint32_t domain)
{
    struct recovery_domain *d = &recovery->domains[domain];

    recovery->latest = MAX (recovery->latest, RUNTIME (domain)->token.now);
    snapshot_put_back (&d->last, &recovery->machine->regions, domain, false);
    /* Until it stands where it was, it may well have the token. */
    atomic_store (&RUNTIME (domain)->running, 1);
    atomic_store (&JOURNAL (domain)->stands, 0);
    JOURNAL (domain)->differs = 0;
    atomic_store (&JOURNAL (domain)->replay, 1);
}

/* It is about to be somebody else. */
static void
leave_behind (struct recovery_domain *d, uint32_t domain)
{
    memset (&RUNTIME (domain)->crash, 0, sizeof (struct crash_record));
    RUNTIME (domain)->assertion[0] = '\0';
    d->restarts++;
}

enum rs_action
recovery_prepare (Recovery *recovery, uint32_t domain, const struct rs_report_rep *decision)
{
    struct recovery_domain *d = &recovery->domains[domain];
    enum rs_action action     = (enum rs_action)MIN (decision->action, RS_PANIC);
    uint32_t possible         = rungs (d, domain);

    while (action < RS_OFF && (possible & RS_POSSIBLE (action)) == 0)
        action++;
    switch (action) {
    case RS_AGAIN:
    case RS_REFUSE:
    case RS_OLDER:
        if (action == RS_OLDER)
            older_put_back (d, domain);
        orders_give (d, JOURNAL (domain), action, decision->delay_ns);
        replay_prepare (recovery, domain);
        break;
    case RS_COLD:
    case RS_DEPENDENTS:
        cold_prepare (recovery, domain);
        break;
    default:
        return action;
    }
    leave_behind (d, domain);
    return action;
}

bool
recovery_prepare_anew (Recovery *recovery, uint32_t domain)
{
    if (recovery_mode (domain) == RESTART_NEVER)
        return false;
    cold_prepare (recovery, domain);
    leave_behind (&recovery->domains[domain], domain);
    return true;
}

void
recovery_dependents (uint32_t domain, bool *dependents)
{
    bool more = true;

    memset (dependents, 0, DOMAIN_MAX * sizeof *dependents);
    dependents[domain] = true;
    while (more) {
        more = false;
        for (uint32_t i = 0; i < PLAN->link_count; i++) {
            uint32_t from = PLAN->components[PLAN->links[i].owner].domain;
            uint32_t to   = PLAN->components[PLAN->links[i].target].domain;

            if (!dependents[to] || dependents[from] || recovery_mode (from) == RESTART_NEVER)
                continue;
            dependents[from] = more = true;
        }
    }
    dependents[domain] = false;
}

uint64_t
recovery_since (const Recovery *recovery, uint32_t domain)
{
    const struct recovery_domain *d = &recovery->domains[domain];

    if (RUNTIME (domain)->replaying != REPLAY_NONE)
        return 0;
    return d->older.data != NULL  ? d->older.now
           : d->last.data != NULL ? d->last.now
                                  : UINT64_MAX;
}

uint64_t
recovery_latest (const Recovery *recovery)
{
    return recovery->latest;
}

uint32_t
recovery_restarts (const Recovery *recovery, uint32_t domain)
{
    return recovery->domains[domain].restarts;
}
