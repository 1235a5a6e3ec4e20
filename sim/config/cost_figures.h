/* cost_figures: the figures of a cost model by name, and where each was published. */
#ifndef SIM_COST_FIGURES_H
#define SIM_COST_FIGURES_H

#include <stddef.h>
#include <stdint.h>

#include "config/cost.h"

#define COST_MODEL_WORDS "free generic"

/* One figure: a key of [cost-model] and a field of struct cost_model. */
struct cost_figure {
    const char *key;
    size_t offset;     /* of a uint64_t */
    const char *unit;  /* "cycles", "millicycles a byte" */
};

extern const struct cost_figure cost_figures[]; /* ends with key == NULL */

/* Where the figure of a built-in model comes from; "" if there is nothing to say. */
const char *cost_figure_source (const char *model, const char *key);

#endif
