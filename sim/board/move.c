#include "board/move.h"

#include <string.h>

#include "board/move_inside.h"
#include "board/placement.h"
#include "board/stand.h"
#include "gate/adopt.h"
#include "gate/gate.h"
#include "gate/journal.h"
#include "host_time.h"

/* So many decisions at which the component is busy, or so much virtual time, are let pass before
 * calls are held, */
#define LOOKS_MAX   1024u
#define LOOK_CYCLES NS_TO_CYCLES (50000000u)
/* they are held for so much virtual time, and so many decisions, at most, */
#define HOLD_CYCLES NS_TO_CYCLES (500000000u)
#define HOLD_LOOKS  8192u
/* and after that it is left alone, so long the first time, and so often. */
#define REST_CYCLES NS_TO_CYCLES (10000000u)
#define RESTS_MAX   4u
/* How often more processes are made because somebody has called from elsewhere meanwhile, before
 * the machine has to wait for them. */
#define PREPARES_MAX 8u
/* The host's time within which a machine that runs comes to a decision. */
#define PATIENCE_NS 5000000000u
/* How often domains that have become empty are looked at. */
#define REAP_NS 50000000u

uint32_t
move_component (const char *name)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (strcmp (PLAN->components[c].name, name) == 0)
            return c;
    return UINT32_MAX;
}

void
move_describe (const struct move_result *result, GString *out)
{
    const char *name = PLAN->components[result->component].name;
    const char *why  = result->reason[0] != '\0' ? result->reason : "as ordered";

    if (result->failed != NULL) {
        g_string_append_printf (out, "khimera: %s did not move to %s (%s): %s\n", name, result->to,
                                why, result->failed);
        return;
    }
    g_string_append_printf (out,
                            "khimera: %s moved from %s to %s (%s) at %.3f ms: pause %.2f ms, "
                            "%u calls held, %u deferred calls and %" G_GUINT64_FORMAT
                            " KiB went along%s\n",
                            name, result->from, result->to, why,
                            (double)CYCLES_TO_NS (result->at) / 1e6,
                            (double)result->pause_ns / 1e6, result->held, result->deferred,
                            result->bytes / 1024,
                            strcmp (result->to, "kernel") == 0 ? "; its isolation is given up"
                                                               : "");
    if (!result->around)
        return;
    g_string_truncate (out, out->len - 1);
    g_string_append_printf (out, "; it was busy, and %u others went around it\n", result->others);
}

/* ---- beginning and end ---- */

int
mover_patience_ms (const Mover *mover, int otherwise_ms)
{
    if (!stand_is_wanted ())
        return otherwise_ms;
    return mover->patient && stand_is_there () ? 1 : 0;
}

void
mover_announce (Mover *mover, uint64_t at)
{
    mover->announced = at;
    if (!mover->telling)
        stand_until (mover->announced);
}

Mover *
mover_new (const struct mover_world *world)
{
    Mover *mover = g_new0 (Mover, 1);

    mover->world = *world;
    mover->dying = g_array_new (FALSE, FALSE, sizeof (struct child));
    return mover;
}

void
mover_free (Mover *mover)
{
    if (mover == NULL)
        return;
    move_unprepare (mover);
    move_bury (mover, true);
    g_array_unref (mover->dying);
    g_free (mover->reason);
    g_free (mover);
}

static bool
ask_is_wrong (Mover *mover, uint32_t component, char **error)
{
    const struct plan_component *plan = &PLAN->components[component];

    if (mover->stage != MOVE_IDLE)
        *error = g_strdup_printf ("%s moves just now; one at a time",
                                  PLAN->components[mover->result.component].name);
    else if (component == COMPONENT_NUCLEUS)
        *error = g_strdup ("the nucleus is what makes the kernel's domain the kernel; it stays");
    else if (atomic_load (&PLAN->domains[plan->domain].state) != DOMAIN_UP)
        *error = g_strdup_printf ("%s died with its domain, %s", plan->name,
                                  PLAN->domains[plan->domain].name);
    else if (atomic_load (&PLAN->stopping))
        *error = g_strdup ("the machine is about to halt");
    return *error != NULL;
}

/* Everything is as it was before. */
static void
forget (Mover *mover)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        PLAN->components[c].next = PLAN->components[c].domain;
    move_unprepare (mover);
    if (mover->fresh_name)
        memset (PLAN->domains[mover->to].name, 0, sizeof PLAN->domains[mover->to].name);
}

