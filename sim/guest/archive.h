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
void archive_add_bytes (GByteArray *archive, const void *bytes, gsize count, uint32_t mode,
                        const char *path);
void archive_add_link (GByteArray *archive, const char *contents, const char *path);
void archive_add_directory (GByteArray *archive, uint32_t mode, const char *path);
/* All that is in a directory of the host, below `path`: "" is the root. */
bool archive_add_tree (GByteArray *archive, const char *host, const char *path, GError **error);
/* All that is in a tar file. */
bool archive_add_tar (GByteArray *archive, const char *bytes, gsize length, GError **error);
/* Is there something of that name? */
bool archive_has (const GByteArray *archive, const char *path);

/* ---- kernel ---- */

/* Makes them all. On failure *path is whose. Blocks. */
enum status archive_unpack (const char **path);

#endif
