/* posix: what a built-in program is written against.
 *
 * Programs share one address space and are fibers: no writable globals, no malloc, no stdio.
 * Calls are posix_NAME (...) and answer a number >= 0 or -errno. Stacks are 64 KiB.
 */
#ifndef POSIX_LIB_H
#define POSIX_LIB_H

#include "personalities/posix/abi.h"

#define CALL(name, arguments, becomes) long posix_##name arguments;
#include "personalities/posix/calls.def"
#undef CALL

/* Memory of this process, zeroed, given back as a whole when it ends. NULL when the machine
 * is out of memory. */
void *program_alloc (size_t bytes);
void program_free (void *memory);
void *program_grow (void *memory, size_t old_bytes, size_t new_bytes);

/* The environment the process was started with; ends with NULL. */
char **program_environment (void);

/* `cycles` of computing, so that virtual time passes; may be preempted here. */
void program_compute (uint64_t cycles);

/* Virtual, seeded. */
uint64_t program_random (void);

/* One built-in program: argv is in the process's memory. The result is its exit status. */
typedef int program_main (int argc, char **argv);

struct program {
    const char *name;
    program_main *main;
    const char *help; /* one line */
};

/* NULL if there is none; the n-th, NULL after the last. */
const struct program *program_find (const char *name);
const struct program *program_at (unsigned index);

/* Tests add programs of their own: a table that ends with a null name, searched first. */
extern const struct program *programs_extra;

#endif