/* ---- who goes: one component, or all others of the two domains ---- */

static bool
goes (uint32_t component)
{
    return PLAN->components[component].next != PLAN->components[component].domain;
}

static void
connect_callers (void)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (goes (c))
            adopt_visit_callers (c, PLAN->components[c].next, placement_connect);
}

/* What is found of all who go. */
static struct adopt_look
look_at_all (void)
{
    struct adopt_look all = { .sane = true, .room = UINT32_MAX };

    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        struct adopt_look look;

        if (!goes (c))
            continue;
        look = adopt_look (c, PLAN->components[c].next);
        if (all.busy == 0)
            memcpy (all.calls, look.calls, sizeof all.calls);
        all.sane &= look.sane;
        all.busy += look.busy;
        all.deferred += look.deferred;
        all.room = MIN (all.room, look.room);
    }
    all.sane &= all.deferred <= all.room;
    return all;
}

/* Makes the processes for the next placement. Who calls from where is a guess while the machine
 * runs; it is looked at once more when it stands. */
static bool
prepare (Mover *mover, char **error)
{
    bool prepared;

    placement_connect_links ();
    connect_callers ();
    prepared           = move_prepare (mover, error);
    mover->prepared_ns = host_ns ();
    return prepared;
}

bool
mover_ask (Mover *mover, uint32_t component, const char *to, uint64_t at, const char *reason,
           char **error)
{
    struct plan_component *plan = &PLAN->components[component];
    uint32_t domain;

    *error = NULL;
    if (ask_is_wrong (mover, component, error))
        return false;
    domain = move_domain_find (component, to, &mover->fresh_name, error);
    if (domain == DOMAIN_MAX)
        return false;
    if (domain == plan->domain) {
        *error = g_strdup_printf ("%s is in %s already", plan->name, PLAN->domains[domain].name);
        return false;
    }
    g_free (mover->reason);
    mover->reason = g_strdup (reason);
    mover->result = (struct move_result){ .component = component, .reason = mover->reason };
    g_strlcpy (mover->result.from, PLAN->domains[plan->domain].name, sizeof mover->result.from);
    g_strlcpy (mover->result.to, PLAN->domains[domain].name, sizeof mover->result.to);
    mover->from      = plan->domain;
    mover->to        = domain;
    mover->wanted_at = at;
    mover->begun_at  = 0;
    mover->rests     = 0;
    mover->prepares  = 0;
    mover->around    = false;
    mover->stood_ns  = host_ns ();
    plan->next       = domain;
    memset (mover->touched, 0, sizeof mover->touched);
    if (!prepare (mover, error)) {
        forget (mover);
        stand_until (mover->announced);
        return false;
    }
    move_rehearse (mover);
    mover->prepared_ns = host_ns ();
    mover->stage       = MOVE_LOOKING;
    stand_from (at);
    if (at > stand_now () && stand_is_there ())
        stand_go_on ();
    return true;
}

void
mover_tell (const Mover *mover, const struct move_result *result)
{
    mover->world.told (mover->world.data, result);
}

/* The attempt is over, and the machine may go on. */
static void
end (Mover *mover, const char *failed)
{
    mover->result.failed = failed;
    mover->stage         = MOVE_IDLE;
    mover->announced     = 0;
    mover->telling       = true;
    mover->world.told (mover->world.data, &mover->result);
    mover->telling = false;
    stand_until (mover->announced);
    move_admit_kernel (mover);
}

/* Takes the hold off the gate again. The machine stands still. */
static void
hold_end (Mover *mover)
{
    struct plan_component *plan = &PLAN->components[mover->result.component];

    plan->route           = plan->domain;
    PLAN->hold.call_count = 0;
    mover->result.held += adopt_release (mover->result.component, mover->touched);
}

/* The same if nothing else changes: who was held is let go by no message, so no journal tells. */
static void
hold_give_up (Mover *mover)
{
    memset (mover->touched, 0, sizeof mover->touched);
    hold_end (mover);
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (mover->touched[d] && PLAN->domains[d].journal
            && atomic_load (&PLAN->domains[d].state) == DOMAIN_UP)
            recovery_snapshot (mover->world.recovery, d);
}

