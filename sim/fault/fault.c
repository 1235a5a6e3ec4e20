/* fault: who is struck, and when. In the domain.
 *
 * Two counts decide, and their difference is what makes recovery exact. How often a rule was
 * looked at is in the component's header: a recovery puts it back with everything else, and
 * the replay counts the same opportunities again. Up to which of them the rule struck is in
 * the fault page, which is never put back. So an opportunity not beyond the mark is known to
 * be done again: what killed the domain does not kill it there once more, and what was merely
 * part of its history (a full arena, lost time) happens again exactly there.
 */
#include "fault/fault.h"

#include <string.h>

#include "host_time.h"
#include "interfaces/interfaces.h"

const struct fault_kind_info fault_kinds[FAULT_KINDS] = {
#define KIND(name, word, place, again, help) { word, FAULT_AT_##place, again, help },
#include "fault/kinds.def"
#undef KIND
};

uint64_t
fault_draw (const struct fault_rule *rule, uint32_t seen)
{
    uint64_t z = rule->seed + seen * 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static bool
is_due (const struct fault_rule *rule, uint32_t seen)
{
    if (seen <= rule->skip)
        return false;
    return rule->odds != 0 ? fault_draw (rule, seen) % rule->odds == 0
                           : (seen - rule->skip) % rule->call == 0;
}

static bool
agrees (const struct fault_rule *rule, const struct fault_chance *chance)
{
    return fault_kinds[rule->kind].place == chance->place
           && (rule->interface == FAULT_ANY || rule->interface == chance->interface)
           && (rule->operation == FAULT_ANY || rule->operation == chance->operation)
           && here->token.now >= rule->from && here->token.now < rule->until
           && (chance->concerns == NULL || chance->concerns (rule, chance->data));
}

static bool
is_relapse (const struct fault_rule *rule)
{
    return rule->kind == FAULT_RELAPSE && here->replaying == REPLAY_ALL;
}

/* A fault during recovery: at the first opportunity that is done again, and at once. The end of
 * that handler may come when all that was done before has been, and would be a crash like any. */
static bool
relapses (const struct fault_rule *rule, struct fault_record *record)
{
    if (!is_relapse (rule) || record->again == atomic_load (&record->fired))
        return false;
    record->again = atomic_load (&record->fired);
    return true;
}

/* Does the rule strike this time? What is written down is written before it does. */
static bool
strikes (const struct fault_rule *rule, struct fault_record *record, uint32_t seen)
{
    if (relapses (rule, record))
        return true;
    if (!is_due (rule, seen))
        return false;
    if (seen <= record->mark)
        return fault_kinds[rule->kind].again || rule->persistent;
    if (rule->times != 0 && atomic_load (&record->fired) >= rule->times)
        return false;
    record->mark = seen;
    atomic_store (&record->at, here->token.now);
    atomic_fetch_add (&record->fired, 1);
    return true;
}

/* Is it the first in its span of time? */
static bool
is_first (const struct fault_rule *rule, uint32_t *last)
{
    uint32_t span;

    if (rule->every == 0)
        return true;
    span = (uint32_t)((here->token.now - rule->from) / rule->every) + 1;
    if (span == *last)
        return false;
    *last = span;
    return true;
}

/* Which opportunity it is; 0: one that does not count. Messages and commands to a disk do not
 * happen again in a replay: their count is not put back either. */
static uint32_t
count (const struct fault_chance *chance, const struct fault_rule *rule,
       struct fault_record *record, struct fault_seen *seen)
{
    if (chance->place == FAULT_AT_MESSAGE || chance->place == FAULT_AT_DISK)
        seen = &record->seen;
    if (seen->serial != rule->serial)
        *seen = (struct fault_seen){ .serial = rule->serial };
    return is_first (rule, &seen->span) ? ++seen->count : 0;
}

/* What came of the rule so far. */
static struct fault_record *
record_of (const struct fault_rule *rule, struct fault_record *record)
{
    if (atomic_load (&record->serial) != rule->serial) {
        memset (record, 0, sizeof *record);
        atomic_store (&record->serial, rule->serial);
    }
    return record;
}

/* One more opportunity for a rule: does it take it, and is that enough? */
static bool
offer (const struct fault_chance *chance, uint32_t number)
{
    const struct fault_rule *rule = &PLAN->faults[number];
    struct fault_record *record;
    uint32_t seen;

    if (!agrees (rule, chance))
        return false;
    record = record_of (rule, &FAULTS (chance->self->id)->records[number]);
    seen   = count (chance, rule, record, &chance->self->fault_seen[number]);
    return seen != 0 && strikes (rule, record, seen)
           && chance->strike (rule, record, chance->data);
}

bool
fault_look (const struct fault_chance *chance)
{
    const struct plan_component *plan = &PLAN->components[chance->self->id];

    for (unsigned word = 0; word < FAULT_RULES_MAX / 64; word++)
        for (uint64_t bits = atomic_load (&plan->faults[word]); bits != 0; bits &= bits - 1)
            if (offer (chance, word * 64 + (uint32_t)__builtin_ctzll (bits)))
                return true;
    return false;
}

/* ---- what is refused ---- */

static bool
strike_refuse (const struct fault_rule *rule, struct fault_record *record, void *data)
{
    (void)rule, (void)record, (void)data;
    return true;
}

static bool
refuses (Component *self, enum fault_place place, uint16_t interface, uint16_t operation)
{
    struct fault_chance chance = { .self      = self,
                                   .place     = place,
                                   .interface = interface,
                                   .operation = operation,
                                   .strike    = strike_refuse };

    return fault_look (&chance);
}

bool
fault_alloc (Component *self)
{
    return refuses (self, FAULT_AT_ALLOC, FAULT_ANY, FAULT_ANY);
}

bool
fault_fiber (const struct message *request)
{
    const Link *link = &PLAN->links[request->link];

    return refuses (COMPONENT (link->target), FAULT_AT_FIBER, link->interface,
                    request->operation);
}

bool
fault_service (void)
{
    return refuses (COMPONENT (COMPONENT_NUCLEUS), FAULT_AT_FIBER, FAULT_ANY, FAULT_ANY);
}

static bool
wants_descriptor (uint8_t interface, unsigned operation)
{
    return interface == INTERFACE_file
           && (operation == file_OP_open || operation == file_OP_dup || operation == file_OP_pipe
               || operation == file_OP_pair);
}

/* ---- how long it takes to come back ---- */

static void
struck (const struct fault_rule *rule)
{
    struct fault_page *page = FAULTS (rule->component);

    if (page->struck_ns == 0 && here->replaying != REPLAY_ALL) {
        page->struck_rule = (uint32_t)(rule - PLAN->faults);
        page->struck_ns   = host_ns ();
    }
}

/* The component has served a call that nobody had an answer to before. */
static void
served (Component *self)
{
    struct fault_page *page = FAULTS (self->id);
    uint32_t number         = atomic_load (&page->sample_count);

    if (page->struck_ns == 0 || here->replaying == REPLAY_ALL)
        return;
    if (number < FAULT_SAMPLES_MAX)
        page->samples[number]
            = (struct fault_sample){ page->struck_rule,
                                     (uint32_t)((host_ns () - page->struck_ns) / 1000) };
    atomic_store (&page->sample_count, number + 1);
    page->struck_ns = 0;
}

/* ---- a call ---- */

static void
act (const struct fault_rule *rule, uint64_t draw)
{
    switch ((enum fault_kind)rule->kind) {
    case FAULT_LOOP:
    case FAULT_PARK:
        struck (rule);
        fault_hang (rule->kind);
        break;
    case FAULT_WILD:
        fault_wild (draw);
        break;
    case FAULT_SLOW:
        here->token.now += rule->amount;
        break;
    default:
        struck (rule);
        fault_crash (rule->kind);
    }
}

static bool
strike_call (const struct fault_rule *rule, struct fault_record *record, void *data)
{
    struct fault_service *service = data;

    if (!rule->after || is_relapse (rule))
        act (rule, fault_draw (rule, record->mark));
    else if (service->after == NULL)
        *service = (struct fault_service){ rule, record, rule->serial, record->mark };
    return false;
}

/* The handler is through. A replay that begins in the midst of it comes by here as well. */
static void
strike_after (const struct fault_service *service)
{
    const struct fault_rule *rule = service->after;
    bool done                     = service->seen <= service->record->ended;

    if (service->serial != rule->serial)
        return;
    if (done && !fault_kinds[rule->kind].again && !rule->persistent)
        return;
    service->record->ended = service->seen;
    act (rule, fault_draw (rule, service->seen));
}

bool
fault_before (struct fault_service *service, Component *self, uint8_t interface,
              unsigned operation)
{
    struct fault_chance chance = { .self      = self,
                                   .place     = FAULT_AT_CALL,
                                   .interface = interface,
                                   .operation = (uint16_t)operation,
                                   .strike    = strike_call,
                                   .data      = service };

    *service = (struct fault_service){ 0 };
    if (wants_descriptor (interface, operation)
        && refuses (self, FAULT_AT_HANDLE, interface, (uint16_t)operation))
        return true;
    fault_look (&chance);
    return false;
}

void
fault_after (const struct fault_service *service, Component *self)
{
    if (service->after != NULL)
        strike_after (service);
    served (self);
}
