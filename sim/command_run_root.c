#define _GNU_SOURCE
#include "command_run_root.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "personalities/posix/lib/posix.h"

#define BUSYBOX  RUN_ROOT_BUSYBOX
#define SHELL    "/bin/sh"
#define BUILT_IN "sh"

#define ROOT_ERROR g_quark_from_static_string ("khimera-root")

/* What a file at such a path means: the kernel runs the program of ours of that name. */
static const char built_in_mark[] = "#!built-in\n";

/* ---- --root ---- */

/* The magic number in the superblock, and the one in a tar file's first header. */
static bool
is_ext2 (const char *bytes, gsize length)
{
    return length > 1082 && memcmp (bytes + 1080, "\x53\xef", 2) == 0;
}

const char *
run_root_image (const struct run_options *options)
{
    g_autoptr (GMappedFile) file = NULL;

    if (options->root != NULL && g_file_test (options->root, G_FILE_TEST_IS_REGULAR))
        file = g_mapped_file_new (options->root, FALSE, NULL);
    return file != NULL
                   && is_ext2 (g_mapped_file_get_contents (file), g_mapped_file_get_length (file))
               ? options->root
               : NULL;
}

/* What unpacks it; NULL: it is not known to be compressed. */
static const char *
compressed_by (const char *bytes, gsize length)
{
    static const struct {
        const char *magic, *tool;
    } kinds[] = { { "\x1f\x8b", "gunzip" },
                  { "BZh", "bunzip2" },
                  { "\xfd" "7zXZ", "unxz" },
                  { "\x28\xb5\x2f\xfd", "unzstd" } };

    for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
        if (length > strlen (kinds[i].magic)
            && memcmp (bytes, kinds[i].magic, strlen (kinds[i].magic)) == 0)
            return kinds[i].tool;
    return NULL;
}

static bool
root_take_file (Archive *archive, const char *name, struct archive_left *left, GError **error)
{
    g_autoptr (GMappedFile) file = NULL;
    const char *bytes, *wrong;
    gsize length;

    if (g_file_test (name, G_FILE_TEST_EXISTS) && !g_file_test (name, G_FILE_TEST_IS_REGULAR)) {
        g_set_error_literal (error, ROOT_ERROR, 0, "a device, pipe or socket");
        return false;
    }
    file = g_mapped_file_new (name, FALSE, error);
    if (file == NULL)
        return false;
    bytes  = g_mapped_file_get_contents (file);
    length = g_mapped_file_get_length (file);
    if (is_ext2 (bytes, length))
        return true; /* it is the disk */
    if (archive_is_tar (bytes, length))
        return archive_add_tar (archive, bytes, length, left, error);
    wrong = compressed_by (bytes, length);
    g_set_error (error, ROOT_ERROR, 0, "no directory, ext2 image or tar file%s%s",
                 wrong != NULL ? "; it is compressed: unpack it first, with " : "",
                 wrong != NULL ? wrong : "");
    return false;
}

static bool
root_take (Archive *archive, const char *name)
{
    g_autoptr (GError) error = NULL;
    struct archive_left left = { 0 };
    bool done                = name == NULL
                || (g_file_test (name, G_FILE_TEST_IS_DIR)
                        ? archive_add_tree (archive, name, &left, &error)
                        : root_take_file (archive, name, &left, &error));

    if (!done)
        command_complain ("run", "--root %s: %s", name, error->message);
    else if (left.count != 0)
        fprintf (stderr,
                 "khimera: --root %s: %s%s left out; the machine's own devices are in /dev\n", name,
                 left.first,
                 left.count == 1 ? ", a device or socket, is" : " and other devices and sockets are");
    g_free (left.first);
    return done;
}

/* ---- --add ---- */

/* HOSTFILE or HOSTFILE:PATH; without a path it goes to /bin under its own name. */
static bool
add_take (Archive *archive, const char *text)
{
    const char *colon        = strrchr (text, ':');
    g_autofree char *host    = colon != NULL ? g_strndup (text, (gsize)(colon - text))
                                             : g_strdup (text);
    g_autofree char *base    = g_path_get_basename (host);
    g_autofree char *path    = colon != NULL ? g_strdup (colon + 1)
                                             : g_strconcat ("/bin/", base, NULL);
    g_autoptr (GError) error = NULL;

    if (path[0] != '/' || strlen (path) > 1000) {
        command_complain ("run", "--add %s: the path in the machine begins with a slash", text);
        return false;
    }
    if (!archive_add_file (archive, host, path, &error)) {
        command_complain ("run", "--add %s: %s", text, error->message);
        return false;
    }
    return true;
}

/* ---- busybox ---- */

/* The host's own tools may be linked to libraries, which the machine has not. Said by a file's
 * first page; the rest, which is long, is read only if it is to be in the machine. */
static bool
is_static (const char *file)
{
    char first[4096];
    FILE *stream = fopen (file, "re");
    size_t bytes = stream != NULL ? fread (first, 1, sizeof first, stream) : 0;

    if (stream != NULL)
        fclose (stream);
    return bytes > 64 && memcmp (first, "\177ELF\2", 5) == 0
           && memmem (first, bytes, "/ld-", 4) == NULL;
}

char *
run_root_busybox (void)
{
#ifdef __x86_64__
    g_autofree char *file = g_find_program_in_path ("busybox");

    if (file != NULL && is_static (file))
        return g_steal_pointer (&file);
#endif
    return NULL;
}

