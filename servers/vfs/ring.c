/* ring: the bytes that are in a pipe. */
#include <string.h>

#include "vfs.h"

void
vfs_ring_look (const struct pipe *pipe, char *into, uint32_t bytes)
{
    uint32_t straight = pipe->capacity - pipe->head;

    if (straight > bytes)
        straight = bytes;
    if (bytes == 0)
        return;
    memcpy (into, pipe->buffer + pipe->head, straight);
    memcpy (into + straight, pipe->buffer, bytes - straight);
}

void
vfs_ring_skip (struct pipe *pipe, uint32_t bytes)
{
    pipe->head = (pipe->head + bytes) % pipe->capacity;
    pipe->count -= bytes;
    pipe->taken += bytes;
}

void
vfs_ring_give (struct pipe *pipe, const char *from, uint32_t bytes)
{
    uint32_t tail     = (pipe->head + pipe->count) % pipe->capacity;
    uint32_t straight = pipe->capacity - tail;

    if (straight > bytes)
        straight = bytes;
    if (bytes == 0)
        return;
    memcpy (pipe->buffer + tail, from, straight);
    memcpy (pipe->buffer, from + straight, bytes - straight);
    pipe->count += bytes;
}

uint32_t
vfs_ring_room (Component *self, struct pipe *pipe, uint32_t bytes)
{
    uint32_t capacity = pipe->capacity;
    char *buffer;

    while (capacity - pipe->count < bytes && capacity < VFS_PIPE_BYTES)
        capacity *= 2;
    buffer = capacity > pipe->capacity ? component_alloc (self, capacity) : NULL;
    if (buffer != NULL) {
        vfs_ring_look (pipe, buffer, pipe->count);
        component_free (self, pipe->buffer);
        pipe->buffer   = buffer;
        pipe->capacity = capacity;
        pipe->head     = 0;
    }
    if (bytes > pipe->capacity - pipe->count)
        bytes = pipe->capacity - pipe->count;
    return bytes;
}
