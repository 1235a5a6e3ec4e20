#define _GNU_SOURCE
#include "ui/screen.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *const symbols_names[] = { "unicode", "lines", "ascii" };
const char *const theme_names[] = { "default", "light", "mono", "colour-blind", "contrast" };

#ifdef HAVE_NCURSES
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#undef columns /* term.h makes these words its own */
#undef lines

struct Screen {
    SCREEN *curses;
    enum symbols symbols, symbols_most;
    enum theme theme;
    bool colours;
    short pairs; /* made so far, for the guest's colours */
    short guest[17][17];
    short styled[THEME_COUNT][STYLE_COUNT];
};

/* ---- what the styles look like ---- */

/* Colours of styles.def; the numbers of the last two are of 256, with one of 8 beside. */
enum { NONE = -1, RED = 1, GREEN = 2, MAGENTA = 5, CYAN = 6, SKY = 33, ORANGE = 208 };
enum { NORMAL = 0, BOLD = 1, DIM = 2, REVERSE = 4, UNDERLINE = 8 };

static const struct look {
    short colour;
    uint8_t attributes;
    short blind;
    uint8_t mono;
} looks[] = {
#define STYLE(name, colour, attributes, cb, mono) { colour, attributes, cb, mono },
#include "ui/styles.def"
#undef STYLE
};

static attr_t
attributes_of (unsigned bits)
{
    return ((bits & BOLD) != 0 ? A_BOLD : 0) | ((bits & DIM) != 0 ? A_DIM : 0)
           | ((bits & REVERSE) != 0 ? A_REVERSE : 0)
           | ((bits & UNDERLINE) != 0 ? A_UNDERLINE : 0);
}

/* What those of the default theme are on white, where they would be pale: of 256, and of eight. */
static short
darker (short colour)
{
    static const struct {
        short colour, of_many, of_few;
    } table[] = {
        { RED, 124, RED },
        { GREEN, 22, GREEN },
        { MAGENTA, 90, MAGENTA },
        { CYAN, 24, COLOR_BLUE },
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].colour == colour)
            return COLORS >= 256 ? table[i].of_many : table[i].of_few;
    return colour;
}

static short
colour_number (short colour)
{
    if (colour < COLORS)
        return colour;
    return colour == SKY ? COLOR_CYAN : colour == ORANGE ? COLOR_YELLOW : -1;
}

static short
pair_new (Screen *screen, short foreground, short background)
{
    short pair = (short)(screen->pairs + 1);

    if (pair >= COLOR_PAIRS || init_pair (pair, foreground, background) == ERR)
        return 0;
    screen->pairs = pair;
    return pair;
}

static short
style_pair (Screen *screen, enum style_id style)
{
    short *pair = &screen->styled[screen->theme][style];
    short colour
        = screen->theme == THEME_COLOUR_BLIND ? looks[style].blind
          : screen->theme == THEME_LIGHT      ? darker (looks[style].colour)
                                              : looks[style].colour;

    if (!screen->colours || screen->theme == THEME_MONO || screen->theme == THEME_CONTRAST
        || colour == NONE)
        return 0;
    if (*pair < 0)
        *pair = pair_new (screen, colour_number (colour), -1);
    return *pair;
}

static attr_t
style_attributes (const Screen *screen, enum style_id style)
{
    attr_t attributes;

    if (screen->theme == THEME_CONTRAST) /* bold or not, and never dim */
        return attributes_of (
            (looks[style].mono & (unsigned)~DIM)
            | (style == STYLE_TEXT || style == STYLE_DIM ? NORMAL : BOLD));
    attributes = attributes_of (screen->colours && screen->theme != THEME_MONO
                                    ? looks[style].attributes
                                    : looks[style].mono);
    return attributes;
}

/* The guest's sixteen colours; the bright ones are bold where there are but eight. */
static short
guest_pair (Screen *screen, const struct cell *cell, attr_t *attributes)
{
    short *pair = &screen->guest[cell->foreground % 17][cell->background % 17];
    short foreground = (short)(cell->foreground - 1),
          background = (short)(cell->background - 1);

    if (!screen->colours || screen->theme == THEME_MONO
        || (cell->foreground == 0 && cell->background == 0))
        return 0;
    if (COLORS < 16 && foreground >= 8) {
        foreground = (short)(foreground - 8);
        *attributes |= A_BOLD;
    }
    if (COLORS < 16 && background >= 8)
        background = (short)(background - 8);
    if (*pair < 0)
        *pair = pair_new (screen, foreground, background);
    return *pair;
}

/* ---- before and after ---- */

bool
screen_available (void)
{
    return true;
}

