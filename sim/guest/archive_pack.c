/* archive_pack: the board's half of archive. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "guest/archive.h"
#include "interfaces/interfaces.h"

#define ARCHIVE_ERROR g_quark_from_static_string ("khimera-archive")

static bool
fail (GError **error, const char *why)
{
    g_set_error_literal (error, ARCHIVE_ERROR, 0, why);
    return false;
}

Archive *
archive_new (void)
{
    Archive *archive = g_new0 (Archive, 1);

    archive->bytes = g_byte_array_new ();
    archive->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    return archive;
}

void
archive_free (Archive *archive)
{
    g_byte_array_unref (archive->bytes);
    g_hash_table_unref (archive->names);
    g_free (archive);
}

/* The last of that path; NULL: there is none. Gone with the next that is added. */
static struct archive_entry *
entry_of (const Archive *archive, const char *path)
{
    gpointer offset;

    return g_hash_table_lookup_extended (archive->names, path, NULL, &offset)
               ? (struct archive_entry *)(void *)(archive->bytes->data + GPOINTER_TO_SIZE (offset))
               : NULL;
}

/* There is room: at most ARCHIVE_BYTES_MAX in all. */
static void
append_padded (GByteArray *archive, const void *bytes, gsize count)
{
    static const guint8 zeroes[8];

    if (count != 0)
        g_byte_array_append (archive, bytes, (guint)count);
    g_byte_array_append (archive, zeroes, (guint)(-count & 7));
}

static bool
append (Archive *archive, enum archive_kind kind, const struct archive_meta *meta,
        const char *path, const void *bytes, gsize count, GError **error)
{
    gsize at                   = archive->bytes->len;
    gsize path_bytes           = strlen (path) + 1;
    struct archive_entry entry = { .kind       = kind,
                                   .path_bytes = (uint32_t)path_bytes,
                                   .bytes      = count,
                                   .meta       = *meta };
    gsize left                 = ARCHIVE_BYTES_MAX - at;

    if (count > left || path_bytes > left || sizeof entry + path_bytes + 16 > left - count)
        return fail (error, "all files together would be longer than 1G; give the machine an ext2 "
                            "image with them");
    g_byte_array_append (archive->bytes, (const guint8 *)&entry, sizeof entry);
    append_padded (archive->bytes, path, path_bytes);
    append_padded (archive->bytes, bytes, count);
    g_hash_table_replace (archive->names, g_strdup (path), GSIZE_TO_POINTER (at));
    return true;
}

/* Those above a path that nobody has named: what they are like is said by their own entries, if
 * there are any later. From the path upwards, so that most paths ask once. */
static bool
append_directories (Archive *archive, const char *path, GError **error)
{
    static const struct archive_meta plain = { .mode = 0755 };
    const char *slash                      = strrchr (path, '/');
    g_autofree char *above                 = g_strndup (path, (gsize)(slash - path));

    return *above == '\0' || g_hash_table_contains (archive->names, above)
           || (append_directories (archive, above, error)
               && append (archive, ARCHIVE_DIRECTORY, &plain, above, "", 0, error));
}

bool
archive_add (Archive *archive, enum archive_kind kind, const struct archive_meta *meta,
             const char *path, const void *bytes, gsize count, GError **error)
{
    struct archive_entry *before = entry_of (archive, path);
    struct archive_meta known    = *meta;

    if (strlen (path) >= FILE_PATH_MAX)
        return fail (error, "a path that is longer than 4095 bytes");
    if (before == NULL)
        return append_directories (archive, path, error)
               && append (archive, kind, meta, path, bytes, count, error);
    if ((meta->flags & ARCHIVE_WEAK) != 0)
        return true;
    if (kind == ARCHIVE_DIRECTORY) {
        if (before->kind == ARCHIVE_FILE || before->kind == ARCHIVE_PIPE
            || before->kind == ARCHIVE_HARD_LINK)
            known.flags |= ARCHIVE_INSTEAD;
    } else if (before->kind == ARCHIVE_DIRECTORY) {
        g_set_error (error, ARCHIVE_ERROR, 0, "%s: a directory, and then a file of that name", path);
        return false;
    }
    before->meta.flags |= ARCHIVE_REPLACED;
    return append (archive, kind, &known, path, bytes, count, error);
}

bool
archive_add_file (Archive *archive, const char *host_file, const char *path, GError **error)
{
    g_autoptr (GMappedFile) file = NULL;
    struct stat status;

    if (stat (host_file, &status) != 0)
        return fail (error, g_strerror (errno));
    if (!S_ISREG (status.st_mode))
        return fail (error, S_ISDIR (status.st_mode) ? "a directory; --root takes those"
                                                     : "no regular file, but a device, pipe or socket");
    if (status.st_size == 0)
        return archive_add_bytes (archive, "", 0, status.st_mode & 07777, path, error);
    file = g_mapped_file_new (host_file, FALSE, error);
    return file != NULL
           && archive_add_bytes (archive, g_mapped_file_get_contents (file),
                                 g_mapped_file_get_length (file), status.st_mode & 07777, path,
                                 error);
}

bool
archive_add_bytes (Archive *archive, const void *bytes, gsize count, uint32_t mode,
                   const char *path, GError **error)
{
    const struct archive_meta meta = { .mode = mode };

    return archive_add (archive, ARCHIVE_FILE, &meta, path, bytes, count, error);
}

void
archive_leave (struct archive_left *left, const char *path)
{
    if (left->count++ == 0)
        left->first = g_strdup (path);
}

enum archive_kind
archive_has (const Archive *archive, const char *path)
{
    const struct archive_entry *entry = entry_of (archive, path);

    return entry != NULL ? entry->kind : 0;
}

const struct archive_entry *
archive_each (const Archive *archive, uint64_t *at)
{
    const struct archive_entry *entry;

    do
        entry = archive_next (archive->bytes->data, archive->bytes->len, at);
    while (entry != NULL && (entry->meta.flags & ARCHIVE_REPLACED) != 0);
    return entry;
}
