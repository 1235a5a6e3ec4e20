/* value: the words a person writes for numbers, times and switches.
 *
 * Pure functions. Each answers false and leaves its result alone if the text is not such a
 * value, or is too large.
 */
#ifndef SIM_VALUE_H
#define SIM_VALUE_H

#include <stdbool.h>
#include <stdint.h>

bool value_number (const char *text, uint64_t *number); /* 12, 0x1f, 1_000, 16M (1024s) */
bool value_time (const char *text, uint64_t *ns);       /* 60us; a bare 0 needs no unit */
bool value_decimal (const char *text, uint64_t *thousandths); /* 0.063; three places */
bool value_switch (const char *text, bool *on);         /* on, off */

/* A name of a component, device or domain: a letter, then letters, digits, - and _. */
bool value_name (const char *text);
#define VALUE_NAME_MAX  15u
/* Why a component cannot be given this domain, and what to do; NULL: it can. */
const char *value_domain_wrong (const char *name);
#define VALUE_LABEL_MAX 31u

/* The shortest way to write a number with K, M, G, or a time with its unit. */
void value_print_size (uint64_t number, char out[32]);
void value_print_time (uint64_t ns, char out[32]);

#endif
