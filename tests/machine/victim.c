/* victim: a component that knows what its memory should hold, and says whether it does. */
#include <string.h>

#include "extra.h"
#include "flat.h"
#include "gate/runtime.h"

#define PATTERN_BYTES 65536u

struct victim {
    struct flat flat;
    uint8_t pattern[PATTERN_BYTES];
};

/* The wound lies in the pattern, wherever the arena begins. */
_Static_assert (VICTIM_WOUND > COMPONENT_HEADER_BYTES + 16384
                    && VICTIM_WOUND < COMPONENT_HEADER_BYTES + PATTERN_BYTES - 4096,
                "the wound misses the pattern");

static void
victim_health (Component *self, const char *name, struct text *text)
{
    const struct victim *victim = component_state (self);
    uint32_t wounds             = 0;

    (void)name;
    for (uint32_t i = 0; i < PATTERN_BYTES; i++)
        wounds += victim->pattern[i] != VICTIM_BYTE;
    text_append (text, wounds == 0 ? "sound\n" : "corrupt\n");
}

static const struct flat_file victim_files[] = {
    { "health", victim_health },
    { NULL, NULL },
};

static enum status
victim_start (Component *self)
{
    struct victim *victim = component_state (self);

    victim->flat.files = victim_files;
    memset (victim->pattern, VICTIM_BYTE, sizeof victim->pattern);
    return OK;
}

const struct component_class victim_class = {
    .name        = "victim",
    .summary     = "knows what its memory should hold",
    .state_bytes = sizeof (struct victim),
    .provides    = { { INTERFACE_fs, &flat_ops } },
    .start       = victim_start,
};
