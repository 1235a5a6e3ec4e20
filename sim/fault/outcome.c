/* outcome: see outcome.h. */
#define _GNU_SOURCE
#include "fault/outcome.h"

#include <errno.h>
#include <string.h>

const char *const outcome_names[OUTCOMES]
    = { "not activated", "masked", "transparent", "degraded", "damaged", "stopped", "panic", "FAIL" };
const char outcome_letters[OUTCOMES + 1] = ".mtdxsPF";

#define BIT(outcome) (1u << OUTCOME_##outcome)

/* What the load's exit status says; see onceload. */
#define LOAD_RIGHT   0
#define LOAD_WRONG   1
#define LOAD_REFUSED 3

/* ---- what happened ---- */

/* Kinds after which wrong data need not be anybody's mistake: there are no checksums. */
static bool
is_silent (enum fault_kind kind)
{
    return kind == FAULT_WILD || kind == FAULT_DISK_CORRUPT || kind == FAULT_MISDIRECTED
           || kind == FAULT_LOST_WRITE || kind == FAULT_TORN_WRITE;
}

static enum outcome
wrong (enum fault_kind kind, const char **why, const char *what)
{
    *why = what;
    return is_silent (kind) ? OUTCOME_DAMAGED : OUTCOME_FAIL;
}

static bool
anybody (const struct trial_result *result, enum trial_death how)
{
    for (uint32_t d = 1; d < result->domain_count; d++)
        if (result->deaths[d] == how)
            return true;
    return false;
}

/* What programs may be told of a fault. Of others they are told nothing, or what nobody can say
 * beforehand: whom a component has forgotten that began anew, what comes of a lie that was
 * believed. */
#define ERRORS_MAX 4u

static const int documented[FAULT_KINDS][ERRORS_MAX] = {
    [FAULT_FILES]      = { ENFILE },
    [FAULT_ARENA]      = { ENOMEM, ENOSPC, ENFILE, EIO },
    [FAULT_FIBERS]     = { ENOMEM, EIO },
    [FAULT_DISK_ERROR] = { EIO, EROFS },
};

static bool
is_documented (enum fault_kind kind, const char *text)
{
    for (unsigned i = 0; i < ERRORS_MAX && documented[kind][i] != 0; i++)
        if (g_str_has_prefix (text, strerrordesc_np (documented[kind][i])))
            return true;
    return false;
}

/* Who wants memory that there is none of ends, as everywhere. */
static bool
is_killed (enum fault_kind kind, const char *line)
{
    return (kind == FAULT_ARENA || kind == FAULT_FIBERS) && g_str_has_prefix (line, "Killed");
}

/* Is all that programs were refused refused as it should be? "onceload: refused: ERROR: 3" is
 * what the load says of all that it met; others say it as they do: "NAME: WHAT: ERROR". */
static bool
is_refused_rightly (const struct trial_result *result, enum fault_kind kind)
{
    static const char told[] = "onceload: refused: ";
    g_auto (GStrv) lines     = g_strsplit (result->output->str, "\n", -1);
    bool seen                = false;

    for (char **line = lines; *line != NULL; line++) {
        const char *last = strrchr (*line, ':');

        if (g_str_has_prefix (*line, told) && !is_documented (kind, *line + sizeof told - 1))
            return false;
        seen |= g_str_has_prefix (*line, told) || is_killed (kind, *line)
                || (last != NULL && last[1] == ' ' && is_documented (kind, last + 2));
    }
    return seen;
}

/* The machine came to its own end. */
static enum outcome
outcome_of_halt (const struct trial_result *result, const struct trial_result *calm,
                 enum fault_kind kind, const char **why)
{
    if (result->status == LOAD_WRONG)
        return wrong (kind, why, "wrong data, or an effect that is missing or double");
    if (!result->image_clean)
        return wrong (kind, why, "the disk's file system is damaged");
    if (anybody (result, TRIAL_DIED)) {
        *why = result->gave_up[0] != '\0' ? "a component is off, and the machine cannot do without"
                                          : "a component is off";
        return OUTCOME_STOPPED;
    }
    if (result->gave_up[0] != '\0') {
        *why = "the machine came to a stop";
        return kind == FAULT_PARK ? OUTCOME_STOPPED : OUTCOME_FAIL;
    }
    if (result->status != LOAD_RIGHT) {
        bool rightly = documented[kind][0] == 0 || is_refused_rightly (result, kind);

        *why = rightly ? "programs were refused something"
                       : "programs were refused something, with a status that is not documented";
        return rightly ? OUTCOME_DEGRADED : OUTCOME_FAIL;
    }
    if (!g_string_equal (result->output, calm->output))
        return wrong (kind, why, "other output");
    *why = anybody (result, TRIAL_CAME_BACK) ? "put back" : "";
    return anybody (result, TRIAL_CAME_BACK) || result->virtual_ns != calm->virtual_ns
               ? OUTCOME_TRANSPARENT
               : OUTCOME_MASKED;
}

