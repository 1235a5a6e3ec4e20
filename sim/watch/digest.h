/* digest: all that a component knows, in one number. */
#ifndef SIM_DIGEST_H
#define SIM_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

/* The arena as far as it was ever used, and where its chance stands. It does not depend on where
 * the component lived. Not of the nucleus and the programs: fibers and stacks are part of what
 * they know. False: its arena is damaged. */
bool digest_of (uint32_t component, uint64_t *digest);

#endif
