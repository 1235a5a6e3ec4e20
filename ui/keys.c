#include "ui/keys.h"

#include <string.h>

const struct key_row key_table[] = {
#define KEY(context, key, command, footer, help) { context, key, command, footer, help },
#include "ui/keys.def"
#undef KEY
    { NULL, NULL, NULL, NULL, NULL },
};

ui_key
key_from_name (const char *name)
{
    static const struct {
        const char *name;
        ui_key key;
    } named[] = {
        { "up", UI_KEY_UP },
        { "down", UI_KEY_DOWN },
        { "left", UI_KEY_LEFT },
        { "right", UI_KEY_RIGHT },
        { "home", UI_KEY_HOME },
        { "end", UI_KEY_END },
        { "pageup", UI_KEY_PAGE_UP },
        { "pagedown", UI_KEY_PAGE_DOWN },
        { "insert", UI_KEY_INSERT },
        { "delete", UI_KEY_DELETE },
        { "tab", UI_KEY_TAB },
        { "backtab", UI_KEY_BACK_TAB },
        { "enter", UI_KEY_ENTER },
        { "escape", UI_KEY_ESCAPE },
        { "space", ' ' },
        { "backspace", UI_KEY_BACKSPACE },
    };

    for (gsize i = 0; i < G_N_ELEMENTS (named); i++)
        if (strcmp (name, named[i].name) == 0)
            return named[i].key;
    if (name[0] == '^' && name[1] != '\0' && name[2] == '\0')
        return UI_KEY_CONTROL (name[1]);
    if (name[0] == 'F' && g_ascii_isdigit (name[1])) {
        gint64 n = g_ascii_strtoll (name + 1, NULL, 10);

        return n >= 1 && n <= 12 ? (ui_key)(UI_KEY_F1 + n - 1) : UI_KEY_NONE;
    }
    if (name[0] != '\0' && *g_utf8_next_char (name) == '\0')
        return (ui_key)g_utf8_get_char (name);
    return UI_KEY_NONE;
}

const struct key_row *
key_find (const char *context, ui_key key)
{
    const struct key_row *anywhere = NULL;

    if (key == '\n')
        key = UI_KEY_ENTER;
    for (const struct key_row *row = key_table; row->context != NULL; row++) {
        if (key_from_name (row->key) != key)
            continue;
        if (strcmp (row->context, context) == 0)
            return row;
        if (anywhere == NULL && strcmp (row->context, "any") == 0)
            anywhere = row;
    }
    return anywhere;
}