/* What a machine with busybox has besides; whatever else is there of that name stays. */
static bool
own_add (Archive *archive, enum archive_kind kind, uint32_t mode, const char *path,
         const char *text, GError **error)
{
    const struct archive_meta meta = { .mode = mode, .flags = ARCHIVE_WEAK };

    return archive_add (archive, kind, &meta, path, text, strlen (text), error);
}

/* A file for each program of ours, so that it is found there; who the users are. */
static bool
own_files_add (Archive *archive, GError **error)
{
    bool done = own_add (archive, ARCHIVE_FILE, 0644, "/etc/passwd",
                         "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
                         error)
                && own_add (archive, ARCHIVE_FILE, 0644, "/etc/group",
                            "root:x:0:\nnogroup:x:65534:\n", error)
                && own_add (archive, ARCHIVE_DIRECTORY, 0700, "/root", "", error);

    for (unsigned i = 0; done && program_at (i) != NULL; i++) {
        g_autofree char *path = g_strconcat ("/bin/", program_at (i)->name, NULL);

        done = own_add (archive, ARCHIVE_FILE, 0755, path, built_in_mark, error);
    }
    return done;
}

/* The file, and a link for each of its tools. */
static bool
busybox_add (Archive *archive, char *file)
{
    static char list[] = "--list";
    g_autofree char *output  = NULL;
    g_auto (GStrv) tools     = NULL;
    g_autoptr (GError) error = NULL;
    char *arguments[]        = { file, list, NULL };
    bool done = archive_add_file (archive, file, BUSYBOX, &error)
                && g_spawn_sync (NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                                 NULL, &error);

    tools = g_strsplit (done ? output : "", "\n", -1);
    for (char **tool = tools; done && *tool != NULL; tool++) {
        g_autofree char *path = g_strconcat ("/bin/", *tool, NULL);

        if ((*tool)[0] != '\0' && strcmp (*tool, "busybox") != 0 && strchr (*tool, '/') == NULL)
            done = own_add (archive, ARCHIVE_LINK, 0777, path, "busybox", &error);
    }
    done = done && own_files_add (archive, &error);
    if (!done)
        command_complain ("run", "%s: %s", file, error->message);
    return done;
}

/* ---- the shell ---- */

/* Would writing there change a disk? */
static bool
root_is_memory (const MachineConfig *config)
{
    for (guint i = 0; i < config->mounts->len; i++) {
        const struct mount_config *mount = config->mounts->pdata[i];

        if (strcmp (mount->path, "/") == 0) {
            const struct component_config *who = config_component (config, mount->component);

            return who != NULL && strcmp (who->class_name, "tmpfs") == 0;
        }
    }
    return false;
}

static bool
is_built_in (const char *name)
{
    for (unsigned i = 0; program_at (i) != NULL; i++)
        if (strcmp (program_at (i)->name, name) == 0)
            return true;
    return false;
}

static bool
shell_of_user (struct run_root *root, const char *shell)
{
    g_autofree char *file = NULL;

    root->shell  = shell;
    root->is_box = strcmp (shell, BUSYBOX) == 0;
    if (shell[0] != '/' && !is_built_in (shell)) {
        command_complain ("run", "--shell %s: neither a path in the machine, which begins with a "
                                 "slash, nor a built-in program, as sh", shell);
        return false;
    }
    if (strcmp (shell, "/") == 0 || archive_has (root->archive, shell) == ARCHIVE_DIRECTORY) {
        command_complain ("run", "--shell %s: a directory; name a program in it", shell);
        return false;
    }
    if (!root->is_box || archive_has (root->archive, BUSYBOX) != 0)
        return true;
    file = run_root_busybox ();
    if (file == NULL) {
        command_complain ("run", "--shell " BUSYBOX ": this host has no static busybox (Debian: "
                                 "busybox-static); name one with --add FILE:" BUSYBOX);
        return false;
    }
    return busybox_add (root->archive, file);
}

static bool
shell_of_person (struct run_root *root, const MachineConfig *config)
{
    g_autofree char *file = config->ram_bytes != 0 && root_is_memory (config) ? run_root_busybox ()
                                                                               : NULL;

    if (file != NULL) {
        root->shell  = BUSYBOX;
        root->is_box = true;
        return busybox_add (root->archive, file);
    }
    root->poor = config->ram_bytes != 0 && root_is_memory (config);
    return true;
}

bool
run_root_make (struct run_root *root, const struct run_options *options,
               const MachineConfig *config, bool person)
{
    *root = (struct run_root){ .archive = archive_new (), .shell = BUILT_IN };
    if (!root_take (root->archive, options->root))
        return false;
    for (char **add = options->adds; add != NULL && *add != NULL; add++)
        if (!add_take (root->archive, *add))
            return false;
    if (options->shell != NULL)
        return shell_of_user (root, options->shell);
    if (options->root != NULL
        && (archive_has (root->archive, SHELL) != 0 || run_root_image (options) != NULL)) {
        root->shell = SHELL; /* an image may have none: then the kernel finds the built-in one */
        return true;
    }
    return !person || shell_of_person (root, config);
}

void
run_root_clear (struct run_root *root)
{
    g_clear_pointer (&root->archive, archive_free);
}
