#include "ui/anatomy.h"

#include <string.h>

struct hop {
    const struct call_row *row;
    int indent;
};

static int
by_start (gconstpointer a, gconstpointer b)
{
    const struct call_row *left = ((const struct hop *)a)->row;
    const struct call_row *right = ((const struct hop *)b)->row;

    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    if (left->kind != right->kind
        && (left->kind == CALL_SYSCALL || right->kind == CALL_SYSCALL))
        return left->kind == CALL_SYSCALL ? -1 : 1;
    if (left->depth != right->depth)
        return left->depth < right->depth ? -1 : 1;
    return left->number > right->number
               ? -1
               : left->number < right->number; /* inner ends first */
}

static GArray *
ordered (const GArray *hops)
{
    GArray *rows = g_array_new (FALSE, FALSE, sizeof (struct hop));
    bool has_outer = false;

    for (guint i = 0; i < hops->len; i++) {
        struct hop hop = { .row = &g_array_index (hops, struct call_row, i) };

        has_outer = has_outer || hop.row->kind == CALL_SYSCALL;
        g_array_append_val (rows, hop);
    }
    g_array_sort (rows, by_start);
    for (guint i = 0; i < rows->len; i++) {
        struct hop *hop = &g_array_index (rows, struct hop, i);

        hop->indent = hop->row->kind == CALL_SYSCALL ? 0 : (int)hop->row->depth + has_outer;
    }
    return rows;
}

static const char *
hop_time (char text[16], uint64_t cycles)
{
    return cycles == 0 ? "\u2013" : shown_cycles (text, (double)cycles);
}

static char *
hop_name (const struct hop *hop)
{
    const struct call_row *row = hop->row;
    GString *text = g_string_new (NULL);

    for (int i = 1; i < hop->indent; i++)
        g_string_append (text, "   ");
    if (hop->indent > 0)
        g_string_append (text, "\u2514\u25b8 ");
    if (row->kind == CALL_SYSCALL)
        g_string_append_printf (text, "%s", row->op);
    else
        g_string_append_printf (text, "%s \u2192 %s %s", row->from, row->to, row->op);
    if (row->refused)
        g_string_append_printf (text, "  %s", row->status);
    return g_string_free (text, FALSE);
}

void
anatomy_table (const GArray *hops, Table *table)
{
    g_autoptr (GArray) rows = ordered (hops);

    table_column (table, "hop", 20);
    table_column (table, "gate", 7);
    table_column (table, "crossing", -6);
    table_column (table, "copy", -6);
    table_column (table, "wait", -6);
    table_column (table, "work", -6);
    table_column (table, "total", -6);
    table->flexible = 1;
    for (guint i = 0; i < rows->len; i++) {
        const struct hop *hop = &g_array_index (rows, struct hop, i);
        const struct call_row *row = hop->row;
        g_autofree char *name = hop_name (hop);
        char crossing[16], copy[16], wait[16], work[16], total[16];
        bool call = row->kind != CALL_SYSCALL;

        table_add (table,
                   row->refused ? STYLE_BAD
                   : call       ? STYLE_TEXT
                                : STYLE_STRONG,
                   name,
                   !call         ? ""
                   : row->remote ? "channel"
                                 : "direct",
                   call ? hop_time (crossing, row->crossing) : "",
                   call ? hop_time (copy, row->copy) : "",
                   call ? hop_time (wait, row->waited) : "",
                   call ? hop_time (work, row->work) : "",
                   shown_cycles (total, (double)row->total), NULL);
    }
}

/* What it all came to, and what a direct gate would have saved. */
static void
summary (const GArray *hops, struct pane *pane, int row)
{
    uint64_t crossing = 0, remote = 0, bytes = 0, copies = 0, copy = 0, whole = 0;
    char a[16], b[16];

    for (guint i = 0; i < hops->len; i++) {
        const struct call_row *hop = &g_array_index (hops, struct call_row, i);

        if (hop->kind == CALL_SYSCALL || (hop->depth == 0 && hop->total > whole))
            whole = MAX (whole, hop->total);
        if (hop->kind == CALL_SYSCALL || !hop->remote)
            continue;
        remote++;
        crossing += hop->crossing;
        copy += hop->copy;
        bytes += hop->bytes;
        copies += hop->bytes != 0;
    }
    pane_print (
        pane, row, 0, STYLE_STRONG,
        "crossings %" G_GUINT64_FORMAT "   copies %" G_GUINT64_FORMAT " (%" G_GUINT64_FORMAT
        " bytes)   %s, in one address space %s",
        remote * 2, copies, bytes, shown_cycles (a, (double)whole),
        shown_cycles (b, whole > crossing + copy ? (double)(whole - crossing - copy) : 0));
}

int
anatomy_draw (const GArray *hops, struct pane *pane, int top)
{
    g_autoptr (Table) table = table_new ();
    struct pane rows = pane_part (pane, 0, 0, MAX (pane->rows - 2, 1), pane->columns);
    struct list list = { .selected = top + MAX (rows.rows - 2, 0), .top = top };

    anatomy_table (hops, table);
    table_draw (table, &rows, &list, NULL, false);
    if (pane->rows > 2)
        summary (hops, pane, pane->rows - 1);
    return (int)hops->len;
}

char *
anatomy_title (const GArray *hops, const Snapshot *now)
{
    const struct call_row *first = NULL;
    const char *name = "task";

    for (guint i = 0; i < hops->len; i++) {
        const struct call_row *hop = &g_array_index (hops, struct call_row, i);

        if (first == NULL || hop->kind == CALL_SYSCALL)
            first = hop;
    }
    if (first == NULL)
        return g_strdup ("");
    for (guint i = 0; i < now->tasks->len; i++)
        if (TASK (now, i)->task == first->task && TASK (now, i)->name[0] != '\0')
            name = TASK (now, i)->name;
    return g_strdup_printf ("Anatomy of %s   %s:%u call %" G_GUINT64_FORMAT, first->op,
                            name, first->task, first->call);
}
