#include "ui/pane.h"

#include <stdarg.h>
#include <string.h>

Grid *
grid_new (int rows, int columns)
{
    Grid *grid = g_new0 (Grid, 1);

    grid_resize (grid, rows, columns);
    return grid;
}

void
grid_free (Grid *grid)
{
    g_free (grid->cells);
    g_free (grid);
}

void
grid_resize (Grid *grid, int rows, int columns)
{
    grid->rows = MAX (rows, 1);
    grid->columns = MAX (columns, 1);
    g_free (grid->cells);
    grid->cells = g_new0 (struct cell, (gsize)grid->rows * (gsize)grid->columns);
    grid_clear (grid);
}

void
grid_clear (Grid *grid)
{
    const struct cell blank = { .ch = ' ', .style = STYLE_TEXT };

    for (int i = 0; i < grid->rows * grid->columns; i++)
        grid->cells[i] = blank;
    grid->cursor_row = -1;
    grid->cursor_column = -1;
}

void
grid_copy (Grid *to, const Grid *from)
{
    if (to->rows != from->rows || to->columns != from->columns)
        grid_resize (to, from->rows, from->columns);
    memcpy (to->cells, from->cells,
            sizeof *to->cells * (gsize)from->rows * (gsize)from->columns);
    to->cursor_row = from->cursor_row;
    to->cursor_column = from->cursor_column;
}

char *
pane_text (const struct pane *pane)
{
    GString *text = g_string_new (NULL);

    for (int row = 0; row < pane->rows; row++) {
        gsize end = text->len;

        for (int column = 0; column < pane->columns; column++) {
            gunichar ch = pane_get (pane, row, column);

            if (ch == 0)
                continue;
            g_string_append_unichar (text, ch);
            if (ch != ' ')
                end = text->len;
        }
        g_string_truncate (text, end);
        g_string_append_c (text, '\n');
    }
    return g_string_free (text, FALSE);
}

char *
grid_text (const Grid *grid)
{
    struct pane pane = pane_whole ((Grid *)grid);

    return pane_text (&pane);
}

struct pane
pane_whole (Grid *grid)
{
    return (struct pane){ .grid = grid, .rows = grid->rows, .columns = grid->columns };
}

struct pane
pane_part (const struct pane *pane, int top, int left, int rows, int columns)
{
    int bottom = MIN (top + MAX (rows, 0), pane->rows);
    int right = MIN (left + MAX (columns, 0), pane->columns);

    top = CLAMP (top, 0, pane->rows);
    left = CLAMP (left, 0, pane->columns);
    return (struct pane){ .grid = pane->grid,
                          .top = pane->top + top,
                          .left = pane->left + left,
                          .rows = MAX (bottom - top, 0),
                          .columns = MAX (right - left, 0) };
}

static struct cell *
cell_at (const struct pane *pane, int row, int column)
{
    int grid_row = pane->top + row, grid_column = pane->left + column;

    if (row < 0 || row >= pane->rows || column < 0 || column >= pane->columns
        || grid_row >= pane->grid->rows || grid_column >= pane->grid->columns)
        return NULL;
    return &pane->grid->cells[grid_row * pane->grid->columns + grid_column];
}

void
pane_cell (struct pane *pane, int row, int column, struct cell cell)
{
    struct cell *at = cell_at (pane, row, column);

    if (at != NULL)
        *at = cell;
}

void
pane_char (struct pane *pane, int row, int column, enum style_id style, gunichar ch)
{
    pane_cell (pane, row, column, (struct cell){ .ch = ch, .style = (uint8_t)style });
}

gunichar
pane_get (const struct pane *pane, int row, int column)
{
    const struct cell *at = cell_at (pane, row, column);

    return at != NULL ? at->ch : ' ';
}

static bool
is_mark (gunichar ch)
{
    return g_unichar_iszerowidth (ch);
}

