/* rules: see rules.h. */
#include "fault/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/report.h"
#include "config/value.h"
#include "gate/runtime.h"
#include "machine/machine.h"

/* ---- from words ---- */

void
fault_config_init (struct fault_config *fault, const char *name, uint64_t seed)
{
    *fault = (struct fault_config){
        .name = g_strdup (name),
        .rule = { .interface = FAULT_ANY,
                  .operation = FAULT_ANY,
                  .until     = UINT64_MAX,
                  .last      = UINT64_MAX,
                  .call      = 1,
                  .times     = 1,
                  .seed      = seed,
                  .amount    = NS_TO_CYCLES (1000000) },
    };
}

void
fault_config_clear (struct fault_config *fault)
{
    g_free (fault->name);
    g_free (fault->component);
    g_free (fault->operation);
}

static uint8_t
kind_read (const char *word)
{
    uint8_t kind = 0;

    while (strcmp (fault_kinds[kind].word, word) != 0)
        kind++;
    return kind;
}

static void
sectors_read (struct fault_config *fault, const char *text)
{
    struct fault_rule *rule = &fault->rule;

    fault->sectors = true;
    if (sscanf (text, "%" SCNu64 "-%" SCNu64, &rule->first, &rule->last) == 1)
        rule->last = rule->first;
}

/* What the value of a key is, where it is kept. */
enum form { FORM_TEXT, FORM_KIND, FORM_CYCLES, FORM_COUNT, FORM_NUMBER, FORM_FLAG, FORM_SECTORS };

static const struct key {
    const char *key;
    enum form form;
    size_t at;       /* offset into the fault */
    const char *yes; /* FORM_FLAG: the word for true */
} keys[] = {
    { "component", FORM_TEXT, offsetof (struct fault_config, component), NULL },
    { "operation", FORM_TEXT, offsetof (struct fault_config, operation), NULL },
    { "kind", FORM_KIND, offsetof (struct fault_config, rule.kind), NULL },
    { "at", FORM_CYCLES, offsetof (struct fault_config, rule.from), NULL },
    { "every", FORM_CYCLES, offsetof (struct fault_config, rule.every), NULL },
    { "skip", FORM_COUNT, offsetof (struct fault_config, rule.skip), NULL },
    { "call", FORM_COUNT, offsetof (struct fault_config, rule.call), NULL },
    { "odds", FORM_COUNT, offsetof (struct fault_config, rule.odds), NULL },
    { "times", FORM_COUNT, offsetof (struct fault_config, rule.times), NULL },
    { "seed", FORM_NUMBER, offsetof (struct fault_config, rule.seed), NULL },
    { "amount", FORM_CYCLES, offsetof (struct fault_config, rule.amount), NULL },
    { "moment", FORM_FLAG, offsetof (struct fault_config, rule.after), "after" },
    { "persistent", FORM_FLAG, offsetof (struct fault_config, rule.persistent), "on" },
    { "sectors", FORM_SECTORS, 0, NULL },
};

static void
value_take (struct fault_config *fault, const struct key *key, const char *text)
{
    void *at        = (char *)fault + key->at;
    uint64_t number = 0;

    if (!value_time (text, &number))
        value_number (text, &number);
    switch (key->form) {
    case FORM_TEXT:
        g_free (*(char **)at);
        *(char **)at = g_strdup (text);
        break;
    case FORM_KIND:
        *(uint8_t *)at  = kind_read (text);
        fault->has_kind = true;
        break;
    case FORM_CYCLES:
        *(uint64_t *)at = NS_TO_CYCLES (number);
        break;
    case FORM_COUNT:
        *(uint32_t *)at = (uint32_t)number;
        break;
    case FORM_NUMBER:
        *(uint64_t *)at = number;
        break;
    case FORM_FLAG:
        *(bool *)at = strcmp (text, key->yes) == 0;
        break;
    case FORM_SECTORS:
        sectors_read (fault, text);
    }
}

void
fault_config_take (struct fault_config *fault, const char *key, const char *text)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
        if (strcmp (keys[i].key, key) == 0)
            value_take (fault, &keys[i], text);
}

/* ---- what does not go together ---- */

static bool
provides (const struct component_class *class_, unsigned interface)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (class_->provides) && class_->provides[i].operations;
         i++)
        if (class_->provides[i].interface == interface)
            return true;
    return false;
}

static char *
interface_wrong (const char *name, const struct component_class *class_)
{
    g_autoptr (GPtrArray) words = g_ptr_array_new ();
    g_autofree char *remedy     = NULL;

    for (unsigned i = 0; i < INTERFACE_COUNT; i++)
        if (provides (class_, i))
            g_ptr_array_add (words, (gpointer)interfaces[i].name);
    g_ptr_array_add (words, NULL);
    remedy = suggest_remedy (name, (const char *const *)words->pdata);
    return g_strdup_printf ("%s has no interface \"%s\"%s", class_->name, name, remedy);
}

