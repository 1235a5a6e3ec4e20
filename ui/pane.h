/* pane: what will be on the screen, in memory.
 *
 * A Grid is a rectangle of cells; a struct pane is a window on one. Panels draw into panes and
 * never see a terminal, so a test can draw any panel and read it back. Characters are always
 * Unicode here; what a terminal cannot show is replaced by screen.c. Everything is clipped:
 * no position and no size is wrong.
 */
#ifndef UI_PANE_H
#define UI_PANE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "ui/styles.h"

/* Attributes that cells of the guest's terminal add to their style. */
#define CELL_BOLD      1u
#define CELL_UNDERLINE 2u
#define CELL_REVERSE   4u

struct cell {
    gunichar ch;   /* 0: the right half of the wide character before it */
    uint8_t style; /* enum style_id; STYLE_GUEST: the three fields below */
    uint8_t attributes;
    uint8_t foreground; /* 0: the terminal's own; else colour + 1 of 16 */
    uint8_t background;
};

typedef struct Grid {
    int rows, columns;
    int cursor_row, cursor_column; /* -1: no cursor */
    struct cell *cells;
} Grid;

struct pane {
    Grid *grid;
    int top, left, rows, columns;
    int row; /* the next of pane_row */
};

Grid *grid_new (int rows, int columns); /* blank */
void grid_free (Grid *grid);
void grid_resize (Grid *grid, int rows, int columns); /* blank again */
void grid_clear (Grid *grid);
void grid_copy (Grid *to, const Grid *from);
/* Lines without trailing blanks, each with a newline; the caller frees it. */
char *grid_text (const Grid *grid);
char *pane_text (const struct pane *pane);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Grid, grid_free)

struct pane pane_whole (Grid *grid);
/* A window on a window; what lies outside of `pane` is cut off. */
struct pane pane_part (const struct pane *pane, int top, int left, int rows, int columns);

void pane_cell (struct pane *pane, int row, int column, struct cell cell);
void pane_char (struct pane *pane, int row, int column, enum style_id style, gunichar ch);
/* These return the column after what they wrote, clipped or not. */
int pane_put (struct pane *pane, int row, int column, enum style_id style, const char *utf8);
int pane_print (struct pane *pane, int row, int column, enum style_id style, const char *format,
                ...) G_GNUC_PRINTF (5, 6);
/* At the right end of the row, as far as it fits. */
void pane_put_right (struct pane *pane, int row, int right, enum style_id style, const char *utf8);
/* One row after the other; false when there is no more room. */
bool pane_row (struct pane *pane, enum style_id style, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void pane_fill (struct pane *pane, enum style_id style, gunichar ch);
/* Another style for cells that are there already. */
void pane_restyle (struct pane *pane, int row, int column, int columns, enum style_id style);
gunichar pane_get (const struct pane *pane, int row, int column);

enum border { BORDER_LIGHT, BORDER_HEAVY, BORDER_DOUBLE, BORDER_DASHED };

/* A frame around the whole pane. */
void pane_box (struct pane *pane, enum style_id style, enum border border);
/* Columns that a text takes. */
int text_columns (const char *utf8);

#endif
