/* entry: packs directory entries for fs.entries, as records.h lays them out. */
#ifndef SERVERS_ENTRY_H
#define SERVERS_ENTRY_H

#include <stdbool.h>
#include <string.h>

#include "interfaces/interfaces.h"

/* Appends one entry after the *done bytes in the window. False: it does not fit. A caller
 * whose first entry does not fit answers ERR_INVALID: done 0 would mean the end. */
static inline bool
entry_pack (const grant *into, uint32_t *done, uint64_t node, uint64_t next, uint32_t type,
            const char *name, size_t name_bytes)
{
    uint32_t bytes = (uint32_t)(sizeof (struct file_entry) + name_bytes + 7) & ~7u;
    struct file_entry entry = {
        .node        = node,
        .next        = next,
        .entry_bytes = (uint16_t)bytes,
        .type        = (uint8_t)type,
        .name_bytes  = (uint8_t)name_bytes,
    };
    char *at = (char *)into->data + *done;

    if (bytes > into->length - *done)
        return false;
    /* The window may be unaligned. */
    memcpy (at, &entry, sizeof entry);
    memcpy (at + sizeof entry, name, name_bytes);
    memset (at + sizeof entry + name_bytes, 0, bytes - sizeof entry - name_bytes);
    *done += bytes;
    return true;
}

#endif
