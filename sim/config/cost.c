/* cost: the built-in cost models.
 *
 * `free` charges nothing: with it the trace of calls is the same in every placement.
 *
 * `generic` is no machine that ever was. It takes each figure from the best source there is
 * and brings it to one clock of 3 GHz, so that structures are compared and not decades.
 * Marks: V, read in a primary source; D, computed from published data; V2, from a second-hand
 * account of the source.
 */
#include <string.h>

#include "config/config.h"
#include "config/cost_figures.h"

#define FIGURE(key, field, unit) { key, offsetof (struct cost_model, field), unit }

const struct cost_figure cost_figures[] = {
    FIGURE ("syscall", syscall, "cycles"),
    FIGURE ("message", message, "cycles"),
    FIGURE ("context-switch", context_switch, "cycles"),
    FIGURE ("page-fault", page_fault, "cycles"),
    FIGURE ("interrupt", interrupt, "cycles"),
    FIGURE ("direct-call", direct_call, "cycles"),
    FIGURE ("copy-per-byte", copy_millicycles_per_byte, "millicycles"),
    { NULL, 0, NULL },
};

static const struct cost_model cost_models[] = {
    { .name = "free" },
    {
        .name = "generic",
        .syscall                   = 185,
        .message                   = 1240,
        .context_switch            = 3200,
        .page_fault                = 3060,
        .interrupt                 = 1469,
        .direct_call               = 3,
        .copy_millicycles_per_byte = 63,
    },
};

/* Of `generic`. */
static const struct {
    const char *key;
    const char *source;
} cost_sources[] = {
    { "syscall", "Linux 5.11, no-op call: 222 cycles at 3.6 GHz (Unikraft, EuroSys'21, V)" },
    { "message", "L4Re, one IPC between address spaces: 1,240 cycles, i9-13900K "
                 "(l4re.org, 2025, V)" },
    { "context-switch", "Linux, half a pipe round trip less its calls, near 3 GHz (V2, D)" },
    { "page-fault", "Linux, a new zeroed page: 1.02 us (Cracauer, 2018, D)" },
    { "interrupt", "seL4, to a handler in user mode: 1,665 cycles at 3.4 GHz (sel4.systems, V)" },
    { "direct-call", "a function call: 4 cycles at 3.6 GHz (Unikraft, EuroSys'21, V)" },
    { "copy-per-byte", "memcpy within a level-2 cache: 0.021 ns a byte (measured)" },
};

const struct cost_model *
cost_model_find (const char *name)
{
    for (size_t i = 0; i < sizeof cost_models / sizeof *cost_models; i++)
        if (strcmp (cost_models[i].name, name) == 0)
            return &cost_models[i];
    return NULL;
}

const char *
cost_figure_source (const char *model, const char *key)
{
    if (strcmp (model, "free") == 0)
        return "nothing costs anything";
    for (size_t i = 0; i < sizeof cost_sources / sizeof *cost_sources; i++)
        if (strcmp (cost_sources[i].key, key) == 0)
            return cost_sources[i].source;
    return "";
}
