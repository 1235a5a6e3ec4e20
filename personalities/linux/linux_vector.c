#include "personalities/linux/linux_vector.h"

void
linux_vector_one (struct linux_vector *vector, uint64_t address, uint64_t bytes)
{
    vector->one    = (struct iovec){ (void *)(uintptr_t)address, bytes };
    vector->pieces = &vector->one;
    vector->count  = 1;
    vector->bytes  = bytes;
}

int64_t
linux_vector_begin (struct task *task, uint64_t address, uint64_t count,
                    struct linux_vector *vector)
{
    struct iovec *pieces;
    int64_t bad;

    linux_vector_one (vector, 0, 0);
    if (count > LINUX_VECTORS_MAX)
        return -EINVAL;
    if (count == 0)
        return 0;
    pieces = linux_alloc (count * sizeof *pieces);
    if (pieces == NULL)
        return -ENOMEM;
    bad = linux_get (task, address, pieces, count * sizeof *pieces);
    for (uint64_t i = 0; bad == 0 && i < count; i++) {
        if (pieces[i].iov_len > INT64_MAX - vector->bytes)
            bad = -EINVAL;
        vector->bytes += pieces[i].iov_len;
    }
    if (bad != 0) {
        linux_free (pieces);
        return bad;
    }
    vector->pieces = pieces;
    vector->count  = (uint32_t)count;
    return 0;
}

void
linux_vector_end (struct linux_vector *vector)
{
    if (vector->pieces != &vector->one)
        linux_free ((void *)(uintptr_t)vector->pieces);
}

/* One piece, as far as its memory is there; how much that was. In one step, if all of it is. */
static int64_t
copy_pages (struct task *task, uint64_t address, uint8_t *into, const uint8_t *from, uint64_t bytes)
{
    uint64_t done = 0;
    int64_t bad   = into != NULL ? linux_get (task, address, into, bytes)
                                 : linux_put (task, address, from, bytes);

    if (bad == 0)
        return (int64_t)bytes;
    while (done < bytes) {
        uint64_t part = PAGE_BYTES - (address + done) % PAGE_BYTES;

        part = part < bytes - done ? part : bytes - done;
        bad  = into != NULL ? linux_get (task, address + done, into + done, part)
                            : linux_put (task, address + done, from + done, part);
        if (bad != 0)
            return done != 0 ? (int64_t)done : bad;
        done += part;
    }
    return (int64_t)done;
}

/* Copies between the pieces and one of the two. */
static int64_t
copy (struct task *task, const struct linux_vector *vector, uint64_t offset, uint8_t *into,
      const uint8_t *from, uint64_t bytes)
{
    uint64_t done = 0;

    for (uint32_t i = 0; i < vector->count && done < bytes; i++) {
        uint64_t address = (uint64_t)(uintptr_t)vector->pieces[i].iov_base + offset;
        uint64_t part    = vector->pieces[i].iov_len;
        int64_t bad;

        if (offset >= part) {
            offset -= part;
            continue;
        }
        part -= offset;
        offset = 0;
        if (part > bytes - done)
            part = bytes - done;
        bad = copy_pages (task, address, into != NULL ? into + done : NULL,
                          into != NULL ? NULL : from + done, part);
        if (bad < 0)
            return done != 0 ? (int64_t)done : bad;
        done += (uint64_t)bad;
        if ((uint64_t)bad < part)
            break;
    }
    return (int64_t)done;
}

int64_t
linux_vector_get (struct task *task, const struct linux_vector *vector, uint64_t offset,
                  void *into, uint64_t bytes)
{
    return copy (task, vector, offset, into, NULL, bytes);
}

int64_t
linux_vector_put (struct task *task, const struct linux_vector *vector, uint64_t offset,
                  const void *from, uint64_t bytes)
{
    return copy (task, vector, offset, NULL, from, bytes);
}

/* ---- buffers ---- */

bool
linux_buffer_begin (struct linux_buffer *buffer, uint64_t bytes)
{
    buffer->data = buffer->small;
    buffer->room = LINUX_SMALL_BYTES;
    if (bytes > LINUX_SMALL_BYTES) {
        buffer->room = bytes < GRANT_MAX ? (uint32_t)bytes : GRANT_MAX;
        buffer->data = linux_alloc (buffer->room);
    }
    return buffer->data != NULL;
}

void
linux_buffer_end (struct linux_buffer *buffer)
{
    if (buffer->data != buffer->small)
        linux_free (buffer->data);
}
