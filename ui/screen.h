/* screen: the only place that knows a terminal. Shows grids, reads keys, and gives the terminal
 * back as it was. */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include "ui/keys.h"
#include "ui/pane.h"

typedef struct Screen Screen;

enum symbols { SYMBOLS_UNICODE, SYMBOLS_LINES, SYMBOLS_ASCII, SYMBOLS_COUNT };
enum theme {
    THEME_DEFAULT,
    THEME_LIGHT,
    THEME_MONO,
    THEME_COLOUR_BLIND,
    THEME_CONTRAST,
    THEME_COUNT
};

extern const char *const symbols_names[]; /* "unicode", "lines", "ascii" */
extern const char *const theme_names[];   /* "default", "light", "mono", "colour-blind", "contrast" */

bool screen_available (void); /* made with ncurses */
/* Is there a terminal that can be drawn on? */
bool screen_possible (void);
/* The escape sequences that make this terminal usable again after the worst; at most `most`
 * bytes; how many. Must be asked before screen_new. */
gsize screen_restore_bytes (char *bytes, gsize most);

Screen *screen_new (void); /* NULL: it cannot be drawn on */
void screen_free (Screen *screen);
/* The terminal belongs to somebody else for a while. */
void screen_leave (Screen *screen);
void screen_return (Screen *screen);

/* What the terminal can show, and has colours for, at most. */
enum symbols screen_symbols (const Screen *screen);
bool screen_colours (const Screen *screen);
void screen_look (Screen *screen, enum symbols symbols, enum theme theme);

/* Asks the terminal how large it is now. */
void screen_size (Screen *screen, int *rows, int *columns);
/* Sends what differs from what is shown. */
void screen_draw (Screen *screen, const Grid *grid);
/* The next draw sends everything. */
void screen_redraw (Screen *screen);
/* The next key that is there already; UI_KEY_NONE: none. */
ui_key screen_key (Screen *screen);

/* For a terminal without Unicode: one ASCII character. */
char symbol_ascii (gunichar ch);

#endif
