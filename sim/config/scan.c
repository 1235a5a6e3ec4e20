/* scan: one machine file, line by line. A wrong line is reported and left out. */
#include "config/scan.h"

#include <string.h>

#include "config/schema.h"
#include "config/value.h"

struct scan {
    const char *file; /* interned */
    const char *folder;
    GPtrArray *sections;
    GPtrArray *entries;
    Report *report;
    struct section *section; /* the current one; NULL: none yet */
    bool lost;               /* the current section's header was wrong: skip its keys quietly */
    GHashTable *seen;        /* "title" or "title/key" -> line of its first appearance */
    GString *clean;          /* the accepted lines, for GKeyFile */
    guint first_entry;       /* of this file */
};

void
section_free (gpointer memory)
{
    struct section *section = memory;

    g_free (section->title);
    g_free (section->kind);
    g_free (section->name);
    g_free (section);
}

void
entry_free (gpointer memory)
{
    struct entry *entry = memory;

    g_free (entry->title);
    g_free (entry->kind);
    g_free (entry->name);
    g_free (entry->key);
    g_free (entry->text);
    g_free (entry->folder);
    g_free (entry);
}

char *
entry_origin (const struct entry *entry)
{
    if (entry->key_at.line == 0)
        return g_strdup ("command line");
    return g_strdup_printf ("%s:%u", entry->key_at.file, entry->key_at.line);
}

static struct entry *
entry_new (const struct section *section, const char *folder, const char *key)
{
    struct entry *entry = g_new0 (struct entry, 1);

    entry->title  = g_strdup (section->title);
    entry->kind   = g_strdup (section->kind);
    entry->name   = g_strdup (section->name);
    entry->key    = g_strdup (key);
    entry->folder = g_strdup (folder);
    return entry;
}

/* ---- sections ---- */

static bool
section_check_mount (const char *path, const struct place *at, Report *report)
{
    if (path[0] != '/')
        report_add (report, at, "\"%s\" is no path from the root; write \"/%s\"", path, path);
    else if (strlen (path) > 255)
        report_add (report, at, "the path is %zu bytes long; write at most 255", strlen (path));
    else if (strchr (path, ';') != NULL)
        report_add (report, at, "the path of a mount cannot hold a ;, as \"%s\" does", path);
    else if (path[1] != '\0' && g_str_has_suffix (path, "/"))
        report_add (report, at, "\"%s\" ends with a slash; write \"%.*s\"", path,
                    (int)strlen (path) - 1, path);
    else if (strstr (path, "//") != NULL || strstr (path, "/./") != NULL
             || strstr (path, "/../") != NULL || g_str_has_suffix (path, "/.")
             || g_str_has_suffix (path, "/.."))
        report_add (report, at, "\"%s\" takes a detour; write the path without //, . and ..", path);
    else
        return true;
    return false;
}

static bool
section_check_name (const char *kind, const char *name, const struct place *at, Report *report)
{
    static const char *const taken[]
        = { "nucleus", "kernel", "user", "board", "own", "none", NULL };

    if (strcmp (kind, "mount") == 0)
        return section_check_mount (name, at, report);
    if (!value_name (name))
        report_add (report, at,
                    "\"%s\" is no name; write a small letter, then up to %u small letters, "
                    "digits, - and _", name, VALUE_NAME_MAX - 1);
    else if (g_strv_contains (taken, name))
        report_add (report, at, "the name \"%s\" is taken by the machine itself; choose another",
                    name);
    else
        return true;
    return false;
}

struct section *
section_parse (char *text, const struct place *at, Report *report)
{
    g_auto (GStrv) words = g_strsplit_set (text, " \t", -1);
    char *found[3]       = { NULL, NULL, NULL };
    unsigned count       = 0;

    for (char **word = words; *word != NULL; word++)
        if (**word != '\0' && count < 3)
            found[count++] = *word;
    if (count == 0) {
        report_add (report, at, "a section has no name; write one, as in [machine]");
        return NULL;
    }
    const struct schema_section *known = schema_section_find (found[0]);
    if (known == NULL) {
        const char *kinds[16];
        unsigned n = 0;

        for (const struct schema_section *s = schema_sections; s->kind != NULL; s++)
            kinds[n++] = s->kind;
        kinds[n]                = NULL;
        g_autofree char *remedy = suggest_remedy (found[0], kinds);
        report_add (report, at, "unknown section [%s]%s", found[0], remedy);
        return NULL;
    }
    if (known->name == NULL && count > 1) {
        report_add (report, at, "there is one [%s] only; write it without \"%s\"", known->kind,
                    found[1]);
        return NULL;
    }
    if (known->name != NULL && count != 2) {
        report_add (report, at, "[%s] takes one name; write [%s %s]", g_strstrip (text),
                    known->kind, known->name);
        return NULL;
    }
    if (known->name != NULL && !section_check_name (known->kind, found[1], at, report))
        return NULL;

    struct section *section = g_new0 (struct section, 1);
    section->kind  = g_strdup (known->kind);
    section->name  = g_strdup (found[1] != NULL ? found[1] : "");
    section->title = known->name != NULL ? g_strjoin (" ", known->kind, found[1], NULL)
                                         : g_strdup (known->kind);
    section->at    = *at;
    return section;
}

