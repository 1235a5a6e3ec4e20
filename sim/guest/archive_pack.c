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
    g_autofree char *contents = NULL;
    struct stat status;
    gsize bytes;

    if (!g_file_get_contents (host_file, &contents, &bytes, error))
        return false;
    if (stat (host_file, &status) != 0)
        status.st_mode = 0644;
    append_directories (archive, path);
    append (archive, FILE_TYPE_REGULAR, status.st_mode & 0777, path, contents, bytes);
    return true;
}

void
archive_add_link (GByteArray *archive, const char *contents, const char *path)
{
    append_directories (archive, path);
    append (archive, FILE_TYPE_LINK, 0777, path, contents, strlen (contents));
}
