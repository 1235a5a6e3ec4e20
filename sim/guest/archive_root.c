/* archive_root: a whole tree of the host for archive: a directory or a tar file. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/archive.h"
#include "interfaces/records.h"

#define ARCHIVE_ERROR g_quark_from_static_string ("khimera-archive")

/* ---- a directory ---- */

static bool
add_link (GByteArray *archive, const char *host, const char *path, GError **error)
{
    g_autofree char *contents = g_file_read_link (host, error);

    if (contents != NULL)
        archive_add_link (archive, contents, path);
    return contents != NULL;
}

static gint
by_name (gconstpointer a, gconstpointer b)
{
    return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* In the order of their names, so that the same tree makes the same machine. */
static GPtrArray *
names_of (const char *host, GError **error)
{
    GDir *dir        = g_dir_open (host, 0, error);
    GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        g_ptr_array_add (names, g_strdup (name));
    if (dir == NULL)
        g_clear_pointer (&names, g_ptr_array_unref);
    else
        g_dir_close (dir);
    if (names != NULL)
        g_ptr_array_sort (names, by_name);
    return names;
}

bool
archive_add_tree (GByteArray *archive, const char *host, const char *path, GError **error)
{
    g_autoptr (GPtrArray) names = names_of (host, error);
    bool done                   = names != NULL;

    for (guint i = 0; done && i < names->len; i++) {
        g_autofree char *from = g_build_filename (host, names->pdata[i], NULL);
        g_autofree char *to   = g_strconcat (path, "/", names->pdata[i], NULL);
        struct stat status;

        if (lstat (from, &status) != 0) {
            g_set_error (error, ARCHIVE_ERROR, 0, "%s: %s", from, g_strerror (errno));
            done = false;
        } else if (S_ISDIR (status.st_mode)) {
            archive_add_directory (archive, status.st_mode & 07777, to);
            done = archive_add_tree (archive, from, to, error);
        } else if (S_ISLNK (status.st_mode)) {
            done = add_link (archive, from, to, error);
        } else if (S_ISREG (status.st_mode)) {
            done = archive_add_file (archive, from, to, error);
        } /* sockets, devices and pipes stay outside: they are the host's */
    }
    return done;
}

/* ---- a tar file (POSIX.1-1988 ustar, with the long names of GNU and of pax) ---- */

struct tar_header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
    char magic[8], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

_Static_assert (sizeof (struct tar_header) == 512, "as it lies in the file");

struct tar {
    const char *bytes;
    gsize length, at;
    GHashTable *files; /* path -> position of its header, for hard links */
    char *name, *link; /* given by what stood before the next entry, or NULL */
};

static bool
tar_wrong (const struct tar *tar, const char *why, GError **error)
{
    g_set_error (error, ARCHIVE_ERROR, 0, "at byte %zu: %s", tar->at, why);
    return false;
}

static bool
tar_number (const char *field, size_t bytes, guint64 *number)
{
    char text[16] = { 0 }, *end;

    memcpy (text, field, bytes < sizeof text ? bytes : sizeof text - 1);
    g_strstrip (text);
    *number = g_ascii_strtoull (text, &end, 8);
    return *end == '\0';
}

/* "./a/b/" is "/a/b"; NULL for the root itself. No name leads out of the tree. */
static char *
tar_path (const char *name)
{
    g_auto (GStrv) parts  = g_strsplit (name, "/", -1);
    GString *path         = g_string_new (NULL);

    for (char **part = parts; *part != NULL; part++)
        if (**part != '\0' && strcmp (*part, ".") != 0 && strcmp (*part, "..") != 0)
            g_string_append_printf (path, "/%s", *part);
    return g_string_free (path, path->len == 0);
}

/* "27 path=some/name\n" among a pax header's records. */
static char *
pax_value (const char *records, gsize bytes, const char *key)
{
    g_autofree char *text = g_strndup (records, bytes);
    g_auto (GStrv) lines  = g_strsplit (text, "\n", -1);
    char *found           = NULL;

    for (char **line = lines; *line != NULL; line++) {
        const char *at = strchr (*line, ' ');

        if (at != NULL && g_str_has_prefix (at + 1, key) && at[1 + strlen (key)] == '=') {
            g_free (found);
            found = g_strdup (at + 2 + strlen (key));
        }
    }
    return found;
}

static void
tar_take_long (struct tar *tar, char type, const char *data, gsize size)
{
    char **where = type == 'K' ? &tar->link : &tar->name;

    if (type == 'x') {
        char *name = pax_value (data, size, "path"), *link = pax_value (data, size, "linkpath");

        if (name != NULL)
            tar->name = (g_free (tar->name), name);
        if (link != NULL)
            tar->link = (g_free (tar->link), link);
    } else if (type != 'g') {
        g_free (*where);
        *where = g_strndup (data, size);
    }
}

static bool
tar_take_hard_link (struct tar *tar, GByteArray *archive, const char *link, const char *path,
                    GError **error)
{
    g_autofree char *target         = tar_path (link);
    gpointer at                     = target != NULL ? g_hash_table_lookup (tar->files, target) : NULL;
    const struct tar_header *header = at;
    guint64 size = 0, mode = 0644;

    if (header == NULL)
        return tar_wrong (tar, "a hard link to nothing before it", error);
    tar_number (header->size, sizeof header->size, &size);
    tar_number (header->mode, sizeof header->mode, &mode);
    archive_add_bytes (archive, header + 1, size, mode & 07777, path);
    return true;
}

/* One entry; *over at the end of the archive. */
static bool
tar_take (struct tar *tar, GByteArray *archive, bool *over, GError **error)
{
    const struct tar_header *header = (const void *)(tar->bytes + tar->at);
    guint64 size = 0, mode = 0644;
    g_autofree char *name = NULL, *link = NULL, *path = NULL;

    *over = tar->length - tar->at < sizeof *header || header->name[0] == '\0';
    if (*over)
        return true;
    if (memcmp (header->magic, "ustar", 5) != 0)
        return tar_wrong (tar, "no header of a tar file", error);
    if (!tar_number (header->size, sizeof header->size, &size)
        || !tar_number (header->mode, sizeof header->mode, &mode)
        || size > tar->length - tar->at - sizeof *header)
        return tar_wrong (tar, "a damaged header", error);
    tar->at += sizeof *header + (size + 511) / 512 * 512;
    if (tar->at > tar->length)
        tar->at = tar->length;
    if (strchr ("LKxg", header->type) != NULL && header->type != '\0') {
        tar_take_long (tar, header->type, (const char *)(header + 1), size);
        return true;
    }
    name = tar->name != NULL ? g_steal_pointer (&tar->name)
           : header->prefix[0] != '\0' && header->magic[5] == '\0'
               ? g_strdup_printf ("%.155s/%.100s", header->prefix, header->name)
               : g_strndup (header->name, sizeof header->name);
    link = tar->link != NULL ? g_steal_pointer (&tar->link)
                             : g_strndup (header->link, sizeof header->link);
    path = tar_path (name);
    if (path == NULL)
        return true;
    switch (header->type) {
    case '5':
        archive_add_directory (archive, mode & 07777, path);
        break;
    case '2':
        archive_add_link (archive, link, path);
        break;
    case '1':
        return tar_take_hard_link (tar, archive, link, path, error);
    case '0':
    case '\0':
        archive_add_bytes (archive, header + 1, size, mode & 07777, path);
        g_hash_table_insert (tar->files, g_steal_pointer (&path), (gpointer)header);
        break;
    default: /* devices and pipes: dev has them */
        break;
    }
    return true;
}

bool
archive_add_tar (GByteArray *archive, const char *bytes, gsize length, GError **error)
{
    struct tar tar = { .bytes = bytes, .length = length };
    bool over = false, done = true;

    tar.files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    while (done && !over)
        done = tar_take (&tar, archive, &over, error);
    g_hash_table_unref (tar.files);
    g_free (tar.name);
    g_free (tar.link);
    return done;
}
