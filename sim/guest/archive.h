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

#include "servers/text.h"
#include "status.h"

#define ARCHIVE_BYTES_MAX ((gsize)1 << 30)

enum archive_kind {
    ARCHIVE_FILE = 1,
    ARCHIVE_DIRECTORY,
    ARCHIVE_LINK,      /* its bytes are what it points to */
    ARCHIVE_HARD_LINK, /* its bytes are the path, with a zero, of an entry before it */
    ARCHIVE_PIPE
};

enum {
    ARCHIVE_KEPT     = 1, /* owner, mode and mtime are the file's own; else as of a new file of root's */
    ARCHIVE_WEAK     = 2, /* what is there already stays */
    ARCHIVE_REPLACED = 4, /* a later entry takes its place; said by the archive itself */
    ARCHIVE_INSTEAD  = 8  /* a directory where a file was before; likewise */
};

/* What is known of a file besides its bytes. */
struct archive_meta {
    uint32_t mode; /* the twelve permission bits */
    uint32_t uid, gid;
    uint32_t flags; /* ARCHIVE_* */
    int64_t mtime; /* as in struct file_attr */
};

/* One file: this, its path with a zero, padded to 8; its bytes, padded to 8. */
struct archive_entry {
    uint32_t kind;       /* enum archive_kind */
    uint32_t path_bytes; /* the zero included */
    uint64_t bytes;
    struct archive_meta meta;
};

/* The entry at *at, which goes on to the next; NULL: none of it is whole, or it is none. */
const struct archive_entry *archive_next (const uint8_t *archive, uint64_t length, uint64_t *at);
const char *archive_path (const struct archive_entry *entry);
const uint8_t *archive_bytes (const struct archive_entry *entry);

/* ---- board ---- */

/* Entries, one behind the other, and where in there the last one of each path begins. */
typedef struct Archive {
    GByteArray *bytes;
    GHashTable *names; /* path -> offset */
} Archive;

Archive *archive_new (void);
void archive_free (Archive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_free)

/* What was left outside: sockets and devices, which are the host's. */
struct archive_left {
    guint count;
    char *first; /* its path; owned */
};

/* Adds one, with the directories above it that are not there yet. Of the same path the last one
 * counts, unless it is weak. False: all of it would be too long, or a directory that may have
 * files in it would have to go. */
bool archive_add (Archive *archive, enum archive_kind kind, const struct archive_meta *meta,
                  const char *path, const void *bytes, gsize count, GError **error);
/* A regular file of the host: it is root's, and new. */
bool archive_add_file (Archive *archive, const char *host_file, const char *path, GError **error);
bool archive_add_bytes (Archive *archive, const void *bytes, gsize count, uint32_t mode,
                        const char *path, GError **error);
/* All that is in a directory of the host. */
bool archive_add_tree (Archive *archive, const char *host, struct archive_left *left,
                       GError **error);
/* All that is in a tar file. */
bool archive_add_tar (Archive *archive, const char *bytes, gsize length,
                      struct archive_left *left, GError **error);
bool archive_is_tar (const char *bytes, gsize length);
/* One more was left outside. */
void archive_leave (struct archive_left *left, const char *path);
/* What is there of that name; 0: nothing. */
enum archive_kind archive_has (const Archive *archive, const char *path);
/* Goes on to the next entry that nothing has taken the place of; at first *at is 0. NULL: no more. */
const struct archive_entry *archive_each (const Archive *archive, uint64_t *at);

/* ---- kernel ---- */

/* Makes them all. On failure *path is whose. Blocks. */
enum status archive_unpack (const char **path);
/* What would help where there was no space for that one. Blocks. */
void archive_remedy (struct text *text, const char *path);

#endif
