/* structure_details: everything that is known of one component, or of one edge. */
#include <string.h>

#include "ui/mark.h"
#include "ui/structure.h"

static void fact (struct pane *pane, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
fact (struct pane *pane, const char *name, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    if (pane->row >= pane->rows)
        return;
    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    pane_put (pane, pane->row, 0, STYLE_DIM, name);
    pane_put (pane, pane->row++, 11, STYLE_TEXT, text);
}

static void head (struct pane *pane, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
head (struct pane *pane, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    pane_row (pane, STYLE_HEAD, "%s", text);
}

/* In as many rows as they need, from a column on. */
static void
words_wrap (struct pane *pane, int from, enum style_id style, const char *words)
{
    g_auto (GStrv) all = g_strsplit (words, " ", -1);
    int column = from;

    for (char **word = all; *word != NULL; word++) {
        if (column + text_columns (*word) > pane->columns && column > from) {
            pane->row++;
            column = from;
        }
        column = pane_put (pane, pane->row, column, style, *word) + 1;
    }
    pane->row++;
}

static void
wrapped (struct pane *pane, const char *name, const char *words)
{
    pane_put (pane, pane->row, 0, STYLE_DIM, name);
    words_wrap (pane, 11, STYLE_TEXT, words[0] != '\0' ? words : "none");
}

/* Is this among the host calls of every domain? */
static bool
all_may (const Snapshot *now, const char *call)
{
    for (guint i = 0; i < now->domains->len; i++) {
        g_auto (GStrv) calls = g_strsplit (DOMAIN (now, i)->privileges, " ", -1);

        if (!g_strv_contains ((const char *const *)calls, call))
            return false;
    }
    return true;
}

/* What sets this domain apart, then how many it has in common with all. */
static void
privileges (struct pane *pane, const Snapshot *now, const struct domain_row *domain)
{
    g_auto (GStrv) calls = g_strsplit (domain->privileges, " ", -1);
    GString *text = g_string_new (NULL);
    guint common = 0;

    for (char **call = calls; *call != NULL && **call != '\0'; call++)
        if (all_may (now, *call))
            common++;
        else
            g_string_append_printf (text, "%s ", *call);
    g_string_append_printf (text, "%s%u that all have", text->len != 0 ? "and " : "", common);
    wrapped (pane, "host calls", text->str);
    g_string_free (text, TRUE);
}

/* ---- a histogram as rows of blocks ---- */

/* Buckets are four to a power of two; one column for each power of two. */
static void
histogram (struct pane *pane, const struct link_row *link, int height)
{
    double columns[64] = { 0 }, most = 0;
    int first = 64, last = -1;
    char from[16], to[16];

    for (guint i = 0; i < link->histogram->len; i++) {
        const struct bucket *bucket = &g_array_index (link->histogram, struct bucket, i);
        int power = bucket->floor != 0 ? 63 - __builtin_clzll (bucket->floor) : 0;

        columns[power] += (double)bucket->count;
        first = MIN (first, power);
        last = MAX (last, power);
    }
    height = MIN (height, pane->rows - pane->row - 1);
    if (last < 0 || height < 1)
        return;
    for (int i = first; i <= last; i++)
        most = MAX (most, columns[i]);
    for (int row = 0; row < height; row++)
        for (int i = first; i <= last; i++) {
            double full = columns[i] / most * height - (height - 1 - row);
            int eighths = (int)(CLAMP (full, 0, 1) * 8);

            if (eighths == 0 && columns[i] > 0 && row == height - 1)
                eighths = 1; /* a rare thing is not nothing */
            for (int j = 0; j < 2; j++)
                pane_char (pane, pane->row + row, 1 + (i - first) * 3 + j, STYLE_PART1,
                           eighths != 0 ? 0x2580 + (gunichar)eighths : ' ');
        }
    pane->row += height;
    pane_print (pane, pane->row++, 1, STYLE_DIM, "%s to %s",
                shown_cycles (from, (double)(1ull << first)),
                shown_cycles (to, (double)(2ull << last)));
}

static void
link_facts (struct pane *pane, const Snapshot *now, const struct link_row *link, bool large)
{
    char a[16], b[16], c[16], d[16];
    GString *operations = g_string_new (NULL);

    head (pane, "%s \u2192 %s  (%s)", COMPONENT (now, link->from)->name,
          COMPONENT (now, link->to)->name, link->interface);
    fact (pane, "calls", "%s, %s/s, %s by channel", shown_number (a, (double)link->calls),
          shown_number (b, link->rate), shown_number (c, (double)link->remote));
    if (link->refused != 0)
        fact (pane, "refused", "%" G_GUINT64_FORMAT, link->refused);
    fact (pane, "latency", "p50 %s  p90 %s", shown_cycles (a, (double)link->p50),
          shown_cycles (b, (double)link->p90));
    fact (pane, "", "p99 %s  max %s", shown_cycles (c, (double)link->p99),
          shown_cycles (d, (double)link->max));
    if (link->calls != 0)
        fact (pane, "a call", "crossing %s  copy %s",
              shown_cycles (a, (double)link->crossing / (double)link->calls),
              shown_cycles (b, (double)link->copy / (double)link->calls));
    if (large) {
        fact (pane, "copied", "%s", shown_bytes (a, (double)link->bytes));
        for (guint i = 0; i < link->operations->len; i++) {
            const struct operation_row *row
                = &g_array_index (link->operations, struct operation_row, i);

            g_string_append_printf (operations, "%s%s:%s", i != 0 ? " " : "", row->name,
                                    shown_number (a, (double)row->calls));
        }
        wrapped (pane, "operations", operations->str);
    }
    histogram (pane, link, large ? 4 : 2);
    g_string_free (operations, TRUE);
}

/* What was said, in as many rows as it needs; how many more than one. */
static int
said (struct pane *pane, const char *fields)
{
    int before = pane->row;

    words_wrap (pane, 2, STYLE_DIM, fields);
    return pane->row - before - 1;
}

/* The newest calls that went into it or out of it. */
static void
last_messages (struct pane *pane, const struct view *view, const char *name,
               const char *other)
{
    const Model *model = view->model;
    int left = pane->rows - pane->row - 1;
    bool titled = false;

    for (uint64_t serial = model->calls_seen;
         serial-- > model_first_call (model) && left > 0;) {
        const struct call_row *row = model_call (model, serial);
        bool in = strcmp (row->to, name) == 0;

        if (!in && strcmp (row->from, name) != 0)
            continue;
        if (other != NULL && strcmp (in ? row->from : row->to, other) != 0)
            continue;
        if (!titled)
            head (pane, "last messages");
        titled = true;
        pane_row (pane, row->refused ? STYLE_BAD : STYLE_TEXT, "%s %-8s %s %s",
                  in ? "\u2190" : "\u2192", in ? row->from : row->to, row->op, row->status);
        left--;
        if (row->fields[0] != '\0')
            left -= 1 + said (pane, row->fields);
    }
}

/* ---- */

void
details_component (struct pane *pane, struct pane *more, const struct view *view,
                   int component)
{
    const Snapshot *now = view->model->now;
    const struct component_row *row = COMPONENT (now, component);
    const struct domain_row *domain = row->domain >= 0 ? DOMAIN (now, row->domain) : NULL;
    const struct mark *mark = mark_of_component (now, component);
    const struct link_row *busiest = NULL;
    char a[16], b[16], c[16];

    head (pane, "%s%s%s", row->name, row->label[0] != '\0' ? "  " : "", row->label);
    if (mark->sign[0] != '\0')
        pane_row (pane, mark->style, "%s %s", mark->sign, mark->word);
    if (domain != NULL)
        fact (pane, "domain", "%s, process %" G_GINT64_FORMAT, domain->name, domain->pid);
    if (row->interface[0] != '\0')
        fact (pane, "interface", "%s", row->interface);
    fact (pane, "calls in", "%s, %s/s", shown_number (a, (double)row->calls_in),
          shown_number (b, row->rate));
    fact (pane, "calls out", "%s", shown_number (a, (double)row->calls_out));
    fact (pane, "work", "%s, %.1f %% of the CPU", shown_cycles (a, (double)row->work),
          row->load * 100);
    fact (pane, "memory", "%s of %s, peak %s", shown_bytes (a, (double)row->arena_used),
          shown_bytes (b, (double)row->arena_bytes),
          shown_bytes (c, (double)row->arena_peak));
    if (domain != NULL)
        fact (pane, "restarts", "%" G_GUINT64_FORMAT,
              domain->processes > 1 ? domain->processes - 1 : 0);
    if (domain != NULL)
        privileges (pane, now, domain);
    for (guint i = 0; i < now->links->len; i++) {
        const struct link_row *link = LINK (now, i);

        if (link->to == component && link->from >= 0
            && (busiest == NULL || link->calls > busiest->calls))
            busiest = link;
    }
    if (busiest != NULL && busiest->calls != 0)
        link_facts (more, now, busiest, false);
    last_messages (more, view, row->name, NULL);
}

void
details_edge (struct pane *pane, struct pane *more, const struct view *view,
              const Picture *picture, int index)
{
    const Snapshot *now = view->model->now;
    const struct edge *edge = EDGE (picture, index);

    link_facts (pane, now, LINK (now, edge->link), true);
    if (edge->back >= 0)
        link_facts (more, now, LINK (now, edge->back), false);
    last_messages (more, view, COMPONENT (now, NODE (picture, edge->to)->component)->name,
                   COMPONENT (now, NODE (picture, edge->from)->component)->name);
}
