/* keys: one table (keys.def) of what keys do. The dispatcher, the footer and the help all come
 * from it.
 *
 * A key runs a command line, as if it had been typed after ":".
 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A Unicode character, or one of these. */
typedef int32_t ui_key;

enum {
    UI_KEY_NONE = -1,
    UI_KEY_UP   = 0x200000,
    UI_KEY_DOWN,
    UI_KEY_LEFT,
    UI_KEY_RIGHT,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_PAGE_UP,
    UI_KEY_PAGE_DOWN,
    UI_KEY_INSERT,
    UI_KEY_DELETE,
    UI_KEY_BACK_TAB,
    UI_KEY_F1, /* to F12 */
    UI_KEY_F12 = UI_KEY_F1 + 11,
    UI_KEY_LAST
};

#define UI_KEY_CONTROL(letter) ((letter) & 0x1f)
#define UI_KEY_TAB       9
#define UI_KEY_ENTER     13
#define UI_KEY_ESCAPE    27
#define UI_KEY_BACKSPACE 127

struct key_row {
    const char *context; /* "any", "panic", or a panel's name */
    const char *key;     /* its name, as in "space", "^A", "F1", "x" */
    const char *command;
    const char *footer; /* one word for the last line; NULL: none */
    const char *help;   /* NULL: another name for the key above */
};

extern const struct key_row key_table[]; /* ends with context == NULL */

/* The key of a name; UI_KEY_NONE if it is none. */
ui_key key_from_name (const char *name);
/* The row for a key: one of the context's own before one of "any"; NULL: nothing. */
const struct key_row *key_find (const char *context, ui_key key);

#endif
