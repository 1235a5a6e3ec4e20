/* chances: see chances.h. Rules that never strike count. */
#include "fault/chances.h"

#include <inttypes.h>
#include <string.h>

/* One kind for each place where rules are looked at; those of disks count each by itself. */
static enum fault_kind
representative (enum fault_kind kind)
{
    static const enum fault_kind first[] = { FAULT_ABORT, FAULT_ARENA, FAULT_FIBERS, FAULT_CORRUPT,
                                             FAULT_FILES };

    for (unsigned i = 0; i < G_N_ELEMENTS (first); i++)
        if (fault_kinds[first[i]].place == fault_kinds[kind].place)
            return first[i];
    return kind;
}

static void
rule_add (GPtrArray *rules, const char *component, enum fault_kind kind, uint64_t at_ns)
{
    unsigned number = rules->len / 4;

    g_ptr_array_add (rules, g_strdup_printf ("fault.n%u.component=%s", number, component));
    g_ptr_array_add (rules, g_strdup_printf ("fault.n%u.kind=%s", number, fault_kinds[kind].word));
    g_ptr_array_add (rules, g_strdup_printf ("fault.n%u.call=%u", number, UINT32_MAX));
    g_ptr_array_add (rules, g_strdup_printf ("fault.n%u.at=%" PRIu64 "ns", number, at_ns));
}

/* Is this kind counted, for this component? */
static bool
is_counted (const struct chances *chances, unsigned c, enum fault_kind kind)
{
    return representative (kind) == kind
           && (fault_kinds[kind].place != FAULT_AT_DISK || chances->components[c].disk)
           && (kind != FAULT_FILES || chances->components[c].files);
}

bool
chances_count (struct chances *chances, const struct trial_setup *setup, uint64_t at_ns,
               const struct trial_result *calm)
{
    g_autoptr (GPtrArray) rules = g_ptr_array_new_with_free_func (g_free);
    struct trial_result result;
    unsigned number = 0;
    bool fine;

    for (unsigned c = 0; c < chances->count; c++)
        for (unsigned kind = 0; kind < FAULT_KINDS; kind++)
            if (is_counted (chances, c, kind))
                rule_add (rules, chances->components[c].name, kind, at_ns);
    g_ptr_array_add (rules, NULL);
    trial_run (setup, (char **)rules->pdata, &result);
    fine = result.finished && result.ran && result.end == BOARD_HALTED
           && result.trace == calm->trace;
    for (unsigned c = 0; c < chances->count; c++)
        for (unsigned kind = 0; kind < FAULT_KINDS; kind++)
            if (is_counted (chances, c, kind))
                chances->seen[c][kind] = result.seen[number++];
    trial_result_clear (&result);
    return fine;
}

bool
chances_reach (const struct chances *chances, const char *component, enum fault_kind kind,
               uint64_t call)
{
    for (unsigned c = 0; c < chances->count; c++)
        if (strcmp (chances->components[c].name, component) == 0)
            return call <= chances->seen[c][representative (kind)];
    return false;
}
