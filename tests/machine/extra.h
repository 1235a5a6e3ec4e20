/* extra: what khimera-tests has beside khimera. */
#ifndef TESTS_MACHINE_EXTRA_H
#define TESTS_MACHINE_EXTRA_H

#include "component.h"

extern const struct component_class culprit_class;
extern const struct component_class forger_class;
extern const struct component_class victim_class;

/* The byte that fills the victim's memory, and where, from the start of the component's
 * memory, the culprit hits it. */
#define VICTIM_BYTE  0x5au
#define VICTIM_WOUND 0xa000u

int program_openload (int argc, char **argv);
int program_window (int argc, char **argv);

#endif