bool
screen_possible (void)
{
    const char *name = getenv ("TERM");
    int problem;

    return isatty (STDIN_FILENO) && isatty (STDOUT_FILENO) && name != NULL
           && name[0] != '\0' && strcmp (name, "dumb") != 0
           && setupterm (NULL, STDOUT_FILENO, &problem) == OK && cursor_address != NULL;
}

gsize
screen_restore_bytes (char *bytes, gsize most)
{
    static const char *const names[] = { "sgr0", "op", "rmacs", "rmkx", "rmcup", "cnorm" };
    gsize count = 0;

    for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
        const char *sequence = tigetstr (names[i]);
        gsize length;

        if (sequence == NULL || sequence == (const char *)-1)
            continue;
        length = strcspn (sequence, "$"); /* padding is for older terminals than ours */
        if (count + length > most)
            break;
        memcpy (bytes + count, sequence, length);
        count += length;
    }
    return count;
}

static bool
no_colour (void)
{
    const char *value = getenv ("NO_COLOR");

    return value != NULL && value[0] != '\0';
}

static void
forget_pairs (Screen *screen)
{
    screen->pairs = 0;
    memset (screen->guest, -1, sizeof screen->guest);
    memset (screen->styled, -1, sizeof screen->styled);
}

Screen *
screen_new (void)
{
    Screen *screen = g_new0 (Screen, 1);
    bool utf8;

    setlocale (LC_CTYPE, "");
    utf8 = strcmp (nl_langinfo (CODESET), "UTF-8") == 0;
    screen->curses = newterm (NULL, stdout, stdin);
    if (screen->curses == NULL) {
        g_free (screen);
        return NULL;
    }
    forget_pairs (screen);
    screen->symbols_most = utf8                ? SYMBOLS_UNICODE
                           : acs_chars != NULL ? SYMBOLS_LINES
                                               : SYMBOLS_ASCII;
    screen->symbols = screen->symbols_most;
    if (has_colors () && !no_colour () && start_color () == OK) {
        use_default_colors ();
        screen->colours = COLORS >= 8;
    }
    raw ();
    noecho ();
    nonl ();
    intrflush (stdscr, FALSE);
    meta (stdscr, TRUE);
    keypad (stdscr, TRUE);
    nodelay (stdscr, TRUE);
    set_escdelay (25);
    leaveok (stdscr, FALSE);
    return screen;
}

void
screen_free (Screen *screen)
{
    endwin ();
    delscreen (screen->curses);
    g_free (screen);
}

void
screen_leave (Screen *screen)
{
    (void)screen;
    def_prog_mode ();
    endwin ();
    fflush (stdout);
}

void
screen_return (Screen *screen)
{
    (void)screen;
    reset_prog_mode ();
    clearok (curscr, TRUE);
    refresh ();
}

enum symbols
screen_symbols (const Screen *screen)
{
    return screen->symbols_most;
}

bool
screen_colours (const Screen *screen)
{
    return screen->colours;
}

void
screen_look (Screen *screen, enum symbols symbols, enum theme theme)
{
    screen->symbols = MAX (symbols, screen->symbols_most);
    screen->theme = theme;
}

void
screen_size (Screen *screen, int *rows, int *columns)
{
    struct winsize size;

    (void)screen;
    if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row != 0
        && size.ws_col != 0 && (size.ws_row != LINES || size.ws_col != COLS)) {
        resizeterm (size.ws_row, size.ws_col);
        clearok (curscr, TRUE);
    }
    *rows = LINES;
    *columns = COLS;
}

/* ---- drawing ---- */

/* A line as the terminal's own line drawing has it; 0: it has none. */
static chtype
line_drawing (gunichar ch)
{
    switch (ch) {
    case 0x2500:
    case 0x2501:
    case 0x2504:
        return ACS_HLINE;
    case 0x2502:
    case 0x2503:
    case 0x2506:
        return ACS_VLINE;
    case 0x250c:
    case 0x250f:
        return ACS_ULCORNER;
    case 0x2510:
    case 0x2513:
        return ACS_URCORNER;
    case 0x2514:
    case 0x2517:
        return ACS_LLCORNER;
    case 0x2518:
    case 0x251b:
        return ACS_LRCORNER;
    case 0x251c:
    case 0x2523:
        return ACS_LTEE;
    case 0x2524:
    case 0x252b:
        return ACS_RTEE;
    case 0x2534:
    case 0x253b:
        return ACS_BTEE;
    case 0x252c:
    case 0x2533:
        return ACS_TTEE;
    case 0x253c:
    case 0x254b:
        return ACS_PLUS;
    default:
        return 0;
    }
}

