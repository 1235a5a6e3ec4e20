/* descriptor: what every face asks about the descriptor of a program. */
#ifndef PERSONALITIES_DESCRIPTOR_H
#define PERSONALITIES_DESCRIPTOR_H

#include "nucleus/task.h"

/* Has it a position? */
bool descriptor_is_seekable (const struct task *task, int32_t fd);

#endif
