#include "ui/term.h"

#include <string.h>

#ifdef HAVE_VTERM
#include <vterm.h>

#define HISTORY_LINES 5000u
#define SMALLEST      2 /* rows and columns that libvterm gets at least */
#define LARGEST       1000

struct line {
    int columns;
    struct cell cells[];
};

struct Term {
    VTerm *vterm;
    VTermScreen *screen;
    GPtrArray *history; /* of struct line; oldest first */
    GByteArray *answers;
    uint64_t changes;
    bool cursor_visible;
    bool alternate;
};

bool
term_available (void)
{
    return true;
}

/* One of the sixteen colours, plus one; 0: the terminal's own. */
static uint8_t
colour_of (Term *term, VTermColor colour, bool background)
{
    if (background ? VTERM_COLOR_IS_DEFAULT_BG (&colour)
                   : VTERM_COLOR_IS_DEFAULT_FG (&colour))
        return 0;
    if (VTERM_COLOR_IS_INDEXED (&colour) && colour.indexed.idx < 16)
        return (uint8_t)(colour.indexed.idx + 1);
    vterm_screen_convert_color_to_rgb (term->screen, &colour);
    {
        unsigned most = MAX (MAX (colour.rgb.red, colour.rgb.green), colour.rgb.blue);
        unsigned half = most / 2 + 1;
        unsigned colour_bits = (colour.rgb.red >= half ? 1u : 0)
                               | (colour.rgb.green >= half ? 2u : 0)
                               | (colour.rgb.blue >= half ? 4u : 0);

        if (most < 48)
            return 1;
        return (uint8_t)(colour_bits + (most > 200 ? 8 : 0) + 1);
    }
}

static struct cell
cell_of (Term *term, const VTermScreenCell *from)
{
    struct cell cell = { .ch = from->chars[0] != 0 ? from->chars[0] : ' ',
                         .style = STYLE_GUEST,
                         .foreground = colour_of (term, from->fg, false),
                         .background = colour_of (term, from->bg, true) };

    if (from->chars[0] == (uint32_t)-1)
        cell.ch = 0;
    else if (cell.ch < ' ' || g_unichar_iscntrl (cell.ch) || !g_unichar_validate (cell.ch))
        cell.ch = 0xfffd;
    if (from->attrs.bold)
        cell.attributes |= CELL_BOLD;
    if (from->attrs.underline)
        cell.attributes |= CELL_UNDERLINE;
    if (from->attrs.reverse)
        cell.attributes |= CELL_REVERSE;
    return cell;
}

/* ---- what libvterm tells us ---- */

static int
on_damage (VTermRect rect, void *user)
{
    (void)rect;
    ((Term *)user)->changes++;
    return 1;
}

static int
on_cursor (VTermPos position, VTermPos old, int visible, void *user)
{
    (void)position;
    (void)old;
    (void)visible;
    ((Term *)user)->changes++;
    return 1;
}

static int
on_property (VTermProp property, VTermValue *value, void *user)
{
    Term *term = user;

    if (property == VTERM_PROP_CURSORVISIBLE)
        term->cursor_visible = value->boolean;
    else if (property == VTERM_PROP_ALTSCREEN)
        term->alternate = value->boolean;
    term->changes++;
    return 1;
}

static bool
is_blank (const VTermScreenCell *cell)
{
    return (cell->chars[0] == 0 || cell->chars[0] == ' ')
           && VTERM_COLOR_IS_DEFAULT_BG (&cell->bg) && !cell->attrs.reverse
           && !cell->attrs.underline;
}

static int
on_push (int columns, const VTermScreenCell *cells, void *user)
{
    Term *term = user;
    struct line *line;

    while (columns > 0 && is_blank (&cells[columns - 1]))
        columns--;
    line = g_malloc0 (sizeof *line + (gsize)columns * sizeof line->cells[0]);
    line->columns = columns;
    for (int i = 0; i < columns; i++)
        line->cells[i] = cell_of (term, &cells[i]);
    g_ptr_array_add (term->history, line);
    if (term->history->len > HISTORY_LINES)
        g_ptr_array_remove_range (term->history, 0, HISTORY_LINES / 10);
    return 1;
}

