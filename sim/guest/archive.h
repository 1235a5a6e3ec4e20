/* archive: files of the host that are made in the machine's file system when it boots.
 *
 * The board packs them into a part of the machine's memory that the kernel may read; the
 * kernel unpacks it through the file server like any program would write files, before the
 * first program starts. */
#ifndef SIM_GUEST_ARCHIVE_H
#define SIM_GUEST_ARCHIVE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "status.h"

/* One file: this, its path with a zero, padded to 8; its bytes (a link's contents), padded
 * to 8. */
struct archive_entry {
    uint32_t type; /* enum file_type: regular, directory or link */
    uint32_t mode;
    uint32_t path_bytes; /* the zero included */
    uint32_t pad;
    uint64_t bytes;
};

/* ---- board ---- */

/* Adds a file of the host as `path` of the machine, with the directories above it. */
bool archive_add_file (GByteArray *archive, const char *host_file, const char *path,
                       GError **error);
void archive_add_link (GByteArray *archive, const char *contents, const char *path);

/* ---- kernel ---- */

/* Makes them all. On failure *path is whose. Blocks. */
enum status archive_unpack (const char **path);

#endif