/* ---- lines ---- */

/* Where a comment begins behind something else on the line, or NULL. */
static const char *
scan_trailing_comment (const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        if (*p == '#' && p > text && (p[-1] == ' ' || p[-1] == '\t'))
            return p;
    return NULL;
}

static unsigned
scan_seen (struct scan *scan, const char *what, unsigned line)
{
    unsigned first = GPOINTER_TO_UINT (g_hash_table_lookup (scan->seen, what));

    if (first == 0)
        g_hash_table_insert (scan->seen, g_strdup (what), GUINT_TO_POINTER (line));
    return first;
}

static void
scan_header (struct scan *scan, char *text, unsigned line, unsigned column)
{
    struct place at = { scan->file, line, column };
    char *end       = strchr (text, ']');

    scan->section = NULL;
    scan->lost    = true;
    if (end == NULL) {
        at.column += (unsigned)strlen (text);
        report_add (scan->report, &at, "the section's name has no end; write ] behind it");
        return;
    }
    if (end[1 + strspn (end + 1, " \t")] != '\0') {
        const char *rest = end + 1 + strspn (end + 1, " \t");

        at.column += (unsigned)(rest - text);
        if (*rest == '#' || *rest == ';')
            report_add (scan->report, &at,
                        "a comment behind something is not understood; put it on a line of its "
                        "own above");
        else
            report_add (scan->report, &at,
                        "\"%s\" stands behind the section's name; put it on a line of its own",
                        rest);
        at.column = column;
    }
    *end = '\0';

    struct section *section = section_parse (text + 1, &at, scan->report);
    if (section == NULL)
        return;
    unsigned first = scan_seen (scan, section->title, line);
    if (first != 0)
        report_add (scan->report, &at, "[%s] stands already in line %u; put its keys there",
                    section->title, first);
    g_ptr_array_add (scan->sections, section);
    g_string_append_printf (scan->clean, "[%s]\n", section->title);
    scan->section = section;
    scan->lost    = false;
}

static void
scan_pair (struct scan *scan, char *text, unsigned line, unsigned column)
{
    struct place at  = { scan->file, line, column };
    struct place end = at;
    char *equals     = strchr (text, '=');

    if (equals == NULL) {
        report_add (scan->report, &at, "\"%s\" is neither a [section] nor \"key = value\"%s", text,
                    strchr (text, ':') != NULL ? "; write = for :" : "; is the = missing?");
        return;
    }
    char *value = equals + 1 + strspn (equals + 1, " \t");
    end.column += (unsigned)(value - text);
    *equals = '\0';
    g_strchomp (text);
    if (*text == '\0') {
        report_add (scan->report, &at, "there is no key before the =; write \"key = value\"");
        return;
    }
    if (scan->section == NULL) {
        if (!scan->lost)
            report_add (scan->report, &at,
                        "\"%s\" stands before any section; write [machine] or another above it",
                        text);
        return;
    }
    const char *comment = *value == '#' ? value : scan_trailing_comment (value);
    if (comment != NULL) {
        end.column += (unsigned)(comment - value);
        report_add (scan->report, &end,
                    "a comment behind something is not understood; put it on a line of its own "
                    "above");
        return;
    }
    if (*value == '\0') {
        report_add (scan->report, &end, "%s has no value; write one, or leave the line out", text);
        return;
    }

    g_autofree char *both = g_strjoin ("/", scan->section->title, text, NULL);
    unsigned first        = scan_seen (scan, both, line);
    if (first != 0) {
        report_add (scan->report, &at, "%s stands already in line %u; keep one of the two", text,
                    first);
        return;
    }
    struct entry *entry = entry_new (scan->section, scan->folder, text);
    entry->key_at       = at;
    entry->value_at     = end;
    g_ptr_array_add (scan->entries, entry);
    if (strpbrk (text, " \t[]") == NULL && g_utf8_validate (text, -1, NULL))
        g_string_append_printf (scan->clean, "%s=%s\n", text, value);
    else
        entry->text = g_strdup (value); /* no key of ours: it is reported as unknown */
}