static void
draw_cell (Screen *screen, int row, int column, const struct cell *cell)
{
    attr_t attributes = style_attributes (screen, (enum style_id)cell->style);
    short pair = style_pair (screen, (enum style_id)cell->style);
    chtype drawing;

    if (cell->ch == 0) /* the wide character before it covers this one */
        return;
    if (cell->style == STYLE_GUEST) {
        attributes |= ((cell->attributes & CELL_BOLD) != 0 ? A_BOLD : 0)
                      | ((cell->attributes & CELL_UNDERLINE) != 0 ? A_UNDERLINE : 0)
                      | ((cell->attributes & CELL_REVERSE) != 0 ? A_REVERSE : 0);
        pair = guest_pair (screen, cell, &attributes);
    }
    if (screen->symbols == SYMBOLS_UNICODE) {
        wchar_t text[2] = { (wchar_t)cell->ch, 0 };
        cchar_t curses;

        setcchar (&curses, text, attributes, pair, NULL);
        mvadd_wch (row, column, &curses);
        return;
    }
    drawing = screen->symbols == SYMBOLS_LINES ? line_drawing (cell->ch) : 0;
    if (drawing == 0)
        drawing = (chtype)(unsigned char)symbol_ascii (cell->ch);
    mvaddch (row, column, drawing | attributes | (chtype)COLOR_PAIR (pair));
}

void
screen_draw (Screen *screen, const Grid *grid)
{
    for (int row = 0; row < MIN (grid->rows, LINES); row++)
        for (int column = 0; column < MIN (grid->columns, COLS); column++)
            draw_cell (screen, row, column, &grid->cells[row * grid->columns + column]);
    if (grid->cursor_row >= 0 && grid->cursor_row < LINES && grid->cursor_column >= 0
        && grid->cursor_column < COLS) {
        curs_set (1);
        move (grid->cursor_row, grid->cursor_column);
    } else {
        curs_set (0);
    }
    refresh ();
}

void
screen_redraw (Screen *screen)
{
    (void)screen;
    clearok (curscr, TRUE);
}

/* ---- keys ---- */

ui_key
screen_key (Screen *screen)
{
    static const struct {
        int curses;
        ui_key key;
    } named[] = {
        { KEY_UP, UI_KEY_UP },         { KEY_DOWN, UI_KEY_DOWN },
        { KEY_LEFT, UI_KEY_LEFT },     { KEY_RIGHT, UI_KEY_RIGHT },
        { KEY_HOME, UI_KEY_HOME },     { KEY_END, UI_KEY_END },
        { KEY_PPAGE, UI_KEY_PAGE_UP }, { KEY_NPAGE, UI_KEY_PAGE_DOWN },
        { KEY_IC, UI_KEY_INSERT },     { KEY_DC, UI_KEY_DELETE },
        { KEY_BTAB, UI_KEY_BACK_TAB }, { KEY_BACKSPACE, UI_KEY_BACKSPACE },
        { KEY_ENTER, UI_KEY_ENTER },
    };
    wint_t wide;
    int kind;

    (void)screen;
    for (;;) {
        kind = get_wch (&wide);
        if (kind == ERR)
            return UI_KEY_NONE;
        if (kind == OK)
            return (ui_key)wide;
        if (wide >= KEY_F (1) && wide <= KEY_F (12))
            return (ui_key)(UI_KEY_F1 + (ui_key)wide - KEY_F (1));
        for (gsize i = 0; i < G_N_ELEMENTS (named); i++)
            if ((wint_t)named[i].curses == wide)
                return named[i].key;
    }
}

#else /* no ncurses: no dashboard */

bool
screen_available (void)
{
    return false;
}

bool
screen_possible (void)
{
    return false;
}

gsize
screen_restore_bytes (char *bytes, gsize most)
{
    (void)bytes;
    (void)most;
    return 0;
}

Screen *
screen_new (void)
{
    return NULL;
}

void
screen_free (Screen *screen)
{
    (void)screen;
}

void
screen_leave (Screen *screen)
{
    (void)screen;
}

void
screen_return (Screen *screen)
{
    (void)screen;
}

enum symbols
screen_symbols (const Screen *screen)
{
    (void)screen;
    return SYMBOLS_ASCII;
}

bool
screen_colours (const Screen *screen)
{
    (void)screen;
    return false;
}

void
screen_look (Screen *screen, enum symbols symbols, enum theme theme)
{
    (void)screen;
    (void)symbols;
    (void)theme;
}

void
screen_size (Screen *screen, int *rows, int *columns)
{
    (void)screen;
    *rows = 24;
    *columns = 80;
}

void
screen_draw (Screen *screen, const Grid *grid)
{
    (void)screen;
    (void)grid;
}

void
screen_redraw (Screen *screen)
{
    (void)screen;
}

ui_key
screen_key (Screen *screen)
{
    (void)screen;
    return UI_KEY_NONE;
}

#endif
