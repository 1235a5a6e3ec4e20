#define _GNU_SOURCE
#include "command_run_archive.h"

#include <string.h>

#include "command.h"
#include "guest/archive.h"

/* HOSTFILE or HOSTFILE:PATH; without a path it goes to /bin under its own name. */
static bool
add_take (GByteArray *archive, const char *text, bool *has_busybox)
{
    const char *colon          = strrchr (text, ':');
    g_autofree char *host      = colon != NULL ? g_strndup (text, (gsize)(colon - text))
                                               : g_strdup (text);
    g_autofree char *base      = g_path_get_basename (host);
    g_autofree char *path      = colon != NULL ? g_strdup (colon + 1)
                                               : g_strconcat ("/bin/", base, NULL);
    g_autoptr (GError) error   = NULL;

    if (path[0] != '/' || strlen (path) > 1000) {
        command_complain ("run", "--add %s: the path in the machine begins with a slash", text);
        return false;
    }
    if (!archive_add_file (archive, host, path, &error)) {
        command_complain ("run", "--add %s: %s", text, error->message);
        return false;
    }
    *has_busybox |= strcmp (path, RUN_BUSYBOX) == 0;
    return true;
}

/* The host's own tools may be linked to libraries, which the machine has not. */
static bool
is_static (const char *file)
{
    g_autofree char *contents = NULL;
    gsize bytes;

    return g_file_get_contents (file, &contents, &bytes, NULL) && bytes > 64
           && memcmp (contents, "\177ELF\2", 5) == 0
           && memmem (contents, bytes < 4096 ? bytes : 4096, "/ld-", 4) == NULL;
}

static bool
busybox_add (GByteArray *archive)
{
    static char list[] = "--list";
    g_autofree char *file     = g_find_program_in_path ("busybox");
    g_autofree char *output   = NULL;
    g_auto (GStrv) tools      = NULL;
    g_autoptr (GError) error  = NULL;
    char *arguments[]         = { file, list, NULL };

    if (file == NULL || !is_static (file)) {
        command_complain ("run", "--shell " RUN_BUSYBOX ": this host has no static busybox "
                                 "(Debian: busybox-static); name one with --add "
                                 "FILE:" RUN_BUSYBOX);
        return false;
    }
    if (!archive_add_file (archive, file, RUN_BUSYBOX, &error)
        || !g_spawn_sync (NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                          NULL, &error)) {
        command_complain ("run", "%s: %s", file, error->message);
        return false;
    }
    tools = g_strsplit (output, "\n", -1);
    for (char **tool = tools; *tool != NULL; tool++)
        if ((*tool)[0] != '\0' && strcmp (*tool, "busybox") != 0
            && strchr (*tool, '/') == NULL) {
            g_autofree char *path = g_strconcat ("/bin/", *tool, NULL);

            archive_add_link (archive, "busybox", path);
        }
    return true;
}

GByteArray *
run_archive_make (const struct run_options *options)
{
    g_autoptr (GByteArray) archive = g_byte_array_new ();
    bool has_busybox               = false;

    for (char **add = options->adds; add != NULL && *add != NULL; add++)
        if (!add_take (archive, *add, &has_busybox))
            return NULL;
    if (options->shell != NULL && strcmp (options->shell, RUN_BUSYBOX) == 0 && !has_busybox
        && !busybox_add (archive))
        return NULL;
    return g_steal_pointer (&archive);
}