/* Those that are held are let go at a decision at which everybody is there. */
void
mover_give_up (Mover *mover, const char *why)
{
    if (mover->stage == MOVE_IDLE || mover->stage == MOVE_RELEASING)
        return;
    forget (mover);
    if (mover->stage == MOVE_HOLDING) {
        mover->stage         = MOVE_RELEASING;
        mover->result.failed = why;
        return;
    }
    end (mover, why);
}

void
mover_interrupt (Mover *mover, const char *who)
{
    if (mover->stage == MOVE_IDLE || mover->stage == MOVE_RELEASING)
        return;
    mover->result.interrupted = true;
    g_snprintf (mover->interruption, sizeof mover->interruption,
                "%s died meanwhile", who);
    mover_give_up (mover, mover->interruption);
}

/* ---- at a decision ---- */

static void
hold_begin (Mover *mover, const struct adopt_look *look)
{
    PLAN->hold.component  = mover->result.component;
    PLAN->hold.call_count = look->busy;
    memcpy (PLAN->hold.calls, look->calls, look->busy * sizeof *look->calls);
    mover->stage        = MOVE_HOLDING;
    mover->busy_from    = stand_now ();
    mover->result.looks = 0;
    PLAN->components[mover->result.component].route = ROUTE_HELD;
}

/* Makes processes while the machine stands already. It may go on meanwhile if nobody has said
 * when the move is to be: else that would depend on how quick the host is. */
static bool
prepare_late (Mover *mover, bool go, char **error)
{
    bool prepared;

    if (go) {
        stand_from (UINT64_MAX);
        stand_go_on ();
    }
    prepared = prepare (mover, error);
    move_rehearse (mover);
    mover->prepared_ns = host_ns ();
    if (go)
        stand_from (0);
    return prepared;
}

/* It stays, and the others of the two domains are to change places. */
static void
go_around (Mover *mover)
{
    g_autofree char *error = NULL;
    bool go                = mover->wanted_at == 0;

    move_unprepare (mover);
    mover->around       = true;
    mover->stage        = MOVE_LOOKING;
    mover->result.looks = 0;
    memset (mover->touched, 0, sizeof mover->touched);
    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        struct plan_component *plan = &PLAN->components[c];

        plan->next = plan->domain;
        if (c == mover->result.component)
            continue;
        if (plan->domain == mover->from)
            plan->next = mover->to;
        else if (plan->domain == mover->to)
            plan->next = mover->from;
    }
    if (!prepare_late (mover, go, &error))
        mover_give_up (mover, "a process could not be made");
    else if (!go)
        stand_go_on ();
}

static void
rest (Mover *mover)
{
    bool kernels = mover->from == DOMAIN_KERNEL || mover->to == DOMAIN_KERNEL;

    if (mover->rests == RESTS_MAX) {
        mover_give_up (mover, kernels ? "it is busy all the time: calls that it serves do not end"
                                      : "it is busy all the time, and so is who would have to "
                                        "change places around it");
        return;
    }
    if (mover->stage == MOVE_HOLDING)
        hold_give_up (mover);
    if (!kernels && !mover->around) {
        go_around (mover);
        return;
    }
    mover->stage        = MOVE_RESTING;
    mover->result.looks = 0;
    stand_from (stand_now () + (REST_CYCLES << mover->rests++));
    stand_go_on ();
}

/* Not now. */
static void
look_again (Mover *mover, const struct adopt_look *look)
{
    mover->result.looks++;
    if (mover->stage == MOVE_RESTING) {
        mover->stage = MOVE_LOOKING;
        stand_from (mover->wanted_at);
    }
    if (mover->result.looks == 1)
        mover->busy_from = stand_now ();
    if (mover->stage == MOVE_LOOKING
        && (mover->result.looks > LOOKS_MAX || stand_now () - mover->busy_from > LOOK_CYCLES)) {
        if (mover->around || look->busy > HOLD_CALLS_MAX) {
            rest (mover);
            return;
        }
        hold_begin (mover, look);
    } else if (mover->stage == MOVE_HOLDING
               && (mover->result.looks > HOLD_LOOKS
                   || stand_now () - mover->busy_from > HOLD_CYCLES)) {
        rest (mover);
        return;
    }
    stand_go_on ();
}

