/* posix: the POSIX face, kernel side. Each call is a function of this shape, found by its
 * number in the table that calls.def makes. */
#ifndef POSIX_H
#define POSIX_H

#include "interfaces/interfaces.h"
#include "nucleus/nucleus.h"
#include "personalities/posix/abi.h"
#include "personality.h"

typedef int64_t posix_call (struct task *task, const uint64_t *a);

#define CALL(name, arguments, becomes) posix_call posix_call_##name;
#include "personalities/posix/calls.def"
#undef CALL

/* What a program gets for a status: 0, or -errno. */
int64_t posix_result (enum status status);

/* A path of a program as a grant, without its zero. 0, or -errno. */
int64_t posix_path (const struct task *task, uint64_t address, grant *path);

/* Memory of a program as a grant, at most GRANT_MAX of it: to be filled, or to be read (then
 * it may be a constant). 0, or -EFAULT. */
int64_t posix_into (const struct task *task, uint64_t address, uint64_t bytes, grant *buffer);
int64_t posix_from (const struct task *task, uint64_t address, uint64_t bytes, grant *buffer);

#endif
