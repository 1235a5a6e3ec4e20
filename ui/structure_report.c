/* structure_report: the report of a machine that died covers what died. */
#include "ui/structure.h"

/* The text in rows of so many columns; what is longer goes on in the next. */
static GPtrArray *
report_rows (const char *text, int columns)
{
    GPtrArray *rows         = g_ptr_array_new_with_free_func (g_free);
    g_autofree char *report = g_strchomp (g_utf8_make_valid (text, -1));
    g_auto (GStrv) lines    = g_strsplit (report, "\n", -1);

    for (char **line = lines; *line != NULL; line++) {
        char *at = *line;

        do {
            glong left = MIN (g_utf8_strlen (at, -1), MAX (columns, 1));
            char *end  = g_utf8_offset_to_pointer (at, left);

            g_ptr_array_add (rows, g_strndup (at, (gsize)(end - at)));
            at = end;
        } while (*at != '\0');
    }
    return rows;
}

void
report_draw (struct report_place *place, struct pane *pane, const char *title, const char *text)
{
    int columns              = MIN (pane->columns, MAX (pane->columns - 8, 60));
    g_autoptr (GPtrArray) all = report_rows (text, columns - 4);
    int count                = (int)all->len;
    int rows                 = CLAMP (count + 3, MIN (5, pane->rows), pane->rows);
    struct pane box = pane_part (pane, (pane->rows - rows) / 2, (pane->columns - columns) / 2, rows,
                                 columns);
    struct pane inner = pane_part (&box, 1, 2, rows - 2, columns - 4);
    int below;

    place->page = MAX (inner.rows - 1, 1);
    place->last = MAX (count - place->page, 0);
    place->top  = CLAMP (place->top, 0, place->last);
    below       = place->last - place->top;
    pane_fill (&box, STYLE_BAD, ' ');
    pane_box (&box, STYLE_BAD, BORDER_HEAVY);
    pane_print (&box, 0, 2, STYLE_DEAD, " \u2716 %s ", title);
    for (int i = place->top; i < count && inner.row < inner.rows - 1; i++)
        pane_row (&inner, STYLE_TEXT, "%s", (const char *)all->pdata[i]);
    pane_put (&inner, inner.rows - 1, 0, STYLE_KEY, "r reboot   k keep looking   q quit");
    if (place->last != 0) {
        g_autofree char *more = g_strdup_printf (" \u25b4 %d above  \u25be %d below ", place->top, below);

        pane_put_right (&box, rows - 1, columns - 2, STYLE_KEY, more);
    }
}

void
report_move (struct report_place *place, enum move move)
{
    int page = MAX (place->page - 1, 1);
    int step = move == MOVE_UP          ? -1
               : move == MOVE_DOWN      ? 1
               : move == MOVE_PAGE_UP   ? -page
               : move == MOVE_PAGE_DOWN ? page
               : move == MOVE_HOME      ? -place->last
               : move == MOVE_END       ? place->last
                                        : 0;

    place->top = CLAMP (place->top + step, 0, place->last);
}