static void
on_answer (const char *bytes, size_t count, void *user)
{
    Term *term = user;

    if (term->answers->len < 65536)
        g_byte_array_append (term->answers, (const guint8 *)bytes, (guint)count);
}

static const VTermScreenCallbacks callbacks = {
    .damage = on_damage,
    .movecursor = on_cursor,
    .settermprop = on_property,
    .sb_pushline = on_push,
};

/* ---- */

Term *
term_new (int rows, int columns)
{
    Term *term = g_new0 (Term, 1);

    term->vterm
        = vterm_new (CLAMP (rows, SMALLEST, LARGEST), CLAMP (columns, SMALLEST, LARGEST));
    term->history = g_ptr_array_new_with_free_func (g_free);
    term->answers = g_byte_array_new ();
    term->cursor_visible = true;
    vterm_set_utf8 (term->vterm, 1);
    vterm_output_set_callback (term->vterm, on_answer, term);
    term->screen = vterm_obtain_screen (term->vterm);
    vterm_screen_enable_altscreen (term->screen, 1);
    vterm_screen_set_callbacks (term->screen, &callbacks, term);
    vterm_screen_set_damage_merge (term->screen, VTERM_DAMAGE_SCROLL);
    vterm_screen_reset (term->screen, 1);
    return term;
}

void
term_free (Term *term)
{
    vterm_free (term->vterm);
    g_ptr_array_unref (term->history);
    g_byte_array_unref (term->answers);
    g_free (term);
}

void
term_size (const Term *term, int *rows, int *columns)
{
    vterm_get_size (term->vterm, rows, columns);
}

void
term_resize (Term *term, int rows, int columns)
{
    int old_rows, old_columns;

    rows = CLAMP (rows, SMALLEST, LARGEST);
    columns = CLAMP (columns, SMALLEST, LARGEST);
    vterm_get_size (term->vterm, &old_rows, &old_columns);
    if (rows != old_rows || columns != old_columns)
        vterm_set_size (term->vterm, rows, columns);
    vterm_screen_flush_damage (term->screen);
    term->changes++;
}

void
term_reset (Term *term)
{
    vterm_screen_reset (term->screen, 1);
    g_ptr_array_set_size (term->history, 0);
    term->cursor_visible = true;
    term->changes++;
}

void
term_write (Term *term, const void *bytes, size_t count)
{
    vterm_input_write (term->vterm, bytes, count);
    vterm_screen_flush_damage (term->screen);
    term->changes++;
}

uint64_t
term_changes (const Term *term)
{
    return term->changes;
}

GByteArray *
term_take_answers (Term *term)
{
    GByteArray *answers = term->answers;

    term->answers = g_byte_array_new ();
    return answers;
}

void
term_key (Term *term, ui_key key, GByteArray *typed)
{
    static const VTermKey named[]
        = { VTERM_KEY_UP,   VTERM_KEY_DOWN, VTERM_KEY_LEFT,   VTERM_KEY_RIGHT,
            VTERM_KEY_HOME, VTERM_KEY_END,  VTERM_KEY_PAGEUP, VTERM_KEY_PAGEDOWN,
            VTERM_KEY_INS,  VTERM_KEY_DEL };
    GByteArray *answers = term->answers;

    if (key >= UI_KEY_UP && key <= UI_KEY_LAST) {
        term->answers = typed;
        if (key <= UI_KEY_DELETE)
            vterm_keyboard_key (term->vterm, named[key - UI_KEY_UP], VTERM_MOD_NONE);
        else if (key == UI_KEY_BACK_TAB)
            vterm_keyboard_key (term->vterm, VTERM_KEY_TAB, VTERM_MOD_SHIFT);
        else if (key >= UI_KEY_F1 && key <= UI_KEY_F12)
            vterm_keyboard_key (term->vterm,
                                (VTermKey)VTERM_KEY_FUNCTION (key - UI_KEY_F1 + 1),
                                VTERM_MOD_NONE);
        term->answers = answers;
    } else if (key >= 0 && g_unichar_validate ((gunichar)key)) {
        char utf8[6];
        gint count = g_unichar_to_utf8 ((gunichar)key, utf8);

        g_byte_array_append (typed, (const guint8 *)utf8, (guint)count);
    }
}

