/* canned: what a machine could have said, for tests that have none. */
#ifndef TESTS_UI_CANNED_H
#define TESTS_UI_CANNED_H

#include <jansson.h>
#include <stdint.h>

/* structure: "monolithic", "hybrid" or "microkernel". Counters are so many times those of the
 * first second. The caller owns the result. */
json_t *canned_snapshot (const char *structure, unsigned seconds);
/* A system call with what it did to the parts, as "calls" rows; `call` is its number. */
json_t *canned_calls (unsigned call);
/* The result of "help". */
json_t *canned_help (void);

#endif
