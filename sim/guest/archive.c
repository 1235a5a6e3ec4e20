/* archive: how a packed file lies there. The kernel goes by nothing that it has not looked at. */
#include "guest/archive.h"

static uint64_t
padded (uint64_t bytes)
{
    return (bytes + 7) & ~7ull;
}

const char *
archive_path (const struct archive_entry *entry)
{
    return (const char *)(entry + 1);
}

const uint8_t *
archive_bytes (const struct archive_entry *entry)
{
    return (const uint8_t *)(entry + 1) + padded (entry->path_bytes);
}

const struct archive_entry *
archive_next (const uint8_t *archive, uint64_t length, uint64_t *at)
{
    const struct archive_entry *entry = (const void *)(archive + *at);
    uint64_t left                     = length - *at;

    if (*at % 8 != 0 || *at > length || left < sizeof *entry)
        return NULL;
    left -= sizeof *entry;
    if (entry->kind < ARCHIVE_FILE || entry->kind > ARCHIVE_PIPE || entry->path_bytes < 2
        || padded (entry->path_bytes) > left)
        return NULL;
    left -= padded (entry->path_bytes);
    if (archive_path (entry)[entry->path_bytes - 1] != '\0' || entry->bytes > left
        || padded (entry->bytes) > left)
        return NULL;
    *at = length - left + padded (entry->bytes);
    return entry;
}