/* ---- showing ---- */

int
term_history (const Term *term)
{
    return term->alternate ? 0 : (int)term->history->len;
}

static void
draw_line (Term *term, struct pane *pane, int row, int line, int left)
{
    int rows, columns;

    vterm_get_size (term->vterm, &rows, &columns);
    if (line < 0) {
        const struct line *old
            = g_ptr_array_index (term->history, (guint)((int)term->history->len + line));

        for (int column = 0; column < pane->columns && column + left < old->columns;
             column++)
            pane_cell (pane, row, column, old->cells[column + left]);
        return;
    }
    for (int column = 0; column < pane->columns && column + left < columns; column++) {
        VTermScreenCell cell;

        if (vterm_screen_get_cell (term->screen,
                                   (VTermPos){ .row = line, .col = column + left }, &cell))
            pane_cell (pane, row, column, cell_of (term, &cell));
    }
}

/* The first row and column to show, so that the cursor can be seen. */
static int
first_shown (int cursor, int size, int room)
{
    if (size <= room)
        return 0;
    return CLAMP (cursor - room + 1, 0, size - room);
}

int
term_draw (Term *term, struct pane *pane, int back, bool cursor)
{
    VTermState *state = vterm_obtain_state (term->vterm);
    int rows, columns, top, left;
    VTermPos at;

    vterm_get_size (term->vterm, &rows, &columns);
    vterm_state_get_cursorpos (state, &at);
    top = first_shown (at.row, rows, pane->rows);
    left = first_shown (at.col, columns, pane->columns);
    back = CLAMP (back, 0, term_history (term) + top);
    top -= back;
    for (int row = 0; row < pane->rows && top + row < rows; row++)
        draw_line (term, pane, row, top + row, left);
    if (cursor && term->cursor_visible && at.row - top >= 0 && at.row - top < pane->rows
        && at.col - left < pane->columns) {
        pane->grid->cursor_row = pane->top + at.row - top;
        pane->grid->cursor_column = pane->left + at.col - left;
    }
    return back;
}

char *
term_text (Term *term)
{
    int rows, columns, history = term_history (term);
    g_autoptr (Grid) grid = NULL;
    struct pane pane;
    char *text;
    gsize end;

    vterm_get_size (term->vterm, &rows, &columns);
    grid = grid_new (history + rows, columns);
    pane = pane_whole (grid);
    for (int row = 0; row < history + rows; row++)
        draw_line (term, &pane, row, row - history, 0);
    text = grid_text (grid);
    for (end = strlen (text); end > 1 && text[end - 1] == '\n' && text[end - 2] == '\n';
         end--)
        text[end - 1] = '\0';
    return text;
}

#else /* no libvterm: no dashboard, and so nobody who shows a console */

bool
term_available (void)
{
    return false;
}

Term *
term_new (int rows, int columns)
{
    (void)rows;
    (void)columns;
    return NULL;
}

void
term_free (Term *term)
{
    (void)term;
}

void
term_resize (Term *term, int rows, int columns)
{
    (void)term;
    (void)rows;
    (void)columns;
}

void
term_size (const Term *term, int *rows, int *columns)
{
    (void)term;
    *rows = 24;
    *columns = 80;
}

void
term_reset (Term *term)
{
    (void)term;
}

void
term_write (Term *term, const void *bytes, size_t count)
{
    (void)term;
    (void)bytes;
    (void)count;
}

uint64_t
term_changes (const Term *term)
{
    (void)term;
    return 0;
}

void
term_key (Term *term, ui_key key, GByteArray *typed)
{
    (void)term;
    (void)key;
    (void)typed;
}

GByteArray *
term_take_answers (Term *term)
{
    (void)term;
    return g_byte_array_new ();
}

int
term_draw (Term *term, struct pane *pane, int back, bool cursor)
{
    (void)term;
    (void)pane;
    (void)back;
    (void)cursor;
    return 0;
}

int
term_history (const Term *term)
{
    (void)term;
    return 0;
}

char *
term_text (Term *term)
{
    (void)term;
    return g_strdup ("");
}

#endif