/* "fs", or "fs.read". */
static char *
operation_wrong (struct fault_rule *rule, const char *text, const struct component_class *class_)
{
    const char *dot             = strchr (text, '.');
    g_autofree char *name       = dot != NULL ? g_strndup (text, (gsize)(dot - text)) : g_strdup (text);
    g_autoptr (GPtrArray) words = g_ptr_array_new ();
    g_autofree char *remedy     = NULL;
    const struct interface *interface;

    for (uint16_t i = 0; i < INTERFACE_COUNT; i++)
        if (strcmp (interfaces[i].name, name) == 0 && provides (class_, i))
            rule->interface = i;
    if (rule->interface == FAULT_ANY)
        return interface_wrong (name, class_);
    if (dot == NULL)
        return NULL;
    interface = &interfaces[rule->interface];
    for (uint16_t i = 0; i < interface->operation_count; i++) {
        g_ptr_array_add (words, (gpointer)interface->operations[i].name);
        if (strcmp (interface->operations[i].name, dot + 1) == 0)
            rule->operation = i;
    }
    if (rule->operation != FAULT_ANY)
        return NULL;
    g_ptr_array_add (words, NULL);
    remedy = suggest_remedy (dot + 1, (const char *const *)words->pdata);
    return g_strdup_printf ("%s has no operation \"%s\"%s", name, dot + 1, remedy);
}

char *
fault_config_wrong (struct fault_config *fault, const struct component_class *class_,
                    const char **key)
{
    struct fault_rule *rule           = &fault->rule;
    const struct fault_kind_info *kind = &fault_kinds[rule->kind];

    g_strlcpy (rule->name, fault->name, sizeof rule->name);
    *key = "kind";
    if (rule->kind == FAULT_FILES && !provides (class_, INTERFACE_file))
        return g_strdup_printf ("%s has no descriptors; only what provides file has, as vfs does",
                                class_->name);
    if (kind->place == FAULT_AT_DISK && g_strcmp0 (class_->device, "disk") != 0)
        return g_strdup_printf ("%s drives no disk; only a component that does has %s, as blk",
                                class_->name, kind->word);
    *key = "sectors";
    if (fault->sectors && kind->place != FAULT_AT_DISK)
        return g_strdup_printf ("%s is not about sectors; leave them out", kind->word);
    if (rule->first > rule->last)
        return g_strdup ("the last sector is before the first; write first-last");
    *key = "odds";
    if (rule->odds != 0 && rule->call != 1)
        return g_strdup ("call and odds exclude each other; write one of them");
    *key = "moment";
    if (rule->after && (kind->place != FAULT_AT_CALL || kind->again))
        return g_strdup_printf ("%s has no moment; leave it out", kind->word);
    *key = "operation";
    if (fault->operation != NULL && kind->place == FAULT_AT_ALLOC)
        return g_strdup_printf ("%s is not about an operation; leave it out", kind->word);
    return fault->operation != NULL ? operation_wrong (rule, fault->operation, class_) : NULL;
}

/* ---- in the plan ---- */

void
fault_arm (const struct fault_rule *rule, uint16_t component, uint32_t number)
{
    struct fault_rule *place = &PLAN->faults[number];
    uint64_t bit             = (uint64_t)1 << number % 64;

    if (number == PLAN->fault_count)
        PLAN->fault_count++;
    else
        atomic_fetch_and (&PLAN->components[place->component].faults[number / 64], ~bit);
    *place           = *rule;
    place->component = component;
    place->serial    = ++PLAN->fault_serial;
    atomic_fetch_or (&PLAN->components[component].faults[number / 64], bit);
    atomic_fetch_or (&PLAN->brake.on, BRAKE_FAULTS);
}

void
fault_disarm (uint32_t number, uint64_t now)
{
    if (PLAN->faults[number].until > now)
        PLAN->faults[number].until = now;
}

/* NULL: nothing came of it yet. */
static const struct fault_record *
record_of (uint32_t number)
{
    const struct fault_rule *rule     = &PLAN->faults[number];
    const struct fault_record *record = &FAULTS (rule->component)->records[number];

    return atomic_load (&record->serial) == rule->serial ? record : NULL;
}

uint32_t
fault_fired (uint32_t number)
{
    const struct fault_record *record = record_of (number);

    return record != NULL ? atomic_load (&record->fired) : 0;
}

uint64_t
fault_fired_at (uint32_t number)
{
    const struct fault_record *record = record_of (number);

    return record != NULL ? atomic_load (&record->at) : 0;
}

uint32_t
fault_seen (uint32_t number)
{
    const struct fault_rule *rule     = &PLAN->faults[number];
    const struct fault_record *record = record_of (number);
    const struct fault_seen *seen     = &COMPONENT (rule->component)->fault_seen[number];
    enum fault_place place            = fault_kinds[rule->kind].place;

    if (place == FAULT_AT_MESSAGE || place == FAULT_AT_DISK)
        return record != NULL ? record->seen.count : 0;
    return seen->serial == rule->serial ? seen->count : 0;
}

bool
fault_is_spent (uint32_t number, uint64_t now)
{
    const struct fault_rule *rule = &PLAN->faults[number];

    return rule->until <= now || (rule->times != 0 && fault_fired (number) >= rule->times);
}

bool
fault_is_replayed (uint32_t number, uint64_t since)
{
    const struct fault_rule *rule = &PLAN->faults[number];

    return (fault_kinds[rule->kind].again || rule->persistent || rule->after
            || rule->kind == FAULT_RELAPSE)
           && fault_fired (number) != 0 && fault_fired_at (number) >= since;
}

bool
fault_cuts_power (void)
{
    for (uint32_t i = 0; i < PLAN->fault_count; i++)
        if (PLAN->faults[i].kind == FAULT_POWER_CUT && fault_fired (i) != 0)
            return true;
    return false;
}
