/* personality: the face that programs see. It turns a system call into operations of the
 * interfaces, on the task's own fiber in the kernel. */
#ifndef SIM_PERSONALITY_H
#define SIM_PERSONALITY_H

#include "nucleus/task.h"

/* Serves one call of a task. The result is what the program gets in its result register. */
int64_t personality_call (struct task *task, uint32_t number, const uint64_t argument[6]);

/* Does this result say that the call was interrupted before it had done anything? */
bool personality_interrupted (int64_t result);

/* "open"; "?" if there is no such call. */
const char *personality_call_name (uint32_t number);

/* Bytes of a program's memory as the kernel sees them; NULL if the program may not touch
 * them all. Good until the task runs again. */
void *user_memory (const struct task *task, uint64_t address, uint64_t bytes);
/* A zero-terminated string of a program, at most `max` bytes without its zero: its length in
 * *bytes. NULL: not the program's memory, or longer. */
const char *user_string (const struct task *task, uint64_t address, uint32_t max, uint32_t *bytes);

#endif