static void
scan_line (struct scan *scan, char *text, unsigned line)
{
    char *start     = text + strspn (text, " \t");
    unsigned column = (unsigned)(start - text) + 1;
    struct place at = { scan->file, line, column };

    g_strchomp (start);
    if (*start == '\0' || *start == '#')
        return;
    if (!g_utf8_validate (start, -1, NULL)) {
        report_add (scan->report, &at, "the line is not UTF-8; save the file as UTF-8");
        return;
    }
    if (*start == ';')
        report_add (scan->report, &at, "; does not begin a comment; write #");
    else if (*start == '[')
        scan_header (scan, start, line, column);
    else
        scan_pair (scan, start, line, column);
}

/* The values, as GKeyFile understands them (\s, \n, \t, \r and \\ in them). */
static void
scan_values (struct scan *scan)
{
    g_autoptr (GKeyFile) file = g_key_file_new ();
    g_autoptr (GError) error  = NULL;

    if (!g_key_file_load_from_data (file, scan->clean->str, scan->clean->len, G_KEY_FILE_NONE,
                                    &error)) {
        struct place at = { scan->file, 1, 1 };

        if (scan->entries->len > scan->first_entry)
            report_add (scan->report, &at, "%s", error->message);
    }
    for (guint i = scan->first_entry; i < scan->entries->len; i++) {
        struct entry *entry = scan->entries->pdata[i];

        if (entry->text != NULL)
            continue;
        g_autoptr (GError) wrong = NULL;
        entry->text = g_key_file_get_string (file, entry->title, entry->key, &wrong);
        if (entry->text == NULL || wrong != NULL) {
            report_add (scan->report, &entry->value_at,
                        "the value has a \\ with nothing known behind it; write \\\\ for one \\");
            entry_free (g_ptr_array_steal_index (scan->entries, i--));
        }
    }
}

void
scan_text (const char *file, const char *folder, const char *text, gsize length,
           GPtrArray *sections, GPtrArray *entries, Report *report)
{
    struct scan scan = {
        .file = g_intern_string (file), .folder = folder, .sections = sections,
        .entries = entries, .report = report, .first_entry = entries->len,
    };
    struct place at   = { scan.file, 1, 1 };
    const char *end   = text + length;
    unsigned line     = 1;

    if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0) {
        report_add (report, &at, "the file begins with a byte order mark; save it without one");
        text += 3;
    }
    scan.seen  = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    scan.clean = g_string_new (NULL);
    for (; text < end; line++) {
        const char *newline = memchr (text, '\n', (gsize)(end - text));
        gsize bytes         = (gsize)((newline != NULL ? newline : end) - text);

        if (memchr (text, '\0', bytes) != NULL) {
            at.line = line;
            report_add (report, &at, "the line holds a zero byte; a machine file is plain text");
        } else {
            g_autofree char *copy = g_strndup (text, bytes);
            scan_line (&scan, copy, line);
        }
        text += bytes + 1;
    }
    scan_values (&scan);
    g_string_free (scan.clean, TRUE);
    g_hash_table_unref (scan.seen);
}

void
scan_assignment (const char *assignment, GPtrArray *sections, GPtrArray *entries, Report *report)
{
    g_autofree char *said = g_strdup_printf ("--set %s", assignment);
    g_autofree char *copy = g_strdup (assignment);
    struct place at       = { g_intern_string (said), 0, 0 };
    char *value           = strchr (copy, '=');

    if (!g_utf8_validate (assignment, -1, NULL)) {
        report_add (report, &at, "it is not UTF-8");
        return;
    }
    if (value == NULL || value == copy || value[1] == '\0') {
        report_add (report, &at,
                    "there is no value; write section.key=value, as in "
                    "component.ext2.domain=kernel");
        return;
    }
    *value++  = '\0';
    char *dot = strrchr (copy, '.'), *key = copy;
    g_autofree char *title = NULL;

    if (dot == NULL)
        title = g_strdup ("machine");
    else {
        *dot  = '\0';
        key   = dot + 1;
        dot   = strchr (copy, '.');
        if (dot != NULL)
            *dot = ' ';
        title = g_strdup (copy);
    }
    struct section *section = section_parse (title, &at, report);
    if (section == NULL)
        return;
    g_ptr_array_add (sections, section);
    struct entry *entry = entry_new (section, NULL, g_strstrip (key));
    entry->text         = g_strdup (g_strstrip (value));
    entry->key_at = entry->value_at = at;
    g_ptr_array_add (entries, entry);
}
