/* archive_pack: the board's half of archive. */
#include <string.h>
#include <sys/stat.h>

#include "guest/archive.h"
#include "interfaces/records.h"

static void
append_padded (GByteArray *archive, const void *bytes, gsize count)
{
    static const guint8 zeroes[8];

    g_byte_array_append (archive, bytes, (guint)count);
    g_byte_array_append (archive, zeroes, (guint)(-count & 7));
}

static void
append (GByteArray *archive, enum file_type type, uint32_t mode, const char *path,
        const void *bytes, gsize count)
{
    struct archive_entry entry = { .type       = type,
                                   .mode       = mode,
                                   .path_bytes = (uint32_t)strlen (path) + 1,
                                   .bytes      = count };

    g_byte_array_append (archive, (const guint8 *)&entry, sizeof entry);
    append_padded (archive, path, entry.path_bytes);
    append_padded (archive, bytes, count);
}

static void
append_directories (GByteArray *archive, const char *path)
{
    g_autofree char *copy = g_strdup (path);

    for (char *slash = strchr (copy + 1, '/'); slash != NULL; slash = strchr (slash + 1, '/')) {
        *slash = '\0';
        append (archive, FILE_TYPE_DIRECTORY, 0755, copy, "", 0);
        *slash = '/';
    }
}

bool
archive_add_file (GByteArray *archive, const char *host_file, const char *path, GError **error)
{
    g_autoptr (GMappedFile) file = NULL;
    g_autofree char *contents    = NULL;
    struct stat status           = { .st_mode = S_IFIFO | 0644 };
    gsize bytes;

    /* Programs are long, and one copy is enough; what is no file must be read to its end. */
    if (stat (host_file, &status) == 0 && S_ISREG (status.st_mode) && status.st_size > 0)
        file = g_mapped_file_new (host_file, FALSE, NULL);
    if (file != NULL) {
        archive_add_bytes (archive, g_mapped_file_get_contents (file),
                           g_mapped_file_get_length (file), status.st_mode & 07777, path);
        return true;
    }
    if (!g_file_get_contents (host_file, &contents, &bytes, error))
        return false;
    archive_add_bytes (archive, contents, bytes, status.st_mode & 07777, path);
    return true;
}

void
archive_add_bytes (GByteArray *archive, const void *bytes, gsize count, uint32_t mode,
                   const char *path)
{
    append_directories (archive, path);
    append (archive, FILE_TYPE_REGULAR, mode, path, bytes, count);
}

void
archive_add_directory (GByteArray *archive, uint32_t mode, const char *path)
{
    append_directories (archive, path);
    append (archive, FILE_TYPE_DIRECTORY, mode, path, "", 0);
}

void
archive_add_link (GByteArray *archive, const char *contents, const char *path)
{
    append_directories (archive, path);
    append (archive, FILE_TYPE_LINK, 0777, path, contents, strlen (contents));
}

bool
archive_has (const GByteArray *archive, const char *path)
{
    for (gsize at = 0; at < archive->len;) {
        const struct archive_entry *entry = (const void *)(archive->data + at);

        if (strcmp ((const char *)(entry + 1), path) == 0)
            return true;
        at += sizeof *entry + ((entry->path_bytes + 7u) & ~7u) + ((entry->bytes + 7) & ~7ull);
    }
    return false;
}
