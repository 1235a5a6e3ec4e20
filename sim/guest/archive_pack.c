/* archive_pack: the board's half of archive. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "guest/archive.h"

#define ARCHIVE_ERROR g_quark_from_static_string ("khimera-archive")

static bool
fail (GError **error, const char *why)
{
    g_set_error_literal (error, ARCHIVE_ERROR, 0, why);
    return false;
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
append (GByteArray *archive, enum archive_kind kind, const struct archive_meta *meta,
        const char *path, const void *bytes, gsize count, GError **error)
{
    gsize path_bytes           = strlen (path) + 1;
    struct archive_entry entry = { .kind       = kind,
                                   .path_bytes = (uint32_t)path_bytes,
                                   .bytes      = count,
                                   .meta       = *meta };
    gsize left                 = ARCHIVE_BYTES_MAX - archive->len;

    if (count > left || path_bytes > left || sizeof entry + path_bytes + 16 > left - count)
        return fail (error, "all files together would be longer than 1G; give the machine an ext2 "
                            "image with them");
    g_byte_array_append (archive, (const guint8 *)&entry, sizeof entry);
    append_padded (archive, path, path_bytes);
    append_padded (archive, bytes, count);
    return true;
}

/* Those above a path: what they are like is said by their own entries, if there are any. */
static bool
append_directories (GByteArray *archive, const char *path, GError **error)
{
    static const struct archive_meta plain = { .mode = 0755 };
    g_autofree char *copy                  = g_strdup (path);
    bool done                              = true;

    for (char *slash = strchr (copy + 1, '/'); done && slash != NULL;
         slash       = strchr (slash + 1, '/')) {
        *slash = '\0';
        done   = append (archive, ARCHIVE_DIRECTORY, &plain, copy, "", 0, error);
        *slash = '/';
    }
    return done;
}

bool
archive_add (GByteArray *archive, enum archive_kind kind, const struct archive_meta *meta,
             const char *path, const void *bytes, gsize count, GError **error)
{
    return append_directories (archive, path, error)
           && append (archive, kind, meta, path, bytes, count, error);
}

bool
archive_add_file (GByteArray *archive, const char *host_file, guint64 most, const char *path,
                  GError **error)
{
    g_autoptr (GMappedFile) file = NULL;
    g_autofree char *size        = NULL;
    struct stat status;

    if (stat (host_file, &status) != 0)
        return fail (error, g_strerror (errno));
    if (!S_ISREG (status.st_mode))
        return fail (error, S_ISDIR (status.st_mode) ? "a directory; --root takes those"
                                                     : "no regular file, but a device, pipe or socket");
    if ((guint64)status.st_size > most) {
        size = g_strdup_printf ("%" G_GUINT64_FORMAT " bytes, and the file system there holds %"
                                G_GUINT64_FORMAT "; see the option \"size\" of its component",
                                (guint64)status.st_size, most);
        return fail (error, size);
    }
    if (status.st_size == 0)
        return archive_add_bytes (archive, "", 0, status.st_mode & 07777, path, error);
    file = g_mapped_file_new (host_file, FALSE, error);
    return file != NULL
           && archive_add_bytes (archive, g_mapped_file_get_contents (file),
                                 g_mapped_file_get_length (file), status.st_mode & 07777, path,
                                 error);
}

bool
archive_add_bytes (GByteArray *archive, const void *bytes, gsize count, uint32_t mode,
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
archive_has (const GByteArray *archive, const char *path)
{
    const struct archive_entry *entry;
    enum archive_kind kind = 0;

    for (uint64_t at = 0; (entry = archive_next (archive->data, archive->len, &at)) != NULL;)
        if (strcmp (archive_path (entry), path) == 0)
            kind = entry->kind;
    return kind;
}