static uint64_t
arena_bytes (uint32_t component)
{
    return COMPONENT_HEADER_BYTES + STATS (component)->arena_used;
}

/* A call may have come from where no link leads any more: forwarded, before another move. Are
 * there processes for that as well? If not the next decision may be the one. */
static bool
is_ready (Mover *mover)
{
    g_autofree char *error = NULL;
    bool go                = mover->wanted_at == 0 && mover->prepares++ < PREPARES_MAX;

    connect_callers ();
    if (move_is_prepared (mover))
        return true;
    if (!prepare_late (mover, go, &error)) {
        mover_give_up (mover, "a process could not be made");
        return false;
    }
    mover->stand_ns = mover->prepared_ns;
    return !go;
}

static void
switch_over (Mover *mover, uint32_t deferred)
{
    struct move_result *result = &mover->result;

    result->deferred = deferred;
    result->around   = mover->around;
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (goes (c)) {
            result->others += mover->around;
            result->bytes += arena_bytes (c);
            result->bytes += adopt_take (c, PLAN->components[c].next, mover->touched);
        }
    move_touch (mover);
    placement_disconnect ();
    placement_connect_links ();
    adopt_visit_waiting (placement_connect);
    placement_settle ();
    hold_end (mover);
    move_exchange (mover);
    move_reap (mover);
    result->at       = stand_now ();
    result->took     = result->at - mover->begun_at;
    result->pause_ns = host_ns () - mover->stand_ns;
    end (mover, NULL);
}

/* Whoever is being put back is not yet what he was. */
static bool
somebody_replays (const Mover *mover)
{
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (mover->world.children[d].process != 0 && PLAN->domains[d].journal
            && !atomic_load (&JOURNAL (d)->stands))
            return true;
    return false;
}

/* Its domain has begun anew, and it is started there before it goes. */
static bool
somebody_begins (void)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (goes (c) && COMPONENT (c)->unborn)
            return true;
    return false;
}

/* The machine stands still. */
static void
decide (Mover *mover)
{
    struct adopt_look look;

    if (mover->begun_at == 0)
        mover->begun_at = stand_now ();
    mover->stood_ns = host_ns ();
    mover->stand_ns = MAX (RUNTIME (DOMAIN_KERNEL)->brake.stood_ns, mover->prepared_ns);
    mover->patient = somebody_replays (mover);
    if (mover->patient)
        return;
    if (mover->stage == MOVE_RELEASING) {
        hold_give_up (mover);
        end (mover, mover->result.failed);
        return;
    }
    if (move_prepared_died (mover)) {
        mover_interrupt (mover, "a process that was made for it");
        return;
    }
    if (atomic_load (&RUNTIME (DOMAIN_KERNEL)->deaths_seen) != atomic_load (&PLAN->deaths)) {
        stand_go_on (); /* others are being told of a death */
        return;
    }
    if (somebody_begins ()) {
        stand_go_on ();
        return;
    }
    look = look_at_all ();
    if (!look.sane)
        mover_give_up (mover, "the memory of a domain makes no sense, or has no room");
    else if (look.busy != 0)
        look_again (mover, &look);
    else if (is_ready (mover))
        switch_over (mover, look.deferred);
}

/* Domains that were left empty, but not idle, may be idle by now. */
static void
reap (Mover *mover)
{
    uint64_t now = host_ns ();

    if (stand_is_there ()) {
        move_reap (mover);
        stand_until (mover->announced);
    } else if (now - mover->reaped_ns > REAP_NS && move_has_empty ()) {
        mover->reaped_ns = now;
        stand_from (0);
    }
}

void
mover_look (Mover *mover, bool tidy)
{
    move_bury (mover, false);
    if (mover->stage == MOVE_IDLE && tidy)
        reap (mover);
    else if (mover->stage == MOVE_IDLE)
        return;
    else if (stand_is_there ())
        decide (mover);
    else if (mover->stage != MOVE_RESTING && mover->wanted_at == 0
             && host_ns () - mover->stood_ns > PATIENCE_NS)
        mover_give_up (mover, "the machine stands still, or does not come to a decision");
}

bool
mover_is_busy (const Mover *mover)
{
    return mover->stage != MOVE_IDLE;
}

bool
mover_waits (const Mover *mover)
{
    return mover->announced != 0 && stand_is_there ();
}
