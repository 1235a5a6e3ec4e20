#include "ui/table.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ui/panel.h"

static void
row_clear (gpointer data)
{
    struct table_row *row = data;

    for (guint i = 0; i < TABLE_COLUMNS_MAX; i++)
        g_free (row->cells[i]);
    g_free (row->line);
}

Table *
table_new (void)
{
    Table *table = g_new0 (Table, 1);

    table->rows = g_array_new (FALSE, TRUE, sizeof (struct table_row));
    g_array_set_clear_func (table->rows, row_clear);
    return table;
}

void
table_free (Table *table)
{
    g_array_unref (table->rows);
    g_free (table);
}

void
table_column (Table *table, const char *title, int columns)
{
    g_assert (table->column_count < TABLE_COLUMNS_MAX);
    table->column[table->column_count++]
        = (struct table_column){ .title = title, .columns = columns };
}

void
table_add (Table *table, enum style_id style, ...)
{
    struct table_row row = { .style = style };
    const char *text;
    va_list cells;
    guint i = 0;

    va_start (cells, style);
    while ((text = va_arg (cells, const char *)) != NULL && i < TABLE_COLUMNS_MAX)
        row.cells[i++] = g_strdup (text);
    va_end (cells);
    g_array_append_val (table->rows, row);
}

/* ---- lists ---- */

void
list_move (struct list *list, int move)
{
    int last = MAX (list->count - 1, 0);

    switch ((enum move)move) {
    case MOVE_UP:
        list->selected--;
        break;
    case MOVE_DOWN:
        list->selected++;
        break;
    case MOVE_HOME:
        list->selected = 0;
        break;
    case MOVE_END:
        list->selected = last;
        break;
    case MOVE_PAGE_UP:
        list->selected -= MAX (list->page - 1, 1);
        break;
    case MOVE_PAGE_DOWN:
        list->selected += MAX (list->page - 1, 1);
        break;
    case MOVE_LEFT:
    case MOVE_RIGHT:
        break;
    }
    list->selected = CLAMP (list->selected, 0, last);
    list->stay = list->selected != last || move == MOVE_HOME;
}

bool
list_command (struct list *list, const char *command)
{
    if (strcmp (command, "follow") != 0)
        return false;
    list->stay = !list->stay;
    return true;
}

const char *
list_says (const struct list *list)
{
    return list->stay ? "stays; f follows" : "follows";
}

void
list_place (struct list *list, int count, int page)
{
    list->count = count;
    list->page = MAX (page, 1);
    list->selected = CLAMP (list->selected, 0, MAX (count - 1, 0));
    if (list->selected < list->top)
        list->top = list->selected;
    if (list->selected >= list->top + list->page)
        list->top = list->selected - list->page + 1;
    list->top = CLAMP (list->top, 0, MAX (count - list->page, 0));
}

/* ---- drawing ---- */

static char *
row_line (const struct table_row *row)
{
    GString *line = g_string_new (row->line);

    if (row->line == NULL)
        for (guint i = 0; i < TABLE_COLUMNS_MAX && row->cells[i] != NULL; i++)
            g_string_append_printf (line, "%s%s", i != 0 ? " " : "", row->cells[i]);
    return g_string_free (line, FALSE);
}

static int
draw_cell (struct pane *pane, int row, int at, const struct table_column *column, int width,
           enum style_id style, const char *text)
{
    struct pane cell = pane_part (pane, row, at, 1, width);

    if (column->columns < 0)
        pane_put (&cell, 0, MAX (width - text_columns (text), 0), style, text);
    else
        pane_put (&cell, 0, 0, style, text);
    return at + width + 1;
}

/* As wide as what is in it, but not narrower than asked. */
static void
measure (const Table *table, int room, int widths[])
{
    int sum = -1;

    for (guint i = 0; i < table->column_count; i++) {
        widths[i]
            = MAX (abs (table->column[i].columns), text_columns (table->column[i].title));
        for (guint j = 0; j < table->rows->len; j++) {
            const char *text = g_array_index (table->rows, struct table_row, j).cells[i];

            if (text != NULL)
                widths[i] = MAX (widths[i], text_columns (text));
        }
        sum += widths[i] + 1;
    }
    if (table->flexible != 0 && sum > room) {
        int *flexible = &widths[table->flexible - 1];

        *flexible = MAX (*flexible - (sum - room),
                         abs (table->column[table->flexible - 1].columns));
    }
}

