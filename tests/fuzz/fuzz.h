/* fuzz: targets for strangers' bytes. Each target is a file with LLVMFuzzerTestOneInput, which any
 * fuzzer of that kind can drive (clang -fsanitize=fuzzer); linked with driver.c it is a test: the
 * corpus, then mutations of it, made from a seed. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t bytes);

/* Of a target, for the driver: the folder of its corpus, and how many mutations a test makes. */
extern const char fuzz_name[];
extern const unsigned fuzz_runs;
/* What was done, in a line that begins with "# "; or nothing. */
void fuzz_tell (void);

#endif
