/* ground: as much of a machine's memory as the nucleus's parts stand on, without a machine:
 * the plan, one domain's token, and a component that has an arena. */
#ifndef TESTS_NUCLEUS_GROUND_H
#define TESTS_NUCLEUS_GROUND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate/runtime.h"

/* For cmocka: before and after each test. The component is the nucleus; it draws from
 * `seed` 1. */
int ground_lay (void **state);
int ground_clear (void **state);

/* Chance of the test's own. */
uint32_t ground_chance (uint32_t *seed, uint32_t bound);

#endif
