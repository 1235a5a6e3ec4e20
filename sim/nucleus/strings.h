/* strings: what a task's program was started with, as people and tools see it: its path, its
 * arguments, its environment. A copy: what the program does to its own changes nothing here.
 * A child has its parent's until it is another program. */
#ifndef SIM_STRINGS_H
#define SIM_STRINGS_H

#include "nucleus/task.h"

#define STRINGS_SHOWN 4096u /* bytes of the arguments, and of the environment; the rest is cut */

enum strings_what { STRINGS_ARGUMENTS, STRINGS_ENVIRONMENT, STRINGS_PATH };

/* strings: arguments, then the environment, each with its zero. Without memory for them there
 * are none. */
void strings_set (struct task *task, const char *path, const char *strings, uint32_t bytes,
                  uint32_t arguments);
void strings_share (const struct task *from, struct task *to);
void strings_drop (struct task *task);
/* *bytes 0: there are none. */
const char *strings_of (const struct task *task, enum strings_what what, uint32_t *bytes);

#endif
