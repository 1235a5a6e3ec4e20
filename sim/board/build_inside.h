/* build_inside: what the files that build a machine share. */
#ifndef SIM_BUILD_INSIDE_H
#define SIM_BUILD_INSIDE_H

#include "board/build.h"

struct builder {
    const MachineConfig *config;
    Machine *machine;
    struct plan *plan;
    GPtrArray *order;  /* struct component_config */
    GHashTable *ids;   /* name -> component number */
    GHashTable *domains; /* name -> domain number + 1 */
};

/* ---- build_plan.c ---- */

/* Fills the plan but for its devices. */
bool builder_plan (struct builder *b, GError **error);
/* The number of a component that is in the plan. */
uint32_t builder_component (struct builder *b, const char *name);

#endif