static void
draw_row (const Table *table, struct pane *pane, int at, const struct table_row *row,
          const int widths[], bool selected)
{
    int column = 0;

    for (guint i = 0; i < table->column_count && column < pane->columns; i++)
        column = draw_cell (pane, at, column, &table->column[i], widths[i], row->style,
                            row->cells[i] != NULL ? row->cells[i] : "");
    if (selected)
        pane_restyle (pane, at, 0, pane->columns, STYLE_SELECT);
}

void
table_draw (const Table *table, struct pane *pane, struct list *list, const Filter *filter,
            bool focused)
{
    g_autofree guint *shown = g_new (guint, table->rows->len + 1);
    int widths[TABLE_COLUMNS_MAX];
    int count = 0, head = pane->rows > 1 ? 1 : 0, column = 0;

    for (guint i = 0; i < table->rows->len; i++) {
        g_autofree char *line
            = filter != NULL ? row_line (&g_array_index (table->rows, struct table_row, i))
                             : NULL;

        if (filter == NULL || filter_match (filter, line))
            shown[count++] = i;
    }
    measure (table, pane->columns, widths);
    if (head != 0)
        for (guint i = 0; i < table->column_count; i++)
            column = draw_cell (pane, 0, column, &table->column[i], widths[i], STYLE_HEAD,
                                table->column[i].title);
    list_place (list, count, pane->rows - head);
    for (int i = 0; i < list->page && list->top + i < count; i++)
        draw_row (table, pane, head + i,
                  &g_array_index (table->rows, struct table_row, shown[list->top + i]),
                  widths, focused && list->top + i == list->selected);
}

/* ---- files ---- */

char *
table_text (const Table *table)
{
    int widths[TABLE_COLUMNS_MAX], total = 0;
    g_autoptr (Grid) grid = NULL;
    struct list list = { 0 };
    struct pane pane;

    measure (table, G_MAXINT, widths);
    for (guint i = 0; i < table->column_count; i++)
        total += widths[i] + 1;
    grid = grid_new ((int)table->rows->len + 1, MAX (total, 1));
    pane = pane_whole (grid);
    table_draw (table, &pane, &list, NULL, false);
    return grid_text (grid);
}

static void
csv_cell (GString *csv, const char *text, bool first)
{
    if (!first)
        g_string_append_c (csv, ',');
    if (strpbrk (text, ",\"\n\r") == NULL) {
        g_string_append (csv, text);
        return;
    }
    g_string_append_c (csv, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            g_string_append_c (csv, '"');
        g_string_append_c (csv, *text);
    }
    g_string_append_c (csv, '"');
}

char *
table_csv (const Table *table)
{
    GString *csv = g_string_new (NULL);

    for (guint i = 0; i < table->column_count; i++)
        csv_cell (csv, table->column[i].title, i == 0);
    g_string_append_c (csv, '\n');
    for (guint j = 0; j < table->rows->len; j++) {
        const struct table_row *row = &g_array_index (table->rows, struct table_row, j);

        for (guint i = 0; i < table->column_count; i++)
            csv_cell (csv, row->cells[i] != NULL ? row->cells[i] : "", i == 0);
        g_string_append_c (csv, '\n');
    }
    return g_string_free (csv, FALSE);
}

char *
table_json (const Table *table)
{
    json_t *rows = json_array ();
    char *text;

    for (guint j = 0; j < table->rows->len; j++) {
        const struct table_row *row = &g_array_index (table->rows, struct table_row, j);
        json_t *object = json_object ();

        for (guint i = 0; i < table->column_count; i++) {
            g_autofree char *valid
                = g_utf8_make_valid (row->cells[i] != NULL ? row->cells[i] : "", -1);

            json_object_set_new (object, table->column[i].title, json_string (valid));
        }
        json_array_append_new (rows, object);
    }
    text = json_dumps (rows, JSON_INDENT (2));
    json_decref (rows);
    return text;
}
