#include "ui/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct Record {
    FILE *file;
    Grid *last; /* NULL: nothing recorded yet */
    gint64 started_us;
    int rows, columns;
};

/* Colours and attributes as escape sequences; those of the default theme. */
enum { NONE = -1, RED = 1, GREEN = 2, MAGENTA = 5, CYAN = 6, SKY = 33, ORANGE = 208 };
enum { NORMAL = 0, BOLD = 1, DIM = 2, REVERSE = 4, UNDERLINE = 8 };

static const struct {
    int colour;
    unsigned attributes;
} looks[] = {
#define STYLE(name, colour, attributes, cb, mono) { colour, attributes },
#include "ui/styles.def"
#undef STYLE
};

Record *
record_new (const char *path, GError **error)
{
    FILE *file = fopen (path, "we");
    Record *record;

    if (file == NULL) {
        g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
                     g_strerror (errno));
        return NULL;
    }
    record = g_new0 (Record, 1);
    record->file = file;
    return record;
}

static void
begin (Record *record, const Grid *grid, gint64 now_us)
{
    record->last = grid_new (grid->rows, grid->columns);
    record->started_us = now_us;
    record->rows = grid->rows;
    record->columns = grid->columns;
    fprintf (record->file,
             "{\"version\": 2, \"width\": %d, \"height\": %d, \"timestamp\": %" PRId64
             ", \"title\": \"khimera\", \"env\": {\"TERM\": \"xterm-256color\"}}\n",
             grid->columns, grid->rows, (int64_t)time (NULL));
}

static bool
same (const struct cell *a, const struct cell *b)
{
    return a->ch == b->ch && a->style == b->style && a->attributes == b->attributes
           && a->foreground == b->foreground && a->background == b->background;
}

static void
pen (GString *out, const struct cell *cell)
{
    unsigned bits = looks[cell->style].attributes;
    int colour = looks[cell->style].colour;

    g_string_append (out, "\033[0");
    if ((bits & BOLD) != 0 || (cell->attributes & CELL_BOLD) != 0)
        g_string_append (out, ";1");
    if ((bits & DIM) != 0)
        g_string_append (out, ";2");
    if ((bits & UNDERLINE) != 0 || (cell->attributes & CELL_UNDERLINE) != 0)
        g_string_append (out, ";4");
    if ((bits & REVERSE) != 0 || (cell->attributes & CELL_REVERSE) != 0)
        g_string_append (out, ";7");
    if (colour != NONE)
        g_string_append_printf (out, ";38;5;%d", colour);
    if (cell->foreground != 0)
        g_string_append_printf (out, ";38;5;%d", cell->foreground - 1);
    if (cell->background != 0)
        g_string_append_printf (out, ";48;5;%d", cell->background - 1);
    g_string_append_c (out, 'm');
}

/* What turns the last frame into this one. */
static GString *
difference (const Record *record, const Grid *grid, bool all)
{
    GString *out = g_string_new (all ? "\033[0m\033[2J" : NULL);
    const struct cell *ink = NULL;

    for (int row = 0; row < grid->rows; row++)
        for (int column = 0, at = -1; column < grid->columns; column++) {
            const struct cell *cell = &grid->cells[row * grid->columns + column];

            if (cell->ch == 0
                || (!all
                    && same (cell, &record->last->cells[row * grid->columns + column])))
                continue;
            if (at != column)
                g_string_append_printf (out, "\033[%d;%dH", row + 1, column + 1);
            if (ink == NULL || ink->style != cell->style
                || ink->attributes != cell->attributes
                || ink->foreground != cell->foreground
                || ink->background != cell->background)
                pen (out, cell);
            ink = cell;
            g_string_append_unichar (out, cell->ch);
            at = column + (g_unichar_iswide (cell->ch) ? 2 : 1);
        }
    if (grid->cursor_row >= 0)
        g_string_append_printf (out, "\033[%d;%dH\033[?25h", grid->cursor_row + 1,
                                grid->cursor_column + 1);
    else if (all || record->last->cursor_row >= 0)
        g_string_append (out, "\033[?25l");
    return out;
}

static void
write_event (Record *record, gint64 now_us, const char *kind, const char *text)
{
    fprintf (record->file, "[%.6f, \"%s\", \"", (double)(now_us - record->started_us) / 1e6,
             kind);
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;

        if (byte == '"' || byte == '\\')
            fprintf (record->file, "\\%c", byte);
        else if (byte < ' ' || byte == 0x7f)
            fprintf (record->file, "\\u%04x", byte);
        else
            putc (byte, record->file);
    }
    fputs ("\"]\n", record->file);
}

void
record_frame (Record *record, const Grid *grid, gint64 now_us)
{
    bool all = record->last == NULL;
    GString *out;

    if (all)
        begin (record, grid, now_us);
    if (record->last->rows != grid->rows || record->last->columns != grid->columns) {
        g_autofree char *size = g_strdup_printf ("%dx%d", grid->columns, grid->rows);

        write_event (record, now_us, "r", size);
        all = true;
    }
    out = difference (record, grid, all);
    if (out->len != 0)
        write_event (record, now_us, "o", out->str);
    g_string_free (out, TRUE);
    grid_copy (record->last, grid);
}

bool
record_free (Record *record)
{
    bool ok = ferror (record->file) == 0;

    ok = fclose (record->file) == 0 && ok;
    if (record->last != NULL)
        grid_free (record->last);
    g_free (record);
    return ok;
}
