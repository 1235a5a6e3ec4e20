/* report: collects mistakes, sorts them by place, and guesses which word was meant. */
#include "config/report.h"

#include <string.h>

struct complaint {
    struct place at;
    guint file; /* order in which the files were first complained about */
    guint number;
    char *text;
};

struct Report {
    GPtrArray *complaints;
    GPtrArray *files; /* interned names */
};

static void
complaint_free (gpointer memory)
{
    struct complaint *complaint = memory;

    g_free (complaint->text);
    g_free (complaint);
}

Report *
report_new (void)
{
    Report *report = g_new0 (Report, 1);

    report->complaints = g_ptr_array_new_with_free_func (complaint_free);
    report->files      = g_ptr_array_new ();
    return report;
}

void
report_free (Report *report)
{
    g_ptr_array_unref (report->complaints);
    g_ptr_array_unref (report->files);
    g_free (report);
}

void
report_add (Report *report, const struct place *at, const char *format, ...)
{
    struct complaint *complaint = g_new0 (struct complaint, 1);
    va_list arguments;

    complaint->at     = *at;
    complaint->number = report->complaints->len;
    if (!g_ptr_array_find (report->files, at->file, &complaint->file)) {
        complaint->file = report->files->len;
        g_ptr_array_add (report->files, (gpointer)at->file);
    }
    va_start (arguments, format);
    complaint->text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    g_ptr_array_add (report->complaints, complaint);
}

guint
report_count (const Report *report)
{
    return report->complaints->len;
}

static gint
complaint_compare (gconstpointer left, gconstpointer right)
{
    const struct complaint *a = *(struct complaint *const *)left;
    const struct complaint *b = *(struct complaint *const *)right;

    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->at.line != b->at.line)
        return a->at.line < b->at.line ? -1 : 1;
    if (a->at.column != b->at.column)
        return a->at.column < b->at.column ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

char *
report_text (Report *report)
{
    GString *text = g_string_new (NULL);

    g_ptr_array_sort (report->complaints, complaint_compare);
    for (guint i = 0; i < report->complaints->len; i++) {
        const struct complaint *complaint = report->complaints->pdata[i];

        if (complaint->at.line == 0)
            g_string_append_printf (text, "%s: error: %s\n", complaint->at.file, complaint->text);
        else
            g_string_append_printf (text, "%s:%u:%u: error: %s\n", complaint->at.file,
                                    complaint->at.line, complaint->at.column, complaint->text);
    }
    return g_string_free (text, FALSE);
}

/* Letters to add, drop, change or swap with their neighbour to turn one word into another. */
static guint
suggest_distance (const char *a, const char *b)
{
    gsize wide = strlen (b) + 1;
    g_autofree guint *cells = g_new0 (guint, 3 * wide);
    guint *before = cells, *above = cells + wide, *row = cells + 2 * wide;

    for (gsize j = 0; j < wide; j++)
        above[j] = (guint)j;
    for (gsize i = 1; i <= strlen (a); i++) {
        row[0] = (guint)i;
        for (gsize j = 1; j < wide; j++) {
            char x = g_ascii_tolower (a[i - 1]), y = g_ascii_tolower (b[j - 1]);

            row[j] = MIN (MIN (above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == g_ascii_tolower (b[j - 2])
                && g_ascii_tolower (a[i - 2]) == y)
                row[j] = MIN (row[j], before[j - 2] + 1);
        }
        guint *oldest = before;
        before = above;
        above  = row;
        row    = oldest;
    }
    return above[wide - 1];
}

const char *
suggest (const char *word, const char *const *words)
{
    const char *nearest = NULL;
    guint least         = (guint)MIN (MAX (strlen (word) / 3, 1), 3) + 1;

    if (strlen (word) > 64)
        return NULL;
    for (; *words != NULL; words++) {
        guint distance = suggest_distance (word, *words);

        /* A two-letter word is one letter away from too many. */
        if (distance < least && distance < strlen (*words) - (strlen (*words) > 1)) {
            nearest = *words;
            least   = distance;
        }
    }
    return nearest;
}

char *
list_words (const char *const *words, const char *last)
{
    GString *text = g_string_new (NULL);

    for (guint i = 0; words[i] != NULL; i++) {
        if (i > 0 && words[i + 1] == NULL)
            g_string_append_printf (text, " %s ", last);
        else if (i > 0)
            g_string_append (text, ", ");
        g_string_append (text, words[i]);
    }
    return g_string_free (text, FALSE);
}

char *
suggest_remedy (const char *word, const char *const *words)
{
    const char *nearest = suggest (word, words);

    if (nearest != NULL)
        return g_strdup_printf ("; did you mean \"%s\"?", nearest);
    if (words[0] == NULL)
        return g_strdup ("");
    g_autofree char *list = list_words (words, "or");
    return g_strdup_printf ("; write %s", list);
}