enum outcome
outcome_of (const struct trial_result *result, const struct trial_result *calm,
            enum fault_kind kind, const char **why)
{
    uint32_t fired = 0;

    *why = "";
    for (unsigned i = 0; i < FAULT_RULES_MAX; i++)
        fired += result->fired[i];
    if (!result->finished || !result->ran) {
        *why = "the supervisor died";
        return OUTCOME_FAIL;
    }
    if (fired == 0)
        return OUTCOME_NOT_ACTIVATED;
    switch (result->end) {
    case BOARD_HALTED:
        return outcome_of_halt (result, calm, kind, why);
    case BOARD_PANIC:
        *why = "panic";
        return OUTCOME_PANIC;
    case BOARD_POWER_CUT:
        *why = "the power was cut";
        return result->image_usable ? OUTCOME_STOPPED : OUTCOME_FAIL;
    case BOARD_TIMEOUT:
        *why = "it hangs";
        return OUTCOME_FAIL;
    default:
        *why = "it could not go on";
        return OUTCOME_FAIL;
    }
}

/* ---- what should happen ---- */

/* What becomes of a process that dies, or of one that is found to hang. */
static unsigned
predict_death (const MachineConfig *config, const char *domain)
{
    unsigned mode  = RESTART_REPLAY;
    bool essential = false;

    if (strcmp (domain, "kernel") == 0)
        return BIT (PANIC);
    for (guint i = 0; i < config->components->len; i++) {
        const struct component_config *component = config->components->pdata[i];

        if (strcmp (component->domain, domain) != 0)
            continue;
        mode = MIN (mode, component->restart);
        essential |= component->essential;
    }
    switch (mode) {
    case RESTART_REPLAY:
        return BIT (TRANSPARENT);
    case RESTART_COLD:
        return BIT (TRANSPARENT) | BIT (DEGRADED);
    default:
        return essential ? BIT (PANIC) : BIT (STOPPED);
    }
}

/* Who has no heartbeat is never found to hang. */
static bool
has_heartbeat (const MachineConfig *config, const char *domain)
{
    for (guint i = 0; i < config->components->len; i++) {
        const struct component_config *component = config->components->pdata[i];

        if (strcmp (component->domain, domain) == 0 && component->heartbeat_ns == 0)
            return false;
    }
    return true;
}

unsigned
outcome_predict (const MachineConfig *config, const char *component, enum fault_kind kind,
                 bool reached)
{
    const struct component_config *self = config_component (config, component);
    const char *domain                  = self != NULL ? self->domain : "kernel";
    unsigned death                      = predict_death (config, domain);
    bool kernel                         = strcmp (domain, "kernel") == 0;

    if (!reached)
        return BIT (NOT_ACTIVATED);
    switch (kind) {
    case FAULT_PARK: /* in the kernel nobody waits for whom he could end */
        if (!has_heartbeat (config, domain))
            return BIT (STOPPED);
        return death | (kernel ? BIT (STOPPED) : 0);
    case FAULT_LOOP: /* a hang for ever is a failure; that it was asked for makes it no surprise */
        return has_heartbeat (config, domain) ? death : BIT (FAIL);
    case FAULT_SLOW:
    case FAULT_CORRUPT:
    case FAULT_DROP:
    case FAULT_DUPLICATE:
    case FAULT_DELAY:
        return BIT (TRANSPARENT) | BIT (MASKED);
    case FAULT_FILES:
    case FAULT_ARENA:
    case FAULT_DISK_ERROR:
        return BIT (MASKED) | BIT (TRANSPARENT) | BIT (DEGRADED);
    case FAULT_FIBERS:
        return BIT (DEGRADED) | BIT (MASKED) | BIT (TRANSPARENT);
    case FAULT_WILD:
        /* Off is who sends what it may not, which the kernel cannot be. */
        return death | BIT (MASKED) | BIT (TRANSPARENT) | BIT (DEGRADED) | BIT (DAMAGED)
               | (kernel ? 0 : BIT (STOPPED));
    case FAULT_DISK_CORRUPT:
    case FAULT_MISDIRECTED:
    case FAULT_LOST_WRITE:
    case FAULT_TORN_WRITE:
        return BIT (MASKED) | BIT (TRANSPARENT) | BIT (DEGRADED) | BIT (DAMAGED);
    case FAULT_POWER_CUT:
        return BIT (STOPPED);
    default:
        return death;
    }
}
