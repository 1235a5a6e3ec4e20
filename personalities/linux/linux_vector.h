/* linux_vector: memory of a program in pieces, as readv and sendmsg name it; one piece is what
 * read and write have. */
#ifndef LINUX_VECTOR_H
#define LINUX_VECTOR_H

#include <sys/uio.h>

#include "personalities/linux/linux_file.h"

#define LINUX_VECTORS_MAX 1024u

struct linux_vector {
    const struct iovec *pieces; /* a copy of the program's, or `one` */
    uint32_t count;
    uint64_t bytes; /* of all */
    struct iovec one;
};

void linux_vector_one (struct linux_vector *vector, uint64_t address, uint64_t bytes);
/* 0, or -errno: then there is nothing to end. */
int64_t linux_vector_begin (struct task *task, uint64_t address, uint64_t count,
                            struct linux_vector *vector);
void linux_vector_end (struct linux_vector *vector);
/* Bytes of the whole from `offset` on: how many could be copied; -EFAULT: none. */
int64_t linux_vector_get (struct task *task, const struct linux_vector *vector, uint64_t offset,
                          void *into, uint64_t bytes);
int64_t linux_vector_put (struct task *task, const struct linux_vector *vector, uint64_t offset,
                          const void *from, uint64_t bytes);

/* ---- a buffer for a transfer, in pieces of a grant ---- */

#define LINUX_SMALL_BYTES 4096u

struct linux_buffer {
    uint8_t small[LINUX_SMALL_BYTES];
    uint8_t *data;
    uint32_t room;
};

bool linux_buffer_begin (struct linux_buffer *buffer, uint64_t bytes);
void linux_buffer_end (struct linux_buffer *buffer);

#endif
