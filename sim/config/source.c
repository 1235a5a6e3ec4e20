/* source: from a machine's name to the lines of its file and of those it extends. */
#include "config/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/presets.h"

/* A machine file is written by a person. */
#define SOURCE_BYTES_MAX (1u << 20)
#define SOURCE_DEPTH_MAX 16u

const struct preset *
preset_find (const char *name)
{
    for (const struct preset *p = presets; p->name != NULL; p++)
        if (strcmp (p->name, name) == 0)
            return p;
    return NULL;
}

const char **
preset_names (void)
{
    GPtrArray *names = g_ptr_array_new ();

    for (const struct preset *p = presets; p->name != NULL; p++)
        g_ptr_array_add (names, (gpointer)p->name);
    g_ptr_array_add (names, NULL);
    return (const char **)g_ptr_array_free (names, FALSE);
}

/* The whole file, or NULL and errno; EFBIG if nobody can have written that by hand. Also
 * reads pipes. */
static GByteArray *
source_load (const char *path)
{
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    int fd                       = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return NULL;
    for (;;) {
        guint8 piece[4096];
        ssize_t count = read (fd, piece, sizeof piece);

        if (count < 0 && errno == EINTR)
            continue;
        if (count == 0)
            break;
        if (count > 0)
            g_byte_array_append (bytes, piece, (guint)count);
        if (count < 0 || bytes->len > SOURCE_BYTES_MAX) {
            int why = count < 0 ? errno : EFBIG;

            close (fd);
            errno = why;
            return NULL;
        }
    }
    close (fd);
    return g_steal_pointer (&bytes);
}

/* The remedy for a machine that is not there. */
static char *
source_missing (const char *machine)
{
    g_autofree const char **names = preset_names ();
    g_autofree char *name         = g_path_get_basename (machine);
    const char *nearest           = suggest (name, names);

    if (nearest != NULL)
        return g_strdup_printf ("did you mean the preset \"%s\"?", nearest);
    return g_strdup ("\"khimera presets\" lists the machines that are always there");
}

struct source_step {
    struct source *source;
    Report *report;
    GPtrArray *sections[SOURCE_DEPTH_MAX]; /* of each file, the machine's own first */
    GPtrArray *entries[SOURCE_DEPTH_MAX];
    GPtrArray *identities; /* of the files under way */
    guint depth;
};

static const struct entry *
source_extends (const GPtrArray *entries)
{
    for (guint i = 0; i < entries->len; i++) {
        const struct entry *entry = entries->pdata[i];

        if (strcmp (entry->title, "machine") == 0 && strcmp (entry->key, "extends") == 0)
            return entry;
    }
    return NULL;
}

/* "a.conf -> b.conf -> a.conf" */
static char *
source_circle (const struct source_step *step, const char *identity, const char *again)
{
    GString *text = g_string_new (NULL);
    guint first   = 0;

    while (strcmp (step->identities->pdata[first], identity) != 0)
        first++;
    for (guint i = first; i < step->identities->len; i++)
        g_string_append_printf (text, "%s -> ", (char *)step->source->files->pdata[i]);
    g_string_append (text, again);
    return g_string_free (text, FALSE);
}

/* Reads one machine, then what it extends. `why` is where its name stands; NULL: the
 * command line. `folder` is where a relative path begins. */
static void
source_follow (struct source_step *step, const char *machine, const char *folder,
               const struct entry *why)
{
    const struct preset *preset = preset_find (machine);
    g_autofree char *path       = NULL;
    g_autofree char *file       = NULL;
    g_autofree char *identity   = NULL;
    g_autofree char *beneath    = NULL;
    g_autoptr (GByteArray) bytes = NULL;

    if (preset != NULL) {
        file     = g_strconcat (machine, ".conf", NULL);
        identity = g_strconcat ("preset ", machine, NULL);
    } else {
        path = folder == NULL || g_path_is_absolute (machine)
                   ? g_strdup (machine) : g_build_filename (folder, machine, NULL);
        file              = g_strdup (path);
        g_autofree char *real = realpath (path, NULL);
        identity          = g_strdup (real != NULL ? real : path);
        beneath           = g_path_get_dirname (path);
        if (strcmp (beneath, ".") == 0)
            g_clear_pointer (&beneath, g_free);
    }
    if (g_ptr_array_find_with_equal_func (step->identities, identity, g_str_equal, NULL)) {
        g_autofree char *circle = source_circle (step, identity, file);

        report_add (step->report, &why->value_at,
                    "extends goes in a circle: %s; take one of them out", circle);
        return;
    }
    if (step->depth == SOURCE_DEPTH_MAX) {
        report_add (step->report, &why->value_at,
                    "more than %u machines extend one another; write fewer", SOURCE_DEPTH_MAX);
        return;
    }
    if (preset == NULL) {
        bytes = source_load (path);
        if (bytes == NULL) {
            int error               = errno;
            struct place at         = { g_intern_string (file), 0, 0 };
            g_autofree char *remedy = error == ENOENT ? source_missing (machine) : NULL;
            const char *reason      = g_strerror (error);

            if (error == EFBIG)
                reason = "it is larger than a machine file can be (1M)";

            if (why != NULL)
                report_add (step->report, &why->value_at, "cannot read \"%s\": %s; %s", machine,
                            reason, remedy != NULL ? remedy : "write the name of a machine");
            else
                report_add (step->report, &at, "cannot read it: %s%s%s", reason,
                            remedy != NULL ? "; " : "", remedy != NULL ? remedy : "");
            return;
        }
    }

    guint depth = step->depth++;
    g_ptr_array_add (step->source->files, g_strdup (file));
    g_ptr_array_add (step->identities, g_steal_pointer (&identity));
    step->sections[depth] = g_ptr_array_new ();
    step->entries[depth]  = g_ptr_array_new ();
    scan_text (file, beneath, preset != NULL ? preset->text : (const char *)bytes->data,
               preset != NULL ? strlen (preset->text) : bytes->len, step->sections[depth],
               step->entries[depth], step->report);

    const struct entry *extends = source_extends (step->entries[depth]);
    if (extends != NULL)
        source_follow (step, extends->text, beneath, extends);
}

struct source *
source_read (const char *machine, Report *report)
{
    struct source *source   = g_new0 (struct source, 1);
    struct source_step step = { .source = source, .report = report };

    source->sections = g_ptr_array_new_with_free_func (section_free);
    source->entries  = g_ptr_array_new_with_free_func (entry_free);
    source->files    = g_ptr_array_new_with_free_func (g_free);
    step.identities  = g_ptr_array_new_with_free_func (g_free);

    g_autofree char *base = g_path_get_basename (machine);
    if (preset_find (machine) == NULL && g_str_has_suffix (base, ".conf"))
        base[strlen (base) - strlen (".conf")] = '\0';
    source->name = g_strdup (base);

    guint before = report_count (report);
    source_follow (&step, machine, NULL, NULL);
    source->whole = report_count (report) == before;
    while (step.depth-- > 0) {
        g_ptr_array_extend_and_steal (source->sections, step.sections[step.depth]);
        g_ptr_array_extend_and_steal (source->entries, step.entries[step.depth]);
    }
    g_ptr_array_unref (step.identities);
    return source;
}

void
source_free (struct source *source)
{
    g_ptr_array_unref (source->sections);
    g_ptr_array_unref (source->entries);
    g_ptr_array_unref (source->files);
    g_free (source->name);
    g_free (source);
}
