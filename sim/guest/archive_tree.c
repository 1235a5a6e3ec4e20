/* archive_tree: a directory of the host, with all that is below it, for archive. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/archive.h"
#include "interfaces/records.h"

struct tree {
    Archive *archive;
    GHashTable *linked; /* "device:node" -> path, of files that have several names */
    struct archive_left *left;
};

static gint
by_name (gconstpointer a, gconstpointer b)
{
    return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* False, always. */
static bool
host_refuses (const char *host, GError **error)
{
    g_set_error (error, G_FILE_ERROR, 0, "%s: %s%s", host, g_strerror (errno),
                 errno == EACCES ? "; khimera can put there what you can read" : "");
    return false;
}

/* In the order of their names, so that the same tree makes the same machine. */
static GPtrArray *
names_of (const char *host, GError **error)
{
    DIR *dir = opendir (host);
    GPtrArray *names;
    struct dirent *entry;

    if (dir == NULL) {
        host_refuses (host, error);
        return NULL;
    }
    names = g_ptr_array_new_with_free_func (g_free);
    while ((entry = readdir (dir)) != NULL)
        if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
            g_ptr_array_add (names, g_strdup (entry->d_name));
    closedir (dir);
    g_ptr_array_sort (names, by_name);
    return names;
}

static bool
add_link (struct tree *tree, const char *host, const char *path, const struct archive_meta *meta,
          GError **error)
{
    g_autofree char *contents = g_file_read_link (host, error);

    return contents != NULL
           && archive_add (tree->archive, ARCHIVE_LINK, meta, path, contents, strlen (contents),
                           error);
}

static bool
add_file (struct tree *tree, const char *host, const char *path, const struct stat *status,
          const struct archive_meta *meta, GError **error)
{
    g_autoptr (GMappedFile) file = NULL;
    int fd;

    if (status->st_nlink > 1) {
        char *key = g_strdup_printf ("%ju:%ju", (uintmax_t)status->st_dev, (uintmax_t)status->st_ino);
        const char *first = g_hash_table_lookup (tree->linked, key);

        if (first != NULL) {
            g_free (key);
            return archive_add (tree->archive, ARCHIVE_HARD_LINK, meta, path, first,
                                strlen (first) + 1, error);
        }
        g_hash_table_insert (tree->linked, key, g_strdup (path));
    }
    if (status->st_size == 0)
        return archive_add (tree->archive, ARCHIVE_FILE, meta, path, "", 0, error);
    fd = open (host, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return host_refuses (host, error);
    file = g_mapped_file_new_from_fd (fd, FALSE, error);
    close (fd);
    return file != NULL
           && archive_add (tree->archive, ARCHIVE_FILE, meta, path, g_mapped_file_get_contents (file),
                           g_mapped_file_get_length (file), error);
}

static bool add_names (struct tree *tree, const char *host, const char *path, GError **error);

static bool
add_name (struct tree *tree, const char *host, const char *path, GError **error)
{
    struct archive_meta meta = { .flags = ARCHIVE_KEPT };
    struct stat status;

    if (lstat (host, &status) != 0)
        return host_refuses (host, error);
    meta.mode  = status.st_mode & 07777;
    meta.uid   = status.st_uid;
    meta.gid   = status.st_gid;
    meta.mtime = file_time (status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    switch (status.st_mode & S_IFMT) {
    case S_IFDIR:
        return archive_add (tree->archive, ARCHIVE_DIRECTORY, &meta, path, "", 0, error)
               && add_names (tree, host, path, error);
    case S_IFLNK:
        return add_link (tree, host, path, &meta, error);
    case S_IFREG:
        return add_file (tree, host, path, &status, &meta, error);
    case S_IFIFO:
        return archive_add (tree->archive, ARCHIVE_PIPE, &meta, path, "", 0, error);
    default:
        archive_leave (tree->left, path);
        return true;
    }
}

static bool
add_names (struct tree *tree, const char *host, const char *path, GError **error)
{
    g_autoptr (GPtrArray) names = names_of (host, error);
    bool done                   = names != NULL;

    for (guint i = 0; done && i < names->len; i++) {
        g_autofree char *from = g_build_filename (host, names->pdata[i], NULL);
        g_autofree char *to   = g_strconcat (path, "/", names->pdata[i], NULL);

        done = add_name (tree, from, to, error);
    }
    return done;
}

bool
archive_add_tree (Archive *archive, const char *host, struct archive_left *left,
                  GError **error)
{
    struct tree tree = { .archive = archive, .left = left };
    bool done;

    tree.linked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    done        = add_names (&tree, host, "", error);
    g_hash_table_unref (tree.linked);
    return done;
}