int
text_columns (const char *utf8)
{
    int columns = 0;

    for (const char *at = utf8; *at != '\0'; at = g_utf8_next_char (at)) {
        gunichar ch = g_utf8_get_char_validated (at, -1);

        if (ch == (gunichar)-1 || ch == (gunichar)-2)
            return columns;
        columns += is_mark (ch) ? 0 : g_unichar_iswide (ch) ? 2 : 1;
    }
    return columns;
}

int
pane_put (struct pane *pane, int row, int column, enum style_id style, const char *utf8)
{
    const char *at = utf8;

    while (*at != '\0') {
        gunichar ch = g_utf8_get_char_validated (at, -1);

        if (ch == (gunichar)-1 || ch == (gunichar)-2) { /* a foreign byte */
            ch = 0xfffd;
            at++;
        } else {
            at = g_utf8_next_char (at);
        }
        if (is_mark (ch))
            continue;
        if (g_unichar_iscntrl (ch))
            ch = ch == '\t' ? ' ' : 0xb7;
        if (g_unichar_iswide (ch)) {
            if (column + 1 < pane->columns) {
                pane_char (pane, row, column, style, ch);
                pane_char (pane, row, column + 1, style, 0);
            } else {
                pane_char (pane, row, column, style, ' ');
            }
            column += 2;
        } else {
            pane_char (pane, row, column++, style, ch);
        }
    }
    return column;
}

int
pane_print (struct pane *pane, int row, int column, enum style_id style, const char *format,
            ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    return pane_put (pane, row, column, style, text);
}

void
pane_put_right (struct pane *pane, int row, int right, enum style_id style,
                const char *utf8)
{
    int column = right - text_columns (utf8);

    if (column >= 0)
        pane_put (pane, row, column, style, utf8);
}

bool
pane_row (struct pane *pane, enum style_id style, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    if (pane->row >= pane->rows)
        return false;
    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    pane_put (pane, pane->row++, 0, style, text);
    return true;
}

void
pane_fill (struct pane *pane, enum style_id style, gunichar ch)
{
    for (int row = 0; row < pane->rows; row++)
        for (int column = 0; column < pane->columns; column++)
            pane_char (pane, row, column, style, ch);
}

void
pane_restyle (struct pane *pane, int row, int column, int columns, enum style_id style)
{
    for (int i = column; i < column + columns; i++) {
        struct cell *at = cell_at (pane, row, i);

        if (at != NULL) {
            at->style = (uint8_t)style;
            at->attributes = 0;
            at->foreground = at->background = 0;
        }
    }
}

void
pane_box (struct pane *pane, enum style_id style, enum border border)
{
    /* horizontal, vertical, then the corners from the top left, clockwise */
    static const gunichar lines[][6] = {
        [BORDER_LIGHT] = { 0x2500, 0x2502, 0x250c, 0x2510, 0x2518, 0x2514 },
        [BORDER_HEAVY] = { 0x2501, 0x2503, 0x250f, 0x2513, 0x251b, 0x2517 },
        [BORDER_DOUBLE] = { 0x2550, 0x2551, 0x2554, 0x2557, 0x255d, 0x255a },
        [BORDER_DASHED] = { 0x2504, 0x2506, 0x250c, 0x2510, 0x2518, 0x2514 },
    };
    const gunichar *line = lines[border];
    int bottom = pane->rows - 1, right = pane->columns - 1;

    for (int column = 1; column < right; column++) {
        pane_char (pane, 0, column, style, line[0]);
        pane_char (pane, bottom, column, style, line[0]);
    }
    for (int row = 1; row < bottom; row++) {
        pane_char (pane, row, 0, style, line[1]);
        pane_char (pane, row, right, style, line[1]);
    }
    pane_char (pane, 0, 0, style, line[2]);
    pane_char (pane, 0, right, style, line[3]);
    pane_char (pane, bottom, right, style, line[4]);
    pane_char (pane, bottom, 0, style, line[5]);
}
