#include "board/move_rules.h"

#include <inttypes.h>
#include <string.h>

#include "board/stand.h"
#include "config/config.h"
#include "gate/gate.h"

/* How often they are looked at, in virtual time. */
#define PERIOD_CYCLES NS_TO_CYCLES (10000000u)
/* Crashes of a component that are remembered. */
#define CRASHES_MAX 64u
/* A rule whose move was refused is left alone so long. */
#define SULK_CYCLES NS_TO_CYCLES (1000000000u)

struct crashes {
    uint64_t at[CRASHES_MAX]; /* virtual time of the last ones, by number */
    uint64_t count;
};

struct rule {
    const struct rule_config *config;
    uint32_t component, with; /* with: UINT32_MAX: none */
    uint64_t calls;           /* BUSY: over the edge, when the window began, */
    uint64_t window_began;    /* which was then */
    uint64_t not_before;
    bool owed; /* its move was interrupted: again, whatever it looked at may say by then */
};

struct MoveRules {
    struct rule *table;
    unsigned count;
    struct rule *moving; /* whose move is under way; NULL: none's */
    struct crashes crashes[COMPONENT_MAX];
    uint64_t next; /* virtual time */
};

MoveRules *
move_rules_new (const GPtrArray *rules, Mover *mover)
{
    MoveRules *self = g_new0 (MoveRules, 1);

    self->table = g_new0 (struct rule, rules->len);
    for (guint i = 0; i < rules->len; i++) {
        struct rule *rule = &self->table[self->count++];

        rule->config    = rules->pdata[i];
        rule->component = move_component (rule->config->component);
        rule->with = rule->config->with != NULL ? move_component (rule->config->with) : UINT32_MAX;
    }
    self->next = PERIOD_CYCLES;
    mover_announce (mover, self->next);
    return self;
}

void
move_rules_free (MoveRules *rules)
{
    if (rules == NULL)
        return;
    g_free (rules->table);
    g_free (rules);
}

void
move_rules_crashed (MoveRules *rules, uint32_t domain)
{
    for (uint32_t c = 0; rules != NULL && c < PLAN->component_count; c++)
        if (PLAN->components[c].domain == domain) {
            struct crashes *crashes = &rules->crashes[c];

            crashes->at[crashes->count++ % CRASHES_MAX] = stand_now ();
        }
}

/* ---- what they look at ---- */

static uint64_t
calls_between (uint32_t a, uint32_t b)
{
    uint64_t calls = 0;

    for (uint32_t i = 0; i < PLAN->link_count; i++) {
        const Link *link = &PLAN->links[i];

        if ((link->owner == a && link->target == b) || (link->owner == b && link->target == a))
            for (unsigned op = 0; op < OPERATION_MAX; op++)
                calls += link->stats->calls[op];
    }
    return calls;
}

static bool
has_crashed_often (const MoveRules *rules, const struct rule *rule)
{
    const struct crashes *crashes = &rules->crashes[rule->component];
    uint64_t wanted               = MIN (rule->config->count, CRASHES_MAX);

    return crashes->count >= wanted
           && stand_now () - crashes->at[(crashes->count - wanted) % CRASHES_MAX]
                  <= NS_TO_CYCLES (rule->config->within_ns);
}

/* Long enough without a crash, after there was one. */
static bool
is_quiet (const MoveRules *rules, const struct rule *rule)
{
    const struct crashes *crashes = &rules->crashes[rule->component];

    return crashes->count != 0
           && stand_now () - crashes->at[(crashes->count - 1) % CRASHES_MAX]
                  >= NS_TO_CYCLES (rule->config->within_ns);
}

static bool
is_busy (struct rule *rule)
{
    uint64_t calls   = calls_between (rule->component, rule->with);
    uint64_t elapsed = stand_now () - rule->window_began;
    uint64_t within  = NS_TO_CYCLES (rule->config->within_ns);
    uint64_t most    = rule->config->count;
    bool busy;

    if (elapsed > within) /* nothing was to be looked at meanwhile */
        most = (uint64_t)((double)most * (double)elapsed / (double)within);
    busy = calls - rule->calls > most;
    if (busy || elapsed >= within) {
        rule->calls        = calls;
        rule->window_began = stand_now ();
    }
    return busy;
}

static bool
applies (const MoveRules *rules, struct rule *rule)
{
    switch (rule->config->when) {
    case RULE_CRASHES:
        return has_crashed_often (rules, rule);
    case RULE_QUIET:
        return is_quiet (rules, rule);
    case RULE_BUSY:
        return is_busy (rule);
    }
    return false;
}

/* ---- what they do ---- */

static char *
reason_of (const struct rule *rule)
{
    const struct rule_config *config = rule->config;
    double within_ms                 = (double)config->within_ns / 1e6;

    switch (config->when) {
    case RULE_CRASHES:
        return g_strdup_printf ("rule %s: %" PRIu64 " crashes within %.15g ms", config->name,
                                config->count, within_ms);
    case RULE_QUIET:
        return g_strdup_printf ("rule %s: no crash for %.15g ms", config->name, within_ms);
    default:
        return g_strdup_printf ("rule %s: more than %" PRIu64 " calls to and from %s within "
                                "%.15g ms", config->name, config->count, config->with, within_ms);
    }
}

/* Where it wants its component; where that is already: NULL. */
static const char *
wants (const struct rule *rule)
{
    const char *to = rule->config->move_to != NULL
                         ? rule->config->move_to
                         : PLAN->domains[PLAN->components[rule->with].domain].name;
    const char *is = PLAN->domains[PLAN->components[rule->component].domain].name;

    if (strcmp (to, "own") == 0)
        to = rule->config->component;
    return strcmp (to, is) != 0 ? to : NULL;
}

/* Whether its move has begun. */
static bool
act (const struct rule *rule, Mover *mover)
{
    g_autofree char *reason   = reason_of (rule);
    char *error               = NULL;
    struct move_result failed = { .component = rule->component,
                                  .reason    = reason,
                                  .at        = stand_now () };

    if (mover_ask (mover, rule->component, wants (rule), stand_now (), reason, &error))
        return true;
    failed.failed = error;
    g_strlcpy (failed.to, wants (rule), sizeof failed.to);
    mover_tell (mover, &failed);
    g_free (error);
    return false;
}

void
move_rules_look (MoveRules *rules, Mover *mover)
{
    if (mover_is_busy (mover) || !mover_waits (mover) || stand_now () < rules->next)
        return;
    for (unsigned i = 0; i < rules->count; i++) {
        struct rule *rule = &rules->table[i];

        if (wants (rule) == NULL)
            rule->owed = false;
        if (stand_now () < rule->not_before || !(rule->owed || applies (rules, rule))
            || wants (rule) == NULL)
            continue;
        if (rule->config->when == RULE_QUIET)
            rules->crashes[rule->component].count = 0; /* that is forgotten */
        rule->not_before = stand_now () + SULK_CYCLES;
        rule->owed       = false;
        if (act (rule, mover)) {
            rules->moving = rule;
            return;
        }
    }
    rules->next = stand_now () + PERIOD_CYCLES;
    mover_announce (mover, rules->next);
}

void
move_rules_told (MoveRules *rules, Mover *mover, const struct move_result *result)
{
    if (rules->moving != NULL && result->interrupted) {
        rules->moving->owed       = true;
        rules->moving->not_before = 0;
    }
    rules->moving = NULL;
    rules->next = stand_now () + PERIOD_CYCLES;
    mover_announce (mover, rules->next);
}
